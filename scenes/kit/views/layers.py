"""Layers too large for single neurons: a column of inputs, links that open, a sheet of discs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject, linear, smooth
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.edges import Sparks, _closed
from scenes.kit.grid import CellFlight, PixelGrid, unlit, vivid
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.shapes import Stroke, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.views.digit import HEAD, PixelsView
from scenes.kit.views.open_neuron import OpenNeuron

Points = NDArray[np.float64]
Places = ArrayLike | Callable[[], ArrayLike]
"""Points (n, 2), or what will give them when they are needed."""

_BRACE = 0.28  # how far a brace's tip is from its ends
_LEVELS = 4
_TRAVEL = 0.55  # share of a signal's time that one light takes


class Fan(VGroup):
    """Many thin links, each from a point to another: a few objects, by sign and strength."""

    def __init__(self, weights: ArrayLike, widest: float = 0.03) -> None:
        w = np.asarray(weights, dtype=float).ravel()
        strength = np.abs(vivid(w))
        self.widths = np.maximum(widest * strength**3, 0.004)
        level = np.minimum((strength * _LEVELS).astype(int), _LEVELS - 1)
        self._parts: list[tuple[NDArray[np.bool_], VMobject, float]] = []
        for sign, hue in ((1, "positive"), (-1, "negative")):
            for k, opacity in enumerate(np.linspace(0.12, 0.8, _LEVELS)):
                shape = VMobject(stroke_width=0, fill_color=theme.hue(hue), fill_opacity=opacity)
                self._parts.append(((np.sign(w) == sign) & (level == k), shape, float(opacity)))
        super().__init__(*[shape for _, shape, _ in self._parts])

    def draw(self, starts: ArrayLike, ends: ArrayLike, light: float = 1.0) -> None:
        """Run from `starts` (n, 2) to `ends` (n, 2); `light` dims them."""
        a, b = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
        along = b - a
        along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        side = np.stack([-along[:, 1], along[:, 0]], axis=1) * self.widths[:, None] / 2
        ribbons = _closed(np.stack([a + side, b + side, b - side, a - side], axis=1))
        for chosen, shape, opacity in self._parts:
            shape.points = ribbons[chosen].reshape(-1, 3)
            shape.set_fill(opacity=opacity * light)


class InputColumn(View):
    """All inputs of a picture in one column (a row where the box is wider than high), with a
    brace and their name, a key of labels.

        digit = PixelsView(np.eye(28))
        column = InputColumn(np.eye(28), "inputs")
        self.stage("digit | column")
        self.beat("network", digit=digit)
        self.beat("inputs", column.take(digit), column=column)
    """

    def __init__(self, values: ArrayLike, name: str, *, role: str = "input") -> None:
        super().__init__()
        self.values = np.asarray(values, dtype=float).reshape(-1, 1)
        self.name, self.role, self.upright = name, role, True
        self.filled = False

    def build(self) -> None:
        """The cells as one image, upright and lying; brace and name."""
        box = next(self.story.areas[n] for n, v in self.story.shown.items() if v is self)
        self.upright = box.height >= 0.8 * box.width
        many = self.values if self.upright else self.values.T
        thin = 5.0 / len(self.values)
        cell = (0.5, thin) if self.upright else (thin, 0.5)
        self.grid = PixelGrid(many, cell=cell, colour=self.role)
        self.track = PixelGrid(np.zeros((1, 1)), cell=0.1)
        self.brace = Stroke([[0, 0], [0, 0]], "muted", theme.THIN)
        self.title = self.story.label(self.name, colour=self.role)
        self.add(self.track, self.brace, self.title)
        self.wait(self.grid)

    def place(self, box: Box) -> None:
        """The column at the right, the brace and the name at its left; lying, above it."""
        width = self.title.right_edge - self.title.left_edge
        thick = 0.5
        if self.upright:
            whole = thick + 0.15 + _BRACE + 0.15 + width
            column = Box(box.x + whole / 2 - thick / 2, box.y, thick, box.height)
            edge = column.left - 0.15
            self.brace.draw(_brace((edge, column.bottom), (edge, column.top), _BRACE))
            self.title.put_mid(edge - _BRACE - 0.15, box.y, "right")
        else:
            whole = thick + 0.15 + _BRACE + 0.45
            column = Box(box.x, box.y - whole / 2 + thick / 2, box.width, thick)
            edge = column.top + 0.15
            self.brace.draw(_brace((column.left, edge), (column.right, edge), _BRACE))
            self.title.put(box.x, edge + _BRACE + 0.12)
        self.grid.frame(column)
        self.track.frame(column)

    @verb
    def take(self, picture: PixelsView, run_time: float = 2.2) -> list[Any]:
        """The picture's pixels fly into the column, row after row, along an arc."""
        flight = CellFlight(picture.grid, self.grid, overlap=7, arc=0.9)

        def land() -> None:
            self.story.drop(flight)
            self.add(self.grid)

        fly = Sweep([flight], flight.draw, run_time=run_time, rate_func=linear)
        return [Step(fly, run_time=run_time), land]

    def points(self) -> Points:
        """Where links begin, for each input (n, 2): the column's edge, or the row's."""
        shift = [self.grid.box.width / 2, 0] if self.upright else [0, -self.grid.box.height / 2]
        return self.grid.places() + np.array(shift)


def _brace(start: tuple[float, float], end: tuple[float, float], depth: float) -> Points:
    """A curly brace from start to end, its tip `depth` to the left of the way."""
    t = np.linspace(0, 1, 41)
    a, b = np.array(start), np.array(end)
    along = b - a
    length = float(np.linalg.norm(along))
    bend = min(0.12, 0.25) * 5 / max(length, 1e-9)
    edge, middle = np.minimum(t, 1 - t), np.abs(t - 0.5)
    out = np.clip(edge / bend, 0, 1) ** 0.5 * 0.5 + 0.5 * np.clip(1 - middle / bend, 0, 1) ** 2
    side = np.array([-along[1], along[0]]) / max(length, 1e-9)
    return np.asarray(a + along * t[:, None] + side * (out * depth)[:, None])


class LinksPicture(PixelsView):
    """The weights into one neuron: links from all inputs that open into a picture.

    digit = PixelsView(np.eye(28))
    column = InputColumn(np.eye(28), "inputs")
    links = LinksPicture(np.eye(28) - 0.5, "weight")
    self.stage("digit | column | links")
    self.beat("network", column.take(digit), digit=digit, column=column)
    self.beat("sum", links.link(column), links.open(column), links=links)
    """

    def __init__(self, values: ArrayLike, name: str) -> None:
        super().__init__(values, name, signed=True)

    def build(self) -> None:
        """A neuron, alone; the picture waits."""
        super().build()
        self.fan = Fan(self.values)
        self.neuron = disc(0, 0, 0.4, unlit())
        self.neuron.set_stroke(theme.OUTPUT, width=theme.LINE)
        hidden = [m for m in (self.ground, self.grid, self.title) if m]
        self.remove(*hidden)
        self.wait(*hidden)
        self.add(self.neuron)

    def place(self, box: Box) -> None:
        """The neuron in the middle of where the picture will be."""
        super().place(box)
        self.neuron.move_to([self.square.x, self.square.y, 0])

    @verb
    def link(self, column: InputColumn) -> Step:
        """Links grow from all inputs into the neuron."""
        starts = column.points()
        end = np.array([self.square.x, self.square.y])
        self.group.add_to_back(self.fan)

        def draw(alpha: float) -> None:
            self.fan.draw(starts, starts + (end - starts) * max(alpha, 1e-3))

        return Step(Sweep([self.fan, self.neuron], draw, run_time=1.2 * theme.MOVE))

    @verb
    def open(self, column: InputColumn, run_time: float = 1.9) -> Step:
        """Each link's end goes to its place in the picture and colours the pixel there."""
        starts, ends = column.points(), self.grid.places()
        middle = np.array([self.square.x, self.square.y])
        tones, order = self._tones(self.values), np.arange(self.values.size) / self.values.size
        parts = [m for m in (self.ground, self.grid, self.fan) if m is not None]
        whole, neuron = self.neuron.copy(), self.neuron
        self.remove(self.fan)
        self.add(*parts)
        title = self.reveal(self.title) if self.title else []

        def draw(alpha: float) -> None:
            share = smooth_all(np.clip((alpha * 1.5 - order * 0.7) / 0.6, 0, 1))
            fade = float(np.clip((alpha - 0.75) / 0.25, 0, 1))
            self.fan.draw(starts, middle + (ends - middle) * share[:, None], 1 - fade)
            self.grid.show(tones * (share > 0.9).reshape(tones.shape))
            if self.ground is not None:
                self.ground.frame(Box(self.square.x, self.square.y, 1e-3, 1e-3).towards(
                    self.square, smooth(min(1.0, alpha * 3))))  # fmt: skip
            neuron.set_opacity(whole.get_fill_opacity() * max(0.0, 1 - 4 * alpha))
            if alpha >= 1:
                self.remove(self.fan, neuron)

        draw(0.0)
        sweep = Sweep([*parts, neuron], draw, run_time=run_time, rate_func=linear)
        return Step(sweep, *title, run_time=run_time)


def smooth_all(shares: Points) -> Points:
    """The way from 0 to 1 with a soft start and end, of many."""
    return np.asarray(shares * shares * (3 - 2 * shares))


class NeuronSheet(View):
    """A layer as a sheet of discs, each as bright as its activation, under its name.

    digit = PixelsView(np.eye(28))
    sheet = NeuronSheet(100, "hidden")
    self.stage("digit | sheet")
    self.beat("network", digit=digit, sheet=sheet)
    self.beat("outputs", sheet.signal(digit.points(), np.linspace(0, 1, 100)), sheet.ring(7))
    """

    def __init__(self, count: int, name: str = "", *, columns: int | None = None) -> None:
        super().__init__()
        self.columns = columns or next(
            c for c in range(int(np.ceil(np.sqrt(count))), count + 1) if count % c == 0
        )
        self.count, self.name = count, name
        self.lit = np.zeros(count)
        self.ringed: int | None = None
        self.seed: int | None = None

    def build(self) -> None:
        """Dark discs."""
        rows = self.count // self.columns
        self.grid = PixelGrid(
            self.lit.reshape(rows, self.columns), cell=5 / max(rows, self.columns),
            colour="output", ground=unlit(), round_cells=True,
        )  # fmt: skip
        self.title = self.story.label(self.name, colour="output") if self.name else None
        self.mark = Stroke([[0, 0], [0, 0]], "ink", theme.LINE)
        self.add(self.grid, *([self.title] if self.title else []))
        self.wait(self.mark)

    def place(self, box: Box) -> None:
        """The largest sheet below the name."""
        inner = box.inset(top=HEAD) if self.title else box
        sheet = inner.within(self.grid.columns / self.grid.rows)
        self.grid.frame(sheet)
        if self.title:
            self.title.put(sheet.x, sheet.top + 0.16)
        if self.ringed is not None:
            self.mark.draw(_circle(self.points()[self.ringed], 0.5 * self.grid.cell_size[0]))

    def out_of(self, source: View, which: int | None = None) -> Any:
        """Come in around the neuron that was open: it becomes the disc `which` again."""
        self.seed = which
        return super().out_of(source)

    def enter(self) -> Step:
        """Fade in; an open neuron shrinks into its disc."""
        opened = self.origin
        if not isinstance(opened, OpenNeuron) or self.seed is None:
            return super().enter()
        which, size = self.seed, 0.43 * self.grid.cell_size[0]
        ball, (x, y, radius) = disc(0, 0, 1, "panel"), opened.ring
        ball.set_stroke(theme.OUTPUT, width=theme.LINE)
        goal = self.points()[which]
        self.show(np.where(np.arange(self.count) == which, opened.lit, self.lit))

        def draw(alpha: float) -> None:
            now = np.array([x, y]) + (goal - [x, y]) * alpha
            ball.set(width=2 * (radius + (size - radius) * alpha))
            ball.move_to([*now, 0])
            ball.set_fill(theme.mix(theme.PANEL, opened.fill, min(1.0, 2 * alpha)), opacity=1)
            if alpha >= 1:
                self.remove(ball)

        draw(0.0)
        parts = [m for m in (self.grid, self.title) if m]
        self.add(ball)
        return Step(Sweep([ball], draw, run_time=1.4 * theme.MOVE), *[FadeIn(m) for m in parts])

    def points(self) -> Points:
        """The middles of the discs (n, 2)."""
        return self.grid.places()

    def show(self, values: ArrayLike) -> None:
        """Be as bright as these activations."""
        self.lit = np.array(values, dtype=float)
        self.grid.show(self.lit)

    @verb
    def light(self, values: ArrayLike, which: int | None = None) -> Step:
        """The discs, or one of them, become as bright as their activations."""
        start, goal = self.lit.copy(), np.asarray(values, dtype=float)
        if which is not None:
            goal = np.where(np.arange(self.count) == which, goal, start)
        return Step(
            Sweep([self.grid], lambda a: self.show(start + (goal - start) * a), run_time=theme.FADE)
        )

    def active(self) -> Points:
        """The middles of the discs that are more than half bright, or of the brightest."""
        least = min(0.5, float(self.lit.max()))
        return self.points()[self.lit >= least]

    @verb
    def signal(self, starts: Places, values: ArrayLike, run_time: float = 2.0) -> Step:
        """Light runs from `starts` into the discs, which fill as it arrives."""
        goal, old = np.asarray(values, dtype=float), self.lit.copy()
        lights = Lights(places(starts), self.points(), self.grid.cell_size[0])

        def draw(alpha: float) -> None:
            arrived = lights.draw(alpha)
            self.show(old + (goal - old) * arrived)

        sweep = Sweep([self.grid, lights.sparks], draw, run_time=run_time, rate_func=linear)
        return Step(sweep, run_time=run_time)

    def stream(self, starts: Places) -> Callable[[float], Animation]:
        """For a beat's `idle`: light goes on running into the discs, which stay as they are."""

        def idle(seconds: float) -> Animation:
            lights = Lights(places(starts), self.points(), self.grid.cell_size[0])
            return lights.run(seconds)

        return idle

    @verb
    def ring(self, which: int) -> Step:
        """A ring around one neuron."""
        self.ringed = which
        self.mark.draw(_circle(self.points()[which], 0.5 * self.grid.cell_size[0]))
        return Step(*self.reveal(self.mark))

    @verb
    def unring(self) -> Step:
        """The ring goes."""
        self.ringed = None
        return Step(FadeOut(self.mark))

    @verb
    def clear(self) -> Step:
        """All dark again, at once: what was read is read no more."""
        start = self.lit.copy()
        return Step(
            Sweep([self.grid], lambda a: self.show(start * (1 - a)), run_time=theme.FADE / 2)
        )


def places(given: Places) -> Points:
    """The points where they are now."""
    return np.asarray(given() if callable(given) else given, dtype=float)


class Lights:
    """One light on its way to each target, from a start of its own; they set out in turn."""

    def __init__(self, starts: Points, ends: Points, size: float) -> None:
        count = len(ends)
        picks = (np.arange(count) * 0.618034 % 1 * len(starts)).astype(int)
        self.starts, self.ends = starts[picks], ends
        self.late = (1 - _TRAVEL) * (np.arange(count) * 0.754878 % 1)
        self.radius = float(np.clip(0.1 * size, 0.035, 0.05))
        self.sparks = Sparks("ink", tail=0.55)

    def run(self, seconds: float) -> Animation:
        """Go all the way in so many seconds."""

        def draw(alpha: float) -> None:
            self.draw(alpha)

        return Sweep([self.sparks], draw, run_time=seconds, rate_func=linear)

    def draw(self, alpha: float) -> Points:
        """Be `alpha` of the way; returns how much has arrived of each, 0 to 1."""
        share = (alpha - self.late) / _TRAVEL
        self.sparks.draw(self.starts, self.ends, share, self.radius)
        if alpha >= 1:
            return np.ones(len(share))
        return np.asarray(np.clip((share - 0.9) / 0.1, 0, 1))


def _circle(middle: Points, radius: float) -> Points:
    t = np.linspace(0, 2 * np.pi, 41)
    return np.column_stack([middle[0] + radius * np.cos(t), middle[1] + radius * np.sin(t)])
