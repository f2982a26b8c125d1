"""Runs of manim's command and of ours: wall time, CPU time, the memory of the largest process."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import av

from bench.render_table import BenchError
from lab.machine import blas_threads
from pipeline.settings import Quality
from scenes.catalogue import ClipRef

Result = TypeVar("Result")

ROOT = Path(__file__).resolve().parent.parent
OUTLINES = "NN_OUTLINES_DIR"
_LOOK_EVERY = 0.005
_MERCY = 3.0  # seconds that a stopped run has to end by itself
_MANIM_QUALITY = {"low": "-ql", "medium": "-qm", "high": "-qh", "4k": "-qk"}


@dataclass(frozen=True)
class Usage:
    """What a run took: seconds by the clock, CPU seconds of all its processes, and the bytes of
    the largest of them. `whole` is False if it was stopped at its time limit."""

    wall: float
    cpu: float
    memory: int
    whole: bool = True

    def __add__(self, other: Usage) -> Usage:
        """Both, one after the other."""
        return Usage(
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.memory, other.memory),
            self.whole and other.whole,
        )


def run(
    command: Sequence[str], *, given: Mapping[str, str] | None = None, limit: float | None = None
) -> Usage:
    """Run a command in the project's folder, with `given` in its environment; stop it after
    `limit` seconds. Raises BenchError, with its last words, if it fails."""
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(given or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status, usage, whole = _waited(process, began, limit)
        wall = time.perf_counter() - began
        if whole and status != 0:
            log.seek(0)
            words = log.read().decode("utf-8", "replace").strip().splitlines() or ["no message"]
            raise BenchError(f"{' '.join(command)} ended with {status}: {words[-1].strip()}")
    # The children that it waited for are in its figures; macOS counts memory in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, whole)


def _waited(
    process: subprocess.Popen[bytes], began: float, limit: float | None
) -> tuple[int, resource.struct_rusage, bool]:
    """The process's exit code, what it used, and whether it ended by itself."""
    stopped: float | None = None
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage, stopped is None
            now = time.perf_counter()
            if stopped is None and limit is not None and now - began > limit:
                stopped = now
                _signal(process, signal.SIGTERM)
            elif stopped is not None and now - stopped > _MERCY:
                _signal(process, signal.SIGKILL)
            time.sleep(_LOOK_EVERY)
    except BaseException:
        _signal(process, signal.SIGKILL)
        process.wait()
        raise


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def apart(function: Callable[..., Result], *args: Any) -> Result:
    """What a function returns in a process of its own, on one thread of BLAS.

    The largest that a command has been is counted from its parent's size on, so that this
    process must stay small.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_alone, function, *args).result()


def _alone(function: Callable[..., Result], *args: Any) -> Result:
    from manim import logger

    logger.setLevel("ERROR")
    with blas_threads(1):
        return function(*args)


def manim(clip: ClipRef, quality: Quality, media: Path, limit: float | None = None) -> Usage:
    """Manim's own command over a clip's scene file; what it writes is below `media`.

    Nothing of an earlier run is used but text set before, below `media` too.
    """
    command = [
        sys.executable, "-m", "manim", "render", _MANIM_QUALITY[quality.name], "--silent",
        "--disable_caching", "--progress_bar", "none", "--verbosity", "WARNING",
        "--media_dir", str(media), str(clip.path), clip.class_name,
    ]  # fmt: skip
    return run(command, given={OUTLINES: str(media / "outlines")}, limit=limit)


def manim_file(clip: ClipRef, media: Path) -> Path:
    """The video that manim made below `media`. Raises BenchError if there is none."""
    found = sorted((media / "videos" / clip.module).glob(f"*/{clip.class_name}.mp4"))
    if len(found) != 1:
        raise BenchError(f"manim left {len(found)} videos of {clip.slug}, not one.")
    return found[0]


def manim_frames(clip: ClipRef, media: Path) -> int:
    """Frames in the animations that manim had written when it was stopped."""
    folder = media / "videos" / clip.module
    counts = []
    for part in sorted(folder.glob(f"*/partial_movie_files/{clip.class_name}/*.mp4")):
        with suppress(av.FFmpegError):  # the one it was at
            counts.append(frames(part))
    return sum(counts)


def ours(
    clips: Sequence[ClipRef], quality: Quality, out: Path, *, texts: Path, more: Sequence[str] = ()
) -> Usage:
    """Our command over clips into `out`; set text is kept in `texts`, `more` are other options."""
    command = [
        sys.executable, "render.py", "render", *[clip.slug for clip in clips],
        "-q", quality.name, "--lang", "en", "-o", str(out), *_known("--quiet"), *more,
    ]  # fmt: skip
    return run(command, given={OUTLINES: str(texts)})


def forced() -> tuple[str, ...]:
    """The option that renders what is there already."""
    return _known("--force")


def _known(option: str) -> tuple[str, ...]:
    return (option,) if option in _help() else ()


@cache
def _help() -> str:
    command = [sys.executable, "render.py", "render", "--help"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def frames(video: Path) -> int:
    """Frames in a video, not decoding it."""
    with av.open(str(video)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
