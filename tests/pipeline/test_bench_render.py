"""The bench of rendering: its small sums, its runs of processes, its measure of likeness."""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from hypothesis import given
from hypothesis import strategies as st

from bench import render, render_quality, render_runs, render_table
from bench.render_pieces import per_frame
from bench.render_runs import Usage
from bench.render_table import BenchError
from scenes.catalogue import find
from scenes.kit.params import parse


@given(runs=st.lists(st.integers(0, 90), max_size=20), every=st.integers(1, 50))
def test_frames_that_are_due_are_the_multiples_each_once(runs: list[int], every: int) -> None:
    start, taken = 0, []
    for count in runs:
        taken += list(render_quality.due(start, count, every))
        start += count
    assert taken == [number for number in range(sum(runs)) if number % every == 0]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.034, "0.03 s"), (9.5, "9.50 s"), (12.34, "12.3 s"), (99.94, "99.9 s"), (612.4, "612 s")],
)
def test_clock_has_about_three_digits(value: float, text: str) -> None:
    assert render_table.clock(value) == text


def test_sizes_are_decimal_and_memory_is_binary() -> None:
    assert render_table.size(2_340_000) == "2.3 MB"
    assert render_table.size(870_400) == "870 kB"
    assert render_table.memory(3 * 2**29) == "1536 MiB"


def test_times_are_theirs_over_ours_and_a_bar_belongs_to_those_that_reach_it() -> None:
    assert render_table.times(30.0, 12.0) == "2.5 × as fast"
    assert render_table.times(30.0, 10.0, 3.0) == "3.0 × as fast ✓ (≥ 3)"
    assert render_table.times(29.0, 10.0, 3.0) == "2.9 × as fast ✗ (≥ 3)"
    assert render_table.at_most(2.0, 2, " s") == "✓ (≤ 2 s)"
    assert render_table.at_most(1.26, 1.25, "") == "✗ (≤ 1.25)"


def test_what_is_not_done_is_taken_to_cost_as_much_a_frame() -> None:
    assert render_table.share_done(60.0, 150, 600) == 240.0
    with pytest.raises(BenchError, match="No frame"):
        render_table.share_done(60.0, 0, 600)


def test_milliseconds_a_frame_leave_the_first_frame_out() -> None:
    assert per_frame([0.0, 5.0, 5.25, 5.5, 5.75]) == 250.0


def test_a_table_has_as_many_cells_in_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    table = render_table.Table("a machine")
    table.add(render_table.Row("what", "1 s", "2 s", "worse"))
    table.add(render_table.Row("else", "", "3 s"))
    assert len(capsys.readouterr().out.splitlines()) == 2
    text = table.markdown()
    assert text.startswith("Measured in one run: a machine.\n\n")
    assert {line.count("|") for line in text.splitlines()[2:]} == {5}


def test_runs_after_each_other_add_up_but_for_the_largest_process() -> None:
    both = Usage(1.0, 2.0, 300) + Usage(4.0, 8.0, 200, whole=False)
    assert both == Usage(5.0, 10.0, 300, whole=False)


def test_a_run_counts_the_processes_that_it_starts() -> None:
    child = "x = bytearray(b'1') * 150_000_000"
    usage = render_runs.run(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])",
        ]
    )
    assert usage.whole and usage.memory > 150_000_000
    assert usage.cpu > 0 and usage.wall > 0


def test_a_run_that_fails_says_its_last_words() -> None:
    with pytest.raises(BenchError, match=r"ended with 3: no luck$"):
        render_runs.run([sys.executable, "-c", "import sys; print('no luck'); sys.exit(3)"])


def test_a_run_is_stopped_at_its_limit_with_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    script = 'while :; do touch "$1"; sleep 0.02; done & wait'
    usage = render_runs.run(["sh", "-c", script, "sh", str(mark)], limit=1.0)
    assert not usage.whole
    assert mark.exists()
    mark.unlink()
    time.sleep(0.2)
    assert not mark.exists()


def _video(path: Path, frames: list[np.ndarray], matrix: Colorspace) -> render_quality.Video:
    """Frames as they are, but for YUV by `matrix`, all colours kept (4:4:4)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", 25, {"crf": "1", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = (
            frames[0].shape[1],
            frames[0].shape[0],
            "yuv444p",
        )
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame = frame.reformat(format="yuv444p", dst_colorspace=matrix)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return render_quality.Video(path, matrix)


def _pictures(count: int) -> list[np.ndarray]:
    """Blocks of random colours, each 8 pixels a side."""
    random = np.random.default_rng(4)
    small = random.integers(0, 256, (count, 8, 12, 3), dtype=np.uint8)
    return list(small.repeat(8, axis=1).repeat(8, axis=2))


@pytest.mark.parametrize(
    ("matrix", "red", "blue"),
    [(Colorspace.ITU601, 0.299, 0.114), (Colorspace.ITU709, 0.2126, 0.0722)],
)
def test_colours_come_back_by_the_matrix_that_made_them(
    matrix: Colorspace, red: float, blue: float
) -> None:
    colour = np.array([61, 214, 181])
    luma = np.dot([red, 1 - red - blue, blue], colour)
    planes = [
        16 + 219 * luma / 255,
        128 + 112 * (colour[2] - luma) / (1 - blue) / 255,
        128 + 112 * (colour[0] - luma) / (1 - red) / 255,
    ]
    pixels = np.repeat(np.rint(planes), 64 * 64).reshape(3, 64, 64).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, "yuv444p")
    found = render_quality.as_rgb(frame, matrix).to_ndarray(format="rgb24")
    assert np.abs(found.astype(int) - colour).max() <= 2


@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
def test_a_video_is_like_its_own_frames_and_unlike_others(
    tmp_path: Path, matrix: Colorspace
) -> None:
    frames = _pictures(5)
    judge = render_quality._Judge(_video(tmp_path / "a.mp4", frames, matrix))
    for number in (0, 3):
        alpha = np.full((*frames[0].shape[:2], 1), 255, np.uint8)
        judge.judge(number, np.concatenate([frames[number], alpha], axis=2))
    judge.judge(4, frames[0])
    judge.close()
    assert min(judge.found[:2]) > 0.98
    assert judge.found[2] < 0.5


def test_a_video_too_short_is_told(tmp_path: Path) -> None:
    frames = _pictures(3)
    judge = render_quality._Judge(_video(tmp_path / "a.mp4", frames, Colorspace.ITU709))
    with pytest.raises(BenchError, match="no frame 3"):
        judge.judge(3, frames[0])
    judge.close()


def test_frames_are_counted_without_decoding(tmp_path: Path) -> None:
    video = _video(tmp_path / "a.mp4", _pictures(7), Colorspace.ITU709)
    assert render_runs.frames(video.path) == 7


def test_the_changed_parameter_is_the_clips_own() -> None:
    slug, change = render.CHANGED
    name, _, value = change.partition("=")
    kind = find(slug).load().Params
    assert parse(kind, {name: value}) != kind()


def test_parts_that_are_none_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        render.main(["--only", "a,x"])
    assert ended.value.code == 2
    assert "--only takes of a, b, c, d, e" in capsys.readouterr().err
