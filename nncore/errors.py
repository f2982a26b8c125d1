"""The errors this package raises, and the checks that raise them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[np.floating[Any]]


class NNError(ValueError):
    """A mistake in what the user gave; ``str(error)`` is one clear sentence."""


class ShapeError(NNError):
    """An array whose shape does not fit where it is to go."""


class ParameterError(NNError):
    """A value outside what is allowed or what can work."""


class DataError(NNError):
    """A damaged or unreadable data or weights file."""


def check_number(
    value: float, name: str, *, above: float | None = None, low: float | None = None
) -> float:
    """Return ``value`` as a float if it is finite, > ``above`` and >= ``low``.

    Raises ParameterError otherwise.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be a number, not {value!r}.") from None
    if not math.isfinite(number):
        raise ParameterError(f"{name} must be a finite number, not {number}.")
    if above is not None and number <= above:
        raise ParameterError(f"{name} must be greater than {above:g}, not {number:g}.")
    if low is not None and number < low:
        raise ParameterError(f"{name} must be at least {low:g}, not {number:g}.")
    return number


def check_count(value: int, name: str, *, low: int = 1) -> int:
    """Return ``value`` if it is a whole number >= ``low``; raises ParameterError otherwise."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ParameterError(f"{name} must be a whole number, not {value!r}.")
    if value < low:
        raise ParameterError(f"{name} must be at least {low}, not {value}.")
    return int(value)


def check_array(
    values: ArrayLike,
    name: str,
    *,
    ndim: int | tuple[int, ...] = 1,
    dtype: DTypeLike = np.float64,
    width: int | None = None,
) -> Array:
    """Return ``values`` as a float array of ``ndim`` dimensions, the last of ``width`` numbers
    unless that is None, finite throughout.

    Raises ShapeError for another shape and ParameterError for anything that is not a finite
    number.
    """
    try:
        array: Array = np.asarray(values, dtype=dtype)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be a regular array of numbers.") from None
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if array.ndim not in allowed:
        wanted = " or ".join(str(n) for n in allowed)
        raise ShapeError(f"{name} must have {wanted} dimension(s), not {array.ndim}.")
    if not np.isfinite(array).all():
        raise ParameterError(f"{name} must hold finite numbers only.")
    if width is not None and array.shape[-1] != width:
        raise ShapeError(f"{name} must be {width} numbers each, not {array.shape[-1]}.")
    return array


def read_only(values: ArrayLike) -> NDArray[Any]:
    """Return ``values`` as a read-only array of its own (copied unless it is one already)."""
    if isinstance(values, np.ndarray) and values.flags.owndata and not values.flags.writeable:
        return values
    array = np.array(values)
    array.setflags(write=False)
    return array
