"""Downhill in the dark: the slope shows the way, and its size the length of the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot
from typing import Annotated, Self

import numpy as np
from manim import Create, FadeIn, FadeOut, Group, VGroup, linear, smooth
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
    Descents,
    FixedStep,
    Proportional,
    Rule,
    descend,
    descend_many,
    valleys,
)
from nncore.descent import Descent as Walk
from nncore.terrain import Terrain1D, bean, several_valleys_2d, xor_error_surface
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import decimals
from scenes.kit.params import ClipParams
from scenes.kit.plane import Plane
from scenes.kit.relief import Relief, Slant, slanted_view
from scenes.kit.shapes import Arrow, Stroke, point
from scenes.kit.steps import Hops, StepBars, walker
from scenes.kit.survey import Survey
from scenes.kit.text import LiveNumber, row

TABLE_X, TABLE_TOP, TABLE_PITCH = 2.6, 1.3, 1.25
FIXED_BARS_Y, OWN_BARS_Y = -0.75, -2.35
SLOW_STEPS = 3
OWN_STEPS = 60
BOUNCES_SHOWN = 8
NEAR_BOTTOM = 0.5
APART = 0.6

NIGHT_CORNER = (-6.65, -2.9)
NIGHT_SIZE = (13.3, 5.3)
CURVE_CORNER = (-5.85, -2.1)
CURVE_SIZE = (7.0, 4.0)
COLUMN = 1.95
MAP_CORNER = (-5.9, -2.4)
MAP_SIZE = (6.2, 4.45)
LAND_VIEW = ((-4.18, 4.18), (-3.0, 3.0))
NETWORK_VIEW = ((-9.6, 11.3), (-7.0, 8.0))
LAND_LEVELS = [k * 0.5 for k in range(21)]
NETWORK_LEVELS = [k * 0.1 for k in range(21)]
SLANT = Slant(x=0.0, y=-8.5, height=8.2, focus=7.7)
LIFT = 0.24
FINE = ".3f"
SIGNED = "+.3f"

Coordinate = Annotated[float, Field(ge=-2.8, le=2.8)]
Place = tuple[Coordinate, Coordinate]


@dataclass(frozen=True)
class Spot:
    """A weight, its error and the error's slope there."""

    weight: float
    error: float
    slope: float


@dataclass(frozen=True, eq=False)
class Line:
    """A walk over one weight, how many steps it took, and the bounces before each and after."""

    walk: Walk
    count: int
    bounces: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Party:
    """Walkers on one terrain: their walks, and how many of them ended in the lowest valley."""

    walks: Descents
    total: int
    in_lowest: int
    in_none: int


@dataclass(frozen=True, eq=False)
class DescentRun:
    """Two spots on one weight's error, two walks down it, and walks on two terrains."""

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
        bottom = _bottom(bean())
        if abs(self.bean_start - bottom) < NEAR_BOTTOM:
            raise ValueError(
                f"bean_start must be {NEAR_BOTTOM} or more away from the bottom at {bottom:.1f}"
            )
        starts = (self.start_1, self.start_2, self.start_3)
        for k, a in enumerate(starts):
            if any(hypot(a[0] - b[0], a[1] - b[1]) < APART for b in starts[:k]):
                raise ValueError(f"the three starts must be {APART} or more apart")
        return self


def _bottom(terrain: Terrain1D) -> float:
    return float(valleys(terrain)[0].position[0])


def _spot(terrain: Terrain1D, w: float) -> Spot:
    at = np.float64(w)
    return Spot(w, float(terrain.value(at)), float(terrain.slope(at)))


def _line(terrain: Terrain1D, start: float, rule: Rule, steps: int) -> Line:
    walk = descend(terrain, start, rule=rule, steps=steps)
    bounces = np.concatenate([[0], np.cumsum(walk.bounced)])
    return Line(walk, len(walk.moves), tuple(int(b) for b in bounces))


def _party(walks: Descents) -> Party:
    return Party(
        walks,
        len(walks.descents),
        sum(walks.in_lowest),
        sum(end is None for end in walks.ends_in),
    )


class Descent(Clip):
    """Downhill by the slope: its sign, the length of the step, and the wrong valleys."""

    slug = "descent"
    Params = DescentParams
    run: DescentRun

    @staticmethod
    def compute(params: DescentParams) -> DescentRun:
        """The two spots, and every walk."""
        curve = bean()
        bottom = _bottom(curve)
        start = params.bean_start
        long_enough = ceil(abs(start - bottom) / params.fixed_step) + BOUNCES_SHOWN
        return DescentRun(
            spots=(_spot(curve, start), _spot(curve, 2 * bottom - start)),
            bottom=bottom,
            fixed=_line(curve, start, FixedStep(params.fixed_step), long_enough),
            own=_line(curve, start, Proportional(params.learning_rate), OWN_STEPS),
            land=_party(
                descend_many(
                    several_valleys_2d(),
                    (params.start_1, params.start_2, params.start_3),
                    Proportional(params.land_rate),
                    steps=params.land_steps,
                )
            ),
            network=_party(
                descend_many(
                    xor_error_surface(),
                    STARTS_XOR,
                    Proportional(params.network_rate),
                    steps=params.network_steps,
                )
            ),
        )

    def construct(self) -> None:
        """Draw the sections: night, the slope's sign, two rules, the mountains, the network."""
        self._night()
        self._question()
        self._sign()
        self._other_side()
        self._fixed_steps()
        self._own_steps()
        self._day()
        self._mountains()
        self._network()

    # Night

    def _slanted(self) -> Relief:
        view = slanted_view(
            self.run.land.walks.terrain,
            SLANT,
            y_range=(-3.1, 3.9),
            size=NIGHT_SIZE,
            top=-3.35,
            lift=LIFT,
            levels=LAND_LEVELS,
        )
        return Relief(view, NIGHT_CORNER, NIGHT_SIZE)

    def _night(self) -> None:
        self.section("night")
        self.titles = list(self.mobjects)
        self.ground = self._slanted()
        walk = self.run.land.walks.descents[0]
        self.way = np.column_stack([walk.positions, walk.values * LIFT])
        self.lamp_dot = walker(*self.ground.at(self.way[0])[:2], radius=0.07)
        self.say("night", along=[FadeIn(self.ground)])
        self._light(run_time=1.6)
        half = max(1, len(self.way) // 4)
        self._stroll(0, min(3, half), 3.6)

    def _light(self, run_time: float) -> None:
        """The lamp is lit."""
        self.sweep(
            lambda a: self.ground.lamp(self.way[0], strength=a), self.ground, run_time=run_time
        )
        self.play(FadeIn(self.lamp_dot), run_time=theme.FADE)

    def _stroll(self, start: int, end: int, run_time: float) -> None:
        """Walk from one step of the way to another, with a short rest after each."""

        def draw(alpha: float) -> None:
            taken = start + (end - start) * alpha
            k = min(int(taken), end - 1)
            share = np.clip((taken - k) * 1.35, 0, 1)
            place = self.way[k] + (self.way[k + 1] - self.way[k]) * (3 - 2 * share) * share**2
            self.ground.lamp(place)
            self.lamp_dot.move_to(self.ground.at(place))

        self.sweep(draw, self.ground, self.lamp_dot, run_time=run_time, rate_func=linear)

    def _question(self) -> None:
        self.section("question")
        self.say("question")
        half = min(3, max(1, len(self.way) // 4))
        self._stroll(half, min(len(self.way) - 1, 12), 5.5)

    # One weight

    def _sign(self) -> None:
        self.section("slope")
        spot = self.run.spots[0]
        self.hush()
        self.play(FadeOut(self.ground), FadeOut(self.lamp_dot), run_time=theme.FADE)
        self._curve()
        self.tangent = Stroke([[0, 0], [1, 0]], theme.TARGET, theme.LINE)
        self.dot = walker(0, 0)
        self.push = Arrow([0, 0], [1, 0], theme.WEIGHT)
        self.slope_name = self.label("slope", size=theme.CAPTION)
        self.slope_name.put(COLUMN, 1.55, "left")
        slopes = [s.slope for s in self.run.spots]
        self.slope = self.number(
            "slope", spot.slope, SIGNED, size=theme.NUMBER_LARGE, room=slopes, align="left"
        ).put(COLUMN, 0.85, "left")
        self._touch(spot.weight)
        self._push(spot)
        self.advice = self._advice(spot)
        self.play(FadeIn(self.dot), Create(self.tangent), run_time=theme.MOVE)
        self.play(FadeIn(self.slope_name), FadeIn(self.slope), run_time=theme.FADE)
        self._tell(spot, [FadeIn(self.push), FadeIn(self.advice)])

    def _curve(self) -> None:
        """The error over one weight, wide enough for every walk on it."""
        fixed, own = self.run.fixed.walk, self.run.own.walk
        terrain = fixed.terrain
        low = min(terrain.low, fixed.positions.min(), own.positions.min())
        high = max(terrain.high, fixed.positions.max(), own.positions.max())
        ws = np.linspace(low, high, 121)
        errors = terrain.value(ws)
        self.plane = Plane(
            (float(low), float(high)),
            (0.0, float(errors.max()) * 1.06),
            corner=CURVE_CORNER,
            size=CURVE_SIZE,
            x_name=self.label("weight", size=theme.TICK, colour=theme.WEIGHT),
            y_name=self.label("error", size=theme.TICK, colour=theme.ERROR),
        )
        self.curve = Stroke(self.plane.path(ws, errors), theme.ERROR, theme.LINE)
        self.play(FadeIn(self.plane), Create(self.curve), run_time=theme.MOVE)

    def _touch(self, w: float) -> None:
        """Put the dot and its tangent at `w`."""
        terrain = self.run.fixed.walk.terrain
        error, slope = float(terrain.value(np.float64(w))), float(terrain.slope(np.float64(w)))
        self.dot.move_to(self.plane.at(w, error))
        along = np.array([CURVE_SIZE[0] / np.ptp(self.plane.x_range), 0])
        along[1] = slope * CURVE_SIZE[1] / np.ptp(self.plane.y_range)
        along *= 1.25 / np.linalg.norm(along)
        middle = self.plane.at(w, error)[:2]
        self.tangent.draw([middle - along, middle + along])

    def _push(self, spot: Spot) -> None:
        """The arrow on the axis: the way in which w must change."""
        x, y = self.plane.x(spot.weight), CURVE_CORNER[1] + 0.24
        self.push.draw([x, y], [x + (1.3 if spot.slope < 0 else -1.3), y])

    def _advice(self, spot: Spot) -> VGroup:
        key = "increase" if spot.slope < 0 else "decrease"
        words = self.label(key, size=theme.CAPTION, colour=theme.WEIGHT)
        return words.put(COLUMN, 0.1, "left")

    def _tell(self, spot: Spot, along: Sequence[FadeIn]) -> None:
        slope = self.figure("slope", spot.slope, SIGNED)
        self.say("negative" if spot.slope < 0 else "positive", {"slope": slope}, along=along)

    def _other_side(self) -> None:
        self.section("other-side")
        first, second = self.run.spots
        terrain = self.run.fixed.walk.terrain
        self.play(FadeOut(self.push), FadeOut(self.advice), run_time=theme.FADE)

        def draw(alpha: float) -> None:
            w = first.weight + (second.weight - first.weight) * alpha
            self._touch(w)
            self.slope.show(float(terrain.slope(np.float64(w))))

        self.sweep(draw, self.tangent, self.dot, ends={self.slope: second.slope}, run_time=2.6)
        self._push(second)
        self.advice = self._advice(second)
        self._tell(second, [FadeIn(self.push), FadeIn(self.advice)])

    # Two rules

    def _fixed_steps(self) -> None:
        self.section("fixed-steps")
        line = self.run.fixed
        gone = [self.tangent, self.push, self.advice, self.slope_name, self.slope]
        step = self.figure("fixed step", self.params.fixed_step, self._spec("fixed_step"))
        self.say("fixed", {"step": step}, along=[FadeOut(m) for m in gone])
        self._rule(line, "fixed", FIXED_BARS_Y)
        self._descend(line)
        self.say("lucky" if line.walk.settled else "bounced")

    def _own_steps(self) -> None:
        self.section("own-steps")
        line = self.run.own
        start = self.run.spots[0]
        back = self.dot.animate.move_to(self.plane.at(start.weight, start.error))
        self.say("own", along=[FadeOut(self.rule), back, self.hops.animate.set_stroke(opacity=0.3)])
        self._rule(line, "own", OWN_BARS_Y)
        self._descend(line)
        self._conclude(line)

    def _conclude(self, line: Line) -> None:
        walk = line.walk
        figures = {
            "count": self.figure("steps", line.count, "d"),
            "bounces": self.figure("bounces", walk.bounces, "d", theme.ERROR),
            "weight": self.figure("w", walk.positions[-1], FINE, theme.WEIGHT),
            "slope": self.figure("slope", walk.gradients[-1], SIGNED),
            "rate": self.figure("L", self.params.learning_rate, self._spec("learning_rate")),
        }
        key, used = _outcome(line)
        self.say(key, {name: figures[name] for name in used})

    def _spec(self, name: str) -> str:
        return f".{decimals([getattr(self.params, name)], 1)}f"

    def _rule(self, line: Line, kind: str, y: float) -> None:
        """Put a rule with its live numbers, and the bars of its steps at `y`, into the column."""
        walk, size = line.walk, theme.NUMBER_SMALL
        weights, moves, slopes = walk.positions, walk.moves, walk.gradients

        def live(name: str, values: Sequence[float], spec: str, colour: str) -> LiveNumber:
            return self.number(name, values[0], spec, colour=colour, size=size, room=list(values))

        self.live = {
            "w": live("w", weights, FINE, theme.WEIGHT),
            "after": live("next w", weights[1:], FINE, theme.WEIGHT),
            "step": live("step", moves, SIGNED, theme.INK),
            "slope": live("slope", slopes, SIGNED, theme.INK),
        }
        self.bounces = live("bounces", line.bounces, "d", theme.ERROR)
        if kind == "own":
            rate = self.params.learning_rate
            inside = {
                "w": self.live["w"],
                "L": self.number("L", rate, self._spec("learning_rate"), size=size),
                "slope": self.live["slope"],
            }
            source, beside = "{{ w : new }} arrow.l [w] - [L] dot ([slope])", "step"
        else:
            inside = {"w": self.live["w"], "step": self.live["step"]}
            source, beside = "{{ w : new }} arrow.l [w] space [step]", "slope"
        formula = Formula(source, inside, tint={"new": theme.WEIGHT}, size=size)
        formula.shift(point(COLUMN - formula.get_left()[0], 1.3 - inside["w"].baseline))
        title = self.label(f"{kind}_rule", size=theme.CAPTION, bold=True).put(COLUMN, 2.0, "left")
        equal = self.symbol("=", size=theme.FORMULA)
        row([equal, self.live["after"]], COLUMN + 0.42, 0.65, gap=0.2, align="left")
        name = self.label(beside, colour=theme.MUTED)
        row([name, self.live[beside]], theme.RIGHT, 0.65, gap=0.18, align="right")
        self.rule = VGroup(title, formula, equal, self.live["after"], name, self.live[beside])
        words = self.label(f"{kind}_bars", size=theme.TICK, colour=theme.MUTED)
        words.put(COLUMN, y + 0.66, "left")
        count_name = self.label("bounces", size=theme.TICK, colour=theme.MUTED)
        row([count_name, self.bounces], theme.RIGHT, y + 0.66, gap=0.15, align="right")
        largest = max(np.abs(one.walk.moves).max() for one in (self.run.fixed, self.run.own))
        self.bars = StepBars(
            list(moves),
            x=COLUMN,
            y=y,
            width=theme.RIGHT - COLUMN,
            reach=0.5,
            largest=float(largest),
            colour=theme.WEIGHT,
        )
        self.hops = Hops(self.plane.path(weights, walk.values), theme.WEIGHT)
        self.add(self.hops)
        self.bring_to_front(self.dot)
        new = VGroup(words, count_name, self.bounces, self.bars)
        self.play(FadeIn(self.rule), FadeIn(new), run_time=theme.MOVE)

    def _descend(self, line: Line) -> None:
        """Take a walk: the first steps one by one, the rest in one go."""
        slow = min(SLOW_STEPS, line.count)
        for k in range(slow):
            if k:
                self.count(self._figures_of(line, k), run_time=theme.FADE)
            self._take(line, k, k + 1, 0.7)
        if line.count > slow:
            self._take(line, slow, line.count, min(4.5, 0.4 * (line.count - slow)))

    def _figures_of(self, line: Line, k: int) -> dict[LiveNumber, float]:
        """What the numbers show while step k is taken."""
        walk, live = line.walk, self.live
        return {
            live["w"]: walk.positions[k],
            live["slope"]: walk.gradients[k],
            live["step"]: walk.moves[k],
            live["after"]: walk.positions[k + 1],
        }

    def _take(self, line: Line, start: int, end: int, run_time: float) -> None:
        """Hop from the position `start` to the position `end`."""

        def draw(alpha: float) -> None:
            taken = start + (end - start) * alpha
            for number, value in self._figures_of(line, min(int(taken), end - 1)).items():
                number.show(float(value))
            self.bounces.show(line.bounces[int(taken)])
            self.bars.show(taken)
            self.dot.move_to(point(*self.hops.show(taken)))

        ends = {**self._figures_of(line, end - 1), self.bounces: line.bounces[end]}
        rate = linear if end > start + 1 else smooth
        self.sweep(
            draw, self.hops, self.dot, self.bars, ends=ends, run_time=run_time, rate_func=rate
        )

    # Terrains

    def _day(self) -> None:
        self.section("day")
        self.hush()
        gone = [m for m in self.mobjects if m not in self.titles]
        self.ground.daylight(0.0)
        self.play(*[FadeOut(m) for m in gone], run_time=theme.FADE)
        self.say("day", along=[FadeIn(self.ground)])
        self.sweep(self.ground.daylight, self.ground, run_time=3.0)

    def _mountains(self) -> None:
        self.section("mountains")
        names = (
            Formula("w_1", size=theme.LABEL, colour=theme.WEIGHT),
            Formula("w_2", size=theme.LABEL, colour=theme.WEIGHT),
            self.label("height", size=theme.TICK, colour=theme.MUTED),
        )
        survey = Survey(
            self.run.land.walks, LAND_VIEW, LAND_LEVELS, names, corner=MAP_CORNER, size=MAP_SIZE
        )
        self.say("starts", along=[FadeOut(self.ground), FadeIn(survey.picture)])
        self._go_down(survey, "height", ".2f")
        self._verdict(self.run.land, "land", ".2f")
        self.survey = survey

    def _go_down(self, survey: Survey, name: str, spec: str) -> None:
        """All start at once; then every end is marked by its valley."""
        walks, trails = survey.walks.descents, survey.trails
        letters = [self.label(key, size=theme.TICK, bold=True) for key in "abc"]
        badges = VGroup(*[survey.badge(k, letter) for k, letter in enumerate(letters)])
        table, live = self._table(survey, name, spec)
        dots = VGroup(*[t.dot for t in trails])
        self.play(FadeIn(badges), FadeIn(table), FadeIn(dots), run_time=theme.MOVE)
        self.add(*trails)
        self.bring_to_front(badges, dots)

        def draw(alpha: float) -> None:
            # Slower at first, where the steps are long.
            taken = survey.longest * alpha**2
            for walk, trail, number in zip(walks, trails, live, strict=True):
                trail.show(taken)
                number.show(float(walk.values[min(int(taken), len(walk.moves))]))

        ends = {n: walk.values[-1] for n, walk in zip(live, walks, strict=True)}
        self.sweep(draw, *trails, dots, ends=ends, run_time=5.0, rate_func=linear)
        marks = self._marks(survey, name, spec)
        self.play(
            *[
                t.animate.set_stroke(theme.TARGET if good else theme.ERROR)
                for t, good in zip(trails, survey.walks.in_lowest, strict=True)
            ],
            *[FadeIn(m) for m in marks],
            run_time=theme.MOVE,
        )
        self.shown = Group(survey.picture, badges, table, dots, *trails, *marks)

    def _table(self, survey: Survey, name: str, spec: str) -> tuple[VGroup, list[LiveNumber]]:
        """A row for each walker: where it started, and where it is now."""
        rows, live = [], []
        for k, walk in enumerate(survey.walks.descents):
            y = TABLE_TOP - TABLE_PITCH * k
            letter = self.label("abc"[k], size=theme.LABEL, bold=True)
            start = self.number(name, walk.values[0], spec, size=theme.NUMBER_SMALL, bold=False)
            arrow = self.symbol("→", size=theme.LABEL, colour=theme.MUTED)
            now = self.number(
                name, walk.values[0], spec, size=theme.NUMBER_SMALL, room=list(walk.values)
            )
            rows.append(row([letter, start, arrow, now], TABLE_X, y, gap=0.25, align="left"))
            live.append(now)
        return VGroup(*rows), live

    def _marks(self, survey: Survey, name: str, spec: str) -> list[VGroup]:
        """The valleys' depths, and in the table which of them each walker is in."""
        walks = survey.walks
        marks = []
        for valley in walks.valleys:
            depth = self.number(name, valley.value, spec, size=theme.LABEL)
            depth.set_stroke(theme.BACKGROUND, width=6, opacity=0.8, background=True)
            marks.append(depth.put_mid(*survey.beside(valley.position)))
        for k, (end, good) in enumerate(zip(walks.ends_in, walks.in_lowest, strict=True)):
            key = "lowest" if good else "nowhere" if end is None else "wrong"
            colour = theme.TARGET if good else theme.ERROR
            words = self.label(key, colour=colour)
            marks.append(words.put(TABLE_X, TABLE_TOP - TABLE_PITCH * k - 0.45, "left"))
        return marks

    def _verdict(self, party: Party, where: str, spec: str) -> None:
        figures = {
            "total": self.figure("walkers", party.total, "d"),
            "count": self.figure("in the lowest", party.in_lowest, "d"),
            "low": self.figure("lowest", party.walks.valleys[0].value, spec),
        }
        kind = _how_many(party)
        used = ("total", "low") if kind in ("all", "none") else ("total", "count", "low")
        self.say(f"{kind}_{where}", {name: figures[name] for name in used})

    def _network(self) -> None:
        self.section("network")
        self.hush()
        self.play(FadeOut(self.shown), run_time=theme.FADE)
        names = (
            self.label("hidden_bias", size=theme.TICK, colour=theme.WEIGHT),
            self.label("output_bias", size=theme.TICK, colour=theme.WEIGHT),
            self.label("error", size=theme.TICK, colour=theme.ERROR),
        )
        survey = Survey(
            self.run.network.walks,
            NETWORK_VIEW,
            NETWORK_LEVELS,
            names,
            corner=MAP_CORNER,
            size=MAP_SIZE,
        )
        self.say("network", along=[FadeIn(survey.picture)])
        self.section("network-walks")
        self._go_down(survey, "error", FINE)
        self._verdict(self.run.network, "network", FINE)


def _outcome(line: Line) -> tuple[str, tuple[str, ...]]:
    """The caption that is true of a walk by its slope, and the figures in it."""
    walk = line.walk
    if walk.left_domain:
        return "runaway", ("rate",)
    if not walk.settled:
        return "unsettled", ("rate", "count", "slope")
    if line.count == 1:
        return "once", ("rate",)
    if walk.bounces:
        return "settled_bouncing", ("bounces", "count", "weight")
    return "settled", ("count", "weight")


def _how_many(party: Party) -> str:
    """Which verdict is true of a party."""
    if party.in_lowest == party.total:
        return "all"
    if party.in_lowest == 0:
        return "none"
    return "part" if party.in_none else "some"
