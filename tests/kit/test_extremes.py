"""Extreme parameters come from the bounds, are allowed, and are always the same."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from scenes.catalogue import clips, find
from scenes.kit.extremes import extremes, repaired
from scenes.kit.params import ClipParams

Share = Annotated[float, Field(gt=0, lt=1)]


class Example(ClipParams):
    """One parameter of each kind."""

    rate: float = Field(0.5, gt=0, le=1.9, description="rate")
    steps: int = Field(20, ge=1, lt=31, description="steps")
    shares: tuple[Share, ...] = Field((0.5, 0.6), min_length=1, max_length=3, description="")
    place: tuple[float, float] = Field((1.0, 2.0), description="where")
    rule: Literal["own", "sign"] = Field("own", description="how")
    shown: bool = Field(True, description="whether")
    seed: int = Field(7, ge=0, description="chance")
    digit: str = Field("a", description="name", examples=["a", "b"])


class Ordered(ClipParams):
    """Two that must be in order, and one that is free."""

    low: float = Field(1.0, ge=0, le=10, description="low")
    high: float = Field(2.0, ge=0, le=10, description="high")
    free: float = Field(0.0, ge=-1, le=1, description="free")

    @model_validator(mode="after")
    def _ordered(self) -> Ordered:
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self


def test_low_and_high_are_the_bounds() -> None:
    sets = extremes(Example)
    low, high = sets["low"], sets["high"]
    assert (low.rate, low.steps, low.shares) == (0.0019, 1, (0.001,))
    assert (high.rate, high.steps, high.shares) == (1.9, 30, (0.999,) * 3)
    assert low.place == (-1000.0, -1000.0) and high.place == (1000.0, 1000.0)


def test_every_choice_and_several_seeds_are_met() -> None:
    sets = extremes(Example, limit=20).values()
    assert {p.rule for p in sets} == {"own", "sign"}
    assert {p.shown for p in sets} == {True, False}
    assert {p.digit for p in sets} == {"a", "b"}
    assert len({p.seed for p in sets}) > 3


def test_both_bounds_meet_in_one_set() -> None:
    mixed = extremes(Example)["low and high"]
    assert mixed.rate < 0.01 and mixed.steps == 30
    assert mixed.shares == (0.001, 0.999, 0.001)


def test_some_numbers_have_all_their_digits() -> None:
    made = extremes(Example)["all digits"]
    assert len(repr(made.rate).replace("0.", "").replace(".", "")) >= 6


def test_sets_are_few_and_always_the_same() -> None:
    assert extremes(Example) == extremes(Example)
    assert len(extremes(Example, limit=3)) == 3
    sets = list(extremes(Example).values())
    assert Example() not in sets
    assert len({s.model_dump_json() for s in sets}) == len(sets)


def test_what_does_not_go_together_is_repaired() -> None:
    low = extremes(Ordered)["low"]
    assert low == Ordered(low=0, high=2, free=-1)
    assert repaired(Ordered, {"low": 5.0, "high": 4.0, "free": 1.0}) == Ordered(high=4, free=1)


@pytest.mark.parametrize("slug", clips())
def test_every_clip_has_extremes(slug: str) -> None:
    kind = find(slug).load().Params
    assert 2 <= len(extremes(kind)) <= 10
