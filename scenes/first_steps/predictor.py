"""The predictor: guess, compare, correct, until kilometres become miles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from manim import smooth
from pydantic import Field

from nncore.predictor import guesses, predict, self_correct
from scenes.first_steps.predictor_run import Run, after, before, ending
from scenes.kit import theme
from scenes.kit.facts import decimals, exact_decimals
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Values, count, error, inputs, output, plain, target, weight
from scenes.kit.story import Story, together
from scenes.kit.views.machine import MachineView
from scenes.kit.views.scale import ScaleView, reach, slow_at
from scenes.kit.views.series import Board
from scenes.kit.views.worked import Worked

SLOW, QUICK = 2, 3.0  # corrections that are shown slowly; seconds for all others
WIDE = "machine*9 / scale*8 / line*3"


class PredictorParams(ClipParams):
    kilometres: float = Field(100.0, gt=0, le=500, description="distance fed to the machine, km")
    miles: float = Field(62.137, gt=0, le=1000, description="its true length, miles")
    constants: tuple[Annotated[float, Field(ge=0, le=2)], ...] = Field(
        (0.5, 0.6, 0.7, 0.61), min_length=1, max_length=4, description="guesses for C, in turn"
    )
    learning_rate: float = Field(
        0.5, gt=0, le=1.9, description="share of the error that corrects C in each step"
    )
    tolerance: float = Field(
        0.05, ge=1e-3, le=100, description="error at which the machine stops, miles"
    )
    max_steps: int = Field(20, ge=1, le=30, description="most corrections the machine may make")


class Predictor(Story):
    """Guess, compare, correct: how the constant C is found."""

    Params = PredictorParams

    @staticmethod
    def compute(p: PredictorParams) -> Run:
        """The guesses, and the self-correcting run from the first of them."""
        made = guesses(p.kilometres, p.miles, p.constants)
        # One step more than corrections: the last only looks at where they led.
        own = self_correct(
            p.kilometres, p.miles, p.constants[0], p.learning_rate, p.tolerance, p.max_steps + 1
        )
        states: list[Any] = [*made.guesses, *own.steps]
        outputs = np.array([s.output for s in states])
        errors = np.array([s.error for s in states])
        largest = float(max(np.abs(outputs).max(), p.miles))
        digits = 3 if largest < 100 else 2 if largest < 1000 else 1
        digits = decimals(errors, max(digits, exact_decimals(p.miles) or 0))
        return Run(made, own, len(own.steps) - 1, p.learning_rate, outputs, errors, digits)

    def quantities(self, r: Run) -> dict:
        d, cs = r.digits, [g.constant for g in r.guesses.guesses]
        book: dict[str, Any] = {
            "km": inputs([r.guesses.kilometres], "kilometres", given=True),
            "t": target([r.guesses.true_miles], "truth", d, given=True),
            "c": weight(cs, "C", 1, given=True),
            "y": output(r.outputs, "output", d),
            "e": error(r.errors, "error", d, signed=True),
            "s": weight([s.constant for s in r.correction.steps], "C", 4),
            "L": plain([r.rate], "learning rate", given=True),
            "tol": plain([r.correction.tolerance], "tolerance", given=True),
            "n": count(np.array(r.corrections), "corrections"),
        }
        return {**book, "g": _guess(book, 0), "last": {"e": book["e"].only(len(r.errors) - 1)}}

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        first = r.guesses.guesses[0].error
        return {"first_error": "some" if first else "none", "end": ending(r)}

    def story(self, r: Run) -> None:
        b, made = self.book, r.guesses.guesses
        self.count = len(made)
        self.stage("machine")
        self.machine = MachineView(b.km[0], units=("km", "output"), reach=(0.0, 2.0))
        self.beat("box", machine=self.machine, idle=self.machine.idle)
        self.stage(WIDE)
        self.scale = ScaleView(*reach([*r.outputs, r.guesses.true_miles]), name="miles")
        self.beat(
            "example", self.scale.truth(r.guesses.true_miles, "truth"), self.machine.open("× C"),
            scale=self.scale, idle=self.machine.idle,
        )  # fmt: skip
        self.line = Worked(
            "{{ E : error }} = {{ t : target }} - {{ y : output }} &= [t.0] - [y.k] = [e.k]", k=0
        )
        self.beat(
            "first", self.machine.set("C =", b.c[0]), self.machine.make(b.y[0]),
            self.scale.show(made[0].output), idle=self.machine.idle,
        )  # fmt: skip
        self.beat("first_error", self.line.fill, line=self.line, idle=self.machine.idle)
        for k in range(1, self.count):
            self.act(self.scale.ghost("tried"))
            b.update(g=_guess(b, k))
            self.beat(f"guess-{k + 1}", say=before(r, k), idle=self.machine.idle)
            self.turn(b.c, k, k, made[k - 1].constant, crossing=made[k].overshoot)
            self.tell(after(r, k))
        self.by_itself(r)

    def turn(
        self, cs: Values, k: int, state: int, start: float, *, crossing: bool = False,
        run_time: float = theme.COUNT,
    ) -> None:  # fmt: skip
        """Turn C from `start` to cs[k]; output, error and dot follow, each computed, slowly
        where the error is zero."""
        km, true = self.run.guesses.kilometres, self.run.guesses.true_miles
        end = float(cs[k].value)
        rate: Callable[[float], float] = smooth
        if crossing:
            rate, run_time = (
                slow_at((true / km - start) / (end - start)),
                1.8 * run_time,
            )

        def constant(alpha: float) -> float:
            return end if alpha >= 1 else start + (end - start) * alpha

        def miles(alpha: float) -> float:
            return predict(km, constant(alpha))

        how: dict[str, Any] = {"run_time": run_time, "rate_func": rate}
        laws = {"y.k": miles, "e.k": lambda a: true - miles(a)}
        self.act(
            together(
                self.machine.turn(cs[k], self.book.y[state], (constant, miles), **how),
                self.scale.move(miles, **how),
                self.line.follow(laws, k=state, **how),
            )
        )

    def by_itself(self, r: Run) -> None:
        """The machine goes back to its first guess and corrects itself."""
        b, steps = self.book, r.correction.steps
        if r.corrections:
            self.stage("machine*15 / scale*10 / line*4 / rule*7")
        self.beat("again", self.scale.forget(), idle=self.machine.idle)
        self.turn(b.s, 0, self.count, r.guesses.guesses[-1].constant, run_time=theme.MOVE)
        if r.corrections:
            rule = Worked(
                "{{ C : weight }} <- C + L dot frac({{ E : error }}, [km.0]) "
                "&= [s.n] + [L.0] dot frac([e.k], [km.0]) &= [s.m]",
                n=0, m=1, k=self.count,
            )  # fmt: skip
            self.beat("rule", rule.fill, rule=rule, idle=self.machine.idle)
            for n in range(r.corrections):
                slow = n < SLOW
                time = 1.0 if slow else min(0.8, QUICK / (r.corrections - SLOW))
                turned = [rule.turn(n=n, m=n + 1, k=self.count + n)] if n else []
                flip = theme.FLIP if slow else min(theme.FLIP, time)
                self.act(together(self.scale.ghost(), *turned, run_time=flip))
                self.turn(b.s, n + 1, self.count + n + 1, steps[n].constant, run_time=time)
        self.stage("machine*13 / scale*10 / line*4 / board*4")
        board = Board(corrections=b.n[()], tolerance=b.tol[0])
        self.beat("end", board=board, idle=self.machine.idle)


def _guess(book: dict[str, Any], k: int) -> dict[str, Values]:
    """The numbers of the guess that is spoken of: its C, output and error."""
    return {name: book[name].only(k) for name in "cye"}
