"""MNIST's test digits as somebody's camera or scanner would give them.

A distortion takes an image (28, 28), 0 paper to 255 ink, and a seed, and gives a picture; the
same two give the same picture. Ink is laid on a page, the page is lit and photographed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage, spatial

from lab import mnist
from nncore.errors import ParameterError, check_count

Bytes = NDArray[np.uint8]
Field = NDArray[np.float64]
Colour = tuple[float, float, float]
Distortion = Callable[[Bytes, int], Image.Image]

SIZES = (20, 24, 40, 80, 200, 500, 1000, 2000)
"""Sides, pixels, of the pictures that `scaled` gives."""

TILT = 15.0
"""The largest tilt, degrees, either way."""

WHITE: Colour = (246, 244, 238)
BLACK: Colour = (38, 36, 44)

_SIDE = 28
_BOX = 20
_CRISP = 8  # pixels of the page for one of MNIST's before the page is shrunk to its size
_SMOOTH = 0.6
_COARSE = 120  # pixels a side in which a stroke's middle is sought
_CIRCLE = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_EDGE = 0.42  # of full ink: where a stroke's edge lies in MNIST's blurred one
# Paper and ink; the first four pairs are of nearly equal grey.
_PAIRS: tuple[tuple[Colour, Colour], ...] = (
    ((96, 176, 96), (232, 104, 104)),
    ((240, 150, 60), (110, 170, 250)),
    ((200, 120, 200), (60, 170, 90)),
    ((120, 200, 200), (250, 150, 150)),
    ((250, 235, 150), (60, 60, 160)),
    ((30, 74, 56), (225, 228, 205)),
    ((200, 220, 245), (170, 40, 50)),
    ((190, 150, 110), (80, 50, 40)),
)


_RULINGS: tuple[Colour, ...] = ((150, 180, 215), (90, 130, 190), (140, 140, 140), (215, 120, 130))


@dataclass(frozen=True, eq=False)
class Sample:
    """A test digit and how it is distorted. distortion: a name in DISTORTIONS; index: the
    digit's in the test set; label 0 to 9; seed: the distortion's; original (28, 28) bytes."""

    distortion: str
    index: int
    label: int
    seed: int
    original: Bytes

    def picture(self) -> Image.Image:
        """The distorted digit, drawn anew at each call."""
        return DISTORTIONS[self.distortion](self.original, self.seed)


def samples(count: int, *, seed: int, names: tuple[str, ...] = ()) -> tuple[Sample, ...]:
    """For each distortion, or each of names, count digits of the test set, 0 to 9 in turn.

    A distortion has each test digit at most once. Raises ParameterError for a count outside 1 to
    5000 or a name that is no distortion's, DataError where MNIST's test set is not at hand.
    """
    if check_count(count, "count") > 5000:
        raise ParameterError(f"count is {count}; at most 5000 digits a distortion are taken.")
    for name in names:
        if name not in DISTORTIONS:
            known = ", ".join(DISTORTIONS)
            raise ParameterError(f"{name!r} is no distortion; there are {known}.")
    images, labels = mnist.test_set()
    found = []
    for number, name in enumerate(DISTORTIONS):
        if names and name not in names:
            continue
        rng = np.random.default_rng([check_count(seed, "The seed", low=0), number])
        order = rng.permutation(len(labels))
        queues = [iter(order[labels[order] == digit].tolist()) for digit in range(10)]
        for place in range(count):
            index = next(queues[place % 10])
            own = int(rng.integers(2**31))
            found.append(Sample(name, index, int(labels[index]), own, images[index]))
    return tuple(found)


def scaled(image: Bytes, seed: int) -> Image.Image:
    """As it is, but 20 to 2000 pixels a side."""
    side = int(np.random.default_rng(seed).choice(SIZES))
    kind = Image.Resampling.BICUBIC if side > _SIDE else Image.Resampling.BOX
    return Image.fromarray(image).resize((side, side), kind)


def grainy(image: Bytes, seed: int) -> Image.Image:
    """Strong grain, as of a phone in the dark."""
    rng = np.random.default_rng(seed)
    ink = _on_page(image, int(rng.integers(60, 220)), rng)
    return _seen(_mixed(ink, WHITE, BLACK), rng, grain=rng.uniform(25, 50))


def tilted(image: Bytes, seed: int) -> Image.Image:
    """Turned by 5 to 15 degrees, either way."""
    rng = np.random.default_rng(seed)
    tilt = rng.choice([-1, 1]) * rng.uniform(5, TILT)
    ink = _on_page(image, int(rng.integers(60, 220)), rng, tilt=tilt)
    return _seen(_mixed(ink, WHITE, BLACK), rng)


def inverted(image: Bytes, seed: int) -> Image.Image:
    """Dark on light, 28 pixels a side: paper not quite white, ink not quite black."""
    rng = np.random.default_rng(seed)
    paper, ink = rng.uniform(180, 255), rng.uniform(0, 90)
    return Image.fromarray(np.rint(paper + (ink - paper) * (image / 255)).astype(np.uint8))


def coloured(image: Bytes, seed: int) -> Image.Image:
    """Coloured ink on coloured paper, half of them of nearly equal grey."""
    rng = np.random.default_rng(seed)
    paper, ink = _PAIRS[int(rng.integers(len(_PAIRS)))]
    if rng.random() < 0.3:
        paper, ink = ink, paper
    return _seen(_mixed(_on_page(image, int(rng.integers(60, 220)), rng), paper, ink), rng)


def shaded(image: Bytes, seed: int) -> Image.Image:
    """A soft-edged shadow over about half of the paper, and dark corners."""
    rng = np.random.default_rng(seed)
    page = _mixed(_on_page(image, int(rng.integers(80, 260)), rng), WHITE, BLACK)
    return _seen(page * _shadow(page.shape[:2], rng, 0.4, 0.65)[..., None], rng)


def off_centre(image: Bytes, seed: int) -> Image.Image:
    """Small on a large page, anywhere."""
    rng = np.random.default_rng(seed)
    ink = _on_page(image, int(rng.integers(50, 120)), rng, page=(rng.uniform(5, 9), 6.0))
    return _seen(_mixed(ink, WHITE, BLACK), rng)


def transparent(image: Bytes, seed: int) -> Image.Image:
    """Ink of some colour, dark or light, on nothing."""
    rng = np.random.default_rng(seed)
    ink = _on_page(image, int(rng.integers(20, 220)), rng)
    colours = (BLACK, (255, 255, 255), (20, 60, 180), (200, 30, 30), (250, 230, 120))
    colour = colours[int(rng.integers(len(colours)))]
    layers = [np.full(ink.shape, level) for level in colour] + [255 * ink]
    return Image.fromarray(np.rint(np.stack(layers, -1)).astype(np.uint8), "RGBA")


def squeezed(image: Bytes, seed: int) -> Image.Image:
    """Blocks and rings of a JPEG of very low quality."""
    rng = np.random.default_rng(seed)
    ink = _on_page(image, int(rng.integers(40, 160)), rng)
    return _as_jpeg(_seen(_mixed(ink, WHITE, BLACK), rng), int(rng.integers(4, 15)))


def penned(image: Bytes, seed: int) -> Image.Image:
    """A large clean scan in a hairline or with a broad marker."""
    rng = np.random.default_rng(seed)
    ink = _on_page(image, int(rng.integers(400, 900)), rng)
    broad = bool(rng.random() < 0.5)
    return _seen(_mixed(_restroked(ink, rng, broad), WHITE, BLACK), rng)


def ruled(image: Bytes, seed: int) -> Image.Image:
    """On ruled or squared paper that lies nearly straight."""
    rng = np.random.default_rng(seed)
    ink = _on_page(image, int(rng.integers(100, 260)), rng, page=(2.0, 2.0))
    lines = _lines(ink.shape, rng, both=bool(rng.random() < 0.5))
    page = _mixed(lines, WHITE, _RULINGS[int(rng.integers(len(_RULINGS)))])
    return _seen(page + ink[..., None] * (np.array(BLACK) - page), rng)


def everything(image: Bytes, seed: int) -> Image.Image:
    """A photo taken in passing: tilted, off centre, shadow, grain, blur, colours, JPEG."""
    rng = np.random.default_rng(seed)
    tilt = rng.uniform(-TILT, TILT) / 1.5
    size = int(rng.integers(100, 320))
    ink = _on_page(image, size, rng, tilt=tilt, page=(rng.uniform(2, 4), 3.0))
    paper, pen = _PAIRS[int(rng.integers(4, len(_PAIRS)))]
    if rng.random() < 0.3:
        paper, pen = WHITE, BLACK
    page = _mixed(ink, paper, pen) * _shadow(ink.shape, rng, 0.5, 0.75)[..., None]
    photo = _seen(page, rng, grain=rng.uniform(6, 14), blur=rng.uniform(0.5, 2.5))
    return _as_jpeg(photo, int(rng.integers(25, 60)))


def _on_page(
    image: Bytes,
    size: int,
    rng: np.random.Generator,
    *,
    tilt: float = 0.0,
    page: tuple[float, float] = (1.5, 1.5),
) -> Field:
    """Crisp ink, 0 to 1, with MNIST's box at size pixels, on a page (height, width) of so many
    boxes; anywhere, but wholly on it."""
    scale = max(1, -(-_CRISP * _BOX // size))
    fine = size * scale
    shape = (round(page[0] * fine) // scale * scale, round(page[1] * fine) // scale * scale)
    room = np.array(shape) / 2 - 0.62 * fine
    centre = np.array(shape) / 2 + np.maximum(room, 0) * rng.uniform(-1, 1, 2)
    angle = np.deg2rad(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn *= _BOX / fine
    middle = np.full(2, (_SIDE - 1) / 2)
    # MNIST's own stairs of whole pixels are no part of a pen's stroke.
    smooth = ndimage.gaussian_filter(image / 255, _SMOOTH)
    soft = ndimage.affine_transform(smooth, turn, middle - turn @ centre, shape, order=3)
    sharp = np.clip((soft - _EDGE) * fine / _BOX / 1.5 + 0.5, 0.0, 1.0)
    blocks = sharp.reshape(shape[0] // scale, scale, shape[1] // scale, scale)
    return np.asarray(blocks.mean(axis=(1, 3)))


def _restroked(ink: Field, rng: np.random.Generator, broad: bool) -> Field:
    """The same digit in another pen: a hairline along the strokes' middle, or a marker's line."""
    size = max(ink.shape) / 1.5
    if broad:
        outside = ndimage.distance_transform_edt(ink <= 0.5)
        return np.asarray(np.clip(size * rng.uniform(0.02, 0.05) - outside + 0.5, 0.0, 1.0))
    small = Image.fromarray((ink > 0.5).astype(np.uint8) * 255)
    small.thumbnail((_COARSE, _COARSE), Image.Resampling.BOX)
    points = np.argwhere(_thinned(np.asarray(small) > 127)).astype(float)
    tree = spatial.KDTree(points)
    calm = np.array([points[near].mean(axis=0) for near in tree.query_ball_point(points, 2.5)])
    ratio = max(ink.shape) / max(small.size)
    page = Image.new("L", ink.shape[::-1], 0)
    pencil = ImageDraw.Draw(page)
    width = round(2 * size * rng.uniform(0.003, 0.012))
    for one, other in tree.query_pairs(1.5):
        (y1, x1), (y2, x2) = (calm[one] + 0.5) * ratio, (calm[other] + 0.5) * ratio
        pencil.line((x1, y1, x2, y2), fill=255, width=width)
    return np.asarray(page, float) / 255


def _thinned(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ink's lines one pixel wide, by Zhang and Suen's thinning."""
    thin = np.pad(ink, 1)
    inner = thin[1:-1, 1:-1]
    while True:
        before = inner.copy()
        for first in (True, False):
            # The eight neighbours in a circle, from the one above.
            ring = [np.roll(thin, (-y, -x), (0, 1))[1:-1, 1:-1] for y, x in _CIRCLE]
            count = np.sum(ring, axis=0)
            turns = sum(~a & b for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
            up, right, down, left = ring[::2]
            held = right & down & (up | left) if first else up & left & (right | down)
            inner &= ~((count >= 2) & (count <= 6) & (turns == 1) & ~held)
        if (inner == before).all():
            return before


def _mixed(ink: Field, paper: Colour, colour: Colour) -> Field:
    """A page (height, width, 3): ink of one colour on paper of another."""
    return np.array(paper) + ink[..., None] * (np.array(colour) - np.array(paper))


def _shadow(shape: tuple[int, ...], rng: np.random.Generator, dark: float, light: float) -> Field:
    """The light that falls on each pixel, 0 to 1."""
    rows, columns = (np.indices(shape) - np.array(shape)[:, None, None] / 2) / max(shape)
    angle, place = rng.uniform(0, 2 * np.pi), rng.uniform(-0.15, 0.15)
    across = rows * np.sin(angle) + columns * np.cos(angle) - place
    share = 1 / (1 + np.exp(-np.clip(across / rng.uniform(0.006, 0.05), -40, 40)))
    corners = 1 - rng.uniform(0.2, 0.5) * (rows**2 + columns**2) * 2
    return np.asarray((1 - (1 - rng.uniform(dark, light)) * share) * corners)


def _lines(shape: tuple[int, ...], rng: np.random.Generator, *, both: bool) -> Field:
    """Lines of ruled paper, 0 to 1, tilted by up to 2 degrees; of squared paper if both."""
    rows, columns = np.indices(shape)
    slope = np.tan(np.deg2rad(rng.uniform(-2, 2)))
    pitch = max(shape) * rng.uniform(0.12, 0.3)
    width = max(shape) * rng.uniform(0.003, 0.006)
    lines = np.zeros(shape)
    for along, across in ((columns, rows), (rows, -columns))[: 2 if both else 1]:
        place = (across + slope * along + rng.uniform(0, pitch)) % pitch
        lines = np.maximum(lines, np.clip(width - np.abs(place - pitch / 2) + 0.5, 0.0, 1.0))
    return np.asarray(lines)


def _seen(
    page: Field, rng: np.random.Generator, *, grain: float = 3.0, blur: float = 0.5
) -> Image.Image:
    """The page through a lens, with grain."""
    sharp = ndimage.gaussian_filter(page, (blur, blur, 0))
    speckle = (
        rng.normal(0, 0.6 * grain, page.shape)
        + rng.normal(0, 0.8 * grain, page.shape[:2])[..., None]
    )
    return Image.fromarray(np.clip(np.rint(sharp + speckle), 0, 255).astype(np.uint8))


def _as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    file.seek(0)
    again = Image.open(file)
    again.load()
    return again


DISTORTIONS: Mapping[str, Distortion] = MappingProxyType(
    {
        "scaled": scaled,
        "grain": grainy,
        "tilt": tilted,
        "inverted": inverted,
        "colour": coloured,
        "shadow": shaded,
        "off-centre": off_centre,
        "transparent": transparent,
        "jpeg": squeezed,
        "pen": penned,
        "ruled": ruled,
        "everything": everything,
    }
)
"""Every distortion by its name."""
