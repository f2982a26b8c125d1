"""A clip of a few seconds, rendered once, for all that looks at what a rendering leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_clips import BROKEN, TINY

from pipeline import formats, sections
from pipeline.jobs import Job
from pipeline.join import join
from pipeline.tasks import Draw, Drawn, Report, Walk, Walked, attempt
from scenes.catalogue import ClipRef


@pytest.fixture(scope="session")
def tiny() -> ClipRef:
    """The tiny clip as the catalogue would hold it."""
    return TINY


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
def broken() -> ClipRef:
    """A clip that fails: it cannot compute."""
    return BROKEN
