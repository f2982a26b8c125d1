"""Training against the plain loop of the textbook, written out here in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from nncore.activations import IDENTITY, LEAKY_RELU, RELU, SIGMOID, TANH
from nncore.errors import ParameterError
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR
from nncore.network import Network
from nncore.training import BLOCK, WIDE, Trainer, stretches, train

# Each activation and its slope, independent of the package's.
PLAIN = {
    SIGMOID: (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    TANH: (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    RELU: (lambda z: z * (z > 0), lambda z: 1.0 * (z > 0)),
    LEAKY_RELU: (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    IDENTITY: (lambda z: z, lambda z: np.ones_like(z)),
}
FACTOR = {HALF_SQUARED_ERROR: 1.0, SQUARED_ERROR: 2.0}


def plain_gradients(network: Network, weights: list, biases: list, x: np.ndarray, t: np.ndarray):
    """One example's loss and gradients, column vectors and numpy.dot."""
    signals, sums = [x[:, None]], []
    for layer, w, b in zip(network.layers, weights, biases, strict=True):
        z = np.dot(w, signals[-1]) + (0 if b is None else b[:, None])
        sums.append(z)
        signals.append(PLAIN[layer.activation][0](z))
    factor = FACTOR[network.loss]
    difference = signals[-1] - t[:, None]
    gradients: list[tuple[np.ndarray, np.ndarray]] = []
    back = factor * difference
    for k in reversed(range(len(weights))):
        error = back * PLAIN[network.layers[k].activation][1](sums[k])
        back = np.dot(weights[k].T, error)
        gradients.insert(0, (np.dot(error, signals[k].T), error[:, 0]))
    return factor / 2 * float((difference**2).sum()), gradients


def plain_training(network: Network, x: np.ndarray, t: np.ndarray, rate: float, batch: int):
    """The textbook loop: parameters afterwards, and the sum of the losses."""
    weights = [layer.weights.astype(np.float64) for layer in network.layers]
    biases = [None if la.biases is None else la.biases.astype(np.float64) for la in network.layers]
    total = 0.0
    for i in range(0, len(x), batch):
        part = range(i, min(i + batch, len(x)))
        found = [plain_gradients(network, weights, biases, x[j], t[j]) for j in part]
        total += sum(loss for loss, _ in found)
        for k in range(len(weights)):
            weights[k] = weights[k] - rate * np.mean([g[k][0] for _, g in found], axis=0)
            if biases[k] is not None:
                biases[k] = biases[k] - rate * np.mean([g[k][1] for _, g in found], axis=0)
    return weights, biases, total


@st.composite
def runs(draw: Any):
    """A network, wide at the bottom or not, and examples for it."""
    inputs = draw(st.sampled_from([3, 40, WIDE]))
    sizes = [inputs, *draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))]
    activations = draw(
        st.lists(st.sampled_from(list(PLAIN)), min_size=len(sizes) - 1, max_size=len(sizes) - 1)
    )
    network = Network.random(
        sizes,
        seed=draw(st.integers(0, 99)),
        activation=activations,
        biases=draw(st.booleans()),
        loss=draw(st.sampled_from(list(FACTOR))),
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    count = draw(st.sampled_from([1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3]))
    x = rng.normal(0, 1, (count, inputs)) / np.sqrt(inputs)
    return network, x, rng.random((count, sizes[-1]))


@settings(max_examples=60, deadline=None)
@given(runs(), st.floats(0.01, 0.3), st.sampled_from([1, 1, 1, 7, 32, 64, 100]))
def test_training_is_the_textbook_loop(case, rate: float, batch: int) -> None:
    network, x, t = case
    weights, biases, total = plain_training(network, x, t, rate, batch)
    trainer = Trainer(network, rate, batch)
    assert_allclose(trainer.learn(x, t), total, rtol=1e-9)
    trained = trainer.network()
    for layer, w, b in zip(trained.layers, weights, biases, strict=True):
        assert_allclose(layer.weights, w, rtol=1e-8, atol=1e-11)
        assert (layer.biases is None) == (b is None)
        if b is not None:
            assert_allclose(layer.biases, b, rtol=1e-8, atol=1e-11)


def digits_like(count: int, dtype: Any = np.float32) -> tuple[Network, np.ndarray, np.ndarray]:
    """A wide network and as many examples."""
    network = Network.random((784, 20, 10), seed=3, dtype=dtype, loss=SQUARED_ERROR)
    rng = np.random.default_rng(4)
    x = rng.random((count, 784)).astype(dtype)
    return network, x, rng.random((count, 10)).astype(dtype)


def test_in_float32_it_is_the_same_but_for_rounding() -> None:
    network, x, t = digits_like(300)
    weights, _, total = plain_training(network, x.astype(float), t.astype(float), 0.1, 1)
    trainer = Trainer(network, 0.1)
    assert trainer.wide
    assert trainer.learn(x, t) == pytest.approx(total, rel=1e-5)
    for layer, expected in zip(trainer.network().layers, weights, strict=True):
        assert layer.weights.dtype == np.float32
        assert_allclose(layer.weights, expected, atol=2e-5)


@pytest.mark.parametrize("batch", [1, 7])
def test_cut_into_stretches_the_bits_are_the_same(batch: int) -> None:
    network, x, t = digits_like(2_500)
    order = np.random.default_rng(8).permutation(len(x))
    whole = Trainer(network, 0.1, batch)
    for _, part in stretches(order, batch):
        whole.learn(x[part], t[part])
    for cut in [position for position, _ in stretches(order, batch)][:-1]:
        first = Trainer(network, 0.1, batch)
        for position, part in stretches(order, batch):
            first.learn(x[part], t[part])
            if position == cut:
                break
        second = Trainer(first.network(), 0.1, batch)
        for _, part in stretches(order, batch, cut):
            second.learn(x[part], t[part])
        for got, expected in zip(second.network().layers, whole.network().layers, strict=True):
            assert_array_equal(got.weights, expected.weights)


@given(st.integers(1, 5_000), st.integers(1, 1_200))
def test_stretches_are_whole_batches_and_cover_the_epoch(count: int, batch: int) -> None:
    order = np.arange(count)
    pieces = list(stretches(order, batch))
    assert np.concatenate([part for _, part in pieces]).tolist() == order.tolist()
    assert [position for position, _ in pieces] == np.cumsum([len(p) for _, p in pieces]).tolist()
    assert all(len(part) % batch == 0 for _, part in pieces[:-1])
    assert all(len(part) % BLOCK == 0 for _, part in pieces[:-1] if batch == 1)


def test_train_is_the_trainer_in_the_shuffled_order() -> None:
    network, x, t = digits_like(1_000)
    history = train(network, x, t, learning_rate=0.2, epochs=2, batch_size=5, shuffle_seed=6)
    rng, trainer, losses = np.random.default_rng(6), Trainer(network, 0.2, 5), []
    for _ in range(2):
        order = rng.permutation(len(x))
        losses.append(trainer.learn(x[order], t[order]) / len(x))
    assert history.batch_size == 5
    assert_allclose(history.losses, losses, rtol=1e-6)
    for got, expected in zip(history.network.layers, trainer.network().layers, strict=True):
        assert_allclose(got.weights, expected.weights, atol=1e-6)


def test_the_rate_may_change_between_calls() -> None:
    network, x, t = digits_like(10, np.float64)
    trainer = Trainer(network, 0.5)
    trainer.learn(x[:4], t[:4])
    trainer.rate = 0.1
    trainer.learn(x[4:], t[4:])
    weights, _, _ = plain_training(network, x[:4], t[:4], 0.5, 1)
    weights, _, _ = plain_training(network.with_weights(weights), x[4:], t[4:], 0.1, 1)
    for layer, expected in zip(trainer.network().layers, weights, strict=True):
        assert_allclose(layer.weights, expected, rtol=1e-9, atol=1e-12)


def test_the_network_given_stays_as_it_is() -> None:
    network, x, t = digits_like(70)
    before = [layer.weights.copy() for layer in network.layers]
    Trainer(network, 0.5).learn(x, t)
    for layer, expected in zip(network.layers, before, strict=True):
        assert_array_equal(layer.weights, expected)


@pytest.mark.parametrize("batch", [1, 10])
def test_numbers_that_run_away_are_said(batch: int) -> None:
    network = Network.random((784, 20, 10), seed=3, activation=IDENTITY, dtype=np.float32)
    rng = np.random.default_rng(4)
    x, t = rng.random((500, 784)), rng.random((500, 10))
    with pytest.raises(ParameterError, match=r"ran away at a learning rate of 5; .* smaller one\."):
        train(network, x, t, learning_rate=5, batch_size=batch)


@pytest.mark.parametrize(("rate", "batch"), [(0, 1), (float("nan"), 1), (0.1, 0), (0.1, 2.5)])
def test_bad_settings_are_refused(rate: float, batch: Any) -> None:
    with pytest.raises(ParameterError):
        Trainer(Network.random((2, 1), seed=1), rate, batch)
