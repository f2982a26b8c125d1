"""What each study varies, and what it holds still.

All are of the 784-200-10 network with sigmoid and squared error, an update an image, unless that
is what varies. The documents ask for several runs of each point, so that chance is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lab.train import Settings
from nncore.errors import ParameterError
from nncore.study import NAMES, Value

BASE = Settings(hidden=(200,), epochs=5, learning_rate=0.1)
SEEDS = 5
UPDATES = 300_000  # of every point of training-size: five epochs of all images

QUICK_IMAGES = 2_000
QUICK_TESTS = 1_000
QUICK_UPDATES = 6_000


@dataclass(frozen=True)
class Plan:
    """A study to be run: the points' values with their settings (the seed is not one of them),
    how many seeds a point, epochs between two tests, whether the training images are read at
    each test too (at the end they always are), how many images and tests there are to be at most.
    """

    name: str
    parameter: str
    points: tuple[tuple[Value, Settings], ...]
    seeds: int = SEEDS
    measure: int = 1
    train_accuracy: bool = False
    images: int | None = None
    tests: int | None = None

    def quick(self) -> Plan:
        """The same on few images: one seed, at most two epochs."""
        return replace(
            self,
            points=tuple((value, _quick(settings)) for value, settings in self.points),
            seeds=1,
            images=QUICK_IMAGES,
            tests=QUICK_TESTS,
        )


def plan(name: str) -> Plan:
    """The study of that name; ParameterError if there is none."""
    if name not in PLANS:
        raise ParameterError(f"There is no study {name!r}; there are {', '.join(NAMES)}.")
    return PLANS[name]


def _quick(settings: Settings) -> Settings:
    if settings.examples is None:
        return replace(settings, epochs=min(settings.epochs, 2))
    examples = min(settings.examples, QUICK_IMAGES)
    return replace(settings, examples=examples, epochs=QUICK_UPDATES // examples)


_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
_EPOCH_RATES = (0.02, 0.1, 0.3)
_HIDDEN = (5, 10, 20, 50, 100, 200, 500)
_DEGREES = (0.0, 5.0, 10.0, 15.0, 25.0, 40.0)
_SPREADS: tuple[tuple[Value, float | None], ...] = (
    ("zero", 0.0),
    ("0.001", 0.001),
    ("1/√n", None),
    ("0.3", 0.3),
    ("1", 1.0),
    ("3", 3.0),
)
# Each adds to the one before it. Several images an update want a rate as many times as high.
_LONG = replace(BASE, epochs=40, learning_rate=0.2, final_rate=0.02)
_TURNED = replace(_LONG, rotate=12.0)
_BATCHES = replace(_TURNED, batch=10, learning_rate=1.0, final_rate=0.1)
_RECIPES: tuple[tuple[Value, Settings], ...] = (
    ("rate 0.1, 7 epochs", replace(BASE, epochs=7)),
    ("rate falls, 0.2 to 0.02", replace(_LONG, epochs=7)),
    ("40 epochs", _LONG),
    ("turned by up to 12°", _TURNED),
    ("10 images an update", _BATCHES),
    ("biases", replace(_BATCHES, biases=True)),
)
_SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 60_000)

_ALL = (
    Plan(
        "learning-rate", "learning_rate", tuple((r, replace(BASE, learning_rate=r)) for r in _RATES)
    ),
    Plan(
        "epochs",
        "learning_rate",
        tuple((rate, replace(BASE, learning_rate=rate, epochs=20)) for rate in _EPOCH_RATES),
        train_accuracy=True,
    ),
    Plan("hidden-nodes", "hidden", tuple((n, replace(BASE, hidden=(n,))) for n in _HIDDEN)),
    # Each image is turned anew each epoch, so that every point makes as many updates.
    Plan(
        "rotation",
        "rotate",
        tuple((d, replace(BASE, rotate=d, epochs=10)) for d in _DEGREES),
    ),
    Plan(
        "initial-weights",
        "spread",
        tuple((name, replace(BASE, spread=spread)) for name, spread in _SPREADS),
    ),
    # As many updates for every size: what differs is how various the images are.
    Plan(
        "training-size",
        "examples",
        tuple((n, replace(BASE, examples=n, epochs=UPDATES // n)) for n in _SIZES),
        measure=UPDATES,
    ),
    # What makes the best network of this shape, ingredient by ingredient.
    Plan("ingredients", "recipe", _RECIPES, seeds=3),
)

PLANS: Mapping[str, Plan] = MappingProxyType({each.name: each for each in _ALL})
