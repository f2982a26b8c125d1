"""A line y = A x between caterpillars and ladybirds, taught one example at a time.

Width is x and length y (the talk; excerpts 1.4). A target t lies just beside the example; the
error is E = t - y and the change of the slope L E / x, with L = 1 the naive rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nncore.activations import IDENTITY
from nncore.errors import Array, ParameterError, check_count, check_number, read_only
from nncore.exact import sign, without_noise
from nncore.network import Layer, Network

LADYBIRD = "ladybird"
CATERPILLAR = "caterpillar"
KINDS = (LADYBIRD, CATERPILLAR)
CENTRES = {LADYBIRD: (3.0, 1.0), CATERPILLAR: (1.0, 3.0)}  # width, length
MARGIN = 0.1


@dataclass(frozen=True)
class Example:
    """A measured animal: width and length > 0 and its label; ``wrong`` if it is mislabelled."""

    width: float
    length: float
    kind: str
    wrong: bool = False

    def __post_init__(self) -> None:
        check_number(self.width, "The width", above=0)
        check_number(self.length, "The length", above=0)
        if self.kind not in KINDS:
            raise ParameterError(f"A kind is one of {', '.join(KINDS)}, not {self.kind!r}.")

    @property
    def true_kind(self) -> str:
        """What the animal is, whatever its label says."""
        return _other(self.kind) if self.wrong else self.kind


EXAMPLES = (Example(3.0, 1.0, LADYBIRD), Example(1.0, 3.0, CATERPILLAR))


@dataclass(frozen=True)
class LineScore:
    """How a slope sorts the examples: ``sides`` the kind it gives each, ``right`` how many agree
    with their label, ``truly_right`` how many with what the animal really is."""

    slope: float
    sides: tuple[str, ...]
    right: int
    truly_right: int
    total: int


@dataclass(frozen=True)
class LineStep:
    """One lesson: the example, the numbers of the rule, and the score of the line it leaves. The
    error is 0.0 where output and target are the same but for rounding."""

    index: int
    pass_number: int
    example: Example
    x: float
    target: float
    slope_before: float
    output: float
    error: float
    change: float
    slope_after: float
    score_after: LineScore


@dataclass(frozen=True)
class LineTraining:
    """A line's lessons, in order; passes count from 1."""

    start: float
    learning_rate: float
    passes: int
    margin: float
    score_before: LineScore
    steps: tuple[LineStep, ...]
    slope: float


def _other(kind: str) -> str:
    return CATERPILLAR if kind == LADYBIRD else LADYBIRD


def line_output(slope: float, x: float) -> float:
    """Return y = A x, the output of a 1-1 identity network of weight A."""
    line = Network([Layer(np.array([[slope]]), None, IDENTITY)])
    return float(line.forward([x]).output[0])


def target_of(example: Example, margin: float = MARGIN) -> float:
    """Return where the line should pass at the example's width: ``margin`` above a ladybird,
    ``margin`` below a caterpillar."""
    if example.kind == LADYBIRD:
        return example.length + margin
    return example.length - margin


def classify(slope: float, x: float, y: float) -> str:
    """Return the kind of an animal of width x and length y: caterpillars lie above the line,
    ladybirds below or on it (but for rounding)."""
    line = line_output(slope, x)
    return CATERPILLAR if sign(y - line, max(abs(y), abs(line))) > 0 else LADYBIRD


def score(slope: float, examples: Sequence[Example]) -> LineScore:
    """Count the examples that the line puts on the right side."""
    sides = tuple(classify(slope, e.width, e.length) for e in examples)
    return LineScore(
        float(slope),
        sides,
        sum(side == e.kind for side, e in zip(sides, examples, strict=True)),
        sum(side == e.true_kind for side, e in zip(sides, examples, strict=True)),
        len(sides),
    )


def train_line(
    examples: Sequence[Example] = EXAMPLES,
    *,
    start: float = 0.25,
    learning_rate: float = 0.5,
    passes: int = 1,
    margin: float = MARGIN,
) -> LineTraining:
    """Teach the line each example in turn, ``passes`` times over.

    ``start`` is the first slope A; 0 < learning_rate, 1 being the naive rule; margin >= 0.
    Raises ParameterError for values outside their range or no examples.
    """
    slope = check_number(start, "The first slope")
    check_number(learning_rate, "The learning rate", above=0)
    check_number(margin, "The margin", low=0)
    check_count(passes, "The number of passes")
    if not examples:
        raise ParameterError("Give at least one example.")
    steps: list[LineStep] = []
    for pass_number in range(1, passes + 1):
        for example in examples:
            target = target_of(example, margin)
            output = line_output(slope, example.width)
            error = without_noise(target - output, max(abs(target), abs(output)))
            change = learning_rate * error / example.width
            after = slope + change
            if not math.isfinite(after):
                raise ParameterError("The slope ran away; give a smaller learning rate.")
            steps.append(
                LineStep(
                    len(steps),
                    pass_number,
                    example,
                    example.width,
                    target,
                    slope,
                    output,
                    error,
                    change,
                    after,
                    score(after, examples),
                )
            )
            slope = after
    return LineTraining(
        float(start),
        float(learning_rate),
        passes,
        float(margin),
        score(start, examples),
        tuple(steps),
        slope,
    )


def garden(n: int, seed: int, noise: float = 0.2, wrong: int = 1) -> tuple[Example, ...]:
    """Measure ``n`` animals, ladybirds and caterpillars in turn, around (3, 1) and (1, 3).

    Each measure is its centre times e^(noise x normal): always positive, ``noise`` (>= 0) its
    relative spread. ``wrong`` of them, chosen at random, carry the other kind's label.
    Raises ParameterError for values outside their range.
    """
    check_count(n, "The number of animals")
    check_count(seed, "The seed", low=0)
    check_number(noise, "The noise", low=0)
    if check_count(wrong, "The number of wrong labels", low=0) > n:
        raise ParameterError(f"Of {n} animals no more than {n} can be mislabelled, not {wrong}.")
    rng = np.random.default_rng(seed)
    factors = np.exp(noise * rng.normal(size=(n, 2)))
    mislabelled = set(rng.choice(n, size=wrong, replace=False).tolist())
    animals = []
    for i, (f, g) in enumerate(factors.tolist()):
        kind = KINDS[i % 2]
        width, length = CENTRES[kind]
        animal = Example(width * f, length * g, kind)
        if i in mislabelled:
            animal = replace(animal, kind=_other(kind), wrong=True)
        animals.append(animal)
    return tuple(animals)


def random_slopes(n: int, seed: int) -> Array:
    """Draw ``n`` slopes > 0 whose lines are spread evenly by angle, 3 to 87 degrees; (n,)."""
    check_count(n, "The number of lines")
    rng = np.random.default_rng(check_count(seed, "The seed", low=0))
    return read_only(np.tan(np.radians(rng.uniform(3.0, 87.0, n))))
