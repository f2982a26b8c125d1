"""What is on screen at a moment: texts, shapes, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from manim import DecimalNumber, Mobject, Text
from manim.mobject.text.tex_mobject import SingleStringMathTex
from manim.mobject.text.text_mobject import MarkupText
from manim.mobject.text.typst_mobject import Typst

from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.text.words import LiveNumber, Words

FOREIGN = (Text, MarkupText, SingleStringMathTex, Typst, DecimalNumber)
LEAVES = (Words, LiveNumber, *FOREIGN)
SEEN = 0.6
"""A text that is less opaque is on its way in, out, or elsewhere."""

Ink = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A text on screen: its object, what it reads, where its ink is."""

    mobject: Any
    text: str
    ink: Ink
    opacity: float
    parents: tuple[Mobject, ...]

    @property
    def name(self) -> str:
        """What it is called in a fault: a number keeps its name while it runs."""
        if isinstance(self.mobject, LiveNumber):
            return f"the number {self.mobject.name!r}"
        return f"the text {self.text!r}"


@dataclass(frozen=True, eq=False)
class Shape:
    """What is drawn and no text: its object, where its ink is, how opaque it is."""

    mobject: Any
    ink: Ink
    opacity: float
    top: Mobject

    @property
    def area(self) -> float:
        """Of its bounding box, square frame units."""
        return (self.ink[2] - self.ink[0]) * (self.ink[3] - self.ink[1])


def opacity(mobject: Any) -> float:
    """How opaque the most opaque of an object's own ink is."""
    if hasattr(mobject, "pixel_array"):
        return float(mobject.pixel_array[::4, ::4, 3].max(initial=0)) / 255
    if not len(mobject.points):
        return 0.0
    line = _alpha(mobject, "stroke_rgbas") if getattr(mobject, "stroke_width", 0) > 0 else 0.0
    return max(_alpha(mobject, "fill_rgbas"), line)


def _alpha(mobject: Any, name: str) -> float:
    rgbas = getattr(mobject, name, ())
    return float(rgbas[0, 3] if len(rgbas) == 1 else rgbas[:, 3].max() if len(rgbas) else 0.0)


def ink(parts: Sequence[Mobject]) -> Ink | None:
    """The box round the points of objects; None if they have none."""
    clouds = [p.points for p in parts if len(p.points)]
    if not clouds:
        return None
    points = clouds[0] if len(clouds) == 1 else np.concatenate(clouds)
    (left, bottom, _), (right, top, _) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, bottom, right, top


@dataclass(eq=False)
class Frame:
    """A clip at a moment. What is asked of it is found once."""

    clip: Any
    second: float

    @property
    def section(self) -> str:
        """The section's name."""
        return str(self.clip.section_name)

    @cached_property
    def all_texts(self) -> list[Seen]:
        """Every text, however faint."""
        return [s for m in self.clip.mobjects for s in _texts(m, ())]

    @cached_property
    def texts(self) -> list[Seen]:
        """The texts that are seen."""
        return [s for s in self.all_texts if s.opacity > SEEN]

    @cached_property
    def shapes(self) -> list[Shape]:
        """All that is drawn and no text."""
        return [s for m in self.clip.mobjects for s in _shapes(m, m)]

    def content(self, least: float = 0.3) -> list[Ink]:
        """Where the picture is: all that is drawn but title and captions."""
        words = [
            s.ink
            for s in self.all_texts
            if s.opacity > least and getattr(s.mobject, "role", "") not in ("title", "caption")
        ]
        return words + [s.ink for s in self.shapes if s.opacity > least]


def _texts(mobject: Mobject, parents: tuple[Mobject, ...]) -> Iterator[Seen]:
    if not isinstance(mobject, LEAVES):
        for part in mobject.submobjects:
            yield from _texts(part, (*parents, mobject))
        return
    box = getattr(mobject, "box", None)
    shapes = [s for s in mobject.get_family() if s is not box]
    where = ink(shapes)
    if where is None:
        return
    text = str(getattr(mobject, "text", "") or getattr(mobject, "typst_code", ""))
    if isinstance(mobject, DecimalNumber):
        text = str(mobject.get_value())
    yield Seen(mobject, text, where, max(_alpha(s, "fill_rgbas") for s in shapes), parents)


def _shapes(mobject: Mobject, top: Mobject) -> Iterator[Shape]:
    if isinstance(mobject, LEAVES):
        return
    seen = opacity(mobject)
    if seen > 0:
        where = ink([mobject])
        if where is not None:
            yield Shape(mobject, where, seen, top)
    for part in mobject.submobjects:
        yield from _shapes(part, top)


def around(boxes: Sequence[Ink]) -> Ink | None:
    """The box round boxes."""
    if not boxes:
        return None
    found = np.array(boxes)
    left, bottom = found[:, :2].min(axis=0)
    right, top = found[:, 2:].max(axis=0)
    return float(left), float(bottom), float(right), float(top)


def within_picture(box: Ink) -> Ink:
    """A box, as much of it as lies between title and caption."""
    return (
        max(box[0], theme.LEFT),
        max(box[1], theme.PICTURE_BOTTOM),
        min(box[2], theme.RIGHT),
        min(box[3], theme.PICTURE_TOP),
    )


class Faults:
    """Breaches as sentences, each once, with the second and the section where it came first."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def add(self, frame: Frame, says: str, kind: str = "") -> None:
        """Note a breach; of one `kind` in a section only the first."""
        key = f"{frame.section}: {kind}" if kind else says
        self.found.setdefault(key, f"{frame.second:.1f} s, {frame.section}: {says}")

    def note(self, says: str) -> None:
        """Note a breach of the whole clip."""
        self.found.setdefault(says, says)

    @property
    def sentences(self) -> list[str]:
        """All of them, in order."""
        return list(self.found.values())


def looked(clip: Clip) -> Frame:
    """The clip as it stands."""
    return Frame(clip, float(clip.time))
