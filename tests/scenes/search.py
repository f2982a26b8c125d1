"""Parameters of a clip at random, simple ones and their edges often: to meet every case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scenes.kit.extremes import Bounds, Field, extremes, field_of, repaired
from scenes.kit.params import ClipParams

Rng = np.random.Generator


def sets(kind: type[ClipParams], seed: int, tries: int) -> Iterator[ClipParams]:
    """The defaults, the extremes, one parameter changed at a time, then any of them."""
    rng = np.random.default_rng(seed)
    fields = {name: field_of(info) for name, info in kind.model_fields.items()}
    yield kind()
    yield from extremes(kind).values()
    names = list(fields)
    for k in range(tries):
        alone = k < tries // 2
        chosen = [names[k % len(names)]] if alone else [n for n in names if rng.random() < 0.5]
        yield repaired(kind, {name: value(fields[name], rng) for name in chosen})


def value(field: Field, rng: Rng) -> Any:
    """A value of a parameter; of a sequence's numbers some are the same."""
    if field.choices:
        return field.choices[int(rng.integers(len(field.choices)))]
    count = int(rng.integers(field.shortest, field.longest + 1))
    made: list[float | int] = []
    for k in range(count):
        again = bool(made) and rng.random() < 0.3
        made.append(made[-1] if again else number(field.items[k % len(field.items)], rng))
    return made[0] if field.alone else tuple(made)


def number(bounds: Bounds, rng: Rng) -> float | int:
    """An edge, the middle, or any, with one to three digits."""
    share = [0.0, 1.0, 0.5, rng.random(), rng.random(), rng.random() ** 4][int(rng.integers(6))]
    found = bounds.at(float(share))
    return found if bounds.whole else float(f"{found:.{int(rng.integers(1, 4))}g}")
