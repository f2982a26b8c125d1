"""What captions claim, found by other means than the clips': from parameters, by exact fractions
or by counting anew.

The clips in `OWN`, and those of the errors on their way back, are held by tests of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

Claim = Callable[[Any, Any], bool]

RARE: dict[str, list[dict[str, Any]]] = {
    "classifier": [
        {"insect_width": 0.31342, "insect_length": 0.358828},
        {"animals": 24, "seed": 26347, "noise": 0.22},
    ],
    "circle": [
        {"points": 20, "seed": 1, "epochs": 600},
        {"points": 20, "seed": 1, "epochs": 100, "learning_rate": 0.01},
        {"points": 20, "seed": 0, "epochs": 100, "learning_rate": 0.01},
        {"points": 20, "seed": 0, "epochs": 600},
        {"points": 60, "seed": 3, "epochs": 600},
    ],
    "errors-as-matrix": [{"weights_1": (0.3, 0.7), "weights_2": (0.6, 0.4)}],
}
"""Parameters that meet what is not met by chance."""

SLOW = {"circle", "xor"}
"""Clips whose runs take too long to be made by the dozen."""

OWN = {"descent", "valleys"}
"""Clips whose own tests meet every variant and hold what it claims."""

READINGS = {"mnist-forward"}
"""Clips whose variants hang on what single digits look like: their own tests hold them."""


def exact(value: float) -> Fraction:
    """A parameter as it was written."""
    return Fraction(repr(float(value)))


# Guess, compare, correct


def end_of(p: Any) -> str:
    """What the machine's own corrections come to: each leaves 1 − L of the error."""
    error = exact(p.miles) - exact(p.kilometres) * exact(p.constants[0])
    left, rate, done = abs(error), exact(p.learning_rate), 0
    while left >= exact(p.tolerance) and done < p.max_steps:
        left, done = left * abs(1 - rate), done + 1
    if not done:
        return "already"
    if left >= exact(p.tolerance):
        return "unsettled"
    if left == 0:
        return "zero"
    return "settled" if done == 1 else "creep" if rate < 1 else "swing"


def first_is_right(p: Any) -> bool:
    """Whether the first guess is the truth."""
    return exact(p.kilometres) * exact(p.constants[0]) == exact(p.miles)


# Dividing two kinds


def correct(slope: float, run: Any) -> int:
    """How many animals lie, by their angle, on the side of what they really are."""
    line = math.atan(slope)
    above = [math.atan2(a.length, a.width) > line for a in run.animals]
    return sum(
        up == (a.true_kind == "caterpillar") for up, a in zip(above, run.animals, strict=True)
    )


def divided(run: Any) -> bool:
    """Whether some slope has every animal on its side: all ladybirds lie below all caterpillars."""
    steep: dict[str, list[float]] = {"ladybird": [], "caterpillar": []}
    for animal in run.animals:
        steep[animal.true_kind].append(math.atan2(animal.length, animal.width))
    return max(steep["ladybird"]) < min(steep["caterpillar"])


def taught(p: Any, rate: float) -> float:
    """The slope after both examples, each missed by the margin on its own side."""
    slope = p.start
    for (x, y), sign in ((p.ladybird, 1), (p.caterpillar, -1)):
        slope += rate * (y + sign * p.margin - slope * x) / x
    return slope


def is_on_the_line(p: Any, run: Any) -> bool:
    """Whether the new insect lies on the last line."""
    output = float(run.garden_part.slopes[-1]) * p.insect_width
    return abs(output - p.insect_length) < 1e-9 * output


def insect(p: Any, run: Any) -> str:
    """On which side of the last line the new insect lies."""
    if is_on_the_line(p, run):
        return "on"
    steep = math.atan2(p.insect_length, p.insect_width)
    return "caterpillar" if steep > math.atan(run.garden_part.slopes[-1]) else "ladybird"


# Closing a loop


def says_yes(run: Any, name: str) -> tuple[bool, bool, bool]:
    """Whether a network says yes at the border of the square, somewhere, and everywhere."""
    edge = np.linspace(-run.reach, run.reach, 301)
    grid = np.array(list(product(edge, edge)))
    layers = run.learnt[name].networks[-1].layers
    signal = grid
    for layer in layers:
        signal = 1 / (1 + np.exp(-(signal @ layer.weights.T + layer.biases)))
    yes = signal.reshape(301, 301) > 0.5
    border = np.concatenate([yes[0], yes[-1], yes[:, 0], yes[:, -1]])
    return bool(border.any()), bool(yes.any()), bool(yes.all())


def shape(run: Any, name: str) -> str:
    """Closed, open, or nothing."""
    border, some, every = says_yes(run, name)
    return "none" if not some or every else "open" if border else "closed"


def all_right(run: Any, name: str) -> bool:
    """Whether a network has every point on its side."""
    outputs = run.learnt[name].networks[-1].forward(run.points).output[:, 0]
    return bool(((outputs > 0.5) == (run.classes == 1)).all())


def two(run: Any) -> str:
    """What two lines come to."""
    kind = shape(run, "two")
    return "lucky" if kind == "open" and all_right(run, "two") else kind


def three(run: Any) -> str:
    """What three lines come to."""
    kind = shape(run, "three")
    return "all" if kind == "closed" and all_right(run, "three") else kind


def all_closed(run: Any) -> bool:
    """Whether three, four and six lines close the loop."""
    return all(shape(run, name) == "closed" for name in ("three", "four", "six"))


# XOR


def learnt(run: Any) -> str:
    """Whether the trained network's outputs are XOR's, case by case."""
    network = run.training.watched.networks[-1]
    outputs = [float(network.forward([a, b]).output[0]) for a, b in product((0.0, 1.0), repeat=2)]
    right = [o > 0.5 for o in outputs] == [False, True, True, False]
    return "solved" if right else "unsolved"


def one_of(answer: Callable[[Any, Any], str], *variants: str) -> dict[str, Claim]:
    """For each variant the claim that it is the answer."""
    return {v: lambda p, r, v=v: answer(p, r) == v for v in variants}  # type: ignore[misc]


_ALL: dict[str, dict[str, dict[str, Claim]]] = {
    "predictor": {
        "first_error": {
            "none": lambda p, r: first_is_right(p),
            "some": lambda p, r: not first_is_right(p),
        },
        "end": one_of(
            lambda p, r: end_of(p), "already", "zero", "settled", "creep", "swing", "unsettled"
        ),
    },
    "classifier": {
        "last": {
            "worse": lambda p, r: correct(taught(p, 1.0), r) < p.animals,
            "fine": lambda p, r: correct(taught(p, 1.0), r) == p.animals,
        },
        "rate": {
            "whole": lambda p, r: p.learning_rate == 1,
            "share": lambda p, r: p.learning_rate < 1,
        },
        "both": {
            "whole": lambda p, r: p.learning_rate == 1,
            "all": lambda p, r: (
                p.learning_rate < 1 and correct(taught(p, p.learning_rate), r) == p.animals
            ),
            "some": lambda p, r: (
                p.learning_rate < 1 and correct(taught(p, p.learning_rate), r) < p.animals
            ),
        },
        "garden_full": {
            "right": lambda p, r: p.wrong == 0,
            "one": lambda p, r: p.wrong == 1,
            "more": lambda p, r: p.wrong > 1,
        },
        "answer": one_of(insect, "ladybird", "caterpillar", "on"),
        "lines": {"none": lambda p, r: not divided(r), "some": lambda p, r: divided(r)},
    },
    "circle": {
        "two": one_of(lambda p, r: two(r), "open", "lucky", "none"),
        "three": one_of(lambda p, r: three(r), "all", "closed", "open", "none"),
        "last": {
            "mixed": lambda p, r: not all_closed(r),
        },
    },
    "xor": {"learnt": one_of(lambda p, r: learnt(r), "solved", "unsolved")},
}
CLAIMS = {
    slug: {(key, variant): claim for key, by in keys.items() for variant, claim in by.items()}
    for slug, keys in _ALL.items()
}
"""By clip, caption and variant: what must be true of parameters and run."""
