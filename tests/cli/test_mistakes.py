"""Every mistake of the user's gets one sentence and exit code 2, and leaves nothing behind."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

COMMANDS = [
    ("render", "CLIP"),
    ("numbers", "CLIP"),
    ("numbers", "CLIP", "--json"),
    ("params", "CLIP"),
    ("storyboard", "CLIP"),
]
SETTING = [words for words in COMMANDS if words[0] != "params"]
WRITING = [("render", "predictor", "-q", "low"), ("storyboard", "predictor", "-q", "low")]


def left(folder: Path) -> list[str]:
    """Every path in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def words_of(template: tuple[str, ...], clip: str) -> list[str]:
    return [clip if word == "CLIP" else word for word in template]


@pytest.mark.parametrize("template", COMMANDS)
def test_an_unknown_clip(run: Any, refused: Any, tmp_path: Path, template: tuple[str, ...]) -> None:
    refused(run(*words_of(template, "predictr")), "Did you mean 'predictor'?")
    assert left(tmp_path) == []


@pytest.mark.parametrize("template", SETTING)
@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("kilometers=3", "Did you mean 'kilometres'?"),
        ("zzz=3", "the parameters are kilometres, miles, constants"),
        ("kilometres=0", "greater than 0"),
        ("kilometres=1e9", "less than or equal to"),
        ("kilometres=far", "valid number"),
        ("kilometres=", "valid number"),
        ("kilometres=nan", "finite"),
        ("kilometres=inf", "kilometres"),
        ("max_steps=2.5", "integer"),
        ("constants=0.5,x", "constants"),
        ("constants=", "at least 1"),
        ("kilometres", "takes name=value"),
        ("=3", "takes name=value"),
    ],
)
def test_a_wrong_parameter(
    run: Any, refused: Any, tmp_path: Path, template: tuple[str, ...], setting: str, words: str
) -> None:
    refused(run(*words_of(template, "predictor"), "--set", setting), words)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lst", "Did you mean 'list'?"),
        ("list --jsn", "--json"),
        ("list extra", "extra"),
        ("render predictor -q hgh", "Did you mean 'high'?"),
        ("render predictor -q 8k", "low, medium, high, 4k"),
        ("render predictor --lang fr", "en, zh"),
        ("numbers predictor --lang de", "en, zh"),
        ("numbers", "`list` names the clips"),
        ("params", "`list` names the clips"),
        ("storyboard", "Which clip?"),
        ("storyboard predictor --every 0", "at least 0.05 seconds"),
        ("storyboard predictor --every often", "'often'"),
        ("render --set", "requires an argument"),
        ("--frobnicate", "--frobnicate"),
    ],
)
def test_wrong_words(run: Any, refused: Any, tmp_path: Path, line: str, words: str) -> None:
    refused(run(*line.split()), words)
    assert left(tmp_path) == []


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere"])
def test_an_output_folder_that_cannot_be_written(
    run: Any, refused: Any, tmp_path: Path, command: tuple[str, ...], place: str
) -> None:
    (tmp_path / "file").write_text("kept")
    refused(run(*command, "-o", place), "-o")
    assert left(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_a_frames_folder_that_cannot_be_written(run: Any, refused: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(run("storyboard", "predictor", "--frames", "file"), "file")
    assert left(tmp_path) == ["file"]


@pytest.mark.parametrize(
    "words", [("numbers", "predictor"), ("storyboard", "predictor"), ("render", "predictor")]
)
def test_no_font_is_told_as_a_process(
    start: Any, refused: Any, tmp_path: Path, tmp_path_factory: Any, words: tuple[str, ...]
) -> None:
    empty = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    empty.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    refused(start(*words, FONTCONFIG_FILE=str(empty)), "install fonts-noto-cjk")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [
        ("render", "predictr"),
        ("render", "predictor", "--set", "kilometres=-1"),
        ("render", "predictor", "-o", "/proc/nowhere"),
        ("numbers", "predictor", "--set", "kilometers=1"),
        ("render", "predictor", "-q", "8k"),
    ],
)
def test_mistakes_as_a_process(
    start: Any, refused: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    refused(start(*words), "")
    assert left(tmp_path) == []


DIGIT = [("numbers", "mnist-forward"), ("storyboard", "mnist-forward")]


@pytest.mark.parametrize("command", DIGIT)
@pytest.mark.parametrize(
    ("digit", "words"),
    [
        ("drawn:12", "0 to 9"),
        ("mnist:test:10000", "0 to 9999"),
        ("mnist:train:1", "allowed are"),
        ("nowhere.png", "names no digit"),
        ("text.png", "not a picture"),
        ("cut.png", "picture"),
        ("blank.png", "blank"),
        (".", "no picture file"),
    ],
)
def test_a_digit_that_is_none(
    run: Any, refused: Any, tmp_path: Path, command: tuple[str, ...], digit: str, words: str
) -> None:
    from PIL import Image

    (tmp_path / "text.png").write_text("no picture")
    Image.new("L", (28, 28), 255).save(tmp_path / "blank.png")
    whole = (tmp_path / "blank.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    before = left(tmp_path)
    refused(run(*command, "--set", f"digit={digit}"), words)
    assert left(tmp_path) == before


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (b"", "t10k-images"),
        (b"no IDX file at all", "t10k-images"),
        (struct.pack(">4I", 0x803, 10_000, 28, 28) + bytes(100), "t10k-images"),
    ],
)
def test_a_damaged_idx_file(
    run: Any, refused: Any, tmp_path: Path, monkeypatch: Any, images: bytes, words: str
) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / "t10k-images-idx3-ubyte").write_bytes(images)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, 0))
    monkeypatch.setenv("NN_MNIST_DIR", str(folder))
    before = left(tmp_path)
    refused(run("numbers", "mnist-forward", "--set", "digit=mnist:test:0"), words)
    refused(run("storyboard", "mnist-forward"), words)
    assert left(tmp_path) == before


def test_damaged_weights(run: Any, refused: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from nncore import digits

    weights = tmp_path / "weights.npz"
    weights.write_bytes(digits.WEIGHTS_FILE.read_bytes()[:5000])
    monkeypatch.setattr(digits, "WEIGHTS_FILE", weights)
    for cached in vars(digits).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()
    refused(run("numbers", "mnist-forward", "--set", "digit=drawn:3"), "weights.npz")
    assert left(tmp_path) == ["weights.npz"]


@pytest.mark.parametrize("path", ["text.png", "."])
def test_a_render_with_a_picture_that_is_none_leaves_nothing(
    start: Any, refused: Any, tmp_path: Path, path: str
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    refused(start("render", "mnist-forward", "--set", f"digit={path}"), "picture")
    assert left(tmp_path) == ["text.png"]
