"""Downhill in the dark: a mountain cut open, its slope, and how long a step should be."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from nncore.descent import BEAN_FIXED, BEAN_PROPORTIONAL, BEAN_START
from nncore.descent import Descent as Walk
from scenes.descent.descent_run import BOTTOM, Run, advice, outcome, run, window
from scenes.kit.facts import same
from scenes.kit.params import ClipParams
from scenes.kit.quantities import count, inputs, plain, target, weight
from scenes.kit.story import Story, together
from scenes.kit.views.curve import CurveView
from scenes.kit.views.curve_frame import between
from scenes.kit.views.landscape import LandscapeView
from scenes.kit.views.stack import Stack
from scenes.kit.views.step_bars import StepBarsView
from scenes.kit.views.worked import Worked

NEAR_BOTTOM = 0.5
SLOW_STEPS = 2
NEAR, TREAD = 2.4, 4  # by night: so many times nearer, so many steps
FAR_LONGER = 6  # bars of both rules have one scale, unless fixed steps were too small to see
PLAN, PLAN_TALL = "curve*7 / line*2", "curve*5 / line*3"
WALKING, RULED = "curve*7 / (rule*3 | bars*2)*2", "curve*6 / (rule*3 | bars*2)*3"
ELSE = {"tall": "curve*6 / rule*2 / bars*2", "square": "curve*8 / rule*2 / bars*2"}


class DescentParams(ClipParams):
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


class Descent(Story):
    """Downhill by the slope: its sign says which way, its size how far."""

    Params = DescentParams

    @staticmethod
    def compute(p: DescentParams) -> Run:
        return run(p.bean_start, p.fixed_step, p.learning_rate)

    def quantities(self, r: Run) -> dict:
        return {
            "x": inputs([r.bean[0]], "bean x", given=True),
            "y": target([r.bean[1]], "bean y", given=True),
            "w": weight(r.spots, "w at spot {}", 4),
            "s": plain(r.slopes, "slope at spot {}", 3),
            "f": weight(r.fixed.positions, "w after fixed steps {}", 1, given=True),
            "m": plain(r.fixed.moves, "fixed step {}", 1, given=True),
            "o": weight(r.own.positions, "w after own steps {}", 4),
            "g": plain(r.own.gradients, "slope {}", 4),
            "b": weight([r.bottom], "w at the bottom", 1),
            "L": plain([r.rate], "learning rate", given=True),
            "n": count(r.steps, "steps {}"),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        return {"fixed_end": "lucky" if r.fixed.exact else "bounced", "own_end": outcome(r.own)}

    def story(self, r: Run) -> None:
        self.on_the_mountain(r)
        self.stage(PLAN, tall=PLAN_TALL)
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
        way = r.stroll.positions
        self.stage("land")
        land = self.land = LandscapeView(
            r.mountain, night=True, stands={"walker": (way[0][0], way[0][1])}, colour="weight",
            lamp=0.2, near=NEAR,
        )  # fmt: skip
        self.beat("night", land=land, idle=land.flicker())
        self.beat("feel", land.compass(way[0]), idle=land.flicker())
        self.beat("walk", land.no_compass(), land.tread("walker", way[: TREAD + 1], run_time=4.4))
        self.beat("day", together(land.dawn(2.4), land.far(2.4)), idle=land.sway())
        self.beat("cut", land.cut(0.0, 1.6), land.aside(1.6))

    def two_signs(self, r: Run) -> None:
        """The slope left of the bottom and right of it, its numbers running with the walker."""
        slope = Worked(
            "frac(dif e, dif w) = -2 x (y - w x) "
            "&= -2 dot [x.0] dot ([y.0] - [w.k] dot [x.0]) &= [s.k]", k=0
        )  # fmt: skip
        curve = self.curve
        self.act(self.back())
        self.beat("sign", curve.tangent(), slope.fill, line=slope)
        self.act(curve.push(*advice(r.slopes[0])))
        w = between(*map(float, r.spots))
        both = {"w.k": w, "s.k": lambda a: float(r.curve.slope(np.array(w(a))))}
        how: dict[str, Any] = {"run_time": 2.8}
        self.act(
            together(curve.slide(float(r.spots[1]), **how), slope.follow(both, k=1, **how)),
            curve.push(*advice(r.slopes[1]), row=1),
        )

    def fixed_steps(self, r: Run) -> None:
        """Steps of one length: near the bottom they bounce, and go on bouncing."""
        walk, curve = r.fixed, self.curve
        rule = Worked("{{ w : weight }} <- [f.k] &+ [m.k] = [f.n]", k=0, n=1)
        bars = StepBarsView(walk.moves, name="steps", span=self.span(walk))
        closer = curve.magnify(*window(r), run_time=1.4)
        self.stage(WALKING, together(curve.hush(), curve.no_tangent(), self.back()), closer, **ELSE)
        self.beat("fixed", rule.fill, rule=rule, bars=bars)
        self.take(walk, rule, bars)
        if not walk.exact:
            self._idle = (self.bouncing(walk, rule),)
        self.tell("fixed_end")

    def own_steps(self, r: Run) -> None:
        """Steps in proportion to the slope."""
        walk, curve, forever = r.own, self.curve, outcome(r.own) == "for_ever"
        law = Worked("{{ w : weight }} <- {{ w : weight }} - L dot dif e slash dif w")
        rule = Worked("{{ w : weight }} <- [o.k] &- [L.0] dot [g.k] = [o.n]", k=0, n=1)
        counted = None if forever else self.book.n
        bars = StepBarsView(walk.moves, name="steps", span=self.span(walk), count=counted)
        self.stage(RULED, together(curve.fade_hops(), self.back()), curve.tangent(), **ELSE)
        self.beat("own", rule=Stack(law, rule), bars=bars)
        self.act(rule.fill)
        self.take(walk, rule, bars)
        if forever:
            self._idle = (self.bouncing(walk, rule),)
        self.tell("own_end", curve.mark(self.run.bottom, "bottom"))

    def bouncing(self, walk: Walk, rule: Worked) -> Any:
        """The walk goes on to and fro, and the rule's numbers with it."""
        last = len(walk.moves)

        def numbers(hop: Any, **how: Any) -> Any:
            return rule.follow(laws(walk, hop), k=last - 1, n=last, **how)

        return self.curve.keep(walk.positions, numbers)

    def back(self) -> Any:
        """The walker goes back to where the walks start."""
        return self.curve.slide(float(self.run.spots[0]), run_time=1.0)

    def span(self, walk: Walk) -> float:
        """What fills the bars' height: the same for both walks, unless one dwarfs the other."""
        both = [float(np.ptp([*one.moves, 0.0])) for one in (self.run.fixed, self.run.own)]
        return float(np.ptp([*walk.moves, 0.0])) if both[1] > FAR_LONGER * both[0] else max(both)

    def take(self, walk: Walk, rule: Worked, bars: StepBarsView) -> None:
        """The first hops one by one, the rest in one go; the rule says each as it is taken."""
        last = len(walk.moves)
        slow = min(SLOW_STEPS, last)
        for k in range(slow):
            how: dict[str, Any] = {"run_time": 0.8}
            turned = [rule.turn(k=k, n=k + 1)] if k else []
            hop = self.curve.hop(walk.positions, k, k + 1, **how)
            self.act(*turned, together(hop, bars.show(k, k + 1, **how)))
        if last > slow:
            how = {"run_time": min(3.5, 0.42 * (last - slow)), "rate_func": lambda t: t}
            now = lambda a: min(last - 1, slow + int((last - slow) * a))  # noqa: E731
            follow = rule.follow(laws(walk, now), k=last - 1, n=last, **how)
            hop = self.curve.hop(walk.positions, slow, last, **how)
            self.act(together(hop, bars.show(slow, last, **how), follow))


def laws(walk: Walk, hop: Any) -> dict[str, Any]:
    """What the rules' numbers are while a hop is on its way, under their names for both walks."""
    before, after = (lambda a, k=k: float(walk.positions[hop(a) + k]) for k in (0, 1))
    return {
        "f.k": before, "o.k": before, "f.n": after, "o.n": after,
        "m.k": lambda a: float(walk.moves[hop(a)]),
        "g.k": lambda a: float(walk.gradients[hop(a)]),
    }  # fmt: skip
