"""Where MNIST is on this computer, and reading it.

The folder is the one NN_MNIST_DIR names, else `mnist` in this user's cache folder. The four
files may be gzip (`.gz`) or plain. The functions take another folder as an argument.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from nncore.errors import DataError, ParameterError
from nncore.idx import IMAGES, LABELS, Content, Kind, read_pair

ENVIRONMENT = "NN_MNIST_DIR"
Bytes = NDArray[np.uint8]
Pair = tuple[Bytes, Bytes]

COUNTS = {"train": 60_000, "t10k": 10_000}
"""Images, and labels, of each set, by what its files' names begin with."""

MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""MD5 of MNIST's four files, unpacked."""

SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""SHA-256 of the same, which nobody can forge as MD5 can be; what is fetched must have both."""

_PREFIXES = {None: "", "test": "t10k", "train": "train"}
_Stamp = list[tuple[str, int, int, int]]
_kept: dict[str, tuple[_Stamp, Pair]] = {}  # each set as last read, and of which files


def where() -> Path:
    """The folder MNIST is looked for in, whether it is there or not."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else user_cache_path("nn-explained") / "mnist"


def mnist_dir() -> Path | None:
    """The folder MNIST is looked for in, None if there is no such folder."""
    folder = where()
    return folder if os.path.isdir(folder) else None


def file_names(only: str | None = None) -> list[str]:
    """The names of the four files, or the two of the "test" or "train" set, without `.gz`.

    Raises ParameterError for another set.
    """
    if only not in _PREFIXES:
        raise ParameterError(f"MNIST's sets are test and train, not {only!r}.")
    return [name for name in MD5 if name.startswith(_PREFIXES[only])]


def find_file(folder: Path, name: str) -> Path | None:
    """The file that is read as `name`, gzip before plain; None if there is neither."""
    for candidate in (folder / f"{name}.gz", folder / name):
        if os.path.isfile(candidate):
            return candidate
    return None


def has_test_set() -> bool:
    """Whether both files of the test set are there (unread)."""
    folder = where()
    return all(find_file(folder, name) is not None for name in file_names("test"))


def test_set(folder: Path | None = None) -> Pair:
    """The test images (10000, 28, 28) and labels (10000,), read-only.

    Raises DataError if they are not there or damaged.
    """
    return _read_set("t10k", folder or where())


def train_set(folder: Path | None = None) -> Pair:
    """The training images (60000, 28, 28) and labels (60000,), read-only.

    Raises DataError if they are not there or damaged.
    """
    return _read_set("train", folder or where())


test_set.__test__ = False  # type: ignore[attr-defined]  # else pytest takes it for a test


def verify(folder: Path | None = None) -> dict[str, str]:
    """The MD5 of each of the four files, unpacked, by name, having compared it with MNIST's.

    What was verified is what train_set and test_set then return, without reading it again.
    Raises DataError if one is missing, damaged or not MNIST's.
    """
    folder = folder or where()
    sums = {}
    for name in MD5:  # all of them, before any is read
        _require(folder, name)
    for which in COUNTS:
        pair = _read_set(which, folder, afresh=True)
        names = [name for name in MD5 if name.startswith(which)]
        for name, array in zip(names, pair, strict=True):
            # Header and bytes are all an IDX file has, so the array gives the file's sum.
            md5 = hashlib.md5(_kind(name).header(len(array)), usedforsecurity=False)
            md5.update(array.data)
            sums[name] = md5.hexdigest()
            if sums[name] != MD5[name]:
                raise DataError(
                    f"{_require(folder, name)} is not MNIST's: its MD5, unpacked, is "
                    f"{sums[name]}, not {MD5[name]}."
                )
    return sums


def file_size(name: str) -> int:
    """Bytes of one of the four files, unpacked."""
    return _kind(name).size(COUNTS[name.partition("-")[0]])


def check_content(name: str, file: IO[bytes], subject: object) -> None:
    """Check that a file, gzip or plain, open at its start, unpacks to MNIST's `name`.

    Memory stays bounded whatever it holds. Raises DataError, beginning with `subject`, if it
    does not: too long, too short, damaged, or with other checksums.
    """
    left = file_size(name)
    content = Content(file, subject, left)
    sums = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    while part := content.read(min(left + 1, 1 << 16)):  # one more, as it should not be there
        left -= len(part)
        for digest in sums:
            digest.update(part)
    if left:
        amount = "less" if left > 0 else "more"
        raise DataError(f"{subject} holds {amount} than the {file_size(name)} bytes of {name}.")
    if [digest.hexdigest() for digest in sums] != [MD5[name], SHA256[name]]:
        raise DataError(f"{subject} is not MNIST's {name}: its checksums are others.")


def _kind(name: str) -> Kind:
    return IMAGES if "images" in name else LABELS


def _require(folder: Path, name: str) -> Path:
    path = find_file(folder, name)
    if path is None:
        raise DataError(
            f"There is no {name} (or {name}.gz) in {folder}; fetch MNIST with "
            f"`render.py digits fetch`, or set {ENVIRONMENT} to a folder that has its four files."
        )
    return path


def _read_set(which: str, folder: Path, *, afresh: bool = False) -> Pair:
    """A set, from memory if its files have not changed since, unless it is to be read afresh."""
    images = _require(folder, f"{which}-images-idx3-ubyte")
    labels = _require(folder, f"{which}-labels-idx1-ubyte")
    stamp = [_stamp(images), _stamp(labels)]
    kept = _kept.get(which)
    if kept is None or kept[0] != stamp or afresh:
        kept = stamp, read_pair(images, labels, COUNTS[which])
        _kept[which] = kept
    return kept[1]


def _stamp(path: Path) -> tuple[str, int, int, int]:
    try:
        now = path.stat()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    return str(path.absolute()), now.st_ino, now.st_size, now.st_mtime_ns
