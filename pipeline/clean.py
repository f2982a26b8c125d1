"""Removing what no current key owns: clips that would be made otherwise now, and leftovers."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nncore.errors import NNError
from pipeline import keys, manifest, publish
from pipeline.files import SCRATCH, OutputError, scratch_folder, sweep
from pipeline.jobs import Job
from pipeline.manifest import Manifest
from scenes import catalogue
from scenes.kit.theme import Look


@dataclass(frozen=True)
class Removed:
    """What was removed, and the bytes that this freed."""

    files: tuple[Path, ...]
    bytes: int


def clean(folder: Path) -> Removed:
    """Remove from `folder` and its folders the clips that are stale, broken, or of no clip.

    Only files with a manifest of ours are touched: the clip, its manifest, and its subtitles if
    no other format of the clip needs them. Raises OutputError if that is not allowed.
    """
    if not folder.is_dir():
        return Removed((), 0)
    files: list[Path] = []
    freed = 0
    try:
        for place in list(_places(folder)):
            if place.is_dir():  # and not one of frames that was just removed
                freed += sweep(place)
                freed += _tidy(place, files)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{folder} cannot be cleaned ({reason}).") from None
    return Removed(tuple(files), freed)


def _places(folder: Path) -> Iterator[Path]:
    """A folder and those in it, but for what runs are at work in."""
    for root, folders, _ in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(SCRATCH)]
        yield Path(root)


def _tidy(place: Path, files: list[Path]) -> int:
    """Remove what is not current from one folder, while no run puts anything into it."""
    with publish.locked(place):
        targets = list(_unowned(place))
        if not targets:
            return 0
        with scratch_folder(place) as scratch:
            return sum(_remove(target, scratch, files) for target in targets)


def _unowned(folder: Path) -> Iterator[Path]:
    """The clips in a folder whose key is not what it would be now."""
    for path in sorted(folder.glob("*.json")):
        target = path.with_suffix("")
        record = manifest.read(target)
        if record is not None and "key" in record and not _current(target, record):
            yield target


def _current(target: Path, record: Manifest) -> bool:
    clip = catalogue.clips().get(str(record.get("clip")))
    depends = record.get("depends")
    if clip is None or not isinstance(depends, dict):
        return False
    # What was given is known only from what the clip was found to depend on.
    given = {
        name.removeprefix("parameter "): str(value)
        for name, value in depends.items()
        if name.startswith("parameter ")
    }
    try:
        job = Job(
            clip,
            str(record.get("language")),
            str(record.get("quality")),
            tuple(sorted(given.items())),
            str(record.get("format")),
            bool(record.get("transparent")),
            Look(str(record.get("theme")), str(record.get("aspect"))),
        )
        now = keys.key(keys.depends(job))
    except (NNError, KeyError):
        return False
    return now == record["key"] and manifest.whole(target, record)


def _remove(target: Path, scratch: Path, files: list[Path]) -> int:
    """Move a clip and what belongs to it into `scratch`, each in one step.

    The clip goes first, or it would be without a manifest; the manifest last, by which the
    rest is found if this is stopped.
    """
    freed = 0
    wanted = [target, manifest.path_of(target)]
    formats = target.parent.glob(f"{glob.escape(target.stem)}.*.json")
    if not any(manifest.read(path.with_suffix("")) for path in formats if path not in wanted):
        wanted.insert(1, publish.subtitles_of(target))
    for path in wanted:
        if path.is_dir():
            freed += sum(p.stat().st_size for p in path.iterdir())
        elif path.exists():
            freed += path.stat().st_size
        else:
            continue
        os.replace(path, scratch / path.name)
        files.append(path)
    return freed
