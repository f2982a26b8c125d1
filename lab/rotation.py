"""Slightly turned copies of the training images (the book's chapter 3.3).

Bilinear turning is linear in the pixels: a matrix for each angle, made by scipy from the 784
images of a single bright pixel, turns all images at once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse

from nncore.digits import PIXELS, SIDE
from nncore.errors import ParameterError, check_number

MAX_DEGREES = 45.0

Inputs = NDArray[np.float32]


def check_degrees(degrees: float) -> float:
    """Degrees to turn by at most, 0 to 45; ParameterError outside."""
    if check_number(degrees, "rotate", low=0) > MAX_DEGREES:
        raise ParameterError(f"rotate must be at most {MAX_DEGREES:g} degrees, not {degrees:g}.")
    return float(degrees)


def turned(inputs: Inputs, degrees: float, paper: float) -> Inputs:
    """Images (n, 784) turned anticlockwise about their middle, paper coming in at the corners."""
    result: Inputs = ((inputs - np.float32(paper)) @ _turner(float(degrees))) + np.float32(paper)
    return result


def turned_at_random(
    inputs: Inputs, degrees: float, paper: float, rng: np.random.Generator
) -> Inputs:
    """Each image turned by an angle of its own: a whole number of `degrees` / 10, drawn evenly
    from -degrees to +degrees."""
    tenths = rng.integers(-10, 11, len(inputs))
    result = inputs.copy()
    for tenth in np.unique(tenths):
        if degrees * tenth:  # what is not turned keeps its bits
            chosen = np.flatnonzero(tenths == tenth)
            result[chosen] = turned(inputs[chosen], degrees * tenth / 10, paper)
    return result


@cache
def _turner(degrees: float) -> sparse.csc_matrix:
    """The matrix (784, 784) that turns images (n, 784) from the left."""
    pixels = np.eye(PIXELS, dtype=np.float32).reshape(PIXELS, SIDE, SIDE)
    spread = ndimage.rotate(pixels, degrees, axes=(1, 2), reshape=False, order=1, prefilter=False)
    return sparse.csc_matrix(spread.reshape(PIXELS, PIXELS))
