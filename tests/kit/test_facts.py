"""What is zero, equal, a little; and decimals that never contradict it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit import facts
from scenes.kit.ledger import shown

FINITE = st.floats(-1e6, 1e6, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-7)


def test_noise_is_nothing_beside_what_it_came_from() -> None:
    assert facts.is_zero(0.3 - 0.2 - 0.1, 0.3)
    assert facts.is_zero(-1e-17)
    assert not facts.is_zero(1e-6)
    assert facts.same(0.1 + 0.2, 0.3)
    assert not facts.same(0.6213704, 0.62137)
    assert facts.larger(2, 1) and not facts.larger(0.1 + 0.2, 0.3)


@pytest.mark.parametrize(
    ("change", "whole", "little"), [(0.09, 0.7, True), (1.8, 1.9, False), (0.0, 1.0, False)]
)
def test_a_little_is_at_most_a_quarter_and_something(
    change: float, whole: float, little: bool
) -> None:
    assert facts.a_little(change, whole) is little


@pytest.mark.parametrize(
    ("values", "spec"),
    [
        ([1.0, 0.5], ",.1f"),
        ([0.9, 0.3, 0.25], ",.2f"),
        ([0.9999], ",.4f"),
        ([3.125], ",.3f"),
        ([0.00004], ",.5f"),
        ([42.195], ",.3f"),
        ([0.001], ",.3f"),
        ([100.0], ",.0f"),
    ],
)
def test_a_parameter_is_shown_as_it_was_given(values: list[float], spec: str) -> None:
    least = 1 if spec != ",.0f" else 0
    made = facts.spec_of(values, least, given=True)
    assert made == spec
    for value in values:
        assert float(shown(value, made).replace(",", "")) == value


@given(st.decimals(-999, 999, places=4, allow_nan=False))
def test_up_to_six_significant_digits_are_shown_exactly(value: Decimal) -> None:
    text = shown(float(value), facts.spec_of([float(value)], given=True))
    assert facts.read_back(text) == value


@given(st.lists(FINITE, min_size=1, max_size=6), st.sampled_from([None, 1, 2, 4]))
def test_what_is_not_zero_is_not_shown_as_zero(values: list[float], digits: int | None) -> None:
    spec = facts.spec_of(values, digits)
    largest = max(map(abs, values))
    for value in values:
        if abs(value) > facts.NOISE * largest:
            assert facts.read_back(shown(value, spec)) != 0


@given(FINITE.filter(lambda v: abs(v) >= 1e-3))
def test_a_result_has_four_digits_of_its_own_size(value: float) -> None:
    text = shown(value, facts.spec_of([value]))
    assert abs(float(facts.read_back(text)) - value) <= 1e-3 * abs(value) + 1e-9


def test_whole_numbers_have_no_decimals() -> None:
    assert facts.spec_of(np.array([3, 12_000])) == ",d"
    assert shown(12_000, ",d") == "12,000"
    assert facts.spec_of([1.0, 2.0]) == ",.1f"


def test_shown_terms_add_up_or_do_not() -> None:
    assert facts.adds_up([0.32, 0.1], 0.42, ".2f")
    assert not facts.adds_up([0.3083333, 1.2958333], 1.6041666, ".4f")
    assert facts.adds_up([-0.125, 0.0625], -0.0625, ".4f")


@pytest.mark.parametrize(
    ("exact", "text", "holds"),
    [("1.60416", "1.6042", True), ("1.6041", "1.6042", False), ("0.125", "0.12", True),
     ("0.125", "0.13", True), ("-7.863", "−7.863", True), ("1234.4", "1,234", True)],
)  # fmt: skip
def test_a_result_agrees_to_its_last_digit(exact: str, text: str, holds: bool) -> None:
    assert facts.agrees(Decimal(exact), text) is holds
