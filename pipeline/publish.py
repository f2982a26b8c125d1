"""Putting finished clips in place, so that nothing under a final name is ever broken or stale.

A clip and its manifest are two files, and no two files change in one step. So the old clip goes
first, then its manifest is replaced, then the new clip comes: killed between these steps, a
clip is missing (and is made by the next run), never beside a manifest of another.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline import manifest
from pipeline.files import OutputError, publish
from pipeline.manifest import Manifest


def put(made: Path, target: Path, record: Manifest, subtitles: str, scratch: Path) -> int:
    """Put the finished file or folder `made` in place as `target`, with manifest and subtitles.

    `scratch` is a folder of the same disk for what is not yet in place. Returns the bytes of
    the clip. Raises OutputError.
    """
    size, digest = manifest.measure(made)
    text = manifest.text({**record, "file": target.name, "size": size, "sha256": digest})
    try:
        described = _whole(scratch / "manifest", text)
        told = _whole(scratch / "subtitles", subtitles)
        sync(made)
        with locked(target.parent):
            _remove(target, scratch)
            publish(described, manifest.path_of(target))
            publish(told, subtitles_of(target))
            publish(made, target)
            sync_folder(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{target} cannot be written ({reason}).") from None
    return size


def subtitles_of(target: Path) -> Path:
    """Where the subtitles of a clip are: one file for all its formats."""
    return target.with_suffix(".srt")


def mend_subtitles(target: Path, subtitles: str, scratch: Path) -> None:
    """Write the subtitles anew if they are not there or other. Raises OutputError."""
    place = subtitles_of(target)
    try:
        if place.is_file() and place.read_text(encoding="utf-8") == subtitles:
            return
        told = _whole(scratch / "subtitles", subtitles)
    except (OSError, ValueError):
        told = _whole(scratch / "subtitles", subtitles)
    publish(told, place)


def _whole(path: Path, text: str) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


def _remove(target: Path, scratch: Path) -> None:
    """Take what is at `target` away in one step."""
    with suppress(FileNotFoundError):
        os.replace(target, scratch / f"old-{target.name}")


def sync(path: Path) -> None:
    """Wait until a file, or a folder and all its files, is on the disk. Raises OSError."""
    if path.is_dir():
        for name in os.listdir(path):
            sync(path / name)
        sync_folder(path)
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk, where the system can say so."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within, no other process of ours puts anything into `folder`. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a disk without locks: two runs at once are then the user's risk
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
