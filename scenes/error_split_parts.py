"""What the error split is drawn with: packets of error on links, numbers, product tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from manim import Animation, Circle, RoundedRectangle, VGroup
from numpy.typing import NDArray

from nncore.error_split import Split, Transposed
from nncore.errors import Array
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.ledger import Figure, Value, decimals
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.network import Diagram, Edges
from scenes.kit.shapes import Points, point
from scenes.kit.text import LiveNumber, OnBaseline, Words, row

COLUMNS = (-4.5, -0.1, 4.3)
NETWORK_Y = 0.27
PITCH = 2.4
RADIUS = 0.45
LARGEST_DISC = 0.4
WEIGHT_AT = 0.7  # place of a weight on its link, from its start (0) to its end (1)
REST_STRAIGHT, REST_ACROSS = 0.2, 0.3  # where a packet waits, in the same measure
FORMULA_Y = -2.3
FAINT = 0.25
DIM = 0.7  # what links fade by while those into another output are looked at

Numbers = NDArray[np.object_]
Pair = tuple[int, int]  # a link: the node it goes into, the node it comes from
ALL: tuple[Pair, ...] = ((0, 0), (0, 1), (1, 0), (1, 1))
WEIGHT_NAME = ("weight into hidden {} from {}", "weight into output {} from {}")
PART_NAME = ("part of hidden error {} for {}", "part of output error {} for {}")


@dataclass(frozen=True)
class ErrorSplitRun:
    """The errors on their way back: over the last links, over those before, and as W^T e.

    `last` splits the output errors, `before` what then has come together at the hidden
    nodes; `plain` is the product with the weights as they are; `total` the errors' sum.
    """

    last: Split
    before: Split
    plain: Transposed
    total: float


class Backwards(Clip):
    """A network of two layers of links, over which errors go back: pieces and movements."""

    run: ErrorSplitRun
    diagram: Diagram
    links: list[Edges]
    names: list[Words]
    weights: list[dict[Pair, VGroup]]
    errors: list[LiveNumber]
    error_name: Words
    discs: dict[int, list[Circle]]
    hidden_sums: list[tuple[VGroup, LiveNumber]]
    input_sums: list[tuple[VGroup, LiveNumber]]

    def _formats(self) -> None:
        """How many decimals each quantity needs: the same for all of its kind."""
        last, before, whole = self.run.last, self.run.before, self.run.plain
        weights = np.concatenate([last.weights, before.weights]).ravel()
        self.weight_spec = f".{decimals(weights.tolist(), 1, 2)}f"
        self.error_spec = _spec([last.errors, np.array([self.run.total])])
        self.hidden_spec = _spec([last.errors, last.parts, last.equal_parts, last.recombined])
        self.input_spec = _spec([last.recombined, before.parts, before.recombined])
        self.share_spec = _spec([last.shares])
        self.plain_spec = _spec([whole.products, whole.carried])
        signed = bool((last.errors < 0).any())
        self.error_size = theme.FORMULA if signed else theme.NUMBER
        self.part_size = theme.CAPTION if signed else theme.NUMBER_SMALL

    # Pieces

    def _link(self, layer: int, pair: Pair, at: float) -> Points:
        """The frame point on a link, `at` of the way from its start (0) to its end (1)."""
        start, end = self.diagram.places[layer][pair[1]], self.diagram.places[layer + 1][pair[0]]
        return np.append(start + (end - start) * at, 0.0)

    def _rest(self, layer: int, pair: Pair) -> Points:
        return self._link(layer, pair, REST_STRAIGHT if pair[0] == pair[1] else REST_ACROSS)

    def _radius(self, value: Value) -> float:
        """Radius of a packet: its area is in proportion to the error's size."""
        run = self.run
        errors = [run.last.errors, run.last.recombined, run.before.recombined]
        largest = max(float(np.abs(e).max()) for e in errors)
        return max(LARGEST_DISC * float(np.sqrt(abs(value) / largest)), 1e-3)

    def _disc(self, value: Value, place: Points) -> Circle:
        """A packet of error; a ring if it is negative."""
        return Circle(
            radius=self._radius(value),
            stroke_color=theme.ERROR,
            stroke_width=0 if value >= 0 else theme.LINE,
            fill_color=theme.ERROR,
            fill_opacity=0.95 if value >= 0 else FAINT,
        ).move_to(place)

    def _error_number(self, name: str, value: Value, spec: str, size: float) -> LiveNumber:
        return self.number(name, value, spec, colour=theme.ERROR, size=size)

    def _by_output(self, weights: Array, widest: float, largest: float) -> list[Edges]:
        """The last links, those into each output as an object of their own."""
        starts, ends = self.diagram.places[1:]
        return [
            Edges(
                np.where(np.arange(2)[:, None] == j, weights, 0.0),
                starts,
                ends,
                gap=RADIUS,
                widest=widest,
                largest=largest,
            )
            for j in range(2)
        ]

    def _fade_by(self, out: int, darkness: float) -> list[Animation]:
        """The links into an output, and their weights, grow fainter by `darkness`."""
        numbers = [self.weights[1][out, i][1] for i in range(2)]
        return [m.animate.fade(darkness) for m in (self.links[out], *numbers)]

    def _dim(self, out: int) -> list[Animation]:
        return self._fade_by(out, DIM)

    def _light(self, out: int) -> list[Animation]:
        return self._fade_by(out, 1 - 1 / (1 - DIM))

    def _weight(self, layer: int, pair: Pair, value: Value) -> VGroup:
        """A weight on its link, on a small ground of its own."""
        number = self.number(
            WEIGHT_NAME[layer].format(pair[0] + 1, pair[1] + 1),
            value,
            self.weight_spec,
            colour=theme.WEIGHT,
            size=theme.NUMBER_SMALL,
        )
        place = self._link(layer, pair, WEIGHT_AT)
        number.put_mid(place[0], place[1])
        ground = RoundedRectangle(
            corner_radius=0.1,
            width=number.width + 0.14,
            height=number.height + 0.14,
            stroke_width=0,
            fill_color=theme.BACKGROUND,
            fill_opacity=1,
        ).move_to(place)
        return VGroup(ground, number)

    def _part(self, layer: int, pair: Pair, value: Value, equal: bool) -> LiveNumber:
        """The number of a packet at rest, beside it and clear of the links."""
        name = ("equal " if equal else "") + PART_NAME[layer].format(pair[0] + 1, pair[1] + 1)
        spec = self.hidden_spec if layer else self.input_spec
        number = self._error_number(name, value, spec, self.part_size)
        (x, y, _), radius = self._rest(layer, pair), self._radius(value)
        up = 1 if pair[1] == 0 else -1
        if pair[0] == pair[1]:
            return number.put_mid(x, y + up * (max(radius, 0.2) + 0.28))
        return number.put_mid(x - radius - 0.1, y - up * 0.16, "right")

    def _added(self, numbers: Sequence[LiveNumber]) -> list[OnBaseline]:
        """Numbers with a plus between them; a minus is its own sign."""
        pieces: list[OnBaseline] = [numbers[0]]
        for number in numbers[1:]:
            if number.value >= 0:
                pieces.append(self.symbol("+", size=number.size))
            pieces.append(number)
        return pieces

    def _said(self, *named: tuple[str, str, Value, str]) -> dict[str, Figure]:
        """Errors for a caption, each as (placeholder, name, value, format)."""
        return {key: self.figure(name, v, spec, theme.ERROR) for key, name, v, spec in named}

    def _send(
        self, layer: int, pairs: Iterable[Pair], parts: Array, equal: bool = False
    ) -> tuple[dict[Pair, Circle], dict[Pair, LiveNumber], list[Animation]]:
        """Packets, their numbers, and how they go along their links to where they wait."""
        packets = {p: self._disc(parts[p], self._link(layer, p, 1.0)) for p in pairs}
        numbers = {p: self._part(layer, p, parts[p], equal) for p in packets}
        self.add(*packets.values())
        moves = [d.animate.move_to(self._rest(layer, p)) for p, d in packets.items()]
        return packets, numbers, [*moves, *map(FadeIn, numbers.values())]

    def _arrive(
        self, layer: int, packets: Mapping[Pair, Circle], parts: Mapping[Pair, LiveNumber]
    ) -> list[tuple[VGroup, LiveNumber]]:
        """Packets merge in their nodes and their numbers line up: sums and their totals."""
        sums, signs, moves = [], [], []
        record = self.run.last if layer else self.run.before
        spec = self.hidden_spec if layer else self.input_spec
        self.discs[layer] = []
        for i, (x, y) in enumerate(self.diagram.places[layer]):
            name = f"{'hidden' if layer else 'input'} error {i + 1}"
            total = self._error_number(name, record.recombined[i], spec, self.part_size)
            starts = [parts[j, i].box.points[0].copy() for j in range(2)]
            added = self._added([parts[j, i] for j in range(2)])
            equals = self.symbol("=", size=self.part_size)
            baseline = y + (RADIUS + 0.32) * (1 if i == 0 else -1) - 0.13
            row([*added, equals, total], x, baseline, gap=0.14, align="center")
            # The number beside its own row's packet moves; the other fades from place to place.
            goal = parts[i, i].left_edge
            for j, start in enumerate(starts):
                if j == i:
                    parts[j, i].put(start[0], start[1], "left")
                    moves.append(parts[j, i].animate.put(goal, baseline, "left"))
                else:
                    leaving = parts[j, i].copy().put(start[0], start[1], "left")
                    self.remove(parts[j, i])
                    moves.append(FadeOut(leaving))
                moves.append(packets[j, i].animate.move_to(point(x, y)))
            signs.append(parts[1 - i, i])
            signs += [p for p in (*added, equals) if not isinstance(p, LiveNumber)] + [total]
            sums.append((VGroup(*added, equals), total))
            self.discs[layer].append(self._disc(record.recombined[i], point(x, y)))
        self.play(*moves, run_time=1.2 * theme.MOVE)
        merged = [*map(FadeIn, self.discs[layer]), *map(FadeOut, packets.values())]
        self.play(*merged, *map(FadeIn, signs), run_time=theme.FADE)
        return sums

    def _balance(self) -> VGroup:
        """The line: errors of the hidden nodes, their sum, errors of the outputs."""
        size, last, total = theme.FORMULA, self.run.last, self.run.total
        left = [
            self._error_number(f"hidden error {k + 1}", e, self.hidden_spec, size)
            for k, e in enumerate(last.recombined)
        ]
        right = [
            self._error_number(f"output error {k + 1}", e, self.error_spec, size)
            for k, e in enumerate(last.errors)
        ]
        whole = self.number("sum of errors", total, self.error_spec, size=size)
        first, second = (self.symbol("=", size=size) for _ in range(2))
        pieces = [*self._added(left), first, whole, second, *self._added(right)]
        return row(pieces, 0, FORMULA_Y - 0.25, gap=0.2, align="center")

    def _clear(self) -> Animation:
        """What lies before the last links goes, and all that is summed up."""
        sums = (*self.input_sums, *self.hidden_sums)
        leaving = VGroup(self.diagram.edges[0], *self.diagram.neurons[0], *self.discs[0])
        leaving.add(
            *self.weights[0].values(), self.error_name, self.names[0], *[group for group, _ in sums]
        )
        return FadeOut(leaving.add(*[total for _, total in self.input_sums]))

    def _weight_sign(self, text: str) -> Words:
        return self.symbol(text, size=theme.NUMBER_SMALL, colour=theme.WEIGHT)

    def _sign_place(self, pair: Pair) -> tuple[float, float]:
        """Where a weight's letter stands: beside its number, clear of its link."""
        x, y, _ = self._link(1, pair, WEIGHT_AT)
        out = 1 if pair[0] == 0 else -1
        return x - 0.74, y + out * (0.28 if pair[0] == pair[1] else 0.08)

    def _split_numbers(self) -> dict[str, LiveNumber]:
        """The numbers of the formula, as they are for the first link."""
        last, made = self.run.last, {}
        rooms = {"E": last.errors, "part": last.parts}
        specs = {"E": self.error_spec, "part": self.hidden_spec}
        for key, (name, value) in self._in_formula((0, 0)).items():
            made[key] = self.number(
                name,
                value,
                specs.get(key, self.weight_spec),
                colour=theme.ERROR if key in rooms else theme.WEIGHT,
                size=theme.FORMULA,
                room=rooms.get(key, last.weights).ravel().tolist(),
                align="left" if key == "part" else "right",
            )
        return made

    def _in_formula(self, pair: Pair) -> dict[str, tuple[str, float]]:
        """Name and value of each number in the formula, for one link."""
        last, (j, i) = self.run.last, pair
        weight, other = (WEIGHT_NAME[1].format(j + 1, k + 1) for k in (i, 1 - i))
        return {
            "E": (f"output error {j + 1}", last.errors[j]),
            "w": (weight, last.weights[j, i]),
            "a": (weight, last.weights[j, i]),
            "b": (other, last.weights[j, 1 - i]),
            "part": (PART_NAME[1].format(j + 1, i + 1), last.parts[j, i]),
        }


def _spec(values: Iterable[Array]) -> str:
    """Fewest decimals, one to three, that write these values to the last bit but rounding."""
    given = np.concatenate([np.ravel(v) for v in values])
    for places in (1, 2):
        if np.allclose(given, np.round(given, places), rtol=0, atol=1e-9):
            return f".{places}f"
    return ".3f"


def solid(disc: Circle) -> Animation:
    """A trace becomes a packet again."""
    ring = disc.get_stroke_width() > 0
    lit = disc.animate.set_fill(opacity=FAINT if ring else 0.95)
    return lit.set_stroke(opacity=1) if ring else lit
