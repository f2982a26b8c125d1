"""Finding MNIST, reading it, and checking that it is MNIST."""

from __future__ import annotations

import gzip
import hashlib
import io

import pytest

from lab import mnist
from nncore.drawn import draw
from nncore.errors import DataError, ParameterError
from nncore.idx import read_pair


def test_environment_wins_over_cache_folder(tmp_path, monkeypatch):
    cache, own = tmp_path / "cache", tmp_path / "own"
    (cache / "mnist").mkdir(parents=True)
    monkeypatch.setattr(mnist, "user_cache_path", lambda name: cache)
    monkeypatch.delenv("NN_MNIST_DIR", raising=False)
    assert mnist.mnist_dir() == cache / "mnist"
    monkeypatch.setenv("NN_MNIST_DIR", str(own))
    assert mnist.mnist_dir() is None
    own.mkdir()
    assert mnist.mnist_dir() == own


def test_missing_files_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path))
    assert not mnist.has_test_set()
    for call in (mnist.test_set, mnist.train_set, mnist.verify):
        with pytest.raises(DataError, match=r"set NN_MNIST_DIR to a folder") as caught:
            call()
        assert str(tmp_path) in str(caught.value)
        assert "`render.py digits fetch`" in str(caught.value)


def test_reads_plain_and_gzip(small_mnist):
    assert mnist.has_test_set()
    images, labels = mnist.test_set()
    assert images.shape == (10, 28, 28)
    assert labels.tolist() == list(range(10))
    images, labels = mnist.train_set()
    assert images.shape == (30, 28, 28)
    assert (images[13] == draw(3)).all()


def test_file_names():
    assert len(mnist.file_names()) == 4
    assert mnist.file_names("test") == ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    assert mnist.file_names("train") == ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]
    with pytest.raises(ParameterError, match=r"test and train, not 't10k'\.$"):
        mnist.file_names("t10k")


@pytest.mark.parametrize(("which", "call"), [("t10k", mnist.test_set), ("train", mnist.train_set)])
def test_another_count_is_refused(small_mnist, monkeypatch, which, call):
    count = mnist.COUNTS[which]
    for other in (count - 1, count + 1):
        monkeypatch.setitem(mnist.COUNTS, which, other)
        with pytest.raises(DataError, match=f"claims {count} images, but {other} are expected"):
            mnist.verify()
    monkeypatch.setitem(mnist.COUNTS, which, count)
    assert len(call()[0]) == count


def test_a_changed_file_is_read_again(small_mnist):
    first = mnist.test_set()
    assert mnist.test_set() is first
    path = small_mnist / "t10k-labels-idx1-ubyte"
    data = path.read_bytes()
    path.unlink()
    path.with_suffix(".gz").write_bytes(gzip.compress(data[:-1] + b"\3"))
    assert mnist.test_set()[1].tolist() == [*range(9), 3]


def test_what_was_verified_is_not_read_twice(small_mnist, monkeypatch):
    read = []

    def counting(*arguments):
        read.append(arguments)
        return read_pair(*arguments)

    monkeypatch.setattr(mnist, "read_pair", counting)
    mnist.verify()
    assert mnist.test_set()[1].tolist() == list(range(10))
    assert len(mnist.train_set()[0]) == 30
    assert len(read) == 2
    mnist.verify()
    assert len(read) == 4  # to verify is to look at the files


def test_verify_compares_the_unpacked_files(small_mnist):
    assert mnist.verify() == mnist.MD5
    path = small_mnist / "t10k-labels-idx1-ubyte"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="not MNIST's"):
        mnist.verify()


@pytest.mark.parametrize("name", mnist.MD5)
@pytest.mark.parametrize("table", [mnist.MD5, mnist.SHA256], ids=["MD5", "SHA256"])
def test_content_must_have_both_sums(small_mnist, monkeypatch, table, name):
    data = mnist.find_file(small_mnist, name).read_bytes()
    plain = gzip.decompress(data) if name.startswith("train") else data
    for body in (plain, gzip.compress(plain)):
        mnist.check_content(name, io.BytesIO(body), "it")
        for wrong in (body[:-1], body + b"\0"):
            with pytest.raises(DataError, match=r"^it (holds|ends|goes on)"):
                mnist.check_content(name, io.BytesIO(wrong), "it")
    huge = io.BytesIO(plain + bytes(5_000_000))
    with pytest.raises(DataError, match="it holds more"):
        mnist.check_content(name, huge, "it")
    assert huge.tell() < 1_000_000
    monkeypatch.setitem(table, name, table[name][::-1])
    with pytest.raises(DataError, match=f"it is not MNIST's {name}"):
        mnist.check_content(name, io.BytesIO(plain), "it")


def test_the_sums_are_the_published_ones(idx):
    if not mnist.has_test_set():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    images, labels = mnist.test_set()
    for name, array in zip(mnist.file_names("test"), (images, labels), strict=True):
        assert mnist.file_size(name) == len(idx(array))
        assert mnist.SHA256[name] == hashlib.sha256(idx(array)).hexdigest()
    assert hashlib.md5(idx(images)).hexdigest() == "2646ac647ad5339dbf082846283269ea"
    assert hashlib.md5(idx(labels)).hexdigest() == "27ae3e4e09519cfbb04c329615203637"
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
