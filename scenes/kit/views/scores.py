"""Outputs as scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import VMobject, linear, smooth, squish_rate_func
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.edges import Lights
from scenes.kit.grid import unlit
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.shapes import Stroke, disc, path_points
from scenes.kit.stage import Box
from scenes.kit.story import Step, verb
from scenes.kit.text.words import Words
from scenes.kit.views.digit import HEAD
from scenes.kit.views.late import Late
from scenes.kit.views.layers import Places, places

Points = NDArray[np.float64]


class ScoresView(Late):
    """Outputs as numbered neurons with bars and numbers, scores from 0 to 1.

    `scores` are their references, in the order of their numbers (from 0 on); one that would
    read as zero keeps its bar, but has no number. `tags` are the keys of the labels that rows
    will bear: there is room for them at the right, where the bars can do without it.

        s = output([0.2, 0.9, 0.1], "score {}")
        scores = ScoresView([s[0], s[1], s[2]], "outputs", tags=("answer",))
        self.stage("scores")
        self.beat("network", scores=scores)
        self.beat("outputs", scores.show(), scores.frame(1, word="answer"))
    """

    def __init__(self, scores: list[Ref], name: str = "", *, tags: Sequence[str] = ()) -> None:
        super().__init__()
        self.scores, self.name, self.tags = scores, name, tags
        self.now = np.zeros(len(scores))
        self.size: float = theme.NUMBER_SMALL
        self.framed: dict[int, tuple[Stroke, Words | None]] = {}

    def build(self) -> None:
        """Neurons, index labels, tracks; the numbers wait."""
        n = len(self.scores)
        self.discs = [disc(0, 0, 0.2, unlit()) for _ in range(n)]
        self.indices = [
            Words(
                [Piece(str(k))], {}, size=theme.NUMBER_SMALL, colour="ink", role="index", bold=True
            )
            for k in range(n)
        ]
        self.tracks = VMobject(stroke_width=0, fill_color=theme.PANEL, fill_opacity=1)
        self.bars = VMobject(stroke_width=0, fill_color=theme.OUTPUT, fill_opacity=1)
        self.title = self.story.label(self.name, colour="output") if self.name else None
        self.numbers = self._numbers(self.scores)
        tags = [self.story.label(word, bold=True) for word in self.tags]
        self.tag_room = max((w.right_edge - w.left_edge + 0.2 for w in tags), default=0.0)
        self.add(self.tracks, self.bars, *self.discs, *self.indices)
        self.add(*([self.title] if self.title else []))
        self.wait(*self.numbers)

    def _numbers(self, scores: list[Ref]) -> list[Live]:
        shown = [ref for ref in scores if float(format(ref.value, ref.values.spec)) != 0]
        self.which = [k for k, ref in enumerate(scores) if ref in shown]
        return [Live(ref, theme.NUMBER_SMALL, align="left") for ref in shown]

    def place(self, box: Box) -> None:
        """Rows below each other; in two columns where the box is low."""
        inner = box.inset(top=HEAD) if self.title else box
        n = len(self.scores)
        columns = 2 if inner.height / n < 0.3 and n > 1 else 1
        rows = -(-n // columns)
        self.pitch = inner.height / rows
        size = float(
            np.clip(theme.NUMBER_SMALL * self.pitch / 0.42, theme.LABEL, theme.NUMBER_SMALL)
        )
        for number in self.numbers:
            number.resize(size)
        room = max((m.right_edge - m.left_edge for m in self.numbers), default=0.6)
        wide, radius = inner.width / columns, min(0.4 * self.pitch, 0.2)
        k = np.arange(n)
        self.x = inner.left + wide * (k // rows) + 0.3
        self.y = inner.top - self.pitch * (k % rows + 0.5)
        self.start = self.x + 0.75
        self.length = wide - 0.3 - 0.75 - 0.15 - room - 0.2
        self.tagged = self.length - self.tag_room > 1.0
        self.length = max(self.length - self.tag_room * self.tagged, 0.2)
        for disc_, label, x, y in zip(self.discs, self.indices, self.x, self.y, strict=True):
            disc_.set(width=2 * radius).move_to([x, y, 0])
            label.scale(size / self.size).put_mid(x + 0.46, y)
        self.size = size
        for j, number in zip(self.which, self.numbers, strict=True):
            number.put_mid(self.start[j] + self.length + 0.15, self.y[j], "left")
        self.room = room
        if self.title:
            self.title.put(inner.x, inner.top + 0.16)
        for j, (stroke, words) in self.framed.items():
            stroke.draw(self._frame(j))
            if words:
                words.put_mid(self._frame(j)[1, 0] - 0.1, self.y[j], "right")
        self._draw()

    def _frame(self, j: int) -> Points:
        half, left = min(self.pitch * 0.47, 0.34), self.x[j] - 0.28
        right = self.start[j] + self.length + 0.15 + self.room + 0.1 + self.tag_room * self.tagged
        low, high = self.y[j] - half, self.y[j] + half
        return np.array([[left, low], [right, low], [right, high], [left, high], [left, low]])

    def _draw(self) -> None:
        half = min(self.pitch * 0.34, 0.24)

        def bars(values: Points) -> Points:
            paths = []
            for left, y, value in zip(self.start, self.y, values, strict=True):
                right = left + self.length * float(np.clip(value, 0.002, 1))
                low, high = y - half, y + half
                corners = [[left, low], [right, low], [right, high], [left, high], [left, low]]
                paths.append(path_points(corners))
            return np.concatenate(paths)

        self.tracks.points = bars(np.ones(len(self.now)))
        self.bars.points = bars(self.now)
        for neuron, value in zip(self.discs, self.now, strict=True):
            tone = theme.mix(unlit(), theme.OUTPUT, float(np.clip(value, 0, 1)))
            neuron.set_fill(tone, opacity=1)

    def points(self) -> Points:
        """The middles of the neurons (n, 2)."""
        return np.column_stack([self.x, self.y])

    @verb
    def show(self) -> list[Any]:
        """The bars grow to their scores; then the numbers stand there."""
        goal = np.array([float(ref.value) for ref in self.scores])

        def draw(alpha: float) -> None:
            self.now = goal * alpha
            self._draw()

        grow = Sweep([self.bars, self.tracks, *self.discs], draw, run_time=theme.MOVE)
        return [Step(grow), lambda: Step(*[FadeIn(m) for m in self._arrive()], run_time=theme.FADE)]

    def _arrive(self) -> list[Live]:
        self.add(*self.numbers)
        return self.numbers

    @verb
    def signal(self, starts: Places, products: ArrayLike, run_time: float = 2.8) -> list[Any]:
        """Output after output gets its score as the strongest of its products (n, h) arrive, each
        along its link from `starts` (h, 2); then the numbers stand there."""
        goal = np.array([float(ref.value) for ref in self.scores])
        lights = Lights(products, 8, 0.09)
        here, there = places(starts), self.points()

        def draw(alpha: float) -> None:
            self.now = goal * lights.draw(here, there, alpha)
            self._draw()

        moved = [self.bars, self.tracks, *self.discs, lights]
        grow = Sweep(moved, draw, run_time=run_time, rate_func=linear)
        return [Step(grow), lambda: Step(*[FadeIn(m) for m in self._arrive()], run_time=theme.FADE)]

    @verb
    def clear(self, scores: list[Ref]) -> Step:
        """No scores any more, row after row; `scores` are those that are to be shown next."""
        start, old, row = self.now.copy(), self.numbers, np.arange(len(self.scores))
        frames = [m for pair in self.framed.values() for m in pair if m]
        self.framed = {}

        def draw(alpha: float) -> None:
            self.now = np.where(row < round(alpha * len(row)), 0.0, start)
            self._draw()

        self.scores, self.numbers = scores, self._numbers(scores)
        self.wait(*self.numbers)
        self.place(self.box or Box(0, 0, 4, 4))
        sweep = Sweep([self.bars, self.tracks, *self.discs], draw, run_time=theme.MOVE)
        early = squish_rate_func(smooth, 0, 0.4)
        return Step(sweep, *[FadeOut(m, rate_func=early) for m in (*old, *frames)])

    @verb
    def frame(self, j: int, role: str = "output", word: str = "") -> Step:
        """A frame around an output's row, and a word beside it, one of the `tags`, if there is
        room for them."""
        stroke, words = Stroke(self._frame(j), role, theme.LINE), None
        if word in self.tags and self.tagged:
            words = self.story.label(word, colour=role, bold=True)
        self.framed[j] = stroke, words
        self.place(self.box or Box(0, 0, 4, 4))
        return Step(*self.reveal(stroke, *([words] if words else [])), run_time=theme.FADE)
