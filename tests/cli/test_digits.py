"""`render.py digits …`, as a user types it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nncore.drawn import draw
from nncore.weights import load_network

ROOT = Path(__file__).resolve().parents[2]
TINY = ["--hidden", "8", "--epochs", "3", "--learning-rate", "0.5"]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# train


def test_train_writes_a_network_and_says_how_it_reads(run, small_mnist, tmp_path):
    done = run("digits", "train", *TINY, "-o", "net.npz")
    assert done.exit_code == 0, done.stderr
    lines = done.stderr.splitlines()
    assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
    assert all("examples/s" in line and "test " in line and "s left" in line for line in lines)
    network, meta = load_network(tmp_path / "net.npz")
    assert network.sizes == (784, 8, 10)
    right = meta["test_right"]
    assert done.stdout == f"net.npz: {right / 10:.2%} of the 10 test images read right\n"


def test_train_twice_gives_the_same_bytes_and_another_seed_others(run, small_mnist, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert run("digits", "train", *TINY, "--seed", seed, "-o", f"{name}.npz").exit_code == 0
    sums = [sha256(tmp_path / f"{name}.npz") for name in "abc"]
    assert sums[0] == sums[1] != sums[2]


def test_train_takes_every_setting(run, small_mnist, tmp_path):
    words = ["--hidden", "6,5", "--epochs", "2", "--learning-rate", "0.4"]
    words += ["--final-rate", "0.2", "--batch", "4", "--rotate", "10", "--biases"]
    words += ["--examples", "20", "--seed", "3"]
    done = run("digits", "train", *words, "-o", "net.npz", "--json")
    assert done.exit_code == 0, done.stderr
    network, meta = load_network(tmp_path / "net.npz")
    assert network.sizes == (784, 6, 5, 10)
    assert all(layer.biases is not None for layer in network.layers)
    assert meta["learning_rates"] == [0.4, 0.2]
    assert meta["settings"] == {
        "hidden": [6, 5], "epochs": 2, "learning_rate": 0.4, "final_rate": 0.2, "batch": 4,
        "rotate": 10.0, "biases": True, "spread": None, "examples": 20, "seed": 3,
    }  # fmt: skip
    told = json.loads(done.stdout)
    assert told["test_right"] == meta["test_right"]
    assert [epoch["loss"] for epoch in told["epochs"]] == meta["losses"]


def test_more_epochs_can_be_asked_for_later(run, small_mnist, tmp_path):
    run("digits", "train", *TINY, "-o", "whole.npz")
    run("digits", "train", "--hidden", 8, "--epochs", 1, "--learning-rate", 0.5, "-o", "part.npz")
    done = run("digits", "train", "--resume", "--epochs", 3, "-o", "part.npz")
    assert done.exit_code == 0, done.stderr
    assert [line.split()[1] for line in done.stderr.splitlines()] == ["2/3", "3/3"]
    assert sha256(tmp_path / "part.npz") == sha256(tmp_path / "whole.npz")
    again = run("digits", "train", "--resume", "-o", "part.npz")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "finished" in again.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--hidden", "0"], "hidden must be at least 1"),
        (["--hidden", "a"], "no size or sizes"),
        (["--epochs", "0"], "epochs must be at least 1"),
        (["--learning-rate", "nan"], "finite"),
        (["--learning-rate", "-1"], "greater than 0"),
        (["--rotate", "90"], "at most 45 degrees"),
        (["--seed", "-1"], "at least 0"),
        (["--examples", "31"], "30 training images, not 31"),
        (["--epohcs", "2"], "--epochs"),
        (["-o", "none/net.npz"], "no folder none"),
        (["--resume", "-o", "none.npz"], "no weights file"),
        (["--learning-rate", "1e39"], "ran away"),
    ],
)
def test_mistakes_in_train(run, small_mnist, refused, words, sentence):
    refused(run("digits", "train", *words), sentence)


def test_a_run_goes_on_as_it_began(run, small_mnist, refused, tmp_path):
    run("digits", "train", *TINY, "-o", "net.npz")
    before = sha256(tmp_path / "net.npz")
    refused(
        run("digits", "train", "--resume", "--hidden", 9, "-o", "net.npz"),
        "begun with --hidden 8, not 9",
    )
    refused(
        run("digits", "train", "--resume", "--epochs", 2, "-o", "net.npz"),
        "begun with --epochs 3, not 2",
    )
    other = tmp_path / "other.npz"
    other.write_bytes(b"something else")
    refused(run("digits", "train", *TINY, "-o", "other.npz"), "--force replaces it")
    assert other.read_bytes() == b"something else"
    assert sha256(tmp_path / "net.npz") == before


def interrupted_after(lines: int, words: list[str], folder: Path) -> tuple[int, str]:
    """Start training, press Ctrl-C after so many epochs; exit code and standard error."""
    command = [sys.executable, str(ROOT / "render.py"), "digits", "train", *words]
    # A background job's shell may have left Ctrl-C ignored.
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=os.environ,
    )  # fmt: skip
    assert process.stderr is not None
    heard = [process.stderr.readline() for _ in range(lines)]
    time.sleep(0.15)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    return process.returncode, "".join(heard) + rest


def test_interrupted_and_resumed_the_sum_is_the_same(real_mnist, start, tmp_path):
    words = ["--hidden", "100", "--epochs", "4", "--examples", "20000", "--rotate", "5"]
    whole = start("digits", "train", *words, "-o", "whole.npz")
    assert whole.returncode == 0, whole.stderr
    code, said = interrupted_after(1, [*words, "-o", "part.npz"], tmp_path)
    assert (code, said.count("Interrupted in epoch")) == (130, 1)
    _, meta = load_network(tmp_path / "part.npz")
    assert not meta["finished"]
    assert len(meta["losses"]) < 4
    anew = start("digits", "train", *words, "-o", "part.npz")
    assert anew.returncode == 2
    assert "--resume goes on with it" in anew.stderr
    code, said = interrupted_after(1, ["--resume", "-o", "part.npz"], tmp_path)
    if code == 130:  # else it was quicker than Ctrl-C
        done = start("digits", "train", "--resume", "-o", "part.npz")
        assert done.returncode == 0, done.stderr
    assert sha256(tmp_path / "part.npz") == sha256(tmp_path / "whole.npz")
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


# test


def test_the_confusion_matrix(run, small_mnist):
    done = run("digits", "test", "--json")
    told = json.loads(done.stdout)
    # The committed network reads all drawn digits.
    assert told == {"right": 10, "count": 10, "confusion": np.eye(10, dtype=int).tolist()}
    assert "10 of 10 read right: 100.00%" in run("digits", "test").stdout


# fetch


def test_fetch_from_a_folder(run, real_mnist, tmp_path, monkeypatch, refused):
    source = Path(os.environ["NN_MNIST_DIR"])
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path / "new"))
    done = run("digits", "fetch", "--from", source, "--only", "test", "--json")
    assert done.exit_code == 0, done.stderr
    assert [file["state"] for file in json.loads(done.stdout)] == ["copied", "copied"]
    assert run("digits", "test", "--json").exit_code == 0
    again = run("digits", "fetch", "--only", "test")
    assert again.stdout.count("already there") == 2
    refused(run("digits", "fetch", "--from", tmp_path), "train-images")


def test_fetch_without_a_network_is_one_sentence(run, tmp_path, monkeypatch):
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path / "new"))
    done = run("digits", "fetch", "--mirror", "http://127.0.0.1:9/")
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "127.0.0.1:9" in done.stderr
    assert "--from DIR" in done.stderr


def test_mistakes_in_fetch(run, refused):
    refused(run("digits", "fetch", "--only", "tests"), "Did you mean 'test'?")
    refused(run("digits", "fetch", "--from", "x", "--mirror", "http://x/"), "takes no --mirror")
    refused(run("digits", "fetch", "--from", "none"), "no folder none")


# recognise


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """Two digits, enlarged, dark on light, and one picture that is blank."""
    paths = []
    for digit in (3, 7):
        path = tmp_path / f"photo{digit}.png"
        large = Image.fromarray(255 - draw(digit)).resize((300, 300), Image.Resampling.BICUBIC)
        large.save(path)
        paths.append(path)
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    return [*paths, tmp_path / "blank.png"]


def test_recognise_prints_three_answers(run, photos):
    done = run("digits", "recognise", *photos[:2])
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(": ")[1][0] for line in lines] == ["3", "7"]
    assert all(line.count("(") == 3 for line in lines)


def test_recognise_for_programs_and_to_look_at(run, photos, tmp_path):
    done = run("digits", "recognise", *photos[:2], "--json", "--show", "seen")
    told = json.loads(done.stdout)
    assert [each["answers"][0]["digit"] for each in told] == [3, 7]
    outputs = [answer["output"] for answer in told[0]["answers"]]
    assert outputs == sorted(outputs, reverse=True)
    seen = sorted((tmp_path / "seen").iterdir())
    assert len(seen) == 2
    with Image.open(seen[0]) as picture:
        assert picture.size[0] == picture.size[1] >= 280
        assert picture.size[0] % 28 == 0


def test_recognise_reads_on_after_a_bad_file(run, photos):
    done = run("digits", "recognise", photos[2], photos[0], "none.png")
    assert done.exit_code == 2
    assert done.stdout.startswith(str(photos[0]))
    first, second = done.stderr.splitlines()
    assert "blank" in first
    assert "none.png" in second


def test_recognise_with_a_network_of_ones_own(run, small_mnist, photos, refused, tmp_path):
    run("digits", "train", *TINY, "-o", "net.npz")
    done = run("digits", "recognise", photos[0], "--network", "net.npz", "--json")
    (told,) = json.loads(done.stdout)
    assert max(answer["output"] for answer in told["answers"]) < 0.99
    refused(run("digits", "recognise", photos[0], "--network", photos[0]), "not a")
    refused(run("digits", "recognise"), "FILE")
