"""Why an output is large: what each neuron brings to its weighted sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import VMobject, linear
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.arithmetic import sign_between
from scenes.kit.axes import tick_label
from scenes.kit.captions import Piece
from scenes.kit.edges import Sparks
from scenes.kit.grid import vivid
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.shapes import Stroke, path_points
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.text.words import Words
from scenes.kit.views.late import Late
from scenes.kit.views.layers import NeuronSheet

Points = NDArray[np.float64]

_FLIGHT = 0.22  # share of the time that a product is on its way


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
    def pour(self, k: int, sheet: NeuronSheet | None = None, run_time: float = 2.6) -> list[Any]:
        """The products come, the largest first, each out of its neuron of the sheet, whose colour
        then is what it said; gain and loss grow by each as it arrives. Then stands what they add
        up to."""
        row = self.rows[k]
        lights = {1: Sparks("positive", tail=0.6), -1: Sparks("negative", tail=0.6)}
        top = max(float(r.sizes.max(initial=0.0)) for r in self.rows)
        said, large = vivid(self.heaps[k].products, top), row.sizes > 0.005 * row.sizes.sum()

        def poured(alpha: float) -> float:
            return max(0.0, (alpha - _FLIGHT) / (1 - _FLIGHT))

        def draw(alpha: float) -> None:
            self.poured[k] = poured(alpha)
            row.draw(poured(alpha), 0.0)
            if sheet is None:
                return
            way = (alpha - row.arrival * (1 - _FLIGHT)) / _FLIGHT + 1e-9
            spoken = np.empty(len(way))
            spoken[row.order] = np.clip(4 * way, 0, 1)
            sheet.speak(said, spoken)
            for sign, sparks in lights.items():
                radii = np.where(large & (np.sign(row.parts) == sign), row.radii(top), 0.0)
                sparks.draw(sheet.points()[row.order], row.ends(), way, radii)

        def finish() -> Step:
            self.add(row.total, row.sign, row.score)

            def grow(alpha: float) -> None:
                self.summed[k] = alpha
                row.draw(1.0, alpha)

            new = [FadeIn(m) for m in (row.total, row.sign, row.score)]
            return Step(Sweep([row.bars[2]], grow, run_time=theme.MOVE), *new)

        def begin() -> Step:
            self.add(row.gain, row.loss)
            moved = [*row.bars[:2], *([sheet.grid, *lights.values()] if sheet else [])]
            laws = {
                row.gain: lambda a: row.gained(poured(a)),
                row.loss: lambda a: row.lost(poured(a)),
            }
            return process(draw, moved, laws, run_time=run_time, rate_func=linear)

        silence = [sheet.silence()] if sheet and sheet.voices.spoken.any() else []
        return [*silence, begin, finish]


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

    def radii(self, top: float) -> Points:
        """Of the lights that are the products, of which `top` is the largest of all (h,)."""
        return np.asarray(0.04 + 0.1 * np.sqrt(self.sizes / max(top, 1e-12)))

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
