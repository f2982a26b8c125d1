"""The digits clip's run against sums done another way, and its captions against its run."""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lab import mnist
from nncore.digits import WEIGHTS_FILE, trained_network
from nncore.drawn import draw
from nncore.errors import DataError, NNError, ParameterError
from scenes.kit import theme
from scenes.kit.dry import walk
from scenes.kit.params import parse
from scenes.mnist_forward import MnistForward
from scenes.mnist_forward_parts import SCurve, digit_colour, readable
from scenes.mnist_forward_run import (
    LEAN,
    LINKS,
    NARROW,
    PATCH,
    MnistForwardParams,
    MnistForwardRun,
)

needs_mnist = pytest.mark.skipif(not mnist.has_test_set(), reason="MNIST is not at hand")
SECTIONS = [
    "picture",
    "numbers",
    "unroll",
    "weights",
    "sum",
    "sigmoid",
    "hidden",
    "outputs",
    "answer",
    "hard",
    "verdict",
]


@pytest.fixture
def without_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(mnist.ENVIRONMENT, str(tmp_path / "nothing"))


def compute(**options: str) -> MnistForwardRun:
    return MnistForward.compute(parse(MnistForwardParams, options))


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
    assert run.digit.hidden == pytest.approx(hidden, abs=2e-5)
    assert run.digit.outputs == pytest.approx(outputs, abs=2e-5)
    pushes = weights()[1][run.digit.answer] * hidden
    assert run.neuron == int(np.argmax(pushes))
    assert run.links.sources.tolist() == np.argsort(-pushes)[:LINKS].tolist()
    assert run.link_count == len(run.links.sources) == len(run.hard_links.sources) == LINKS
    assert run.neuron_output == pytest.approx(hidden[run.neuron], abs=2e-5)
    assert run.neuron_output == pytest.approx(sigmoid(run.weighted_sum), abs=1e-6)


def test_the_products_shown_add_up_to_the_weighted_sum(without_mnist: None) -> None:
    run = compute()
    assert run.products.shape == run.weights.shape == (28, 28)
    assert np.array_equal(run.weights.ravel(), weights()[0][run.neuron])
    assert math.fsum(run.products.ravel().tolist()) == pytest.approx(run.weighted_sum, abs=1e-4)


def test_the_counts_are_the_networks(without_mnist: None) -> None:
    run = compute()
    assert (run.side**2, run.pixels, run.neurons, run.outputs) == (784, 784, 100, 10)
    assert (run.paper, run.ink) == pytest.approx((0.01, 1.0))
    assert run.paper == run.digit.inputs.min()


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=20))
def test_a_number_on_a_pixel_can_be_read_and_the_brighter_stays_the_brighter(
    values: list[float],
) -> None:
    inputs = np.sort(np.array(values))
    tones = readable(inputs)
    for tone in tones:
        ground = theme.mix(theme.PANEL, theme.INPUT, float(tone))
        assert theme.contrast(digit_colour(float(tone)), ground) >= theme.CONTRAST
    assert (np.diff(tones) >= 0).all()
    assert np.abs(tones - inputs).max() < 0.1


@given(st.floats(1.0, 40.0), st.floats(-1.0, 1.0))
def test_the_dot_is_on_the_sigmoid(reach: float, share: float) -> None:
    curve = SCurve(reach, x=1.0, low=-2.0, size=(3.0, 1.5))
    y = curve.draw(share * reach)
    assert y == pytest.approx(sigmoid(share * reach))
    wanted = [1.0 + 1.5 * share, -2.0 + 1.5 * y]
    assert curve.dot.get_center()[:2] == pytest.approx(wanted)
    assert curve.guide.points[[0, -1], :2].ravel() == pytest.approx(
        [wanted[0], -2.0, -0.5, wanted[1]]
    )


def test_every_output_has_enough_links_that_pull_it_up() -> None:
    # Outputs of hidden neurons are positive, so the strongest links are yellow in any reading.
    assert ((weights()[1] > 0).sum(axis=1) >= LINKS).all()


@pytest.mark.parametrize("digit", range(10))
def test_the_patch_lies_in_the_picture_and_holds_paper_and_ink(
    digit: int, without_mnist: None
) -> None:
    run = compute(digit=f"drawn:{digit}", hard="drawn:1")
    (top, left), (rows, columns) = run.patch, PATCH
    window = run.digit.inputs.reshape(28, 28)[top : top + rows, left : left + columns]
    assert window.shape == PATCH
    assert window.min() < 0.1 and window.max() > 0.9


def test_without_mnist_a_drawn_digit_leans_until_it_is_misread(without_mnist: None) -> None:
    run = compute()
    assert (run.source, run.label) == ("drawn:3", 3)
    tilt, label = run.hard.tilt, run.hard_label
    assert tilt is not None and label is not None and run.hard.lean == abs(tilt) <= LEAN
    assert run.hard_source == f"drawn:{label} tilt {tilt}"
    _, outputs = read(draw(label, tilt=tilt))
    assert run.hard_digit.answer == int(np.argmax(outputs)) != label
    assert run.hard_label_output == pytest.approx(outputs[label], abs=2e-5)
    _, less = read(draw(label, tilt=tilt - int(np.sign(tilt))))
    assert int(np.argmax(less)) == label


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
    assert (run.source, run.hard_source) == ("mnist:test:1", "mnist:test:2")
    assert (run.hard.tests, run.hard.misread) == (4, 1)
    assert (run.hard_label, run.hard_digit.answer) == (2, 7)


@needs_mnist
def test_of_mnist_it_shows_the_flagged_one_that_reads_as_a_seven() -> None:
    run = compute()
    _, meta = trained_network()
    assert run.hard_source == "mnist:test:4201"
    assert (run.hard.tests, run.hard.misread) == (10_000, 10_000 - meta["test_right"])
    images, labels = mnist.test_set()
    _, outputs = read(images[4201])
    assert int(labels[4201]) == run.hard_label == 1
    assert int(np.argmax(outputs)) == run.hard_digit.answer == 7
    assert run.hard_label_output == pytest.approx(outputs[1], abs=2e-5)


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


def shown(section: str, **options: str) -> tuple[str, dict[str, str], MnistForwardRun]:
    """A section's last caption, the section's numbers by name, and the run."""
    captions: dict[str, str] = {}

    def at_end(clip: MnistForward, name: str) -> None:
        captions[name] = clip._caption.text if clip._caption else ""

    clip = walk(MnistForward, parse(MnistForwardParams, options), at_section_end=at_end)
    assert clip.sections == SECTIONS
    entries = {e.name: e.text for e in clip.ledger.entries if e.section == section}
    return captions[section], entries, clip.run


def test_a_misread_digit_is_called_misread(without_mnist: None) -> None:
    caption, entries, run = shown("verdict")
    assert caption.startswith("Misread")
    reading = run.hard_digit
    assert entries["answer"] == str(reading.answer) != entries["label"] == str(run.hard_label)
    assert f"{reading.outputs[reading.answer]:.3f}" in caption
    assert f"{reading.outputs[run.hard_label]:.3f}" in caption


def test_a_well_read_digit_is_not_called_narrow(without_mnist: None) -> None:
    caption, entries, run = shown("verdict", hard="drawn:0")
    assert run.hard_digit.margin > NARROW
    assert caption.startswith("Right, and clearly")
    assert entries["answer"] == entries["label"] == "0"


def test_a_picture_without_a_label_is_neither_right_nor_wrong(
    without_mnist: None, tmp_path: Path
) -> None:
    path = seven(tmp_path)
    caption, entries, run = shown("verdict", digit=path, hard=path)
    assert run.label is None and run.hard_label is None and run.source == "file:seven.png"
    assert "label" not in entries
    assert caption.startswith(f"The answer is {run.hard_digit.answer}")


@needs_mnist
def test_captions_about_test_digits_say_what_is_true_of_them() -> None:
    caption, entries, _ = shown("answer", digit="mnist:test:4201", hard="mnist:test:4063")
    assert "The label says 1" in caption and entries["answer"] == "7"
    caption, _, run = shown("verdict", hard="mnist:test:4063")
    assert run.hard_digit.answer == run.hard_label and run.hard_digit.margin < NARROW
    assert caption.startswith("Right, but narrowly")
    caption, entries, run = shown("hard")
    assert (entries["misread"], entries["test digits"]) == ("185", "10,000")
    assert "185 of 10,000" in caption
