"""One connection to a Dask cluster, in an event loop of its own: who is there, who does what.

Each worker is asked what it has before it gets a task, and gets one at a time. So it is known
who was at which task when a worker ends, and the task goes to another.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import CancelledError, Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from nncore.errors import NNError
from pipeline.cluster_facts import differences, facts
from pipeline.cluster_parcels import TOPIC, Answer, Files, Order, Unwanted, receive
from pipeline.tasks import Failed, Report, Reporter, Result

DEATHS = 2
"""Workers that may end while at one task."""
WAITING = 30.0
"""Seconds without any worker until what waits has failed."""

_LOOK = 0.5  # seconds between two looks at who is there
_ANSWERING = 20.0  # seconds in which a scheduler or a worker must answer
_LEAVING = 1.0
_LOST = "its worker was lost"


class ClusterError(NNError):
    """A cluster that cannot be reached, or is of no use to us."""


@dataclass(eq=False)
class Entry:
    """A task on its way: a pickled action and task, the user's files, where its result goes."""

    name: str
    payload: bytes
    given: Files
    scratch: Path
    report: Reporter
    future: Future[Result]
    deaths: int = 0


@dataclass(eq=False)
class _Worker:
    """A worker as last seen. lacks: what it has otherwise than we, None until it has told."""

    address: str
    name: str
    lacks: list[str] | None = None
    running: bool = True
    busy: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def __str__(self) -> str:
        return self.address if self.name == self.address else f"{self.name} at {self.address}"

    @property
    def fit(self) -> bool:
        return self.lacks == []


class Session:
    """Runs in a thread, from `run` to `stop`. `ready` is done, or holds a ClusterError, once it
    is known that there are workers to use; `count` is told how many."""

    def __init__(self, address: str, dask: Any, count: Callable[[int], None]) -> None:
        self.ready: Future[None] = Future()
        self._address, self._dask, self._count = address, dask, count
        self._started = threading.Event()
        self._workers: dict[str, _Worker] = {}
        self._entries: list[Entry] = []
        self._queue: deque[Entry] = deque()
        self._running: dict[str, Entry] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._over = ""  # why no more task is taken

    # From other threads.

    def run(self, connecting: float, gathering: float) -> None:
        """The thread's work."""
        with suppress(asyncio.CancelledError):
            asyncio.run(self._main(connecting, gathering))

    def enter(self, entry: Entry) -> None:
        """Take a task."""
        try:
            self._loop.call_soon_threadsafe(self._take, entry)
        except RuntimeError:  # the loop is closed
            _cancel(entry.future)

    def stop(self) -> None:
        """End the thread's work, soon."""
        self._started.wait(_LEAVING)
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._leave)

    # In the loop.

    async def _main(self, connecting: float, gathering: float) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._main_task, self._left = task, self._loop.create_future()
        self._started.set()
        try:
            async with self._connected(connecting):
                self._ours = facts()
                await self._gather(gathering)
                self._client.subscribe_topic(TOPIC, self._pass_on)
                self.ready.set_result(None)
                await self._serve()
        except Exception as error:
            if not self.ready.done():
                self.ready.set_exception(error)
            self._fail(f"{type(error).__name__}: {' '.join(str(error).split())}")
        finally:
            self.ready.cancel()
            for entry in self._entries:
                _cancel(entry.future)

    def _leave(self) -> None:
        # Should what is awaited end at this moment, Python 3.11 may forget the cancellation.
        self._over = self._over or "the cluster was left"
        self._left.cancel()
        self._main_task.cancel()

    @asynccontextmanager
    async def _connected(self, connecting: float) -> AsyncIterator[None]:
        self._client = self._dask.Client(
            self._address, asynchronous=True, timeout=connecting, set_as_default=False
        )
        try:
            try:
                await asyncio.wait_for(self._client, connecting)
            except Exception:
                raise ClusterError(
                    f"No Dask scheduler answers at {self._address}: check the address, and that "
                    "`dask scheduler` runs there."
                ) from None
            yield
        finally:
            for errand in self._errands:
                errand.cancel()
            with suppress(Exception):
                await asyncio.wait_for(self._client.close(), _LEAVING)

    async def _gather(self, gathering: float) -> None:
        """Wait for the first worker of use. Raises ClusterError if there is none."""
        deadline = self._loop.time() + gathering
        while not any(worker.fit for worker in self._workers.values()) and not self._over:
            try:
                await self._look()
            except (OSError, TimeoutError):
                raise ClusterError(self._lost()) from None
            if self._errands:
                await asyncio.wait(self._errands)
            refused = [w for w in self._workers.values() if w.lacks]
            if refused and len(refused) == len(self._workers):
                told = ", ".join(f"{w} ({'; '.join(w.lacks or [])})" for w in refused)
                raise ClusterError(
                    f"No worker at {self._address} has what we have: {told}: install the same "
                    "there, then start the workers anew."
                )
            if self._loop.time() > deadline:
                raise ClusterError(
                    f"The scheduler at {self._address} has no worker: start some, for instance "
                    f"`dask worker {self._address} --nworkers -1 --nthreads 1`."
                )
            await asyncio.sleep(_LOOK / 5)
        if self._over:
            raise asyncio.CancelledError
        self._counted()
        for worker in self._workers.values():
            self._tell(worker)

    async def _serve(self) -> None:
        """See who comes and goes, until cancelled."""
        alone_since = self._loop.time()
        while not self._over:
            try:
                await self._look()
            except (OSError, TimeoutError):
                self._fail(self._lost())
                break
            self._hand_out()
            now = self._loop.time()
            if any(worker.fit for worker in self._workers.values()) or not self._queue:
                alone_since = now
            elif now - alone_since > WAITING:
                self._fail(f"The cluster at {self._address} has no worker left.")
            await asyncio.wait({self._left}, timeout=_LOOK)
        await self._left

    def _lost(self) -> str:
        return f"The connection to the scheduler at {self._address} was lost."

    async def _look(self) -> None:
        """See which workers there are; ask the new ones what they have."""
        if self._client.status != "running":
            raise OSError
        told = self._client.scheduler.identity(n_workers=-1)
        found = (await asyncio.wait_for(told, _ANSWERING))["workers"]
        for address in self._workers.keys() - found:
            self._workers.pop(address).gone.set()
        for address, about in found.items():
            if address not in self._workers:
                self._workers[address] = _Worker(address, str(about["name"]))
                self._send(self._ask(self._workers[address]))
            # Paused (out of memory) or closing, it would not begin.
            self._workers[address].running = about["status"] == "running"
        self._counted()

    def _counted(self) -> None:
        self._count(sum(worker.fit for worker in self._workers.values()))

    def _send(self, errand: Any) -> None:
        task = self._loop.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _ask(self, worker: _Worker) -> None:
        """Learn what a worker has, and whether that is what we have."""
        try:
            asked = self._client.run(_there()[0], workers=[worker.address], on_error="return")
            theirs = (await asyncio.wait_for(asked, _ANSWERING))[worker.address]
        except Exception as error:
            theirs = error
        if isinstance(theirs, dict):
            worker.lacks = differences(theirs, self._ours)
        else:
            worker.lacks = [f"it does not tell its versions, {type(theirs).__name__}"]
        if self.ready.done() and not worker.gone.is_set():
            self._tell(worker)
            self._counted()
            self._hand_out()

    def _tell(self, worker: _Worker) -> None:
        if worker.lacks:
            told = f"The worker {worker} is left out: {'; '.join(worker.lacks)}."
            print(told, file=sys.stderr, flush=True)

    def _take(self, entry: Entry) -> None:
        if self._over:
            entry.future.set_result(Failed("failed", self._over))
            return
        self._entries.append(entry)
        self._queue.append(entry)
        self._hand_out()

    def _hand_out(self) -> None:
        """Give waiting tasks to free workers."""
        for worker in self._workers.values():
            while self._queue and worker.fit and worker.running and not worker.busy:
                entry = self._queue.popleft()
                if not entry.future.done():
                    worker.busy = True
                    self._send(self._carry(entry, worker))

    async def _carry(self, entry: Entry, worker: _Worker) -> None:
        """Have a worker do a task, and see to what comes of it."""
        key = f"{entry.name}-{uuid4().hex}"
        self._running[key] = entry
        answer = await self._answer(entry, worker, key)
        del self._running[key]
        worker.busy = False
        if entry.future.done():
            return
        if answer.differing:
            worker.lacks = list(answer.differing)
            self._tell(worker)
            self._counted()
            self._queue.appendleft(entry)
        elif answer.died and entry.deaths + 1 < DEATHS:
            entry.deaths += 1
            self._queue.appendleft(entry)
        elif answer.died:
            told = f"{DEATHS} workers ended while at it: {answer.died}"
            entry.future.set_result(Failed("failed", told))
        else:
            # Other workers need not wait until it is written.
            self._hand_out()
            result = await asyncio.to_thread(_received, answer, entry.scratch)
            if not entry.future.done():
                entry.future.set_result(result)
        self._hand_out()

    async def _answer(self, entry: Entry, worker: _Worker, key: str) -> Answer:
        order = pickle.dumps(Order(self._ours, entry.payload, entry.given))
        # Pickled here, it is nothing that the scheduler would unpack.
        sent = self._client.submit(
            _there()[1], order, key=key, workers=[worker.address], pure=False
        )
        result = asyncio.ensure_future(sent.result())
        gone = asyncio.ensure_future(worker.gone.wait())
        try:
            await asyncio.wait({result, gone}, return_when=asyncio.FIRST_COMPLETED)
            return self._outcome(result)
        finally:
            result.cancel()
            gone.cancel()
            sent.release()

    def _outcome(self, result: asyncio.Future[Answer]) -> Answer:
        # Cancelled by others: the workers or the scheduler are being restarted.
        if not result.done() or result.cancelled():
            return Answer(died=_LOST)
        error = result.exception()
        if error is None:
            return result.result()
        if isinstance(error, (self._dask.scheduler.KilledWorker, CancelledError, Unwanted)):
            return Answer(died=_LOST)
        told = " ".join(str(error).split())
        return Answer(Failed("failed", f"{type(error).__name__}: {told}"))

    def _pass_on(self, event: tuple[float, Any]) -> None:
        """Give a worker's report to whom it concerns; others' come by here, too."""
        _, message = event
        entry = self._running.get(message["key"])
        if entry is not None:
            entry.report(Report(message["frames"], message["section"]))

    def _fail(self, why: str) -> None:
        """Nothing is done any more: all that is not done has failed."""
        self._over = why
        for entry in self._entries:
            if not entry.future.done():
                entry.future.set_result(Failed("failed", why))


def _cancel(future: Future[Result]) -> None:
    if not future.done() and future.cancel():
        future.set_running_or_notify_cancel()  # else nobody who waits for it notices


def _received(answer: Answer, scratch: Path) -> Result:
    try:
        return receive(answer, scratch)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Failed("input", f"{scratch} cannot be written ({reason}).")
    except ValueError as error:
        return Failed("failed", f"the worker's answer is not what was asked for: {error}")


def _there() -> tuple[Callable[[], dict[str, str]], Callable[[bytes], Answer]]:
    """What workers run: their own facts and carry_out.

    Being local functions, they travel by value: a scheduler needs nothing of ours.
    """

    def facts_there() -> dict[str, str]:
        from pipeline.cluster_facts import facts

        return facts()

    def carry_out_there(order: bytes) -> Answer:
        from pipeline.cluster_work import carry_out

        return carry_out(order)

    return facts_there, carry_out_there
