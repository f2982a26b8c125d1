"""How wrong an output is, as one number, and how that number changes with the output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nncore.errors import Array


@dataclass(frozen=True)
class Loss:
    """A named loss: ``function(output, target)`` summed over every element (of a whole batch, if
    it is one), and ``derivative(output, target)`` with respect to the output, elementwise."""

    name: str
    function: Callable[[Array, Array], float]
    derivative: Callable[[Array, Array], Array]


def _squared(output: Array, target: Array) -> float:
    difference = (target - output).ravel()
    return float(np.dot(difference, difference))


def _squared_slope(output: Array, target: Array) -> Array:
    return 2 * (output - target)


def _half_squared(output: Array, target: Array) -> float:
    return 0.5 * _squared(output, target)


def _half_squared_slope(output: Array, target: Array) -> Array:
    return output - target


SQUARED_ERROR = Loss("squared error", _squared, _squared_slope)
HALF_SQUARED_ERROR = Loss("half squared error", _half_squared, _half_squared_slope)
