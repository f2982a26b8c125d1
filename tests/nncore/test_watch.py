"""Watched trainings: their numbers by autograd and by hand, their looks by the change between."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from nncore.activations import SIGMOID, TANH
from nncore.boolean import train_xor
from nncore.datasets import disc_in_ring
from nncore.errors import NNError, ParameterError, ShapeError
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR
from nncore.network import Network
from nncore.training import train
from nncore.watch import TIME, choose_looks, right_answers, watch

POINTS, CLASSES = disc_in_ring(30, 4)
HOW: dict[str, Any] = {"learning_rate": 1.5, "epochs": 60, "shuffle_seed": 3}


def circle_network(hidden: int = 3, **kind: Any) -> Network:
    return Network.random((2, hidden, 1), seed=2, biases=True, spread=1.0, **kind)


def mean_loss(weights: Any, network: Network, x: Any, t: Any) -> Any:
    """The mean squared error of an example, independent of the package's."""
    functions = {"sigmoid": lambda z: 1 / (1 + anp.exp(-z)), "tanh": anp.tanh}
    signal = x
    for layer, w in zip(network.layers, weights, strict=True):
        z = anp.dot(signal, w.T) + (0 if layer.biases is None else layer.biases)
        signal = functions[layer.activation.name](z)
    return anp.sum((t - signal) ** 2) / len(x)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    loss=st.sampled_from([SQUARED_ERROR, HALF_SQUARED_ERROR]),
    activation=st.sampled_from([SIGMOID, TANH]),
    biases=st.booleans(),
    looks=st.integers(2, 9),
    seed=st.integers(0, 99),
)
def test_what_is_seen_at_each_look(sizes, loss, activation, biases, looks, seed) -> None:
    network = Network.random(
        (3, *sizes), seed=seed, loss=loss, activation=activation, biases=biases
    )
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=(7, 3)), rng.integers(0, 2, (7, sizes[-1])).astype(float)
    run = watch(network, x, t, looks=looks, learning_rate=0.2, epochs=6)
    n = min(looks, 7)
    assert len(run.networks) == len(run.epochs) == n
    assert run.outputs.shape == (n, 7, sizes[-1])
    assert run.gradient_sizes.shape == (n, len(sizes))
    assert run.total == 7
    for k, seen in enumerate(run.networks):
        weights = [layer.weights for layer in seen.layers]
        assert run.losses[k] == pytest.approx(mean_loss(weights, seen, x, t), rel=1e-12)
        slopes = grad(mean_loss)(weights, seen, x, t)
        assert_allclose(run.gradient_sizes[k], [np.abs(g).mean() for g in slopes], rtol=1e-9)
        assert_array_equal(run.outputs[k], seen.forward(x).output)
        right = 0
        for output, target in zip(run.outputs[k], t, strict=True):
            if len(output) == 1:
                right += (output[0] > 0.5) == (target[0] == 1)
            else:
                right += list(output).index(max(output)) == list(target).index(max(target))
        assert run.right[k] == right


def test_the_networks_are_those_of_the_training_bit_for_bit() -> None:
    run = watch(circle_network(), POINTS, CLASSES, looks=12, **HOW)
    plain = train(circle_network(), POINTS, CLASSES[:, None], record_every=1, **HOW)
    assert_array_equal(run.history.losses, plain.losses)
    assert run.networks[0].layers[0].weights is run.history.start.layers[0].weights
    for epoch, seen in zip(run.epochs, run.networks, strict=True):
        for layer, same in zip(seen.layers, plain.snapshots[epoch].network.layers, strict=True):
            assert layer.weights.tobytes() == same.weights.tobytes()
            assert layer.biases.tobytes() == same.biases.tobytes()
    for layer, last in zip(run.networks[-1].layers, run.history.network.layers, strict=True):
        assert layer.weights.tobytes() == last.weights.tobytes()


def test_the_same_call_sees_the_same() -> None:
    first, again = (watch(circle_network(), POINTS, CLASSES, looks=15, **HOW) for _ in range(2))
    for name in ("epochs", "losses", "right", "gradient_sizes", "outputs"):
        one, other = getattr(first, name), getattr(again, name)
        assert one.tobytes() == other.tobytes()
        assert not one.flags.writeable
    flat = watch(circle_network(), POINTS, CLASSES[:, None], looks=15, **HOW)
    assert_array_equal(first.outputs, flat.outputs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_measure_in_either_dtype(dtype: Any) -> None:
    run = watch(circle_network(dtype=dtype), POINTS, CLASSES, looks=5, **HOW)
    assert run.outputs.dtype == dtype
    assert run.losses.dtype == run.gradient_sizes.dtype == np.float64


def test_three_hidden_neurons_close_the_loop_and_two_do_not() -> None:
    points, classes = disc_in_ring(80, 2)
    how = {"learning_rate": 1.5, "epochs": 500, "shuffle_seed": 2}
    two, three = (watch(circle_network(n), points, classes, **how) for n in (2, 3))
    assert three.right[-1] == 80 > two.right[-1]
    assert len(two.epochs) == len(three.epochs) == 150


@settings(max_examples=60, deadline=None)
@given(
    last=st.integers(1, 300),
    looks=st.integers(2, 120),
    seed=st.integers(0, 999),
    kind=st.sampled_from(["walk", "jump", "still", "decay"]),
)
def test_looks_are_distinct_and_hold_both_ends(last, looks, seed, kind) -> None:
    rng = np.random.default_rng(seed)
    if kind == "walk":
        shown = rng.normal(size=(last + 1, 3)).cumsum(axis=0)
    elif kind == "jump":
        shown = np.repeat((np.arange(last + 1) > last // 2)[:, None], 2, axis=1) * 1.0
    elif kind == "still":
        shown = np.full((last + 1, 2), rng.normal())
    else:
        shown = np.exp(-np.arange(last + 1)[:, None] / rng.uniform(0.1, 50))
    at = choose_looks(shown, np.square(shown).mean(axis=1), looks)
    assert len(at) == min(looks, last + 1)
    assert (at[0], at[-1]) == (0, last)
    assert (np.diff(at) > 0).all()
    # Time has its part: no gap is longer than what that part alone would make it.
    assert np.diff(at).max() <= np.ceil(last / (TIME * (looks - 1))) + 1


@given(st.floats(20, 300), st.floats(5, 60), st.integers(20, 60))
def test_equal_change_lies_between_neighbours(middle: float, width: float, looks: int) -> None:
    """One smooth rise: of 90 % of the looks each sees the same part, in closed form."""
    epochs = np.arange(2001.0)
    shown = 1 / (1 + np.exp(-(epochs - middle) / width))
    at = choose_looks(shown[:, None], 1 - shown, looks)
    # A look's share is 0.9 of the rise it saw and 0.1 of the time, of the whole each.
    rise = np.diff(shown[at]) / (shown[-1] - shown[0])
    share = (1 - TIME) * rise + TIME * np.diff(at) / 2000
    step = np.diff(shown).max() / (shown[-1] - shown[0])  # an epoch is not cut in two
    assert np.abs(share - 1 / (looks - 1)).max() <= 2 * step + 0.15 / (looks - 1)


def test_a_plateau_gets_few_looks_and_the_fall_behind_it_many() -> None:
    run = train_xor(seed=1, looks=60).watched
    fall = (run.losses < 0.24) & (run.losses > 0.01)
    epochs = run.epochs[fall]
    assert fall.sum() > 30
    assert epochs[-1] - epochs[0] < 400  # of 2000


def test_jitter_is_no_change() -> None:
    rng = np.random.default_rng(0)
    epochs = np.arange(1001)
    smooth = 1 - np.exp(-epochs / 60.0)
    shown = smooth[:, None] + rng.normal(0, 0.01, (1001, 4))
    at = choose_looks(shown, 1 - smooth, 80)
    # Epoch by epoch the jitter goes five times as far as the rise.
    assert np.abs(np.diff(shown, axis=0)).mean(axis=1).sum() > 5
    assert (at <= 300).sum() > 55


def test_where_nothing_changes_time_shares_the_looks() -> None:
    assert choose_looks(np.ones((101, 2)), np.ones(101), 11).tolist() == list(range(0, 101, 10))
    assert choose_looks(np.ones((4, 2)), np.ones(4), 11).tolist() == [0, 1, 2, 3]
    noise = 1 + 1e-16 * np.arange(101)[:, None]
    assert choose_looks(noise, np.ones(101), 11).tolist() == list(range(0, 101, 10))


def test_right_answers_at_the_threshold_and_among_equals() -> None:
    assert right_answers(np.array([[0.5], [0.51], [0.2]]), np.array([[0.0], [1.0], [1.0]])) == 2
    assert right_answers(np.array([[0.3, 0.3], [0.1, 0.2]]), np.array([[1.0, 0], [1.0, 0]])) == 1


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        (lambda: watch(circle_network(), POINTS, CLASSES, looks=1, **HOW), ParameterError),
        (lambda: watch(circle_network(), POINTS, CLASSES[1:], **HOW), ShapeError),
        (lambda: watch(circle_network(), POINTS[:, :1], CLASSES, **HOW), ShapeError),
        (
            lambda: watch(Network.random((2, 2), seed=1), POINTS, CLASSES, learning_rate=1),
            ShapeError,
        ),
        (lambda: watch(circle_network(), POINTS, CLASSES, learning_rate=0), ParameterError),
        (lambda: choose_looks(np.ones((3, 1)), np.ones(4), 2), ShapeError),
        (lambda: choose_looks(np.ones((0, 1)), np.ones(0), 2), ShapeError),
        (lambda: choose_looks(np.full((3, 1), np.nan), np.ones(3), 2), ParameterError),
    ],
)
def test_mistakes_get_one_sentence(mistake: Any, kind: type[NNError]) -> None:
    with pytest.raises(kind) as caught:
        mistake()
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
