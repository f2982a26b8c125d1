"""Matrices: rows that come from links, that turn about the diagonal, that meet a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import linear

from scenes.kit import theme
from scenes.kit.arithmetic import sign_between
from scenes.kit.flip import flip
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.text.words import OnBaseline
from scenes.kit.views.bracketed import Bracketed, grid, sized, wide
from scenes.kit.views.network import NetworkView

LARGEST, ROOMY = theme.NUMBER_LARGE, 2.2  # text of a matrix alone, and how far apart it is
DIM = 0.45  # what rows that are not spoken of fade by
_MEET, _SWELL = 0.9, 0.22  # seconds in which two numbers meet, and by how much they swell
GAP, BETWEEN = 0.22, 0.7  # between the members of a product, and between its lines


class Matrix(View):
    """One matrix, large, its letter above.

    net, matrix = NetworkView(self.book.w), Matrix(self.book.w, "W")
    self.stage("net | matrix")
    self.beat("matrix", matrix.rows_from(net, 0), net=net, matrix=matrix)
    self.beat("turned", matrix.turn())
    """

    def __init__(self, values: Values, letter: str) -> None:
        super().__init__()
        self.values, self.letter = values, letter

    def build(self) -> None:
        """Make numbers, brackets and letter."""
        self.grid = grid(self.values)
        self.head = self.story.symbol(self.letter, size=theme.FORMULA, bold=True)
        self.raised = self.story.symbol("T", size=theme.LABEL, bold=True)
        self.is_turned = False
        self.divisors: list[list[Any]] = []
        self.add(self.grid.brackets, *self.grid.pieces(), self.head)

    def place(self, box: Box) -> None:
        """As large as fits, with room for what the rows are divided by."""
        inner = box.inset(0.1, 0.1, 0.75, 0.1)
        divisors = max((wide(d, theme.NUMBER) for d in self.divisors), default=-0.3) + 0.3
        for self.roomy in (ROOMY, 1.6, 1.1):
            width, height = self.grid.extent(LARGEST, self.roomy)
            share = min(1.0, (inner.width - divisors) / width, inner.height / height)
            if share * LARGEST > 1.2 * theme.LABEL:
                break
        self._draw(inner.x - divisors / 2, inner.y, max(theme.LABEL, LARGEST * share))

    def _draw(self, x: float, y: float, size: float) -> None:
        """Stand around a point, the letter above, the divisors at the right."""
        self.grid.draw(x, y, size, self.roomy)
        width, height = self.grid.extent(size, self.roomy)
        self.head.put(x, y + height / 2 + 0.25)
        self.raised.put(self.head.right_edge + 0.04, self.head.baseline + 0.22, "left")
        for i, line in enumerate(self.divisors):
            pen = x + width / 2 + 0.3
            for piece in line:
                sized(piece, min(size, theme.NUMBER)).put_mid(pen, self.grid.at(i, 0)[1], "left")
                pen = piece.right_edge + 0.14

    def enter(self) -> Step:
        """Brackets and letter; the numbers come from where they stand."""
        if self.origin is not None:
            return super().enter()
        numbers = self.grid.pieces()
        self.remove(*numbers)
        self.wait(*numbers)
        return Step(FadeIn(self.grid.brackets), FadeIn(self.head))

    @verb
    def rows_from(self, net: NetworkView, k: int) -> list[Any]:
        """Row by row: the weights of the links into each neuron fly to their places."""
        steps: list[Any] = []
        for j, line in enumerate(self.grid.cells):
            cells = [cell[0] for cell in line]
            steps += [net.focus(k, j), lambda cells=cells: self._row(cells)]
        return [*steps, net.focus(k, None)]

    def _row(self, cells: list[Any]) -> Step:
        self.add(*cells)
        return Step(*[self.fly(n) for n in cells])

    @verb
    def divided_by(self, sums: Values) -> list[Any]:
        """Beside each row what it is to be divided by: the sum of its numbers, which run in."""
        made = [[self.story.symbol("÷", size=theme.NUMBER), Live(sums[i], theme.NUMBER)]
                for i in range(self.grid.shape[0])]  # fmt: skip
        start = *self.grid.centre, self.grid.size
        self.divisors = made
        pieces = [p for line in made for p in line]
        return [*self._refit(start), lambda: Step(*self.reveal(*pieces))]

    @verb
    def become(self, values: Values, letter: str) -> list[Any]:
        """Each row's divisor goes into it, and its numbers flip to the quotients."""
        self.values = values
        changes = {
            cell[0]: values[i, j] for (i, j), cell in self.grid.each() if isinstance(cell[0], Live)
        }
        head = self.story.symbol(letter, size=theme.FORMULA, bold=True)
        head.put(self.head.get_x(), self.head.baseline)
        old, gone = self.head, [p for line in self.divisors for p in line]
        rows = [self.grid.at(i, 0) for i in range(len(self.divisors)) for _ in range(2)]
        self.divisors, self.head = [], head
        into = [
            p.animate.move_to([self.grid.centre[0], at[1], 0]).set_opacity(0)
            for p, at in zip(gone, rows, strict=True)
        ]

        def flipped() -> Step:
            self.remove(*gone, old)
            self.add(head)
            return Step(flip(changes, run_time=0.6), FadeOut(old), FadeIn(head), run_time=0.6)

        def settled() -> list[Step]:
            self.story.drop(*gone, old)
            return self._refit((*self.grid.centre, self.grid.size))

        return [Step(*into), flipped, settled]

    def _refit(self, start: tuple[float, ...]) -> list[Step]:
        """From where it is (place and size of text) to the middle of its box, as large as fits."""
        assert self.box is not None
        self.place(self.box)
        here, goal = np.array(start), np.array([*self.grid.centre, self.grid.size])
        if np.allclose(here, goal):
            return []

        def move(alpha: float) -> None:
            self._draw(*(here + (goal - here) * alpha))

        move(0.0)
        moved = [self.grid.brackets, *self.grid.pieces(), self.head]
        return [Step(Sweep(moved, move, run_time=theme.FADE))]

    @verb
    def turn(self) -> list[Any]:
        """Rows become columns: the matrix turns about its diagonal."""
        axis, numbers = self.grid.diagonal(), self.grid.pieces()
        seconds = theme.COUNT

        def about() -> Step:
            moved = [*numbers, self.grid.brackets]
            turning = Sweep(moved, self.grid.turned, run_time=seconds)
            shown = FadeIn(self.raised) if not self.is_turned else FadeOut(self.raised)
            self.add(self.raised)
            return Step(turning, shown, run_time=seconds)

        def done() -> Step:
            self.grid.turn()
            self.is_turned = not self.is_turned
            self.remove(axis)
            return Step(FadeOut(axis), run_time=theme.FADE)

        self.add(axis)
        return [Step(FadeIn(axis), run_time=theme.FADE), about, done]


class Product(View):
    """matrix · column = worked sums = result: each row meets the column.

    `terms` (rows, columns) are the products, `heads` the keys of the labels over matrix, column
    and result.

        product = Product(b.w, b.x, b.p, b.s, heads=("weights", "inputs", "outputs"))
        self.stage("product")
        self.beat("product", product.meet(), product=product)
    """

    def __init__(
        self, matrix: Values, column: Values, terms: Values, result: Values, *,
        heads: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self.bare = False
        self.members, self.keys = (matrix, column, terms, result), heads

    def build(self) -> None:
        """Make the grids and the signs between them; sums and result wait in the wings."""
        matrix, column, terms, result = self.members
        worked = [[self._added(terms, i)] for i in range(terms.shape[0])]
        self.grids = [grid(matrix), grid(column), Bracketed(worked), grid(result)]
        rows = range(terms.shape[0])
        pairs = [
            (self._pieces(matrix, column, i), self._pieces(terms, None, i), [result[i]])
            for i in rows
        ]
        first = {sign_between(a, b) for a, b, _ in pairs}
        second = {sign_between(b, c) for _, b, c in pairs}
        signs = ("=" if s == {"="} else "≈" for s in (first, second))
        self.signs = [self.story.symbol(s, size=theme.FORMULA) for s in signs]
        self.heads = [
            self.story.label(key, colour="muted" if k == 0 else "error") if key else None
            for k, key in enumerate(self.keys)
        ]
        labels = [h for h in self.heads[:2] if h is not None]
        self.last = [h for h in self.heads[2:] if h is not None]
        here = [self.grids[0], self.grids[1]]
        self.add(*[m for g in here for m in (g.brackets, *g.pieces())], *labels)
        late = [self.grids[2], self.grids[3]]
        self.wait(*self.signs, *self.last, *[m for g in late for m in (g.brackets, *g.pieces())])

    @staticmethod
    def _pieces(first: Values, second: Values | None, i: int) -> list[Ref | str]:
        """A row as a sum, for its sign of equality."""
        made: list[Ref | str] = []
        for j in range(first.shape[1]):
            made += [*(["+"] if j else []), first[i, j]]
            made += ["dot", second[j]] if second is not None else []
        return made

    def _added(self, terms: Values, i: int) -> list[OnBaseline]:
        made: list[OnBaseline] = []
        for j in range(terms.shape[1]):
            ref = terms[i, j]
            if j and ref.figure.text[0] not in "−+":
                made.append(self.story.symbol("+", size=theme.FORMULA))
            made.append(Live(ref, whole=False))
        return made

    def place(self, box: Box) -> None:
        """In one line, or in two where that would be too small; without heads in the least room."""
        two = [[0, 1], [2, 3]]
        for self.bare in (False, True):
            inner = box.inset(0, 0, 0.5 if self.keys and not self.bare else 0.1, 0.1)
            whole = [[0, 1, 2, 3]]
            size = self._size(whole, inner)
            if size < 0.75 * theme.FORMULA and self._size(two, inner) > size:
                whole, size = two, self._size(two, inner)
            if size >= theme.LABEL:
                break
        size = max(theme.LABEL, size)
        for head in self.heads:
            for shape in head.submobjects[:-1] if head is not None else []:
                shape.set_fill(opacity=float(not self.bare))
        high = self._high(whole, size)
        y = inner.y + (high - self._rows_high(size)) / 2
        for line in whole:
            pen = inner.x - self._line(line, size) / 2
            for k in line:
                if k >= 2:
                    sign = sized(self.signs[k - 2], size)
                    sign.put_mid(pen + 0.14, y, "left")
                    pen = sign.right_edge + 0.2
                width = self._slot(k, size)
                self.grids[k].draw(pen + width / 2, y, size)
                pen += width + self._gap
            y -= self._rows_high(size) + BETWEEN
        for k, head in zip((0, 1, 3), self.heads, strict=False):
            if head is not None:
                g = self.grids[k]
                head.put(g.centre[0], g.centre[1] + g.extent(size)[1] / 2 + 0.2)

    def _rows_high(self, size: float) -> float:
        return max(float(g.extent(size)[1]) for g in self.grids)

    def _high(self, lines: list[list[int]], size: float) -> float:
        return len(lines) * self._rows_high(size) + BETWEEN * (len(lines) - 1)

    @property
    def _gap(self) -> float:
        """Between two members."""
        return GAP / 2 if self.bare else GAP

    def _slot(self, k: int, size: float) -> float:
        """Width of a member with its head."""
        head = None if self.bare else dict(zip((0, 1, 3), self.heads, strict=False)).get(k)
        own = float(self.grids[k].extent(size)[0])
        return own if head is None else max(own, head.right_edge - head.left_edge)

    def _line(self, line: list[int], size: float) -> float:
        signs = sum(0.34 + wide([self.signs[k - 2]], size) for k in line if k >= 2)
        return sum(self._slot(k, size) + self._gap for k in line) + signs - self._gap

    def _size(self, lines: list[list[int]], box: Box) -> float:
        """The largest size of text at which lines fit a box."""
        sizes = np.linspace(LARGEST, theme.LABEL * 0.6, 24)
        fits = [
            s for s in sizes
            if self._high(lines, s) <= box.height
            and max(self._line(line, s) for line in lines) <= box.width
        ]  # fmt: skip
        return float(fits[0]) if fits else float(sizes[-1])

    @verb
    def meet(self) -> list[Any]:
        """Row by row: each of its numbers and its partner in the column swell, and their product
        comes out; then the products are added."""
        steps: list[Any] = [lambda: Step(*self.reveal(self.signs[0], self.grids[2].brackets),
                                         run_time=theme.FADE)]  # fmt: skip
        rows, columns = self.members[0].shape
        steps += [lambda i=i, j=j: self._pair(i, j) for i in range(rows) for j in range(columns)]
        return [*steps, lambda: self._totals()]

    def _pair(self, i: int, j: int) -> Step:
        """Two numbers that meet, the others dim, and their product."""
        pair = [*self.grids[0].cells[i][j], *self.grids[1].cells[j][0]]
        others = [p for g in self.grids[:2] for _, cell in g.each() for p in cell
                  if all(p is not q for q in pair)]  # fmt: skip
        line = self.grids[2].cells[i][0]
        starts = [k for k, p in enumerate(line) if isinstance(p, Live)]
        first, last = ([0, *[k - (not isinstance(line[k - 1], Live)) for k in starts[1:]],
                        len(line)][j + k] for k in (0, 1))  # fmt: skip
        come = line[first:last]
        self.add(*come)
        now = [1.0]

        def draw(alpha: float) -> None:
            swell = float(np.sin(np.pi * alpha)) ** 0.6 if 0 < alpha < 1 else 0.0
            for p in pair:
                p.scale((1 + _SWELL * swell) / now[0])
            now[0] = 1 + _SWELL * swell
            for p in others:
                p.set_fill(opacity=1 - DIM * swell, family=False)
            share = float(np.clip(2.5 * alpha - 1, 0, 1))
            for p in come:
                p.set_fill(opacity=share, family=False)

        return Step(Sweep([*pair, *others, *come], draw, run_time=_MEET, rate_func=linear),
                    run_time=_MEET)  # fmt: skip

    def _totals(self) -> Step:
        result = self.grids[3]
        return Step(*self.reveal(self.signs[1], result.brackets, *result.pieces(), *self.last))

    def idle(self, seconds: float) -> Sweep | None:
        """Row after row is bright, the others dim, as often as there is time for."""
        if self.group not in self.story.mobjects:
            return None
        shown = {id(m) for m in self.group.submobjects}
        rows = [
            [cell for k in (0, 2, 3) for cell in self.grids[k].cells[i]]
            for i in range(self.grids[0].shape[0])
        ]
        parts = [[p for cell in row for p in cell if id(p) in shown] for row in rows]
        turns = max(1, round(seconds / 0.8 / len(parts))) * len(parts)

        def draw(alpha: float) -> None:
            now = min(alpha / 0.95, 1.0) * turns  # its last frames are as it began
            for i, row in enumerate(parts):
                bright = int(min(now, turns - 1e-9)) % len(parts) == i
                swell = np.sin(np.pi * (now % 1.0)) ** 0.5 if 0 < now < turns else 0.0
                for piece in row:
                    piece.set_fill(opacity=1.0 if bright else 1 - DIM * swell, family=False)

        return Sweep([p for row in parts for p in row], draw, run_time=seconds)
