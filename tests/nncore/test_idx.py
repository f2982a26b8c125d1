"""IDX files: what is written is read, and anything else is refused in a sentence."""

from __future__ import annotations

import gzip
import io
import os
import socket
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nncore.errors import DataError
from nncore.idx import MAX_ITEMS, Content, packed_limit, read_images, read_labels, read_pair

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
    "too many": (image_bytes(BLANK, 100_001), "at most 100000"),
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
    with pytest.raises(DataError, match=r"cannot be read: it is not a regular file\.$"):
        read_images(tmp_path)
    with pytest.raises(DataError, match=r"cannot be read: Not a directory\.$"):
        read_images(written(tmp_path, b"") / "deeper")
    with pytest.raises(DataError, match=r"cannot be read: .*null byte"):
        read_images("a\0b")


def test_refuses_what_could_block_or_never_end(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name in ("fifo", "link", "socket"):
            with pytest.raises(DataError, match=f"{name} cannot be read"):
                read_labels(tmp_path / name)
    with pytest.raises(DataError, match="not a regular file"):
        read_labels("/dev/null")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_refuses_an_unreadable_file(tmp_path):
    path = written(tmp_path, label_bytes(b"\1"))
    path.chmod(0)
    with pytest.raises(DataError, match=r"cannot be read: Permission denied\.$"):
        read_labels(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_count_must_be_the_one_expected(tmp_path, pack):
    images = written(tmp_path, pack(image_bytes(BLANK * 3, 3)), "images")
    labels = written(tmp_path, pack(label_bytes(b"\1\2\3")), "labels")
    assert [len(part) for part in read_pair(images, labels, 3)] == [3, 3]
    for count in (0, 2, 4):
        for call in (lambda n: read_images(images, n), lambda n: read_labels(labels, n)):
            with pytest.raises(DataError, match=f"claims 3 (images|labels), but {count} are"):
                call(count)
    huge = written(tmp_path, pack(image_bytes(BLANK, 2**32 - 1)), "huge")
    with pytest.raises(DataError, match="claims 4294967295 images, but 1 are"):
        read_images(huge, 1)


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


def gzip_header(flags: int, fields: bytes) -> bytes:
    return struct.pack("<2s2BIxx", b"\x1f\x8b", 8, flags, 0) + fields


def after_header(packed: bytes) -> bytes:
    """A member of gzip.compress without its ten bytes of header."""
    return packed[10:]


ONE = gzip.compress(image_bytes(BLANK, 1), mtime=0)
EMPTY = gzip.compress(b"", mtime=0)
FOLLOWED = {
    "text": b"more",
    "zeros": bytes(600),
    "a second member": ONE,
    "an empty member": EMPTY,
    "many empty members": EMPTY * 10_000,
    "much": bytes(range(1, 256)) * 100_000,
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_refuses_what_follows_the_gzip_data(tmp_path, case):
    assert len(read_images(written(tmp_path, ONE))) == 1
    with pytest.raises(DataError, match="goes on after its gzip data"):
        read_images(written(tmp_path, ONE + FOLLOWED[case]))


def test_refuses_what_follows_where_a_read_ends(tmp_path):
    """Reads are of 64 KiB: the name in the header is such that the first is all of the member."""
    rest = after_header(ONE)
    packed = gzip_header(8, b"n" * ((1 << 16) - 11 - len(rest)) + b"\0") + rest
    assert len(packed) == 1 << 16
    assert len(read_images(written(tmp_path, packed))) == 1
    with pytest.raises(DataError, match="goes on after"):
        read_images(written(tmp_path, packed + b"\0"))


def test_content_in_two_members_is_refused(tmp_path):
    whole = image_bytes(BLANK, 1)
    halves = gzip.compress(whole[:300]) + gzip.compress(whole[300:])
    assert gzip.decompress(halves) == whole
    with pytest.raises(DataError, match="goes on after"):
        read_images(written(tmp_path, halves))


def test_reads_a_gzip_header_with_fields(tmp_path):
    fields = struct.pack("<H", 300) + bytes(300) + b"t10k\0" + b"a comment\0"
    packed = gzip_header(4 | 8 | 16, fields) + after_header(ONE)
    assert read_images(written(tmp_path, packed)).shape == (1, 28, 28)


def peak_of_refusal(path: Path, reason: str, count: int | None = None) -> int:
    """Most bytes in use at a time while images are read and refused."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=reason):
            read_images(path, count)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


STORED = struct.pack("<BHH", 0, 0, 0xFFFF)  # deflate's block of no bytes, not the last
BOMBS = {
    "bomb": (gzip.compress(image_bytes(bytes(100_000_000), 1)), "holds more"),
    "bomb of a header": (gzip.compress(bytes(100_000_000)), "magic number is 0"),
    "promise": (image_bytes(BLANK, 100_000), "holds less"),
    "plain": (image_bytes(bytes(30_000_000), 1), "holds more"),
    "name": (gzip_header(8, b"n" * 30_000_000), "larger than 800 bytes can be"),
    "comment": (gzip_header(16, b"n" * 30_000_000), "larger than 800 bytes can be"),
    "empty blocks": (gzip_header(0, STORED * 6_000_000), "larger than 800 bytes can be"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_memory_is_bounded(tmp_path, case):
    body, reason = BOMBS[case]
    path = written(tmp_path, body)
    if "800" not in reason:
        assert peak_of_refusal(path, reason) < 3_000_000
    if case == "promise":
        reason = "100000 images, but 1 are"
    assert peak_of_refusal(path, reason, 1) < 600_000


def test_without_a_count_the_packed_bytes_are_bounded_too(tmp_path):
    limit = packed_limit(16 + 784 * MAX_ITEMS)
    path = written(tmp_path, gzip_header(8, b""))
    with path.open("r+b") as file:
        file.seek(limit + 1_000_000)
        file.write(b"\0")
        file.seek(10)
        for _ in range(limit // (1 << 20) + 2):
            file.write(b"n" * (1 << 20))
    assert peak_of_refusal(path, f"larger than {16 + 784 * MAX_ITEMS} bytes") < 600_000


@given(st.binary(max_size=3000), st.integers(1, 700), st.sampled_from([0, 1, 9]))
def test_content_is_that_of_the_gzip_module(body, step, level):
    for packed in (gzip.compress(body, level), body):
        if packed[:2] == b"\x1f\x8b" and packed is body:
            continue  # it would be unpacked
        content = Content(io.BytesIO(packed), "it", len(body))
        parts = []
        while part := content.read(step):
            parts.append(part)
        assert b"".join(parts) == body
        assert all(len(part) == step for part in parts[:-1])


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


@st.composite
def files(draw) -> bytes:
    """Something like an IDX file: a header that may lie, pixels, gzip with every sort of harm."""
    count = draw(st.integers(0, 3))
    claimed = draw(st.sampled_from([count, count, count + 1, 2**31, 2**32 - 1]))
    sides = draw(st.sampled_from([(28, 28), (28, 28), (28, 27), (0, 0), (2**32 - 1, 1)]))
    magic = draw(st.sampled_from([2051, 2051, 2049, 0, 0x1F8B0800]))
    body = struct.pack(">4I", magic, claimed, *sides) + draw(st.binary(min_size=1)) * (count * 784)
    body = body[: 16 + count * 784 + draw(st.sampled_from([0, 0, 1, -1]))]
    for _ in range(draw(st.integers(0, 2))):
        engine = zlib.compressobj(
            draw(st.integers(0, 9)), wbits=draw(st.sampled_from([31, 31, 15]))
        )
        body = engine.compress(body) + engine.flush()
    return body


@SAME_FOLDER
@given(data=st.data(), body=files(), count=st.sampled_from([None, 1, 2]))
def test_structured_damage_gives_exactly_the_images_or_a_data_error(tmp_path, data, body, count):
    raw = bytearray(body)
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        splice = st.one_of(st.binary(max_size=20), st.just(bytes(body)), st.just(STORED * 9))
        raw[start:end] = data.draw(splice)
    raw = raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    path = written(tmp_path, bytes(raw))
    tracemalloc.start()
    try:
        images = read_images(path, count)
    except DataError as error:
        assert str(error).startswith(str(path))
        assert str(error).isprintable()
        return
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_000_000
    assert count in (None, len(images))
    plain = bytes(raw)
    if plain[:2] == b"\x1f\x8b":
        plain = gzip.decompress(plain)
    assert plain == struct.pack(">4I", 2051, len(images), 28, 28) + images.tobytes()
