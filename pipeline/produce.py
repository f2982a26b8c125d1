"""Rendering clips into a folder: what changed is drawn, checked whole, and put in place."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pipeline import formats, keys, lengths, manifest
from pipeline.engine import Engine, Order
from pipeline.files import OutputError, output_folder, scratch_folder, sweep
from pipeline.jobs import DEFAULT_LOOK, Job, share_out
from pipeline.outcome import Made
from pipeline.pool import Pool
from pipeline.progress import Progress, shown
from pipeline.publish import locked, mend_subtitles, subtitles_of
from pipeline.settings import DEFAULT_FORMAT
from pipeline.tasks import Executor
from scenes.catalogue import ClipRef
from scenes.kit.theme import Look

Start = Callable[[Path], Executor]
"""Makes an executor that may use a folder."""


def render_clips(
    clips: Sequence[ClipRef],
    *,
    given: Mapping[str, str],
    lang: str,
    quality: str,
    out: Path,
    format: str = DEFAULT_FORMAT,
    transparent: bool = False,
    look: Look = DEFAULT_LOOK,
    force: bool = False,
    quiet: bool = False,
    start: Start = Pool,
) -> list[Made]:
    """Render clips into `out`: for each a file (a folder of frames for png), its manifest
    and subtitles; in the clips' order.

    What is there, whole and unchanged, is not rendered again unless `force` says so. A clip that
    fails stops no other and leaves nothing. Raises NNError for what is wrong before any work
    begins: parameters, format, the folder.
    """
    formats.choose(format, transparent)
    shares = share_out(clips, given)
    jobs = [
        Job(clip, lang, quality, _sorted(shares[clip.slug]), format, transparent, look)
        for clip in clips
    ]
    with stoppable(), output_folder(out) as folder, shown(quiet=quiet) as progress:
        sweep(folder)
        orders = [_order(job, folder) for job in jobs]
        fresh = {} if force else _fresh(orders, folder)
        for one in fresh.values():
            progress.ended(one)
        stale = [order for order in orders if order.job not in fresh]
        made = {**fresh, **(_render(stale, folder, progress, start) if stale else {})}
        lengths.learn(lang, dict(_lengths([order for order in orders if made[order.job].done])))
        if len(jobs) > 1 or made[jobs[0]].ending != "input":  # that is one sentence
            progress.summary([made[job] for job in jobs])
    return [made[job] for job in jobs]


def _lengths(orders: Sequence[Order]) -> Iterator[tuple[ClipRef, float]]:
    """How long clips are that were made as they are by default."""
    for order in orders:
        record = manifest.read(order.target) or {}
        if not order.job.given and order.job.look == DEFAULT_LOOK and "seconds" in record:
            yield order.job.clip, float(record["seconds"])


def _sorted(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(given.items()))


def target_of(job: Job, folder: Path) -> Path:
    """The file (for png the folder) that a job makes."""
    fmt = formats.choose(job.format, job.transparent)
    return folder / f"{job.name}{fmt.suffix}"


def _order(job: Job, folder: Path) -> Order:
    target = target_of(job, folder)
    wrong = [path for path in (manifest.path_of(target), subtitles_of(target)) if path.is_dir()]
    if target.exists() and target.is_dir() != (job.format == "png"):
        wrong.append(target)
    if wrong:
        kind = "folder" if wrong[0].is_dir() else "file"
        raise OutputError(f"{wrong[0]} is a {kind}: choose another output folder with -o.")
    return Order(job, target, keys.depends(job))


def _fresh(orders: Sequence[Order], folder: Path) -> dict[Job, Made]:
    """The clips that are there, whole and unchanged."""
    found = {}
    with scratch_folder(folder) as scratch:
        for order in orders:
            with locked(folder):  # or another run could put its own in place between two looks
                made = _kept(order, scratch)
            if made is not None:
                found[order.job] = made
    return found


def _kept(order: Order, scratch: Path) -> Made | None:
    record = manifest.read(order.target)
    if record is None or record.get("key") != order.key:
        return None
    if not manifest.whole(order.target, record):
        return None
    mend_subtitles(order.target, str(record.get("subtitles", "")), scratch)
    return Made(
        order.job,
        "cached",
        notes=tuple(record.get("notes", ())),
        files=order.files,
        size=int(record["size"]),
    )


def _render(
    orders: Sequence[Order], folder: Path, progress: Progress, start: Start
) -> dict[Job, Made]:
    with scratch_folder(folder) as scratch:
        executor = start(scratch)
        try:
            with closing(Engine(executor, scratch, progress)) as engine:
                return engine.run(orders)
        finally:
            executor.close()


@contextmanager
def stoppable() -> Iterator[None]:
    """Within, a request to terminate (SIGTERM) ends the work in order, as Ctrl-C does."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: the caller's affair
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
