"""What is told of the work on its way, where there is no terminal; and the table at its end."""

from __future__ import annotations

import pytest

from pipeline import progress
from pipeline.jobs import Job
from pipeline.outcome import Made, human
from pipeline.progress import Lines, Quiet, shown
from scenes.catalogue import ClipRef

ONE, TWO = (Job(ClipRef(slug, "a_chapter", slug), "en", "low") for slug in ("predictor", "xor"))


def test_the_time_left_is_told_once_it_can_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 1000.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    lines = Lines()
    now += 50  # until all frames are counted: no part of the drawing
    lines.expect(ONE, 400, "")
    lines.expect(TWO, 600, "changed: xor.py")
    now += 10
    lines.reached(ONE, 1, "begin")
    now += 1
    lines.reached(ONE, 300, "soon again")
    now += 9
    lines.reached(TWO, 100, "train")
    told = capsys.readouterr().err.splitlines()
    # 400 frames in 20 seconds, so the other 600 take 30.
    assert told == [
        "predictor: 400 frames to draw",
        "xor: 600 frames to draw (changed: xor.py)",
        "1 of 1000 frames; predictor: begin",
        "400 of 1000 frames, about 30 s left; xor: train",
    ]


def test_the_table_has_a_row_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    made = [
        Made(ONE, "cached", size=1_500),
        Made(TWO, "rendered", seconds=12.34, size=2_000_000),
        Made(ONE, "failed", message="[why] it is"),
    ]
    Lines().summary(made)
    assert [line.split(maxsplit=5) for line in capsys.readouterr().err.splitlines()] == [
        ["clip", "language", "seconds", "size"],
        ["predictor", "en", "1.5", "kB", "cached"],
        ["xor", "en", "12.3", "2.0", "MB", "rendered"],
        ["predictor", "en", "failed:", "[why]", "it", "is"],
    ]


def test_without_a_terminal_there_are_lines_or_nothing() -> None:
    with shown() as lines, shown(quiet=True) as nothing:
        assert isinstance(lines, Lines)
        assert type(nothing) is Quiet


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_345_678, "2.3 MB"), (7.1e12, "7100.0 GB")],
)
def test_sizes_as_people_read_them(size: float, text: str) -> None:
    assert human(size) == text
