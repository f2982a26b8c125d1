"""Tells after the tests what the checks of each clip have cost."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

MOST = 15.0
"""Seconds that a clip's checks may take on two cores."""
CORES = 2


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Sum the times of the tests of each clip, the slowest first."""
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            name = getattr(report, "nodeid", "")
            if "test_clips.py::test_rules[" in name and hasattr(report, "duration"):
                seconds[name.partition("[")[2].partition(":")[0]] += report.duration
    if not seconds:
        return
    terminalreporter.section(f"checks of clips, seconds on {CORES} cores (at most {MOST:.0f})")
    for slug, taken in sorted(seconds.items(), key=lambda pair: -pair[1]):
        mark = "  too slow" if taken / CORES > MOST else ""
        terminalreporter.line(f"{taken / CORES:6.1f}  {slug}{mark}")
