"""The classifier: a line between caterpillars and ladybirds, taught example by example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import linear, smooth

from nncore.classifier import LADYBIRD
from scenes.boundaries.classifier_run import (
    GardenTraining,
    Lessons,
    Params,
    Run,
    compute,
    quantities,
    right,
    verdicts,
)
from scenes.kit import theme
from scenes.kit.ledger import Value
from scenes.kit.quantities import Live, Ref
from scenes.kit.story import Lazy, Story, together
from scenes.kit.views.plane import PlaneView
from scenes.kit.views.plane_marks import sloped
from scenes.kit.views.series import Board
from scenes.kit.views.trace import TraceView
from scenes.kit.views.worked import Worked

Law = Callable[[float], Value]
LESSON, LEAST, MOST = 0.42, 3.5, 7.0  # seconds: of a lesson in the garden, of all of them
FORMULAS = "plane*6 | (board*2 / line*2 / error*2 / change*3 / sum*2)*5"


class Classifier(Story):
    """Teach a line to divide two kinds, first by force, then in moderation."""

    Params = Params
    compute = staticmethod(compute)

    verdicts = staticmethod(verdicts)

    def quantities(self, r: Run) -> dict:
        return quantities(r, self.params)

    def story(self, r: Run) -> None:
        b, kinds = self.book, [int(a.true_kind == LADYBIRD) for a in r.animals]
        places = [(a.width, a.length) for a in r.animals]
        self.count, self.slope, edge = len(places), float(r.random_slopes[0]), (0.0, r.limit)
        self.frame("plane*9 | board*3", "plane*9 / board")
        self.plane = plane = PlaneView(
            places, kinds, x="width", y="length", x_range=edge, y_range=edge, square=False
        )
        self.board = Board(A=b.r["A"], right=(b.r["right"], b.total[()]))
        first, last = (
            max((k for k, c in enumerate(kinds) if c == kind), key=lambda k: places[k][1 - kind])
            for kind in (0, 1)
        )
        names = plane.name(first, "caterpillars"), plane.name(last, "ladybirds")
        self.beat("garden", together(*names), plane=plane)
        more = [self.swing(b.r["A"][1], b.r["right"][1])] if len(r.random_slopes) > 1 else []
        self.beat("lines", plane.divide(sloped(self.slope)), plane.rings(), *more, board=self.board)
        self.two_examples(r)
        self.with_rate(r)
        self.in_garden(r)
        self.new_insect(r)

    def frame(self, wide: str, tall: str) -> None:
        """Divide the picture; in a square, too, things stand side by side."""
        self.stage(wide, tall=tall if theme.FRAME_HEIGHT > 9 else f"({wide}) / rest*0.001")

    def swing(self, slope: Ref, score: Ref) -> Lazy:
        """Turn the line to another slope, counting all the way."""

        def later() -> Any:
            start, end = self.slope, float(slope.value)
            self.slope = end

            def now(alpha: float) -> float:
                return end if alpha >= 1 else start + (end - start) * alpha

            return self.plane.swing(
                lambda a: sloped(now(a)), numbers=self.counting(now, slope, score)
            )

        return later

    def counting(self, slope: Law, end: Ref, score: Ref) -> dict[Live, Law]:
        """The board's numbers while the line turns: its slope, and who is on the right side."""
        numbers, animals = self.board.numbers, self.run.animals
        numbers["A"].aim(end)
        numbers["right"].aim(score)
        self.board.place(self.board.box)
        return {numbers["A"]: slope, numbers["right"]: lambda a: right(slope(a), animals)}

    def formulas(self, name: str, rate: str) -> dict[str, Worked]:
        """What happens in a lesson, line by line."""
        at = {"k": 0, "m": 1}
        sources = {
            "line": f"{{{{ y : output }}}} = A x &= [{name}.A.k] dot [x.k] &= [{name}.y.k]",
            "error": f"{{{{ E : error }}}} = t - y &= [{name}.t.k] - [{name}.y.k] &= [{name}.E.k]",
            "change": f"Delta A = {'L dot ' if rate else ''}frac({{{{ E : error }}}}, x) &= "
            f"{rate}frac([{name}.E.k], [x.k]) &= [{name}.d.k]",
            "sum": f"A + Delta A &= [{name}.A.k] + [{name}.d.k] &= [{name}.A.m]",
        }
        return {area: Worked(source, **at) for area, source in sources.items()}

    def gap(self, lessons: Lessons, k: int) -> Lazy:
        """The error of the k-th example."""
        return self.plane.gap(float(lessons.x[k]), float(lessons.t[k]))

    def two_examples(self, r: Run) -> None:
        plane, p, full = self.plane, self.params, self.book["full"]
        n, m = self.count, self.count + 1
        self.beat(
            "examples",
            together(
                plane.unname(), plane.dim(),
                plane.point(*p.ladybird, 1, size=1.3), plane.point(*p.caterpillar, 0, size=1.3),
                self.swing(full["a"][0], full["right"][0]),
            ),
            together(plane.name(n, "ladybird"), plane.name(m, "caterpillar")),
        )  # fmt: skip
        self.frame(FORMULAS, "plane*8 / board / line*2 / error*2 / change*3 / sum*2")
        f = self.formulas("full", "")
        self.beat(
            "error", together(plane.unname(), self.gap(r.full, 0)),
            together(f["line"].fill, f["error"].fill), f["change"].fill, f["sum"].fill,
            self.swing(full["a"][1], full["right"][1]), **f,
        )  # fmt: skip
        self.beat("other", *self.second(f, r.full), self.swing(full["a"][2], full["right"][2]))
        self.tell("last")

    def second(self, formulas: dict[str, Worked], lessons: Lessons) -> list[Lazy]:
        """The formulas turn to the second example, and so does the error in the plane."""
        turns = [line.turn(k=1, m=2) for line in formulas.values()]
        return [self.plane.close_gap(), together(self.gap(lessons, 1), *turns)]

    def with_rate(self, r: Run) -> None:
        plane, part = self.plane, self.book["part"]
        f = self.formulas("part", "[L.1] dot ")
        back = together(plane.ghost(), self.swing(part["a"][0], part["right"][0]))
        self.beat(
            "rate", plane.close_gap(), back,
            together(self.gap(r.part, 0), *[line.fill for line in f.values()]),
            self.swing(part["a"][1], part["right"][1]), *self.second(f, r.part),
            self.swing(part["a"][2], part["right"][2]), **f,
        )  # fmt: skip
        self.tell("both")

    def in_garden(self, r: Run) -> None:
        b, plane = self.book, self.plane
        self.frame("plane*6 | (trace*9 / board*2)*5", "plane*6 / trace*5 / board")
        top = max(float(t.slopes.max()) for t in (r.garden_full, r.garden_part))
        trace = self.trace = TraceView((0, r.lessons), (0, 1.1 * top), x="lesson", y="slope")
        band = [trace.band(*r.band, "all_right")] if r.best == self.count else []
        wrong = [k for k, a in enumerate(r.animals) if a.wrong]
        marks = [k + self.count * n + 1 for n in range(self.params.passes) for k in wrong]
        pair = range(self.count, self.count + 2)
        self.beat(
            "garden_full", together(plane.close_gap(), plane.unghost(), plane.drop(pair)),
            together(
                plane.dim(range(self.count), opacity=1.0), plane.tag(wrong, "wrong_label"),
                self.swing(b.full["g"][0], b.full["gr"][0]), *band, trace.marks(marks, "wrong_label"),
            ),
            self.race("full", r.garden_full), trace=trace,
        )  # fmt: skip
        if self.variants["garden_part"] == "share":
            start = together(trace.fade(), self.swing(b.part["g"][0], b.part["gr"][0]))
            self.beat("garden_part", start, self.race("part", r.garden_part))
        self.tell("compare")

    def race(self, name: str, training: GardenTraining) -> Lazy:
        """Lesson after lesson: the ring goes to an animal, then the line turns."""
        slopes, n = training.slopes, len(training.slopes) - 1
        time, of = min(max(LESSON * n, LEAST), MOST), self.book[name]

        def done(alpha: float) -> float:
            k = min(int(alpha * n), n - 1)
            return k + float(smooth(min(max((alpha * n - k - 0.3) / 0.6, 0.0), 1.0)))

        def slope(alpha: float) -> float:
            return float(np.interp(done(alpha), np.arange(n + 1), slopes))

        def later() -> Any:
            self.slope = float(slopes[-1])
            numbers = self.counting(slope, of["g"][n], of["gr"][n])
            order = [k % self.count for k in range(n)]
            return together(
                self.plane.swing(
                    lambda a: sloped(slope(a)), numbers=numbers, run_time=time, rate_func=linear
                ),
                self.plane.visit(order, run_time=time),
                self.trace.run(slopes, done, run_time=time),
            )

        return later

    def new_insect(self, r: Run) -> None:
        p, plane = self.params, self.plane
        self.frame("plane*8 | (board*2 / rule*3)*5", "plane*9 / board / rule*2")
        name = "part" if self.variants["garden_part"] == "share" else "full"
        rule = Worked(f"{{{{ y : output }}}} = A x &= [{name}.g.-1] dot [new.0] &= [out.0]")
        self.beat(
            "insect", together(
                plane.dim(range(self.count), opacity=0.45),
                plane.unknown(p.insect_width, p.insect_length),
            ),
            together(plane.read(p.insect_width, across=True), rule.fill),
            plane.answer(int(r.insect_kind == LADYBIRD)), rule=rule,
        )  # fmt: skip
        self.tell("answer")
