"""A clip of a few seconds, rendered once, for all that looks at what a rendering leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from manim import FadeIn, Rectangle
from pydantic import Field

from pipeline import formats, sections
from pipeline.jobs import Job
from pipeline.join import join
from pipeline.tasks import Draw, Drawn, Report, Walk, Walked, attempt
from scenes.catalogue import ClipRef
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.params import ClipParams


@dataclass(frozen=True)
class TinyRun:
    """The only number there is."""

    half: float


class TinyParams(ClipParams):
    """Its parameter."""

    whole: float = Field(0.25, gt=0, le=10, description="twice the half")


class TinyClip(Clip):
    """Two sections; the captions are the predictor's."""

    slug = "predictor"
    Params = TinyParams

    @staticmethod
    def compute(params: Any) -> TinyRun:
        """Half of it."""
        return TinyRun(params.whole / 2)

    def construct(self) -> None:
        """A field of colour, then a number."""
        self.section("colour")
        field = Rectangle(
            width=6, height=2, stroke_width=0, fill_color=theme.OUTPUT, fill_opacity=1
        )
        self.say("box", along=[FadeIn(field)])
        self.section("number")
        number = self.number("half", self.run.half, ".3f").put(0, 2)
        self.play(FadeIn(number))


@dataclass(frozen=True)
class TinyRef(ClipRef):
    """Finds the clip here."""

    def load(self) -> type[Clip]:
        """The class above."""
        return TinyClip


@pytest.fixture(scope="session")
def tiny() -> ClipRef:
    """The tiny clip as the catalogue would hold it."""
    return TinyRef("predictor", "", "")


@dataclass(frozen=True)
class Rendered:
    """What the tasks of a job gave, and the joined clip."""

    job: Job
    walked: Walked
    drawn: Drawn
    file: Path
    reports: tuple[Report, ...]


def render_tiny(clip: ClipRef, scratch: Path) -> Rendered:
    """Render in this process, at low quality."""
    job = Job(clip, "en", "low", (("whole", "0.5"),))
    reports: list[Report] = []
    walked = attempt(Walk(job), scratch, reports.append)
    drawn = attempt(Draw(job, 0, 2), scratch, reports.append)
    assert isinstance(walked, Walked), walked
    assert isinstance(drawn, Drawn), drawn
    file = scratch / "clip.mp4"
    join(sections.files(drawn.file), file, formats.choose("mp4"), 15, lambda: None)
    return Rendered(job, walked, drawn, file, tuple(reports))


@pytest.fixture(scope="session")
def rendered(tiny: ClipRef, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The tiny clip, rendered."""
    return render_tiny(tiny, tmp_path_factory.mktemp("rendered"))


@pytest.fixture(scope="session")
def rendered_again(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The same once more."""
    return render_tiny(rendered.job.clip, tmp_path_factory.mktemp("again"))


@pytest.fixture
def broken() -> Iterator[ClipRef]:
    """A clip that fails: the base class, which cannot compute."""
    yield replace(ClipRef("broken", "kit.clip", "Clip"))
