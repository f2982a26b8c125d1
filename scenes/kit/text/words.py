"""Words and live numbers: all text on screen, built from outlines made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from manim import Group, RoundedRectangle, VGroup, VMobject
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.ledger import Figure, Value, shown
from scenes.kit.text import glyphs, lines

Align = Literal["left", "center", "right"]
Role = Literal["caption", "label", "title", "tick", "index", "number"]
_PLACE = {"left": 0.0, "center": 0.5, "right": 1.0}


class _Box(VMobject):
    """An invisible diagonal from the baseline's left end to cap height at the right end."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(stroke_width=0, fill_opacity=0)
        end = np.array([width, height, 0.0])
        self.points = np.array([0 * end, end / 3, 2 * end / 3, end])


class OnBaseline(VMobject):
    """What words and numbers share: a baseline, and a box that says where it is."""

    box: _Box
    points: Any

    @property
    def baseline(self) -> float:
        """Height of the baseline."""
        return float(self.box.points[0, 1])

    def put(self, x: float, y: float, align: Align = "center") -> Self:
        """Move so that the baseline is at `y` and the box is aligned at `x`."""
        left, right = self.box.points[0, 0], self.box.points[-1, 0]
        here = left + (right - left) * _PLACE[align]
        self.shift(np.array([x - here, y - self.baseline, 0.0]))
        return self

    def put_mid(self, x: float, y: float, align: Align = "center") -> Self:
        """Move so that the middle of the capitals is at `y`."""
        height = float(self.box.points[-1, 1]) - self.baseline
        return self.put(x, y - height / 2, align)

    @property
    def left_edge(self) -> float:
        """Left end of the box."""
        return float(self.box.points[0, 0])

    @property
    def right_edge(self) -> float:
        """Right end of the box."""
        return float(self.box.points[-1, 0])


class Card(Group):
    """A text on a small ground of its own: what is behind does not cross it."""

    def __init__(self, text: OnBaseline, air: float = 0.08) -> None:
        self.text = text
        low, high = text.box.points[0], text.box.points[-1]
        self.ground = RoundedRectangle(
            corner_radius=0.08, width=high[0] - low[0] + 2 * air, height=high[1] - low[1] + 0.2,
            stroke_width=0, fill_color=theme.BACKGROUND, fill_opacity=0.9,
        )  # fmt: skip
        super().__init__(self.ground, text)

    def put(self, x: float, y: float, align: Align = "center") -> Self:
        """As the text's own."""
        return self._around(self.text.put(x, y, align))

    def put_mid(self, x: float, y: float, align: Align = "center") -> Self:
        """As the text's own."""
        return self._around(self.text.put_mid(x, y, align))

    def _around(self, text: OnBaseline) -> Self:
        self.ground.move_to((text.box.points[0] + text.box.points[-1]) / 2)
        return self

    @property
    def left_edge(self) -> float:
        """Left end of the text."""
        return self.text.left_edge

    @property
    def right_edge(self) -> float:
        """Right end of the text."""
        return self.text.right_edge


def _filled(points: NDArray[np.float64], colour: str) -> VMobject:
    shape = VMobject(stroke_width=0, fill_color=colour, fill_opacity=1)
    shape.points = points
    return shape


class Words(VGroup, OnBaseline):
    """Text that does not change; one shape for each colour in it.

    `text` is what is read, `figures` are the numbers within it, `role` says what it is for.
    Text wider than `width` is broken into lines, `pitch` apart; its box is the first line's.
    """

    def __init__(
        self,
        parts: Sequence[Piece],
        figures: Mapping[str, Figure],
        *,
        size: float,
        colour: str,
        role: Role,
        bold: bool = False,
        width: float | None = None,
        pitch: float = theme.LINE_PITCH,
        align: Align = "center",
    ) -> None:
        self.text = "".join(part.text for part in parts)
        self.figures = tuple(figures[part.name] for part in parts if part.name)
        self.size, self.role, self.colour = size, role, theme.hue(colour)
        tints = [
            tint for part in parts for tint in [_tint(part, figures, self.colour)] * len(part.text)
        ]
        self.lines = lines.broken(self.text, size, bold, width)
        drawn = [glyphs.outline(self.text[a:b], bold) for a, b in self.lines]
        widest = max(one.width for one in drawn)
        groups: dict[str, list[NDArray[np.float64]]] = {}
        for k, ((a, b), one) in enumerate(zip(self.lines, drawn, strict=True)):
            inked = [
                t for t, ch in zip(tints[a:b], self.text[a:b], strict=True) if not ch.isspace()
            ]
            shift = np.array([(widest - one.width) * size * _PLACE[align], -k * pitch, 0.0])
            for tint, outline in zip(inked, one.glyphs, strict=True):
                groups.setdefault(tint, []).append(outline * size + shift)
        super().__init__(*[_filled(np.concatenate(ps), tint) for tint, ps in groups.items()])
        self.box = _Box(widest * size, drawn[0].cap_height * size)
        self.add(self.box)


def _tint(part: Piece, figures: Mapping[str, Figure], colour: str) -> str:
    """The colour of a part: a figure's own, if it has one."""
    figure = figures.get(part.name) if part.name else None
    hue = colour if figure is None else theme.hue(figure.colour)
    return colour if hue == theme.INK else hue


class LiveNumber(OnBaseline):
    """A number that can change without new objects: one shape whose points are replaced.

    It keeps a box wide enough for every value in `room`; digits are tabular and, unless
    `align` says otherwise, sit at the right of the box, so that the point stays still.
    """

    role: Role = "number"

    def __init__(
        self,
        figure: Figure,
        *,
        size: float,
        bold: bool = True,
        room: Iterable[Value] = (),
        align: Align = "right",
    ) -> None:
        super().__init__(stroke_width=0, fill_color=theme.hue(figure.colour), fill_opacity=1)
        self.name, self.spec, self.size, self.bold, self.align = (
            figure.name,
            figure.spec,
            size,
            bold,
            align,
        )
        self.colour = theme.hue(figure.colour)
        self._table = glyphs.digits(bold)
        values = [figure.value, *room]
        self._nominal = max(self._advance(shown(v, figure.spec)) for v in values) * size
        self.box = _Box(self._nominal, glyphs.cap_height(size, bold))
        self.add(self.box)
        self.value: Value = figure.value
        self.text = ""
        self.show(figure.value)

    def resize(self, size: float) -> Self:
        """Be as if set at `size`, its baseline's left end where it was."""
        if size != self.size:
            factor = size / self.size
            self.size, self._nominal = size, self._nominal * factor
            self.scale(factor, about_point=self.box.points[0].copy())
        return self

    def widen(self, value: Value, spec: str) -> Self:
        """Have room for another value, too; what is shown stays where it is."""
        needed = self._advance(shown(value, spec)) * self.size
        if needed > self._nominal + 1e-9:
            left, right = self.box.points[0].copy(), self.box.points[-1].copy()
            extra = (right[0] - left[0]) * (needed / self._nominal - 1)
            left[0] -= extra * _PLACE[self.align]
            right[0] += extra * (1 - _PLACE[self.align])
            self.box.points = np.linspace(left, right, 4)
            self._nominal = needed
        return self

    def _advance(self, text: str) -> float:
        return sum(self._table[ch].advance for ch in text)

    def show(self, value: Value) -> None:
        """Show `value` where the number is now; nothing is copied or built anew."""
        self.value = value
        text = shown(value, self.spec)
        if text == self.text and len(self.points):
            return
        self.text = text
        left, right = self.box.points[0], self.box.points[-1]
        scale = self.size * float(right[0] - left[0]) / self._nominal
        slack = self._nominal / self.size - self._advance(text)
        pen = slack * _PLACE[self.align]
        placed = []
        for character in text:
            digit = self._table[character]
            placed.append((digit.points + np.array([pen, 0.0, 0.0])) * scale + left)
            pen += digit.advance
        self.points = np.concatenate(placed)


def row(pieces: Sequence[OnBaseline], x: float, y: float, *, gap: float, align: Align) -> VGroup:
    """Set texts one after the other on the baseline `y`, `gap` apart; returns their group."""
    total = sum(p.right_edge - p.left_edge for p in pieces) + gap * (len(pieces) - 1)
    pen = x - total * _PLACE[align]
    for piece in pieces:
        piece.put(pen, y, "left")
        pen = piece.right_edge + gap
    return VGroup(*pieces)
