"""What the digits clip shows: two readings, a neuron looked at closely, a digit hard to read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
from pydantic import Field

from lab import mnist
from lab.images import Digit, resolve_digit
from nncore.digits import (
    CLASSES,
    SIDE,
    Links,
    Reading,
    confusing_examples,
    evaluate,
    read_digit,
    scale,
    strongest_links,
    trained_network,
)
from nncore.drawn import draw
from nncore.errors import Array, read_only
from nncore.network import Network
from scenes.kit.params import ClipParams

LINKS = 8
PATCH = (4, 5)
LEAN = 30
"""Degrees that a drawn digit leans at most."""

NARROW = 0.2
"""A smaller margin between the two largest outputs is called narrow."""


DigitName = Annotated[str, Field(min_length=1, max_length=4096)]


class MnistForwardParams(ClipParams):
    """Parameters of the reading network."""

    digit: DigitName = Field(
        "auto", description="digit to read: auto, drawn:7, mnist:test:42, or a picture file"
    )
    hard: DigitName = Field(
        "auto", description="second digit, named the same way; auto searches one that is misread"
    )


@dataclass(frozen=True, eq=False)
class Hard:
    """A digit that is hard to read, and how it was found.

    tests, misread: the network misreads so many of so many test digits. tilt: degrees by which
    a drawn digit leans to the right, lean: the same without its sign. None where not searched.
    """

    digit: Digit
    tests: int | None = None
    misread: int | None = None
    tilt: int | None = None
    lean: int | None = None

    @property
    def source(self) -> str:
        """Where the digit comes from."""
        return self.digit.source + (f" tilt {self.tilt}" if self.tilt is not None else "")


@dataclass(frozen=True, eq=False)
class MnistForwardRun:
    """Two digits read, and a close look at one hidden neuron while it reads the first.

    Sizes: side, pixels, neurons, outputs. paper and ink: inputs of a blank and a full pixel.
    patch: row and column of the pixels looked at. neuron: the hidden neuron that pushes the
    first answer up most; weights, products (28, 28), weighted_sum and neuron_output are its.
    links: the link_count from hidden neurons that push each reading's answer up most.
    hard_label_output: the output of the hard digit's label, None where that is unknown.
    """

    side: int
    pixels: int
    neurons: int
    outputs: int
    paper: float
    ink: float
    source: str
    label: int | None
    digit: Reading
    patch: tuple[int, int]
    neuron: int
    weights: Array
    products: Array
    weighted_sum: float
    neuron_output: float
    links: Links
    link_count: int
    hard_source: str
    hard: Hard
    hard_label: int | None
    hard_digit: Reading
    hard_links: Links
    hard_label_output: float | None


def forward_run(digit_spec: str, hard_spec: str) -> MnistForwardRun:
    """Read both digits, named as resolve_digit takes them; `auto` searches a hard one.

    Raises ParameterError or DataError for digits that cannot be found or read.
    """
    network, _ = trained_network()
    digit = resolve_digit(digit_spec)
    hard = find_hard(network) if hard_spec == "auto" else Hard(resolve_digit(hard_spec))
    reading, second = read_digit(network, digit.image), read_digit(network, hard.digit.image)
    links = strongest_links(network, reading, LINKS).output
    neuron = int(links.sources[0])
    weights = network.layers[0].weights[neuron].reshape(SIDE, SIDE)
    picture = reading.inputs.reshape(SIDE, SIDE)
    extremes = scale(np.stack([np.full((SIDE, SIDE), b, np.uint8) for b in (0, 255)]))
    label = hard.digit.label
    return MnistForwardRun(
        side=SIDE,
        pixels=network.sizes[0],
        neurons=network.sizes[1],
        outputs=network.sizes[2],
        paper=float(extremes[0, 0]),
        ink=float(extremes[1, 0]),
        source=digit.source,
        label=digit.label,
        digit=reading,
        patch=telling_patch(picture),
        neuron=neuron,
        weights=weights,
        products=read_only(weights * picture),
        weighted_sum=float(reading.hidden_sums[neuron]),
        neuron_output=float(reading.hidden[neuron]),
        links=links,
        link_count=len(links.sources),
        hard_source=hard.source,
        hard=hard,
        hard_label=label,
        hard_digit=second,
        hard_links=strongest_links(network, second, LINKS).output,
        hard_label_output=None if label is None else float(second.outputs[label]),
    )


def find_hard(network: Network) -> Hard:
    """The most understandable mistake in the test set where that is at hand, else a drawn one."""
    if not mnist.has_test_set():
        return leaning(network)
    images, labels = mnist.test_set()
    judged = evaluate(network, images, labels)
    index = int(confusing_examples(network, images, labels)[0])
    digit = Digit(images[index], int(labels[index]), f"mnist:test:{index}")
    misread = len(judged.wrong)
    return Hard(digit, judged.count, misread) if misread else Hard(digit)


@cache
def leaning(network: Network) -> Hard:
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
    return Hard(Digit(image, digit, f"drawn:{digit}"), tilt=tilt, lean=abs(tilt))


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


def telling_patch(inputs: Array) -> tuple[int, int]:
    """Row and column of the PATCH of pixels with the most of paper, ink and shades between."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(inputs, float), PATCH)
    between = (windows * (1 - windows)).sum(axis=(2, 3))
    score = between + windows.std(axis=(2, 3))
    row, column = np.unravel_index(int(score.argmax()), score.shape)
    return int(row), int(column)


def answer_key(reading: Reading, label: int | None) -> str:
    """The caption that is true of the first answer."""
    if label is None:
        return "answer_unlabelled"
    return "answer_right" if label == reading.answer else "answer_wrong"


def introduction_key(hard: Hard) -> str:
    """The caption that is true of how the hard digit was found."""
    if hard.misread is not None:
        return "hard_misread"
    if hard.tilt is not None:
        return "hard_leaned_left" if hard.tilt < 0 else "hard_leaned_right"
    return "hard_given"


def verdict_key(reading: Reading, label: int | None) -> str:
    """The caption that is true of a reading."""
    if label is None:
        return "verdict_unlabelled"
    if label != reading.answer:
        return "verdict_misread"
    return "verdict_narrow" if reading.margin < NARROW else "verdict_clear"
