"""Outputs as scores, and why one of them is the largest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, VMobject, linear
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.arithmetic import sign_between
from scenes.kit.axes import tick_label
from scenes.kit.captions import Piece
from scenes.kit.edges import Sparks
from scenes.kit.grid import unlit
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.shapes import Stroke, disc, path_points
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.text.words import Words
from scenes.kit.views.digit import HEAD
from scenes.kit.views.late import Late
from scenes.kit.views.layers import Lights, Places, places

Points = NDArray[np.float64]


class ScoresView(Late):
    """Outputs as numbered neurons with bars and numbers, scores from 0 to 1.

    `scores` are their references, in the order of their numbers (from 0 on); one that would
    read as zero keeps its bar, but has no number.

        s = output([0.2, 0.9, 0.1], "score {}")
        scores = ScoresView([s[0], s[1], s[2]], "outputs")
        self.stage("scores")
        self.beat("network", scores=scores)
        self.beat("outputs", scores.show(), scores.frame(1))
    """

    def __init__(self, scores: list[Ref], name: str = "") -> None:
        super().__init__()
        self.scores, self.name = scores, name
        self.now = np.zeros(len(scores))
        self.framed: dict[int, tuple[Stroke, Words | None]] = {}

    def build(self) -> None:
        """Neurons, index labels, tracks; the numbers wait."""
        n = len(self.scores)
        self.discs = [disc(0, 0, 0.16, unlit()) for _ in range(n)]
        self.indices = [
            Words([Piece(str(k))], {}, size=theme.LABEL, colour="ink", role="index", bold=True)
            for k in range(n)
        ]
        self.tracks = VMobject(stroke_width=0, fill_color=theme.PANEL, fill_opacity=1)
        self.bars = VMobject(stroke_width=0, fill_color=theme.OUTPUT, fill_opacity=1)
        self.title = self.story.label(self.name, colour="output") if self.name else None
        self.numbers = self._numbers(self.scores)
        self.add(self.tracks, self.bars, *self.discs, *self.indices)
        self.add(*([self.title] if self.title else []))
        self.wait(*self.numbers)

    def _numbers(self, scores: list[Ref]) -> list[Live]:
        shown = [ref for ref in scores if float(format(ref.value, ref.values.spec)) != 0]
        self.which = [k for k, ref in enumerate(scores) if ref in shown]
        return [Live(ref, theme.LABEL, align="left") for ref in shown]

    def place(self, box: Box) -> None:
        """Rows below each other; in two columns where the box is low."""
        inner = box.inset(top=HEAD) if self.title else box
        n = len(self.scores)
        columns = 2 if inner.height / n < 0.3 and n > 1 else 1
        rows = -(-n // columns)
        self.pitch = inner.height / rows
        room = max((m.right_edge - m.left_edge for m in self.numbers), default=0.6)
        wide = inner.width / columns
        k = np.arange(n)
        self.x = inner.left + wide * (k // rows) + 0.25
        self.y = inner.top - self.pitch * (k % rows + 0.5)
        self.start = self.x + 0.75
        self.length = max(wide - 0.25 - 0.75 - 0.15 - room - 0.2, 0.2)
        for disc_, label, x, y in zip(self.discs, self.indices, self.x, self.y, strict=True):
            disc_.move_to([x, y, 0])
            label.put_mid(x + 0.44, y)
        for j, number in zip(self.which, self.numbers, strict=True):
            number.put_mid(self.start[j] + self.length + 0.15, self.y[j], "left")
        self.room = room
        if self.title:
            self.title.put(inner.x, inner.top + 0.16)
        for j, (stroke, words) in self.framed.items():
            stroke.draw(self._frame(j))
            if words:
                bar = self.length * self.now[j]
                beside = bar < words.right_edge - words.left_edge + 0.24
                words.put_mid(self.start[j] + 0.12 + bar * beside, self.y[j], "left")
        self._draw()

    def _frame(self, j: int) -> Points:
        half, left = min(self.pitch * 0.47, 0.34), self.x[j] - 0.25
        right = self.start[j] + self.length + 0.15 + self.room + 0.1
        low, high = self.y[j] - half, self.y[j] + half
        return np.array([[left, low], [right, low], [right, high], [left, high], [left, low]])

    def _draw(self) -> None:
        half = min(self.pitch * 0.27, 0.2)

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
        return [Step(grow), lambda: Step(*[FadeIn(m) for m in self._arrive()])]

    def _arrive(self) -> list[Live]:
        self.add(*self.numbers)
        return self.numbers

    @verb
    def signal(self, starts: Places, run_time: float = 1.3) -> list[Any]:
        """Light runs from `starts` into the outputs, which then show their scores."""
        ends = np.repeat(self.points(), 5, axis=0)
        return [Step(Lights(places(starts), ends, 0.4).run(run_time)), self.show()]

    def stream(self, starts: Places) -> Callable[[float], Animation]:
        """For a beat's `idle`: light goes on running into the outputs, which stay as they are."""

        def idle(seconds: float) -> Animation:
            lights = Lights(places(starts), np.repeat(self.points(), 5, axis=0), 0.4)
            return lights.run(seconds)

        return idle

    @verb
    def clear(self, scores: list[Ref] | None = None) -> Step:
        """No scores any more, at once; `scores` are those that are to be shown next."""
        start, old = self.now.copy(), self.numbers
        frames = [m for pair in self.framed.values() for m in pair if m]
        self.framed = {}

        def draw(alpha: float) -> None:
            self.now = start * (1 - alpha)
            self._draw()

        if scores is not None:
            self.scores, self.numbers = scores, self._numbers(scores)
            self.wings = [m for m in self.wings if not isinstance(m, Live)]
            self.wait(*self.numbers)
            self.place(self.box or Box(0, 0, 4, 4))
        fade = theme.FADE / 2
        gone = [FadeOut(m, run_time=fade) for m in (*old, *frames) if m in self.group.submobjects]
        return Step(Sweep([self.bars, self.tracks, *self.discs], draw, run_time=fade), *gone)

    @verb
    def frame(self, j: int, role: str = "output", word: str = "") -> Step:
        """A frame around an output's row, and a word in it, a key of labels, where there is room:
        in the bar or beside it."""
        stroke, words = Stroke(self._frame(j), role, theme.LINE), None
        if word:
            bar = self.now[j] * self.length
            words = self.story.label(word, colour=role, bold=True)
            room = words.right_edge - words.left_edge + 0.24
            if bar >= room:
                colour = theme.on(theme.OUTPUT)
                words = self.story.label(word, colour=colour, bold=True)
            elif self.length - bar < room:
                words = None
        self.framed[j] = stroke, words
        self.place(self.box or Box(0, 0, 4, 4))
        return Step(*self.reveal(stroke, *([words] if words else [])))


@dataclass(frozen=True, eq=False)
class Heap:
    """What neurons bring to the output numbered `index`: `products` (h,), those above zero
    adding up to `gain`, those below to `loss`, both together to `total`; its `score`."""

    index: int
    products: Any
    gain: Ref
    loss: Ref
    total: Ref
    score: Ref


class HeapsView(Late):
    """Weighted sums in the making, one below the other on one scale: what is for an output runs
    to the right, what is against it runs back, and what is left is its sum.

        n = plain([2.5, -1.0, 1.5, 0.8], "number {}")
        heap = Heap(3, [2.0, 0.5, -1.0], n[0], n[1], n[2], n[3])
        heaps = HeapsView([heap])
        self.stage("heaps")
        self.beat("network", heaps=heaps)
        self.beat("sum", heaps.pour(0))
    """

    def __init__(self, heaps: list[Heap]) -> None:
        super().__init__()
        self.heaps = heaps
        self.poured = [0.0] * len(heaps)
        self.summed = [0.0] * len(heaps)

    def build(self) -> None:
        """Index, zero line, bars without length; the numbers wait."""
        self.rows = [_Row(self, heap) for heap in self.heaps]
        self.low = min(0.0, *(float(h.total.value) for h in self.heaps))
        self.high = max(1e-6, *(float(h.gain.value) for h in self.heaps))
        for row in self.rows:
            self.add(*row.standing)
            self.wait(*row.coming)

    def place(self, box: Box) -> None:
        """Rows of equal height; numbers in a column at the right."""
        room = max(row.room for row in self.rows)
        height = min(box.height / len(self.rows), 2.7)
        for k, row in enumerate(self.rows):
            top = box.y + height * (len(self.rows) / 2 - k)
            row.put(Box(box.x, top - height / 2, box.width, height - 0.25), room)
            row.draw(self.poured[k], self.summed[k])

    @verb
    def pour(self, k: int, sources: Places | None = None, run_time: float = 2.2) -> list[Any]:
        """The products come, the largest first, each from its neuron (`sources`, (h, 2)); gain
        and loss grow by each as it arrives. Then stands what they add up to."""
        row = self.rows[k]
        lights = Sparks("ink", tail=0.6)
        starts = None if sources is None else places(sources)[row.order]

        def draw(alpha: float) -> None:
            self.poured[k] = alpha
            row.draw(alpha, 0.0)
            if starts is not None:
                share = 1 - (row.arrival - alpha) / 0.22 if alpha < 1 else np.ones(len(row.arrival))
                ends = row.ends()
                lights.draw(
                    starts, ends, share, np.where(row.sizes > 0.02 * row.sizes.sum(), 0.07, 0.0)
                )

        def finish() -> Step:
            self.add(row.total, row.sign, row.score)

            def grow(alpha: float) -> None:
                self.summed[k] = alpha
                row.draw(1.0, alpha)

            new = [FadeIn(m) for m in (row.total, row.sign, row.score)]
            return Step(Sweep([row.bars[2]], grow, run_time=theme.MOVE), *new)

        self.add(row.gain, row.loss)
        moved = [*row.bars[:2], lights]
        laws = {row.gain: lambda a: row.gained(a), row.loss: lambda a: row.lost(a)}
        return [process(draw, moved, laws, run_time=run_time, rate_func=linear), finish]


class _Row:
    """One weighted sum: three bars, their numbers, the output they belong to."""

    def __init__(self, view: HeapsView, heap: Heap) -> None:
        self.view, self.heap = view, heap
        products = np.asarray(heap.products, dtype=float)
        self.order = np.argsort(-products, kind="stable")
        self.parts = products[self.order]
        self.sizes = np.abs(self.parts)
        self.arrival = np.cumsum(self.sizes) / max(float(self.sizes.sum()), 1e-12)
        self.index = Words(
            [Piece(str(heap.index))], {}, size=theme.ANSWER * 0.7, colour="ink", role="index",
            bold=True,
        )  # fmt: skip
        self.zero = Stroke([[0, 0], [0, 0]], "muted", theme.THIN)
        self.tick = tick_label(0, "d")
        self.bars = [
            VMobject(stroke_width=0, fill_color=theme.hue(role), fill_opacity=1)
            for role in ("positive", "negative", "ink")
        ]
        size = theme.NUMBER_SMALL
        self.gain, self.loss, self.total = (
            Live(r, size) for r in (heap.gain, heap.loss, heap.total)
        )
        self.score = Live(heap.score, size, align="center")
        equal = sign_between([heap.gain, "+", heap.loss], [heap.total])
        self.sign = view.story.symbol(equal, size=size)
        self.side = max(0.9, self.score.right_edge - self.score.left_edge)
        self.standing = [self.zero, self.tick, self.index, *self.bars]
        self.coming = [self.gain, self.loss, self.total, self.sign, self.score]

    @property
    def room(self) -> float:
        """Width of the numbers' column."""
        return max(m.right_edge - m.left_edge for m in (self.gain, self.loss, self.total)) + 0.4

    def put(self, box: Box, room: float) -> None:
        """Place what does not depend on the bars."""
        side = max(row.side for row in self.view.rows)
        self.box, left = box, box.left + side + 0.4
        span = self.view.high - self.view.low
        self.unit = (box.right - room - 0.3 - left) / span
        self.x0 = left - self.view.low * self.unit
        pitch = (box.height - 0.35) / 3
        self.y = [box.top - pitch * (k + 0.5) for k in range(3)]
        self.half = min(0.3 * pitch, 0.22)
        self.zero.draw([[self.x0, box.top], [self.x0, box.bottom + 0.35]])
        self.tick.put(self.x0, box.bottom + 0.06)
        self.index.put_mid(box.left + side / 2, (self.y[0] + self.y[1]) / 2)
        self.score.put_mid(box.left + side / 2, self.y[2])
        for number, y in zip((self.gain, self.loss, self.total), self.y, strict=True):
            number.put_mid(box.right, y, "right")
        self.sign.put_mid(box.right - room + 0.1, self.y[2], "left")

    def ends(self) -> Points:
        """Where each product's part of the bars ends (h, 2)."""
        x = self.x0 + np.cumsum(self.parts) * self.unit
        return np.column_stack([x, np.where(self.parts > 0, self.y[0], self.y[1])])

    def gained(self, alpha: float) -> float:
        """The sum of the products above zero that have arrived."""
        return float(self.parts[(self.parts > 0) & (self.arrival <= alpha + 1e-9)].sum())

    def lost(self, alpha: float) -> float:
        """The sum of the products below zero that have arrived."""
        return float(self.parts[(self.parts < 0) & (self.arrival <= alpha + 1e-9)].sum())

    def draw(self, alpha: float, summed: float) -> None:
        """Bars of what has arrived by `alpha`, and so much of the sum's bar."""
        before = np.concatenate([[0.0], self.arrival[:-1]])
        width = np.maximum(self.arrival - before, 1e-12)
        share = np.clip((alpha - before) / width, 0, 1)
        start = self.x0 + (np.cumsum(self.parts) - self.parts) * self.unit
        end = start + self.parts * share * self.unit
        gap = np.where(self.sizes * self.unit > 0.08, 0.02, 0.0) * np.sign(self.parts)
        for k, sign in ((0, 1), (1, -1)):
            here = (np.sign(self.parts) == sign) & (share > 0)
            self.bars[k].points = _slabs(start[here], (end - gap)[here], self.y[k], self.half)
        z = self.x0 + float(self.heap.total.value) * self.unit * summed
        one = np.array([self.x0]), np.array([z])
        self.bars[2].points = _slabs(*one, self.y[2], self.half) if summed else np.zeros((0, 3))


def _slabs(starts: Points, ends: Points, y: float, half: float) -> Points:
    """Rectangles of one height, from start to end, as Bezier points."""
    if not len(starts):
        return np.zeros((0, 3))
    low, high = np.full(len(starts), y - half), np.full(len(starts), y + half)
    corners = [(starts, low), (ends, low), (ends, high), (starts, high), (starts, low)]
    paths = np.stack([np.stack(c, axis=1) for c in corners], axis=1)
    return np.concatenate([path_points(path) for path in paths])
