"""Grids of cells as single images: pixels, layers of neurons, cells on the move."""

from __future__ import annotations

import math

import numpy as np
from manim import RESAMPLING_ALGORITHMS
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.raster import Raster
from scenes.kit.shapes import Points, point
from scenes.kit.stage import Box

Colours = NDArray[np.float64]

_PER_UNIT = 150  # raster pixels a frame unit, a little more than the frame has at 1080p
_LINE = 2  # raster pixels from the middle of a line to its edge
_DISC = 0.43  # radius of a round cell, in cells
_OPACITY = np.frombuffer(bytes([0, 0, 0, 255]), np.uint32)[0]
_VIVID = 0.3


def unlit() -> str:
    """The colour of a neuron whose output is 0."""
    return theme.mix(theme.PANEL, theme.RULE, 0.45)


def vivid(values: ArrayLike, top: float | None = None) -> NDArray[np.float64]:
    """Values as shares of `top` (the largest size if None), signs kept, small ones brought out:
    |v|^0.3."""
    v = np.asarray(values, dtype=float)
    shares = v / (top or float(np.abs(v).max(initial=0.0)) or 1.0)
    return np.asarray(np.sign(shares) * np.abs(shares) ** _VIVID)


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

    def glass(self, values: ArrayLike) -> NDArray[np.uint8]:
        """RGBA of panes: the colour of the value's sign, as opaque as the value is large."""
        v = np.clip(np.asarray(values, dtype=float), self.lowest, 1.0)
        panes = np.empty((*v.shape, 4), np.uint8)
        panes[..., :3] = np.where(v[..., None] < 0, self._bottom, self._top)
        panes[..., 3] = np.rint(255 * np.abs(v))
        return panes


class PixelGrid(Raster):
    """A grid of coloured cells as one image; `show` changes the pixels in place.

    values (rows, columns) are 0 to 1, or −1 to 1 where `negative` names a colour for those
    below 0. `cell` is a cell's side, or width and height, in frame units. `lines` (0 to 1) is
    the strength of thin lines between the cells, of all or by column. Round cells are discs on
    nothing; cells of glass let what is behind them through where they are near 0.
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
        lines: ArrayLike = 0.0,
        round_cells: bool = False,
        glass: bool = False,
    ) -> None:
        self.values = np.array(values, dtype=float)
        if self.values.ndim != 2:
            raise ValueError(f"a grid is of two dimensions, not {self.values.ndim}")
        self.rows, self.columns = self.values.shape
        self.ramp = Ramp(colour, negative=negative, ground=ground)
        self.lines: ArrayLike = lines
        self.glass = glass
        width, height = cell if isinstance(cell, tuple) else (cell, cell)
        self._tile = (math.ceil(height * _PER_UNIT), math.ceil(width * _PER_UNIT))
        self._darks, self._which = np.unique(_lines(self._tile), return_inverse=True)
        blank = np.zeros((self.rows * self._tile[0], self.columns * self._tile[1], 4), np.uint8)
        blank[..., 3] = np.tile(_disc(self._tile), self.values.shape) if round_cells else 255
        super().__init__(blank)
        # Cells are flat: four neighbours tell as much as sixteen.
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["bilinear"])
        self.frame(Box(0, 0, width * self.columns, height * self.rows))
        self.show(self.values)

    def show(self, values: ArrayLike | None = None) -> None:
        """Colour the cells by `values` (rows, columns); without them by the same values anew."""
        if values is not None:
            self.values = np.asarray(values, dtype=float).reshape(self.rows, self.columns)
        # Whole pixels, a row of cells' at a time.
        self.pixel_array = np.ascontiguousarray(self.pixel_array)
        pixels = self.pixel_array.view(np.uint32)
        raster = pixels.reshape(self.rows, self._tile[0], self.columns, self._tile[1])
        if self.glass:
            panes = self.ramp.glass(self.values).view(np.uint32)[..., 0]
            raster[:] = panes[:, None, :, None]
            return
        colours = self._colours()
        pixels &= _OPACITY  # their opacity stays, the colours are put in
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
            (len(self._darks) if np.any(self.lines) else 1, *cells.shape[:2], 4), np.uint8
        )
        pixels[..., :3] = cells
        if np.any(self.lines):
            lines = np.broadcast_to(self.lines, self.columns)[:, None]
            dark = lines * self._darks[:, None, None, None]
            ground = 255 * np.array(theme.channels(theme.BACKGROUND))
            pixels[..., :3] = cells * (1 - dark) + ground * dark
        return pixels.view(np.uint32)[..., 0]

    @property
    def cell_size(self) -> tuple[float, float]:
        """Width and height of a cell where the grid is now."""
        box = self.box
        return box.width / self.columns, box.height / self.rows

    @property
    def box(self) -> Box:
        """Where the grid is now."""
        (left, top), (right, bottom) = self.points[0, :2], self.points[3, :2]
        middle = (left + right) / 2, (top + bottom) / 2
        return Box(float(middle[0]), float(middle[1]), float(right - left), float(top - bottom))

    def frame(self, box: Box) -> None:
        """Fill a box, whatever its proportions."""
        x, y = [box.left, box.right] * 2, [box.top] * 2 + [box.bottom] * 2
        self.points = np.column_stack([x, y, np.zeros(4)])

    def place(self, row: float, column: float) -> Points:
        """The middle of a cell where the grid is now; rows from the top, columns from the left."""
        width, height = self.cell_size
        corner = self.points[0]
        return np.asarray(corner + point((column + 0.5) * width, -(row + 0.5) * height))

    def places(self) -> NDArray[np.float64]:
        """The middles of all cells, row by row, (rows · columns, 2)."""
        row, column = np.divmod(np.arange(self.rows * self.columns), self.columns)
        width, height = self.cell_size
        left, top = self.points[0, :2]
        return np.column_stack([left + (column + 0.5) * width, top - (row + 0.5) * height])

    def patch(self, row: int, column: int, rows: int, columns: int) -> Box:
        """The box of some cells, from the cell (row, column) on."""
        width, height = self.cell_size
        left, top = self.points[0, :2]
        return Box(
            float(left) + (column + columns / 2) * width,
            float(top) - (row + rows / 2) * height,
            columns * width,
            rows * height,
        )


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
    the flight at `alpha`, 0 to 1. `overlap` rows are on their way at a time; they go along arcs
    that bow inwards, the first and last row half-way by `arc` frame units. Cells stay as large
    as they were until they are near.
    """

    def __init__(
        self, start: PixelGrid, end: PixelGrid, *, overlap: float = 9.0, arc: float = 0.0
    ) -> None:
        corners = np.concatenate([start.points, end.points])
        self._low, high = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
        self._from, self._to = start.places(), end.places()
        way = self._to.mean(axis=0) - self._from.mean(axis=0)
        aside = arc * np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-9)
        across = self._from - self._from.mean(axis=0)
        toward = -across @ aside / max(float(np.abs(across @ aside).max()), 1e-9)
        self._aside = aside * toward[:, None]
        size = high - self._low
        self._shape = tuple(math.ceil(s * _PER_UNIT) for s in (size[1], size[0]))
        super().__init__(np.zeros((*self._shape, 4), np.uint8))
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["bilinear"])
        x, y = [self._low[0], high[0]] * 2, [high[1]] * 2 + [self._low[1]] * 2
        self.points = np.column_stack([x, y, np.zeros(4)])
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
        bow = 4 * share * (1 - share)
        middles = self._from + (self._to - self._from) * share[:, None]
        middles += self._aside * bow[:, None]
        near = (share**3)[:, None]
        halves = (self._sizes[0] + (self._sizes[1] - self._sizes[0]) * near) / 2
        low = np.rint((middles - halves - self._low) * _PER_UNIT).astype(int)
        high = np.maximum(np.rint((middles + halves - self._low) * _PER_UNIT).astype(int), low + 1)
        top, bottom = self._shape[0] - high[:, 1], self._shape[0] - low[:, 1]
        self.pixel_array[:] = 0
        for i in np.flatnonzero(done > 0)[::-1]:
            area = self.pixel_array[max(top[i], 0) : bottom[i], max(low[i, 0], 0) : high[i, 0]]
            area[..., :3] = self._colours[i]
            area[..., 3] = 255
