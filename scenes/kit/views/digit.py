"""A picture of pixels, large: a digit, a neuron's weights, products; a lens to its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, linear, smooth, squish_rate_func
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.grid import PixelGrid, vivid
from scenes.kit.motion import FadeOut, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, process, verb
from scenes.kit.text.words import Words, row
from scenes.kit.views.late import Late
from scenes.kit.views.tally import Tally

HEAD = 0.5  # room for a name over a picture
_NOMINAL = 5.0  # frame units for which a picture's raster is made
_RULED, _PLAIN = 0.7, 0.0  # strength of the lines between pixels
_LEAST = 4.5  # contrast of a number with its pixel


class PixelsView(Late):
    """Numbers as a square picture, one pixel each, under its name (a key of labels).

    `role` is the colour of a 1. Signed numbers are yellow above zero and violet below, brought
    out by |v|^0.3, on glass: what is behind them shines through where they are near zero.

        digit = PixelsView(np.eye(28), "inputs")
        weights = PixelsView(np.eye(28) - 0.5, "weight", signed=True)
        self.stage("digit | weights")
        self.beat("network", digit=digit, weights=weights)
        self.beat("inputs", digit.ruled(True), digit.wipe(np.ones((28, 28))))
    """

    def __init__(
        self, values: ArrayLike, name: str = "", *, role: str = "input", signed: bool = False
    ) -> None:
        super().__init__()
        flat = np.asarray(values, dtype=float)
        self.side = math.isqrt(flat.size)
        self.values = flat.reshape(self.side, self.side)
        self.name, self.role, self.signed = name, role, signed
        self.top = float(np.abs(self.values).max(initial=0.0)) or 1.0
        self.square = Box(0, 0, 1, 1)

    def build(self) -> None:
        """The image, its ground if it is of glass, its name, the line that sweeps over it."""
        colour, below = ("positive", "negative") if self.signed else (self.role, None)
        self.grid = PixelGrid(
            self._tones(self.values), cell=_NOMINAL / self.side, colour=colour, negative=below,
            glass=self.signed,
        )  # fmt: skip
        self.ground = PixelGrid(np.zeros((1, 1)), cell=0.1) if self.signed else None
        self.title: Words | None = None
        if self.name:
            role = "weight" if self.signed and self.role == "input" else self.role
            self.title = self.story.label(self.name, colour=role)
        self.edge = Stroke([[0, 0], [0, 0]], "ink", theme.LINE)
        self.worn: list[Any] = []  # another picture's image and name, laid over this one
        self.add(*([self.ground] if self.ground else []), self.grid)
        self.add(*([self.title] if self.title else []))

    def _tones(self, values: ArrayLike) -> NDArray[np.float64]:
        v = np.asarray(values, dtype=float).reshape(self.side, self.side)
        return vivid(v, self.top) if self.signed else v

    def place(self, box: Box) -> None:
        """The largest square below the name."""
        inner = box.inset(top=HEAD) if self.title else box
        self.square = inner.within(1.0)
        self.grid.frame(self.square)
        if self.ground:
            self.ground.frame(self.square)
        self._names()
        for image in self.worn[:1]:
            image.frame(self.square)

    def _names(self) -> None:
        names = [self.title, *self.worn[1:]] if self.title else []
        if names:
            row(names, self.square.x, self.square.top + 0.16, gap=0.2, align="center")

    def line(self, share: float | None, *, upright: bool = False) -> None:
        """The line that sweeps over the picture, so far on its way; None: there is none."""
        s = self.square
        if share is None or not 0 < share < 1:
            self.edge.points = np.zeros((0, 3))
        elif upright:
            x = s.left + s.width * share
            self.edge.draw([[x, s.top + 0.08], [x, s.bottom - 0.08]])
        else:
            y = s.top - s.height * share
            self.edge.draw([[s.left - 0.08, y], [s.right + 0.08, y]])

    @verb
    def ruled(self, lines: bool, run_time: float = theme.FADE) -> Step:
        """Lines between the pixels come, or go, behind a line that sweeps over the picture."""
        start, end = self.grid.lines, _RULED if lines else _PLAIN
        column = np.arange(self.side)
        self.add(self.edge)

        def draw(alpha: float) -> None:
            self.grid.lines = np.where(column < round(alpha * self.side), end, start)
            self.grid.show()
            self._sweep(alpha)

        moved = [self.grid, self.edge]
        return Step(Sweep(moved, draw, run_time=run_time, rate_func=linear))

    def _sweep(self, alpha: float) -> None:
        self.line(round(alpha * self.side) / self.side, upright=True)
        if alpha >= 1:
            self.remove(self.edge)

    @verb
    def wipe(self, values: ArrayLike, run_time: float = theme.MOVE) -> Step:
        """Other pixels take the place of these from left to right: never anything between."""
        old, new = self.values, np.asarray(values, dtype=float).reshape(self.values.shape)
        column = np.arange(self.side)
        self.add(self.edge)

        def draw(alpha: float) -> None:
            there = column < round(alpha * self.side)
            self.grid.show(self._tones(np.where(there, new, old)))
            self._sweep(alpha)
            if alpha >= 1:
                self.values = new

        moved = [self.grid, self.edge]
        return Step(Sweep(moved, draw, run_time=run_time, rate_func=linear))

    @verb
    def wear(self, other: PixelsView) -> Step:
        """Another picture's image, of glass, comes over this one, and its name beside the name."""
        assert other.title and self.title
        own, image, name, times = self.title, other.grid, other.title, self.story.symbol("×")
        start, started = image.box, name.get_center()
        other.remove(image, name, *([other.ground] if other.ground else []))
        self.worn = [image, times, name]
        times.set_fill(opacity=0)
        self.add(image, times, name)

        def draw(alpha: float) -> None:
            image.frame(start.towards(self.square, alpha))
            self._names()
            name.move_to(started + (name.get_center() - started) * alpha)
            own.shift([(self.square.x - own.get_x()) * (1 - alpha), 0, 0])
            times.set_fill(opacity=alpha)

        draw(0.0)
        moved = [image, name, times, own]
        if other.ground:
            self.story.bring_to_back(other.ground)
        ground = [FadeOut(other.ground)] if other.ground else []
        return Step(Sweep(moved, draw, run_time=1.2 * theme.MOVE), *ground)

    @verb
    def bare(self) -> Step:
        """What was laid over it goes; its name stands alone again."""
        gone, self.worn = self.worn, []
        own, aside = self.title, self.title.get_x() - self.square.x if self.title else 0.0

        def draw(alpha: float) -> None:
            self._names()
            if own:
                own.shift([aside * min(1.0, 2 - 2 * alpha), 0, 0])

        back = Sweep([own] if own else [], draw, run_time=theme.MOVE)
        early = squish_rate_func(smooth, 0, 0.5)
        return Step(back, *[FadeOut(m, rate_func=early) for m in gone], run_time=0.7 * theme.MOVE)

    def points(self) -> NDArray[np.float64]:
        """The middles of the pixels, row by row (n, 2)."""
        return self.grid.places()


class ProductsView(PixelsView):
    """Inputs times weights, pixel by pixel: empty until a line has run over both pictures.

    digit = PixelsView(np.eye(28), "inputs")
    weights = PixelsView(np.eye(28) - 0.5, "weight", signed=True)
    products = ProductsView(np.eye(28) / 2, "sum", role="ink")
    self.stage("digit | weights | products")
    self.beat("network", digit=digit, weights=weights, products=products)
    self.beat("sum", products.scan([digit, weights]))
    """

    def __init__(self, values: ArrayLike, name: str = "", *, role: str = "ink") -> None:
        super().__init__(values, name, role=role, signed=True)
        self.onto: PixelsView | None = None

    def build(self) -> None:
        """As any picture, but nothing is there yet."""
        super().build()
        self.grid.show(np.zeros(self.values.shape))

    def out_of(self, source: View, onto: PixelsView | None = None) -> Any:
        """Come in where a picture stands that goes `onto` another to be multiplied by it."""
        self.onto = onto
        return super().out_of(source)

    def enter(self) -> Step:
        """Fade in, late, as the picture that was here goes onto another."""
        source, self.origin = self.origin, None
        step = super().enter()
        if isinstance(source, PixelsView) and self.onto:
            step.animations += self.onto.wear(source)().animations
        self.origin = source
        return step

    @verb
    def scan(
        self, others: Sequence[PixelsView], tally: Tally | None = None, run_time: float = 4.5
    ) -> Step:
        """A line runs down over all pictures, slowly where much is added; the products appear
        behind it, and the tally shows the running sum of those that are there."""
        views = [*others, self]
        tones, count = self._tones(self.values).ravel(), self.values.size
        done, order = [-1], np.arange(count)
        sizes = np.abs(self.values).ravel()
        due = np.cumsum(sizes + 0.2 * sizes.mean() + 1e-12)
        for view in views:
            view.add(view.edge)

        def there(alpha: float) -> int:
            return int(np.searchsorted(due, alpha * due[-1], side="right")) if alpha < 1 else count

        def draw(alpha: float) -> None:
            now = there(alpha)
            if now != done[0]:
                done[0] = now
                self.grid.show(np.where(order < now, tones, 0.0))
            for view in views:
                view.line(now / count)
                if alpha >= 1:
                    view.remove(view.edge)

        moved = [self.grid, *(view.edge for view in views)]
        numbers: dict[Live, Callable[[float], Any]] = {}
        if tally is not None:
            tally.add(tally.number)
            numbers[tally.number] = lambda alpha: float(tally.running[there(alpha)])
        return process(draw, moved, numbers, run_time=run_time, rate_func=linear)


class Lens(View):
    """Some pixels of a picture, magnified, with their numbers; it grows out of the picture.

    `corner` and `shape` are (row, column) and (rows, columns) of the pixels, `values` the
    picture's numbers, row by row; `ends`, if given, are those of a scale of tones below it.

        digit, x = PixelsView(np.eye(28)), inputs(np.eye(28).ravel(), "input {}")
        self.stage("digit | lens")
        self.beat("network", digit=digit)
        self.beat("inputs", lens=Lens(digit, (3, 3), (4, 4), x, ends=(x[1], x[0])))
    """

    def __init__(
        self, picture: PixelsView, corner: tuple[int, int], shape: tuple[int, int],
        values: Values, ends: tuple[Ref, Ref] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.picture, self.corner, self.shape, self.values = picture, corner, shape, values
        self.ends = ends
        self.grown = 1.0

    def build(self) -> None:
        """The patch, its frames here and there, the rays between, a number for each pixel."""
        (top, left), (rows, columns) = self.corner, self.shape
        tones = self.picture.values[top : top + rows, left : left + columns]
        self.patch = PixelGrid(
            readable(tones, self.picture.role), cell=4 / rows, colour=self.picture.role, lines=1.0
        )
        self.rays = Stroke([[0, 0], [0, 0]], "ink", theme.THIN, 0.5)
        self.here, self.there = (Stroke([[0, 0], [0, 0]], "ink", 2.5) for _ in range(2))
        self.numbers = []
        for (r, c), tone in np.ndenumerate(self.patch.values):
            ref = self.values[(top + r) * self.picture.side + left + c]
            number = Live(ref, theme.NUMBER_SMALL, bold=False, align="center")
            ground = theme.mix(theme.PANEL, theme.hue(self.picture.role), float(tone))
            number.set_fill(theme.on(ground), family=False)
            self.numbers.append(number)
        self.add(self.patch, self.there, *self.numbers)
        self.scale = [Live(ref, theme.LABEL, align="center") for ref in self.ends or ()]
        self.tones = PixelGrid(np.linspace(0, 1, 24)[None], cell=0.1, colour=self.picture.role)
        if self.ends:
            self.add(self.tones, *self.scale)

    def place(self, box: Box) -> None:
        """The largest patch in the box, joined to where it comes from."""
        rows, columns = self.shape
        here = self.picture.grid.patch(*self.corner, rows, columns)
        below = 0.8 if self.ends else 0.1
        there = box.inset(0.1, 0.1, 0.1, below).within(columns / rows)
        now = here.towards(there, self.grown)
        self.patch.frame(now)
        for number, (x, y) in zip(self.numbers, self.patch.places(), strict=True):
            fit = 0.86 * self.patch.cell_size[0] / max(number.right_edge - number.left_edge, 1e-9)
            number.resize(min(theme.NUMBER_SMALL, max(number.size * fit, theme.LABEL)))
            number.put_mid(x, y)
        self.here.draw(_outline(here))
        self.there.draw(_outline(now))
        self.rays.draw_all(_rays(here, now))
        room = [m.right_edge - m.left_edge + 0.2 for m in self.scale]
        if room:
            strip = Box(there.x, there.bottom - 0.45, there.width - 2 * max(room), 0.26)
            self.tones.frame(strip)
            self.scale[0].put_mid(strip.left - max(room) / 2, strip.y)
            self.scale[1].put_mid(strip.right + max(room) / 2, strip.y)

    def enter(self) -> Step:
        """It grows out of the picture; then the numbers come."""
        end = self.story.areas[next(n for n, v in self.story.shown.items() if v is self)]
        self.story.add(self.rays, self.here)

        def draw(alpha: float) -> None:
            self.grown = smooth(min(1.0, alpha / 0.7))
            self.place(end)
            here = min(1.0, max(0.0, 4 * alpha - 3))
            self.tones.set_opacity(here)
            for number in (*self.numbers, *self.scale):
                number.set_fill(opacity=here, family=False)

        draw(0.0)
        moved = [*self.group.submobjects, self.rays, self.here]
        return Step(Sweep(moved, draw, run_time=2 * theme.MOVE, rate_func=linear))

    def leave(self) -> Step:
        """It goes, and what joins it to the picture."""
        return Step(*map(FadeOut, (self.group, self.rays, self.here)))

    def idle(self, seconds: float) -> Animation:
        """For a beat: a frame goes from pixel to pixel, here and in the picture, row after row."""
        (top, left), (rows, columns) = self.corner, self.shape
        mark = Stroke([[0, 0], [0, 0]], "target", 5)
        small = Stroke([[0, 0], [0, 0]], "target", 3)
        count = rows * columns
        steps = max(1, min(count, round(seconds / 0.2)))

        def draw(alpha: float) -> None:
            if alpha >= 1:
                mark.points = small.points = np.zeros((0, 3))
                return
            r, c = divmod(int(alpha * steps) % count, columns)
            mark.draw(_outline(self.patch.patch(r, c, 1, 1)))
            small.draw(_outline(self.picture.grid.patch(top + r, left + c, 1, 1)))

        return Sweep([mark, small], draw, run_time=seconds, rate_func=linear)


def _outline(box: Box) -> list[list[float]]:
    left, right, top, low = box.left, box.right, box.top, box.bottom
    return [[left, low], [right, low], [right, top], [left, top], [left, low]]


def _rays(here: Box, there: Box) -> list[list[list[float]]]:
    """From the sides of one box that face the other to it."""
    if abs(there.x - here.x) >= abs(there.y - here.y):
        a, b = (here.right, there.left) if there.x > here.x else (here.left, there.right)
        return [[[a, here.top], [b, there.top]], [[a, here.bottom], [b, there.bottom]]]
    a, b = (here.top, there.bottom) if there.y > here.y else (here.bottom, there.top)
    return [[[here.left, a], [there.left, b]], [[here.right, a], [there.right, b]]]


def readable(values: ArrayLike, role: str = "input") -> NDArray[np.float64]:
    """Numbers 0 to 1 as shares of a colour, in the same order, on which digits can be read.

    A middling tone is too bright for light digits and too dark for dark ones: those few
    values get the nearest tone at which one of the two has enough contrast.
    """
    tones = np.linspace(0, 1, 501)
    grounds = [theme.mix(theme.PANEL, theme.hue(role), float(t)) for t in tones]
    clear = [theme.contrast(theme.on(ground), ground) > _LEAST + 0.1 for ground in grounds]
    allowed = tones[clear]
    shares = np.asarray(values, dtype=float)
    nearest = allowed[np.abs(shares[..., None] - allowed).argmin(axis=-1)]
    return np.where(np.interp(shares, tones, clear) == 1, shares, nearest)
