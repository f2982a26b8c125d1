"""Network diagrams: true weights (colour by sign, width by size), true activations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Circle, VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.shapes import point

_LEVELS = 5


class Edges(VGroup):
    """All links between two layers as a few objects: one for each sign and level of strength.

    `weights` is (n_out, n_in); `starts` (n_in, 2) and `ends` (n_out, 2) are frame points.
    The width of a link is in proportion to |weight| / `largest`, at most `widest` frame
    units; weak links are fainter, too. A weight of zero is not drawn.
    """

    def __init__(
        self,
        weights: ArrayLike,
        starts: ArrayLike,
        ends: ArrayLike,
        *,
        widest: float = 0.09,
        thinnest: float = 0.008,
        largest: float | None = None,
        gap: float = 0.0,
        positive: str = "positive",
        negative: str = "negative",
    ) -> None:
        self.starts = np.asarray(starts, dtype=float)
        self.ends = np.asarray(ends, dtype=float)
        self.widest, self.thinnest, self.gap = widest, thinnest, gap
        self.largest = largest
        self._layers = [
            (sign, level, VMobject(stroke_width=0, fill_color=theme.hue(hue), fill_opacity=opacity))
            for sign, hue in ((1, positive), (-1, negative))
            for level, opacity in enumerate(np.linspace(0.35, 0.95, _LEVELS))
        ]
        super().__init__(*[shape for _, _, shape in self._layers])
        self.draw(weights)

    def draw(self, weights: ArrayLike) -> None:
        """Show these weights, (n_out, n_in)."""
        w = np.asarray(weights, dtype=float)
        self.weights = w
        top = self.largest or float(np.abs(w).max()) or 1.0
        strength = np.clip(np.abs(w) / top, 0, 1)
        levels = np.minimum((strength * _LEVELS).astype(int), _LEVELS - 1)
        ribbons = self._ribbons(strength)
        for sign, level, shape in self._layers:
            shape.points = ribbons[(np.sign(w) == sign) & (levels == level)].reshape(-1, 3)

    def _ribbons(self, strength: NDArray[np.float64]) -> NDArray[np.float64]:
        """Thin quadrilaterals along all links, as Bezier points (n_out, n_in, 16, 3)."""
        a, b = self.starts[None], self.ends[:, None]
        along = (b - a) / np.linalg.norm(b - a, axis=-1, keepdims=True)
        a, b = a + along * self.gap, b - along * self.gap
        half = np.maximum(strength * self.widest, self.thinnest)[..., None] / 2
        side = np.stack([-along[..., 1], along[..., 0]], axis=-1) * half
        corners = np.stack([a + side, b + side, b - side, a - side], axis=-2)
        return _closed(corners)


def _closed(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bezier points (..., 4k, 3) of straight closed paths through k corners each, (..., k, 2)."""
    start = np.zeros((*corners.shape[:-1], 3))
    start[..., :2] = corners
    end = np.roll(start, -1, axis=-2)
    curves = np.stack([start, (2 * start + end) / 3, (start + 2 * end) / 3, end], axis=-2)
    return curves.reshape(*corners.shape[:-2], -1, 3)


class Diagram(VGroup):
    """Layers of neurons in columns, with the links between them.

    `sizes` are the numbers of neurons, `weights[k]` (sizes[k+1], sizes[k]) the links;
    `columns` the frame x of each layer; neurons are `pitch` apart around `y`.
    A neuron's fill is its activation, 0 (dark) to 1 (bright).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        weights: Sequence[ArrayLike],
        *,
        columns: Sequence[float],
        y: float = 0.0,
        pitch: float | Sequence[float] = 1.6,
        radius: float = 0.4,
        colours: Sequence[str] | None = None,
        widest: float = 0.09,
        largest: float | None = None,
    ) -> None:
        pitches = [pitch] * len(sizes) if isinstance(pitch, int | float) else list(pitch)
        self.radius = radius
        self.colours = list(colours or [theme.INPUT] + [theme.OUTPUT] * (len(sizes) - 1))
        self.places = [
            np.column_stack([np.full(n, x), y + gap * ((n - 1) / 2 - np.arange(n))])
            for n, x, gap in zip(sizes, columns, pitches, strict=True)
        ]
        self.edges = [
            Edges(w, self.places[k], self.places[k + 1], gap=radius, widest=widest, largest=largest)
            for k, w in enumerate(weights)
        ]
        self.neurons = [
            [self._neuron(p, hue) for p in places]
            for places, hue in zip(self.places, self.colours, strict=True)
        ]
        super().__init__(*self.edges, *[n for layer in self.neurons for n in layer])

    def _neuron(self, place: NDArray[np.float64], hue: str) -> Circle:
        circle = Circle(
            radius=self.radius,
            stroke_color=hue,
            stroke_width=theme.LINE,
            fill_color=theme.PANEL,
            fill_opacity=1,
        )
        circle.move_to(point(place[0], place[1]))
        return circle

    def layer(self, index: int) -> VGroup:
        """The neurons of a layer."""
        return VGroup(*self.neurons[index])

    def light(self, layer: int, activations: ArrayLike, share: float = 1.0) -> None:
        """Fill a layer's neurons by their activations (clipped to 0..1), `share` of the way.

        The fill stays dark enough for text in ink on top of it.
        """
        values = np.clip(np.asarray(activations, dtype=float), 0, 1) * share
        for neuron, value in zip(self.neurons[layer], values, strict=True):
            hue = theme.mix(theme.PANEL, self.colours[layer], 0.48 * float(value))
            neuron.set_fill(hue, opacity=1)
