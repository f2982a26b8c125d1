"""Tasks on a cluster: a scheduler and workers on this machine, started and killed here."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from processes import LONG, Dask, alive, until
from tiny_clips import TINY

from pipeline import produce
from pipeline.cluster import Cluster, ClusterError
from pipeline.cluster_facts import PACKAGES, ROOT, sources
from pipeline.cluster_parcels import lay_out, pack, receive
from pipeline.jobs import Job
from pipeline.tasks import Draw, Drawn, Failed, Report, Result, Walk, Walked

pytest.importorskip("distributed", reason="Dask is not installed (extra `cluster`)")


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What workers do here, importable by its file's name alone."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import cluster_actions

    return cluster_actions


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a scheduler is."""
    dask = Dask(tmp_path_factory.mktemp("scheduler"))
    try:
        yield dask.scheduler()
    finally:
        dask.kill()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """Starts workers, which are gone after the test."""
    (tmp_path / "dask").mkdir()
    dask = Dask(tmp_path / "dask")
    try:
        yield dask
    finally:
        dask.kill()


@pytest.fixture
def joined() -> Iterator[Callable[..., Cluster]]:
    """Joins a cluster, waits for so many workers, leaves at the end."""
    clusters: list[Cluster] = []

    def join(address: str, slots: int, action: Any, **more: Any) -> Cluster:
        clusters.append(Cluster(address, action=action, gathering=LONG, **more))
        until(lambda: clusters[-1].slots == slots, f"there are {slots} workers")
        return clusters[-1]

    yield join
    for cluster in clusters:
        cluster.close()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job whose first parameter names a folder for notes."""
    (tmp_path / "notes").mkdir()
    return job_of(tmp_path)


def job_of(tmp_path: Path, *given: tuple[str, str]) -> Job:
    return Job(TINY, "en", "low", (("notes", str(tmp_path / "notes")), *given))


def silent(report: Report) -> None:
    """For tests that do not look at reports."""


def copy_of_ours(folder: Path) -> Path:
    """A copy of all our sources."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    return folder


def test_files_come_back_whole_reports_on_the_way(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        dask.worker(address, name)
    cluster = joined(address, 2, actions.draw)
    tasks = [Draw(job, first, first + 4) for first in (0, 10, 20)]
    reports: dict[int, list[Report]] = {task.first: [] for task in tasks}
    futures = [
        cluster.submit(task, tmp_path / f"out-{task.first}", reports[task.first].append)
        for task in tasks
    ]
    for task, future in zip(tasks, futures, strict=True):
        out = tmp_path / f"out-{task.first}"
        file = out / "parts" / "part.mp4"
        assert future.result(LONG) == Drawn(file, (1, 1, 1, 1), 0.5, 1000)
        assert file.read_bytes() == actions.part(task)
        assert [p for p in out.rglob("*") if p.is_file()] == [file]
        told = reports[task.first]
        assert told[0] == Report(0, f"section {task.first}")
        assert [r.frames for r in told] == sorted({r.frames for r in told})
    # Each worker had one at a time, and both had something to do.
    assert len({worker for _, worker, _ in actions.notes(tmp_path / "notes")}) == 2


def test_a_worker_killed_in_mid_job_loses_nothing(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        dask.worker(address, name)
    cluster = joined(address, 2, actions.draw)
    begun = threading.Event()
    task, out = Draw(job, 0, 20), tmp_path / "out"
    future = cluster.submit(task, out, lambda report: begun.set())
    assert begun.wait(LONG)
    [(process, worker, _)] = actions.notes(tmp_path / "notes")
    dask.kill(worker)
    result = future.result(LONG)
    assert isinstance(result, Drawn)
    assert result.file.read_bytes() == actions.part(task)
    (_, first, _), (_, second, _) = actions.notes(tmp_path / "notes")
    assert first != second
    until(lambda: not alive(process), "the killed worker's task has ended")
    assert not list(dask.folder.rglob("unfinished"))


def test_a_task_whose_process_is_killed_is_tried_once_more(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.dying_once)
    result = cluster.submit(Draw(job, 0, 1), tmp_path / "out", silent).result(LONG)
    assert isinstance(result, Drawn)
    assert len(actions.notes(tmp_path / "notes")) == 2


def test_a_task_at_which_two_die_fails_in_one_sentence(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.dying)
    result = cluster.submit(Draw(job, 0, 1), tmp_path / "out", silent).result(LONG)
    assert isinstance(result, Failed)
    assert result.ending == "failed"
    assert "2 workers ended" in result.message
    assert "\n" not in result.message
    assert len(actions.notes(tmp_path / "notes")) == 2


def test_a_fault_is_told_in_one_line(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.raising)
    result = cluster.submit(Walk(job), tmp_path / "out", silent).result(LONG)
    assert isinstance(result, Failed)
    assert (result.ending, result.message) == ("failed", "RuntimeError: two lines")
    assert "in raising" in result.details


def test_a_worker_with_other_sources_is_left_out_by_name(
    address: str,
    dask: Dask,
    joined: Any,
    actions: Any,
    job: Job,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    other = copy_of_ours(tmp_path / "other")
    with (other / "scenes" / "kit" / "theme.py").open("a") as file:
        file.write("\n")
    theirs = dask.worker(address, "other", root=other)
    with pytest.raises(ClusterError) as refused:
        Cluster(address, action=actions.draw, gathering=LONG)
    assert "other at tcp://127.0.0.1:" in str(refused.value)
    assert f"sources {sources(other)} there, {sources()} here" in str(refused.value)
    assert "\n" not in str(refused.value)
    ours = dask.worker(address, "same")
    until(lambda: slots_at(address) == 1, "the good worker is there")
    cluster = joined(address, 1, actions.draw)
    line = capfd.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("The worker other at tcp://127.0.0.1:")
    tasks = [Draw(job, n, n + 1) for n in range(3)]
    futures = [cluster.submit(t, tmp_path / f"out-{t.first}", silent) for t in tasks]
    assert all(isinstance(future.result(LONG), Drawn) for future in futures)
    assert {worker for _, worker, _ in actions.notes(tmp_path / "notes")} == {ours}
    assert theirs != ours


def slots_at(address: str) -> int:
    """How many workers there are for us."""
    try:
        cluster = Cluster(address)
    except ClusterError:
        return 0
    cluster.close()
    return cluster.slots


def test_workers_that_come_later_are_asked_too(
    address: str,
    dask: Dask,
    joined: Any,
    actions: Any,
    job: Job,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    dask.worker(address, "first")
    cluster = joined(address, 1, actions.draw)
    other = copy_of_ours(tmp_path / "other")
    (other / "nncore" / "data" / "more.npz").write_bytes(b"")
    dask.worker(address, "later-other", root=other)
    told = ""
    deadline = time.monotonic() + LONG
    while "later-other" not in told and time.monotonic() < deadline:
        time.sleep(0.1)
        told += capfd.readouterr().err
    assert "The worker later-other at tcp://" in told
    assert cluster.slots == 1
    dask.worker(address, "later-same")
    until(lambda: cluster.slots == 2, "the second good worker is used")


def test_a_worker_whose_sources_change_gets_no_more_tasks(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    copied = copy_of_ours(tmp_path / "copied")
    stale = dask.worker(address, "stale", root=copied)
    cluster = joined(address, 1, actions.draw)
    assert isinstance(cluster.submit(Draw(job, 0, 1), tmp_path / "a", silent).result(LONG), Drawn)
    with (copied / "nncore" / "errors.py").open("a") as file:
        file.write("\n")
    later = cluster.submit(Draw(job, 1, 2), tmp_path / "b", silent)
    until(lambda: cluster.slots == 0, "the changed worker is left out")
    assert not later.done()
    fresh = dask.worker(address, "fresh")
    assert isinstance(later.result(LONG), Drawn)
    assert [worker for _, worker, _ in actions.notes(tmp_path / "notes")] == [stale, fresh]


def test_closing_stops_what_runs_and_what_waits(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.draw)
    begun = threading.Event()
    running = cluster.submit(Draw(job, 0, 600), tmp_path / "a", lambda report: begun.set())
    waiting = cluster.submit(Draw(job, 0, 600), tmp_path / "b", silent)
    assert begun.wait(LONG)
    cluster.close()
    assert running.cancelled()
    assert waiting.cancelled()
    assert "cluster" not in {thread.name for thread in threading.enumerate()}
    [(process, _, _)] = actions.notes(tmp_path / "notes")
    until(lambda: not alive(process), "the worker has stopped the task")
    until(lambda: not list(dask.folder.rglob("unfinished")), "its files are gone")
    # The worker is as good as before.
    again = joined(address, 1, actions.draw)
    assert isinstance(again.submit(Draw(job, 0, 1), tmp_path / "c", silent).result(LONG), Drawn)


def test_a_worker_of_several_threads_does_one_task_at_a_time(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    dask.worker(address, "one", threads=4)
    clusters = [joined(address, 1, actions.draw) for _ in range(2)]
    futures = [
        cluster.submit(Draw(job, n, n + 4), tmp_path / f"{index}-{n}", silent)
        for index, cluster in enumerate(clusters)
        for n in range(2)
    ]
    assert all(isinstance(future.result(LONG), Drawn) for future in futures)
    began = [when for _, _, when in actions.notes(tmp_path / "notes")]
    took = 4 * actions.STEP * 1e9
    assert len(began) == 4
    assert all(later - earlier >= took for earlier, later in itertools.pairwise(began))


def test_a_scheduler_that_ends_fails_what_is_under_way(
    dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    address = dask.scheduler()
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.draw)
    begun = threading.Event()
    running = cluster.submit(Draw(job, 0, 600), tmp_path / "a", lambda report: begun.set())
    assert begun.wait(LONG)
    dask.kill(dask.started[0].pid)
    result = running.result(LONG)
    assert result == Failed("failed", f"The connection to the scheduler at {address} was lost.")
    assert cluster.submit(Walk(job), tmp_path / "b", silent).result(LONG) == result


def test_the_users_picture_goes_along(
    address: str,
    dask: Dask,
    joined: Any,
    actions: Any,
    job: Job,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.reading)
    (tmp_path / "mine" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "mine")
    Path("photos/seven.png").write_text("a seven", encoding="utf-8")
    for name in ("photos/seven.png", "./photos/seven.png", str(Path("photos/seven.png").resolve())):
        task = Walk(job_of(tmp_path, ("digit", name)))
        result = cluster.submit(task, tmp_path / "out", silent).result(LONG)
        assert result == Walked((), (), {"content": "a seven"}, "")
    missing = cluster.submit(Walk(job_of(tmp_path, ("digit", "eight.png"))), tmp_path, silent)
    assert isinstance(missing.result(LONG), Failed)


def test_a_picture_that_the_worker_does_not_have_is_named(tmp_path: Path) -> None:
    elsewhere = tmp_path / "seven.png"
    told = lay_out(((str(elsewhere), b"a seven"),), tmp_path / "here")
    assert str(elsewhere) in told
    elsewhere.write_bytes(b"another seven")
    assert lay_out(((str(elsewhere), b"a seven"),), tmp_path / "there")
    assert lay_out((("../seven.png", b"a seven"),), tmp_path / "nowhere")
    assert elsewhere.read_bytes() == b"another seven"


def test_where_no_scheduler_is_a_sentence_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"No Dask scheduler answers at {address}"):
            Cluster(address, connecting=1.0)
    with pytest.raises(ClusterError, match=f"No Dask scheduler answers at {address}"):
        Cluster(address, connecting=1.0)
    assert "cluster" not in {thread.name for thread in threading.enumerate()}


def test_a_scheduler_without_workers_is_said_to_have_none(address: str) -> None:
    until(lambda: _says(address, "has no worker"), "the last test's workers are gone")


def _says(address: str, words: str) -> bool:
    with pytest.raises(ClusterError) as refused:
        Cluster(address, gathering=0.5)
    return words in str(refused.value) and "\n" not in str(refused.value)


def test_a_folder_of_pictures_comes_as_it_was(tmp_path: Path, actions: Any, job: Job) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    result = receive(pack(actions.pictures(Draw(job, 0, 1), there, silent), there), here)
    assert isinstance(result, Drawn)
    assert result.file == here / "pictures.png"
    found = {
        p.relative_to(here).as_posix(): p.read_bytes() for p in here.rglob("*.png") if p.is_file()
    }
    assert found == {
        "pictures.png/00000.png": b"00000.png",
        "pictures.png/deeper/00001.png": b"deeper/00001.png",
    }


def test_a_scratch_folder_that_cannot_be_written_fails_the_task(
    address: str, dask: Dask, joined: Any, actions: Any, job: Job, tmp_path: Path
) -> None:
    dask.worker(address, "one")
    cluster = joined(address, 1, actions.draw)
    (tmp_path / "taken").write_text("a file")
    future: Future[Result] = cluster.submit(Draw(job, 0, 1), tmp_path / "taken" / "out", silent)
    result = future.result(LONG)
    assert isinstance(result, Failed)
    assert str(tmp_path / "taken" / "out") in result.message


GIVEN = {"whole": "0.5"}


def render(out: Path, **more: Any) -> bytes:
    (made,) = produce.render_clips(
        [TINY], given=GIVEN, lang="en", quality="low", out=out, quiet=True, **more
    )
    assert made.ending == "rendered", made.message
    return (out / "tiny.mp4").read_bytes()


def test_a_cluster_makes_the_same_bytes_though_a_worker_dies(
    address: str,
    dask: Any,
    tmp_path: Path,
) -> None:
    here = render(tmp_path / "here")
    first, _ = (dask.worker(address, name) for name in ("first", "second"))

    def join(_: Path) -> Cluster:
        cluster = Cluster(address, gathering=LONG)
        until(lambda: cluster.slots == 2, "both workers are there")
        return cluster

    assert render(tmp_path / "there", start=join) == here

    def dying(folder: Path) -> Cluster:
        cluster = join(folder)
        submit = cluster.submit

        def watched(task: Any, scratch: Path, report: Any) -> Any:
            def told(progress: Any) -> None:
                report(progress)
                if not killed.is_set():
                    killed.set()
                    os.kill(first, signal.SIGKILL)

            return submit(task, scratch, told)

        cluster.submit = watched  # type: ignore[method-assign]
        return cluster

    killed = threading.Event()
    assert render(tmp_path / "again", start=dying) == here
    until(lambda: killed.is_set() or time.sleep(0.1), "a worker was killed")
