"""Processes of this machine, Dask's too, for tests that start them, wait and kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cluster_facts import ROOT

LONG = 60.0  # a limit for what takes moments, should it hang


def until(true: Callable[[], Any], what: str) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def alive(process: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class Dask:
    """Processes of Dask's own commands, on ports that are free."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def scheduler(self) -> str:
        """Start a scheduler; returns its address."""
        file = self.folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--scheduler-file", str(file))
        until(lambda: file.exists() and file.read_text(), "the scheduler is there")
        address: str = json.loads(file.read_text())["address"]
        return address

    def worker(self, address: str, name: str, *, root: Path = ROOT, threads: int = 1) -> int:
        """Start a worker that has our sources from `root`; returns its process number."""
        place = ["--local-directory", str(self.folder / name)]
        plain = ["--no-nanny", "--nthreads", str(threads), "--name", name]
        return self._start("worker", address, *plain, *place, root=root).pid

    def _start(self, kind: str, *args: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
        loopback = ["--host", "127.0.0.1", "--no-dashboard"]
        path = os.pathsep.join([str(root), str(Path(__file__).parent)])
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", f"distributed.cli.dask_{kind}", *args, *loopback],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        return process

    def kill(self, process: int | None = None) -> None:
        """SIGKILL to the one of this number, or to all."""
        for started in self.started:
            if process in (None, started.pid):
                started.kill()
                started.wait(LONG)
