"""How far the work is: bars on a terminal, lines elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from pipeline import outcome
from pipeline.jobs import Job
from pipeline.outcome import Made

_LINE_EVERY = 10.0
"""Seconds between lines about the whole work, where there are no bars."""
_KNOWN = 0.05
"""The share of all frames from which can be told how long the others will take."""


class Progress(Protocol):
    """What is told of the work on its way."""

    def expect(self, job: Job, frames: int, why: str) -> None:
        """So many frames of a job will be drawn; `why` says what made that necessary."""

    def reached(self, job: Job, frames: int, section: str) -> None:
        """So many frames of a job are drawn, in all its parts; one is in this section."""

    def ended(self, made: Made) -> None:
        """A job is done or has failed."""

    def summary(self, made: Sequence[Made]) -> None:
        """All is done."""


class Quiet:
    """Tells nothing."""

    def expect(self, job: Job, frames: int, why: str) -> None:
        """Nothing."""

    def reached(self, job: Job, frames: int, section: str) -> None:
        """Nothing."""

    def ended(self, made: Made) -> None:
        """Nothing."""

    def summary(self, made: Sequence[Made]) -> None:
        """Nothing."""


class Lines(Quiet):
    """A line when a clip begins, one when it ends, and now and then one about all."""

    def __init__(self) -> None:
        self._began = self._told = 0.0  # when the first frame is to be drawn
        self._frames: dict[Job, int] = {}
        self._drawn: dict[Job, int] = {}

    def expect(self, job: Job, frames: int, why: str) -> None:
        """Say how much there is to draw, and why."""
        if not self._frames:
            self._began = self._told = time.monotonic()
        self._frames[job], self._drawn[job] = frames, 0
        _say(f"{job.slug}: {frames} frames to draw{f' ({why})' if why else ''}")

    def reached(self, job: Job, frames: int, section: str) -> None:
        """Say how far all is, if that was not said just now."""
        self._drawn[job] = frames
        now = time.monotonic()
        if now - self._told >= _LINE_EVERY:
            self._told = now
            done, total = sum(self._drawn.values()), sum(self._frames.values())
            left = (now - self._began) * (total - done) / max(done, 1)
            about = f", about {left:.0f} s left" if done > total * _KNOWN else ""
            _say(f"{done} of {total} frames{about}; {job.slug}: {section}")

    def ended(self, made: Made) -> None:
        """Say what came of it; failures are told at the end."""
        self._drawn[made.job] = self._frames.get(made.job, 0)
        if made.done:
            how = "unchanged" if made.ending == "cached" else f"done, {made.seconds:.1f} CPU s"
            _say(f"{made.job.slug}: {how}")

    def summary(self, made: Sequence[Made]) -> None:
        """The table, in columns."""
        table = [outcome.HEADS, *outcome.rows(made)]
        widths = [max(len(row[k]) for row in table) for k in range(4)]
        for row in table:
            cells = [
                f"{cell:>{width}}" if k in (2, 3) else f"{cell:<{width}}"
                for k, (cell, width) in enumerate(zip(row, widths, strict=False))
            ]
            _say("  ".join([*cells, row[4]]).rstrip())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Bars(Quiet):
    """A bar of all frames, and one for each clip that is being drawn."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._all = bars.add_task("all", total=0, section="")
        self._tasks: dict[Job, TaskID] = {}
        self._frames: dict[Job, int] = {}
        self._drawn: dict[Job, int] = {}

    def expect(self, job: Job, frames: int, why: str) -> None:
        """Add to the whole."""
        self._frames[job], self._drawn[job] = frames, 0
        self._update()

    def reached(self, job: Job, frames: int, section: str) -> None:
        """Move the clip's bar, and that of all."""
        if job not in self._tasks:
            self._tasks[job] = self._bars.add_task(
                job.slug, total=self._frames[job], section=section
            )
        self._drawn[job] = frames
        self._bars.update(self._tasks[job], completed=frames, section=section)
        self._update()

    def ended(self, made: Made) -> None:
        """Take the clip's bar away."""
        job = made.job
        self._drawn[job] = self._frames.get(job, 0)
        if job in self._tasks:
            self._bars.remove_task(self._tasks.pop(job))
        self._update()

    def _update(self) -> None:
        total, done = sum(self._frames.values()), sum(self._drawn.values())
        self._bars.update(self._all, total=total, completed=done)

    def summary(self, made: Sequence[Made]) -> None:
        """The table."""
        table = Table(box=None, pad_edge=False)
        for k, head in enumerate(outcome.HEADS):
            table.add_column(head, justify="right" if k in (2, 3) else "left")
        for row, one in zip(outcome.rows(made), made, strict=True):
            table.add_row(*row[:4], Text(row[4], style="" if one.done else "red"))
        self._bars.remove_task(self._all)
        self._bars.console.print(table)


@contextmanager
def shown(*, quiet: bool = False) -> Iterator[Progress]:
    """Progress on standard error, in the way that it can show."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Quiet() if quiet else Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[section]}", markup=False),
    )
    with RichProgress(*columns, console=console) as bars:
        yield Bars(bars)
