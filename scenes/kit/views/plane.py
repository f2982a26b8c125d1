"""The plane: points of two classes, lines with tinted sides, and who is on the wrong one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from manim import Animation, Group, Mobject, linear, smooth
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.axes import Axes, Range
from scenes.kit.ledger import Value
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.quantities import Live
from scenes.kit.shapes import dashes, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.text.words import Card
from scenes.kit.views.pinned import Pinned
from scenes.kit.views.plane_marks import (
    Boundary,
    Cloud,
    Divider,
    Gap,
    Path,
    Rings,
    Tag,
    beside,
    between,
    padded,
    pick,
    wave,
)

_MARKERS = ((12, 0.16), (40, 0.13), (120, 0.1), (10**9, 0.075))  # up to so many points: radius
_ALONE = 60  # up to so many points each is an object of its own, that can be dimmed
GHOST = 0.28


class PlaneView(Pinned):
    """Two measures as a plane; points of class 0 are discs, of class 1 diamonds.

    `x` and `y` are keys of labels. The ranges are by the points if they are not given. A
    boundary is `(normal, offset)`: where normal·(x, y) > offset is class 1's side (`sloped`).
    A subclass puts a picture under the axes with `pin(mobject, put, self.ground)`.

        plane = PlaneView([[1, 3], [3, 1]], [0, 1], x="inputs", y="outputs")
        self.stage("plane")
        self.beat("network", plane.divide(sloped(0.5)), plane.rings(), plane=plane)
        self.act(plane.ghost(), plane.swing(sloped(2.9)), plane.tag([0]), plane.dim([1]))
    """

    def __init__(
        self,
        points: ArrayLike = (),
        classes: ArrayLike = (),
        *,
        x: str = "",
        y: str = "",
        x_range: Range | None = None,
        y_range: Range | None = None,
        ticks: tuple[Sequence[float] | None, Sequence[float] | None] = (None, None),
        square: bool = True,
        size: float | None = None,
        said: dict[int, str] | None = None,
    ) -> None:
        super().__init__()
        self.said = said or {}
        self.points = np.asarray(points, dtype=float).reshape(-1, 2)
        self.classes = np.asarray(classes, dtype=int).reshape(-1)
        self.names, self.ticks, self.square = (x, y), ticks, square
        self.ranges = (x_range or padded(self.points[:, 0]), y_range or padded(self.points[:, 1]))
        if square and x_range is None and y_range is None:
            low, high = zip(*self.ranges, strict=True)
            self.ranges = ((min(low), max(high)),) * 2
        count = len(self.points)
        self.marker = size or next(radius for most, radius in _MARKERS if count <= most)
        self.dividers: dict[str, Divider] = {}
        self.judged: tuple[str, Rings, list[int]] | None = None
        self.gap_: Gap | None = None
        self.pointer: Rings | None = None
        self.named: list[Mobject] = []

    def build(self) -> None:
        """Axes, and a marker for each point; groups from the ground up."""
        x, y = (self.story.label(n, size=theme.LABEL, colour="muted") if n else None
                for n in self.names)  # fmt: skip
        self.axes = Axes(
            *self.ranges, x_name=x, y_name=y, x_ticks=self.ticks[0], y_ticks=self.ticks[1],
            square=self.square,
        )  # fmt: skip
        self.ground, self.lines, self.dots, self.notes = Group(), Group(), Group(), Group()
        self.add(self.ground, self.axes, self.lines, self.dots, self.notes)
        self.clouds = [self._cloud(indices, c) for indices, c in self._clusters()]
        for k, key in self.said.items():
            self._said(k, key, "ink")

    def _clusters(self) -> list[tuple[list[int], int]]:
        if len(self.points) <= _ALONE:
            return [([k], int(c)) for k, c in enumerate(self.classes)]
        return [(np.flatnonzero(self.classes == c).tolist(), c) for c in (0, 1)]

    def _cloud(self, indices: Sequence[int], c: int, size: float = 1.0) -> Cloud:
        cloud = Cloud(c, size * self.marker)
        places = self.points[list(indices)]
        self.pin(cloud, lambda: cloud.draw(self.path(places[:, 0], places[:, 1])), self.dots)
        return cloud

    def idle(self, seconds: float) -> Animation | None:
        """For `idle`: the points swell in turn, if each is an object of its own."""
        here = [c for c in self.clouds if any(m is c for m in self.dots)]
        return wave(here, seconds) if len(self.points) <= _ALONE else None

    # Places

    def lay(self, box: Box) -> None:
        """Put the axes into the box."""
        self.axes.place(box)

    def at(self, x: float, y: float) -> NDArray[np.float64]:
        """The frame point (3,) of (x, y)."""
        return self.axes.at(x, y)

    def path(self, xs: ArrayLike, ys: ArrayLike) -> NDArray[np.float64]:
        """Frame corners (n, 2) of a curve."""
        return self.axes.path(xs, ys)

    # Lines

    @verb
    def divide(
        self, where: Boundary, *, name: str = "line", colour: str = "weight", tints: bool = True,
        width: float = 5.0,
    ) -> Step:  # fmt: skip
        """A line comes, its two sides tinted; `name` is for later verbs, when there are several."""
        line = Divider(where, colour, width, tints)
        self.dividers[name] = line

        def put() -> None:
            line.draw(self.axes)
            self._judge()

        for side in line.sides:
            self.ground.add(side)
        self.pin(line.line, put, self.lines)
        return Step(*[FadeIn(m) for m in (*line.sides, line.line)], run_time=theme.MOVE)

    @verb
    def swing(
        self, path: Path | Boundary, *, numbers: dict[Live, Callable[[float], Value]] | None = None,
        name: str = "line", run_time: float = theme.COUNT,
        rate_func: Callable[[float], float] = smooth,
    ) -> Step:  # fmt: skip
        """The line goes along `path`, a function of alpha to a boundary, or turns to its end.

        `numbers` are shown at each instant as their laws say: a running score, a slope.
        """
        line = self.dividers[name]
        law = path if callable(path) else between(line.where, path)

        def draw(alpha: float) -> None:
            line.where = law(alpha)
            line.draw(self.axes)
            self._judge()
            if self.gap_ is not None:
                self.gap_.draw()

        moved = [*line.sides, line.line]
        moved += [self.judged[1]] if self.judged else []
        moved += [self.gap_] if self.gap_ is not None else []
        return process(draw, moved, numbers, run_time=run_time, rate_func=rate_func)

    @verb
    def ghost(self, name: str = "line", *, opacity: float = GHOST) -> Step | None:
        """The line as it is now stays behind, faint, when it goes on."""
        now = self.dividers[name]
        left = Divider(now.where, now.colour, 3.0, False)
        self.pin(left.line, lambda: left.draw(self.axes), self.lines)
        left.line.set_stroke(opacity=opacity)
        self.lines.submobjects.insert(0, self.lines.submobjects.pop())
        return None

    @verb
    def unghost(self) -> Step:
        """All ghosts of lines go."""
        kept = {id(d.line) for d in self.dividers.values()}
        return self.unpin(*[m for m in self.lines if id(m) not in kept])

    @verb
    def undivide(self, name: str = "line", *, ghosts: bool = True) -> Step:
        """A line goes, with its tints and, unless they stay, all ghosts."""
        line = self.dividers.pop(name)
        kept = {id(d.line) for d in self.dividers.values()}
        gone = [m for m in self.lines if id(m) not in kept] if ghosts else [line.line]
        rings = [] if self.judged is None or self.judged[0] != name else [self.judged[1]]
        self.judged = None if rings else self.judged
        return self.unpin(*line.sides, *gone, *rings)

    @verb
    def rings(self, name: str = "line") -> Step:
        """From now on a ring round each point, of those there are, that is on the wrong side."""
        rings = Rings(1.75 * self.marker)
        self.judged = name, rings, list(range(len(self.points)))
        self.pin(rings, self._judge, self.notes)
        return Step(FadeIn(rings), run_time=theme.FADE)

    @verb
    def unring(self) -> Step | None:
        """Those rings go."""
        gone, self.judged = self.judged, None
        return self.unpin(gone[1]) if gone else None

    def wrong(self, name: str = "line") -> NDArray[np.int64]:
        """The points that are on the wrong side of a line now, by index."""
        normal, offset = self.dividers[name].where
        ones = self.points @ np.asarray(normal, dtype=float) > offset
        return np.flatnonzero(ones != (self.classes == 1))

    def _judge(self) -> None:
        if self.judged is not None:
            name, rings, among = self.judged
            places = self.points[[k for k in self.wrong(name) if k in among]]
            rings.draw(self.path(places[:, 0], places[:, 1]))

    # Points

    @verb
    def dim(self, only: Iterable[int] | None = None, *, opacity: float = GHOST) -> Step:
        """Points become ghosts: all, or those of these indices. `opacity=1` brings them back."""
        clouds = self._of(only)
        start = [c.get_fill_opacity() for c in clouds]

        def draw(alpha: float) -> None:
            for cloud, before in zip(clouds, start, strict=True):
                cloud.set_opacity(before + (opacity - before) * alpha)

        return Step(Sweep(clouds, draw, run_time=theme.FADE))

    def _of(self, only: Iterable[int] | None) -> list[Cloud]:
        if only is None:
            return list(self.clouds)
        if len(self.points) > _ALONE:
            raise ValueError(f"more than {_ALONE} points cannot be picked out one by one")
        return [self.clouds[k] for k in only]

    @verb
    def point(self, x: float, y: float, c: int, *, size: float = 1.0) -> Step:
        """One more point, so many times as large as the others."""
        self.points = np.vstack([self.points, [[x, y]]])
        self.classes = np.append(self.classes, c)
        self.clouds.append(self._cloud([len(self.points) - 1], c, size))
        return Step(FadeIn(self.clouds[-1], scale=1.6), run_time=theme.FADE)

    @verb
    def drop(self, only: Iterable[int]) -> Step:
        """Points go; the others keep their indices."""
        return self.unpin(*self._of(only))

    @verb
    def unknown(self, x: float, y: float) -> Step:
        """A point whose class is asked for: a ring with a question mark."""
        ring = Rings(2.0 * self.marker, "ink")
        sign = self.story.symbol("?", bold=True)
        self.pin(ring, lambda: ring.draw([self.at(x, y)[:2]]), self.notes)
        self.pin(sign, lambda: sign.put_mid(*self.at(x, y)[:2]), self.notes)
        self.asked = x, y, sign
        return Step(FadeIn(ring, scale=1.6), FadeIn(sign), run_time=theme.MOVE)

    @verb
    def answer(self, c: int) -> list[Step]:
        """What the unknown point is: its ring stays, the question mark becomes its marker."""
        x, y, sign = self.asked
        found = Cloud(c, 1.25 * self.marker)
        self.pin(found, lambda: found.draw([self.at(x, y)[:2]]), self.dots)
        return [self.unpin(sign), Step(FadeIn(found, scale=1.8), run_time=theme.FADE)]

    @verb
    def tag(self, only: Iterable[int], name: str = "") -> Step:
        """Points that bear the wrong label, whatever they are: a tag at each shows it; `name` is
        the key of a label for what it means, beside the axes' name."""
        tags: list[Mobject] = []
        for k in only:
            tag = Tag(1 - int(self.classes[k]), self.marker)
            put = lambda t=tag, p=self.points[k]: t.draw(self.at(*p)[:2], self.axes.inner)  # noqa: E731
            tags.append(self.pin(tag, put, self.notes))
        if name and tags:
            words = self.story.label(name, size=theme.LABEL, colour="error")
            at = lambda box: words.put(box.right, box.top + 0.18, "right")  # noqa: E731
            tags.append(self.pin(words, lambda: at(self.axes.inner), self.notes))
        return Step(*[FadeIn(t) for t in tags], run_time=theme.MOVE)

    @verb
    def mark(self, k: int | None, colour: str = "target") -> Step:
        """A ring round the point that is spoken of; another one moves it there, None takes it."""
        old = self.pointer
        if k is None:
            self.pointer = None
            return self.unpin(old) if old is not None else Step()
        goal = self.points[k]
        if old is None:
            ring = self.pointer = Rings(2.0 * self.marker, colour)
            self.pointed = goal
            self.pin(ring, lambda: ring.draw([self.at(*self.pointed)[:2]]), self.dots)
            return Step(FadeIn(ring, scale=1.6), run_time=theme.FADE)
        start = self.pointed

        def draw(alpha: float) -> None:
            self.pointed = start + (goal - start) * alpha
            self.anchors[old]()

        return Step(Sweep([old], draw, run_time=theme.FADE))

    @verb
    def visit(
        self, order: Sequence[int], *, run_time: float, colour: str = "target", share: float = 0.3,
        rate_func: Callable[[float], float] = linear,
    ) -> Step:  # fmt: skip
        """A ring goes from point to point, in turn: there after `share` of each one's time."""
        ring = Rings(2.0 * self.marker, colour)
        now = [0.0]

        def put() -> None:
            k = pick(now[0], len(order))
            going = float(smooth(min((now[0] * len(order) - k) / share, 1.0)))
            before, here = self.points[order[max(k - 1, 0)]], self.points[order[k]]
            ring.draw([self.at(*(before + (here - before) * going))[:2]])

        def draw(alpha: float) -> None:
            now[0] = alpha
            put()
            ring.set_stroke(opacity=float(alpha < 1))

        self.pin(ring, put, self.notes)
        return Step(Sweep([ring], draw, run_time=run_time, rate_func=rate_func), run_time=run_time)

    # Reading off

    @verb
    def gap(self, x: float, target: float, *, name: str = "line", letters: bool = True) -> Step:
        """The error at x: an arrow from the line to a target; it follows the line as it swings."""
        signs = [Card(self.story.symbol(s, size=theme.CAPTION, colour=hue, bold=True))
                 for s, hue in (("E", "error"), ("y", "output"), ("t", "target"))]  # fmt: skip
        gap = Gap(self.axes, self.dividers[name], x, target, signs if letters else [])
        self.gap_ = self.pin(gap, gap.draw, self.notes)
        return Step(FadeIn(gap), run_time=theme.MOVE)

    @verb
    def close_gap(self) -> Step:
        """The error's arrow goes."""
        gone, self.gap_ = self.gap_, None
        return self.unpin(*([gone] if gone is not None else []))

    @verb
    def read(self, x: float, *, name: str = "line", across: bool = False) -> Step:
        """Up from x to the line, if it is in the plane, and across to the other axis."""
        line, foot = self.dividers[name], disc(0, 0, 0.1, "output")
        up = dashes([0, 0], [0, 1], "input", width=2.5)
        over = dashes([0, 0], [1, 0], "output", width=2.5)
        parts = [up, *([over] if across else []), foot]

        def put() -> None:
            (left, _), (bottom, top), y = *self.ranges, line.height(x)
            a, b = self.at(x, bottom), self.at(x, min(y, top))
            up.points = dashes(a, b, "input").points
            over.points = dashes(b, b if y > top else self.at(left, y), "output").points
            foot.move_to(b).set_opacity(float(y <= top))

        group = self.pin(Group(*parts), put, self.notes)
        return Step(FadeIn(group), run_time=theme.MOVE)

    @verb
    def name(self, k: int, key: str, colour: str = "ink") -> Step:
        """A label beside a point, where there is room for it."""
        return Step(FadeIn(self._said(k, key, colour)), run_time=theme.FADE)

    def _said(self, k: int, key: str, colour: str) -> Mobject:
        words = Card(self.story.label(key, colour=colour))
        self.named.append(self.pin(words, lambda: self._beside(words, k), self.notes))
        return self.named[-1]

    @verb
    def unname(self) -> Step:
        """The names of points go."""
        gone, self.named = self.named, []
        return self.unpin(*gone)

    def _beside(self, words: Any, k: int) -> None:
        """Over, under or beside its point: where it covers fewest others, within the plane."""
        others = self.path(self.points[:, 0], self.points[:, 1])
        half = (words.right_edge - words.left_edge) / 2
        place = beside(self.at(*self.points[k])[:2], others, half, self.marker, self.axes.inner)
        words.put_mid(*place)
