"""What is zero, equal, larger or a little, and how many decimals say so.

Words and digits both ask here: a caption never says "the same" of numbers that are shown as
different, and no number that is not zero is shown as zero. Floats are compared relative to the
size of what they came from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import ArrayLike

from scenes.kit.ledger import Value, shown

NOISE = 1e-9
"""What is smaller than so much of its scale is an error of rounding."""

GIVEN_DIGITS = 6
"""A parameter has at most so many significant digits: they are shown as they were given."""

GIVEN_DECIMALS = 9
"""And at most so many decimals."""

_MOST = GIVEN_DECIMALS
_SIGNIFICANT = 4
_LITTLE = 0.25


def is_zero(value: float, scale: float = 1.0) -> bool:
    """Whether `value` is nothing beside `scale`."""
    return abs(value) <= NOISE * abs(scale)


def same(first: float, second: float, scale: float | None = None) -> bool:
    """Whether two numbers are equal but for rounding; their own size is the scale."""
    return is_zero(first - second, max(abs(first), abs(second)) if scale is None else scale)


def larger(first: float, second: float) -> bool:
    """Whether `first` is larger by more than rounding."""
    return first > second and not same(first, second)


def a_little(change: float, whole: float) -> bool:
    """Whether a change is little beside the whole: at most a quarter of it, and something."""
    return not is_zero(change, whole) and abs(change) <= _LITTLE * abs(whole)


def exact_decimals(values: ArrayLike, least: int = 0, most: int = _MOST) -> int | None:
    """Fewest decimals, from `least` on, that write all of `values`; None if `most` do not."""
    v = np.asarray(values, dtype=float).ravel()
    scale = float(np.abs(v).max(initial=0.0))
    for places in range(least, most + 1):
        if np.all(np.abs(v - np.round(v, places)) <= 1e-12 * max(scale, 1e-300)):
            return places
    return None


def decimals(values: ArrayLike, digits: int | None = None, least: int = 1) -> int:
    """Decimals with which to show results: `digits`, or by what they are.

    Up to four decimals if these write all of them, else four significant digits of the largest;
    more where one that is not zero would be shown as zero.
    """
    v = np.asarray(values, dtype=float).ravel()
    sizes = np.abs(v)
    scale = float(sizes.max(initial=0.0))
    if digits is None:
        exact = exact_decimals(v, least, _SIGNIFICANT)
        by_size = _SIGNIFICANT - 1 - math.floor(math.log10(scale)) if scale > 0 else least
        digits = exact if exact is not None else min(max(by_size, least), 6)
    true = sizes[sizes > NOISE * scale]
    needed = math.ceil(-math.log10(2 * float(true.min()))) if len(true) else 0
    return int(min(max(digits, needed), _MOST))


def spec_of(
    values: ArrayLike, digits: int | None = None, *, signed: bool = False, given: bool = False
) -> str:
    """Python's format for `values`: whole numbers without decimals, floats as `decimals` says.

    `given` numbers are shown with all the decimals they were given with, at least `digits`.
    """
    array = np.asarray(values)
    plus = "+" if signed else ""
    if array.dtype.kind in "iub":
        return f"{plus},d"
    if given:
        exact = exact_decimals(array, digits or 0)
        return f"{plus},.{_MOST if exact is None else exact}f"
    return f"{plus},.{decimals(array, digits)}f"


def read_back(text: str) -> Decimal:
    """The number that a text on screen says. InvalidOperation for one that says none."""
    return Decimal(text.replace("−", "-").replace(",", "").replace("+", "").replace("%", ""))


def agrees(exact: Decimal, text: str) -> bool:
    """Whether a result as shown is `exact`, to its last digit."""
    value = read_back(text)
    step = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return exact.quantize(step, ROUND_HALF_EVEN) == value or abs(exact - value) * 2 <= step


def adds_up(terms: Iterable[Value], total: Value, spec: str, term_spec: str | None = None) -> bool:
    """Whether terms, as shown, add up to the total as shown, digit for digit."""
    parts = [read_back(shown(t, term_spec or spec)) for t in terms]
    return sum(parts, Decimal(0)) == read_back(shown(total, spec))
