"""Workers: one process for each clip, as many at once as there are cores.

Each has its own pipe, so that one that is stopped or crashes disturbs no other.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from pipeline import worker
from pipeline.jobs import Job, Outcome
from pipeline.progress import Progress

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_GRACE = 5.0


@dataclass(frozen=True)
class _Running:
    job: Job
    process: BaseProcess
    connection: Connection


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    jobs: Sequence[Job], progress: Progress, workers: int | None = None
) -> Generator[Outcome, None, None]:
    """Do all jobs, `workers` at once (default: one a core); yields each outcome as it comes.

    Whatever ends the iteration, no worker outlives it.
    """
    waiting, running = deque(jobs), dict[Connection, _Running]()
    limit = workers or cores()
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                started = _start(waiting.popleft())
                running[started.connection] = started
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                outcome = _receive(running[ready], progress)
                if outcome is not None:
                    _stop(running.pop(ready))
                    yield outcome
    finally:
        for left in running.values():
            left.process.terminate()
        for left in running.values():
            _stop(left)


def _receive(source: _Running, progress: Progress) -> Outcome | None:
    """Take one message; an Outcome if it was the last."""
    try:
        message = source.connection.recv()
    except (EOFError, OSError):
        source.process.join(_GRACE)
        code = source.process.exitcode
        return Outcome(source.job.slug, "failed", f"its process ended without a word (code {code})")
    if isinstance(message, Outcome):
        return message
    kind, seconds, section = message
    if kind == "total":
        progress.began(source.job.slug, seconds)
    else:
        progress.reached(source.job.slug, seconds, section)
    return None


def _start(job: Job) -> _Running:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process: Any = context.Process(
        target=worker.main, args=(theirs, job), name=job.slug, daemon=True
    )
    with _one_thread_each(), _ignoring_interrupts():
        process.start()
    theirs.close()
    return _Running(job, process, ours)


def _stop(ended: _Running) -> None:
    ended.connection.close()
    ended.process.join(_GRACE)
    if ended.process.is_alive():
        ended.process.kill()
        ended.process.join()


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Processes started here ignore Ctrl-C, which reaches all: the parent alone decides."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started here let BLAS use one thread: the clips share the cores already."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
