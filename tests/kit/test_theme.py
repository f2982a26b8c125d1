"""The theme: contrast as WCAG 2 defines it, colours that can be read and told apart, the look."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from colour_vision import SIGHTS, apart
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import ParameterError
from scenes.kit import theme
from scenes.kit.theme import Look

HEX = re.compile(r"#[0-9A-F]{6}")
# These are never the colour of a text.
GROUNDS = {"background", "panel", "sheet", "rule"}
MEANINGS = ("input", "weight", "negative", "output", "target", "error", "class_a", "class_b")
DIFFERENT = 15
ANY_COLOUR = st.integers(0, 0xFFFFFF).map("#{:06X}".format)
LOOKS = [Look(t, a) for t in theme.THEMES for a in theme.ASPECTS]
in_both_themes = pytest.mark.parametrize("name", theme.THEMES)


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#767676", "#FFFFFF", 4.54),
        ("#333333", "#FFFFFF", 12.63),
        ("#595959", "#FFFFFF", 7.00),
        ("#FF0000", "#FFFFFF", 4.00),
        ("#0000FF", "#FFFFFF", 8.59),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_has_the_published_values(first: str, second: str, ratio: float) -> None:
    assert theme.contrast(first, second) == pytest.approx(ratio, abs=0.005)
    assert theme.contrast(second, first) == theme.contrast(first, second)


@given(ANY_COLOUR, ANY_COLOUR)
def test_contrast_is_from_1_to_21(first: str, second: str) -> None:
    assert 1 <= theme.contrast(first, second) <= 21 + 1e-9


def test_the_bound_is_that_of_wcag_aa() -> None:
    assert theme.CONTRAST == 4.5


@in_both_themes
def test_text_colours_can_be_read_on_the_background(name: str) -> None:
    colours = theme.THEMES[name]
    for role in set(colours) - GROUNDS:
        assert HEX.fullmatch(colours[role])
        assert theme.contrast(colours[role], colours["background"]) >= 4.5, role


def test_themes_have_the_same_roles() -> None:
    assert len({frozenset(colours) for colours in theme.THEMES.values()}) == 1
    for colours in theme.THEMES.values():
        assert colours["positive"] == colours["weight"]


@pytest.mark.parametrize("sight", SIGHTS)
@in_both_themes
def test_meanings_are_told_apart_with_any_colour_vision(name: str, sight: str) -> None:
    colours = theme.THEMES[name]
    near = {
        (first, second): round(apart(colours[first], colours[second])[sight], 1)
        for first, second in combinations(MEANINGS, 2)
    }
    assert {pair: far for pair, far in near.items() if far < DIFFERENT} == {}


@in_both_themes
def test_classes_are_no_grey_of_the_axes(name: str) -> None:
    colours = theme.THEMES[name]
    for role in ("class_a", "class_b"):
        assert apart(colours[role], colours["muted"])["normal"] >= DIFFERENT


@given(ANY_COLOUR, ANY_COLOUR, st.floats(0, 1))
def test_mix_goes_from_the_first_to_the_second(first: str, second: str, share: float) -> None:
    assert theme.mix(first, second, 0) == first
    assert theme.mix(first, second, 1) == second
    mixed = theme.channels(theme.mix(first, second, share))
    for a, m, b in zip(theme.channels(first), mixed, theme.channels(second), strict=True):
        assert m == pytest.approx(a + (b - a) * share, abs=0.5 / 255 + 1e-9)


@given(st.sampled_from(list(theme.THEMES)), ANY_COLOUR)
def test_text_on_any_fill_can_be_read(name: str, ground: str) -> None:
    """In ink or ground, the better of them, where one of them can be read."""
    with theme.look(Look(name)):
        best = theme.on(ground)
        assert theme.contrast(best, ground) >= theme.CONTRAST
        own = max(theme.contrast(c, ground) for c in (theme.INK, theme.BACKGROUND))
        if own >= theme.CONTRAST:
            assert best in (theme.INK, theme.BACKGROUND)
            assert theme.contrast(best, ground) == own


# The look


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_picture_is_between_subtitle_and_caption(look: Look) -> None:
    with theme.look(look):
        assert theme.CAPTION_MIDDLE < theme.PICTURE_BOTTOM < theme.PICTURE_TOP
        assert theme.PICTURE_TOP < theme.SUBTITLE_BASELINE < theme.TITLE_BASELINE
        assert theme.TITLE_BASELINE < theme.FRAME_HEIGHT / 2 - theme.MARGIN
        assert theme.CAPTION_MIDDLE > theme.MARGIN - theme.FRAME_HEIGHT / 2
        assert max(abs(theme.LEFT), theme.RIGHT) <= theme.FRAME_WIDTH / 2 - theme.MARGIN
        wide, high = map(int, look.aspect.split(":"))
        assert pytest.approx(wide / high) == theme.FRAME_WIDTH / theme.FRAME_HEIGHT


def test_a_look_lasts_as_long_as_its_context() -> None:
    before = dict(vars(theme))
    with theme.look(Look("light", "9:16")):
        assert theme.BACKGROUND == "#FFFFFF" == theme.hue("background")
        assert theme.current() == Look("light", "9:16")
        with pytest.raises(ZeroDivisionError), theme.look(Look("dark", "1:1")):
            raise ZeroDivisionError
        assert theme.BACKGROUND == "#FFFFFF"
    assert {k: v for k, v in vars(theme).items() if k.isupper()} == {
        k: v for k, v in before.items() if k.isupper()
    }


@pytest.mark.parametrize("aspect", theme.ASPECTS)
def test_a_unit_is_135_pixels_at_1080p(aspect: str) -> None:
    look = Look(aspect=aspect)
    for pixels, side in zip(look.pixels(1080), look.frame, strict=True):
        assert abs(pixels - theme.UNIT_PIXELS * side) <= 1
        assert pixels % 2 == 0


def test_a_hue_is_a_role_or_a_colour() -> None:
    assert theme.hue("input") == theme.INPUT
    assert theme.hue("#123456") == "#123456"
    with pytest.raises(KeyError):
        theme.hue("no such role")


@pytest.mark.parametrize(("name", "value"), [("theme", "grey"), ("aspect", "2:1")])
def test_another_look_is_told_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(ParameterError, match=f"no {name} '{value}': choose from"):
        Look(**{name: value})
