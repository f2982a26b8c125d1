"""Rendering into a folder: whole files or none, only what changed, no clip disturbs another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import pytest
from tiny_clips import TINY

from pipeline import keys, manifest, produce
from pipeline.files import OutputError
from pipeline.outcome import Made
from pipeline.pool import Pool
from pipeline.tasks import Draw, Walk
from scenes.catalogue import ClipRef

GIVEN = {"whole": "0.5"}


def render(out: Path, *clips: ClipRef, given: dict[str, str] = GIVEN, **more: Any) -> list[Made]:
    chosen = clips or (TINY,)
    options = {"lang": "zh", "quality": "low", "quiet": True, **more}
    return produce.render_clips(chosen, given=given, out=out, **options)


def whole(out: Path) -> list[Path]:
    """The clips in a folder, after a look at each: it decodes and is what its manifest says."""
    found = []
    for path in out.iterdir():
        assert not path.name.startswith("."), path
        if path.suffix == ".mp4":
            record = manifest.read(path)
            assert record is not None
            assert manifest.whole(path, record)
            with av.open(str(path)) as container:
                assert sum(1 for _ in container.decode(video=0)) == record["frames"]
            subtitles = path.with_suffix(".srt").read_text(encoding="utf-8")
            assert subtitles == record["subtitles"]
            found.append(path)
    return found


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one clip."""
    out = tmp_path_factory.mktemp("once") / "out"
    (made,) = render(out)
    assert made.ending == "rendered"
    return out


def test_a_clip_comes_with_subtitles_and_manifest(once: Path) -> None:
    assert sorted(p.name for p in once.iterdir()) == [
        "tiny.mp4", "tiny.mp4.json", "tiny.srt",
    ]  # fmt: skip
    assert whole(once) == [once / "tiny.mp4"]
    record = json.loads((once / "tiny.mp4.json").read_text(encoding="utf-8"))
    content = (once / "tiny.mp4").read_bytes()
    assert (record["size"], record["sha256"]) == (len(content), sha256(content).hexdigest())
    assert record["parameters"] == {"whole": 0.5}
    assert record["key"] == keys.key(record["depends"])
    now = datetime.now(UTC)
    assert now - timedelta(hours=1) < datetime.fromisoformat(record["made"]) <= now
    assert [(entry["name"], entry["value"]) for entry in record["numbers"]] == [("half", 0.25)]


def test_sections_begin_and_end_where_the_manifest_says(once: Path) -> None:
    record = json.loads((once / "tiny.mp4.json").read_text(encoding="utf-8"))
    sections = record["sections"]
    with av.open(str(once / "tiny.mp4")) as container:
        frames = list(container.decode(video=0))
    key_frames = {round(frame.time, 3) for frame in frames if frame.key_frame}
    assert {section["start"] for section in sections} <= key_frames
    assert sections[0]["start"] == 0
    assert [s["end"] for s in sections[:-1]] == [s["start"] for s in sections[1:]]
    assert sections[-1]["end"] == pytest.approx(len(frames) / 15, abs=1e-3)
    assert {entry["section"] for entry in record["numbers"]} <= {s["name"] for s in sections}


def test_what_is_unchanged_is_not_rendered(once: Path) -> None:
    before = (once / "tiny.mp4").stat().st_mtime_ns
    (made,) = render(once)
    assert made.ending == "cached"
    assert made.files[0] == once / "tiny.mp4"
    assert (once / "tiny.mp4").stat().st_mtime_ns == before


def test_missing_subtitles_come_back_without_rendering(once: Path) -> None:
    (once / "tiny.srt").unlink()
    assert render(once)[0].ending == "cached"
    assert whole(once)


def test_a_damaged_or_changed_clip_is_rendered_again(once: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(once, out)
    with (out / "tiny.mp4").open("r+b") as file:
        file.seek(2000)
        file.write(b"\0\0\0")
    assert render(out)[0].ending == "rendered"
    assert (out / "tiny.mp4").read_bytes() == (once / "tiny.mp4").read_bytes()
    assert render(out, given={"whole": "0.42"})[0].ending == "rendered"
    assert render(out)[0].ending == "rendered"
    assert whole(out)


def test_force_renders_anyway(once: Path) -> None:
    assert render(once, force=True)[0].ending == "rendered"


def test_bytes_do_not_depend_on_how_the_work_is_shared(once: Path, tmp_path: Path) -> None:
    def one(folder: Path) -> Pool:
        return Pool(folder, 1)

    render(tmp_path, start=one)
    assert (tmp_path / "tiny.mp4").read_bytes() == (once / "tiny.mp4").read_bytes()


def test_a_failing_clip_leaves_nothing_and_stops_no_other(broken: ClipRef, tmp_path: Path) -> None:
    out = tmp_path / "out"
    failed, done = render(out, broken, TINY)
    assert failed.ending == "failed"
    assert "NotImplementedError" in failed.message
    assert "Traceback" in failed.details
    assert failed.files == ()
    assert done.ending == "rendered"
    assert whole(out) == [out / "tiny.mp4"]


def test_after_failures_alone_not_even_the_folder_is_left(broken: ClipRef, tmp_path: Path) -> None:
    made = render(tmp_path / "a" / "b", broken, given={})
    assert [m.ending for m in made] == ["failed"]
    assert list(tmp_path.iterdir()) == []


class Killing(Pool):
    """Kills its workers, so many times, when they have begun to draw."""

    def __init__(self, folder: Path, times: int) -> None:
        super().__init__(folder, 1)
        self.left = times

    def submit(self, task: Any, scratch: Path, report: Any) -> Any:
        """As a lack of memory would."""

        def fatal(told: Any) -> None:
            report(told)
            if self.left:
                self.left -= 1
                for process in self.processes():
                    os.kill(process, signal.SIGKILL)

        return super().submit(task, scratch, fatal)


@pytest.mark.parametrize(("times", "ending"), [(1, "rendered"), (2, "failed")])
def test_a_worker_that_is_killed_is_replaced_once(times: int, ending: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (made,) = render(out, start=lambda folder: Killing(folder, times))
    assert made.ending == ending
    if ending == "failed":
        assert made.message == "its process ended without a word, twice (code -9)"
        assert list(tmp_path.iterdir()) == []
    else:
        assert whole(out)


def test_a_folder_in_a_files_place_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "tiny.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        render(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.mp4"]


class Removing(Pool):
    """Removes the folder of the output before the first task of a kind is begun, or after it."""

    def __init__(self, folder: Path, kind: type, after: bool) -> None:
        super().__init__(folder, 2)
        self.out, self.kind, self.after = folder.parent, kind, after

    def submit(self, task: Any, scratch: Path, report: Any) -> Any:
        """As a user could in a file manager."""
        if not isinstance(task, self.kind):
            return super().submit(task, scratch, report)
        if not self.after:
            shutil.rmtree(self.out, ignore_errors=True)
        future = super().submit(task, scratch, report)
        if self.after:
            future.result(60)
            shutil.rmtree(self.out, ignore_errors=True)
        return future


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", [Walk, Draw])
def test_a_folder_that_goes_in_mid_run_is_a_failure_in_one_sentence(
    kind: type, after: bool, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (made,) = render(out, start=lambda folder: Removing(folder, kind, after))
    assert made.ending == "failed"
    assert made.message == "the folder that it was made in was removed meanwhile"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_goes_before_any_work_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(produce, "sweep", shutil.rmtree)
    with pytest.raises(OutputError, match=r"cannot be written \(no such file or directory\)"):
        render(tmp_path / "out")


def test_two_runs_at_once_leave_whole_files(tmp_path: Path) -> None:
    outcomes: list[Sequence[Made]] = []
    threads = [
        threading.Thread(
            target=lambda k=k: outcomes.append(render(tmp_path, given={"whole": str(4 + k)}))
        )
        for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [made.ending for (made,) in outcomes] == ["rendered", "rendered"]
    assert whole(tmp_path) == [tmp_path / "tiny.mp4"]
