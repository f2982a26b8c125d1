"""Matrices and their products on screen: rows of texts between brackets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from manim import Mobject, VGroup, smooth

from scenes.kit import theme
from scenes.kit.shapes import Points, Stroke, dashes, point
from scenes.kit.text.words import LiveNumber, OnBaseline, row

_SERIF = 0.12
_AIR = 0.22
_ABOVE = 0.21
_COLUMN_GAP = 0.24


class Bracketed(VGroup):
    """Rows of texts between square brackets, `pitch` apart, centred on the origin.

    Each row is set from its pieces with `gap` between them, around the middle.
    """

    def __init__(
        self, rows: Sequence[Sequence[OnBaseline]], *, gap: float = 0.3, pitch: float = 0.7
    ) -> None:
        self.rows = [list(pieces) for pieces in rows]
        middle = (len(rows) - 1) / 2
        for k, pieces in enumerate(self.rows):
            _set(pieces, (middle - k) * pitch, gap)
        half = max(r[-1].right_edge - r[0].left_edge for r in self.rows) / 2 + _AIR
        first = self.rows[0][0]
        top = middle * pitch + (float(first.box.points[-1, 1]) - first.baseline) / 2 + _ABOVE
        self.brackets = Stroke([[0, 0], [1, 0]], theme.INK, theme.LINE)
        self.brackets.draw_all(
            [[[x - s, top], [x, top], [x, -top], [x - s, -top]] for x, s in _sides(half)]
        )
        super().__init__(self.brackets, *[piece for pieces in self.rows for piece in pieces])

    @property
    def middle(self) -> Points:
        """The point in the middle between the brackets."""
        centre = self.brackets.get_center()
        return point(centre[0], centre[1])

    def numbers(self) -> Iterator[LiveNumber]:
        """The live numbers, row by row."""
        for pieces in self.rows:
            yield from (piece for piece in pieces if isinstance(piece, LiveNumber))

    def diagonal(self) -> VGroup:
        """The diagonal of a matrix of two rows and columns, clear of the numbers on it."""
        ends = [self.rows[k][k].get_center()[:2] for k in (0, 1)]
        along = (ends[1] - ends[0]) / float(np.linalg.norm(ends[1] - ends[0]))
        clear, beyond = self.rows[0][0].width / 2 + 0.12, 0.55
        cuts = [
            (ends[0] - along * (clear + beyond), ends[0] - along * clear),
            (ends[0] + along * clear, ends[1] - along * clear),
            (ends[1] + along * clear, ends[1] + along * (clear + beyond)),
        ]
        return VGroup(*[dashes(a, b, theme.MUTED, width=2.5) for a, b in cuts])

    def exchange(self) -> Callable[[float], None]:
        """How the two numbers off the diagonal change places, touching none, as alpha goes 0..1.

        For a matrix of two rows and columns, as wide apart as its numbers are high.
        """
        first, second = self.rows[0][1], self.rows[1][0]
        centre, start = self.middle, first.get_center() - self.middle
        aside, over = first.width / 2 + 0.1, 0.34 * start[1]
        at = (0, 0.3, 0.7, 1)
        xs, ys = (start[0], aside, -aside, -start[0]), (start[1], over, over, -start[1])

        def draw(alpha: float) -> None:
            piece = min(int(np.searchsorted(at, alpha, side="right")) - 1, 2)
            within = smooth((alpha - at[piece]) / (at[piece + 1] - at[piece]))
            y = ys[piece] + (ys[piece + 1] - ys[piece]) * within
            offset = point(float(np.interp(alpha, at, xs)), y)
            first.move_to(centre + offset)
            second.move_to(centre - offset)

        return draw


def _sides(half: float) -> list[tuple[float, float]]:
    return [(-half, -_SERIF), (half, _SERIF)]


def _set(pieces: Sequence[OnBaseline], y: float, gap: float) -> None:
    """Set a row around x = 0, the middle of its capitals at `y`."""
    height = float(pieces[0].box.points[-1, 1]) - pieces[0].baseline
    row(pieces, 0, y - height / 2, gap=gap, align="center")


def in_columns(lines: Sequence[Sequence[Mobject]], *, left: float, right: float) -> None:
    """Put the members of each line in common columns, centred between `left` and `right`.

    What is too wide is made smaller, all alike. The lines stay at their height.
    """
    columns = list(zip(*lines, strict=True))
    widths = [max(member.width for member in column) for column in columns]
    total = sum(widths) + _COLUMN_GAP * (len(widths) - 1)
    scale = min(1.0, (right - left) / total)
    pen = (left + right - total * scale) / 2
    for column, width in zip(columns, widths, strict=True):
        for member in column:
            member.scale(scale)
            member.set_x(pen + width * scale / 2)
        pen += (width + _COLUMN_GAP) * scale
