"""XOR: one line cannot split its corners, two can, and a network finds its own way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, Create, VGroup, VMobject, linear, smooth
from manim.constants import UP
from pydantic import Field

from nncore.boolean import AND, CORNERS, OR, XOR, Sweep, Table
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.logic import Split, Thumbnail, ring
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.params import ClipParams
from scenes.kit.plane import Plane
from scenes.kit.shapes import Points, marker, point
from scenes.kit.text import Align, LiveNumber, row
from scenes.xor_networks import GateNetwork, Learner
from scenes.xor_parts import LINES, Band, Tally, TruthTable, swap
from scenes.xor_run import HIGH, LOW, XorRun, xor_run

CORNER, SIDE = (-5.45, -2.4), 4.85
RIGHT_MID = 3.45
SCORE_LOW, SCORE_HIGH = -2.6, 1.95
POINT, RING = 0.19, 0.31
READ_TABLE = 3.0


class XorParams(ClipParams):
    """Parameters of the XOR clip."""

    sweep_turns: int = Field(3, ge=2, le=6, description="full turns of the line that tries XOR")
    seed: int = Field(1, ge=0, le=2**32 - 1, description="seed of the trained network's weights")
    learning_rate: float = Field(2.0, gt=0, le=10, description="learning rate of the training")
    epochs: int = Field(2000, ge=50, le=3000, description="times the four cases are learnt")
    hidden: int = Field(2, ge=2, le=4, description="hidden neurons of the trained network")


class Xor(Clip):
    """Truth tables as points; one line, two lines, a trained network."""

    slug = "xor"
    Params = XorParams
    run: XorRun

    @staticmethod
    def compute(params: XorParams) -> XorRun:
        """Every line tried and counted, the two-line network, and the training."""
        return xor_run(
            turns=params.sweep_turns,
            seed=params.seed,
            learning_rate=params.learning_rate,
            epochs=params.epochs,
            hidden=params.hidden,
        )

    def construct(self) -> None:
        """Draw the sections: the tables and their lines, the proof, the two networks."""
        self._table()
        self._and()
        self._or()
        self._xor()
        self._proof()
        self._two_lines()
        self._network()
        self._inputs()
        self._learn()

    # The plane and the table

    def _table(self) -> None:
        self.section("table")
        self._make_plane()
        self.table = TruthTable(self, "and", AND, self.run.two.inputs)
        self.say(
            "table",
            {
                "one": self.figure("output", AND.targets[3], "d", theme.OUTPUT),
                "on": self.figure("A", self.run.two.inputs[3, 0], ".0f", theme.INPUT),
            },
            along=[FadeIn(self.plane), FadeIn(self.axis_names), FadeIn(self.table.head)],
        )
        bar, focus = self.table.bar, ring(0, 0, RING, theme.TARGET)
        for k, parts in enumerate(self.table.rows):
            circle = self._corner(k)
            if k == 0:
                focus.move_to(circle)
                self.bring_to_back(bar)
                lit: list[Animation] = [FadeIn(bar), FadeIn(focus)]
            else:
                here = point(bar.get_x(), self.table.mid(k))
                lit = [bar.animate.move_to(here), focus.animate.move_to(circle)]
            self.play(*lit, FadeIn(parts), FadeIn(self.points[k]), run_time=0.6)
        self.play(FadeOut(bar), FadeOut(focus), run_time=theme.FADE)

    def _make_plane(self) -> None:
        self.plane = Plane(
            (LOW, HIGH),
            (LOW, HIGH),
            corner=CORNER,
            size=(SIDE, SIDE),
            x_ticks=CORNERS[1],
            y_ticks=CORNERS[1],
            grid=True,
        )
        x, y = CORNER
        name_a = self.label("a", colour=theme.INPUT).put(self.plane.x(0.5), y - 0.4)
        name_b = self.label("b", colour=theme.INPUT)
        name_b.put_mid(x - 0.18, self.plane.y(0.5), "right")
        self.axis_names = VGroup(name_a, name_b)
        self.split = Split(self.plane, self.run.two.inputs, radius=RING)
        self.points = self._markers(AND)

    def _corner(self, k: int) -> Points:
        a, b = self.run.two.inputs[k]
        return self.plane.at(float(a), float(b))

    def _markers(self, table: Table) -> list[VMobject]:
        places = [self._corner(k) for k in range(self.run.corners)]
        return [
            marker(p[0], p[1], bool(t), size=POINT)
            for p, t in zip(places, table.targets, strict=True)
        ]

    def _score_row(self, name: str, value: int, y: float, x: float, **look: Any) -> LiveNumber:
        """`right [n] of 4` at a height; returns its live number."""
        number = self.number(name, value, "d", room=[self.run.corners], **look)
        total = self.figure("corners", self.run.corners, "d")
        words = [self.label(name, size=theme.CAPTION), number]
        words.append(self.label("of", {"total": total}, size=theme.CAPTION))
        self.score_rows[name] = row(words, x, y, gap=0.16, align="left")
        return number

    # One line

    def _and(self) -> None:
        self.section("and")
        line = self.run.and_line
        self.split.draw(line.weights, line.threshold, AND.targets)
        self.score_rows: dict[str, VGroup] = {}
        self.score = self._score_row("right", self.run.and_line.score, SCORE_LOW, 2.5)
        figures = {
            "one": self.figure("output", AND.targets[3], "d", theme.OUTPUT),
            "zero": self.figure("output", AND.targets[0], "d", theme.OUTPUT),
        }
        self.say("and", figures)
        self.play(Create(self.split.line), run_time=theme.MOVE)
        self._shade()
        self.play(FadeIn(self.split.shades), FadeIn(self.score_rows["right"]), run_time=theme.MOVE)

    def _shade(self) -> None:
        """Put the tints of the two sides under everything, the rings above."""
        self.bring_to_back(self.split.shades)
        self.add(*self.split.rings)

    def _or(self) -> None:
        self.section("or")
        shift = self.run.shift
        self.say("or")
        self._change_table(OR, "or", shift, 0)
        self._move_line(shift, theme.COUNT, {self.score: shift.scores})

    def _change_table(self, table: Table, name: str, path: Sweep, at: int) -> None:
        """Recolour the points and rewrite the answers; the line stays and is scored anew."""
        swaps = self.table.change(name, table)
        new_points = self._markers(table)
        for k, (before, after) in enumerate(zip(self.points, new_points, strict=True)):
            if before.get_fill_color() != after.get_fill_color():
                self.points[k] = after
                swaps += swap(before, after)
        self.play(*swaps, run_time=theme.MOVE)
        self.table.settle(table)
        self.settle(self.score, path.scores[at])
        self._draw_line(path, at)

    def _draw_line(self, path: Sweep, at: int) -> None:
        angle, offset = float(path.angles[at]), float(path.offsets[at])
        self.split.draw([np.cos(angle), np.sin(angle)], offset, path.table.targets)

    def _move_line(
        self,
        path: Sweep,
        run_time: float,
        counted: dict[LiveNumber, Any],
        thumbnails: Sequence[tuple[Thumbnail, int]] = (),
    ) -> None:
        """Run the line along a path; numbers show their score, thumbnails appear when met."""
        last = len(path.angles) - 1

        def draw(alpha: float) -> None:
            at = round(alpha * last)
            self._draw_line(path, at)
            for number, values in counted.items():
                number.show(int(values[at]))
            for picture, met in thumbnails:
                picture.show(float(np.clip((at - met + 1) / 14, 0, 1)))

        self.sweep(
            draw,
            *self.split.submobjects,
            *[picture for picture, _ in thumbnails],
            ends={number: values[-1] for number, values in counted.items()},
            run_time=run_time,
        )

    def _xor(self) -> None:
        self.section("xor")
        search = self.run.search
        one = self.figure("output", XOR.targets[1], "d", theme.OUTPUT)
        self.say("xor", {"one": one})
        self._change_table(XOR, "xor", self.run.back, -1)
        self.wait(READ_TABLE)
        self.best = self._score_row("best", search.best_so_far[0], SCORE_HIGH, 3.5)
        self.tally = Tally(self, self.run.ways, search, self.run.two.inputs)
        up = UP * (SCORE_HIGH - SCORE_LOW)
        score_row = self.score_rows["right"]
        side = point(0.4 - score_row[0].left_edge, 0)
        self.play(
            *[FadeOut(m) for m in self.table.parts()],
            *[FadeOut(m) for m in (self.split.shades, self.split.line, *self.split.rings)],
            run_time=theme.FADE,
        )
        self._draw_line(search, 0)
        self.play(score_row.animate.shift(up + side), run_time=0.7)
        self.settle(self.score, search.scores[0])
        self._shade()
        self.bring_to_front(*self.points, *self.split.rings)
        self.play(
            FadeIn(self.split.shades),
            FadeIn(self.split.line),
            FadeIn(self.tally.rows),
            FadeIn(self.score_rows["best"]),
            run_time=theme.FADE,
        )
        self.bring_to_front(*self.points, *self.split.rings)
        counted = {self.score: search.scores, self.best: search.best_so_far}
        self._move_line(search, 5.5, counted, self.tally.met)

    def _proof(self) -> None:
        self.section("proof")
        ways = self.run.ways
        figures = {
            "ways": self.figure("ways", ways.dichotomy_count, "d"),
            "best": self.figure("best", ways.proven_best, "d"),
            "total": self.figure("corners", self.run.corners, "d"),
        }
        self.say("proof", figures, along=[FadeIn(self.tally.none)])
        self._move_line(self.run.back, theme.COUNT, {self.score: self.run.back.scores})

    # Two lines

    def _two_lines(self) -> None:
        self.section("two-lines")
        run = self.run
        self.say("two")
        gone = [*self.tally.parts(), self.score_rows["best"]]
        self.band = Band(self.plane, run.bounds[0], self.split.rings[-1])
        first = self._condition("A + B > [bound]", run.bounds[0], 0.75, LINES[0])
        second = self._condition("A + B < [bound]", run.bounds[1], -0.4, LINES[1])
        self.conditions = VGroup(first, second)
        self.play(*[FadeOut(m) for m in gone], run_time=theme.FADE)
        self.band.draw(float(run.entering[0]))
        self.remove(self.split.shades)
        self.bring_to_back(*self.band.shades)
        self.play(FadeIn(first), run_time=theme.FADE)

        def draw(alpha: float) -> None:
            at = round(alpha * (len(run.entering) - 1))
            self.band.draw(float(run.entering[at]))
            self.score.show(int(run.entering_right[at]))

        self.sweep(
            draw,
            *self.band.moving(),
            ends={self.score: run.two.right},
            run_time=2.0,
            along=[FadeIn(second)],
        )
        legend = self._legend()
        self.play(FadeIn(legend), run_time=theme.FADE)
        self.conditions.add(legend)

    def _legend(self) -> VGroup:
        """What holds between the lines, and what outside."""
        legend = VGroup()
        for second, name, y in ((True, "both", -1.75), (False, "other", -2.35)):
            words = self.label(name, size=theme.CAPTION).put_mid(2.95, y, "left")
            legend.add(marker(2.6, y, second, size=0.13), words)
        return legend

    def _condition(self, source: str, bound: float, y: float, colour: str) -> Formula:
        number = self.number("bound", bound, ".1f", colour=colour, size=theme.NUMBER_LARGE)
        formula = Formula(source, {"bound": number}, size=theme.NUMBER_LARGE, colour=colour)
        formula.move_to(point(RIGHT_MID, y))
        return formula

    # The two lines as two neurons

    def _network(self) -> None:
        self.section("network")
        gone = [self.conditions, self.score_rows["right"]]
        self.say("network", along=[FadeOut(m) for m in gone])
        self.gates = GateNetwork(self, self.run.two, self.run.fires_above)
        self.play(FadeIn(self.gates.group), run_time=theme.MOVE)

    def _inputs(self) -> None:
        self.section("inputs")
        self.gates.start()
        focus = ring(0, 0, RING, theme.TARGET).move_to(self._corner(0))
        self.say("inputs", along=[FadeIn(focus), FadeIn(self.gates.rule)])
        outputs = self.run.two.forward.output[:, 0]
        self.corner_outputs = [
            self.number("output", value, ".0f", colour=theme.OUTPUT).put_mid(*self._beside(k))
            for k, value in enumerate(outputs)
        ]
        for k in range(self.run.corners):
            self._one_case(k, focus)
        self.corner_outputs.append(focus)

    def _one_case(self, k: int, focus: VMobject) -> None:
        """Send one case through; its corner is ringed, and at the end gets its output."""
        start, end, output = focus.get_center(), self._corner(k), self.corner_outputs[k]

        def draw(alpha: float) -> None:
            focus.move_to(start + (end - start) * smooth(min(1.0, alpha / 0.15)))
            self.gates.run(k, alpha)
            output.set_fill(opacity=self.gates.arrived(alpha), family=False)

        self.sweep(
            draw,
            focus,
            *self.gates.moving(),
            output,
            ends=self.gates.ends(k),
            run_time=2.1,
            rate_func=linear,
        )

    def _beside(self, k: int) -> tuple[float, float, Align]:
        """Where a number beside a corner goes, outside the square: x, y and alignment."""
        x, y, _ = self._corner(k)
        gap = RING + 0.09
        left = self.run.two.inputs[k, 0] < self.plane.x_range[1] / 2
        return (x - gap, y, "right") if left else (x + gap, y, "left")

    # A trained network

    def _learn(self) -> None:
        self.section("learn")
        run = self.run.training
        gone = [*self.gates.all(), *self.band.shades, self.band.line, self.split.line]
        gone += self.corner_outputs
        self.say(
            "learn",
            {"seed": self.figure("seed", run.seed, "d")},
            along=[FadeOut(m) for m in gone],
        )
        places = [self._beside(k) for k in range(self.run.corners)]
        learner = Learner(self, self.plane, self.run, places)
        self.bring_to_back(learner.heat)
        self.add(*self.split.rings)
        self.play(FadeIn(learner.heat), *[FadeIn(m) for m in learner.parts()], run_time=theme.MOVE)

        def draw(alpha: float) -> None:
            wrong = learner.show(1 + round((run.epochs - 1) * alpha**3))
            for circle, missed in zip(self.split.rings, wrong, strict=True):
                circle.set_stroke(opacity=float(missed))

        self.sweep(
            draw,
            *learner.moving(),
            *self.split.rings,
            ends=learner.ends(),
            run_time=4.0,
            rate_func=linear,
        )
        self._verdict()

    def _verdict(self) -> None:
        run = self.run.training
        figures = {
            "right": self.figure("right", run.right, "d"),
            "total": self.figure("corners", self.run.corners, "d"),
        }
        self.say("solved" if run.solved else "unsolved", figures)
