"""Layers too large for single neurons: a column of inputs, links that open, a sheet of discs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Circle, Group, linear, smooth, squish_rate_func
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.edges import Fan, Lights, soft
from scenes.kit.grid import CellFlight, PixelGrid, Ramp, unlit
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.shapes import Stroke, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.views.digit import HEAD, PixelsView
from scenes.kit.views.open_neuron import OpenNeuron

Points = NDArray[np.float64]
Places = ArrayLike | Callable[[], ArrayLike]
"""Points (n, 2), or what will give them when they are needed."""

_BRACE = 0.28  # how far a brace's tip is from its ends


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
            share = soft(np.clip((alpha * 1.5 - order * 0.7) / 0.6, 0, 1))
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


class NeuronSheet(View):
    """A layer as a sheet of discs, each as bright as its activation, under its name. Discs that
    have spoken are as yellow (for) or violet (against) as what they said.

    digit = PixelsView(np.eye(28))
    sheet = NeuronSheet(100, "hidden")
    self.stage("digit | sheet")
    self.beat("network", digit=digit, sheet=sheet)
    self.beat("outputs", sheet.signal(digit.points, np.linspace(0, 1, 100), np.eye(100, 784)))
    """

    def __init__(self, count: int, name: str = "", *, columns: int | None = None) -> None:
        super().__init__()
        self.columns = columns or next(
            c for c in range(int(np.ceil(np.sqrt(count))), count + 1) if count % c == 0
        )
        self.count, self.name = count, name
        self.lit = np.zeros(count)
        self.seed: int | None = None

    def build(self) -> None:
        """Dark discs."""
        rows = self.count // self.columns
        self.grid = PixelGrid(
            self.lit.reshape(rows, self.columns), cell=5 / max(rows, self.columns),
            colour="output", ground=unlit(), round_cells=True,
        )  # fmt: skip
        self.grid.ramp = self.voices = _Voices((rows, self.columns))
        self.title = self.story.label(self.name, colour="output") if self.name else None
        self.add(self.grid, *([self.title] if self.title else []))

    def place(self, box: Box) -> None:
        """The largest sheet below the name."""
        inner = box.inset(top=HEAD) if self.title else box
        sheet = inner.within(self.grid.columns / self.grid.rows)
        self.grid.frame(sheet)
        if self.title:
            self.title.put(sheet.x, sheet.top + 0.16)

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
        ring, core = Circle(stroke_color=theme.OUTPUT), disc(0, 0, 1, opened.fill)
        start, inner = np.array(opened.dot.get_center()[:2]), 0.5 * opened.dot.width
        (*middle, radius), goal = opened.ring, self.points()[which]
        inside = [m for m in opened.group.submobjects if m is not opened.output]
        opened.remove(*inside)

        def draw(alpha: float) -> None:
            full, home = smooth(min(1.0, alpha / 0.4)), smooth(max(0.0, alpha / 0.6 - 2 / 3))
            here, r = middle + (goal - middle) * home, radius + (size - radius) * home
            ring.set_stroke(width=theme.LINE * 1.5 * (1 - home))
            ring.set(width=2 * r).move_to([*here, 0])
            core.set(width=2 * (inner + (r - inner) * full))
            core.move_to([*(start + (here - start) * full), 0])
            if alpha >= 0.4:  # all of it is covered
                Group(*inside).fade(1)
            if alpha >= 1:
                self.remove(*inside, core, ring)
                self.show(np.where(np.arange(self.count) == which, opened.lit, self.lit))

        draw(0.0)
        parts, late = [m for m in (self.grid, self.title) if m], squish_rate_func(smooth, 0.4, 0.8)
        self.add(*inside, core, ring)
        run = 1.8 * theme.MOVE
        sweep = Sweep([*inside, core, ring], draw, run_time=run, rate_func=linear)
        return Step(sweep, *[FadeIn(m, run_time=run, rate_func=late) for m in parts])

    def points(self) -> Points:
        """The middles of the discs (n, 2)."""
        return self.grid.places()

    def show(self, values: ArrayLike) -> None:
        """Be as bright as these activations."""
        self.lit = np.array(values, dtype=float)
        self.grid.show(self.lit)

    @verb
    def signal(
        self, starts: Places, values: ArrayLike, products: ArrayLike, run_time: float = 2.8
    ) -> Step:
        """Neuron after neuron fills as the strongest of its products (count, n) arrive, each
        along its link from `starts` (n, 2)."""
        goal, old = np.asarray(values, dtype=float), self.lit.copy()
        lights = Lights(products, 2, 0.07)
        here, there = places(starts), self.points()

        def draw(alpha: float) -> None:
            self.show(old + (goal - old) * lights.draw(here, there, alpha))

        return Step(Sweep([self.grid, lights], draw, run_time=run_time, rate_func=linear))

    def speak(self, said: ArrayLike, spoken: ArrayLike) -> None:
        """Show what each neuron says, −1 (against) to 1 (for), so far as it has `spoken`."""
        self.voices.hear(said, spoken)
        self.grid.show()

    @verb
    def silence(self) -> Step:
        """All show their activations again."""
        said, spoken = self.voices.said.copy(), self.voices.spoken.copy()

        def draw(alpha: float) -> None:
            self.speak(said, spoken * (1 - alpha))

        return Step(Sweep([self.grid], draw, run_time=theme.FLIP))

    @verb
    def clear(self) -> Step:
        """All dark again, from left to right: what was read is read no more."""
        start, column = self.lit.copy(), np.arange(self.count) % self.columns

        def draw(alpha: float) -> None:
            self.show(np.where(column < round(alpha * self.columns), 0.0, start))

        return Step(Sweep([self.grid], draw, run_time=theme.MOVE, rate_func=linear))


class _Voices(Ramp):
    """Activations' colours, or those of what neurons have said, mixed neuron by neuron."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__("output", ground=unlit())
        self.voice = Ramp("positive", negative="negative", ground=unlit())
        self.said, self.spoken = np.zeros(shape), np.zeros(shape)

    def hear(self, said: ArrayLike, spoken: ArrayLike) -> None:
        """What each says, and how much of its colour shows it, 0 to 1."""
        self.said = np.asarray(said, dtype=float).reshape(self.said.shape)
        self.spoken = np.asarray(spoken, dtype=float).reshape(self.said.shape)

    def __call__(self, values: ArrayLike) -> Points:
        """Channels 0 to 255 in a last axis of three."""
        own = super().__call__(values)
        return np.asarray(own + (self.voice(self.said) - own) * self.spoken[..., None])


def places(given: Places) -> Points:
    """The points where they are now."""
    return np.asarray(given() if callable(given) else given, dtype=float)
