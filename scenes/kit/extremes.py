"""Parameter sets at the edges of what a clip allows, made from the bounds of its parameters.

    for name, params in extremes(ByHand.Params).items():
        ...

Names are "low", "high", "low and high" …; sets that the clip refuses are repaired: what it
refuses stays the default. The sets are the same in every process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import annotated_types as at
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from scenes.kit.params import ClipParams

FAR = 1e3
"""Where a number has no bound of its own."""

LONG = 6
"""How long a sequence becomes that has no bound of its own."""

# Of each number in turn the share of its way from low to high, None for its middle; and whether
# sequences are as long as they can be.
_PLANS: dict[str, tuple[tuple[float | None, ...], bool]] = {
    "low": ((0.0,), False),
    "high": ((1.0,), True),
    "low and high": ((0.0, 1.0), True),
    "high and low": ((1.0, 0.0), True),
    "all digits": ((0.618034, 0.381966, 0.236068), True),
    "middle": ((None,), False),
}
P = TypeVar("P", bound=ClipParams)


@dataclass(frozen=True)
class Bounds:
    """What one number may be: from `low` to `high`, `open_low` and `open_high` not included."""

    whole: bool
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def narrowed(self, mark: object) -> Bounds:
        """These bounds, and what an annotation says."""
        if isinstance(mark, at.Ge):
            return replace(self, low=float(mark.ge), open_low=False)  # type: ignore[arg-type]
        if isinstance(mark, at.Gt):
            return replace(self, low=float(mark.gt), open_low=True)  # type: ignore[arg-type]
        if isinstance(mark, at.Le):
            return replace(self, high=float(mark.le), open_high=False)  # type: ignore[arg-type]
        if isinstance(mark, at.Lt):
            return replace(self, high=float(mark.lt), open_high=True)  # type: ignore[arg-type]
        return self

    def at(self, share: float) -> float | int:
        """The number `share` (0 to 1) of the way from low to high that the bounds allow."""
        low, high = max(self.low, -FAR), min(self.high, FAR)
        if self.whole:
            low, high = low + self.open_low, high - self.open_high
            return round(low + (high - low) * share)
        edge = 1e-3 * (high - low)
        low, high = low + edge * self.open_low, high - edge * self.open_high
        return _six_digits(low + (high - low) * share)

    @property
    def middle(self) -> float | int:
        """Nothing, where that is allowed, else the number in the middle."""
        return self.at(0.5) if self.low >= 0 or self.high <= 0 else 0 if self.whole else 0.0


def _six_digits(value: float) -> float:
    return float(f"{round(value, 9):.6g}")


@dataclass(frozen=True)
class Field:
    """What a parameter may be: choices, or numbers between bounds, alone or in a sequence."""

    items: tuple[Bounds, ...] = ()
    alone: bool = True
    shortest: int = 1
    longest: int = 1
    choices: tuple[Any, ...] = ()

    def filled(self, pick: Callable[[Bounds], float | int], count: int) -> Any:
        """A value of which each number is picked."""
        if self.alone:
            return pick(self.items[0])
        return tuple(pick(self.items[k % len(self.items)]) for k in range(count))


def field_of(info: FieldInfo) -> Field:
    """What a parameter may be; of texts only the examples that the field itself gives."""
    annotation, marks = info.annotation, list(info.metadata)
    if info.examples:
        return Field(choices=tuple(info.examples))
    if annotation is bool:
        return Field(choices=(False, True))
    if get_origin(annotation) is Literal:
        return Field(choices=get_args(annotation))
    if get_origin(annotation) is tuple:
        return _sequence(get_args(annotation), marks)
    bounds = _bounds(annotation, marks)
    return Field((bounds,)) if bounds else Field()


def _sequence(parts: Sequence[Any], marks: Sequence[object]) -> Field:
    items = tuple(b for b in (_bounds(p, ()) for p in parts if p is not Ellipsis) if b)
    if not items:
        return Field()
    if Ellipsis not in parts:
        return Field(items, alone=False, shortest=len(items), longest=len(items))
    shortest, longest = 0, 0
    for mark in marks:
        shortest = mark.min_length if isinstance(mark, at.MinLen) else shortest
        longest = mark.max_length if isinstance(mark, at.MaxLen) else longest
    return Field(items, False, max(shortest, 1), longest or max(shortest, LONG))


def _bounds(annotation: Any, marks: Sequence[object]) -> Bounds | None:
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = [*marks, *(m for part in more for m in getattr(part, "metadata", [part]))]
    if annotation not in (int, float):
        return None
    bounds = Bounds(annotation is int)
    for mark in marks:
        bounds = bounds.narrowed(mark)
    return bounds


def extremes(kind: type[P], limit: int = 10) -> dict[str, P]:
    """At most `limit` sets by name, without the defaults and without one twice."""
    fields = {name: field_of(info) for name, info in kind.model_fields.items()}
    found: dict[str, P] = {}
    for name, values in _plans(fields):
        made = repaired(kind, values)
        if made != kind() and made not in found.values():
            found[name] = made
        if len(found) == limit:
            break
    return found


def _plans(fields: Mapping[str, Field]) -> Iterator[tuple[str, dict[str, Any]]]:
    ranges = {name: f for name, f in fields.items() if f.items and name != "seed"}
    choices = {name: f.choices for name, f in fields.items() if f.choices}
    seeds = [f.items[0].at(0.0) for name, f in fields.items() if name == "seed" and f.items]
    for k, (name, (shares, long)) in enumerate(_PLANS.items()):
        way = cycle(shares)
        values: dict[str, Any] = {
            field: f.filled(lambda b: _picked(b, next(way)), f.longest if long else f.shortest)  # noqa: B023
            for field, f in ranges.items()
        }
        values |= {field: options[k % len(options)] for field, options in choices.items()}
        yield name, values | dict(zip(["seed"], [low + k for low in seeds], strict=False))
    for low in seeds:
        yield from ((f"seed {low + k}", {"seed": low + k}) for k in (1, 2))
    for field, options in choices.items():
        yield from ((f"{field} {option}", {field: option}) for option in options)


def _picked(bounds: Bounds, share: float | None) -> float | int:
    return bounds.middle if share is None else bounds.at(share)


def repaired(kind: type[P], values: Mapping[str, Any]) -> P:
    """Parameters with as many of these values as go together, tried in the fields' order."""
    try:
        return kind(**values)
    except ValidationError:
        taken: dict[str, Any] = {}
    for name, value in values.items():
        try:
            kind(**taken, **{name: value})
        except ValidationError:
            continue
        taken[name] = value
    return kind(**taken)
