"""Axes: round ticks, true places, labels that fit, in any box."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import floor, log10

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.axes import Axes, Axis, nice_ticks, tick_spec
from scenes.kit.captions import Piece
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.text.words import Words

FEW = settings(deadline=None, max_examples=40)
RANGES = st.tuples(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4)).map(lambda r: (r[0], r[0] + r[1]))
SMALL = st.tuples(st.integers(-8, 8), st.integers(1, 9)).map(lambda r: (r[0], r[0] + r[1]))
# Coordinates that are eighths: exact as floats and as fractions.
EIGHTHS = st.integers(-200, 200).map(lambda n: n / 8)


def words(text: str) -> Words:
    """An axis' name."""
    return Words([Piece(text)], {}, size=theme.TICK, colour="muted", role="tick")


def bare(x_range: tuple[float, float], y_range: tuple[float, float]) -> Axes:
    """Axes without ticks, whose plane is 9 wide and 4 high, from (-5, -2) on."""
    axes = Axes(x_range, y_range, x_ticks=[], y_ticks=[])
    axes.span(Box(-0.5, 0, 9, 4))
    return axes


# Ticks


@given(RANGES, st.integers(2, 9))
@example((0.0, 1.0), 5)
@example((-1000.0, 12000.0), 5)
@example((0.0, 0.3), 3)
def test_ticks_are_round_even_and_within(bounds: tuple[float, float], about: int) -> None:
    low, high = bounds
    ticks = nice_ticks(low, high, about)
    span = high - low
    assert all(low - 1e-6 * span <= t <= high + 1e-6 * span for t in ticks)
    assert about / 1.6 - 1 <= len(ticks) <= about * 1.6 + 1
    steps = np.diff(ticks)
    assume(len(steps))
    power = 10.0 ** floor(log10(steps[0]) + 1e-6)
    step = power * round(steps[0] / power)
    assert round(steps[0] / power) in (1, 2, 5)
    assert np.allclose(steps, step, rtol=1e-6)
    assert all(abs(t / step - round(t / step)) < 1e-6 for t in ticks)
    # No tick is left out: another step before or after would be outside.
    assert ticks[0] - step < low + 1e-6 * span
    assert ticks[-1] + step > high - 1e-6 * span


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1.5, 1.5, [-1.5, -1, -0.5, 0, 0.5, 1, 1.5]),
        (0, 4, [0, 1, 2, 3, 4]),
        (48, 72, [50, 55, 60, 65, 70]),
        (-1000, 12000, [0, 2000, 4000, 6000, 8000, 10000, 12000]),
    ],
)
def test_known_ticks(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


@given(RANGES)
def test_labels_tell_the_ticks_apart_and_are_true(bounds: tuple[float, float]) -> None:
    ticks = nice_ticks(*bounds)
    spec = tick_spec(ticks)
    labels = [format(t, spec) for t in ticks]
    assert len(set(labels)) == len(labels)
    step = ticks[1] - ticks[0]
    for label, tick in zip(labels, ticks, strict=True):
        assert float(label.replace(",", "")) == pytest.approx(tick, abs=1e-3 * step)


@pytest.mark.parametrize(
    ("ticks", "spec"),
    [([0, 1, 2], ",.0f"), ([0, 0.25, 0.5], ".2f"), ([0.1 * 3], ".1f"), ([2000.0, 4000.0], ",.0f")],
)
def test_tick_formats_are_the_shortest(ticks: list[float], spec: str) -> None:
    assert tick_spec(ticks) == spec


# Places


def test_the_plane_s_corners_are_the_ends_of_its_ranges() -> None:
    axes = bare((-2, 6), (10, 20))
    assert axes.at(-2, 10).tolist() == [-5, -2, 0]
    assert axes.at(6, 20).tolist() == [4, 2, 0]
    assert axes.at(2, 15).tolist() == [-0.5, 0, 0]
    assert axes.frame().tolist() == [[-2, 10], [6, 10], [6, 20], [-2, 20]]


@FEW
@given(SMALL, SMALL, st.lists(st.tuples(EIGHTHS, EIGHTHS), min_size=1, max_size=5))
def test_a_path_runs_through_the_places_of_its_points(
    xs: tuple[int, int], ys: tuple[int, int], points: list[tuple[float, float]]
) -> None:
    axes = bare(xs, ys)
    path = axes.path(*np.transpose(points))
    for (x, y), corner in zip(points, path, strict=True):
        across = Fraction(x) - xs[0], Fraction(y) - ys[0]
        exact = (
            -5 + 9 * across[0] / (xs[1] - xs[0]),
            -2 + 4 * across[1] / (ys[1] - ys[0]),
        )
        assert corner == pytest.approx([float(e) for e in exact], abs=1e-9)
        assert axes.at(x, y)[:2] == pytest.approx(corner, abs=1e-9)


@FEW
@given(SMALL, st.floats(0, 1), st.floats(2, 12), st.booleans())
def test_an_axis_is_even(
    bounds: tuple[int, int], share: float, length: float, upright: bool
) -> None:
    low, high = bounds
    axis = Axis(low, high, upright=upright, ticks=[])
    axis.put(-3, 1, length)
    start = 1 if upright else -3
    assert axis.at(low + (high - low) * share) == pytest.approx(start + length * share, abs=1e-9)


def middles(labels: list[Words], upright: bool) -> list[float]:
    return [
        float(m.box.points[0, 1] + m.box.points[-1, 1]) / 2
        if upright
        else (m.left_edge + m.right_edge) / 2
        for m in labels
    ]


def test_ticks_and_their_labels_are_at_their_values() -> None:
    axes = Axes((0, 4), (-1, 1), y_ticks=[-1, 0, 1])
    axes.span(Box(-1, 0, 8, 4))
    assert [m.text for m in axes.across.labels] == ["0", "1", "2", "3", "4"]
    assert [m.text for m in axes.up.labels] == ["−1", "0", "1"]
    assert middles(axes.across.labels, False) == pytest.approx([-5, -3, -1, 1, 3])
    assert middles(axes.up.labels, True) == pytest.approx([-2, 0, 2])
    assert all(m.right_edge < -5 for m in axes.up.labels)
    assert all(m.baseline < -2 for m in axes.across.labels)
    assert {m.role for m in (*axes.across.labels, *axes.up.labels)} == {"tick"}


@pytest.mark.parametrize(("length", "seen"), [(8.0, 6), (2.6, 3), (1.3, 2)])
def test_a_short_axis_leaves_labels_out_and_keeps_their_size(length: float, seen: int) -> None:
    axis = Axis(0, 1, ticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
    heights = {label.height for label in axis.labels}
    axis.put(0, 0, length)
    here = [m for m in axis.labels if m.submobjects[0].get_fill_opacity() > 0.5]
    assert len(here) == seen
    assert all(b.left_edge - a.right_edge > 0.1 for a, b in pairwise(here))
    assert {label.height for label in axis.labels} == heights


@FEW
@given(st.floats(3, 12), st.floats(3, 6), st.booleans(), st.booleans(), st.floats(-3, 3))
def test_axes_fill_their_box_and_do_not_leave_it(
    width: float, height: float, square: bool, named: bool, x: float
) -> None:
    names = {"x_name": words("width"), "y_name": words("length")} if named else {}
    axes = Axes((0, 4), (0, 2), square=square, **names)
    box = Box(x, 0.5, width, height)
    axes.place(box)
    shapes = [m for m in axes.get_family() if len(m.points)]
    points = np.concatenate([m.points for m in shapes])
    (left, bottom, _), (right, top, _) = points.min(axis=0), points.max(axis=0)
    assert box.left - 0.05 <= left and right <= box.right + 0.05
    assert box.bottom - 0.05 <= bottom and top <= box.top + 0.05
    if square:
        assert axes.x(1) - axes.x(0) == pytest.approx(axes.y(1) - axes.y(0))
    else:
        assert right - left > 0.8 * width and top - bottom > 0.7 * height


def test_an_axis_is_one_line() -> None:
    axes = Axes((0, 4), (0, 4))
    assert len([m for m in axes.get_family() if isinstance(m, Stroke)]) == 2
    before = axes.get_family()
    axes.place(Box(1, 1, 3, 3))
    assert axes.get_family() == before
