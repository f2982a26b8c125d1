"""The classifier shows the talk's figures, and says only what its run shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.classifier import CATERPILLAR, LADYBIRD, Example
from nncore.errors import ParameterError
from scenes.boundaries.classifier import Classifier
from scenes.boundaries.classifier_run import ClassifierParams, dividing, outermost
from scenes.kit.captions import texts
from scenes.kit.dry import walk
from scenes.kit.params import parse


def run_of(**values: str) -> Any:
    return Classifier.compute(parse(ClassifierParams, values))


def correct(slope: Fraction | float, animals: Sequence[Example]) -> int:
    """Count by angle how many animals lie on the side of what they are."""
    line = math.atan(float(slope))
    angles = [math.atan2(a.length, a.width) for a in animals]
    pairs = zip(angles, animals, strict=True)
    return sum((angle > line) == (a.true_kind == CATERPILLAR) for angle, a in pairs)


@pytest.fixture(scope="module")
def default() -> Any:
    return walk(Classifier)


@pytest.mark.parametrize(
    ("section", "figures"),
    [
        ("error", ["0.2500", "0.7500", "1.1", "0.3500", "3.0", "0.1167", "0.3667"]),
        ("other", ["0.3667", "0.3667", "2.9", "2.5333", "1.0", "2.5333", "2.9000"]),
        ("rate", ["0.5", "0.0583", "0.3083", "2.5917", "1.2958", "1.6042"]),
    ],
)
def test_the_talks_figures_are_shown(default: Any, section: str, figures: list[str]) -> None:
    shown = {e.text for e in default.ledger.entries if e.section == section}
    assert set(figures) <= shown


def test_the_score_counts_the_whole_garden(default: Any) -> None:
    run = default.run
    for taught in (run.full, run.part):
        assert taught.right.tolist() == [correct(s, run.animals) for s in taught.slopes]
    assert run.full.right.tolist() == [6, 10, 8]
    assert run.part.right[-1] == len(run.animals) == 11


def test_the_line_learns_one_lesson_at_a_time(default: Any) -> None:
    for taught in (default.run.garden_full, default.run.garden_part):
        n = len(taught.slopes) - 1
        for k in range(n):
            assert taught.done((k + 0.2) / n) == k
            assert taught.done((k + 0.95) / n) == k + 1
            assert taught.slope((k + 0.95) / n) == taught.slopes[k + 1]
        assert taught.won(1.0) == taught.all_right[-1]


tenths = st.integers(0, 10).map(lambda n: Fraction(n, 10))


@settings(deadline=None)
@given(
    start=st.integers(0, 120).map(lambda n: Fraction(n, 100)),
    rate=st.integers(1, 100).map(lambda n: Fraction(n, 100)),
    margin=st.integers(2, 30).map(lambda n: Fraction(n, 100)),
    more=st.tuples(tenths, tenths, tenths, tenths),
)
def test_both_lessons_follow_the_rule_exactly(
    start: Fraction, rate: Fraction, margin: Fraction, more: tuple[Fraction, ...]
) -> None:
    ladybird = (Fraction(5, 2) + more[0], Fraction(4, 5) + more[1] / 2)
    caterpillar = (Fraction(4, 5) + more[2] / 2, Fraction(5, 2) + more[3])
    run = Classifier.compute(
        ClassifierParams(
            start=float(start),
            learning_rate=float(rate),
            margin=float(margin),
            ladybird=(float(ladybird[0]), float(ladybird[1])),
            caterpillar=(float(caterpillar[0]), float(caterpillar[1])),
        )
    )
    targets = ((ladybird[0], ladybird[1] + margin), (caterpillar[0], caterpillar[1] - margin))
    for taught, share in ((run.full, Fraction(1)), (run.part, rate)):
        slope = start
        for k, (x, t) in enumerate(targets):
            error = t - slope * x
            assert taught.y[k] == pytest.approx(float(slope * x), abs=1e-12)
            assert taught.error[k] == pytest.approx(float(error), abs=1e-12)
            assert taught.change[k] == pytest.approx(float(share * error / x), abs=1e-12)
            slope += share * error / x
            assert taught.slopes[k + 1] == pytest.approx(float(slope), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    animals=st.integers(6, 24),
    noise=st.integers(2, 22).map(lambda n: n / 100),
    wrong=st.integers(0, 3),
)
def test_random_lines_fail_and_the_best_is_the_best(
    seed: int, animals: int, noise: float, wrong: int
) -> None:
    run = Classifier.compute(ClassifierParams(seed=seed, animals=animals, noise=noise, wrong=wrong))
    assert len(run.random_slopes) == 2
    for slope, right in zip(run.random_slopes, run.random_right, strict=True):
        assert right == correct(slope, run.animals) < animals
    assert sum(a.wrong for a in run.animals) == wrong
    low, high = dividing(run.animals)
    tried = {k: correct(math.tan(k * math.pi / 2000), run.animals) for k in range(1000)}
    best = [k for k, count in tried.items() if count == animals]
    assert all(low <= math.tan(k * math.pi / 2000) <= high for k in best)
    if low < high:
        assert correct((low + high) / 2, run.animals) == animals


def test_names_stand_at_the_outermost(default: Any) -> None:
    animals = default.run.animals
    longest, widest = (animals[k] for k in outermost(animals))
    assert longest.true_kind == CATERPILLAR and widest.true_kind == LADYBIRD
    assert all(a.length <= longest.length for a in animals if a.true_kind == CATERPILLAR)
    assert all(a.width <= widest.width for a in animals if a.true_kind == LADYBIRD)


GARDENS = [
    {},
    {"wrong": "3", "passes": "3", "animals": "17", "seed": "5"},
    {"learning_rate": "0.05", "seed": "9"},
]


@pytest.mark.parametrize("values", GARDENS)
def test_garden_counts(values: dict[str, str]) -> None:
    params = parse(ClassifierParams, values)
    run = Classifier.compute(params)
    rate = Fraction(str(params.learning_rate))
    for taught, share in ((run.garden_full, Fraction(1)), (run.garden_part, rate)):
        slope, won = Fraction(str(params.start)), 0
        for k, animal in enumerate(run.animals * params.passes):
            side = 1 if animal.kind == LADYBIRD else -1
            target = Fraction(animal.length) + side * Fraction(str(params.margin))
            slope = (1 - share) * slope + share * target / Fraction(animal.width)
            assert taught.slopes[k + 1] == pytest.approx(float(slope), abs=1e-9)
            right = correct(slope, run.animals)
            won += right == params.animals
            assert taught.right[k + 1] == right
            assert taught.all_right[k + 1] == won
    assert run.lessons == params.animals * params.passes


def expected(run: Any, rate: float) -> dict[str, str]:
    """The words that are true of a run, by conditions of its own."""
    total = len(run.animals)
    slope = run.garden_part.slopes[-1]
    above = Fraction(run.insect_length) - Fraction(slope) * Fraction(INSECT_WIDTH)
    full, part = (
        sum(correct(s, run.animals) == total for s in g.slopes[1:])
        for g in (run.garden_full, run.garden_part)
    )
    divides = max(correct(k / 500, run.animals) for k in range(2500)) == total
    wrong = sum(a.kind != a.true_kind for a in run.animals)
    whole = rate == 1
    last_all, part_all = (correct(t.slopes[-1], run.animals) == total for t in (run.full, run.part))
    return {
        "lines": "some" if divides else "none",
        "last": "fine" if last_all else "worse",
        "rate": "whole" if whole else "share",
        "both": "whole" if whole else "all" if part_all else "some",
        "garden_full": {0: "right", 1: "one"}.get(wrong, "more"),
        "garden_part": "whole" if whole else "share",
        "compare": "none" if not divides else "whole" if whole
        else "more" if part > full else "fewer" if part < full else "same",
        "answer": CATERPILLAR if above > 0 else LADYBIRD,
    }  # fmt: skip


INSECT_WIDTH = 2.2
NEVER = {"animals": "24", "noise": "0.22", "seed": "26347"}  # overlap so far that no line divides
TRIED = [
    {},
    {"learning_rate": "1", "wrong": "0", "insect_length": "3.5"},
    {"learning_rate": "0.01", "wrong": "2"},
    {"animals": "24", "noise": "0.22", "seed": "3"},
    {"animals": "6", "noise": "0.22", "seed": "2", "wrong": "0"},
    NEVER,
    *[{"seed": str(k), "noise": "0.22", "learning_rate": "0.8", "wrong": "0"} for k in range(40)],
    *[{"seed": str(k), "noise": "0.05", "caterpillar": "1.0,1.8"} for k in range(20)],
]


def test_words_are_true_and_all_of_them_are_met() -> None:
    met: set[tuple[str, str]] = {("answer", "on")}  # see below
    for values in TRIED:
        run = run_of(**values)
        found = Classifier.verdicts(run)
        assert found == expected(run, float(values.get("learning_rate", "0.5"))), values
        met |= set(found.items())
    keys = [key.split(".") for key in texts("classifier", "en") if key.startswith("captions.")]
    wanted = {(key[1], key[2]) for key in keys if len(key) == 3}
    assert wanted <= met, sorted(wanted - met)


def test_an_insect_on_the_line_itself() -> None:
    run = run_of()
    found = Classifier.verdicts(replace(run, insect_output=run.insect_length))
    assert found["answer"] == "on"


def test_everything_measured_lies_within_the_axes() -> None:
    scene = walk(Classifier, parse(ClassifierParams, {"noise": "0.22", "animals": "24"}))
    run = scene.run
    assert all(max(a.width, a.length) < run.limit for a in run.animals)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ladybird": "1.0,3.0"}, "ladybird must be wider than long"),
        ({"caterpillar": "3.0,1.0"}, "caterpillar must be longer than wide"),
        ({"ladybird": "2.0,1.0", "caterpillar": "1.5,3.0"}, "1 mm wider"),
        ({"ladybird": "9,1"}, "from 0.8 to 3.5"),
        ({"learning_rate": "1.5"}, "learning_rate"),
        ({"wrong": "4"}, "wrong"),
    ],
)
def test_impossible_gardens_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        parse(ClassifierParams, values)


def test_the_two_examples_do_not_come_back(default: Any) -> None:
    examples = default.plane.clouds[default.count : default.count + 2]
    drawn = {id(m) for top in default.mobjects for m in top.get_family()}
    assert len(examples) == 2 and not any(id(cloud) in drawn for cloud in examples)
