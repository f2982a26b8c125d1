"""The valleys of a terrain, and which of them the ground leads to from anywhere.

The talk; excerpts 1.14-1.15; "beans" (several valleys).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.errors import Array, check_array, check_count, read_only
from nncore.exact import NOISE
from nncore.terrain import Terrain, Terrain1D, bounds, gradient_at, grid, steepness, value_at

_DROP = 0.005  # of the domain's shorter side: a drop's step, and how near a bottom it has arrived
_DROP_STEPS = 3000


@dataclass(frozen=True, eq=False)
class Valley:
    """A local minimum within the domain: position (1,) or (2,), its value, and whether it is the
    lowest of all."""

    position: Array
    value: float
    lowest: bool


def valleys(terrain: Terrain, n: int = 200) -> tuple[Valley, ...]:
    """Find the local minima inside the domain, deepest first.

    On a grid of n points a side, those lower than every neighbour; each refined by Newton's
    method on the gradient, and dropped if that leads out of its cell. Valleys narrower than a
    cell may be missed.
    """
    check_count(n, "The number of grid points", low=5)
    low, high = bounds(terrain)
    points = grid(terrain, n)
    z = value_at(terrain, points)
    inner = (slice(1, -1),) * z.ndim
    below = np.ones_like(z[inner], dtype=bool)
    for shift in product((-1, 0, 1), repeat=z.ndim):
        if any(shift):
            below &= z[inner] <= z[tuple(slice(1 + s, n - 1 + s) for s in shift)]
    found: list[tuple[float, Array]] = []
    for index in np.argwhere(below) + 1:
        bottom = _bottom(terrain, points[tuple(index)], (high - low) / (n - 1))
        if bottom is not None and not any(
            (np.abs(bottom - other) < (high - low) / n).all() for _, other in found
        ):
            found.append((float(value_at(terrain, bottom)), bottom))
    found.sort(key=lambda pair: pair[0])
    return tuple(Valley(read_only(p), v, i == 0) for i, (v, p) in enumerate(found))


def _bottom(terrain: Terrain, p: Array, cell: Array) -> Array | None:
    """Refine a grid minimum by Newton's method."""
    start = p
    for _ in range(12):
        hessian = _hessian(terrain, p, 1e-3 * cell)
        if np.linalg.eigvalsh(hessian).min() <= 0:
            return None
        p = p - np.linalg.solve(hessian, gradient_at(terrain, p))
        if (np.abs(p - start) > 2 * cell).any():
            return None
    return p


def _hessian(terrain: Terrain, p: Array, step: Array) -> Array:
    """Return the second slopes (..., d, d) at points (..., d), by central differences."""
    shifts = np.diag(step)
    ahead = gradient_at(terrain, p[..., None, :] + shifts)
    behind = gradient_at(terrain, p[..., None, :] - shifts)
    rise: Array = (ahead - behind) / (2 * step[:, None])
    return (rise + np.swapaxes(rise, -1, -2)) / 2


def leads_to(
    terrain: Terrain, points: ArrayLike, found: Sequence[Valley] | None = None
) -> NDArray[np.int64]:
    """Return in which valley a drop of water ends that starts at each point.

    ``points`` (n,) on a line, (n, 2) on a land. ``found``: the terrain's valleys, None for
    ``valleys(terrain)``. Returns (n,) their indices, -1 where the ground leads nowhere: it is
    level, or leads out of the domain, or the point lies outside. The drop follows the gradient
    in tiny steps, not the nearest valley and not a learning rule, which may jump over a ridge.
    Raises ShapeError or ParameterError for points that do not fit.
    """
    found = valleys(terrain) if found is None else found
    p = points_on(terrain, points, "The points").copy()
    ends = np.full(len(p), -1, dtype=np.int64)
    low, high = bounds(terrain)
    least = NOISE * steepness(terrain)
    length = _DROP * float((high - low).min())
    bottoms = np.array([valley.position for valley in found]).reshape(-1, len(low))
    going = np.arange(len(p))
    for _ in range(_DROP_STEPS):
        here = p[going]
        away = np.linalg.norm(here[:, None] - bottoms, axis=-1)
        arrived = (away <= length).any(axis=1)
        ends[going[arrived]] = away[arrived].argmin(axis=1) if len(found) else -1
        slopes = gradient_at(terrain, here)
        level = np.linalg.norm(slopes, axis=-1) <= least
        inside = ((here >= low) & (here <= high)).all(axis=1)
        on = inside & ~arrived & ~level
        going = going[on]
        if not len(going):
            break
        p[going] += _drop(terrain, here[on], slopes[on], length)
    return ends


def _drop(terrain: Terrain, p: Array, slopes: Array, length: float) -> Array:
    """Return moves (n, d) along the gradient's flow from points p, of about `length` at most.

    Each follows the parabola that touches the ground, exactly: so it neither swings from side to
    side in a narrow valley nor creeps along its floor.
    """
    curve, axes = np.linalg.eigh(_hessian(terrain, p, np.full(p.shape[1], length / 100)))
    along = np.einsum("nij,ni->nj", axes, slopes)
    # For so long that a straight slope would give the length; on a ridge no longer than it
    # takes to leave it.
    time = np.minimum(length / np.linalg.norm(slopes, axis=1), 1 / np.maximum(-curve[:, 0], 1e-300))
    x = curve * time[:, None]
    share = np.where(np.abs(x) < 1e-9, 1.0, -np.expm1(-x) / np.where(x == 0, 1.0, x))
    moves: Array = -np.einsum("nij,nj->ni", axes, along * share * time[:, None])
    return moves


def points_on(terrain: Terrain, points: ArrayLike, name: str) -> Array:
    """Return points (n,) of a line or (n, 2) of a land as (n, d); raises ShapeError for others."""
    line = isinstance(terrain, Terrain1D)
    p = check_array(points, name, ndim=1 if line else 2, width=None if line else 2)
    return p[:, None] if line else p
