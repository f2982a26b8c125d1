"""Matrices: rows that come from links, that turn about the diagonal, that meet a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Mobject, smooth
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.arithmetic import sign_between
from scenes.kit.flip import flip
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.text import glyphs
from scenes.kit.text.words import OnBaseline
from scenes.kit.views.network import NetworkView

AIR = 0.26  # between numbers and brackets
SERIF = 0.13
LARGEST, ROOMY = theme.NUMBER_LARGE, 2.2  # text of a matrix alone, and how far apart it is
GAP, BETWEEN = 0.22, 0.7  # between the members of a product, and between its lines
BESIDE = 0.33  # how far aside of the diagonal's point numbers pass each other, in cells
Points = NDArray[np.float64]


class Grid:
    """Numbers in rows and columns between brackets; `column` of one number a row.

    Each cell is a list of texts (numbers, signs). All columns are equally wide, so that the grid
    may be turned. `draw` puts it around a point at a size.
    """

    def __init__(self, cells: Sequence[Sequence[Sequence[OnBaseline]]]) -> None:
        self.cells = [[list(cell) for cell in line] for line in cells]
        self.brackets = Stroke([[0, 0], [1, 0]], "ink", theme.LINE)
        self.pitch = np.array([1.0, 1.0])
        self.centre = np.zeros(2)

    def pieces(self) -> list[OnBaseline]:
        """All texts, row by row."""
        return [piece for line in self.cells for cell in line for piece in cell]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.cells), len(self.cells[0])

    def extent(self, size: float, roomy: float = 1.0) -> Points:
        """Width and height at a size of text; `roomy` sets the cells further apart."""
        rows, columns = self.shape
        across, down = self._pitch(size, roomy)
        width = self._widest(size)
        high = glyphs.cap_height(size, bold=True)
        return np.array(
            [(columns - 1) * across + width + 2 * AIR, (rows - 1) * down + high + 2 * 0.22]
        )

    def _widest(self, size: float) -> float:
        return max(_wide(cell, size) for line in self.cells for cell in line)

    def _pitch(self, size: float, roomy: float) -> Points:
        high = glyphs.cap_height(size, bold=True)
        return np.array([self._widest(size) + 0.32 * roomy * size / 34, high * (1 + 1.15 * roomy)])

    def draw(self, x: float, y: float, size: float, roomy: float = 1.0) -> None:
        """Stand around a point."""
        self.size, self.roomy = size, roomy
        self.centre, self.pitch = np.array([x, y]), self._pitch(size, roomy)
        for (i, j), cell in self.each():
            _put(cell, *self.at(i, j), size)
        self.bracket(self.shape)

    def each(self) -> list[tuple[tuple[int, int], list[OnBaseline]]]:
        """Cells by row and column."""
        return [((i, j), c) for i, line in enumerate(self.cells) for j, c in enumerate(line)]

    def at(self, i: float, j: float, shape: tuple[float, float] | None = None) -> Points:
        """The middle of a cell, in a grid of a shape around the same point."""
        rows, columns = shape or self.shape
        offset = np.array([j - (columns - 1) / 2, (rows - 1) / 2 - i])
        place: Points = self.centre + offset * self.pitch
        return place

    def bracket(self, shape: tuple[float, float]) -> None:
        """Brackets round a grid of a shape."""
        rows, columns = shape
        high = glyphs.cap_height(self.size, bold=True)
        half = (columns - 1) * self.pitch[0] / 2 + self._widest(self.size) / 2 + AIR
        top = (rows - 1) * self.pitch[1] / 2 + high / 2 + 0.2
        x, y = self.centre
        sides = [(x - half, SERIF), (x + half, -SERIF)]
        self.brackets.draw_all(
            [
                [[a + s, y + top], [a, y + top], [a, y - top], [a + s, y - top]]
                for a, s in sides
            ]
        )

    def diagonal(self) -> Stroke:
        """The diagonal, dashed, clear of the numbers on it."""
        count = min(self.shape)
        high = glyphs.cap_height(self.size, bold=True)
        free = 0.5 * min(1.0, 1.2 * high / self.pitch[1] + 0.1)
        cuts = []
        for k in range(-1, count):
            first = -0.62 if k < 0 else k + free
            last = count - 1 + 0.62 if k == count - 1 else k + 1 - free
            marks = np.linspace(first, last, 2 * max(2, round((last - first) * 6)))
            cuts += [
                [self.at(a, a), self.at(b, b)]
                for a, b in zip(marks[::2], marks[1::2], strict=True)
            ]
        stroke = Stroke([[0, 0], [1, 0]], "muted", theme.THIN)
        stroke.draw_all(cuts)
        return stroke

    def turned(self, share: float) -> None:
        """Be so far on the way (0 to 1) round the diagonal; no two numbers touch.

        Numbers near the diagonal change places first. The two of a pair go round each other, one
        above the diagonal's numbers, one below.
        """
        rows, columns = self.shape
        shape = (rows + (columns - rows) * share, columns + (rows - columns) * share)
        furthest = max(1, max(rows, columns) - 1)
        for (i, j), cell in self.each():
            distance = abs(i - j)
            phase = np.clip(share * furthest - (distance - 1), 0, 1) if distance else 0.0
            angle = np.pi * smooth(float(phase))
            middle, half = (i + j) / 2, (j - i) / 2
            aside = BESIDE * (0.75 if distance % 2 else 1.0) * np.sin(angle) * np.sign(j - i)
            _put(
                cell,
                *self.at(
                    middle - half * np.cos(angle) - aside, middle + half * np.cos(angle) - aside,
                    shape,
                ),
                self.size,
            )  # fmt: skip
        self.bracket(shape)

    def turn(self) -> None:
        """From now on the rows are what the columns were."""
        self.cells = [list(line) for line in zip(*self.cells, strict=True)]


def _wide(cell: Sequence[OnBaseline], size: float) -> float:
    widths = [(p.right_edge - p.left_edge) * size / p.size for p in cell]  # type: ignore[attr-defined]
    return float(sum(widths) + 0.12 * (len(cell) - 1))


def _put(cell: Sequence[OnBaseline], x: float, y: float, size: float) -> None:
    """Put texts side by side around a point, at a size."""
    pen = x - _wide(cell, size) / 2
    for piece in cell:
        sized(piece, size)
        piece.put_mid(pen, y, "left")
        pen = piece.right_edge + 0.12


def sized(piece: Any, size: float) -> Any:
    """A number or a sign at another size."""
    if isinstance(piece, Live):
        return piece.resize(size)
    if piece.size != size:
        piece.scale(size / piece.size, about_point=piece.box.points[0].copy())
        piece.size = size
    return piece


def grid(values: Values) -> Grid:
    """A matrix, or a vector as a column."""
    if len(values.shape) == 1:
        return Grid([[[Live(values[i])]] for i in range(len(values))])
    rows, columns = values.shape
    return Grid([[[Live(values[i, j])] for j in range(columns)] for i in range(rows)])


class Matrix(View):
    """One matrix, large, its letter above.

        matrix = Matrix(self.book.w, "W")
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
        inner = box.inset(0.1, 0.1, 0.65, 0.1)
        divisors = max((_wide(d, theme.NUMBER) for d in self.divisors), default=-0.3) + 0.3
        width, height = self.grid.extent(LARGEST, ROOMY)
        share = min(1.0, (inner.width - divisors) / width, inner.height / height)
        self._draw(inner.x - divisors / 2, inner.y, max(theme.LABEL, LARGEST * share))

    def _draw(self, x: float, y: float, size: float) -> None:
        """Stand around a point, the letter above, the divisors at the right."""
        self.grid.draw(x, y, size, ROOMY)
        width, height = self.grid.extent(size, ROOMY)
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
        seconds = 1.3 * max(1, max(self.grid.shape) - 1)

        def about() -> Step:
            moved = [*numbers, self.grid.brackets]
            turning = Sweep(moved, self.grid.turned, run_time=seconds, rate_func=lambda t: t)
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
        self.members, self.keys = (matrix, column, terms, result), heads

    def build(self) -> None:
        """Make the grids and the signs between them; sums and result wait in the wings."""
        matrix, column, terms, result = self.members
        worked = [[self._added(terms, i)] for i in range(terms.shape[0])]
        self.grids = [grid(matrix), grid(column), Grid(worked), grid(result)]
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
        """In one line, or in two where that would be too small."""
        inner = box.inset(0, 0, 0.5 if self.keys else 0.1, 0.1)
        whole = [[0, 1, 2, 3]]
        size = self._size(whole, inner)
        if size < 0.75 * theme.FORMULA and self._size([[0, 1], [2, 3]], inner) > size:
            whole = [[0, 1], [2, 3]]
            size = self._size(whole, inner)
        size = max(theme.LABEL, size)
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
                pen += width + GAP
            y -= self._rows_high(size) + BETWEEN
        for k, head in zip((0, 1, 3), self.heads, strict=False):
            if head is not None:
                g = self.grids[k]
                head.put(g.centre[0], g.centre[1] + g.extent(size)[1] / 2 + 0.2)

    def _rows_high(self, size: float) -> float:
        return max(float(g.extent(size)[1]) for g in self.grids)

    def _high(self, lines: list[list[int]], size: float) -> float:
        return len(lines) * self._rows_high(size) + BETWEEN * (len(lines) - 1)

    def _slot(self, k: int, size: float) -> float:
        """Width of a member with its head."""
        head = dict(zip((0, 1, 3), self.heads, strict=False)).get(k)
        own = float(self.grids[k].extent(size)[0])
        return own if head is None else max(own, head.right_edge - head.left_edge)

    def _line(self, line: list[int], size: float) -> float:
        signs = sum(0.34 + _wide([self.signs[k - 2]], size) for k in line if k >= 2)
        return sum(self._slot(k, size) + GAP for k in line) + signs - GAP

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
        """Row by row: the column's numbers go to the row's, products come out and are added."""
        steps: list[Any] = [lambda: Step(*self.reveal(self.signs[0], self.grids[2].brackets),
                                         run_time=theme.FADE)]  # fmt: skip
        for i in range(self.members[2].shape[0]):
            steps += [lambda i=i: self._across(i), lambda i=i: self._products(i)]
        return [*steps, lambda: self._totals()]

    def _across(self, i: int) -> Step:
        """Copies of the column's numbers go onto the row's; the other rows are dim."""
        matrix, column = self.grids[0], self.grids[1]
        self.ghosts = []
        starts, goals = [], []
        for j, cell in enumerate(matrix.cells[i]):
            here: Any = column.cells[j][0][0]
            ghost = Live(here.ref, matrix.size)
            ghost.move_to(here)
            starts.append(here.get_center())
            goals.append(cell[0].get_center())
            self.ghosts.append(ghost)
        self.add(*self.ghosts)
        others: list[Mobject] = [
            p for (q, _), c in matrix.each() for p in c if q != i
        ]

        def draw(alpha: float) -> None:
            for ghost, a, b in zip(self.ghosts, starts, goals, strict=True):
                ghost.move_to(a + (b - a) * alpha)
                ghost.set_fill(opacity=max(0.0, 1 - smooth(min(1.0, 1.3 * alpha))), family=False)
            for p in others:
                p.set_fill(opacity=0.3 + 0.7 * (1 - min(1.0, 3 * alpha)), family=False)

        return Step(Sweep([*self.ghosts, *others], draw, run_time=theme.MOVE))

    def _products(self, i: int) -> Step:
        """Products come out of the row's cells and go to their sum."""
        matrix, line = self.grids[0], self.grids[2].cells[i][0]
        numbers = [p for p in line if isinstance(p, Live)]
        signs = [p for p in line if not isinstance(p, Live)]
        moves: list[Any] = []
        self.add(*line)
        for number, cell in zip(numbers, matrix.cells[i], strict=True):
            moves.append(self.travel(number, cell[0]))  # type: ignore[arg-type]
        gone, self.ghosts = self.ghosts, []
        self.remove(*gone)
        self.story.drop(*gone)
        others = [p for (q, _), c in matrix.each() for p in c if q != i]

        def light(alpha: float) -> None:
            for p in others:
                p.set_fill(opacity=0.3 + 0.7 * alpha, family=False)

        return Step(*moves, *map(FadeIn, signs), Sweep(others, light, run_time=theme.MOVE))

    def _totals(self) -> Step:
        result = self.grids[3]
        return Step(*self.reveal(self.signs[1], result.brackets, *result.pieces(), *self.last))

    def idle(self, seconds: float) -> Sweep:
        """Row after row is bright, the others dim, as often as there is time for."""
        shown = {id(m) for m in self.group.submobjects}
        rows = [
            [cell for k in (0, 2, 3) for cell in self.grids[k].cells[i]]
            for i in range(self.grids[0].shape[0])
        ]
        parts = [[p for cell in row for p in cell if id(p) in shown] for row in rows]
        turns = max(1, round(seconds / 0.8 / len(parts))) * len(parts)

        def draw(alpha: float) -> None:
            now = alpha * turns
            for i, row in enumerate(parts):
                bright = int(min(now, turns - 1e-9)) % len(parts) == i
                swell = np.sin(np.pi * (now % 1.0)) ** 0.5 if 0 < alpha < 1 else 0.0
                for piece in row:
                    piece.set_fill(opacity=1.0 if bright else 1 - 0.6 * swell, family=False)

        return Sweep([p for row in parts for p in row], draw, run_time=seconds)
