"""Image mobjects as manim draws them, but bent to their place anew only where they changed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline import repeats
from pipeline.regions import Box, area
from scenes.kit.raster import COLOURS, uniform_opacity

Pixels = NDArray[np.uint8]

_REACH = 3  # source pixels around a changed one that it can change, for any resampling
_LARGE = 20_000  # pixels from which on it pays to look for what repeats
_LEVEL = 1e-12  # of a coefficient that would turn an image
_SAME = 1e-8, 1e-5  # of a scale from 1, of a shift from 0: pixels lie on pixels
_EDGE = 2  # pixels at the rim of a bent image that may lie half outside of it


class Picture:
    """An image bent to its place on the frame.

    pixels (height, width, 4) RGBA; corners (4, 2) are where its upper left, upper right,
    lower left and lower right corners come, in pixels of the frame. `place` is None where
    manim would not draw it.
    """

    def __init__(self, pixels: Pixels, corners: NDArray[np.float64], resampling: Any) -> None:
        self._source, self._resampling = pixels.copy(), resampling
        self.place: Box | None = None
        whole = corners.astype(np.int64)
        shift = whole.min(axis=0)
        self._corners = corners - shift
        width, height = (int(v) for v in (whole - shift).max(axis=0))
        source = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * pixels.shape[1::-1]
        if not width or not height or _thin(self._corners):
            return
        try:
            self._bend = _perspective(self._corners, source)
            self._back = _perspective(source, self._corners)
        except np.linalg.LinAlgError:
            return
        self._upright = bool(np.abs(self._bend[[1, 3, 6, 7]]).max() < _LEVEL)
        a, _, c, _, e, f, _, _ = self._bend
        self._as_it_is = (
            self._upright and (height, width) == pixels.shape[:2]
            and max(abs(a - 1), abs(e - 1)) < _SAME[0] and max(abs(c), abs(f)) < _SAME[1]
        )  # fmt: skip
        left, top = (int(v) for v in shift)
        self.place = (left, top, left + width, top + height)
        self._bent: Pixels = np.zeros((height, width, 4), np.uint8)
        self._inside: Pixels | None = None
        self._opacity = uniform_opacity(pixels)
        self._image: Any = None
        self._draw((0, 0, width, height))

    def _plain(self, pixels: Pixels) -> Any:
        """Pixels as Pillow bends them: colours alone, or multiplied by their opacity.

        Pillow multiplies before it bends; where the opacity is the same everywhere, the colours
        are the same without.
        """
        if self._opacity is not None:
            return Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
        image = Image.fromarray(np.ascontiguousarray(pixels))
        return image if self._resampling == Image.Resampling.NEAREST else image.convert("RGBa")

    def update(self, pixels: Pixels) -> Box | None:
        """Take other pixels of the same shape; returns the part of the frame that changed."""
        differ = self._source.view(np.uint32)[..., 0] ^ pixels.view(np.uint32)[..., 0]
        rows = np.flatnonzero(np.bitwise_or.reduce(differ, axis=1))
        if not len(rows):
            return None
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        bits = np.bitwise_or.reduce(differ[top:bottom], axis=0)
        columns = np.flatnonzero(bits)
        left, right = int(columns[0]), int(columns[-1]) + 1
        bit = int(np.bitwise_or.reduce(bits))
        colours = bool(bit & COLOURS)
        self._source[top:bottom, left:right] = pixels[top:bottom, left:right]
        if self.place is None:
            return None
        before = self._opacity
        if bit & ~COLOURS:
            self._opacity = uniform_opacity(pixels)
        target = self._target((left, top, right, bottom))
        if (self._opacity is None) != (before is None):
            target = (0, 0, self._bent.shape[1], self._bent.shape[0])
            self._image = None
            self._draw(target)
        elif self._opacity is not None and not colours:
            self._veil()
        else:
            if self._image is not None:
                self._image.paste(self._plain(pixels[top:bottom, left:right]), (left, top))
            self._draw(target)
        left, top = self.place[:2]
        return (target[0] + left, target[1] + top, target[2] + left, target[3] + top)

    def _target(self, box: Box) -> Box:
        """Where a box of the source comes to lie, within the bent image."""
        height, width = self._bent.shape[:2]
        left, top, right, bottom = box
        xs, ys = (left - _REACH, right + _REACH), (top - _REACH, bottom + _REACH)
        a, b, c, d, e, f, g, h = self._back
        places = [
            ((a * x + b * y + c) / (g * x + h * y + 1), (d * x + e * y + f) / (g * x + h * y + 1))
            for x in xs
            for y in ys
        ]
        low, high = np.floor(np.min(places, axis=0)), np.ceil(np.max(places, axis=0))
        x0, y0 = (int(np.clip(v, 0, n)) for v, n in zip(low, (width, height), strict=True))
        x1, y1 = (int(np.clip(v, 0, n)) for v, n in zip(high, (width, height), strict=True))
        return (x0, y0, x1, y1)

    def _draw(self, box: Box) -> None:
        """Bend the part of the source that comes to lie in `box` of the bent image."""
        left, top, right, bottom = box
        if self._as_it_is and self._opacity is not None:
            words = self._source.view(np.uint32)[top:bottom, left:right, 0]
            self._bent.view(np.uint32)[top:bottom, left:right, 0] = words
        elif right > left and bottom > top and not self._repeat(box):
            if self._image is None:
                self._image = self._plain(self._source)
            bent = self._transformed(self._image, box)
            # Whole pixels are copied quicker than three bytes of four.
            whole = np.asarray(bent.convert("RGBA")).view(np.uint32)
            self._bent.view(np.uint32)[top:bottom, left:right] = whole
        self._veil()

    def _repeat(self, box: Box) -> bool:
        """Bend the whole source from its rows and columns that differ, if that is quicker."""
        height, width = self._bent.shape[:2]
        rule = repeats.RULES.get(int(self._resampling))
        large = area(box) > _LARGE and 4 * area(box) > width * height
        if self._opacity is None or not self._upright or rule is None or not large:
            return False
        a, _, c, _, e, f, _, _ = self._bend
        colours = repeats.bent(self._source, (a, c), (e, f), (width, height), rule)
        if colours is None:
            return False
        self._bent, self._image = colours, None
        return True

    def _veil(self) -> None:
        """Set the opacity where it is one number, and note whether all is solid."""
        large = min(self._bent.shape[:2]) > 2 * _EDGE
        self._solid = self._opacity == 255 and self._upright and large
        if self._opacity is None:
            return
        if self._inside is None:
            self._inside = self._covered()
        if self._opacity == 255:
            self._bent[..., 3] = self._inside
        else:
            self._bent[..., 3] = self._inside & np.uint8(self._opacity)

    def _covered(self) -> Pixels:
        """255 where a pixel of the bent image lies on the source, 0 elsewhere."""
        height, width = self._bent.shape[:2]
        rows, columns = self._source.shape[:2]
        a, _, c, _, e, f, _, _ = self._bend
        if not self._upright:
            full = Image.new("L", (columns, rows), 255)
            return np.asarray(self._transformed(full, (0, 0, width, height)))
        x, y = a * (np.arange(width) + 0.5) + c, e * (np.arange(height) + 0.5) + f
        along, down = (x >= 0) & (x < columns), (y >= 0) & (y < rows)
        return np.where(down[:, None] & along[None, :], np.uint8(255), np.uint8(0))

    def _transformed(self, image: Any, box: Box) -> Any:
        a, b, c, d, e, f, g, h = self._bend
        x, y = box[:2]
        w = g * x + h * y + 1
        data = np.array([a, b, c + a * x + b * y, d, e, f + d * x + e * y, g, h]) / w
        return image.transform(
            size=(box[2] - x, box[3] - y),
            method=Image.Transform.PERSPECTIVE,
            data=data,
            resample=self._resampling,
        )

    def lay_over(self, frame: Pixels, within: Box, *, opaque: bool) -> None:
        """Lay the image over the part `within` of the frame.

        Where the frame is not `opaque`, its colours are multiplied by opacity, as cairo has them.
        """
        assert self.place is not None
        left, top, right, bottom = self.place
        pieces = [self.place]
        if self._solid:
            inner = (left + _EDGE, top + _EDGE, right - _EDGE, bottom - _EDGE)
            if (cut := _common(inner, within)) is not None:
                frame[cut[1] : cut[3], cut[0] : cut[2]] = self._cut(cut)
            pieces = [
                (left, top, right, inner[1]),
                (left, inner[3], right, bottom),
                (left, inner[1], inner[0], inner[3]),
                (inner[2], inner[1], right, inner[3]),
            ]
        for piece in pieces:
            if (cut := _common(piece, within)) is not None:
                ground = frame[cut[1] : cut[3], cut[0] : cut[2]]
                ground[:] = (_over if opaque else _over_clear)(self._cut(cut), ground)

    def _cut(self, box: Box) -> Pixels:
        assert self.place is not None
        left, top = self.place[:2]
        return self._bent[box[1] - top : box[3] - top, box[0] - left : box[2] - left]


def _common(first: Box, second: Box) -> Box | None:
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right, bottom = min(first[2], second[2]), min(first[3], second[3])
    return (left, top, right, bottom) if right > left and bottom > top else None


def _over(image: Pixels, ground: Pixels) -> Pixels:
    """`image` over an opaque ground."""
    return np.asarray(Image.alpha_composite(Image.fromarray(ground), Image.fromarray(image)))


def _over_clear(image: Pixels, ground: Pixels) -> Pixels:
    """`image`, of plain colours, over `ground`, of colours multiplied by opacity."""
    above = image.astype(np.uint16)
    opacity = above[..., 3:].copy()
    above[..., :3] = (above[..., :3] * opacity + 127) // 255
    return (above + (ground * (255 - opacity) + 127) // 255).astype(np.uint8)


def _thin(corners: NDArray[np.float64]) -> bool:
    """Whether the image is less than half a pixel thick, by manim's measure."""
    ring = corners[[0, 1, 3, 2]]
    sides = np.roll(ring, -1, axis=0) - ring
    lengths = np.linalg.norm(sides, axis=1)
    k = int(np.argmax(lengths))
    if lengths[k] == 0:
        return True
    before = sides[(k - 1) % 4]
    return bool(abs(sides[k][0] * before[1] - sides[k][1] * before[0]) / lengths[k] < 0.5)


def _perspective(places: NDArray[Any], origins: NDArray[Any]) -> NDArray[np.float64]:
    """The eight coefficients, in Pillow's order, that take the four `places` to `origins`."""
    rows = []
    for (x, y), (u, v) in zip(places, origins, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    values = np.asarray(origins, dtype=float).reshape(8)
    return np.asarray(np.linalg.solve(np.array(rows, dtype=float), values))
