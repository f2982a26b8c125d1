"""Rendering one clip, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nncore.errors import NNError
from pipeline.jobs import Job, Outcome, parameters
from pipeline.settings import QUALITIES, Quality, manim_settings

REPORTS_A_SECOND = 10
LOG_LINES = 40

Report = tuple[str, float, str]
"""Either ("total", seconds of the clip, "") or ("at", seconds done, section)."""


def main(connection: Connection, job: Job) -> None:
    """Render `job`; send Reports on the way and an Outcome at the end."""
    # Stopped, it ends in order: the encoder is closed, semaphores go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    job.scratch.mkdir(parents=True, exist_ok=True)
    # What is left here when the process is stopped goes with the scratch folder.
    tempfile.tempdir = str(job.scratch)
    log = job.scratch / "log.txt"
    with log.open("w", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    connection.send(_outcome(job, connection.send, log))
    connection.close()


def _outcome(job: Job, send: Callable[[Any], None], log: Path) -> Outcome:
    try:
        notes = render(job, send)
    except NNError as error:
        return Outcome(job.slug, "input", str(error), traceback.format_exc())
    except Exception as error:
        return Outcome(job.slug, "failed", fault(error), traceback.format_exc() + _tail(log))
    return Outcome(job.slug, "done", notes=tuple(notes))


def _tail(log: Path) -> str:
    sys.stdout.flush()
    sys.stderr.flush()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(["", *lines[-LOG_LINES:]]) if lines else ""


def fault(error: BaseException) -> str:
    """An unexpected error in one line: what, and the last place of ours that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    root = str(Path(__file__).resolve().parent.parent) + os.sep
    ours = [f for f in frames if f.filename.startswith(root) and "site-packages" not in f.filename]
    at = f" ({ours[-1].filename.removeprefix(root)}:{ours[-1].lineno})" if ours else ""
    what = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {what}{at}"


def render(job: Job, send: Callable[[Report], None]) -> list[str]:
    """Render the clip into `job.scratch`: video, subtitles, ledger; returns notes for the user.

    First the clip is run without drawing: it tells how long it is, and a mistake in what the
    user gave shows before any frame is drawn. Raises NNError for that.
    """
    from scenes.kit import dry  # imports manim

    quality, params = QUALITIES[job.quality], parameters(job.clip, dict(job.given))
    clip = job.clip.load()
    walked = dry.walk(clip, params, job.lang)
    send(("total", walked.time, ""))
    media = job.scratch / "manim"
    with drawing(quality, media):
        scene, sections, frames = _draw(clip, params, job.lang, send)
    video = media / "video" / "clip.mp4"
    check_video(video, quality, frames)
    video.replace(job.file(".mp4"))
    subtitles = media / "video" / "clip.srt"
    job.file(".srt").write_bytes(subtitles.read_bytes() if subtitles.exists() else b"")
    record = describe(scene, quality, sections, frames)
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)
    job.file(".json").write_text(text + "\n", encoding="utf-8")
    return [f"{job.slug}: {note}" for note in notes(scene)]


@contextmanager
def drawing(quality: Quality, media: Path) -> Iterator[None]:
    """Manim set to draw at `quality`, writing below `media`, logging warnings only."""
    from manim import logger, tempconfig

    level = logger.level
    logger.setLevel("WARNING")
    try:
        with tempconfig(manim_settings(quality, media)):
            yield
    finally:
        logger.setLevel(level)


def _draw(
    clip: Any, params: Any, lang: str, send: Callable[[Report], None]
) -> tuple[Any, list[tuple[str, float]], int]:
    """Render; returns the scene, each section with its end in seconds, the number of frames."""
    from pipeline.renderers import ReportingRenderer

    ends: list[tuple[str, float]] = []
    last = 0.0

    def on_time(seconds: float) -> None:
        nonlocal last
        if time.monotonic() - last > 1 / REPORTS_A_SECOND:
            last = time.monotonic()
            send(("at", seconds, scene.section_name))

    renderer = ReportingRenderer(on_time)
    scene = clip(
        renderer,
        params=params,
        lang=lang,
        at_section_end=lambda clip, name: ends.append((name, clip.time)),
    )
    scene.render()
    return scene, ends, renderer.frames


def check_video(video: Path, quality: Quality, frames: int) -> None:
    """Decode what was encoded: size, rate, number of frames, the first and the last frame.

    Raises RuntimeError if anything is not as it should be.
    """
    import av

    with av.open(str(video)) as container:
        if len(container.streams) != 1 or len(container.streams.video) != 1:
            raise RuntimeError(f"the encoded video has {len(container.streams)} streams")
        stream = container.streams.video[0]
        found = (stream.width, stream.height, stream.average_rate)
        if found != (quality.width, quality.height, quality.fps):
            raise RuntimeError(f"the encoded video is {found}, not {quality}")
        assert stream.time_base is not None
        packets = sum(1 for packet in container.demux(stream) if packet.size)
        if packets != frames:
            raise RuntimeError(f"the encoded video has {packets} of {frames} frames")
        container.seek(0)
        next(container.decode(stream))
        container.seek(int((frames - 1) / quality.fps / stream.time_base), stream=stream)
        *_, last = container.decode(stream)
        if abs(last.time - (frames - 1) / quality.fps) > 0.5 / quality.fps:
            raise RuntimeError(f"the encoded video ends at {last.time} s")


def describe(
    scene: Any, quality: Quality, ends: list[tuple[str, float]], frames: int
) -> dict[str, Any]:
    """The record beside a video: what it shows, from which parameters, when."""
    starts = [0.0, *(round(end, 3) for _, end in ends)]
    record = {
        "clip": scene.slug,
        "language": scene.lang,
        "quality": quality.name,
        "width": quality.width,
        "height": quality.height,
        "fps": quality.fps,
        "frames": frames,
        "seconds": round(frames / quality.fps, 3),
        "parameters": scene.params.model_dump(mode="json"),
        "sections": [
            {"name": name, "start": start, "end": round(end, 3)}
            for start, (name, end) in zip(starts, ends, strict=False)
        ],
        "numbers": [entry.as_json() for entry in scene.ledger.entries],
    }
    if source := source_of(scene):
        record["digit"] = source
    return record


def source_of(scene: Any) -> str | None:
    """Where a run's digit comes from, if it has one."""
    run = scene.run
    for holder in (run, getattr(run, "digit", None)):
        source = getattr(holder, "source", None)
        if isinstance(source, str):
            return source
    return None


def notes(scene: Any) -> list[str]:
    """What the user may want to know of a clip that was made."""
    source = source_of(scene)
    return [f"the digit is {source}"] if source else []
