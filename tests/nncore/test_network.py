"""The network against autograd, exact fractions and the documents."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from nncore.activations import (
    ACTIVATIONS,
    IDENTITY,
    LEAKY_RELU,
    RELU,
    SIGMOID,
    STEP,
    TANH,
    steep_sigmoid,
)
from nncore.errors import NNError, ParameterError, ShapeError
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR
from nncore.network import Layer, Network
from nncore.training import train

OUTSIDE: dict[str, Any] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky-relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "tanh": anp.tanh,
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Network, np.ndarray, np.ndarray]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    names = [draw(st.sampled_from(sorted(OUTSIDE))) for _ in sizes[1:]]
    seed = draw(st.integers(0, 10_000))
    network = Network.random(
        sizes,
        seed=seed,
        activation=[ACTIVATIONS[n] for n in names],
        biases=draw(st.booleans()),
        loss=draw(st.sampled_from([SQUARED_ERROR, HALF_SQUARED_ERROR])),
    )
    rng = np.random.default_rng(seed + 1)
    network = network.with_weights(
        [la.weights for la in network.layers],
        [None if la.biases is None else rng.normal(size=len(la.biases)) for la in network.layers],
    )
    batch = draw(st.sampled_from([(), (1,), (3,)]))
    return network, rng.normal(size=(*batch, sizes[0])), rng.normal(size=(*batch, sizes[-1]))


def outside_loss(params: Any, network: Network, x: np.ndarray, target: np.ndarray) -> Any:
    """The same network written once more, for autograd to differentiate."""
    for (weights, biases), layer in zip(params, network.layers, strict=True):
        z = anp.dot(x, weights.T)
        if biases is not None:
            z = z + biases
        x = OUTSIDE[layer.activation.name](z)
    half = 0.5 if network.loss is HALF_SQUARED_ERROR else 1.0
    return half * anp.sum((target - x) ** 2)


def parameters(network: Network) -> list[tuple[np.ndarray, np.ndarray | None]]:
    return [
        (np.array(la.weights), None if la.biases is None else np.array(la.biases))
        for la in network.layers
    ]


def outside_gradients(network: Network, x: np.ndarray, target: np.ndarray) -> list[Any]:
    """One layer's arrays at a time, as autograd does not differentiate by None."""
    gradients = []
    for k, (weights, biases) in enumerate(parameters(network)):

        def of_weights(w: Any, k: int = k, b: Any = biases) -> Any:
            params: list[Any] = parameters(network)
            params[k] = (w, b)
            return outside_loss(params, network, x, target)

        def of_biases(b: Any, k: int = k, w: Any = weights) -> Any:
            params: list[Any] = parameters(network)
            params[k] = (w, b)
            return outside_loss(params, network, x, target)

        by_bias = None if biases is None else grad(of_biases)(biases)
        gradients.append((grad(of_weights)(weights), by_bias))
    return gradients


def assert_both_close(got: np.ndarray | None, expected: np.ndarray | None) -> None:
    """Compare the biases of a layer that may have none."""
    assert (got is None) == (expected is None)
    if got is not None and expected is not None:
        assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_gradients_are_those_autograd_finds(case: tuple[Network, np.ndarray, np.ndarray]) -> None:
    network, x, target = case
    forward = network.forward(x)
    expected_loss = outside_loss(parameters(network), network, x, target)
    assert_allclose(network.loss_of(forward, target), expected_loss, rtol=1e-12)
    backward = network.backward(forward, target)
    for k, (by_weights, by_biases) in enumerate(outside_gradients(network, x, target)):
        assert_allclose(backward.weight_gradients[k], by_weights, rtol=1e-9, atol=1e-12)
        assert_both_close(backward.bias_gradients[k], by_biases)


@settings(max_examples=20, deadline=None)
@given(cases(), st.floats(0.001, 0.1))
def test_training_is_a_gradient_step_an_example(
    case: tuple[Network, np.ndarray, np.ndarray], rate: float
) -> None:
    network, x, target = case
    x, target = np.atleast_2d(x), np.atleast_2d(target)
    stepped = network
    losses = []
    for one, wanted in zip(x, target, strict=True):
        losses.append(outside_loss(parameters(stepped), stepped, one, wanted))
        gradients = outside_gradients(stepped, one, wanted)
        old = parameters(stepped)
        stepped = stepped.with_weights(
            [w - rate * g for (w, _), (g, _) in zip(old, gradients, strict=True)],
            [
                None if b is None else b - rate * g
                for (_, b), (_, g) in zip(old, gradients, strict=True)
            ],
        )
    history = train(network, x, target, learning_rate=rate)
    assert_allclose(history.losses, [np.mean(losses)], rtol=1e-9)
    for trained, expected in zip(history.network.layers, stepped.layers, strict=True):
        assert_allclose(trained.weights, expected.weights, rtol=1e-9, atol=1e-12)
        assert_both_close(trained.biases, expected.biases)


def test_two_by_two_of_the_book() -> None:
    network = Network([Layer(np.array([[0.9, 0.3], [0.2, 0.8]]), None, SIGMOID)])
    forward = network.forward([1.0, 0.5])
    sums = [Fraction("0.9") + Fraction("0.3") / 2, Fraction("0.2") + Fraction("0.8") / 2]
    assert sums == [Fraction("1.05"), Fraction("0.6")]
    assert_allclose(forward.weighted_sums[0], [float(s) for s in sums], rtol=1e-15)
    assert_allclose(forward.output, [0.7408, 0.6457], atol=5e-5)


def test_one_step_by_hand() -> None:
    """1-1 identity, w = 1, x = 2, t = 5: half squared error 9/2, slope -6, w after 0.1: 1.6."""
    network = Network([Layer(np.array([[1.0]]), None, IDENTITY)])
    forward = network.forward([2.0])
    backward = network.backward(forward, [5.0])
    assert network.loss_of(forward, [5.0]) == 4.5
    assert backward.errors[0].tolist() == [-3.0]
    assert backward.weight_gradients[0].tolist() == [[-6.0]]
    after = train(network, [[2.0]], [[5.0]], learning_rate=0.1)
    assert_allclose(after.network.layers[0].weights, [[1.6]], rtol=1e-15)
    assert network.layers[0].weights.tolist() == [[1.0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", [*ACTIVATIONS.values(), steep_sigmoid(20)])
def test_activations_keep_dtype_and_never_overflow(activation: Any, dtype: Any) -> None:
    z = np.array([-1e30, -1e4, -800, -1, 0, 1, 800, 1e4, 1e30], dtype=dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, slope = activation.function(z), activation.derivative(z)
    assert value.dtype == slope.dtype == dtype
    assert value.shape == slope.shape == z.shape
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    assert (np.diff(value) >= 0).all()


@pytest.mark.parametrize("activation", [SIGMOID, TANH, RELU, LEAKY_RELU, IDENTITY])
def test_derivatives_by_finite_difference(activation: Any) -> None:
    z = np.array([-3.1, -0.7, -0.01, 0.02, 0.9, 2.7])
    h = 1e-6
    rise = (activation.function(z + h) - activation.function(z - h)) / (2 * h)
    assert_allclose(activation.derivative(z), rise, atol=1e-8)


def test_sigmoid_points_and_symmetry() -> None:
    z = np.linspace(-30, 30, 601)
    s = SIGMOID.function(z)
    assert SIGMOID.function(np.array([0.0])).tolist() == [0.5]
    assert_allclose(s + s[::-1], 1.0, rtol=1e-15)
    assert_allclose(SIGMOID.derivative(z), s * s[::-1], rtol=1e-13)
    assert_allclose(steep_sigmoid(10).function(z), SIGMOID.function(10 * z), rtol=1e-15)


def test_step_fires_above_zero_only() -> None:
    assert STEP.function(np.array([-0.1, 0.0, 1e-300])).tolist() == [0.0, 0.0, 1.0]


def test_losses() -> None:
    output, target = np.array([1.0, 3.0]), np.array([0.0, 0.0])
    assert SQUARED_ERROR.function(output, target) == 10.0
    assert HALF_SQUARED_ERROR.function(output, target) == 5.0


def test_same_seed_same_bits() -> None:
    a, b = (Network.random((3, 4, 2), seed=5, biases=True) for _ in range(2))
    x, t = np.eye(3), np.ones((3, 2))
    trained = [train(n, x, t, learning_rate=0.3, epochs=4, shuffle_seed=9).network for n in (a, b)]
    for p, q in zip(trained[0].layers, trained[1].layers, strict=True):
        assert_array_equal(p.weights, q.weights)
    other = train(a, x, t, learning_rate=0.3, epochs=4, shuffle_seed=10).network
    assert (other.layers[0].weights != trained[0].layers[0].weights).any()
    assert a.seed == 5


def test_random_spread_is_one_over_root_fan_in() -> None:
    network = Network.random((400, 300, 2), seed=0)
    for layer, fan_in in zip(network.layers, (400, 300), strict=True):
        assert layer.weights.std() == pytest.approx(fan_in**-0.5, rel=0.1)
    assert Network.random((400, 300), seed=0, spread=2.0).layers[0].weights.std() == (
        pytest.approx(2.0, rel=0.02)
    )


@given(cases(), st.floats(0.001, 0.5))
def test_an_update_is_a_step_against_the_outside_gradients(
    case: tuple[Network, np.ndarray, np.ndarray], rate: float
) -> None:
    network, x, target = case
    backward = network.backward(network.forward(x), target)
    stepped = network.update(backward, rate)
    gradients = outside_gradients(network, x, target)
    for layer, (w, b), (dw, db) in zip(stepped.layers, parameters(network), gradients, strict=True):
        assert_allclose(layer.weights, w - rate * dw, rtol=1e-9, atol=1e-12)
        assert_both_close(layer.biases, None if b is None else b - rate * db)


def test_updates_one_after_another_are_a_training() -> None:
    network = Network.random((3, 4, 2), seed=5, biases=True, dtype=np.float32)
    x, t = np.eye(3), np.ones((3, 2))
    stepped = network
    for one, wanted in zip(x, t, strict=True):
        stepped = stepped.update(stepped.backward(stepped.forward(one), wanted), 0.3)
    trained = train(network, x, t, learning_rate=0.3).network
    for layer, other in zip(stepped.layers, trained.layers, strict=True):
        assert layer.weights.dtype == np.float32
        assert_allclose(layer.weights, other.weights, rtol=1e-5, atol=1e-7)
    assert stepped.seed == network.seed == 5


@pytest.mark.parametrize(
    ("other", "rate", "kind"),
    [
        (Network.random((2, 3), seed=1, biases=True), 0.1, ShapeError),
        (Network.random((2, 2, 3), seed=1), 0.1, ShapeError),
        (Network.random((2, 3), seed=1), 0, ParameterError),
        (Network.random((2, 3), seed=1, activation=IDENTITY, spread=9), 1e308, ParameterError),
    ],
)
def test_an_update_that_cannot_be_is_refused(other: Network, rate: float, kind: Any) -> None:
    backward = other.backward(other.forward([50, 60]), [0, 0, 0])
    with pytest.raises(kind, match=r"\.$"):
        Network.random((2, 3), seed=1).update(backward, rate)


def test_float32_stays_float32() -> None:
    network = Network.random((3, 4, 2), seed=1, dtype=np.float32, biases=True)
    forward = network.forward([[1, 2, 3]])
    backward = network.backward(forward, [[0, 1]])
    trained = train(network, [[1, 2, 3]], [[0, 1]], learning_rate=0.5).network
    arrays = [*forward.weighted_sums, *forward.outputs, *backward.errors]
    arrays += [*backward.weight_gradients, *(la.weights for la in trained.layers)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_history_snapshots_and_callback() -> None:
    seen: list[tuple[int, Network]] = []
    network = Network.random((2, 1), seed=1)
    history = train(
        network,
        np.eye(2),
        np.ones((2, 1)),
        learning_rate=1.0,
        epochs=5,
        on_epoch=lambda epoch, net: seen.append((epoch, net)),
        record_every=2,
    )
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4, 5]
    assert [s.epoch for s in history.snapshots] == [0, 2, 4]
    assert history.snapshots[0].network is network
    assert history.losses.shape == (5,)
    assert (np.diff(history.losses) < 0).all()
    short = train(network, np.eye(2), np.ones((2, 1)), learning_rate=1.0, epochs=4).network
    for got in (history.snapshots[2].network, seen[3][1]):
        assert_array_equal(got.layers[0].weights, short.layers[0].weights)


def test_everything_is_read_only_and_copied() -> None:
    given_weights = np.ones((1, 2))
    x = np.ones(2)
    network = Network([Layer(given_weights, np.zeros(1), SIGMOID)])
    forward = network.forward(x)
    given_weights[:] = 7
    x[:] = 7
    assert network.layers[0].weights.tolist() == [[1, 1]]
    assert forward.inputs.tolist() == [1, 1]
    backward = network.backward(forward, [1.0])
    for array in (
        network.layers[0].weights,
        network.layers[0].biases,
        forward.inputs,
        forward.output,
        forward.weighted_sums[0],
        backward.errors[0],
        backward.weight_gradients[0],
        backward.bias_gradients[0],
    ):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_a_network_can_be_sent_to_another_process() -> None:
    """A lambda among its activations would raise here."""
    network = Network.random((2, 3, 1), seed=4, activation=[steep_sigmoid(3), LEAKY_RELU])
    sent = pickle.dumps(network)
    assert network.layers[0].weights.tobytes() in sent


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        (lambda: Network([]), ShapeError),
        (lambda: Network.random((3,), seed=1), ShapeError),
        (lambda: Network.random((3, 0), seed=1), ParameterError),
        (lambda: Network.random((3, 1), seed=-1), ParameterError),
        (lambda: Network.random((3, 1), seed=1, dtype=np.int64), ParameterError),
        (lambda: Network.random((3, 1), seed=1, activation=[SIGMOID, TANH]), ShapeError),
        (lambda: Layer(np.ones(3), None, SIGMOID), ShapeError),
        (lambda: Layer(np.ones((1, 2)), np.ones(2), SIGMOID), ShapeError),
        (lambda: Layer(np.array([[np.nan]]), None, SIGMOID), ParameterError),
        (lambda: Layer(np.ones((0, 3)), None, SIGMOID), ShapeError),
        (
            lambda: Network(
                [Layer(np.ones((2, 1)), None, TANH), Layer(np.ones((1, 3)), None, TANH)]
            ),
            ShapeError,
        ),
        (lambda: Network.random((2, 1), seed=1).forward([1, 2, 3]), ShapeError),
        (lambda: Network.random((2, 1), seed=1).forward([[1], [1, 2]]), ParameterError),
        (lambda: Network.random((2, 1), seed=1).forward([np.inf, 1]), ParameterError),
        (lambda: Network.random((2, 1), seed=1).forward([[[1, 2]]]), ShapeError),
        (
            lambda: train(Network.random((2, 1), seed=1), [[1, 2]], [[1], [1]], learning_rate=1),
            ShapeError,
        ),
        (
            lambda: train(Network.random((2, 1), seed=1), [[1, 2]], [[1]], learning_rate=0),
            ParameterError,
        ),
        (
            lambda: train(
                Network.random((2, 1), seed=1, activation=IDENTITY),
                [[9, 9]],
                [[1]],
                learning_rate=10,
                epochs=400,
            ),
            ParameterError,
        ),
    ],
)
def test_mistakes_get_one_sentence(mistake: Any, kind: type[NNError]) -> None:
    with pytest.raises(kind) as caught:
        mistake()
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text


def test_backward_refuses_another_shape_of_target() -> None:
    network = Network.random((2, 3), seed=1)
    with pytest.raises(ShapeError):
        network.backward(network.forward([1, 2]), [1, 2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_updates_every_row_of_a_large_layer(dtype: Any) -> None:
    """Layers above 8,000 weights are updated in blocks; written out here with np.outer."""
    network = Network.random((700, 37, 3), seed=6, dtype=dtype)
    rng = np.random.default_rng(7)
    x, t = rng.random((5, 700)), rng.random((5, 3))
    first, last = (layer.weights.astype(np.float64) for layer in network.layers)
    for signal, target in zip(x, t, strict=True):
        hidden = 1 / (1 + np.exp(-first @ signal))
        output = 1 / (1 + np.exp(-last @ hidden))
        error = (output - target) * output * (1 - output)
        back = (last.T @ error) * hidden * (1 - hidden)
        last -= 0.5 * np.outer(error, hidden)
        first -= 0.5 * np.outer(back, signal)
    trained = train(network, x, t, learning_rate=0.5).network
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    assert_allclose(trained.layers[0].weights, first, atol=tolerance)
    assert_allclose(trained.layers[1].weights, last, atol=tolerance)
    moved = (trained.layers[0].weights != network.layers[0].weights).any(axis=1)
    assert moved.all()
