"""Whether a finished clip is whole: parsed, counted, and decoded at its ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

from nncore.errors import NNError
from pipeline.encoder import frame_name
from pipeline.formats import Format
from pipeline.join import gif_step

# A text that is none is a ValueError, a PNG's wrong checksum a SyntaxError.
_UNREADABLE = (av.error.FFmpegError, OSError, StopIteration, SyntaxError, ValueError)
_PNG_END = b"IEND\xaeB`\x82"


class Broken(NNError):
    """A clip that is not as it was drawn."""


def check(
    path: Path, fmt: Format, width: int, height: int, fps: int, ends: Sequence[int]
) -> None:  # fmt: skip
    """Make sure that a clip is as it was drawn; `ends` are its sections' ends in frames.

    Raises Broken in one sentence.
    """
    frames = ends[-1]
    if list(ends) != sorted(set(ends)) or ends[0] < 1:
        raise Broken(f"{path.name} has an empty section.")
    try:
        if fmt.name == "png":
            _check_folder(path, (width, height), frames)
        else:
            step = 1
            if fmt.name == "gif":  # of fewer frames, in one piece
                step = gif_step(fps)
                ends = [-(-frames // step)]
            _check_video(path, fmt, (width, height), Fraction(fps, step), ends)
            _check_end(path, fmt)
    except _UNREADABLE as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise Broken(f"{path.name} cannot be read back: {why}.") from error


def _check_folder(path: Path, size: tuple[int, int], frames: int) -> None:
    names = sorted(os.listdir(path))
    if names != [frame_name(k) for k in range(frames)]:
        raise Broken(f"{path.name} has {len(names)} of {frames} frames.")
    for name in names:
        with (path / name).open("rb") as file:
            file.seek(-len(_PNG_END), os.SEEK_END)
            if file.read() != _PNG_END:
                raise Broken(f"{name} is cut off at its end.")
    for name in (names[0], names[-1]):
        with Image.open(path / name) as image:
            image.load()
            if image.size != size:
                raise Broken(f"{name} is of {_by(*image.size)} pixels, not {_by(*size)}.")


def _check_video(
    path: Path, fmt: Format, size: tuple[int, int], rate: Fraction, ends: Sequence[int]
) -> None:  # fmt: skip
    with av.open(str(path)) as container:
        if len(container.streams) != 1 or len(container.streams.video) != 1:
            raise Broken(f"{path.name} has {len(container.streams)} streams, not one of video.")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise Broken(f"{path.name} is in no known codec.")
        if (found := (stream.width, stream.height)) != size:
            raise Broken(f"{path.name} is of {_by(*found)} pixels, not {_by(*size)}.")
        base = Fraction(stream.time_base or 1)
        packets = [(p.pts, p.is_keyframe) for p in container.demux(stream) if p.size]
        if len(packets) != ends[-1]:
            raise Broken(f"{path.name} has {len(packets)} of {ends[-1]} frames.")
        for number, (pts, _) in enumerate(packets):
            if pts is None or abs(pts * base - number / rate) > max(base, Fraction(1, 100)):
                raise Broken(f"{path.name} shows frame {number} at another time.")
        for number in (0, *ends[:-1]):
            if not packets[number][1]:
                raise Broken(f"{path.name} has no key frame where a section begins, at {number}.")
        if fmt.name != "gif":
            last = packets[-1][0] or 0
            if _decode_ends(container, stream, last) != last:
                raise Broken(f"{path.name} shows its last frame at another time.")


def _by(width: int, height: int) -> str:
    return f"{width}x{height}"


def _decode_ends(container: Any, stream: Any, last: int) -> int | None:
    """Decode the first frame and the last; the time of the last."""
    stream.thread_count = 1
    container.seek(0, stream=stream)
    next(container.decode(stream))
    container.seek(last, stream=stream)
    shown = None
    for frame in container.decode(stream):  # kept one by one: together they would fill the memory
        shown = frame.pts
    return shown


def _check_end(path: Path, fmt: Format) -> None:
    """Make sure that a file ends where it says: FFmpeg does without an end or an index."""
    whole = True
    with path.open("rb") as file:
        if fmt.name == "gif":
            file.seek(-2, os.SEEK_END)
            whole = file.read() == b"\x00;"  # the end of a picture, and of the file
        elif fmt.name == "webm":
            file.seek(_element_end(file))
            whole = _element_end(file) == path.stat().st_size
    if not whole:
        raise Broken(f"{path.name} is cut off at its end.")


def _element_end(file: Any) -> int:
    """Where the element of a WebM file ends that begins here, by its own size."""
    size = 0
    for _ in ("id", "size"):
        first = file.read(1)[0]
        more = 8 - first.bit_length()  # as many bytes follow as there are zeros ahead
        size = int.from_bytes(bytes([first & (0x7F >> more)]) + file.read(more), "big")
    return int(file.tell() + size)
