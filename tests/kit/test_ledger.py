"""The ledger's own rules: decimals, plain numbers, no line twice."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenes.kit.ledger import Entry, Figure, Ledger, decimals, plain

# Numbers as people write them, and numbers as runs make them.
SHORT = st.builds(lambda n, d: n / 10**d, st.integers(-(10**6), 10**6), st.integers(0, 5))
ANY = st.floats(-1e6, 1e6)
BOUNDS = st.tuples(st.integers(0, 4), st.integers(0, 6)).filter(lambda b: b[0] <= b[1])


def writes(value: float, places: int) -> bool:
    """Whether `places` decimals, read back, are `value`: the nearest such decimal decides."""
    nearest = Fraction(round(Fraction(value) * 10**places), 10**places)
    return float(nearest) == value


@given(st.lists(SHORT | ANY, min_size=1, max_size=5), BOUNDS)
@example([0.5, 0.6, 0.61], (0, 4))
@example([100.0], (0, 2))
@example([0.1 + 0.2], (0, 4))
def test_decimals_is_the_fewest_that_writes_all(
    values: list[float], bounds: tuple[int, int]
) -> None:
    least, most = bounds
    places = decimals(values, least, most)
    assert least <= places <= most
    if places < most:
        assert all(writes(v, places) for v in values)
    for fewer in range(least, places):
        assert not all(writes(v, fewer) for v in values)


@pytest.mark.parametrize(
    ("values", "places"), [([100.0], 0), ([0.5, 0.61], 2), ([62.137], 3), ([1 / 3], 4), ([], 0)]
)
def test_decimals_of_known_values(values: list[float], places: int) -> None:
    assert decimals(values) == places


def test_decimals_reads_an_iterator_once() -> None:
    assert decimals(iter([0.5, 0.25])) == 2


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
