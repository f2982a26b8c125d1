"""The predictor shows the talk's figures, and says only what its run shows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import ParameterError
from scenes.first_steps.predictor import Predictor, PredictorParams
from scenes.first_steps.predictor_run import after, before
from scenes.kit.dry import walk
from scenes.kit.facts import read_back
from scenes.kit.ledger import shown
from scenes.kit.params import parse


def run_of(**values: str) -> Any:
    return Predictor.compute(parse(PredictorParams, values))


def words(**values: str) -> list[str]:
    """The captions chosen for the guesses after the first, and for the end."""
    run = run_of(**values)
    found = []
    for k in range(1, len(run.guesses.guesses)):
        found += [before(run, k), after(run, k)]
    return [*found, Predictor.verdicts(run)["end"]]


def test_the_talks_figures_are_shown() -> None:
    ledger = walk(Predictor).ledger.entries
    for section, constant, output, error in (
        ("first_error", "0.50", "50.000", "+12.137"),
        ("guess-2", "0.60", "60.000", "+2.137"),
        ("guess-3", "0.70", "70.000", "−7.863"),
        ("guess-4", "0.61", "61.000", "+1.137"),
    ):
        here = {(e.name, e.text) for e in ledger if e.section == section}
        assert {("C", constant), ("output", output), ("error", error)} <= here


def test_corrections_halve_the_error_at_learning_rate_one_half() -> None:
    run = run_of()
    error = Fraction("62.137") - 50
    for step in run.correction.steps:
        assert step.error == pytest.approx(float(error), abs=1e-9)
        error /= 2
    # 12.137 / 2^8 is the first below 0.05.
    assert run.corrections == 8
    assert run.correction.settled


def test_captions_follow_the_run() -> None:
    assert words() == [
        "try_larger", "closer", "try_larger", "past_more", "try_back_slowly", "past_less", "creep",
    ]  # fmt: skip
    assert words(constants="0.6,0.5", max_steps="1", tolerance="0.001") == [
        "try_smaller", "worse", "unsettled",
    ]  # fmt: skip
    assert words(constants="0.62137") == ["already"]


def test_an_error_that_is_shown_as_nothing_has_changed_no_sign() -> None:
    run = run_of(constants="0.5,0.621371")
    text = shown(run.guesses.guesses[1].error, f"+.{run.digits}f")
    assert read_back(text) != 0


def test_the_same_guess_is_not_worse() -> None:
    assert words(constants="0.9,0.95,0.5,0.5")[4:6] == ["try_again", "no_change"]


def test_back_a_little_is_back_and_little() -> None:
    assert before(run_of(constants="1.9,0.1"), 1) == "try_smaller"
    assert before(run_of(constants="0.5,1.9,0.1"), 2) == "try_smaller"
    assert before(run_of(constants="0.5,0.7,0.69"), 2) == "try_back"


@pytest.mark.parametrize(
    ("name", "value"), [("kilometres", "42.195"), ("kilometres", "3.333"), ("kilometres", "0.001"),
                        ("learning_rate", "0.9999"), ("miles", "1.25")]
)  # fmt: skip
def test_parameters_are_shown_as_they_were_given(name: str, value: str) -> None:
    ledger = walk(Predictor, parse(PredictorParams, {name: value})).ledger.entries
    key = {"kilometres": "kilometres", "learning_rate": "learning rate", "miles": "truth"}[name]
    texts = {e.text for e in ledger if e.name == key}
    assert {float(read_back(t)) for t in texts} == {float(value)}


def test_more_digits_than_are_shown_are_refused() -> None:
    with pytest.raises(ParameterError, match="significant"):
        run_of(constants="0.5,0.6213704")


digits = st.integers(0, 2000).map(lambda v: v / 1000)


@given(
    st.lists(digits, min_size=2, max_size=4),
    st.integers(1, 500),
    st.integers(1, 1000),
)
def test_no_verdict_is_false(constants: list[float], kilometres: int, miles: int) -> None:
    run = Predictor.compute(
        PredictorParams(constants=tuple(constants), kilometres=kilometres, miles=miles)
    )
    exact = [Fraction(miles) - Fraction(str(c)) * kilometres for c in constants]
    for k in range(1, len(constants)):
        verdict, last, now = after(run, k), exact[k - 1], exact[k]
        if verdict == "found":
            assert now == 0
        if verdict in ("closer", "past_less"):
            assert abs(now) < abs(last)
        if verdict in ("worse", "past_more"):
            assert abs(now) > abs(last)
        if verdict.startswith("past") or verdict == "other_side":
            assert now * last < 0
        if verdict in ("no_change", "other_side"):
            assert abs(abs(now) - abs(last)) < 1e-3
