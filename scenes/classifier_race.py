"""Two lines learning in the same garden: their slopes in a chart, their counts, live."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import VGroup, linear, smooth
from numpy.typing import NDArray

from nncore.classifier import LineTraining, score
from scenes.classifier_parts import FINE, Boundary, ring
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.ledger import Value
from scenes.kit.motion import FadeOut
from scenes.kit.plane import Plane
from scenes.kit.shapes import Stroke
from scenes.kit.text import LiveNumber, Words, row

WEAK = theme.mix(theme.BACKGROUND, theme.WEIGHT, 0.5)
CORNER, SIZE = (0.75, -0.75), (5.5, 2.6)
LEFT, ROWS = 0.3, (-2.1, -2.7)
LESSON, LEAST, MOST = 0.55, 4.0, 6.5


class Racer:
    """One line's way through the garden: its slope, its curve in the chart, its readout.

    The training begins when every number shows its state before the first lesson.
    """

    def __init__(
        self, clip: Clip, training: LineTraining, chart: Plane, colour: str, spec: str, y: float
    ) -> None:
        self.chart, self.steps = chart, training.steps
        self.slopes: NDArray[np.float64] = np.array(
            [training.start, *[s.slope_after for s in self.steps]]
        )
        self.animals = [s.example for s in self.steps[: training.score_before.total]]
        self.curve = Stroke([[0, 0], [1, 0]], colour, theme.LINE)
        self.readout = self._write(clip, training, colour, spec, y)
        self.draw(0.0)

    def _write(
        self, clip: Clip, training: LineTraining, colour: str, spec: str, y: float
    ) -> VGroup:
        """A line's sample, L, A, and the number of animals on their true side."""
        size, before = theme.CAPTION, training.score_before
        sample = Stroke([[LEFT, y + 0.1], [LEFT + 0.5, y + 0.1]], colour, 4.5)
        rate = clip.number("L", training.learning_rate, spec, size=size, bold=False)
        slopes = self.slopes.tolist()
        self.a = clip.number("A", training.start, FINE, colour=theme.WEIGHT, size=size, room=slopes)
        self.right = clip.number("right", before.truly_right, "d", size=size, room=[before.total])
        of_all = clip.label("right_of", {"total": clip.figure("animals", before.total, "d")})
        signs = [clip.symbol(s, size=size, colour=theme.MUTED) for s in ("L =", "A =")]
        row([signs[0], rate], LEFT + 0.7, y, gap=0.1, align="left")
        row([signs[1], self.a], rate.right_edge + 0.45, y, gap=0.1, align="left")
        row([self.right, of_all], self.a.right_edge + 0.5, y, gap=0.12, align="left")
        return VGroup(sample, *signs, rate, self.a, self.right, of_all)

    def slope(self, lesson: float) -> float:
        """The slope after `lesson` lessons, not only whole ones."""
        return float(np.interp(lesson, np.arange(len(self.slopes)), self.slopes))

    def draw(self, lesson: float) -> None:
        """Show the state after `lesson` lessons: curve, slope, animals on their true side."""
        done = int(lesson)
        slope = self.slope(lesson)
        xs = [*range(done + 1), max(lesson, done + 1e-6)]
        self.curve.draw(self.chart.path(xs, [*self.slopes[: done + 1], slope]))
        self.a.show(slope)
        self.right.show(score(slope, self.animals).truly_right)

    def ends(self) -> dict[LiveNumber, Value]:
        """The numbers with their last values."""
        last = self.steps[-1]
        return {self.a: last.slope_after, self.right: last.score_after.truly_right}


class Race:
    """The line and a paler second one, taught by the same animals, one after the other.

    `trainings` are the pale line's and the bright line's; both begin where the line is.
    """

    def __init__(
        self,
        clip: Clip,
        boundary: Boundary,
        trainings: Sequence[LineTraining],
        *,
        spec: str,
        names: tuple[Words, Words],
    ) -> None:
        self.clip, self.boundary, self.plane = clip, boundary, boundary.plane
        self.lessons = len(trainings[0].steps)
        slopes = [t.start for t in trainings] + [s.slope_after for t in trainings for s in t.steps]
        self.chart = Plane(
            (0, self.lessons),
            (0, math.ceil(max(slopes) + 0.05)),
            corner=CORNER,
            size=SIZE,
            x_name=names[0],
            y_name=names[1],
        )
        self.racers = [
            Racer(clip, training, self.chart, colour, spec, y)
            for training, colour, y in zip(trainings, (WEAK, theme.WEIGHT), ROWS, strict=True)
        ]
        self.pale = Stroke(self.plane.line_through(trainings[0].start), WEAK, 4.5)
        readouts = [m for racer in self.racers for m in (racer.curve, racer.readout)]
        self.column = VGroup(self.chart, *self._wrong_lessons(trainings[0]), *readouts)
        animals = self.racers[0].animals
        self.places = [self.plane.at(a.width, a.length) for a in animals]
        x, y, _ = self.places[0]
        self.pointer = ring(x, y, 0.21, theme.TARGET, 2.5)

    def _wrong_lessons(self, training: LineTraining) -> list[Stroke]:
        """Where in the chart a wrong label was the lesson: an upright line at each."""
        at = [self.chart.x(s.index + 1) for s in training.steps if s.example.wrong]
        if not at:
            return []
        low, high = CORNER[1], CORNER[1] + SIZE[1]
        marks = Stroke([[0, 0], [1, 0]], theme.ERROR, theme.THIN, 0.7)
        marks.draw_all([[[x, low], [x, high]] for x in at])
        return [marks]

    def run(self) -> None:
        """Play all lessons; the pointer goes from animal to animal, then both lines turn."""
        moved = [self.pale, *self.boundary.parts, self.pointer]
        moved += [racer.curve for racer in self.racers]
        ends = {number: value for r in self.racers for number, value in r.ends().items()}
        time = max(LEAST, min(MOST, LESSON * self.lessons))
        self.clip.sweep(self._draw, *moved, ends=ends, run_time=time, rate_func=linear)
        self.clip.play(FadeOut(self.pointer), run_time=theme.FADE)

    def _draw(self, alpha: float) -> None:
        lesson = min(int(alpha * self.lessons), self.lessons - 1)
        share = alpha * self.lessons - lesson
        count = len(self.places)
        here, there = self.places[max(lesson - 1, 0) % count], self.places[lesson % count]
        self.pointer.move_to(here + (there - here) * smooth(min(1.0, share / 0.3)))
        done = lesson + smooth(min(1.0, max(0.0, share - 0.3) / 0.6))
        pale, bright = self.racers
        pale.draw(done)
        bright.draw(done)
        self.pale.draw(self.plane.line_through(pale.slope(done)))
        self.boundary.draw(bright.slope(done))
