"""A file under its final name is whole, or what it was before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nncore import files
from nncore.errors import DataError
from nncore.files import write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_and_replaces(tmp_path):
    path = tmp_path / "a.bin"
    write_whole(path, b"first")
    write_whole(path, bytearray(b"second"))
    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_on_the_way_leaves_all_as_it_was(tmp_path, monkeypatch, step, error):
    path = tmp_path / "a.bin"
    write_whole(path, b"before")

    def fail(*_: object) -> None:
        assert path.read_bytes() == b"before"
        raise error

    monkeypatch.setattr(files.os, step, fail)
    expected = DataError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["a.bin"]
    if isinstance(error, OSError):
        assert str(caught.value) == f"{path} cannot be written: No space left on device."


def test_no_folder_a_folder_and_a_bad_name_are_said(tmp_path):
    for path in (tmp_path / "none" / "a.bin", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(DataError, match="cannot be written"):
            write_whole(path, b"x")
    assert names(tmp_path) == []


def test_it_has_the_rights_that_any_new_file_has(tmp_path):
    write_whole(tmp_path / "a.bin", b"x")
    (tmp_path / "b.bin").write_bytes(b"x")
    modes = {os.stat(tmp_path / name).st_mode for name in ("a.bin", "b.bin")}
    assert len(modes) == 1
