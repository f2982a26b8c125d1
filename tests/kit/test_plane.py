"""Axes: round ticks, true places, lines cut where they leave the plane."""

from __future__ import annotations

from fractions import Fraction
from math import floor, log10

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.plane import Plane, Scale, nice_ticks, tick_spec
from scenes.kit.shapes import Stroke
from scenes.kit.text.words import Words

FEW = settings(deadline=None, max_examples=40)
RANGES = st.tuples(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4)).map(lambda r: (r[0], r[0] + r[1]))
SMALL = st.tuples(st.integers(-8, 8), st.integers(1, 9)).map(lambda r: (r[0], r[0] + r[1]))
# Slopes and offsets that are eighths: exact as floats and as fractions.
EIGHTHS = st.integers(-200, 200).map(lambda n: n / 8)


def bare_plane(x_range: tuple[float, float], y_range: tuple[float, float]) -> Plane:
    """A plane with no ticks, that takes no time to make."""
    return Plane(x_range, y_range, corner=(-5, -2), size=(9, 4), x_ticks=[], y_ticks=[])


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
    plane = bare_plane((-2, 6), (10, 20))
    assert plane.at(-2, 10).tolist() == [-5, -2, 0]
    assert plane.at(6, 20).tolist() == [4, 2, 0]
    assert plane.at(2, 15).tolist() == [-0.5, 0, 0]


@given(SMALL, SMALL, st.lists(st.tuples(EIGHTHS, EIGHTHS), min_size=1, max_size=5))
def test_a_path_runs_through_the_places_of_its_points(
    xs: tuple[int, int], ys: tuple[int, int], points: list[tuple[float, float]]
) -> None:
    plane = bare_plane(xs, ys)
    path = plane.path(*np.transpose(points))
    for (x, y), corner in zip(points, path, strict=True):
        across = Fraction(x) - xs[0], Fraction(y) - ys[0]
        exact = (
            -5 + 9 * across[0] / (xs[1] - xs[0]),
            -2 + 4 * across[1] / (ys[1] - ys[0]),
        )
        assert corner == pytest.approx([float(e) for e in exact], abs=1e-9)
        assert plane.at(x, y)[:2] == pytest.approx(corner, abs=1e-9)


@FEW
@given(SMALL, st.floats(0, 1), st.floats(2, 12))
def test_a_scale_is_even(bounds: tuple[int, int], share: float, width: float) -> None:
    low, high = bounds
    scale = Scale(low, high, x=0.5, y=-1, width=width, ticks=[])
    value = low + (high - low) * share
    assert scale.at(value) == pytest.approx(0.5 + width * (share - 0.5), abs=1e-9)


def test_ticks_and_their_labels_are_at_their_values() -> None:
    name = Words([Piece("E")], {}, size=theme.TICK, colour=theme.MUTED, role="tick")
    scale = Scale(0, 10, y=1, width=8, ticks=[0, 5, 10], name=name)
    labels = [m for m in scale.submobjects if isinstance(m, Words)]
    assert [m.text for m in labels] == ["0", "5", "10", "E"]
    middles = [(m.left_edge + m.right_edge) / 2 for m in labels[:3]]
    assert middles == pytest.approx([-4, 0, 4])
    assert all(m.baseline < 1 for m in labels[:3])
    assert name.left_edge > 4
    assert [m.role for m in labels] == ["tick"] * 4


def test_a_plane_s_ticks_are_at_their_values() -> None:
    plane = Plane((0, 4), (-1, 1), corner=(-5, -2), size=(8, 4), y_ticks=[-1, 0, 1])
    labels = [m for m in plane.submobjects if isinstance(m, Words)]
    assert [m.text for m in labels] == ["0", "1", "2", "3", "4", "−1", "0", "1"]
    below, beside = labels[:5], labels[5:]
    assert [(m.left_edge + m.right_edge) / 2 for m in below] == pytest.approx([-5, -3, -1, 1, 3])
    assert all(m.right_edge < -5 for m in beside)
    middles = [(m.box.points[0, 1] + m.box.points[-1, 1]) / 2 for m in beside]
    assert middles == pytest.approx([-2, 0, 2])


def test_the_axes_are_one_object() -> None:
    plane = Plane((0, 4), (0, 4), corner=(-5, -2), size=(8, 4))
    assert len([m for m in plane.submobjects if isinstance(m, Stroke)]) == 1
    ruled = Plane((0, 4), (0, 4), corner=(-5, -2), size=(8, 4), grid=True)
    assert len([m for m in ruled.submobjects if isinstance(m, Stroke)]) == 2


# Lines through the plane


def cut(
    slope: float, offset: float, xs: tuple[int, int], ys: tuple[int, int]
) -> tuple[Fraction, Fraction] | None:
    """From which x to which x the line is within the plane: exact interval arithmetic."""
    m, c = Fraction(slope), Fraction(offset)
    low, high = Fraction(xs[0]), Fraction(xs[1])
    if m == 0:
        return (low, high) if ys[0] <= c <= ys[1] else None
    at = sorted((y - c) / m for y in ys)
    low, high = max(low, at[0]), min(high, at[1])
    return (low, high) if low <= high else None


@given(SMALL, SMALL, EIGHTHS, EIGHTHS)
@example((0, 4), (0, 4), 1.0, 0.0)
@example((0, 4), (0, 4), -1.0, 4.0)
@example((0, 4), (0, 4), 0.0, 4.0)
@example((0, 4), (0, 4), 25.0, -96.0)
@example((-1, 1), (0, 1), 0.125, 0.875)
@example((0, 4), (0, 4), 1.0, 4.0)
@example((0, 4), (0, 4), 1.0, 4.125)
def test_a_line_ends_on_the_border(
    xs: tuple[int, int], ys: tuple[int, int], slope: float, offset: float
) -> None:
    plane = bare_plane(xs, ys)
    expected = cut(slope, offset, xs, ys)
    if expected is None:
        with pytest.raises(ValueError, match="does not cross"):
            plane.line_through(slope, offset)
        return
    ends = plane.line_through(slope, offset)
    exact = [plane.at(float(x), float(Fraction(slope) * x + Fraction(offset))) for x in expected]
    assert ends == pytest.approx(np.array(exact)[:, :2], abs=1e-6)
    for x, y in ends:
        assert min(abs(x + 5), abs(x - 4), abs(y + 2), abs(y - 2)) < 1e-6


@FEW
@given(SMALL, SMALL, st.floats(-1e3, 1e3), st.floats(-20, 20))
def test_a_line_s_ends_are_on_the_line(
    xs: tuple[int, int], ys: tuple[int, int], slope: float, offset: float
) -> None:
    assume(slope == 0 or abs(slope) > 1e-3)
    expected = cut(slope, offset, xs, ys)
    assume(expected is not None and expected[1] > expected[0])
    plane = bare_plane(xs, ys)
    for x, y in plane.line_through(slope, offset):
        value = xs[0] + (x + 5) / 9 * (xs[1] - xs[0])
        height = ys[0] + (y + 2) / 4 * (ys[1] - ys[0])
        assert height == pytest.approx(slope * value + offset, abs=1e-5 * (1 + abs(slope)))
        assert -5 - 1e-6 <= x <= 4 + 1e-6
        assert -2 - 1e-6 <= y <= 2 + 1e-6
