"""`render.py render` and `clean` from end to end: what is told, where, and with which code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import pytest
import tiny_clips
from tiny_clips import BROKEN, OTHER, TINY

from scenes.catalogue import clips

ROOT = Path(__file__).resolve().parents[2]
LONG = 120
SHORT = ["-q", "low"]
QUICK = ["-q", "low", "--set", "constants=0.6", "--set", "max_steps=1"]
ENDINGS = (".mp4", ".srt", ".mp4.json")


def whole(folder: Path) -> dict[str, str]:
    """Each clip and its digest, after a look: it decodes, and is what its manifest says."""
    found = {}
    for path in folder.glob("*.mp4"):
        record = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
        digest = sha256(path.read_bytes()).hexdigest()
        assert (record["sha256"], record["size"]) == (digest, path.stat().st_size)
        assert path.with_suffix(".srt").read_text(encoding="utf-8") == record["subtitles"]
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == record["frames"]
        found[path.stem] = digest
    return found


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of a few seconds, and one that fails, beside the course's."""
    for clip in (TINY, OTHER, BROKEN):
        monkeypatch.setitem(clips(), clip.slug, clip)


@pytest.fixture
def caption(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Changes a caption of the tiny clip's, for the keys at least."""
    folder = tmp_path_factory.mktemp("other") / "words"

    def change() -> None:
        shutil.copytree(tiny_clips.WORDS, folder)
        file = folder / "tiny.toml"
        text = file.read_text(encoding="utf-8")
        assert "A field" in text
        file.write_text(text.replace("A field", "Another field"), encoding="utf-8")
        monkeypatch.setattr(tiny_clips, "WORDS", folder)

    return change


def test_only_what_changed_is_rendered_again(run: Any, caption: Any, tmp_path: Path) -> None:
    words = ["render", "tiny", "other", *SHORT, "-o", "out"]
    first = run(*words)
    assert first.exit_code == 0, first.stderr
    out = tmp_path / "out"
    assert first.stdout.splitlines() == [
        str(out / f"{slug}{ending}") for slug in ("tiny", "other") for ending in ENDINGS
    ]
    made = {path: path.stat().st_ino for path in out.iterdir()}
    again = run(*words)
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert again.stderr.count(": unchanged") == 2
    assert {path: path.stat().st_ino for path in out.iterdir()} == made
    caption()
    third = run(*words)
    assert (third.exit_code, third.stdout) == (0, first.stdout)
    assert "(changed: words of tiny (en))" in third.stderr
    assert "other: unchanged" in third.stderr
    changed = {path.name for path, inode in made.items() if path.stat().st_ino != inode}
    assert {"tiny.mp4", "tiny.mp4.json"} <= changed
    assert changed.isdisjoint({"other.mp4", "other.mp4.json", "other.srt"})
    assert set(whole(out)) == {"tiny", "other"}


def test_a_clip_that_fails_stops_no_other_and_is_in_the_table(run: Any, tmp_path: Path) -> None:
    ended = run("render", "broken", "tiny", *SHORT, "-o", "out")
    assert ended.exit_code == 1
    out = tmp_path / "out"
    assert ended.stdout.splitlines() == [str(out / f"tiny{ending}") for ending in ENDINGS]
    assert set(whole(out)) == {"tiny"}
    assert "Traceback" not in ended.stderr
    *_, head, bad, good, sentence = ended.stderr.splitlines()
    assert head.split() == ["clip", "language", "seconds", "size"]
    assert bad.split()[:3] == ["broken", "en", "failed:"]
    assert good.split()[:2] == ["tiny", "en"]
    assert good.endswith("rendered")
    assert sentence.startswith("broken: NotImplementedError")
    quiet = run("render", "broken", "tiny", *SHORT, "-o", "out", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (1, ended.stdout)
    assert quiet.stderr.splitlines() == [sentence]
    told = run("render", "broken", "tiny", *SHORT, "-o", "out", "--quiet", "--debug")
    assert told.exit_code == 1
    assert "Traceback" in told.stderr


def test_two_processes_on_the_same_output_leave_whole_files(tmp_path: Path) -> None:
    def begin(kilometres: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "render.py"), "render", "predictor", *QUICK, "-o", "out",
             "--set", f"kilometres={kilometres}"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    for ended in [begin(40), begin(50)]:
        told = ended.communicate(timeout=LONG)
        assert ended.returncode == 0, told
    out = tmp_path / "out"
    assert set(whole(out)) == {"predictor"}
    assert sorted(p.name for p in out.iterdir()) == sorted(f"predictor{end}" for end in ENDINGS)


# Disks


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Mounts a disk with these options; skips where that is not allowed."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path_factory.mktemp("disk")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            pytest.skip("there is no mount here")
        if done.returncode:
            pytest.skip("no disk can be mounted here")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("options", ["size=4k", "size=300k", "size=1m,nr_inodes=4"])
def test_a_full_disk_is_one_sentence(run: Any, disk: Any, options: str) -> None:
    folder = disk(options)
    ended = run("render", "predictor", *QUICK, "-o", folder / "out", "--quiet")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == "predictor: the disk is full\n"
    assert list(folder.iterdir()) == []


def test_on_a_full_disk_what_was_there_stays(run: Any, disk: Any, tmp_path: Path) -> None:
    run("render", "predictor", *QUICK, "-o", "out")
    size = (tmp_path / "out" / "predictor.mp4").stat().st_size
    # Room for it twice, parts and the joined clip, but not with an older one beside them.
    folder = disk(f"size={2.5 * size:.0f}")
    assert run("render", "predictor", *QUICK, "-o", folder).exit_code == 0
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert len(before) == 3
    ended = run("render", "predictor", *QUICK, "--set", "kilometres=42", "-o", folder, "--quiet")
    assert (ended.exit_code, ended.stderr) == (1, "predictor: the disk is full\n")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_disk_that_is_read_only_is_refused(run: Any, refused: Any, disk: Any) -> None:
    refused(run("render", "tiny", "-o", disk("ro,size=1m") / "out"), "read-only file system")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_refused(
    run: Any, refused: Any, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    refused(run("render", "tiny", "-o", "out"), "permission denied")


# clean


def test_clean_tells_people_and_programs(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "media" / "clips" / "en"
    folder.mkdir(parents=True)

    def lay() -> None:
        (folder / "xor.mp4").write_bytes(bytes(1234))
        text = json.dumps({"file": "xor.mp4", "clip": "xor", "key": "of another time"})
        (folder / "xor.mp4.json").write_text(text.ljust(100))

    expected = [str(path) for path in (Path("media/clips/en/xor.mp4"),
                                       Path("media/clips/en/xor.mp4.json"))]  # fmt: skip
    lay()
    ended = run("clean")
    assert ended.exit_code == 0
    assert ended.stdout.splitlines() == expected
    assert ended.stderr == "2 files removed, 1.3 kB freed.\n"
    assert list(folder.iterdir()) == []
    lay()
    ended = run("clean", "--json", "-o", "media")
    assert json.loads(ended.stdout) == {"files": expected, "bytes": 1334}
    assert ended.stderr == ""
    assert run("clean", "-o", "nowhere").stderr == "0 files removed, 0 B freed.\n"
    assert not (tmp_path / "nowhere").exists()
