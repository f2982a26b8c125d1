"""Outlines of text, made once and kept: the stuff of all words and numbers.

Pango sets a string large (small text gets uneven gaps), manim turns it into
Bezier outlines, and this module keeps them as plain arrays relative to the
baseline, in units of one point of manim's font size. They are kept on disk, too,
so that a later run does not set the same string again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from manim import BOLD, NORMAL, Text, config, tempconfig
from numpy.typing import NDArray

from scenes.kit.text import fonts, store, typesetters

_SET_AT = 96
_LINE_PIXELS = 20_000
NUMBER_CHARACTERS = "0123456789−+.,% "


@dataclass(frozen=True)
class Outline:
    """A set string: per visible glyph its Bezier points (n, 3), and the whole's measures.

    Baseline at y = 0, left edge of the first glyph's ink near x = 0; lengths in frame
    units for one point of font size.
    """

    glyphs: tuple[NDArray[np.float64], ...]
    width: float
    cap_height: float


def _weight(bold: bool) -> str:
    return BOLD if bold else NORMAL


def _set(text: str, bold: bool) -> Text:
    # Pango breaks lines at manim's frame width in pixels: give it room at every quality.
    with tempconfig({"pixel_width": _LINE_PIXELS, "pixel_height": 1000}):
        return Text(
            text,
            font=fonts.family(),
            font_size=_SET_AT,
            weight=_weight(bold),
            disable_ligatures=True,
            warn_missing_font=False,
        )


def _kept(
    kind: str, text: str, bold: bool, make: Callable[[], Sequence[store.Array]]
) -> list[store.Array]:
    """What `make` makes of the text, set now or in an earlier run."""
    renderer = str(config.renderer)  # OpenGL's curves have three points, not four
    return store.kept((kind, text, bold, _SET_AT, renderer, typesetters.fingerprint()), make)


@cache
def _reference(bold: bool) -> tuple[float, float]:
    """Advance and height of a capital H as set."""
    advance, height = _kept("reference", "HH", bold, lambda: _set_reference(bold))
    return float(advance), float(height)


def _set_reference(bold: bool) -> list[store.Array]:
    first, second = _set("HH", bold).submobjects
    return [np.array(second.get_left()[0] - first.get_left()[0]), np.array(first.height)]


@cache
def outline(text: str, bold: bool = False) -> Outline:
    """The outline of `text` on its baseline; one array of points per visible character.

    ValueError if the font does not set it character by character.
    """
    *glyphs, width, cap = _kept("outline", text, bold, lambda: _set_outline(text, bold))
    return Outline(tuple(glyphs), float(width), float(cap))


def _set_outline(text: str, bold: bool) -> list[store.Array]:
    """The glyphs' points, then the width of all and the height of a capital."""
    advance, cap = _reference(bold)
    # A leading H gives the baseline and the left edge, whatever the glyphs that follow.
    parts = _set("H" + text, bold).submobjects
    if len(parts) != len(text) + 1:
        raise ValueError(f"the font does not set {text!r} character by character")
    head = parts[0]
    shift = np.array([head.get_left()[0] + advance, head.get_bottom()[1], 0.0])
    # manim puts a dummy in the place of a space.
    inked = [part for part, ch in zip(parts[1:], text, strict=True) if not ch.isspace()]
    glyphs = [(part.points - shift) / _SET_AT for part in inked]
    right = max((float(g[:, 0].max()) for g in glyphs), default=0.0)
    return [*glyphs, np.array(right), np.array(cap / _SET_AT)]


@dataclass(frozen=True)
class Digit:
    """One character of a number: its points and how far it moves the pen."""

    points: NDArray[np.float64]
    advance: float


@cache
def digits(bold: bool) -> dict[str, Digit]:
    """Every character that a number may need, with tabular digits."""
    *points, advances = _kept("digits", NUMBER_CHARACTERS, bold, lambda: _set_digits(bold))
    return {
        character: Digit(shape, float(advance))
        for character, shape, advance in zip(NUMBER_CHARACTERS, points, advances, strict=True)
    }


def _set_digits(bold: bool) -> list[store.Array]:
    """The points of each character of a number, then their advances."""
    table = _digit_table(bold)
    ordered = [table[character] for character in NUMBER_CHARACTERS]
    return [*(digit.points for digit in ordered), np.array([d.advance for d in ordered])]


def _digit_table(bold: bool) -> dict[str, Digit]:
    """Sets all characters between capitals, which say where each begins and ends."""
    head, _ = _reference(bold)
    visible = NUMBER_CHARACTERS.strip()
    parts = _set("H" + "".join(ch + "H" for ch in visible), bold).submobjects
    table: dict[str, Digit] = {}
    for index, character in enumerate(visible):
        before, glyph, after = parts[2 * index : 2 * index + 3]
        start = float(before.get_left()[0]) + head
        advance = float(after.get_left()[0]) - start
        shift = np.array([start, before.get_bottom()[1], 0.0])
        table[character] = Digit((glyph.points - shift) / _SET_AT, advance / _SET_AT)
    widest = max(table[d].advance for d in "0123456789")
    for d in "0123456789":
        offset = np.array([(widest - table[d].advance) / 2, 0.0, 0.0])
        table[d] = Digit(table[d].points + offset, widest)
    # Signs share one width, so that a change of sign does not move the digits.
    sign = max(table[s].advance for s in "−+")
    for s in "−+":
        offset = np.array([(sign - table[s].advance) / 2, 0.0, 0.0])
        table[s] = Digit(table[s].points + offset, sign)
    # Places were taken from the ink of the H: move all to the pen, where a zero is centred.
    zero = table["0"].points[:, 0]
    inset = np.array([(widest - float(zero.min() + zero.max())) / 2, 0.0, 0.0])
    table = {ch: Digit(digit.points + inset, digit.advance) for ch, digit in table.items()}
    table[" "] = Digit(np.zeros((0, 3)), widest)
    return table


def cap_height(size: float, bold: bool = False) -> float:
    """Height of a capital letter set at `size`, in frame units."""
    return _reference(bold)[1] / _SET_AT * size
