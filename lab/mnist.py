"""Where MNIST is on this computer, and reading it.

The folder is the one NN_MNIST_DIR names, else `mnist` in this user's cache folder. The four
files may be gzip (`.gz`) or plain. The functions take another folder as an argument.
"""

from __future__ import annotations

import hashlib
import os
import struct
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from nncore.errors import DataError
from nncore.idx import IMAGE_MAGIC, LABEL_MAGIC, SIDE, read_images, read_labels, read_pair

ENVIRONMENT = "NN_MNIST_DIR"
Bytes = NDArray[np.uint8]

MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""MD5 of MNIST's four files, unpacked."""


def mnist_dir() -> Path | None:
    """The folder MNIST is looked for in, None if there is no such folder."""
    folder = _folder()
    return folder if folder.is_dir() else None


def has_test_set() -> bool:
    """Whether both files of the test set are there (unread)."""
    folder = _folder()
    return all(_path(folder, name) is not None for name in MD5 if name.startswith("t10k"))


def test_set(folder: Path | None = None) -> tuple[Bytes, Bytes]:
    """The test images (10000, 28, 28) and labels (10000,), read-only.

    Raises DataError if they are not there or damaged.
    """
    return _read_set("t10k", folder)


def train_set(folder: Path | None = None) -> tuple[Bytes, Bytes]:
    """The training images (60000, 28, 28) and labels (60000,), read-only.

    Raises DataError if they are not there or damaged.
    """
    return _read_set("train", folder)


test_set.__test__ = False  # type: ignore[attr-defined]  # else pytest takes it for a test


def verify(folder: Path | None = None) -> dict[str, str]:
    """The MD5 of each of the four files, unpacked, by name, having compared it with MNIST's.

    Raises DataError if one is missing, damaged or not MNIST's.
    """
    sums = {}
    for name, expected in MD5.items():
        path = _require(folder or _folder(), name)
        sums[name] = _md5(path, images="images" in name)
        if sums[name] != expected:
            raise DataError(
                f"{path} is not MNIST's: its MD5, unpacked, is {sums[name]}, not {expected}."
            )
    return sums


def _md5(path: Path, *, images: bool) -> str:
    # Header and bytes are all an IDX file has, so the read array gives the file's sum.
    array = read_images(path) if images else read_labels(path)
    shape = (len(array), SIDE, SIDE) if images else (len(array),)
    header = struct.pack(f">{len(shape) + 1}I", IMAGE_MAGIC if images else LABEL_MAGIC, *shape)
    return hashlib.md5(header + array.tobytes(), usedforsecurity=False).hexdigest()


def _folder() -> Path:
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else user_cache_path("nn-explained") / "mnist"


def _path(folder: Path, name: str) -> Path | None:
    for candidate in (folder / f"{name}.gz", folder / name):
        if candidate.is_file():
            return candidate
    return None


def _require(folder: Path, name: str) -> Path:
    path = _path(folder, name)
    if path is None:
        raise DataError(
            f"There is no {name} (or {name}.gz) in {folder}; "
            f"set {ENVIRONMENT} to a folder that has MNIST's four files."
        )
    return path


def _read_set(which: str, folder: Path | None) -> tuple[Bytes, Bytes]:
    folder = folder or _folder()
    images = _require(folder, f"{which}-images-idx3-ubyte")
    return _cached_pair(images, _require(folder, f"{which}-labels-idx1-ubyte"))


@lru_cache(maxsize=2)
def _cached_pair(images: Path, labels: Path) -> tuple[Bytes, Bytes]:
    return read_pair(images, labels)
