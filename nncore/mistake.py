"""One misread digit: how its loss is spread over the outputs, and what one update changes.

The text "neural networks demystified" shows an image that is a 5 and that the network calls a 4,
and adds up the squared differences of the ten outputs. Here that is done for any image, and then
the network learns from it once, as training does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nncore.digits import (
    CLASSES,
    PIXELS,
    Images,
    Indices,
    confusing_examples,
    evaluate,
    scale,
    targets,
)
from nncore.errors import Array, ParameterError, ShapeError, check_count, check_number, read_only
from nncore.network import Layer, Network
from nncore.training import train

OFFERED = 6  # pairs named when the wanted one does not exist


@dataclass(frozen=True)
class Pair:
    """A digit taken for another: what the network says, what is true, on how many images."""

    says: int
    truth: int
    count: int


@dataclass(frozen=True, eq=False)
class Mistake:
    """A misread image among n, and its like.

    index: its place, 0 to n - 1. image (28, 28) bytes. says, truth: the answer and the label.
    outputs (10,). alike: the indices of all images misread in the same way, the most
    understandable first; the first is index.
    """

    index: int
    image: Images
    says: int
    truth: int
    outputs: Array
    alike: Indices


@dataclass(frozen=True, eq=False)
class ExampleLoss:
    """The loss of one example, output by output; all arrays are (10,) float64.

    outputs: the network's, in its own precision. targets: what they should be. differences:
    target - output. parts: each output's part of the loss. loss: their sum. shares: part / loss,
    0 to 1 (all 0 if the loss is 0). slopes: dLoss/doutput, positive where the output is too
    large. answer: the digit of the largest output. label: the true one.
    """

    outputs: Array
    targets: Array
    differences: Array
    parts: Array
    loss: float
    shares: Array
    slopes: Array
    answer: int
    label: int


@dataclass(frozen=True, eq=False)
class LinkChanges:
    """The k links of a layer that changed most, the largest absolute change first.

    receivers, senders (k,): row and column in the layer's weights. before, after, changes (k,):
    the weights and after - before.
    """

    receivers: Indices
    senders: Indices
    before: Array
    after: Array
    changes: Array


@dataclass(frozen=True, eq=False)
class LayerChange:
    """How an update changed a layer: after - before, in float64.

    weights (n_out, n_in); biases (n_out,), None if the layer has none; largest: the largest
    absolute change of a weight; strongest: the links that changed most.
    """

    weights: Array
    biases: Array | None
    largest: float
    strongest: LinkChanges


@dataclass(frozen=True, eq=False)
class Update:
    """One update from one example.

    before, after: the example's loss. network: the network after. layers: first to last.
    output_changes (10,): output after - output before. rose, fell: the digits whose output went
    up or down, the largest change first.
    """

    learning_rate: float
    before: ExampleLoss
    after: ExampleLoss
    network: Network
    layers: tuple[LayerChange, ...]
    output_changes: Array
    rose: Indices
    fell: Indices


def mistakes_by_pair(network: Network, images: ArrayLike, labels: ArrayLike) -> tuple[Pair, ...]:
    """What the network takes for what, on images (n, 28, 28) with labels (n,).

    The most frequent first, of equals the smaller true digit, then the smaller answer. Raises
    ShapeError or ParameterError where nncore.digits.evaluate does.
    """
    confusion = evaluate(network, images, labels).confusion
    pairs = [
        Pair(says, truth, int(confusion[truth, says]))
        for truth in range(CLASSES)
        for says in range(CLASSES)
        if says != truth and confusion[truth, says]
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.count))


def find_mistake(
    network: Network, images: ArrayLike, labels: ArrayLike, says: int, truth: int
) -> Mistake:
    """The most understandable image of a `truth` that the network takes for a `says`.

    images (n, 28, 28) bytes, labels (n,). Understandable as in confusing_examples: the right
    digit's output was high too. Raises ParameterError if there is none, naming the pairs that
    exist: those with one of the two digits, if any; and ShapeError for what does not fit.
    """
    for digit, name in ((says, "The answer"), (truth, "The true digit")):
        _check_digit(digit, name)
    if says == truth:
        raise ParameterError(f"Saying {_for(says, truth)} is no mistake; give two digits.")
    result = evaluate(network, images, labels)
    wanted = (np.asarray(labels) == truth) & (result.answers == says)
    if not wanted.any():
        raise ParameterError(_none_such(mistakes_by_pair(network, images, labels), says, truth))
    order = confusing_examples(network, images, labels)
    alike = order[wanted[order]]
    index = int(alike[0])
    return Mistake(
        index=index,
        image=read_only(np.asarray(images)[index]),
        says=int(says),
        truth=int(truth),
        outputs=read_only(result.outputs[index].copy()),
        alike=read_only(alike),
    )


def example_loss(network: Network, image: ArrayLike, label: int) -> ExampleLoss:
    """The loss of an image (28, 28) of the digit `label`, output by output.

    The outputs are the network's; the loss is worked out from them in float64, so that the parts
    add up. Raises ShapeError or ParameterError for another image, label or network.
    """
    inputs, wanted = _example(network, image, label)
    return _spread(network, inputs, wanted, int(label))


def one_update(
    network: Network, image: ArrayLike, label: int, learning_rate: float, k: int = 5
) -> Update:
    """What learning once from an image (28, 28) changes: training with this one example.

    learning_rate > 0; k, 1 to the number of links of the smallest layer, is how many links are
    listed a layer. Raises ShapeError or ParameterError.
    """
    inputs, wanted = _example(network, image, label)
    rate = check_number(learning_rate, "The learning rate", above=0)
    fewest = min(layer.weights.size for layer in network.layers)
    if check_count(k, "k") > fewest:
        raise ParameterError(f"k is {k}, but a layer has only {fewest} links.")
    learnt = train(network, inputs[None], wanted[None], learning_rate=rate).network
    before = _spread(network, inputs, wanted, int(label))
    after = _spread(learnt, inputs, wanted, int(label))
    changes = after.outputs - before.outputs
    order = np.argsort(-np.abs(changes), kind="stable")
    return Update(
        learning_rate=rate,
        before=before,
        after=after,
        network=learnt,
        layers=tuple(
            _layer_change(old, new, k)
            for old, new in zip(network.layers, learnt.layers, strict=True)
        ),
        output_changes=read_only(changes),
        rose=read_only(order[changes[order] > 0]),
        fell=read_only(order[changes[order] < 0]),
    )


def _check_digit(digit: int, name: str) -> None:
    if check_count(digit, name, low=0) >= CLASSES:
        raise ParameterError(f"{name} must be a digit from 0 to 9, not {digit}.")


def _example(network: Network, image: ArrayLike, label: int) -> tuple[Array, Array]:
    """The inputs (784,) and targets (10,), as training has them, in the network's dtype."""
    _check_digit(label, "The label")
    inputs = scale(image)
    if inputs.ndim != 1:
        raise ShapeError(f"One image of 28×28 is wanted, not {len(inputs)} of them.")
    if (network.sizes[0], network.sizes[-1]) != (PIXELS, CLASSES):
        raise ShapeError("Digits need a network of 784 inputs and 10 outputs.")
    return inputs.astype(network.dtype), targets([label])[0].astype(network.dtype)


def _spread(network: Network, inputs: Array, wanted: Array, label: int) -> ExampleLoss:
    outputs = network.forward(inputs).output.astype(np.float64)
    target = wanted.astype(np.float64)
    # A loss is a sum over the elements, so its value for one of them alone is that one's part.
    parts = np.array(
        [network.loss.function(outputs[i : i + 1], target[i : i + 1]) for i in range(len(outputs))]
    )
    loss = float(parts.sum())
    return ExampleLoss(
        outputs=read_only(outputs),
        targets=read_only(target),
        differences=read_only(target - outputs),
        parts=read_only(parts),
        loss=loss,
        shares=read_only(parts / loss if loss else np.zeros_like(parts)),
        slopes=read_only(network.loss.derivative(outputs, target)),
        answer=int(outputs.argmax()),
        label=label,
    )


def _layer_change(old: Layer, new: Layer, k: int) -> LayerChange:
    # In float64 the difference of two float32 weights this near each other is exact.
    change = new.weights.astype(np.float64) - old.weights
    chosen = np.argsort(-np.abs(change), axis=None, kind="stable")[:k]
    receivers, senders = np.unravel_index(chosen, change.shape)
    biases = None
    if old.biases is not None and new.biases is not None:
        biases = read_only(new.biases.astype(np.float64) - old.biases)
    return LayerChange(
        weights=read_only(change),
        biases=biases,
        largest=float(np.abs(change).max()),
        strongest=LinkChanges(
            receivers=read_only(receivers),
            senders=read_only(senders),
            before=read_only(old.weights[receivers, senders]),
            after=read_only(new.weights[receivers, senders]),
            changes=read_only(change[receivers, senders]),
        ),
    )


def _none_such(pairs: tuple[Pair, ...], says: int, truth: int) -> str:
    never = f"The network never says {_for(says, truth)} on these images"
    if not pairs:
        return f"{never}, nor does it misread any of them."
    near = [pair for pair in pairs if pair.says == says or pair.truth == truth]
    offered = ", ".join(
        f"{_for(pair.says, pair.truth)} ({pair.count})" for pair in (near or pairs)[:OFFERED]
    )
    return f"{never}; what it does say, with the number of images, is {offered}."


def _for(says: int, truth: int) -> str:
    return f"{says} for {'an' if truth == 8 else 'a'} {truth}"
