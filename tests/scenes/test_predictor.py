"""The predictor shows the talk's figures, and says only what its run shows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit.dry import walk
from scenes.kit.params import parse
from scenes.predictor import Predictor, PredictorParams, _verdict


def clip_of(**values: Any) -> Predictor:
    scene = walk(Predictor, parse(PredictorParams, values))
    assert isinstance(scene, Predictor)
    return scene


def caption_keys(monkeypatch: pytest.MonkeyPatch, **values: Any) -> list[str]:
    said: list[str] = []
    plain = Predictor.say

    def spy(self: Predictor, key: str, *args: Any, **kwargs: Any) -> None:
        said.append(key)
        plain(self, key, *args, **kwargs)

    monkeypatch.setattr(Predictor, "say", spy)
    clip_of(**values)
    return said


def test_the_talks_figures_are_shown() -> None:
    shown = {(e.section, e.name, e.text) for e in clip_of().ledger.entries}
    for section, constant, output, error in (
        ("guess-1", "0.50", "50.000", "+12.137"),
        ("guess-2", "0.60", "60.000", "+2.137"),
        ("guess-3", "0.70", "70.000", "−7.863"),
        ("guess-4", "0.61", "61.000", "+1.137"),
    ):
        assert (section, "C", constant) in shown
        assert (section, "output", output) in shown
        assert (section, "error", error) in shown


def test_corrections_halve_the_error_at_learning_rate_one_half() -> None:
    run = Predictor.compute(PredictorParams())
    error = Fraction("62.137") - 50
    for step in run.correction.steps:
        assert step.error == pytest.approx(float(error), abs=1e-9)
        error /= 2
    # 12.137 / 2^8 is the first below 0.05.
    assert run.corrections == 8
    assert run.correction.settled


def test_captions_follow_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    said = caption_keys(monkeypatch)
    assert said == ["box", "example", "first", "closer", "overshoot", "back", "rule", "settled"]
    said = caption_keys(monkeypatch, constants=(0.6, 0.5), max_steps=1, tolerance=0.001)
    assert said == ["box", "example", "first", "worse", "rule", "unsettled"]
    assert caption_keys(monkeypatch, constants=(0.62137,))[-1] == "already"


@given(
    st.lists(st.floats(0, 2, width=32), min_size=2, max_size=5),
    st.floats(1, 500, width=32),
    st.floats(1, 1000, width=32),
)
def test_no_verdict_is_false(constants: list[float], kilometres: float, miles: float) -> None:
    made = Predictor.compute(
        PredictorParams(constants=tuple(constants), kilometres=kilometres, miles=miles)
    ).guesses.guesses
    for index in range(1, len(made)):
        verdict = _verdict(made, index)
        before, guess = made[index - 1].error, made[index].error
        if verdict in ("closer", "back"):
            assert abs(guess) < abs(before)
        if verdict == "worse":
            assert abs(guess) >= abs(before)
        if verdict == "overshoot":
            assert guess * before < 0
