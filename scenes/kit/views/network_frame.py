"""How a network stands: neurons in columns, links between them, numbers in and beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from manim import Animation, Circle, Group, Mobject, RoundedRectangle
from numpy.typing import NDArray

from nncore.network import Network
from scenes.kit import theme
from scenes.kit.edges import Links
from scenes.kit.motion import Sweep
from scenes.kit.quantities import Live, Values, weight
from scenes.kit.stage import Box
from scenes.kit.story import Step, View
from scenes.kit.text.words import OnBaseline, Words, row

RADIUS, PITCH, SPREAD = 0.62, 3.1, 5.8  # as large as these, where there is room
STRETCH = 1.15  # how much wider than that links may be drawn, to fill a box
AIR = 0.2  # between a neuron and what stands beside it
SIDE = 0.3  # of the box's width that lines beside a layer may take
NAME = 0.5  # room for the layers' names
OVER = 0.62  # room for a line over or under neurons
STUB = 0.42  # length of a bias' link
INSIDE = 1.66  # a number in a neuron is at most so many radii wide
Pair = tuple[int, int]
Points = NDArray[np.float64]


@dataclass(eq=False)
class Layer:
    """Neurons in a column, their frame places (n, 2), how bright each is, what stands in them
    (`numbers`, `discs`) and beside them: lines of text, from the inside out."""

    hue: str
    neurons: list[Circle]
    places: Points
    lit: Points
    title: Words | None = None
    over: bool = False
    numbers: dict[int, Live] = field(default_factory=dict)
    beside: dict[int, list[list[OnBaseline]]] = field(default_factory=dict)
    discs: dict[int, Circle] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many neurons."""
        return len(self.neurons)

    def paint(self, j: int, opacity: float = 1.0) -> None:
        """Fill a neuron as bright as its activation; its number is readable on that."""
        value = float(np.clip(self.lit[j], -1, 1))
        fill = theme.mix(theme.PANEL, self.hue if value >= 0 else theme.NEGATIVE, abs(value))
        self.neurons[j].set_fill(fill, opacity=1)
        number = self.numbers.get(j)
        if number is not None:
            inside = abs(number.get_center()[0] - self.places[j, 0]) < 0.1
            colour = theme.on(fill) if inside else number.colour
            number.set_fill(colour, opacity=opacity, family=False)


@dataclass(eq=False)
class Gap:
    """What is between two layers: links, their numbers, packets of error on them; biases."""

    start: Layer
    end: Layer
    values: Values
    links: Links
    labels: dict[Pair, Group]
    biases: Values | None = None
    stubs: list[Links] = field(default_factory=list)
    bias_labels: dict[int, Group] = field(default_factory=dict)
    packets: dict[Pair, tuple[Circle, Group]] = field(default_factory=dict)

    def at(self, pair: Pair, share: float) -> Points:
        """The frame point `share` of the way along the link into neuron pair[0] from pair[1]."""
        a, b = self.start.places[pair[1]], self.end.places[pair[0]]
        return np.append(a + (b - a) * share, 0.0)

    @property
    def pairs(self) -> list[Pair]:
        """All links, those into a neuron together."""
        return [(j, i) for j in range(self.end.size) for i in range(self.start.size)]

    def rest(self, backward: bool = False) -> float:
        """Where on the links numbers are furthest apart: near the end, or near the start."""
        ways = [self.start, self.end]
        first, last = ways[::-1] if backward else ways
        here, there = pitch_of(first), pitch_of(last)
        if first.size == 1 or last.size == 1:
            share = 0.5 if first.size == last.size else 0.42 if last.size == 1 else 0.58
        else:
            share = first.size * here / (there + first.size * here)
        return 1 - share if backward else share


def pitch_of(layer: Layer) -> float:
    """How far apart a layer's neurons are."""
    return abs(float(layer.places[0, 1] - layer.places[-1, 1])) / max(1, layer.size - 1)


def parts_of(
    *weights: Values | Network, biases: Sequence[Values | None] = ()
) -> tuple[tuple[Values, ...], list[Values | None]]:
    """Weights and biases of each layer: as they are given, or those of a network."""
    if isinstance(weights[0], Network):
        made = weights[0].layers
        biases = [None if la.biases is None else weight(la.biases) for la in made]
        return tuple(weight(layer.weights) for layer in made), [*biases]
    given = tuple(w for w in weights if isinstance(w, Values))
    return given, [*biases, *[None] * (len(given) - len(biases))]


class NetworkFrame(View):
    """Builds and places a network; the verbs stand in the classes made of it."""

    def __init__(
        self,
        *weights: Values | Network,
        biases: Sequence[Values | None] = (),
        names: Sequence[str] = (),
        largest: float | None = None,
        ever: Sequence[Network] = (),
        numbers: bool | None = None,
        first: str = "input",
    ) -> None:
        super().__init__()
        numbers = bool(numbers) if isinstance(weights[0], Network) else numbers
        self.weights, self.biases = parts_of(*weights, biases=biases)
        self.names, self.first = names, first
        self.numbers = max(self.sizes) <= 3 if numbers is None else numbers
        known = [v.array for v in (*self.weights, *self.biases) if v is not None]
        self.largest = largest or widest(ever) or max(float(np.abs(w).max()) for w in known)
        self.anchors: dict[Mobject, Callable[[], Any]] = {}
        self.margins = np.zeros(4)  # left, right, over, under
        self.error_scale = 0.0

    @property
    def sizes(self) -> list[int]:
        """Neurons in each layer, inputs first."""
        return [self.weights[0].shape[1], *(w.shape[0] for w in self.weights)]

    @property
    def with_biases(self) -> bool:
        """Whether any neuron has a bias."""
        return any(b is not None for b in self.biases)

    def fits(self, layer: Layer, number: Live) -> bool:
        """Whether a number can be shown in its neuron or beside it."""
        inner = layer not in (self.layers[0], self.layers[-1])
        return bool(not inner or layer.size <= 2 or self._size_inside(number))

    def build(self) -> None:
        """Make neurons, links, numbers and names."""
        self.layers = [
            self._layer(n, theme.hue("output" if k else self.first))
            for k, n in enumerate(self.sizes)
        ]
        self.gaps = [
            self._gap(a, b, w, bias)
            for (a, b), w, bias in zip(
                pairwise(self.layers), self.weights, self.biases, strict=True
            )
        ]
        for layer, name in zip(self.layers, self.names, strict=False):
            layer.title = self.story.label(name, colour="muted")
        self.add(*self._drawn())

    def _drawn(self) -> list[Mobject]:
        """All that is of the network itself, in drawing order."""
        links = [m for g in self.gaps for m in (g.links, *g.stubs)]
        neurons = [n for la in self.layers for n in la.neurons]
        labels = [m for g in self.gaps for m in (*g.labels.values(), *g.bias_labels.values())]
        return [*links, *neurons, *labels, *[la.title for la in self.layers if la.title]]

    @staticmethod
    def _layer(n: int, hue: str) -> Layer:
        neurons = [
            Circle(
                RADIUS, stroke_color=hue, stroke_width=theme.LINE, fill_color=theme.PANEL,
                fill_opacity=1,
            )
            for _ in range(n)
        ]  # fmt: skip
        return Layer(hue, neurons, np.column_stack([np.zeros(n), np.arange(n)]), np.zeros(n))

    def _gap(self, a: Layer, b: Layer, w: Values, bias: Values | None) -> Gap:
        gap = Gap(a, b, w, Links(w.array, largest=self.largest), {}, bias)
        if self.numbers:
            size = theme.NUMBER_SMALL if max(w.shape) < 3 else theme.LABEL
            gap.labels = {p: on_pill(Live(w[p], size)) for p in gap.pairs}
        if bias is not None:
            gap.stubs = [Links([[v]], largest=self.largest) for v in bias.array]
            if self.numbers:
                gap.bias_labels = {
                    j: on_pill(Live(bias[j], theme.LABEL)) for j in range(b.size)
                }  # fmt: skip
        return gap

    # Places

    def place(self, box: Box) -> None:
        """Columns as far apart as the box and what stands beside them allow."""
        left, right, over, under = self.margins
        self.width = box.width
        n, most = len(self.layers), max(la.size for la in self.layers)
        name = NAME if any(la.title for la in self.layers) else 0.08
        high = box.height - name - over - under
        stub = STUB if self.with_biases else 0.0
        self.radius = min(RADIUS, high / most * 0.36, box.width / n * 0.2)
        pitch = min(PITCH, (high - 2 * self.radius - stub - 0.1) / max(1, most - 1))
        self.radius = min(self.radius, pitch * 0.4) if most > 1 else self.radius
        # Balls of error wait side by side on links: they keep clear of each other.
        self.ball = min(self.radius, 0.85 * pitch / (most + 1)) if most > 1 else self.radius
        width = box.width - left - right - 2 * self.radius - 0.1
        spread = min(SPREAD * (1.5 if n == 2 else STRETCH), width / (n - 1))
        self.middle = box.x + (left - right) / 2
        y = box.y + (name - over + under + stub) / 2
        for k, layer in enumerate(self.layers):
            ys = y + pitch * ((layer.size - 1) / 2 - np.arange(layer.size))
            x = self.middle + spread * (k - (n - 1) / 2)
            layer.places = np.column_stack([np.full(layer.size, x), ys])
            for neuron, at in zip(layer.neurons, layer.places, strict=True):
                neuron.scale_to_fit_width(2 * self.radius).move_to([*at, 0])
            if layer.title:
                lowest = y - pitch * (most - 1) / 2 - self.radius - stub - under
                self._within(layer.title.put(x, max(box.bottom, lowest - 0.5)), box)
        for gap in self.gaps:
            self._place_gap(gap)
        for layer in self.layers:
            self._place_texts(layer, box)
        for put in self.anchors.values():
            put()

    def _place_gap(self, gap: Gap) -> None:
        gap.links.put(gap.start.places, gap.end.places, self.radius, self.radius)
        share = gap.rest()
        for pair, label in gap.labels.items():
            label.move_to(gap.at(pair, share))
        for j, stub in enumerate(gap.stubs):
            x, y = gap.end.places[j]
            low = y - self.radius - STUB
            stub.put([[x, low]], [[x, y]], 0.0, self.radius)
            if j in gap.bias_labels:
                gap.bias_labels[j].move_to([x, low - 0.02, 0])

    def _place_texts(self, layer: Layer, box: Box) -> None:
        for j, number in layer.numbers.items():
            size = self._size_inside(number)
            number.resize(size or theme.LABEL).put_mid(*layer.places[j])
        out = self._outward(layer)
        for j in range(layer.size):
            x, y = layer.places[j]
            pen = x + out * (self.radius + AIR)
            for line in self._beside(layer, j):
                if out:
                    height = float(line[0].box.points[-1, 1]) - line[0].baseline
                    row(line, pen, y - height / 2, gap=0.12, align="left" if out > 0 else "right")
                    pen += out * (wide(line) + AIR)
                else:
                    up = self._up(layer, j)
                    far = self.radius + 0.34 + OVER * 0.75 * self._level(layer, box)
                    middle = self._clamped(layer, wide(line), box)
                    row(line, middle, y + far * up - 0.11, gap=0.12, align="center")
        for j, number in layer.numbers.items():  # by where it now stands, in its neuron or beside
            layer.paint(j, number.get_fill_opacity())

    def _up(self, layer: Layer, j: int) -> int:
        """Whether a neuron's line is over (1) or under it (-1)."""
        return 1 if j < layer.size / 2 or self.with_biases else -1

    @staticmethod
    def _clamped(layer: Layer, width: float, box: Box) -> float:
        """The middle of a line over a layer, within the box."""
        x, half = float(layer.places[0, 0]), width / 2
        return min(max(x, box.left + half), box.right - half)

    def _level(self, layer: Layer, box: Box) -> int:
        """How many lines over others its own stand, so that they do not touch."""
        level, right = 0, -np.inf
        for other in self.layers:
            if self._outward(other):
                continue
            width = max([wide(n) for j in range(other.size) for n in self._beside(other, j)] or [0])
            if not width:
                continue
            middle = self._clamped(other, width, box)
            level = level + 1 if middle - width / 2 < right + AIR else 0
            right = middle + width / 2
            if other is layer:
                break
        return level

    def _beside(self, layer: Layer, j: int) -> list[list[OnBaseline]]:
        number = layer.numbers.get(j)
        own = [[number]] if number is not None and not self._size_inside(number) else []
        if layer.size > 2 and layer not in (self.layers[0], self.layers[-1]):
            own = []  # there is no place for it: the fill alone tells
        return [*own, *layer.beside.get(j, [])]

    def _outward(self, layer: Layer) -> int:
        """On which side of a layer there is room: -1 left of it, 1 right, 0 over and under, where
        lines beside it would take too much."""
        side = 1 if layer is self.layers[-1] else -1 if layer is self.layers[0] else 0
        lines = [sum(wide(n) + AIR for n in self._beside(layer, j)) for j in range(layer.size)]
        widest = max(lines, default=0.0)
        # What once stood over a layer stays there while it is shown.
        layer.over = widest > 0 and (layer.over or widest > SIDE * self.width)
        return 0 if layer.over else side

    def _size_inside(self, number: Live) -> float:
        """The size at which a number stands in a neuron; 0 where it would be too small."""
        width = (number.right_edge - number.left_edge) / number.size
        fitting = INSIDE * self.radius / width
        return 0.0 if fitting < theme.LABEL else min(fitting, theme.NUMBER_SMALL)

    def _within(self, text: Any, box: Box) -> None:
        """Not beyond the sides of the box."""
        right, left = text.right_edge - box.right, box.left - text.left_edge
        if max(right, left) > 0:
            text.shift([left if left > 0 else -right, 0, 0])

    def wanted(self) -> Points:
        """The room that is needed beside the network: left, right, over, under."""
        sides, over = {-1: 0.0, 1: 0.0, 0: 0.0}, 0.0
        assert self.box is not None
        for layer in self.layers:
            out = self._outward(layer)
            for j in range(layer.size):
                lines = self._beside(layer, j)
                width = sum(wide(line) + AIR for line in lines)
                sides[out] = max(sides[out], width)
                if lines and not out:
                    over = max(over, OVER * (1 + 0.75 * self._level(layer, self.box)))
        return np.array([sides[-1], sides[1], over, over])

    def glide(self, box: Box, run_time: float = theme.MOVE) -> Animation:
        """From its box to another, where it has the room that it needs there."""
        first, start = self.box, self.margins
        assert first is not None
        self.place(box)
        end = self.wanted()

        def move(alpha: float) -> None:
            self.margins = start + (end - start) * alpha
            self.place(first.towards(box, alpha))

        move(0)
        return Sweep(self.group.submobjects, move, run_time=run_time)

    def room(self) -> list[Step]:
        """Make room for what now stands, or is to stand, beside the neurons."""
        assert self.box is not None
        if np.allclose(self.margins, self.wanted()):
            self.place(self.box)
            return []
        return [Step(self.glide(self.box, theme.FADE))]

    def anchor(self, mobject: Any, put: Callable[[], Any]) -> Any:
        """Put something, now and whenever the picture is placed anew."""
        put()
        self.anchors[mobject] = put
        return mobject

    def drop(self, *gone: Mobject) -> None:
        """Take out of the picture, and place no more."""
        for mobject in gone:
            self.anchors.pop(mobject, None)
        self.remove(*gone)


def widest(networks: Sequence[Network]) -> float:
    """The largest weight of them all, without its sign."""
    return max((float(np.abs(la.weights).max()) for n in networks for la in n.layers), default=0.0)


def wide(line: Sequence[OnBaseline], gap: float = 0.12) -> float:
    """Width of texts in a row."""
    return sum(p.right_edge - p.left_edge for p in line) + gap * (len(line) - 1)


def on_pill(number: Live, air: float = 0.16) -> Group:
    """A number on a small ground of its own, so that links do not cross it."""
    pill = RoundedRectangle(
        corner_radius=0.1,
        width=number.width + air,
        height=number.height + 0.14,
        stroke_width=0,
        fill_color=theme.BACKGROUND,
        fill_opacity=1,
    ).move_to(number)
    return Group(pill, number)
