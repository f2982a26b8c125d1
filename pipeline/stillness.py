"""How a clip goes: how long it is, how long its picture stands still, how long captions stay.

A clip is drawn small, as at 15 frames a second, of which each third is painted: five a second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline import lengths
from pipeline.jobs import DEFAULT_LOOK
from pipeline.settings import LANGUAGES, Quality
from scenes.catalogue import ClipRef
from scenes.kit import theme
from scenes.kit.params import ClipParams
from scenes.kit.theme import Look

if TYPE_CHECKING:
    from scenes.kit.clip import Clip

MOST = 0.35
"""The largest share of the time in which a picture may stand still."""
SAMPLE = Quality("sample", 480, 270, 15)
EVERY = 3
"""Frames from one sample to the next: 0.2 s."""
_STEP = EVERY / SAMPLE.fps
_FEW = 3e-3
"""Of the picture's pixels: if fewer change, it stands still."""
_LEVELS = 2
"""Of 255: a pixel that changes by no more is taken to be as it was."""
_NAMED = 5
"""Stretches that are named."""
_SHORT = 0.1
"""Seconds that a caption may lack: more than a frame's time, less than is noticed."""


@dataclass(frozen=True)
class Stretch:
    """A time in which the picture stands still; seconds, and the section it begins in."""

    start: float
    end: float
    section: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True)
class Caption:
    """A caption: the section it begins in, how long it stays, how long reading it takes."""

    section: str
    text: str
    seconds: float
    reading: float

    @property
    def readable(self) -> bool:
        """Whether it stays long enough."""
        return self.seconds >= self.reading - _SHORT


@dataclass(frozen=True)
class Stillness:
    """How a clip goes: its seconds, those in which its picture stands still, the longest still
    stretches, the longest first, and its captions in their order."""

    seconds: float
    still: float
    longest: tuple[Stretch, ...]
    captions: tuple[Caption, ...]

    @property
    def share(self) -> float:
        """The still share of the time, 0 to 1."""
        return self.still / self.seconds if self.seconds else 0.0


def measure(
    clip: type[Clip] | ClipRef,
    params: ClipParams | None = None,
    lang: str = "en",
    look: Look | None = None,
) -> Stillness:
    """Draw a clip small and see how it goes; without `params` with its own, without `look` in
    that in force. Raises NNError for what is wrong with the parameters, the data or the fonts."""
    from pipeline.sampler import Sampler
    from pipeline.worker import drawing

    kind = clip.load() if isinstance(clip, ClipRef) else clip
    look = look or theme.current()
    with (
        tempfile.TemporaryDirectory(prefix="nn-explained-") as folder,
        drawing(SAMPLE, Path(folder), look, dry_run=True),
    ):
        watch = _Watch(SAMPLE.of(look).height)
        renderer = Sampler(EVERY, watch.take)
        scene = kind(renderer, params=params, lang=lang)
        scene.render()
    sections = _Sections(scene.sections, renderer.frames)
    return Stillness(
        sum(renderer.frames) / SAMPLE.fps,
        watch.still * _STEP,
        _longest(watch.stills, sections),
        tuple(_captions(scene, sections)),
    )


class _Watch:
    """Compares each sample with the one before, in the rows between title and caption."""

    def __init__(self, height: int) -> None:
        top, bottom = (
            round((theme.FRAME_HEIGHT / 2 - y) / theme.FRAME_HEIGHT * height)
            for y in (theme.PICTURE_TOP, theme.PICTURE_BOTTOM)
        )
        self._rows = slice(top, bottom)
        self._before: NDArray[np.int16] | None = None
        self.stills: list[bool] = []
        """For each sample but the first: whether the picture is as it was."""

    @property
    def still(self) -> int:
        """How many were as before."""
        return sum(self.stills)

    def take(self, pixels: NDArray[np.uint8] | None) -> None:
        """The next sample; None for one that is as the one before."""
        if pixels is None:
            self.stills.append(True)
            return
        now = pixels[self._rows, :, :3].astype(np.int16)
        if self._before is not None:
            changed = (np.abs(now - self._before) > _LEVELS).any(axis=2).mean()
            self.stills.append(bool(changed < _FEW))
        self._before = now


class _Sections:
    """The sections' names and where they begin, in seconds."""

    def __init__(self, names: Sequence[str], frames: Sequence[int]) -> None:
        self._names = names
        self._ends = np.cumsum(frames) / SAMPLE.fps

    def at(self, time: float) -> str:
        """The section at a time."""
        place = int(np.searchsorted(self._ends, time + 1e-6, side="right"))
        return self._names[min(place, len(self._names) - 1)]


def _longest(stills: Sequence[bool], sections: _Sections) -> tuple[Stretch, ...]:
    found, at = [], 0
    for still, group in groupby(stills):
        count = len(list(group))
        if still:
            start = at * _STEP
            found.append(Stretch(start, start + count * _STEP, sections.at(start)))
        at += count
    return tuple(sorted(found, key=lambda stretch: -stretch.seconds)[:_NAMED])


def _captions(scene: Any, sections: _Sections) -> Iterator[Caption]:
    from scenes.kit.captions import reading_time

    for said in scene.renderer.file_writer.subcaptions:
        start, end = said.start.total_seconds(), said.end.total_seconds()
        reading = reading_time(said.content, scene.lang)
        yield Caption(sections.at(start), said.content, end - start, reading)


@dataclass(frozen=True)
class Examined:
    """A clip in a language, measured."""

    slug: str
    lang: str
    found: Stillness

    @property
    def line(self) -> str:
        """What is told of it."""
        state = "fault" if self.faults else "ok"
        tightest = min((c.seconds - c.reading for c in self.found.captions), default=0.0)
        return (
            f"{state:<6}{self.slug} ({self.lang}): {self.found.seconds:.1f} s, still "
            f"{100 * self.found.share:.0f} %, captions stay their reading time {tightest:+.1f} s "
            "or more"
        )

    @property
    def faults(self) -> list[str]:
        """A clause for each thing that is not as it must be."""
        found = []
        if self.found.share > MOST:
            where = ", ".join(
                f"{one.start:.1f} to {one.end:.1f} s in {one.section}" for one in self.found.longest
            )
            found.append(f"still more than {100 * MOST:.0f} %, longest at {where}")
        return found + [
            f"the caption of {one.section} stays {one.seconds:.1f} s, reading takes "
            f"{one.reading:.1f} s: {one.text}"
            for one in self.found.captions
            if not one.readable
        ]

    def as_json(self) -> dict[str, Any]:
        """As `doctor --clips --json` prints it."""
        found = self.found
        return {
            "slug": self.slug,
            "language": self.lang,
            "seconds": round(found.seconds, 3),
            "still_seconds": round(found.still, 3),
            "still_share": round(found.share, 4),
            "longest": [asdict(one) for one in found.longest],
            "captions": [{**asdict(one), "readable": one.readable} for one in found.captions],
            "faults": self.faults,
        }


def examine(clips: Sequence[ClipRef], langs: Sequence[str] = LANGUAGES) -> Iterator[Examined]:
    """Measure clips as they are by default, in each language, several at once; in order.

    Raises NNError for what a clip cannot do without: its data, a font.
    """
    asked = [(clip, lang) for clip in clips for lang in langs]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for (clip, lang), one in zip(asked, pool.map(_examined, asked), strict=True):
            lengths.learn(lang, {clip: one.found.seconds})
            yield one


def _examined(asked: tuple[ClipRef, str]) -> Examined:
    clip, lang = asked
    return Examined(clip.slug, lang, measure(clip, None, lang, DEFAULT_LOOK))
