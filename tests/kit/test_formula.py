"""Formulas: signs set by Typst, every number live and in its place."""

from __future__ import annotations

import numpy as np
import pytest
from manim import VMobject, tempconfig

from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.dry import DryRenderer
from scenes.kit.ledger import Figure
from scenes.kit.text import glyphs
from scenes.kit.text.formula import Formula
from scenes.kit.text.words import LiveNumber


def live(value: float = 0.5, size: float = theme.NUMBER_SMALL) -> LiveNumber:
    """A number for a formula."""
    return LiveNumber(Figure("n", value, ".2f", theme.WEIGHT), size=size, room=[-9.0])


def ends(shape: VMobject, axis: int) -> tuple[float, float]:
    """Lowest and highest coordinate of a shape's points."""
    return float(shape.points[:, axis].min()), float(shape.points[:, axis].max())


# What it refuses


@pytest.mark.parametrize(
    "source",
    [
        "y = 2 x",
        "x^2",
        "frac(1, 2)",
        "w_(1,2) + 3",
        "x_1.5",
        "[a] + 0.5",
        "x²",
        "e_(1,2)3",
    ],
)
def test_a_literal_digit_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="only as a live number"):
        Formula(source, {"a": live()} if "[a]" in source else None)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("y = [a]", []),
        ("y = [a]", ["b"]),
        ("y = [a]", ["a", "b"]),
        ("y", ["a"]),
        ("[a] + [a]", ["a"]),
    ],
)
def test_places_and_numbers_must_match(source: str, names: list[str]) -> None:
    """One place for each number: a number cannot stand in two."""
    with pytest.raises(ValueError, match="do not match"):
        Formula(source, {name: live() for name in names})


@pytest.mark.parametrize("source", ["w_(1,2)", "x_1", "e_12 = sum_k w_(2, 1)"])
def test_indices_may_be_digits(source: str) -> None:
    assert len(Formula(source).signs.submobjects) >= 2


@pytest.mark.parametrize("text", ["2", "x2", "² ", "x₁", "３"])
def test_a_symbol_takes_no_digit(text: str) -> None:
    with tempconfig({"dry_run": True}):
        clip = Clip(DryRenderer())
        with pytest.raises(ValueError, match="only as a figure"):
            clip.symbol(text)
        assert clip.symbol("× C").text == "× C"


# Where the numbers stand


def test_numbers_stand_between_the_signs_on_their_baseline() -> None:
    """H = [a] + [b]: the H gives the baseline."""
    a, b = live(1.5), live(-2.5)
    formula = Formula("H = [a] + [b]", {"a": a, "b": b})
    h, equals, plus = formula.signs.submobjects
    baseline = ends(h, 1)[0]
    assert a.baseline == pytest.approx(baseline, abs=0.01)
    assert b.baseline == pytest.approx(baseline, abs=0.01)
    stops = [*ends(h, 0), *ends(equals, 0), a.left_edge, a.right_edge]
    stops += [*ends(plus, 0), b.left_edge, b.right_edge]
    assert stops == sorted(stops)


def test_a_fraction_holds_its_numbers_above_and_below_its_bar() -> None:
    a, b = live(1.5), live(2.5)
    formula = Formula("frac([a], [b])", {"a": a, "b": b})
    (bar,) = formula.signs.submobjects
    low, high = ends(bar, 1)
    assert a.baseline > high
    assert b.baseline + glyphs.cap_height(b.size, True) < low
    for number in (a, b):
        left, right = ends(bar, 0)
        assert left - 1e-3 <= number.points[:, 0].min()
        assert number.points[:, 0].max() <= right + 1e-3


def test_signs_are_as_high_as_words_of_the_same_size() -> None:
    h = Formula("H", size=theme.FORMULA).signs.submobjects[0]
    low, high = ends(h, 1)
    assert high - low == pytest.approx(glyphs.cap_height(theme.FORMULA), rel=0.01)


def test_no_black_box_is_left_in_a_place() -> None:
    formula = Formula("[a] + x", {"a": live()})
    assert len(formula.signs.submobjects) == 2


def test_numbers_keep_their_place_when_the_formula_moves() -> None:
    a = live(1.5)
    formula = Formula("frac(E, [a]) = H", {"a": a})
    formula.scale(0.7).shift(np.array([2.0, -1.0, 0.0]))
    baseline, left = a.baseline, a.left_edge
    height = ends(a, 1)[1] - ends(a, 1)[0]
    a.show(8.25)
    assert (a.baseline, a.left_edge) == (baseline, left)
    assert ends(a, 1)[1] - ends(a, 1)[0] == pytest.approx(height, rel=0.05)


def test_tint_colours_the_marked_part_alone() -> None:
    formula = Formula("{{ E : e }} = t - y", tint={"e": theme.ERROR})
    hues = [str(s.get_fill_color().to_hex()).upper() for s in formula.signs.submobjects]
    assert hues == [theme.ERROR, theme.INK, theme.INK, theme.INK, theme.INK]
