"""Areas of a plane: what a line cuts off, a function over it as an image, and its contours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VMobject
from manim.constants import RESAMPLING_ALGORITHMS
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.raster import Raster
from scenes.kit.shapes import path_points
from scenes.kit.stage import Box

Points = NDArray[np.float64]

# How far the map goes from the panel to a class's full colour: text in ink stays readable on it.
_DEPTH = 0.5


def cut(polygon: ArrayLike, normal: ArrayLike, offset: float) -> Points:
    """The corners (n, 2) of the part of a convex polygon where normal·(x, y) > offset."""
    n, corners = np.asarray(normal, dtype=float), np.asarray(polygon, dtype=float)
    heights = corners @ n - offset
    kept: list[Points] = []
    for k in range(len(corners)):
        a, b, here, there = corners[k - 1], corners[k], heights[k - 1], heights[k]
        if here > 0:
            kept.append(a)
        if (here > 0) != (there > 0):
            kept.append(a + (b - a) * here / (here - there))
    return np.array(kept).reshape(-1, 2)


def chord(polygon: ArrayLike, normal: ArrayLike, offset: float) -> Points:
    """The two ends (2, 2) of the line normal·(x, y) = offset in a convex polygon.

    They are in the order of the direction (-normal y, normal x), so that they go smoothly as the
    line does; (0, 2) if the line passes outside.
    """
    n, corners = np.asarray(normal, dtype=float), np.asarray(polygon, dtype=float)
    heights = corners @ n - offset
    found = []
    for k in range(len(corners)):
        here, there = heights[k - 1], heights[k]
        if (here > 0) != (there > 0):
            a, b = corners[k - 1], corners[k]
            found.append(a + (b - a) * here / (here - there))
    if len(found) < 2:
        return np.zeros((0, 2))
    ends = np.array(found)
    along = ends @ np.array([-n[1], n[0]])
    return ends[[int(np.argmin(along)), int(np.argmax(along))]]


class Region(VMobject):
    """A filled area without an outline whose polygons can be set anew."""

    def __init__(self, colour: str, opacity: float) -> None:
        super().__init__(stroke_width=0, fill_color=theme.hue(colour), fill_opacity=opacity)

    def draw(self, polygons: Sequence[ArrayLike]) -> None:
        """Fill these polygons, each (n, 2) frame coordinates; fewer than 3 corners fill nothing."""
        outlines = [np.asarray(p, dtype=float) for p in polygons if len(np.asarray(p)) > 2]
        closed = [path_points(np.vstack([p, p[:1]])) for p in outlines]
        self.points = np.concatenate(closed) if closed else np.zeros((0, 3))


def heat(z: ArrayLike) -> NDArray[np.uint8]:
    """Colours (n, m, 3) of values 0 (class 0's hue) over 0.5 (the panel's) to 1 (class 1's)."""
    value = np.clip(np.asarray(z, dtype=np.float32), 0, 1)[..., None] * 2 - 1
    dark, first, second = (
        255 * np.array(theme.channels(theme.hue(role)), dtype=np.float32)
        for role in ("panel", "class_a", "class_b")
    )
    full = np.where(value < 0, first, second)
    colours = dark + (full - dark) * np.abs(value) * np.float32(_DEPTH)
    return np.rint(colours).astype(np.uint8)


class HeatMap(Raster):
    """A function over a plane as one image.

    `z[i, j]`, 0 to 1, is the value at the j-th of m x and the i-th of n y, evenly spaced.
    """

    def __init__(self, z: ArrayLike) -> None:
        pixels = np.full((*np.shape(z), 4), 255, dtype=np.uint8)
        super().__init__(pixels)
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["cubic"])
        self.show(z)

    def put(self, box: Box) -> None:
        """Fill a box."""
        (left, right), (low, high) = (box.left, box.right), (box.bottom, box.top)
        self.points = np.array([[left, high, 0], [right, high, 0], [left, low, 0], [right, low, 0]])

    def show(self, z: ArrayLike) -> None:
        """Show these values, of the same shape."""
        self.pixel_array[..., :3] = heat(z)[::-1]


def contours(z: ArrayLike, level: float = 0.0) -> list[Points]:
    """Where values on a grid are `level`: paths (n, 2) of (column, row), whole numbers at the
    grid's points; a closed path ends where it begins.

    Values between the grid's points are taken to run evenly along its lines.
    """
    v = np.asarray(z, dtype=float) - level
    up = v > 0
    columns = v.shape[1]
    across = up[:, 1:] != up[:, :-1]  # whether each edge of the grid is crossed, along its rows
    upward = up[1:] != up[:-1]  # and along its columns
    places = np.full((across.size + upward.size, 2), np.nan)
    i, j = np.nonzero(across)
    places[i * (columns - 1) + j] = np.column_stack([j + v[i, j] / (v[i, j] - v[i, j + 1]), i])
    i, j = np.nonzero(upward)
    places[across.size + i * columns + j] = np.column_stack(
        [j, i + v[i, j] / (v[i, j] - v[i + 1, j])]
    )
    return [places[path] for path in _chained(_crossings(v, up, across, upward))]


def _crossings(
    v: Points, up: NDArray[np.bool_], across: NDArray[np.bool_], upward: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Of each cell of the grid the pairs of its edges that a path joins, by the edges' numbers."""
    columns = v.shape[1]
    low, high = across[:-1], across[1:]
    left, right = upward[:, :-1], upward[:, 1:]
    count = low.astype(int) + high + left + right
    i, j = np.nonzero(count)
    edges = np.stack(
        [
            i * (columns - 1) + j,
            across.size + i * columns + j + 1,
            (i + 1) * (columns - 1) + j,
            across.size + i * columns + j,
        ],
        axis=1,
    )
    met = np.stack([low[i, j], right[i, j], high[i, j], left[i, j]], axis=1)
    two = count[i, j] == 2
    pairs: list[tuple[int, int]] = [tuple(p) for p in edges[two][met[two]].reshape(-1, 2).tolist()]
    for k in np.flatnonzero(~two):  # a saddle: its middle says which corners belong together
        row, column = i[k], j[k]
        middle = v[row : row + 2, column : column + 2].mean() > 0
        b, r, t, le = edges[k].tolist()
        pairs += [(b, r), (t, le)] if middle == up[row, column] else [(b, le), (r, t)]
    return pairs


def _chained(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Pairs joined to paths; each number is in at most two of them."""
    beside: dict[int, list[int]] = {}
    for a, b in pairs:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    paths = []
    for start in sorted(beside, key=lambda a: len(beside[a])):  # open paths from their ends
        path, here = [start], start
        while beside[here]:
            following = beside[here].pop()
            beside[following].remove(here)
            path.append(following)
            here = following
        if len(path) > 1:
            paths.append(path)
    return paths
