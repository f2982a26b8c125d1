"""What the kit's images share: a fade that leaves their colours alone."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from manim import ImageMobject
from numpy.typing import NDArray

COLOURS = int(np.frombuffer(bytes([255, 255, 255, 0]), np.uint32)[0])
"""The bits of a pixel, taken as one number, that are not its opacity."""


class _Ends:
    """The two ends of a fade, and whether their colours are the same; no copy takes it along."""

    def __init__(self, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> None:
        self.first, self.second = first, second
        self.same = _same_colours(first, second)
        self.opacities = uniform_opacity(first), uniform_opacity(second)

    def __deepcopy__(self, memo: object) -> None:
        return None


class Raster(ImageMobject):
    """An image whose fades change its opacity only.

    Manim computes all pixels of both ends in floating point for each frame of a fade. A fade
    also copies what it fades: attributes in `shared`, which do not change, are not copied.
    """

    shared: ClassVar[tuple[str, ...]] = ()

    pixel_array: NDArray[np.uint8]
    _ends: _Ends | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        for name in (*self.shared, "orig_alpha_pixel_array"):
            value = getattr(self, name, None)
            memo[id(value)] = value
        copied: Self = super().__deepcopy__(memo)
        return copied

    def interpolate_color(self, mobject1: Any, mobject2: Any, alpha: float) -> Self:
        """Be so far (0 to 1) on the way from one image to another of the same size."""
        first, second = mobject1.pixel_array, mobject2.pixel_array
        if self._ends is None or self._ends.first is not first or self._ends.second is not second:
            self._ends = _Ends(first, second)
        if not self._ends.same:
            super().interpolate_color(mobject1, mobject2, alpha)
            return self
        a, b = self._ends.opacities
        if a is not None and b is not None:
            opacity: Any = int(a + (b - a) * alpha)
        else:
            start, end = first[..., 3], second[..., 3]
            opacity = start + (end.astype(np.float32) - start) * np.float32(alpha)
        if self.pixel_array is first or self.pixel_array is second:
            self.pixel_array = self.pixel_array.copy()
        self.pixel_array[..., 3] = opacity
        return self


def uniform_opacity(pixels: NDArray[np.uint8]) -> int | None:
    """The opacity of RGBA pixels (h, w, 4) if it is the same everywhere."""
    words = pixels.view(np.uint32)[..., 0]
    differ = int(np.bitwise_or.reduce(words, axis=None) ^ np.bitwise_and.reduce(words, axis=None))
    return None if differ & ~COLOURS else int(pixels[0, 0, 3])


def _same_colours(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    if first.shape != second.shape:
        return False
    differ = np.ascontiguousarray(first).view(np.uint32) ^ np.ascontiguousarray(second).view(
        np.uint32
    )
    return not np.bitwise_or.reduce(differ, axis=None) & COLOURS
