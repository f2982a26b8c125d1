"""Joined parts: every frame of each, in order, at its time, in every format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from pipeline import formats
from pipeline.check import check
from pipeline.encoder import encoder
from pipeline.formats import Format
from pipeline.join import join

WIDTH, HEIGHT = 64, 48
ALL = [
    ("mp4", False), ("webm", False), ("webm", True), ("mov", False), ("mov", True),
    ("gif", False), ("png", False), ("png", True),
]  # fmt: skip
COPIED = [one for one in ALL if one[0] not in ("gif", "png")]
FLAT = [(61, 214, 181), (242, 204, 96), (13, 17, 23), (88, 166, 255)]
STEPS = np.repeat(np.linspace(0, 255, 8).round().astype(np.uint8), 8)
"""Opacity from left to right."""

Shown = list[tuple[np.ndarray, int]]


def coloured(colour: tuple[int, ...], opacity: np.ndarray | int = 255) -> np.ndarray:
    """A frame of one colour, multiplied by opacity, which may change from left to right."""
    pixels = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    pixels[..., 3] = opacity
    pixels[..., :3] = (pixels[..., 3:] * (np.array(colour) / 255)).round()
    return pixels


def moving(seed: int, count: int, opacity: np.ndarray | int = 255) -> Shown:
    """Squares of colour somewhere over noise, some shown more than once."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 256, (HEIGHT, WIDTH, 3))
    shown: Shown = []
    for _ in range(count):
        colours = ground.copy()
        y, x = rng.integers(0, HEIGHT - 12), rng.integers(0, WIDTH - 12)
        colours[y : y + 12, x : x + 12] = FLAT[rng.integers(4)]
        pixels = coloured((0, 0, 0), opacity)
        pixels[..., :3] = colours * (pixels[..., 3:] / 255)
        shown.append((pixels, int(rng.choice([1, 1, 2, 5]))))
    return shown


@dataclass(frozen=True)
class Made:
    """A joined clip and its parts."""

    file: Path
    fmt: Format
    parts: list[Path]
    ends: list[int]
    fps: int

    def check(self) -> None:
        check(self.file, self.fmt, WIDTH, HEIGHT, self.fps, self.ends)


Make = Callable[..., Made]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Encodes parts and joins them."""
    made = 0

    def clip(name: str, transparent: bool, parts: list[Shown], fps: int = 30) -> Made:
        nonlocal made
        made += 1
        fmt = formats.choose(name, transparent)
        files, ends = [], []
        for number, shown in enumerate(parts):
            files.append(tmp_path / f"{made}-{number}{fmt.part_suffix}")
            one = encoder(files[-1], fmt, WIDTH, HEIGHT, fps)
            for pixels, repeat in shown:
                one.write(pixels, repeat)
            ends.append(one.close() + sum(ends[-1:]))
        target = tmp_path / f"clip-{made}{fmt.suffix}"
        join(files, target, fmt, fps, lambda: None)
        return Made(target, fmt, files, ends, fps)

    return clip


def seen(path: Path, transparent: bool) -> tuple[list[np.ndarray], list[Fraction]]:
    """The frames as RGBA by the file's own matrix, and their times."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        times = [packet.pts * Fraction(packet.time_base) for packet in packets]
        coder: Any = stream.codec_context
        if transparent and path.suffix == ".webm":
            coder = av.CodecContext.create("libvpx-vp9", "r")  # FFmpeg's own leaves opacity out
        frames = [frame for packet in [*packets, None] for frame in coder.decode(packet)]
    matrix = 1 if path.suffix != ".gif" else None
    return [f.reformat(format="rgba", src_colorspace=matrix).to_ndarray() for f in frames], times


@pytest.mark.parametrize("fps", [15, 30, 60])
@pytest.mark.parametrize(("name", "transparent"), COPIED)
def test_a_clip_shows_the_frames_of_its_parts_in_order(
    name: str, transparent: bool, fps: int, make: Make
) -> None:
    opacity = STEPS if transparent else 255
    made = make(name, transparent, [moving(k, 4, opacity) for k in range(3)], fps)
    made.check()
    frames, times = seen(made.file, transparent)
    each = [frame for part in made.parts for frame in seen(part, transparent)[0]]
    assert len(frames) == len(each) == made.ends[-1]
    assert all(np.array_equal(a, b) for a, b in zip(frames, each, strict=True))
    # WebM's times are in milliseconds.
    unit = Fraction(1, 1000) if name == "webm" else Fraction(0)
    assert all(abs(time - Fraction(k, fps)) <= unit / 2 for k, time in enumerate(times))


@pytest.mark.parametrize(("name", "transparent"), COPIED)
def test_each_part_begins_with_a_key_frame(name: str, transparent: bool, make: Make) -> None:
    made = make(name, transparent, [moving(k, 3) for k in range(3)])
    with av.open(str(made.file)) as container:
        keys = [p.is_keyframe for p in container.demux(video=0) if p.size]
    assert all(keys[start] for start in [0, *made.ends[:-1]])


@pytest.mark.parametrize(("name", "transparent"), ALL)
def test_colours_are_the_ones_that_were_drawn(name: str, transparent: bool, make: Make) -> None:
    parts = [[(coloured(FLAT[0]), 3), (coloured(FLAT[1]), 1)], [(coloured(c), 2) for c in FLAT[2:]]]
    made = make(name, transparent, parts)
    made.check()
    if name == "png":
        files = sorted(made.file.iterdir())
        assert [file.name for file in files] == [f"{k:05}.png" for k in range(8)]
        frames = [np.asarray(Image.open(file).convert("RGBA")) for file in files]
    else:
        frames, _ = seen(made.file, transparent)
    for frame, colour in zip(frames, [FLAT[k] for k in (0, 0, 0, 1, 2, 2, 3, 3)], strict=True):
        apart = np.abs(frame[..., :3].astype(int) - colour)
        assert apart.max() <= (0 if name == "png" else 5)
        assert frame[..., 3].min() >= 254


@pytest.mark.parametrize(("name", "levels"), [("webm", 6), ("mov", 2), ("png", 0)])
def test_opacity_and_the_colours_below_it_come_back(name: str, levels: int, make: Make) -> None:
    parts = [[(coloured(FLAT[0], STEPS), 2)], [(coloured(FLAT[1], STEPS[::-1]), 2)]]
    made = make(name, True, parts)
    made.check()
    if name == "png":
        frames = [np.asarray(Image.open(file)) for file in sorted(made.file.iterdir())]
    else:
        frames, _ = seen(made.file, True)
    assert len(frames) == 4
    for frame, colour, opacity in zip(
        frames, [FLAT[0], FLAT[0], FLAT[1], FLAT[1]],
        [STEPS, STEPS, STEPS[::-1], STEPS[::-1]], strict=True,
    ):  # fmt: skip
        inner = np.arange(WIDTH) % 8  # away from the steps, where a lossy codec rings
        middle = (inner >= 2) & (inner < 6)
        apart = np.abs(frame[:, middle, 3].astype(int) - opacity[middle])
        assert apart.max() <= levels
        # Colours are not multiplied by opacity; where it is low, they were rounded before.
        strong = middle & (opacity > 100)
        assert np.abs(frame[:, strong, :3].astype(int) - colour).max() <= 3 + levels


@pytest.mark.parametrize(("name", "transparent"), ALL)
def test_the_same_frames_are_the_same_bytes(name: str, transparent: bool, make: Make) -> None:
    first, second = (make(name, transparent, [moving(1, 3), moving(2, 3)]).file for _ in range(2))
    if name != "png":
        assert first.read_bytes() == second.read_bytes()
    else:
        files = [sorted(folder.iterdir()) for folder in (first, second)]
        assert [[f.read_bytes() for f in one] for one in files[:1]] == [
            [f.read_bytes() for f in one] for one in files[1:]
        ]


# MP4


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """The names and contents of a file's boxes, after ISO 14496-12."""
    found, at = [], 0
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        assert size >= 8, "a box of another form"
        found.append((name, data[at + 8 : at + size]))
        at += size
    return found


def test_an_mp4_is_what_every_player_plays(make: Make) -> None:
    made = make("mp4", False, [moving(1, 5), moving(2, 5)])
    with av.open(str(made.file)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.profile) == ("h264", "High")
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == made.fps
        assert stream.frames == made.ends[-1]
        assert stream.duration * stream.time_base == Fraction(made.ends[-1], made.fps)
        frame = next(container.decode(stream))
    # 1 is BT.709 in each of H.264's tables, and the range that of television.
    assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)
    assert frame.color_range == 1


@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_a_file_can_be_played_while_it_comes(name: str, make: Make) -> None:
    data = make(name, False, [moving(1, 5)]).file.read_bytes()
    names = [name for name, _ in boxes(data)]
    assert names[0] == b"ftyp"
    assert names.index(b"moov") < names.index(b"mdat")


def test_an_mp4_says_its_colours_outside_of_the_stream_too(make: Make) -> None:
    data = make("mp4", False, [moving(1, 2)]).file.read_bytes()
    moov = dict(boxes(data))[b"moov"]
    at = moov.index(b"colrnclx") + 8
    primaries, transfer, matrix = (int.from_bytes(moov[at + k : at + k + 2], "big")
                                   for k in (0, 2, 4))  # fmt: skip
    assert (primaries, transfer, matrix, moov[at + 6] >> 7) == (1, 1, 1, 0)


@pytest.mark.parametrize("name", ["webm", "mov"])
@pytest.mark.parametrize("transparent", [False, True])
def test_other_videos_say_their_colours_too(name: str, transparent: bool, make: Make) -> None:
    with av.open(str(make(name, transparent, [moving(1, 2)]).file)) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)
    assert frame.color_range == 1


@pytest.mark.parametrize(("transparent", "tag"), [(False, "apch"), (True, "ap4h")])
def test_prores_is_called_what_it_is(transparent: bool, tag: str, make: Make) -> None:
    # Apple's names: apch is 422 HQ, ap4h is 4444, which alone has opacity.
    with av.open(str(make("mov", transparent, [moving(1, 2)]).file)) as container:
        assert container.streams.video[0].codec_context.codec_tag == tag


# GIF


@pytest.mark.parametrize(("fps", "step"), [(15, 1), (30, 1), (60, 2)])
def test_a_gif_keeps_its_time_and_at_most_thirty_frames_a_second(
    fps: int, step: int, make: Make
) -> None:
    shades = [(40 * k, 250 - 40 * k, 100) for k in range(7)]
    parts = [[(coloured(c), 3) for c in shades[:3]], [(coloured(c), 3) for c in shades[3:]]]
    made = make("gif", False, parts, fps)
    made.check()
    found, milliseconds = [], 0
    with Image.open(made.file) as image:
        assert image.info.get("loop") == 0, "shown again and again"
        for k in range(image.n_frames):
            image.seek(k)
            milliseconds += image.info["duration"]
            found.append(np.asarray(image.convert("RGB"))[HEIGHT // 2, WIDTH // 2])
    wanted = [shades[k // 3] for k in range(0, 21, step)]
    assert len(found) == len(wanted)
    assert milliseconds == pytest.approx(1000 * len(wanted) * step / fps, abs=10)
    assert np.abs(np.array(found).astype(int) - wanted).max() <= 4


# What may go wrong


@pytest.mark.parametrize(("name", "transparent"), [one for one in ALL if one[0] != "png"])
def test_joining_stops_when_asked(name: str, transparent: bool, make: Make, tmp_path: Path) -> None:
    made = make(name, transparent, [moving(1, 2)])

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        join(made.parts, tmp_path / f"again{made.fmt.suffix}", made.fmt, 30, stop)


def test_parts_of_another_size_do_not_join(make: Make, tmp_path: Path) -> None:
    made = make("mp4", False, [moving(1, 2)])
    wider = encoder(tmp_path / "wider.mp4", made.fmt, 2 * WIDTH, HEIGHT, 30)
    wider.write(np.full((HEIGHT, 2 * WIDTH, 4), 255, np.uint8))
    wider.close()
    with pytest.raises(RuntimeError, match="encoded differently"):
        join([*made.parts, tmp_path / "wider.mp4"], tmp_path / "x.mp4", made.fmt, 30, lambda: None)
