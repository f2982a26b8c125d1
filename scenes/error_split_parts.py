"""What the error split is drawn with: packets of error on links, numbers, product tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, Circle, FadeIn, FadeOut, RoundedRectangle, VGroup
from numpy.typing import NDArray

from nncore.error_split import Split, Transposed
from nncore.errors import Array
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.ledger import Figure, Value, decimals, plain
from scenes.kit.matrix import Bracketed, in_columns
from scenes.kit.network import Diagram
from scenes.kit.shapes import Points, point
from scenes.kit.text import LiveNumber, OnBaseline, Words, row

COLUMNS = (-4.5, -0.1, 4.3)
NETWORK_Y = 0.32
PITCH = 2.3
RADIUS = 0.45
LARGEST_DISC = 0.4
WEIGHT_AT = 0.7  # place of a weight on its link, from its start (0) to its end (1)
REST_STRAIGHT, REST_ACROSS = 0.2, 0.3  # where a packet waits, in the same measure
FORMULA_Y = -2.3
SMALL = 0.72
SMALL_AT = (-4.45, 0.0)
TABLE_LEFT = -1.7
TABLE_Y = (1.05, -1.2)
LARGE_AT = (2.4, 0.05)
HEAD_Y = 2.1
FAINT = 0.25

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
        leaving.add(*self.weights[0].values(), self.error_name, *[group for group, _ in sums])
        return FadeOut(leaving.add(*[total for _, total in self.input_sums]))

    def _make_room(self) -> list[Animation]:
        """The last links go left, smaller, with their errors."""
        diagram, weights = self.diagram, self.weights
        network = VGroup(diagram.edges[1], *diagram.neurons[1], *diagram.neurons[2])
        network.add(*weights[1].values())
        moves = [network.animate.scale(SMALL).move_to(point(*SMALL_AT))]
        centre = np.array([(COLUMNS[1] + COLUMNS[2]) / 2, NETWORK_Y])
        for layer, numbers in ((1, [total for _, total in self.hidden_sums]), (2, self.errors)):
            for k, number in enumerate(numbers):
                x, y = (diagram.places[layer][k] - centre) * SMALL + SMALL_AT
                at = x, y + (0.55 if k == 0 else -0.55)
                moves.append(number.animate.scale(theme.LABEL / number.size).put_mid(*at))
                moves.append(solid(self.discs[layer][k]).scale(SMALL).move_to(point(x, y)))
        self.add(network, *self.discs[1], *self.discs[2])
        return moves

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

    # Tables

    def _tables(self) -> list[list[Any]]:
        """Both products in common columns: matrix, vector, =, worked, =, result; not yet shown."""
        last, whole = self.run.last, self.run.plain
        errors, hidden, carried = "output error {}", "hidden error {}", "carried error {}"
        share, product = "share of output error {} for {}", "product of output error {} for {}"
        made = [
            self._table(
                self._quiet(share, last.shares, self.share_spec, theme.WEIGHT),
                self._quiet(errors, last.errors, self.error_spec),
                self._quiet(PART_NAME[1], last.parts, self.hidden_spec),
                self._quiet(hidden, last.recombined, self.hidden_spec),
            ),
            self._table(
                self._quiet(WEIGHT_NAME[1], whole.weights, self.weight_spec, theme.WEIGHT),
                self._quiet(errors, whole.errors, self.error_spec),
                self._quiet(product, whole.products, self.plain_spec),
                self._quiet(carried, whole.carried, self.plain_spec),
            ),
        ]
        in_columns(made, left=TABLE_LEFT, right=theme.RIGHT)
        for members, y in zip(made, TABLE_Y, strict=True):
            for member in members:
                member.shift(point(0, y))
        return made

    def _table(self, matrix: Numbers, vector: Numbers, parts: Numbers, sums: Numbers) -> list[Any]:
        """A product's members; row i of matrix and parts holds what goes to hidden node i."""
        first, second = (self.symbol("=", size=theme.NUMBER_SMALL) for _ in range(2))
        return [
            Bracketed([[matrix[0, i], matrix[1, i]] for i in range(2)]),
            Bracketed([[vector[j]] for j in range(2)]),
            first.put_mid(0, 0),
            Bracketed([self._added([parts[0, i], parts[1, i]]) for i in range(2)], gap=0.16),
            second.put_mid(0, 0),
            Bracketed([[sums[i]] for i in range(2)]),
        ]

    def _large(self, name: str, values: Array, spec: str) -> Bracketed:
        """A matrix of a row for each output, large, alone on its side of the picture."""
        made = self._quiet(name, values, spec, theme.WEIGHT, theme.NUMBER_LARGE)
        block = Bracketed([list(numbers) for numbers in made], gap=0.7, pitch=1.7)
        return block.move_to(point(*LARGE_AT))

    def _divisors(self, weights: Bracketed) -> VGroup:
        """Beside each row the sum by which it is divided."""
        x = weights.brackets.get_right()[0] + 0.35
        rows = []
        for j, numbers in enumerate(weights.rows):
            value = self.run.last.row_sums[j]
            name = f"sum of weights into output {j + 1}"
            divisor = self.number(name, value, self.weight_spec, size=theme.NUMBER)
            sign = self.symbol("÷", size=theme.NUMBER)
            rows.append(row([sign, divisor], x, numbers[0].baseline, gap=0.16, align="left"))
        return VGroup(*rows)

    def _quiet(
        self,
        name: str,
        values: Array,
        spec: str,
        colour: str = theme.ERROR,
        size: float = theme.NUMBER_SMALL,
    ) -> Numbers:
        """Numbers that are entered in the ledger only when they are shown."""
        made = np.empty(values.shape, dtype=object)
        for index, value in np.ndenumerate(values):
            room = values[index[0]] if values.ndim > 1 else values
            figure = Figure(name.format(*(k + 1 for k in index)), plain(value), spec, colour)
            made[index] = LiveNumber(figure, size=size, room=room.tolist())
        return made

    def _raised(self, letter: Words) -> Words:
        """The T of a transposed matrix."""
        sign = self.symbol("T", size=theme.TICK, bold=True)
        return sign.put(letter.right_edge + 0.03, letter.baseline + 0.2, "left")

    def _vector_head(self, key: str, x: float) -> VGroup:
        """The head of a column of errors: e, and which errors they are."""
        letter = self.symbol("e", size=theme.FORMULA, colour=theme.ERROR, bold=True)
        which = self.label(key, size=theme.TICK, colour=theme.ERROR)
        head = row([letter, which], x, HEAD_Y, gap=0.06, align="center")
        which.put(which.left_edge, HEAD_Y - 0.1, "left")
        return head

    def _enter(self, block: Bracketed) -> None:
        """Enter the numbers of a table, about to be shown, in the ledger."""
        for number in block.numbers():
            self.settle(number, number.value)


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
