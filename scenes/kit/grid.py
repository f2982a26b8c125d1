"""Grids of cells as single images: pixels, layers of neurons, cells on the move, output bars."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from manim import RESAMPLING_ALGORITHMS, Circle, Group, RoundedRectangle, VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.raster import Raster
from scenes.kit.shapes import Points, path_points, point
from scenes.kit.text.words import LiveNumber, Words

Colours = NDArray[np.float64]

UNLIT = theme.mix(theme.PANEL, theme.RULE, 0.45)
"""A neuron whose output is 0."""

_PER_UNIT = 150  # raster pixels a frame unit, a little more than the frame has at 1080p
_LINE = 2  # raster pixels from the middle of a line to its edge
_DISC = 0.43  # radius of a round cell, in cells
_OPACITY = np.frombuffer(bytes([0, 0, 0, 255]), np.uint32)[0]


class Ramp:
    """Colours for values: 0 is `ground`, 1 is `colour`, −1 is `negative` where there is one.

    Values outside are clipped.
    """

    def __init__(self, colour: str, *, negative: str | None = None, ground: str = "panel") -> None:
        self.lowest = -1.0 if negative else 0.0
        self._ground, self._top, self._bottom = (
            255 * np.array(theme.channels(theme.hue(c)))
            for c in (ground, colour, negative or ground)
        )

    def __call__(self, values: ArrayLike) -> Colours:
        """Channels 0 to 255 in a last axis of three."""
        v = np.clip(np.asarray(values, dtype=float), self.lowest, 1.0)[..., None]
        ends = np.where(v < 0, self._bottom, self._top)
        return np.asarray(self._ground + (ends - self._ground) * np.abs(v))


class PixelGrid(Raster):
    """A grid of coloured cells as one image; `show` changes the pixels in place.

    values (rows, columns) are 0 to 1, or −1 to 1 where `negative` names a colour for those
    below 0. `cell` is a cell's side, or width and height, in frame units. `lines` (0 to 1) is
    the strength of thin lines between the cells. Round cells are discs on nothing.
    """

    pixel_array: NDArray[np.uint8]

    def __init__(
        self,
        values: ArrayLike,
        *,
        cell: float | tuple[float, float],
        colour: str = "input",
        negative: str | None = None,
        ground: str = "panel",
        lines: float = 0.0,
        round_cells: bool = False,
    ) -> None:
        self.values = np.array(values, dtype=float)
        if self.values.ndim != 2:
            raise ValueError(f"a grid is of two dimensions, not {self.values.ndim}")
        self.rows, self.columns = self.values.shape
        self.ramp = Ramp(colour, negative=negative, ground=ground)
        self.lines = lines
        width, height = cell if isinstance(cell, tuple) else (cell, cell)
        self._tile = (math.ceil(height * _PER_UNIT), math.ceil(width * _PER_UNIT))
        self._darks, self._which = np.unique(_lines(self._tile), return_inverse=True)
        blank = np.zeros((self.rows * self._tile[0], self.columns * self._tile[1], 4), np.uint8)
        blank[..., 3] = np.tile(_disc(self._tile), self.values.shape) if round_cells else 255
        super().__init__(blank)
        # Cells are flat: four neighbours tell as much as sixteen.
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["bilinear"])
        self.stretch_to_fit_width(width * self.columns)
        self.stretch_to_fit_height(height * self.rows)
        self.show(self.values)

    def show(self, values: ArrayLike | None = None) -> None:
        """Colour the cells by `values` (rows, columns); without them by the same values anew."""
        if values is not None:
            self.values = np.asarray(values, dtype=float).reshape(self.rows, self.columns)
        colours = self._colours()
        # Whole pixels, a row of cells' at a time: their opacity stays, the colours are put in.
        self.pixel_array = np.ascontiguousarray(self.pixel_array)
        pixels = self.pixel_array.view(np.uint32)
        pixels &= _OPACITY
        shape = (self.rows, self._tile[0], self.columns, self._tile[1])
        raster = pixels.reshape(shape)
        if len(colours) == 1:
            raster |= colours[0][:, None, :, None]
            return
        for y, line in enumerate(self._which.reshape(self._tile)):
            raster[:, y] |= colours[line].transpose(1, 2, 0)

    def _colours(self) -> NDArray[np.uint32]:
        """Each cell's pixel, (1, rows, columns), or with lines one for each of their darknesses.

        The opacity is left out.
        """
        cells = self.ramp(self.values).astype(np.uint8)
        pixels = np.zeros(
            (len(self._darks) if self.lines > 0 else 1, *cells.shape[:2], 4), np.uint8
        )
        pixels[..., :3] = cells
        if self.lines > 0:
            dark = self.lines * self._darks[:, None, None, None]
            ground = 255 * np.array(theme.channels(theme.BACKGROUND))
            pixels[..., :3] = cells * (1 - dark) + ground * dark
        return pixels.view(np.uint32)[..., 0]

    @property
    def cell_size(self) -> tuple[float, float]:
        """Width and height of a cell where the grid is now."""
        return float(self.width) / self.columns, float(self.height) / self.rows

    def place(self, row: float, column: float) -> Points:
        """The middle of a cell where the grid is now; rows from the top, columns from the left."""
        corner = self.points[0]
        width, height = self.cell_size
        return np.asarray(corner + point((column + 0.5) * width, -(row + 0.5) * height))

    def places(self) -> NDArray[np.float64]:
        """The middles of all cells, row by row, (rows · columns, 2)."""
        row, column = np.divmod(np.arange(self.rows * self.columns), self.columns)
        width, height = self.cell_size
        left, top = self.points[0, :2]
        return np.column_stack([left + (column + 0.5) * width, top - (row + 0.5) * height])

    def put(self, x: float, y: float, height: float) -> None:
        """Be `height` high around (x, y), in the same proportions."""
        self.scale(height / float(self.height))
        self.move_to(point(x, y))

    def glide(
        self,
        x: float,
        y: float,
        height: float,
        *,
        lines: float | None = None,
    ) -> Callable[[float], None]:
        """A function of 0..1 that takes the grid from where and how it is now to (x, y), `height`.

        On the way the strength of the lines goes to `lines`.
        """
        start = np.array([*self.get_center()[:2], self.height, self.lines])
        end = np.array([x, y, height, self.lines if lines is None else lines])
        repaint = bool(end[3] != start[3])

        def move(alpha: float) -> None:
            *where, self.lines = (float(v) for v in start + (end - start) * alpha)
            self.put(*where)
            if repaint:
                self.show()

        return move

    def ring(self, index: int, colour: str = "ink") -> Circle:
        """A ring around a round cell, counted row by row, where it is now."""
        ring = Circle(
            radius=min(self.cell_size) * 0.48, stroke_color=colour, stroke_width=theme.LINE
        )
        return ring.move_to(self.place(*divmod(index, self.columns)))


def _disc(tile: tuple[int, int]) -> NDArray[np.uint8]:
    """Opacity of a round cell, its edge softened over a pixel."""
    size = min(tile)
    rows, columns = (np.arange(n) + 0.5 - n / 2 for n in tile)
    distance = np.hypot(rows[:, None], columns[None, :])
    return np.asarray(255 * np.clip(_DISC * size - distance + 0.5, 0, 1)).astype(np.uint8)


def _lines(tile: tuple[int, int]) -> NDArray[np.float64]:
    """Of a cell's raster: 1 at its rim, where two cells meet, 0 within.

    A line is wide enough not to be missed where the image is drawn with fewer pixels.
    """
    edge = np.zeros(tile)
    half = min(_LINE, min(tile) // 4)
    for k, dark in enumerate(np.linspace(1, 0, half, endpoint=False)):
        for line in (k, -1 - k):
            edge[line, :] = np.maximum(edge[line, :], dark)
            edge[:, line] = np.maximum(edge[:, line], dark)
    return edge


class CellFlight(Raster):
    """The cells of one grid on their way to the same cells of another, row after row: one image.

    Both grids stay where they are; cells that have not left are not drawn. `draw(alpha)` shows
    the flight at `alpha`, 0 to 1. `overlap` rows are on their way at a time.
    """

    def __init__(self, start: PixelGrid, end: PixelGrid, *, overlap: float = 9.0) -> None:
        corners = np.concatenate([start.points, end.points])
        self._low, high = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
        size = high - self._low
        self._shape = tuple(math.ceil(s * _PER_UNIT) for s in (size[1], size[0]))
        super().__init__(np.zeros((*self._shape, 4), np.uint8))
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["bilinear"])
        self.stretch_to_fit_width(size[0])
        self.stretch_to_fit_height(size[1])
        self.move_to(point(*(self._low + high) / 2))
        self._from, self._to = start.places(), end.places()
        self._sizes = np.array([start.cell_size, end.cell_size])
        self._colours = start.ramp(start.values).reshape(-1, 3).astype(np.uint8)
        self._row = np.arange(start.rows * start.columns) // start.columns
        self._rows, self._overlap = start.rows, overlap

    def left(self, alpha: float) -> int:
        """How many rows have left by `alpha`."""
        return math.ceil(min(max(alpha * (self._rows + self._overlap - 1), 0), self._rows))

    def draw(self, alpha: float) -> None:
        """Paint the cells where they are at `alpha`."""
        done = (alpha * (self._rows + self._overlap - 1) - self._row) / self._overlap
        share = np.clip(done, 0.0, 1.0)
        share = share * share * (3 - 2 * share)
        middles = self._from + (self._to - self._from) * share[:, None]
        halves = (self._sizes[0] + (self._sizes[1] - self._sizes[0]) * share[:, None]) / 2
        low = np.rint((middles - halves - self._low) * _PER_UNIT).astype(int)
        high = np.maximum(np.rint((middles + halves - self._low) * _PER_UNIT).astype(int), low + 1)
        top, bottom = self._shape[0] - high[:, 1], self._shape[0] - low[:, 1]
        self.pixel_array[:] = 0
        for i in np.flatnonzero(done > 0)[::-1]:
            area = self.pixel_array[max(top[i], 0) : bottom[i], max(low[i, 0], 0) : high[i, 0]]
            area[..., :3] = self._colours[i]
            area[..., 3] = 255


class IndexLabel(VGroup):
    """The number of a thing that is numbered, not counted: an output's digit."""

    def __init__(
        self,
        index: int,
        x: float,
        y: float,
        *,
        size: float = theme.LABEL,
        colour: str = "ink",
        bold: bool = False,
    ) -> None:
        words = Words([Piece(str(index))], {}, size=size, colour=colour, role="index", bold=bold)
        super().__init__(words.put_mid(x, y))


class OutputColumn(Group):
    """Numbered neurons below each other, each with a bar and a number: the output layer.

    Neurons are at (x, y of the row), rows `pitch` apart around `y`; a bar of value 1 is
    `length` long. `numbers` show the outputs; `show` lights neurons and draws bars.
    """

    def __init__(
        self,
        numbers: Sequence[LiveNumber],
        *,
        x: float,
        y: float,
        pitch: float,
        length: float,
        colour: str = "output",
    ) -> None:
        count = len(numbers)
        self.pitch, self.length, self.numbers = pitch, length, list(numbers)
        self.heights = y + pitch * ((count - 1) / 2 - np.arange(count))
        self.cells = PixelGrid(
            np.zeros((count, 1)), cell=pitch, colour=colour, ground=UNLIT, round_cells=True
        )
        self.cells.move_to(point(x, y))
        self.bar_x = x + 0.82
        self.bars = VMobject(stroke_width=0, fill_color=colour, fill_opacity=1)
        self.tracks = VMobject(stroke_width=0, fill_color=theme.PANEL, fill_opacity=1)
        self.tracks.points = self._bars(np.ones(count))
        self.labels = [IndexLabel(k, x + 0.48, h) for k, h in enumerate(self.heights)]
        for number, height in zip(self.numbers, self.heights, strict=True):
            number.put_mid(self.bar_x + length + 0.16, height, "left")
        self.right = max(number.right_edge for number in self.numbers)
        super().__init__(self.cells, self.tracks, self.bars, *self.labels, *self.numbers)
        self.show(np.zeros(count))

    def show(self, outputs: ArrayLike) -> None:
        """Light the neurons and draw the bars by `outputs`, each 0 to 1; numbers are not set."""
        values = np.asarray(outputs, dtype=float)
        self.cells.show(values)
        self.bars.points = self._bars(values)

    def place(self, index: int) -> Points:
        """The middle of a neuron."""
        return self.cells.place(index, 0)

    def frame(self, index: int, colour: str) -> RoundedRectangle:
        """A frame around an output's digit, bar and number."""
        left, right = self.labels[index].get_left()[0] - 0.16, self.right + 0.14
        return RoundedRectangle(
            corner_radius=0.08,
            width=right - left,
            height=self.pitch * 0.92,
            stroke_color=colour,
            stroke_width=2.5,
        ).move_to(point((left + right) / 2, self.heights[index]))

    def _bars(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        half = self.pitch * 0.25
        left, right = self.bar_x, self.bar_x + self.length * np.clip(values, 0.002, 1)
        paths = []
        for r, h in zip(right, self.heights, strict=True):
            low, high = h - half, h + half
            paths.append([[left, low], [r, low], [r, high], [left, high], [left, low]])
        return np.concatenate([path_points(path) for path in paths])
