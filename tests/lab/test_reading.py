"""What is said of a reading, against sums and conditions written another way."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import mnist
from lab.images import resolve_digit
from lab.reading import (
    Case,
    case,
    certainty,
    digits_that_tell,
    leaning,
    neuron_sum,
    paper_and_ink,
    read,
    telling_patch,
    votes,
)
from nncore.digits import read_digit, trained_network
from nncore.drawn import draw

SCORES = st.floats(0.0, 1.0)


def test_a_neurons_sum_is_the_sum_of_its_products() -> None:
    network, _ = trained_network()
    reading = read_digit(network, draw(4))
    found = neuron_sum(network, reading, 17)
    row = [float(w) for w in network.layers[0].weights[17]]
    pixels = [b / 255 * 0.99 + 0.01 for b in draw(4).ravel().tolist()]
    exact = math.fsum(map(float.__mul__, row, pixels))
    assert found.total == pytest.approx(exact, abs=1e-4)
    assert found.running[0] == 0 and found.running[-1] == found.total
    assert np.diff(found.running) == pytest.approx(found.products.ravel(), abs=1e-12)
    assert found.output == pytest.approx(1 / (1 + math.exp(-exact)), abs=1e-5)


@pytest.mark.parametrize("digit", [3, 8])
def test_votes_add_up_to_the_score(digit: int) -> None:
    network, _ = trained_network()
    reading = read_digit(network, draw(3))
    found = votes(network, reading, digit)
    row = network.layers[1].weights[digit].astype(float).tolist()
    products = list(map(float.__mul__, row, map(float, reading.hidden)))
    assert found.products.tolist() == products
    assert found.gain == pytest.approx(math.fsum(p for p in products if p > 0))
    assert found.loss == pytest.approx(math.fsum(p for p in products if p < 0))
    assert found.running[-1] == found.total == found.gain + found.loss
    assert found.products[found.order].tolist() == sorted(products, reverse=True)
    assert found.score == pytest.approx(1 / (1 + math.exp(-found.total)), abs=1e-5)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (0.002, 0.001, "weak"),  # twice as much, and hardly anything
        (0.002, 0.0015, "guess"),
        (0.212, 0.01, "weak"),
        (0.95, 0.1, "clear"),
        (0.95, 0.3, "ahead"),
        (0.7, 0.1, "ahead"),
        (0.7, 0.6, "narrow"),
        (0.999, 0.976, "narrow"),
        (0.4, 0.4, "tied"),
    ],
)
def test_size_and_gap_both_count(first: float, second: float, says: str) -> None:
    assert certainty(first, second) == says


@given(SCORES, SCORES)
def test_no_answer_is_called_clear_or_narrow_of_which_that_is_not_true(a: float, b: float) -> None:
    first, second = max(a, b), min(a, b)
    says = certainty(first, second)
    if says == "clear":
        assert first >= 0.8 and second < 0.2
    if says in ("narrow", "guess"):
        assert first > second > first / 2
    if says in ("weak", "guess"):
        assert first < 0.5
    if says in ("narrow", "ahead", "clear"):
        assert first >= 0.5


@given(st.lists(SCORES, min_size=2, max_size=3, unique=True))
def test_scores_that_differ_are_shown_as_different(scores: list[float]) -> None:
    places = digits_that_tell(scores)
    texts = {f"{s:.{places}f}" for s in scores}
    assert 3 <= places <= 9
    assert len(texts) == len(scores) or places == 9
    if places > 3:
        fewer = [f"{s:.{places - 1}f}" for s in scores]
        zeros = [t for t, s in zip(fewer, scores, strict=True) if float(t) == 0]
        assert len(set(fewer)) < len(scores) or zeros


def test_paper_and_ink_are_the_ends_of_the_inputs() -> None:
    assert paper_and_ink() == pytest.approx((0.01, 1.0))


@pytest.mark.parametrize("digit", range(10))
def test_the_patch_lies_in_the_picture_and_holds_paper_and_ink(digit: int) -> None:
    inputs = draw(digit) / 255 * 0.99 + 0.01
    row, column = telling_patch(inputs, (4, 5))
    window = inputs[row : row + 4, column : column + 5]
    assert window.shape == (4, 5)
    assert window.min() < 0.1 and window.max() > 0.9


def test_a_drawn_digit_leans_no_more_than_it_must() -> None:
    network, _ = trained_network()
    found = leaning(network)
    tilt, label = found.tilt, found.digit.label
    assert tilt is not None and label is not None and found.lean == abs(tilt)
    assert found.source == f"drawn:{label} tilt {tilt}"
    assert read_digit(network, draw(label, tilt=tilt)).answer != label
    assert read_digit(network, draw(label, tilt=tilt - int(np.sign(tilt)))).answer == label


def test_without_mnist_the_hard_one_is_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(mnist.ENVIRONMENT, str(tmp_path))
    network, _ = trained_network()
    assert case(network, "auto") is leaning(network)


def test_what_a_reading_says_of_itself() -> None:
    network, _ = trained_network()
    three = read(network, Case(resolve_digit("drawn:3")))
    assert (three.label, three.verdict, three.spoken_of) == (3, "right", (3,))
    assert three.outcome == f"right_{three.certainty}"
    leans = read(network, leaning(network))
    assert leans.verdict == "misread"
    assert leans.spoken_of == (leans.reading.answer, leans.label)
    own = float(leans.reading.outputs[leans.label])
    close = own > leans.reading.answer_output / 2
    assert leans.outcome == ("misread_closely" if close else "misread")
