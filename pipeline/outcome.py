"""What came of a job, and the table of it all at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.jobs import Job

Ending = Literal["rendered", "cached", "input", "failed"]


@dataclass(frozen=True)
class Made:
    """What came of a job.

    ending: rendered; cached, it was there and whole; input, the user's mistake, `message` is
    the sentence; failed, a fault, `details` is its whole story. notes: what the user may want
    to know. files: the clip first. seconds: CPU time; size: bytes of the clip.
    """

    job: Job
    ending: Ending
    message: str = ""
    details: str = ""
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    seconds: float = 0.0
    size: int = 0

    @property
    def done(self) -> bool:
        """Whether the clip is there."""
        return self.ending in ("rendered", "cached")


HEADS = ("clip", "language", "seconds", "size", "")


def rows(made: Sequence[Made]) -> list[tuple[str, ...]]:
    """The table's rows; under HEADS."""
    return [
        (
            one.job.slug,
            one.job.lang,
            f"{one.seconds:.1f}" if one.ending == "rendered" else "",
            human(one.size) if one.done else "",
            one.ending if one.done else f"failed: {one.message}",
        )
        for one in made
    ]


def human(size: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
