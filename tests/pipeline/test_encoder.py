"""What parts hold: the frames that were given, in true colours; and what is left if that fails."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nncore.errors import ParameterError
from pipeline import formats
from pipeline.encoder import WAITING, Picture, encoder, plain

WIDTH, HEIGHT, FPS = 64, 48, 30
ALL = [
    ("mp4", False), ("webm", False), ("webm", True), ("mov", False), ("mov", True),
    ("gif", False), ("png", False), ("png", True),
]  # fmt: skip
FLAT = [(61, 214, 181), (242, 204, 96), (13, 17, 23), (88, 166, 255)]


def flat(colour: tuple[int, ...], alpha: int = 255) -> np.ndarray:
    pixels = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    pixels[:] = [c * alpha // 255 for c in colour] + [alpha]
    return pixels


@pytest.mark.parametrize(("name", "transparent"), [
    ("mp4", False), ("webm", False), ("webm", True), ("mov", False), ("mov", True),
])  # fmt: skip
def test_colours_are_converted_by_bt709(name: str, transparent: bool) -> None:
    fmt = formats.choose(name, transparent)
    picture = Picture(fmt, WIDTH, HEIGHT)
    for colour in FLAT:
        picture.change(flat(colour), [(0, 0, WIDTH, HEIGHT)])
        frame = picture.copy()
        picture.copy_to(frame)
        y, u, v, *alpha = (first(plane, fmt) for plane in frame.frame.planes)
        r, g, b = (c / 255 for c in colour)
        luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        assert abs(y - (16 + 219 * luma)) <= 0.6
        assert abs(u - (128 + 224 * (b - luma) / 1.8556)) <= 0.6
        assert abs(v - (128 + 224 * (r - luma) / 1.5748)) <= 0.6
        assert all(255 <= a < 256 for a in alpha)


def first(plane: Any, fmt: Any) -> float:
    """A plane's first sample, on the scale of 8 bits."""
    if "10le" not in fmt.pixel_format:
        return bytes(plane)[0]
    return int.from_bytes(bytes(plane)[:2], "little") / 4


BOXES = st.tuples(
    st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(1, 30), st.integers(1, 30)
).map(lambda b: (b[0], b[1], min(b[0] + b[2], WIDTH), min(b[1] + b[3], HEIGHT)))


@settings(max_examples=40, deadline=None)
@given(st.lists(BOXES, max_size=4), st.integers(0, 2**32 - 1), st.sampled_from(ALL))
def test_converting_what_changed_is_converting_all(
    boxes: list[Any], seed: int, format: tuple[str, bool]
) -> None:
    rng = np.random.default_rng(seed)
    fmt = formats.choose(*format)
    before = rng.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    before[..., 3] = 255
    after = before.copy()
    for left, top, right, bottom in boxes:
        after[top:bottom, left:right, :3] = rng.integers(0, 256, 3)
    part, whole = Picture(fmt, WIDTH, HEIGHT), Picture(fmt, WIDTH, HEIGHT)
    everything = [(0, 0, WIDTH, HEIGHT)]
    part.change(before, everything)
    part.change(after, boxes)
    whole.change(after, everything)
    one, two = part.copy(), whole.copy()
    part.copy_to(one)
    whole.copy_to(two)
    for a, b, (_, _, size) in zip(one.frame.planes, two.frame.planes, fmt.planes, strict=True):
        width = a.width * size  # what follows is padding
        rows = [np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[:, :width] for p in (a, b)]
        assert np.array_equal(*rows)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(BOXES, max_size=2), min_size=1, max_size=12), st.integers(0, 99))
def test_a_copy_that_waited_is_brought_up_to_date(changes: list[Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    fmt = formats.choose("mp4")
    picture = Picture(fmt, WIDTH, HEIGHT)
    picture.change(flat(FLAT[0]), [(0, 0, WIDTH, HEIGHT)])
    pixels, copies = flat(FLAT[0]), [picture.copy() for _ in range(3)]
    for boxes in changes:
        for left, top, right, bottom in boxes:
            pixels[top:bottom, left:right, :3] = rng.integers(0, 256, 3)
        picture.change(pixels, boxes)
        for copy in copies:
            copy.changed(boxes)
        used = copies[rng.integers(3)]
        picture.copy_to(used)
        fresh = picture.copy()
        picture.copy_to(fresh)
        for a, b in zip(used.frame.planes, fresh.frame.planes, strict=True):
            rows = [np.frombuffer(p, np.uint8).reshape(-1, p.line_size) for p in (a, b)]
            assert np.array_equal(rows[0][:, : a.width], rows[1][:, : a.width])


@given(st.integers(0, 255), st.integers(1, 255))
def test_plain_colours_come_back(colour: int, alpha: int) -> None:
    given_ = np.full((1, 1, 4), alpha, np.uint8)
    given_[..., :3] = round(colour * alpha / 255)
    assert abs(int(plain(given_)[0, 0, 0]) - colour) <= 255 / alpha / 2 + 1


def test_a_fault_in_the_encoders_thread_reaches_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = encoder(tmp_path / "part.mp4", formats.choose("mp4"), WIDTH, HEIGHT, FPS)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(one, "_add", full)
    one.write(flat(FLAT[0]))
    with pytest.raises(OSError, match="No space"):
        one.close()
    one.abort()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "transparent"), ALL)
def test_a_folder_that_is_missing_is_told_to_the_caller(
    name: str, transparent: bool, tmp_path: Path
) -> None:
    fmt = formats.choose(name, transparent)
    with pytest.raises(FileNotFoundError):
        one = encoder(tmp_path / "none" / f"part{fmt.part_suffix}", fmt, WIDTH, HEIGHT, FPS)
        for _ in range(3 * WAITING):  # more than can wait: writing tells it, too
            one.write(flat(FLAT[0]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "transparent"), ALL)
@pytest.mark.parametrize("frames", [0, 1, 20])
def test_what_is_aborted_leaves_nothing(
    name: str, transparent: bool, frames: int, tmp_path: Path
) -> None:
    fmt = formats.choose(name, transparent)
    one = encoder(tmp_path / f"part{fmt.part_suffix}", fmt, WIDTH, HEIGHT, FPS)
    for k in range(frames):
        one.write(flat(FLAT[k % 4]), repeat=1 + k % 3)
    one.abort()
    assert list(tmp_path.iterdir()) == []
    assert "encoder" not in {thread.name for thread in threading.enumerate()}


def part(target: Path, fmt: Any, shown: list[tuple[np.ndarray, int]]) -> None:
    one = encoder(target, fmt, WIDTH, HEIGHT, FPS)
    for pixels, repeat in shown:
        one.write(pixels, repeat)
    assert one.close() == sum(repeat for _, repeat in shown)


def noise(seed: int) -> np.ndarray:
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def test_a_frame_that_stays_stays_as_it_is(tmp_path: Path) -> None:
    part(tmp_path / "part.mp4", formats.choose("mp4"), [(noise(0), 1), (noise(1), 30)])
    with av.open(str(tmp_path / "part.mp4")) as container:
        planes = [frame.to_ndarray().astype(int) for frame in container.decode(video=0)]
    assert len(planes) == 31
    # A repeat may mend what was lost the first time; it does not wander.
    worst = max(np.abs(plane - planes[1]).mean() for plane in planes[2:])
    assert worst < 0.2 * np.abs(planes[0] - planes[1]).mean()
    assert np.array_equal(planes[-1], planes[-2])


@pytest.mark.parametrize("transparent", [False, True])
def test_a_repeated_prores_frame_is_the_same_packet(transparent: bool, tmp_path: Path) -> None:
    fmt = formats.choose("mov", transparent)
    part(tmp_path / "part.mov", fmt, [(noise(0), 2), (noise(1), 3)])
    with av.open(str(tmp_path / "part.mov")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        times = [packet.pts * packet.time_base for packet in packets]
        data = [bytes(packet) for packet in packets]
    assert [data.index(one) for one in data] == [0, 0, 2, 2, 2]
    assert times == [Fraction(k, FPS) for k in range(5)]
    assert all(packet.is_keyframe for packet in packets)


def test_lossless_parts_hold_the_very_pixels(tmp_path: Path) -> None:
    part(tmp_path / "part.mp4", formats.choose("gif"), [(noise(0), 2), (noise(1), 1)])
    with av.open(str(tmp_path / "part.mp4")) as container:
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for pixels, seed in zip(found, [0, 0, 1], strict=True):
        assert np.array_equal(pixels, noise(seed)[..., :3])


@pytest.mark.parametrize("transparent", [False, True])
def test_pictures_are_numbered_files_of_the_very_pixels(transparent: bool, tmp_path: Path) -> None:
    fmt = formats.choose("png", transparent)
    part(tmp_path / "part", fmt, [(noise(0), 2), (noise(1), 1)])
    names = sorted(path.name for path in (tmp_path / "part").iterdir())
    assert names == ["00000.png", "00001.png", "00002.png"]
    for name, seed in zip(names, [0, 0, 1], strict=True):
        with Image.open(tmp_path / "part" / name) as image:
            assert image.mode == ("RGBA" if transparent else "RGB")
            pixels = np.asarray(image)
        assert np.array_equal(pixels, noise(seed)[..., : pixels.shape[2]])


def test_a_key_frame_comes_first_and_every_few_seconds(tmp_path: Path) -> None:
    every = formats.KEY_FRAME_EVERY * FPS
    part(tmp_path / "part.mp4", formats.choose("mp4"), [(flat(FLAT[0]), 2 * every + 5)])
    with av.open(str(tmp_path / "part.mp4")) as container:
        keys = [k for k, packet in enumerate(p for p in container.demux(video=0) if p.size)
                if packet.is_keyframe]  # fmt: skip
    assert keys == [0, every, 2 * every]


def test_formats_that_cannot_be_transparent_say_which_can() -> None:
    with pytest.raises(ParameterError, match="webm, mov, png"):
        formats.choose("mp4", True)
    with pytest.raises(ParameterError, match="the formats are mp4"):
        formats.choose("avi")
