"""The classifier: a line between caterpillars and ladybirds, taught example by example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from manim import Animation, VGroup, smooth, squish_rate_func

from nncore.classifier import (
    CATERPILLAR,
    LADYBIRD,
    Example,
    LineScore,
    LineStep,
    line_output,
    score,
)
from scenes.classifier_parts import (
    COLOURS,
    FINE,
    SIGNED,
    TINT,
    Board,
    Boundary,
    Gap,
    Sum,
    Trail,
    animal,
    between,
    card,
    key,
    ring,
)
from scenes.classifier_race import Race
from scenes.classifier_run import ClassifierParams, ClassifierRun, Lessons, compute, largest
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import Figure, decimals
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.plane import Plane
from scenes.kit.shapes import dashes, disc, marker, point
from scenes.kit.text import LiveNumber, Words, row

CORNER, SIZE = (-6.0, -2.08), (5.3, 4.1)
KEY_Y = CORNER[1] + SIZE[1] + 0.16
COLUMN, WIDTH = 0.2, 6.4
A_Y = 1.82
ROWS = (1.02, 0.34, -0.5)
SUM_Y = -1.52
TRAILS = (-2.2, -2.7)
VERDICT_Y = -1.0
LEAST_LIMIT = 4.0
TINTS = {"o": theme.OUTPUT}


class Classifier(Clip):
    """Teach a line to divide two kinds, first by force, then in moderation."""

    slug = "classifier"
    Params = ClassifierParams
    run: ClassifierRun

    @staticmethod
    def compute(params: ClassifierParams) -> ClassifierRun:
        """The garden, lines that fail, both trainings on two examples and in the garden."""
        return compute(params)

    def construct(self) -> None:
        """Draw the sections: garden, lines, naive lessons, learning rate, garden again."""
        self._garden()
        self._random_lines()
        self._examples()
        self._naive()
        self._moderated()
        self._wrong_labels()
        self._train()
        self._new_insect()

    # The garden

    def _garden(self) -> None:
        self.section("garden")
        p, run = self.params, self.run
        self.places = f".{decimals([*p.ladybird, *p.caterpillar, p.margin], least=1)}f"
        self.rate_spec = f".{decimals([p.learning_rate], least=1, most=3)}f"
        limit = max(LEAST_LIMIT, float(math.ceil(largest(run) + 0.3)))
        self.plane = Plane(
            (0, limit),
            (0, limit),
            corner=CORNER,
            size=SIZE,
            x_name=self.label("width", size=theme.TICK, colour=theme.MUTED),
            y_name=self.label("length", size=theme.TICK, colour=theme.MUTED),
        )
        self.boundary = Boundary(self.plane, run.random_lines[0].slope)
        self.add(self.boundary.above, self.boundary.below)
        self.say("garden", along=[FadeIn(self.plane)])
        self.cards, self.animals = VGroup(), VGroup()
        for kind, y in ((CATERPILLAR, 1.0), (LADYBIRD, -1.3)):
            self.cards.add(card(self, kind, 2.2, y))
            group = VGroup(*[animal(self.plane, a) for a in run.animals if a.kind == kind])
            self.animals.add(group)
            self.play(FadeIn(self.cards[-1]), FadeIn(group), run_time=theme.MOVE)

    def _random_lines(self) -> None:
        self.section("lines")
        lines = self.run.random_lines
        self.key = key(self, CORNER[0] + SIZE[0], KEY_Y)
        self._head(lines[0].slope)
        right = self.number("right", lines[0].right, "d", room=[lines[0].total])
        total = self.figure("animals", lines[0].total, "d")
        side = self.label("on_side", size=theme.CAPTION)
        of_all = self.label("of_all", {"total": total}, size=theme.CAPTION)
        row([side, right, of_all], COLUMN, ROWS[1] - 0.25, gap=0.16, align="left")
        self.tally = VGroup(side, right, of_all)
        sides = (self.boundary.above, self.boundary.below)
        self.say("lines", along=[FadeOut(self.cards), FadeIn(self.key)])
        shown = [FadeIn(m) for m in (self.a_row, self.rule, self.boundary.line, self.tally)]
        self.play(*shown, *[s.animate.set_fill(opacity=TINT) for s in sides])
        for before, line in pairwise(lines):
            self.wait(theme.HOLD)
            self._try(before.slope, line, right)

    def _head(self, slope: float) -> None:
        """Make A in large and the line's rule below it."""
        name = self.symbol("A =", size=theme.NUMBER_LARGE, colour=theme.WEIGHT)
        size = theme.NUMBER_LARGE
        self.a = self.number("A", slope, FINE, colour=theme.WEIGHT, size=size, align="left")
        self.a_row = row([name, self.a], COLUMN, A_Y, gap=0.18, align="left")
        self.rule = Formula("{{ y : o }} = A dot x", tint={"o": theme.OUTPUT})
        self.rule.move_to(point(COLUMN + self.rule.width / 2, ROWS[0]))

    def _try(self, start: float, line: LineScore, right: LiveNumber) -> None:
        """Turn the line to another slope, counting all the way."""

        def draw(alpha: float) -> None:
            slope = start + (line.slope - start) * alpha
            self.a.show(slope)
            right.show(score(slope, self.run.animals).right)
            self.boundary.draw(slope)

        ends = {self.a: line.slope, right: line.right}
        self.sweep(draw, *self.boundary.parts, ends=ends)

    def _lay(self, end: float, along: Sequence[Animation] = (), *, live: bool = True) -> None:
        """Turn the line without a lesson; A follows if it is `live`."""
        start = self.boundary.slope

        def draw(alpha: float) -> None:
            self.boundary.draw(start + (end - start) * alpha)
            if live:
                self.a.show(self.boundary.slope)

        ends = {self.a: end} if live else {}
        self.sweep(draw, *self.boundary.parts, ends=ends, run_time=theme.MOVE, along=along)

    # Two examples

    def _examples(self) -> None:
        self.section("examples")
        start = self.params.start
        pair = [s.example for s in self.run.naive.training.steps]
        self.pair = VGroup(*[animal(self.plane, e, size=0.16) for e in pair])
        self.pair_names = VGroup(*[self._example_name(e) for e in pair])
        given = {"a": self.figure("A", start, FINE, theme.WEIGHT)}
        gone = [FadeOut(self.animals), FadeOut(self.tally)]
        self.say("examples", given, along=[*gone, FadeIn(self.pair), FadeIn(self.pair_names)])
        self._lay(start)

    def _example_name(self, example: Example) -> Words:
        """The example's kind and measures, on the side where the line is not."""
        sizes = {
            "x": self.figure("width", example.width, self.places, theme.INPUT),
            "y": self.figure("length", example.length, self.places),
        }
        name = self.label(f"{example.kind}_at", sizes)
        x, y, _ = self.plane.at(example.width, example.length)
        up = line_output(self.params.start, example.width) < example.length
        left, right = CORNER[0] + 0.2, CORNER[0] + SIZE[0] - name.width - 0.1
        at = min(x - 0.16, right) if example.kind == LADYBIRD else max(x - name.width / 2, left)
        return name.put(at, y + (0.32 if up else -0.48), "left")

    def _naive(self) -> None:
        lessons = self.run.naive
        first, second = lessons.training.steps
        self.section("error")
        self.board = self._board(lessons, None)
        self.gap = Gap(self, self.plane, first)
        error = self.figure("E", first.error, SIGNED, theme.ERROR)
        gone = [FadeOut(self.pair_names), FadeOut(self.rule)]
        self.say("error", {"error": error}, along=[*gone, FadeIn(self.gap.group)])
        self.play(FadeIn(self.board.group), run_time=theme.FADE)
        self.section("naive-first")
        change = self.figure("ΔA", first.change, SIGNED, theme.WEIGHT)
        self.say("naive_first", {"change": change})
        self._teach(first, lessons.after[0])
        self.section("naive-second")
        self.say("naive_second")
        self._next(first, second)
        self._teach(second, lessons.after[1])

    def _moderated(self) -> None:
        lessons, rate = self.run.moderated, self.params.learning_rate
        first, second = lessons.training.steps
        self.section("rate-first")
        given = {"rate": self.figure("L", rate, self.rate_spec)}
        gone = [self.board.group, self.gap.group, self.sum.group]
        self.say("whole" if rate == 1 else "rate", given, along=[FadeOut(m) for m in gone])
        self.board = self._board(lessons, rate)
        self.gap = Gap(self, self.plane, first)
        naive = self.run.naive
        self.trails = [self._trail(naive, TRAILS[0]), self._trail(lessons, TRAILS[1])]
        for step in naive.training.steps:
            self.trails[0].extend(step.slope_after)
        fresh = [self.board.group, *[m for t in self.trails for m in (t.name, t.parts)]]
        self._lay(self.params.start, [FadeIn(m) for m in fresh])
        self.play(FadeIn(self.gap.group), run_time=theme.FADE)
        self._teach(first, lessons.after[0], self.trails[1])
        self.section("rate-second")
        self._next(first, second)
        self._teach(second, lessons.after[1], self.trails[1])
        self._verdict(second)

    def _verdict(self, last: LineStep) -> None:
        """Say of the two examples what is true of the line now."""
        result = last.score_after
        given = {"a": self.figure("A", last.slope_after, FINE, theme.WEIGHT)}
        if result.right < result.total:
            given["right"] = self.figure("right", result.right, "d")
            given["total"] = self.figure("examples", result.total, "d")
        self.say("divides" if result.right == result.total else "not_yet", given)

    def _board(self, lessons: Lessons, rate: float | None) -> Board:
        """The formulas at the start of these lessons; `rate` None leaves L out."""
        steps = lessons.training.steps
        given = None if rate is None else (rate, self.rate_spec)
        return Board(
            self, steps, places=self.places, rate=given, left=COLUMN, rows=ROWS, width=WIDTH
        )

    def _trail(self, lessons: Lessons, y: float) -> Trail:
        trail = Trail(self, lessons.training.learning_rate, self.rate_spec, COLUMN, y)
        trail.extend(lessons.training.start)
        return trail

    def _next(self, before: LineStep, step: LineStep) -> None:
        """Go from one example to the next: formulas and gap change, the line stays."""
        gap = self.gap
        self.gap = Gap(self, self.plane, step)
        self.sweep(
            lambda alpha: self.board.show(between(before, step, alpha)),
            ends=self.board.ends(step),
            run_time=theme.MOVE,
            along=[FadeOut(gap.group), FadeOut(self.sum.group), FadeIn(self.gap.group)],
        )

    def _teach(self, step: LineStep, after: LineStep, trail: Trail | None = None) -> None:
        """Turn the line by the lesson's change, then write the sum; the formulas stand still.

        They tell the step that is taken, so y and E lose their letters in the picture, where
        what is left of the gap is drawn.
        """
        start, end = step.slope_before, step.slope_after

        def draw(alpha: float) -> None:
            slope = start + (end - start) * alpha
            self.a.show(slope)
            self.boundary.draw(slope)
            self.gap.draw(between(step, after, alpha))

        self.sum = Sum(self, step, COLUMN, SUM_Y)
        late = squish_rate_func(smooth, 0.5, 1)
        unnamed = FadeOut(self.gap.unname(), run_time=theme.COUNT, rate_func=late)
        moved = (*self.boundary.parts, self.gap.group)
        self.sweep(draw, *moved, ends={self.a: end}, along=[unnamed])
        shown = [FadeIn(self.sum.group)]
        if trail:
            shown.append(FadeIn(trail.extend(end)))
        self.play(*shown, run_time=theme.FADE)

    # The garden again

    def _wrong_labels(self) -> None:
        self.section("wrong-labels")
        p, run = self.params, self.run
        gone = [self.pair, self.gap.group, self.board.group, self.sum.group, self.a_row]
        gone += [part for trail in self.trails for part in (trail.name, trail.parts)]
        self.labelled = VGroup(*[animal(self.plane, a) for a in run.labelled])
        caption = ("right_labels", "wrong_label", "wrong_labels")[min(p.wrong, 2)]
        given = {"count": self.figure("wrong labels", p.wrong, "d")} if p.wrong > 1 else {}
        self.say(caption, given, along=[*[FadeOut(m) for m in gone], FadeIn(self.labelled)])
        self._mark_wrong()
        self._set_up_race()

    def _mark_wrong(self) -> None:
        """Put a ring around each wrongly labelled animal, and say below what it means."""
        places = [self.plane.at(a.width, a.length) for a in self.run.labelled if a.wrong]
        self.rings = VGroup(*[ring(x, y, 0.28, theme.ERROR) for x, y, _ in places])
        if not places:
            return
        y = CORNER[1] - 0.78
        sign = ring(CORNER[0] + 0.12, y + 0.085, 0.12, theme.ERROR, 2.5)
        name = self.label("wrong", size=theme.TICK, colour=theme.ERROR)
        meaning = VGroup(sign, name.put(CORNER[0] + 0.34, y, "left"))
        self.play(FadeIn(self.rings), FadeIn(meaning), run_time=theme.MOVE)

    def _set_up_race(self) -> None:
        """Lay both lines at the start; chart and counts come beside them."""
        run = self.run
        both = (run.garden_naive.training, run.garden_moderated.training)
        names = (
            self.label("lesson", size=theme.TICK, colour=theme.MUTED),
            self.symbol("A", colour=theme.WEIGHT),
        )
        self.race = Race(self, self.boundary, both, spec=self.rate_spec, names=names)
        self._lay(both[0].start, [FadeIn(self.race.column)], live=False)
        self.add(self.race.pale)
        self.bring_to_front(self.boundary.line, self.labelled, self.rings)

    def _train(self) -> None:
        self.section("training")
        self.say("training", self._rates(), along=[FadeIn(self.race.pointer)])
        self.race.run()
        self.say(*self._compare())

    def _rates(self) -> dict[str, Figure]:
        """The learning rates of the bright line and of the pale one."""
        lines = {"rate": self.run.garden_moderated, "full": self.run.garden_naive}
        return {
            name: self.figure("L", line.training.learning_rate, self.rate_spec)
            for name, line in lines.items()
        }

    def _compare(self) -> tuple[str, dict[str, Figure]]:
        """The caption that is true of the two trainings, and its numbers."""
        naive, moderated = self.run.garden_naive.all_right, self.run.garden_moderated.all_right
        given = {
            "lessons": self.figure("lessons", self.run.lessons, "d"),
            "moderated": self.figure("lessons all right", moderated, "d"),
        }
        if self.params.learning_rate == 1:
            return "same_rate", given
        given["naive"] = self.figure("lessons all right", naive, "d")
        return "all_right", {**given, **self._rates()}

    def _new_insect(self) -> None:
        self.section("new-insect")
        p = self.params
        x, y, _ = self.plane.at(p.insect_width, p.insect_length)
        unknown = VGroup(ring(x, y, 0.22, theme.INK), self.symbol("?", bold=True).put_mid(x, y))
        spec = f".{decimals([p.insect_width, p.insect_length], least=1)}f"
        given = {
            "width": self.figure("width", p.insect_width, spec, theme.INPUT),
            "length": self.figure("length", p.insect_length, spec),
        }
        along = [FadeOut(self.race.column), FadeOut(self.race.pale), FadeIn(unknown)]
        along.append(self.labelled.animate.set_opacity(0.35))
        if p.wrong:
            along.append(self.rings.animate.set_stroke(opacity=0.6))
        self.say("insect", given, along=along)
        self._measure(x, y, spec)
        kind = self.run.insect_kind
        found = marker(x, y, kind == LADYBIRD, size=0.2)
        name = self.label(kind, size=theme.NUMBER_LARGE, colour=COLOURS[kind], bold=True)
        name.put_mid(COLUMN + 0.7, VERDICT_Y, "left")
        sign = marker(COLUMN + 0.28, VERDICT_Y, kind == LADYBIRD, size=0.2)
        self.play(FadeOut(unknown), *[FadeIn(m) for m in (found, name, sign)], run_time=theme.MOVE)

    def _measure(self, x: float, y: float, spec: str) -> None:
        """Compare the insect's length with the line's y at its width."""
        p, run = self.params, self.run
        self._head(run.garden_moderated.training.slope)
        size = theme.NUMBER_SMALL
        hues = {"A": theme.WEIGHT, "x": theme.INPUT, "y": theme.OUTPUT}
        values = {"A": (self.a.value, FINE), "x": (p.insect_width, spec)}
        values["y"] = (run.insect_output, FINE)
        numbers = {n: self.number(n, *v, colour=hues[n], size=size) for n, v in values.items()}
        rule = Formula("{{ y : o }} = A dot x = [A] dot [x] = [y]", numbers, size=size, tint=TINTS)
        rule.move_to(point(COLUMN + rule.width / 2, ROWS[0]))
        level = min(self.plane.y(run.insect_output), CORNER[1] + SIZE[1])
        drop = dashes([x, y], [x, level], theme.OUTPUT, width=2.5)
        foot = disc(x, level, 0.09, theme.OUTPUT)
        self.play(*[FadeIn(m) for m in (self.a_row, rule, drop, foot)], run_time=theme.MOVE)
        gap = p.insect_length - run.insect_output
        parts = [
            self.label("its_length", size=size, colour=theme.MUTED),
            self.number("length", p.insect_length, spec, size=size),
            self.symbol(">" if gap > 0 else "<" if gap < 0 else "=", size=size),
            self.number("y", run.insect_output, FINE, colour=theme.OUTPUT, size=size),
        ]
        compared = row(parts, COLUMN, ROWS[1] - 0.13, gap=0.2, align="left")
        self.play(FadeIn(compared), run_time=theme.FADE)
