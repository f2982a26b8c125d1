"""The error split: output errors carried back over the links, by weight, then as a matrix."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from manim import Animation, Circle, ReplacementTransform
from manim.utils.rate_functions import there_and_back
from pydantic import Field, field_validator

from nncore.error_split import carry_back, split, transposed
from scenes.error_split_parts import (
    ALL,
    COLUMNS,
    FAINT,
    FORMULA_Y,
    NETWORK_Y,
    PART_NAME,
    PITCH,
    RADIUS,
    WEIGHT_NAME,
    ErrorSplitRun,
    Pair,
    solid,
)
from scenes.error_split_tables import (
    ALONE_Y,
    HEAD_ABOVE,
    TABLE_Y,
    Tables,
)
from scenes.kit import theme
from scenes.kit.formula import Formula
from scenes.kit.ledger import Figure
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.network import Diagram
from scenes.kit.params import ClipParams
from scenes.kit.shapes import point
from scenes.kit.text import LiveNumber

WIDEST = 0.22
NAME_ASIDE = 0.42
GO = 1.2
SMALLEST_ERROR = 0.1

Weight = Annotated[float, Field(ge=0.1, le=9.9)]


class ErrorSplitParams(ClipParams):
    """Parameters of the error split."""

    output_error_1: float = Field(
        0.8, ge=-2, le=2, description="error at output 1, at least 0.1 in size"
    )
    output_error_2: float = Field(
        0.5, ge=-2, le=2, description="error at output 2, at least 0.1 in size"
    )
    weights_1: tuple[Weight, ...] = Field(
        (2.0, 3.0), min_length=2, max_length=2, description="weights into output 1"
    )
    weights_2: tuple[Weight, ...] = Field(
        (1.0, 4.0), min_length=2, max_length=2, description="weights into output 2"
    )
    hidden_weights_1: tuple[Weight, ...] = Field(
        (3.0, 2.0), min_length=2, max_length=2, description="weights into hidden node 1"
    )
    hidden_weights_2: tuple[Weight, ...] = Field(
        (1.0, 7.0), min_length=2, max_length=2, description="weights into hidden node 2"
    )

    @field_validator("output_error_1", "output_error_2")
    @classmethod
    def _something_to_split(cls, value: float) -> float:
        if abs(value) < SMALLEST_ERROR:
            raise ValueError(f"an error to split must be at least {SMALLEST_ERROR} in size")
        return value


class ErrorSplit(Tables):
    """Errors go back along the links, each link's part in proportion to its weight."""

    slug = "error-split"
    Params = ErrorSplitParams

    @staticmethod
    def compute(params: ErrorSplitParams) -> ErrorSplitRun:
        """Two layers of the split, and the product without its denominators."""
        errors = [params.output_error_1, params.output_error_2]
        into_outputs = [params.weights_1, params.weights_2]
        into_hidden = [params.hidden_weights_1, params.hidden_weights_2]
        last, before = carry_back(errors, [into_outputs, into_hidden])
        whole = transposed(errors, into_outputs)
        return ErrorSplitRun(last, before, whole, float(last.errors.sum()))

    def construct(self) -> None:
        """Draw the sections: network, halves, shares, one layer further, the matrix."""
        self._formats()
        self._network()
        self._errors()
        self._halves()
        self._doubt()
        self._first_split()
        self._second_split()
        self._recombine()
        self._further()
        self._matrix()
        self._transpose()
        self._product()
        self._undivided()

    # The network and its errors

    def _network(self) -> None:
        self.section("network")
        layers = [self.run.before.weights, self.run.last.weights]
        largest = float(max(w.max() for w in layers))
        self.diagram = Diagram(
            [2, 2, 2],
            layers,
            columns=COLUMNS,
            y=NETWORK_Y,
            pitch=PITCH,
            radius=RADIUS,
            widest=WIDEST,
            largest=largest,
        )
        self.links = self._by_output(layers[1], WIDEST, largest)
        self.diagram.remove(self.diagram.edges[1])
        self.diagram.add_to_back(*self.links)
        self.weights = [{p: self._weight(k, p, w[p]) for p in ALL} for k, w in enumerate(layers)]
        keys = ("input-layer", "hidden-layer", "output-layer")
        self.names = [
            self.label(key, colour=theme.MUTED).put_mid(x - NAME_ASIDE, NETWORK_Y)
            for key, x in zip(keys, COLUMNS, strict=True)
        ]
        self.say("network", along=[FadeIn(self.diagram), *map(FadeIn, self.names)])
        labels = [*self.weights[0].values(), *self.weights[1].values()]
        self.play(*map(FadeIn, labels), run_time=theme.MOVE)

    def _errors(self) -> None:
        self.section("errors")
        errors, spec = self.run.last.errors, self.error_spec
        self.errors, self.discs = [], {2: []}
        for j, (x, y) in enumerate(self.diagram.places[2]):
            number = self._error_number(f"output error {j + 1}", errors[j], spec, self.error_size)
            self.errors.append(number.put_mid(x + RADIUS + 0.22, y, "left"))
            self.discs[2].append(self._disc(errors[j], point(x, y)))
        self.error_name = self.label("error", colour=theme.ERROR)
        first = self.errors[0]
        self.error_name.put(first.left_edge, first.baseline + 0.55, "left")
        said = self._said(
            ("first", "output error 1", errors[0], spec),
            ("second", "output error 2", errors[1], spec),
        )
        self.say("errors", said, along=[FadeIn(d, scale=0.3) for d in self.discs[2]])
        self.play(*map(FadeIn, self.errors), FadeIn(self.error_name), run_time=theme.MOVE)

    # Two ways to split

    def _halves(self) -> None:
        self.section("equal")
        self.say("equal")
        packets, numbers, moves = self._send(1, ALL, self.run.last.equal_parts, equal=True)
        self.halves = packets, numbers
        trace = [d.animate.set_opacity(FAINT) for d in self.discs[2]]
        self.play(*moves, *trace, run_time=GO)

    def _doubt(self) -> None:
        self.section("doubt")
        packets, numbers = self.halves
        w = self.run.last.weights
        self.say("doubt" if np.any(w[:, 0] != w[:, 1]) else "no-doubt")
        weights = [label[1] for label in self.weights[1].values()]
        pulse = [n.animate(rate_func=there_and_back).scale(1.3) for n in weights]
        self.play(*pulse, run_time=theme.MOVE)
        home = [d.animate.move_to(self._link(1, p, 1.0)) for p, d in packets.items()]
        self.play(*home, *map(FadeOut, numbers.values()), run_time=theme.MOVE)
        back = [*map(solid, self.discs[2]), *map(FadeOut, packets.values())]
        self.play(*back, run_time=theme.FADE)

    def _first_split(self) -> None:
        self.section("split-1")
        self.split_numbers = self._split_numbers()
        tint = {"share": theme.ERROR, "err": theme.ERROR}
        self.formula = Formula(
            "{{ e : share }} = {{ E : err }} dot frac({{ w : wa }}, {{ w : wb }} + {{ w' : wc }})"
            " = [E] dot frac([w], [a] + [b]) = [part]",
            self.split_numbers,
            tint=tint | dict.fromkeys(("wa", "wb", "wc"), theme.WEIGHT),
        )
        self.formula.move_to(point(0, FORMULA_Y))
        self.packets: dict[Pair, Circle] = {}
        self.parts: dict[Pair, LiveNumber] = {}
        self.signs = {i: self._weight_sign(text) for i, text in enumerate(("w", "w′"))}
        signs = [s.put_mid(*self._sign_place((0, i))) for i, s in self.signs.items()]
        shown = [FadeIn(self.formula), *map(FadeIn, signs), *self._dim(1)]
        self.say("split", self._split_said(0), along=shown)
        self.play(*self._departure((0, 0)), run_time=GO)
        self.wait(theme.FADE)
        self._turn_formula((0, 0), (0, 1))

    def _second_split(self) -> None:
        self.section("split-2")
        self.say("split-again", self._split_said(1))
        self._turn_formula((0, 1), (1, 0))
        self.wait(theme.FADE)
        self._turn_formula((1, 0), (1, 1))

    def _split_said(self, out: int) -> dict[str, Figure]:
        last, spec = self.run.last, self.hidden_spec
        name = PART_NAME[1]
        return self._said(
            ("error", f"output error {out + 1}", last.errors[out], self.error_spec),
            ("first", name.format(out + 1, 1), last.parts[out, 0], spec),
            ("second", name.format(out + 1, 2), last.parts[out, 1], spec),
        )

    def _departure(self, pair: Pair) -> list[Animation]:
        """The packet of one link sets out; where it was, a trace of the error stays."""
        packets, numbers, moves = self._send(1, [pair], self.run.last.parts)
        self.packets |= packets
        self.parts |= numbers
        if pair[1] == 0:
            moves.append(self.discs[2][pair[0]].animate.set_opacity(FAINT))
        return moves

    def _turn_formula(self, before: Pair, after: Pair) -> None:
        """The formula's numbers run to the next link's, while its packet sets out."""
        numbers = self.split_numbers
        also = self._turn_signs(after)
        if before[0] != after[0]:
            also += self._dim(before[0]) + self._light(after[0])
        start, end = self._in_formula(before), self._in_formula(after)

        def draw(alpha: float) -> None:
            now = {k: start[k][1] + (end[k][1] - start[k][1]) * alpha for k in ("E", "a", "b")}
            share = split([now["E"]], [[now["a"], now["b"]]]).parts[0, 0]
            for key, value in (now | {"w": now["a"], "part": share}).items():
                numbers[key].show(value)

        for key, (name, _) in end.items():
            numbers[key].name = name
        ends = {numbers[key]: value for key, (_, value) in end.items()}
        self.sweep(draw, ends=ends, run_time=GO, along=[*self._departure(after), *also])

    def _turn_signs(self, pair: Pair) -> list[Animation]:
        """The letters w and w' go to the link looked at and to the other into its output."""
        out, node = pair
        letters = {"w": self.signs[1 - node], "w′": self.signs[node]}
        places = {"w": self._sign_place(pair), "w′": self._sign_place((out, 1 - node))}
        if node == 1:  # the links of the same output: the letters change places
            self.signs = {1: letters["w"], 0: letters["w′"]}
            turn = 1.6
            return [letters[k].animate(path_arc=turn).put_mid(*places[k]) for k in ("w", "w′")]
        gone = [FadeOut(sign) for sign in self.signs.values()]
        fresh = [self._weight_sign(k).put_mid(*places[k]) for k in ("w", "w′")]
        self.signs = dict(enumerate(fresh))
        return [*gone, *map(FadeIn, fresh)]

    # What comes together

    def _recombine(self) -> None:
        self.section("recombine")
        figures = {"total": self.figure("sum of errors", self.run.total, self.error_spec)}
        gone = [*map(FadeOut, self.signs.values()), *self._light(0)]
        self.say("recombine", figures, along=[FadeOut(self.formula), *gone])
        self.hidden_sums = self._arrive(1, self.packets, self.parts)
        self.balance = self._balance()
        self.play(FadeIn(self.balance), run_time=theme.MOVE)

    def _further(self) -> None:
        self.section("further")
        self.say("further", along=[FadeOut(self.balance)])
        packets, numbers, moves = self._send(0, ALL, self.run.before.parts)
        trace = [d.animate.set_opacity(FAINT) for d in self.discs[1]]
        self.play(*moves, *trace, run_time=GO)
        self.wait(theme.SHORTEST)
        self.input_sums = self._arrive(0, packets, numbers)

    # The matrix

    def _matrix(self) -> None:
        self.section("matrix")
        last = self.run.last
        self.hush(along=[self._clear()])
        self.say("matrix", along=self._make_room())
        weights = self._large(WEIGHT_NAME[1], last.weights, self.weight_spec)
        head = self._large_head("W")
        arrows = self._to_rows(weights)
        self._enter(weights)
        frame = FadeIn(weights.brackets), FadeIn(head), FadeIn(arrows[0]), *self._dim(1)
        self.play(*frame, run_time=theme.FADE)
        self.play(*self._into_row(weights, 0), run_time=theme.MOVE)
        self.play(*self._dim(0), *self._light(1), FadeIn(arrows[1]), run_time=theme.FADE)
        self.play(*self._into_row(weights, 1), run_time=theme.MOVE)
        divisors = self._divisors(weights)
        self.play(FadeIn(divisors), *self._light(0), run_time=theme.FADE)
        self.say("shares")
        self.shares = self._large("share of output error {} for {}", last.shares, self.share_spec)
        self._enter(self.shares)
        self.head, self.arrows = self._large_head("S"), arrows
        gone = *map(FadeOut, weights.numbers()), FadeOut(divisors), FadeOut(head)
        brackets = ReplacementTransform(weights.brackets, self.shares.brackets)
        self.play(*gone, brackets, run_time=theme.FADE)
        shown = *map(FadeIn, self.shares.numbers()), FadeIn(self.head)
        self.play(*shown, run_time=theme.FADE)

    def _transpose(self) -> None:
        self.section("transpose")
        shares = self.shares
        axis = shares.diagonal()
        self.say("transpose", along=[FadeIn(axis), *map(FadeOut, self.arrows)])
        self.raised = self._raised(self.head)
        self.sweep(shares.exchange(), *shares.numbers(), along=[FadeIn(self.raised)])
        self.play(FadeOut(axis), run_time=theme.FADE)

    def _into_table(self) -> list[Animation]:
        """The large matrix, turned, takes its place in the product."""
        matrix = self.tables[0][0]
        pairs = [(self.shares.rows[j][i], matrix.rows[i][j]) for j, i in ALL]
        pairs.append((self.shares.brackets, matrix.brackets))
        self._enter(matrix)
        goal = point(matrix.middle[0], ALONE_Y + HEAD_ABOVE)
        shift = goal - point(self.head.get_x(), self.head.baseline)
        return [
            *[ReplacementTransform(large, small) for large, small in pairs],
            self.head.animate.shift(shift),
            self.raised.animate.shift(shift),
        ]

    def _product(self) -> None:
        self.section("product")
        self.tables = self._tables()
        matrix, vector, equals, worked, again, result = self.tables[0]
        y = ALONE_Y + HEAD_ABOVE
        heads = [
            self._vector_head("of-output", vector.get_x(), y),
            self.symbol("=", size=theme.NUMBER_SMALL).put(again.get_x(), y),
            self._vector_head("of-hidden", result.get_x(), y),
        ]
        note = self._note("shares", matrix, ALONE_Y)
        last, spec = self.run.last, self.hidden_spec
        said = self._said(
            ("first", "hidden error 1", last.recombined[0], spec),
            ("second", "hidden error 2", last.recombined[1], spec),
        )
        self.say("product", said, along=self._into_table())
        self._enter(vector)
        self.play(*map(FadeIn, (heads[0], vector, note)), run_time=theme.FADE)
        self._enter(worked)
        self.play(FadeIn(equals), FadeIn(worked), run_time=theme.MOVE)
        self._enter(result)
        shown = [FadeIn(m) for m in (again, result, *heads[1:])]
        self.play(*shown, run_time=theme.MOVE)
        self.first = [*self.tables[0], *heads, note, self.head, self.raised]

    def _undivided(self) -> None:
        self.section("undivided")
        weights, *others = self.tables[1]
        y = TABLE_Y[1] + HEAD_ABOVE
        head = self.symbol("W", size=theme.FORMULA, bold=True).put(weights.middle[0], y)
        errors = self._vector_head("of-output", others[0].get_x(), y)
        labels = head, self._raised(head), errors, self._note("weights", weights, TABLE_Y[1])
        self._enter(weights)
        up = point(0, TABLE_Y[0] - ALONE_Y)
        verdict, figures = self._scale_said()
        self.say(verdict, figures, along=[m.animate.shift(up) for m in self.first])
        for member in (others[0], others[2], others[4]):
            self._enter(member)
        self.play(*map(FadeIn, (weights, *labels, *others[:3])), run_time=theme.MOVE)
        self.play(*map(FadeIn, others[3:]), run_time=theme.MOVE)
        self.say("simpler" if verdict == "scaled" else "simpler-apart")

    def _scale_said(self) -> tuple[str, dict[str, Figure]]:
        """The caption that is true of the sums of weights, by which the split divides."""
        sums = self.run.last.row_sums
        first, second = (
            self.figure(f"sum of weights into output {j + 1}", total, self.weight_spec)
            for j, total in enumerate(sums)
        )
        if not self._alike(*sums):
            return "scaled-apart", {"first": first, "second": second}
        if self._alike(sums[0], 1):
            return "same-scale", {"first": first}
        return "scaled", {"sum": first, "times": first}

    @staticmethod
    def _alike(first: float, second: float) -> bool:
        return bool(np.isclose(first, second, rtol=1e-9))
