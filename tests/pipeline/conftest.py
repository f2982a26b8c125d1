"""A clip of a few seconds, rendered once, for all that looks at what a rendering leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from manim import FadeIn, Rectangle
from pydantic import Field

from pipeline import worker
from pipeline.jobs import Job
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
    """A finished job and what it reported."""

    job: Job
    reports: tuple[Any, ...]


def render_tiny(clip: ClipRef, scratch: Path) -> Rendered:
    """Render in this process, at low quality."""
    scratch.mkdir()
    job = Job(clip, "en", "low", (("whole", "0.5"),), scratch)
    reports: list[Any] = []
    worker.render(job, reports.append)
    return Rendered(job, tuple(reports))


@pytest.fixture(scope="session")
def rendered(tiny: ClipRef, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The tiny clip, rendered."""
    return render_tiny(tiny, tmp_path_factory.mktemp("rendered") / "scratch")


@pytest.fixture(scope="session")
def rendered_again(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The same once more."""
    return render_tiny(rendered.job.clip, tmp_path_factory.mktemp("again") / "scratch")


@pytest.fixture
def broken() -> Iterator[ClipRef]:
    """A clip that fails: the base class, which cannot compute."""
    yield replace(ClipRef("broken", "kit.clip", "Clip"))
