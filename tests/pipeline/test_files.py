"""Output folders and atomic writing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline import files
from pipeline.files import (
    SCRATCH,
    OutputError,
    output_folder,
    publish,
    replacing,
    scratch_folder,
    sweep,
)


def test_a_folder_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with output_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    with output_folder(tmp_path) as folder:
        assert list(folder.iterdir()) == []
    assert tmp_path.is_dir()


def test_a_folder_with_files_in_it_stays(tmp_path: Path) -> None:
    with output_folder(tmp_path / "a") as folder:
        (folder / "clip.mp4").touch()
    assert (tmp_path / "a" / "clip.mp4").exists()


@pytest.mark.parametrize("below", ["", "x", "x/y"])
def test_a_file_is_no_folder(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    with pytest.raises(OutputError, match="-o"), output_folder(file / below):
        pass
    assert file.read_text() == "kept"


def test_a_dangling_link_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError), output_folder(tmp_path / "link"):
        pass


def test_scratch_goes_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch_folder(tmp_path) as scratch:
        (scratch / "part.mp4").touch()
        assert scratch.name.startswith(".")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_replacing_keeps_the_old_file_until_the_new_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "sheet.png"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]
    assert target.read_text() == "old"
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"


def test_what_cannot_be_published_is_told(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.touch()
    (tmp_path / "target").mkdir()
    with pytest.raises(OutputError, match="target cannot be written"):
        publish(source, tmp_path / "target")


def test_a_sweep_takes_what_no_run_uses(tmp_path: Path) -> None:
    for name in ("killed", "early", "old"):
        (tmp_path / f"{SCRATCH}{name}").mkdir()
    (tmp_path / f"{SCRATCH}killed" / "in-use").touch()
    (tmp_path / f"{SCRATCH}killed" / "part.mp4").write_bytes(bytes(1000))
    long_ago = time.time() - 3600
    os.utime(tmp_path / f"{SCRATCH}old", (long_ago, long_ago))
    (tmp_path / "clip.mp4").touch()
    with scratch_folder(tmp_path) as used:
        assert sweep(tmp_path) == 1000
        # The early one may belong to a run that begins just now.
        assert set(tmp_path.iterdir()) == {
            used,
            tmp_path / f"{SCRATCH}early",
            tmp_path / "clip.mp4",
        }


def test_a_sweep_spares_a_run_that_begins_just_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, within = files.fcntl.flock, False

    def flock(file: Any, operation: int) -> None:
        nonlocal within
        if not within:
            within = True
            sweep(tmp_path)
        real(file, operation)

    monkeypatch.setattr(files.fcntl, "flock", flock)
    with scratch_folder(tmp_path) as scratch:
        assert within
        assert scratch.is_dir()


def test_scratch_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"written \(no such file or directory\)"),
        scratch_folder(tmp_path / "gone"),
    ):
        pass
