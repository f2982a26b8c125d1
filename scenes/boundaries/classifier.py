"""The classifier: a line between caterpillars and ladybirds, taught example by example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import linear

from nncore.classifier import LADYBIRD
from scenes.boundaries import classifier_run as lessons
from scenes.boundaries.classifier_run import ClassifierParams, GardenTraining, Lessons, Run
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
LESSON, LEAST, MOST = 0.3, 3.0, 4.2  # seconds: of a lesson in the garden, of all of them
LINES = "line*7 / error*7 / change*11 / sum*8"
CHART = "trace*6 / whole / share"


class Classifier(Story):
    """Teach a line to divide two kinds, first by force, then in moderation."""

    Params = ClassifierParams

    @staticmethod
    def compute(p: ClassifierParams) -> Run:
        return lessons.compute(p)

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        return lessons.verdicts(r)

    def quantities(self, r: Run) -> dict:
        return lessons.quantities(r, self.params)

    def story(self, r: Run) -> None:
        b, places = self.book, [(a.width, a.length) for a in r.animals]
        kinds = [int(a.true_kind == LADYBIRD) for a in r.animals]
        self.count, self.slope, edge = len(places), float(r.random_slopes[0]), (0.0, r.limit)
        named = zip(lessons.outermost(r.animals), ("caterpillars", "ladybirds"), strict=True)
        axes: Any = {"x": "width", "y": "length", "x_range": edge, "y_range": edge}
        self.plane = plane = PlaneView(places, kinds, **axes, square=False, said=dict(named))
        self.board = Board(A=b.r["A"], right=(b.r["right"], b.total[()]))
        self.stage("plane")
        self.beat("garden", plane=plane, idle=plane.idle)
        self.stage("plane*8 / board")
        self.beat("lines", plane.divide(sloped(self.slope)), idle=plane.idle)
        self.enter(board=self.board)
        self.act(plane.rings(), self.swing(b.r["A"][1], b.r["right"][1], theme.MOVE))
        self.two_examples(r)
        self.with_rate(r)
        self.in_garden(r)
        self.new_insect(r)

    def beside(self, side: str, *steps: Lazy) -> None:
        """Plane and board, and something else beside them, in tall frames below them."""
        plan = "(plane*{} / board)*{} | ({})*11"
        square, tall = plan.format(4, 9, side), f"plane*9 / board / {side}"
        self.stage(plan.format(8, 12, side), *steps, square=square, tall=tall)

    def swing(self, slope: Ref, score: Ref, run_time: float = theme.COUNT) -> Lazy:
        """Turn the line to another slope, counting all the way."""

        def later() -> Any:
            ends = self.slope, float(slope.value)
            self.slope = ends[1]
            now = lambda alpha: float(np.interp(alpha, (0, 1), ends))  # noqa: E731
            how: Any = {"numbers": self.counting(now, slope, score), "run_time": run_time}
            return self.plane.swing(lambda a: sloped(now(a)), **how)

        return later

    def counting(self, slope: Law, end: Ref, score: Ref) -> dict[Live, Law]:
        """The board's numbers while the line turns: its slope, and who is on the right side."""
        a, correct = self.board.aim(A=end, right=score)
        return {a: slope, correct: lambda alpha: lessons.right(slope(alpha), self.run.animals)}

    def formulas(self, name: str, rate: str) -> dict[str, Any]:
        sources = {  # of what happens in a lesson
            "line": f"{{{{ y : output }}}} = A x &= [{name}.A.k] dot [x.k] &= [{name}.y.k]",
            "error": f"{{{{ E : error }}}} = t - y &= [{name}.t.k] - [{name}.y.k] &= [{name}.E.k]",
            "change": f"Delta A = {'L dot ' if rate else ''}frac({{{{ E : error }}}}, x) &= "
            f"{rate}frac([{name}.E.k], [x.k]) &= [{name}.d.k]",
            "sum": f"{{{{ A : weight }}}} &<- [{name}.A.k] + [{name}.d.k] &= [{name}.A.m]",
        }
        return {area: Worked(source, k=0, m=1) for area, source in sources.items()}

    def gap(self, of: Lessons, k: int) -> Lazy:
        return self.plane.gap(float(of.x[k]), float(of.t[k]))

    def two_examples(self, r: Run) -> None:
        plane, p, full = self.plane, self.params, self.book["full"]
        n, m = self.count, self.count + 1
        self.beat(
            "examples",
            together(
                plane.unname(), plane.dim(),
                plane.point(*p.ladybird, 1, size=1.3), plane.point(*p.caterpillar, 0, size=1.3),
                self.swing(full["a"][0], full["right"][0], theme.MOVE),
            ),
            together(plane.name(n, "ladybird"), plane.name(m, "caterpillar")), idle=plane.idle,
        )  # fmt: skip
        self.beside(LINES, together(plane.unname(), plane.unring()))
        f = self.formulas("full", "")
        self.beat("error", self.gap(r.full, 0))
        self.enter(**f)
        filled = [line.fill(at_once=True) for line in f.values()]
        self.act(*filled, self.swing(full["a"][1], full["right"][1]))
        swing = self.swing(full["a"][2], full["right"][2])
        self.beat("other", *self.second(f, r.full), swing, idle=plane.idle)
        self.tell("last", together(plane.close_gap(), plane.rings()))

    def second(self, formulas: dict[str, Worked], of: Lessons) -> list[Lazy]:
        """The formulas empty for the second example, and its error comes in the plane."""
        lines = formulas.values()
        new = [self.plane.close_gap(), self.gap(of, 1), *[f.empty(k=1, m=2) for f in lines]]
        return [together(*new), together(*[f.fill(at_once=True) for f in lines])]

    def with_rate(self, r: Run) -> None:
        plane, part = self.plane, self.book["part"]
        f = self.formulas("part", "[L.1] dot ")
        back = self.swing(part["a"][0], part["right"][0], theme.MOVE)
        self.beat(
            "rate", together(plane.unring(), plane.ghost(), back),
            together(self.gap(r.part, 0), *[line.fill(at_once=True) for line in f.values()]),
            self.swing(part["a"][1], part["right"][1], theme.MOVE), *self.second(f, r.part),
            self.swing(part["a"][2], part["right"][2]), idle=plane.idle, **f,
        )  # fmt: skip
        self.tell("both", together(plane.close_gap(), plane.rings()))

    def in_garden(self, r: Run) -> None:
        b, plane = self.book, self.plane
        self.beside(CHART, plane.unghost())
        top = max(float(t.slopes.max()) for t in (r.garden_full, r.garden_part))
        trace = self.trace = TraceView((0, r.lessons), (0, 1.1 * top), x="lesson", y="slope")
        band = [trace.band(*r.band, "all_right")] if r.band[0] < r.band[1] else []
        self.tally = {n: Board(**{n: (b[n]["all"], b.lessons[()])}) for n in ("full", "part")}
        wrong = [k for k, a in enumerate(r.animals) if a.wrong]
        marks = [k + self.count * n + 1 for n in range(self.params.passes) for k in wrong]
        self.beat(
            "garden_full", together(
                plane.drop(range(self.count, self.count + 2)),
                plane.dim(range(self.count), opacity=1.0), plane.tag(wrong),
                self.swing(b.full["g"][0], b.full["gr"][0], theme.MOVE),
                *band, trace.marks(marks, "wrong_label"),
            ),
            self.race("full", r.garden_full), trace=trace, whole=self.tally["full"],
        )  # fmt: skip
        if self.variants["garden_part"] == "share":
            back = self.swing(b.part["g"][0], b.part["gr"][0], theme.MOVE)
            self.beat(
                "garden_part", together(trace.fade(), back),
                self.race("part", r.garden_part), share=self.tally["part"], idle=plane.idle,
            )  # fmt: skip
        self.tell("compare")

    def race(self, name: str, training: GardenTraining) -> Lazy:
        """Lesson after lesson: the ring goes to an animal, then the line turns."""
        n, of = len(training.slopes) - 1, self.book[name]
        time = min(max(LESSON * n, LEAST), MOST)

        def later() -> Any:
            self.slope = float(training.slopes[-1])
            numbers = self.counting(training.slope, of["g"][n], of["gr"][n])
            numbers[self.tally[name].aim(**{name: of["all"][n]})[0]] = training.won
            how: dict[str, Any] = {"numbers": numbers, "run_time": time, "rate_func": linear}
            line = self.plane.swing(lambda a: sloped(training.slope(a)), **how)
            visits = self.plane.visit([k % self.count for k in range(n)], run_time=time)
            curve = self.trace.run(training.slopes, training.done, run_time=time)
            return together(line, visits, curve)

        return later

    def new_insect(self, r: Run) -> None:
        p, plane = self.params, self.plane
        self.stage("plane*9 / (board | rule)*2", tall="plane*9 / board / rule*2")
        of = "part" if self.variants["garden_part"] == "share" else "full"
        sign = {LADYBIRD: ">", "on": "="}.get(self.variants["answer"], "<")
        law = f"A x &= [{of}.g.-1] dot [new.0] &= [out.0] &{sign} [new.1]"
        rule = Worked(f"{{{{ y : output }}}} = {law}")
        self.beat(
            "insect", together(
                plane.dim(range(self.count), opacity=0.45),
                plane.unknown(p.insect_width, p.insect_length),
            ),
            together(plane.read(p.insect_width, across=True), rule.fill(at_once=True)),
            plane.answer(int(r.insect_kind == LADYBIRD)), rule=rule, idle=plane.idle,
        )  # fmt: skip
        self.tell("answer")
