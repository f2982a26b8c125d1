"""What the valleys' clip shows: parties of walkers on lands, and where they come to rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.descent import Crowd, Proportional, descend_all
from nncore.errors import Array, read_only
from nncore.terrain import Terrain2D

GROOVE = (0.04, 0.02)  # of the land's width and of its heights: apart, and yet as low


@dataclass(frozen=True, eq=False)
class Party:
    """Walkers on a land. `heights` (valleys,) of its bottoms, deepest first; `resting` (steps + 1,
    valleys): how many have come to rest in each after so many steps; `total` of them there are."""

    land: Terrain2D
    walks: Crowd
    heights: Array
    resting: NDArray[np.int64]
    total: int

    @property
    def ended(self) -> NDArray[np.int64]:
        """How many rest in each valley at the end."""
        return self.resting[-1]


@dataclass(frozen=True, eq=False)
class Run:
    """Three walkers and a crowd on one land; three on the error of the XOR network."""

    three: Party
    crowd: Party
    network: Party


def party(land: Terrain2D, starts: Any, rate: float, steps: int) -> Party:
    """Walks from all starts, and where they come to rest."""
    walks = descend_all(land, starts, Proportional(rate), steps)
    moving = np.any(walks.positions[1:] != walks.positions[:-1], axis=2)
    last = np.where(moving.any(axis=0), len(moving) - moving[::-1].argmax(axis=0), 0)
    after = np.arange(steps + 1)[:, None] >= last
    at_rest = (after & walks.settled)[..., None]
    here = walks.ends_in[:, None] == np.arange(len(walks.valleys))
    return Party(
        land,
        walks,
        read_only(np.array([v.value for v in walks.valleys])),
        read_only((at_rest & here).sum(axis=1)),
        len(walks.settled),
    )


def how_many(p: Party) -> str:
    """Which is true of a party: all rest in the lowest valley, none, some; or not all rest."""
    if p.ended.sum() < p.total:
        return "part"
    return {p.total: "all", 0: "none"}.get(int(p.ended[0]), "some")


def ends(p: Party) -> str:
    """How the places where walkers rest lie: in a groove, in several valleys, or in one."""
    walks, (low, high) = p.walks, (np.array(p.land.low), np.array(p.land.high))
    if p.ended.sum() < p.total:
        return "going"
    places, values = walks.positions[-1], walks.values[-1]
    apart = np.linalg.norm((places[:, None] - places) / (high - low), axis=2)
    level = np.abs(values[:, None] - values) / float(np.ptp(walks.values))
    alike = walks.ends_in[:, None] == walks.ends_in
    if (alike & (apart > GROOVE[0]) & (level < GROOVE[1])).any():
        return "groove"
    return "several" if len(set(walks.ends_in.tolist())) > 1 else "one"
