"""The predictor: guess, compare, correct, until kilometres become miles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from manim import Create, RoundedRectangle, VGroup, linear
from manim.constants import RIGHT, UP
from pydantic import Field

from nncore.predictor import (
    Correction,
    CorrectionStep,
    Guess,
    Guesses,
    guesses,
    predict,
    self_correct,
)
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import Figure, decimals
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.params import ClipParams
from scenes.kit.plane import Scale
from scenes.kit.shapes import Arrow, dashes, disc, point
from scenes.kit.text import LiveNumber, row

MACHINE_START_Y = 0.0
MACHINE_Y = 1.05
C_Y = 1.98
ARROW_END = 3.2
SCALE_Y = -1.2
GAP_Y = -0.62
READOUT_Y = -2.35
STEPS_SHOWN_SLOWLY = 3
QUICK_STEPS_TIME = 3.5
FINE = ".4f"
FINEST = ",.3f"


@dataclass(frozen=True)
class PredictorRun:
    """What the machine did: the guesses in turn, then the run in which C corrects itself."""

    guesses: Guesses
    correction: Correction
    corrections: int

    @property
    def outputs(self) -> list[float]:
        """Every output that the machine gave, miles."""
        steps = self.correction.steps
        return [g.output for g in self.guesses.guesses] + [s.output for s in steps]

    @property
    def errors(self) -> list[float]:
        """Every error that it made, miles."""
        steps = self.correction.steps
        return [g.error for g in self.guesses.guesses] + [s.error for s in steps]


class PredictorParams(ClipParams):
    """Parameters of the predictor."""

    kilometres: float = Field(100.0, gt=0, le=500, description="distance fed to the machine, km")
    miles: float = Field(62.137, gt=0, le=1000, description="its true length, miles")
    constants: tuple[Annotated[float, Field(ge=0, le=2)], ...] = Field(
        (0.5, 0.6, 0.7, 0.61), min_length=1, max_length=5, description="guesses for C, in turn"
    )
    learning_rate: float = Field(
        0.5, gt=0, le=1.9, description="share of the error that corrects C in each step"
    )
    tolerance: float = Field(
        0.05, ge=1e-3, le=100, description="error at which the machine stops, miles"
    )
    max_steps: int = Field(20, ge=1, le=30, description="most corrections the machine may make")


class Predictor(Clip):
    """Guess, compare, correct: how the constant C is found."""

    slug = "predictor"
    Params = PredictorParams
    run: PredictorRun

    @staticmethod
    def compute(params: PredictorParams) -> PredictorRun:
        """The guesses, and the self-correcting run from the first of them."""
        made = guesses(params.kilometres, params.miles, params.constants)
        corrected = self_correct(
            params.kilometres,
            params.miles,
            params.constants[0],
            params.learning_rate,
            params.tolerance,
            params.max_steps + 1,  # the last step only looks at where the corrections led
        )
        return PredictorRun(made, corrected, len(corrected.steps) - 1)

    def setup(self) -> None:
        """Choose how many decimals miles get: five or six digits in all."""
        super().setup()
        largest = max(abs(v) for v in (*self.run.outputs, self.run.guesses.true_miles))
        self.miles_spec = FINEST if largest < 100 else ",.2f" if largest < 1000 else ",.1f"

    def construct(self) -> None:
        """Draw the sections: the box, the example, each guess, the correction."""
        self._black_box()
        self._example()
        self._first_guess(self.run.guesses.guesses[0])
        for index in range(1, len(self.run.guesses.guesses)):
            self._next_guess(index)
        self._by_itself()

    # The machine

    def _black_box(self) -> None:
        self.section("box")
        km, y = self.run.guesses.kilometres, MACHINE_START_Y
        box = RoundedRectangle(
            corner_radius=0.16,
            width=3.0,
            height=1.4,
            stroke_color=theme.WEIGHT,
            stroke_width=theme.LINE,
            fill_color=theme.mix(theme.BACKGROUND, theme.WEIGHT, 0.08),
            fill_opacity=1,
        ).move_to(point(0, y))
        self.inside = self.label("unknown", size=theme.NUMBER_LARGE, colour=theme.WEIGHT, bold=True)
        self.inside.put_mid(0, y)
        spec = f",.{decimals([km], most=2)}f"
        self.km = self.number("kilometres", km, spec, colour=theme.INPUT, size=theme.NUMBER_LARGE)
        unit = self.label("km", size=theme.CAPTION, colour=theme.INPUT)
        row([self.km, unit], -ARROW_END - 0.25, y - 0.2, gap=0.14, align="right")
        arrow_in = Arrow([-ARROW_END, y], [-1.65, y], theme.INPUT)
        arrow_out = Arrow([1.65, y], [ARROW_END, y], theme.OUTPUT)
        self.miles_unit = self.label("miles", size=theme.CAPTION, colour=theme.OUTPUT)
        self.miles_unit.put(ARROW_END + 0.25, y - 0.2, "left")
        self.machine = [box, self.inside, self.km, unit, arrow_in, arrow_out, self.miles_unit]
        self.say("box", along=[FadeIn(box), FadeIn(self.inside)])
        shift = RIGHT * 0.4
        self.play(FadeIn(self.km), FadeIn(unit), FadeIn(arrow_in, shift=shift), run_time=theme.MOVE)
        self.play(FadeIn(arrow_out, shift=shift), FadeIn(self.miles_unit), run_time=theme.MOVE)

    def _example(self) -> None:
        self.section("example")
        made = self.run.guesses
        reached = [*self.run.outputs, made.true_miles]
        low, high = min(reached), max(reached)
        space = max((high - low) * 0.3, abs(high) * 0.02, 1e-3)
        name = self.label("miles", size=theme.TICK, colour=theme.MUTED)
        self.scale = Scale(low - space, high + space, y=SCALE_Y, width=11.4, name=name)
        at = self.scale.at(made.true_miles)
        truth_figure = self.figure("truth", made.true_miles, self.miles_spec, theme.TARGET)
        truth = self.label("truth", {"miles": truth_figure})
        truth.put(at, GAP_Y + 0.46)
        mark = dashes([at, GAP_Y + 0.34], [at, SCALE_Y - 0.14], theme.TARGET, width=2.5)
        up = UP * (MACHINE_Y - MACHINE_START_Y)
        km_figure = self.figure("kilometres", made.kilometres, self.km.spec, theme.INPUT)
        self.say(
            "example",
            {"km": km_figure, "miles": truth_figure},
            along=[m.animate.shift(up) for m in self.machine],
        )
        self.play(FadeIn(self.scale), run_time=theme.MOVE)
        self.play(Create(mark), FadeIn(truth), run_time=theme.MOVE)
        times = self.symbol("× C", size=theme.NUMBER_LARGE, colour=theme.WEIGHT, bold=True)
        times.put_mid(0, MACHINE_Y)
        self.swap([self.inside], [times])

    # Guesses

    def _first_guess(self, guess: Guess) -> None:
        self.section("guess-1")
        constants = [g.constant for g in self.run.guesses.guesses]
        outputs, errors = self.run.outputs, self.run.errors
        self.c_spec = f".{decimals(constants, least=1)}f"
        self.c = self.number(
            "C", guess.constant, self.c_spec, colour=theme.WEIGHT, room=constants, align="left"
        )
        self.c_name = self.symbol("C =", size=theme.FORMULA)
        row([self.c_name, self.c], 0, C_Y, gap=0.16, align="center")
        self.output = self.number(
            "output",
            guess.output,
            self.miles_spec,
            colour=theme.OUTPUT,
            size=theme.NUMBER if self.miles_spec == FINEST else theme.FORMULA,
            room=outputs,
            align="left",
        )
        self.output_below = self.number(
            "output",
            guess.output,
            self.miles_spec,
            colour=theme.OUTPUT,
            size=theme.FORMULA,
            room=outputs,
        )
        self.error = self.number(
            "error",
            guess.error,
            "+" + self.miles_spec,
            colour=theme.ERROR,
            size=theme.FORMULA,
            room=errors,
            align="left",
        )
        self.readout = self._readout()
        self.dot = disc(self.scale.at(guess.output), SCALE_Y, 0.13, theme.OUTPUT)
        self.gap = Arrow([0, 0], [1, 0], theme.ERROR, both=True)
        self._point_gap(guess.output)
        self.ghosts: list[VGroup] = []
        figures = self._figures(guess)
        figures["output"] = self.figure("output", guess.output, self.miles_spec, theme.OUTPUT)
        self.say("first", figures, along=[FadeIn(self.c_name), FadeIn(self.c)])
        self._pulse()
        self.output.put(ARROW_END + 0.25, MACHINE_Y - 0.2, "left")
        beside = self.miles_unit.animate.shift(RIGHT * (self.output.width + 0.14))
        self.play(beside, run_time=theme.FADE)
        self.play(FadeIn(self.output), FadeIn(self.dot), run_time=theme.FADE)
        self.play(FadeIn(self.gap), FadeIn(self.readout), run_time=theme.MOVE)

    def _pulse(self) -> None:
        """A spark runs through the machine, from input to output."""
        spark = disc(-ARROW_END, MACHINE_Y, 0.11, theme.INK)
        self.play(
            spark.animate(rate_func=linear).move_to(point(ARROW_END, MACHINE_Y)),
            run_time=theme.MOVE,
        )
        self.play(FadeOut(spark), run_time=0.2)

    def _readout(self) -> VGroup:
        """The line `error = truth − output`, with live numbers."""
        truth = self.number(
            "truth",
            self.run.guesses.true_miles,
            self.miles_spec,
            colour=theme.TARGET,
            size=theme.FORMULA,
        )
        parts = [
            self.label("error", size=theme.FORMULA, colour=theme.ERROR),
            self.symbol("=", size=theme.FORMULA),
            truth,
            self.symbol("−", size=theme.FORMULA),
            self.output_below,
            self.symbol("=", size=theme.FORMULA),
            self.error,
        ]
        return row(parts, 0, READOUT_Y, gap=0.22, align="center")

    def _next_guess(self, index: int) -> None:
        self.section(f"guess-{index + 1}")
        made = self.run.guesses.guesses
        guess = made[index]
        self._leave_ghost(made[index - 1])
        ends = {self.c: guess.constant, self.output: guess.output}
        ends |= {self.output_below: guess.output, self.error: guess.error}
        self._turn(made[index - 1].constant, guess.constant, ends)
        self.say(_verdict(made, index), self._figures(guess))

    def _figures(self, guess: Guess) -> dict[str, Figure]:
        return {
            "c": self.figure("C", guess.constant, self.c_spec, theme.WEIGHT),
            "error": self.figure("error", guess.error, "+" + self.miles_spec, theme.ERROR),
        }

    def _leave_ghost(self, guess: Guess) -> None:
        """Mark where the guess that is about to change has been; marks never overlap."""
        x = self.scale.at(guess.output)
        mark = disc(x, SCALE_Y, 0.1, theme.OUTPUT, opacity=0.45)
        figure = self.figure("C", guess.constant, self.c_spec)
        label = self.label("guess", {"c": figure}, size=theme.TICK, colour=theme.MUTED)
        label.put(x, SCALE_Y + 0.2)
        near = [g for g in self.ghosts if abs(g.get_x() - x) < label.width + 0.15]
        self.ghosts = [g for g in self.ghosts if g not in near] + [VGroup(mark, label)]
        self.play(FadeIn(self.ghosts[-1]), *[FadeOut(g) for g in near], run_time=theme.FADE)

    def _turn(
        self,
        start: float,
        end: float,
        ends: Mapping[LiveNumber, float],
        run_time: float = theme.COUNT,
    ) -> None:
        """Turn C from `start` to `end`; output, error and gap follow, each computed."""
        made = self.run.guesses

        def draw(alpha: float) -> None:
            constant = start + (end - start) * alpha
            miles = predict(made.kilometres, constant)
            now = {"C": constant, "output": miles, "error": made.true_miles - miles}
            for number in ends:
                number.show(now[number.name])
            self.dot.set_x(self.scale.at(miles))
            self._point_gap(miles)

        self.sweep(draw, self.dot, self.gap, ends=ends, run_time=run_time)

    def _point_gap(self, output: float) -> None:
        at = self.scale.at(self.run.guesses.true_miles)
        self.gap.draw([at, GAP_Y], [self.scale.at(output), GAP_Y])

    # The machine on its own

    def _by_itself(self) -> None:
        self.section("by-itself")
        steps = self.run.correction.steps
        last_guess, first = self.run.guesses.guesses[-1], steps[0]
        if not self.run.corrections:
            figure = self.figure("tolerance", self.run.correction.tolerance, self._tolerance_spec())
            self.say("already", {"tolerance": figure})
            return
        self.say("rule", along=[FadeOut(g) for g in self.ghosts])
        ends = {self.output: first.output, self.output_below: first.output}
        ends |= {self.error: first.error, self.c: first.constant}
        self._turn(last_guess.constant, first.constant, ends, theme.MOVE)
        numbers = self._rule(first)
        quick = min(0.6, QUICK_STEPS_TIME / len(steps))
        for index, (step, after) in enumerate(pairwise(steps)):
            for number, value in zip(numbers, _worked(step), strict=True):
                self.settle(number, value)
            slow = index < STEPS_SHOWN_SLOWLY
            self.wait(0.8 if slow else quick * 0.3)
            trail = disc(self.scale.at(step.output), SCALE_Y, 0.08, theme.OUTPUT, opacity=0.4)
            self.add(trail)
            self.bring_to_front(self.dot)
            ends = {self.c: after.constant, self.output: after.output}
            self._turn(step.constant, after.constant, ends, 1.2 if slow else quick * 0.7)
        self._conclude(steps[-1])

    def _rule(self, first: CorrectionStep) -> list[LiveNumber]:
        """Put the rule by which C changes in place of the error's.

        Returns its numbers that change: C, the error, the next C.
        """
        run = self.run.correction
        cs = [s.constant for s in run.steps]
        look: dict[str, Any] = {"size": theme.NUMBER_SMALL}
        yellow = look | {"colour": theme.WEIGHT, "room": cs}
        red = look | {"colour": theme.ERROR, "room": [s.error for s in run.steps]}
        rate_spec = f".{decimals([run.learning_rate], 1)}f"
        numbers = {
            "c": self.number("C", first.constant, FINE, **yellow),
            "L": self.number("learning rate", run.learning_rate, rate_spec, **look),
            "E": self.number("error", first.error, "+" + self.miles_spec, **red),
            "km": self.number(
                "kilometres", run.kilometres, self.km.spec, colour=theme.INPUT, **look
            ),
            "after": self.number("next C", first.constant_after, FINE, **yellow),
        }
        source = "{{ C : new }} arrow.l [c] + [L] dot frac([E], [km]) = [after]"
        formula = Formula(source, numbers, tint={"new": theme.WEIGHT})
        formula.move_to(point(0, READOUT_Y))
        fine = self.number("C", first.constant, FINE, colour=theme.WEIGHT, room=cs, align="left")
        fine.put(self.c.left_edge, self.c.baseline, "left")
        self.swap([self.readout, self.c], [fine, formula])
        self.c = fine
        return [numbers["c"], numbers["E"], numbers["after"]]

    def _conclude(self, last: CorrectionStep) -> None:
        """Say what is left of the error; the last correction stays in the formula."""
        run = self.run.correction
        figures = {
            "count": self.figure("corrections", self.run.corrections, "d"),
            "error": self.figure("error", last.error, "+" + self.miles_spec, theme.ERROR),
        }
        if run.settled:
            figures["tolerance"] = self.figure("tolerance", run.tolerance, self._tolerance_spec())
        self.say("settled" if run.settled else "unsettled", figures)

    def _tolerance_spec(self) -> str:
        return f".{decimals([self.run.correction.tolerance], most=3)}f"


def _worked(step: CorrectionStep) -> tuple[float, float, float]:
    """The numbers of a correction as the formula shows them: C, its error, the next C."""
    return step.constant, step.error, step.constant_after


def _verdict(made: tuple[Guess, ...], index: int) -> str:
    """The caption that is true of this guess."""
    before, guess = made[index - 1], made[index]
    closer = abs(guess.error) < abs(before.error)
    if not closer and not guess.overshoot:
        return "worse"
    if index > 1:
        turned = (guess.constant - before.constant) * (before.constant - made[index - 2].constant)
        if turned < 0 and closer:
            return "back"
    return "overshoot" if guess.overshoot else "closer"
