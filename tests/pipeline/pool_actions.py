"""What the workers of the pool's tests do in place of clips; they find this file by its folder.

A task is a pair: what to do, and a name. Who begins one adds a line to the file of that name.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from pipeline.tasks import Report

LONG = 600.0


def serve(connection: Any, log: Path) -> None:
    """A worker process: as pipeline.worker.serve, for these tasks."""
    log.touch()
    while True:
        try:
            (action, name), scratch = connection.recv()
        except (EOFError, OSError):
            return
        with (scratch / name).open("a") as notes:
            notes.write(f"{os.getpid()}\n")
        connection.send(do(action, scratch / name, connection))


def do(action: str, notes: Path, connection: Any) -> Any:
    """The answer to a task."""
    begun = len(notes.read_text().splitlines())
    if action == "die" or (action == "die once" and begun == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "report":
        for frames in range(3):
            connection.send(Report(frames, "here"))
    if action == "sleep":
        time.sleep(LONG)
    if action == "threads":
        return {name: os.environ.get(name) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    return os.getpid()
