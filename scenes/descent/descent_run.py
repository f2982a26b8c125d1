"""What the descent's clip shows: a walk over a mountain, two spots, two walks down one curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from nncore.descent import BEAN_PROPORTIONAL, Descent, FixedStep, Proportional, descend
from nncore.errors import Array
from nncore.lands import bean_mountain
from nncore.terrain import Terrain1D, Terrain2D, bean
from scenes.kit.facts import larger, same

X, Y = 0.4, 0.68
BOTTOM = Y / X
OWN_STEPS, BOUNCES_SHOWN = 60, 4
AIR = 0.15  # of the walks' width, beside them


@dataclass(frozen=True, eq=False)
class Run:
    """The bean x, y; a walk over a mountain round its squared error; two spots that mirror each
    other, w and slope; two walks down the curve; `steps` are the numbers of steps of the second."""

    bean: tuple[float, float]
    rate: float
    mountain: Terrain2D
    curve: Terrain1D
    stroll: Descent
    spots: Array
    slopes: Array
    fixed: Descent
    own: Descent
    steps: NDArray[np.int64]
    bottom: float = BOTTOM


def run(start: float, fixed_step: float, rate: float) -> Run:
    """Every walk; the fixed steps go on until they have bounced for a while."""
    curve, mountain = bean(X, Y), bean_mountain(X, Y)
    spots = np.array([start, 2 * BOTTOM - start])
    enough = ceil(abs(start - BOTTOM) / fixed_step) + BOUNCES_SHOWN
    own = descend(curve, start, rule=Proportional(rate), steps=OWN_STEPS)
    return Run(
        (X, Y), rate, mountain, curve,
        stroll=descend(mountain, (start, 0.0), rule=BEAN_PROPORTIONAL),
        spots=spots, slopes=curve.slope(spots),
        fixed=descend(curve, start, rule=FixedStep(fixed_step), steps=enough, tolerance=0.0),
        own=own, steps=np.arange(len(own.moves) + 1),
    )  # fmt: skip


def window(r: Run) -> tuple[tuple[float, float], tuple[float, float]]:
    """The part of the curve over which both walks go, with some air round it."""
    low, high = r.mountain.low[0], r.mountain.high[0]
    spots = np.clip(np.concatenate([r.fixed.positions, r.own.positions]), low, high)
    air = AIR * float(np.ptp(spots))
    across = max(low, float(spots.min()) - air), min(high, float(spots.max()) + air)
    return across, (0.0, (1 + AIR) * float(r.curve.value(np.array(across)).max()))


def advice(slope: float) -> tuple[int, str]:
    """Which way w must go, and the key of the words that say so."""
    return (1, "increase") if slope < 0 else (-1, "decrease")


def outcome(walk: Descent) -> str:
    """What is true of a walk whose steps are in proportion to the slope."""
    first, last = (abs(float(g)) for g in walk.gradients[[0, -1]])
    if walk.settled:
        if len(walk.moves) == 1:
            return "once" if walk.exact else "nearly"
        return "settled_bouncing" if walk.bounces else "settled"
    if same(first, last):
        return "for_ever"
    if larger(last, first):
        return "runaway"
    return "swinging" if walk.bounces else "slow"
