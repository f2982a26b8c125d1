"""Digits: scaling, judging and reading, against plain recomputation; the committed network."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import mnist
from nncore.activations import IDENTITY
from nncore.digits import (
    WEIGHTS_FILE,
    confusing_examples,
    evaluate,
    read_digit,
    scale,
    strongest_links,
    targets,
    trained_network,
)
from nncore.errors import ParameterError, ShapeError
from nncore.network import Layer, Network


def noise(count: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return images, rng.integers(0, 10, count).astype(np.uint8)


def network(hidden: int = 12, seed: int = 4) -> Network:
    return Network.random((784, hidden, 10), seed=seed, dtype=np.float32)


@pytest.fixture(scope="module")
def mnist_test() -> tuple[np.ndarray, np.ndarray]:
    if not mnist.has_test_set():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    return mnist.test_set()


def test_scale_of_every_byte_is_exact_to_float32():
    image = np.zeros((28, 28), np.uint8)
    image.flat[:256] = np.arange(256)
    inputs = scale(image)
    assert inputs.shape == (784,)
    assert inputs.dtype == np.float32
    for byte in range(256):
        exact = Fraction(byte, 255) * Fraction(99, 100) + Fraction(1, 100)
        assert abs(Fraction(float(inputs[byte])) - exact) < Fraction(1, 2**24)
    assert inputs[0] == np.float32(0.01)
    assert inputs[255] == np.float32(1.0)


def test_scale_keeps_pixel_order_row_by_row():
    images = np.zeros((2, 28, 28), np.uint8)
    images[1, 3, 5] = 255
    assert np.argwhere(scale(images) > 0.5).tolist() == [[1, 3 * 28 + 5]]


def test_targets():
    wanted = targets(np.array([3, 0], np.uint8))
    assert wanted.shape == (2, 10)
    assert wanted.dtype == np.float32
    assert np.flatnonzero(wanted == np.float32(0.99)).tolist() == [3, 10]
    assert np.count_nonzero(wanted == np.float32(0.01)) == 18


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: scale(np.zeros((28, 27), np.uint8)), ShapeError),
        (lambda: scale(np.zeros(784, np.uint8)), ShapeError),
        (lambda: scale(np.zeros((28, 28))), ParameterError),
        (lambda: targets([[1]]), ShapeError),
        (lambda: targets([10]), ParameterError),
        (lambda: targets([-1]), ParameterError),
        (lambda: targets([1.5]), ParameterError),
        (lambda: evaluate(network(), np.zeros((2, 28, 28), np.uint8), [1]), ShapeError),
        (lambda: evaluate(network(), *noise(0)), ShapeError),
        (lambda: evaluate(Network.random((784, 9), seed=0), *noise(1)), ShapeError),
        (lambda: read_digit(network(), noise(1)[0]), ShapeError),
        (lambda: read_digit(Network.random((784, 10), seed=0), noise(1)[0][0]), ShapeError),
    ],
)  # fmt: skip
def test_refuses(call, error):
    with pytest.raises(error):
        call()


def test_evaluation_counted_by_hand():
    # Output k is pixel k of the first row: the brightest of the first ten pixels is the answer.
    weights = np.eye(10, 784, dtype=np.float32)
    eye = Network([Layer(weights, None, IDENTITY)])
    images = np.zeros((5, 28, 28), np.uint8)
    for image, brightest in zip(images, [3, 3, 7, 0, 9], strict=True):
        image[0, brightest] = 200
    result = evaluate(eye, images, np.array([3, 5, 7, 0, 4]))
    assert (result.accuracy, result.right, result.count) == (0.6, 3, 5)
    assert result.answers.tolist() == [3, 3, 7, 0, 9]
    assert result.wrong.tolist() == [1, 4]
    counted = {(3, 3): 1, (5, 3): 1, (7, 7): 1, (0, 0): 1, (4, 9): 1}
    for true in range(10):
        for answer in range(10):
            assert result.confusion[true, answer] == counted.get((true, answer), 0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), hidden=st.integers(1, 20))
def test_reading_is_the_network_written_out(seed, hidden):
    image = noise(1, seed)[0][0]
    net = network(hidden, seed)
    reading = read_digit(net, image)
    into_hidden, into_output = (layer.weights.astype(np.float64) for layer in net.layers)
    x = image.reshape(784).astype(np.float64) / 255 * 0.99 + 0.01
    sums = [sum(w * v for w, v in zip(row, x, strict=True)) for row in into_hidden]
    h = [1 / (1 + np.exp(-z)) for z in sums]
    out_sums = [sum(w * v for w, v in zip(row, h, strict=True)) for row in into_output]
    np.testing.assert_allclose(reading.inputs, x, rtol=1e-6)
    np.testing.assert_allclose(reading.hidden_sums, sums, atol=1e-4)
    np.testing.assert_allclose(reading.hidden, h, atol=1e-5)
    np.testing.assert_allclose(reading.output_sums, out_sums, atol=1e-4)
    np.testing.assert_allclose(reading.outputs, 1 / (1 + np.exp(-np.array(out_sums))), atol=1e-5)
    by_output = sorted(range(10), key=lambda k: (-reading.outputs[k], k))
    assert reading.ranking.tolist() == by_output
    assert [reading.answer, reading.runner_up] == by_output[:2]
    assert reading.answer_output == reading.outputs.max()
    assert reading.margin == reading.answer_output - reading.runner_up_output >= 0
    assert reading.image.tobytes() == image.tobytes()


def test_reading_keeps_its_own_read_only_image():
    image = noise(1)[0][0]
    reading = read_digit(network(), image)
    before = int(image[0, 0])
    image[0, 0] ^= 255
    assert reading.image[0, 0] == before
    for array in (reading.image, reading.inputs, reading.hidden, reading.outputs, reading.ranking):
        assert not array.flags.writeable


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 12))
def test_strongest_links_by_full_search(seed, k):
    net = network(12, seed)
    reading = read_digit(net, noise(1, seed)[0][0])
    links = strongest_links(net, reading, k)
    into_hidden, into_output = (layer.weights for layer in net.layers)
    a = reading.answer
    pushes = {u: into_output[a, u] * reading.hidden[u] for u in range(12)}
    assert links.output.neuron == a
    assert links.output.sources.tolist() == sorted(pushes, key=lambda u: -pushes[u])[:k]
    assert links.output.products.tolist() == [pushes[u] for u in links.output.sources]
    assert links.output.total == reading.output_sums[a]
    assert [part.neuron for part in links.hidden] == links.output.sources.tolist()
    for part in links.hidden:
        u = part.neuron
        products = [into_hidden[u, i] * reading.inputs[i] for i in range(784)]
        order = sorted(range(784), key=lambda i: -abs(products[i]))
        assert part.sources.tolist() == order[:k]
        assert part.products.tolist() == [products[i] for i in order[:k]]
        assert part.weights.tolist() == [into_hidden[u, i] for i in order[:k]]
        assert part.signals.tolist() == [reading.inputs[i] for i in order[:k]]
        assert part.total == reading.hidden_sums[u]


def test_strongest_links_bounds():
    net = network()
    reading = read_digit(net, noise(1)[0][0])
    for k in (0, 13, 1.5):
        with pytest.raises(ParameterError):
            strongest_links(net, reading, k)
    with pytest.raises(ShapeError):
        strongest_links(network(13), reading, 1)


def test_confusing_examples_order():
    images, labels = noise(200)
    net = network()
    order = confusing_examples(net, images, labels).tolist()
    assert sorted(order) == list(range(200))
    result = evaluate(net, images, labels)
    misread = order[: len(result.wrong)]
    assert sorted(misread) == result.wrong.tolist()
    rights = [result.outputs[i, labels[i]] for i in misread]
    assert rights == sorted(rights, reverse=True)
    margins = []
    for i in order[len(misread) :]:
        wrong = [result.outputs[i, d] for d in range(10) if d != labels[i]]
        margins.append(result.outputs[i, labels[i]] - max(wrong))
    assert len(margins) > 5
    assert margins == sorted(margins)
    assert min(margins) >= 0


def test_committed_network_says_how_it_came_about():
    net, meta = trained_network()
    assert net.sizes == (784, 100, 10)
    assert net.dtype == np.float32
    assert WEIGHTS_FILE.stat().st_size <= 400_000
    assert net.seed == meta["settings"]["seed"]
    assert len(meta["learning_rates"]) == meta["settings"]["epochs"]
    assert meta["test_accuracy"] == meta["test_right"] / meta["test_count"] >= 0.98
    assert meta["data_md5"]["train-images-idx3-ubyte"] == "6bbc9ace898e44ae57da46a324031adb"
    assert meta["data_md5"]["t10k-labels-idx1-ubyte"] == "27ae3e4e09519cfbb04c329615203637"
    assert trained_network()[0] is net


def test_committed_network_reads_the_test_images(mnist_test):
    net, meta = trained_network()
    result = evaluate(net, *mnist_test)
    assert result.count == 10_000
    # Another processor's sums may differ in the last bit and tip an image on the edge.
    assert abs(result.right - meta["test_right"]) <= 3
    assert result.confusion.sum(axis=1).tolist() == np.bincount(mnist_test[1]).tolist()


def test_the_first_confusing_examples_are_torn_between_two(mnist_test):
    net, _ = trained_network()
    images, labels = mnist_test
    for i in confusing_examples(net, images, labels)[:10]:
        reading = read_digit(net, images[i])
        assert reading.answer != labels[i]
        assert reading.outputs[labels[i]] > 0.5
