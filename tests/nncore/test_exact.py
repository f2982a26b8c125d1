"""What is zero, equal and exact, against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nncore.errors import ParameterError
from nncore.exact import NOISE, is_zero, same, sign, without_noise

NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False)
SIZES = st.floats(1e-12, 1e12)


@given(NUMBERS, SIZES)
def test_zero_is_what_is_small_beside_its_scale(value: float, scale: float) -> None:
    ratio = abs(F(value)) / F(scale)
    assume(abs(ratio - F(NOISE)) > F(NOISE) / 10**6)
    expected = ratio < F(NOISE)
    assert is_zero(value, scale) is is_zero(-value, scale) is is_zero(value, -scale) is expected
    assert same(value, 0.0, scale) is expected
    assert sign(value, scale) == (0 if expected else math.copysign(1, value))
    assert without_noise(value, scale) == (0.0 if expected else value)


@given(st.lists(st.tuples(NUMBERS, SIZES), min_size=1))
def test_of_arrays_elementwise(pairs: list[tuple[float, float]]) -> None:
    values, scales = np.array(pairs).T
    for function in (is_zero, same, sign, without_noise):
        with_scales: Any = [
            function(v, 0.0, s) if function is same else function(v, s) for v, s in pairs
        ]
        whole = function(values, 0.0, scales) if function is same else function(values, scales)
        assert whole.shape == values.shape
        assert whole.tolist() == with_scales


@given(st.floats(-1e300, 1e300), st.integers(-3, 3))
def test_a_few_roundings_make_no_difference(value: float, steps: int) -> None:
    assume(abs(value) > 1e-300)
    other = value
    for _ in range(abs(steps)):
        other = math.nextafter(other, math.inf if steps > 0 else -math.inf)
    assert same(value, other)
    assert same(other, value)
    assert not same(value, value * (1 + 3 * NOISE))


def test_the_decimals_that_binary_has_not() -> None:
    assert 0.1 + 0.2 != 0.3
    assert same(0.1 + 0.2, 0.3)
    left = 0.3 - 0.2 - 0.1
    assert left != 0
    assert is_zero(left, 0.3)
    assert sign(left, 0.3) == 0
    assert math.copysign(1, without_noise(-1e-17, 0.2)) == 1


def test_small_is_not_zero_by_itself() -> None:
    assert not is_zero(1e-30, 1e-30)
    assert not is_zero(1e-30, 0.0)
    assert is_zero(0.0, 0.0)
    assert same(0.0, 0.0)
    assert not same(1e-30, 2e-30)
    assert not same(1.7e308, -1.7e308)


@pytest.mark.parametrize("value", [math.nan, math.inf, "much", None])
def test_what_is_no_number_is_refused(value: Any) -> None:
    for mistake in (
        lambda: is_zero(value, 1.0),
        lambda: is_zero(1.0, value),
        lambda: same(value, value),
        lambda: sign(value, 1.0),
        lambda: without_noise(value, 1.0),
    ):
        with pytest.raises(ParameterError, match=r"^Only .*\.$"):
            mistake()
