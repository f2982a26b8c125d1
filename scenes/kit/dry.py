"""Running a clip without drawing: for its ledger, and for looking at its layout."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from typing import Any

from manim import config, logger, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from scenes.kit.clip import Clip, SectionHook
from scenes.kit.params import ClipParams

FrameHook = Callable[[Clip], None]


class DryRenderer(CairoRenderer):
    """A renderer that keeps time but draws nothing; `on_frame` sees the scene at each frame.

    Without `on_frame`, animations are skipped: each goes straight to its end.
    """

    def __init__(self, on_frame: FrameHook | None = None) -> None:
        super().__init__(skip_animations=on_frame is None)
        self._on_frame = on_frame

    def update_frame(self, *args: Any, **kwargs: Any) -> None:
        """Draw nothing."""

    def get_frame(self) -> Any:
        """No frame."""
        return None

    def render(self, scene: Any, time: float, moving_mobjects: Any = None) -> None:
        """Let the observer look at the scene, and go on by one frame."""
        if self._on_frame:
            self._on_frame(scene)
        self.add_frame(None)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Keep time only."""
        if not self.skip_animations:
            self.time += num_frames / self.camera.frame_rate


def walk(
    clip: type[Clip],
    params: ClipParams | None = None,
    lang: str = "en",
    *,
    at_section_end: SectionHook | None = None,
    on_frame: FrameHook | None = None,
    frame_rate: float = 5,
) -> Clip:
    """Run a clip's whole construct without drawing; returns it with its ledger and sections.

    `on_frame(clip)` is called `frame_rate` times a second of the clip's time, while it
    moves; `at_section_end(clip, section)` when a section holds still.
    """
    level = logger.level
    logger.setLevel(logging.WARNING)
    settings = {
        "dry_run": True,
        "disable_caching": True,
        "progress_bar": "none",
        "frame_rate": frame_rate,
        "quality": "low_quality",
        "media_dir": media_folder(),
    }
    try:
        with tempconfig(settings):
            config.frame_rate = frame_rate
            scene = clip(
                DryRenderer(on_frame), params=params, lang=lang, at_section_end=at_section_end
            )
            scene.render()
    finally:
        logger.setLevel(level)
    return scene


def media_folder() -> str:
    """Where manim keeps set text and formulas of dry runs."""
    return tempfile.gettempdir() + "/nn-explained"
