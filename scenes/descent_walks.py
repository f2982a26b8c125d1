"""The records of the descent's clip: spots and walks on one weight's error, parties on terrains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nncore.descent import Descent as Walk
from nncore.descent import Descents, Rule, descend, descend_many, valleys
from nncore.terrain import Terrain1D, Terrain2D


@dataclass(frozen=True)
class Spot:
    """A weight, its error and the error's slope there."""

    weight: float
    error: float
    slope: float


@dataclass(frozen=True, eq=False)
class Line:
    """A walk over one weight, how many steps it took, and the bounces before each and after."""

    walk: Walk
    count: int
    bounces: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Party:
    """Walkers on one terrain: their walks, and how many of them ended in the lowest valley."""

    terrain: Terrain2D
    walks: Descents
    total: int
    in_lowest: int
    in_none: int


def bottom_of(terrain: Terrain1D) -> float:
    """Where the deepest valley of the terrain is."""
    return float(valleys(terrain)[0].position[0])


def spot_at(terrain: Terrain1D, w: float) -> Spot:
    """The terrain at `w`."""
    at = np.array(w)
    return Spot(w, float(terrain.value(at)), float(terrain.slope(at)))


def walk_down(terrain: Terrain1D, start: float, rule: Rule, steps: int) -> Line:
    """A walk by `rule` from `start`, at most `steps` steps."""
    walk = descend(terrain, start, rule=rule, steps=steps)
    bounces = np.concatenate([[0], np.cumsum(walk.bounced)])
    return Line(walk, len(walk.moves), tuple(int(b) for b in bounces))


def send_out(
    terrain: Terrain2D, starts: Sequence[tuple[float, float]], rule: Rule, steps: int
) -> Party:
    """Walks by `rule` from all `starts`, at most `steps` steps each."""
    walks = descend_many(terrain, starts, rule, steps=steps)
    in_none = sum(end is None for end in walks.ends_in)
    return Party(terrain, walks, len(walks.descents), sum(walks.in_lowest), in_none)


def outcome(line: Line) -> tuple[str, tuple[str, ...]]:
    """The caption that is true of a walk by its slope, and the figures in it."""
    walk = line.walk
    if walk.left_domain:
        return "runaway", ("rate",)
    if not walk.settled:
        return "unsettled", ("rate", "count", "slope")
    if line.count == 1:
        return "once", ("rate",)
    if walk.bounces:
        return "settled_bouncing", ("bounces", "weight")
    return "settled", ("count", "weight")


def how_many(party: Party) -> str:
    """Which verdict is true of a party."""
    if party.in_lowest == party.total:
        return "all"
    if party.in_lowest == 0:
        return "none"
    return "part" if party.in_none else "some"
