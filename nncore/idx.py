"""Reading MNIST's IDX files, plain or gzip, without trusting them.

An IDX file is a big-endian header (a magic number saying element type and number of dimensions,
then one 32-bit size a dimension) followed by the elements. MNIST holds unsigned bytes: images
are (n, 28, 28) with magic 2051, labels (n,) with magic 2049.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nncore.errors import DataError

IMAGE_MAGIC = 2051
LABEL_MAGIC = 2049
SIDE = 28
MAX_ITEMS = 1_000_000
"""Largest count a header may claim, so that a lying header cannot ask for all memory."""

_GZIP_MAGIC = b"\x1f\x8b"


def read_images(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """The images of an IDX file, shape (n, 28, 28), 0 for paper to 255 for ink, read-only.

    Raises DataError if the file cannot be read or is not exactly such a file.
    """
    return _read(Path(path), IMAGE_MAGIC, (SIDE, SIDE), "images")


def read_labels(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """The labels of an IDX file, shape (n,), each 0 to 9, read-only.

    Raises DataError if the file cannot be read or is not exactly such a file.
    """
    labels = _read(Path(path), LABEL_MAGIC, (), "labels")
    if labels.size and labels.max() > 9:
        raise DataError(f"{path} has the label {labels.max()}, but digits go from 0 to 9.")
    return labels


def read_pair(
    images_path: str | os.PathLike[str], labels_path: str | os.PathLike[str]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images (n, 28, 28) and their labels (n,).

    Raises DataError as read_images and read_labels do, or if the two counts differ.
    """
    images, labels = read_images(images_path), read_labels(labels_path)
    if len(images) != len(labels):
        raise DataError(
            f"{images_path} has {len(images)} images but {labels_path} has "
            f"{len(labels)} labels; they do not belong together."
        )
    return images, labels


def _read(path: Path, magic: int, item: tuple[int, ...], what: str) -> NDArray[np.uint8]:
    try:
        with path.open("rb") as raw:
            if raw.read(2) != _GZIP_MAGIC:
                raw.seek(0)
                return _parse(raw, path, magic, item, what)
            raw.seek(0)
            with gzip.open(raw) as unpacked:
                return _parse(unpacked, path, magic, item, what)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is a damaged gzip file: {error}.") from error
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} cannot be read: {error}.") from error


def _parse(
    file: IO[bytes] | gzip.GzipFile, path: Path, magic: int, item: tuple[int, ...], what: str
) -> NDArray[np.uint8]:
    words = 2 + len(item)
    header = _read_up_to(file, 4 * words)
    if len(header) < 4:
        raise DataError(f"{path} is too short for an IDX file of {what}.")
    (found,) = struct.unpack(">I", header[:4])
    if found != magic:
        raise DataError(
            f"{path} is not an IDX file of {what}: its magic number is {found}, not {magic}."
        )
    if len(header) < 4 * words:
        raise DataError(f"{path} ends inside its header.")
    count, *sizes = struct.unpack(f">{words - 1}I", header[4:])
    if tuple(sizes) != item:
        raise DataError(
            f"{path} has items of {'×'.join(map(str, sizes))}, not {'×'.join(map(str, item))}."
        )
    if count > MAX_ITEMS:
        raise DataError(f"{path} claims {count} {what}; at most {MAX_ITEMS} are read.")
    return _elements(file, path, (count, *item), what)


def _elements(
    file: IO[bytes] | gzip.GzipFile, path: Path, shape: tuple[int, ...], what: str
) -> NDArray[np.uint8]:
    size = math.prod(shape)
    data = _read_up_to(file, size + 1)  # one more, to notice what should not be there
    if len(data) != size:
        amount = "less" if len(data) < size else "more"
        raise DataError(f"{path} holds {amount} than the {shape[0]} {what} its header promises.")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _read_up_to(file: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    """At most `size` bytes; memory grows with what is there, not with what is promised."""
    parts = bytearray()
    while len(parts) < size:
        part = file.read(min(size - len(parts), 1 << 20))
        if not part:
            break
        parts += part
    return bytes(parts)
