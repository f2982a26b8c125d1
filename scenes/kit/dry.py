"""Running a clip without drawing: for its ledger, and for looking at its layout."""

from __future__ import annotations

import atexit
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from manim import config, logger, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from scenes.kit import theme
from scenes.kit.clip import Clip, SectionHook
from scenes.kit.params import ClipParams
from scenes.kit.theme import Look

FrameHook = Callable[[Clip], None]
_SHORT_SIDE = 160  # pictures are worked out, though nobody sees them: they are small
# Frames a second where animations are skipped: no animation is too short for it.
_SKIPPING = 60


class DryRenderer(CairoRenderer):
    """A renderer that keeps time but draws nothing; `on_frame` sees the scene at each frame.

    Without `on_frame`, animations are skipped: each goes straight to its end.
    """

    def __init__(self, on_frame: FrameHook | None = None) -> None:
        super().__init__(skip_animations=on_frame is None)
        self._on_frame = on_frame
        self.seconds = 0.0  # what the animations take by themselves, whatever the frame rate

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

    def play(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        """Play, keeping the scene for the frames of a frozen wait."""
        self._scene = scene
        super().play(scene, *args, **kwargs)
        self.seconds += scene.duration

    def freeze_current_frame(self, duration: float) -> None:
        """Let the observer look at each frame of a wait, too."""
        if self.skip_animations:
            return
        for _ in range(int(duration * self.camera.frame_rate)):
            self.render(self._scene, 0.0)

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
    renderer: Callable[[], DryRenderer] | None = None,
    settings: Mapping[str, Any] | None = None,
    look: Look | None = None,
) -> Clip:
    """Run a clip's whole construct without drawing; returns it with its ledger and sections.

    `on_frame(clip)` is called `frame_rate` times a second of the clip's time, while it
    moves; `at_section_end(clip, section)` when a section holds still. `renderer` makes
    another renderer than the one that only keeps time, `settings` go to manim's config.
    `look` is the theme and the aspect; None is the look in force.
    """
    look = look or theme.current()
    width, height = look.pixels(_SHORT_SIDE)
    level = logger.level
    # What is too short for few frames a second is no fault of the clip.
    logger.setLevel(logging.ERROR)
    chosen = {
        "dry_run": True,
        "disable_caching": True,
        "progress_bar": "none",
        "frame_rate": frame_rate,
        "pixel_width": width,
        "pixel_height": height,
        "frame_width": look.frame[0],
        "frame_height": look.frame[1],
        "media_dir": media_folder(),
        **(settings or {}),
    }
    try:
        with theme.look(look), tempconfig(chosen):
            config.frame_rate = frame_rate if on_frame or renderer else _SKIPPING
            scene = clip(
                renderer() if renderer else DryRenderer(on_frame),
                params=params,
                lang=lang,
                at_section_end=at_section_end,
            )
            scene.render()
    finally:
        logger.setLevel(level)
    return scene


@cache
def media_folder() -> str:
    """Where manim keeps set text and formulas of dry runs: a folder of this process alone.

    It is removed when the process ends. Shared, it could be another user's, and two
    processes could set the same formula at once.
    """
    folder = tempfile.mkdtemp(prefix="nn-explained-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
