"""A photographed digit brought to MNIST's form: its ink found on the paper, fitted, centred.

Colours are arrays (height, width, 3), 0 to 255; ink is (height, width), 0 for paper to about 1.
Ink is what stands out from the paper around it, in whatever colour, darker or lighter. The way:

1. Roughly: what is narrow is ink, what is wide, as shadows are, is paper (`_first_ink`).
2. The paper's colour under the strokes is taken from beside them; how far a pixel departs from
   it, by the light that falls there, is its ink; lines of ruled paper and dirt go (`_ink`).
3. A digit small on a large page is looked at once more from close by (`find_ink`).
4. Strokes are made broader or thinner where MNIST has none such, the ink is fitted into 20×20
   pixels, brightened, and centred by mass (`mnist_form`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from lab.ruling import without_lines
from nncore.drawn import BOX, CENTRE, SIDE

Bytes = NDArray[np.uint8]
Field = NDArray[np.float64]
Mask = NDArray[np.bool_]
Box = tuple[slice, slice]

LUMA = np.array([0.299, 0.587, 0.114])
THINNEST, BROADEST = 1.45, 4.0
"""Widths of strokes, in pixels of the box, between which 19 in 20 of MNIST's lie."""

_WORKING_SIDE = 400  # larger pictures are shrunk to this first
_PAPER_SIDE = 200  # enough to see the paper, which is smooth
_CONTRAST = 24.0  # levels, of 255, that the ink must differ from the paper
_WIDTHS = (0.55, 0.3, 0.15, 0.08)  # of the picture: what is narrower may be ink
_WORTH = 1.05  # so many times better must a narrower one be
_CORE = 0.35  # of the strongest ink: what is as strong is ink for certain
_FLOOR = 0.2  # what is fainter is paper, unless it edges a stroke
_FAINTEST = 0.02  # less is paper even there
_GRAINIEST = 0.5  # where the paper's grain reaches this, no ink is told from it
_SPECK = 0.03  # of the largest blot: smaller ones are dirt
_STRAY = 0.2  # and so are these, if they touch the border
_DARK = 48.0  # levels added to the light: a camera's black is not quite the lack of it
_OUTLINE_SIDE = 60  # pixels a side in which outlines are measured
_THICKENED, _THINNED = 2.1, 3.0  # what strokes outside these are brought to
_ROOMY = 60  # pixels a side that leave some to spare for taking out grain
_PEN_SIDE = 160  # pixels a side in which strokes are made thinner or broader
_AROUND = np.ones((3, 3), bool)


def find_ink(colours: Bytes) -> Field | None:
    """The digit's ink alone, cut out to its bounding box; None where the picture is blank.

    colours (height, width, 3) bytes, of any size and at least 1×1.
    """
    coarse, factor = _shrunk(colours, _WORKING_SIDE)
    ink = _ink(coarse, _first_ink(coarse))
    if ink is None:
        return None
    box = _extent(ink)
    if factor > 1 and max(s.stop - s.start for s in box) < 0.5 * _WORKING_SIDE:
        # Small on a large page: once more from close by.
        box = _widened(box, ink.shape)
        rows, columns = (slice(s.start * factor, s.stop * factor) for s in box)
        near, _ = _shrunk(colours[rows, columns], _WORKING_SIDE)
        closer = _ink(near, _enlarged(ink[box], near.shape[:2]))
        if closer is not None:
            ink, box = closer, _extent(closer)
    return ink[box]


def mnist_form(ink: Field) -> Bytes:
    """Ink in its bounding box as MNIST has it: (28, 28), 0 to 255, fitted into 20×20 pixels with
    its proportions kept, strokes of MNIST's width, its centre of mass in pixel (14, 14)."""
    restroked = _restroked(ink)
    height, width = (max(1, round(BOX * n / max(restroked.shape))) for n in restroked.shape)
    small = Image.fromarray(restroked.astype(np.float32))
    if (width, height) != small.size:
        small = small.resize((width, height), Image.Resampling.BILINEAR)
    fitted = np.asarray(small, np.float64)
    # One bright grain must not leave the strokes grey; most of MNIST's are white.
    share = 90 if restroked is ink else 75
    bright = float(np.percentile(fitted[fitted > _FAINTEST * fitted.max()], share))
    white = min(bright, 0.96 * fitted.max()) / 0.96
    return _centred(np.clip(fitted / white, 0.0, 1.0))


def _ink(colours: Field, rough: Field | None) -> Field | None:
    """The ink on paper that is 0 throughout, from a rough idea of it; None if there is none."""
    if rough is None:
        return None
    bare = without_lines(rough)
    lines = rough - bare > 0.5 * _FLOOR
    ink, strokes = rough, _grown(colours, bare > _CORE)
    for last in (False, True):
        if not strokes.any():
            return None
        paper = _filled(colours, ink, strokes, lines)
        weight = ink[strokes].clip(_FLOOR)
        direction = (weight[:, None] * (colours - paper)[strokes]).sum(axis=0)
        found = _share(colours, paper, direction / max(float(np.linalg.norm(direction)), 1e-9))
        if found is None:
            return None
        ink = without_lines(found) if last else found
        strokes, stained = _strokes(ink)
    return np.where(stained, ink.clip(0), 0.0) if strokes.any() else None


def _grown(colours: Field, strokes: Mask) -> Mask:
    """The strokes and what is of their colour and joined to them: ink along the border, that was
    taken for a shadow's. As it was, if that is far more, which is a shadow as dark as the ink."""
    if not strokes.any() or strokes.all():
        return strokes
    paper, ink = (np.median(colours[where], axis=0) for where in (~strokes, strokes))
    way = ink - paper
    alike = _calm((colours - paper) @ way / max(float(way @ way), 1.0)) > 0.8
    grown = ndimage.binary_propagation(strokes, _AROUND, mask=alike | strokes)
    return grown if grown.sum() < 2 * strokes.sum() else strokes


def _first_ink(colours: Field) -> Field | None:
    """Roughly the ink, None if there is none: what is narrow, and departs from the paper in the
    direction that most of it departs."""
    small, _ = _shrunk(colours, _PAPER_SIDE)
    if min(small.shape[:2]) > _ROOMY:
        small = ndimage.gaussian_filter(small, (1, 1, 0))
    difference = small - _from_border(small)
    size = np.linalg.norm(difference, axis=2)
    strong = difference[size >= 0.5 * float(np.percentile(size, 99.5))]
    axis = np.linalg.eigh(strong.T @ strong)[1][:, -1]
    paper, direction = _first_paper(small, axis)
    ink = _share(small, paper, direction)
    return None if ink is None else _enlarged(ink, colours.shape[:2])


def _first_paper(colours: Field, axis: Field) -> tuple[Field, Field]:
    """Roughly the paper, and which way along axis ink departs from it.

    Wiping away the gaps in the ink leaves a blot, wiping away the ink leaves paper. A shadow near
    another edge leaves something too, unless but the narrowest is wiped away.
    """
    level = colours @ axis
    best, found = 0.0, (_WIDTHS[0], 1)
    for width in _WIDTHS:
        for sign in (1, -1):
            paper = _wiped(level, sign, width)
            wiped = sign * (level - paper)
            left = sign * (_wiped(paper, -sign, width) - paper)
            # What lies along the border is a sheet on a table, or the table.
            inner = 1 - float((_border(wiped) > 0.5 * wiped.max()).mean())
            score = float(wiped.max() - left.max()) * inner**2
            if score > best * _WORTH:
                best, found = score, (width, sign)
    width, sign = found
    layers = np.moveaxis(colours, 2, 0)
    papers = [_wiped(layer, sign * way, width) for layer, way in zip(layers, axis, strict=True)]
    return np.stack(papers, axis=-1), sign * axis


def _wiped(level: Field, sign: float, width: float) -> Field:
    """The picture's level without what departs from it, up for a sign above 0, else down, and is
    narrower than that share of it."""
    window = max(3, round(width * max(level.shape)))
    wipe = ndimage.grey_opening if sign > 0 else ndimage.grey_closing
    # A shadow goes on beyond the border, or its corners would be narrow.
    wide = wipe(np.pad(level, window, mode="edge"), (window, window))
    return np.asarray(wide[window:-window, window:-window])


def _from_border(colours: Field) -> Field:
    """A first idea of the paper: the border's colours carried across the picture, both ways."""
    height, width = colours.shape[:2]
    y = ((np.arange(height) + 0.5) / height)[:, None, None]
    x = ((np.arange(width) + 0.5) / width)[None, :, None]
    top, bottom = (_steady(colours[row])[None] for row in (0, -1))
    left, right = (_steady(colours[:, column])[:, None] for column in (0, -1))
    corners = (
        (1 - y) * ((1 - x) * (top[:, :1] + left[:1]) + x * (top[:, -1:] + right[:1]))
        + y * ((1 - x) * (bottom[:, :1] + left[-1:]) + x * (bottom[:, -1:] + right[-1:]))
    ) / 2
    return np.asarray((1 - y) * top + y * bottom + (1 - x) * left + x * right - corners)


def _border(field: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])


def _steady(edge: Field) -> Field:
    """An edge (n, 3) without what is short on it, as ink that touches it."""
    return np.asarray(ndimage.median_filter(edge, (len(edge) // 2 | 1, 1), mode="nearest"))


def _share(colours: Field, paper: Field, direction: Field) -> Field | None:
    """How much ink is in each pixel: its way from the paper's colour along direction, by the
    light that falls there; about 1 for the strongest. None if nothing stands out."""
    signal = _signal(colours, paper, direction)
    signal -= np.median(signal[signal <= _CORE * signal.max()])
    strongest = float(_calm(signal).max())
    return signal / strongest if strongest >= _CONTRAST else None


def _signal(colours: Field, paper: Field, direction: Field) -> Field:
    light = paper @ LUMA + _DARK
    return np.asarray((colours - paper) @ direction * (float(light.max()) / light))


def _filled(colours: Field, ink: Field, strokes: Mask, lines: Mask) -> Field:
    """The paper's colour everywhere, under strokes and lines that of the nearest bare paper."""
    # A stroke out of focus fades slowly.
    edges = _calm(ink) > 0.05 + 2 * _noise(ink)
    reach = 1 + max(ink.shape) // 100
    covered = ndimage.binary_dilation(strokes, _AROUND, 4 * reach, mask=edges)
    bare = ~ndimage.binary_dilation(covered | lines, _AROUND, reach)
    if not bare.any():
        return np.broadcast_to(np.median(colours[~strokes], axis=0), colours.shape)
    calm = ndimage.gaussian_filter(np.where(bare[..., None], colours, 0.0), (2, 2, 0))
    weight = ndimage.gaussian_filter(bare.astype(float), 2)[..., None]
    nearest = ndimage.distance_transform_edt(~bare, return_distances=False, return_indices=True)
    paper = (calm / np.maximum(weight, 1e-9))[tuple(nearest)]
    return np.where(bare[..., None], paper, ndimage.gaussian_filter(paper, (2, 2, 0)))


def _strokes(ink: Field) -> tuple[Mask, Mask]:
    """Where the digit's strokes are, and where they and their faint edges are."""
    noise = _noise(ink)
    calm = ink
    if noise > 0.04:
        calm = ndimage.gaussian_filter(ink, 1.0)
        noise = _noise(calm)
    floor = max(_FLOOR, 4 * noise)
    blots, count = ndimage.label(calm > floor, _AROUND)
    if not count or floor > _GRAINIEST:
        return np.zeros(ink.shape, bool), np.zeros(ink.shape, bool)
    numbers = np.arange(1, count + 1)
    mass = ndimage.sum_labels(calm, blots, numbers)
    mass[ndimage.maximum(calm, blots, numbers) < _CORE] = 0
    touches = np.bincount(_border(blots), minlength=count + 1)[1:]
    framing = touches > 0.6 * min(ink.shape)  # a table's edge, another sheet
    if (mass[~framing] > _SPECK * mass.max()).any():
        mass[framing] = 0
    wanted = (mass >= _SPECK * mass.max()) & (mass > 0)
    wanted &= (touches == 0) | (mass >= _STRAY * mass.max())
    strokes = np.isin(blots, numbers[wanted])
    faintest = max(_FAINTEST, 2 * noise)
    return strokes, ndimage.binary_dilation(strokes, _AROUND) & (calm > faintest)


def _calm(ink: Field) -> Field:
    """The ink with less grain, where the picture has pixels to spare."""
    return ndimage.gaussian_filter(ink, 0.7) if min(ink.shape) > _ROOMY else ink


def _noise(ink: Field) -> float:
    """The paper's grain: the usual size of what is left on it, if neighbours differ too."""
    if ink.shape[1] < 2:
        return 0.0
    steps = float(np.median(np.abs(np.diff(ink, axis=1))))
    return 1.48 * min(float(np.median(np.abs(ink))), 2 * steps)


def _restroked(ink: Field) -> Field:
    """Strokes too thin or too broad for MNIST brought to a width that is common there."""
    size = max(ink.shape)
    width = stroke_width(ink)
    if THINNEST <= width <= BROADEST:
        return ink
    wanted = _THICKENED if width < THINNEST else _THINNED
    shape = [max(1, round(n * _PEN_SIDE / size)) for n in ink.shape]
    picture = Image.fromarray(ink.astype(np.float32))
    drawn = np.asarray(picture.resize(shape[::-1], Image.Resampling.BICUBIC), np.float64)
    reach = abs(wanted - width) / 2 * _PEN_SIDE / BOX
    side = int(reach)
    rows, columns = np.indices((2 * side + 1, 2 * side + 1)) - side
    pen = np.hypot(rows, columns) <= max(reach, side + 0.01)
    if wanted > width:
        return np.asarray(ndimage.grey_dilation(np.pad(drawn, side), footprint=pen))
    thinner = ndimage.grey_erosion(np.pad(drawn, 1), footprint=pen, mode="constant")
    left = thinner[_extent(thinner > _FLOOR)] if (thinner > _CORE).any() else drawn
    return np.asarray(left)


def stroke_width(ink: Field) -> float:
    """The mean width of strokes, in pixels of the box of 20: twice their area by the length of
    their outline. Lines narrower than a third count as a third."""
    size = max(ink.shape)
    shape = [max(1, round(n * min(_OUTLINE_SIDE, size) / size)) for n in ink.shape]
    small = Image.fromarray(ink.astype(np.float32)).resize(shape[::-1], Image.Resampling.BILINEAR)
    levels = np.asarray(small, np.float64)
    levels = levels / np.percentile(levels[levels > _FLOOR * levels.max()], 80)
    # Grain on the paper and in the stroke has outlines too.
    crisp = np.pad(np.clip((levels - _FLOOR) / (1 - 2 * _FLOOR), 0.0, 1.0), 1)
    down, right = np.diff(crisp, axis=0)[:, :-1], np.diff(crisp, axis=1)[:-1]
    outline = np.hypot(down, right).sum()
    return float(2 * crisp.sum() / outline * BOX / max(shape))


def _shrunk(colours: NDArray[Any], side: int) -> tuple[Field, int]:
    """The picture, at most side a side, and the factor: factor×factor pixels became one."""
    factor = -(-max(colours.shape[:2]) // side)
    if factor == 1:
        return colours.astype(np.float64), 1
    # Narrower than a block: what there is of it.
    rows, columns = (
        np.append(np.arange(max(1, n // factor)) * factor, max(1, n // factor) * factor).clip(0, n)
        for n in colours.shape[:2]
    )
    whole = colours[: rows[-1], : columns[-1]]
    across = np.add.reduceat(whole, columns[:-1], axis=1, dtype=np.float64)
    sums = np.add.reduceat(across, rows[:-1], axis=0)
    return sums / (np.diff(rows)[:, None, None] * np.diff(columns)[None, :, None]), factor


def _enlarged(ink: Field, shape: tuple[int, ...]) -> Field:
    if ink.shape == shape:
        return ink
    picture = Image.fromarray(ink.astype(np.float32))
    return np.asarray(picture.resize(shape[::-1], Image.Resampling.BILINEAR), np.float64)


def _extent(ink: Field) -> Box:
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _widened(box: Box, shape: tuple[int, ...]) -> Box:
    """The box with paper all around, within a picture of that shape."""
    margin = max(s.stop - s.start for s in box) // 3 + 4
    top, left = (
        slice(max(0, s.start - margin), min(n, s.stop + margin))
        for s, n in zip(box, shape, strict=True)
    )
    return top, left


def _centred(ink: Field) -> Bytes:
    """Ink of at most 20×20 in 28×28, by whole pixels: its centre of mass in pixel (14, 14)."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    levels = np.rint(255 * ink)
    starts = []
    for axis, size in enumerate(levels.shape):
        profile = levels.sum(axis=1 - axis)
        mass = float((profile * (np.arange(size) + 0.5)).sum() / profile.sum())
        starts.append(min(max(round(CENTRE - mass), 0), SIDE - size))
    (top, left), (height, width) = starts, levels.shape
    image[top : top + height, left : left + width] = levels
    return image
