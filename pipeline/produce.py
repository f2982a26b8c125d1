"""Rendering clips into a folder: checks, workers, and files put in place when they are whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import pool
from pipeline.files import OutputError, output_folder, publish, scratch_folder
from pipeline.jobs import SUFFIXES, Job, Outcome, share_out
from pipeline.progress import Progress, shown
from scenes.catalogue import ClipRef


@dataclass(frozen=True)
class Made:
    """What came of a clip: its outcome, and the paths of its files if it is done."""

    outcome: Outcome
    files: tuple[Path, ...] = ()


def render_clips(
    clips: Sequence[ClipRef],
    *,
    given: Mapping[str, str],
    lang: str,
    quality: str,
    out: Path,
    workers: int | None = None,
) -> list[Made]:
    """Render clips into `out`: for each `<slug>.mp4`, `.srt` and `.json`; in the clips' order.

    A clip that fails stops no other and leaves nothing. Raises NNError for what is wrong
    before any work begins: parameters, the folder.
    """
    shares = share_out(clips, given)
    slugs = [clip.slug for clip in clips]
    with stoppable(), output_folder(out) as folder:
        _check_targets(folder, slugs)
        with scratch_folder(folder) as scratch, shown(slugs) as progress:
            jobs = [
                Job(clip, lang, quality, tuple(shares[clip.slug].items()), scratch / clip.slug)
                for clip in clips
            ]
            made = {m.outcome.slug: m for m in _made(jobs, folder, progress, workers)}
    return [made[slug] for slug in slugs]


def _made(
    jobs: Sequence[Job], folder: Path, progress: Progress, workers: int | None
) -> Iterator[Made]:
    by_slug = {job.slug: job for job in jobs}
    with closing(pool.run(jobs, progress, workers)) as outcomes:
        for outcome in outcomes:
            progress.ended(outcome)
            job = by_slug[outcome.slug]
            yield Made(outcome, _publish(job, folder) if outcome.ending == "done" else ())


def _publish(job: Job, folder: Path) -> tuple[Path, ...]:
    targets = []
    for suffix in SUFFIXES:
        target = folder / f"{job.slug}{suffix}"
        publish(job.file(suffix), target)
        targets.append(target)
    return tuple(targets)


def _check_targets(folder: Path, slugs: Sequence[str]) -> None:
    for slug in slugs:
        for suffix in SUFFIXES:
            target = folder / f"{slug}{suffix}"
            if target.is_dir():
                raise OutputError(f"{target} is a folder: choose another output folder with -o.")


@contextmanager
def stoppable() -> Iterator[None]:
    """Within, a request to terminate (SIGTERM) ends the work in order, as Ctrl-C does."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: the caller's affair
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
