"""Running studies: on all cores, run by run, each kept as soon as it has ended.

Beside the study's file a journal (`NAME.part.json`) holds the runs so far; both are looked
through before a run is made again, so that a study goes on where it was interrupted, and a
changed setting makes only the runs that it touches.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lab import mnist
from lab.machine import platform_name, versions
from lab.studies import Plan
from lab.train import Examples, Hooks, Settings, State, train
from nncore.digits import saturation
from nncore.errors import DataError, check_count
from nncore.files import write_whole
from nncore.network import Network
from nncore.study import Point, Run, Study, Value, dump_study, load_study

METHOD = 1
"""Goes up when the same settings train to other weights: runs of another method are made anew."""


@dataclass(frozen=True)
class Task:
    """One run to make: of a plan's point, with a seed."""

    plan: Plan
    value: Value
    settings: Settings

    @property
    def cost(self) -> float:
        """How long it takes, about, in no unit."""
        settings = self.settings
        updates = settings.epochs * (settings.examples or _counts(self.plan)[0])
        return updates * (60 + sum(settings.hidden))


@dataclass(frozen=True)
class Check:
    """A committed run made again. same_platform: its bits must then be those of before."""

    study: str
    value: Value
    seed: int
    same_platform: bool
    same_bits: bool
    before: float
    now: float

    @property
    def agrees(self) -> bool:
        """Bit for bit on the same platform, within 0.3 points on another."""
        return self.same_bits if self.same_platform else abs(self.now - self.before) <= 0.003


def run_study(
    plan: Plan,
    output: Path,
    *,
    jobs: int | None = None,
    on_run: Callable[[Task, Run | None, int, int], None] = lambda task, run, done, all: None,
) -> Study:
    """Run a plan on `jobs` cores (None: all), write it to `output`, return it.

    `on_run` is told of each run: the task, the run (None: it was known already), how many are
    done, of how many. Raises DataError for MNIST files or an output that cannot be used.
    """
    jobs = check_count(jobs, "jobs") if jobs is not None else os.cpu_count() or 1
    md5 = mnist.verify()
    book = _Book(plan, output, md5)
    waiting = []
    for task in tasks(plan):
        if book.known(task) is None:
            waiting.append(task)
        else:
            on_run(task, None, len(book.runs), len(book.order))
    # The longest first: no core is left with a long one at the end.
    waiting.sort(key=lambda task: -task.cost)
    made = ((task, make_run(task)) for task in waiting)
    if jobs > 1 and len(waiting) > 1:
        made = _on_cores(waiting, min(jobs, len(waiting)))
    for task, run in made:
        book.add(task, run)
        on_run(task, run, len(book.runs), len(book.order))
    return book.close()


def tasks(plan: Plan) -> list[Task]:
    """All runs of a plan, point by point, seed by seed."""
    return [
        Task(plan, value, replace(settings, seed=seed))
        for value, settings in plan.points
        for seed in range(plan.seeds)
    ]


def make_run(task: Task) -> Run:
    """Train as a task says, and measure."""
    train_examples, test_examples = _data(task.plan)
    settings, plan = task.settings, task.plan
    start = settings.start()
    before = saturation(start, start.forward(test_examples.inputs))
    hooks = Hooks(measure=plan.measure, train_accuracy=plan.train_accuracy)
    began = time.process_time()
    state = train(settings, train_examples, test_examples, State(start), hooks)
    seconds = time.process_time() - began
    if settings.examples is not None:
        train_examples = train_examples.some(settings.examples, settings.seed)
    after = saturation(state.network, state.network.forward(test_examples.inputs))
    return Run(
        seed=settings.seed,
        accuracy=test_examples.right(state.network) / len(test_examples),
        train_accuracy=train_examples.right(state.network) / len(train_examples),
        by_epoch=_by_epoch(state, len(train_examples), len(test_examples)),
        saturated=None if before is None or after is None else (before, after),
        seconds=round(seconds, 3),
        weights_sha256=weights_sum(state.network),
        platform=platform_name(),
    )


def check_study(study: Study, plan: Plan) -> Check:
    """Make the cheapest run of a study again and compare.

    Raises DataError if the study is not of that plan.
    """
    runs = {
        (point.value, run.seed): (point.settings, run)
        for point in study.points
        for run in point.runs
    }
    task = min(tasks(plan), key=lambda task: task.cost)
    found = runs.get((task.value, task.settings.seed))
    if found is None or found[0] != _settings(task) or study.method != METHOD:
        raise DataError(f"The study {study.name} is not of the present plan; run it again.")
    before, now = found[1], make_run(task)
    return Check(
        study.name,
        task.value,
        before.seed,
        before.platform == now.platform,
        (before.weights_sha256, before.by_epoch) == (now.weights_sha256, now.by_epoch),
        before.accuracy,
        now.accuracy,
    )


def weights_sum(network: Network) -> str:
    """SHA-256 of all weights and biases, layer by layer, as little-endian bytes."""
    digest = hashlib.sha256()
    for layer in network.layers:
        for array in (layer.weights, layer.biases):
            if array is not None:
                digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def _by_epoch(
    state: State, images: int, tests: int
) -> tuple[tuple[int, float, float, float | None], ...]:
    return tuple(
        (
            number,
            result.loss,
            result.right / tests,
            None if result.train_right is None else result.train_right / images,
        )
        for number, result in enumerate(state.history, 1)
        if result.right is not None
    )


# Cores


_loaded: dict[tuple[int | None, int | None], tuple[Examples, Examples]] = {}


def _data(plan: Plan) -> tuple[Examples, Examples]:
    """The examples of a plan, kept by each process: the first images, the first tests."""
    key = plan.images, plan.tests
    if key not in _loaded:
        sets = (mnist.train_set(), plan.images), (mnist.test_set(), plan.tests)
        first, second = (Examples.of(*(a[:count] for a in arrays)) for arrays, count in sets)
        _loaded.clear()
        _loaded[key] = first, second
    return _loaded[key]


def _on_cores(waiting: list[Task], jobs: int) -> Generator[tuple[Task, Run], None, None]:
    """Yields each task with its run as it ends. Interrupted, it leaves no process behind."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interrupts)
    try:
        futures = {pool.submit(make_run, task): task for task in waiting}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool:
        raise DataError("A process of the study was ended from outside; run it again.") from None
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# Files


class _Book:
    """The runs of a plan that are known, and the files they are kept in."""

    def __init__(self, plan: Plan, output: Path, md5: Mapping[str, str]) -> None:
        self.plan, self.output, self.md5 = plan, output, md5
        self.journal = output.with_name(f"{output.stem}.part.json")
        self.order = tasks(plan)
        self.runs: dict[tuple[Value, int], Run] = {}
        _writable(output.parent)
        for path in (output, self.journal):
            self._look_through(path)

    def known(self, task: Task) -> Run | None:
        """The run of a task, if there is one."""
        return self.runs.get((task.value, task.settings.seed))

    def add(self, task: Task, run: Run) -> None:
        """Keep a run."""
        self.runs[task.value, run.seed] = run
        write_whole(self.journal, dump_study(self._study()).encode())

    def close(self) -> Study:
        """Write the whole study; the journal has done its work."""
        study = self._study()
        write_whole(self.output, dump_study(study).encode())
        self.journal.unlink(missing_ok=True)
        return study

    def _look_through(self, path: Path) -> None:
        """Take what a file holds and the plan asks for still."""
        try:
            study = load_study(path)
        except DataError:
            return  # none, or one that is of no use
        images, tests = _counts(self.plan)
        if (study.method, study.data_md5) != (METHOD, self.md5):
            return
        if (study.images, study.tests) != (images, tests):
            return
        found = {
            (_settings_key(point.settings), run.seed): run
            for point in study.points
            for run in point.runs
        }
        for task in self.order:
            run = found.get((_settings_key(_settings(task)), task.settings.seed))
            if run is not None:
                self.runs[task.value, run.seed] = run

    def _study(self) -> Study:
        points = []
        for value, settings in self.plan.points:
            runs = [self.runs.get((value, seed)) for seed in range(self.plan.seeds)]
            made = tuple(run for run in runs if run is not None)
            if made:
                task = Task(self.plan, value, settings)
                points.append(Point(value, _settings(task), made))
        images, tests = _counts(self.plan)
        return Study(
            self.plan.name, self.plan.parameter, tuple(points), images, tests, self.md5, METHOD,
            versions(),
        )  # fmt: skip


def _settings(task: Task) -> dict[str, Any]:
    """What a run depends on besides its seed and the data, as JSON has it."""
    chosen = asdict(task.settings) | {"hidden": list(task.settings.hidden)}
    del chosen["seed"]
    return chosen | {"measure": task.plan.measure, "train_accuracy": task.plan.train_accuracy}


def _settings_key(settings: Mapping[str, Any]) -> str:
    return repr(sorted(settings.items()))


def _counts(plan: Plan) -> tuple[int, int]:
    return plan.images or mnist.COUNTS["train"], plan.tests or mnist.COUNTS["t10k"]


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{os.getpid()}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise DataError(f"{folder} cannot be written to: {error.strerror or error}.") from error
