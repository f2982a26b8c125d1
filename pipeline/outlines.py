"""Cairo paths made from Bezier points in one call, where manim makes one call a curve."""

from __future__ import annotations

from typing import Any

import cairocffi
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_MOVE, _CURVE, _CLOSE = 0, 2, 3  # cairo_path_data_type_t
_RELATIVE = 1e-5  # as manim, after numpy.isclose


def joints(points: Points, tolerance: float) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where subpaths begin, as numbers of curves, and which of them are closed.

    points (4n, 3 or 2) are n cubic curves: start, two handles, end. A subpath goes on while a
    curve starts where the one before ended, within manim's tolerance.
    """
    starts, ends = points[::4, :2], points[3::4, :2]
    apart = ~_close(ends[:-1], starts[1:], tolerance)
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    last = np.concatenate([first[1:], [len(starts)]]) - 1
    return first, _close(starts[first], ends[last], tolerance)


def _close(a: Points, b: Points, tolerance: float) -> NDArray[np.bool_]:
    near = np.abs(a - b) <= tolerance + _RELATIVE * np.abs(b)
    return np.asarray(near[:, 0] & near[:, 1])


def path_data(points: Points, tolerance: float) -> NDArray[np.float64]:
    """Cairo's own form of the path: 16 bytes a row, headers and points, (m, 2) float64.

    points (4n, 3 or 2) in frame units, finite; what is left over of a last curve is ignored.
    """
    points = points[: len(points) // 4 * 4]
    count = len(points) // 4
    if not count:
        return np.zeros((0, 2))
    first, closed = joints(points, tolerance)
    before = np.zeros(count, dtype=np.intp)  # rows before a curve that are no curve's
    before[first] = 2
    before[first[1:]] += closed[:-1]
    row = 4 * np.arange(count) + np.cumsum(before)
    data = np.empty((4 * count + 2 * len(first) + int(closed.sum()), 2))
    head = data.view(np.int32).reshape(len(data), 4)
    moves = row[first] - 2
    head[moves, 0], head[moves, 1] = _MOVE, 2
    data[moves + 1] = points[::4, :2][first]
    head[row, 0], head[row, 1] = _CURVE, 4
    for k in (1, 2, 3):
        data[row + k] = points[k::4, :2]
    last = np.concatenate([first[1:], [count]]) - 1
    ends = row[last][closed] + 4
    head[ends, 0], head[ends, 1] = _CLOSE, 1
    return data


class Path:
    """A path that cairo can take again and again."""

    def __init__(self, points: Points, tolerance: float) -> None:
        self._data = path_data(points, tolerance)
        self.rows = len(self._data)
        ffi: Any = cairocffi.ffi
        self._path = ffi.new("cairo_path_t *")
        self._path.status = 0
        self._path.num_data = self.rows
        self._path.data = ffi.cast("cairo_path_data_t *", self._data.ctypes.data)

    def set(self, context: cairocffi.Context) -> None:
        """Make this the context's path."""
        lib: Any = cairocffi.cairo
        lib.cairo_new_path(context._pointer)
        if self.rows:
            lib.cairo_append_path(context._pointer, self._path)
