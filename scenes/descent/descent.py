"""Downhill in the dark: a mountain cut open, its slope, and how long a step should be."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from nncore.descent import (
    BEAN_FIXED,
    BEAN_PROPORTIONAL,
    BEAN_START,
    FixedStep,
    Proportional,
    descend,
)
from nncore.descent import (
    Descent as Walk,
)
from nncore.errors import Array
from nncore.lands import bean_mountain
from nncore.terrain import Terrain1D, Terrain2D, bean
from scenes.kit.facts import larger, same
from scenes.kit.params import ClipParams
from scenes.kit.quantities import count, inputs, plain, target, weight
from scenes.kit.story import Story, together
from scenes.kit.views.curve import CurveView, between
from scenes.kit.views.landscape import LandscapeView
from scenes.kit.views.step_bars import StepBarsView
from scenes.kit.views.worked import Worked

X, Y = 0.4, 0.68
BOTTOM = Y / X
NEAR_BOTTOM = 0.5
OWN_STEPS, BOUNCES_SHOWN = 60, 4
SLOW_STEPS, REACH = 2, 0.75
FAR_LONGER = 6  # bars of both rules have one scale, unless fixed steps were too small to see
WALKING = "curve*7 / (rule*3 | bars*2)*2"
TALL = "curve*6 / rule*2 / bars*2"


class Params(ClipParams):
    bean_start: float = Field(BEAN_START, ge=-0.7, le=4.1, description="first value of w")
    fixed_step: float = Field(
        BEAN_FIXED.length, ge=0.15, le=1.0, description="length of a fixed step of w"
    )
    learning_rate: float = Field(
        BEAN_PROPORTIONAL.learning_rate, ge=0.3, le=6.8,
        description="learning rate L: step = L times the slope",
    )  # fmt: skip

    @model_validator(mode="after")
    def _not_there_yet(self) -> Self:
        away = abs(self.bean_start - BOTTOM)
        if away < NEAR_BOTTOM and not same(away, NEAR_BOTTOM):
            raise ValueError(
                f"bean_start must be {NEAR_BOTTOM} or more away from the bottom at {BOTTOM:.1f}"
            )
        return self


@dataclass(frozen=True, eq=False)
class Run:
    """The bean x, y and its squared error's coefficients; a walk over a mountain round that curve;
    two spots that mirror each other, w and slope; two walks down the curve."""

    bean: tuple[float, float]
    rate: float
    mountain: Terrain2D
    curve: Terrain1D
    stroll: Descent
    spots: Array
    slopes: Array
    fixed: Descent
    own: Descent
    steps: Array


class Descent(Story):
    """Downhill by the slope: its sign says which way, its size how far."""

    Params = Params

    @staticmethod
    def compute(p: Params) -> Run:
        """Every walk; the fixed steps go on until they have bounced for a while."""
        curve, mountain, start = bean(X, Y), bean_mountain(X, Y), p.bean_start
        spots = np.array([start, 2 * BOTTOM - start])
        enough = ceil(abs(start - BOTTOM) / p.fixed_step) + BOUNCES_SHOWN
        own = descend(curve, start, rule=Proportional(p.learning_rate), steps=OWN_STEPS)
        return Run(
            (X, Y), p.learning_rate, mountain, curve,
            stroll=descend(mountain, (start, 0.0), rule=BEAN_PROPORTIONAL),
            spots=spots, slopes=curve.slope(spots),
            fixed=descend(curve, start, rule=FixedStep(p.fixed_step), steps=enough, tolerance=0.0),
            own=own, steps=np.arange(len(own.moves) + 1),
        )  # fmt: skip

    def quantities(self, r: Run) -> dict:
        return {
            "x": inputs([r.bean[0]], "bean x", given=True),
            "y": target([r.bean[1]], "bean y", given=True),
            "w": weight(r.spots, "w at spot {}", 2, given=True),
            "s": plain(r.slopes, "slope at spot {}", 4),
            "f": weight(r.fixed.positions, "w after fixed steps {}", 1, given=True),
            "m": plain(r.fixed.moves, "fixed step {}", 1, given=True),
            "o": weight(r.own.positions, "w after own steps {}", 4),
            "g": plain(r.own.gradients, "slope {}", 4),
            "L": plain([r.rate], "learning rate", given=True),
            "n": count(r.steps, "steps {}"),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        return {"fixed_end": "lucky" if r.fixed.exact else "bounced", "own_end": outcome(r.own)}

    def story(self, r: Run) -> None:
        self.on_the_mountain(r)
        self.stage("curve*7 / line*2", tall="curve*5 / line*3")
        self.curve = CurveView(
            r.curve.value, (r.mountain.low[0], r.mountain.high[0]), slope=r.curve.slope,
            x="weight", y="squared_error", filled=True,
        ).out_of(self.land)  # fmt: skip
        error = Worked("{{ e : error }} = (y - w x)^2 &= ([y.0] - {{ w : weight }} dot [x.0])^2")
        self.beat("curve", error.fill, curve=self.curve, line=error)
        self.two_signs(r)
        self.fixed_steps(r)
        self.own_steps(r)

    def on_the_mountain(self, r: Run) -> None:
        """By night a step at a time; by day the land is cut open along the way taken."""
        start = r.stroll.positions[0]
        self.stage("land")
        land = self.land = LandscapeView(
            r.mountain,
            night=True,
            stands={"walker": (start[0], start[1])},
            colour="weight",
            lamp=0.26,
        )
        self.beat("night", land=land, idle=land.flicker())
        self.beat("feel", land.compass(start, REACH), land.no_compass(), idle=land.flicker())
        way = r.stroll.positions[:, None]
        self.beat("walk", land.walk("walker", way, even=True, run_time=3.4), idle=land.flicker())
        self.beat("day", land.dawn(2.0), idle=land.sway())
        self.beat("cut", land.cut(0.0), land.aside())

    def two_signs(self, r: Run) -> None:
        """The slope left of the bottom and right of it, its numbers running with the walker."""
        slope = Worked(
            "frac(dif e, dif w) = -2 x (y - w x) "
            "&= -2 dot [x.0] dot ([y.0] - [w.k] dot [x.0]) &= [s.k]", k=0
        )  # fmt: skip
        curve = self.curve
        self.beat(
            "sign",
            self.back(),
            curve.tangent(),
            slope.fill,
            line=slope,
        )
        self.act(curve.push(*advice(r.slopes[0])))
        w = between(*map(float, r.spots))
        laws = {"w.k": w, "s.k": lambda a: float(r.curve.slope(np.array(w(a))))}
        how: dict[str, Any] = {"run_time": 3.2}
        self.act(
            together(curve.slide(float(r.spots[1]), **how), slope.follow(laws, k=1, **how)),
            curve.push(*advice(r.slopes[1]), row=1),
        )

    def fixed_steps(self, r: Run) -> None:
        """Steps of one length: near the bottom they bounce, and go on bouncing."""
        walk, curve = r.fixed, self.curve
        rule = Worked("{{ w : weight }} <- [f.k] + [m.k] = [f.n]", k=0, n=1)
        bars = StepBarsView(walk.moves, name="steps", largest=self.largest(walk))
        self.stage(WALKING, curve.hush(), curve.no_tangent(), tall=TALL)

        def numbers(hop: Any, **how: Any) -> Any:
            return rule.follow(laws(hop), k=len(walk.moves) - 1, n=len(walk.moves), **how)

        def laws(hop: Any) -> dict:
            return {
                "f.k": lambda a: float(walk.positions[hop(a)]),
                "m.k": lambda a: float(walk.moves[hop(a)]),
                "f.n": lambda a: float(walk.positions[hop(a) + 1]),
            }

        self.beat("fixed", self.back(), rule.fill, rule=rule, bars=bars)
        self.take(walk, rule, bars, laws)
        self._idle = None if walk.exact else curve.keep(walk.positions, numbers)
        self.tell("fixed_end")

    def own_steps(self, r: Run) -> None:
        """Steps in proportion to the slope."""
        walk, curve, b = r.own, self.curve, self.book
        rule = Worked("{{ w : weight }} <- [o.k] - [L.0] dot [g.k] = [o.n]", k=0, n=1)
        bars = StepBarsView(walk.moves, name="steps", largest=self.largest(walk), count=b.n)

        def laws(hop: Any) -> dict:
            return {
                "o.k": lambda a: float(walk.positions[hop(a)]),
                "g.k": lambda a: float(walk.gradients[hop(a)]),
                "o.n": lambda a: float(walk.positions[hop(a) + 1]),
            }

        self.beat(
            "own", together(curve.fade_hops(), self.back()), rule.fill, rule=rule,
            bars=bars,
        )  # fmt: skip
        self.take(walk, rule, bars, laws)
        self.tell("own_end")

    def back(self) -> Any:
        """The walker goes back to where the walks start."""
        return self.curve.slide(float(self.run.spots[0]), run_time=1.2)

    def largest(self, walk: Walk) -> float:
        """The step that fills the bars' height: of both walks, unless one dwarfs the other."""
        sizes = [float(np.abs(one.moves).max()) for one in (self.run.fixed, self.run.own)]
        if sizes[1] > FAR_LONGER * sizes[0]:
            return float(np.abs(walk.moves).max())
        return max(sizes)

    def take(self, walk: Walk, rule: Worked, bars: StepBarsView, laws: Any) -> None:
        """The first hops one by one, the rest in one go; the rule says each as it is taken."""
        last = len(walk.moves)
        slow = min(SLOW_STEPS, last)
        for k in range(slow):
            how: dict[str, Any] = {"run_time": 0.9}
            turned = [rule.turn(k=k, n=k + 1)] if k else []
            hop = self.curve.hop(walk.positions, k, k + 1, **how)
            self.act(*turned, together(hop, bars.show(k, k + 1, **how)))
        if last > slow:
            how = {"run_time": min(4.0, 0.42 * (last - slow))}
            now = lambda a: min(last - 1, slow + int((last - slow) * a))  # noqa: E731
            follow = rule.follow(laws(now), k=last - 1, n=last, rate_func=lambda t: t, **how)
            hop = self.curve.hop(walk.positions, slow, last, rate_func=lambda t: t, **how)
            self.act(together(hop, bars.show(slow, last, rate_func=lambda t: t, **how), follow))


def advice(slope: float) -> tuple[int, str]:
    """Which way w must go, and the key of the words that say so."""
    return (1, "increase") if slope < 0 else (-1, "decrease")


def outcome(walk: Walk) -> str:
    """What is true of a walk whose steps are in proportion to the slope."""
    first, last = (abs(float(g)) for g in walk.gradients[[0, -1]])
    if walk.settled:
        if len(walk.moves) == 1:
            return "once" if walk.exact else "nearly"
        return "settled_bouncing" if walk.bounces else "settled"
    if same(first, last):
        return "for_ever"
    if larger(last, first):
        return "runaway"
    return "swinging" if walk.bounces else "slow"
