"""H.264 frames that are the one before again, without encoding them.

Four frames in ten of a clip repeat the one before; to encode one costs as much as any other. But
what an encoder says of it is the same each time, "all as before", but for the number of the
frame. So that is had from the encoder once, from two flat pictures, and numbered; the frames
after it are numbered on.

The stream must be as `pipeline.formats` asks for: one slice a frame, each frame referred to by
the next, its number the only count of it (no B frames).
"""

from __future__ import annotations

import re
from typing import Any

import av
import numpy as np

SLICE, KEY_SLICE, STREAM = 1, 5, 7  # kinds of units
_START = b"\0\0\0\1"
_HEAD = 24
"""Bytes of a slice in which its number is."""
_HIGH_PROFILES = (100, 110, 122, 244)


class Bits:
    """Bits from the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self.all = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def number(self) -> int:
        """An unsigned Exp-Golomb number."""
        zeros = self.all.index("1", self.at) - self.at
        self.at += 2 * zeros + 1
        return int(self.all[self.at - zeros - 1 : self.at], 2) - 1


# Within a unit three bytes 000000 to 000003 do not occur: a 3 is put before the last.


def bare(unit: bytes) -> bytes:
    """A unit without what guards it from looking like a start."""
    return unit.replace(b"\0\0\3", b"\0\0")


def guarded(unit: bytes) -> bytes:
    """The contrary of `bare`."""
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", unit)


def units(data: bytes) -> list[bytes]:
    """The units of a packet, or of an encoder's parameters, which starts set apart."""
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")[1:]]


def kind(unit: bytes) -> int:
    """What a unit is: a SLICE, a KEY_SLICE, the parameters of a STREAM, or something else."""
    return unit[0] & 31


def number_bits(parameters: bytes) -> int:
    """How many bits a frame's number has. Raises ValueError if the stream is not as it must be."""
    stream = [unit for unit in units(parameters) if kind(unit) == STREAM]
    if len(stream) != 1:
        raise ValueError("the encoder gives no parameters of its stream")
    data = bare(stream[0])
    read = Bits(data[4:])
    read.number()
    if data[1] in _HIGH_PROFILES:
        for _ in range(3):  # chroma and depths
            read.number()
        if "1" in read.all[read.at : read.at + 2]:
            raise ValueError("the stream has scaling lists, or is lossless")
        read.at += 2
    count = read.number() + 4
    if read.number() != 2:
        raise ValueError("the stream counts its pictures in two ways")
    return count


class Holds:
    """Numbers an encoder's packets, with repeats in between.

    parameters are the encoder's; still is its packet for a picture that is all as before. Raises
    ValueError if the stream is not as it must be.
    """

    def __init__(self, parameters: bytes, still: bytes) -> None:
        self.parameters = parameters
        self._bits = number_bits(parameters)
        parts = units(still)
        if [kind(part) for part in parts] != [SLICE]:
            raise ValueError("the encoder's packet is not one of a single slice")
        self._still = parts[0]
        self._last = -1

    def packet(self, data: bytes) -> tuple[bytes, bool]:
        """The encoder's next packet, numbered; and whether it is a key frame."""
        parts = units(data)
        kinds = [kind(part) for part in parts]
        if kinds.count(SLICE) + kinds.count(KEY_SLICE) != 1:
            raise ValueError("a frame of the stream has several slices")
        if KEY_SLICE in kinds:
            self._last = 0
            return data, True
        self._last += 1
        place = kinds.index(SLICE)
        parts[place] = self._numbered(parts[place])
        return b"".join(_START + part for part in parts), False

    def repeat(self) -> bytes:
        """A packet that shows the last frame again."""
        self._last += 1
        return _START + self._numbered(self._still)

    def _numbered(self, unit: bytes) -> bytes:
        plain = bare(unit)
        head = Bits(plain[1:_HEAD])
        for _ in range(3):  # first block, kind, parameters
            head.number()
        number = f"{self._last % (1 << self._bits):0{self._bits}b}"
        bits = head.all[: head.at] + number + head.all[head.at + self._bits :]
        changed = int(bits, 2).to_bytes(len(bits) // 8, "big")
        return guarded(plain[:1] + changed + plain[_HEAD:])


def learn(coder: Any) -> tuple[bytes, bytes]:
    """What Holds needs for encoders that are set up as `coder`, which is not open yet."""
    coder.flags |= int(av.codec.context.Flags.global_header)
    packets: list[bytes] = []
    for time in range(2):
        frame: Any = av.VideoFrame(coder.width, coder.height, coder.pix_fmt)
        for plane in frame.planes:
            np.frombuffer(plane, np.uint8)[:] = 128
        frame.pts, frame.time_base = time, coder.time_base
        packets += map(bytes, coder.encode(frame))
    packets += map(bytes, coder.encode(None))
    return bytes(coder.extradata), packets[1]
