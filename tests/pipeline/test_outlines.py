"""Paths made in one call are those that manim makes curve by curve."""

from __future__ import annotations

from typing import Any

import cairo
import cairocffi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manim import Circle, Square, VMobject
from manim.camera.camera import Camera

from pipeline.outlines import Path, joints, path_data

TOLERANCE = VMobject().tolerance_for_point_equality
FRAME = (320 / 14, 0, 0, -20.0, 160, 90)
"""What takes frame units to pixels, after cairo.Matrix."""

NUMBERS = st.floats(-8, 8, allow_nan=False, width=32)
PLACES = st.tuples(NUMBERS, NUMBERS)
# How far from where it should be a curve begins: not at all, or on either side of the tolerance.
SLIPS = st.sampled_from([0.0, 0.0, 0.0, TOLERANCE / 2, -TOLERANCE / 2, 3e-4, 1.0])


@st.composite
def outlines(draw: Any) -> np.ndarray:
    """Points of some subpaths, (4n, 3), open or closed, nearly or wholly continuous."""
    points: list[tuple[float, float]] = []
    for _ in range(draw(st.integers(0, 4))):
        start = here = draw(PLACES)
        count = draw(st.integers(1, 5))
        for k in range(count):
            end = draw(PLACES)
            if k == count - 1 and draw(st.booleans()):
                end = (start[0] + draw(SLIPS), start[1])
            points += [here, draw(PLACES), draw(PLACES), end]
            here = (end[0], end[1] + draw(SLIPS))
    flat = np.array(points, dtype=float).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


def manims(points: np.ndarray) -> list[Any]:
    """What cairo holds after manim's own camera made the path."""
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, 320, 180))
    context.set_matrix(cairo.Matrix(*FRAME))
    shape = VMobject()
    shape.points = points
    Camera(pixel_width=16, pixel_height=9).set_cairo_context_path(context, shape)
    return [(int(kind), tuple(where)) for kind, where in context.copy_path()]


def ours(points: np.ndarray, times: int = 1) -> list[Any]:
    context = cairocffi.Context(cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, 320, 180))
    context.set_matrix(cairocffi.Matrix(*FRAME))
    path = Path(points, TOLERANCE)
    for _ in range(times):
        path.set(context)
    return [(int(kind), tuple(where)) for kind, where in context.copy_path()]


@given(outlines())
def test_a_path_is_manims(points: np.ndarray) -> None:
    assert ours(points) == manims(points)


@given(outlines(), st.integers(0, 3))
def test_a_curve_that_is_not_whole_is_left_out(points: np.ndarray, more: int) -> None:
    longer = np.concatenate([points, np.ones((more, 3))])
    assert ours(longer) == manims(points)


def test_a_path_replaces_the_one_before() -> None:
    points = Circle().points
    assert ours(points, times=3) == ours(points)


def test_rows_are_cairos_own_form() -> None:
    # By cairo's manual: a header of a kind and a length, then the points: 0 moves to one point,
    # 2 is a curve of three, 3 closes.
    points = Square(2).points
    data = path_data(points, TOLERANCE)
    head = data.view(np.int32).reshape(-1, 4)[:, :2].tolist()
    assert len(data) == 2 + 4 * 4 + 1
    assert head[0] == [0, 2]
    assert [head[k] for k in (2, 6, 10, 14)] == [[2, 4]] * 4
    assert head[18] == [3, 1]
    assert np.array_equal(data[[1, 3, 4, 5]], points[:4, :2])


@pytest.mark.parametrize(("gap", "subpaths"), [(0.5, 1), (3.0, 2)])
def test_a_gap_within_the_tolerance_is_none(gap: float, subpaths: int) -> None:
    first = np.array([[-0.3, 0], [-0.2, 0], [-0.1, 0], [0, 0]])
    points = np.concatenate([first, first + np.array([0.3 + gap * TOLERANCE, 0])])
    begins, closed = joints(points, TOLERANCE)
    assert begins.tolist() == [0, 1][:subpaths]
    assert not closed.any()


def test_no_points_are_no_path() -> None:
    assert path_data(np.zeros((0, 3)), TOLERANCE).shape == (0, 2)
    assert ours(np.zeros((0, 3))) == []
