"""One number over the steps of a process: curves that grow, a band where all is well, marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import Circle, Group, Mobject, linear
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.axes import Axes, Range
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.shapes import Stroke, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, verb
from scenes.kit.surface import Region
from scenes.kit.text.words import Card
from scenes.kit.views.pinned import Pinned

FAINT = 0.35
_APART = 0.3  # between names over the plane


class TraceView(Pinned):
    """Values over whole steps; between two of them the process is on its way.

    `x` and `y` are keys of labels.

        trace = TraceView((0, 2), (0, 1), x="inputs", y="outputs")
        self.stage("trace")
        self.beat("network", trace.band(0.2, 0.5), trace.marks([1], "outputs"), trace=trace)
        self.act(trace.run([0.1, 0.9, 0.4], lambda alpha: 2 * alpha), trace.fade())
    """

    def __init__(self, x_range: Range, y_range: Range, *, x: str = "", y: str = "") -> None:
        super().__init__()
        self.ranges, self.names = (x_range, y_range), (x, y)
        self.curves: list[tuple[Stroke, Circle]] = []

    def build(self) -> None:
        """The axes, and groups from the ground up."""
        x, y = (
            self.story.label(name, size=theme.LABEL, colour="muted") if name else None
            for name in self.names
        )
        self.axes = Axes(*self.ranges, x_name=x, y_name=y)
        self.ground, self.paths, self.notes = Group(), Group(), Group()
        self.add(self.ground, self.axes, self.paths, self.notes)

    def lay(self, box: Box) -> None:
        """Put the axes into the box."""
        self.axes.place(box)

    @verb
    def band(self, low: float, high: float, key: str = "", colour: str = "output") -> Step:
        """The values from `low` to `high` are tinted, with a label at the left."""
        region = Region(theme.hue(colour), 0.2)
        (left, right), (bottom, top) = self.ranges
        low, high = max(low, bottom), min(high, top)

        def put() -> None:
            corners = self.axes.path([left, right, right, left], [low, low, high, high])
            region.draw([corners])

        parts: list[Mobject] = [self.pin(region, put, self.ground)]
        if key:
            words = Card(self.story.label(key, size=theme.LABEL, colour=colour))
            at = lambda: words.put(self.axes.inner.left + 0.16, self.axes.y(high) - 0.32, "left")  # noqa: E731
            parts.append(self.pin(words, at, self.notes))
        return Step(*[FadeIn(p) for p in parts], run_time=theme.FADE)

    @verb
    def marks(self, at: Sequence[float], key: str = "", colour: str = "error") -> Step | None:
        """Steps that are marked by an upright line; the label stands over the plane."""
        if not len(at):
            return None
        lines = Stroke([[0, 0], [1, 0]], colour, theme.THIN, 0.8)
        bottom, top = self.ranges[1]
        put = lambda: lines.draw_all([self.axes.path([x, x], [bottom, top]) for x in at])  # noqa: E731
        parts: list[Mobject] = [self.pin(lines, put, self.paths)]
        if key:
            words = self.story.label(key, size=theme.LABEL, colour=colour)

            def name() -> None:
                inner, half = self.axes.inner, (words.right_edge - words.left_edge) / 2
                other = self.axes.y_name
                least = inner.left if other is None else other.right_edge + _APART
                x = min(max(self.axes.x(at[0]), least + half), inner.right - half)
                words.put(x, inner.top + 0.18)

            parts.append(self.pin(words, name, self.notes))
        return Step(*[FadeIn(p) for p in parts], run_time=theme.FADE)

    @verb
    def run(
        self,
        values: ArrayLike,
        progress: Callable[[float], float],
        *,
        colour: str = "weight",
        run_time: float = theme.COUNT,
        rate_func: Callable[[float], float] = linear,
    ) -> Step:
        """A curve grows with a process: `progress` says how many steps are done at alpha."""
        curve, head = Stroke([[0, 0], [1, 0]], colour, 4.0), disc(0, 0, 0.1, colour)
        known = np.asarray(values, dtype=float)
        now = [0.0]

        def put() -> None:
            xs, ys = _so_far(known, now[0])
            corners = self.axes.path(xs, ys)
            curve.draw(corners)
            head.move_to([*corners[-1], 0])

        def draw(alpha: float) -> None:
            now[0] = progress(alpha)
            put()

        self.curves.append((self.pin(curve, put, self.paths), head))
        self.pin(head, put, self.paths)
        return Step(
            Sweep([curve, head], draw, run_time=run_time, rate_func=rate_func), run_time=run_time
        )

    @verb
    def fade(self) -> Step:
        """All curves so far become faint."""
        curves = list(self.curves)

        def draw(alpha: float) -> None:
            for curve, head in curves:
                curve.set_stroke(opacity=1 - (1 - FAINT) * alpha)
                head.set_fill(opacity=1 - alpha)

        moved = [part for pair in curves for part in pair]
        return Step(Sweep(moved, draw, run_time=theme.FADE))


def _so_far(
    values: NDArray[np.float64], done: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The whole steps that are done, and where the process is now."""
    whole = np.arange(int(done) + 1)
    xs = np.append(whole, max(done, whole[-1] + 1e-6))
    return xs, np.append(values[whole], np.interp(done, np.arange(len(values)), values))
