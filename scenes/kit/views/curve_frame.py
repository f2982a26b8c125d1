"""What a curve stands on: its axes, its path, the walker on it and the tangent at the walker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Group, Mobject, smooth
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.axes import Axes, Range
from scenes.kit.ledger import Value
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.surface import Region
from scenes.kit.views.pinned import Pinned
from scenes.kit.walkers import Walkers

Points = NDArray[np.float64]
Function = Callable[[Any], Any]
Law = Callable[[float], Value]

_COUNT = 400
_TANGENT = 1.5  # of the tangent to each side, frame units
_GLOW = 0.11  # ticks are read through it


class CurveFrame(Pinned):
    """A function over a range in axes, with a walker; the verbs that only move these."""

    def __init__(
        self,
        function: Function,
        x_range: Range,
        *,
        y_range: Range | None = None,
        slope: Function | None = None,
        x: str = "",
        y: str = "",
        colour: str = "error",
        walker: str = "weight",
        filled: bool = False,
    ) -> None:
        super().__init__()
        self.function, self.names = function, (x, y)
        self.derivative = slope or self._difference
        ys = np.asarray(function(np.linspace(*x_range, _COUNT)), float)
        self.x_range = x_range
        self.y_range = y_range or (min(0.0, float(ys.min())), float(ys.max()) * 1.04)
        self.colour, self.hue, self.filled = colour, walker, filled
        self.w, self.done = x_range[0], 1.0
        self.spot: Callable[[], Points] = lambda: self.seen(self.w)
        self.line: Stroke | None = None
        self.hops: Stroke | None = None
        self.notes: list[Mobject] = []

    def _difference(self, w: float) -> float:
        h = 1e-6 * (self.x_range[1] - self.x_range[0])
        return float(self.function(w + h) - self.function(w - h)) / (2 * h)

    # Standing

    def build(self) -> None:
        """Axes, curve, and the walker, who waits."""
        self.below, self.over = Group(), Group()
        self.axes = self._axes()
        self.curve = Stroke([[0, 0], [1, 0]], self.colour, 4.0)
        self.fill = Region(theme.mix(theme.PANEL, theme.RULE, 0.35), 1.0)
        self.walker = Walkers(self.hue, 0.13, 3.6)
        self.walker.glow.set_fill(opacity=_GLOW)
        self.add(self.below, self.axes, self.over)
        if self.filled:
            self.pin(self.fill, lambda: self.fill.draw([self._under(*self.x_range)]), self.below)
        self.pin(self.curve, self._trace, self.over)
        self.wait(self.walker)

    def _axes(self) -> Axes:
        x, y = (self.story.label(n, colour="muted") if n else None for n in self.names)
        return Axes(self.x_range, self.y_range, x_name=x, y_name=y)

    def lay(self, box: Box) -> None:
        """Put the axes into the box."""
        self.axes.place(box)

    def place(self, box: Box) -> None:
        """Put all parts into a box; the walker stands on top."""
        super().place(box)
        self._stand()

    def seen(self, w: float) -> Points:
        """The frame point (2,) of the curve at w."""
        return self.axes.path([w], [float(self.function(w))])[0]

    def path(self, low: float, high: float) -> tuple[Points, Points]:
        """The curve's values from low to high, which are at most the range of the axes."""
        xs = np.linspace(low, high, _COUNT)
        return xs, np.asarray(self.function(xs), float)

    def _trace(self) -> None:
        low, high = self.x_range
        xs, ys = self.path(low, low + (high - low) * max(self.done, 1e-3))
        inside = (ys >= self.y_range[0] - 1e-9) & (ys <= self.y_range[1] + 1e-9)
        corners = self.axes.path(xs, ys)
        if inside.all():
            self.curve.draw(corners)
            return
        runs = np.split(np.arange(len(xs)), np.flatnonzero(np.diff(inside)) + 1)
        parts = [corners[run] for run in runs if inside[run[0]] and len(run) > 1]
        if parts:
            self.curve.draw_all(parts)

    def _under(self, low: float, high: float) -> Points:
        """The corners of what lies below the curve."""
        low, high = max(low, self.x_range[0]), min(high, self.x_range[1])
        xs, ys = self.path(low, high)
        floor = max(0.0, self.y_range[0])
        corners = self.axes.path(xs, np.clip(ys, *self.y_range))
        ends = self.axes.path([high, low], [floor, floor])
        return np.concatenate([corners, ends])

    def _stand(self) -> None:
        self.walker.put(self.spot()[None], [], True)
        if self.line is not None:
            self._touch(self.line)

    def _touch(self, line: Stroke) -> None:
        """Lay the tangent at w; it stays within the axes."""
        inner, here = self.axes.inner, self.seen(self.w)
        run, rise = self.axes.path([0, 1], [0, float(self.derivative(self.w))]) @ [[1, 0], [0, 1]]
        way = (rise - run) / np.linalg.norm(rise - run)
        ends = []
        for along in (-way, way):
            walls = np.where(along > 0, [inner.right, inner.top], [inner.left, inner.bottom])
            free = (walls - here)[np.abs(along) > 1e-9] / along[np.abs(along) > 1e-9]
            ends.append(here + along * max(0.0, min(_TANGENT, *free)))
        line.draw(ends)

    @verb
    def draw(self, run_time: float = theme.COUNT) -> Step:
        """The curve is drawn from left to right."""

        def draw(alpha: float) -> None:
            self.done = alpha
            self._trace()

        return Step(Sweep([self.curve], draw, run_time=run_time), run_time=run_time)

    # The walker

    @verb
    def stand(self, w: float) -> Step:
        """The walker appears on the curve at w."""
        self.w, self.spot = w, lambda: self.seen(self.w)
        self._stand()
        return Step(*self.reveal(self.walker), run_time=theme.FADE)

    @verb
    def tangent(self, colour: str = "ink") -> Step:
        """A tangent at the walker, which goes with it from now on."""
        self.line = Stroke([[0, 0], [1, 0]], colour, 3.2)
        self._touch(self.line)
        self.over.add(self.line)
        return Step(FadeIn(self.line), run_time=theme.FADE)

    @verb
    def no_tangent(self) -> Step | None:
        """The tangent goes."""
        line, self.line = self.line, None
        return Step(FadeOut(line), run_time=theme.FADE) if line is not None else None

    def _moved(self) -> list[Mobject]:
        return [*self.walker.get_family(), *([self.line] if self.line is not None else [])]

    @verb
    def slide(
        self, to: float, *, numbers: dict[Live, Law] | None = None,
        run_time: float = theme.COUNT, rate_func: Callable[[float], float] = smooth,
    ) -> Step:  # fmt: skip
        """The walker goes along the curve to another place; each of `numbers` shows what its law
        says of the w where it is."""
        way = between(self.w, to)

        def draw(alpha: float) -> None:
            self.w, self.spot = way(alpha), lambda: self.seen(self.w)
            self._stand()

        laws = {n: _after(law, way) for n, law in (numbers or {}).items()}
        return process(draw, self._moved(), laws, run_time=run_time, rate_func=rate_func)


def between(start: float, end: float) -> Callable[[float], float]:
    """A law that runs evenly from one number to another, and ends there to the last bit."""
    return lambda alpha: end if alpha >= 1 else start + (end - start) * alpha


def _after(
    law: Callable[[float], Value], way: Callable[[float], float]
) -> Callable[[float], Value]:
    return lambda alpha: law(way(alpha))
