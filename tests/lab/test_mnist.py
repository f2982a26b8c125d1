"""Finding MNIST, checking it, and training on a set small enough for a test."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from lab import mnist, train
from nncore.drawn import draw
from nncore.errors import DataError, ParameterError
from nncore.weights import load_network


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{array.ndim + 1}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def small_mnist(tmp_path, monkeypatch) -> Path:
    """A folder of MNIST's form: 30 drawn digits to learn from, 10 to be tested on."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    digits = [d for _ in range(3) for d in range(10)]
    sets = {
        "train": [draw(d, tilt=5.0 * (k // 10) - 5) for k, d in enumerate(digits)],
        "t10k": [draw(d, 2.6) for d in range(10)],
    }
    for name, images in sets.items():
        labels = np.array(digits[: len(images)], np.uint8)
        for kind, array in (("images-idx3", np.array(images)), ("labels-idx1", labels)):
            file = f"{name}-{kind}-ubyte"
            data = idx(array)
            if name == "train":
                (folder / f"{file}.gz").write_bytes(gzip.compress(data))
            else:
                (folder / file).write_bytes(data)
            monkeypatch.setitem(mnist.MD5, file, hashlib.md5(data).hexdigest())
    monkeypatch.setenv("NN_MNIST_DIR", str(folder))
    return folder


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


def test_reads_plain_and_gzip(small_mnist):
    assert mnist.has_test_set()
    images, labels = mnist.test_set()
    assert images.shape == (10, 28, 28)
    assert labels.tolist() == list(range(10))
    images, labels = mnist.train_set()
    assert images.shape == (30, 28, 28)
    assert (images[13] == draw(3)).all()


def test_verify_compares_the_unpacked_files(small_mnist):
    assert mnist.verify() == mnist.MD5
    path = small_mnist / "t10k-labels-idx1-ubyte"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="not MNIST's"):
        mnist.verify()


def test_the_sums_are_the_published_ones():
    if not mnist.has_test_set():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    images, labels = mnist.test_set()
    assert hashlib.md5(idx(images)).hexdigest() == "2646ac647ad5339dbf082846283269ea"
    assert hashlib.md5(idx(labels)).hexdigest() == "27ae3e4e09519cfbb04c329615203637"
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]


SMALL = ["--hidden", "8", "--epochs", "3", "--learning-rate", "0.5", "--final-rate", "0.1"]


def test_training_twice_gives_the_same_bytes(small_mnist, tmp_path, capsys):
    first, second, other = (tmp_path / f"{name}.npz" for name in "abc")
    assert train.main([*SMALL, "-o", str(first)]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
    assert train.main([*SMALL, "-o", str(second), "--data", str(small_mnist)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert train.main([*SMALL, "-o", str(other), "--seed", "2"]) == 0
    assert other.read_bytes() != first.read_bytes()


def test_training_says_how_it_was_done(small_mnist, tmp_path):
    path = tmp_path / "net.npz"
    train.main([*SMALL, "--seed", "6", "-o", str(path)])
    network, meta = load_network(path)
    assert network.sizes == (784, 8, 10)
    assert network.seed == meta["settings"]["seed"] == 6
    rates = meta["learning_rates"]
    assert len(rates) == 3
    assert (rates[0], rates[-1]) == (0.5, 0.1)
    assert rates[1] == pytest.approx((0.5 * 0.1) ** 0.5, abs=1e-6)
    assert meta["data_md5"] == mnist.MD5
    assert meta["test_count"] == 10


def test_training_learns(small_mnist):
    losses: list[float] = []
    train.train_digits(
        *mnist.train_set(),
        train.Settings(hidden=20, epochs=15, learning_rate=0.5, final_rate=0.2),
        lambda epoch, rate, loss, network: losses.append(loss),
    )
    assert len(losses) == 15
    assert losses[-1] < losses[0] / 4


@pytest.mark.parametrize(
    "wrong",
    [
        ["--hidden", "0"],
        ["--epochs", "0"],
        ["--learning-rate", "nan"],
        ["--final-rate", "0"],
        ["--seed", "-1"],
    ],
)
def test_bad_settings_are_one_sentence(small_mnist, tmp_path, capsys, wrong):
    path = tmp_path / "net.npz"
    assert train.main([*SMALL, *wrong, "-o", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not path.exists()


def test_missing_data_is_found_before_training(tmp_path, capsys):
    assert train.main([*SMALL, "--data", str(tmp_path), "-o", str(tmp_path / "net.npz")]) == 2
    assert "NN_MNIST_DIR" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_missing_output_folder_is_found_before_training(small_mnist, tmp_path):
    with pytest.raises(ParameterError, match="no folder"):
        train.run(None, tmp_path / "none" / "net.npz", train.Settings())
