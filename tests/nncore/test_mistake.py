"""A misread digit's loss against exact fractions, an update against the loss's numerical slopes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import mnist
from nncore.activations import IDENTITY
from nncore.digits import targets, trained_network
from nncore.errors import ParameterError, ShapeError
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR
from nncore.mistake import Pair, example_loss, find_mistake, mistakes_by_pair, one_update
from nncore.network import Layer, Network

QUICK = settings(max_examples=20, deadline=None)


def noise(count: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return images, rng.integers(0, 10, count).astype(np.uint8)


def network(seed: int = 4, dtype=np.float64, biases: bool = True, loss=HALF_SQUARED_ERROR):
    return Network.random((784, 4, 10), seed=seed, dtype=dtype, biases=biases, loss=loss)


def brightest() -> Network:
    """Answers with the brightest of the first ten pixels; output k is pixel k's input."""
    return Network([Layer(np.eye(10, 784, dtype=np.float32), None, IDENTITY)])


def pixels(*rows: dict[int, int]) -> np.ndarray:
    images = np.zeros((len(rows), 28, 28), np.uint8)
    for image, row in zip(images, rows, strict=True):
        for digit, ink in row.items():
            image[0, digit] = ink
    return images


def written_out(parameters, image: np.ndarray, label: int, factor: float = 0.5) -> float:
    """The loss of a 784-4-10 sigmoid network, from its formula; inputs as scale gives them."""
    w1, b1, w2, b2 = parameters
    x = (image.reshape(784) / 255 * 0.99 + 0.01).astype(np.float32).astype(np.float64)
    t = np.full(10, float(np.float32(0.01)))
    t[label] = float(np.float32(0.99))
    h = 1 / (1 + np.exp(-(w1 @ x + b1)))
    o = 1 / (1 + np.exp(-(w2 @ h + b2)))
    return factor * float(((t - o) ** 2).sum())


@QUICK
@given(
    seed=st.integers(0, 10_000),
    label=st.integers(0, 9),
    loss=st.sampled_from([(HALF_SQUARED_ERROR, Fraction(1, 2)), (SQUARED_ERROR, Fraction(1))]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_loss_by_output_in_fractions(seed, label, loss, dtype):
    kind, factor = loss
    net, image = network(seed, dtype, loss=kind), noise(1, seed)[0][0]
    found = example_loss(net, image, label)
    low, high = (Fraction(float(np.float32(value))) for value in (0.01, 0.99))
    parts = []
    for k in range(10):
        output, target = Fraction(found.outputs[k]), high if k == label else low
        assert Fraction(found.targets[k]) == target
        assert math.isclose(found.differences[k], target - output, rel_tol=1e-14)
        parts.append(factor * (target - output) ** 2)
        assert math.isclose(found.parts[k], parts[k], rel_tol=1e-14)
        # A parabola's slope is that of any chord centred on the point, exactly.
        up, down = (factor * (target - output - h) ** 2 for h in (Fraction(1), Fraction(-1)))
        assert math.isclose(found.slopes[k], (up - down) / 2, rel_tol=1e-14)
    assert math.isclose(found.loss, sum(parts), rel_tol=1e-14)
    for k in range(10):
        assert math.isclose(found.shares[k], parts[k] / sum(parts), rel_tol=1e-13)
    assert found.answer == max(range(10), key=lambda k: (found.outputs[k], -k))
    assert found.label == label
    inside = [np.asarray(a, np.float64) for la in net.layers for a in (la.weights, la.biases)]
    assert math.isclose(found.loss, written_out(inside, image, label, float(factor)), rel_tol=1e-4)


def test_no_loss_has_no_shares():
    wanted = targets([3])[0]
    exact = Network([Layer(np.zeros((10, 784), np.float32), wanted, IDENTITY)])
    found = example_loss(exact, noise(1)[0][0], 3)
    assert found.loss == 0
    assert found.parts.tolist() == found.shares.tolist() == [0.0] * 10


@pytest.mark.parametrize(("loss", "factor"), [(HALF_SQUARED_ERROR, 0.5), (SQUARED_ERROR, 1.0)])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_step_is_the_rate_times_the_numerical_slope(loss, factor, seed):
    net, image, label, rate = network(seed, loss=loss), noise(1, seed)[0][0], 5, 0.03
    update = one_update(net, image, label, rate)
    start = [np.array(a) for la in net.layers for a in (la.weights, la.biases)]
    changes = [a for layer in update.layers for a in (layer.weights, layer.biases)]
    rng = np.random.default_rng(seed)
    biggest = 0.0
    for which, change in enumerate(changes):
        assert change.shape == start[which].shape
        for flat in rng.permutation(change.size)[:60]:
            place = np.unravel_index(flat, change.shape)
            losses = []
            for h in (1e-5, -1e-5):
                moved = [array.copy() for array in start]
                moved[which][place] += h
                losses.append(written_out(moved, image, label, factor))
            slope = (losses[0] - losses[1]) / 2e-5
            biggest = max(biggest, abs(slope))
            assert math.isclose(change[place], -rate * slope, rel_tol=1e-5, abs_tol=rate * 1e-9)
    assert biggest > 1e-3


@QUICK
@given(
    seed=st.integers(0, 10_000),
    label=st.integers(0, 9),
    rate=st.floats(1e-6, 1e-3),
    loss=st.sampled_from([HALF_SQUARED_ERROR, SQUARED_ERROR]),
)
def test_a_small_step_lowers_the_loss(seed, label, rate, loss):
    update = one_update(network(seed, loss=loss), noise(1, seed)[0][0], label, rate)
    assert update.after.loss < update.before.loss
    assert update.learning_rate == rate


@QUICK
@given(
    seed=st.integers(0, 10_000),
    label=st.integers(0, 9),
    k=st.integers(1, 40),
    dtype=st.sampled_from([np.float32, np.float64]),
    biases=st.booleans(),
)
def test_changes_by_full_search(seed, label, k, dtype, biases):
    net, image = network(seed, dtype, biases), noise(1, seed)[0][0]
    update = one_update(net, image, label, 0.2, k)
    assert update.network.dtype == dtype
    for old, new, layer in zip(net.layers, update.network.layers, update.layers, strict=True):
        exact = {
            place: Fraction(float(new.weights[place])) - Fraction(float(old.weights[place]))
            for place in np.ndindex(old.weights.shape)
        }
        if dtype == np.float32:
            assert all(layer.weights[place] == change for place, change in exact.items())
        order = sorted(exact, key=lambda place: -abs(layer.weights[place]))[:k]
        best = layer.strongest
        assert [*zip(best.receivers, best.senders, strict=True)] == order
        assert best.before.tolist() == [old.weights[place] for place in order]
        assert best.after.tolist() == [new.weights[place] for place in order]
        assert best.changes.tolist() == [layer.weights[place] for place in order]
        assert layer.largest == abs(best.changes[0]) > 0
        assert (layer.biases is None) == (not biases)
    after = update.network.forward(net.forward(noise_inputs(image)).inputs).output
    assert update.after.outputs.tolist() == after.tolist()
    moves = {d: update.after.outputs[d] - update.before.outputs[d] for d in range(10)}
    assert update.output_changes.tolist() == list(moves.values())
    ranked = sorted(moves, key=lambda d: -abs(moves[d]))
    assert update.rose.tolist() == [d for d in ranked if moves[d] > 0]
    assert update.fell.tolist() == [d for d in ranked if moves[d] < 0]


def noise_inputs(image: np.ndarray) -> np.ndarray:
    return (image.reshape(784) / 255 * 0.99 + 0.01).astype(np.float32)


def test_records_are_read_only():
    update = one_update(network(), noise(1)[0][0], 1, 0.1)
    layer = update.layers[0]
    for array in (
        update.before.parts,
        update.output_changes,
        update.rose,
        layer.weights,
        layer.biases,
        layer.strongest.before,
    ):
        assert not array.flags.writeable


def mixed() -> tuple[np.ndarray, np.ndarray]:
    """Three 5s taken for a 4, the second the most torn; a 5 taken for a 3; two read right."""
    images = pixels(
        {4: 200, 5: 100}, {4: 220, 5: 190}, {3: 90, 5: 80}, {4: 60, 5: 40}, {5: 9}, {1: 9}
    )
    return images, np.array([5, 5, 5, 5, 5, 1])


def test_the_most_understandable_mistake_first():
    images, labels = mixed()
    found = find_mistake(brightest(), images, labels, 4, 5)
    assert (found.index, found.says, found.truth) == (1, 4, 5)
    assert found.alike.tolist() == [1, 0, 3]
    assert found.image.tobytes() == images[1].tobytes()
    assert math.isclose(found.outputs[5], 190 / 255 * 0.99 + 0.01, rel_tol=1e-6)
    images[1] = 0
    assert found.image.max() == 220


def test_mistakes_counted_by_hand():
    assert mistakes_by_pair(brightest(), *mixed()) == (Pair(4, 5, 3), Pair(3, 5, 1))
    right = pixels({5: 9}, {1: 9}), np.array([5, 1])
    assert mistakes_by_pair(brightest(), *right) == ()


@QUICK
@given(seed=st.integers(0, 10_000))
def test_mistakes_by_full_search(seed):
    images, labels = noise(60, seed)
    net = network(seed, np.float32)
    outputs = net.forward(np.array([noise_inputs(image) for image in images])).output
    met: dict[tuple[int, int], list[int]] = {}
    for i, label in enumerate(labels):
        answer = int(np.argmax(outputs[i]))
        if answer != label:
            met.setdefault((answer, int(label)), []).append(i)
    pairs = mistakes_by_pair(net, images, labels)
    assert {(p.says, p.truth): p.count for p in pairs} == {k: len(v) for k, v in met.items()}
    counts = [pair.count for pair in pairs]
    assert counts == sorted(counts, reverse=True)
    for (says, truth), places in met.items():
        found = find_mistake(net, images, labels, says, truth)
        assert sorted(found.alike) == sorted(places)
        rights = [outputs[i, truth] for i in found.alike]
        assert rights == sorted(rights, reverse=True)
        assert found.index == found.alike[0]
        np.testing.assert_array_equal(found.outputs, outputs[found.index])


def refusal(says: int, truth: int, images: np.ndarray, labels: np.ndarray) -> str:
    with pytest.raises(ParameterError) as caught:
        find_mistake(brightest(), images, labels, says, truth)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_such_mistake_names_those_that_exist():
    images = pixels({9: 9}, {9: 9}, {0: 9}, {7: 9}, {7: 9}, {7: 9})
    labels = np.array([4, 4, 8, 1, 1, 1])
    said = "what it does say, with the number of images, is"
    assert refusal(9, 8, images, labels) == (
        f"The network never says 9 for an 8 on these images; {said} 9 for a 4 (2), 0 for an 8 (1)."
    )
    assert refusal(2, 3, images, labels) == (
        f"The network never says 2 for a 3 on these images; {said} "
        "7 for a 1 (3), 9 for a 4 (2), 0 for an 8 (1)."
    )
    right = refusal(4, 5, pixels({5: 9}), np.array([5]))
    assert right.endswith("on these images, nor does it misread any of them.")
    assert refusal(4, 4, images, labels).startswith("Saying 4 for a 4 is no mistake")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: find_mistake(brightest(), *mixed(), 10, 5), ParameterError),
        (lambda: find_mistake(brightest(), *mixed(), 4, -1), ParameterError),
        (lambda: find_mistake(brightest(), *mixed(), 4.0, 5), ParameterError),
        (lambda: find_mistake(brightest(), mixed()[0], [5], 4, 5), ShapeError),
        (lambda: example_loss(network(), noise(1)[0], 1), ShapeError),
        (lambda: example_loss(network(), noise(1)[0][0] / 255, 1), ParameterError),
        (lambda: example_loss(network(), noise(1)[0][0], 10), ParameterError),
        (lambda: example_loss(network(), noise(1)[0][0], [1]), ParameterError),
        (lambda: example_loss(Network.random((784, 9), seed=0), noise(1)[0][0], 1), ShapeError),
        (lambda: one_update(network(), noise(1)[0][0], 1, 0), ParameterError),
        (lambda: one_update(network(), noise(1)[0][0], 1, math.inf), ParameterError),
        (lambda: one_update(network(), noise(1)[0][0], 1, 0.1, 0), ParameterError),
        (lambda: one_update(network(), noise(1)[0][0], 1, 0.1, 41), ParameterError),
    ],
)  # fmt: skip
def test_refuses(call, error):
    with pytest.raises(error):
        call()


def test_says_4_is_5_on_the_test_set():
    if not mnist.has_test_set():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    images, labels = mnist.test_set()
    net, _ = trained_network()
    x = images.reshape(-1, 784) / 255 * 0.99 + 0.01
    for layer in net.layers:
        x = 1 / (1 + np.exp(-(x @ layer.weights.T.astype(np.float64))))
    # In float64: only an image on the very edge could be read otherwise.
    top = np.sort(x, axis=1)
    assert (top[:, -1] - top[:, -2]).min() > 1e-6
    same = np.flatnonzero((x.argmax(axis=1) == 4) & (labels == 5))
    if not len(same):
        with pytest.raises(ParameterError, match="never says 4 for a 5 on these images; what it"):
            find_mistake(net, images, labels, 4, 5)
        return
    found = find_mistake(net, images, labels, 4, 5)
    assert found.alike.tolist() == sorted(same, key=lambda i: -x[i, 5])
    update = one_update(net, found.image, 5, 0.01)
    assert (update.before.answer, update.before.label) == (4, 5)
    assert update.after.loss < update.before.loss
    assert update.rose[0] == 5
    assert update.fell[0] == 4
