"""Guess, compare, correct: kilometres to miles, miles = kilometres x C (the talk; excerpts 1.2).

The machine is a 1-1 network with the identity activation; C is its one weight.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nncore.activations import IDENTITY
from nncore.errors import ParameterError, check_count, check_number
from nncore.exact import without_noise
from nncore.network import Layer, Network


@dataclass(frozen=True)
class Guess:
    """One guess C: its output in miles, the error truth - output in miles (0.0 where they are the
    same but for rounding), and whether the error changed sign since the guess before: from one
    side of the truth to the other, so an error of 0 never has."""

    constant: float
    output: float
    error: float
    overshoot: bool


@dataclass(frozen=True)
class Guesses:
    """Guesses at one known distance, in the order they were made."""

    kilometres: float
    true_miles: float
    guesses: tuple[Guess, ...]


@dataclass(frozen=True)
class CorrectionStep:
    """One round: C, its output and error in miles, and the change that makes the next C.

    ``error`` and ``overshoot`` are as in ``Guess``. ``change`` is 0 at the step whose error is
    within the tolerance.
    """

    index: int
    constant: float
    output: float
    error: float
    overshoot: bool
    change: float
    constant_after: float


@dataclass(frozen=True)
class Correction:
    """C correcting itself; ``settled`` says whether the last error is within the tolerance."""

    kilometres: float
    true_miles: float
    start: float
    learning_rate: float
    tolerance: float
    steps: tuple[CorrectionStep, ...]
    constant: float
    settled: bool


def predict(kilometres: float, constant: float) -> float:
    """Return the machine's miles for a distance: the output of the 1-1 network of weight C."""
    machine = Network([Layer(np.array([[constant]]), None, IDENTITY)])
    return float(machine.forward([kilometres]).output[0])


def _error(truth: float, output: float) -> float:
    return without_noise(truth - output, max(abs(truth), abs(output)))


def _crossed(error: float, before: Sequence[Guess | CorrectionStep]) -> bool:
    """Whether the last error before lies on the other side of 0."""
    return bool(before) and bool(np.sign(error) * np.sign(before[-1].error) < 0)


def guesses(kilometres: float, true_miles: float, constants: Iterable[float]) -> Guesses:
    """Try each constant on a known distance (kilometres > 0) and compare with the truth in miles.

    Raises ParameterError for a number that is not finite or positive, or when there is no guess.
    """
    check_number(kilometres, "The distance in kilometres", above=0)
    check_number(true_miles, "The distance in miles")
    made: list[Guess] = []
    for value in constants:
        constant = check_number(value, "A guess for C")
        output = predict(kilometres, constant)
        error = _error(true_miles, output)
        made.append(Guess(constant, output, error, _crossed(error, made)))
    if not made:
        raise ParameterError("Give at least one guess for C.")
    return Guesses(float(kilometres), float(true_miles), tuple(made))


def self_correct(
    kilometres: float,
    true_miles: float,
    start: float,
    learning_rate: float,
    tolerance: float,
    max_steps: int = 100,
) -> Correction:
    """Let C correct itself, change = learning_rate x error / kilometres, until |error| < tolerance.

    Each change leaves (1 - learning_rate) of the error: below 1 it creeps up, between 1 and 2 it
    overshoots and still settles, from 2 on it never does; then ``settled`` is False after
    ``max_steps`` rounds. Raises ParameterError for values outside their range.
    """
    check_number(kilometres, "The distance in kilometres", above=0)
    check_number(true_miles, "The distance in miles")
    constant = check_number(start, "The first guess for C")
    check_number(learning_rate, "The learning rate", above=0)
    check_number(tolerance, "The tolerance", above=0)
    check_count(max_steps, "The number of steps")
    steps: list[CorrectionStep] = []
    settled = False
    while not settled and len(steps) < max_steps:
        output = predict(kilometres, constant)
        error = _error(true_miles, output)
        settled = abs(error) < tolerance
        overshoot = _crossed(error, steps)
        change = 0.0 if settled else learning_rate * error / kilometres
        after = constant + change
        if not math.isfinite(after):
            raise ParameterError("C ran away; give a smaller learning rate.")
        steps.append(CorrectionStep(len(steps), constant, output, error, overshoot, change, after))
        constant = after
    return Correction(
        float(kilometres),
        float(true_miles),
        float(start),
        float(learning_rate),
        float(tolerance),
        tuple(steps),
        constant,
        settled,
    )
