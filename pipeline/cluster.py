"""The workers of a Dask cluster as an Executor: they need no shared disk, only our versions."""

from __future__ import annotations

import logging
import pickle
import re
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from types import ModuleType

from pipeline.cluster_parcels import luggage
from pipeline.cluster_session import ClusterError, Entry, Session
from pipeline.tasks import Draw, Failed, Reporter, Result, Task, attempt

CONNECTING = 10.0
GATHERING = 5.0

_CLOSING = 2.0
_ADDRESS = re.compile(r"tcp://(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")

__all__ = ["Cluster", "ClusterError"]


class Cluster:
    """Tasks run on the Dask cluster at an address such as tcp://host:8786, one a worker at once.

    `action` is what a worker does with a task. connecting: seconds until an address is given up;
    gathering: seconds until a scheduler without workers is. Raises ClusterError if there is no
    scheduler at the address, or no worker with our versions.
    """

    def __init__(
        self,
        address: str,
        *,
        action: Callable[[Task, Path, Reporter], Result] = attempt,
        connecting: float = CONNECTING,
        gathering: float = GATHERING,
    ) -> None:
        self.slots = 0
        self._action = action
        self._session = Session(_checked(address), _dask(), self._count)
        self._thread = threading.Thread(
            target=self._session.run, args=(connecting, gathering), name="cluster", daemon=True
        )
        self._thread.start()
        try:
            self._session.ready.result()
        except BaseException:
            self.close()
            raise

    def _count(self, slots: int) -> None:
        self.slots = slots

    def submit(self, task: Task, scratch: Path, report: Reporter) -> Future[Result]:
        """Begin a task, as soon as a worker is free; what it makes is written below `scratch`.

        `report` is called in a thread of ours. A worker that ends in mid-task costs nothing but
        time; a second one at the same task, and the task has failed.
        """
        future: Future[Result] = Future()
        try:
            given = luggage(task)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            future.set_result(Failed("input", f"{error.filename} cannot be read ({reason})."))
            return future
        payload = pickle.dumps((self._action, task))
        self._session.enter(Entry(_name(task), payload, given, scratch, report, future))
        return future

    def close(self) -> None:
        """Cancel what waits, have the workers stop what runs, leave the cluster."""
        self._session.stop()
        self._thread.join(_CLOSING)


def _name(task: Task) -> str:
    """What the scheduler's dashboard calls it."""
    return f"{'draw' if isinstance(task, Draw) else 'walk'}-{task.job.slug}"


def _checked(address: str) -> str:
    match = _ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[1]) < 65536:
        raise ClusterError(
            f"A scheduler's address looks like tcp://host:8786, which {address!r} does not."
        )
    return address


def _dask() -> ModuleType:
    """The library, with nothing to say: what goes wrong is ours to tell, in a sentence."""
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError:
        raise ClusterError(
            "A cluster needs Dask, which is not installed: in the project's folder, run "
            "`pip install -c constraints.txt -e '.[cluster]'`."
        ) from None
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    # We compare versions ourselves; an order may hold a photo.
    warnings.filterwarnings("ignore", category=distributed.versions.VersionMismatchWarning)
    warnings.filterwarnings("ignore", message="Sending large graph")
    return distributed
