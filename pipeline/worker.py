"""What a worker does: run a clip without drawing it, or draw and encode some of its sections."""

from __future__ import annotations

import errno
import gc
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import srt
from tqdm import tqdm

from nncore.errors import NNError
from pipeline import formats
from pipeline.jobs import Job, parameters
from pipeline.settings import QUALITIES, Quality, manim_settings
from pipeline.tasks import Draw, Drawn, Failed, Report, Reporter, Result, Task, Walk, Walked
from scenes.kit import theme
from scenes.kit.theme import Look

REPORTS_A_SECOND = 10


def perform(task: Task, scratch: Path, report: Reporter) -> Result:
    """Do a task, writing below `scratch` only; never raises."""
    before, tempfile.tempdir = tempfile.tempdir, str(scratch)
    try:
        if isinstance(task, Walk):
            return walk(task.job, scratch)
        return draw(task, scratch, report)
    except NNError as error:
        return Failed("input", str(error), traceback.format_exc())
    except Exception as error:
        return Failed("failed", fault(error, scratch), traceback.format_exc())
    finally:
        tempfile.tempdir = before


def fault(error: BaseException, scratch: Path | None = None) -> str:
    """An unexpected error in one line: what, and the last place of ours that it went through.

    `scratch` is the folder in which the work was done: if it is no more, that is the cause.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    if scratch is not None and not scratch.is_dir():
        return "the folder that it was made in was removed meanwhile"
    frames = traceback.extract_tb(error.__traceback__)
    root = str(Path(__file__).resolve().parent.parent) + os.sep
    ours = [f for f in frames if f.filename.startswith(root) and "site-packages" not in f.filename]
    at = f" ({ours[-1].filename.removeprefix(root)}:{ours[-1].lineno})" if ours else ""
    what = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {what}{at}"


def walk(job: Job, scratch: Path) -> Walked:
    """Run the clip without drawing: how long it is, and what it shows.

    Raises NNError for what is wrong with the parameters, the data or the fonts.
    """
    params = parameters(job.clip, dict(job.given))
    clip = job.clip.load()
    from pipeline.part_renderer import PartRenderer

    with drawing(QUALITIES[job.quality], scratch, job.look, dry_run=True):
        renderer = PartRenderer()
        scene = clip(renderer, params=params, lang=job.lang)
        scene.render()
        subtitles = srt.compose(scene.renderer.file_writer.subcaptions)
    sections = tuple(zip(scene.sections, renderer.frames, strict=True))
    if not sections:
        raise RuntimeError("the clip has no sections")
    return Walked(
        sections,
        tuple(renderer.work),
        describe(scene, job, sections),
        subtitles,
        tuple(notes(scene)),
    )


def draw(task: Draw, scratch: Path, report: Reporter) -> Drawn:
    """Draw and encode the task's sections into a folder below `scratch`. Raises NNError."""
    from manim.utils.exceptions import EndSceneEarlyException

    from pipeline.part_renderer import PartRenderer
    from pipeline.sections import SectionFiles

    job, size, started = task.job, task.job.size, time.process_time()
    params, clip = parameters(job.clip, dict(job.given)), job.clip.load()
    fmt = formats.choose(job.format, job.transparent)
    target = scratch / "sections"
    shutil.rmtree(target, ignore_errors=True)  # of a worker that died on the way
    target.mkdir()
    opacity = 0.0 if job.transparent else 1.0
    with (
        drawing(size, scratch, job.look, dry_run=True, background_opacity=opacity),
        SectionFiles(target, fmt, size) as files,
    ):
        tell = _Teller(report)

        def sink(pixels: Any, changed: Sequence[Any], repeat: int) -> None:
            files.write(len(scene.sections) - 1, pixels, repeat, changed)
            tell.more(repeat, scene.section_name)

        renderer = PartRenderer(sink, task.first, task.last)
        scene = clip(renderer, params=params, lang=job.lang)
        with suppress(EndSceneEarlyException):
            scene.render()
    frames = tuple(renderer.frames[task.first : task.last])
    return Drawn(target, frames, time.process_time() - started, peak_memory())


class _Teller:
    """Reports now and then."""

    def __init__(self, report: Reporter) -> None:
        self._report, self._last, self._frames = report, 0.0, 0

    def more(self, frames: int, section: str) -> None:
        """So many frames more, in this section."""
        self._frames += frames
        if time.monotonic() - self._last > 1 / REPORTS_A_SECOND:
            self._last = time.monotonic()
            self._report(Report(self._frames, section))


def peak_memory() -> int:
    """The largest that this process has been, bytes."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


@contextmanager
def drawing(
    quality: Quality, media: Path, look: Look | None = None, **settings: object
) -> Iterator[None]:
    """Manim and the theme set to draw at `quality` in a look (None: that in force), writing
    below `media`, logging errors only."""
    from manim import logger, tempconfig

    look = look or theme.current()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        with theme.look(look), tempconfig({**manim_settings(quality, media, look), **settings}):
            yield
    finally:
        logger.setLevel(level)


def describe(scene: Any, job: Job, sections: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """What a clip shows, from which parameters, when: the manifest's part known beforehand."""
    size, ends, total = job.size, [0], 0
    for _, frames in sections:
        total += frames
        ends.append(total)
    return {
        "clip": scene.slug,
        "language": scene.lang,
        "quality": size.name,
        "theme": job.look.theme,
        "aspect": job.look.aspect,
        "width": size.width,
        "height": size.height,
        "fps": size.fps,
        "frames": total,
        "seconds": round(total / size.fps, 3),
        "parameters": scene.params.model_dump(mode="json"),
        "sections": [
            {
                "name": name,
                "start": round(start / size.fps, 3),
                "end": round(end / size.fps, 3),
                "first_frame": start,
                "frames": end - start,
            }
            for (name, _), start, end in zip(sections, ends, ends[1:], strict=False)
        ],
        "numbers": [entry.as_json() for entry in scene.ledger.entries],
    }


def notes(scene: Any) -> list[str]:
    """What the user may want to know of a clip that was made: which image it took, say."""
    entries = scene.ledger.entries
    return [
        f"the {entry.name} is {entry.value}" for entry in entries if isinstance(entry.value, str)
    ]


def _say_into(log: Path) -> None:
    """Let all that this process prints go to a file; nowhere, if that cannot be written."""
    try:
        file = log.open("a", encoding="utf-8")
    except OSError:
        file = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    with file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def serve(connection: Any, log: Path) -> None:
    """A worker process: do the tasks that come through `connection`, until it is closed.

    Each is a pair of a Task and its scratch folder; Reports and, last, a Result go back.
    """
    _say_into(log)
    # Its own lock is shared by processes, and would be missed when this one is killed.
    tqdm.set_lock(threading.RLock())
    with suppress(EOFError, OSError):
        while True:
            task, scratch = connection.recv()
            connection.send(perform(task, scratch, connection.send))
            gc.collect()  # a scene is full of circles
