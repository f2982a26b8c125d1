"""The rows of the bench of rendering: printed as they come, then as a table for the README."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from nncore.errors import NNError

MARK = {True: "✓", False: "✗"}


class BenchError(NNError):
    """A run failed, so that there is nothing to compare."""


@dataclass(frozen=True)
class Row:
    """What was measured, manim's figure (or what ours is measured by), ours, how they compare."""

    what: str
    theirs: str
    ours: str
    verdict: str = ""

    def markdown(self) -> str:
        """As a line of a Markdown table."""
        return f"| {self.what} | {self.theirs} | {self.ours} | {self.verdict} |"


@dataclass
class Table:
    """Rows under a head that names the machine."""

    machine: str
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take a row, and print it."""
        self.rows.append(row)
        cells = [f"{row.what:<64}", f"{row.theirs:>14}", f"{row.ours:>10}", row.verdict]
        print("  ".join(cells).rstrip(), flush=True)

    def markdown(self) -> str:
        """All rows as a Markdown table."""
        head = ["| | manim | ours | |", "|---|---|---|---|"]
        return "\n".join([f"Measured in one run: {self.machine}.", "", *head]
                         + [row.markdown() for row in self.rows])  # fmt: skip


def times(theirs: float, ours: float, bar: float | None = None) -> str:
    """How many times ours goes into theirs; with a bar, whether it is that many."""
    ratio = theirs / ours
    judged = f" {MARK[ratio >= bar]} (≥ {bar:g})" if bar is not None else ""
    return f"{ratio:.1f} × as fast{judged}"


def at_most(value: float, bar: float, unit: str) -> str:
    """Whether a value is no more than its bar, which is said in `unit`."""
    return f"{MARK[value <= bar]} (≤ {bar:g}{unit})"


def clock(seconds: float) -> str:
    """Seconds in three digits or so."""
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.{1 if seconds >= 10 else 2}f} s"


def size(count: float) -> str:
    """Bytes in MB, or in kB if they are few."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def memory(count: float) -> str:
    """Bytes in MiB."""
    return f"{count / 2**20:.0f} MiB"


def share_done(seconds: float, done: int, total: int) -> float:
    """Seconds that all of `total` frames would take if `done` of them took `seconds`.

    Raises BenchError if none is done.
    """
    if done < 1:
        raise BenchError("No frame was done in time, so that nothing can be said of the rest.")
    return seconds * total / done


def machine() -> str:
    """System, processor, cores, and the versions of what draws and encodes."""
    parts = [
        f"{platform.system()} {platform.machine()}",
        f"{os.cpu_count()} cores{_processor()}",
        f"Python {platform.python_version()}",
        *[f"{name} {version(name)}" for name in ("manim", "pycairo", "numpy", "av")],
    ]
    return ", ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    names = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    return f" of {', '.join(sorted(names))}" if names else ""
