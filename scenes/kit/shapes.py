"""Simple shapes that keep their look when they move: lines, arrows, markers, glows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Circle, ImageMobject, Polygon, VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme

Points = NDArray[np.float64]


def point(x: float, y: float) -> Points:
    """A point of the frame."""
    return np.array([x, y, 0.0])


def path_points(corners: ArrayLike) -> Points:
    """Bezier points of the straight path through `corners` (n, 2) or (n, 3)."""
    given = np.asarray(corners, dtype=float)
    flat = np.zeros((len(given), 3))
    flat[:, : given.shape[1]] = given
    start, end = flat[:-1], flat[1:]
    curves = np.stack([start, (2 * start + end) / 3, (start + 2 * end) / 3, end], axis=1)
    return curves.reshape(-1, 3)


class Stroke(VMobject):
    """A line or polyline whose corners can be set anew; several may be one object."""

    def __init__(
        self, corners: ArrayLike, colour: str, width: float = theme.LINE, opacity: float = 1.0
    ) -> None:
        super().__init__(
            stroke_color=theme.hue(colour),
            stroke_width=width,
            stroke_opacity=opacity,
            fill_opacity=0,
        )
        self.draw(corners)

    def draw(self, corners: ArrayLike) -> None:
        """Run through `corners`, (n, 2) frame coordinates."""
        self.points = path_points(corners)

    def draw_all(self, paths: Sequence[ArrayLike]) -> None:
        """Draw several separate polylines as this one object."""
        self.points = np.concatenate([path_points(p) for p in paths])


def dashes(
    start: ArrayLike, end: ArrayLike, colour: str, *, width: float = theme.LINE, dash: float = 0.1
) -> Stroke:
    """A dashed straight line as one object."""
    a, b = np.asarray(start, dtype=float)[:2], np.asarray(end, dtype=float)[:2]
    count = max(1, round(float(np.linalg.norm(b - a)) / dash / 2))
    cuts = np.linspace(0, 1, 2 * count)
    ends = a + (b - a) * cuts[:, None]
    stroke = Stroke(ends[:2], colour, width)
    stroke.draw_all([ends[i : i + 2] for i in range(0, 2 * count, 2)])
    return stroke


class Arrow(VGroup):
    """A straight arrow with a solid head, at one end or both; can be set anew.

    Too short an arrow shrinks its head, so that it never turns round.
    """

    def __init__(
        self,
        start: ArrayLike,
        end: ArrayLike,
        colour: str,
        *,
        width: float = 5,
        head: float = 0.22,
        both: bool = False,
    ) -> None:
        self.head, self.both = head, both
        self.shaft = Stroke([[0, 0], [1, 0]], colour, width)
        self.tips = VMobject(stroke_width=0, fill_color=theme.hue(colour), fill_opacity=1)
        super().__init__(self.shaft, self.tips)
        self.draw(start, end)

    def draw(self, start: ArrayLike, end: ArrayLike) -> None:
        """Run from `start` to `end`, frame coordinates."""
        a, b = np.asarray(start, dtype=float)[:2], np.asarray(end, dtype=float)[:2]
        length = float(np.linalg.norm(b - a))
        along = (b - a) / length if length > 1e-9 else np.array([1.0, 0.0])
        head = min(self.head, length * (0.45 if self.both else 0.7))
        self.shaft.draw([a + along * head * (0.9 if self.both else 0), b - along * head * 0.9])
        tips = [self._tip(b, along, head)]
        if self.both:
            tips.append(self._tip(a, -along, head))
        self.tips.points = np.concatenate(tips)

    @staticmethod
    def _tip(end: Points, along: Points, head: float) -> Points:
        side = np.array([-along[1], along[0]]) * head * 0.42
        back = end - along * head
        return path_points([end, back + side, back - side, end])


def disc(x: float, y: float, radius: float, colour: str, *, opacity: float = 1.0) -> Circle:
    """A filled circle without an outline."""
    circle = Circle(
        radius=radius, stroke_width=0, fill_color=theme.hue(colour), fill_opacity=opacity
    )
    circle.move_to(point(x, y))
    return circle


def marker(x: float, y: float, second: bool, *, size: float = 0.14) -> VMobject:
    """A data point: the first class is a blue disc, the second an orange diamond."""
    if not second:
        return disc(x, y, size, theme.CLASS_A)
    r = size * 1.3
    shape = Polygon(
        *[point(x + r * dx, y + r * dy) for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0))],
        stroke_width=0,
        fill_color=theme.CLASS_B,
        fill_opacity=1,
    )
    return shape


def glow(x: float, y: float, radius: float, colour: str, strength: float = 0.6) -> ImageMobject:
    """A soft round light: one image whose alpha fades outwards."""
    n = 128
    axis = np.linspace(-1, 1, n)
    distance = np.hypot(axis[:, None], axis[None, :])
    alpha = np.clip(1 - distance, 0, 1) ** 2 * strength
    pixels = np.zeros((n, n, 4), dtype=np.uint8)
    pixels[..., :3] = [round(255 * c) for c in theme.channels(theme.hue(colour))]
    pixels[..., 3] = np.round(255 * alpha)
    image = ImageMobject(pixels)
    image.height = 2 * radius
    image.move_to(point(x, y))
    return image
