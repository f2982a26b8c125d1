"""A network run backwards, against the same way gone in plain Python."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nncore.activations import IDENTITY, RELU, SIGMOID, TANH
from nncore.class_picture import class_picture, class_pictures, logit, run_backwards
from nncore.digits import trained_network
from nncore.errors import ParameterError, ShapeError
from nncore.network import Layer, Network

QUICK = settings(max_examples=30, deadline=None)
TARGETS = (float(np.float32(0.01)), float(np.float32(0.99)))


def stretched(values: list[float], low: float, high: float) -> list[float]:
    """In fractions, so that only the result is rounded."""
    exact = [Fraction(value) for value in values]
    least, span = min(exact), max(exact) - min(exact)
    return [
        float(Fraction(low) + (Fraction(high) - Fraction(low)) * (v - least) / span) for v in exact
    ]


def back(network: Network, outputs: list[float]) -> list[tuple[list[float], ...]]:
    """(sums, raw, signals) of each layer, last to first, by loops over single links."""
    steps = []
    for k in reversed(range(len(network.layers))):
        layer = network.layers[k]
        if layer.activation is SIGMOID:
            sums = [math.log(y / (1 - y)) for y in outputs]
        else:
            sums = [math.log((1 + y) / (1 - y)) / 2 for y in outputs]
        biases = [0.0] * len(sums) if layer.biases is None else layer.biases.tolist()
        raw = [
            math.fsum(
                float(layer.weights[j, i]) * (z - b)
                for j, (z, b) in enumerate(zip(sums, biases, strict=True))
            )
            for i in range(layer.weights.shape[1])
        ]
        hidden = (0.01, 0.99) if network.layers[k - 1].activation is SIGMOID else (-0.98, 0.98)
        outputs = stretched(raw, *(hidden if k else (0.01, 1.0)))
        steps.append((sums, raw, outputs))
    return steps


@given(st.floats(1e-300, 1, exclude_max=True))
def test_the_sigmoid_undoes_the_logit(y):
    assert math.isclose(float(SIGMOID.function(logit(y))), y, rel_tol=1e-12)


@given(st.floats(-700, 15))
def test_the_logit_undoes_the_sigmoid(z):
    y = SIGMOID.function(np.array([z]))
    # Near 1 the outputs lie 1.1e-16 apart and the sums e^z times that.
    assert abs(logit(y)[0] - z) <= 1e-12 * max(1.0, abs(z)) + 2e-16 * math.exp(z)


def test_logits_known():
    assert logit(0.5) == 0
    assert math.isclose(logit(0.99), math.log(99), rel_tol=1e-14)
    assert math.isclose(logit(0.01), -math.log(99), rel_tol=1e-14)
    assert math.isclose(logit(1 / (1 + math.e)), -1, rel_tol=1e-14)
    assert logit(np.full((2, 3), 0.2)).shape == (2, 3)


@QUICK
@given(
    sizes=st.lists(st.integers(2, 5), min_size=2, max_size=5),
    seed=st.integers(0, 10_000),
    activations=st.lists(st.sampled_from([SIGMOID, TANH]), min_size=4, max_size=4),
    biases=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_the_way_back_in_plain_python(sizes, seed, activations, biases, dtype):
    rng = np.random.default_rng(seed)
    network = Network.random(
        sizes, seed=seed, activation=activations[: len(sizes) - 1], biases=biases, dtype=dtype
    )
    if biases:
        shifts = [rng.normal(size=n) for n in sizes[1:]]
        network = network.with_weights([la.weights for la in network.layers], shifts)
    outputs = rng.uniform(0.01, 0.99, sizes[-1])
    steps = run_backwards(network, outputs)
    assert [step.layer for step in steps] == list(reversed(range(len(sizes) - 1)))
    expected = back(network, outputs.tolist())
    # Stretching a nearly flat row enlarges what was rounded before by 1 / its width.
    assume(all(max(raw) - min(raw) > 0.01 for _, raw, _ in expected))
    for step, (sums, raw, signals) in zip(steps, expected, strict=True):
        np.testing.assert_allclose(step.sums, sums, rtol=0, atol=1e-7)
        np.testing.assert_allclose(step.raw, raw, rtol=0, atol=1e-7)
        np.testing.assert_allclose(step.signals, signals, rtol=0, atol=1e-7)


def test_each_step_goes_on_where_the_one_before_arrived():
    network = Network.random((784, 9, 7, 10), seed=3, activation=[SIGMOID, TANH, SIGMOID])
    picture = class_picture(network, 6)
    last, middle, first = picture.steps
    assert [step.outputs.shape for step in picture.steps] == [(10,), (7,), (9,)]
    assert middle.outputs.tolist() == last.signals.tolist()
    assert first.outputs.tolist() == middle.signals.tolist()
    for step in picture.steps:
        layer = network.layers[step.layer]
        np.testing.assert_allclose(layer.activation.function(step.sums), step.outputs, rtol=1e-12)
    assert (last.signals.min(), last.signals.max()) == (-0.98, 0.98)
    assert (middle.signals.min(), middle.signals.max()) == (0.01, 0.99)
    assert (first.signals.min(), first.signals.max()) == (0.01, 1.0)
    assert picture.picture.tolist() == first.signals.reshape(28, 28).tolist()
    assert picture.targets.tolist() == [TARGETS[k == 6] for k in range(10)]


@pytest.mark.parametrize("digit", [0, 9])
def test_one_layer_gives_an_affine_image_of_the_weights(digit):
    network = Network.random((784, 10), seed=8, dtype=np.float32)
    picture = class_picture(network, digit)
    wanted = [math.log(t / (1 - t)) for t in (TARGETS[k == digit] for k in range(10))]
    raw = [
        math.fsum(float(network.layers[0].weights[k, i]) * wanted[k] for k in range(10))
        for i in range(784)
    ]
    pixels = picture.picture.ravel()
    np.testing.assert_allclose(pixels, stretched(raw, 0.01, 1.0), rtol=1e-12)
    low, high = int(np.argmin(raw)), int(np.argmax(raw))
    assert (pixels[low], pixels[high]) == (0.01, 1.0)


@QUICK
@given(seed=st.integers(0, 10_000), digit=st.integers(0, 9))
def test_orthonormal_weights_give_the_targets_back(seed, digit):
    # W Wᵀ = 1: what Wᵀ sends back, W sends forward to the very sums it came from.
    square = np.random.default_rng(seed).normal(size=(784, 10))
    network = Network([Layer(np.linalg.qr(square)[0].T, None, SIGMOID)])
    picture = class_picture(network, digit)
    again = network.forward(picture.steps[0].raw).output
    np.testing.assert_allclose(again, picture.targets, rtol=1e-10)


def test_equal_signals_become_the_middle():
    network = Network(
        [Layer(np.ones((3, 4)), None, SIGMOID), Layer(np.ones((2, 3)), None, SIGMOID)]
    )
    last, first = run_backwards(network, [0.2, 0.9])
    assert last.signals.tolist() == [0.5] * 3
    assert first.signals.tolist() == [(0.01 + 1.0) / 2] * 4


def test_records_are_read_only_and_the_outputs_are_the_networks():
    network = Network.random((784, 5, 10), seed=1, dtype=np.float32)
    wanted = np.full(10, 0.3)
    steps = run_backwards(network, wanted)
    wanted[0] = 0.4
    assert steps[0].outputs[0] == 0.3
    picture = class_picture(network, 2)
    for array in (picture.picture, picture.outputs, *(step.raw for step in picture.steps)):
        assert not array.flags.writeable
    x = picture.picture.ravel()
    for layer in network.layers:
        x = 1 / (1 + np.exp(-(layer.weights.astype(np.float64) @ x)))
    np.testing.assert_allclose(picture.outputs, x, rtol=1e-4)
    assert picture.answer == np.argmax(x)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: logit(0.0), ParameterError),
        (lambda: logit([0.5, 1.0]), ParameterError),
        (lambda: logit(math.nan), ParameterError),
        (lambda: run_backwards(Network.random((3, 2), seed=1), [0.5]), ShapeError),
        (lambda: run_backwards(Network.random((3, 2), seed=1), [0.5, 1.0]), ParameterError),
        (lambda: run_backwards(Network.random((3, 2), seed=1), [0.5, -0.5]), ParameterError),
        (lambda: class_picture(Network.random((784, 10), seed=1), 10), ParameterError),
        (lambda: class_picture(Network.random((784, 10), seed=1), 1.0), ParameterError),
        (lambda: class_picture(Network.random((784, 9), seed=1), 1), ShapeError),
        (lambda: class_pictures(Network.random((783, 10), seed=1)), ShapeError),
    ],
)
def test_refuses(call, error):
    with pytest.raises(error):
        call()


@pytest.mark.parametrize("activation", [RELU, IDENTITY])
@pytest.mark.parametrize("at", [0, 1])
def test_refuses_activations_without_an_inverse(activation, at):
    activations = [SIGMOID, SIGMOID]
    activations[at] = activation
    network = Network.random((784, 3, 10), seed=1, activation=activations)
    with pytest.raises(ParameterError, match=f"activation {activation.name} cannot be run back"):
        class_picture(network, 1)


def test_the_ten_pictures_of_the_committed_network():
    network, _ = trained_network()
    pictures = class_pictures(network)
    assert [picture.digit for picture in pictures] == list(range(10))
    weights = [layer.weights.astype(np.float64) for layer in network.layers]
    for digit, picture in enumerate(pictures):
        wanted = np.array([TARGETS[k == digit] for k in range(10)])
        hidden = weights[1].T @ np.log(wanted / (1 - wanted))
        share = (hidden - hidden.min()) / np.ptp(hidden)
        signals = 0.01 + 0.98 * share
        pixels = weights[0].T @ np.log(signals / (1 - signals))
        expected = 0.01 + 0.99 * (pixels - pixels.min()) / np.ptp(pixels)
        np.testing.assert_allclose(picture.picture.ravel(), expected, atol=1e-9)
