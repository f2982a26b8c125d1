"""What a worker is asked to do, what it answers, and what can run it: processes or a cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from pipeline.jobs import Job


@dataclass(frozen=True)
class Walk:
    """Run a job's clip without drawing it: how long each section is, which numbers it shows."""

    job: Job


@dataclass(frozen=True)
class Draw:
    """Draw and encode the sections `first` to before `last` of a job's clip."""

    job: Job
    first: int
    last: int


Task = Walk | Draw


@dataclass(frozen=True)
class Report:
    """How far a Draw is: frames done, and the section it is in."""

    frames: int
    section: str


@dataclass(frozen=True)
class Walked:
    """What a Walk found.

    sections: each with its exact number of frames. work: what drawing each will cost, in
    frames that move. record: the manifest's part that comes from the run. subtitles: an SRT
    file's text. notes: what the user may want to know.
    """

    sections: tuple[tuple[str, int], ...]
    work: tuple[float, ...]
    record: dict[str, Any]
    subtitles: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """What a Draw made: a folder with a file for each of its sections, and their frames.

    seconds: CPU time that it took; memory: the largest the process has been, bytes.
    """

    file: Path
    frames: tuple[int, ...]
    seconds: float
    memory: int


@dataclass(frozen=True)
class Failed:
    """Why a task came to nothing.

    ending: "input" if the user can mend it, `message` is the sentence; "failed" for a fault,
    `details` is its whole story.
    """

    ending: Literal["input", "failed"]
    message: str
    details: str = ""


Result = Walked | Drawn | Failed
Reporter = Callable[[Report], None]


class Executor(Protocol):
    """Where tasks run."""

    slots: int
    """How many tasks run at once."""

    def submit(self, task: Task, scratch: Path, report: Reporter) -> Future[Result]:
        """Begin a task, soon; what it makes goes below `scratch`, a folder of its own."""

    def close(self) -> None:
        """Stop all, at once; no process and no temporary file stays."""


def attempt(task: Task, scratch: Path, report: Reporter) -> Result:
    """Do a task in this process, writing below `scratch` only; never raises."""
    from pipeline.worker import perform

    return perform(task, scratch, report)
