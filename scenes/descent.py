"""Downhill in the dark: the slope shows the way, and its size the length of the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot
from typing import Annotated, Self

import numpy as np
from manim import Animation, Create, Group, VGroup, linear, smooth
from pydantic import Field, model_validator

from nncore.descent import (
    BEAN_FIXED,
    BEAN_PROPORTIONAL,
    BEAN_START,
    RULE_2D,
    RULE_XOR,
    STARTS_2D,
    STARTS_XOR,
    STEPS_XOR,
    FixedStep,
    Proportional,
)
from nncore.terrain import Terrain1D, bean, several_valleys_2d, xor_error_surface
from scenes.descent_night import Mountains
from scenes.descent_parts import (
    COLUMN,
    FINE,
    FINER,
    FINER_SIGNED,
    RuleColumn,
    Table,
    Valley,
    depths,
    mountain_survey,
    network_survey,
    slope_row,
)
from scenes.descent_walks import (
    Line,
    Party,
    Spot,
    bottom_of,
    how_many,
    outcome,
    send_out,
    spot_at,
    walk_down,
)
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import decimals
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.params import ClipParams
from scenes.kit.survey import Survey
from scenes.kit.text import LiveNumber

OWN_STEPS, BOUNCES_SHOWN = 60, 8
NEAR_BOTTOM, APART = 0.5, 0.6

FIXED_BARS_Y, OWN_BARS_Y = -0.85, -2.35
SLOPE_YS = (1.2, -0.9)
SLOW_STEPS = 2
# Bars of both rules have one scale, unless that would leave the fixed steps too small to see.
FAR_LONGER = 6
STROLL, STROLL_ON = 2, 6

Coordinate = Annotated[float, Field(ge=-2.7, le=2.7)]
Place = tuple[Coordinate, Coordinate]


@dataclass(frozen=True, eq=False)
class DescentRun:
    """Two spots on one weight's error, two walks down it, and walks on two terrains."""

    curve: Terrain1D
    spots: tuple[Spot, Spot]
    bottom: float
    fixed: Line
    own: Line
    land: Party
    network: Party


class DescentParams(ClipParams):
    """Parameters of the descent."""

    bean_start: float = Field(BEAN_START, ge=-0.7, le=4.1, description="first value of w")
    fixed_step: float = Field(
        BEAN_FIXED.length, ge=0.15, le=1.0, description="length of a fixed step of w"
    )
    learning_rate: float = Field(
        BEAN_PROPORTIONAL.learning_rate,
        ge=0.3,
        le=6.8,
        description="learning rate L: step = L times the slope",
    )
    start_1: Place = Field(STARTS_2D[0], description="where the first walker starts")
    start_2: Place = Field(STARTS_2D[1], description="where the second walker starts")
    start_3: Place = Field(STARTS_2D[2], description="where the third walker starts")
    land_rate: float = Field(
        RULE_2D.learning_rate, ge=0.01, le=0.15, description="learning rate in the mountains"
    )
    land_steps: int = Field(100, ge=10, le=300, description="most steps in the mountains")
    network_rate: float = Field(
        RULE_XOR.learning_rate, ge=0.3, le=6.0, description="learning rate of the XOR network"
    )
    network_steps: int = Field(
        STEPS_XOR, ge=20, le=400, description="most steps of the XOR network"
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        bottom = bottom_of(bean())
        if abs(self.bean_start - bottom) < NEAR_BOTTOM:
            raise ValueError(
                f"bean_start must be {NEAR_BOTTOM} or more away from the bottom at {bottom:.1f}"
            )
        starts = (self.start_1, self.start_2, self.start_3)
        for k, a in enumerate(starts):
            if any(hypot(a[0] - b[0], a[1] - b[1]) < APART for b in starts[:k]):
                raise ValueError(f"the three starts must be {APART} or more apart")
        return self


class Descent(Clip):
    """Downhill by the slope: its sign, the length of the step, and the wrong valleys."""

    slug = "descent"
    Params = DescentParams
    run: DescentRun

    @staticmethod
    def compute(params: DescentParams) -> DescentRun:
        """The two spots, and every walk."""
        curve = bean()
        bottom = bottom_of(curve)
        start = params.bean_start
        long_enough = ceil(abs(start - bottom) / params.fixed_step) + BOUNCES_SHOWN
        return DescentRun(
            curve=curve,
            spots=(spot_at(curve, start), spot_at(curve, 2 * bottom - start)),
            bottom=bottom,
            fixed=walk_down(curve, start, FixedStep(params.fixed_step), long_enough),
            own=walk_down(curve, start, Proportional(params.learning_rate), OWN_STEPS),
            land=send_out(
                several_valleys_2d(),
                (params.start_1, params.start_2, params.start_3),
                Proportional(params.land_rate),
                params.land_steps,
            ),
            network=send_out(
                xor_error_surface(),
                STARTS_XOR,
                Proportional(params.network_rate),
                params.network_steps,
            ),
        )

    def construct(self) -> None:
        """Draw the sections: night, the slope's sign, two rules, the mountains, the network."""
        self._night()
        self._question()
        self._sign()
        self._fixed_steps()
        self._own_steps()
        self._day()
        self._mountains()
        self._network()

    # Night

    def _night(self) -> None:
        self.section("night")
        self.titles = list(self.mobjects)
        land = self.mountains = Mountains(self.run.land.terrain, self.run.land.walks)
        self.rested = min(STROLL, land.last // 2)
        self.say("night", along=[FadeIn(land.ground)])
        self.sweep(land.kindle, land.ground, run_time=1.2, along=[FadeIn(land.dot)])
        self._stroll(0, self.rested, 2.4)

    def _stroll(self, start: int, end: int, run_time: float) -> None:
        """Walk from one step of the way to another, with a short rest after each."""
        if end == start:
            return
        land = self.mountains
        shown = [m for m in (land.ground, land.arrow, land.dot) if m in self.mobjects]
        self.sweep(
            lambda alpha: land.stroll(start + (end - start) * alpha, end),
            *shown,
            run_time=run_time,
            rate_func=linear,
        )

    def _question(self) -> None:
        self.section("question")
        self.say("question", along=[FadeIn(self.mountains.arrow)])
        self._stroll(self.rested, min(self.mountains.last, STROLL_ON), 3.2)

    # One weight

    def _sign(self) -> None:
        self.section("sign")
        run = self.run
        first, second = run.spots
        self.valley = Valley(self, run.curve, (run.fixed.walk, run.own.walk))
        self.valley.touch(first.weight)
        land = self.mountains
        self.play(*[FadeOut(m) for m in (land.ground, land.arrow, land.dot)], run_time=theme.FADE)
        self.say("sign", along=[FadeIn(self.valley.plane), Create(self.valley.curve)])
        self.signs = Group()
        number = slope_row(self, run.spots, SLOPE_YS[0])
        self.play(
            FadeIn(self.valley.dot), Create(self.valley.tangent), FadeIn(number), run_time=0.8
        )
        self.signs.add(number)
        self._advise(first, SLOPE_YS[0])
        live = slope_row(self, run.spots, SLOPE_YS[1])
        self.play(FadeIn(live), run_time=theme.FADE)

        def draw(alpha: float) -> None:
            w = first.weight + (second.weight - first.weight) * alpha
            self.valley.touch(w)
            live[1].show(self.valley.slope(w))

        self.sweep(
            draw, self.valley.tangent, self.valley.dot, ends={live[1]: second.slope}, run_time=2.0
        )
        self.signs.add(live)
        self._advise(second, SLOPE_YS[1])

    def _advise(self, spot: Spot, y: float) -> None:
        """Say in which direction w must change, and show it over the axis."""
        key = "increase" if spot.slope < 0 else "decrease"
        words = self.label(key, size=theme.CAPTION, colour=theme.WEIGHT)
        words.put(COLUMN, y - 0.65, "left")
        push = self.valley.push(spot.weight, self.run.bottom)
        self.play(FadeIn(words), FadeIn(push), run_time=theme.FADE)
        self.signs.add(words, push)

    # Two rules

    def _fixed_steps(self) -> None:
        self.section("fixed-steps")
        line = self.run.fixed
        column = self._column("fixed", line, FIXED_BARS_Y)
        step = self.figure("fixed step", self.params.fixed_step, self._spec("fixed_step"))
        gone = [FadeOut(self.signs), FadeOut(self.valley.tangent), self._back_to_start()]
        self.say("fixed", {"step": step}, along=[*gone, FadeIn(column.chart)])
        self._descend(column)
        self.say("lucky" if line.walk.settled else "bounced")
        self.fixed_column = column

    def _own_steps(self) -> None:
        self.section("own-steps")
        line, before = self.run.own, self.fixed_column
        column = self._column("own", line, OWN_BARS_Y)
        gone = [FadeOut(before.rule), before.hops.animate.set_stroke(opacity=0.3)]
        self.say("own", along=[*gone, self._back_to_start(), FadeIn(column.chart)])
        self._descend(column)
        self._conclude(line)

    def _column(self, kind: str, line: Line, y: float) -> RuleColumn:
        run = self.run
        largest = max(float(np.abs(one.walk.moves).max()) for one in (run.fixed, run.own))
        if largest > FAR_LONGER * self.params.fixed_step:
            largest = float(np.abs(line.walk.moves).max())
        rate = (self.params.learning_rate, self._spec("learning_rate"))
        return RuleColumn(self, kind, self.valley, line.walk, line.bounces, rate, largest, y)

    def _back_to_start(self) -> Animation:
        """The dot goes back along the curve."""
        here, start = self.valley.weight, self.run.spots[0].weight
        place = self.valley.place
        return Sweep(
            [self.valley.dot], lambda a: place(here + (start - here) * a), run_time=theme.MOVE
        )

    def _spec(self, name: str) -> str:
        return f".{decimals([getattr(self.params, name)], 1, 2)}f"

    def _descend(self, column: RuleColumn) -> None:
        """Take a walk: the first steps one by one, the rest in one go."""
        self.play(FadeIn(column.rule), run_time=theme.FADE)
        self.add(column.hops)
        self.bring_to_front(self.valley.dot)
        count = len(column.walk.moves)
        slow = min(SLOW_STEPS, count)
        for k in range(slow):
            if k:
                self.count(column.during(k), run_time=theme.FADE)
            self._take(column, k, k + 1, 0.7)
        if count > slow:
            self._take(column, slow, count, min(2.2, 0.35 * (count - slow)))

    def _take(self, column: RuleColumn, start: int, end: int, run_time: float) -> None:
        """Hop from the position `start` to the position `end`."""
        self.sweep(
            lambda alpha: column.show(start + (end - start) * alpha, end),
            column.hops,
            self.valley.dot,
            column.bars,
            ends={**column.during(end - 1), column.bounced: column.bounces[end]},
            run_time=run_time,
            rate_func=smooth if end == start + 1 else linear,
        )

    def _conclude(self, line: Line) -> None:
        walk = line.walk
        figures = {
            "count": self.figure("steps", line.count, "d"),
            "bounces": self.figure("bounces", walk.bounces, "d", theme.ERROR),
            "weight": self.figure("w", walk.positions[-1], FINER, theme.WEIGHT),
            "slope": self.figure("slope", walk.gradients[-1], FINER_SIGNED),
            "rate": self.figure("L", self.params.learning_rate, self._spec("learning_rate")),
        }
        key, used = outcome(line)
        self.say(key, {name: figures[name] for name in used})

    # Terrains

    def _day(self) -> None:
        self.section("day")
        self.hush()
        gone = self._all_but_titles()
        ground = self.mountains.ground
        ground.daylight(0.0)
        self.say("day", along=[*gone, FadeIn(ground)])
        self.sweep(ground.daylight, ground, run_time=1.6)
        words = self.label("lowest_here", size=theme.CAPTION, colour=theme.TARGET)
        self.lowest = self.mountains.mark_lowest(words)
        self.play(FadeIn(self.lowest), run_time=theme.FADE)

    def _mountains(self) -> None:
        self.section("mountains")
        east, north = (Formula(w, size=theme.LABEL, colour=theme.WEIGHT) for w in ("w_1", "w_2"))
        height = self.label("height", size=theme.TICK, colour=theme.MUTED)
        survey = mountain_survey(self.run.land, (east, north, height))
        gone = [FadeOut(self.mountains.ground), FadeOut(self.lowest)]
        self.say("starts", along=[*gone, FadeIn(survey.picture)])
        marks = self._go_down(survey, "height", ".2f")
        self._verdict(self.run.land, "land", ".2f", marks)

    def _network(self) -> None:
        self.section("network")
        self.hush()
        east, north = (
            self.label(key, size=theme.TICK, colour=theme.WEIGHT)
            for key in ("hidden_weight", "output_weight")
        )
        error = self.label("error", size=theme.TICK, colour=theme.ERROR)
        survey = network_survey(self.run.network, (east, north, error))
        self.say("network", along=[*self._all_but_titles(), FadeIn(survey.picture)])
        marks = self._go_down(survey, "error", FINE)
        self._verdict(self.run.network, "network", FINE, marks)

    def _all_but_titles(self) -> list[Animation]:
        return [FadeOut(m) for m in self.mobjects if m not in self.titles]

    def _go_down(self, survey: Survey, name: str, spec: str) -> list[Animation]:
        """All start at once and go to their ends; returns how these are marked."""
        walks, trails = survey.walks.descents, survey.trails
        letters = [self.label(key, size=theme.TICK, bold=True) for key in "abc"]
        badges = VGroup(*[survey.badge(k, letter) for k, letter in enumerate(letters)])
        table = Table(self, survey.walks, name, spec)
        dots = VGroup(*[t.dot for t in trails])
        self.play(FadeIn(dots), FadeIn(badges), FadeIn(table.rows), run_time=0.8)
        self.add(*trails)
        self.bring_to_front(dots, badges)

        def draw(alpha: float) -> None:
            # Slower at first, where the steps are long.
            taken = survey.longest * alpha**2
            for walk, trail, number in zip(walks, trails, table.live, strict=True):
                trail.show(taken)
                number.show(float(walk.values[min(int(taken), len(walk.moves))]))

        ends: dict[LiveNumber, float] = {
            number: walk.values[-1] for number, walk in zip(table.live, walks, strict=True)
        }
        self.sweep(draw, *trails, dots, ends=ends, run_time=3.2, rate_func=linear)
        hues = [theme.TARGET if good else theme.ERROR for good in survey.walks.in_lowest]
        marks = [t.animate.set_stroke(hue) for t, hue in zip(trails, hues, strict=True)]
        told = [*depths(self, survey, name, spec), *table.verdicts()]
        return [*marks, *[FadeIn(words) for words in told]]

    def _verdict(self, party: Party, where: str, spec: str, along: Sequence[Animation]) -> None:
        figures = {
            "total": self.figure("walkers", party.total, "d"),
            "count": self.figure("in the lowest", party.in_lowest, "d"),
            "low": self.figure("lowest", party.walks.valleys[0].value, spec),
        }
        kind = how_many(party)
        if where == "network" and kind == "some" and party.total - party.in_lowest == 1:
            where = "network_one"
        used = ("total", "low") if kind in ("all", "none") else ("total", "count")
        self.say(f"{kind}_{where}", {name: figures[name] for name in used}, along=along)
