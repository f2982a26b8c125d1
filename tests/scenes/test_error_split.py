"""The error split and its matrix: the runs in exact fractions, the words that fit them."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from nncore.errors import ParameterError
from scenes.errors_back.error_split import ErrorSplit
from scenes.errors_back.errors_as_matrix import ErrorsAsMatrix
from scenes.kit.dry import walk
from scenes.kit.params import parse

SHARES = [[F(2, 5), F(3, 5)], [F(1, 5), F(4, 5)]]
BEFORE = [[F(3, 5), F(2, 5)], [F(1, 8), F(7, 8)]]
ERRORS = [F("0.8"), F("0.5")]


def test_the_run_is_the_talks_example_in_fractions() -> None:
    run = ErrorSplit.compute(ErrorSplit.Params())
    hidden = [ERRORS[0] * SHARES[0][i] + ERRORS[1] * SHARES[1][i] for i in range(2)]
    inputs = [hidden[0] * BEFORE[0][i] + hidden[1] * BEFORE[1][i] for i in range(2)]
    assert (hidden, inputs) == ([F("0.42"), F("0.88")], [F("0.362"), F("0.938")])
    assert_allclose(run.last.recombined, [0.42, 0.88], rtol=1e-14)
    assert_allclose(run.before.recombined, [0.362, 0.938], rtol=1e-14)
    assert_allclose(run.last.equal_parts, [[0.4, 0.4], [0.25, 0.25]], rtol=1e-14)
    assert_allclose(run.targets - run.forward.output, [0.8, 0.5], rtol=1e-14)


weight = st.integers(1, 99).map(lambda n: n / 10)
error = st.integers(10, 200).flatmap(lambda n: st.sampled_from([n / 100, -n / 100]))


@given(error, error, *[st.tuples(weight, weight)] * 4)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_and_each_product_is_its_part_times_its_row(
    first: float, second: float, w1: Any, w2: Any, h1: Any, h2: Any
) -> None:
    known = {"output_error_1": first, "output_error_2": second, "weights_1": w1, "weights_2": w2}
    run = ErrorSplit.compute(ErrorSplit.Params(**known, hidden_weights_1=h1, hidden_weights_2=h2))
    for split in (run.last, run.before):
        assert split.recombined.sum() == pytest.approx(first + second, abs=1e-12)
    table = ErrorsAsMatrix.compute(ErrorsAsMatrix.Params(**known))
    for j, row in enumerate((w1, w2)):
        assert table.plain.products[j] / table.split.parts[j] == pytest.approx(
            np.full(2, sum(row)), rel=1e-12
        )


@pytest.mark.parametrize(
    ("weights", "kind"),
    [
        (((2.0, 3.0), (1.0, 4.0)), "alike"),
        (((0.1, 0.2), (0.2, 0.1)), "alike"),
        (((0.3, 0.7), (0.6, 0.4)), "one"),
        (((2.0, 2.0), (5.0, 5.0)), "apart"),
        (((1.0, 1.0), (1.0, 1.1)), "apart"),
    ],
)
def test_one_learning_rate_makes_up_for_one_factor_only(weights: Any, kind: str) -> None:
    params = ErrorsAsMatrix.Params(weights_1=weights[0], weights_2=weights[1])
    verdicts = ErrorsAsMatrix.verdicts(ErrorsAsMatrix.compute(params))
    sums = {F(str(a)) + F(str(b)) for a, b in weights}
    assert kind == ("apart" if len(sums) == 2 else "one" if sums == {F(1)} else "alike")
    assert verdicts == {"scale": kind, "rate": kind}


@pytest.mark.parametrize(
    ("w1", "w2", "word"),
    [((2, 2), (5, 5), "even"), ((2, 2), (5, 4), "uneven"), ((2, 3), (1, 4), "uneven")],
)
def test_halves_are_fair_of_equal_weights_only(w1: Any, w2: Any, word: str) -> None:
    run = ErrorSplit.compute(ErrorSplit.Params(weights_1=w1, weights_2=w2))
    assert ErrorSplit.verdicts(run) == {"doubt": word}


def test_the_documents_figures_are_on_screen() -> None:
    shown = {e.name: e.text for e in walk(ErrorSplit).ledger.entries}
    assert [shown[f"part of output error {j} for {i}"] for j in (1, 2) for i in (1, 2)] == [
        "0.32", "0.48", "0.10", "0.40",
    ]  # fmt: skip
    assert (shown["hidden error 1"], shown["hidden error 2"]) == ("0.42", "0.88")
    assert (shown["input error 1"], shown["input error 2"]) == ("0.362", "0.938")
    shown = {e.name: e.text for e in walk(ErrorsAsMatrix).ledger.entries}
    assert (shown["hidden error 1"], shown["hidden error 2"]) == ("0.42", "0.88")
    assert (shown["carried error 1"], shown["carried error 2"]) == ("2.1", "4.4")
    assert shown["sum of weights into output 2"] == "5.0"


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
        parse(ErrorSplit.Params, given)
    assert next(iter(given)) in str(caught.value)
