"""Formulas: Typst sets the signs, live numbers stand in their places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from manim import MathTypst, VGroup, VMobject

from scenes.kit import fonts, theme
from scenes.kit.text import LiveNumber

# An em of Typst is three quarters of an em of manim's Text at the same size.
_MATCH = 4 / 3
_SLOT = re.compile(r"\[(\w+)\]")
_INDEX = re.compile(r"_(\d+|\([\d, ]+\))")


def _preamble() -> str:
    """Letters and signs of the clips' one family; what it lacks, of Typst's own math font."""
    return (
        f'#show math.equation: set text(font: ("{fonts.family()}", "New Computer Modern Math"))\n'
    )


@cache
def _em() -> float:
    """Frame units of one em of Typst at manim size 1."""
    rule = MathTypst("#box(rect(width: 4em, height: 1em, fill: black))", font_size=48)
    return float(rule.width) / 4 / 48


class Formula(VGroup):
    """A formula with live numbers in it: `Formula("Delta A = [L] dot frac([E], [x])", numbers)`.

    `[name]` is the place of `numbers[name]`; `{{ E : err }}` marks a part that `tint`
    can colour. Digits are allowed only as indices (`w_(1,2)`); every other number is live.
    ValueError for other digits and for names that do not match.
    """

    def __init__(
        self,
        source: str,
        numbers: Mapping[str, LiveNumber] | None = None,
        *,
        size: float = theme.FORMULA,
        colour: str = theme.INK,
        tint: Mapping[str, str] | None = None,
    ) -> None:
        numbers = dict(numbers or {})
        self.source, self.numbers = source, numbers
        if any(ch.isdigit() for ch in _INDEX.sub("", _SLOT.sub("", source))):
            raise ValueError(f"a digit reaches a formula only as a live number: {source!r}")
        if sorted(_SLOT.findall(source)) != sorted(numbers):
            raise ValueError(f"places and numbers do not match in {source!r}")
        size *= _MATCH
        em = _em() * size
        filled = _SLOT.sub(lambda m: _place(m[1], numbers[m[1]], em), source)
        math = MathTypst(
            f"upright({filled})", font_size=size, color=colour, typst_preamble=_preamble()
        )
        for label, hue in (tint or {}).items():
            math.select(label).set_color(hue)
        places = [(number, math.select(name)) for name, number in numbers.items()]
        signs = [part for part in math.submobjects if not _is_place(part, places)]
        for number, place in places:
            number.put(place.get_center()[0], place.get_bottom()[1])
        self.signs = VGroup(*signs)
        super().__init__(self.signs, *numbers.values())


def _place(name: str, number: LiveNumber, em: float) -> str:
    width = (number.right_edge - number.left_edge) / em
    height = (number.box.points[-1, 1] - number.baseline) / em
    rule = f"#box(rect(width: {width:.4f}em, height: {height:.4f}em, fill: black))"
    return f"{{{{ {rule} : {name} }}}}"


def _is_place(part: VMobject, places: list[tuple[LiveNumber, VGroup]]) -> bool:
    return any(part in place.get_family() for _, place in places)
