"""The checks of the clips catch a planted fault of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import checks
import pytest
from manim import DecimalNumber, FadeIn, Square, Text

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.clip import Clip
from scenes.kit.text.formula import Formula
from scenes.kit.text.words import LiveNumber, Words


@dataclass(frozen=True)
class PlantRun:
    """Two numbers."""

    third: float
    count: int


class Plant(Clip):
    """A clip that keeps every rule, into which a test plants one fault."""

    slug = "predictor"

    @staticmethod
    def compute(params: Any) -> PlantRun:
        return PlantRun(1 / 3, 8)

    def construct(self) -> None:
        self.section("box")
        number = self.number("third", self.run.third, ".3f")
        self.say("box", along=[FadeIn(number)])
        self.plant()
        self.wait(20)

    def plant(self) -> None:
        """Nothing is wrong yet."""


def words(
    text: str, size: float = theme.LABEL, colour: str = theme.INK, role: Any = "label"
) -> Words:
    return Words([Piece(text)], {}, size=size, colour=colour, role=role)


class Literal(Plant):
    def plant(self) -> None:
        self.add(Text("0.5").shift([3, 1, 0]))


class Decimal(Plant):
    def plant(self) -> None:
        self.add(DecimalNumber(0.5, mob_class=Text).shift([3, 1, 0]))


class TypedDigits(Plant):
    def plant(self) -> None:
        self.add(words("A = 0.5").put(3, 1))


class FalseTick(Plant):
    def plant(self) -> None:
        self.add(words("7", role="tick").put(3, 1))


class OffLedger(Plant):
    def plant(self) -> None:
        self.add(LiveNumber(checks.figure_of(self.run.third, ".2f"), size=30).put(3, 1))


class NotOfTheRun(Plant):
    def plant(self) -> None:
        self.add(self.number("sum", 0.1 + 0.2, ".2f").put(3, 1))


class LastBit(Plant):
    def plant(self) -> None:
        self.add(self.number("third", 0.33333333333333337, ".2f").put(3, 1))


class ChangedText(Plant):
    def plant(self) -> None:
        number = self.number("third", self.run.third, ".2f").put(3, 1)
        number.show(0.34)
        self.add(number)


class Overlapping(Plant):
    def plant(self) -> None:
        self.add(words("one").put(3, 1), words("other").put(3.2, 1.05))


class OverSign(Plant):
    def plant(self) -> None:
        formula = Formula("A = B").move_to([3, 1, 0])
        self.add(formula, words("other").put(3.2, 1.0))


class OutOfFrame(Plant):
    def plant(self) -> None:
        self.add(words("far away").put(6.9, 1))


class WhileRunning(Plant):
    """A number that passes over a label on its way, clear of it at the end."""

    def plant(self) -> None:
        self.add(words("on the way").put(0, 1.5))
        number = self.number("count", self.run.count, "d").put(-3, 1.5)
        self.play(FadeIn(number))
        self.play(number.animate.put(3, 1.5), run_time=3)


class TooSmall(Plant):
    def plant(self) -> None:
        self.add(words("tiny", size=12).put(3, 1))


class Shrunk(Plant):
    def plant(self) -> None:
        self.add(words("tiny").put(3, 1).scale(0.5))


class Faint(Plant):
    def plant(self) -> None:
        self.add(words("faint", colour="#3D444D").put(3, 1))


class OnBright(Plant):
    def plant(self) -> None:
        panel = Square(2, fill_color=theme.INK, fill_opacity=1).move_to([3, 1, 0])
        self.add(panel, words("lost").put(3, 1))


class Flash(Plant):
    def plant(self) -> None:
        label = words("flash").put(3, 1)
        self.add(label)
        self.wait(0.4)
        self.remove(label)


class GoneTooSoon(Plant):
    def plant(self) -> None:
        caption = self._caption
        assert caption is not None
        self.wait(1)
        self.remove(caption)
        self._caption = None


class TooLong(Plant):
    def plant(self) -> None:
        self.wait(60)


FAULTS = [
    (Literal, "did not come through the kit"),
    (Decimal, "did not come through the kit"),
    (TypedDigits, "digits without an origin"),
    (FalseTick, "digits without an origin"),
    (OffLedger, "the ledger does not have"),
    (NotOfTheRun, "is no member of the run"),
    (LastBit, "is no member of the run"),
    (ChangedText, "the ledger does not have"),
    (Overlapping, "overlap"),
    (OverSign, "overlap"),
    (OutOfFrame, "leaves the safe frame"),
    (WhileRunning, "overlap"),
    (TooSmall, "too small"),
    (Shrunk, "too small"),
    (Faint, "contrast"),
    (OnBright, "contrast"),
    (Flash, "stays"),
    (GoneTooSoon, "stays"),
    (TooLong, "the clip takes"),
]


def test_a_clip_that_keeps_the_rules_has_no_faults() -> None:
    assert checks.faults_of(Plant).faults == []


@pytest.mark.parametrize(("clip", "says"), FAULTS, ids=[c.__name__ for c, _ in FAULTS])
def test_a_planted_fault_is_caught(clip: type[Clip], says: str) -> None:
    faults = checks.faults_of(clip).faults
    assert faults
    assert all(says in fault for fault in faults), faults
