"""The classifier: a line between caterpillars and ladybirds, taught example by example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from manim import Animation, FadeIn, FadeOut, VGroup

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
    Trail,
    animal,
    between,
    card,
    key,
    ring,
)
from scenes.classifier_race import Race
from scenes.classifier_run import ClassifierParams, ClassifierRun, Lessons, compute, lesson_at
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import Figure, decimals
from scenes.kit.plane import Plane
from scenes.kit.shapes import dashes, disc, marker, point
from scenes.kit.text import LiveNumber, OnBaseline, row

CORNER, SIZE = (-6.0, -2.08), (5.5, 4.1)
KEY_Y = CORNER[1] + SIZE[1] + 0.16
COLUMN = 0.45
A_Y = 1.82
ROWS = (0.95, 0.2, -0.75)
TRAILS = (-1.85, -2.45)
LEAST_LIMIT = 4.0


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
        self.rate_spec = f".{decimals([p.learning_rate], least=1)}f"
        limit = self._limit()
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

    def _limit(self) -> float:
        """The end of both axes: animals, targets and outputs are all below it."""
        run = self.run
        values = [m for a in run.animals for m in (a.width, a.length)]
        for lessons in (run.naive, run.moderated):
            for step in (*lessons.training.steps, *lessons.after):
                values += [step.target, step.output]
        return max(LEAST_LIMIT, float(math.ceil(max(values) + 0.05)))

    def _random_lines(self) -> None:
        self.section("lines")
        lines = self.run.random_lines
        self.key = key(self, CORNER[0] + SIZE[0], KEY_Y)
        self._head(lines[0].slope)
        right = self.number("right", lines[0].right, "d", room=[lines[0].total])
        total = self.figure("animals", lines[0].total, "d")
        tally = self.label("on_side", {"total": total}, size=theme.CAPTION)
        row([right, tally], COLUMN, ROWS[1] - 0.25, gap=0.16, align="left")
        sides = (self.boundary.above, self.boundary.below)
        self.say("lines", along=[FadeOut(self.cards), FadeIn(self.key)])
        shown = [FadeIn(m) for m in (self.a_row, self.rule, self.boundary.line, right, tally)]
        self.play(*shown, *[s.animate.set_fill(opacity=TINT) for s in sides])
        for before, line in pairwise(lines):
            self.wait(theme.HOLD)
            self._try(before.slope, line, right)
        self.tally = VGroup(right, tally)

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

    def _lay(self, end: float, along: Sequence[Animation] = ()) -> None:
        """Turn the line without a lesson."""
        start = self.a.value

        def draw(alpha: float) -> None:
            self.a.show(start + (end - start) * alpha)
            self.boundary.draw(start + (end - start) * alpha)

        ends = {self.a: end}
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

    def _example_name(self, example: Example) -> OnBaseline:
        """The example's kind and measures, on the side where the line is not."""
        sizes = {
            "x": self.figure("width", example.width, self.places, theme.INPUT),
            "y": self.figure("length", example.length, self.places),
        }
        name = self.label(f"{example.kind}_at", sizes)
        x, y, _ = self.plane.at(example.width, example.length)
        up = line_output(self.params.start, example.width) < example.length
        name.put(max(x, CORNER[0] + 0.2 + name.width / 2), y + (0.32 if up else -0.48))
        return name

    def _naive(self) -> None:
        lessons = self.run.naive
        first, second = lessons.training.steps
        self.section("error")
        self.board = self._board(lessons, None)
        self.gap = Gap(self, self.plane, first)
        error = self.figure("E", first.error, SIGNED, theme.ERROR)
        shown = [FadeIn(self.board.group), FadeIn(self.gap.group)]
        gone = [FadeOut(self.pair_names), FadeOut(self.rule)]
        self.say("error", {"error": error}, along=[*shown, *gone])
        self.section("naive-first")
        self.trails = [self._trail(lessons, TRAILS[0])]
        change = self.figure("ΔA", first.change, SIGNED, theme.WEIGHT)
        self.say("naive_first", {"change": change}, along=[FadeIn(self.trails[0].parts)])
        self._teach(first, lessons.after[0])
        self.section("naive-second")
        self.say("naive_second")
        self._next(lessons.after[0], second)
        self._teach(second, lessons.after[1])

    def _moderated(self) -> None:
        lessons, rate = self.run.moderated, self.params.learning_rate
        first, second = lessons.training.steps
        self.section("rate-first")
        board, gap = self._board(lessons, rate), self.gap
        swap = [FadeOut(self.board.group), FadeIn(board.group), FadeOut(gap.group)]
        self.board = board
        given = {"rate": self.figure("L", rate, self.rate_spec)}
        swap.append(FadeIn(self.trails[0].name))
        self.say("whole" if rate == 1 else "rate", given, along=swap)
        self.gap = Gap(self, self.plane, first)
        self.trails.append(self._trail(lessons, TRAILS[1]))
        trail = self.trails[1]
        fresh = [FadeIn(m) for m in (self.gap.group, trail.name, trail.parts)]
        self._lay(self.params.start, fresh)
        self._teach(first, lessons.after[0])
        self.section("rate-second")
        self._next(lessons.after[0], second)
        self._teach(second, lessons.after[1])
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
        self.rate = 1.0 if rate is None else rate
        steps = [*lessons.training.steps, *lessons.after]
        given = None if rate is None else (rate, self.rate_spec)
        return Board(self, steps, places=self.places, rate=given, left=COLUMN, rows=ROWS)

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
            along=[FadeOut(gap.group), FadeIn(self.gap.group)],
        )

    def _teach(self, step: LineStep, after: LineStep) -> None:
        """Turn the line by the lesson's change; every formula stays true on the way."""
        start, end = step.slope_before, step.slope_after

        def draw(alpha: float) -> None:
            slope = start + (end - start) * alpha
            now = lesson_at(slope, step.example, self.rate, self.params.margin)
            self.a.show(slope)
            self.boundary.draw(slope)
            self.board.show(now)
            self.gap.draw(now)

        ends = {self.a: end, **self.board.ends(after)}
        self.sweep(draw, *self.boundary.parts, self.gap.group, ends=ends)
        self.play(FadeIn(self.trails[-1].extend(end)), run_time=theme.FADE)

    # The garden again

    def _wrong_labels(self) -> None:
        self.section("wrong-labels")
        p, run = self.params, self.run
        gone = [self.pair, self.gap.group, self.board.group, self.a_row]
        gone += [part for trail in self.trails for part in (trail.name, trail.parts)]
        self.labelled = VGroup(*[animal(self.plane, a) for a in run.labelled])
        caption = ("right_labels", "wrong_label", "wrong_labels")[min(p.wrong, 2)]
        given = {"count": self.figure("wrong labels", p.wrong, "d")} if p.wrong > 1 else {}
        self.say(caption, given, along=[*[FadeOut(m) for m in gone], FadeIn(self.labelled)])
        self._mark_wrong()
        self._lay(run.garden_naive.training.score_before.slope)

    def _mark_wrong(self) -> None:
        places = [self.plane.at(a.width, a.length) for a in self.run.labelled if a.wrong]
        self.rings = VGroup(*[ring(x, y, 0.28, theme.ERROR) for x, y, _ in places])
        if not places:
            return
        name = self.label("wrong", size=theme.TICK, colour=theme.ERROR)
        right, y = min(part.get_left()[0] for part in self.key) - 0.35, KEY_Y
        name.put(right, y, "right")
        sign = ring(name.left_edge - 0.2, y + 0.085, 0.11, theme.ERROR, 2.5)
        self.key.add(sign, name)
        self.play(FadeIn(self.rings), FadeIn(sign), FadeIn(name), run_time=theme.MOVE)

    def _train(self) -> None:
        self.section("training")
        run = self.run
        both = (run.garden_naive.training, run.garden_moderated.training)
        names = (
            self.label("lesson", size=theme.TICK, colour=theme.MUTED),
            self.symbol("A", colour=theme.WEIGHT),
        )
        self.race = Race(self, self.boundary, both, spec=self.rate_spec, names=names)
        rates = {
            "rate": self.figure("L", both[1].learning_rate, self.rate_spec),
        }
        self.add(self.race.pale)
        self.bring_to_front(self.boundary.line, self.labelled, self.rings)
        self.say("training", rates, along=[FadeIn(self.race.column)])
        self.race.run()
        self.say(*self._compare())

    def _compare(self) -> tuple[str, dict[str, Figure]]:
        """The caption that is true of the two trainings, and its numbers."""
        naive, moderated = self.run.garden_naive.all_right, self.run.garden_moderated.all_right
        given = {
            "moderated": self.figure("lessons all right", moderated, "d"),
            "lessons": self.figure("lessons", self.run.lessons, "d"),
        }
        if self.params.learning_rate == 1:
            return "same_rate", given
        given["naive"] = self.figure("lessons all right", naive, "d")
        return ("steadier" if moderated > naive else "not_steadier"), given

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
        gone = [FadeOut(m) for m in (self.race.column, self.race.pale, self.rings)]
        fade = self.labelled.animate.set_opacity(0.35)
        self.say("insect", given, along=[*gone, fade, FadeIn(unknown)])
        self._judge(x, y, unknown, spec)

    def _judge(self, x: float, y: float, unknown: VGroup, spec: str) -> None:
        """Compare the insect's length with the line's y at its width."""
        p, run = self.params, self.run
        self._head(run.garden_moderated.training.slope)
        size = theme.NUMBER_SMALL
        numbers = {
            "A": self.number("A", self.a.value, FINE, colour=theme.WEIGHT, size=size),
            "x": self.number("x", p.insect_width, spec, colour=theme.INPUT, size=size),
            "y": self.number("y", run.insect_output, FINE, colour=theme.OUTPUT, size=size),
        }
        source = "{{ y : o }} = A dot x = [A] dot [x] = [y]"
        rule = Formula(source, numbers, size=size, tint={"o": theme.OUTPUT})
        rule.move_to(point(COLUMN + rule.width / 2, ROWS[0]))
        level = min(self.plane.y(run.insect_output), CORNER[1] + SIZE[1])
        drop = dashes([x, y], [x, level], theme.OUTPUT, width=2.5)
        foot = disc(x, level, 0.09, theme.OUTPUT)
        self.play(*[FadeIn(m) for m in (self.a_row, rule, drop, foot)], run_time=theme.MOVE)
        kind = run.insect_kind
        found = marker(x, y, kind == LADYBIRD, size=0.2)
        name = self.label(kind, size=theme.NUMBER, colour=COLOURS[kind], bold=True)
        name.put_mid(COLUMN + 0.6, ROWS[1] - 0.2, "left")
        sign = marker(COLUMN + 0.22, ROWS[1] - 0.2, kind == LADYBIRD, size=0.2)
        line = {"y": self.figure("y", run.insect_output, FINE, theme.OUTPUT)}
        shown = [FadeOut(unknown), FadeIn(found), FadeIn(name), FadeIn(sign)]
        self.say(f"insect_{kind}", line, along=shown)
