"""Terrains to descend: costs over one weight or two, with their exact slopes.

The talk; excerpts 1.14-1.15; "beans". Heights have no unit (a cost); positions are weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike

from nncore.activations import SIGMOID
from nncore.boolean import INPUTS, XOR
from nncore.errors import Array, ParameterError, ShapeError, check_array, check_number, read_only
from nncore.losses import SQUARED_ERROR
from nncore.network import Layer, Network


@dataclass(frozen=True)
class Terrain1D:
    """A cost over one weight, ``low`` to ``high``: ``value(x)`` and ``slope(x)``, elementwise."""

    name: str
    low: float
    high: float
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]


@dataclass(frozen=True)
class Terrain2D:
    """A cost over two weights, both coordinates within ``low`` and ``high`` (a pair each).

    ``value`` takes (..., 2) and returns (...); ``gradient`` takes and returns (..., 2).
    """

    name: str
    low: tuple[float, float]
    high: tuple[float, float]
    value: Callable[[Array], Array]
    gradient: Callable[[Array], Array]


Terrain = Terrain1D | Terrain2D


@dataclass(frozen=True, eq=False)
class Heights:
    """A terrain's heights on a grid: ``z[i, j]`` at xs[j], ys[i]."""

    xs: Array
    ys: Array
    z: Array


def heights(terrain: Terrain2D, n: int = 220) -> Heights:
    """Return the heights on an n x n grid over the whole domain."""
    xs = np.linspace(terrain.low[0], terrain.high[0], n)
    ys = np.linspace(terrain.low[1], terrain.high[1], n)
    z = terrain.value(np.stack(np.meshgrid(xs, ys), axis=-1))
    return Heights(read_only(xs), read_only(ys), read_only(z))


def bounds(terrain: Terrain) -> tuple[Array, Array]:
    """Return the domain's low and high corner, each (d,), d the terrain's dimensions."""
    low, high = np.array(terrain.low, np.float64), np.array(terrain.high, np.float64)
    return np.atleast_1d(low), np.atleast_1d(high)


def value_at(terrain: Terrain, p: Array) -> Array:
    """Return the heights (...) at points (..., d)."""
    return terrain.value(p[..., 0] if isinstance(terrain, Terrain1D) else p)


def gradient_at(terrain: Terrain, p: Array) -> Array:
    """Return the gradients (..., d) at points (..., d)."""
    if isinstance(terrain, Terrain1D):
        return np.asarray(terrain.slope(p[..., 0]))[..., None]
    return terrain.gradient(p)


def grid(terrain: Terrain, n: int) -> Array:
    """Return points of the whole domain, n along each axis: (n, d) or (n, n, d), x first."""
    low, high = bounds(terrain)
    ticks = [np.linspace(a, b, n) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1)


def steepness(terrain: Terrain, n: int = 17) -> float:
    """Return the terrain's steepest slope, |gradient|, on a grid of n points a side.

    It is the size beside which a slope is zero or not (see ``nncore.exact``).
    """
    return float(np.linalg.norm(gradient_at(terrain, grid(terrain, n)), axis=-1).max())


# One valley, steeper on one side: 4 (e^(u/2) - u/2 - 1) with u = w - 2.


def _one_valley(w: Array) -> Array:
    u = (np.asarray(w, dtype=np.float64) - 2) / 2
    height: Array = 4 * (np.exp(u) - u - 1)
    return height


def _one_valley_slope(w: Array) -> Array:
    u = (np.asarray(w, dtype=np.float64) - 2) / 2
    slope: Array = 2 * (np.exp(u) - 1)
    return slope


def one_valley() -> Terrain1D:
    """Return a smooth valley, steeper on its right, with its minimum 0 at w = 2; -1 to 5."""
    return Terrain1D("one valley", -1.0, 5.0, _one_valley, _one_valley_slope)


def bean(x: float = 0.4, y: float = 0.68) -> Terrain1D:
    """Return the squared error (y - w x)^2 of one bean over its weight w ("beans"; "what is").

    With the default bean e(w) = 0.16 w^2 - 0.544 w + 0.4624, lowest at w = y / x = 1.7. The
    domain reaches 2.5 to both sides of the minimum. Raises ParameterError when x is 0.
    """
    check_number(y, "The bean's y")
    if check_number(x, "The bean's x") == 0:
        raise ParameterError("The bean's x must not be 0: every weight would cost the same.")
    return Terrain1D(
        "one bean",
        y / x - 2.5,
        y / x + 2.5,
        partial(_bean, x=x, y=y),
        partial(_bean_slope, x=x, y=y),
    )


def _bean(w: Array, x: float, y: float) -> Array:
    cost: Array = np.square(y - np.asarray(w) * x)
    return cost


def _bean_slope(w: Array, x: float, y: float) -> Array:
    slope: Array = -2 * x * (y - np.asarray(w) * x)
    return slope


# Several valleys: a gentle bowl around the origin, with Gaussian dips pressed into it (and a
# hill or two, as dips of negative depth).


@dataclass(frozen=True)
class Dip:
    """A Gaussian dip: centre, depth (negative: a hill) and width (standard deviation)."""

    centre: tuple[float, ...]
    depth: float
    width: float


def _dipped(p: Array, base: float, bowl: float, dips: tuple[Dip, ...]) -> Array:
    p = np.asarray(p, dtype=np.float64)
    height: Array = base + bowl * np.square(p).sum(axis=-1)
    for dip in dips:
        away = np.square(p - np.array(dip.centre)).sum(axis=-1)
        height = height - dip.depth * np.exp(-away / (2 * dip.width**2))
    return height


def _dipped_gradient(p: Array, bowl: float, dips: tuple[Dip, ...]) -> Array:
    p = np.asarray(p, dtype=np.float64)
    gradient: Array = 2 * bowl * p
    for dip in dips:
        d = p - np.array(dip.centre)
        bell = np.exp(-np.square(d).sum(axis=-1, keepdims=True) / (2 * dip.width**2))
        gradient = gradient + dip.depth / dip.width**2 * d * bell
    return gradient


def _dipped_1d(w: Array, base: float, bowl: float, dips: tuple[Dip, ...]) -> Array:
    return _dipped(np.asarray(w)[..., None], base, bowl, dips)


def _dipped_slope_1d(w: Array, bowl: float, dips: tuple[Dip, ...]) -> Array:
    slope: Array = _dipped_gradient(np.asarray(w)[..., None], bowl, dips)[..., 0]
    return slope


DIPS_1D = (Dip((-2.6,), 3.2, 0.6), Dip((0.6,), 5.6, 0.8), Dip((3.0,), 4.0, 0.55))
DIPS_2D = (
    Dip((1.1, -0.7), 6.6, 0.85),  # the deepest
    Dip((-1.5, 1.2), 4.6, 0.65),
    Dip((-1.4, -1.5), 3.4, 0.6),
    Dip((1.7, 1.7), 2.6, 0.55),
    Dip((-0.2, 0.5), -1.6, 0.7),  # a hill between them
)


def several_valleys_1d() -> Terrain1D:
    """Return three valleys over -4.5 to 4.5; the middle one is the deepest."""
    return Terrain1D(
        "several valleys",
        -4.5,
        4.5,
        partial(_dipped_1d, base=6.0, bowl=0.18, dips=DIPS_1D),
        partial(_dipped_slope_1d, bowl=0.18, dips=DIPS_1D),
    )


def several_valleys_2d() -> Terrain2D:
    """Return four valleys over [-3, 3]^2, one clearly the deepest."""
    return Terrain2D(
        "several valleys",
        (-3.0, -3.0),
        (3.0, 3.0),
        partial(_dipped, base=6.8, bowl=0.18, dips=DIPS_2D),
        partial(_dipped_gradient, bowl=0.18, dips=DIPS_2D),
    )


BOWL_CENTRE = (0.6, -0.4)
BOWL = ((0.9, 0.3), (0.3, 1.5))  # symmetric and positive: a slanting oval bowl


def _bowl(p: Array) -> Array:
    d = np.asarray(p, dtype=np.float64) - np.array(BOWL_CENTRE)
    height: Array = 0.5 * ((d @ np.array(BOWL)) * d).sum(axis=-1)
    return height


def _bowl_gradient(p: Array) -> Array:
    d = np.asarray(p, dtype=np.float64) - np.array(BOWL_CENTRE)
    gradient: Array = d @ np.array(BOWL)
    return gradient


def one_valley_2d() -> Terrain2D:
    """Return a slanting oval bowl over [-3, 3]^2, lowest, 0, at (0.6, -0.4)."""
    return Terrain2D("one valley", (-3.0, -3.0), (3.0, 3.0), _bowl, _bowl_gradient)


# The error of the XOR network over two of its nine parameters.

PARAMETER_NAMES = (
    "weight input 1 - hidden 1",
    "weight input 2 - hidden 1",
    "weight input 1 - hidden 2",
    "weight input 2 - hidden 2",
    "bias hidden 1",
    "bias hidden 2",
    "weight hidden 1 - output",
    "weight hidden 2 - output",
    "bias output",
)


# Found by a search for two link weights whose error has two valleys with a pass between them:
# the weight from input 1 into hidden neuron 2, and the weight of hidden neuron 2 on the output.
# In the deep valley both are right and the network solves XOR; in the wrong one hidden neuron 2
# fires for nearly every input, and one corner's answer cannot come right.
XOR_WEIGHTS = (-7.1, 6.2, -8.9, 6.2, 1.7, -0.8, -6.9, 9.8, 0.3)
XOR_INDICES = (2, 7)
XOR_LOW = (-14.0, -2.0)
XOR_HIGH = (8.0, 16.0)


@lru_cache
def xor_network() -> Network:
    """Return the network whose error is drawn, at the bottom of its deep valley: it solves XOR.

    Over ``XOR_INDICES`` within ``XOR_LOW`` and ``XOR_HIGH`` its summed squared error has minima
    of 0.195 at (-8.9, 9.8) and 0.986 at (0.7, 8.3).
    """
    w = np.array(XOR_WEIGHTS)
    return Network(
        [Layer(w[:4].reshape(2, 2), w[4:6], SIGMOID), Layer(w[6:8].reshape(1, 2), w[8:], SIGMOID)]
    )


def xor_parameters(network: Network) -> Array:
    """Return the nine parameters of a 2-2-1 network with biases, in PARAMETER_NAMES' order."""
    if network.sizes != (2, 2, 1) or any(layer.biases is None for layer in network.layers):
        raise ShapeError("The XOR surface needs a 2-2-1 network with biases.")
    parts = []
    for layer in network.layers:
        parts += [layer.weights.ravel(), np.asarray(layer.biases)]
    return np.concatenate(parts)


def xor_network_of(network: Network, parameters: ArrayLike) -> Network:
    """Return a 2-2-1 network like ``network``, with other parameters, (9,)."""
    p = check_array(parameters, "The parameters")
    if p.shape != (9,):
        raise ShapeError(f"A 2-2-1 network has 9 parameters, not {len(p)}.")
    return network.with_weights([p[:4].reshape(2, 2), p[6:8].reshape(1, 2)], [p[4:6], p[8:]])


def _xor_pass(
    p: Array, network: Network, indices: tuple[int, int]
) -> Iterator[tuple[list[Array], Array, int]]:
    """Run the network forward at all positions (..., 2) at once, a corner of XOR at a time.

    Yields the corner's signals (a number each or (...)): the two inputs, the weighted sums and
    the outputs of hidden 1 and 2, the output's sum; then its output (...), and its target.
    """
    c: list[Array] = list(xor_parameters(network))
    c[indices[0]], c[indices[1]] = p[..., 0], p[..., 1]
    hidden, last = (layer.activation.function for layer in network.layers)
    for (x, y), target in zip(INPUTS, XOR.targets, strict=True):
        z1 = c[0] * x + c[1] * y + c[4]
        z2 = c[2] * x + c[3] * y + c[5]
        h1, h2 = hidden(z1), hidden(z2)
        z = c[6] * h1 + c[7] * h2 + c[8]
        yield [x, y, z1, z2, h1, h2, z], last(z), target


def _xor_error(p: Array, network: Network, indices: tuple[int, int]) -> Array:
    p = np.asarray(p, dtype=np.float64)
    cost: Array = np.zeros(p.shape[:-1])
    for _, output, target in _xor_pass(p, network, indices):
        cost = cost + np.square(target - output)
    return cost


def _xor_gradient(p: Array, network: Network, indices: tuple[int, int]) -> Array:
    """Run the two slopes' backward pass at all positions at once."""
    p = np.asarray(p, dtype=np.float64)
    c: list[Array] = list(xor_parameters(network))
    c[indices[0]], c[indices[1]] = p[..., 0], p[..., 1]
    hidden, last = (layer.activation.derivative for layer in network.layers)
    gradient = np.zeros_like(p)
    for (x, y, z1, z2, h1, h2, z), output, target in _xor_pass(p, network, indices):
        e = 2 * (output - target) * last(z)
        e1, e2 = e * c[6] * hidden(z1), e * c[7] * hidden(z2)
        slopes = (e1 * x, e1 * y, e2 * x, e2 * y, e1, e2, e * h1, e * h2, e)
        for k, index in enumerate(indices):
            gradient[..., k] += slopes[index]
    return gradient


def xor_error_surface(
    network: Network | None = None,
    indices: Sequence[int] | None = None,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
) -> Terrain2D:
    """Return the summed squared error of a 2-2-1 network on XOR over two of its parameters.

    ``indices`` are places in PARAMETER_NAMES; the other seven parameters stay as they are in
    ``network``. Whatever is None is the choice documented at ``xor_network``.
    Raises ShapeError for another kind of network, ParameterError for bad indices or bounds.
    """
    network = replace(xor_network() if network is None else network, loss=SQUARED_ERROR)
    xor_parameters(network)
    first, second = XOR_INDICES if indices is None else indices
    if first == second or not all(0 <= i < len(PARAMETER_NAMES) for i in (first, second)):
        raise ParameterError(
            f"The two parameters must differ and lie in 0 to 8: {first}, {second}."
        )
    (x0, y0), (x1, y1) = XOR_LOW if low is None else low, XOR_HIGH if high is None else high
    if not (x0 < x1 and y0 < y1):
        raise ParameterError("Each low bound must be below its high bound.")
    return Terrain2D(
        "error of the XOR network",
        (float(x0), float(y0)),
        (float(x1), float(y1)),
        partial(_xor_error, network=network, indices=(first, second)),
        partial(_xor_gradient, network=network, indices=(first, second)),
    )
