"""Mountains to walk on whose cut along one line is a given error; the talk, excerpt 1.14, "beans".

A land is scenery round a true curve: ridges are laid beside the line and vanish on it, together
with their slope, so that a walker on the line feels the curve's own slope and stays on the line.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from nncore.errors import Array, ShapeError, check_number
from nncore.network import Network
from nncore.terrain import Dip, Terrain1D, Terrain2D, bean

# How far the land goes: to both sides of the bottom, before the line, beyond it; and how wide the
# path along the line is (standard deviation).
HALF_WIDTH = 3.0
BEFORE, BEYOND = -2.1, 3.3
PATH = 0.7

# The ridges, by w from the bottom, and the way from the line; hills are dips of negative depth.
RIDGES = (
    Dip((-2.6, 2.0), -0.95, 0.5),
    Dip((-1.75, 2.75), -1.35, 0.42),
    Dip((-0.95, 1.9), -0.75, 0.34),
    Dip((-0.2, 2.6), -1.15, 0.4),
    Dip((0.75, 2.2), -0.7, 0.3),
    Dip((1.35, 2.8), -1.5, 0.42),
    Dip((2.05, 2.0), -0.6, 0.33),
    Dip((2.75, 2.6), -0.8, 0.45),
    Dip((-1.9, 1.1), -0.4, 0.25),
    Dip((-0.5, 1.15), -0.28, 0.24),
    Dip((0.35, 1.35), -0.4, 0.24),
    Dip((1.35, 1.1), -0.42, 0.26),
    Dip((2.6, 1.1), -0.4, 0.26),
    Dip((-2.5, -1.2), -0.35, 0.3),
    Dip((-1.5, -1.7), -0.32, 0.32),
    Dip((-0.3, -1.2), -0.2, 0.26),
    Dip((0.8, -1.7), -0.3, 0.34),
    Dip((1.8, -1.2), -0.24, 0.26),
    Dip((2.7, -1.7), -0.35, 0.36),
)


def bean_mountain(x: float = 0.4, y: float = 0.68) -> Terrain2D:
    """Return a mountain over (w, v) whose cut along v = 0 is the bean's error (y - w x)^2.

    There its slope along v is 0 and along w the bean's own; elsewhere ridges rise above that
    error, so that the lowest place, height 0, is the bean's minimum (y / x, 0). Raises
    ParameterError when x is 0.
    """
    curve = bean(x, y)
    bottom = check_number(y, "The bean's y") / x
    return Terrain2D(
        "a mountain over one bean",
        (bottom - HALF_WIDTH, BEFORE),
        (bottom + HALF_WIDTH, BEYOND),
        partial(_height, curve=curve, bottom=bottom),
        partial(_gradient, curve=curve, bottom=bottom),
    )


def _parts(p: Array, bottom: float) -> tuple[Array, Array, Array, Array, Array]:
    """How much of the ridges there is at (..., 2), its slope along v; their height, two slopes."""
    p = np.asarray(p, dtype=np.float64)
    w, v = p[..., 0] - bottom, p[..., 1]
    path = np.exp(-np.square(v / PATH) / 2)
    height, east, north = np.full(w.shape, 0.08), np.zeros(w.shape), np.zeros(w.shape)
    for ridge in RIDGES:
        dw, dv = w - ridge.centre[0], v - ridge.centre[1]
        bell = -ridge.depth * np.exp(-(dw**2 + dv**2) / (2 * ridge.width**2))
        height += bell
        east -= bell * dw / ridge.width**2
        north -= bell * dv / ridge.width**2
    return 1 - path, v / PATH**2 * path, height, east, north


def _height(p: Array, curve: Terrain1D, bottom: float) -> Array:
    share, _, height, _, _ = _parts(p, bottom)
    z: Array = curve.value(np.asarray(p)[..., 0]) + share * height
    return z


def _gradient(p: Array, curve: Terrain1D, bottom: float) -> Array:
    share, growth, height, east, north = _parts(p, bottom)
    along = curve.slope(np.asarray(p)[..., 0]) + share * east
    return np.stack([along, share * north + growth * height], axis=-1)


def answer_land(network: Network, low: tuple[float, float], high: tuple[float, float]) -> Terrain2D:
    """Return what a network of two inputs and one output answers, as heights over its inputs.

    Raises ShapeError for another kind of network.
    """
    if (network.sizes[0], network.sizes[-1]) != (2, 1):
        raise ShapeError("A land needs a network of two inputs and one output.")
    value, gradient = partial(_answer, network=network), partial(_answer_gradient, network=network)
    return Terrain2D("answer of a network", low, high, value, gradient)


def _answer(p: Array, network: Network) -> Array:
    places = np.asarray(p, dtype=np.float64)
    return network.forward(places.reshape(-1, 2)).output.reshape(places.shape[:-1])


def _answer_gradient(p: Array, network: Network) -> Array:
    places = np.asarray(p, dtype=np.float64)
    sums = network.forward(places.reshape(-1, 2)).weighted_sums
    slope = np.ones((len(sums[-1]), 1))
    for layer, z in zip(reversed(network.layers), reversed(sums), strict=True):
        slope = slope * layer.activation.derivative(z) @ layer.weights
    return slope.reshape(places.shape)
