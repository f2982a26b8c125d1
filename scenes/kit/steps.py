"""Steps along one weight: hops over a curve, bars of signed lengths, a glowing walker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup, VMobject
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.shapes import Stroke, disc, path_points

# Radii, in the dot's, and opacities of the discs that make up a halo.
_HALO = ((3.6, 0.05), (3.0, 0.06), (2.4, 0.08), (1.9, 0.1), (1.4, 0.14))
_ARC = np.linspace(0, 1, 17)


def walker(x: float, y: float, colour: str = "weight", radius: float = 0.11) -> VGroup:
    """A dot in a soft halo."""
    halo = [disc(x, y, radius * r, colour, opacity=o) for r, o in _HALO]
    return VGroup(*halo, disc(x, y, radius, theme.mix(theme.hue(colour), theme.TARGET, 0.45)))


class Hops(Stroke):
    """Arcs from corner to corner of a walk (n, 2), frame units, as one stroke."""

    def __init__(self, corners: NDArray[np.float64], colour: str, width: float = 2.5) -> None:
        self.corners = corners
        super().__init__(corners[:1].repeat(2, axis=0), colour, width, 0.85)

    def show(self, taken: float) -> NDArray[np.float64]:
        """Draw the first `taken` hops, the last one in part; returns where it ends (2,)."""
        taken = min(taken, len(self.corners) - 1)
        whole = int(taken)
        arcs = [self._arc(k, _ARC) for k in range(whole)]
        if taken > whole:
            arcs.append(self._arc(whole, _ARC * (taken - whole)))
        if not arcs:
            self.draw(self.corners[:1].repeat(2, axis=0))
            return self.corners[0]
        self.draw_all(arcs)
        end: NDArray[np.float64] = arcs[-1][-1]
        return end

    def _arc(self, k: int, share: NDArray[np.float64]) -> NDArray[np.float64]:
        a, b = self.corners[k], self.corners[k + 1]
        arc: NDArray[np.float64] = a + (b - a) * share[:, None]
        arc[:, 1] += 4 * share * (1 - share) * min(0.6, 0.5 * abs(b[0] - a[0]))
        return arc


class StepBars(VGroup):
    """Signed steps as bars over a line: up for more, down for less; two objects in all.

    The line runs from (x, y) `width` to the right; the largest step is `reach` high.
    """

    def __init__(
        self,
        moves: Sequence[float],
        *,
        x: float,
        y: float,
        width: float,
        reach: float,
        largest: float,
        colour: str,
    ) -> None:
        self.moves, self.x0, self.y0 = [float(m) / largest * reach for m in moves], x, y
        self.pitch = min(width / len(self.moves), 0.3)
        line = Stroke([[x, y], [x + width, y]], theme.MUTED, theme.THIN)
        self.bars = VMobject(stroke_width=0, fill_color=colour, fill_opacity=1)
        super().__init__(line, self.bars)

    def show(self, taken: float) -> None:
        """Draw the bars of the first `taken` steps, the last one in part."""
        shapes = []
        for k, move in enumerate(self.moves[: int(np.ceil(taken))]):
            left, right = self.x0 + (k + 0.14) * self.pitch, self.x0 + (k + 0.86) * self.pitch
            top = self.y0 + move * min(1.0, taken - k)
            shapes.append([[left, self.y0], [right, self.y0], [right, top], [left, top]])
        self.bars.points = (
            np.concatenate([path_points([*s, s[0]]) for s in shapes])
            if shapes
            else np.zeros((0, 3))
        )
