"""Formulas: Typst sets the signs, live numbers stand in their places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from manim import MathTypst, VGroup, VMobject, config

from scenes.kit import theme
from scenes.kit.text import fonts, store, typesetters
from scenes.kit.text.words import LiveNumber

# An em of Typst is three quarters of an em of manim's Text at the same size.
_MATCH = 4 / 3
_SLOT = re.compile(r"\[(\w+)\]")
_INDEX = re.compile(r"_(\d+|\([\d, ]+\))")
_RULER = "#box(rect(width: 4em, height: 1em, fill: black))"
_PAINTS = ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")
_PER_SIGN = 2 + len(_PAINTS)  # arrays that make a sign


def _preamble() -> str:
    """Letters and signs of the clips' one family; what it lacks, of Typst's own math font."""
    return (
        f'#show math.equation: set text(font: ("{fonts.family()}", "New Computer Modern Math"))\n'
    )


@cache
def _em() -> float:
    """Frame units of one em of Typst at manim size 1."""

    def measure() -> list[store.Array]:
        return [np.array(float(MathTypst(_RULER, font_size=48).width) / 4 / 48)]

    (em,) = store.kept(("em", _RULER, *_surroundings()), measure)
    return float(em)


def _surroundings() -> tuple[object, ...]:
    """What a formula depends on besides its own source and look."""
    # manim's strokes are so many pixels wide: a fraction's bar is set for one picture size.
    pixels = config.pixel_width / config.frame_width
    return (pixels, str(config.renderer), typesetters.fingerprint())


@dataclass(frozen=True)
class _Typeset:
    """A formula as Typst sets it: its signs in their order, and which of them a label marks."""

    signs: list[VMobject]
    marked: dict[str, list[VMobject]]


def _typeset(source: str, size: float, colour: str, labels: Sequence[str]) -> _Typeset:
    """A formula of its own at manim's `size`; KeyError for a label that marks nothing."""
    request = (source, size, colour, tuple(labels), _preamble())
    arrays = _kept(request, _surroundings())
    marks, rest = arrays[: len(labels)], arrays[len(labels) :]
    signs = [_sign(*rest[i : i + _PER_SIGN]) for i in range(0, len(rest), _PER_SIGN)]
    places = zip(labels, marks, strict=True)
    return _Typeset(signs, {label: [signs[int(i)] for i in mark] for label, mark in places})


_Request = tuple[str, float, str, tuple[str, ...], str]


@cache
def _kept(request: _Request, surroundings: tuple[object, ...]) -> list[store.Array]:
    """What `_arrays` makes of the formula, set now or earlier, in this process or another."""
    source, size, colour, labels, preamble = request

    def make() -> list[store.Array]:
        # manim's own cache forgets that strokes are to be scaled: set twice, a bar is thinner.
        math = MathTypst(
            source, font_size=size, color=colour, typst_preamble=preamble, use_svg_cache=False
        )
        return _arrays(math, labels)

    return store.kept(("formula", *request, *surroundings), make)


def _arrays(math: MathTypst, labels: Sequence[str]) -> list[store.Array]:
    """For each label the numbers of its signs; then for each sign what `_sign` takes."""
    number = {id(part): float(i) for i, part in enumerate(math.submobjects)}
    marks = [np.array([number[id(p)] for p in math.select(label)], float) for label in labels]
    signs = []
    for part in math.submobjects:
        widths = np.array([part.stroke_width, part.background_stroke_width], float)
        signs += [part.points, *(getattr(part, name) for name in _PAINTS), widths]
    return [*marks, *signs]


class Sign(VMobject):
    """A letter, figure of an index, bracket or bar that Typst has set."""


def _sign(
    points: store.Array,
    fill: store.Array,
    stroke: store.Array,
    background: store.Array,
    widths: store.Array,
) -> VMobject:
    """A sign of a formula from its Bezier points (n, 3), colours (1, 4) each, stroke widths."""
    sign = Sign()
    sign.points = points.copy()
    for name, rgbas in zip(_PAINTS, (fill, stroke, background), strict=True):
        setattr(sign, name, rgbas.copy())
    sign.fill_opacity, sign.stroke_opacity = float(fill[0, 3]), float(stroke[0, 3])
    sign.stroke_width, sign.background_stroke_width = map(float, widths)
    return sign


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
        colour: str = "ink",
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
        tint = dict(tint or {})
        math = _typeset(f"upright({filled})", size, theme.hue(colour), sorted({*numbers, *tint}))
        for label, hue in tint.items():
            VGroup(*math.marked[label]).set_color(theme.hue(hue))
        for name, number in numbers.items():
            place = VGroup(*math.marked[name])
            number.put(place.get_center()[0], place.get_bottom()[1])
        places = {id(part) for name in numbers for part in math.marked[name]}
        self.signs = VGroup(*(sign for sign in math.signs if id(sign) not in places))
        super().__init__(self.signs, *numbers.values())


def _place(name: str, number: LiveNumber, em: float) -> str:
    width = (number.right_edge - number.left_edge) / em
    height = (number.box.points[-1, 1] - number.baseline) / em
    rule = f"#box(rect(width: {width:.4f}em, height: {height:.4f}em, fill: black))"
    return f"{{{{ {rule} : {name} }}}}"
