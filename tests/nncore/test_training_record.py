"""A recorded run: the same bits as Network.train, the numbers of a textbook loop."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import mnist
from nncore.activations import RELU, SIGMOID
from nncore.digits import scale, targets
from nncore.errors import DataError, ParameterError, ShapeError
from nncore.losses import SQUARED_ERROR
from nncore.network import Network
from nncore.training import BLOCK, WIDE, train
from nncore.training_record import (
    RECORD_FILE,
    Link,
    TrainingRecord,
    log_moments,
    record_training,
    telling_links,
    trained_record,
)

QUICK = settings(max_examples=15, deadline=None)
LINKS = [(0, 0, 400), (1, 9, 0), (1, 2, 1)]


def noise(count: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return images, rng.integers(0, 10, count).astype(np.uint8)


def recorded(network: Network, examples: int = 150, **changes) -> TrainingRecord:
    images, labels = noise(examples)
    test_images, test_labels = noise(40, seed=6)
    keywords = {
        "learning_rate": 0.1,
        "epochs": 2,
        "shuffle_seed": 9,
        "moments": [0, 1, 64, 100, 151, 2 * examples],
        "links": LINKS,
        "test_images": test_images,
        "test_labels": test_labels,
    }
    return record_training(network, scale(images), targets(labels), **(keywords | changes))


@QUICK
@given(
    inner=st.sets(st.integers(1, 299), max_size=8),
    hidden=st.sampled_from([3, 11]),
    seed=st.none() | st.integers(0, 100),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_the_run_is_training_bit_for_bit(inner, hidden, seed, dtype):
    network = Network.random((784, hidden, 10), seed=1, dtype=dtype, biases=seed is None)
    # With 11 hidden neurons the examples are learnt in blocks, which moments must not cut.
    assert (784 * hidden >= WIDE) == (hidden == 11)
    assert 150 % BLOCK and BLOCK < 150
    states: dict[int, Network] = {}
    moments = [0, *sorted(inner), 300]
    recorded(network, moments=moments, shuffle_seed=seed, on_moment=states.__setitem__)
    images, labels = noise(150)
    trained = train(
        network, scale(images), targets(labels), learning_rate=0.1, epochs=2, shuffle_seed=seed
    ).network
    assert list(states) == moments
    for moment, other in ((0, network), (300, trained)):
        for layer, same in zip(states[moment].layers, other.layers, strict=True):
            assert layer.weights.tobytes() == same.weights.tobytes()
            if layer.biases is not None:
                assert layer.biases.tobytes() == same.biases.tobytes()


@pytest.mark.parametrize("hidden", [3, 11])
@pytest.mark.parametrize("moments", [[0, 1, 2, 63, 64, 65, 150, 151, 300], [0, 150], [0, 77]])
def test_numbers_of_a_textbook_loop(hidden, moments):
    network = Network.random((784, hidden, 10), seed=7)
    record = recorded(network, moments=moments)
    images, labels = noise(150)
    x, t = scale(images).astype(np.float64), targets(labels).astype(np.float64)
    test_images, test_labels = noise(40, seed=6)
    tests, wanted = scale(test_images).astype(np.float64), targets(test_labels).astype(np.float64)
    w1, w2 = (np.array(layer.weights) for layer in network.layers)
    rng = np.random.default_rng(9)
    order = [*rng.permutation(150), *rng.permutation(150)]
    sum_of_losses = 0.0
    for done in range(moments[-1] + 1):
        if done in moments:
            at = moments.index(done)
            weights = [(w1, w2)[layer][to, of] for layer, to, of in LINKS]
            np.testing.assert_allclose(record.weights[at], weights, rtol=1e-10)
            hidden_out = 1 / (1 + np.exp(-tests @ w1.T))
            out = 1 / (1 + np.exp(-hidden_out @ w2.T))
            right = sum(
                int(np.argmax(o) == label) for o, label in zip(out, test_labels, strict=True)
            )
            assert record.accuracy[at] == right / 40
            assert math.isclose(record.test_losses[at], ((out - wanted) ** 2).sum() / 80)
            flat = np.count_nonzero((hidden_out < 0.01) | (hidden_out > 0.99))
            assert record.saturation[at] == flat / hidden_out.size
            if at:
                mean = sum_of_losses / (done - moments[at - 1])
                assert math.isclose(record.train_losses[at - 1], mean, rel_tol=1e-9)
            sum_of_losses = 0.0
        if done < moments[-1]:
            example, target = x[order[done]], t[order[done]]
            h = 1 / (1 + np.exp(-w1 @ example))
            o = 1 / (1 + np.exp(-w2 @ h))
            sum_of_losses += ((o - target) ** 2).sum() / 2
            error = (o - target) * o * (1 - o)
            back = (w2.T @ error) * h * (1 - h)
            w2 -= 0.1 * np.outer(error, h)
            w1 -= 0.1 * np.outer(back, example)
    assert record.moments.tolist() == moments
    assert len(record.train_losses) == len(moments) - 1


def test_saturation():
    # Weights far from 0 saturate a sigmoid; a ReLU below 0 is flat too.
    far = Network.random((784, 5, 10), seed=1, spread=50.0)
    assert recorded(far, learning_rate=1e-9).saturation[0] > 0.9
    near = Network.random((784, 5, 10), seed=1, spread=0.001)
    assert recorded(near, learning_rate=1e-9).saturation.tolist() == [0.0] * 6
    relu = Network.random((784, 5, 10), seed=1, activation=[RELU, SIGMOID])
    x = scale(noise(40, seed=6)[0]).astype(np.float64)
    dead = np.mean(x @ relu.layers[0].weights.T <= 0)
    assert recorded(relu, learning_rate=1e-9).saturation[0] == dead > 0
    single = Network.random((784, 10), seed=1)
    assert recorded(single, links=[(0, 9, 3)]).saturation.tolist() == [0.0] * 6


def test_what_a_record_says_of_its_run():
    record = recorded(Network.random((784, 3, 10), seed=2, dtype=np.float32))
    assert record.settings.sizes == (784, 3, 10)
    assert (record.settings.network_seed, record.settings.shuffle_seed) == (2, 9)
    assert (record.settings.examples, record.settings.epochs, record.settings.tests) == (150, 2, 40)
    assert (record.settings.loss, record.settings.dtype) == ("half squared error", "float32")
    assert record.weights.dtype == np.float32
    assert record.links == tuple(Link(*link) for link in LINKS)
    assert not any(
        array.flags.writeable for array in (record.weights, record.moments, record.accuracy)
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"moments": [0]}, ParameterError),
        ({"moments": [1, 300]}, ParameterError),
        ({"moments": [0, 301]}, ParameterError),
        ({"moments": [0, 5, 5]}, ParameterError),
        ({"moments": [0, 2.5]}, ParameterError),
        ({"links": []}, ParameterError),
        ({"links": [(0, 1, 2), (0, 1, 2)]}, ParameterError),
        ({"links": [(0, 3, 0)]}, ParameterError),
        ({"links": [(0, 0, 784)]}, ParameterError),
        ({"links": [(2, 0, 0)]}, ParameterError),
        ({"links": [(0, -1, 0)]}, ParameterError),
        ({"links": [(0, 1)]}, ParameterError),
        ({"learning_rate": 0}, ParameterError),
        ({"epochs": 0}, ParameterError),
        ({"shuffle_seed": -1}, ParameterError),
        ({"test_labels": [1]}, ShapeError),
        ({"test_images": np.zeros((40, 784))}, ShapeError),
    ],
)
def test_refuses(changes, error):
    with pytest.raises(error) as caught:
        recorded(Network.random((784, 3, 10), seed=2), **changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [((5, 783), (5, 10)), ((5, 784), (4, 10)), ((0, 784), (0, 10))])
def test_refuses_examples_that_do_not_fit(shape):
    images, labels = noise(3)
    with pytest.raises(ShapeError):
        record_training(
            Network.random((784, 3, 10), seed=2),
            *(np.zeros(size) for size in shape),
            learning_rate=0.1,
            moments=[0, 1],
            links=LINKS,
            test_images=images,
            test_labels=labels,
        )


def test_moments_known():
    assert log_moments(1000, 5) == (0, 1, 10, 100, 1000)
    assert log_moments(800, 5, first=100) == (0, 100, 200, 400, 800)
    assert log_moments(4, 5) == (0, 1, 2, 3, 4)
    assert log_moments(7, 2) == (0, 7)
    # 10^(k/6): 1, 1.5, 2.2, 3.2, 4.6, 6.8, 10; where those round to the same, the next number.
    assert log_moments(10, 8) == (0, 1, 2, 3, 4, 5, 7, 10)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), count=st.integers(2, 200), first=st.integers(1, 50))
def test_moments_ascend_ever_faster(data, count, first):
    total = first + count - 2 + data.draw(st.integers(0, 200_000))
    moments = log_moments(total, count, first)
    assert len(moments) == count
    assert (moments[0], moments[-1]) == (0, total)
    assert count == 2 or moments[1] == first
    steps = [b - a for a, b in pairwise(moments)]
    assert min(steps) >= 1
    # As in a geometric row, but for rounding.
    assert all(after >= before - 1 for before, after in pairwise(steps[1:]))


@pytest.mark.parametrize("call", [(5, 1), (0, 2), (3, 5), (5, 3, 0), (5, 3, 5), (5.0, 3)])
def test_moments_that_cannot_be(call):
    with pytest.raises(ParameterError):
        log_moments(*call)


def changed(*changes: list[list[float]]) -> tuple[Network, Network]:
    shapes = [np.shape(change) for change in changes]
    before = Network.random((shapes[0][1], *(shape[0] for shape in shapes)), seed=1)
    weights = [la.weights + np.array(c) for la, c in zip(before.layers, changes, strict=True)]
    return before, before.with_weights(weights)


def test_telling_links_chosen_by_hand():
    before, after = changed([[6, -5, 0], [4, 3, -2]], [[1.5, -2], [0, 1], [0.5, 0.25]])
    # Layer 0: the largest of each neuron, 6 and 4; of 5, 3, 2, 0 the second and the last.
    # Layer 1: 2 and 1; of 1.5, 0.5, 0.25, 0 the second and the last.
    assert telling_links(before, after, 8) == (
        (0, 0, 0), (0, 1, 0), (0, 1, 1), (0, 0, 2),
        (1, 0, 1), (1, 1, 1), (1, 2, 0), (1, 1, 0),
    )  # fmt: skip
    # Of an odd number the first layer has one more; a layer's share of one is the most changed.
    assert telling_links(before, after, 3) == ((0, 0, 0), (0, 0, 2), (1, 0, 1))
    assert sorted(telling_links(before, after, 12)[:6]) == [
        (0, to, of) for to in range(2) for of in range(3)
    ]


@QUICK
@given(seed=st.integers(0, 1000), k=st.integers(4, 40))
def test_telling_links_differ_and_reach_both_ends(seed, k):
    rng = np.random.default_rng(seed)
    before, after = changed(rng.normal(size=(5, 9)), rng.normal(size=(4, 5)))
    links = telling_links(before, after, k)
    assert len(set(links)) == len(links) == k
    assert telling_links(before, after, k) == links
    for layer in range(2):
        change = abs(after.layers[layer].weights - before.layers[layer].weights)
        own = [change[link.receiver, link.sender] for link in links if link.layer == layer]
        assert own[0] == change.max()
        assert own[-1] == change.min()
        assert len(own) in (k // 2, (k + 1) // 2)


def test_telling_links_that_cannot_be():
    before, after = changed(np.ones((2, 3)), np.ones((2, 2)))
    for k in (0, 10, 1.5):
        with pytest.raises(ParameterError):
            telling_links(before, after, k)
    with pytest.raises(ShapeError):
        telling_links(before, Network.random((3, 2), seed=1), 2)


def test_committed_record():
    record, meta = trained_record()
    run = record.settings
    assert RECORD_FILE.stat().st_size <= 60_000
    assert (run.sizes, run.examples, run.epochs) == ((784, 100, 10), 60_000, 3)
    assert (run.learning_rate, run.tests) == (0.1, 10_000)
    assert record.moments[-1] == 180_000
    assert meta["data_md5"] == mnist.MD5
    network = Network.random(run.sizes, seed=run.network_seed, dtype=run.dtype)
    for link, weight in zip(record.links, record.weights[0], strict=True):
        assert weight == network.layers[link.layer].weights[link.receiver, link.sender]
    # Two digits in ten guessed at most before, nearly all read after; the loss falls tenfold.
    assert record.accuracy[0] < 0.2 < 0.95 < record.accuracy[-1]
    assert record.test_losses[-1] < record.test_losses[0] / 10
    assert trained_record()[0] is record


def test_committed_record_is_the_runs_first_thousand_images():
    try:
        (images, labels), (test_images, test_labels) = mnist.train_set(), mnist.test_set()
    except DataError as error:
        pytest.skip(str(error))
    record, _ = trained_record()
    run = record.settings
    assert run.loss == SQUARED_ERROR.name
    early = [int(moment) for moment in record.moments if moment <= 1000]
    order = np.random.default_rng(run.shuffle_seed).permutation(run.examples)[: early[-1]]
    again = record_training(
        Network.random(run.sizes, seed=run.network_seed, dtype=run.dtype, loss=SQUARED_ERROR),
        scale(images[order]),
        targets(labels[order]),
        learning_rate=run.learning_rate,
        moments=early,
        links=record.links,
        test_images=test_images[:200],
        test_labels=test_labels[:200],
    )
    # Another processor rounds otherwise, and a thousand updates pass it on.
    np.testing.assert_allclose(again.weights, record.weights[: len(early)], atol=1e-4)
    np.testing.assert_allclose(again.train_losses, record.train_losses[: len(early) - 1], atol=1e-4)
    moved = np.abs(record.weights[len(early) - 1] - record.weights[0])
    assert moved.max() > 0.05
