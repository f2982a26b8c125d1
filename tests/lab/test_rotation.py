"""Turned images: against scipy turning each one, and against what turning means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from lab.rotation import check_degrees, turned, turned_at_random
from nncore.digits import scale
from nncore.drawn import draw
from nncore.errors import ParameterError

PAPER = 0.01
DIGITS = scale(np.array([draw(d) for d in range(10)]))


@settings(max_examples=20, deadline=None)
@given(st.integers(-45, 45))
def test_it_is_scipys_turning_of_each_image(degrees: int) -> None:
    got = turned(DIGITS, degrees, PAPER)
    assert got.dtype == np.float32
    for one, image in zip(got, DIGITS, strict=True):
        picture = image.reshape(28, 28).astype(np.float64)
        expected = ndimage.rotate(picture, degrees, reshape=False, order=1, cval=PAPER)
        # Bilinear where scipy, too, sees paper beyond the edge.
        inner = np.s_[2:26, 2:26]
        assert np.abs(one.reshape(28, 28)[inner] - expected[inner]).max() < 1e-5


def test_it_turns_anticlockwise_about_the_middle() -> None:
    image = np.full((28, 28), PAPER, np.float32)
    image[13:15, 22:24] = 1.0  # right of the middle, 9 pixels away
    upright = turned(image.reshape(1, 784), 45.0, PAPER).reshape(28, 28) - PAPER
    row, column = ndimage.center_of_mass(upright)
    assert row == pytest.approx(13.5 - 9 / np.sqrt(2), abs=0.1)
    assert column == pytest.approx(13.5 + 9 / np.sqrt(2), abs=0.1)


def test_blank_paper_stays_blank_in_the_corners() -> None:
    blank = np.full((1, 784), PAPER, np.float32)
    assert np.abs(turned(blank, 30.0, PAPER) - PAPER).max() == 0


def test_angles_are_even_within_bounds_and_each_image_has_its_own() -> None:
    """A bar is turned; its angle is measured by its principal axis."""
    bar = np.full((28, 28), PAPER, np.float32)
    bar[13:15, 5:23] = 1.0
    many = np.tile(bar.reshape(1, 784), (2_000, 1))
    got = turned_at_random(many, 20.0, PAPER, np.random.default_rng(3)).reshape(-1, 28, 28) - PAPER
    places = np.arange(28) - 13.5
    mass = got.sum(axis=(1, 2))
    xx = (got * places[None, None, :] ** 2).sum(axis=(1, 2)) / mass
    yy = (got * places[None, :, None] ** 2).sum(axis=(1, 2)) / mass
    xy = (got * places[None, :, None] * places[None, None, :]).sum(axis=(1, 2)) / mass
    angles = -np.rad2deg(np.arctan2(2 * xy, xx - yy) / 2)
    assert np.abs(angles).max() < 20.5
    assert len(np.unique(angles.round(1))) == 21
    counts, _ = np.histogram(angles, np.arange(-21, 22, 2))
    assert counts.min() > 2_000 / 21 * 0.6
    assert abs(angles.mean()) < 1


def test_a_seed_gives_the_same_and_zero_nothing() -> None:
    first, second = (
        turned_at_random(DIGITS, 10.0, PAPER, np.random.default_rng(5)) for _ in range(2)
    )
    assert (first == second).all()
    assert (turned_at_random(DIGITS, 0.0, PAPER, np.random.default_rng(5)) == DIGITS).all()


@pytest.mark.parametrize("degrees", [-1, 45.5, float("nan"), float("inf")])
def test_refuses_other_angles(degrees: float) -> None:
    with pytest.raises(ParameterError, match="rotate must be"):
        check_degrees(degrees)
