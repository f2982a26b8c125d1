"""The points lie where they are said to lie, evenly, and come again with their seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from nncore.datasets import disc_in_ring
from nncore.errors import ParameterError


@given(st.integers(2, 400), st.integers(0, 2**32 - 1))
def test_a_disc_and_a_ring(count: int, seed: int) -> None:
    points, classes = disc_in_ring(count, seed)
    assert points.shape == (count, 2)
    assert classes.tolist() == [i % 2 for i in range(count)]
    away = np.hypot(*points.T)
    assert (away[classes == 1] <= 0.5).all()
    assert ((away[classes == 0] >= 0.8 - 1e-12) & (away[classes == 0] <= 1.1 + 1e-12)).all()
    assert not points.flags.writeable
    assert not classes.flags.writeable
    again, _ = disc_in_ring(count, seed)
    assert (again == points).all()


def test_spread_evenly_by_angle_and_distance() -> None:
    points, classes = disc_in_ring(4000, 5)
    away, angle = np.hypot(*points.T), np.arctan2(*points.T)
    assert kstest(away[classes == 1] / 0.5, "uniform").pvalue > 0.01
    assert kstest((away[classes == 0] - 0.8) / 0.3, "uniform").pvalue > 0.01
    assert kstest((angle + np.pi) / (2 * np.pi), "uniform").pvalue > 0.01
    assert (disc_in_ring(4000, 6)[0] != points).any()


@pytest.mark.parametrize(("count", "seed"), [(1, 0), (2.5, 0), (80, -1), (80, None)])
def test_mistakes_are_refused(count: Any, seed: Any) -> None:
    with pytest.raises(ParameterError, match=r"\.$"):
        disc_in_ring(count, seed)
