"""What a neuron does with its weighted sum z. Each function and derivative keeps z's dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from scipy.special import expit

from nncore.errors import Array, check_number

LEAK = 0.01  # the slope of the leaky ReLU below zero


@dataclass(frozen=True)
class Activation:
    """A named activation: ``function(z)`` and its ``derivative(z)``, elementwise, any shape.

    ``slope_at(y)`` is the derivative too, from the output y = f(z): cheaper, but coarse where y
    is so near its limit that it is rounded to it.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    slope_at: Callable[[Array], Array]


def _step(z: Array) -> Array:
    """Fire above zero, not at zero: w.x - b > 0."""
    z = np.asarray(z)
    return (z > 0).astype(z.dtype)


def _flat(z: Array) -> Array:
    return np.zeros_like(z)


def _identity(z: Array) -> Array:
    return np.array(z)


def _one(z: Array) -> Array:
    return np.ones_like(z)


def _sigmoid(z: Array) -> Array:
    result: Array = expit(z)
    return result


def _sigmoid_slope(z: Array) -> Array:
    # The same as s(1 - s), without the cancellation of 1 - s for a large z.
    small: Array = np.exp(-np.abs(z))
    result: Array = small / np.square(1 + small)
    return result


def _sigmoid_slope_at(y: Array) -> Array:
    return y * (1 - y)


def _steep(z: Array, steepness: float) -> Array:
    return _sigmoid(steepness * z)


def _steep_slope(z: Array, steepness: float) -> Array:
    return steepness * _sigmoid_slope(steepness * z)


def _steep_slope_at(y: Array, steepness: float) -> Array:
    return steepness * _sigmoid_slope_at(y)


def _relu(z: Array) -> Array:
    result: Array = np.maximum(z, 0)
    return result


def _leaky_relu(z: Array) -> Array:
    result: Array = np.where(np.asarray(z) > 0, z, LEAK * z)
    return result


def _leaky_relu_slope(z: Array) -> Array:
    result: Array = np.where(np.asarray(z) > 0, np.ones_like(z), LEAK * np.ones_like(z))
    return result


def _tanh(z: Array) -> Array:
    result: Array = np.tanh(z)
    return result


def _tanh_slope_at(y: Array) -> Array:
    return (1 - y) * (1 + y)


def _tanh_slope(z: Array) -> Array:
    return _tanh_slope_at(np.tanh(z))


# The ReLUs keep the sign of z, so their slope is found from the output as from z.
STEP = Activation("step", _step, _flat, _flat)
IDENTITY = Activation("identity", _identity, _one, _one)
SIGMOID = Activation("sigmoid", _sigmoid, _sigmoid_slope, _sigmoid_slope_at)
RELU = Activation("relu", _relu, _step, _step)
LEAKY_RELU = Activation("leaky-relu", _leaky_relu, _leaky_relu_slope, _leaky_relu_slope)
TANH = Activation("tanh", _tanh, _tanh_slope, _tanh_slope_at)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {a.name: a for a in (STEP, IDENTITY, SIGMOID, RELU, LEAKY_RELU, TANH)}
)


def steep_sigmoid(steepness: float) -> Activation:
    """Return sigmoid(steepness * z): between the sigmoid (1) and the step (very large).

    ``steepness`` > 0, else ParameterError.
    """
    k = check_number(steepness, "The steepness", above=0)
    return Activation(
        f"sigmoid x {k:g}",
        partial(_steep, steepness=k),
        partial(_steep_slope, steepness=k),
        partial(_steep_slope_at, steepness=k),
    )
