"""Two inputs and one output: the square of the four cases, the tally of splits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Circle, Square, VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.plane import Plane
from scenes.kit.shapes import Stroke, marker, path_points, point
from scenes.kit.surface import Region, chord, half_plane

LOW, HIGH = -0.5, 1.5
_RING_FROM = 0.08  # distance from the line, in inputs, at which a ring is fully there


def ring(x: float, y: float, radius: float, colour: str, width: float = theme.LINE) -> Circle:
    """An empty circle."""
    circle = Circle(
        radius=radius, stroke_color=theme.hue(colour), stroke_width=width, fill_opacity=0
    )
    circle.move_to(point(x, y))
    return circle


class Split(VGroup):
    """A line over a square plane, its two sides tinted, rings round the corners it gets wrong.

    `corners` (n, 2) are the points to be split. Its parts `shades`, `line` and `rings` are
    drawn in this order, below, amid and above the scene's other things.
    """

    def __init__(self, plane: Plane, corners: ArrayLike, *, radius: float = 0.34) -> None:
        self.plane, self.corners = plane, np.asarray(corners, dtype=float)
        self.on = Region(theme.CLASS_B, 0.16)
        self.off = Region(theme.CLASS_A, 0.13)
        self.shades = VGroup(self.off, self.on)
        self.line = Stroke([[0, 0], [1, 0]], theme.WEIGHT, 4)
        self.rings = [
            ring(plane.x(x), plane.y(y), radius, theme.ERROR).set_stroke(opacity=0)
            for x, y in self.corners
        ]
        super().__init__(self.shades, self.line, *self.rings)

    def draw(self, normal: ArrayLike, offset: float, targets: Sequence[int]) -> None:
        """Split where normal·(x, y) > offset; ring the corners that `targets` contradict."""
        n = np.asarray(normal, dtype=float)
        self.on.draw([self._framed(half_plane(LOW, HIGH, n, offset))])
        self.off.draw([self._framed(half_plane(LOW, HIGH, -n, -offset))])
        ends = chord(LOW, HIGH, n, offset)
        self.line.points = path_points(self._framed(ends)) if len(ends) else np.zeros((0, 3))
        distances = self.corners @ n - offset
        for circle, distance, target in zip(self.rings, distances, targets, strict=True):
            wrong = (distance > 0) != bool(target)
            share = min(abs(float(distance)) / _RING_FROM, 1.0) if wrong else 0.0
            circle.set_stroke(opacity=share)

    def _framed(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.plane.path(corners[:, 0], corners[:, 1])


class Thumbnail(VGroup):
    """A small picture of one split: the line, its side, the corners, rings round the wrong ones."""

    def __init__(
        self,
        x: float,
        y: float,
        side: float,
        corners: ArrayLike,
        targets: Sequence[int],
        normal: ArrayLike,
        offset: float,
    ) -> None:
        n, places = np.asarray(normal, dtype=float), np.asarray(corners, dtype=float)
        # A little more room than the big plane, so that a line past all corners is seen.
        low, high = LOW - 0.3, HIGH + 0.3

        def framed(p: NDArray[np.float64]) -> NDArray[np.float64]:
            shifted: NDArray[np.float64] = (p - (low + high) / 2) / (high - low) * side + (x, y)
            return shifted

        ground = Square(
            side, stroke_color=theme.RULE, stroke_width=1.2, fill_color=theme.PANEL, fill_opacity=1
        ).move_to(point(x, y))
        fires = Region(theme.CLASS_B, 0.28)
        fires.draw([framed(half_plane(low, high, n, offset))])
        line = Stroke(framed(chord(low, high, n, offset)), theme.WEIGHT, 2.5)
        marks: list[VMobject] = []
        for corner, target in zip(places, targets, strict=True):
            at = framed(corner)
            marks.append(marker(at[0], at[1], bool(target), size=0.062))
            if (corner @ n > offset) != bool(target):
                marks.append(ring(at[0], at[1], 0.115, theme.ERROR, 2.0))
        super().__init__(ground, fires, line, *marks)
        self._full = [(p.get_fill_opacity(), p.get_stroke_opacity()) for p in self]
        self._share = 1.0

    def show(self, share: float) -> None:
        """Be there `share` (0 to 1) of the way."""
        if share == self._share:
            return
        self._share = share
        for part, (fill, stroke) in zip(self, self._full, strict=True):
            part.set_fill(opacity=fill * share, family=False)
            part.set_stroke(opacity=stroke * share, family=False)
