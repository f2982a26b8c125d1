"""Encoding frames to a part of a clip, in the theme's true colours.

Manim encodes each animation as a file of its own, converts every frame anew by the matrix of
old television (BT.601) and does not say so; players take high definition to be BT.709 and show
other greens and blues. Here frames are converted by BT.709, only where they changed, and the
file says so. Encoding runs beside the drawing, in a thread.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from numpy.typing import NDArray
from PIL import Image

from pipeline import holds
from pipeline.formats import KEY_FRAME_EVERY, Format
from pipeline.regions import Box

Pixels = NDArray[np.uint8]

WAITING = 3
"""Pictures that may wait for the encoder while the next are drawn."""
_BLOCK = 16  # pixels
_CONVERTERS = 64
# The mean of each four pixels, rounded truly: a part converts to the same as the whole.
_EXACT = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


def plain(pixels: Pixels) -> Pixels:
    """Colours that are multiplied by opacity, as cairo has them, as files have them."""
    opacity = pixels[..., 3:].astype(np.uint16)
    safe = np.maximum(opacity, 1)
    out = np.empty_like(pixels)
    out[..., :3] = np.minimum((pixels[..., :3] * np.uint16(255) + safe // 2) // safe, 255)
    out[..., 3] = pixels[..., 3]
    return out


@dataclass
class Copy:
    """A frame for the encoder, and the rows of it that are not as in the picture."""

    frame: Any
    rows: tuple[int, int]

    def changed(self, boxes: Sequence[Box]) -> None:
        """The picture changed in these boxes."""
        for _, top, _, bottom in boxes:
            self.rows = min(self.rows[0], top), max(self.rows[1], bottom)


class Picture:
    """The last frame in a format's own planes, converted only where it changes."""

    def __init__(self, fmt: Format, width: int, height: int) -> None:
        self._fmt, self.width, self.height = fmt, width, height
        self._frame = av.VideoFrame(width, height, fmt.pixel_format)
        self._planes = [_samples(plane, size) for plane, (_, _, size) in self._each(self._frame)]
        # One for each size: set up for another, it would set itself up again.
        self._converters: dict[tuple[int, int], VideoReformatter] = {}

    def _each(self, frame: Any) -> Any:
        return zip(frame.planes, self._fmt.planes, strict=True)

    def change(self, pixels: Pixels, boxes: Sequence[Box]) -> None:
        """Take the boxes of a frame of RGBA pixels."""
        for box in boxes:
            left, right = _wide(box[0], box[2], self.width)
            top, bottom = _wide(box[1], box[3], self.height)
            part = pixels[top:bottom, left:right]
            if self._fmt.transparent:
                part = plain(part)
            self._convert(part, left, top)

    def _convert(self, part: Pixels, left: int, top: int) -> None:
        height, width = part.shape[:2]
        if len(self._converters) > _CONVERTERS:
            self._converters.clear()
        converter = self._converters.setdefault((width, height), VideoReformatter())
        converted = converter.reformat(
            av.VideoFrame.from_numpy_buffer(part, format="rgba"),
            format=self._fmt.pixel_format,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.JPEG if "rgb" in self._fmt.pixel_format else ColorRange.MPEG,
            interpolation=_EXACT,
            threads=1,
        )
        for (plane, (x, y, size)), whole in zip(self._each(converted), self._planes, strict=True):
            rows, columns = -(-height // y), -(-width // x) * size
            target = whole[
                top // y : top // y + rows, left // x * size : left // x * size + columns
            ]
            target[:] = _samples(plane, size)[:rows, :columns]

    def copy_to(self, copy: Copy) -> None:
        """Copy what changed since the last time."""
        top, bottom = copy.rows
        for (plane, (_, y, size)), mine in zip(self._each(copy.frame), self._planes, strict=True):
            rows = slice(top // y, -(-bottom // y))
            _samples(plane, size)[rows] = mine[rows]
        copy.rows = (self.height, 0)

    def copy(self) -> Copy:
        """A frame of the format and size, of which nothing is copied yet."""
        frame: Any = av.VideoFrame(self.width, self.height, self._fmt.pixel_format)
        frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        if "rgb" not in self._fmt.pixel_format:
            frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        return Copy(frame, (0, self.height))


def _wide(first: int, last: int, size: int) -> tuple[int, int]:
    """The range grown to whole blocks, of which one is what the converter needs at least."""
    last = min(-(-last // _BLOCK) * _BLOCK, size)
    return max(0, min(first, last - _BLOCK)) // _BLOCK * _BLOCK, last


def _samples(plane: Any, size: int) -> Pixels:
    """A plane's bytes, (rows, bytes a row), without the padding."""
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width * size]


class Encoder(Protocol):
    """Writes frames to a part file (a folder for png)."""

    def write(self, pixels: Pixels, repeat: int = 1, changed: Sequence[Box] | None = None) -> None:
        """Add a frame, `repeat` times: (height, width, 4) RGBA, colours multiplied by opacity.

        `changed` are the boxes that are not as in the frame before; None for all. Raises what
        went wrong with frames before.
        """

    def close(self) -> int:
        """End the part; the number of its frames."""

    def abort(self) -> None:
        """Stop and remove the part."""


def encoder(target: Path, fmt: Format, width: int, height: int, fps: int) -> Encoder:
    """An encoder of `fmt` that writes `target`."""
    if fmt.name == "png":
        return PngEncoder(target, fmt)
    return VideoEncoder(target, fmt, width, height, fps)


class VideoEncoder:
    """An Encoder of one video stream, in a thread of its own."""

    def __init__(self, target: Path, fmt: Format, width: int, height: int, fps: int) -> None:
        self.target = target
        self._rate, self._next = Fraction(fps), 0
        self._picture = Picture(fmt, width, height)
        self._first = True
        self._alone = fmt.codec == "prores_ks"
        self._container = av.open(
            str(target), "w", format=fmt.container, options={"fflags": "+bitexact"}
        )
        self._stream = self._open(fmt, width, height)
        self._holds = self._numbers(fmt, width, height)
        self._due = 0  # where the next key frame is
        self._waiting: deque[int] = deque()
        self._queue: queue.Queue[tuple[Copy, int] | None] = queue.Queue()
        self._free: queue.Queue[Copy] = queue.Queue()
        self._copies = [self._picture.copy() for _ in range(WAITING)]
        for copy in self._copies:
            self._free.put(copy)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._encode, name="encoder", daemon=True)
        self._thread.start()

    def _open(self, fmt: Format, width: int, height: int) -> Any:
        stream: Any = self._container.add_stream(fmt.codec, self._rate, dict(fmt.options))
        configure(stream.codec_context, fmt, width, height, self._rate)
        if fmt.transparent and fmt.container == "webm":
            stream.metadata["alpha_mode"] = "1"
        return stream

    def _numbers(self, fmt: Format, width: int, height: int) -> holds.Holds | None:
        if not fmt.holds:
            return None
        found = holds.Holds(*_learnt(fmt, width, height, self._rate))
        self._container.start_encoding()
        if bytes(self._stream.codec_context.extradata) != found.parameters:
            raise RuntimeError("two encoders that are set up alike differ")
        return found

    def write(self, pixels: Pixels, repeat: int = 1, changed: Sequence[Box] | None = None) -> None:
        """Add a frame `repeat` times; see Encoder."""
        if changed is None or self._first:
            changed = [(0, 0, self._picture.width, self._picture.height)]
        self._first = False
        self._picture.change(pixels, changed)
        for copy in self._copies:
            copy.changed(changed)
        mine = self._take()
        self._picture.copy_to(mine)
        self._queue.put((mine, repeat))

    def _take(self) -> Copy:
        """A frame that the encoder no longer needs."""
        while self._error is None:
            with suppress(queue.Empty):
                return self._free.get(timeout=1)
        raise self._error

    def _encode(self) -> None:
        try:
            while (item := self._queue.get()) is not None:
                copy, repeat = item
                copy.frame.time_base = 1 / self._rate
                self._add(copy.frame, repeat)
                self._free.put(copy)
            rest = self._stream.encode()
            if self._holds is not None:
                self._number(rest, self._holds)
            else:
                self._container.mux(rest)
            self._container.close()
        except BaseException as error:
            self._error = error

    def _add(self, frame: Any, repeat: int) -> None:
        if self._holds is not None:
            self._hold(frame, repeat, self._holds)
            return
        copies: list[bytes] = []
        for k in range(repeat):
            frame.pts = self._next
            if k and self._alone:
                # Each frame is coded by itself: the same again is the same packet.
                self._container.mux([self._packet(data, frame.pts, True) for data in copies])
            else:
                packets = self._stream.encode(frame)
                copies = [bytes(packet) for packet in packets] if self._alone else []
                self._container.mux(packets)
            self._next += 1

    def _hold(self, frame: Any, repeat: int, numbers: holds.Holds) -> None:
        """Encode the frame once, and wherever a key frame is due, and show it `repeat` times."""
        begin = self._next + sum(self._waiting)
        end = begin + repeat
        while begin < end:
            due = begin >= self._due
            if due:
                self._due = begin + self._stream.codec_context.gop_size
            frame.pts, frame.pict_type = begin, PictureType.I if due else PictureType.NONE
            until = min(end, self._due)
            self._waiting.append(until - begin)
            self._number(self._stream.encode(frame), numbers)
            begin = until

    def _number(self, packets: Sequence[Any], numbers: holds.Holds) -> None:
        for packet in packets:
            made = [numbers.packet(bytes(packet))]
            made += [(numbers.repeat(), False) for _ in range(self._waiting.popleft() - 1)]
            for data, key in made:
                self._container.mux(self._packet(data, self._next, key))
                self._next += 1

    def _packet(self, data: bytes, number: int, key: bool) -> Any:
        packet = av.Packet(data)
        packet.stream, packet.time_base = self._stream, 1 / self._rate
        packet.pts = packet.dts = number
        packet.duration, packet.is_keyframe = 1, key
        return packet

    def close(self) -> int:
        """Encode what waits and close the file; the number of frames. Raises what went wrong."""
        self._queue.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._next

    def abort(self) -> None:
        """Stop and remove the file."""
        self._queue.put(None)
        self._thread.join()
        with suppress(Exception):
            self._container.close()
        self.target.unlink(missing_ok=True)


def configure(coder: Any, fmt: Format, width: int, height: int, rate: Fraction) -> None:
    """Set up a codec's context that is not open yet, all but its options."""
    coder.width, coder.height, coder.pix_fmt = width, height, fmt.pixel_format
    coder.framerate, coder.time_base = rate, 1 / rate
    if "rgb" not in fmt.pixel_format:
        coder.colorspace = Colorspace.ITU709
        coder.color_range = ColorRange.MPEG
    coder.color_primaries = ColorPrimaries.BT709
    coder.color_trc = ColorTrc.BT709
    coder.thread_count = fmt.threads
    coder.gop_size = round(KEY_FRAME_EVERY * rate)


@cache
def _learnt(fmt: Format, width: int, height: int, rate: Fraction) -> tuple[bytes, bytes]:
    """See `holds.learn`; the same for all sections of a clip."""
    coder: Any = av.CodecContext.create(fmt.codec, "w")
    coder.options = dict(fmt.options)
    configure(coder, fmt, width, height, rate)
    return holds.learn(coder)


class PngEncoder:
    """An Encoder of numbered PNG files in a folder."""

    def __init__(self, target: Path, fmt: Format) -> None:
        self.target, self._fmt, self._next = target, fmt, 0
        self._last: bytes = b""
        target.mkdir()

    def write(self, pixels: Pixels, repeat: int = 1, changed: Sequence[Box] | None = None) -> None:
        """Add a frame `repeat` times; see Encoder."""
        image = Image.fromarray(plain(pixels) if self._fmt.transparent else pixels[..., :3])
        first = self.target / frame_name(self._next)
        image.save(first, compress_level=1)
        data = first.read_bytes() if repeat > 1 else b""
        for k in range(1, repeat):
            (self.target / frame_name(self._next + k)).write_bytes(data)
        self._next += repeat

    def close(self) -> int:
        """The number of frames."""
        return self._next

    def abort(self) -> None:
        """Remove the files."""
        for path in self.target.glob("*.png"):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.target.rmdir()


def frame_name(number: int) -> str:
    """The name of a frame's file."""
    return f"{number:05}.png"
