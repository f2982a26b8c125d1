"""Set text kept on disk: what was made once is read by every later run, and by other processes.

An entry is one file: a digest, then arrays. Its name is a digest of all that they depend on, so
that an entry is never wrong, only unused. Files are written beside and renamed, and checked when
they are read; several processes may write, be killed, or remove files at any moment. Where the
folder cannot be used, everything is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

ENVIRONMENT = "NN_OUTLINES_DIR"
LIMIT = 64 * 2**20
"""Bytes that the files may take; above, those unused for longest go."""

Array = NDArray[np.float64]

_ENDING = ".outline"
_UNFINISHED = ".part"
_SUM = hashlib.sha256().digest_size
_HEAD = _SUM + 8  # the digest, then the length of the shapes' JSON
_DAY = 86_400.0
_HOUR = 3600.0
_TRIM_EVERY = 200  # entries written by one process

_written = 0


def folder() -> Path:
    """The folder of the entries, whether it is there or not.

    The one NN_OUTLINES_DIR names, else `outlines` in this user's cache folder.
    """
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else user_cache_path("nn-explained") / "outlines"


def kept(request: Sequence[object], make: Callable[[], Sequence[Array]]) -> list[Array]:
    """The arrays that `make` yields, from disk where they are kept; read-only, float64.

    `request` is all that they depend on: strings, numbers, truths, and tuples of them. What
    `make` raises is passed on and nothing is kept.
    """
    key = hashlib.sha256(repr(tuple(request)).encode()).hexdigest()
    data = _read(key)
    if data is None:
        data = _packed(key, make())
        _write(key, data)
    return _unpacked(data)


def clear() -> tuple[int, int]:
    """Remove all entries; returns how many files went, and their bytes."""
    return _remove([path for path, _ in _files()])


def trim(limit: int = LIMIT) -> tuple[int, int]:
    """Remove what is unused for longest until three quarters of `limit` bytes are left at most.

    Nothing goes while the files take no more than `limit`, but what killed processes left
    behind. Returns how many files went, and their bytes.
    """
    now = time.time()
    files = _files()
    gone = [p for p, s in files if p.suffix == _UNFINISHED and now - s.st_mtime > _HOUR]
    entries = sorted(
        ((s.st_mtime, s.st_size, p) for p, s in files if p.suffix == _ENDING), reverse=True
    )
    if sum(size for _, size, _ in entries) > limit:
        room = limit * 3 // 4
        for _, size, path in entries:
            room -= size
            if room < 0:
                gone.append(path)
    return _remove(gone)


def _files() -> list[tuple[Path, os.stat_result]]:
    """Our files, and no others that may be in the folder."""

    def found() -> Iterator[tuple[Path, os.stat_result]]:
        with contextlib.suppress(OSError), os.scandir(folder()) as entries:
            for entry in entries:
                if entry.name.endswith((_ENDING, _UNFINISHED)):
                    with contextlib.suppress(OSError):  # gone since
                        yield Path(entry.path), entry.stat(follow_symlinks=False)

    return list(found())


def _remove(paths: Sequence[Path]) -> tuple[int, int]:
    count = size = 0
    for path in paths:
        with contextlib.suppress(OSError):
            taken = path.stat().st_size
            path.unlink()
            count, size = count + 1, size + taken
    return count, size


def _packed(key: str, arrays: Sequence[Array]) -> bytes:
    whole = [np.asarray(a) for a in arrays]
    if wrong := [a.dtype for a in whole if a.dtype != np.float64]:
        raise TypeError(f"the store keeps arrays of float64, not {wrong[0]}")
    shapes = json.dumps([a.shape for a in whole]).encode()
    shapes += b" " * (-len(shapes) % 8)  # so that the numbers that follow are aligned
    content = len(shapes).to_bytes(8, "little") + shapes
    content += b"".join(a.astype("<f8", copy=False).tobytes() for a in whole)
    return _sum(key, content) + content


def _unpacked(data: bytes) -> list[Array]:
    start = _HEAD + int.from_bytes(data[_SUM:_HEAD], "little")
    arrays = []
    for shape in json.loads(data[_HEAD:start]):
        count = math.prod(shape)
        flat = np.frombuffer(data, "<f8", count, start)
        arrays.append(flat.reshape(shape).astype(np.float64, copy=False))
        start += 8 * count
    return arrays


def _sum(key: str, content: bytes | memoryview) -> bytes:
    """A digest of an entry, its name included."""
    digest = hashlib.sha256(key.encode())
    digest.update(content)
    return digest.digest()


def _read(key: str) -> bytes | None:
    """The entry if it is there and whole; it then counts as used."""
    path = folder() / (key + _ENDING)
    try:
        with open(path, "rb") as file:
            data = file.read()
            written = os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    if len(data) < _HEAD or _sum(key, memoryview(data)[_SUM:]) != data[:_SUM]:
        return None
    if time.time() - written > _DAY:
        with contextlib.suppress(OSError):
            os.utime(path)
    return data


def _write(key: str, data: bytes) -> None:
    """Keep an entry if that is possible."""
    global _written
    place = folder()
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(_UNFINISHED, dir=place)
        try:
            with open(handle, "wb") as file:
                file.write(data)
            os.replace(beside, place / (key + _ENDING))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise
        if _written % _TRIM_EVERY == 0:
            trim()
        _written += 1
