"""Rows and columns of numbers between brackets, which can be turned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.quantities import Live, Values
from scenes.kit.shapes import Stroke
from scenes.kit.text import glyphs
from scenes.kit.text.words import OnBaseline

AIR = 0.26  # between numbers and brackets
SERIF = 0.13
_SHRINK = 0.3  # of the size of numbers while two pass each other
Points = NDArray[np.float64]


class Bracketed:
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
        return max(wide(cell, size) for line in self.cells for cell in line)

    def _pitch(self, size: float, roomy: float) -> Points:
        high = glyphs.cap_height(size, bold=True)
        return np.array([self._widest(size) + 0.32 * roomy * size / 34, high * (1 + 1.15 * roomy)])

    def draw(self, x: float, y: float, size: float, roomy: float = 1.0) -> None:
        """Stand around a point."""
        self.size, self.roomy = size, roomy
        self.centre, self.pitch = np.array([x, y]), self._pitch(size, roomy)
        for (i, j), cell in self.each():
            at = self.at(i, j)
            put(cell, float(at[0]), float(at[1]), size)
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
            [[[a + s, y + top], [a, y + top], [a, y - top], [a + s, y - top]] for a, s in sides]
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
                [self.at(a, a), self.at(b, b)] for a, b in zip(marks[::2], marks[1::2], strict=True)
            ]
        stroke = Stroke([[0, 0], [1, 0]], "muted", theme.THIN)
        stroke.draw_all(cuts)
        return stroke

    def turned(self, share: float) -> None:
        """Be so far on the way (0 to 1) round the diagonal.

        Of two rows and columns, in large print, the two numbers beside the diagonal pass each
        other on arcs. Another grid turns as a card in space: edge-on its numbers are nothing, and
        dark. No two touch on the way: two cells that are at least one apart across or down stay
        so, in sizes of their numbers.
        """
        rows, columns = self.shape
        shape = (rows + (columns - rows) * share, columns + (rows - columns) * share)
        turn, over = float(np.cos(np.pi * share)), float(np.sin(np.pi * share))
        small = self.shape == (2, 2) and self.size * (1 - _SHRINK) >= theme.LABEL
        size = 1 - _SHRINK * over if small else max(abs(turn), 0.02)
        for (i, j), cell in self.each():
            middle, half = (i + j) / 2, (j - i) / 2 * turn
            aside = (j - i) / 6 * over if small else 0.0
            at = self.at(middle - half + aside, middle + half + aside, shape)
            put(cell, float(at[0]), float(at[1]), self.size * size)
            for piece in cell:
                piece.set_fill(opacity=1.0 if small else turn**2, family=False)
        self.bracket(shape)

    def turn(self) -> None:
        """From now on the rows are what the columns were."""
        self.cells = [list(line) for line in zip(*self.cells, strict=True)]


def wide(cell: Sequence[OnBaseline], size: float) -> float:
    widths = [(p.right_edge - p.left_edge) * size / p.size for p in cell]
    return float(sum(widths) + 0.12 * (len(cell) - 1))


def put(cell: Sequence[OnBaseline], x: float, y: float, size: float) -> None:
    """Put texts side by side around a point, at a size."""
    gap = 0.12 * min(1.0, size / theme.LABEL)
    pen = x - (wide(cell, size) + (gap - 0.12) * (len(cell) - 1)) / 2
    for piece in cell:
        sized(piece, size)
        piece.put_mid(pen, y, "left")
        pen = piece.right_edge + gap


def sized(piece: Any, size: float) -> Any:
    """A number or a sign at another size."""
    if isinstance(piece, Live):
        return piece.resize(size)
    if piece.size != size:
        piece.scale(size / piece.size, about_point=piece.box.points[0].copy())
        piece.size = size
    return piece


def grid(values: Values) -> Bracketed:
    """A matrix, or a vector as a column."""
    if len(values.shape) == 1:
        return Bracketed([[[Live(values[i])]] for i in range(len(values))])
    rows, columns = values.shape
    return Bracketed([[[Live(values[i, j])] for j in range(columns)] for i in range(rows)])
