"""The digits clip's run against sums done another way, and its captions against its run."""

from __future__ import annotations

import gzip
import math
import struct
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lab import mnist
from lab.reading import LEAN
from nncore.digits import WEIGHTS_FILE, trained_network
from nncore.drawn import draw
from nncore.errors import DataError, NNError, ParameterError
from scenes.digits.mnist_forward import MnistForward, MnistForwardParams, Run
from scenes.kit.dry import walk
from scenes.kit.params import parse

needs_mnist = pytest.mark.skipif(not mnist.has_test_set(), reason="MNIST is not at hand")


@pytest.fixture
def without_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(mnist.ENVIRONMENT, str(tmp_path / "nothing"))


def compute(**options: str) -> Run:
    return MnistForward.compute(parse(MnistForwardParams, options))


@cache
def weights() -> list[np.ndarray]:
    """Both layers' weights as they lie in the file, in double precision."""
    network, _ = trained_network()
    with np.load(WEIGHTS_FILE, allow_pickle=False) as file:
        found = [np.asarray(file[k], float) for k in file.files if file[k].ndim == 2]
    assert [w.shape for w in found] == [(100, 784), (10, 100)]
    assert all(np.array_equal(w, la.weights) for w, la in zip(found, network.layers, strict=True))
    return found


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def read(image: np.ndarray) -> tuple[list[float], list[float]]:
    """Hidden and final outputs by exact sums, from an image of bytes."""
    signals = [[b / 255 * 0.99 + 0.01 for b in image.ravel().tolist()]]
    for layer in weights():
        sums = [math.fsum(map(float.__mul__, row, signals[-1])) for row in layer.tolist()]
        signals.append([sigmoid(z) for z in sums])
    return signals[1], signals[2]


@pytest.mark.parametrize("digit", ["drawn:7", "drawn:4"])
def test_the_numbers_shown_are_those_of_a_sum_done_by_hand(digit: str, without_mnist: None) -> None:
    run = compute(digit=digit, hard="drawn:1")
    hidden, outputs = read(draw(int(digit[-1])))
    reading, neuron = run.first.reading, run.neuron
    assert reading.hidden == pytest.approx(hidden, abs=2e-5)
    assert reading.outputs == pytest.approx(outputs, abs=2e-5)
    assert reading.answer == int(np.argmax(outputs))
    pushes = weights()[1][reading.answer] * hidden
    assert neuron.neuron == int(np.argmax(pushes))
    assert neuron.output == pytest.approx(hidden[neuron.neuron], abs=2e-5)
    assert neuron.output == pytest.approx(sigmoid(neuron.total), abs=1e-5)


def test_the_products_shown_add_up_to_the_weighted_sum(without_mnist: None) -> None:
    neuron = compute().neuron
    assert neuron.products.shape == neuron.weights.shape == (28, 28)
    assert np.array_equal(neuron.weights.ravel(), weights()[0][neuron.neuron])
    assert math.fsum(neuron.products.ravel().tolist()) == pytest.approx(neuron.total, abs=1e-9)


def test_the_counts_are_the_networks(without_mnist: None) -> None:
    run = compute()
    assert run.sizes == (28, 784, 100, 10)
    assert run.extremes == pytest.approx((0.01, 1.0))
    assert run.extremes[0] == run.first.reading.inputs.min()


@pytest.mark.parametrize("digit", ["drawn:3", "drawn:5"])
def test_the_answer_has_the_larger_sum(digit: str, without_mnist: None) -> None:
    run = compute(digit="drawn:1", hard=digit)
    _, outputs = read(draw(int(digit[-1])))
    first, second = np.argsort(outputs)[::-1][:2]
    assert [v.digit for v in run.votes] == [first, second]
    assert run.votes[0].total > run.votes[1].total
    assert MnistForward.verdicts(run)["rival"] == "less"
    for v in run.votes:
        assert sigmoid(v.total) == pytest.approx(outputs[v.digit], abs=2e-5)


def test_a_misread_digits_rival_is_what_it_is(without_mnist: None) -> None:
    run = compute()
    reading, label = run.second.reading, run.second.label
    assert label is not None and label != reading.answer
    assert [v.digit for v in run.votes] == [reading.answer, label]


def test_without_mnist_a_drawn_digit_leans_until_it_is_misread(without_mnist: None) -> None:
    run = compute()
    assert (run.first.case.source, run.first.label) == ("drawn:3", 3)
    hard, reading = run.second.case, run.second.reading
    tilt, label = hard.tilt, run.second.label
    assert tilt is not None and label is not None and hard.lean == abs(tilt) <= LEAN
    assert hard.source == f"drawn:{label} tilt {tilt}"
    _, outputs = read(draw(label, tilt=tilt))
    assert reading.answer == int(np.argmax(outputs)) != label
    assert reading.outputs[label] == pytest.approx(outputs[label], abs=2e-5)
    _, less = read(draw(label, tilt=tilt - int(np.sign(tilt))))
    assert int(np.argmax(less)) == label
    assert MnistForward.verdicts(run)["hard"] == ("left" if tilt < 0 else "right")


def write_test_set(folder: Path, images: np.ndarray, labels: list[int]) -> None:
    folder.mkdir()
    pairs = {
        "t10k-images-idx3-ubyte.gz": struct.pack(">4I", 2051, len(images), 28, 28)
        + images.tobytes(),
        "t10k-labels-idx1-ubyte.gz": struct.pack(">2I", 2049, len(labels)) + bytes(labels),
    }
    for name, data in pairs.items():
        (folder / name).write_bytes(gzip.compress(data))


def test_with_a_test_set_the_search_finds_its_misread_digit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    images = np.stack([draw(d) for d in (1, 3, 7, 0)])
    write_test_set(tmp_path / "set", images, [1, 3, 2, 0])  # the 7 is said to be a 2
    monkeypatch.setenv(mnist.ENVIRONMENT, str(tmp_path / "set"))
    monkeypatch.setitem(mnist.COUNTS, "t10k", 4)
    run = compute(digit="mnist:test:1")
    hard = run.second
    assert (run.first.case.source, hard.case.source) == ("mnist:test:1", "mnist:test:2")
    assert (hard.case.tests, hard.case.misread) == (4, 1)
    assert (hard.label, hard.reading.answer) == (2, 7)
    assert MnistForward.verdicts(run)["hard"] == "misread"


@needs_mnist
def test_of_mnist_it_shows_the_flagged_one_that_reads_as_a_seven() -> None:
    hard = compute().second
    _, meta = trained_network()
    assert hard.case.source == "mnist:test:4201"
    assert (hard.case.tests, hard.case.misread) == (10_000, 10_000 - meta["test_right"])
    images, labels = mnist.test_set()
    _, outputs = read(images[4201])
    assert int(labels[4201]) == hard.label == 1
    assert int(np.argmax(outputs)) == hard.reading.answer == 7
    assert hard.reading.outputs[1] == pytest.approx(outputs[1], abs=2e-5)


@pytest.mark.parametrize("spec", ["seven", "drawn:11", "mnist:train:3", "mnist:test:x"])
@pytest.mark.parametrize("name", ["digit", "hard"])
def test_a_spec_that_names_no_digit_is_refused(name: str, spec: str) -> None:
    with pytest.raises(ParameterError, match="names no digit"):
        compute(**{name: spec})


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(NNError, match="digit"):
        compute(digit="")


def test_a_test_digit_needs_mnist(without_mnist: None) -> None:
    with pytest.raises(DataError, match="t10k"):
        compute(hard="mnist:test:4201")


def seven(folder: Path) -> str:
    """A picture of a 7, dark on light, of an unknown label."""
    image = Image.new("L", (120, 120), 255)
    ImageDraw.Draw(image).line([(36, 24), (84, 24), (52, 100)], fill=0, width=9)
    image.save(folder / "seven.png")
    return str(folder / "seven.png")


def shown(section: str, lang: str = "en", **options: str) -> tuple[str, dict[str, str], Run]:
    """A section's last caption, the section's numbers by name, and the run."""
    captions: dict[str, str] = {}

    def at_end(clip: MnistForward, name: str) -> None:
        captions[name] = clip.caption.text if clip.caption else ""

    params = parse(MnistForwardParams, options)
    clip = walk(MnistForward, params, lang, at_section_end=at_end, frame_rate=4)
    entries = {e.name: e.text for e in clip.ledger.entries if e.section == section}
    return captions[section], entries, clip.run


def test_a_misread_digit_is_called_misread(without_mnist: None) -> None:
    caption, entries, run = shown("verdict")
    reading, label = run.second.reading, run.second.label
    assert caption.startswith("Misread")
    assert entries["second answer"] == str(reading.answer) != entries["second label"] == str(label)
    assert entries[f"second score of {reading.answer}"] in caption
    assert entries[f"second score of {label}"] in caption


def test_a_well_read_digit_is_not_called_narrow(without_mnist: None) -> None:
    caption, entries, run = shown("verdict", hard="drawn:0")
    outputs = np.sort(run.second.reading.outputs)
    assert outputs[-1] >= 0.8 and outputs[-2] < 0.2
    assert caption.startswith("Right, and clearly")
    assert entries["second answer"] == "0"


def test_a_picture_without_a_label_is_neither_right_nor_wrong(
    without_mnist: None, tmp_path: Path
) -> None:
    path = seven(tmp_path)
    caption, entries, run = shown("verdict", digit=path, hard=path)
    assert run.first.label is None and run.second.label is None
    assert run.first.case.source == "file:seven.png"
    assert "second label" not in entries
    assert caption.startswith(f"The answer is {run.second.reading.answer}")


def test_the_same_digit_twice_is_no_other_digit(without_mnist: None) -> None:
    caption, _, run = shown("hard", digit="drawn:4", hard="drawn:4")
    assert caption.startswith("The same digit once more")
    assert np.array_equal(run.first.reading.outputs, run.second.reading.outputs)
    caption, _, _ = shown("hard", "zh", digit="drawn:4", hard="drawn:5")
    assert caption.startswith("换一个数字")


@needs_mnist
def test_captions_about_test_digits_say_what_is_true_of_them() -> None:
    caption, entries, _ = shown("outputs", digit="mnist:test:4201", hard="mnist:test:4063")
    assert "label says 1" in caption and entries["first answer"] == "7"
    caption, _, run = shown("verdict", hard="mnist:test:4063")
    reading = run.second.reading
    assert reading.answer == run.second.label
    assert reading.answer_output < 0.5 or reading.answer_output < 2 * reading.runner_up_output
    assert caption.startswith("Right, but")
    caption, entries, run = shown("hard")
    assert (entries["second misread"], entries["second tests"]) == ("185", "10,000")
    assert "185 of 10,000" in caption
