"""A digit read closely: where it comes from, one neuron's sum in the making, why an answer wins.

A reading's ten outputs are scores. A score is high from one half on: there the output's weighted
sum is above zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lab import mnist
from lab.images import Digit, resolve_digit
from nncore.digits import (
    CLASSES,
    SIDE,
    Reading,
    confusing_examples,
    evaluate,
    read_digit,
    scale,
)
from nncore.drawn import draw
from nncore.errors import Array, DataError, ParameterError, read_only
from nncore.exact import same
from nncore.network import Network

LEAN = 30
"""Degrees that a drawn digit leans at most."""

HIGH, SURE, FAINT = 0.5, 0.8, 0.2
"""Scores: high from HIGH on; an answer is clear with SURE or more and all others below FAINT."""

CLOSE = 0.5
"""A second score is close if it is more than so much of the first."""


@dataclass(frozen=True, eq=False)
class Case:
    """A digit to read and how it was found.

    tests, misread: the network misreads so many of so many test digits, of which it is one.
    tilt: degrees by which a drawn digit leans to the right, lean: the same without its sign.
    None where it was not found so.
    """

    digit: Digit
    tests: int | None = None
    misread: int | None = None
    tilt: int | None = None
    lean: int | None = None

    @property
    def kind(self) -> str:
        """How it was found: `misread`, leaning to the `left` or `right`, or just `given`."""
        if self.tilt is not None:
            return "left" if self.tilt < 0 else "right"
        return "misread" if self.misread else "given"

    @property
    def source(self) -> str:
        """Where the digit comes from."""
        return self.digit.source


@dataclass(frozen=True, eq=False)
class Read:
    """A case and how it was read.

    places: decimals that tell the scores of the answer, the runner-up and the label apart.
    """

    case: Case
    reading: Reading
    places: int

    @property
    def label(self) -> int | None:
        """What the digit is, None if unknown."""
        return self.case.digit.label

    @property
    def verdict(self) -> str:
        """`right`, `misread` or `unknown`."""
        if self.label is None:
            return "unknown"
        return "right" if self.label == self.reading.answer else "misread"

    @property
    def certainty(self) -> str:
        """What the two largest scores say of the answer: see `certainty`."""
        return certainty(self.reading.answer_output, self.reading.runner_up_output)

    @property
    def outcome(self) -> str:
        """`misread`, `misread_closely` if the label's score is close to the answer's, else
        verdict and certainty: `right_clear`."""
        if self.label is None or self.verdict != "misread":
            return f"{self.verdict}_{self.certainty}"
        close = CLOSE * self.reading.answer_output < float(self.reading.outputs[self.label])
        return "misread_closely" if close else "misread"

    @property
    def rival(self) -> int:
        """The digit that the answer beats: the label if that is another, else the runner-up."""
        other = self.label is not None and self.label != self.reading.answer
        return int(self.label if other else self.reading.runner_up)  # type: ignore[arg-type]

    @property
    def spoken_of(self) -> tuple[int, ...]:
        """The digits that a verdict is about: the answer and, if it is another, the label."""
        answer, label = self.reading.answer, self.label
        return (answer,) if label is None or label == answer else (answer, label)


@dataclass(frozen=True, eq=False)
class NeuronSum:
    """A hidden neuron while it reads an image.

    weights, products (28, 28): of its links, and each times its input; running (785,): the sum
    of the products so far, row after row, from 0 on; total: the last of it; output: the neuron's.
    """

    neuron: int
    weights: Array
    products: Array
    running: Array
    total: float
    output: float


@dataclass(frozen=True, eq=False)
class Votes:
    """What the hidden neurons bring to one output: weight times activation.

    products (h,) float64; order (h,): the neurons, the largest product first; running (h + 1,):
    the sum in that order, from 0 on; gain, loss: the sums of those above and below zero; total:
    the weighted sum, gain + loss; score: the network's output.
    """

    digit: int
    products: Array
    order: NDArray[np.intp]
    running: Array
    gain: float
    loss: float
    total: float
    score: float


def case(network: Network, spec: str) -> Case:
    """The digit that a spec names, or a hard one for `auto`: the most understandable mistake in
    the test set where that is at hand and can be read, else a drawn one that leans.

    Raises ParameterError or DataError for a digit that cannot be found or read.
    """
    if spec != "auto":
        return Case(resolve_digit(spec))
    try:
        images, labels = mnist.test_set()
    except DataError:
        return leaning(network)
    judged = evaluate(network, images, labels)
    index = int(confusing_examples(network, images, labels)[0])
    digit = Digit(images[index], int(labels[index]), f"mnist:test:{index}")
    misread = len(judged.wrong)
    return Case(digit, judged.count, misread) if misread else Case(digit)


def read(network: Network, found: Case) -> Read:
    """Read a case."""
    reading = read_digit(network, found.digit.image)
    told = {reading.answer, reading.runner_up, found.digit.label} - {None}
    return Read(found, reading, digits_that_tell([reading.outputs[k] for k in told]))


@cache
def leaning(network: Network) -> Case:
    """A drawn digit leaned, degree by degree, until it is misread.

    Each digit leans LEAN degrees to either side; of those misread there, the one whose own
    output is highest is set up again to a whole degree at which it is misread and, one degree
    less, is not. If none is misread, the one with the smallest margin leans by LEAN.
    """
    trials = [(digit, side * LEAN) for digit in range(CLASSES) for side in (-1, 1)]
    read = {(d, t): read_digit(network, draw(d, tilt=t)) for d, t in trials}
    wrong = [trial for trial in trials if read[trial].answer != trial[0]]
    if wrong:
        digit, tilt = max(wrong, key=lambda trial: float(read[trial].outputs[trial[0]]))
        tilt = _least_lean(network, digit, 1 if tilt > 0 else -1)
    else:
        digit, tilt = min(trials, key=lambda trial: read[trial].margin)
    image = read_only(draw(digit, tilt=tilt))
    return Case(Digit(image, digit, f"drawn:{digit} tilt {tilt}"), tilt=tilt, lean=abs(tilt))


def _least_lean(network: Network, digit: int, side: int) -> int:
    """By halving, between upright and LEAN, where it is misread."""
    near, far = 0, LEAN
    while far - near > 1:
        middle = (near + far) // 2
        if read_digit(network, draw(digit, tilt=side * middle)).answer == digit:
            near = middle
        else:
            far = middle
    return side * far


def telling_patch(inputs: ArrayLike, shape: tuple[int, int]) -> tuple[int, int]:
    """Row and column of the patch of inputs (28, 28) with the most of paper, ink and shades."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(inputs, float), shape)
    between = (windows * (1 - windows)).sum(axis=(2, 3))
    score = between + windows.std(axis=(2, 3))
    row, column = np.unravel_index(int(score.argmax()), score.shape)
    return int(row), int(column)


def paper_and_ink() -> tuple[float, float]:
    """The inputs of a blank and of a full pixel."""
    ends = scale(np.stack([np.full((SIDE, SIDE), level, np.uint8) for level in (0, 255)]))
    return float(ends[0, 0]), float(ends[1, 0])


def neuron_sum(network: Network, reading: Reading, neuron: int) -> NeuronSum:
    """The sum of a hidden neuron, product by product, in double precision."""
    weights = network.layers[0].weights[neuron]
    products = weights.astype(np.float64) * reading.inputs
    running = np.concatenate([[0.0], np.cumsum(products)])
    return NeuronSum(
        neuron=int(neuron),
        weights=weights.reshape(SIDE, SIDE),
        products=read_only(products.reshape(SIDE, SIDE)),
        running=read_only(running),
        total=float(running[-1]),
        output=float(reading.hidden[neuron]),
    )


def votes(network: Network, reading: Reading, digit: int) -> Votes:
    """What each hidden neuron brings to the output of `digit`, in double precision.

    Raises ParameterError for an output layer with biases: they would be left out of the sum.
    """
    layer = network.layers[1]
    if layer.biases is not None:
        raise ParameterError("The outputs have biases; the products alone are not their sums.")
    products = layer.weights[digit].astype(np.float64) * reading.hidden
    order = np.argsort(-products, kind="stable")
    gain, loss = float(products[products > 0].sum()), float(products[products < 0].sum())
    running = np.concatenate([[0.0], np.cumsum(products[order])])
    running[-1] = gain + loss
    return Votes(
        digit=int(digit),
        products=read_only(products),
        order=read_only(order),
        running=read_only(running),
        gain=gain,
        loss=loss,
        total=gain + loss,
        score=float(reading.outputs[digit]),
    )


def certainty(first: float, second: float) -> str:
    """What two largest scores say of an answer.

    `tied`: they are the same. Of a high one: `clear`, the first is SURE and the second FAINT;
    `narrow`, the second is close; else `ahead`. Of one that is not high: `guess`, the second
    is close; else `weak`.
    """
    if same(first, second):
        return "tied"
    close = second > CLOSE * first
    if first < HIGH:
        return "guess" if close else "weak"
    if first >= SURE and second < FAINT:
        return "clear"
    return "narrow" if close else "ahead"


def digits_that_tell(scores: ArrayLike, least: int = 3, most: int = 9) -> int:
    """The fewest decimals at which none of some scores reads as zero and those that differ
    differ: `least` to `most`."""
    values = np.unique(np.asarray(scores, dtype=float))
    for places in range(least, most):
        texts = {f"{v:.{places}f}" for v in values}
        if len(texts) == len(values) and not any(float(t) == 0 for t in texts if 0 not in values):
            return places
    return most
