"""The theme: contrast as WCAG 2 defines it, colours that can be read and told apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.network import Diagram

HEX = re.compile(r"#[0-9A-F]{6}")
COLOURS = {n: v for n, v in vars(theme).items() if isinstance(v, str) and v.startswith("#")}
# These are never the colour of a text.
GROUNDS = {"BACKGROUND", "PANEL", "SHEET", "RULE"}
ANY_COLOUR = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


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


@pytest.mark.parametrize("name", sorted(set(COLOURS) - GROUNDS))
def test_text_colours_can_be_read_on_the_background(name: str) -> None:
    assert HEX.fullmatch(COLOURS[name])
    assert theme.contrast(COLOURS[name]) >= 4.5


@pytest.mark.parametrize("activation", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("layer", [0, 1])
def test_ink_can_be_read_on_a_lit_neuron(layer: int, activation: float) -> None:
    diagram = Diagram([1, 1], [[[1.0]]], columns=[-1, 1])
    diagram.light(layer, [activation])
    fill = str(diagram.neurons[layer][0].get_fill_color().to_hex()).upper()
    assert theme.contrast(theme.INK, fill) >= 4.5


def test_meanings_have_colours_of_their_own() -> None:
    names = ("INPUT", "WEIGHT", "OUTPUT", "TARGET", "ERROR", "INK", "MUTED", "NEGATIVE")
    assert len({COLOURS[n] for n in names}) == len(names)
    assert theme.CLASS_A != theme.CLASS_B
    assert theme.POSITIVE != theme.NEGATIVE


@given(ANY_COLOUR, ANY_COLOUR, st.floats(0, 1))
def test_mix_goes_from_the_first_to_the_second(first: str, second: str, share: float) -> None:
    assert theme.mix(first, second, 0) == first
    assert theme.mix(first, second, 1) == second
    mixed = theme.channels(theme.mix(first, second, share))
    for a, m, b in zip(theme.channels(first), mixed, theme.channels(second), strict=True):
        assert m == pytest.approx(a + (b - a) * share, abs=0.5 / 255 + 1e-9)


def test_the_picture_is_between_subtitle_and_caption() -> None:
    assert theme.CAPTION_BASELINE < theme.PICTURE_BOTTOM < theme.PICTURE_TOP
    assert theme.PICTURE_TOP < theme.SUBTITLE_BASELINE < theme.TITLE_BASELINE
    assert theme.TITLE_BASELINE < theme.FRAME_HEIGHT / 2 - theme.MARGIN
    assert theme.CAPTION_BASELINE > theme.MARGIN - theme.FRAME_HEIGHT / 2
    assert pytest.approx(16 / 9) == theme.FRAME_WIDTH / theme.FRAME_HEIGHT
    assert max(abs(theme.LEFT), theme.RIGHT) <= theme.FRAME_WIDTH / 2 - theme.MARGIN
