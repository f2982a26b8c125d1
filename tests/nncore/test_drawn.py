"""Drawn digits: MNIST's form, and the trained network reads them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nncore.digits import read_digit, trained_network
from nncore.drawn import draw, pen_path, strokes
from nncore.errors import ParameterError

DIGITS = st.integers(0, 9)
THICKNESSES = st.floats(1.0, 6.0)
TILTS = st.floats(-45.0, 45.0)


def test_the_trained_network_reads_them():
    network, _ = trained_network()
    misread = {d: a for d in range(10) if (a := read_digit(network, draw(d)).answer) != d}
    assert len(misread) <= 1, f"drawn digits misread (digit: answer): {misread}"


@pytest.mark.parametrize("tilt", [-10.0, 10.0])
def test_the_trained_network_reads_them_tilted(tilt):
    network, _ = trained_network()
    misread = {
        d: a for d in range(10) if (a := read_digit(network, draw(d, tilt=tilt)).answer) != d
    }
    assert len(misread) <= 1, f"drawn digits misread (digit: answer): {misread}"


@settings(max_examples=60, deadline=None)
@given(DIGITS, THICKNESSES, TILTS)
@example(2, 1.0, 18.0)
def test_form_of_mnist(digit, thickness, tilt):
    image = draw(digit, thickness, tilt)
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() > 150
    rows, columns = np.nonzero(image > 127)
    # Ink of at least half strength stays in the box of 20, give or take a pixel of the grid.
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    assert max(np.ptp(rows), np.ptp(columns)) + 1 >= 17
    weights = image / image.sum()
    places = np.arange(28) + 0.5
    assert (weights.sum(axis=1) @ places) == pytest.approx(14.5, abs=0.1)
    assert (weights.sum(axis=0) @ places) == pytest.approx(14.5, abs=0.1)


@settings(max_examples=30, deadline=None)
@given(DIGITS, THICKNESSES, TILTS)
def test_ink_lies_along_the_pen(digit, thickness, tilt):
    """Each pixel against its distance to the pen's path, measured by dense sampling."""
    image = draw(digit, thickness, tilt)
    dots = []
    for path in pen_path(digit, thickness, tilt):
        for a, b in pairwise(path):
            dots += [a + (b - a) * share for share in np.linspace(0, 1, 12)]
    points = np.array(dots)
    for row in range(28):
        for column in range(28):
            nearest = np.hypot(*(points - (column + 0.5, row + 0.5)).T).min()
            if nearest > thickness / 2 + 0.8:
                assert image[row, column] == 0
            if nearest < thickness / 2 - 0.8:
                assert image[row, column] == 255


def test_thicker_pen_more_ink():
    for digit in range(10):
        ink = [int(draw(digit, thickness).astype(int).sum()) for thickness in (1.5, 2.5, 3.5)]
        assert ink == sorted(set(ink))


def test_tilt_leans_the_one_to_the_right():
    def lean(tilt: float) -> float:
        (path,) = pen_path(1, tilt=tilt)
        top, bottom = path[path[:, 1].argmin()], path[path[:, 1].argmax()]
        return float(top[0] - bottom[0])

    assert lean(20.0) > lean(0.0) > lean(-20.0)
    assert lean(-20.0) < 0


def test_strokes_are_in_the_unit_square_and_written_smoothly():
    for digit in range(10):
        for stroke in strokes(digit):
            assert stroke.ndim == 2
            assert stroke.shape[1] == 2
            assert stroke.min() >= 0
            assert stroke.max() <= 1
            steps = np.hypot(*np.diff(stroke, axis=0).T)
            assert steps.min() > 0
            assert steps.max() < 0.05


def test_number_of_strokes():
    assert [len(strokes(d)) for d in range(10)] == [1, 1, 1, 1, 2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("digit", [-1, 10, 1.0, "7", True, None])
def test_refuses_what_is_no_digit(digit):
    with pytest.raises(ParameterError, match="whole number from 0 to 9"):
        draw(digit)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"thickness": 0.9}, "thickness"),
        ({"thickness": 6.1}, "thickness"),
        ({"thickness": float("nan")}, "thickness"),
        ({"tilt": 46}, "tilt"),
        ({"tilt": float("inf")}, "tilt"),
    ],
)
def test_refuses_pens_out_of_range(arguments, named):
    with pytest.raises(ParameterError, match=named):
        draw(3, **arguments)


def test_same_bits_each_time():
    assert draw(8, 2.7, 3.0).tobytes() == draw(8, 2.7, 3.0).tobytes()
