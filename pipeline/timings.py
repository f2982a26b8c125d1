"""What drawing each clip cost in earlier runs, so that the longest can begin first."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from nncore.errors import NNError
from nncore.files import write_whole

if TYPE_CHECKING:
    from pipeline.jobs import Job

_USUAL = 8e-3  # CPU seconds for a frame that moves, of a million pixels


ENVIRONMENT = "NN_TIMINGS_FILE"


def place() -> Path:
    """The file that NN_TIMINGS_FILE names, else the one in this user's cache folder."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else user_cache_path("nn-explained") / "timings.json"


def _read() -> dict[str, float]:
    try:
        found = json.loads(place().read_text(encoding="utf-8"))
        return {str(k): float(v) for k, v in found.items() if 0 < float(v) < 1e3}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _megapixels(job: Job) -> float:
    return job.size.width * job.size.height / 1e6


def prices(jobs: list[Job]) -> dict[Job, float]:
    """CPU seconds that a frame that moves will cost, by what was learnt before."""
    known = _read()
    return {job: known.get(job.slug, _USUAL) * _megapixels(job) for job in jobs}


def learn(spent: Mapping[Job, tuple[float, float]]) -> None:
    """Keep what jobs cost: CPU seconds, and their work in frames that move."""
    known = _read()
    known |= {
        job.slug: seconds / work / _megapixels(job)
        for job, (seconds, work) in spent.items()
        if seconds > 0 and work > 0
    }
    with suppress(OSError, NNError):  # only the order would be better
        place().parent.mkdir(parents=True, exist_ok=True)
        write_whole(place(), json.dumps(known, indent=1).encode())
