"""Digits drawn for this project, in the form of MNIST's, for where MNIST is not at hand.

Each digit is a few pen strokes through control points in the unit square (x to the right,
y downwards). A round pen is drawn along them with numpy alone, and the picture is prepared as
MNIST's are: fitted into 20×20 pixels and moved so that the ink's centre of mass is the middle
of pixel (14, 14), rows and columns counted from 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncore.errors import ParameterError, check_number

Points = NDArray[np.float64]

SIDE = 28
BOX = 20.0
"""Side of the square the ink is fitted into, pixels."""

CENTRE = 14.5
"""Where the centre of mass lies, x and y, pixels: MNIST's images have it there."""

THICKNESS = 2.3
TILT_LIMIT = 45.0
THICKNESS_LIMITS = (1.0, 6.0)

_SOFTNESS = 1.5  # pixels over which the pen's edge fades, as the scanned ink of MNIST does
_STEPS = 12  # line segments between two control points
_OFF_CENTRE = 0.06  # pixels that the centre of mass may be off
_SHIFTS = 4

_Piece = tuple[tuple[float, float], ...]

# A stroke is one or more pieces: smooth within a piece, a corner where two meet.
_STROKES: tuple[tuple[tuple[_Piece, ...], ...], ...] = (
    (  # 0
        (
            (
                (0.60, 0.04), (0.40, 0.08), (0.22, 0.31), (0.18, 0.62), (0.29, 0.89),
                (0.51, 0.95), (0.71, 0.80), (0.82, 0.50), (0.79, 0.20), (0.64, 0.05),
                (0.52, 0.05),
            ),
        ),
    ),
    (  # 1
        (((0.60, 0.03), (0.55, 0.34), (0.49, 0.66), (0.44, 0.97)),),
    ),
    (  # 2
        (
            (
                (0.22, 0.26), (0.32, 0.10), (0.52, 0.04), (0.70, 0.13), (0.72, 0.34),
                (0.57, 0.59), (0.36, 0.80), (0.16, 0.93),
            ),
            ((0.16, 0.93), (0.38, 0.90), (0.60, 0.92), (0.86, 0.91)),
        ),
    ),
    (  # 3
        (
            ((0.24, 0.13), (0.45, 0.04), (0.67, 0.10), (0.70, 0.28), (0.56, 0.42), (0.40, 0.47)),
            (
                (0.40, 0.47), (0.62, 0.50), (0.75, 0.64), (0.71, 0.84), (0.52, 0.95),
                (0.32, 0.95), (0.18, 0.87),
            ),
        ),
    ),
    (  # 4
        (
            ((0.32, 0.07), (0.26, 0.27), (0.20, 0.50)),
            ((0.20, 0.50), (0.42, 0.53), (0.62, 0.51), (0.80, 0.47)),
        ),
        (((0.74, 0.05), (0.69, 0.35), (0.64, 0.66), (0.60, 0.97)),),
    ),
    (  # 5
        (
            ((0.36, 0.08), (0.31, 0.26), (0.27, 0.44)),
            (
                (0.27, 0.44), (0.46, 0.40), (0.66, 0.47), (0.73, 0.65), (0.64, 0.85),
                (0.43, 0.95), (0.20, 0.91),
            ),
        ),
        (((0.36, 0.08), (0.58, 0.07), (0.82, 0.04)),),
    ),
    (  # 6
        (
            (
                (0.66, 0.04), (0.47, 0.18), (0.32, 0.41), (0.25, 0.67), (0.31, 0.88),
                (0.48, 0.95), (0.66, 0.86), (0.70, 0.68), (0.57, 0.57), (0.40, 0.63),
                (0.29, 0.78),
            ),
        ),
    ),
    (  # 7
        (
            ((0.17, 0.12), (0.38, 0.11), (0.60, 0.10), (0.81, 0.06)),
            ((0.81, 0.06), (0.65, 0.35), (0.53, 0.65), (0.45, 0.97)),
        ),
    ),
    (  # 8
        (
            (
                (0.72, 0.15), (0.56, 0.04), (0.37, 0.09), (0.33, 0.26), (0.46, 0.42),
                (0.62, 0.57), (0.67, 0.77), (0.55, 0.94), (0.37, 0.94), (0.28, 0.78),
                (0.38, 0.59), (0.57, 0.43), (0.70, 0.28), (0.72, 0.15),
            ),
        ),
    ),
    (  # 9
        (
            (
                (0.71, 0.18), (0.56, 0.05), (0.37, 0.12), (0.28, 0.31), (0.37, 0.47),
                (0.54, 0.43), (0.66, 0.30), (0.71, 0.18),
            ),
            ((0.71, 0.18), (0.69, 0.42), (0.64, 0.70), (0.58, 0.97)),
        ),
    ),
)  # fmt: skip


def strokes(digit: int) -> tuple[Points, ...]:
    """The pen's strokes of a digit, in writing order: arrays (m, 2) of x, y in the unit square.

    y points downwards. Raises ParameterError unless digit is a whole number 0 to 9.
    """
    if isinstance(digit, bool) or not isinstance(digit, int | np.integer) or not 0 <= digit <= 9:
        raise ParameterError(f"A drawn digit is a whole number from 0 to 9, not {digit!r}.")
    return tuple(_stroke(pieces) for pieces in _STROKES[int(digit)])


def pen_path(digit: int, thickness: float = THICKNESS, tilt: float = 0.0) -> tuple[Points, ...]:
    """The strokes where `draw` puts them: arrays (m, 2) of x, y in pixels, 0 to 28, y down.

    Pixel (row, column) covers column..column + 1 in x and row..row + 1 in y.
    Raises ParameterError as `draw` does.
    """
    check_number(thickness, "thickness")
    check_number(tilt, "tilt")
    low, high = THICKNESS_LIMITS
    if not low <= thickness <= high:
        raise ParameterError(f"thickness is {thickness} but must be {low} to {high} pixels.")
    if not -TILT_LIMIT <= tilt <= TILT_LIMIT:
        raise ParameterError(f"tilt is {tilt} but must be {-TILT_LIMIT} to {TILT_LIMIT} degrees.")
    angle = np.deg2rad(tilt)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = [stroke @ rotation.T for stroke in strokes(digit)]
    points = np.concatenate(turned)
    low_corner, extent = points.min(axis=0), np.ptp(points, axis=0)
    # The box bounds the ink, so the pen's own width is taken off it.
    scale = (BOX - thickness) / extent.max()
    middle = low_corner + extent / 2
    placed = [(stroke - middle) * scale + CENTRE for stroke in turned]
    for _ in range(_SHIFTS):  # a thin pen's ink changes with its place on the grid
        shift = CENTRE - _centre_of_mass(_ink(placed, thickness))
        placed = [stroke + shift for stroke in placed]
        if np.abs(CENTRE - _centre_of_mass(_ink(placed, thickness))).max() <= _OFF_CENTRE:
            break
    return tuple(placed)


def draw(digit: int, thickness: float = THICKNESS, tilt: float = 0.0) -> NDArray[np.uint8]:
    """A digit as MNIST has them: (28, 28), 0 for paper to 255 for ink.

    thickness: the pen's, pixels, 1 to 6. tilt: degrees the digit leans to the right
    (turned clockwise), -45 to 45. Raises ParameterError outside these or unless digit is 0 to 9.
    """
    ink = _ink(pen_path(digit, thickness, tilt), thickness)
    return np.rint(255 * ink).astype(np.uint8)


def _stroke(pieces: tuple[_Piece, ...]) -> Points:
    """The pieces one after another, without their common point twice."""
    curves = [_smooth(np.array(piece)) for piece in pieces]
    return np.concatenate([curves[0], *(curve[1:] for curve in curves[1:])])


def _smooth(points: Points) -> Points:
    """A curve through the points: Catmull–Rom, the ends continued by reflection."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0.0, 1.0, _STEPS, endpoint=False)[:, None, None]
    curve = (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    ) / 2
    along = curve.transpose(1, 0, 2).reshape(-1, 2)
    return np.vstack([along, points[-1]])


def _ink(paths: tuple[Points, ...] | list[Points], thickness: float) -> NDArray[np.float64]:
    """Ink 0 to 1 at the middle of each pixel, from its distance to the nearest stroke."""
    middles = np.arange(SIDE) + 0.5
    pixels = np.stack(np.meshgrid(middles, middles), axis=-1)
    distance = np.min([_distance(pixels, path) for path in paths], axis=0)
    inside = np.clip((thickness / 2 - distance) / _SOFTNESS + 0.5, 0.0, 1.0)
    return np.asarray(inside * inside * (3 - 2 * inside))  # smooth at both edges of the fade


def _distance(pixels: NDArray[np.float64], path: Points) -> NDArray[np.float64]:
    """Distance from each pixel (28, 28, 2) to the nearest point of a line of segments."""
    start, along = path[:-1], np.diff(path, axis=0)
    offset = pixels[:, :, None, :] - start
    length = (along**2).sum(axis=-1)
    share = np.clip((offset * along).sum(axis=-1) / length, 0.0, 1.0)
    return np.asarray(np.linalg.norm(offset - share[..., None] * along, axis=-1).min(axis=-1))


def _centre_of_mass(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    middles = np.arange(SIDE) + 0.5
    moments = np.array([(ink.sum(axis=0) * middles).sum(), (ink.sum(axis=1) * middles).sum()])
    return np.asarray(moments / ink.sum())
