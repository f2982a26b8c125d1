"""Kilometres to miles: the talk's figures and the rule in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from fractions import Fraction as F
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import ParameterError
from nncore.predictor import guesses, self_correct

MILES = Fraction("62.137")


def test_the_talks_guesses() -> None:
    run = guesses(100.0, 62.137, [0.5, 0.6, 0.7, 0.61])
    for guess, constant in zip(run.guesses, ("0.5", "0.6", "0.7", "0.61"), strict=True):
        exact = 100 * Fraction(constant)
        assert guess.constant == float(constant)
        assert guess.output == pytest.approx(float(exact), rel=1e-15)
        assert guess.error == pytest.approx(float(MILES - exact), abs=1e-13)
    assert [round(g.error, 3) for g in run.guesses] == [12.137, 2.137, -7.863, 1.137]
    assert [g.overshoot for g in run.guesses] == [False, False, True, True]


def test_correction_follows_the_exact_rule() -> None:
    run = self_correct(100.0, 62.137, 0.5, 0.5, 0.1)
    constant = Fraction("0.5")
    for step in run.steps:
        error = MILES - 100 * constant
        change = error / 2 / 100 if abs(error) >= Fraction("0.1") else Fraction(0)
        assert step.constant == pytest.approx(float(constant), abs=1e-14)
        assert step.error == pytest.approx(float(error), abs=1e-12)
        assert step.change == pytest.approx(float(change), abs=1e-14)
        constant += change
        assert step.constant_after == pytest.approx(float(constant), abs=1e-14)
    # 12.137 halves 7 times before it is below 0.1.
    assert len(run.steps) == 8
    assert run.settled
    assert run.constant == run.steps[-1].constant


@given(rate=st.floats(0.05, 1.9), start=st.floats(-2, 2), km=st.floats(0.5, 1e4))
def test_a_rate_below_two_settles(rate: float, start: float, km: float) -> None:
    run = self_correct(km, 0.62137 * km, start, rate, 1e-3 * km, max_steps=400)
    assert run.settled
    assert abs(0.62137 * km - km * run.constant) < 1e-3 * km
    assert all(s.overshoot == (rate > 1) for s in run.steps[1:-1])


@pytest.mark.parametrize("rate", [2.0, 2.5])
def test_a_rate_of_two_or_more_never_settles(rate: float) -> None:
    run = self_correct(100.0, 62.137, 0.5, rate, 0.1, max_steps=30)
    assert not run.settled
    assert len(run.steps) == 30
    assert all(step.overshoot for step in run.steps[1:])
    assert abs(run.steps[-1].error) >= abs(run.steps[0].error) * (1 - 1e-9)


@given(
    km=st.fractions(F(1, 100), 1000, max_denominator=1000),
    truth=st.fractions(F(1, 10), 2, max_denominator=1000),
    tried=st.lists(st.fractions(0, 2, max_denominator=1000), min_size=1, max_size=8),
)
def test_errors_cross_zero_where_exact_fractions_do(km: F, truth: F, tried: list[F]) -> None:
    tried = [*tried, truth, *tried]
    run = guesses(float(km), float(truth * km), [float(c) for c in tried])
    exact = [(truth - c) * km for c in tried]
    for guess, error in zip(run.guesses, exact, strict=True):
        assert (guess.error == 0) == (error == 0)
        assert guess.error == pytest.approx(float(error), rel=1e-9)
    assert [g.overshoot for g in run.guesses] == [False] + [
        error * before < 0 for before, error in pairwise(exact)
    ]


def test_a_guess_that_is_right_has_not_gone_too_far() -> None:
    """100 x 0.62137 comes out as 62.137 but for the last bit; 0.6213704 is truly too much."""
    run = guesses(100.0, 62.137, [0.5, 0.62137, 0.6213704])
    assert run.guesses[1].error == 0
    assert [g.overshoot for g in run.guesses] == [False, False, False]
    assert [g.overshoot for g in guesses(100.0, 62.137, [0.5, 0.6213704]).guesses] == [False, True]
    once = self_correct(100.0, 62.137, 0.5, 1.0, 1e-15)
    assert once.settled
    assert [s.error for s in once.steps] == [pytest.approx(12.137), 0.0]
    assert not once.steps[1].overshoot


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: guesses(0, 1, [1]),
        lambda: guesses(1, 1, []),
        lambda: guesses(1, float("nan"), [1]),
        lambda: self_correct(1, 1, 1, 0, 1),
        lambda: self_correct(1, 1, 1, 1, 0),
        lambda: self_correct(1, 1, 1, 1, 1, max_steps=0),
        lambda: self_correct(100, 62, 0.5, 1e300, 0.1),
    ],
)
def test_mistakes_are_refused(mistake: Any) -> None:
    with pytest.raises(ParameterError):
        mistake()
