"""The classifier shows the talk's figures, and says only what its run shows."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.classifier import CATERPILLAR, LADYBIRD, Example
from nncore.errors import ParameterError
from scenes.classifier import Classifier
from scenes.classifier_run import ClassifierParams
from scenes.kit.dry import walk
from scenes.kit.params import parse


def clip_of(**values: Any) -> Classifier:
    scene = walk(Classifier, parse(ClassifierParams, values))
    assert isinstance(scene, Classifier)
    return scene


def spoken(monkeypatch: pytest.MonkeyPatch, **values: Any) -> tuple[list[str], list[str]]:
    """The keys of the captions and of the labels that a clip uses, in turn."""
    said: list[str] = []
    labels: list[str] = []
    say, label = Classifier.say, Classifier.label

    def spy_say(self: Classifier, key: str, *args: Any, **kwargs: Any) -> None:
        said.append(key)
        say(self, key, *args, **kwargs)

    def spy_label(self: Classifier, key: str, *args: Any, **kwargs: Any) -> Any:
        labels.append(key)
        return label(self, key, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Classifier, "say", spy_say)
        patch.setattr(Classifier, "label", spy_label)
        clip_of(**values)
    return said, labels


def angle(example: Example) -> float:
    return math.atan2(example.length, example.width)


def truly_right(slope: Fraction | float, animals: tuple[Example, ...]) -> int:
    """Count by angle how many animals lie on the side of what they are."""
    line = math.atan(float(slope))
    return sum((angle(a) > line) == (a.true_kind == CATERPILLAR) for a in animals)


def test_the_talks_figures_are_shown() -> None:
    shown = {(e.section, e.name, e.text) for e in clip_of().ledger.entries}
    for section, figures in {
        "error": {"A": "0.2500", "y": "0.7500", "t": "1.1", "E": "+0.3500", "ΔA": "+0.1167"},
        "naive-first": {"A": "0.3667"},
        "naive-second": {"t": "2.9", "y": "0.3667", "E": "+2.5333", "ΔA": "+2.5333", "A": "2.9000"},
        "rate-first": {"L": "0.5", "A": "0.3083"},
        "rate-second": {"E": "+2.5917", "ΔA": "+1.2958", "A": "1.6042"},
    }.items():
        for name, text in figures.items():
            assert (section, name, text) in shown


def test_another_learning_rate_changes_the_second_run_alone() -> None:
    entries = [e for e in clip_of(learning_rate="0.3").ledger.entries if e.name == "A"]
    first = [e.value for e in entries if e.section == "rate-first"]
    second = [e.value for e in entries if e.section == "rate-second"]
    assert first[-1] == pytest.approx(0.285, abs=1e-12)
    assert second[-1] == pytest.approx(1.0695, abs=1e-12)
    naive = {e.section: e.text for e in entries if e.section.startswith("naive")}
    assert naive == {"naive-first": "0.3667", "naive-second": "2.9000"}


@pytest.mark.parametrize(
    ("section", "board", "total"),
    [
        ("naive-first", ["0.7500", "+0.3500", "+0.1167"], ["0.2500", "0.1167", "0.3667"]),
        ("naive-second", ["0.3667", "+2.5333", "+2.5333"], ["0.3667", "2.5333", "2.9000"]),
        ("rate-first", ["0.7500", "+0.3500", "+0.0583"], ["0.2500", "0.0583", "0.3083"]),
        ("rate-second", ["0.3083", "+2.5917", "+1.2958"], ["0.3083", "1.2958", "1.6042"]),
    ],
)
def test_the_formulas_stand_still_on_the_step_that_was_taken(
    section: str, board: list[str], total: list[str]
) -> None:
    seen: dict[str, tuple[str, list[str], list[str]]] = {}

    def look(clip: Any, name: str) -> None:
        if name.startswith(("naive", "rate")):
            now = {number.name: number.text for number in clip.board.numbers}
            shown = [now[name] for name in ("y", "E", "ΔA")]
            summed = [number.text for number in clip.sum.group.numbers.values()]
            seen[name] = (clip.a.text, shown, summed)

    walk(Classifier, ClassifierParams(), at_section_end=look)
    assert seen[section] == (total[-1], board, total)


def test_no_lesson_shows_a_zero() -> None:
    texts = {e.text for e in clip_of().ledger.entries if e.name in ("y", "E", "ΔA")}
    assert all(any(digit in text for digit in "123456789") for text in texts)


tenths = st.integers(0, 10).map(lambda n: Fraction(n, 10))


@settings(deadline=None)
@given(
    start=st.fractions(0, 1, max_denominator=50),
    rate=st.fractions(Fraction(1, 100), 1, max_denominator=100),
    margin=st.fractions(Fraction(1, 50), Fraction(3, 10), max_denominator=50),
    more=st.tuples(tenths, tenths, tenths, tenths),
)
def test_both_runs_follow_the_rule_exactly(
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
    for lessons, share in ((run.naive, Fraction(1)), (run.moderated, rate)):
        slope = start
        for (x, t), step, after in zip(targets, lessons.training.steps, lessons.after, strict=True):
            error = t - slope * x
            assert step.error == pytest.approx(float(error), abs=1e-12)
            slope = (1 - share) * slope + share * t / x
            assert step.slope_after == pytest.approx(float(slope), abs=1e-12)
            # A share L of the error goes; the rest is what the formulas show after the lesson.
            assert after.error == pytest.approx(float((1 - share) * error), abs=1e-12)
            assert after.output == pytest.approx(float(slope * x), abs=1e-12)


def test_the_naive_line_forgets_all_but_the_last_example() -> None:
    slopes = {
        Classifier.compute(ClassifierParams(start=start, ladybird=size)).naive.training.slope
        for start in (0.0, 0.25, 1.2)
        for size in ((3.0, 1.0), (2.5, 1.5))
    }
    assert max(slopes) - min(slopes) < 1e-12
    assert max(slopes) == pytest.approx(2.9)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    animals=st.integers(6, 24),
    noise=st.floats(0.02, 0.22),
    wrong=st.integers(0, 3),
)
def test_random_lines_fail_and_are_counted(
    seed: int, animals: int, noise: float, wrong: int
) -> None:
    params = ClassifierParams(seed=seed, animals=animals, noise=noise, wrong=wrong)
    run = Classifier.compute(params)
    assert len(run.random_lines) == 2
    for line in run.random_lines:
        assert line.right == truly_right(line.slope, run.animals) < line.total == animals
    assert sum(a.wrong for a in run.labelled) == wrong
    for seen, told in zip(run.animals, run.labelled, strict=True):
        assert (seen.kind == told.kind) == (not told.wrong)
        assert seen.kind == told.true_kind


@pytest.mark.parametrize(
    "values",
    [{}, {"wrong": 3, "passes": 3, "animals": 17, "seed": 5}, {"learning_rate": 0.05, "seed": 9}],
)
def test_garden_counts(values: dict[str, Any]) -> None:
    params = ClassifierParams(**values)
    run = Classifier.compute(params)
    for taught, rate in (
        (run.garden_naive, Fraction(1)),
        (run.garden_moderated, Fraction(str(params.learning_rate))),
    ):
        slope, good = Fraction(str(params.start)), 0
        for animal in run.labelled * params.passes:
            side = 1 if animal.kind == LADYBIRD else -1
            target = Fraction(animal.length) + side * Fraction(str(params.margin))
            slope = (1 - rate) * slope + rate * target / Fraction(animal.width)
            good += truly_right(slope, run.labelled) == params.animals
        assert taught.training.slope == pytest.approx(float(slope), abs=1e-9)
        assert taught.all_right == good
    assert run.lessons == params.animals * params.passes


def test_the_default_garden_shows_why_moderation_helps() -> None:
    run = Classifier.compute(ClassifierParams())
    assert run.garden_moderated.all_right > run.garden_naive.all_right
    last = run.garden_moderated.training.steps[-1].score_after
    assert last.truly_right == last.total
    assert sum(a.wrong for a in run.labelled) == 1


def test_captions_follow_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    beginning = ["garden", "lines", "examples", "error", "naive_first", "naive_second"]
    said, labels = spoken(monkeypatch)
    assert said[:6] == beginning
    assert said[6:] == ["rate", "divides", "wrong_label", "training", "all_right", "insect"]
    assert labels[-1] == LADYBIRD
    said, labels = spoken(
        monkeypatch, learning_rate=1, wrong=0, insect_width=0.5, insect_length=3.5
    )
    assert said[6:] == ["whole", "divides", "right_labels", "training", "same_rate", "insect"]
    assert labels[-1] == CATERPILLAR
    assert "wrong" not in labels
    said, _ = spoken(monkeypatch, learning_rate=0.01, wrong=2)
    assert said[6:] == ["rate", "not_yet", "wrong_labels", "training", "all_right", "insect"]


def test_everything_measured_lies_within_the_axes() -> None:
    clip = clip_of(start=1.2, ladybird="3.5,0.9", noise=0.22, animals=24, seed=7)
    limit = clip.plane.x_range[1]
    assert clip.plane.y_range[1] == limit
    assert all(max(a.width, a.length) < limit for a in clip.run.animals)
    # The first output, 1.2 times 3.5, is drawn, too.
    assert limit > 4.2


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
