"""What only the digits clip is drawn with: a lens, pictures of weights, links between layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Group, Rectangle, VGroup
from numpy.typing import NDArray

from nncore.digits import Links
from nncore.errors import Array
from scenes.kit import theme
from scenes.kit.formula import Formula
from scenes.kit.grid import UNLIT, OutputColumn, PixelGrid
from scenes.kit.network import Edges
from scenes.kit.shapes import Stroke, point

BRIGHT = 0.5
"""An input above this carries ink."""


def vivid(values: Array, top: float) -> NDArray[np.float64]:
    """Values as shares of `top`, small ones brought out, signs kept."""
    shares = np.asarray(values, dtype=float) / (top or 1.0)
    return np.asarray(np.sign(shares) * np.abs(shares) ** 0.6)


def neuron_sheet(count: int, height: float) -> PixelGrid:
    """A dark sheet of neurons, as near a square as divides them evenly."""
    rows = max(r for r in range(1, int(count**0.5) + 1) if count % r == 0)
    dark = np.zeros((rows, count // rows))
    return PixelGrid(dark, cell=height / rows, colour=theme.OUTPUT, ground=UNLIT, round_cells=True)


def ends_of(strip: PixelGrid, x: float) -> tuple[Formula, Formula]:
    """The names of the first and the last input, beside the strip's ends."""
    made = []
    for k, y in ((1, strip.get_top()[1] - 0.12), (strip.rows, strip.get_bottom()[1] + 0.12)):
        sign = Formula(f"x_{k}", size=theme.CAPTION, colour=theme.INPUT)
        made.append(sign.move_to(point(x + sign.width / 2, y)))
    return made[0], made[1]


def scan_line(grids: Sequence[PixelGrid], alpha: float) -> list[list[list[float]]]:
    """A line across each grid, `alpha` of the way down."""
    lines = []
    for grid in grids:
        (left, top), (right, bottom) = grid.points[0, :2], grid.points[3, :2]
        y = top + (bottom - top) * alpha
        lines.append([[left, y], [right, y]])
    return lines


def signed_picture(values: Array, side: float) -> PixelGrid:
    """Numbers of both signs as a picture `side` wide: yellow above zero, violet below."""
    shares = vivid(values, float(np.abs(values).max()))
    cell = side / values.shape[1]
    return PixelGrid(shares, cell=cell, colour=theme.POSITIVE, negative=theme.NEGATIVE)


def fan(strip: PixelGrid, sheet: PixelGrid, neuron: int, weights: Array) -> Edges:
    """A neuron's weights as links from the bright cells of the strip, where the signal is."""
    starts = strip.places() + np.array([strip.cell_size[0] / 2 - 0.12, 0])
    end = sheet.place(*divmod(neuron, sheet.columns))[:2]
    drawn = np.where(strip.values.ravel() > BRIGHT, weights.ravel(), 0)
    return Edges(drawn.reshape(1, -1), starts, [end], widest=0.03, thinnest=0.002, gap=0.2)


def strongest(sheet: PixelGrid, column: OutputColumn, links: Links) -> VGroup:
    """The links into an output, and rings around the neurons that they come from."""
    cells = [sheet.place(*divmod(int(k), sheet.columns))[:2] for k in links.sources]
    weights, end = links.weights.reshape(1, -1), column.place(links.neuron)[:2]
    edges = Edges(weights, cells, [end], gap=sheet.cell_size[0] * 0.52, widest=0.07)
    return VGroup(edges, *[sheet.ring(int(k)) for k in links.sources])


class Lens(Group):
    """A patch of a picture that grows out of it, both framed and joined by two lines.

    The patch, `size` (rows, columns) of cells from the cell `corner`, begins where it is in
    the picture and, at alpha 1, is `height` high around (x, y) and `gain` times
    as bright.
    """

    def __init__(
        self,
        picture: PixelGrid,
        corner: tuple[int, int],
        size: tuple[int, int],
        *,
        x: float,
        y: float,
        height: float,
        gain: float,
    ) -> None:
        (top, left), (rows, columns) = corner, size
        self.window = picture.values[top : top + rows, left : left + columns]
        self.patch = PixelGrid(self.window, cell=height / rows, lines=1.0)
        first = picture.place(top, left)
        middle = (first + picture.place(top + rows - 1, left + columns - 1)) / 2
        self.patch.put(middle[0], middle[1], rows * picture.cell_size[1])
        self._move = self.patch.glide(x, y, height, gain=gain)
        self._here, self._there = self._frame(), self._frame()
        self._rays = Stroke([[0, 0], [0, 0]], theme.INK, theme.THIN, 0.5)
        super().__init__(self.patch, self._rays, self._here, self._there)

    def draw(self, alpha: float) -> None:
        """Be `alpha` of the way."""
        self._move(alpha)
        self._there.become(self._frame())
        (x, low), (_, high) = self._here.get_corner([1, -1, 0])[:2], self._here.get_top()[:2]
        end, bottom = self._there.get_corner([-1, -1, 0])[:2]
        self._rays.draw_all(
            [[[x, high], [end, self._there.get_top()[1]]], [[x, low], [end, bottom]]]
        )

    def _frame(self) -> Rectangle:
        return Rectangle(
            width=self.patch.width,
            height=self.patch.height,
            stroke_color=theme.INK,
            stroke_width=2.5,
        ).move_to(self.patch)
