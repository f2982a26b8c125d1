"""Where a text that is too wide is broken into lines: between words, never within one."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from scenes.kit.text import glyphs

Span = tuple[int, int]
# After a space; in Chinese after a stop, and only if need be between two characters.
_SPACE = re.compile(r"\s+")
_STOP = re.compile(r"[，。：；、！？）]")
_BETWEEN = re.compile(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])")
_MOST = 4


def broken(text: str, size: float, bold: bool, width: float | None) -> list[Span]:
    """First and last character of each line, as few lines of `width` as will do, evenly filled.

    Where no break fits, the text stays one line.
    """
    whole = [(0, len(text))]
    if width is None or _wide(text, whole[0], size, bold) <= width:
        return whole
    cuts = sorted(
        {m.end() for m in _SPACE.finditer(text)} | {m.end() for m in _STOP.finditer(text)}
    )
    close = sorted({*cuts, *(m.start() for m in _BETWEEN.finditer(text))})
    for count in range(2, _MOST + 1):
        for chosen in (cuts, close):
            found = _best(text, chosen, count, size, bold)
            if found and max(_wide(text, span, size, bold) for span in found) <= width:
                return found
    return whole


def _best(text: str, cuts: list[int], count: int, size: float, bold: bool) -> list[Span] | None:
    """The lines of which the widest is narrowest."""
    inner = [cut for cut in cuts if 0 < cut < len(text)]
    near = len(text) / count
    # Only breaks near even shares can be the best.
    inner = sorted(inner, key=lambda cut: min(abs(cut - k * near) for k in range(1, count)))[:14]
    ways = [[0, *way, len(text)] for way in combinations(sorted(inner), count - 1)]
    spans = [[_trimmed(text, a, b) for a, b in pairwise(way)] for way in ways]
    return min(spans, key=lambda way: max(b - a for a, b in way), default=None)


def _trimmed(text: str, start: int, end: int) -> Span:
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _wide(text: str, span: Span, size: float, bold: bool) -> float:
    return glyphs.outline(text[span[0] : span[1]], bold).width * size
