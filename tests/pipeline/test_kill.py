"""Killed at any moment, a run leaves whole files only, and the next one completes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import av
import pytest
import srt

from pipeline import manifest
from pipeline.files import SCRATCH

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = 20
LONG = 120


# Two short clips, so that much of a run is other than drawing. Their files come to their places
# slowly, so that more kills fall between two of these steps.
CODE = f"""
import os, sys, time
sys.path.append({str(Path(__file__).parent)!r})
from tiny_clips import OTHER, TINY
from scenes.catalogue import clips
clips().update(tiny=TINY, other=OTHER)
move = os.replace
os.replace = lambda source, place: (time.sleep(0.02), move(source, place))
from render import cli
cli()
"""


def _heed_interrupts() -> None:
    # A background job of a shell starts with Ctrl-C ignored, and its children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(out: Path, *more: str, quality: str = "low") -> subprocess.Popen[str]:
    """A run in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", CODE, "render", "tiny", "other", "-q", quality, "-o", str(out),
         "--force", *more],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=_heed_interrupts,
    )  # fmt: skip


@cache
def frames(content: bytes) -> int:
    """How many frames a clip has that can be decoded."""
    with av.open(BytesIO(content)) as container:
        return sum(1 for _ in container.decode(video=0))


def look(out: Path) -> dict[str, bytes]:
    """See that all files with final names are whole; the clips."""
    clips = {}
    for path in out.iterdir():
        if path.name.startswith("."):
            continue
        if path.suffix == ".srt":
            assert list(srt.parse(path.read_text(encoding="utf-8")))
        elif path.suffix == ".mp4":
            record = manifest.read(path)
            assert record is not None, path
            content = path.read_bytes()
            assert (len(content), sha256(content).hexdigest()) == (record["size"], record["sha256"])
            assert frames(content) == record["frames"]
            subtitles = path.with_suffix(".srt").read_text(encoding="utf-8")
            assert subtitles == record["subtitles"]
            clips[path.name] = content
        else:
            assert manifest.read(path.with_suffix("")) is not None, path
    return clips


def inodes(out: Path) -> dict[str, int]:
    """The files under final names, and which they are."""
    return {entry.name: entry.inode() for entry in os.scandir(out) if entry.name[0] != "."}


def drawing(out: Path) -> None:
    """Wait until a run has begun to draw."""
    until = time.monotonic() + LONG
    while not list(out.glob(f"{SCRATCH}*/task-*/sections/*")) and time.monotonic() < until:
        time.sleep(0.05)


def ended(group: int) -> bool:
    """Whether no process of a group is left, at last: one may end a moment later."""
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A folder with a finished run, and the seconds that it took."""
    out = tmp_path_factory.mktemp("unbroken")
    began = time.monotonic()
    run = start(out)
    _, told = run.communicate(timeout=LONG)
    assert run.returncode == 0, told
    assert set(look(out)) == {"tiny.mp4", "other.mp4"}
    return out, time.monotonic() - began


def test_killed_at_any_moment_it_leaves_whole_files(
    unbroken: tuple[Path, float], tmp_path: Path
) -> None:
    finished, seconds = unbroken
    out = tmp_path / "out"
    shutil.copytree(finished, out)
    rng = random.Random(20)
    for k in range(MOMENTS):
        run = start(out, "--set", f"whole=0.{k + 10}")
        if k % 3:
            time.sleep(rng.uniform(0, seconds))
        else:  # files come to their places
            before = inodes(out)
            while inodes(out) == before and run.poll() is None:
                time.sleep(0.0005)
            time.sleep(rng.uniform(0, 0.07))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=LONG)
        look(out)
    run = start(out)
    _, told = run.communicate(timeout=LONG)
    assert run.returncode == 0, told
    assert look(out) == look(finished)
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]


def test_workers_whose_parent_is_killed_end_by_themselves(tmp_path: Path) -> None:
    run = start(tmp_path, quality="high")  # which takes a while
    drawing(tmp_path)
    run.kill()
    run.communicate(timeout=LONG)
    assert ended(run.pid)
    assert look(tmp_path) == {}


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_and_leaves_nothing(name: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = start(out, quality="high")
    drawing(out)
    os.killpg(run.pid, name)
    _, told = run.communicate(timeout=LONG)
    assert run.returncode == 130
    assert told.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in told
    assert "leaked" not in told
    assert list(tmp_path.iterdir()) == []
    assert ended(run.pid)
