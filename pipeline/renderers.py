"""Manim's Cairo renderer, seen from outside: two that draw only stills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manim.renderer.cairo_renderer import CairoRenderer
from PIL import Image

from scenes.kit.clip import Clip
from scenes.kit.dry import DryRenderer


class StillRenderer(DryRenderer):
    """Skips all animations; `draw` paints the scene as it is at that moment."""

    def draw(self, clip: Clip) -> Image.Image:
        """The whole scene as a picture of the configured size, RGB."""
        self.static_image = None
        CairoRenderer.update_frame(self, clip)
        return Image.fromarray(self.camera.pixel_array[:, :, :3].copy())


class SamplingRenderer(StillRenderer):
    """Goes through every frame and paints those that are due, one each `every` seconds.

    `keep(clip, time, picture)` gets them.
    """

    def __init__(self, every: float, keep: Callable[[Clip, float, Image.Image], None]) -> None:
        super().__init__(on_frame=lambda clip: None)
        self._every, self._keep = every, keep
        self._taken = 0
        self._clip: Clip | None = None

    def play(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        """Play on, remembering the scene for `add_frame`."""
        self._clip = scene
        super().play(scene, *args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Paint the scene if a sample falls into these frames."""
        super().add_frame(frame, num_frames)
        picture = None
        while self._clip is not None and self._taken * self._every < self.time - 1e-9:
            picture = picture or self.draw(self._clip)
            self._keep(self._clip, self._taken * self._every, picture)
            self._taken += 1
