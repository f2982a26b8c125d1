"""A live number changes in place: no new objects, steady digits, true text."""

from __future__ import annotations

import copy
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import manim
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from manim import Mobject

from scenes.kit import theme
from scenes.kit.ledger import Figure
from scenes.kit.text import glyphs
from scenes.kit.text.words import Align, LiveNumber

MINUS = "−"
VALUES = st.floats(-99_999, 99_999)
ALIGNS: st.SearchStrategy[Align] = st.sampled_from(["left", "center", "right"])
FEW = settings(deadline=None, max_examples=50)


def live(value: float, spec: str = ".2f", **look: Any) -> LiveNumber:
    """A number of the usual look."""
    return LiveNumber(Figure("n", value, spec, theme.WEIGHT), **{"size": theme.NUMBER, **look})


def written(value: float, places: int, plus: bool = False, thousands: bool = False) -> str:
    """The decimal text of `value`: rounded as an exact decimal, half to even, and signed."""
    with localcontext() as context:
        context.prec = 400
        exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    size = abs(exact)
    whole, _, fraction = str(size).partition(".")
    if thousands:
        parts: list[str] = []
        while len(whole) > 3:
            whole, last = whole[:-3], whole[-3:]
            parts.insert(0, last)
        whole = ",".join([whole, *parts])
    sign = MINUS if exact < 0 else "+" if plus else ""
    return sign + whole + ("." + fraction if fraction else "")


def inks(number: LiveNumber) -> list[tuple[str, float, float]]:
    """Left and right end of each character's ink."""
    table = glyphs.digits(number.bold)
    found, start = [], 0
    for character in number.text:
        end = start + len(table[character].points)
        xs = number.points[start:end, 0]
        found.append((character, float(xs.min()), float(xs.max())))
        start = end
    assert start == len(number.points)
    return found


def point_at(number: LiveNumber) -> float:
    """Where the decimal point is."""
    return next(left for character, left, _ in inks(number) if character == ".")


# What `show` does not do


def refuse(*_: object, **__: object) -> None:
    """Stands for all that must not be called."""
    raise AssertionError("nothing may be made while a number runs")


def test_show_makes_and_copies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    number = live(1.5, room=[-99.99])
    box, table = number.box, number._table
    for owner, name in (
        (Mobject, "__init__"),
        (Mobject, "copy"),
        (copy, "deepcopy"),
        (copy, "copy"),
        (manim.Text, "__init__"),
        (glyphs, "outline"),
        (glyphs, "digits"),
        (glyphs, "_set"),
        (glyphs, "Text"),
    ):
        monkeypatch.setattr(owner, name, refuse)
    before = number.points
    for value in (2.5, -0.75, 31.25, 0.0):
        number.show(value)
        assert number.submobjects == [box]
        assert number.submobjects[0] is box
        assert number.box is box
        assert number._table is table
    assert number.points is not before


def test_the_spies_see_what_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mobject, "__init__", refuse)
    with pytest.raises(AssertionError, match="nothing may be made"):
        live(1.5)


def test_an_unchanged_text_keeps_its_points() -> None:
    number = live(1.5)
    points = number.points
    number.show(1.5004)
    assert number.points is points
    assert number.value == 1.5004


# Its text


@FEW
@given(VALUES, st.integers(0, 6), st.booleans(), st.booleans())
@example(-0.004, 2, False, False)
@example(-0.0, 0, True, True)
@example(0.125, 2, False, False)
@example(-1234.5, 0, False, True)
def test_text_is_the_rounded_value(value: float, places: int, plus: bool, thousands: bool) -> None:
    spec = ("+" if plus else "") + ("," if thousands else "") + f".{places}f"
    number = live(0.0, spec, room=[-99_999])
    number.show(value)
    assert number.text == written(value, places, plus, thousands)
    assert number.value == value
    assert [c for c, _, _ in inks(number)] == list(number.text)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (-0.0, ".2f", "0.00"),
        (-0.001, ".2f", "0.00"),
        (-0.001, "+.2f", "+0.00"),
        (-0.4, ",.0f", "0"),
        (-0.0004, ".1%", "0.0%"),
        (-0.006, ".2f", "−0.01"),
        (-1234.5, ",.1f", "−1,234.5"),
        (0.982, ".1%", "98.2%"),
        (-3, "d", "−3"),
        (-3, "+d", "−3"),
    ],
)
def test_signs_and_zero(value: float, spec: str, text: str) -> None:
    assert live(value, spec).text == text
    assert Figure("n", value, spec).text == text


def test_the_minus_sign_is_a_minus_sign() -> None:
    number = live(-2.5)
    assert ord(number.text[0]) == 0x2212
    _, left, right = inks(number)[0]
    plus = inks(live(2.5, "+.2f"))[0]
    assert right - left == pytest.approx(plus[2] - plus[1], rel=0.1)


# Where its digits are


def test_digits_are_tabular() -> None:
    for bold in (False, True):
        table = glyphs.digits(bold)
        assert len({table[d].advance for d in "0123456789"}) == 1
        assert table["−"].advance == table["+"].advance


@pytest.mark.parametrize("bold", [False, True])
def test_a_digit_lies_within_its_cell(bold: bool) -> None:
    """The ink of no character leaves its cell, and a zero is in the middle of it."""
    table = glyphs.digits(bold)
    for character in glyphs.NUMBER_CHARACTERS.strip():
        xs = table[character].points[:, 0]
        assert 0 <= xs.min() < xs.max() <= table[character].advance, character
    xs = table["0"].points[:, 0]
    assert (xs.min() + xs.max()) / 2 == pytest.approx(table["0"].advance / 2)


@pytest.mark.parametrize("bold", [False, True])
def test_digits_stand_on_the_baseline_and_reach_equally_high(bold: bool) -> None:
    """Lining figures: round ones pass over the lines a little, none is lower or higher."""
    cap = glyphs.cap_height(1, bold)
    for digit in "0123456789":
        ys = glyphs.digits(bold)[digit].points[:, 1]
        assert abs(ys.min()) < 0.03 * cap
        assert ys.max() == pytest.approx(
            glyphs.digits(bold)["1"].points[:, 1].max(), abs=0.03 * cap
        )


@FEW
@given(st.lists(st.integers(1000, 9999), min_size=2, max_size=6), ALIGNS, st.booleans())
def test_the_point_stays_while_equally_long_values_run(
    hundredths: list[int], align: Align, below_zero: bool
) -> None:
    sign = -1 if below_zero else 1
    number = live(sign * hundredths[0] / 100, align=align, room=[-888.88]).put(1.5, -0.5)
    where = point_at(number)
    for value in hundredths[1:]:
        number.show(sign * value / 100)
        assert point_at(number) == pytest.approx(where, abs=1e-9)


@FEW
@given(st.lists(VALUES, min_size=2, max_size=6))
def test_right_aligned_the_point_stays_for_every_value(values: list[float]) -> None:
    number = live(values[0], room=values)
    where = point_at(number)
    for value in values:
        number.show(value)
        assert point_at(number) == pytest.approx(where, abs=1e-9)


@FEW
@given(st.integers(1, 999), st.integers(1, 999))
def test_left_aligned_a_change_of_sign_moves_no_digit(first: int, second: int) -> None:
    number = live(first / 100, "+.2f", align="left")
    where = point_at(number)
    number.show(-second / 100)
    assert point_at(number) == pytest.approx(where, abs=1e-9)


@FEW
@given(st.lists(VALUES, min_size=1, max_size=6), ALIGNS, st.floats(10, 60))
def test_room_keeps_the_box_and_holds_every_value(
    values: list[float], align: Align, size: float
) -> None:
    number = live(values[0], ",.2f", room=values, align=align, size=size).put(0.3, 0.7, "left")
    box = number.box.points.copy()
    for value in values:
        number.show(value)
        assert np.array_equal(number.box.points, box)
        assert number.points[:, 0].min() >= number.left_edge - 1e-9
        assert number.points[:, 0].max() <= number.right_edge + 1e-9


@FEW
@given(VALUES, VALUES, ALIGNS)
def test_the_aligned_edge_stays(first: float, second: float, align: Align) -> None:
    """Of a wide box, the ink keeps to the side (or the middle) that `align` names."""
    edge = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    room = [-99_999.0]
    number = live(first, room=room, align=align).put(2, 1, align)
    cell = glyphs.digits(True)["0"].advance * number.size
    for value in (first, second):
        number.show(value)
        ends = inks(number)
        here = (1 - edge) * ends[0][1] + edge * ends[-1][2]
        assert abs(here - 2) < cell / 3


# Moved and scaled


@FEW
@given(
    VALUES,
    VALUES,
    st.floats(0.1, 4),
    st.tuples(st.floats(-5, 5), st.floats(-3, 3)),
    ALIGNS,
)
def test_it_shows_in_place_after_shift_and_scale(
    first: float, second: float, factor: float, by: tuple[float, float], align: Align
) -> None:
    """As one that is set at that size, at that place, from the beginning."""
    assume(live(first).text != live(second).text)
    room = [first, second]
    number = live(first, room=room, align=align).put(1, 2, "left")
    number.scale(factor, about_point=np.zeros(3)).shift(np.array([*by, 0.0]))
    number.show(second)
    fresh = live(second, room=room, align=align, size=theme.NUMBER * factor)
    fresh.put(factor + by[0], 2 * factor + by[1], "left")
    assert number.text == fresh.text
    assert np.allclose(number.points, fresh.points, atol=1e-9)
    assert np.allclose(number.box.points, fresh.box.points, atol=1e-9)


def test_a_copy_runs_on_its_own() -> None:
    number = live(1.25).put(0, 0)
    other = number.copy()
    other.shift(np.array([2.0, 0.0, 0.0]))
    before = number.points.copy()
    other.show(9.75)
    assert np.array_equal(number.points, before)
    assert other.box is other.submobjects[0]
    assert other.left_edge == pytest.approx(number.left_edge + 2)
    assert point_at(other) == pytest.approx(point_at(number) + 2)
