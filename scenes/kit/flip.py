"""Numbers that flip to others: between two examples nothing is interpolated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scenes.kit import theme
from scenes.kit.motion import Sweep
from scenes.kit.quantities import Live, Ref


def flip(changes: Mapping[Live, Ref], *, run_time: float = theme.FLIP) -> Sweep:
    """Each number turns over, as a leaf of a calendar, and is the other one: never one between.

    Numbers that stay the same do not move.
    """
    moving = []
    for number, ref in changes.items():
        if number.ref.is_same(ref) and number.ref.values.spec == ref.values.spec:
            number.be(ref)
        else:
            moving.append((number, number.ref, ref))
            number.widen(ref.value, ref.values.spec)

    def draw(alpha: float) -> None:
        for number, old, new in moving:
            now = new if alpha >= 0.5 else old
            if number.ref is not now:
                number.be(now)
            number.spec = now.values.spec
            number.text = ""  # so that the outlines are set anew, upright
            number.show(now.value)
            number.points[:, 1] = _turned(number, abs(2 * alpha - 1))

    return Sweep([number for number, _, _ in moving], draw, run_time=run_time)


def _turned(number: Live, share: float) -> np.ndarray:
    """Heights of a number's points as it is seen so far from edge-on."""
    middle = number.baseline + (number.box.points[-1, 1] - number.baseline) / 2
    heights: np.ndarray = middle + (number.points[:, 1] - middle) * share
    return heights
