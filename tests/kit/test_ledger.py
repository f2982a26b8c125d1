"""The ledger's own rules: true minus signs, plain numbers, no line twice."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit.ledger import Entry, Figure, Ledger, plain, shown


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (-2.5, "+.1f", "−2.5"),
        (2.5, "+.1f", "+2.5"),
        (-0.04, ".1f", "0.0"),
        (-0.04, "+.1f", "+0.0"),
        (-0.06, ".1f", "−0.1"),
        (12_000, ",d", "12,000"),
    ],
)
def test_a_shown_number_has_a_true_minus_and_no_negative_zero(
    value: float, spec: str, text: str
) -> None:
    assert shown(value, spec) == text


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_what_is_shown_is_the_nearest_to_the_last_digit(value: float, places: int) -> None:
    text = shown(value, f".{places}f")
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    assert Decimal(text.replace("−", "-")) == exact
    assert text.startswith("−") == (exact < 0)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_widens_exactly(value: float) -> None:
    made = plain(np.float32(value))
    assert type(made) is float
    assert made == value
    assert np.signbit(made) == np.signbit(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(np.int64(7), int), (True, int), (np.bool_(True), int), (3, int), (np.float64(0.1), float)],
)
def test_plain_numbers_are_pythons(value: object, kind: type) -> None:
    made = plain(value)
    assert type(made) is kind
    assert made == value


@pytest.mark.parametrize("value", ["1", None, 1j, [1.0], np.array([1.0])])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="not a number"):
        plain(value)


def test_the_same_line_is_entered_once() -> None:
    ledger = Ledger()
    figure = Figure("error", -2.5, "+.1f")
    for section in ("first", "first", "second"):
        ledger.record(section, figure)
    ledger.record("second", Figure("error", -2.5, ".2f"))
    assert ledger.entries == [
        Entry("first", "error", -2.5, "−2.5", "+.1f"),
        Entry("second", "error", -2.5, "−2.5", "+.1f"),
        Entry("second", "error", -2.5, "−2.50", ".2f"),
    ]
    assert ledger.entries[0].as_json() == {
        "section": "first",
        "name": "error",
        "value": -2.5,
        "text": "−2.5",
    }


def test_a_choice_of_the_run_is_a_line_of_text() -> None:
    ledger = Ledger()
    ledger.note("picture", "digit", "seven")
    assert ledger.entries == [Entry("picture", "digit", "seven", "seven", "")]
