"""A function as a curve: its tangent, a walker, hops, areas; magnified where it matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, Mobject, VMobject, linear, smooth
from numpy.typing import ArrayLike

from scenes.kit import theme
from scenes.kit.axes import Axes, Range
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.shapes import Arrow, Stroke, dashes
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.surface import Region
from scenes.kit.views.curve_frame import CurveFrame, Points, between

Numbers = Callable[..., Any]
"""`numbers(hop, draw=, moved=, run_time=, rate_func=)`: a step in which numbers go along; `hop`
says at alpha which hop of the walk is on its way."""

_ARC = np.linspace(0, 1, 17)
_HIGHEST, _STEEP = 0.6, 0.5  # of a hop's arc, frame units; and beside its length
_PUSH = 1.3
_OVER, _ROW = 0.26, 0.5  # words over the curve, and over other words
_FAINT = 0.3
_BEAT = 0.75  # seconds of a hop that goes on while one reads


class CurveView(CurveFrame):
    """A function of arrays over `x_range`; `x` and `y` are label keys.

    `slope` is its derivative, by default from differences; `filled` tints what lies below it.

        curve = CurveView(lambda w: w**2, (-2, 2), x="inputs", y="outputs")
        self.stage("curve")
        self.beat("network", curve.draw(), curve.stand(-1.5), curve.tangent(), curve=curve)
        self.act(curve.slide(1.0), curve.no_tangent(), curve.mark(0, "outputs"))
        self.act(curve.hop([1.0, -0.5, 0.5, -0.5], 0, 3), curve.area(0, 1))
        self.act(curve.magnify((-1, 1), (0, 1)))
        self.beat("inputs", idle=curve.keep([1.0, -0.5, 0.5, -0.5]))

    `curve.out_of(landscape)`: the edge of a land that is cut and seen from the side is the curve.
    """

    # Coming in

    def enter(self) -> Step:
        """Out of a landscape: its edge bends into the curve, its walker stays on it."""
        edge = getattr(self.origin, "edge", None)
        if edge is None:
            return super().enter()
        origin: Any = self.origin
        start = np.vstack([edge.points[::4], edge.points[-1:]])[:, :2]
        base = origin.inner.bottom + origin.inner.height * origin.ground.project(
            0, origin.camera.front, origin.ground.low
        )[1]  # fmt: skip
        ways = next((ways for _, ways in origin.walkers.values()), None)
        if ways is not None:
            self.w = float(ways[0][-1, 0])
            self.add(self.walker)
        end = self.axes.path(*self.path(*self.x_range))
        column = np.linspace(0, 1, len(end))
        old = np.linspace(0, 1, len(start))
        start = np.column_stack([np.interp(column, old, s) for s in start.T])
        floor = self._under(*self.x_range)[-1, 1]
        share = (self.w - self.x_range[0]) / (self.x_range[1] - self.x_range[0])

        def draw(alpha: float) -> None:
            corners = start + (end - start) * alpha
            self.curve.draw(corners)
            self.curve.set_stroke(theme.mix(theme.INK, theme.hue(self.colour), float(alpha)))
            low = base + (floor - base) * alpha
            self.fill.draw([np.vstack([corners, [corners[-1, 0], low], [corners[0, 0], low]])])
            spot = [np.interp(share, column, c) for c in corners.T]
            self.walker.put(np.array([spot]), [], True)

        draw(0.0)
        self.story.drop(*origin.group.submobjects)
        moved = [self.curve, self.fill, *self.walker.get_family()]
        bend = Sweep(moved if ways is not None else moved[:2], draw, run_time=1.6 * theme.MOVE)
        return Step(bend, *[FadeIn(m) for m in self.axes], run_time=1.6 * theme.MOVE)

    # Hops

    def _arc(self, walk: Points, k: int, share: Points) -> Points:
        a, b = self.seen(walk[k]), self.seen(walk[k + 1])
        arc: Points = a + (b - a) * share[:, None]
        room = max(0.0, self.axes.inner.top + 0.2 - max(a[1], b[1]))
        arc[:, 1] += 4 * share * (1 - share) * min(_HIGHEST, _STEEP * abs(b[0] - a[0]), room)
        return arc

    def _hopped(self, walk: Points, taken: float) -> list[Points]:
        whole = int(taken)
        arcs = [self._arc(walk, k, _ARC) for k in range(whole)]
        return arcs + ([self._arc(walk, whole, _ARC * (taken - whole))] if taken > whole else [])

    @verb
    def hop(
        self, walk: ArrayLike, first: int, last: int, *, run_time: float = theme.MOVE,
        rate_func: Callable[[float], float] | None = None,
    ) -> Step:  # fmt: skip
        """The walker hops over recorded places (n,), from the one numbered `first` to `last`; its
        arcs stay. Several hops take an even time each."""
        places = np.asarray(walk, float)
        if first == 0 or self.hops is None:
            self.hops = Stroke([[0, 0], [1, 0]], self.hue, 2.6, 0.85)
            self.hops.points = np.zeros((0, 3))
            self.over.add(self.hops)
        stroke, now = self.hops, [float(first)]

        def put() -> None:
            arcs = self._hopped(places, now[0])
            stroke.points = np.zeros((0, 3))
            if arcs:
                stroke.draw_all(arcs)

        def draw(alpha: float) -> None:
            now[0] = last if alpha >= 1 else first + (last - first) * alpha
            put()
            arcs = self._hopped(places, now[0])
            self.w = float(places[int(now[0])])
            end = arcs[-1][-1] if arcs and alpha < 1 else None
            self.spot = (lambda: end) if end is not None else lambda: self.seen(self.w)
            self._stand()

        self.anchors[stroke] = put
        rate = rate_func or (smooth if last - first == 1 else linear)
        sweep = Sweep([stroke, *self._moved()], draw, run_time=run_time, rate_func=rate)
        return Step(sweep, run_time=run_time)

    @verb
    def fade_hops(self) -> Step | None:
        """The arcs so far become faint."""
        stroke, self.hops = self.hops, None
        if stroke is None:
            return None
        fade = between(0.85, _FAINT)
        draw = lambda a: stroke.set_stroke(opacity=fade(a))  # noqa: E731
        return Step(Sweep([stroke], draw, run_time=theme.FADE))

    def keep(
        self, walk: ArrayLike, numbers: Numbers | None = None
    ) -> Callable[[float], Animation | None]:  # fmt: skip
        """For `idle`, of a walk that ends in going to and fro: its last two hops go on."""
        places = np.asarray(walk, float)
        last = len(places) - 3

        def idle(seconds: float) -> Animation | None:
            if last < 0:
                return None
            count = 2 * max(1, round(seconds / _BEAT / 2))

            def hop(alpha: float) -> int:
                return last + int(alpha * count) % 2 if alpha < 1 else last + 1

            def draw(alpha: float) -> None:
                share = alpha * count - int(alpha * count)
                end = self._arc(places, hop(alpha), np.array([share]))[0]
                self.spot = (lambda: end) if alpha < 1 else lambda: self.seen(self.w)
                self._stand()

            how: dict[str, Any] = {"run_time": seconds, "rate_func": linear}
            if numbers is None:
                return Sweep(self._moved(), draw, **how)
            found: Any = numbers(hop, draw=draw, moved=self._moved(), **how)
            step: Step = found() if callable(found) else found
            animation: Animation = step.animations[0]
            return animation

        return idle

    # What is said of it

    @verb
    def push(self, way: int, key: str, colour: str = "weight", row: int = 0) -> Step:
        """An arrow from the walker, right (1) or left (−1), and words over the curve there, in the
        lower row (0) or the upper (1)."""
        w, half = self.w, 0.0
        words = self.story.label(key, colour=colour, bold=True)
        half = (words.right_edge - words.left_edge) / 2
        arrow = Arrow([0, 0], [1, 0], colour, width=5)

        def put() -> None:
            inner, (x, y) = self.axes.inner, self.seen(w)
            arrow.draw([x + way * 0.25, y], [x + way * (0.25 + _PUSH * min(1, inner.width / 9)), y])
            at = min(max(x + way * (half + 0.3), inner.left + half), inner.right - half)
            xs, ys = self.path(*self.x_range)
            corners = self.axes.path(xs, ys)
            near = np.abs(corners[:, 0] - at) <= half + 0.1
            up = max(y, float(corners[near, 1].max())) + _OVER + _ROW * row
            words.put(at, min(up, inner.top - 0.12 - _ROW * (1 - row)))

        for part in (arrow, words):
            self.pin(part, put if part is words else lambda: None, self.over)
        self.notes += [arrow, words]
        return Step(FadeIn(arrow), FadeIn(words), run_time=theme.FADE)

    @verb
    def mark(self, w: float, key: str, colour: str = "muted") -> Step:
        """A dashed upright line at w, with words on top of it."""
        words = self.story.label(key, colour=colour)
        dash = VMobject(stroke_color=theme.hue(colour), stroke_width=2.2)
        half = (words.right_edge - words.left_edge) / 2

        def put() -> None:
            inner, x = self.axes.inner, self.axes.x(w)
            top = inner.bottom + 0.72 * inner.height
            dash.points = dashes([x, inner.bottom], [x, top], colour).points
            words.put(min(max(x, inner.left + half), inner.right - half), top + 0.14)

        self.pin(dash, put, self.below)
        self.pin(words, lambda: None, self.over)
        self.notes += [dash, words]
        return Step(FadeIn(dash), FadeIn(words), run_time=theme.FADE)

    @verb
    def hush(self) -> Step | None:
        """Arrows, marks and words go."""
        gone, self.notes = self.notes, []
        return self.unpin(*gone) if gone else None

    @verb
    def area(self, low: float, high: float, colour: str = "output") -> Step:
        """What lies below the curve from low to high is tinted."""
        region = Region(theme.hue(colour), 0.35)
        self.pin(region, lambda: region.draw([self._under(low, high)]), self.below)
        return Step(FadeIn(region), run_time=theme.FADE)

    @verb
    def magnify(self, x_range: Range, y_range: Range, run_time: float = 2.0) -> list[Any]:
        """The axes glide to a window; what is outside it is not drawn."""
        old, start = self.axes, (self.x_range, self.y_range)
        ticks: Sequence[Mobject] = [*old.across.labels, *old.up.labels]

        def draw(alpha: float) -> None:
            (self.x_range, self.y_range) = (
                (between(a[0], b[0])(alpha), between(a[1], b[1])(alpha))
                for a, b in zip(start, (x_range, y_range), strict=True)
            )
            for axis, (low, high) in ((old.across, self.x_range), (old.up, self.y_range)):
                axis.low, axis.high = low, high
            old.x_range, old.y_range = self.x_range, self.y_range
            for put in list(self.anchors.values()):
                put()
            self._stand()
            if alpha >= 1:
                fresh.place(self.box or Box(0, 0, 1, 1))
                self.axes = fresh

        self.x_range, self.y_range = x_range, y_range
        fresh = self._axes()
        self.x_range, self.y_range = start
        moved = [m for m in (*self.below.get_family(), *self.over.get_family(), *self._moved())]
        return [
            Step(*map(FadeOut, ticks), run_time=theme.FADE),
            Step(Sweep(moved, draw, run_time=run_time), run_time=run_time),
            lambda: Step(Swap(self, old, fresh), run_time=theme.FADE),
        ]


class Swap(FadeIn):
    """The axes of a window come in the place of those it was reached from."""

    def __init__(self, view: View, old: Axes, fresh: Axes) -> None:
        view.group.submobjects = [fresh if m is old else m for m in view.group.submobjects]
        super().__init__(fresh)
