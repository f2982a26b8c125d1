"""Links: true weights (colour by sign, width by size), and the light that runs along them."""

from __future__ import annotations

import numpy as np
from manim import VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.shapes import disc


def _closed(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bezier points (..., 4k, 3) of straight closed paths through k corners each, (..., k, 2)."""
    start = np.zeros((*corners.shape[:-1], 3))
    start[..., :2] = corners
    end = np.roll(start, -1, axis=-2)
    curves = np.stack([start, (2 * start + end) / 3, (start + 2 * end) / 3, end], axis=-2)
    return curves.reshape(*corners.shape[:-2], -1, 3)


class Links(VGroup):
    """The links of a small network between two layers, each an object of its own.

    `weights` is (n_out, n_in). The width of a link is in proportion to |weight| / `largest`; a
    weight of zero is not drawn. `light` (n_out, n_in) dims each, 0 (gone) to 1.
    """

    def __init__(
        self,
        weights: ArrayLike,
        *,
        largest: float,
        widest: float = 0.2,
        thinnest: float = 0.025,
    ) -> None:
        self.weights = np.array(weights, dtype=float)
        self.largest, self.widest, self.thinnest = largest or 1.0, widest, thinnest
        self.light = np.ones(self.weights.shape)
        self.starts = np.zeros((self.weights.shape[1], 2))
        self.ends = np.tile([1.0, 0.0], (self.weights.shape[0], 1))
        self.gaps = 0.0, 0.0
        self.shapes = np.empty(self.weights.shape, dtype=object)
        for index in np.ndindex(self.weights.shape):
            self.shapes[index] = VMobject(stroke_width=0, fill_opacity=1)
        self._looks: dict[tuple[int, ...], tuple[str, float]] = {}
        super().__init__(*self.shapes.ravel())

    def put(self, starts: ArrayLike, ends: ArrayLike, start_gap: float, end_gap: float) -> None:
        """Run from `starts` (n_in, 2) to `ends` (n_out, 2), keeping clear of both."""
        self.starts, self.ends = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
        self.gaps = start_gap, end_gap
        self.draw()

    def weigh(self, weights: ArrayLike) -> None:
        """Show these weights."""
        self.weights = np.array(weights, dtype=float)
        self.draw()

    def draw(self) -> None:
        """Be as wide, as bright and of such a colour as weights and light say."""
        strength = np.clip(np.abs(self.weights) / self.largest, 0, 1)
        ribbons = _ribbons(
            self.starts, self.ends, np.maximum(strength * self.widest, self.thinnest), self.gaps
        )
        for index, shape in np.ndenumerate(self.shapes):
            here = self.weights[index] != 0
            shape.points = ribbons[index] if here else np.zeros((0, 3))
            hue = theme.NEGATIVE if self.weights[index] < 0 else theme.POSITIVE
            look = hue, round((0.4 + 0.55 * strength[index]) * self.light[index], 3)
            if self._looks.get(index) != look:
                shape.set_fill(hue, opacity=look[1])
                self._looks[index] = look


class Sparks(VMobject):
    """Small lights with a tail that run along links, all of them one object."""

    def __init__(self, colour: str = "ink", tail: float = 0.5) -> None:
        super().__init__(stroke_width=0, fill_color=theme.hue(colour), fill_opacity=1)
        self.tail, self.busy = tail, False
        self._dot = disc(0, 0, 1, colour).points.copy()

    def run(self, starts: ArrayLike, ends: ArrayLike, share: float, radii: ArrayLike) -> None:
        """Be all so far on the way; free for others at its end."""
        self.draw(starts, ends, share, radii)
        self.busy = share < 1

    def draw(
        self, starts: ArrayLike, ends: ArrayLike, shares: ArrayLike, radii: ArrayLike = 0.09
    ) -> None:
        """Stand `shares` of the way from each start (n, 2) to its end (n, 2); none at 0 and 1."""
        a, b = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
        t = np.broadcast_to(np.asarray(shares, dtype=float), len(a))
        r = np.broadcast_to(np.asarray(radii, dtype=float), len(a))
        here = (t > 0) & (t < 1) & (r > 0)
        if not here.any():
            self.points = np.zeros((0, 3))
            return
        a, b, t, r = a[here], b[here], t[here, None], r[here, None]
        along = b - a
        length = np.linalg.norm(along, axis=1, keepdims=True)
        along = along / np.maximum(length, 1e-9)
        heads = a + along * length * t
        tails = heads - along * np.minimum(self.tail * (0.4 + r / 0.15), length * t)
        side = np.stack([-along[:, 1], along[:, 0]], axis=1) * r
        wakes = _closed(np.stack([heads - side, heads + side, tails], axis=1))
        dots = self._dot[None] * r[..., None] + np.pad(heads, ((0, 0), (0, 1)))[:, None]
        self.points = np.concatenate([wakes, dots], axis=1).reshape(-1, 3)


def _ribbons(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    widths: NDArray[np.float64],
    gaps: tuple[float, float],
) -> NDArray[np.float64]:
    """Thin quadrilaterals along all links, as Bezier points (n_out, n_in, 16, 3)."""
    a, b = starts[None], ends[:, None]
    length = np.maximum(np.linalg.norm(b - a, axis=-1, keepdims=True), 1e-9)
    along = (b - a) / length
    a, b = a + along * gaps[0], b - along * gaps[1]
    side = np.stack([-along[..., 1], along[..., 0]], axis=-1) * widths[..., None] / 2
    return _closed(np.stack([a + side, b + side, b - side, a - side], axis=-2))
