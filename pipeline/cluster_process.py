"""The process beside a Dask worker in which tasks run, one after the other, in order."""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from tqdm import tqdm

from lab.machine import blas_threads
from pipeline.cluster_work import HERE
from pipeline.tasks import Failed, Report, Result

_Orders = SimpleQueue[tuple[bytes, Path]]


def main(descriptor: int) -> None:
    """Do what comes through the pipe, until that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker alone decides
    # Its own lock is shared by processes, and would be missed when this one is killed.
    tqdm.set_lock(threading.RLock())
    connection, orders = Connection(descriptor), _Orders()
    threading.Thread(target=_listen, args=(connection, orders), daemon=True).start()
    while True:
        payload, scratch = orders.get()
        connection.send(_do(payload, scratch, connection.send))
        gc.collect()  # a scene is full of circles


def _listen(connection: Connection, orders: _Orders) -> None:
    """Take orders; when the worker is gone, end at once and leave no file of its last task."""
    scratch: Path | None = None
    while True:
        try:
            payload, scratch = connection.recv()
        except (EOFError, OSError):
            break
        orders.put((payload, scratch))
    # The task goes on making files until the very end.
    for _ in range(10):
        if scratch is not None and scratch.exists():
            shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


def _do(payload: bytes, scratch: Path, report: Callable[[Report], None]) -> Result:
    tempfile.tempdir = str(scratch)
    os.chdir(scratch / HERE)
    try:
        action, task = pickle.loads(payload)
        with blas_threads(1):
            result: Result = action(task, scratch, report)
        return result
    except Exception as error:
        what = " ".join(str(error).split())
        return Failed("failed", f"{type(error).__name__}: {what}", traceback.format_exc())


if __name__ == "__main__":
    main(int(sys.argv[1]))
