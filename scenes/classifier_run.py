"""What the classifier did: its parameters, and the run that the clip shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from pydantic import Field, model_validator

from nncore.classifier import (
    CATERPILLAR,
    LADYBIRD,
    Example,
    LineScore,
    LineStep,
    LineTraining,
    classify,
    garden,
    line_output,
    random_slopes,
    score,
    train_line,
)
from scenes.kit.params import ClipParams

DRAWN, LINES = 200, 2


@dataclass(frozen=True)
class Lessons:
    """A line's lessons, and after each of them the same formulas with the new slope."""

    training: LineTraining
    after: tuple[LineStep, ...]


@dataclass(frozen=True)
class GardenTraining:
    """A training in the garden; after how many lessons all animals were on their true side."""

    training: LineTraining
    all_right: int


@dataclass(frozen=True)
class ClassifierRun:
    """Measured animals, random lines, two lines on two examples, two in the garden."""

    animals: tuple[Example, ...]
    labelled: tuple[Example, ...]
    random_lines: tuple[LineScore, ...]
    naive: Lessons
    moderated: Lessons
    garden_naive: GardenTraining
    garden_moderated: GardenTraining
    lessons: int
    insect_output: float
    insect_kind: str


class ClassifierParams(ClipParams):
    """Parameters of the classifier."""

    start: float = Field(0.25, ge=0, le=1.2, description="first slope A of the line")
    learning_rate: float = Field(
        0.5, ge=0.01, le=1, description="share L of each change that is made"
    )
    ladybird: tuple[float, float] = Field(
        (3.0, 1.0), description="width and length of the ladybird example, mm, wider than long"
    )
    caterpillar: tuple[float, float] = Field(
        (1.0, 3.0), description="width and length of the caterpillar example, mm, longer than wide"
    )
    margin: float = Field(
        0.1, ge=0.02, le=0.3, description="how far from an example the line should pass, mm"
    )
    animals: int = Field(11, ge=6, le=24, description="animals measured in the garden")
    noise: float = Field(0.2, ge=0.02, le=0.22, description="relative spread of their sizes")
    seed: int = Field(250, ge=0, le=10**9, description="seed of the animals and the random lines")
    wrong: int = Field(1, ge=0, le=3, description="animals in the garden with a wrong label")
    passes: int = Field(1, ge=1, le=3, description="times the garden is gone through in training")
    insect_width: float = Field(2.2, ge=0.3, le=3.8, description="width of the new insect, mm")
    insect_length: float = Field(1.4, ge=0.3, le=3.8, description="length of the new insect, mm")

    @model_validator(mode="after")
    def _shapes(self) -> ClassifierParams:
        for name, size in (("ladybird", self.ladybird), ("caterpillar", self.caterpillar)):
            if not all(0.8 <= measure <= 3.5 for measure in size):
                raise ValueError(f"width and length of the {name} must be from 0.8 to 3.5")
        for name, short, long in (
            ("ladybird must be wider than long", *self.ladybird[::-1]),
            ("caterpillar must be longer than wide", *self.caterpillar),
        ):
            if long < max(1.5 * short, 1.8):
                raise ValueError(f"the {name}: at least 1.8, and 1.5 times the other measure")
        if self.ladybird[0] - self.caterpillar[0] < 1 - 1e-9:
            raise ValueError("the ladybird must be at least 1 mm wider than the caterpillar")
        return self


def lesson_at(slope: float, example: Example, rate: float, margin: float) -> LineStep:
    """The formulas' numbers for an example while the line has this slope."""
    taught = train_line((example,), start=slope, learning_rate=rate, margin=margin)
    return taught.steps[0]


def largest(run: ClassifierRun) -> float:
    """The greatest of all measures of animals, targets and outputs, mm."""
    values = [m for a in run.animals for m in (a.width, a.length)]
    for lessons in (run.naive, run.moderated):
        for step in (*lessons.training.steps, *lessons.after):
            values += [step.target, step.output]
    return max(values)


def compute(params: ClassifierParams) -> ClassifierRun:
    """The garden, lines that fail, both trainings on two examples and in the garden."""
    p = params
    labelled = garden(p.animals, p.seed, p.noise, p.wrong)
    animals = tuple(replace(a, kind=a.true_kind, wrong=False) for a in labelled)
    tried = (score(s, animals) for s in random_slopes(DRAWN, p.seed))
    failing = tuple(islice((t for t in tried if t.right < t.total), LINES))
    pair = (Example(*p.ladybird, LADYBIRD), Example(*p.caterpillar, CATERPILLAR))

    def lessons(rate: float) -> Lessons:
        taught = train_line(pair, start=p.start, learning_rate=rate, margin=p.margin)
        after = (lesson_at(s.slope_after, s.example, rate, p.margin) for s in taught.steps)
        return Lessons(taught, tuple(after))

    def in_garden(rate: float) -> GardenTraining:
        taught = train_line(
            labelled, start=p.start, learning_rate=rate, passes=p.passes, margin=p.margin
        )
        right = (s.score_after.truly_right == p.animals for s in taught.steps)
        return GardenTraining(taught, sum(right))

    moderated = in_garden(p.learning_rate)
    slope = moderated.training.slope
    return ClassifierRun(
        animals,
        labelled,
        failing,
        lessons(1.0),
        lessons(p.learning_rate),
        in_garden(1.0),
        moderated,
        len(moderated.training.steps),
        line_output(slope, p.insect_width),
        classify(slope, p.insect_width, p.insect_length),
    )
