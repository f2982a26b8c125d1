"""A clip that is not whole is refused, in one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import formats
from pipeline.check import Broken, check
from pipeline.encoder import encoder
from pipeline.join import join

WIDTH, HEIGHT, FPS, FRAMES = 64, 48, 30, 14
FILES = [("mp4", False), ("webm", False), ("webm", True), ("mov", False), ("gif", False)]
ALL = [*FILES, ("mov", True), ("png", False), ("png", True)]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Path]:
    """A clip in each format, of two parts."""
    made = {}
    for name, transparent in ALL:
        folder, fmt = tmp_path_factory.mktemp(name), formats.choose(name, transparent)
        parts = []
        for number in range(2):
            parts.append(folder / f"part-{number}{fmt.part_suffix}")
            one = encoder(parts[-1], fmt, WIDTH, HEIGHT, FPS)
            rng = np.random.default_rng(number)
            for k in range(FRAMES // 2):
                pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
                pixels[..., 3] = 255
                pixels[: 8 * (k % 2 + 1), :, :3] = 40
                one.write(pixels)
            one.close()
        made[name, transparent] = folder / f"clip{fmt.suffix}"
        join(parts, made[name, transparent], fmt, FPS, lambda: None)
    return made


def refused(path: Path, fmt: Any, size: tuple[int, int] = (WIDTH, HEIGHT), fps: int = FPS,
            ends: tuple[int, ...] = (7, FRAMES)) -> str:  # fmt: skip
    """The sentence by which a clip is refused; empty if it is not."""
    try:
        check(path, fmt, *size, fps, ends)
    except Broken as told:
        sentence = str(told)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert path.name in sentence or ".png" in sentence
        return sentence
    return ""


@pytest.mark.parametrize("format", ALL)
def test_what_is_whole_passes_and_anything_else_is_named(
    format: tuple[str, bool], clips: Any
) -> None:
    path, fmt = clips[format], formats.choose(*format)
    assert refused(path, fmt) == ""
    assert "14 of 15 frames" in refused(path, fmt, ends=(7, 15))
    assert "14 of 13 frames" in refused(path, fmt, ends=(7, 13))
    assert "empty section" in refused(path, fmt, ends=(7, 7, 14))
    assert "empty section" in refused(path, fmt, ends=(0, 14))
    assert "64x48 pixels, not 66x48" in refused(path, fmt, size=(66, 48))


@pytest.mark.parametrize("format", [("mp4", False), ("webm", False), ("webm", True)])
def test_a_section_that_ends_elsewhere_is_another_clip(
    format: tuple[str, bool], clips: Any
) -> None:
    found = refused(clips[format], formats.choose(*format), ends=(6, FRAMES))
    assert "no key frame where a section begins, at 6" in found


@pytest.mark.parametrize("format", FILES)
def test_another_speed_is_another_clip(format: tuple[str, bool], clips: Any) -> None:
    assert "another time" in refused(clips[format], formats.choose(*format), fps=24)


@pytest.mark.parametrize("format", [*FILES, ("mov", True)])
def test_every_cut_is_found(format: tuple[str, bool], clips: Any, tmp_path: Path) -> None:
    fmt, data = formats.choose(*format), clips[format].read_bytes()
    path = tmp_path / clips[format].name
    ends = [*range(1, 8), 20, 60, 100, 200, 500, 1000]
    for length in {
        0,
        1,
        40,
        *(len(data) // 8 * k for k in range(8)),
        *(len(data) - k for k in ends),
    }:
        path.write_bytes(data[:length])
        assert refused(path, fmt), f"cut to {length} of {len(data)} bytes"


@pytest.mark.parametrize("format", FILES)
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), begin=st.booleans())
def test_a_turned_bit_is_refused_in_a_sentence_or_does_no_harm(
    format: tuple[str, bool], where: float, bit: int, begin: bool, clips: Any, tmp_path: Path
) -> None:
    data = bytearray(clips[format].read_bytes())
    data[int(where * (min(1500, len(data)) if begin else len(data)))] ^= 1 << bit
    path = tmp_path / clips[format].name
    path.write_bytes(data)
    refused(path, formats.choose(*format))  # raises nothing but Broken


@pytest.mark.parametrize("format", [("mp4", False), ("mov", False)])
def test_the_boxes_that_hold_all_others_are_needed(
    format: tuple[str, bool], clips: Any, tmp_path: Path
) -> None:
    data = clips[format].read_bytes()
    for name in (b"moov", b"trak", b"stsz", b"stsd"):
        path = tmp_path / clips[format].name
        path.write_bytes(data.replace(name, b"none", 1))
        assert refused(path, formats.choose(*format)), name


@pytest.mark.parametrize("format", ALL)
def test_what_is_missing_cannot_be_read_back(format: tuple[str, bool], tmp_path: Path) -> None:
    assert "cannot be read back" in refused(tmp_path / "gone", formats.choose(*format))


@pytest.mark.parametrize("transparent", [False, True])
def test_a_folder_holds_every_picture_whole(transparent: bool, clips: Any, tmp_path: Path) -> None:
    fmt = formats.choose("png", transparent)

    def copy(name: str) -> Path:
        return Path(shutil.copytree(clips["png", transparent], tmp_path / name))

    missing = copy("missing")
    (missing / "00005.png").unlink()
    assert "13 of 14 frames" in refused(missing, fmt)
    for number, keep in (("00000", 0.5), ("00006", 0.9), ("00013", 0.99), ("00013", 0.0)):
        cut = copy(f"cut-{number}-{keep}")
        data = (cut / f"{number}.png").read_bytes()
        (cut / f"{number}.png").write_bytes(data[: int(len(data) * keep)])
        assert refused(cut, fmt)
    turned = copy("turned")
    data = bytearray((turned / "00000.png").read_bytes())
    data[17] ^= 1  # in its width
    (turned / "00000.png").write_bytes(data)
    assert refused(turned, fmt)
