"""The outline of what a network of two inputs says yes to: closed or open, round or angular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nncore.errors import Array, ParameterError, ShapeError, read_only
from nncore.network import Network

Kind = Literal["closed", "open", "none"]

_RAYS = 720
_STEPS = 400
_EDGE = 2001  # points looked at on each side of the square


@dataclass(frozen=True, eq=False)
class Outline:
    """Where a network's output is above 0.5 within a square around (0, 0).

    ``kind``: `none` if the outline is not in the square, for the output is above 0.5 nowhere or
    everywhere in it; `open` if it meets the square's sides; else `closed`. ``radii`` (rays,): how
    far from (0, 0) the farthest such point lies in each direction, 0 where there is none.
    ``roundness``: the shortest of them over the longest, 1 for a circle; 0 unless closed.
    """

    kind: Kind
    radii: Array
    roundness: float


def outline(network: Network, reach: float) -> Outline:
    """Look along rays from (0, 0), and along the sides of the square [-reach, reach]^2.

    Raises ShapeError for another network than of two inputs and one output, ParameterError for a
    reach that is not above 0.
    """
    if (network.sizes[0], network.sizes[-1]) != (2, 1):
        raise ShapeError("An outline needs a network of two inputs and one output.")
    if not reach > 0:
        raise ParameterError(f"The reach must be above 0, not {reach:g}.")
    angles = np.linspace(0.0, 2 * np.pi, _RAYS, endpoint=False)
    along = np.column_stack([np.cos(angles), np.sin(angles)])
    longest = reach / np.abs(along).max(axis=1)
    far = longest[:, None] * np.linspace(0.0, 1.0, _STEPS)
    yes = _yes(network, (far[..., None] * along[:, None]).reshape(-1, 2)).reshape(far.shape)
    radii = np.where(yes, far, 0.0).max(axis=1)
    side = np.linspace(-reach, reach, _EDGE)
    ends = np.full_like(side, reach)
    edge = np.concatenate(
        [np.column_stack(p) for p in ((side, ends), (side, -ends), (ends, side), (-ends, side))]
    )
    at_edge = _yes(network, edge)
    if not (yes.any() or at_edge.any()) or (yes.all() and at_edge.all()):
        kind: Kind = "none"
    else:
        kind = "open" if at_edge.any() else "closed"
    roundness = float(radii.min() / radii.max()) if kind == "closed" else 0.0
    return Outline(kind, read_only(radii), roundness)


def _yes(network: Network, points: Array) -> NDArray[np.bool_]:
    above: NDArray[np.bool_] = network.forward(points).output[:, 0] > 0.5
    return above
