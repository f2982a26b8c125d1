"""Links: true weights (colour by sign, width by size), and the light that runs along them."""

from __future__ import annotations

import numpy as np
from manim import VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.grid import vivid
from scenes.kit.shapes import disc

_LEVELS = 4  # of brightness in a fan
_TRAVEL = 0.4  # share of a signal's time that one neuron's lights take


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


class Fan(VGroup):
    """Many thin links, each from a point to another: a few objects, by sign and strength."""

    def __init__(self, weights: ArrayLike, widest: float = 0.03) -> None:
        w = np.asarray(weights, dtype=float).ravel()
        strength = np.abs(vivid(w))
        self.widths = np.maximum(widest * strength**3, 0.004)
        level = np.minimum((strength * _LEVELS).astype(int), _LEVELS - 1)
        self._parts: list[tuple[NDArray[np.bool_], VMobject, float]] = []
        for sign, hue in ((1, "positive"), (-1, "negative")):
            for k, opacity in enumerate(np.linspace(0.12, 0.8, _LEVELS)):
                shape = VMobject(stroke_width=0, fill_color=theme.hue(hue), fill_opacity=opacity)
                self._parts.append(((np.sign(w) == sign) & (level == k), shape, float(opacity)))
        super().__init__(*[shape for _, shape, _ in self._parts])

    def draw(self, starts: ArrayLike, ends: ArrayLike, light: float = 1.0) -> None:
        """Run from `starts` (n, 2) to `ends` (n, 2); `light` dims them."""
        a, b = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
        along = b - a
        along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        side = np.stack([-along[:, 1], along[:, 0]], axis=1) * self.widths[:, None] / 2
        ribbons = _closed(np.stack([a + side, b + side, b - side, a - side], axis=1))
        for chosen, shape, opacity in self._parts:
            shape.points = ribbons[chosen].reshape(-1, 3)
            shape.set_fill(opacity=opacity * light)


class Lights(VGroup):
    """Signals on their way along the strongest links into each neuron, neuron after neuron: each
    in the colour of its sign and as wide as it is strong, drawn behind its head and gone with it.

    products (n_out, n_in): each weight times what comes to it; `each`: links drawn of a neuron.
    """

    def __init__(self, products: ArrayLike, each: int, widest: float) -> None:
        p = np.asarray(products, dtype=float)
        strongest = np.argsort(-np.abs(p), axis=1, kind="stable")[:, :each]
        self.targets = np.repeat(np.arange(len(p)), strongest.shape[1])
        self.sources = strongest.ravel()
        self.products = p[self.targets, self.sources]
        self.late = (1 - _TRAVEL) * np.arange(len(p)) / max(len(p) - 1, 1)
        self.fan = Fan(self.products, widest)
        self.heads = {1: Sparks("positive", tail=0.3), -1: Sparks("negative", tail=0.3)}
        super().__init__(self.fan, *self.heads.values())

    def draw(self, starts: ArrayLike, ends: ArrayLike, alpha: float) -> NDArray[np.float64]:
        """Be `alpha` of the way from `starts` (n_in, 2) to `ends` (n_out, 2); returns how much of
        each neuron's has arrived, 0 to 1 (n_out,)."""
        if alpha >= 1:
            for shape in self.family_members_with_points():
                shape.points = np.zeros((0, 3))
            return np.ones(len(self.late))
        way = np.clip((alpha - self.late) / _TRAVEL, 0, 1)
        head, tail = (soft(np.clip((way - b) / 0.6, 0, 1))[self.targets] for b in (0.0, 0.4))
        a, b = np.asarray(starts)[self.sources], np.asarray(ends)[self.targets]
        self.fan.draw(a + (b - a) * tail[:, None], a + (b - a) * head[:, None])
        for sign, heads in self.heads.items():
            radii = np.where(np.sign(self.products) == sign, 0.03 + self.fan.widths / 2, 0.0)
            heads.draw(a, b, head, radii)
        return np.asarray(np.clip((way - 0.55) / 0.15, 0, 1))


def soft(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way from 0 to 1 with a soft start and end, of many."""
    return np.asarray(shares * shares * (3 - 2 * shares))


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
