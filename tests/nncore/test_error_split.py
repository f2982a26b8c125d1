"""Errors split by weight, against the talk's figures and exact fractions."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from nncore.error_split import carry_back, carry_back_transposed, split, transposed
from nncore.errors import NNError, ParameterError, ShapeError

ERRORS = [0.8, 0.5]
LAST = [[2.0, 3.0], [1.0, 4.0]]
BEFORE = [[3.0, 2.0], [1.0, 7.0]]


def test_the_talks_split() -> None:
    one = split(ERRORS, LAST)
    assert one.row_sums.tolist() == [5, 5]
    assert_allclose(one.shares, [[0.4, 0.6], [0.2, 0.8]], rtol=1e-15)
    assert_allclose(one.parts, [[0.32, 0.48], [0.1, 0.4]], rtol=1e-15)
    assert_allclose(one.recombined, [0.42, 0.88], rtol=1e-15)
    assert_allclose(one.equal_parts, [[0.4, 0.4], [0.25, 0.25]], rtol=1e-15)
    assert_allclose(one.recombined_equal, [0.65, 0.65], rtol=1e-15)


def test_one_layer_further_in_fractions() -> None:
    hidden = [F("0.8") * 2 / 5 + F("0.5") / 5, F("0.8") * 3 / 5 + F("0.5") * 4 / 5]
    inputs = [hidden[0] * 3 / 5 + hidden[1] / 8, hidden[0] * 2 / 5 + hidden[1] * 7 / 8]
    assert inputs == [F("0.362"), F("0.938")]
    first, second = carry_back(ERRORS, [LAST, BEFORE])
    assert_allclose(first.recombined, [float(h) for h in hidden], rtol=1e-15)
    assert_allclose(second.recombined, [float(i) for i in inputs], rtol=1e-15)
    assert second.errors is first.recombined


def test_transposed_in_fractions() -> None:
    hidden = [F("0.8") * 2 + F("0.5"), F("0.8") * 3 + F("0.5") * 4]
    inputs = [hidden[0] * 3 + hidden[1], hidden[0] * 2 + hidden[1] * 7]
    first, second = carry_back_transposed(ERRORS, [LAST, BEFORE])
    assert_allclose(first.products, [[1.6, 2.4], [0.5, 2.0]], rtol=1e-15)
    assert_allclose(first.carried, [float(h) for h in hidden], rtol=1e-15)
    assert_allclose(second.carried, [float(i) for i in inputs], rtol=1e-15)


def test_parts_that_cancel_leave_nothing() -> None:
    """0.3 x 1/3 - 0.2 x 1/2 is 0, where floats leave -1.4e-17."""
    one = split([0.3, -0.2], [[2.0, 1.0], [1.0, 1.0]])
    assert one.recombined.tolist() == [pytest.approx(0.1, rel=1e-15), 0.0]
    assert not np.signbit(one.recombined[1])
    carried = transposed([0.3, -0.1], [[0.1, 2.0], [0.3, 1.0]]).carried
    assert carried.tolist() == [0.0, pytest.approx(0.5, rel=1e-15)]
    assert not np.signbit(carried[0])


@given(
    st.lists(st.fractions(-2, 2, max_denominator=100), min_size=3, max_size=3),
    st.lists(st.integers(-9, 9), min_size=6, max_size=6),
)
def test_zero_where_exact_fractions_are_zero(errors: list[F], flat: list[int]) -> None:
    weights = [[F(w, 10) for w in flat[k : k + 2]] for k in (0, 2, 4)]
    e, w = [float(x) for x in errors], [[float(x) for x in row] for row in weights]
    carried = [sum(x * row[i] for x, row in zip(errors, weights, strict=True)) for i in (0, 1)]
    assert (transposed(e, w).carried == 0).tolist() == [c == 0 for c in carried]
    if any(sum(row) == 0 for row in weights):
        with pytest.raises(ParameterError, match="sum to zero"):
            split(e, w)
        return
    whole = [
        sum(x * row[i] / sum(row) for x, row in zip(errors, weights, strict=True)) for i in (0, 1)
    ]
    assert (split(e, w).recombined == 0).tolist() == [h == 0 for h in whole]


@st.composite
def chains(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray]]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    low = draw(st.sampled_from([0.0, -0.2]))
    layers = [rng.uniform(low, 1, shape) + 0.05 for shape in pairwise(sizes)]
    layers = [np.where(w.sum(axis=1, keepdims=True) < 0.04, np.abs(w), w) for w in layers]
    return rng.normal(size=sizes[0]), layers


@given(chains())
def test_each_layer_conserves_the_sum_of_errors(
    chain: tuple[np.ndarray, list[np.ndarray]],
) -> None:
    errors, layers = chain
    for layer in carry_back(errors, layers):
        size = np.abs(layer.parts).sum()
        assert layer.recombined.sum() == pytest.approx(errors.sum(), abs=1e-12 * max(1, size))
        assert_allclose(layer.parts.sum(axis=1), layer.errors, atol=1e-12 * max(1, size))
        assert_allclose(layer.recombined_equal.sum(), layer.errors.sum(), atol=1e-12 * max(1, size))


@given(chains())
def test_rows_of_equal_sum_make_the_split_the_transposed_product(
    chain: tuple[np.ndarray, list[np.ndarray]],
) -> None:
    errors, layers = chain
    normal = layers[0] / layers[0].sum(axis=1, keepdims=True)
    assert_allclose(
        split(errors, normal).recombined, transposed(errors, normal).carried, rtol=1e-9, atol=1e-12
    )


def test_a_negative_weight_takes_a_negative_share() -> None:
    one = split([1.0], [[3.0, -1.0]])
    assert one.parts.tolist() == [[1.5, -0.5]]
    assert one.recombined.sum() == 1.0


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        (lambda: split([1.0], [[1.0, -1.0]]), ParameterError),
        (lambda: split([1.0], [[0.0, 0.0]]), ParameterError),
        (lambda: split([1.0], [[0.1, 0.2, -0.3]]), ParameterError),
        (lambda: split([1.0, 2.0], [[1.0]]), ShapeError),
        (lambda: split([1.0], [1.0]), ShapeError),
        (lambda: split([np.nan], [[1.0]]), ParameterError),
        (lambda: carry_back(ERRORS, [LAST, [[1.0]]]), ShapeError),
    ],
)
def test_mistakes_are_refused(mistake: Any, kind: type[NNError]) -> None:
    with pytest.raises(kind) as caught:
        mistake()
    assert str(caught.value).endswith(".")
