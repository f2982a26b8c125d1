"""Files that are whole or not there: scratch folders, atomic writing, checks beforehand."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nncore.errors import NNError


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
    """A hidden temporary folder in the folder `beside`; removed on leaving, whatever happens."""
    scratch = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=beside))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


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
