"""Reading MNIST's IDX files, plain or gzip, without trusting them.

An IDX file is a big-endian header (a magic number saying element type and number of dimensions,
then one 32-bit size a dimension) followed by the elements. MNIST holds unsigned bytes: images
are (n, 28, 28) with magic 2051, labels (n,) with magic 2049.
"""

from __future__ import annotations

import math
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError

SIDE = 28
MAX_ITEMS = 100_000
"""Largest count a header may claim where none is expected, so that it cannot ask for all memory."""

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 16
_GZIP_WINDOW = 31  # zlib's word for: gzip's header and checksum around it, nothing else


@dataclass(frozen=True)
class Kind:
    """A kind of IDX file: its magic number, the shape of an item, the word for its items."""

    magic: int
    item: tuple[int, ...]
    what: str

    def header(self, count: int) -> bytes:
        """The header of a file of `count` items."""
        return struct.pack(f">{2 + len(self.item)}I", self.magic, count, *self.item)

    def size(self, count: int) -> int:
        """Bytes of a whole file of `count` items, unpacked."""
        return len(self.header(count)) + count * math.prod(self.item)


IMAGES = Kind(2051, (SIDE, SIDE), "images")
LABELS = Kind(2049, (), "labels")


def read_images(path: str | os.PathLike[str], count: int | None = None) -> NDArray[np.uint8]:
    """The images of an IDX file, shape (n, 28, 28), 0 for paper to 255 for ink, read-only.

    count: the n that it must have; without it at most MAX_ITEMS. Raises DataError if the file
    cannot be read or is not exactly such a file.
    """
    return _read(Path(path), IMAGES, count)


def read_labels(path: str | os.PathLike[str], count: int | None = None) -> NDArray[np.uint8]:
    """The labels of an IDX file, shape (n,), each 0 to 9, read-only.

    count: the n that it must have; without it at most MAX_ITEMS. Raises DataError if the file
    cannot be read or is not exactly such a file.
    """
    labels = _read(Path(path), LABELS, count)
    if labels.size and labels.max() > 9:
        raise DataError(f"{path} has the label {labels.max()}, but digits go from 0 to 9.")
    return labels


def read_pair(
    images_path: str | os.PathLike[str],
    labels_path: str | os.PathLike[str],
    count: int | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images (n, 28, 28) and their labels (n,); count: the n that both must have.

    Raises DataError as read_images and read_labels do, or if the two counts differ.
    """
    images, labels = read_images(images_path, count), read_labels(labels_path, count)
    if len(images) != len(labels):
        raise DataError(
            f"{images_path} has {len(images)} images but {labels_path} has "
            f"{len(labels)} labels; they do not belong together."
        )
    return images, labels


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """A regular file, open to be read.

    Raises DataError if there is none, if it is something else (a FIFO or a device might block or
    never end), or if it cannot be read, be it in the `with` block.
    """
    try:
        with open(path, "rb", opener=_open_regular) as file:
            yield file
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read: {reason}.") from error


def _open_regular(path: str, flags: int) -> int:
    # Not blocking, or opening a FIFO would wait for someone to write to it.
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise DataError(f"{path} cannot be read: it is not a regular file.")


def packed_limit(size: int) -> int:
    """The most bytes a file of `size` bytes, unpacked, can sanely have, gzip or plain."""
    # Deflate adds 5 bytes to a block that it cannot shrink; the rest is for gzip's header.
    return size + size // 100 + 4096


class Content:
    """What a file holds, unpacked if it is gzip; no more is in memory than is asked for.

    file: open at its start, and able to seek. name: what the sentences of errors begin with.
    size: bytes expected, unpacked, from which follows how many packed ones are read at most.
    """

    def __init__(self, file: IO[bytes], name: object, size: int) -> None:
        self._file, self._name = file, name
        self._size, self._left = size, packed_limit(size)
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        # Not the gzip module: it reads a header's file name for as long as there is one, and
        # member after member.
        self._gzip = zlib.decompressobj(_GZIP_WINDOW) if packed else None

    def read(self, size: int) -> bytearray:
        """The next `size` bytes; fewer only where the content ends, well packed to its end.

        Raises DataError if the gzip data are damaged, cut off, followed by anything (be it a
        second member), or more than a file of the size expected can have.
        """
        parts = bytearray()
        while len(parts) < size:
            part = self._part(min(size - len(parts), _CHUNK))
            if not part:
                break
            parts += part
        return parts

    def _part(self, size: int) -> bytes:
        unpacker = self._gzip
        if unpacker is None:
            return self._raw(size)
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail or self._raw(_CHUNK)
            if not packed:
                raise DataError(f"{self._name} ends inside its gzip data.")
            try:
                part = unpacker.decompress(packed, size)
            except zlib.error as error:
                raise DataError(f"{self._name} is a damaged gzip file: {error}.") from error
            if part:
                return part
        if unpacker.unused_data or self._raw(1):
            raise DataError(f"{self._name} goes on after its gzip data.")
        return b""

    def _raw(self, size: int) -> bytes:
        if not self._left:
            raise DataError(
                f"{self._name} is larger than {self._size} bytes can be when packed as gzip."
            )
        part = self._file.read(min(size, self._left))
        self._left -= len(part)
        return part


def _read(path: Path, kind: Kind, count: int | None) -> NDArray[np.uint8]:
    with opened(path) as file:
        content = Content(file, path, kind.size(MAX_ITEMS if count is None else count))
        found = _count(content.read(len(kind.header(0))), path, kind)
        if count is None and found > MAX_ITEMS:
            raise DataError(f"{path} claims {found} {kind.what}; at most {MAX_ITEMS} are read.")
        if count is not None and found != count:
            raise DataError(f"{path} claims {found} {kind.what}, but {count} are expected.")
        size = found * math.prod(kind.item)
        data = content.read(size + 1)  # one more, to notice what should not be there
    if len(data) != size:
        amount = "less" if len(data) < size else "more"
        raise DataError(f"{path} holds {amount} than the {found} {kind.what} its header promises.")
    return np.frombuffer(memoryview(data).toreadonly(), np.uint8).reshape(found, *kind.item)


def _count(header: bytearray, path: Path, kind: Kind) -> int:
    """The number of items that a header claims, the rest of it having been checked."""
    if len(header) < 4:
        raise DataError(f"{path} is too short for an IDX file of {kind.what}.")
    (magic,) = struct.unpack(">I", header[:4])
    if magic != kind.magic:
        raise DataError(
            f"{path} is not an IDX file of {kind.what}: "
            f"its magic number is {magic}, not {kind.magic}."
        )
    if len(header) < len(kind.header(0)):
        raise DataError(f"{path} ends inside its header.")
    count, *sides = struct.unpack(f">{1 + len(kind.item)}I", header[4:])
    if tuple(sides) != kind.item:
        raise DataError(
            f"{path} has items of {'×'.join(map(str, sides))}, not {'×'.join(map(str, kind.item))}."
        )
    return int(count)
