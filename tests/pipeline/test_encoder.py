"""What files hold: the frames that were given, in true colours, in every format."""

from __future__ import annotations

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
from pipeline.check import Broken, check
from pipeline.encoder import Picture, encoder, plain
from pipeline.join import join

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


def make(folder: Path, name: str, transparent: bool) -> tuple[Path, Any, int]:
    """Two parts of flat colours, joined: 5 + 1 frames, then 4."""
    fmt = formats.choose(name, transparent)
    parts = []
    for number, shown in enumerate(([(0, 5), (1, 1)], [(2, 2), (3, 2)])):
        part = folder / f"part-{number}{fmt.part_suffix}"
        one = encoder(part, fmt, WIDTH, HEIGHT, FPS)
        for colour, repeat in shown:
            one.write(flat(FLAT[colour], 128 if transparent else 255), repeat)
        assert one.close() == sum(repeat for _, repeat in shown)
        parts.append(part)
    target = folder / f"clip{fmt.suffix}"
    join(parts, target, fmt, FPS, lambda: None)
    return target, fmt, 10


SHOWN = [0, 0, 0, 0, 0, 1, 2, 2, 3, 3]


def decoded(path: Path, transparent: bool) -> list[np.ndarray]:
    """The middle colour of each frame, by the file's own matrix, RGBA."""
    if path.is_dir():
        images = [Image.open(path / name) for name in sorted(p.name for p in path.iterdir())]
        return [np.asarray(i.convert("RGBA"))[HEIGHT // 2, WIDTH // 2] for i in images]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if transparent and path.suffix == ".webm":
            coder = av.CodecContext.create("libvpx-vp9", "r")
            frames = [f for p in container.demux(stream) for f in coder.decode(p)]
        else:
            frames = list(container.decode(stream))
        return [
            f.reformat(format="rgba", src_colorspace=1).to_ndarray()[HEIGHT // 2, WIDTH // 2]
            for f in frames
        ]


@pytest.mark.parametrize(("name", "transparent"), ALL)
def test_every_format_shows_the_frames_in_their_colours(
    name: str, transparent: bool, tmp_path: Path
) -> None:
    target, fmt, frames = make(tmp_path, name, transparent)
    check(target, fmt, WIDTH, HEIGHT, FPS, [6, frames])
    found = decoded(target, transparent)
    assert len(found) == frames
    for pixel, colour in zip(found, SHOWN, strict=True):
        assert np.abs(pixel[:3].astype(int) - FLAT[colour]).max() <= 5
        assert abs(int(pixel[3]) - (128 if transparent else 255)) <= 2


def test_frames_follow_each_other_evenly(tmp_path: Path) -> None:
    target, _, frames = make(tmp_path, "mp4", False)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        times = [Fraction(f.pts) * Fraction(f.time_base) for f in container.decode(stream)]
        assert times == [Fraction(k, FPS) for k in range(frames)]
        assert stream.average_rate == FPS
        assert stream.codec_context.profile == "High"
        assert stream.pix_fmt == "yuv420p"


def test_an_mp4_can_be_played_while_it_comes(tmp_path: Path) -> None:
    target, _, _ = make(tmp_path, "mp4", False)
    data, boxes, at = target.read_bytes(), [], 0
    while at < len(data):
        boxes.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    assert boxes.index(b"moov") < boxes.index(b"mdat")


def test_the_same_frames_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first, _, _ = make(tmp_path / "one", "mp4", False)
    second, _, _ = make(tmp_path / "two", "mp4", False)
    assert first.read_bytes() == second.read_bytes()


def test_colours_are_converted_by_bt709_and_named_so(tmp_path: Path) -> None:
    picture = Picture(formats.choose("mp4"), WIDTH, HEIGHT)
    for colour in FLAT:
        picture.change(flat(colour), [(0, 0, WIDTH, HEIGHT)])
        frame = picture.copy()
        picture.copy_to(frame)
        y, u, v = (bytes(plane)[0] for plane in frame.frame.planes)
        r, g, b = (c / 255 for c in colour)
        luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        assert abs(y - (16 + 219 * luma)) <= 0.6
        assert abs(u - (128 + 224 * (b - luma) / 1.8556)) <= 0.6
        assert abs(v - (128 + 224 * (r - luma) / 1.5748)) <= 0.6
    target, _, _ = make(tmp_path, "mp4", False)
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.color_range) == (1, 1)


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
    for a, b in zip(one.frame.planes, two.frame.planes, strict=True):
        assert (
            np.abs(np.frombuffer(a, np.uint8).astype(int) - np.frombuffer(b, np.uint8)).max() <= 1
        )


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


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    target, fmt, frames = make(tmp_path, "mp4", False)
    data = target.read_bytes()
    for wrong in ([6, frames + 1], [6, frames - 1], [6, 6, frames]):
        with pytest.raises(Broken):
            check(target, fmt, WIDTH, HEIGHT, FPS, wrong)
    with pytest.raises(Broken, match="pixels"):
        check(target, fmt, WIDTH + 2, HEIGHT, FPS, [frames])
    for damaged in (data[: len(data) // 2], b"", data[:40] + bytes(40) + data[80:]):
        target.write_bytes(damaged)
        with pytest.raises(Broken) as told:
            check(target, fmt, WIDTH, HEIGHT, FPS, [frames])
        assert "\n" not in str(told.value)


def test_formats_that_cannot_be_transparent_say_which_can() -> None:
    with pytest.raises(ParameterError, match="webm, mov, png"):
        formats.choose("mp4", True)
    with pytest.raises(ParameterError, match="the formats are mp4"):
        formats.choose("avi")
