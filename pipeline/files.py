"""Files that are whole or not there: scratch folders, atomic writing, checks beforehand."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from nncore.errors import NNError

SCRATCH = ".unfinished-"
"""How the names of scratch folders begin."""
_LOCK, _LOCKING = "in-use", "soon-in-use"
_A_WHILE = 60.0  # seconds between making a scratch folder and locking it, at the very most


class OutputError(NNError):
    """A folder or file that cannot be written."""


@contextmanager
def output_folder(folder: Path) -> Iterator[Path]:
    """Make sure that `folder` is there and can be written; yields it as an absolute path.

    On leaving, folders made here that are still empty go again. Raises OutputError.
    """
    folder = Path(os.path.abspath(folder))
    made = _make(folder)
    try:
        _probe(folder)
        yield folder
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


def _make(folder: Path) -> list[Path]:
    """Make a folder and its parents; returns those made, innermost first."""
    missing = []
    path = folder
    while not os.path.lexists(path):
        missing.append(path)
        path = path.parent
    if not folder.is_dir() and not missing:
        raise OutputError(f"The output {folder} is not a folder: give -o a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise OutputError(_cannot(folder, error)) from None
    return missing


def _probe(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(_cannot(folder, error)) from None


def _cannot(folder: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"The output folder {folder} cannot be written ({reason}): choose another with -o."


@contextmanager
def scratch_folder(beside: Path) -> Iterator[Path]:
    """A hidden temporary folder in the folder `beside`; removed on leaving, whatever happens.

    As long as it is used it is locked, so that `sweep` can tell one that a killed run left.
    Raises OutputError where it cannot be made.
    """
    try:
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=beside))
    except OSError as error:
        raise OutputError(_cannot(beside, error)) from None
    try:
        with _locked(scratch, beside):
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _locked(scratch: Path, beside: Path) -> IO[str]:
    """The open file whose lock says that a scratch folder is in use."""
    try:
        lock = (scratch / _LOCKING).open("w")
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        # Only now under its name, or a sweep in between would think the folder abandoned.
        (scratch / _LOCKING).rename(scratch / _LOCK)
    except OSError as error:
        raise OutputError(_cannot(beside, error)) from None
    return lock


def sweep(folder: Path) -> int:
    """Remove what killed runs left in `folder`; returns the bytes that this freed."""
    freed = 0
    for left in folder.glob(f"{SCRATCH}*"):
        if _abandoned(left):
            with suppress(OSError):
                freed += sum(path.lstat().st_size for path in left.rglob("*") if path.is_file())
            shutil.rmtree(left, ignore_errors=True)
    return freed


def _abandoned(scratch: Path) -> bool:
    """Whether the run that made this scratch folder is no more."""
    try:
        with (scratch / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:  # not locked yet, or never
        with suppress(OSError):
            return time.time() - scratch.stat().st_mtime > _A_WHILE
    except OSError:
        pass
    return False


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place if all goes well.

    Raises OutputError if it cannot.
    """
    temporary = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        yield temporary
        publish(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def publish(source: Path, target: Path) -> None:
    """Move a finished file to its place in one step, over an older one. Raises OutputError."""
    try:
        os.replace(source, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{target} cannot be written ({reason}).") from None


def write_text(target: Path, text: str) -> None:
    """Write a text file in one step."""
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
