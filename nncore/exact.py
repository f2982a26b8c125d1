"""What is zero, equal and exact: the one place that decides it for floats.

Sums and products of floats are off by some 1e-16 of the numbers they were made of. A difference
so small is noise and no fact: 0.2 - 0.1 - 0.1 may come out as -1e-17, and that is not below zero.
So every decision is relative to a *scale*, the size of the numbers that the value was made of: a
sum's terms, the larger of two numbers compared, the steepest slope of a terrain.
"""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.errors import Array, ParameterError

NOISE = 1e-9
"""What is at most this part of its scale is zero. A thousand roundings stay far below it, and
nothing that a picture or six digits can show is."""


@overload
def is_zero(value: float, scale: float) -> bool: ...


@overload
def is_zero(value: Array, scale: float | Array) -> NDArray[np.bool_]: ...


def is_zero(value: ArrayLike, scale: ArrayLike) -> bool | NDArray[np.bool_]:
    """Return whether a value is nothing beside its scale: ``|value| <= NOISE x |scale|``.

    Of arrays elementwise, their shapes broadcast. Beside a scale of 0 only 0 is zero. Raises
    ParameterError for what is not a finite number.
    """
    v, s = _finite(value), _finite(scale)
    zero: NDArray[np.bool_] = np.asarray(np.abs(v) <= NOISE * np.abs(s))
    return zero if zero.ndim else bool(zero)


@overload
def same(first: float, second: float, scale: float | None = None) -> bool: ...


@overload
def same(
    first: Array, second: float | Array, scale: float | Array | None = None
) -> NDArray[np.bool_]: ...


def same(
    first: ArrayLike, second: ArrayLike, scale: ArrayLike | None = None
) -> bool | NDArray[np.bool_]:
    """Return whether two numbers are equal but for rounding, relative to a scale: None is the
    larger of their own sizes. Of arrays elementwise. Raises as ``is_zero`` does."""
    a, b = _finite(first), _finite(second)
    beside = np.maximum(np.abs(a), np.abs(b)) if scale is None else _finite(scale)
    # Halves: the difference of two large numbers of opposite signs may be too large for a float.
    return is_zero(a / 2 - b / 2, beside / 2)


@overload
def sign(value: float, scale: float) -> int: ...


@overload
def sign(value: Array, scale: float | Array) -> NDArray[np.int64]: ...


def sign(value: ArrayLike, scale: ArrayLike) -> int | NDArray[np.int64]:
    """Return -1, 0 or 1: which side of zero a value lies on, 0 where it is zero beside its scale.

    Of arrays elementwise. Raises as ``is_zero`` does.
    """
    signs = np.asarray(np.sign(without_noise(np.asarray(value), _finite(scale)))).astype(np.int64)
    return signs if signs.ndim else int(signs)


@overload
def without_noise(value: float, scale: float) -> float: ...


@overload
def without_noise(value: Array, scale: float | Array) -> Array: ...


def without_noise(value: ArrayLike, scale: ArrayLike) -> float | Array:
    """Return a value as it is, but 0.0 where it is zero beside its scale (also instead of -0.0).

    Of arrays elementwise, a new array. Raises as ``is_zero`` does.
    """
    v, s = _finite(value), _finite(scale)
    clean: Array = np.asarray(np.where(is_zero(v, s), 0.0, v))
    return clean if clean.ndim else float(clean)


def _finite(values: ArrayLike) -> Array:
    try:
        array: Array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"Only numbers can be compared, not {values!r}.") from None
    if not np.isfinite(array).all():
        raise ParameterError("Only finite numbers can be compared.")
    return array
