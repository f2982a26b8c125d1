"""Single frames of a clip, drawn as in the video, without the frames between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from nncore.errors import ParameterError
from pipeline.jobs import parameters
from pipeline.renderers import SamplingRenderer, StillRenderer
from pipeline.settings import Quality, frame_settings
from scenes.catalogue import ClipRef
from scenes.kit import dry, theme
from scenes.kit.theme import Look

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
    """The frames of one clip in a look, in order, and the scene when it had ended."""

    frames: tuple[Still, ...]
    scene: Any
    look: Look


def section_ends(
    clip: ClipRef, quality: Quality, lang: str, given: Mapping[str, str], look: Look | None = None
) -> Stills:
    """The last frame of each section. Raises NNError for what is wrong with the input."""
    look = look or theme.current()
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
        settings=frame_settings(quality, look),
        look=look,
    )
    return Stills(tuple(frames), scene, look)


def samples(
    clip: ClipRef,
    quality: Quality,
    lang: str,
    given: Mapping[str, str],
    every: float,
    look: Look | None = None,
) -> Stills:
    """The frame at every `every` seconds from 0 on. Raises NNError as section_ends does."""
    if not every >= SHORTEST_STEP:
        raise ParameterError(f"--every takes at least {SHORTEST_STEP} seconds, not {every:g}.")
    look = look or theme.current()
    frames: list[Still] = []

    def keep(scene: Any, time: float, picture: Image.Image) -> None:
        frames.append(Still(scene.section_name, time, picture))

    scene = dry.walk(
        clip.load(),
        parameters(clip, given),
        lang,
        renderer=lambda: SamplingRenderer(every, keep),
        frame_rate=quality.fps,
        settings=frame_settings(quality, look),
        look=look,
    )
    return Stills(tuple(frames), scene, look)
