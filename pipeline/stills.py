"""Single frames of a clip, drawn as in the video, without the frames between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from nncore.errors import ParameterError
from pipeline.jobs import parameters
from pipeline.renderers import SamplingRenderer, StillRenderer
from pipeline.settings import Quality
from scenes.catalogue import ClipRef
from scenes.kit import dry

SHORTEST_STEP = 0.05
"""Seconds: about the time of one frame."""


@dataclass(frozen=True, eq=False)
class Still:
    """One frame: its section, its time in seconds, the picture (RGB)."""

    section: str
    time: float
    picture: Image.Image


@dataclass(frozen=True, eq=False)
class Stills:
    """The frames of one clip, in order, and the scene when it had ended."""

    frames: tuple[Still, ...]
    scene: Any


def section_ends(clip: ClipRef, quality: Quality, lang: str, given: Mapping[str, str]) -> Stills:
    """The last frame of each section. Raises NNError for what is wrong with the input."""
    frames: list[Still] = []

    def keep(scene: Any, section: str) -> None:
        frames.append(Still(section, scene.time, scene.renderer.draw(scene)))

    scene = dry.walk(
        clip.load(),
        parameters(clip, given),
        lang,
        at_section_end=keep,
        renderer=StillRenderer,
        frame_rate=quality.fps,
        settings=_size(quality),
    )
    return Stills(tuple(frames), scene)


def samples(
    clip: ClipRef, quality: Quality, lang: str, given: Mapping[str, str], every: float
) -> Stills:
    """The frame at every `every` seconds from 0 on. Raises NNError as section_ends does."""
    if not every >= SHORTEST_STEP:
        raise ParameterError(f"--every takes at least {SHORTEST_STEP} seconds, not {every:g}.")
    frames: list[Still] = []

    def keep(scene: Any, time: float, picture: Image.Image) -> None:
        frames.append(Still(scene.section_name, time, picture))

    scene = dry.walk(
        clip.load(),
        parameters(clip, given),
        lang,
        renderer=lambda: SamplingRenderer(every, keep),
        frame_rate=quality.fps,
        settings=_size(quality),
    )
    return Stills(tuple(frames), scene)


def _size(quality: Quality) -> dict[str, Any]:
    return {"pixel_width": quality.width, "pixel_height": quality.height}
