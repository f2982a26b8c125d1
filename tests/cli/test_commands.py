"""What each command prints and writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
import srt
from PIL import Image
from tiny_clips import TINY

from pipeline import stillness
from scenes.catalogue import chapters, clips

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("manim", "numpy", "pydantic", "rich", "PIL")
WITHOUT = """
import runpy, sys
sys.argv = ["render.py", *sys.argv[1:]]
try:
    runpy.run_path("render.py", run_name="__main__")
except SystemExit as end:
    print("loaded:", [name for name in {heavy!r} if name in sys.modules], end.code)
"""


@pytest.mark.parametrize("words", [["list", "--help"], ["--help"], ["render", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(heavy=HEAVY), *words],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ended.stdout.startswith("Usage: ")
    assert "loaded: [] 0" in ended.stdout


def test_list_does_not_import_manim() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(heavy=("manim", "pydantic")), "list"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "loaded: [] 0" in ended.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_list_names_every_clip(run: Any, lang: str) -> None:
    ended = run("list", "--json", "--lang", lang)
    rows = json.loads(ended.stdout)
    assert [row["slug"] for row in rows] == list(clips())
    assert rows[0]["title"] == {"en": "Adjusting the constant C", "zh": "调整常数 C"}[lang]
    for row in rows:
        assert list(row) == ["slug", "title", "chapter", "path", "seconds"]
        assert row["chapter"] in chapters()
        assert (ROOT / row["path"]).is_file()
    plain = run("list", "--lang", lang).stdout.splitlines()
    assert [line.split()[0] for line in plain] == list(clips())
    for line, row in zip(plain, rows, strict=True):
        assert row["title"] in line
        assert line.split()[1] == row["chapter"]
        assert line.endswith(row["path"])


def test_list_tells_lengths_of_what_was_rendered_as_it_is(
    run: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("NN_TIMINGS_FILE", str(tmp_path / "timings.json"))
    monkeypatch.setitem(clips(), "tiny", TINY)

    def told() -> tuple[Any, list[str]]:
        row = {row["slug"]: row for row in json.loads(run("list", "--json").stdout)}["tiny"]
        (line,) = [line for line in run("list").stdout.splitlines() if line.startswith("tiny ")]
        return row["seconds"], line.split()

    assert told()[0] is None
    assert "–" in told()[1]
    words = ["render", "tiny", "-q", "low", "-o", "out", "--quiet"]
    assert run(*words, "--set", "whole=2").exit_code == 0
    assert run(*words, "--theme", "light").exit_code == 0
    assert told()[0] is None  # neither is the clip as it is by itself
    assert run(*words).exit_code == 0
    record = json.loads((tmp_path / "out" / "tiny.mp4.json").read_text(encoding="utf-8"))
    seconds, line = told()
    assert seconds == record["seconds"]
    assert f"{seconds:.0f} s" in " ".join(line)


def test_params_tells_what_can_be_set(run: Any) -> None:
    rows = {row["name"]: row for row in json.loads(run("params", "predictor", "--json").stdout)}
    assert rows["constants"]["default"] == [0.5, 0.6, 0.7, 0.61]
    assert rows["miles"]["default"] == 62.137
    assert rows["max_steps"]["type"] == "integer"
    assert all(row["help"] for row in rows.values())
    table = run("params", "predictor").stdout
    assert all(name in table for name in rows)


def test_numbers_are_those_of_the_talk(run: Any) -> None:
    ended = run("numbers", "predictor", "--json")
    rows = json.loads(ended.stdout)
    assert all(list(row) == ["section", "name", "value", "text"] for row in rows)
    found = [row["value"] for row in rows if row["name"] == "error"]
    errors = list(dict.fromkeys(found))  # each as it first comes
    # 62.137 − 100·C for C = 0.5, 0.6, 0.7, 0.61.
    for k, constant in enumerate(("0.5", "0.6", "0.7", "0.61")):
        exact = Fraction("62.137") - 100 * Fraction(constant)
        assert errors[k] == pytest.approx(float(exact), rel=1e-12)
    table = run("numbers", "predictor").stdout
    assert "+12.137" in table and "−7.863" in table


def test_numbers_follow_a_learning_rate(run: Any) -> None:
    ended = run("numbers", "classifier", "--set", "learning_rate=0.3", "--json")
    assert ended.exit_code == 0, ended.stderr
    values = [row["value"] for row in json.loads(ended.stdout)]
    first = Fraction("0.25") + Fraction("0.3") * Fraction("0.35") / 3
    second = first + Fraction("0.3") * (Fraction("2.9") - first)
    assert (first, second) == (Fraction("0.285"), Fraction("1.0695"))
    places = [
        [i for i, value in enumerate(values) if value == pytest.approx(float(wanted), rel=1e-9)]
        for wanted in (first, second)
    ]
    assert places[0] and places[1]
    assert places[0][0] < places[1][-1]


def test_a_digit_chosen_by_itself_is_told(run: Any, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path / "none"))
    ended = run("numbers", "mnist-forward", "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.stderr.startswith("mnist-forward: the digit is drawn:")
    json.loads(ended.stdout)


def test_a_storyboard_and_its_frames(run: Any, tmp_path: Path) -> None:
    ended = run("storyboard", "predictor", "-q", "low", "--frames", "frames", "--lang", "zh")
    assert ended.exit_code == 0, ended.stderr
    board, *frames = map(Path, ended.stdout.splitlines())
    assert board == tmp_path / "media" / "storyboards" / "zh" / "predictor.png"
    sections = {row["section"]: None for row in json.loads(
        run("numbers", "predictor", "--json").stdout)}  # fmt: skip
    names = [path.stem.split("-", 2)[2] for path in frames]
    assert [name for name in names if name in sections] == list(sections)
    assert [path.stem.split("-")[1] for path in frames] == [
        f"{index:02d}" for index in range(1, len(frames) + 1)
    ]
    with Image.open(frames[0]) as frame, Image.open(board) as sheet:
        assert frame.size == (854, 480)
        assert sheet.width > 3 * 854
        assert sheet.height > -(-len(frames) // 3) * 480
    assert sorted(path.name for path in tmp_path.iterdir()) == ["frames", "media"]


def test_looks_have_sizes_and_names_of_their_own(
    run: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setitem(clips(), "tiny", TINY)
    for command, ending in (("render", ".mp4"), ("storyboard", ".png")):
        assert run(command, "tiny", "-q", "low", "-o", "out").exit_code == 0
        default = (tmp_path / "out" / f"tiny{ending}").read_bytes()
        ended = run(command, "tiny", "-q", "low", "-o", "out", "--theme", "light",
                    "--aspect", "4:3")  # fmt: skip
        assert ended.exit_code == 0, ended.stderr
        assert Path(ended.stdout.splitlines()[0]) == tmp_path / "out" / f"tiny-light-4x3{ending}"
        assert (tmp_path / "out" / f"tiny{ending}").read_bytes() == default
    record = json.loads((tmp_path / "out" / "tiny-light-4x3.mp4.json").read_text("utf-8"))
    assert (record["theme"], record["aspect"]) == ("light", "4:3")
    assert (record["width"], record["height"]) == (640, 480)
    with av.open(str(tmp_path / "out" / "tiny-light-4x3.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (640, 480)
    assert frame.to_ndarray(format="gray").mean() > 127  # a light ground


def test_numbers_are_the_same_in_every_look(run: Any) -> None:
    shown = [
        {(row["name"], row["value"]) for row in json.loads(run(
            "numbers", "by-hand", "--json", "--theme", theme, "--aspect", aspect).stdout)}
        for theme, aspect in (("dark", "16:9"), ("light", "9:16"))
    ]  # fmt: skip
    assert shown[0] == shown[1]


def test_a_chapter_stands_for_its_clips(run: Any, monkeypatch: Any) -> None:
    seen: list[str] = []

    def examine(found: Any) -> Any:
        seen.extend(clip.slug for clip in found)
        return iter(())

    monkeypatch.setattr(stillness, "examine", examine)
    assert run("doctor", "--clips", "errors_back").exit_code == 0
    assert seen == [slug for slug, clip in clips().items() if clip.chapter == "errors_back"]


def test_doctor_looks_at_clips(run: Any, monkeypatch: Any, refused: Any) -> None:
    monkeypatch.setitem(clips(), "tiny", TINY)
    monkeypatch.setattr(stillness, "MOST", 0.0)
    ended = run("doctor", "--clips", "tiny", "--json")
    rows = json.loads(ended.stdout)
    assert [(row["slug"], row["language"]) for row in rows] == [("tiny", "en"), ("tiny", "zh")]
    for row in rows:
        assert row["still_share"] == pytest.approx(row["still_seconds"] / row["seconds"], abs=1e-3)
        assert 0 < row["still_share"] < 1
        assert [caption["section"] for caption in row["captions"]] == ["colour"]
        assert all(caption["readable"] for caption in row["captions"])
        assert len(row["faults"]) == 1  # it is no film: it stands still now and then
    assert ended.exit_code == 1
    lines = run("doctor", "--clips", "tiny").stdout.splitlines()
    assert [line.split()[:2] for line in lines[::2]] == [["fault", "tiny"]] * 2
    refused(run("doctor", "tiny"), "--clips")
    refused(run("doctor", "--clips", "tiyn"), "Did you mean 'tiny'?")


def test_doctor_speaks_to_people_and_programs(run: Any) -> None:
    ended = run("doctor", "--json")
    rows = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert all(row["state"] in ("ok", "note", "missing") for row in rows)
    lines = run("doctor").stdout.splitlines()
    assert len(lines) == len(rows)


def test_doctor_fails_where_nothing_can_be_written(run: Any) -> None:
    assert run("doctor", "-o", "/proc/nowhere").exit_code == 1


def test_a_render_leaves_three_files_and_prints_them(start: Any, tmp_path: Path) -> None:
    ended = start(
        "render", "predictor", "-q", "low", "--set", "constants=0.6", "--set", "max_steps=1"
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    folder = tmp_path / "media" / "clips" / "en"
    paths = [Path(line) for line in ended.stdout.splitlines()]
    assert sorted(paths) == sorted(folder.iterdir())
    assert {path.suffix for path in paths} == {".mp4", ".srt", ".json"}
    record = json.loads((folder / "predictor.mp4.json").read_text(encoding="utf-8"))
    assert record["parameters"]["constants"] == [0.6]
    with av.open(str(folder / "predictor.mp4")) as container:
        frames = list(container.decode(video=0))
    assert (frames[0].width, frames[0].height) == (854, 480)
    assert len(frames) == record["frames"] == round(record["seconds"] * 15)
    subtitles = list(srt.parse((folder / "predictor.srt").read_text(encoding="utf-8")))
    assert all(a.end <= b.start for a, b in pairwise(subtitles))
    assert "predictor: done" in ended.stderr


def _heed_interrupts() -> None:
    # A background job of a shell starts with Ctrl-C ignored, and its children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_render_leaves_nothing(tmp_path: Path, sign: signal.Signals) -> None:
    command = [sys.executable, str(ROOT / "render.py"), "render", "predictor", "-q", "low"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
    ) as process:
        assert process.stderr is not None
        assert "frames to draw" in process.stderr.readline()
        # Ctrl-C goes to the whole group, workers included.
        if sign == signal.SIGINT:
            os.killpg(process.pid, sign)
        else:
            process.send_signal(sign)
        rest = process.stderr.read()
    assert rest.strip() == "Interrupted."
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
