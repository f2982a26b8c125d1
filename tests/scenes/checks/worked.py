"""Whether worked lines are true with the numbers that stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from checks.seen import SEEN, Faults, Frame, opacity

from scenes.kit.arithmetic import truth
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
                self._line(frame, line, [n.text for n in numbers])

    section_end = look

    def _line(self, frame: Frame, line: Worked, texts: list[str]) -> None:
        claims = [c for c in truth(line.source, texts) if c.sign in ("=", "approx", "≈")]
        for sign, claim in zip(line.signs, claims, strict=True):
            if opacity(sign.shape) <= SEEN or claim.left is None or claim.right is None:
                continue
            off = abs(claim.left - claim.right)
            says = f"the line {line.source!r} with {', '.join(texts)}"
            if sign.exact and off:
                self.faults.add(frame, f"{says} says =, and is off by {float(off):.2g}", says[:60])
            elif not sign.exact and not off:
                self.faults.add(frame, f"{says} says ≈, and is exact", says[:60])
            elif off > allowed(texts, claim.left, claim.right):
                self.faults.add(frame, f"{says} is off by {float(off):.2g}", says[:60])


def allowed(texts: list[str], left: Fraction, right: Fraction) -> Fraction:
    """By how much rounded terms may miss a rounded result: the coarsest last digit, for each
    term in proportion to what it is multiplied by."""
    steps = [Fraction(Decimal(1).scaleb(int(read_back(t).as_tuple().exponent))) for t in texts]
    sizes = [abs(Fraction(read_back(t))) for t in texts]
    return max(steps) * len(texts) * max(1, *sizes, abs(left), abs(right))


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
