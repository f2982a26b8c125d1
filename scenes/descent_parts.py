"""What the descent's clip is drawn with: the curve, the column of a rule, the walkers' table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import RoundedRectangle, VGroup, VMobject
from numpy.typing import NDArray

from nncore.descent import Descent, Descents
from nncore.terrain import Terrain1D
from scenes.descent_night import LAND_LEVELS
from scenes.descent_walks import Party, Spot
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import shown
from scenes.kit.plane import Plane
from scenes.kit.relief import Range
from scenes.kit.shapes import Arrow, Stroke, point
from scenes.kit.steps import Hops, StepBars, walker
from scenes.kit.survey import Survey
from scenes.kit.text import LiveNumber, Words, row

FINE = ".3f"
SIGNED = "+.3f"
# Steps in proportion to the slope become so small that they need one decimal more.
FINER, FINER_SIGNED = ".4f", "+.4f"
CURVE_CORNER = (-5.85, -2.1)
CURVE_SIZE = (6.75, 4.0)
COLUMN = 1.62
TABLE_X, TABLE_TOP, TABLE_PITCH = 2.75, 1.3, 1.3
_MAP_CORNER, _MAP_SIZE = (-5.75, -2.1), (5.85, 4.2)
# Both maps have one scale for their two axes, so that downhill is square to the contours.
_LAND_WINDOW = ((-4.18, 4.18), (-3.0, 3.0))
_NETWORK_WINDOW = ((-14.5, 8.5), (-1.0, 15.5))
_NETWORK_LEVELS = [k / 20 for k in range(35)]
_TANGENT = 1.25
_PUSH = 1.3
_FORMULA_Y, _RESULT_Y = 1.36, 0.7
_PITCH = 0.5
# So many signs of its numbers fit into the column in the larger size.
_MOST_SIGNS = 15


class Valley:
    """The error over one weight, with a dot on it and the tangent there."""

    def __init__(self, clip: Clip, terrain: Terrain1D, walks: Sequence[Descent]) -> None:
        self.terrain = terrain
        low = min(terrain.low, *(float(w.positions.min()) for w in walks))
        high = max(terrain.high, *(float(w.positions.max()) for w in walks))
        ws = np.linspace(low, high, 121)
        errors = terrain.value(ws)
        margin = 0.03 * (high - low)
        self.plane = Plane(
            (low - margin, high + margin),
            (0.0, float(errors.max()) * 1.06),
            corner=CURVE_CORNER,
            size=CURVE_SIZE,
            x_name=clip.label("weight", size=theme.TICK, colour=theme.WEIGHT),
            y_name=clip.label("error", size=theme.TICK, colour=theme.ERROR),
        )
        self.curve = Stroke(self.plane.path(ws, errors), theme.ERROR, theme.LINE)
        self.tangent = Stroke([[0, 0], [1, 0]], theme.TARGET, theme.LINE)
        self.dot = walker(0, 0)
        self.place(0.5 * (low + high))

    def slope(self, w: float) -> float:
        """The slope at `w`, on the way between numbers of the run."""
        return float(self.terrain.slope(np.array(w)))

    def at(self, w: float) -> NDArray[np.float64]:
        """The point (3,) of the curve at `w`."""
        return self.plane.at(w, float(self.terrain.value(np.array(w))))

    def place(self, w: float) -> None:
        """Put the dot at `w` on the curve."""
        self.weight = w
        self.dot.move_to(self.at(w))

    def touch(self, w: float) -> None:
        """Put the dot and its tangent at `w`; the tangent stays within the axes."""
        self.place(w)
        here = self.at(w)
        (x0, x1), (y0, y1) = self.plane.x_range, self.plane.y_range
        along = np.array([CURVE_SIZE[0] / (x1 - x0), self.slope(w) * CURVE_SIZE[1] / (y1 - y0)])
        along /= np.linalg.norm(along)
        corner = np.array(CURVE_CORNER)
        ends = []
        for way in (-along, along):
            wall = np.where(way > 0, corner + CURVE_SIZE, corner)
            free = [
                gap / step
                for gap, step in zip(wall - here[:2], way, strict=True)
                if abs(step) > 1e-9
            ]
            ends.append(here[:2] + way * min(_TANGENT, *free))
        self.tangent.draw(ends)

    def push(self, w: float, bottom: float) -> Arrow:
        """An arrow over the axis: the way in which w must change; it ends before the bottom."""
        x, y = self.plane.x(w), CURVE_CORNER[1] + 0.24
        gap = self.plane.x(bottom) - x
        length = np.sign(gap) * min(_PUSH, 0.8 * abs(gap))
        return Arrow([x, y], [x + length, y], theme.WEIGHT)


def slope_row(clip: Clip, spots: Sequence[Spot], y: float) -> VGroup:
    """The word and, large, the slope at the first of `spots`, with room for that at each."""
    name = clip.label("slope", size=theme.CAPTION)
    slopes = [spot.slope for spot in spots]
    size = theme.NUMBER_LARGE
    number = clip.number("slope", slopes[0], SIGNED, size=size, room=slopes, align="left")
    return row([name, number], COLUMN, y, gap=0.3, align="left")


class RuleColumn:
    """A rule with its live numbers, and the bars of its steps; `hops` belong over the curve.

    `kind` is "fixed" (w ← w ± step) or "own" (w ← w − L · slope); `bounces` are the numbers
    of bounces before the first step and after each.
    """

    def __init__(
        self,
        clip: Clip,
        kind: str,
        valley: Valley,
        walk: Descent,
        bounces: Sequence[int],
        rate: tuple[float, str],
        largest: float,
        y: float,
    ) -> None:
        self.walk, self.bounces, self._clip = walk, bounces, clip
        self.fine, self.signed = (FINER, FINER_SIGNED) if kind == "own" else (FINE, SIGNED)
        widest = (walk.positions, self.fine), (walk.gradients, self.signed), ([rate[0]], rate[1])
        signs = sum(max(len(shown(float(v), spec)) for v in values) for values, spec in widest)
        small = kind == "own" and signs > _MOST_SIGNS
        self.size = theme.CAPTION if small else theme.NUMBER_SMALL
        self._numbers()
        self.rule = self._rule(kind, rate)
        words = clip.label(f"{kind}_bars", size=theme.TICK, colour=theme.MUTED)
        words.put(COLUMN, y + 0.68, "left")
        name = clip.label("bounces", size=theme.TICK, colour=theme.MUTED)
        row([name, self.bounced], theme.RIGHT, y + 0.68, gap=0.15, align="right")
        self.bars = StepBars(
            [float(m) for m in walk.moves],
            x=COLUMN,
            y=y,
            width=theme.RIGHT - COLUMN,
            reach=0.5,
            largest=largest,
            colour=theme.WEIGHT,
        )
        self.chart = VGroup(words, name, self.bounced, self.bars)
        self.hops = Hops(valley.plane.path(walk.positions, walk.values), theme.WEIGHT)
        self.dot, self._valley = valley.dot, valley

    def _numbers(self) -> None:
        walk = self.walk
        self.w = self._live("w", walk.positions[:-1], self.fine, theme.WEIGHT)
        self.after = self._live("next w", walk.positions[1:], self.fine, theme.WEIGHT)
        self.slope = self._live("slope", walk.gradients[:-1], self.signed, theme.INK)
        self.step: LiveNumber | None = None
        self.bounced = self._live("bounces", np.array(self.bounces), "d", theme.ERROR)

    def _live(self, name: str, values: NDArray[np.generic], spec: str, colour: str) -> LiveNumber:
        room = values.tolist()
        return self._clip.number(name, room[0], spec, colour=colour, size=self.size, room=room)

    def _rule(self, kind: str, rate: tuple[float, str]) -> VGroup:
        title = self._clip.label(f"{kind}_rule", size=theme.CAPTION, bold=True)
        title.put(COLUMN, 2.0, "left")
        return VGroup(title, *(self._own(rate) if kind == "own" else self._fixed()))

    def _own(self, rate: tuple[float, str]) -> list[VMobject]:
        """w ← w − L · slope, and under it the new w."""
        level = self._clip.number("L", rate[0], rate[1], size=self.size)
        inside = {"w": self.w, "L": level, "slope": self.slope}
        formula = self._formula("{{ w : new }} arrow.l [w] - thin [L] dot ([slope])", inside)
        return [formula, *self._result(_RESULT_Y)]

    def _fixed(self) -> list[VMobject]:
        """w and the slope there; under it the step; under that the new w."""
        formula = self._formula("{{ w : new }} arrow.l [w]", {"w": self.w})
        right = self.w.right_edge
        self.step = self._live("step", self.walk.moves, self.signed, theme.INK)
        self.step.put(right, _FORMULA_Y - _PITCH, "right")
        words = [self._clip.label(key, colour=theme.MUTED) for key in ("slope", "step")]
        # The slope stands apart; the step's name goes with the number before it.
        words[0].put(right + 0.6, _FORMULA_Y, "left")
        words[1].put(right + 0.18, _FORMULA_Y - _PITCH, "left")
        self.slope.put(words[0].right_edge + 0.18, _FORMULA_Y, "left")
        return [formula, self.step, *self._result(_FORMULA_Y - 2 * _PITCH), *words, self.slope]

    def _formula(self, source: str, inside: dict[str, LiveNumber]) -> Formula:
        formula = Formula(source, inside, tint={"new": theme.WEIGHT}, size=self.size)
        formula.shift(point(COLUMN - formula.get_left()[0], _FORMULA_Y - self.w.baseline))
        return formula

    def _result(self, y: float) -> list[VMobject]:
        equal = self._clip.symbol("=", size=self.size)
        self.after.put(self.w.right_edge, y, "right")
        equal.put(min(self.w.left_edge, self.after.left_edge) - 0.15, y, "right")
        return [equal, self.after]

    def during(self, k: int) -> dict[LiveNumber, float]:
        """What the numbers show while step k is taken."""
        walk = self.walk
        step = {self.step: walk.moves[k]} if self.step else {}
        return {
            self.w: walk.positions[k],
            self.slope: walk.gradients[k],
            **step,
            self.after: walk.positions[k + 1],
        }

    def show(self, taken: float, last: int) -> None:
        """Draw everything after `taken` steps of the walk, `last` being the next to rest at."""
        for number, value in self.during(min(int(taken), last - 1)).items():
            number.show(float(value))
        self.bounced.show(self.bounces[int(taken)])
        self.bars.show(taken)
        self.dot.move_to(point(*self.hops.show(taken)))
        self._valley.weight = float(self.walk.positions[int(taken)])


class Table:
    """A row for each walker: where it started, where it is, and at last what valley it is in."""

    def __init__(self, clip: Clip, walks: Descents, name: str, spec: str) -> None:
        self._clip, self.walks, self.live = clip, walks, []
        rows = []
        for k, walk in enumerate(walks.descents):
            size, values = theme.NUMBER_SMALL, walk.values.tolist()
            parts = [
                clip.label("abc"[k], size=theme.CAPTION, bold=True),
                clip.number(name, values[0], spec, size=size, bold=False),
                clip.symbol("→", colour=theme.MUTED),
                now := clip.number(name, values[0], spec, size=size, room=values),
            ]
            rows.append(row(parts, TABLE_X, self._y(k), gap=0.25, align="left"))
            self.live.append(now)
        self.rows = VGroup(*rows)

    @staticmethod
    def _y(k: int) -> float:
        return TABLE_TOP - TABLE_PITCH * k

    def verdicts(self) -> list[Words]:
        """Under each row, the valley in which its walk ended."""
        said = []
        for k, (end, lowest) in enumerate(
            zip(self.walks.ends_in, self.walks.in_lowest, strict=True)
        ):
            key = "lowest" if lowest else "nowhere" if end is None else "wrong"
            words = self._clip.label(key, colour=theme.TARGET if lowest else theme.ERROR)
            said.append(words.put(TABLE_X, self._y(k) - 0.45, "left"))
        return said


def depths(clip: Clip, survey: Survey, name: str, spec: str) -> list[VGroup]:
    """The depth of each valley on a dark plate, beside its bottom."""
    plates = []
    for valley in survey.walks.valleys:
        depth = clip.number(name, valley.value, spec, size=theme.LABEL)
        x, y = survey.beside(valley.position)
        plate = RoundedRectangle(
            corner_radius=0.1,
            width=depth.right_edge - depth.left_edge + 0.18,
            height=0.36,
            stroke_width=0,
            fill_color=theme.BACKGROUND,
            fill_opacity=0.72,
        ).move_to(point(x, y))
        plates.append(VGroup(plate, depth.put_mid(x, y, "center")))
    return plates


# Terrains


def mountain_survey(party: Party, names: tuple[VGroup, VGroup, Words]) -> Survey:
    """The mountains from above."""
    return _survey(party, _LAND_WINDOW, LAND_LEVELS, names)


def network_survey(party: Party, names: tuple[VGroup, VGroup, Words]) -> Survey:
    """The network's error from above."""
    return _survey(party, _NETWORK_WINDOW, _NETWORK_LEVELS, names)


def _survey(
    party: Party,
    window: tuple[Range, Range],
    levels: Sequence[float],
    names: tuple[VGroup, VGroup, Words],
) -> Survey:
    return Survey(
        party.terrain, party.walks, window, levels, names, corner=_MAP_CORNER, size=_MAP_SIZE
    )
