"""Simple shapes: strokes, dashes, arrows that never turn round, markers that differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.shapes import Arrow, Stroke, dashes, glow, marker, path_points

FEW = settings(deadline=None, max_examples=60)
PLACE = st.tuples(st.floats(-6, 6), st.floats(-3, 3))
# Also lengths far below the head's.
OFFSET = st.tuples(st.floats(-8, 8), st.floats(-8, 8)) | st.tuples(
    st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)
)


def corners(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Starts of the Bezier curves, and the end of the last."""
    return np.concatenate([points[::4], points[-1:]])[:, :2]


@FEW
@given(PLACE, OFFSET, st.booleans(), st.floats(0.05, 0.5))
@example((0.0, 0.0), (0.0, 0.0), True, 0.22)
@example((0.0, 0.0), (-1e-3, 0.0), True, 0.22)
@example((0.0, 0.0), (0.0, -0.1), False, 0.22)
def test_an_arrow_never_turns_round(
    start: tuple[float, float], offset: tuple[float, float], both: bool, head: float
) -> None:
    """Shaft and heads point from start to end, and stay between them."""
    a = np.array(start)
    b = a + np.array(offset)
    arrow = Arrow([9, 9], [-9, 9], theme.ERROR, head=head, both=both)
    arrow.draw(a, b)
    points = np.concatenate([arrow.shaft.points, arrow.tips.points])
    assert np.isfinite(points).all()
    length = float(np.linalg.norm(b - a))
    along = (b - a) / length if length > 1e-9 else np.array([1.0, 0.0])
    shares = (points[:, :2] - a) @ along
    assert shares.min() >= -1e-9
    assert shares.max() <= length + 1e-9
    shaft = arrow.shaft.points[[0, -1], :2]
    assert (shaft[1] - shaft[0]) @ along >= -1e-9
    tips = arrow.tips.points.reshape(-1, 12, 3)
    assert len(tips) == 1 + both
    for tip, end, way in zip(tips, (b, a), (along, -along), strict=False):
        point, *back = corners(tip)[:3]
        assert point == pytest.approx(end, abs=1e-9)
        assert all((point - corner) @ way >= -1e-9 for corner in back)


def test_a_long_arrow_has_a_whole_head_and_a_short_one_a_smaller() -> None:
    def head(length: float) -> float:
        tip = Arrow([0, 0], [length, 0], theme.INK, head=0.2).tips.points
        return float(np.ptp(tip[:, 0]))

    assert head(3) == pytest.approx(0.2)
    assert 0 < head(0.1) < 0.1


def test_an_arrow_set_anew_is_the_arrow_made_there() -> None:
    turned = Arrow([0, 0], [1, 1], theme.INK, both=True)
    shaft, tips = turned.submobjects
    turned.draw([2, -1], [-3, 1])
    fresh = Arrow([2, -1], [-3, 1], theme.INK, both=True)
    assert turned.submobjects == [shaft, tips]
    for old, new in zip(turned.submobjects, fresh.submobjects, strict=True):
        assert np.array_equal(old.points, new.points)


@given(st.lists(PLACE, min_size=2, max_size=6))
def test_a_path_is_straight_between_its_corners(given_corners: list[tuple[float, float]]) -> None:
    points = path_points(given_corners).reshape(-1, 4, 3)
    assert len(points) == len(given_corners) - 1
    for curve, start, end in zip(points, given_corners, given_corners[1:], strict=False):
        for k, anchor in enumerate(curve):
            share = k / 3
            exact = [s + (e - s) * share for s, e in zip(start, end, strict=True)]
            assert anchor == pytest.approx([*exact, 0.0], abs=1e-9)


def test_several_paths_are_one_object() -> None:
    stroke = Stroke([[0, 0], [1, 0]], theme.INK)
    stroke.draw_all([[[0, 0], [1, 1]], [[5, 5], [6, 6], [7, 5]]])
    assert stroke.submobjects == []
    assert len(stroke.get_subpaths()) == 2


@FEW
@given(PLACE, PLACE, st.floats(0.05, 0.5))
@example((0.0, 0.0), (0.0, 0.0), 0.1)
def test_dashes_are_even_and_reach_both_ends(
    start: tuple[float, float], end: tuple[float, float], dash: float
) -> None:
    a, b = np.array(start), np.array(end)
    pieces = dashes(a, b, theme.INK, dash=dash).points.reshape(-1, 4, 3)[:, [0, -1], :2]
    assert pieces[0, 0] == pytest.approx(a)
    assert pieces[-1, 1] == pytest.approx(b)
    lengths = np.linalg.norm(pieces[:, 1] - pieces[:, 0], axis=1)
    gaps = np.linalg.norm(pieces[1:, 0] - pieces[:-1, 1], axis=1)
    assert lengths == pytest.approx(np.full(len(lengths), lengths[0]), abs=1e-9)
    assert gaps == pytest.approx(np.full(len(gaps), lengths[0]), abs=1e-9)
    if np.linalg.norm(b - a) > 6 * dash:
        assert dash / 1.5 < lengths[0] < dash * 1.5


def test_classes_differ_in_shape_and_colour() -> None:
    first, second = marker(1, 2, False), marker(1, 2, True)
    assert str(first.get_fill_color().to_hex()).upper() == theme.CLASS_A
    assert str(second.get_fill_color().to_hex()).upper() == theme.CLASS_B
    distances = [np.linalg.norm(m.points[:, :2] - [1, 2], axis=1) for m in (first, second)]
    # All of a disc's anchors are equally far from its middle, a diamond's is not.
    assert np.ptp(distances[0][::4]) < 1e-6
    assert distances[1].min() < 0.8 * distances[1].max()
    for shape in (first, second):
        assert shape.get_center()[:2] == pytest.approx([1, 2])


def test_a_glow_fades_from_its_middle_to_nothing() -> None:
    light = glow(1, -1, 0.75, theme.WEIGHT, strength=0.5)
    alpha = light.pixel_array[..., 3].astype(int)
    assert alpha.max() == pytest.approx(128, abs=4)
    assert alpha[:, 0].max() == alpha[0].max() == alpha[-1].max() == alpha[:, -1].max() == 0
    middle = alpha[64, 64:]
    assert (np.diff(middle) <= 0).all()
    assert light.height == pytest.approx(1.5)
    assert light.get_center()[:2] == pytest.approx([1, -1])
