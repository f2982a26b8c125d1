"""Whether worked lines are true with the numbers that stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from checks.seen import SEEN, Faults, Frame, opacity
from scenes.kit.arithmetic import Claim, truth
from scenes.kit.facts import read_back
from scenes.kit.story import View
from scenes.kit.views.worked import Worked


class Equations:
    """Each worked line that is seen whole is true to its last shown digit, or says ≈."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def look(self, frame: Frame) -> None:
        """Check the lines all of whose numbers are there."""
        for line in worked_lines(frame.clip):
            numbers = [slot.number for slot in line.slots]
            if numbers and all(opacity(n) > SEEN for n in numbers):
                whole = tuple(isinstance(n.value, int) for n in numbers)
                self._line(frame, line, tuple(n.text for n in numbers), whole)

    section_end = look

    def _line(
        self, frame: Frame, line: Worked, texts: tuple[str, ...], whole: tuple[bool, ...]
    ) -> None:
        for k, (sign, claim) in enumerate(
            zip(line.signs, _claims(line.source, texts), strict=True)
        ):
            if opacity(sign.shape) <= SEEN or claim.left is None or claim.right is None:
                continue
            off = abs(claim.left - claim.right)
            says, kind = f"the line {line.source!r} with {', '.join(texts)}", line.source
            if sign.exact and off:
                self.faults.add(frame, f"{says} says =, and is off by {float(off):.2g}", kind)
            elif not sign.exact and not off:
                self.faults.add(frame, f"{says} says ≈, and is exact", kind)
            elif off and off > allowed(line.source, texts, whole, k):
                self.faults.add(frame, f"{says} is off by {float(off):.2g}", kind)


@cache
def allowed(source: str, texts: tuple[str, ...], whole: tuple[bool, ...], k: int) -> Fraction:
    """By how much claim `k` of a line may miss when its numbers, but whole ones, are rounded:
    the sum of what half a last digit of each can do."""

    def gap(changed: int | None, half: Fraction) -> Fraction:
        shown = [f"{_moved(t, half) if i == changed else t}" for i, t in enumerate(texts)]
        claim = _claims(source, shown)[k]
        if claim.left is None or claim.right is None:
            return Fraction(0)
        return claim.left - claim.right

    here = gap(None, Fraction(0))
    most = Fraction(1, 10**12)
    for i, exact in enumerate(whole):
        if not exact:
            most += max(abs(gap(i, h) - here) for h in (Fraction(1, 2), Fraction(-1, 2)))
    return most


def _moved(text: str, half: Fraction) -> str:
    """A number half a last digit away."""
    value = read_back(text)
    step = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return f"{value + step * Decimal(half.numerator) / Decimal(half.denominator):f}"


def _claims(source: str, texts: Sequence[str]) -> list[Claim]:
    return [c for c in truth(source, texts) if c.sign in ("=", "approx", "≈")]


def worked_lines(clip: Any) -> Iterator[Worked]:
    """The worked lines in the picture, alone or as parts of other views."""
    for view in getattr(clip, "shown", {}).values():
        yield from _lines(view, 2)


def _lines(view: View, deep: int) -> Iterator[Worked]:
    if isinstance(view, Worked):
        if hasattr(view, "slots"):
            yield view
        return
    if deep:
        for part in vars(view).values():
            for item in part if isinstance(part, list | tuple) else [part]:
                if isinstance(item, View) and item is not view:
                    yield from _lines(item, deep - 1)
