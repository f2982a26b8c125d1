"""Small sets of points to learn, drawn from a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncore.errors import Array, check_count, read_only

DISC = 0.5  # the disc's radius
RING = (0.8, 1.1)  # the ring's inner and outer radius


def disc_in_ring(count: int, seed: int) -> tuple[Array, NDArray[np.int64]]:
    """Return points (count, 2) and their classes (count,): 1 in a disc, 0 in a ring around it.

    The circle data of "beans": no straight line parts them, and the boundary must close. Both
    lie around (0, 0), the disc within 0.5, the ring between 0.8 and 1.1, without a unit; angles
    and distances are spread evenly, the classes take turns, from 0. ``count`` >= 2 and
    ``seed`` >= 0, else ParameterError.
    """
    check_count(count, "The number of points", low=2)
    rng = np.random.default_rng(check_count(seed, "The seed", low=0))
    classes = np.arange(count) % 2
    radius = np.where(classes == 1, rng.uniform(0, DISC, count), rng.uniform(*RING, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return read_only(points), read_only(classes)
