"""The stage: areas of a plan share the picture, keep apart, and stack in narrow frames."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.stage import GAP, Box, areas, parse, picture

LOOKS = [theme.Look("dark", aspect) for aspect in theme.ASPECTS]


def apart(first: Box, second: Box) -> bool:
    return (
        first.right <= second.left + 1e-9
        or second.right <= first.left + 1e-9
        or first.bottom >= second.top - 1e-9
        or second.bottom >= first.top - 1e-9
    )


def test_one_name_fills_the_picture() -> None:
    assert areas("net") == {"net": picture()}


def test_side_by_side_by_shares() -> None:
    found = areas("a*3 | b")
    whole = picture().width - GAP
    assert found["a"].width == pytest.approx(whole * 3 / 4)
    assert found["b"].width == pytest.approx(whole / 4)
    assert found["b"].left - found["a"].right == pytest.approx(GAP)
    assert found["a"].height == found["b"].height == picture().height


def test_a_stroke_binds_closer_than_a_bar() -> None:
    found = areas("a | b / c")
    assert found["b"].x == found["c"].x
    assert found["b"].bottom - found["c"].top == pytest.approx(GAP)
    assert found["a"].right < found["b"].left


def test_parentheses_and_shares_of_groups() -> None:
    found = areas("net*3 / (sum / squash)*2")
    heights = [found[n].height for n in ("net", "sum", "squash")]
    assert heights[0] == pytest.approx((picture().height - GAP) * 3 / 5)
    assert heights[1] == pytest.approx(heights[2])


@pytest.mark.parametrize("plan", ["", "a |", "a ? b", "(a", "a)", "a * b", "a b"])
def test_a_plan_that_cannot_be_read_is_refused(plan: str) -> None:
    with pytest.raises(ValueError, match="plan"):
        parse(plan)


NAMES = [f"n{k}" for k in "abcdefgh"]


@st.composite
def plans(draw: st.DrawFn) -> tuple[str, list[str]]:
    names = NAMES[: draw(st.integers(1, 6))]

    def join(some: list[str]) -> str:
        if len(some) == 1:
            return some[0] + draw(st.sampled_from(["", "*2", "*0.5", "*3"]))
        cut = draw(st.integers(1, len(some) - 1))
        sign = draw(st.sampled_from([" | ", "/"]))
        return f"({join(some[:cut])}{sign}{join(some[cut:])})" + draw(st.sampled_from(["", "*2"]))

    return join(names), names


@given(plans(), st.sampled_from(LOOKS))
def test_areas_keep_apart_and_inside(made: tuple[str, list[str]], look: theme.Look) -> None:
    plan, names = made
    with theme.look(look):
        found, whole = areas(plan), picture()
    # What is cut too often has no room left beside its gaps.
    assume(all(box.width > 0 and box.height > 0 for box in found.values()))
    assert sorted(found) == sorted(names)
    for name, box in found.items():
        assert whole.left - 1e-9 <= box.left < box.right <= whole.right + 1e-9
        assert whole.bottom - 1e-9 <= box.bottom < box.top <= whole.top + 1e-9
        assert all(apart(box, other) for n, other in found.items() if n != name)


@pytest.mark.parametrize("aspect", ["1:1", "9:16"])
def test_what_stands_side_by_side_is_stacked_in_a_narrow_frame(aspect: str) -> None:
    with theme.look(theme.Look("dark", aspect)):
        found = areas("plane | (net / loss)")
        assert found["plane"].bottom > found["net"].top
        assert found["net"].right < found["loss"].left
        assert areas("a / b")["a"].bottom > areas("a / b")["b"].top


def test_on_the_way_and_within() -> None:
    a, b = Box(0, 0, 2, 2), Box(4, 2, 4, 2)
    assert a.towards(b, 0) == a
    assert a.towards(b, 1) == b
    assert a.towards(b, 0.5) == Box(2, 1, 3, 2)
    assert Box(1, 1, 4, 2).within(1) == Box(1, 1, 2, 2)
    assert Box(0, 0, 4, 2).inset(left=1, top=0.5) == Box(0.5, -0.25, 3, 1.5)
