"""Killed at any moment, a run leaves whole files only, and the next one completes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import pytest
import srt

from pipeline import manifest, publish
from pipeline.files import SCRATCH

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = 20
LONG = 120
SHORT = ["--set", "constants=0.6", "--set", "max_steps=1"]


def start(out: Path, *more: str) -> subprocess.Popen[str]:
    """A run in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "render.py", "render", "predictor", "-q", "low", "-o", str(out),
         "--force", *SHORT, *more],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def look(out: Path) -> int:
    """See that all files with final names are whole; how many clips there are."""
    clips = 0
    for path in out.iterdir():
        if path.name.startswith("."):
            continue
        if path.suffix == ".srt":
            list(srt.parse(path.read_text(encoding="utf-8")))
        elif path.suffix == ".mp4":
            record = manifest.read(path)
            assert record is not None, path
            assert manifest.measure(path) == (record["size"], record["sha256"])
            with av.open(str(path)) as container:
                assert sum(1 for _ in container.decode(video=0)) == record["frames"]
            clips += 1
        else:
            assert manifest.read(path.with_suffix("")) is not None, path
    return clips


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A folder with a finished run, and the seconds that it took."""
    out = tmp_path_factory.mktemp("unbroken")
    began = time.monotonic()
    run = start(out)
    _, told = run.communicate(timeout=LONG)
    assert run.returncode == 0, told
    assert look(out) == 1
    return out, time.monotonic() - began


def test_killed_at_any_moment_it_leaves_whole_files(
    unbroken: tuple[Path, float], tmp_path: Path
) -> None:
    finished, seconds = unbroken
    out = tmp_path / "out"
    shutil.copytree(finished, out)
    rng = random.Random(20)
    # Half of the moments are near the end, where files come to their places.
    moments = [rng.uniform(0, seconds) for _ in range(MOMENTS // 2)]
    moments += [rng.uniform(0.75 * seconds, 1.05 * seconds) for _ in range(MOMENTS // 2)]
    for k, moment in enumerate(moments):
        run = start(out, "--set", f"kilometres={k + 1}")
        time.sleep(moment)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=LONG)
        look(out)
    run = start(out)
    _, told = run.communicate(timeout=LONG)
    assert run.returncode == 0, told
    assert look(out) == 1
    assert not list(out.glob(f"{SCRATCH}*"))
    assert (out / "predictor.mp4").read_bytes() == (finished / "predictor.mp4").read_bytes()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_and_leaves_nothing(name: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = start(out)
    until = time.monotonic() + LONG
    while not list(out.glob(f"{SCRATCH}*/task-*/sections/*")) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(run.pid, name)
    _, told = run.communicate(timeout=LONG)
    assert run.returncode == 130
    assert told.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in told
    assert "leaked" not in told
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < until:  # Python's own helper process ends a moment later
            os.killpg(run.pid, 0)
            time.sleep(0.05)


@pytest.mark.parametrize("step", range(5))
def test_killed_between_two_steps_of_publishing_nothing_is_wrong(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    out.mkdir()
    target = out / "clip.mp4"

    def put(content: bytes) -> None:
        made = scratch / "made.mp4"
        made.write_bytes(content)
        publish.put(made, target, {"said": content.decode()}, "", scratch)

    put(b"old")
    real, left = os.replace, step

    def replace(source: Any, place: Any) -> None:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        real(source, place)

    monkeypatch.setattr(os, "replace", replace)
    if step < 4:
        with pytest.raises(KeyboardInterrupt):
            put(b"new")
    else:
        put(b"new")
    if target.exists():
        record = manifest.read(target)
        assert record is not None
        assert manifest.whole(target, record)
        assert record["said"].encode() == target.read_bytes()
    assert step not in (0, 4) or target.exists()
