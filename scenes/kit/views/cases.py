"""A table of cases: what goes in, what is to come out, and the marker of that class."""

from __future__ import annotations

import numpy as np
from manim import RoundedRectangle

from scenes.kit import theme
from scenes.kit.flip import flip
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Values
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.text.words import Words
from scenes.kit.views.plane_marks import Cloud

_PITCH, _MOST = 1.0, 6.2  # between rows; width of the widest table


class CasesView(View):
    """Inputs (cases, n) in columns under `letters`, and 0 or 1 as the answer to each under the
    label `name`. Another rule's answers `turn` in: name, numbers and markers in one beat.

        table = CasesView(self.book.w, self.book.y, letters="AB", name="outputs")
        self.stage("table")
        self.beat("network", table.point(0), table.point(1), table.point(None), table=table)
    """

    def __init__(self, inputs: Values, answers: Values, *, letters: str, name: str) -> None:
        super().__init__()
        self.inputs, self.answers, self.letters, self.name = inputs, answers, letters, name
        self.pointed: float | None = None

    def build(self) -> None:
        """Make numbers, letters, markers, and a bar that points at a row."""
        self.signs = [self.story.symbol(s, size=theme.CAPTION, colour="input", bold=True)
                      for s in self.letters]  # fmt: skip
        self.head = self._head(self.name)
        self.rule = Stroke([[0, 0], [1, 0]], "muted", theme.THIN)
        cases, columns = self.inputs.shape
        self.given = [[Live(self.inputs[k, i], theme.FORMULA) for i in range(columns)]
                      for k in range(cases)]  # fmt: skip
        self.told = [Live(self.answers[k], theme.FORMULA) for k in range(cases)]
        self.marks = [self._mark(int(self.answers.array[k])) for k in range(cases)]
        self.bar = RoundedRectangle(
            corner_radius=0.1, width=1, height=1, stroke_width=0, fill_color=theme.RULE,
            fill_opacity=0,
        )  # fmt: skip
        self.add(self.bar, *self.signs, self.head, self.rule)
        self.add(*[n for line in self.given for n in line], *self.told, *self.marks)

    def _head(self, name: str) -> Words:
        return self.story.label(name, size=theme.CAPTION, colour="output", bold=True)

    @staticmethod
    def _mark(c: int) -> Cloud:
        return Cloud(c, 0.15)

    def place(self, box: Box) -> None:
        """Rows as far apart as there is room."""
        count = len(self.given)
        pitch = min(_PITCH, box.height / (count + 1))
        width = min(box.width, _MOST)
        top = box.y + pitch * count / 2
        letters = len(self.signs)
        left = box.x - width / 2
        xs = [left + width * 0.12 + width * 0.46 * k / letters for k in range(letters)]
        answer = left + width * 0.72
        for sign, x in zip(self.signs, xs, strict=True):
            sign.put_mid(x, top)
        self.head.put_mid(answer, top)
        self.rule.draw([[left, top - pitch / 2], [left + width, top - pitch / 2]])
        self.rows = [top - pitch * (k + 1) for k in range(count)]
        for k, y in enumerate(self.rows):
            for number, x in zip(self.given[k], xs, strict=True):
                number.put_mid(x, y, "center")
            self.told[k].put_mid(answer, y, "center")
            self.marks[k].draw([[answer + width * 0.18, y]])
        self.bar.stretch_to_fit_width(width).stretch_to_fit_height(0.82 * pitch)
        self.bar.move_to([box.x, self._at(self.pointed or 0.0), 0])

    def _at(self, row: float) -> float:
        return float(np.interp(row, range(len(self.rows)), self.rows))

    @verb
    def point(self, k: int | None) -> Step:
        """A bar lies under the row that is spoken of; None takes it away."""
        start, light = self.pointed, float(self.bar.get_fill_opacity())
        goal = start or 0.0 if k is None else float(k)
        begin = goal if start is None else start
        self.pointed = None if k is None else goal

        def draw(alpha: float) -> None:
            middle = self.bar.get_center()
            self.bar.move_to([middle[0], self._at(begin + (goal - begin) * alpha), 0])
            aim = 0.0 if k is None else 0.5
            self.bar.set_fill(opacity=light + (aim - light) * alpha)

        return Step(Sweep([self.bar], draw, run_time=theme.FADE))

    @verb
    def turn(self, answers: Values, name: str) -> Step:
        """Another rule: its name, its answers and their markers come in one beat."""
        old = self.answers.array
        self.answers = answers
        gone, come = [self.head], [self._head(name)]
        come[0].put(self.head.get_center()[0], self.head.baseline)
        marks_gone: list[Cloud] = []
        marks_come: list[Cloud] = []
        for k in np.flatnonzero(old != answers.array):
            new = self._mark(int(answers.array[k]))
            new.draw([self.marks[k].get_center()[:2]])
            marks_gone.append(self.marks[k])
            marks_come.append(new)
            self.marks[k] = new
        self.head = come[0]
        self.remove(*gone, *marks_gone)
        self.add(*come, *marks_come)
        self.story.add(*gone, *marks_gone)
        return Step(
            flip({n: answers[k] for k, n in enumerate(self.told)}, run_time=theme.FADE),
            *[FadeOut(m, run_time=theme.FADE / 2) for m in gone],
            *[FadeIn(m) for m in come],
            *[FadeOut(m, scale=0.4) for m in marks_gone],
            *[FadeIn(m, scale=0.4) for m in marks_come],
            run_time=theme.FADE,
        )
