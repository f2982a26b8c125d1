"""Walking down a terrain by its slope: fixed steps, or steps in proportion to the slope.

The talk; excerpts 1.14-1.15; "beans". In one dimension positions are numbers, in two pairs: a
record's arrays are (n,) or (n, 2) accordingly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
from nncore.exact import sign, without_noise
from nncore.terrain import Terrain, Terrain1D, bounds, gradient_at, steepness, value_at
from nncore.valleys import Valley, leads_to, points_on, valleys


@dataclass(frozen=True)
class FixedStep:
    """Step ``length`` downhill, however steep: -length x gradient / |gradient|."""

    length: float

    def __post_init__(self) -> None:
        check_number(self.length, "The step's length", above=0)

    def move(self, gradient: Array) -> Array:
        """Return the moves at gradients (..., d); none where it is level."""
        size = np.linalg.norm(gradient, axis=-1, keepdims=True)
        move: Array = -self.length * (gradient / np.where(size == 0, 1.0, size))
        return move


@dataclass(frozen=True)
class Proportional:
    """Step downhill in proportion to the slope: -learning_rate x gradient."""

    learning_rate: float

    def __post_init__(self) -> None:
        check_number(self.learning_rate, "The learning rate", above=0)

    def move(self, gradient: Array) -> Array:
        """Return the moves at gradients (..., d); not finite where too large for a float."""
        with np.errstate(over="ignore"):
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
    points against the one before); one that lands on the very bottom did not; ``bounces`` counts
    them. ``settled``: the last gradient is within the tolerance. ``exact``: it is 0, the walk
    ended where the ground is level, not merely near. ``left_domain``: the last move left the
    terrain, which ends the walk. A gradient that is zero beside the terrain's steepness but for
    rounding is 0.0.
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
    exact: bool
    left_domain: bool


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
    low, high = bounds(terrain)
    noise = steepness(terrain)
    p = np.atleast_1d(check_array(start, "The start", ndim=(0, 1)))
    if p.shape != low.shape:
        raise ShapeError(f"A start on this terrain is {len(low)} number(s), not {len(p)}.")
    if (p < low).any() or (p > high).any():
        raise ParameterError(f"The start must lie between {terrain.low} and {terrain.high}.")
    positions, gradients = [p], [without_noise(gradient_at(terrain, p), noise)]
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
        gradients.append(without_noise(gradient_at(terrain, p), noise))
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
    sizes = np.linalg.norm(slopes, axis=1)
    bounced = sign((slopes[1:] * slopes[:-1]).sum(axis=1), sizes[1:] * sizes[:-1]) < 0
    values = value_at(terrain, at)
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
        bool(sizes[-1] == 0) and not left,
        left,
    )


def descend_many(
    terrain: Terrain,
    starts: Sequence[ArrayLike],
    rule: Rule,
    *,
    steps: int = 100,
    tolerance: float = 1e-3,
) -> Descents:
    """Walk down from each start and say which valley each walk ends in.

    That is the one the ground leads to from its last position (``nncore.valleys.leads_to``),
    however far away. Raises as ``descend`` does.
    """
    if not len(starts):
        raise ParameterError("Give at least one start.")
    found = valleys(terrain)
    walks = tuple(
        descend(terrain, start, rule=rule, steps=steps, tolerance=tolerance) for start in starts
    )
    last = leads_to(terrain, np.array([walk.positions[-1] for walk in walks]), found)
    ends = tuple(int(end) if end >= 0 else None for end in last)
    return Descents(
        terrain,
        rule,
        found,
        walks,
        ends,
        tuple(end is not None and found[end].lowest for end in ends),
    )


@dataclass(frozen=True, eq=False)
class Crowd:
    """Many walks at once, n of them: ``positions`` (steps + 1, n) on a line, (steps + 1, n, 2) on
    a land, and ``values`` (steps + 1, n), the heights there.

    ``settled`` (n,): the last gradient is within the tolerance. ``left_domain`` (n,): the walk
    left the terrain; it stays at the first place outside. ``ends_in`` (n,): the index in
    ``valleys`` (deepest first) of the valley that the ground leads to from the last position, -1
    for none.
    """

    terrain: Terrain
    rule: Rule
    valleys: tuple[Valley, ...]
    positions: Array
    values: Array
    settled: NDArray[np.bool_]
    left_domain: NDArray[np.bool_]
    ends_in: NDArray[np.int64]


def descend_all(
    terrain: Terrain,
    starts: ArrayLike,
    rule: Rule,
    steps: int = 100,
    *,
    tolerance: float = 1e-3,
) -> Crowd:
    """Walk from all starts at once, (n,) on a line or (n, 2) on a land, ``steps`` moves each.

    Every walk is that of ``descend``; one that has settled or left the domain stands still.
    Raises ShapeError for starts of another shape or none, ParameterError for one outside the
    domain, a bad number, or a step too large to follow.
    """
    check_count(steps, "The number of steps")
    check_number(tolerance, "The tolerance", low=0)
    low, high = bounds(terrain)
    p = points_on(terrain, starts, "The starts")
    if not len(p):
        raise ShapeError("Give at least one start.")
    if (p < low).any() or (p > high).any():
        raise ParameterError(f"The starts must lie between {terrain.low} and {terrain.high}.")
    noise = steepness(terrain)
    positions = np.empty((steps + 1, *p.shape))
    positions[0] = p
    for k in range(steps + 1):
        gradients = without_noise(gradient_at(terrain, p), noise)
        left = (p < low).any(axis=1) | (p > high).any(axis=1)
        settled = ~left & (np.linalg.norm(gradients, axis=1) <= tolerance)
        if k < steps:
            p = p + np.where((left | settled)[:, None], 0.0, rule.move(gradients))
            if not np.isfinite(p).all():
                raise ParameterError("The step is too large to follow; give a smaller one.")
            positions[k + 1] = p
    found = valleys(terrain)
    line = isinstance(terrain, Terrain1D)
    values = value_at(terrain, positions)
    return Crowd(
        terrain,
        rule,
        found,
        read_only(positions[..., 0] if line else positions),
        read_only(values),
        read_only(settled),
        read_only(left),
        read_only(leads_to(terrain, p[:, 0] if line else p, found)),
    )
