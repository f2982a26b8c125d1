"""A renderer that goes through a whole clip and paints only a frame now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.part_renderer import PartRenderer

Take = Callable[[NDArray[np.uint8] | None], None]
"""Takes a frame's pixels, which go on changing; None for a frame that is as the one before."""


class Sampler(PartRenderer):
    """Gives `take` each `every`-th frame of a clip, the first of all among them."""

    def __init__(self, every: int, take: Take) -> None:
        super().__init__(self._sample)
        self._every, self._take = every, take
        self._shown = 0
        self._taken = 0

    def update_frame(self, scene: Any, mobjects: Any = None, **more: Any) -> None:
        """Paint a frame that is due; one that stands may be due at any time."""
        standing = scene.is_current_animation_frozen_frame()
        if standing or self._shown % self._every == 0:
            super().update_frame(scene, mobjects, **more)

    def _sample(self, pixels: NDArray[np.uint8], changed: Any, repeat: int) -> None:
        first = True
        while self._taken * self._every < self._shown + repeat:
            self._take(pixels if first else None)
            first = False
            self._taken += 1
        self._shown += repeat
