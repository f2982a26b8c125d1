"""The line between caterpillars and ladybirds, against the talk's figures in fractions."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.classifier import (
    CATERPILLAR,
    EXAMPLES,
    LADYBIRD,
    Example,
    classify,
    garden,
    random_slopes,
    score,
    target_of,
    train_line,
)
from nncore.errors import ParameterError

TALK = [(F(3), F("1.1")), (F(1), F("2.9"))]  # x, target


@given(
    slope=st.fractions(F(1, 10), 5, max_denominator=100),
    x=st.fractions(F(1, 10), 5, max_denominator=100),
    above=st.sampled_from([F(0), F(1, 10**5), F(-1, 10**5)]),
)
def test_an_animal_on_the_line_is_a_ladybird(slope: F, x: F, above: F) -> None:
    """Whatever the product's last bit says."""
    y = slope * x + above
    expected = CATERPILLAR if above > 0 else LADYBIRD
    assert classify(float(slope), float(x), float(y)) == expected


@given(
    st.fractions(F(1, 10), 5, max_denominator=100), st.fractions(F(1, 10), 5, max_denominator=100)
)
def test_what_the_naive_rule_has_learnt_leaves_no_error(width: F, length: F) -> None:
    animal = Example(float(width), float(length), LADYBIRD)
    run = train_line([animal], learning_rate=1.0, passes=2)
    again = run.steps[1]
    assert (again.error, again.change) == (0.0, 0.0)
    assert again.slope_after == run.steps[0].slope_after


@pytest.mark.parametrize(
    ("rate", "printed"),
    [("1", [0.3667, 2.9]), ("0.5", [0.3083, 1.6042]), ("0.3", [0.285, 1.0695])],
)
def test_the_talks_lessons(rate: str, printed: list[float]) -> None:
    run = train_line(learning_rate=float(rate))
    slope = F("0.25")
    for step, (x, target) in zip(run.steps, TALK, strict=True):
        output = slope * x
        change = F(rate) * (target - output) / x
        assert step.target == pytest.approx(float(target), rel=1e-15)
        assert step.slope_before == pytest.approx(float(slope), rel=1e-14)
        assert step.output == pytest.approx(float(output), rel=1e-14)
        assert step.error == pytest.approx(float(target - output), rel=1e-14)
        assert step.change == pytest.approx(float(change), rel=1e-14)
        slope += change
        assert step.slope_after == pytest.approx(float(slope), rel=1e-14)
    assert [step.slope_after for step in run.steps] == pytest.approx(printed, abs=5e-5)
    assert run.slope == run.steps[-1].slope_after


def test_talks_errors_at_half_rate() -> None:
    second = train_line(learning_rate=0.5).steps[1]
    assert (second.error, second.change) == pytest.approx((2.5917, 1.2958), abs=5e-5)


@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(-5, 5), st.sampled_from(["l", "c"]))
def test_the_naive_rule_puts_the_last_target_on_the_line(
    width: float, length: float, start: float, kind: str
) -> None:
    example = Example(width, length, LADYBIRD if kind == "l" else CATERPILLAR)
    run = train_line([example], start=start, learning_rate=1.0)
    assert run.slope * width == pytest.approx(target_of(example), abs=1e-9)
    assert classify(run.slope, width, length) == example.kind


def test_scores_count_sides() -> None:
    right = score(1.0, EXAMPLES)
    assert (right.right, right.total, right.sides) == (2, 2, (LADYBIRD, CATERPILLAR))
    assert score(0.25, EXAMPLES).sides == (CATERPILLAR, CATERPILLAR)
    assert score(5.0, EXAMPLES).right == 1
    mislabelled = (*EXAMPLES, Example(3.0, 1.0, CATERPILLAR, wrong=True))
    assert (score(1.0, mislabelled).right, score(1.0, mislabelled).truly_right) == (2, 3)
    assert train_line(learning_rate=0.5).steps[-1].score_after.right == 2


def test_passes_repeat_the_examples() -> None:
    run = train_line(passes=3)
    assert [step.pass_number for step in run.steps] == [1, 1, 2, 2, 3, 3]
    assert [step.index for step in run.steps] == list(range(6))
    for before, after in zip(run.steps, run.steps[1:], strict=False):
        assert after.slope_before == before.slope_after


@given(st.integers(2, 60), st.integers(0, 1000), st.integers(0, 2))
def test_gardens(n: int, seed: int, wrong: int) -> None:
    animals = garden(n, seed, 0.2, wrong)
    assert animals == garden(n, seed, 0.2, wrong)
    assert len(animals) == n
    assert sum(a.wrong for a in animals) == wrong
    assert all(a.width > 0 and a.length > 0 for a in animals)
    assert [a.true_kind for a in animals] == [(LADYBIRD, CATERPILLAR)[i % 2] for i in range(n)]
    assert all((a.kind != a.true_kind) == a.wrong for a in animals)


def test_garden_clusters_lie_where_the_talk_puts_them() -> None:
    animals = garden(2000, 3, 0.2, 0)
    for kind, centre in ((LADYBIRD, (3.0, 1.0)), (CATERPILLAR, (1.0, 3.0))):
        sizes = [(a.width, a.length) for a in animals if a.kind == kind]
        assert np.median(sizes, axis=0) == pytest.approx(centre, rel=0.05)
        assert np.log(sizes).std(axis=0) == pytest.approx([0.2, 0.2], rel=0.1)
    assert score(1.0, animals).right > 1980


def test_garden_without_noise_is_the_centres() -> None:
    assert garden(2, 1, 0.0, 0) == EXAMPLES


def test_random_slopes_are_positive_and_seeded() -> None:
    slopes = random_slopes(500, 4)
    assert (slopes > 0).all()
    assert 0.4 < (slopes < 1).mean() < 0.6  # by angle: as many below 45 degrees as above
    assert slopes.tolist() == random_slopes(500, 4).tolist()
    assert slopes.tolist() != random_slopes(500, 5).tolist()


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: Example(0, 1, LADYBIRD),
        lambda: Example(1, -1, LADYBIRD),
        lambda: Example(1, 1, "spider"),
        lambda: train_line([]),
        lambda: train_line(learning_rate=0),
        lambda: train_line(passes=0),
        lambda: train_line(learning_rate=1e200, passes=3),
        lambda: garden(3, 1, 0.2, 4),
        lambda: garden(3, 1, -0.1),
        lambda: random_slopes(0, 1),
    ],
)
def test_mistakes_are_refused(mistake: Any) -> None:
    with pytest.raises(ParameterError):
        mistake()
