"""Rendering into a folder: whole files or none, and no clip disturbs another."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from pipeline import produce
from pipeline.files import OutputError
from pipeline.jobs import Outcome
from pipeline.progress import Lines
from scenes.catalogue import CLIPS, ClipRef

SHORT = {"constants": "0.6", "max_steps": "1"}


def test_a_failing_clip_leaves_nothing_and_stops_no_other(broken: ClipRef, tmp_path: Path) -> None:
    out = tmp_path / "out"
    failed, done = produce.render_clips(
        [broken, CLIPS["predictor"]], given=SHORT, lang="zh", quality="low", out=out
    )
    assert failed.outcome.ending == "failed"
    assert "NotImplementedError" in failed.outcome.message
    assert "Traceback" in failed.outcome.details
    assert failed.files == ()
    names = ["predictor.srt", "predictor.json", "predictor.mp4"]
    assert done.outcome.ending == "done"
    assert done.files == tuple(out / name for name in names)
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    with av.open(str(out / "predictor.mp4")) as container:
        assert container.streams.video[0].height == 480


def test_after_failures_alone_not_even_the_folder_is_left(broken: ClipRef, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    made = produce.render_clips([broken], given={}, lang="en", quality="low", out=out)
    assert [m.outcome.ending for m in made] == ["failed"]
    assert list(tmp_path.iterdir()) == []


class Killing(Lines):
    """Kills the worker as soon as it has begun to draw."""

    def began(self, slug: str, seconds: float) -> None:
        """As a lack of memory would."""
        (worker,) = [p for p in multiprocessing.active_children() if p.name == slug]
        worker.kill()


def test_a_worker_that_dies_is_a_failure_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def killing(_: object) -> Iterator[Killing]:
        yield Killing()

    monkeypatch.setattr(produce, "shown", killing)
    (made,) = produce.render_clips(
        [CLIPS["predictor"]], given={}, lang="en", quality="low", out=tmp_path / "out"
    )
    assert made.outcome == Outcome(
        "predictor", "failed", "its process ended without a word (code -9)"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_a_files_place_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "predictor.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        produce.render_clips([CLIPS["predictor"]], given={}, lang="en", quality="low", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["predictor.mp4"]
