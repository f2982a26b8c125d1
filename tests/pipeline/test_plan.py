"""Work is shared out evenly, and every section is drawn once."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.jobs import Job
from pipeline.plan import LEAST, SHARE, parts, split
from pipeline.tasks import Walked
from scenes.catalogue import ClipRef

WORK = st.lists(st.integers(0, 900).map(float), min_size=1, max_size=8)


def largest(work: list[float], cuts: list[tuple[int, int]]) -> float:
    return max(sum(work[first:last]) for first, last in cuts)


def every_way(work: list[float], count: int) -> list[list[tuple[int, int]]]:
    """All ways to cut into exactly `count` runs, none empty."""
    return [
        list(zip([0, *cuts], [*cuts, len(work)], strict=True))
        for cuts in combinations(range(1, len(work)), count - 1)
    ]


@given(WORK, st.integers(1, 10))
def test_no_other_cut_has_a_smaller_largest_run(work: list[float], count: int) -> None:
    found = split(work, count)
    assert 1 <= len(found) <= min(count, len(work))
    assert [section for first, last in found for section in range(first, last)] == [
        *range(len(work))
    ]
    assert all(first < last for first, last in found)
    fewest = min(count, len(work))
    ways = [way for runs in range(1, fewest + 1) for way in every_way(work, runs)]
    assert largest(work, found) == min(largest(work, way) for way in ways)


def job(name: str) -> Job:
    return Job(ClipRef(name, "a_chapter", name), "en", "low")


def walked(work: list[float]) -> Walked:
    return Walked(tuple((f"s{k}", 1) for k in range(len(work))), tuple(work), {}, "")


@given(
    st.lists(st.tuples(WORK, st.floats(1e-4, 0.1)), min_size=1, max_size=5), st.integers(1, 8)
)  # fmt: skip
def test_parts_cover_every_section_of_every_job_once(
    jobs: list[tuple[list[float], float]], slots: int
) -> None:
    found = {job(f"clip-{k}"): walked(work) for k, (work, _) in enumerate(jobs)}
    price = {one: price for one, (_, price) in zip(found, jobs, strict=True)}
    draws = parts(found, price, slots)
    drawn = sorted((d.job.slug, s) for d in draws for s in range(d.first, d.last))
    assert drawn == sorted((one.slug, s) for one, w in found.items() for s in range(len(w.work)))
    costs = [sum(found[d.job].work[d.first : d.last]) * price[d.job] for d in draws]
    assert costs == sorted(costs, reverse=True)
    # A part is larger than a fair share only by as much as sections cannot be cut.
    whole = sum(sum(w.work) * price[one] for one, w in found.items())
    for draw, cost in zip(draws, costs, strict=True):
        fair = max(SHARE * whole / slots, LEAST * price[draw.job])
        uncut = max(found[draw.job].work) * price[draw.job]
        assert slots == 1 or cost <= (fair + uncut) * (1 + 1e-9)


def test_one_worker_draws_each_clip_whole() -> None:
    found = {job("long"): walked([4000.0] * 6), job("short"): walked([10.0, 20.0])}
    draws = parts(found, dict.fromkeys(found, 0.01), 1)
    assert [(d.job.slug, d.first, d.last) for d in draws] == [("long", 0, 6), ("short", 0, 2)]


def test_a_short_clip_is_not_cut() -> None:
    found = {job("short"): walked([LEAST / 3] * 3)}
    (draw,) = parts(found, dict.fromkeys(found, 0.01), 4)
    assert (draw.first, draw.last) == (0, 3)


@pytest.mark.parametrize("slots", [2, 4])
def test_one_long_clip_gives_all_workers_work(slots: int) -> None:
    found = {job("long"): walked([1000.0] * 16)}
    draws = parts(found, dict.fromkeys(found, 0.01), slots)
    assert len(draws) == math.ceil(slots / SHARE)
    assert max(d.last - d.first for d in draws) == math.ceil(16 / len(draws))
