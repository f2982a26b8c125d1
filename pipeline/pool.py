"""Workers on this machine: processes that do one task after another, each with its own pipe.

One that is killed or crashes disturbs no other: another takes its place, and its task.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from pipeline import worker
from pipeline.tasks import Failed, Report, Reporter, Result, Task

TRIES = 2
"""How often a task is begun before it is given up, if its worker dies."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_GRACE = 5.0


@dataclass
class _Order:
    """A task on its way."""

    task: Task
    scratch: Path
    report: Reporter
    future: Future[Result]
    tries: int = 0


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    order: _Order | None = None


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool:
    """An Executor of processes, at most `slots` (default: one a core).

    `folder` takes the workers' logs; it must be there as long as the pool is.
    """

    def __init__(self, folder: Path, slots: int | None = None) -> None:
        self.slots = slots or cores()
        self._folder = folder
        self._waiting: deque[_Order] = deque()
        self._workers: list[_Worker] = []
        self._started = 0
        self._closing = False
        self._lock = threading.Lock()
        self._context = get_context("spawn")
        self._wake, self._waker = self._context.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._manage, name="pool", daemon=True)
        self._thread.start()

    def submit(self, task: Task, scratch: Path, report: Reporter) -> Future[Result]:
        """Begin a task as soon as a worker is free, in the order of the calls."""
        future: Future[Result] = Future()
        with self._lock:
            if self._closing:
                raise RuntimeError("the pool is closed")
            self._waiting.append(_Order(task, scratch, report, future))
        self._waker.send(None)
        return future

    def processes(self) -> list[int]:
        """The workers' process numbers."""
        return [w.process.pid for w in list(self._workers) if w.process.pid is not None]

    def close(self) -> None:
        """Stop all at once; tasks that are not done are cancelled."""
        with self._lock:
            self._closing = True
        with suppress(OSError):
            self._waker.send(None)
        self._thread.join()

    # What follows runs in the pool's own thread.

    def _manage(self) -> None:
        # Ctrl-C reaches all processes of a terminal: the parent alone decides what it means.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while not self._closing:
                self._hand_out()
                busy = {w.connection: w for w in self._workers if w.order is not None}
                for ready in wait([self._wake, *busy]):
                    if ready is self._wake:
                        self._wake.recv()
                    elif isinstance(ready, Connection):
                        self._receive(busy[ready])
        except Exception as error:
            why = Failed("failed", worker.fault(error), traceback.format_exc())
            self._stop(lambda future: future.set_result(why))
        else:
            self._stop(_cancel)

    def _hand_out(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._closing:
                    return
                free = next((w for w in self._workers if w.order is None), None)
                if free is None and len(self._workers) >= self.slots:
                    return
                order = self._waiting.popleft()
            try:
                found = free or self._start()
            except OSError as error:
                if self._workers:  # then these will do it
                    self._put_back(order)
                    return
                reason = (error.strerror or str(error)).lower()
                order.future.set_result(
                    Failed("failed", f"no process could be started for it ({reason})")
                )
                continue
            try:
                found.connection.send((order.task, order.scratch))
            except OSError:
                # One that died while it had nothing to do: no fault of this task.
                order.tries += free is None
                found.order = order
                self._lose(found)
                continue
            found.order = order
            order.tries += 1

    def _put_back(self, order: _Order) -> None:
        with self._lock:
            self._waiting.appendleft(order)

    def _receive(self, source: _Worker) -> None:
        order = source.order
        assert order is not None
        try:
            message = source.connection.recv()
        except (EOFError, OSError):
            self._lose(source)
            return
        if isinstance(message, Report):
            order.report(message)
            return
        source.order = None
        order.future.set_result(message)

    def _lose(self, dead: _Worker) -> None:
        """Let a worker go that has died; its task is tried once more."""
        self._workers.remove(dead)
        dead.connection.close()
        dead.process.join(_GRACE)
        code, order = dead.process.exitcode, dead.order
        if order is None:
            return
        if order.tries < TRIES:
            self._put_back(order)
            return
        order.future.set_result(
            Failed("failed", f"its process ended without a word, twice (code {code})")
        )

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        self._started += 1
        process: Any = self._context.Process(
            target=worker.serve,
            args=(theirs, self._folder / f"worker-{self._started}.log"),
            name=f"worker-{self._started}",
            daemon=True,
        )
        with _one_thread_each():
            process.start()
        theirs.close()
        started = _Worker(process, ours)
        self._workers.append(started)
        return started

    def _stop(self, end: Callable[[Future[Result]], object]) -> None:
        for left in self._workers:
            left.process.kill()
        for left in self._workers:
            left.process.join(_GRACE)
            left.connection.close()
        with self._lock:
            self._closing = True  # if it was not asked for, too: nothing would do what comes
            under_way = [left.order for left in self._workers if left.order is not None]
            for order in (*under_way, *self._waiting):
                end(order.future)


def _cancel(future: Future[Result]) -> None:
    """Cancel, and tell those who wait, which cancelling alone does not."""
    if future.cancel():
        future.set_running_or_notify_cancel()


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
