"""The lines of ruled and squared paper taken out of a picture of ink.

Ink is (height, width), about 0 for paper and 1 for the strongest. A line runs straight from edge
to edge, thin, upright or level to within 15 degrees; several lines are parallel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEEPEST = 0.27  # tan 15°
_FAINTEST = 0.06  # of the strongest ink: fainter lines do no harm
_COVERED = 0.2  # share of a line's pixels that may be paler than it
_DARKEST = 0.75  # a single line as dark as ink may be a digit's own bar, cut off at both ends
_THICKEST = 1 / 15  # of the picture
_SMALLEST = 40  # pixels a side: in less a line is not told from a stroke
_COLUMNS = 100  # so many tell a line's slope


def without_lines(ink: Field) -> Field:
    """The same ink, 0 where a line runs, unless a stroke crosses it there: ink on both sides."""
    return _without_level(_without_level(ink).T).T


def _without_level(ink: Field) -> Field:
    if min(ink.shape) < _SMALLEST or not _spans(ink):
        return ink
    # Stairs of a slanting line are not gaps.
    steady = ndimage.gaussian_filter1d(ink, 1.0, axis=0)
    slope = _slope(steady)
    profile = _profile(steady, np.arange(ink.shape[1]), slope)
    margin = (len(profile) - len(ink)) // 2
    rows, thickness = _thin_runs(profile, margin)
    if not rows.any():
        return ink
    drop = _drop(ink.shape[1], np.arange(ink.shape[1]), slope)
    lines = rows[np.arange(len(ink))[:, None] - drop + margin]
    bare = np.where(lines, np.minimum(ink, 0.0), ink)
    bridged = ndimage.grey_closing(bare, (thickness + 1, 1))
    return np.where(lines, bridged, ink)


def _slope(ink: Field) -> float:
    """The slope of straight paths along which ink goes on farthest."""
    columns = np.linspace(0, ink.shape[1] - 1, min(_COLUMNS, ink.shape[1])).astype(int)

    def score(slope: float) -> float:
        return float((_profile(ink, columns, slope) ** 2).sum())

    coarse = np.linspace(-_STEEPEST, _STEEPEST, 55)
    step = float(coarse[1] - coarse[0])
    best = max(coarse.tolist(), key=score)
    return max((best + step * np.linspace(-1, 1, 9)).tolist(), key=score)


def _thin_runs(profile: Field, margin: int) -> tuple[Mask, int]:
    """Which places of the profile are lines, and how many the thickest takes; none of them if
    there is but one as dark as ink."""
    runs, count = ndimage.label(profile > max(_FAINTEST, 0.25 * float(profile.max())))
    numbers = np.arange(1, count + 1)
    thickness = np.bincount(runs, minlength=count + 1)[1:]
    thin = numbers[thickness <= max(3, _THICKEST * len(profile))]
    # Along the border it may be the edge of a digit cut out closely.
    brink = margin + 2 + len(profile) // 50
    cut = np.unique([*runs[:brink], *runs[-brink:]])
    thin = np.setdiff1d(thin, cut)
    if len(thin) == 1 and profile[runs == thin[0]].max() > _DARKEST:
        thin = thin[:0]
    edge = 1 + len(profile) // 250  # a line fades on both sides
    rows = ndimage.binary_dilation(np.isin(runs, thin), iterations=edge)
    runs, count = ndimage.label(rows)
    return rows, int(np.bincount(runs)[1:].max(initial=0))


def _spans(ink: Field) -> bool:
    """Whether any ink reaches from the left edge to the right."""
    blots, _ = ndimage.label(ndimage.gaussian_filter(ink, 1.0) > 0.6 * _FAINTEST, np.ones((3, 3)))
    return bool(np.intersect1d(blots[:, :2], blots[:, -2:]).any())


def _profile(ink: Field, columns: NDArray[np.intp], slope: float) -> Field:
    """How dark a line of that slope is at each row of the middle column, and above and below
    the picture: the ink that nearly all its pixels have, 0 if most of it is outside."""
    height, width = ink.shape
    margin = int(abs(slope) * width / 2) + 1
    rows = np.arange(-margin, height + margin)[:, None] + _drop(width, columns, slope)
    inside = (rows >= 0) & (rows < height)
    along = np.where(inside, ink[rows.clip(0, height - 1), columns], np.inf)
    along.sort(axis=1)
    count = inside.sum(axis=1)
    chosen = along[np.arange(len(along)), (_COVERED * count).astype(int)]
    return np.where(count > 0.25 * len(columns), chosen.clip(0), 0.0)


def _drop(width: int, columns: NDArray[np.intp], slope: float) -> NDArray[np.intp]:
    """How many rows a line lies lower in each column than in the middle."""
    return np.rint(slope * (columns - width / 2)).astype(int)
