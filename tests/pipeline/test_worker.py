"""What one rendering leaves: a video that plays, subtitles, a record."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
import srt

from pipeline import worker
from pipeline.settings import QUALITIES
from scenes.kit import theme
from scenes.kit.captions import texts

LOW = QUALITIES["low"]


def record_of(rendered: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rendered.job.file(".json").read_text(encoding="utf-8"))
    return found


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_the_video_has_the_size_and_rate_of_its_quality(rendered: Any) -> None:
    with av.open(str(rendered.job.file(".mp4"))) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (854, 480, 15)
        assert stream.codec_context.name == "h264"
        assert stream.pix_fmt == "yuv420p"


def test_frames_follow_each_other_evenly(rendered: Any) -> None:
    frames = frames_of(rendered.job.file(".mp4"))
    assert len(frames) == record_of(rendered)["frames"]
    times = [Fraction(frame.pts or 0) * Fraction(frame.time_base or 0) for frame in frames]
    assert times == [Fraction(index, 15) for index in range(len(frames))]


def test_colours_are_the_themes_by_the_matrix_the_file_names(rendered: Any) -> None:
    frames = frames_of(rendered.job.file(".mp4"))
    middle = frames[len(frames) // 2]
    bt709 = 1
    assert middle.colorspace == bt709
    assert middle.color_range == 1  # limited
    y, u, v = (plane_value(middle, plane) for plane in range(3))
    # BT.709, limited range, written out.
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    r, b = luma + 2 * (1 - 0.2126) * red, luma + 2 * (1 - 0.0722) * blue
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    assert (r, g, b) == pytest.approx(theme.channels(theme.OUTPUT), abs=0.015)


def plane_value(frame: av.VideoFrame, index: int) -> int:
    """The sample in the middle of a plane."""
    plane = frame.planes[index]
    return bytes(plane)[plane.height // 2 * plane.line_size + plane.width // 2]


def test_subtitles_are_the_captions(rendered: Any) -> None:
    subtitles = list(srt.parse(rendered.job.file(".srt").read_text(encoding="utf-8")))
    assert [s.content for s in subtitles] == [texts("en")["predictor.captions.box"]]
    assert 0 < subtitles[0].start.total_seconds() < subtitles[0].end.total_seconds()
    assert subtitles[0].end.total_seconds() <= record_of(rendered)["seconds"] + 1e-3


def test_the_record_says_what_was_made(rendered: Any) -> None:
    record = record_of(rendered)
    assert record["parameters"] == {"whole": 0.5}
    assert (record["clip"], record["language"], record["quality"]) == ("predictor", "en", "low")
    assert record["numbers"] == [
        {"section": "number", "name": "half", "value": 0.25, "text": "0.250"}
    ]
    assert record["seconds"] == pytest.approx(record["frames"] / 15, abs=1e-3)


def test_sections_cover_the_video_without_a_gap(rendered: Any) -> None:
    record = record_of(rendered)
    sections = record["sections"]
    assert [s["name"] for s in sections] == ["colour", "number"]
    assert sections[0]["start"] == 0
    assert sections[0]["end"] == sections[1]["start"]
    assert sections[1]["end"] == pytest.approx(record["seconds"], abs=1e-3)
    for section in sections:
        assert section["end"] * 15 == pytest.approx(round(section["end"] * 15), abs=0.02)


def test_reports_give_the_length_first_and_then_only_grow(rendered: Any) -> None:
    first, *later = rendered.reports
    assert first[0] == "total"
    assert first[1] == pytest.approx(record_of(rendered)["seconds"], rel=0.1)
    times = [seconds for kind, seconds, _ in later if kind == "at"]
    assert times == sorted(times)
    assert times


def test_the_same_input_gives_the_same_bits(rendered: Any, rendered_again: Any) -> None:
    for suffix in (".mp4", ".srt", ".json"):
        first, second = rendered.job.file(suffix), rendered_again.job.file(suffix)
        assert first.read_bytes() == second.read_bytes(), suffix


def test_a_video_cut_short_is_refused(rendered: Any, tmp_path: Path) -> None:
    whole = rendered.job.file(".mp4")
    frames = record_of(rendered)["frames"]
    worker.check_video(whole, LOW, frames)
    short = tmp_path / "short.mp4"
    short.write_bytes(whole.read_bytes()[:-2000])
    with pytest.raises((RuntimeError, av.FFmpegError)):
        worker.check_video(short, LOW, frames)


def test_a_video_of_other_size_or_length_is_refused(rendered: Any) -> None:
    whole, frames = rendered.job.file(".mp4"), record_of(rendered)["frames"]
    with pytest.raises(RuntimeError, match="frames"):
        worker.check_video(whole, LOW, frames + 1)
    with pytest.raises(RuntimeError, match="not Quality"):
        worker.check_video(whole, QUALITIES["medium"], frames)


def test_a_fault_is_told_in_one_line_with_its_place() -> None:
    try:
        worker.check_video(Path("/nowhere/clip.mp4"), LOW, 1)
    except OSError as error:
        told = worker.fault(error)
    assert "\n" not in told
    assert told.startswith("FileNotFoundError: ")
    assert "pipeline/worker.py:" in told
