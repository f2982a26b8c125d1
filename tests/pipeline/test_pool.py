"""Workers here: replaced when they die, gone when the pool is, never waited for in vain."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import wait as settled
from pathlib import Path
from typing import Any

import pytest
from processes import LONG, alive

from pipeline import worker
from pipeline.pool import Pool, cores
from pipeline.tasks import Failed, Report

Ask = Callable[..., Any]


@pytest.fixture
def pool_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Pool]]:
    """Makes pools whose workers do what pool_actions says."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import pool_actions

    monkeypatch.setattr(worker, "serve", pool_actions.serve)
    made: list[Pool] = []

    def make(slots: int) -> Pool:
        made.append(Pool(tmp_path, slots))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Submits an action to a pool; its notes are in the file of that name."""

    def submit(pool: Pool, action: str, name: str = "notes", report: Any = None) -> Future[Any]:
        task: Any = (action, name)
        return pool.submit(task, tmp_path, report or (lambda _: None))

    return submit


def answer(future: Future[Any]) -> Any:
    """What a task gave; a task that is never done fails the test."""
    return future.result(LONG)


def begun(folder: Path, name: str = "notes") -> list[int]:
    """The processes that began a task, once one has."""
    until = time.monotonic() + LONG
    while not (folder / name).exists() and time.monotonic() < until:
        time.sleep(0.01)
    return [int(line) for line in (folder / name).read_text().splitlines()]


def test_by_default_there_is_a_worker_for_each_core(tmp_path: Path) -> None:
    pool = Pool(tmp_path)
    pool.close()
    assert pool.slots == cores() == len(os.sched_getaffinity(0))
    assert pool.processes() == []


def test_tasks_begin_in_order_and_workers_are_used_again(pool_of: Any, ask: Ask) -> None:
    pool = pool_of(1)
    order: list[int] = []
    futures = [ask(pool, "report", str(k), lambda _, k=k: order.append(k)) for k in range(3)]
    assert len({answer(future) for future in futures}) == 1
    assert order == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_reports_come_before_the_answer(pool_of: Any, ask: Ask) -> None:
    told: list[Report] = []
    answer(ask(pool_of(1), "report", report=told.append))
    assert told == [Report(0, "here"), Report(1, "here"), Report(2, "here")]


def test_no_more_workers_than_slots(pool_of: Any, ask: Ask) -> None:
    pool = pool_of(2)
    ran = {answer(future) for future in [ask(pool, "plain", str(k)) for k in range(6)]}
    assert ran <= set(pool.processes())
    assert len(pool.processes()) == 2
    assert os.getpid() not in ran


def test_a_worker_has_one_thread_for_blas(
    pool_of: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "5")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    found = answer(ask(pool_of(1), "threads"))
    assert found == {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    assert os.environ["OPENBLAS_NUM_THREADS"] == "5"
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_task_whose_worker_dies_is_begun_once_more(
    pool_of: Any, ask: Ask, tmp_path: Path
) -> None:
    pool = pool_of(1)
    first, second = ask(pool, "die once"), ask(pool, "plain", "other")
    last = answer(first)
    killed, replaced = begun(tmp_path)
    assert not alive(killed)
    assert (last, answer(second)) == (replaced, replaced)
    assert begun(tmp_path, "other") == [replaced]


def test_a_task_that_kills_every_worker_fails_alone(pool_of: Any, ask: Ask, tmp_path: Path) -> None:
    pool = pool_of(2)
    others = [ask(pool, "plain", f"other{k}") for k in range(3)]
    deadly = ask(pool, "die")
    others += [ask(pool, "plain", f"other{k}") for k in range(3, 6)]
    failed = answer(deadly)
    assert isinstance(failed, Failed)
    assert failed.ending == "failed"
    assert failed.message == "its process ended without a word, twice (code -9)"
    assert all(isinstance(answer(other), int) for other in others)
    assert len(begun(tmp_path)) == 2


def test_a_worker_killed_from_outside_in_mid_task(pool_of: Any, ask: Ask, tmp_path: Path) -> None:
    pool = pool_of(1)
    future = ask(pool, "sleep")
    (first,) = begun(tmp_path)
    (tmp_path / "notes").unlink()
    os.kill(first, signal.SIGKILL)
    (second,) = begun(tmp_path)
    assert second != first
    os.kill(second, signal.SIGKILL)
    assert isinstance(answer(future), Failed)


def test_one_that_died_while_idle_costs_nothing(pool_of: Any, ask: Ask) -> None:
    pool = pool_of(1)
    first = answer(ask(pool, "plain"))
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + LONG
    while alive(first) and pool.processes() == [first] and time.monotonic() < until:
        time.sleep(0.01)
        if Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
    # It is not the task's fault: that may still lose one worker of its own.
    second = answer(ask(pool, "die once", "fresh"))
    assert isinstance(second, int)
    assert second != first


def test_closing_cancels_all_and_leaves_no_process(pool_of: Any, ask: Ask, tmp_path: Path) -> None:
    pool = pool_of(1)
    running, waiting = ask(pool, "sleep"), ask(pool, "plain", "never")
    (process,) = begun(tmp_path)
    pool.close()
    done, _ = settled([running, waiting], LONG)  # who waits in this way is told, too
    assert [future.cancelled() for future in done] == [True, True]
    assert not alive(process)
    assert not (tmp_path / "never").exists()
    with pytest.raises(RuntimeError, match="closed"):
        ask(pool, "plain")
    pool.close()  # a second time is nothing


def test_where_no_process_can_be_started_tasks_fail_in_a_sentence(
    pool_of: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of(2)

    def refuse(*_: Any, **__: Any) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(pool._context.Process, "start", refuse)
    for failed in map(answer, [ask(pool, "plain", str(k)) for k in range(3)]):
        assert isinstance(failed, Failed)
        assert "no process could be started" in failed.message
        assert "unavailable" in failed.message
        assert "\n" not in failed.message


def test_where_one_process_can_be_started_it_does_all(
    pool_of: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of(2)
    real, started = pool._context.Process.start, []

    def once(process: Any) -> None:
        if started:
            raise OSError(12, "Cannot allocate memory")
        started.append(process)
        real(process)

    monkeypatch.setattr(pool._context.Process, "start", once)
    futures = [ask(pool, "report", str(k)) for k in range(4)]
    assert len({answer(future) for future in futures}) == 1


def test_a_report_that_raises_leaves_no_task_waited_for_in_vain(pool_of: Any, ask: Ask) -> None:
    pool = pool_of(1)

    def broken(_: Report) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    futures = [ask(pool, "report", "one", broken), ask(pool, "plain", "two")]
    for failed in map(answer, futures):
        assert isinstance(failed, Failed)
        assert failed.message.startswith("BrokenPipeError: ")
    pool._thread.join(LONG)
    with pytest.raises(RuntimeError, match="closed"):
        ask(pool, "plain", "three")
