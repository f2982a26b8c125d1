"""Frames that hold are repeated bit for bit; what comes after is as the encoder made it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import formats, holds
from pipeline.encoder import configure, encoder

FPS = 30
MP4 = formats.choose("mp4")


def pictures(count: int, width: int, height: int, seed: int) -> list[np.ndarray]:
    """Planes of yuv420p below each other; each differs from the one before in a square."""
    rng = np.random.default_rng(seed)
    planes = rng.integers(16, 90, (height * 3 // 2, width), np.uint8)
    made = []
    for _ in range(count):
        planes = planes.copy()
        y, x = rng.integers(0, height - 8), rng.integers(0, width - 8)
        planes[y : y + 8, x : x + 8] = rng.integers(16, 235)
        made.append(planes)
    return made


def coder(width: int, height: int, **options: str) -> Any:
    """An encoder of our settings, but for `options`."""
    made: Any = av.CodecContext.create(MP4.codec, "w")
    made.options = {**dict(MP4.options), **options}
    configure(made, MP4, width, height, Fraction(FPS))
    made.flags |= int(av.codec.context.Flags.global_header)
    return made


def learnt(width: int, height: int, **options: str) -> holds.Holds:
    made: Any = av.CodecContext.create(MP4.codec, "w")
    made.options = {**dict(MP4.options), **options}
    configure(made, MP4, width, height, Fraction(FPS))
    return holds.Holds(*holds.learn(made))


def encoded(made: Any, frames: list[np.ndarray], keys: set[int]) -> list[bytes]:
    """The encoder's packets, one for each frame."""
    packets = []
    for number, planes in enumerate(frames):
        frame: Any = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        frame.pict_type = PictureType.I if number in keys else PictureType.NONE
        packets += map(bytes, made.encode(frame))
    packets += map(bytes, made.encode(None))
    assert len(packets) == len(frames)
    return packets


def decode(head: bytes, packets: list[bytes]) -> list[np.ndarray]:
    """The frames in the order of showing. Fails if the decoder has anything to say."""
    reader: Any = av.CodecContext.create("h264", "r")
    reader.thread_count, reader.options = 1, {"err_detect": "explode"}
    level = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    frames = []
    try:
        with av.logging.Capture() as said:
            for number, data in enumerate(packets):
                frames += reader.decode(av.Packet((b"" if number else head) + data))
            frames += reader.decode(None)
    finally:
        av.logging.set_level(level)
    assert not said
    return [frame.to_ndarray() for frame in frames]


@given(
    st.sampled_from([(16, 16), (64, 48), (176, 144), (48, 200), (854, 480)]),
    st.lists(
        st.one_of(st.just(1), st.integers(1, 4), st.integers(20, 90)), min_size=1, max_size=30
    ),
    st.sets(st.integers(1, 29), max_size=3),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_repeats_are_the_frame_and_all_others_as_they_were(
    size: tuple[int, int], times: list[int], keys: set[int], seed: int
) -> None:
    made, numbers = coder(*size), learnt(*size)
    packets = encoded(made, pictures(len(times), *size, seed), keys)
    assert bytes(made.extradata) == numbers.parameters
    shown = []
    for data, count in zip(packets, times, strict=True):
        shown.append(numbers.packet(data)[0])
        shown += [numbers.repeat() for _ in range(count - 1)]
    once, found = (decode(numbers.parameters, each) for each in (packets, shown))
    wanted = [number for number, count in enumerate(times) for _ in range(count)]
    assert len(once) == len(times)
    assert len(found) == len(wanted)
    for frame, number in zip(found, wanted, strict=True):
        assert np.array_equal(frame, once[number])


def test_without_repeats_the_packets_stay_the_encoders() -> None:
    numbers = learnt(64, 48)
    packets = encoded(coder(64, 48), pictures(40, 64, 48, 3), {20})
    for number, data in enumerate(packets):
        made, key = numbers.packet(data)
        assert holds.units(made) == holds.units(data)
        assert key == (number in (0, 20))


def test_a_repeat_of_a_whole_screen_is_a_few_bytes() -> None:
    numbers = learnt(1920, 1080)
    numbers.packet(encoded(coder(1920, 1080), pictures(1, 1920, 1080, 1), set())[0])
    assert max(len(numbers.repeat()) for _ in range(100)) < 100


def test_a_stream_that_is_counted_otherwise_is_refused() -> None:
    made = coder(64, 48, bf="2")
    made.open()
    with pytest.raises(ValueError, match="two ways"):
        holds.number_bits(bytes(made.extradata))
    with pytest.raises(ValueError, match="no parameters"):
        holds.number_bits(b"")


def test_frames_of_several_slices_are_refused() -> None:
    params = dict(MP4.options)["x264-params"] + ":slices=2"
    packets = encoded(coder(64, 64, **{"x264-params": params}), pictures(2, 64, 64, 1), set())
    with pytest.raises(ValueError, match="several slices"):
        learnt(64, 64).packet(packets[0])


@given(st.binary(max_size=40).map(lambda data: data.replace(b"\x09", b"\0") + b"\x80"))
def test_a_unit_holds_no_start_and_comes_back(unit: bytes) -> None:
    made = holds.guarded(unit)
    assert not any(bytes([0, 0, k]) in made for k in range(3))
    assert holds.bare(made) == unit
    assert holds.units(b"\0\0\0\1" + made + b"\0\0\1" + made) == [made, made]


def moving(counts: list[int], seed: int) -> list[tuple[np.ndarray, int]]:
    """Frames of a square that moves over noise, with how often each is shown."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 256, (48, 64, 4), np.uint8)
    made = []
    for count in counts:
        pixels = ground.copy()
        y, x = rng.integers(0, 40), rng.integers(0, 56)
        pixels[y : y + 8, x : x + 8] = 250
        pixels[..., 3] = 255
        made.append((pixels, count))
    return made


def write(target: Path, frames: list[tuple[np.ndarray, int]]) -> int:
    one = encoder(target, MP4, 64, 48, FPS)
    for pixels, repeat in frames:
        one.write(pixels, repeat)
    return one.close()


def test_a_file_shows_each_frame_as_often_as_asked(tmp_path: Path) -> None:
    counts = [1, 1, 40, 2, 1, 150, 1, 17]
    assert write(tmp_path / "clip.mp4", moving(counts, 1)) == sum(counts)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        frames = list(container.decode(video=0))
    assert [frame.time for frame in frames] == pytest.approx([k / FPS for k in range(sum(counts))])
    shown, place = [frame.to_ndarray() for frame in frames], 0
    for count in counts:
        for k in range(count):
            assert np.array_equal(shown[place + k], shown[place])
        assert place == 0 or not np.array_equal(shown[place], shown[place - 1])
        place += count


@pytest.mark.parametrize("hold", [1, 50, 1000])
def test_a_key_frame_comes_every_few_seconds_whatever_holds(hold: int, tmp_path: Path) -> None:
    frames = moving([1] * 30 + [hold] + [1] * 500, 3)
    count = write(tmp_path / "clip.mp4", frames)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keys = [place for place, packet in enumerate(packets) if packet.is_keyframe]
    assert keys == list(range(0, count, formats.KEY_FRAME_EVERY * FPS))
