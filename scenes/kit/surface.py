"""Areas of a square plane: what a line cuts off, and the heat-map of a function over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VMobject
from manim.constants import RESAMPLING_ALGORITHMS
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.plane import Plane
from scenes.kit.raster import Raster
from scenes.kit.shapes import path_points

Points = NDArray[np.float64]

# How far the map goes from dark to a class's full colour: text in ink stays readable on it.
_DEPTH = 0.5
_CONTOUR_WIDTH = 1.1  # half, in cells of the grid
_EPS = 1e-9


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


def half_plane(low: float, high: float, normal: ArrayLike, offset: float) -> Points:
    """The corners (n, 2) of the part of the square [low, high]² where normal·(x, y) > offset."""
    return cut([[low, low], [high, low], [high, high], [low, high]], normal, offset)


def chord(low: float, high: float, normal: ArrayLike, offset: float) -> Points:
    """The two ends (2, 2) of the line normal·(x, y) = offset in the square, (0, 2) if outside."""
    n = np.asarray(normal, dtype=float)
    part = half_plane(low, high, n, offset)
    ends = part[np.abs(part @ n - offset) < _EPS * max(1.0, float(np.abs(n).max()))]
    return ends[:2] if len(ends) >= 2 else np.zeros((0, 2))


class Region(VMobject):
    """A filled area without an outline whose polygons can be set anew."""

    def __init__(self, colour: str, opacity: float) -> None:
        super().__init__(stroke_width=0, fill_color=colour, fill_opacity=opacity)

    def draw(self, polygons: Sequence[ArrayLike]) -> None:
        """Fill these polygons, each (n, 2) frame coordinates; fewer than 3 corners fill nothing."""
        outlines = [np.asarray(p, dtype=float) for p in polygons if len(np.asarray(p)) > 2]
        closed = [path_points(np.vstack([p, p[:1]])) for p in outlines]
        self.points = np.concatenate(closed) if closed else np.zeros((0, 3))


def heat(z: ArrayLike) -> NDArray[np.uint8]:
    """Colours (n, m, 3) of values 0 (class A's blue) over 0.5 (dark) to 1 (class B's orange)."""
    value = np.clip(np.asarray(z, dtype=float), 0, 1)[..., None] * 2 - 1
    dark, first, second = (
        np.array(theme.channels(c)) for c in (theme.PANEL, theme.CLASS_A, theme.CLASS_B)
    )
    full = np.where(value < 0, first, second)
    colours = dark + (full - dark) * np.abs(value) * _DEPTH
    return np.round(255 * colours).astype(np.uint8)


class HeatMap(Raster):
    """A function over a plane as one image, with its 0.5 contour.

    `z[i, j]` (n, n), 0 to 1, is the value at the j-th of n x and the i-th of n y, evenly
    spaced over the plane's ranges, ends included.
    """

    def __init__(self, plane: Plane, z: ArrayLike) -> None:
        side = len(np.asarray(z))
        pixels = np.full((side, side, 4), 255, dtype=np.uint8)
        super().__init__(pixels)
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["cubic"])
        self.height = plane.size[1]
        (x, y), (w, h) = plane.corner, plane.size
        self.move_to(np.array([x + w / 2, y + h / 2, 0.0]))
        self.show(z)

    def show(self, z: ArrayLike) -> None:
        """Show these values, of the same shape."""
        values = np.asarray(z, dtype=float)
        colours = heat(values).astype(float)
        share = _contour(values)[..., None]
        ink = 255 * np.array(theme.channels(theme.INK))
        blended = colours + (ink - colours) * share
        self.pixel_array[..., :3] = np.round(blended[::-1]).astype(np.uint8)


def _contour(z: Points) -> Points:
    """How much of each cell the line z = 0.5 covers: by distance, value over steepness."""
    down, across = np.gradient(z)
    distance = np.abs(z - 0.5) / (np.hypot(down, across) + _EPS)
    return np.clip(_CONTOUR_WIDTH + 0.5 - distance, 0, 1)
