"""Walking down a terrain by its slope: fixed steps, or steps in proportion to the slope.

The talk; excerpts 1.14-1.15; "beans". In one dimension positions are numbers, in two pairs: a
record's arrays are (n,) or (n, 2) accordingly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.errors import (
    Array,
    ParameterError,
    ShapeError,
    check_array,
    check_count,
    check_number,
    read_only,
)
from nncore.terrain import Terrain, Terrain1D


@dataclass(frozen=True)
class FixedStep:
    """Step ``length`` downhill, however steep: -length x gradient / |gradient|."""

    length: float

    def __post_init__(self) -> None:
        check_number(self.length, "The step's length", above=0)

    def move(self, gradient: Array) -> Array:
        """Return the move at a gradient, (1,) or (2,); none where it is level."""
        size = float(np.linalg.norm(gradient))
        return np.zeros_like(gradient) if size == 0 else -self.length * (gradient / size)


@dataclass(frozen=True)
class Proportional:
    """Step downhill in proportion to the slope: -learning_rate x gradient."""

    learning_rate: float

    def __post_init__(self) -> None:
        check_number(self.learning_rate, "The learning rate", above=0)

    def move(self, gradient: Array) -> Array:
        """Return the move at a gradient, (1,) or (2,)."""
        return -self.learning_rate * gradient


Rule = FixedStep | Proportional

# Three starts a terrain: by the rule beside them two walks end in the deepest valley, the last in
# a wrong one ("several valleys"; the talk).
RULE_1D = Proportional(0.06)
STARTS_1D = (-0.9, 1.9, 4.2)
RULE_2D = Proportional(0.06)
STARTS_2D = ((2.6, 0.4), (0.1, -2.4), (-0.4, 2.5))
RULE_XOR = Proportional(3.0)
STARTS_XOR = ((-10.0, 3.0), (-4.0, 1.0), (-2.0, 14.0))
STEPS_XOR = 200

# One bean (x = 0.4, y = 0.68) from w = 0: fixed steps that bounce, proportional ones that settle,
# that settle only by bouncing, and that run away (a rate above 1 / x^2 = 6.25).
BEAN_START = 0.0
BEAN_FIXED = FixedStep(0.4)
BEAN_PROPORTIONAL = Proportional(1.5)
BEAN_BOUNCING = Proportional(5.5)
BEAN_RUNAWAY = Proportional(6.5)


@dataclass(frozen=True, eq=False)
class Descent:
    """One walk of n moves: ``positions``, ``values`` and ``gradients`` before, between and after
    them (n + 1), the ``moves`` (n).

    ``bounced`` (n,): the move landed on the opposite slope (in two dimensions, where the gradient
    points against the one before); ``bounces`` counts them. ``settled``: the last gradient is
    within the tolerance. ``left_domain``: the last move left the terrain, which ends the walk.
    """

    terrain: Terrain
    rule: Rule
    tolerance: float
    positions: Array
    values: Array
    gradients: Array
    moves: Array
    bounced: NDArray[np.bool_]
    bounces: int
    settled: bool
    left_domain: bool


@dataclass(frozen=True, eq=False)
class Valley:
    """A local minimum within the domain: position (1,) or (2,), its value, and whether it is the
    lowest of all."""

    position: Array
    value: float
    lowest: bool


@dataclass(frozen=True, eq=False)
class Descents:
    """Walks from several starts. ``ends_in``: the index in ``valleys`` (deepest first) of the
    valley each ends in, None for none; ``in_lowest``: whether that is the deepest."""

    terrain: Terrain
    rule: Rule
    valleys: tuple[Valley, ...]
    descents: tuple[Descent, ...]
    ends_in: tuple[int | None, ...]
    in_lowest: tuple[bool, ...]


def _bounds(terrain: Terrain) -> tuple[Array, Array]:
    low, high = np.array(terrain.low, np.float64), np.array(terrain.high, np.float64)
    return np.atleast_1d(low), np.atleast_1d(high)


def _value(terrain: Terrain, p: Array) -> Array:
    """Return heights at points (..., d), d the terrain's dimensions."""
    return terrain.value(p[..., 0] if isinstance(terrain, Terrain1D) else p)


def _gradient(terrain: Terrain, p: Array) -> Array:
    if isinstance(terrain, Terrain1D):
        return np.asarray(terrain.slope(p[..., 0]))[..., None]
    return terrain.gradient(p)


def descend(
    terrain: Terrain,
    start: ArrayLike,
    *,
    rule: Rule,
    steps: int = 100,
    tolerance: float = 1e-3,
) -> Descent:
    """Walk at most ``steps`` moves from ``start``, until |gradient| <= tolerance.

    A walk that leaves the domain ends there, its last position outside. Raises ShapeError for a
    start of the wrong shape, ParameterError for one outside the domain or a bad number.
    """
    check_count(steps, "The number of steps")
    check_number(tolerance, "The tolerance", low=0)
    low, high = _bounds(terrain)
    p = np.atleast_1d(check_array(start, "The start", ndim=(0, 1)))
    if p.shape != low.shape:
        raise ShapeError(f"A start on this terrain is {len(low)} number(s), not {len(p)}.")
    if (p < low).any() or (p > high).any():
        raise ParameterError(f"The start must lie between {terrain.low} and {terrain.high}.")
    positions, gradients = [p], [_gradient(terrain, p)]
    moves: list[Array] = []
    settled = left = False
    while True:
        settled = bool(np.linalg.norm(gradients[-1]) <= tolerance)
        if settled or left or len(moves) == steps:
            break
        moves.append(rule.move(gradients[-1]))
        p = p + moves[-1]
        if not np.isfinite(p).all():
            raise ParameterError("The step is too large to follow; give a smaller one.")
        left = bool((p < low).any() or (p > high).any())
        positions.append(p)
        gradients.append(_gradient(terrain, p))
    return _descent(terrain, rule, tolerance, positions, gradients, moves, settled, left)


def _descent(
    terrain: Terrain,
    rule: Rule,
    tolerance: float,
    positions: list[Array],
    gradients: list[Array],
    moves: list[Array],
    settled: bool,
    left: bool,
) -> Descent:
    at, slopes = np.array(positions), np.array(gradients)
    went = np.array(moves).reshape(-1, at.shape[1])
    bounced = (slopes[1:] * slopes[:-1]).sum(axis=1) < 0
    values = _value(terrain, at)
    if isinstance(terrain, Terrain1D):
        at, slopes, went = at[:, 0], slopes[:, 0], went[:, 0]
    return Descent(
        terrain,
        rule,
        float(tolerance),
        read_only(at),
        read_only(values),
        read_only(slopes),
        read_only(went),
        read_only(bounced),
        int(bounced.sum()),
        settled and not left,
        left,
    )


def valleys(terrain: Terrain, n: int = 200) -> tuple[Valley, ...]:
    """Find the local minima inside the domain, deepest first.

    On a grid of n points a side, those lower than every neighbour; each refined by Newton's
    method on the gradient, and dropped if that leads out of its cell. Valleys narrower than a
    cell may be missed.
    """
    check_count(n, "The number of grid points", low=5)
    low, high = _bounds(terrain)
    ticks = [np.linspace(a, b, n) for a, b in zip(low, high, strict=True)]
    z = _value(terrain, np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1))
    inner = (slice(1, -1),) * z.ndim
    below = np.ones_like(z[inner], dtype=bool)
    for shift in product((-1, 0, 1), repeat=z.ndim):
        if any(shift):
            below &= z[inner] <= z[tuple(slice(1 + s, n - 1 + s) for s in shift)]
    found: list[tuple[float, Array]] = []
    for index in np.argwhere(below) + 1:
        start = np.array([t[i] for t, i in zip(ticks, index, strict=True)])
        bottom = _bottom(terrain, start, (high - low) / (n - 1))
        if bottom is not None and not any(
            (np.abs(bottom - other) < (high - low) / n).all() for _, other in found
        ):
            found.append((float(_value(terrain, bottom)), bottom))
    found.sort(key=lambda pair: pair[0])
    return tuple(Valley(read_only(p), v, i == 0) for i, (v, p) in enumerate(found))


def _bottom(terrain: Terrain, p: Array, cell: Array) -> Array | None:
    """Refine a grid minimum by Newton's method, the second slopes by central differences."""
    start = p
    d = len(p)
    step = 1e-3 * cell
    for _ in range(12):
        hessian = np.empty((d, d))
        for k in range(d):
            h = np.eye(d)[k] * step
            rise = _gradient(terrain, p + h) - _gradient(terrain, p - h)
            hessian[:, k] = rise / (2 * step[k])
        hessian = (hessian + hessian.T) / 2
        if np.linalg.eigvalsh(hessian).min() <= 0:
            return None
        p = p - np.linalg.solve(hessian, _gradient(terrain, p))
        if (np.abs(p - start) > 2 * cell).any():
            return None
    return p


def descend_many(
    terrain: Terrain,
    starts: Sequence[ArrayLike],
    rule: Rule,
    *,
    steps: int = 100,
    tolerance: float = 1e-3,
    reach: float = 0.1,
) -> Descents:
    """Walk down from each start and say which valley each walk ends in.

    That is the nearest valley within ``reach`` of the domain's size along each axis. Raises as
    ``descend`` does.
    """
    if not len(starts):
        raise ParameterError("Give at least one start.")
    check_number(reach, "The reach", above=0)
    found = valleys(terrain)
    walks = tuple(
        descend(terrain, start, rule=rule, steps=steps, tolerance=tolerance) for start in starts
    )
    low, high = _bounds(terrain)
    ends = tuple(
        _valley_at(np.atleast_1d(w.positions[-1]), found, high - low, reach) for w in walks
    )
    return Descents(
        terrain,
        rule,
        found,
        walks,
        ends,
        tuple(end is not None and found[end].lowest for end in ends),
    )


def _valley_at(p: Array, found: tuple[Valley, ...], size: Array, reach: float) -> int | None:
    away = [float((np.abs(p - valley.position) / size).max()) for valley in found]
    if not away or min(away) > reach:
        return None
    return int(np.argmin(away))
