"""Clips of a few seconds that are no part of the course; workers find this file by its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manim import FadeIn, Rectangle
from pydantic import Field

from scenes.catalogue import ClipRef
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Live, plain

WORDS = Path(__file__).with_name("words")


@dataclass(frozen=True)
class TinyRun:
    """The only number there is."""

    half: float


class TinyParams(ClipParams):
    """Its parameter."""

    whole: float = Field(0.25, gt=0, le=10, description="twice the half")


class TinyClip(Clip):
    """Two sections."""

    words_file = WORDS / "tiny.toml"
    Params = TinyParams

    @staticmethod
    def compute(params: Any) -> TinyRun:
        """Half of it."""
        return TinyRun(params.whole / 2)

    def quantities(self, run: TinyRun) -> dict[str, Any]:
        """The half."""
        return {"half": plain(run.half, "half", digits=3)}

    def construct(self) -> None:
        """A field of colour, then a number."""
        self.section("colour")
        field = Rectangle(
            width=6, height=2, stroke_width=0, fill_color=theme.OUTPUT, fill_opacity=1
        )
        self.say("colour", along=[FadeIn(field)])
        self.section("number")
        self.figure(self.book.ref("half").figure)
        self.play(FadeIn(Live(self.book.ref("half")).put(0, 2)))


class OtherClip(TinyClip):
    """The same by another name."""

    words_file = WORDS / "other.toml"


class BrokenClip(Clip):
    """Fails: it cannot compute."""

    words_file = WORDS / "broken.toml"


_CLASSES: dict[str, type[Clip]] = {"tiny": TinyClip, "other": OtherClip, "broken": BrokenClip}


@dataclass(frozen=True)
class TinyRef(ClipRef):
    """Finds the clips here."""

    @property
    def path(self) -> Path:
        """Beside the words."""
        return WORDS / f"{self.module}.py"

    @property
    def dotted(self) -> str:
        """A module of ours that all clips use."""
        return "scenes.kit.clip"

    def load(self) -> Any:
        """The class above."""
        return _CLASSES[self.module]


TINY, OTHER, BROKEN = (TinyRef(name, "tests", name) for name in _CLASSES)
