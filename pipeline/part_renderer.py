"""A renderer for manim scenes that draws chosen sections and repaints only what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import VMobject, config
from manim.mobject.types.image_mobject import AbstractImageMobject
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.exceptions import EndSceneEarlyException
from manim.utils.family import extract_mobject_family_members
from manim.utils.iterables import list_update
from numpy.typing import NDArray

from pipeline.canvas import Canvas, Unsupported
from pipeline.regions import Box

_STILL = 0.25
"""What a frame costs that only repeats the one before, of one that moves."""

Sink = Callable[[NDArray[np.uint8], Sequence[Box], int], None]
"""Takes the frame as pixels, the boxes that changed in it, and how many times it is shown."""


class PartRenderer(CairoRenderer):
    """Gives `sink` the frames of the sections `first` to before `last`; skips the others.

    Time goes by whole frames, in skipped sections too, so that a part is the same whether or
    not those before it are drawn. Without a sink nothing is drawn at all.
    """

    def __init__(self, sink: Sink | None = None, first: int = 0, last: int | None = None) -> None:
        super().__init__(skip_animations=sink is None)
        self._sink, self._first, self._last = sink, first, last
        self.frames: list[int] = []
        """Frames of each section so far, skipped or drawn."""
        self.work: list[float] = []
        """What drawing each section costs, in frames that move."""
        self._total = 0
        self._section = 0
        self._static: list[Any] = []
        self._look_at_all = True
        self._moving = _Family([], self.camera)
        camera = self.camera
        self.canvas = Canvas(
            camera.pixel_width,
            camera.pixel_height,
            (camera.frame_width, camera.frame_height),
            (0, 0, 0, 0),
        )
        self._changed: list[Box] = []

    def play(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        """Play or skip; count the frames. Raises EndSceneEarlyException after the last section."""
        section = max(len(getattr(scene, "sections", ())) - 1, 0)
        if section != self._section:
            # A section's frames do not depend on where the part began.
            self.canvas.forget()
        self._section = section
        if self._last is not None and self._section >= self._last:
            raise EndSceneEarlyException
        super().play(scene, *args, **kwargs)
        if self.skip_animations:
            self._count(_frames(scene), scene.is_current_animation_frozen_frame())

    def update_skipping_status(self) -> None:
        """Skip what comes before the part."""
        if self._section < self._first:
            self.skip_animations = True

    def _count(self, frames: int, still: bool = False) -> None:
        while len(self.frames) <= self._section:
            self.frames.append(0)
            self.work.append(0.0)
        self.frames[self._section] += frames
        self.work[self._section] += frames * (_STILL if still else 1.0)
        self._total += frames
        self.time = self._total / self.camera.frame_rate

    def save_static_frame_data(self, scene: Any, static_mobjects: Any) -> None:
        """Keep what stands below all that moves; it is painted with the first frame."""
        self._static = [] if self.skip_animations else _shown(static_mobjects, self.camera)
        self._moving = _Family([], self.camera)
        self._look_at_all = True

    def update_frame(self, scene: Any, mobjects: Any = None, **_: Any) -> None:
        """Paint what changed since the frame before."""
        if self.skip_animations:
            return
        wanted = mobjects or list_update(scene.mobjects, scene.foreground_mobjects)
        if not self._moving.holds(wanted):
            self._moving = _Family(wanted, self.camera)
        moving = self._moving.members
        background = _multiplied(self.camera.background[0, 0])
        if not np.array_equal(background, self.canvas.background):
            self.canvas.background = background
            self.canvas.forget()
        try:
            # What stands may have been changed since the last animation.
            some = None if self._look_at_all else moving
            self._changed = self.canvas.paint([*self._static, *moving], some)
            self._look_at_all = False
        except Unsupported:
            self.camera.reset()
            self.camera.capture_mobjects([*self._static, *moving])
            self._changed = self.canvas.replace(self.camera.pixel_array)

    def get_frame(self) -> Any:
        """The frame's pixels, which go on changing."""
        return self.canvas.pixels

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Hand on the frame."""
        if self.skip_animations:
            return
        assert self._sink is not None
        if num_frames > 0:
            self._sink(frame, self._changed, num_frames)
            self._changed = []
        self._count(num_frames)

    def scene_finished(self, scene: Any) -> None:
        """Nothing: the sink is the caller's."""


class _Family:
    """The members of a list of mobjects, and whether they are still the same."""

    def __init__(self, mobjects: Sequence[Any], camera: Any) -> None:
        self._given = mobjects
        self._parents = [
            (member, list(member.submobjects), member.z_index)
            for member in extract_mobject_family_members(mobjects)
        ]
        self.members = _shown(mobjects, camera)

    def holds(self, mobjects: Sequence[Any]) -> bool:
        """Whether these are the members of `mobjects`, too."""
        return (mobjects is self._given or mobjects == self._given) and all(
            member.submobjects == children and member.z_index == z
            for member, children, z in self._parents
        )


def _shown(mobjects: Sequence[Any], camera: Any) -> list[Any]:
    """The family of `mobjects` in the order in which it is painted."""
    family = extract_mobject_family_members(mobjects, use_z_index=camera.use_z_index)
    kinds = (VMobject, AbstractImageMobject)
    return [member for member in family if isinstance(member, kinds) or len(member.points)]


def _multiplied(colour: Any) -> NDArray[np.uint8]:
    """A colour of four channels, 0 to 255, multiplied by its opacity."""
    opacity = int(colour[3])
    return np.array([*(int(c) * opacity // 255 for c in colour[:3]), opacity], dtype=np.uint8)


def _frames(scene: Any) -> int:
    """Frames that manim would draw of the animation just played."""
    rate = config.frame_rate
    if scene.is_current_animation_frozen_frame():
        return int(scene.duration / (1 / rate))
    return len(np.arange(0, scene.duration, 1 / rate))
