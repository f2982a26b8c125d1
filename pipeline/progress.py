"""How far the work is: bars on a terminal, lines elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from pipeline.jobs import Outcome

_SHARE = 100.0


class Progress(Protocol):
    """What a pool tells about its clips."""

    def began(self, slug: str, seconds: float) -> None:
        """Frames of a clip that lasts about so long are now drawn."""

    def reached(self, slug: str, seconds: float, section: str) -> None:
        """So many seconds of a clip are drawn, now in this section."""

    def ended(self, outcome: Outcome) -> None:
        """A clip is done or has failed."""


class Lines:
    """One line when a clip begins, one when it ends."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def began(self, slug: str, seconds: float) -> None:
        """Say how long the clip is."""
        self._since[slug] = time.monotonic()
        print(f"{slug}: drawing {seconds:.0f} seconds", file=sys.stderr, flush=True)

    def reached(self, slug: str, seconds: float, section: str) -> None:
        """Nothing: lines are few."""

    def ended(self, outcome: Outcome) -> None:
        """Say how long the work took; failures are told at the end."""
        if outcome.ending == "done":
            took = time.monotonic() - self._since[outcome.slug]
            print(f"{outcome.slug}: done in {took:.0f} s", file=sys.stderr, flush=True)


class Bars:
    """A bar for each clip and one for all."""

    def __init__(self, bars: RichProgress, slugs: Sequence[str]) -> None:
        self._bars = bars
        self._seconds: dict[str, float] = {}
        self._shares = dict.fromkeys(slugs, 0.0)
        self._all: TaskID | None = None
        if len(slugs) > 1:
            self._all = bars.add_task("all clips", total=_SHARE * len(slugs), section="")
        self._tasks = {slug: bars.add_task(slug, total=_SHARE, section="waiting") for slug in slugs}

    def began(self, slug: str, seconds: float) -> None:
        """Start the clip's bar."""
        self._seconds[slug] = seconds
        self._show(slug, 0.0, "")

    def reached(self, slug: str, seconds: float, section: str) -> None:
        """Move the clip's bar and that of all."""
        share = _SHARE * seconds / max(self._seconds[slug], 1e-6)
        # The estimate is of a clip without frames: the true one may last a little longer.
        self._show(slug, min(share, 0.99 * _SHARE), section)

    def ended(self, outcome: Outcome) -> None:
        """Fill the bar."""
        self._show(outcome.slug, _SHARE, "done" if outcome.ending == "done" else "failed")

    def _show(self, slug: str, share: float, section: str) -> None:
        self._shares[slug] = share
        self._bars.update(self._tasks[slug], completed=share, section=section)
        if self._all is not None:
            self._bars.update(self._all, completed=sum(self._shares.values()))


@contextmanager
def shown(slugs: Sequence[str]) -> Iterator[Progress]:
    """Progress of these clips, on standard error, in the way that it can show."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[section]}"),
    )
    with RichProgress(*columns, console=console) as bars:
        yield Bars(bars, slugs)
