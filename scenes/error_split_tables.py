"""The error split as a product of matrices: the network beside them, their rows, the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, VGroup
from numpy.typing import NDArray

from nncore.errors import Array
from scenes.error_split_parts import (
    PART_NAME,
    RADIUS,
    WEIGHT_AT,
    WEIGHT_NAME,
    Backwards,
    solid,
)
from scenes.kit import theme
from scenes.kit.ledger import Figure, plain
from scenes.kit.matrix import Bracketed, in_columns
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.shapes import Arrow, point
from scenes.kit.text import LiveNumber, Words, row

BESIDE = (-6.1, -3.3)  # columns of the network beside the matrices
BESIDE_Y, BESIDE_PITCH, BESIDE_SIZE = -0.2, 2.9, 0.85
TABLE_LEFT = -2.5
TABLE_PITCH = 0.76
TABLE_Y = (1.1, -1.6)
ALONE_Y = -0.25
HEAD_ABOVE, NOTE_BELOW = 0.96, 1.06
LARGE_AT = (2.3, -0.35)

Numbers = NDArray[np.object_]


class Tables(Backwards):
    """The last links as a matrix: large, with its rows tied to the outputs, then in products."""

    # The network beside

    def _make_room(self) -> list[Animation]:
        """The last links go left, steeper, with their errors."""
        diagram, edges = self.diagram, self.links
        places = [
            np.column_stack([np.full(2, x), BESIDE_Y + BESIDE_PITCH * np.array([0.5, -0.5])])
            for x in BESIDE
        ]
        starts, ends = diagram.places[1:]

        def draw(alpha: float) -> None:
            for links in edges:
                links.starts = starts + (places[0] - starts) * alpha
                links.ends = ends + (places[1] - ends) * alpha
                links.gap = RADIUS * (1 + (BESIDE_SIZE - 1) * alpha)
                links.draw(links.weights)

        moves: list[Animation] = [Sweep(edges, draw, run_time=theme.MOVE)]
        for (j, i), weight in self.weights[1].items():
            at = places[0][i] + (places[1][j] - places[0][i]) * WEIGHT_AT
            moves.append(weight.animate.scale(BESIDE_SIZE).move_to(point(*at)))
        for layer, numbers in ((1, [total for _, total in self.hidden_sums]), (2, self.errors)):
            moves.append(self.names[layer].animate.put_mid(BESIDE[layer - 1], BESIDE_Y))
            for k, number in enumerate(numbers):
                x, y = places[layer - 1][k]
                at = x, y + (0.66 if k == 0 else -0.66)
                moves.append(number.animate.scale(theme.CAPTION / number.size).put_mid(*at))
                for round_ in (diagram.neurons[layer][k], self.discs[layer][k]):
                    lit = solid(round_) if round_ in self.discs[layer] else round_.animate
                    moves.append(lit.scale(BESIDE_SIZE).move_to(point(x, y)))
        self.beside = places
        self.add(*self.weights[1].values())
        self.add(*diagram.neurons[1], *diagram.neurons[2], *self.discs[1], *self.discs[2])
        return moves

    def _to_rows(self, block: Bracketed) -> list[Arrow]:
        """From each output to its row of the matrix."""
        end = float(block.brackets.get_left()[0]) - 0.5  # the shares may be wider
        radius = RADIUS * BESIDE_SIZE
        return [
            Arrow(
                (x + radius + 0.12, y),
                (end, block.rows[j][0].get_center()[1]),
                theme.MUTED,
                width=theme.THIN,
                head=0.18,
            )
            for j, (x, y) in enumerate(self.beside[1])
        ]

    def _into_row(self, block: Bracketed, out: int) -> list[Animation]:
        """The weights of the links into an output fly into their row."""
        starts = [self.weights[1][out, i][1].get_center() for i in range(2)]
        return [
            FadeIn(number, target_position=start, scale=0.6)
            for number, start in zip(block.rows[out], starts, strict=True)
        ]

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
        for members, y in zip(made, (ALONE_Y, TABLE_Y[1]), strict=True):
            for member in members:
                member.shift(point(0, y))
        return made

    def _table(self, matrix: Numbers, vector: Numbers, parts: Numbers, sums: Numbers) -> list[Any]:
        """A product's members; row i of matrix and parts holds what goes to hidden node i."""
        first, second = (self.symbol("=", size=theme.FORMULA) for _ in range(2))
        worked = [self._added([parts[0, i], parts[1, i]]) for i in range(2)]
        return [
            Bracketed([[matrix[0, i], matrix[1, i]] for i in range(2)], pitch=TABLE_PITCH),
            Bracketed([[vector[j]] for j in range(2)], pitch=TABLE_PITCH),
            first.put_mid(0, 0),
            Bracketed(worked, gap=0.16, pitch=TABLE_PITCH),
            second.put_mid(0, 0),
            Bracketed([[sums[i]] for i in range(2)], pitch=TABLE_PITCH),
        ]

    def _large(self, name: str, values: Array, spec: str) -> Bracketed:
        """A matrix of a row for each output, large, alone on its side of the picture."""
        made = self._quiet(name, values, spec, theme.WEIGHT, theme.NUMBER_LARGE)
        block = Bracketed([list(numbers) for numbers in made], gap=0.9, pitch=1.5)
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
        size: float = theme.FORMULA,
    ) -> Numbers:
        """Numbers that are entered in the ledger only when they are shown."""
        made = np.empty(values.shape, dtype=object)
        for index, value in np.ndenumerate(values):
            room = values[index[0]] if values.ndim > 1 else values
            figure = Figure(name.format(*(k + 1 for k in index)), plain(value), spec, colour)
            made[index] = LiveNumber(figure, size=size, room=room.tolist())
        return made

    def _large_head(self, letter: str) -> Words:
        """The letter above the large matrix."""
        head = self.symbol(letter, size=theme.FORMULA, bold=True)
        return head.put(LARGE_AT[0], LARGE_AT[1] + 1.45)

    def _note(self, key: str, matrix: Bracketed, y: float) -> Words:
        """What a table's matrix holds, below it."""
        return self.label(key, colour=theme.MUTED).put(matrix.middle[0], y - NOTE_BELOW)

    def _raised(self, letter: Words) -> Words:
        """The T of a transposed matrix."""
        sign = self.symbol("T", size=theme.TICK, bold=True)
        return sign.put(letter.right_edge + 0.03, letter.baseline + 0.2, "left")

    def _vector_head(self, key: str, x: float, y: float) -> VGroup:
        """The head of a column of errors: e, and which errors they are."""
        letter = self.symbol("e", size=theme.FORMULA, colour=theme.ERROR, bold=True)
        which = self.label(key, size=theme.TICK, colour=theme.ERROR)
        head = row([letter, which], x, y, gap=0.06, align="center")
        which.put(which.left_edge, y - 0.1, "left")
        return head

    def _enter(self, block: Bracketed) -> None:
        """Enter the numbers of a table, about to be shown, in the ledger."""
        for number in block.numbers():
            self.settle(number, number.value)
