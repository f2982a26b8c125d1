"""What the classifier did: its parameters, and the run that the clip shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from nncore.classifier import (
    CATERPILLAR,
    LADYBIRD,
    Example,
    LineTraining,
    classify,
    garden,
    line_output,
    random_slopes,
    score,
    train_line,
)
from nncore.errors import Array
from scenes.kit.facts import same
from scenes.kit.params import ClipParams
from scenes.kit.quantities import count, error, inputs, output, plain, target, weight

DRAWN, LINES = 200, 2
LIMIT = 4.0


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


@dataclass(frozen=True, eq=False)
class Lessons:
    """Two lessons: slopes before, between and after them (3,), how many animals of the garden
    each divides rightly (3,); widths, targets, outputs, errors and changes (2,)."""

    slopes: Array
    right: Array
    x: Array
    t: Array
    y: Array
    error: Array
    change: Array


@dataclass(frozen=True, eq=False)
class GardenTraining:
    """A training, before it and after each lesson (n + 1,): slopes, right animals, and after how
    many lessons so far all were right."""

    slopes: Array
    right: Array
    all_right: Array

    def done(self, alpha: float) -> float:
        """How many lessons are done at alpha: an example is looked at, then the line turns."""
        n = len(self.slopes) - 1
        k = min(int(alpha * n), n - 1)
        share = min(max((alpha * n - k - 0.3) / 0.6, 0.0), 1.0)
        return k + share * share * (3 - 2 * share)

    def slope(self, alpha: float) -> float:
        """The line's slope at alpha."""
        return float(np.interp(self.done(alpha), np.arange(len(self.slopes)), self.slopes))

    def won(self, alpha: float) -> int:
        """After how many lessons until alpha all were right."""
        return int(self.all_right[int(self.done(alpha) + 1e-9)])


@dataclass(frozen=True, eq=False)
class Run:
    """The garden, lines that fail, two lessons with L = 1 and with L, the garden's lessons.

    `band` are the slopes that divide all, empty (low >= high) if none does. `limit` is how far the
    plane goes.
    """

    animals: tuple[Example, ...]
    random_slopes: Array
    random_right: Array
    full: Lessons
    part: Lessons
    garden_full: GardenTraining
    garden_part: GardenTraining
    lessons: int
    band: tuple[float, float]
    insect_length: float
    insect_output: float
    insect_kind: str
    limit: float


def right(slope: float, animals: Sequence[Example]) -> int:
    """How many animals a line of this slope has on the side of what they really are."""
    return score(slope, animals).truly_right


def outermost(animals: Sequence[Example]) -> tuple[int, int]:
    """The longest caterpillar and the widest ladybird, by index."""
    kinds = [a.true_kind for a in animals]
    longest = max(range(len(animals)), key=lambda k: (kinds[k] == CATERPILLAR) * animals[k].length)
    widest = max(range(len(animals)), key=lambda k: (kinds[k] == LADYBIRD) * animals[k].width)
    return longest, widest


def dividing(animals: Sequence[Example]) -> tuple[float, float]:
    """The slopes between which all animals are divided rightly: over the steepest ladybird, under
    the flattest caterpillar."""
    steep = {k: [a.length / a.width for a in animals if a.true_kind == k]
             for k in (LADYBIRD, CATERPILLAR)}  # fmt: skip
    return max(steep[LADYBIRD]), min(steep[CATERPILLAR])


def _lessons(taught: LineTraining, animals: Sequence[Example]) -> Lessons:
    steps = taught.steps
    slopes = [taught.start, *(s.slope_after for s in steps)]
    columns = [
        np.array(c)
        for c in zip(*((s.x, s.target, s.output, s.error, s.change) for s in steps), strict=True)
    ]
    return Lessons(np.array(slopes), np.array([right(s, animals) for s in slopes]), *columns)


def compute(p: ClassifierParams) -> Run:
    """The garden, lines that fail, both trainings on two examples and in the garden."""
    animals = garden(p.animals, p.seed, p.noise, p.wrong)
    tried = (s for s in random_slopes(DRAWN, p.seed).tolist() if right(s, animals) < p.animals)
    failing = list(islice(tried, LINES))
    pair = (Example(*p.ladybird, LADYBIRD), Example(*p.caterpillar, CATERPILLAR))

    def lessons(rate: float) -> Lessons:
        taught = train_line(pair, start=p.start, learning_rate=rate, margin=p.margin)
        return _lessons(taught, animals)

    def in_garden(rate: float) -> GardenTraining:
        taught = train_line(
            animals, start=p.start, learning_rate=rate, passes=p.passes, margin=p.margin
        )
        counts = [taught.score_before, *(s.score_after for s in taught.steps)]
        rights = np.array([c.truly_right for c in counts])
        slopes = np.array([c.slope for c in counts])
        full = rights == p.animals
        full[0] = False  # that is before the first lesson
        return GardenTraining(slopes, rights, np.cumsum(full))

    part = in_garden(p.learning_rate)
    slope = float(part.slopes[-1])
    sizes = [m for a in (*animals, *pair) for m in (a.width, a.length)]
    return Run(
        animals, np.array(failing), np.array([right(s, animals) for s in failing]),
        lessons(1.0), lessons(p.learning_rate), in_garden(1.0), part, p.animals * p.passes,
        dividing(animals), p.insect_length, line_output(slope, p.insect_width),
        classify(slope, p.insect_width, p.insect_length),
        max(LIMIT, math.ceil(4 * max(sizes) + 0.5) / 4),
    )  # fmt: skip


def quantities(r: Run, p: ClassifierParams) -> dict[str, Any]:
    """Its numbers by name: of the lessons with L = 1 (`full`) and with L (`part`)."""
    pair = np.array([p.ladybird, p.caterpillar])
    book: dict[str, Any] = {
        "x": inputs(pair[:, 0], "width of example {}", 1, given=True),
        "length": plain(pair[:, 1], "length of example {}", 1, given=True),
        "r": {"A": weight(r.random_slopes, "random A {}", 2),
              "right": count(r.random_right, "correct with random A {}")},
        "total": count(np.array(len(r.animals)), "animals"),
        "L": plain([1.0, p.learning_rate], "learning rate {}", given=True),
        "new": inputs([p.insect_width, p.insect_length], "new insect {}", 1, given=True),
        "out": output([r.insect_output], "line at the new insect", 2),
        "lessons": count(np.array(r.lessons), "lessons"),
    }  # fmt: skip
    for name, taught, race in (
        ("full", r.full, r.garden_full), ("part", r.part, r.garden_part)
    ):  # fmt: skip
        book[name] = {
            "A": weight(taught.slopes, f"A, {name}, {{}}", 4),
            "a": weight(taught.slopes, f"A, {name}, {{}}", 2),
            "t": target(taught.t, "target {}", 1),
            "y": output(taught.y, f"output, {name}, {{}}", 4),
            "E": error(taught.error, f"error, {name}, {{}}", 4),
            "d": weight(taught.change, f"change of A, {name}, {{}}", 4),
            "right": count(taught.right, f"correct, {name}, {{}}"),
            "all": count(race.all_right, f"lessons with all correct, {name}, {{}}"),
            "g": weight(race.slopes, f"A in the garden, {name}, {{}}", 2),
            "gr": count(race.right, f"correct in the garden, {name}, {{}}"),
        }
    return book


def verdicts(r: Run) -> dict[str, str]:
    """The variant of each caption that is true of this run."""
    total = len(r.animals)
    full, part = (int(g.all_right[-1]) for g in (r.garden_full, r.garden_part))
    whole = same(float(r.part.slopes[1]), float(r.full.slopes[1])) and same(
        float(r.part.slopes[2]), float(r.full.slopes[2])
    )
    divides = r.band[0] < r.band[1]
    wrong = sum(a.wrong for a in r.animals)
    verdict = "more" if part > full else "fewer" if part < full else "same"
    return {
        "lines": "some" if divides else "none",
        "last": "worse" if r.full.right[2] < total else "fine",
        "rate": "whole" if whole else "share",
        "both": "whole" if whole else "all" if r.part.right[2] == total else "some",
        "garden_full": ("right", "one", "more")[min(wrong, 2)],
        "garden_part": "whole" if whole else "share",
        "compare": "none" if not divides else "whole" if whole else verdict,
        "answer": "on" if same(r.insect_output, r.insect_length) else r.insect_kind,
    }
