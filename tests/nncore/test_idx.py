"""IDX files: what is written is read, and anything else is refused in a sentence."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nncore.errors import DataError
from nncore.idx import read_images, read_labels, read_pair

SAME_FOLDER = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def image_bytes(pixels: bytes, count: int) -> bytes:
    return struct.pack(">4I", 0x00000803, count, 28, 28) + pixels


def label_bytes(labels: bytes, count: int | None = None) -> bytes:
    return struct.pack(">2I", 0x00000801, len(labels) if count is None else count) + labels


def written(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_reads_images_row_by_row(tmp_path, pack):
    pixels = bytes((7 * k) % 256 for k in range(3 * 784))
    images = read_images(written(tmp_path, pack(image_bytes(pixels, 3))))
    assert images.shape == (3, 28, 28)
    assert images.dtype == np.uint8
    for i, r, c in [(0, 0, 0), (0, 0, 5), (1, 3, 0), (2, 27, 27)]:
        assert images[i, r, c] == pixels[i * 784 + r * 28 + c]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_reads_labels(tmp_path, pack):
    labels = read_labels(written(tmp_path, pack(label_bytes(bytes([5, 0, 9, 4])))))
    assert labels.tolist() == [5, 0, 9, 4]
    assert labels.dtype == np.uint8


def test_arrays_are_read_only(tmp_path):
    labels = read_labels(written(tmp_path, label_bytes(b"\1")))
    with pytest.raises(ValueError, match="read-only"):
        labels[0] = 2


BLANK = bytes(784)
BAD_IMAGES = {
    "labels instead": (label_bytes(bytes(20)), "magic number is 2049"),
    "empty": (b"", "too short"),
    "three bytes": (b"\0\0\10", "too short"),
    "header cut": (image_bytes(BLANK, 1)[:9], "ends inside its header"),
    "other sides": (struct.pack(">4I", 2051, 1, 28, 27) + bytes(756), "28×27"),
    "short": (image_bytes(BLANK[:-1], 1), "less than the 1 images"),
    "long": (image_bytes(BLANK + b"\0", 1), "more than the 1 images"),
    "count too small": (image_bytes(BLANK * 2, 1), "more than the 1 images"),
    "too many": (image_bytes(BLANK, 1_000_001), "at most 1000000"),
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("case", BAD_IMAGES)
def test_refuses_bad_images(tmp_path, case, pack):
    data, reason = BAD_IMAGES[case]
    with pytest.raises(DataError, match=reason):
        read_images(written(tmp_path, pack(data)))


def test_refuses_label_above_nine(tmp_path):
    with pytest.raises(DataError, match="label 10"):
        read_labels(written(tmp_path, label_bytes(bytes([9, 10]))))


def test_refuses_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match="no file"):
        read_images(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read"):
        read_images(tmp_path)


def test_pair_must_match(tmp_path):
    images = written(tmp_path, image_bytes(BLANK * 2, 2), "images")
    two = written(tmp_path, label_bytes(b"\1\2"), "two")
    three = written(tmp_path, label_bytes(b"\1\2\3"), "three")
    assert [len(part) for part in read_pair(images, two)] == [2, 2]
    with pytest.raises(DataError, match=r"2 images .* 3 labels"):
        read_pair(images, three)


def test_refuses_damaged_gzip(tmp_path):
    good = gzip.compress(image_bytes(bytes(range(256)) * 49, 16), mtime=0)
    for cut in range(3, len(good), 7):
        with pytest.raises(DataError):
            read_images(written(tmp_path, good[:cut]))
    wrong_sum = good[:-8] + bytes(4) + good[-4:]
    with pytest.raises(DataError, match="damaged gzip"):
        read_images(written(tmp_path, wrong_sum))


def peak_of_refusal(path: Path) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_images(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_bounded(tmp_path):
    bomb = gzip.compress(image_bytes(bytes(100_000_000), 1))
    promise = image_bytes(BLANK, 1_000_000)  # 784 MB promised, 784 bytes there
    assert peak_of_refusal(written(tmp_path, bomb, "bomb")) < 8_000_000
    assert peak_of_refusal(written(tmp_path, promise, "promise")) < 8_000_000


@SAME_FOLDER
@given(data=st.binary(max_size=40))
@example(data=b"\x1f\x8b")
@example(data=b"\x1f\x8b\x08\x04")
def test_arbitrary_bytes_give_data_errors_only(tmp_path, data):
    with pytest.raises(DataError):
        read_images(written(tmp_path, data))


@SAME_FOLDER
@given(data=st.data(), packed=st.booleans())
def test_one_changed_byte_gives_images_or_a_data_error(tmp_path, data, packed):
    good = image_bytes(bytes(range(196)) * 8, 2)
    raw = bytearray(gzip.compress(good, mtime=0) if packed else good)
    where = data.draw(st.integers(0, len(raw) - 1))
    raw[where] ^= data.draw(st.integers(1, 255))
    try:
        images = read_images(written(tmp_path, bytes(raw)))
    except DataError:
        return
    assert images.shape == (2, 28, 28)
    if packed:  # gzip's checksum has to notice changed pixels
        assert images.tobytes() == good[16:]
