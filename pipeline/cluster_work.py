"""The worker's side of a cluster: an order comes as bytes, the files made go back as bytes.

A task runs in a process of its own beside the Dask worker: manim's settings belong to a whole
process, and a process can be stopped. It stays for the next task, for a while.
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from pipeline.cluster_facts import differences, facts
from pipeline.cluster_parcels import TOPIC, Answer, Order, Unwanted, lay_out, pack
from pipeline.tasks import Failed, Report

REPORTS_A_SECOND = 4
ENDING = ("closing", "closed", "failed")
HERE = "here"
"""The folder, in a task's scratch folder, in which it runs: the user's files are there."""

_LOOK = 0.2  # seconds between two looks whether the task is still wanted
_IDLE = 60.0  # seconds that a process without a task stays


def carry_out(packed: bytes) -> Answer:
    """Do a pickled Order in this Dask worker, one at a time, whatever its number of threads."""
    order: Order = pickle.loads(packed)
    if differing := differences(facts(), order.facts):
        return Answer(differing=tuple(differing))
    worker = import_module("distributed").get_worker()
    key = worker.get_current_task()

    def look() -> None:
        state = worker.state.tasks.get(key)
        if state is None or state.state != "executing" or worker.status.name in ENDING:
            raise Unwanted(key)

    with _turn(look), _scratch(worker.local_directory) as scratch:
        if missing := lay_out(order.given, scratch / HERE):
            return Answer(Failed("input", missing))
        return _attend(_process(), order.payload, scratch, look, _reporter(worker, key))


def _attend(
    process: _Process,
    payload: bytes,
    scratch: Path,
    look: Callable[[], None],
    report: Callable[[Report], None],
) -> Answer:
    """Give the process a task, pass on its reports, return what it made."""
    try:
        process.connection.send((payload, scratch))
        while True:
            look()
            if not process.connection.poll(_LOOK):
                continue
            message = process.connection.recv()
            if not isinstance(message, Report):
                break
            report(message)
    except (EOFError, OSError):
        return Answer(died=process.stop())
    except BaseException:
        process.stop()
        raise
    _rest(process)
    return pack(message, scratch)


def _reporter(worker: Any, key: str) -> Callable[[Report], None]:
    last = 0.0

    def report(message: Report) -> None:
        nonlocal last
        if time.monotonic() - last >= 1 / REPORTS_A_SECOND:
            last = time.monotonic()
            worker.log_event(
                TOPIC, {"key": key, "frames": message.frames, "section": message.section}
            )

    return report


@contextmanager
def _scratch(beside: str) -> Iterator[Path]:
    # In the worker's own folder: what a killed worker leaves goes with that.
    folder = Path(tempfile.mkdtemp(prefix="task-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_lock = threading.Lock()
_kept: _Process | None = None
_bell: threading.Timer | None = None


@contextmanager
def _turn(look: Callable[[], None]) -> Iterator[None]:
    """Wait until no other thread of this worker has a task."""
    while not _lock.acquire(timeout=_LOOK):
        look()
    try:
        yield
    finally:
        _lock.release()


class _Process:
    """A process beside the worker (`pipeline.cluster_process`), joined to it by a pipe.

    It ends when the pipe does, so it does not outlive the worker, however that ends.
    """

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        # It finds modules where this process does, and not in the folder it is started in.
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.cluster_process", str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": path},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def stop(self) -> str:
        """End it, if it has not ended; returns how it ended."""
        self.connection.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LOOK)
        self._process.kill()
        return f"its process ended without a word (code {self._process.wait()})"


def _process() -> _Process:
    """The process that waits, or a new one."""
    global _kept
    if _bell is not None:
        _bell.cancel()
    process, _kept = _kept, None
    if process is not None and not process.alive:
        process.stop()
        process = None
    return process or _Process()


def _rest(process: _Process) -> None:
    """Keep a process for the next task; without one, it ends after a while."""
    global _kept, _bell
    _kept = process
    _bell = threading.Timer(_IDLE, _dismiss)
    _bell.daemon = True
    _bell.start()


def _dismiss() -> None:
    global _kept
    with _lock:
        if _kept is not None:
            _kept.stop()
            _kept = None
