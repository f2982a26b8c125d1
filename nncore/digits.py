"""Handwritten digits through a 784-h-10 network: scaling, judging, reading one digit closely.

An image is 28×28 bytes, 0 for paper to 255 for ink. The network's ten outputs stand for the ten
digits and the largest is the answer (the talk; excerpts 1.16 and 2.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.errors import Array, ParameterError, ShapeError, check_count, read_only
from nncore.network import Forward, Network
from nncore.weights import load_network

SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = 10
LOW, HIGH = 0.01, 0.99
"""Targets of the wrong digits and of the right one: the sigmoid never reaches 0 or 1."""

FLAT = LOW * HIGH
"""A neuron is saturated where its activation's slope is below this: a sigmoid outside 0.01–0.99."""

WEIGHTS_FILE = Path(__file__).parent / "data" / "digits-784-100-10.npz"

Images = NDArray[np.uint8]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How a network did on n labelled images.

    accuracy: share read right, 0 to 1. right: their number. count: n. confusion (10, 10): row the
    true digit, column the answer, entries counts. answers (n,). wrong: indices of the misread
    images, ascending. outputs (n, 10).
    """

    accuracy: float
    right: int
    count: int
    confusion: NDArray[np.int64]
    answers: Indices
    wrong: Indices
    outputs: Array


@dataclass(frozen=True, eq=False)
class Reading:
    """One image read: everything on the way from pixels to answer.

    image (28, 28) bytes; inputs (784,) 0.01 to 1; hidden_sums and hidden (h,): weighted sums and
    the sigmoid of them; output_sums and outputs (10,); ranking (10,): digits, largest output
    first (of equals the smaller digit); answer and runner_up: the first two of it, with their
    outputs; margin: the difference of those.
    """

    image: Images
    inputs: Array
    hidden_sums: Array
    hidden: Array
    output_sums: Array
    outputs: Array
    ranking: Indices
    answer: int
    answer_output: float
    runner_up: int
    runner_up_output: float
    margin: float


@dataclass(frozen=True, eq=False)
class Links:
    """The links that push a neuron up most.

    neuron: index of the receiving neuron. sources (k,): indices of the sending neurons, strongest
    first. weights, signals, products (k,): each link's weight, what it carries, their product.
    total: the receiving neuron's weighted sum over all its links.
    """

    neuron: int
    sources: Indices
    weights: Array
    signals: Array
    products: Array
    total: float


@dataclass(frozen=True, eq=False)
class StrongestLinks:
    """Links into the winning output from hidden neurons, and into each of those from pixels.

    output: its k links with the largest products. hidden: for each of output.sources in turn, its
    k links with the largest products by absolute value.
    """

    output: Links
    hidden: tuple[Links, ...]


def scale(images: ArrayLike) -> NDArray[np.float32]:
    """Network inputs from images: bytes 0 to 255 become 0.01 to 1.0 (excerpts 2.5).

    Images (n, 28, 28) become (n, 784), one image (28, 28) becomes (784,). No input is 0, for a
    0 would keep its weights from learning. Raises ShapeError or ParameterError for other than
    bytes of that shape.
    """
    array = _images(images)
    scaled = (array / 255 * 0.99 + 0.01).astype(np.float32)
    return scaled.reshape(*array.shape[:-2], PIXELS)


def targets(labels: ArrayLike) -> NDArray[np.float32]:
    """What the ten outputs should be: (n, 10), 0.99 at the label and 0.01 elsewhere.

    Raises ShapeError unless labels are (n,), ParameterError unless whole numbers 0 to 9.
    """
    digits = _labels(labels)
    wanted = np.full((len(digits), CLASSES), LOW, np.float32)
    wanted[np.arange(len(digits)), digits] = HIGH
    return wanted


def evaluate(network: Network, images: ArrayLike, labels: ArrayLike) -> Evaluation:
    """Read every image (n, 28, 28) and compare with its label (n,); n is at least 1.

    Raises ShapeError when shapes or counts do not fit.
    """
    array, digits = _pair(network, images, labels)
    outputs = network.forward(scale(array)).output
    answers = outputs.argmax(axis=1)
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (digits, answers), 1)
    right = int(np.trace(confusion))
    return Evaluation(
        accuracy=right / len(digits),
        right=right,
        count=len(digits),
        confusion=read_only(confusion),
        answers=read_only(answers),
        wrong=read_only(np.flatnonzero(answers != digits)),
        outputs=outputs,
    )


def saturation(network: Network, forward: Forward) -> float | None:
    """Share of the hidden neurons' sums, over all inputs of a run, where the slope is below FLAT:
    0 to 1, None for a network without hidden layers (excerpts 1.16)."""
    flat = [
        layer.activation.derivative(z) < FLAT
        for layer, z in zip(network.layers[:-1], forward.weighted_sums[:-1], strict=True)
    ]
    return float(np.concatenate([each.ravel() for each in flat]).mean()) if flat else None


def read_digit(network: Network, image: ArrayLike) -> Reading:
    """Read one image (28, 28) with a network of one hidden layer.

    Raises ShapeError when the image or the network is of another shape.
    """
    picture = _images(image)
    if picture.ndim != 2:
        raise ShapeError(f"One image of 28×28 is read, not an array of shape {picture.shape}.")
    if len(network.layers) != 2 or (network.sizes[0], network.sizes[-1]) != (PIXELS, CLASSES):
        sizes = "-".join(map(str, network.sizes))
        raise ShapeError(f"A digit is read by a 784-hidden-10 network, not by {sizes}.")
    run = network.forward(scale(picture))
    outputs = run.output
    ranking = np.argsort(-outputs, kind="stable")
    first, second = int(ranking[0]), int(ranking[1])
    return Reading(
        image=read_only(picture),
        inputs=run.inputs,
        hidden_sums=run.weighted_sums[0],
        hidden=run.outputs[0],
        output_sums=run.weighted_sums[1],
        outputs=outputs,
        ranking=read_only(ranking),
        answer=first,
        answer_output=float(outputs[first]),
        runner_up=second,
        runner_up_output=float(outputs[second]),
        margin=float(outputs[first]) - float(outputs[second]),
    )


def strongest_links(network: Network, reading: Reading, k: int) -> StrongestLinks:
    """The k links that decided a reading, layer by layer back from the winning output.

    k is 1 to the number of hidden neurons. Raises ParameterError outside that, ShapeError when
    the reading is another network's.
    """
    if network.sizes != (len(reading.inputs), len(reading.hidden), len(reading.outputs)):
        raise ShapeError("The reading comes from a network of other sizes.")
    if check_count(k, "k") > len(reading.hidden):
        raise ParameterError(f"k is {k}, but there are {len(reading.hidden)} hidden neurons.")
    into_hidden, into_output = (layer.weights for layer in network.layers)
    products = into_output[reading.answer] * reading.hidden
    output = _links(reading.answer, into_output, reading.hidden, products, k, reading.output_sums)
    hidden = []
    for unit in output.sources:
        pushes = np.abs(into_hidden[unit] * reading.inputs)
        hidden.append(
            _links(int(unit), into_hidden, reading.inputs, pushes, k, reading.hidden_sums)
        )
    return StrongestLinks(output, tuple(hidden))


def confusing_examples(network: Network, images: ArrayLike, labels: ArrayLike) -> Indices:
    """Indices of all n images, the most understandable mistakes first.

    First the misread, those leading in which the network was most torn: the right digit's output
    was high too. An image unlike any digit, all outputs low, comes late. Then the rightly read,
    the smallest margin between the right output and the best wrong one first.
    """
    array, digits = _pair(network, images, labels)
    outputs = network.forward(scale(array)).output
    row = np.arange(len(digits))
    right = outputs[row, digits]
    others = outputs.copy()
    others[row, digits] = -np.inf
    best_wrong = others.max(axis=1)
    # argmax, not right < best_wrong: of two equal outputs the smaller digit is the answer.
    misread = outputs.argmax(axis=1) != digits
    order = np.where(misread, -right, right - best_wrong)
    return read_only(np.lexsort((order, ~misread)))


@cache
def trained_network() -> tuple[Network, Mapping[str, Any]]:
    """The committed 784-100-10 network and how it was trained (see lab.train).

    Raises DataError if its file is missing or damaged.
    """
    network, meta = load_network(WEIGHTS_FILE)
    return network, MappingProxyType(meta)


def _links(neuron: int, weights: Array, signals: Array, score: Array, k: int, sums: Array) -> Links:
    sources = np.argsort(-score, kind="stable")[:k]
    chosen, carried = weights[neuron, sources], signals[sources]
    return Links(
        neuron=neuron,
        sources=read_only(sources),
        weights=read_only(chosen),
        signals=read_only(carried),
        products=read_only(chosen * carried),
        total=float(sums[neuron]),
    )


def _images(images: ArrayLike) -> Images:
    array = np.asarray(images)
    if array.ndim not in (2, 3) or array.shape[-2:] != (SIDE, SIDE):
        raise ShapeError(f"Images are 28×28 pixels; this array's shape is {array.shape}.")
    if array.dtype != np.uint8:
        raise ParameterError(f"Pixels are bytes, 0 to 255 (uint8), not {array.dtype}.")
    return array


def _labels(labels: ArrayLike) -> NDArray[np.integer[Any]]:
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ShapeError(f"Labels are one digit an image; this array's shape is {array.shape}.")
    if array.dtype.kind not in "iu" or (array.size and not 0 <= array.min() <= array.max() <= 9):
        raise ParameterError("Labels are whole numbers from 0 to 9.")
    return array


def _pair(
    network: Network, images: ArrayLike, labels: ArrayLike
) -> tuple[Images, NDArray[np.integer[Any]]]:
    array, digits = _images(images), _labels(labels)
    if array.ndim != 3 or not 0 < len(array) == len(digits):
        raise ShapeError(f"{len(digits)} labels do not fit images of shape {array.shape}.")
    if (network.sizes[0], network.sizes[-1]) != (PIXELS, CLASSES):
        raise ShapeError("Digits need a network of 784 inputs and 10 outputs.")
    return array, digits
