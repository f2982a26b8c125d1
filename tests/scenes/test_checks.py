"""The checks of the clips catch a planted fault of each kind, and no other."""

from __future__ import annotations

import re
from typing import Any

import checks
import numpy as np
import pytest
from manim import (
    DecimalNumber,
    FadeIn,
    FadeOut,
    Group,
    ImageMobject,
    Line,
    Rectangle,
    Square,
    Text,
    linear,
)
from planted import Picture, Plant, words

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.ledger import Figure
from scenes.kit.motion import Sweep
from scenes.kit.quantities import Live, plain
from scenes.kit.stage import Box
from scenes.kit.story import View
from scenes.kit.text.formula import Formula
from scenes.kit.text.words import LiveNumber, Words
from scenes.kit.views.worked import Worked


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
        self.add(LiveNumber(Figure("planted", 1 / 3, ".2f"), size=30).put(3, 1))


class NotOfTheRun(Plant):
    def plant(self) -> None:
        self.view.add(Live(plain([0.1 + 0.2], "sum")[0], 30).put(3, 1))
        self._settle()


class LastBit(Plant):
    def plant(self) -> None:
        self.view.add(Live(plain([0.33333333333333337], "third 1")[0], 30).put(3, 1))
        self._settle()


class Untrue(Plant):
    """For a moment a number is another than its own."""

    def plant(self) -> None:
        self.number.show(0.34)
        self.wait(2)
        self.number.rest()


class Drifting(Plant):
    """A number runs without a law."""

    def plant(self) -> None:
        self.play(Sweep([self.number], lambda a: self.number.show(1 / 3 + a), run_time=2))
        self.number.rest()


class AgainstItsLaw(Plant):
    def plant(self) -> None:
        self.number.follow(lambda: 0.5)
        self.number.show(0.25)
        self.wait(2)
        self.number.rest()


class ChangedText(Plant):
    """A number whose digits are not its value's."""

    def plant(self) -> None:
        self.number.text = "0.4444"
        self.wait(2)
        self.number.text = "0.3333"


class Unseen(Plant):
    """A caption says a number that the picture does not show."""

    def plant(self) -> None:
        self.tell("unseen")


class FalseLine(Plant):
    """A third and two thirds of the digits are not one, and the line says they are."""

    says = "nothing"
    source = "[third.0] + [third.0] = [third.1]"

    def picture(self) -> View:
        class Line(Worked):
            def place(self, box: Box) -> None:
                super().place(box)
                self.add(Rectangle(width=10, height=4, stroke_color=theme.RULE))

        return Line(self.source)

    def plant(self) -> None:
        self.view.signs[0].be(True)


class FalseAbout(FalseLine):
    """A line that is exact says that it is about so."""

    source = "[half.1] + [half.1] = [half.0]"

    def plant(self) -> None:
        self.view.signs[0].be(False)


class WrongLine(FalseLine):
    """Not even about."""

    source = "[count.0] + [count.0] = [half.0]"

    def plant(self) -> None:
        pass


class Overlapping(Plant):
    def plant(self) -> None:
        self.add(words("one").put(3, 1), words("other").put(3.2, 1.05))


class OverSign(Plant):
    def plant(self) -> None:
        self.add(Formula("A = B").move_to([3, 1, 0]), words("other").put(3.2, 1.0))


class OutOfFrame(Plant):
    def plant(self) -> None:
        self.add(words("far away").put(6.9, 1))


class ShapeOutOfFrame(Plant):
    def plant(self) -> None:
        self.add(Square(1, color=theme.INK).move_to([6.8, 0, 0]))


class OutOfArea(Plant):
    def plant(self) -> None:
        self.view.add(words("too low").put(0, theme.PICTURE_BOTTOM - 0.25))


class WhileRunning(Plant):
    """A number that passes over a label on its way, clear of it at the end."""

    def plant(self) -> None:
        self.add(words("on the way, which is long").put(0, 1.5))
        start = self.number.get_center()
        self.number.put(-3, 1.5)
        self.play(self.number.animate.put(3, 1.5), run_time=3)
        self.number.move_to(start)


class TooSmall(Plant):
    def plant(self) -> None:
        self.add(words("tiny", size=theme.TICK).put(3, 1))


class Shrunk(Plant):
    def plant(self) -> None:
        self.add(words("tiny").put(3, 1).scale(0.5))


class TooWide(Plant):
    """A number with more digits than it has room for."""

    def plant(self) -> None:
        self.number.follow(lambda: 12345.5)
        self.wait(2)
        self.number.rest()


class Faint(Plant):
    def plant(self) -> None:
        self.add(words("faint", colour="rule").put(3, 1))


class OnBright(Plant):
    def plant(self) -> None:
        panel = Square(2, fill_color=theme.INK, fill_opacity=1).move_to([3, 1, 0])
        self.add(panel, words("lost").put(3, 1))


class Crossed(Plant):
    def plant(self) -> None:
        label = words("crossed out").put(3, 1)
        line = Line(color=theme.MUTED, stroke_width=5).put_start_and_end_on(
            [label.left_edge - 1, 1.07, 0], [label.right_edge + 1, 1.07, 0]
        )
        self.add(line, label)


class Flash(Plant):
    def plant(self) -> None:
        label = words("flash").put(3, 1)
        self.add(label)
        self.wait(0.4)
        self.remove(label)


class GoneTooSoon(Plant):
    def plant(self) -> None:
        assert self.caption is not None
        self.wait(1)
        self.remove(self.caption)
        self.caption = None


class LongCaption(Plant):
    def plant(self) -> None:
        self.tell("long")


class TooLong(Plant):
    def plant(self) -> None:
        self.wait(60)


class Empty(Plant):
    """The picture goes, and comes back."""

    def plant(self) -> None:
        self.wait(1)
        self.remove(self.view.group)
        self.wait(1)
        self.add(self.view.group)


class DoubleExposure(Plant):
    def picture(self) -> View:
        return Images("third.0")

    def plant(self) -> None:
        there, back = self.view.images
        self.play(
            Sweep([there, back], lambda a: self._mix(there, back, a), run_time=2, rate_func=linear)
        )

    @staticmethod
    def _mix(there: Any, back: Any, share: float) -> None:
        there.set_opacity(share)
        back.set_opacity(1 - share)


class Images(Picture):
    """Two pictures in one place, of which one is seen."""

    def build(self) -> None:
        super().build()
        grey = np.full((8, 8, 3), 40, np.uint8)
        self.images = [ImageMobject(grey).set_opacity(0), ImageMobject(grey)]
        self.group.submobjects = [*self.images, *self.group.submobjects]

    def place(self, box: Box) -> None:
        super().place(box)
        for image in self.images:
            image.height = box.height * 0.9
            image.move_to([box.x, box.y, 0])


class ViewsCrossfade(Plant):
    """Another picture comes while the first goes, in the same place."""

    def plant(self) -> None:
        other = Group(Rectangle(width=9, height=4, color=theme.INK))
        self.wait(1)
        self.play(FadeOut(self.view.group), FadeIn(other), run_time=2)


class LeftBehind(Plant):
    """A picture that nobody took away lies under the next one."""

    def picture(self) -> View:
        return Images("third.0")

    def plant(self) -> None:
        self.add(self.view.images[1].copy())


class SmallFirst(Plant):
    """The first frame shows hardly anything."""

    def picture(self) -> View:
        return Small("third.0")

    def plant(self) -> None:
        aside = words("aside").put(0, 2)
        self.add(aside)
        self.beat("again", picture=Picture("third.0"))
        self.remove(aside)


class SmallLast(Plant):
    """The last frame shows hardly anything."""

    def plant(self) -> None:
        self.add(words("aside").put(0, 2))
        self.beat("again", picture=Small("third.0"))


class Small(Picture):
    """A picture in the middle of nothing."""

    def place(self, box: Box) -> None:
        super().place(Box(box.x, box.y, 3, 2))


FAULTS = [
    (Literal, "did not come through the kit"),
    (Decimal, "did not come through the kit"),
    (TypedDigits, "digits without an origin"),
    (FalseTick, "digits without an origin"),
    (OffLedger, "is not in the ledger"),
    (NotOfTheRun, "is no member of the run"),
    (LastBit, "is no member of the run"),
    (Untrue, "shows 0.3400, and is 0.3333"),
    (Drifting, "and is 0.3333"),
    (AgainstItsLaw, "shows 0.2500, and is 0.5"),
    (ChangedText, "reads '0.4444'"),
    (Unseen, "and the picture never shows it"),
    (FalseLine, "says =, and is off by"),
    (FalseAbout, "says ≈, and is exact"),
    (WrongLine, "is off by"),
    (Overlapping, "overlap"),
    (OverSign, "overlap|is crossed"),
    (OutOfFrame, "leaves the safe frame"),
    (ShapeOutOfFrame, "leaves the safe frame"),
    (OutOfArea, "leaves its area"),
    (WhileRunning, "overlap"),
    (TooSmall, "pixels high"),
    (Shrunk, "pixels high"),
    (TooWide, "wider than its room"),
    (Faint, "contrast"),
    (OnBright, "contrast"),
    (Crossed, "is crossed by"),
    (Flash, "stays"),
    (GoneTooSoon, "stays"),
    (LongCaption, "nor after it"),
    (TooLong, "the clip takes"),
    (Empty, "there is no picture"),
    (DoubleExposure, "shine through each other"),
    (ViewsCrossfade, "shine through each other"),
    (LeftBehind, "lies on another"),
    (SmallFirst, "the first frame is no poster"),
    (SmallLast, "the last frame is no poster"),
]


def test_a_clip_that_keeps_the_rules_has_no_faults() -> None:
    for lang in ("en", "zh"):
        assert checks.faults_of(Plant, lang=lang).faults == []


@pytest.mark.parametrize(("clip", "says"), FAULTS, ids=[c.__name__ for c, _ in FAULTS])
def test_a_planted_fault_is_caught(clip: type[Plant], says: str) -> None:
    faults = checks.faults_of(clip).faults
    assert faults
    assert all(re.search(says, fault) for fault in faults), faults


@pytest.mark.parametrize("clip", [Faint, OnBright, Crossed], ids=lambda c: c.__name__)
def test_what_cannot_be_read_in_a_light_room_is_caught(clip: type[Plant]) -> None:
    light = theme.Look(theme="light")
    assert checks.faults_of(Plant, look=light).faults == []
    faults = checks.faults_of(clip, look=light).faults
    assert faults
    assert all(re.search("contrast|is crossed by", fault) for fault in faults), faults


class InALabel(Plant):
    """A caption's figure that a label of the picture says."""

    def plant(self) -> None:
        figure = self.book.count[0].figure
        said = {"count.0": self.figure(figure)}
        label = Words([Piece("all "), Piece(figure.text, "count.0")], said, size=theme.LABEL,
                      colour="ink", role="label")  # fmt: skip
        self.add(label.put(3, 1))
        self.tell("unseen")


class Turning(Plant):
    """A number is told what it is next, and shows what it was until it has turned."""

    def plant(self) -> None:
        self.wait(1)
        self.number.be(self.book.third[1])
        self.play(self.view.frame.animate.set_stroke(opacity=0.9), run_time=0.5)
        self.number.rest()
        self._settle()


class Following(Plant):
    """A number shows what its law computes."""

    def plant(self) -> None:
        share = [0.0]
        self.number.follow(lambda: share[0] ** 2)

        def draw(alpha: float) -> None:
            share[0] = alpha
            self.number.show(alpha**2)

        self.play(Sweep([self.number], draw, run_time=2))
        self._settle()


class Merging(Plant):
    """What arrives merges with what is there, in a moment."""

    def plant(self) -> None:
        number = Live(self.number.ref, theme.NUMBER).put(0, 2)
        self.play(FadeIn(number))
        self.wait(1)
        self.play(number.animate.move_to(self.number), run_time=0.4)
        self.remove(number)


@pytest.mark.parametrize("clip", [Turning, Following, Merging, InALabel], ids=lambda c: c.__name__)
def test_what_is_right_is_no_fault(clip: type[Plant]) -> None:
    assert checks.faults_of(clip).faults == []


def test_a_fault_names_its_second_and_its_section() -> None:
    (fault,) = checks.faults_of(Overlapping).faults
    assert fault.endswith("s, box: the text 'one' and the text 'other' overlap")
