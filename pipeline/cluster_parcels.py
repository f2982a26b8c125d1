"""What travels between us and a cluster's workers: orders there, answers with files back."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pipeline.tasks import Drawn, Result, Task

TOPIC = "nn-explained"
"""Under which workers log how far they are."""

Files = tuple[tuple[str, bytes], ...]
"""Relative paths with `/`, and what stands in each file."""


@dataclass(frozen=True)
class Order:
    """A task for a worker. payload: what the process is to do, pickled, which it alone unpacks.

    facts: ours, which the worker's must equal. given: the user's files that the job names.
    """

    facts: dict[str, str]
    payload: bytes
    given: Files = ()


@dataclass(frozen=True)
class Answer:
    """What became of an order: a result and the files it made, or why there is none.

    differing: what the worker has otherwise than we. died: how the task's process ended.
    """

    result: Result | None = None
    files: Files = ()
    differing: tuple[str, ...] = ()
    died: str = ""


class Unwanted(Exception):
    """The task was cancelled, or the worker is closing."""


def luggage(task: Task) -> Files:
    """The files that a job's parameters name, by the names given. Raises OSError."""
    named = dict.fromkeys(value for _, value in task.job.given)
    return tuple((name, _path(name).read_bytes()) for name in named if _is_file(name))


def _path(name: str) -> Path:
    return Path(name).expanduser()


def _is_file(name: str) -> bool:
    # A text that is no path (too long, say) names no file.
    try:
        return _path(name).is_file()
    except (OSError, RuntimeError, ValueError):
        return False


def lay_out(given: Files, here: Path) -> str:
    """Write the user's files to where the task will look for them; a sentence if one cannot be."""
    here.mkdir()
    for name, content in given:
        path = PurePosixPath(name)
        if not (path.is_absolute() or ".." in path.parts or name.startswith("~")):
            (here / path).parent.mkdir(parents=True, exist_ok=True)
            (here / path).write_bytes(content)
        elif not _is_file(name) or _path(name).read_bytes() != content:
            return (
                f"The workers do not have {name}: name the file by a path below the current "
                "folder, so that it is sent along."
            )
    return ""


def pack(result: Result, scratch: Path) -> Answer:
    """A result with the files it made, its path now relative to `scratch`."""
    if not isinstance(result, Drawn):
        return Answer(result)
    made = result.file
    paths = sorted(p for p in made.rglob("*") if p.is_file()) if made.is_dir() else [made]
    files = tuple((p.relative_to(scratch).as_posix(), p.read_bytes()) for p in paths)
    return Answer(replace(result, file=made.relative_to(scratch)), files)


def unpack(files: Files, folder: Path) -> None:
    """Write files below `folder`. Raises ValueError for a path that leads out of it."""
    for name, content in files:
        if not inside(name):
            raise ValueError(f"{name!r} is no path below a folder")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def inside(name: str) -> bool:
    """Whether a path with `/` is relative and only goes down."""
    return "\0" not in name and all(part not in ("", ".", "..") for part in name.split("/"))


def receive(answer: Answer, scratch: Path) -> Result:
    """The result in an answer, its files written below `scratch`, whole or not at all.

    Raises OSError if they cannot be written, ValueError for files that do not belong there.
    """
    result = answer.result
    assert result is not None
    if not isinstance(result, Drawn):
        return result
    name = result.file.as_posix()
    if not inside(name) or any(f != name and not f.startswith(f"{name}/") for f, _ in answer.files):
        raise ValueError(f"{name!r} is not what was asked for")
    scratch.mkdir(parents=True, exist_ok=True)
    arriving = Path(tempfile.mkdtemp(prefix=".arriving-", dir=scratch))
    try:
        (arriving / name).parent.mkdir(parents=True, exist_ok=True)
        unpack(answer.files, arriving)
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(arriving / name, scratch / name)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return replace(result, file=scratch / name)
