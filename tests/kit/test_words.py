"""Words: on their baseline, in their colours, set once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.ledger import Figure
from scenes.kit.text import fonts, glyphs
from scenes.kit.text.words import Align, LiveNumber, OnBaseline, Words, row

FEW = settings(deadline=None, max_examples=40)
PLACES = st.tuples(st.floats(-7, 7), st.floats(-4, 4))
ALIGNS: st.SearchStrategy[Align] = st.sampled_from(["left", "center", "right"])
SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}
TEXTS = ("Hidden layer", "gypsum", "一层权重", "x", "σ(x)")
# An em is two thirds of a frame unit at size 48.
EM = 2 / 3 / 48
SIZES = {
    "TITLE",
    "ANSWER",
    "NUMBER_LARGE",
    "NUMBER",
    "NUMBER_SMALL",
    "FORMULA",
    "CAPTION",
    "LABEL",
    "TICK",
}


def words(text: str, size: float = theme.CAPTION, colour: str = theme.INK) -> Words:
    """Words without figures."""
    return Words([Piece(text)], {}, size=size, colour=colour, role="label")


def texts() -> list[OnBaseline]:
    """All kinds of text there are."""
    number = LiveNumber(Figure("n", -2.5, ".2f"), size=theme.NUMBER, room=[10.0])
    return [*map(words, TEXTS), number]


def ink(text: OnBaseline) -> np.ndarray:
    """All points that are seen."""
    return np.concatenate([m.points for m in text.get_family() if m is not text.box])


@FEW
@given(PLACES, ALIGNS, st.floats(0.2, 3), st.integers(0, len(TEXTS)))
def test_put_places_the_baseline_and_the_edge(
    place: tuple[float, float], align: Align, factor: float, which: int
) -> None:
    text = texts()[which]
    text.scale(factor).shift([1.0, -2.0, 0.0])
    assert text.put(*place, align) is text
    assert text.baseline == pytest.approx(place[1], abs=1e-12)
    at = text.left_edge + SHARE[align] * (text.right_edge - text.left_edge)
    assert at == pytest.approx(place[0], abs=1e-12)


@FEW
@given(PLACES, ALIGNS, st.integers(0, len(TEXTS)))
def test_put_mid_places_the_middle_of_the_capitals(
    place: tuple[float, float], align: Align, which: int
) -> None:
    text = texts()[which].put_mid(*place, align)
    cap = glyphs.cap_height(text.size, getattr(text, "bold", False))
    assert text.baseline + cap / 2 == pytest.approx(place[1], abs=1e-12)


def test_the_ink_stands_on_the_baseline() -> None:
    """Flat letters end on it, descenders go below it, whatever stands beside them."""
    assert ink(words("HxH").put(0, 1.25))[:, 1].min() == pytest.approx(1.25, abs=1e-3)
    assert ink(words("gH").put(0, 1.25))[:, 1].min() < 1.25 - 0.15 * EM * theme.CAPTION
    top = ink(words("H", size=theme.NUMBER).put_mid(0, 0))
    assert top[:, 1].max() == pytest.approx(-top[:, 1].min(), abs=1e-3)


def test_the_box_is_as_wide_as_the_ink() -> None:
    text = words("HIH").put(0, 0, "left")
    xs = ink(text)[:, 0]
    assert (text.left_edge, text.right_edge) == pytest.approx((xs.min(), xs.max()), abs=1e-3)


def test_sizes_are_of_one_scale() -> None:
    """The same words at twice the size are twice the words: small text has no gaps of its own."""
    small, large = words("Tabular gaps", 18).put(0, 0), words("Tabular gaps", 36).put(0, 0)
    assert np.allclose(2 * ink(small), ink(large), atol=1e-9)


@pytest.mark.parametrize("name", sorted(SIZES))
def test_a_size_is_as_high_as_the_back_row_needs(name: str) -> None:
    """Capitals and digits in pixels where the frame is 1080 high: 26 to be read, 20 for ticks."""
    pixels = glyphs.cap_height(getattr(theme, name)) * theme.UNIT_PIXELS
    assert pixels >= (20 if name == "TICK" else 26)


def test_all_sizes_are_known() -> None:
    """Numbers between a tick and an answer are sizes of text: none is left out above."""
    others = {"READ_PIXELS", "TICK_PIXELS", "UNIT_PIXELS"}
    found = {k for k, v in vars(theme).items() if k.isupper() and type(v) is int and v > 10}
    assert found - others == SIZES
    assert theme.UNIT_PIXELS * theme.FRAME_HEIGHT == 1080


def test_an_em_is_two_thirds_of_a_unit_at_size_48() -> None:
    """A Chinese character fills an em square, so that two are an em apart."""
    first, second = glyphs.outline("中中").glyphs
    assert second[:, 0].min() - first[:, 0].min() == pytest.approx(EM, rel=1e-3)


# Rows


@FEW
@given(PLACES, ALIGNS, st.floats(0, 1))
def test_a_row_has_one_baseline_and_even_gaps(
    place: tuple[float, float], align: Align, gap: float
) -> None:
    pieces = texts()
    group = row(pieces, *place, gap=gap, align=align)
    assert group.submobjects == pieces
    for left, right in pairwise(pieces):
        assert right.left_edge - left.right_edge == pytest.approx(gap, abs=1e-12)
    assert [p.baseline for p in pieces] == pytest.approx([place[1]] * len(pieces), abs=1e-12)
    start, end = pieces[0].left_edge, pieces[-1].right_edge
    assert start + SHARE[align] * (end - start) == pytest.approx(place[0], abs=1e-12)


# Figures within words


def sentence() -> Words:
    """Two coloured figures and a plain one in a sentence."""
    figures = {
        "a": Figure("a", 1.5, ".1f", theme.WEIGHT),
        "b": Figure("b", -2.0, ".1f", theme.ERROR),
        "c": Figure("c", 3, "d"),
    }
    parts = [
        Piece("from "),
        Piece("1.5", "a"),
        Piece(" to "),
        Piece("−2.0", "b"),
        Piece(" in "),
        Piece("3", "c"),
    ]
    return Words(parts, figures, size=theme.CAPTION, colour=theme.MUTED, role="caption")


def test_a_figure_has_its_colour_in_a_sentence() -> None:
    text = sentence()
    assert text.text == "from 1.5 to −2.0 in 3"
    assert [f.name for f in text.figures] == ["a", "b", "c"]
    shapes = [m for m in text.submobjects if m is not text.box]
    tints = {str(m.get_fill_color().to_hex()).upper(): m for m in shapes}
    assert set(tints) == {theme.MUTED, theme.WEIGHT, theme.ERROR}
    drawn = glyphs.outline(text.text).glyphs
    places = [i for i, ch in enumerate(text.text.replace(" ", "")) if i in (4, 5, 6)]
    expected = np.concatenate([drawn[i] for i in places]) * theme.CAPTION
    assert np.allclose(tints[theme.WEIGHT].points, expected)


def test_one_shape_for_each_colour() -> None:
    assert len(words("Many letters, one shape").submobjects) == 2


def test_outlines_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    words("Made once and kept")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("set again")

    monkeypatch.setattr(glyphs, "Text", refuse)
    again = words("Made once and kept", size=40, colour=theme.OUTPUT)
    assert len(ink(again))
    with pytest.raises(AssertionError, match="set again"):
        words("Never seen before")


def test_moving_words_leaves_the_kept_outlines_alone() -> None:
    before = [g.copy() for g in glyphs.outline("kept").glyphs]
    words("kept").scale(3).shift([1.0, 1.0, 0.0])
    assert all(
        np.array_equal(a, b) for a, b in zip(before, glyphs.outline("kept").glyphs, strict=True)
    )


@pytest.mark.parametrize("text", ["fi ffl", " a  b ", "误差 E = −0.5", "−", "“ok”…"])
def test_one_outline_for_each_visible_character(text: str) -> None:
    assert len(glyphs.outline(text).glyphs) == len("".join(text.split()))


# The font


def test_without_a_font_one_sentence_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.manimpango, "list_fonts", lambda: ["DejaVu Sans", "Noto Sans"])
    with pytest.raises(fonts.FontError) as caught:
        fonts.family.__wrapped__()
    message = str(caught.value)
    assert "fonts-noto-cjk" in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("family", fonts.FAMILIES)
def test_any_of_the_families_will_do(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.manimpango, "list_fonts", lambda: ["DejaVu Sans", family])
    assert fonts.family.__wrapped__() == family
