"""A machine: what goes in, a box with something in it, what comes out, a constant to be turned."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from manim import Animation, Circle, Group, RoundedRectangle, linear, smooth

from scenes.kit import theme
from scenes.kit.edges import Sparks
from scenes.kit.ledger import Value
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.shapes import Arrow, Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.text.words import OnBaseline
from scenes.kit.views.pinned import Pinned

_SWEEP = 1.5 * math.pi  # how far the knob can be turned
_KNOB = 0.3
_GAP = 0.2
_TAIL = 0.1  # of letters under their line
_PULSE = 1.1
_COLD, _WARM = 0.06, 0.2  # how much of its colour fills the box
_SHORTEST = 0.45  # of an arrow
_SIZES = (theme.NUMBER_LARGE, theme.NUMBER, theme.FORMULA, theme.NUMBER_SMALL, theme.CAPTION)

Law = Callable[[float], Value]


class MachineView(Pinned):
    """A box that makes an output of an input. `inside` is the sign in it, "?" at first.

    `units` are the keys of the labels under input and output; `reach` is how far the constant
    can be turned, from all the way left to all the way right.

        machine = MachineView(book.x[0], units=("inputs", "outputs"), reach=(0.0, 2.0))
        self.stage("machine")
        self.beat("network", machine.open("× w"), machine=machine, idle=machine.idle)
        self.beat("sum", machine.set("w =", book.w[0, 0]), machine.make(book.s[0]))
    """

    def __init__(
        self,
        given: Ref,
        *,
        units: tuple[str, str] = ("", ""),
        inside: str = "?",
        reach: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        super().__init__()
        self.given, self.units, self.first, self.reach = given, units, inside, reach
        self.output: Live | None = None
        self.constant: Live | None = None
        self.turned = 0.0

    def build(self) -> None:
        """Box, arrows, the input and the units."""
        self.case = RoundedRectangle(
            corner_radius=0.16,
            width=3,
            height=1.4,
            stroke_color=theme.WEIGHT,
            stroke_width=theme.LINE,
            fill_color=theme.mix(theme.BACKGROUND, theme.WEIGHT, _COLD),
            fill_opacity=1,
        )
        self.input = Live(self.given, theme.NUMBER_LARGE, whole=False, align="center")
        self.arrows = (Arrow([0, 0], [1, 0], "input"), Arrow([0, 0], [1, 0], "output"))
        self.sign = self.story.symbol(self.first, size=theme.ANSWER, bold=True)
        self.sign.set_color(theme.WEIGHT)
        self.sparks = Sparks("ink")
        self.pin(self.sparks, lambda: None)
        for arrow, ends in zip(self.arrows, (self._way_in, self._way_out), strict=True):
            self.pin(arrow, lambda a=arrow, e=ends: a.draw(*e()))  # type: ignore[misc]
        self.pin(self.case, self._put_case)
        self.pin(self.sign, lambda: self.sign.put_mid(*self.middle))
        self.pin(self.input, lambda: self._put_number(self.input, -1))
        self.texts: list[OnBaseline] = [self.input]
        for side, key, hue in ((-1, self.units[0], "input"), (1, self.units[1], "output")):
            if key:
                words = self.story.label(key, colour=hue)
                self.texts.append(words)
                self.pin(words, lambda w=words, s=side: self._put_unit(w, s))  # type: ignore[misc]

    # Places

    def lay(self, box: Box) -> None:
        """Box in the middle, numbers at its sides, what the constant is over it."""
        self.knob = _KNOB if box.height > 1.6 else 0.75 * _KNOB
        self.apart = _GAP if box.height > 1.6 else 0.5 * _GAP
        over = 2 * self.knob + self.apart
        self.width = min(max(0.26 * box.width, 1.8), 3.8)
        self.height = min(max(box.height - over, 0.6), max(0.75 * self.width, 0.38 * box.height))
        self.middle = (box.x, box.y - over / 2)
        side = (box.width - self.width) / 2
        text = self._fit(side - 2 * _GAP - _SHORTEST)
        self.arrow = min(max(side - text - 2 * _GAP, _SHORTEST), 1.7)
        self.numbers = self.width / 2 + self.arrow + 2 * _GAP + text / 2
        low = self.middle[1] - 0.36 - self.input.box.height / 2 - _TAIL
        self.lift = max(0.0, box.bottom - low)  # numbers and units stand higher in a low box

    def _fit(self, room: float) -> float:
        """Set the numbers as large as the room lets them be; the widest text's width."""
        for size in _SIZES:
            for text in self.texts:
                if isinstance(text, Live):
                    text.resize(size)
            widest = max(t.right_edge - t.left_edge for t in self.texts)
            if widest <= room:
                break
        return widest

    def _put_case(self) -> None:
        self.case.stretch_to_fit_width(self.width).stretch_to_fit_height(self.height)
        self.case.move_to([*self.middle, 0])

    def _way_in(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = self.middle
        end = x - self.width / 2 - 0.08
        return np.array([end - self.arrow, y]), np.array([end, y])

    def _way_out(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = self.middle
        start = x + self.width / 2 + 0.08
        return np.array([start, y]), np.array([start + self.arrow, y])

    def _put_number(self, number: Live, side: int) -> None:
        x, y = self.middle
        number.put_mid(x + side * self.numbers, y + 0.12 + self.lift)

    def _put_unit(self, words: Group, side: int) -> None:
        x, y = self.middle
        words.put(x + side * self.numbers, y - 0.36 + self.lift - self.input.box.height / 2)

    # Verbs

    @verb
    def open(self, inside: str) -> Step:
        """Another sign is in the box now."""
        old = self.sign
        self.sign = self.story.symbol(inside, size=theme.NUMBER_LARGE, bold=True)
        self.sign.set_color(theme.WEIGHT)
        new = self.sign
        self.pin(new, lambda: new.put_mid(*self.middle))
        self.anchors.pop(old, None)
        return Step(FadeOut(old), FadeIn(new), run_time=theme.FADE)

    @verb
    def set(self, name: str, constant: Ref) -> Step:
        """The constant comes, with the knob by which it is turned."""
        self.constant = Live(constant, theme.FORMULA, align="left")
        words = self.story.symbol(name, size=theme.FORMULA)
        knob = Circle(_KNOB, stroke_color=theme.WEIGHT, stroke_width=theme.LINE,
                      fill_color=theme.PANEL, fill_opacity=1)  # fmt: skip
        self.hand = Stroke([[0, 0], [0, 1]], "weight", 5)
        self.turned = float(constant.value)
        group = Group(knob, self.hand, words, self.constant)
        live = self.constant

        def put() -> None:
            x, y = self.middle
            y += self.height / 2 + self.apart + self.knob
            total = 2 * self.knob + _GAP + (words.right_edge - words.left_edge) + 0.16
            total += live.right_edge - live.left_edge
            self.hub = np.array([x - total / 2 + self.knob, y])
            knob.scale_to_fit_width(2 * self.knob).move_to([*self.hub, 0])
            words.put_mid(x - total / 2 + 2 * self.knob + _GAP, y, "left")
            live.put_mid(words.right_edge + 0.16, y, "left")
            self._point()

        self.pin(group, put)
        return Step(FadeIn(group), run_time=theme.FADE)

    def _point(self) -> None:
        low, high = self.reach
        share = (self.turned - low) / (high - low)
        angle = math.pi / 2 + _SWEEP * (0.5 - min(max(share, 0.0), 1.0))
        way = np.array([math.cos(angle), math.sin(angle)])
        self.hand.draw([self.hub, self.hub + self.knob * way])

    @verb
    def make(self, output: Ref) -> list[Step]:
        """The input runs through; what comes out stands at the right."""
        pulse = Sweep([self.sparks, self.case], self._pulse, run_time=_PULSE, rate_func=linear)
        if self.output is None:
            live = self.output = Live(output, theme.NUMBER_LARGE, align="center")
            self.texts.append(live)
            assert self.box is not None
            self.place(self.box)  # the numbers' room has changed
            self.pin(live, lambda: self._put_number(live, 1))
            return [Step(pulse, run_time=_PULSE), Step(FadeIn(live), run_time=theme.FADE)]
        self.output.be(output)
        return [Step(pulse, run_time=_PULSE)]

    @verb
    def turn(
        self, constant: Ref, output: Ref, laws: tuple[Law, Law], *, run_time: float = theme.COUNT,
        rate_func: Callable[[float], float] = smooth,
    ) -> Step:  # fmt: skip
        """The constant is turned: at each instant it and the output are what `laws` compute."""
        assert self.constant is not None and self.output is not None
        for number, ref in ((self.constant, constant), (self.output, output)):
            number.aim(ref)

        def draw(alpha: float) -> None:
            self.turned = float(laws[0](alpha))
            self._point()

        numbers = dict(zip((self.constant, self.output), laws, strict=True))
        return process(draw, [self.hand], numbers, run_time=run_time, rate_func=rate_func)

    def _pulse(self, alpha: float) -> None:
        """One light on its way in, then on its way out; the box glows as it passes, and cools."""
        start, end = self._way_in() if alpha < 0.5 else self._way_out()
        self.sparks.draw([start], [end], 2 * alpha % 1)
        warm = alpha / 0.5 if alpha < 0.5 else 1 - (alpha - 0.5) / 0.5
        self._glow(warm * warm)

    def _glow(self, warm: float) -> None:
        share = _COLD + (_WARM - _COLD) * warm
        self.case.set_fill(theme.mix(theme.BACKGROUND, theme.WEIGHT, share), opacity=1)

    def idle(self, seconds: float) -> Animation:
        """Lights run through, one after the other, for so long."""
        rounds = max(1, round(seconds / (1.4 * _PULSE)))
        return Sweep(
            [self.sparks, self.case], lambda a: self._pulse(a * rounds % 1), run_time=seconds,
            rate_func=linear,
        )  # fmt: skip
