"""How jobs become parts for the workers: the longest first, a long one in several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate

from pipeline.jobs import Job
from pipeline.tasks import Draw, Walked

SHARE = 0.6
"""A part is at most this share of what each worker has to do in all."""
LEAST = 300.0
"""Work, in frames that move, below which a part is not worth the way to its first section."""


def parts(walked: Mapping[Job, Walked], price: Mapping[Job, float], slots: int) -> list[Draw]:
    """The parts of all jobs, the most expensive first; `price` is seconds a frame that moves."""
    cost = {job: sum(found.work) * price[job] for job, found in walked.items()}
    limit = SHARE * sum(cost.values()) / slots
    found = []
    for job, one in walked.items():
        least = LEAST * price[job]
        count = max(1, math.ceil(cost[job] / max(limit, least))) if slots > 1 else 1
        for first, last in split(one.work, count):
            found.append((sum(one.work[first:last]) * price[job], Draw(job, first, last)))
    return [draw for _, draw in sorted(found, key=lambda pair: -pair[0])]


def split(work: Sequence[float], count: int) -> list[tuple[int, int]]:
    """Cut a list into at most `count` runs, the largest of which is as small as it can be."""
    count = min(count, len(work))
    sums = [0.0, *accumulate(work)]
    best = {(0, 0): (0.0, 0)}
    for runs in range(1, count + 1):
        for end in range(runs, len(work) + 1):
            best[runs, end] = min(
                (max(best[runs - 1, start][0], sums[end] - sums[start]), start)
                for start in range(runs - 1, end)
                if (runs - 1, start) in best
            )
    cuts, end = [], len(work)
    for runs in range(count, 0, -1):
        start = best[runs, end][1]
        cuts.append((start, end))
        end = start
    return cuts[::-1]
