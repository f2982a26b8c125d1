"""From orders to files: each job is walked, drawn in parts, joined, checked and put in place."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from nncore.errors import NNError
from pipeline import formats, keys, manifest, plan, publish, sections, timings
from pipeline.check import check
from pipeline.jobs import Job
from pipeline.join import join
from pipeline.outcome import Made
from pipeline.progress import Progress
from pipeline.tasks import Draw, Drawn, Executor, Failed, Report, Result, Task, Walk, Walked
from pipeline.worker import fault


@dataclass(frozen=True, eq=False)
class Order:
    """A job, the file that it makes, and what that depends on."""

    job: Job
    target: Path
    depends: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """The digest of what the clip depends on."""
        return keys.key(self.depends)

    @property
    def files(self) -> tuple[Path, ...]:
        """The clip, its subtitles, its manifest."""
        return (
            self.target,
            publish.subtitles_of(self.target),
            manifest.path_of(self.target),
        )


@dataclass(eq=False)
class _Work:
    """An order on its way."""

    order: Order
    walked: Walked | None = None
    open: int = 0
    drawn: dict[int, Drawn] = field(default_factory=dict)
    done: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0


class Engine:
    """Runs orders on an executor; what is not yet in place is below `scratch`."""

    def __init__(self, executor: Executor, scratch: Path, progress: Progress) -> None:
        self._executor, self._scratch, self._progress = executor, scratch, progress
        self._finisher = ThreadPoolExecutor(1, "finisher")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._folders = 0
        self._made: dict[Job, Made] = {}

    def close(self) -> None:
        """End what finishes clips; nothing is put in place any more."""
        self._stop.set()
        self._finisher.shutdown(cancel_futures=True)

    def run(self, orders: Sequence[Order]) -> dict[Job, Made]:
        """Make all; what comes of each. Raises KeyboardInterrupt when that is asked for."""
        works = {order.job: _Work(order) for order in orders}
        prices = timings.prices(list(works))
        self._walk(works)
        left = {job: work for job, work in works.items() if work.walked is not None}
        for job, work in left.items():
            assert work.walked is not None
            why = _reason(work.order)
            self._progress.expect(job, sum(n for _, n in work.walked.sections), why)
        self._draw(left, prices)
        timings.learn({
            job: (work.seconds, sum(work.walked.work))
            for job, work in left.items()
            if work.walked is not None and self._made[job].ending == "rendered"
        })  # fmt: skip
        return self._made

    def _walk(self, works: Mapping[Job, _Work]) -> None:
        futures = {self._submit(Walk(job), job): job for job in works}
        for future in _completed(futures):
            result = _result(future)
            work = works[futures[future]]
            if isinstance(result, Walked):
                work.walked = result
            else:
                self._fail(work, result)

    def _draw(self, works: Mapping[Job, _Work], prices: Mapping[Job, float]) -> None:
        walked = {job: work.walked for job, work in works.items() if work.walked is not None}
        running: dict[Future[Any], tuple[_Work, Draw | None]] = {}
        for part in plan.parts(walked, prices, self._executor.slots):
            work = works[part.job]
            work.open += 1
            running[self._submit(part, part.job, work)] = (work, part)
        for future in _completed(running):
            work, drawn = running[future]
            if drawn is None:
                self._end(future.result())
                continue
            result = _result(future)
            if isinstance(result, Drawn):
                self._collect(work, drawn, result, running)
            else:
                self._fail(work, result)

    def _collect(
        self, work: _Work, part: Draw, result: Drawn, running: dict[Future[Any], Any]
    ) -> None:
        """Take a part; if it was the last, let the clip be finished."""
        work.drawn[part.first] = result
        work.seconds += result.seconds
        work.open -= 1
        if not work.open and work.order.job not in self._made:
            running[self._finisher.submit(self._finish, work)] = (work, None)

    def _submit(self, task: Task, job: Job, work: _Work | None = None) -> Future[Result]:
        self._folders += 1
        scratch = self._scratch / f"task-{self._folders}"
        try:
            scratch.mkdir()
        except OSError as error:
            failed: Future[Result] = Future()
            failed.set_result(Failed("failed", fault(error, self._scratch)))
            return failed
        first = task.first if isinstance(task, Draw) else 0

        def report(report: Report) -> None:
            if work is not None:
                with self._lock:
                    # A part that is begun anew begins at nothing again.
                    work.done[first] = report.frames
                    self._progress.reached(job, sum(work.done.values()), report.section)

        return self._executor.submit(task, scratch, report)

    def _fail(self, work: _Work, result: Any) -> None:
        if work.order.job in self._made:
            return
        if not isinstance(result, Failed):
            result = Failed("failed", f"a worker answered {type(result).__name__}")
        self._end(
            Made(work.order.job, result.ending, message=result.message, details=result.details)
        )

    def _end(self, made: Made) -> None:
        self._made[made.job] = made
        with self._lock:
            self._progress.ended(made)

    # Finishing, in a thread of its own

    def _finish(self, work: _Work) -> Made:
        job = work.order.job
        try:
            return self._put_together(work)
        except NNError as error:
            return Made(job, "failed", str(error), traceback.format_exc())
        except Exception as error:
            return Made(job, "failed", fault(error, self._scratch), traceback.format_exc())

    def _alive(self) -> None:
        if self._stop.is_set():
            raise CancelledError

    def _put_together(self, work: _Work) -> Made:
        order, walked, job = work.order, work.walked, work.order.job
        assert walked is not None
        drawn = [work.drawn[first] for first in sorted(work.drawn)]
        frames = [count for part in drawn for count in part.frames]
        expected = [count for _, count in walked.sections]
        if frames != expected:
            raise RuntimeError(f"sections of {frames} frames were drawn, not of {expected}")
        fmt, size = formats.choose(job.format, job.transparent), job.size
        scratch = drawn[0].file.parent
        whole = scratch / f"whole{fmt.suffix}"
        parts = [file for part in drawn for file in sections.files(part.file)]
        join(parts, whole, fmt, size.fps, self._alive)
        ends = [sum(expected[: k + 1]) for k in range(len(expected))]
        check(whole, fmt, size.width, size.height, size.fps, ends)
        record = {
            **walked.record,
            "format": job.format,
            "transparent": job.transparent,
            "key": order.key,
            "depends": dict(order.depends),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "cpu_seconds": round(work.seconds, 2),
            "memory": max(part.memory for part in drawn),
            "notes": list(walked.notes),
            "subtitles": walked.subtitles,
        }
        self._alive()
        weight = publish.put(whole, order.target, record, walked.subtitles, scratch)
        return Made(
            job, "rendered", notes=walked.notes, files=order.files, seconds=work.seconds,
            size=weight,
        )  # fmt: skip


def _reason(order: Order) -> str:
    """Why a clip is drawn anew: the first thing that it depends on that changed."""
    record = manifest.read(order.target)
    before = record.get("depends") if record else None
    if not isinstance(before, dict):
        return ""
    changed = keys.changes(before, order.depends)
    if not changed:
        return ""
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return f"changed: {changed[0]}{more}"


def _completed(futures: Mapping[Future[Any], Any]) -> Any:
    """Each future as it is done, those that join the mapping on the way, too."""
    seen: set[Future[Any]] = set()
    while waiting := [future for future in futures if future not in seen]:
        # A timeout, so that Ctrl-C is noticed everywhere, and what was cancelled: that ends
        # no waiting.
        wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in waiting:
            if future.done():
                seen.add(future)
                yield future


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except CancelledError:
        return Failed("failed", "it was stopped")
    except Exception as error:
        return Failed("failed", fault(error), traceback.format_exc())
