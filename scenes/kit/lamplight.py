"""A terrain's picture that is lit anew: by day, or by a lamp that wanders through the night.

A lamp may be moved every frame: only pixels near it are computed anew.
"""

from __future__ import annotations

import numpy as np
from manim import RESAMPLING_ALGORITHMS
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.raster import Raster
from scenes.kit.relief import Pixels, View, rgb
from scenes.kit.shapes import Points, point

# The lamp hangs over the ground, its light reaches so far (both in its `reach`), this bright.
_LAMP_HEIGHT = 0.42
_FAR = 1.9
_LAMP_POWER = 235.0
_NOISE_SEED = 7
_BAND = 32
"""Rows that are lit at a time: what is worked out for them stays in the processor's cache."""


class Relief(Raster):
    """A view as one image, its lower left corner at `corner`, `size` frame units."""

    shared = ("view", "_night", "_day", "_warm", "_planes")

    def __init__(self, view: View, corner: tuple[float, float], size: tuple[float, float]) -> None:
        self.view, self.corner, self.size = view, corner, size
        h, w = view.sky.shape
        self._night = self._bytes(view.night)
        self._day: NDArray[np.int16] | None = None
        warm = rgb(theme.mix(theme.WEIGHT, theme.ERROR, 0.22))
        light = (0.45 + 0.55 * view.colour) * warm * np.float32(_LAMP_POWER)
        self._warm = np.ascontiguousarray(np.moveaxis(light, -1, 0))
        g, n = np.moveaxis(view.ground, -1, 0), np.moveaxis(view.normal, -1, 0)
        clear = (1 - view.sky) * (1 - view.veil)
        # What the lamp needs of each pixel, one plane each.
        self._planes = np.stack([*g, (g * g).sum(axis=0), *n, (g * n).sum(axis=0), clear])
        self._lit: tuple[slice, slice] | None = None
        pixels = np.full((h, w, 4), 255, dtype=np.uint8)
        pixels[..., :3] = self._night
        super().__init__(pixels)
        self.set_resampling_algorithm(RESAMPLING_ALGORITHMS["bilinear"])
        self.stretch_to_fit_width(size[0])
        self.stretch_to_fit_height(size[1])
        self.move_to(point(corner[0] + size[0] / 2, corner[1] + size[1] / 2))

    @staticmethod
    def _bytes(picture: Pixels) -> NDArray[np.uint8]:
        # Dithered, as dark gradients show bands otherwise.
        noise = np.random.default_rng(_NOISE_SEED).random(picture.shape[:2], dtype=np.float32)
        return (np.clip(picture, 0, 1) * 254.99 + noise[..., None] * 0.99).astype(np.uint8)

    def daylight(self, share: float) -> None:
        """Show the picture `share` (0 to 1) of the way from night to day."""
        if self._day is None:
            self._day = self._bytes(self.view.day).astype(np.int16) - self._night
        part = (self._day * np.int16(round(share * 128))) >> 7  # fits: 255 · 128 < 2¹⁵
        self.pixel_array[..., :3] = self._night + part
        self._lit = None

    def lamp(self, place: ArrayLike, *, reach: float = 1.0, strength: float = 1.0) -> None:
        """Show the night with a lamp over the ground's `place` (x, y, lifted z).

        `reach` is how far its light goes, in ground units; the light fades softly to nothing.
        """
        x, y, z = (np.float32(v) for v in np.asarray(place))
        z += np.float32(_LAMP_HEIGHT * reach)
        if self._lit is not None:
            self.pixel_array[*self._lit, :3] = self._night[self._lit]
        window = self._lit = self._window(place, reach * _FAR)
        rows, columns = window
        for top in range(rows.start, rows.stop, _BAND):
            band = slice(top, min(top + _BAND, rows.stop))
            self._light((band, columns), (x, y, z), np.float32(reach), np.float32(strength))

    def _light(
        self,
        window: tuple[slice, slice],
        lamp: tuple[np.float32, np.float32, np.float32],
        reach: np.float32,
        strength: np.float32,
    ) -> None:
        """Show the window as a lamp at a place lights it."""
        x, y, z = lamp
        east, north, up, square, nx, ny, nz, facing, clear = self._planes[:, *window]
        # |l - g|² = |l|² - 2 l·g + |g|², and (l - g)·n = l·n - g·n.
        square = square - 2 * (x * east + y * north + z * up) + (x * x + y * y + z * z)
        np.maximum(square, np.float32(1e-6), out=square)
        distance = np.sqrt(square)
        cosine = np.maximum((x * nx + y * ny + z * nz - facing) / distance, 0)
        fade = np.maximum(1 - distance / (np.float32(_FAR) * reach), 0)
        bright = clear * fade * fade * (np.float32(0.2) + np.float32(0.8) * cosine)
        bright *= strength / (np.float32(0.1) + square / (reach * reach))
        # Bright light saturates instead of bleaching.
        bright /= 1 + np.float32(0.42) * bright
        for channel in range(3):
            lit = self._warm[channel][window] * bright
            lit += self._night[*window, channel]
            np.minimum(lit, 255, out=lit)
            self.pixel_array[*window, channel] = lit

    def _window(self, place: ArrayLike, reach: float) -> tuple[slice, slice]:
        """The rows and columns that light from `place` can touch."""
        x, y, z = (float(v) for v in np.asarray(place))
        around = [
            self.at((x + dx * reach, y + dy * reach, z + dz * reach))
            for dx in (-1, 1)
            for dy in (-1, 1)
            for dz in (-0.4, 0.4)
        ]
        h, w = self.view.sky.shape
        columns = [(p[0] - self.corner[0]) / self.size[0] * w for p in around]
        rows = [(self.corner[1] + self.size[1] - p[1]) / self.size[1] * h for p in around]
        return (
            slice(max(0, int(min(rows))), min(h, int(max(rows)) + 1)),
            slice(max(0, int(min(columns))), min(w, int(max(columns)) + 1)),
        )

    def at(self, place: ArrayLike) -> Points:
        """The frame point (3,) at which the ground's `place` (x, y, lifted z) is seen."""
        along, up = self.view.seen_at(*(float(v) for v in np.asarray(place)))
        return point(self.corner[0] + along * self.size[0], self.corner[1] + up * self.size[1])
