"""The error-split clip: its run in exact fractions, and captions that tell what it shows."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from nncore.errors import ParameterError
from scenes.error_split import ErrorSplit, ErrorSplitParams
from scenes.kit.dry import walk
from scenes.kit.params import parse
from scenes.kit.text.words import Words

SHARES = [[F(2, 5), F(3, 5)], [F(1, 5), F(4, 5)]]
BEFORE = [[F(3, 5), F(2, 5)], [F(1, 8), F(7, 8)]]
ERRORS = [F("0.8"), F("0.5")]


def _floats(rows: list[list[F]]) -> list[list[float]]:
    return [[float(v) for v in row] for row in rows]


def test_the_run_is_the_talks_example_in_fractions() -> None:
    run = ErrorSplit.compute(ErrorSplitParams())
    parts = [[e * s for s in row] for e, row in zip(ERRORS, SHARES, strict=True)]
    hidden = [parts[0][i] + parts[1][i] for i in range(2)]
    inputs = [hidden[0] * BEFORE[0][i] + hidden[1] * BEFORE[1][i] for i in range(2)]
    assert (hidden, inputs) == ([F("0.42"), F("0.88")], [F("0.362"), F("0.938")])
    assert_allclose(run.last.parts, _floats(parts), rtol=1e-14)
    assert_allclose(run.last.recombined, [0.42, 0.88], rtol=1e-14)
    assert_allclose(run.before.recombined, [0.362, 0.938], rtol=1e-14)
    assert_allclose(run.last.equal_parts, [[0.4, 0.4], [0.25, 0.25]], rtol=1e-14)
    assert run.total == pytest.approx(1.3)


def test_the_product_without_division() -> None:
    run = ErrorSplit.compute(ErrorSplitParams())
    assert_allclose(run.plain.products, [[1.6, 2.4], [0.5, 2.0]], rtol=1e-14)
    assert_allclose(run.plain.carried, [2.1, 4.4], rtol=1e-14)
    assert_allclose(run.plain.products / run.last.parts, 5 * np.ones((2, 2)), rtol=1e-14)


weight = st.floats(0.1, 9.9)
error = st.one_of(st.floats(0.1, 2), st.floats(-2, -0.1))


@given(error, error, *[st.tuples(weight, weight)] * 4)
@settings(max_examples=60)
def test_nothing_is_lost_and_proportions_are_kept(
    first: float, second: float, w1: Any, w2: Any, h1: Any, h2: Any
) -> None:
    run = ErrorSplit.compute(
        ErrorSplitParams(
            output_error_1=first,
            output_error_2=second,
            weights_1=w1,
            weights_2=w2,
            hidden_weights_1=h1,
            hidden_weights_2=h2,
        )
    )
    for split in (run.last, run.before):
        assert split.recombined.sum() == pytest.approx(run.total, abs=1e-12)
    # Each error's two parts are to each other as the weights, divided or not.
    for j, (a, b) in enumerate((w1, w2)):
        for parts in (run.last.parts[j], run.plain.products[j]):
            assert parts[0] * b == pytest.approx(parts[1] * a, rel=1e-12)
        assert run.plain.products[j] / run.last.parts[j] == pytest.approx(a + b, rel=1e-12)


class _Heard(ErrorSplit):
    """The clip, with each caption it says, in order."""

    heard: list[str]

    def words(self, *args: Any, **kwargs: Any) -> Words:
        words = super().words(*args, **kwargs)
        if words.role == "caption":
            self.heard = [*getattr(self, "heard", []), words.text]
        return words


def _shown(lang: str = "en", **given: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """The captions, and (name, text) of each number in the ledger."""
    clip = walk(_Heard, parse(ErrorSplitParams, given), lang)
    assert isinstance(clip, _Heard)
    return clip.heard, [(entry.name, entry.text) for entry in clip.ledger.entries]


def test_the_documents_figures_are_on_screen() -> None:
    captions, numbers = _shown()
    shown = dict(numbers)
    assert shown["part of output error 1 for 1"] == "0.32"
    assert shown["part of output error 1 for 2"] == "0.48"
    assert shown["part of output error 2 for 1"] == "0.10"
    assert shown["part of output error 2 for 2"] == "0.40"
    assert shown["equal part of output error 2 for 1"] == "0.25"
    assert (shown["hidden error 1"], shown["hidden error 2"]) == ("0.42", "0.88")
    assert (shown["input error 1"], shown["input error 2"]) == ("0.362", "0.938")
    assert (shown["carried error 1"], shown["carried error 2"]) == ("2.1", "4.4")
    assert "Both rows sum to 5.0, so every part is 5.0 times as large." in captions
    assert any("learning rate takes up" in caption for caption in captions)
    assert any(caption.startswith("Fair?") for caption in captions)


def test_a_name_shows_one_value_throughout() -> None:
    _, numbers = _shown(output_error_1="-0.7", weights_1="2.5,7")
    assert len(dict(numbers)) == len(set(numbers))


def test_equal_weights_are_said_to_make_halves_fair() -> None:
    captions, _ = _shown(weights_1="2,2", weights_2="5,5")
    assert any("halves are fair" in caption for caption in captions)
    assert any("4.0 and 10.0 times" in caption for caption in captions)


def test_the_learning_rate_makes_up_for_one_factor_only() -> None:
    apart, _ = _shown(weights_1="2,2", weights_2="5,5")
    assert not any("learning rate" in caption for caption in apart)
    assert any("in proportion" in caption for caption in apart)


def test_weights_that_add_up_to_one_need_no_division() -> None:
    captions, _ = _shown("en", weights_1="0.3,0.7", weights_2="0.6,0.4")
    assert any("the division changes nothing" in caption for caption in captions)
    assert not any("learning rate" in caption for caption in captions)


@pytest.mark.parametrize(
    "given",
    [
        {"output_error_1": "0"},
        {"output_error_2": "-0.05"},
        {"output_error_1": "2.1"},
        {"weights_1": "1"},
        {"weights_2": "1,2,3"},
        {"hidden_weights_1": "0,1"},
        {"hidden_weights_2": "-1,1"},
    ],
)
def test_what_cannot_be_split_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ParameterError) as caught:
        parse(ErrorSplitParams, given)
    assert next(iter(given)) in str(caught.value)
