"""What the tasks of one clip give: a file that plays, subtitles, a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
import srt
from tiny_clips import TINY

from pipeline import worker
from pipeline.jobs import Job
from pipeline.tasks import Draw, Failed, Walk, attempt
from scenes.catalogue import ClipRef
from scenes.kit import theme
from scenes.kit.captions import texts


def test_the_walk_counts_the_frames_that_are_drawn(rendered: Any) -> None:
    counts = tuple(frames for _, frames in rendered.walked.sections)
    assert rendered.drawn.frames == counts
    with av.open(str(rendered.file)) as container:
        assert sum(1 for p in container.demux(video=0) if p.size) == sum(counts)


def test_each_section_begins_with_a_key_frame(rendered: Any) -> None:
    with av.open(str(rendered.file)) as container:
        keys = [k for k, p in enumerate(p for p in container.demux(video=0) if p.size)
                if p.is_keyframe]  # fmt: skip
    assert {0, rendered.drawn.frames[0]} <= set(keys)


def test_colours_are_the_themes(rendered: Any) -> None:
    with av.open(str(rendered.file)) as container:
        frames = list(container.decode(video=0))
    image = frames[len(frames) // 2].reformat(format="rgb24", src_colorspace=1).to_ndarray()
    assert image[240, 427] / 255 == pytest.approx(theme.channels(theme.OUTPUT), abs=0.015)


def test_subtitles_are_the_captions(rendered: Any) -> None:
    (subtitle,) = srt.parse(rendered.walked.subtitles)
    assert subtitle.content == texts(TINY.path.with_suffix(".toml"), "en")["captions.colour"]
    assert 0 < subtitle.start.total_seconds() < subtitle.end.total_seconds()
    assert subtitle.end.total_seconds() <= rendered.walked.record["seconds"] + 1e-3


def test_the_record_says_what_was_made(rendered: Any) -> None:
    record = rendered.walked.record
    assert record["parameters"] == {"whole": 0.5}
    assert (record["clip"], record["language"], record["quality"]) == ("tiny", "en", "low")
    assert record["numbers"] == [
        {"section": "number", "name": "half", "value": 0.25, "text": "0.250"}
    ]
    assert record["seconds"] == pytest.approx(record["frames"] / 15, abs=1e-3)


def test_sections_cover_the_video_without_a_gap(rendered: Any) -> None:
    record = rendered.walked.record
    first, second = record["sections"]
    assert [first["name"], second["name"]] == ["colour", "number"]
    assert (first["start"], first["first_frame"]) == (0, 0)
    assert first["end"] == second["start"]
    assert second["first_frame"] == first["frames"]
    assert second["end"] == pytest.approx(record["seconds"], abs=1e-3)


def test_reports_only_grow(rendered: Any) -> None:
    frames = [report.frames for report in rendered.reports]
    assert frames == sorted(frames)
    assert {report.section for report in rendered.reports} <= {"colour", "number"}


def test_the_same_input_gives_the_same_bits(rendered: Any, rendered_again: Any) -> None:
    assert rendered.file.read_bytes() == rendered_again.file.read_bytes()
    assert rendered.walked == rendered_again.walked


def test_a_mistake_of_the_users_is_told_as_such(tmp_path: Path) -> None:
    job = Job(TINY, "en", "low", (("whole", "far"),))
    for task in (Walk(job), Draw(job, 0, 1)):
        result = attempt(task, tmp_path, lambda _: None)
        assert isinstance(result, Failed)
        assert result.ending == "input"
        assert "whole" in result.message
        assert "\n" not in result.message


def test_a_fault_is_told_in_one_line_with_its_place(broken: ClipRef, tmp_path: Path) -> None:
    result = attempt(Walk(Job(broken, "en", "low")), tmp_path, lambda _: None)
    assert isinstance(result, Failed)
    assert result.ending == "failed"
    assert result.message.startswith("NotImplementedError: ")
    assert "scenes/kit/clip.py:" in result.message
    assert "Traceback" in result.details


def test_a_full_disk_is_called_so() -> None:
    assert worker.fault(OSError(28, "No space left on device")) == "the disk is full"
