"""A network: forward pulses, errors on their way back, weights that change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from manim import Circle, Group, Mobject, RoundedRectangle, linear
from manim.utils.rate_functions import there_and_back

from nncore.network import Network
from scenes.kit import theme
from scenes.kit.edges import Edges
from scenes.kit.facts import is_zero
from scenes.kit.logic import Sparks
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Values, weight
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.text.words import OnBaseline, row

RADIUS, PITCH, SPREAD = 0.45, 2.4, 4.4  # as large as these, where there is room
OUTER, ABOVE, NAME = 1.0, 0.62, 0.34  # room beside the outer layers, over and under, for names
REST_STRAIGHT, REST_ACROSS = 0.2, 0.3  # where packets wait on a link
DIM, FAINT = 0.7, 0.25
Pair = tuple[int, int]


@dataclass(eq=False)
class Layer:
    """Neurons in a column: mobjects, frame places (n, 2), and what stands in or beside each."""

    size: int
    hue: str
    neurons: list[Circle]
    places: np.ndarray
    title: Mobject | None = None
    discs: dict[int, Circle] = field(default_factory=dict)
    texts: dict[int, Mobject] = field(default_factory=dict)


@dataclass(eq=False)
class Links:
    """The links between two layers, those into each neuron one object; numbers and packets on them."""

    start: Layer
    end: Layer
    values: Values
    edges: list[Edges]
    labels: dict[Pair, Group]
    packets: dict[Pair, tuple[Circle, Live]] = field(default_factory=dict)

    def at(self, pair: Pair, share: float) -> np.ndarray:
        """The frame point `share` of the way along the link into neuron pair[0] from pair[1]."""
        a, b = self.start.places[pair[1]], self.end.places[pair[0]]
        return np.append(a + (b - a) * share, 0.0)

    def into(self, j: int) -> list[Mobject]:
        return [self.edges[j], *[g[1] for (q, _), g in self.labels.items() if q == j]]


class NetworkView(View):
    """Layers in columns; `weights[k]` (n_out, n_in) are the links into layer k + 1.

    Of a Network the links are drawn, without numbers.
    """

    def __init__(
        self, *weights: Values | Network, names: Sequence[str] = (), largest: float | None = None
    ) -> None:
        super().__init__()
        numbers = not isinstance(weights[0], Network)
        if not numbers:
            weights = tuple(weight(layer.weights) for layer in weights[0].layers)
        self.weights, self.names, self.numbers = weights, names, numbers
        self.largest = largest or float(max(np.abs(w.array).max() for w in weights))
        self.anchors: dict[Mobject, Callable[[], Any]] = {}
        self.scale_of_errors = 0.0
        self.dimmed: list[Mobject] = []
        self.since = 0.0  # when the last packets came to rest

    def build(self) -> None:
        sizes = [self.weights[0].shape[1], *(w.shape[0] for w in self.weights)]
        self.layers = [
            self._layer(n, theme.OUTPUT if k else theme.INPUT) for k, n in enumerate(sizes)
        ]
        self.links = [self._links(k, w) for k, w in enumerate(self.weights)]
        for layer, name in zip(self.layers, self.names):
            layer.title = self.story.label(name, colour="muted")
        self.add(
            *[e for k in self.links for e in k.edges],
            *[n for la in self.layers for n in la.neurons],
            *[g for k in self.links for g in k.labels.values()],
            *[la.title for la in self.layers if la.title],
        )

    @staticmethod
    def _layer(n: int, hue: str) -> Layer:
        look = {
            "stroke_color": hue,
            "stroke_width": theme.LINE,
            "fill_color": theme.PANEL,
            "fill_opacity": 1,
        }
        return Layer(
            n,
            hue,
            [Circle(RADIUS, **look) for _ in range(n)],
            np.column_stack([np.zeros(n), np.arange(n)]),
        )

    def _links(self, k: int, w: Values) -> Links:
        a, b = self.layers[k], self.layers[k + 1]
        edges = [
            Edges(_row(w.array, j), a.places, b.places + [9, 0], widest=0.2, largest=self.largest)
            for j in range(b.size)
        ]
        size = theme.NUMBER_SMALL if max(w.shape) < 3 else theme.LABEL
        pairs = np.ndindex(w.shape) if self.numbers else []
        return Links(a, b, w, edges, {p: _on_pill(Live(w[p], size)) for p in pairs})

    # Places

    def place(self, box: Box) -> None:
        n, most = len(self.layers), max(la.size for la in self.layers)
        below = NAME if any(la.title for la in self.layers) else 0.0
        high = box.height - 2 * (ABOVE if n > 2 and self.numbers else 0.05) - below
        self.radius = min(RADIUS, high / most * 0.42)
        pitch = min(PITCH, (high - 2 * self.radius) / max(1, most - 1))
        self.radius = min(self.radius, box.width / n * 0.2)
        left = OUTER if self.layers[0].texts else 0.5
        spread = min(SPREAD, (box.width - left - OUTER - self.radius) / (n - 1))
        middle = box.x + (left - OUTER) / 2 * (spread < SPREAD)
        for k, layer in enumerate(self.layers):
            ys = box.y + below / 2 + pitch * ((layer.size - 1) / 2 - np.arange(layer.size))
            layer.places = np.column_stack(
                [np.full(layer.size, middle + spread * (k - (n - 1) / 2)), ys]
            )
            for neuron, (x, y) in zip(layer.neurons, layer.places):
                neuron.scale_to_fit_width(2 * self.radius).move_to([x, y, 0])
            if layer.title:
                layer.title.put(layer.places[0][0], box.bottom + 0.05)
        clear = max(0.3, 0.42 / max(pitch, 0.5), (self.radius + 0.4) / spread)
        share = 1 - min(0.48, clear)
        for links in self.links:
            for edges in links.edges:
                edges.starts, edges.ends, edges.gap = (
                    links.start.places,
                    links.end.places,
                    self.radius,
                )
                edges.draw(edges.weights)
            for pair, label in links.labels.items():
                label.move_to(links.at(pair, share))
        for put in self.anchors.values():
            put()

    def _anchor(self, mobject: Any, put: Callable[[], Any]) -> Any:
        """Put something, now and whenever the picture is placed anew."""
        put()
        self.anchors[mobject] = put
        return mobject

    def _drop(self, *gone: Mobject) -> None:
        for mobject in gone:
            self.anchors.pop(mobject, None)
        self.remove(*gone)

    def _beside(self, text: OnBaseline, layer: Layer, j: int) -> None:
        """Left of inputs, right of outputs, over or under the others."""
        x, y = layer.places[j]
        if layer is self.layers[0]:
            text.put_mid(x - self.radius - 0.2, y, "right")
        elif layer is self.layers[-1]:
            text.put_mid(x + self.radius + 0.2, y, "left")
        else:
            text.put(x, self._over(layer, j))

    def _over(self, layer: Layer, j: int) -> float:
        return layer.places[j][1] + (self.radius + 0.32) * (1 if j < layer.size / 2 else -1) - 0.13

    # Forward

    @verb
    def show(self, layer: int, values: Values) -> Step:
        """The outputs of a layer appear, in its neurons if they fit, and light them."""
        la = self.layers[layer]
        numbers = []
        for j in range(la.size):
            number = Live(values[j], theme.CAPTION)
            if fits := number.right_edge - number.left_edge < 1.7 * self.radius:
                number.set_fill(theme.INK, family=False)
            put = (
                (lambda n=number, j=j: n.put_mid(*la.places[j]))
                if fits
                else (lambda n=number, j=j: self._beside(n, la, j))
            )
            numbers.append(self._anchor(number, put))
        self.add(*numbers)

        def light(alpha: float) -> None:
            for neuron, v in zip(la.neurons, np.clip(values.array, 0, 1)):
                neuron.set_fill(theme.mix(theme.PANEL, la.hue, 0.48 * float(v) * alpha), opacity=1)

        return Step(Sweep(la.neurons, light, run_time=theme.MOVE), *map(FadeIn, numbers))

    @verb
    def sums(self, layer: int, values: Values, name: str = "sum") -> Step:
        """The weighted sums of a layer appear over or under its neurons."""
        la, lines = self.layers[layer], []
        for j in range(la.size):
            pieces = [self.story.label(name, colour="muted"), Live(values[j], theme.CAPTION)]
            put = lambda p=pieces, j=j: row(
                p, la.places[j][0], self._over(la, j), gap=0.14, align="center"
            )  # noqa: E731
            lines.append(self._anchor(Group(*pieces), put))
        self.add(*lines)
        return Step(*map(FadeIn, lines))

    @verb
    def pulse(self, k: int, into: int | None = None) -> Step:
        """Lights run along the links into layer k + 1, or into one of its neurons."""
        links, sparks = self.links[k], Sparks()
        pairs = [p for p in np.ndindex(links.values.shape) if into in (None, p[0])]
        a, b = ([links.at(p, t)[:2] for p in pairs] for t in (0.0, 1.0))
        return Step(
            Sweep([sparks], lambda t: sparks.draw(a, b, t), run_time=0.9, rate_func=linear),
            run_time=0.9,
        )

    # Looking at one neuron

    @verb
    def focus(self, k: int, j: int | None) -> Step:
        """Only the links into neuron j of layer k + 1 stay bright; None: all are."""
        back = [m.animate.fade(1 - 1 / (1 - DIM)) for m in self.dimmed]
        others = (
            []
            if j is None
            else [m for q in range(self.links[k].end.size) if q != j for m in self.links[k].into(q)]
        )
        now = [m for m in others if m not in self.dimmed]
        back = [a for a, m in zip(back, self.dimmed) if m not in others]
        self.dimmed = others
        return Step(*back, *[m.animate.fade(DIM) for m in now], run_time=theme.FADE)

    @verb
    def wink(self, k: int) -> Step:
        """The weights of the links swell for a moment."""
        return Step(
            *[
                g[1].animate(rate_func=there_and_back).scale(1.3)
                for g in self.links[k].labels.values()
            ]
        )

    # Backward

    @verb
    def errors(self, layer: int, values: Values) -> Step:
        """Errors in a layer's neurons, as discs in proportion, their numbers beside."""
        la = self.layers[layer]
        self.scale_of_errors = max(self.scale_of_errors, float(np.abs(values.array).max()))
        for j in range(la.size):
            number = Live(values[j], theme.FORMULA)
            la.texts[j] = self._anchor(number, lambda n=number, j=j: self._beside(n, la, j))
            la.discs[j] = self._disc(values[j].value, lambda j=j: np.append(la.places[j], 0))
        self.add(*la.discs.values(), *la.texts.values())
        return Step(
            *[FadeIn(d, scale=0.3) for d in la.discs.values()], *map(FadeIn, la.texts.values())
        )

    def _disc(self, value: float, where: Callable[[], np.ndarray]) -> Circle:
        """A packet of error, its area in proportion; a ring if it is negative."""
        radius = 0.88 * self.radius * float(np.sqrt(abs(value) / self.scale_of_errors))
        disc = Circle(
            min(max(radius, 1e-3), 0.95 * self.radius),
            stroke_color=theme.ERROR,
            stroke_width=0 if value >= 0 else theme.LINE,
            fill_color=theme.ERROR,
            fill_opacity=0.95 if value >= 0 else FAINT,
        )
        return self._anchor(disc, lambda: disc.move_to(where()))

    @verb
    def send_back(self, k: int, parts: Values, only: Iterable[Pair] | None = None) -> Step:
        """Packets of error leave layer k + 1 along the links, and wait before their end."""
        links, moves, self.since = self.links[k], [], self.story.time + theme.MOVE
        for pair in only or list(np.ndindex(parts.shape)):
            rest, at = REST_STRAIGHT if pair[0] == pair[1] else REST_ACROSS, [1.0]
            disc = self._disc(parts[pair].value, lambda p=pair, at=at: links.at(p, at[0]))
            at[0] = rest
            number = Live(parts[pair], theme.NUMBER_SMALL)
            self._anchor(
                number, lambda n=number, p=pair, r=disc.width / 2, t=rest: _near(n, links, p, t, r)
            )
            links.packets[pair] = disc, number
            self.add(disc, number)
            moves += [disc.animate.move_to(links.at(pair, rest)), FadeIn(number)]
            if pair[1] == 0 and pair[0] in links.end.discs:
                moves.append(links.end.discs[pair[0]].animate.set_opacity(FAINT))
        return Step(*moves, run_time=theme.MOVE)

    @verb
    def recall(self, k: int) -> list[Step]:
        """The packets go back to where they came from."""
        links = self.links[k]
        discs, numbers = zip(*links.packets.values())
        home = [d.animate.move_to(links.at(p, 1.0)) for p, (d, _) in links.packets.items()]
        lit = [d.animate.set_fill(opacity=0.95) for d in links.end.discs.values()]
        links.packets = {}
        self._drop(*discs, *numbers)
        return [
            Step(*home, *map(FadeOut, numbers)),
            Step(*map(FadeOut, discs), *lit, run_time=theme.FADE),
        ]

    @verb
    def gather(self, k: int, totals: Values) -> list[Any]:
        """The packets merge in the neurons of layer k; their numbers line up as sums."""
        return [self.story.linger(self.since), lambda: self._merge(k, totals)]

    def _merge(self, k: int, totals: Values) -> list[Any]:
        links, la, moves, come, flown = self.links[k], self.links[k].start, [], [], []
        self.scale_of_errors = max(self.scale_of_errors, float(np.abs(totals.array).max()))
        for i in range(la.size):
            parts = [links.packets[j, i] for j in range(links.end.size)]
            terms = [Live(n.ref, theme.NUMBER_SMALL) for _, n in parts]
            flown += terms
            pieces = [
                *added(self.story, terms),
                self.story.symbol("=", size=theme.NUMBER_SMALL),
                Live(totals[i], theme.NUMBER_SMALL),
            ]
            put = lambda p=pieces, i=i: row(
                p, la.places[i][0], self._over(la, i), gap=0.14, align="center"
            )  # noqa: E731
            la.texts[i] = self._anchor(Group(*pieces), put)
            la.discs[i] = self._disc(totals[i].value, lambda i=i: np.append(la.places[i], 0))
            for (disc, number), term in zip(parts, terms):
                moves += [
                    disc.animate.move_to(la.discs[i]),
                    FadeOut(number),
                    self.story.fly(term, self, number),
                ]
                come.append(disc)
        self._drop(*[m for pair in links.packets.values() for m in pair])
        links.packets = {}

        def merge() -> Step:
            self.story.remove(*flown)  # from here on they are of the picture
            self.add(*la.discs.values(), *la.texts.values())
            signs = [p for line in la.texts.values() for p in line if p not in flown]
            return Step(
                *map(FadeIn, la.discs.values()),
                *map(FadeIn, signs),
                *map(FadeOut, come),
                run_time=theme.FADE,
            )

        return [Step(*moves), merge]

    @verb
    def keep(self, k: int) -> Step:
        """Of the whole network only the links into layer k + 1 stay, with their layers."""
        gone: list[Any] = []
        for links in self.links[:k]:
            gone += [*links.edges, *links.labels.values()]
        for la in self.layers[:k]:
            gone += [
                *la.neurons,
                *la.discs.values(),
                *la.texts.values(),
                *([la.title] if la.title else []),
            ]
        gone += [t for t in self.layers[k].texts.values()]
        self.layers, self.links = self.layers[k:], self.links[k:]
        self.layers[0].texts = {}
        self._drop(*gone)
        return Step(*map(FadeOut, gone), run_time=theme.FADE)

    # Training

    def film(self, networks: Sequence[Any]) -> Callable[[int], None]:
        """A function that shows the weights of the n-th network."""

        def show(n: int) -> None:
            for links, layer in zip(self.links, networks[n].layers):
                for j, edges in enumerate(links.edges):
                    edges.draw(_row(layer.weights, j))

        return show

    def moving(self) -> list[Mobject]:
        return [e for links in self.links for e in links.edges]


def _row(weights: np.ndarray, j: int) -> np.ndarray:
    return np.where(np.arange(len(weights))[:, None] == j, weights, 0.0)


def _on_pill(number: Live) -> Group:
    pill = RoundedRectangle(
        corner_radius=0.1,
        width=number.width + 0.14,
        height=number.height + 0.14,
        stroke_width=0,
        fill_color=theme.BACKGROUND,
        fill_opacity=1,
    ).move_to(number)
    return Group(pill, number)


def _near(number: Live, links: Links, pair: Pair, share: float, radius: float) -> None:
    """Beside a packet at rest, clear of the links."""
    x, y, _ = links.at(pair, share)
    up = 1 if pair[1] < links.start.size / 2 else -1
    if pair[0] == pair[1]:
        number.put_mid(x, y + up * (max(radius, 0.2) + 0.28))
    else:
        number.put_mid(x - radius - 0.1, y - up * 0.16, "right")


def added(story: Any, numbers: Sequence[Live]) -> list[OnBaseline]:
    """Numbers with a plus between them; a minus is its own sign."""
    pieces: list[OnBaseline] = [numbers[0]]
    for number in numbers[1:]:
        if number.value >= 0:
            pieces.append(story.symbol("+", size=number.size))
        pieces.append(number)
    return pieces
