"""What stands on a plane: clouds of markers, dividing lines, rings, tags, the gap to a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, Group, RoundedRectangle, VGroup, VMobject, linear
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.axes import Axes, Range
from scenes.kit.motion import Sweep
from scenes.kit.shapes import Arrow, Stroke, disc, marker
from scenes.kit.stage import Box
from scenes.kit.surface import Region, cut

Boundary = tuple[ArrayLike, float]
"""A line: normal·(x, y) = offset; where it is greater is class 1's side."""

Path = Callable[[float], Boundary]
"""How a line goes, alpha from 0 to 1."""

_TINT = 0.15
_PAD = 0.15  # of a range, at each end
_EPS = 1e-9
_PACE = 2.4  # of a light that runs along a curve, in frame units a second
_WAVE, _SWELL = 1.6, 0.4  # seconds of a wave through the markers, and how much they swell


def sloped(slope: float, intercept: float = 0.0) -> Boundary:
    """The line y = slope·x + intercept; below it is class 1's side."""
    return (slope, -1.0), -intercept


def between(start: Boundary, end: Boundary) -> Path:
    """From one line to another: what defines it changes evenly."""
    a, b = np.asarray(start[0], dtype=float), np.asarray(end[0], dtype=float)
    return lambda t: (a + (b - a) * t, start[1] + (end[1] - start[1]) * t)


def recorded(normals: ArrayLike, offsets: ArrayLike) -> Path:
    """Through lines of a record (n, 2), (n,): at each instant one of them."""
    n, c = np.asarray(normals, dtype=float), np.asarray(offsets, dtype=float)
    return lambda t: (n[pick(t, len(n))], float(c[pick(t, len(n))]))


def pick(alpha: float, count: int) -> int:
    """Which of so many states of a record is shown at alpha."""
    return min(int(alpha * count), count - 1)


def padded(values: NDArray[np.float64]) -> Range:
    """The range of an axis on which these values stand, with room at both ends."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    pad = _PAD * (high - low or 1.0)
    return low - pad, high + pad


def _copies(base: NDArray[np.float64], places: ArrayLike) -> NDArray[np.float64]:
    """The points of a shape about the origin, at each of the places (n, 2)."""
    at = np.asarray(places, dtype=float).reshape(-1, 2)
    where = np.column_stack([at, np.zeros(len(at))])
    return (where[:, None] + base[None]).reshape(-1, 3)


def beside(
    at: ArrayLike, others: NDArray[np.float64], half: float, size: float, inner: Box
) -> tuple[float, float]:
    """Where a text of this half width stands best at a marker's point: over, under or beside it,
    where it covers fewest of the others (n, 2), within the plane."""
    x, y = np.asarray(at, dtype=float).tolist()
    away, ring = 1.6 * size, 1.8 * size

    def cost(place: tuple[float, float]) -> float:
        reach = np.array([half + ring, 0.14 + ring])
        covered = np.all(np.abs(others - place) < reach, axis=1).sum()
        out = max(0.0, inner.left - place[0] + half, place[0] + half - inner.right)
        out += max(0.0, inner.bottom - place[1] + 0.2, place[1] + 0.2 - inner.top)
        far = abs(place[1] - y) + abs(place[0] - x) / half
        return float(covered + 20 * out + 0.5 * far)

    side, over = half + away + 0.05, away + 0.17
    ways = [(x, y + k * over) for k in (1, -1, 1.6, -1.6, 2.2, -2.2)]
    return min([*ways, (x + side, y), (x - side, y)], key=cost)


class Cloud(VMobject):
    """Markers of one class, all of them one object."""

    def __init__(self, c: int, size: float) -> None:
        base = marker(0, 0, bool(c), size=size)
        super().__init__(
            stroke_width=2,
            stroke_color=theme.BACKGROUND,
            fill_color=base.get_fill_color(),
            fill_opacity=1,
        )
        self._base = base.points.copy()
        self.share = 1.0

    def draw(self, places: ArrayLike) -> None:
        """Stand at these points (n, 2) of the frame, `share` of the full size."""
        self.points = _copies(self._base * self.share, places)


def wave(clouds: Sequence[Cloud], seconds: float) -> Animation:
    """Markers swell a little, one after the other from left to right, and again."""
    clouds = sorted((c for c in clouds if len(c.points)), key=lambda c: float(c.get_x()))
    shapes = [(c.points.copy(), c.get_center(), k / len(clouds)) for k, c in enumerate(clouds)]
    turns = max(1, round(seconds / _WAVE))

    def draw(alpha: float) -> None:
        for cloud, (points, middle, lag) in zip(clouds, shapes, strict=True):
            share = np.sin(np.pi * (alpha * turns - 0.5 * lag)) ** 2 * np.sin(np.pi * alpha) ** 0.3
            cloud.points = middle + (points - middle) * (1 + _SWELL * share * (0 < alpha < 1))

    return Sweep(clouds, draw, run_time=seconds, rate_func=linear)


def runner(paths: Sequence[NDArray[np.float64]], seconds: float, size: float) -> Animation:
    """A light runs along curves (n, 2), each by itself: round and round one that closes."""
    light = VMobject(stroke_width=0, fill_color=theme.INK, fill_opacity=1)
    base = disc(0, 0, size, "ink").points.copy()
    ways = [(p, np.append(0, np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1)))) for p in paths]

    def at(path: NDArray[np.float64], far: NDArray[np.float64], gone: float) -> list[float]:
        here = gone % max(far[-1], 1e-9)
        return [float(np.interp(here, far, path[:, k])) for k in (0, 1)]

    def draw(alpha: float) -> None:
        gone = alpha * seconds * _PACE
        light.points = _copies(base, [at(*way, gone) for way in ways if 0 < alpha < 1])

    return Sweep([light], draw, run_time=seconds, rate_func=linear)


class Rings(VMobject):
    """Empty circles, all of them one object; what they mean is their colour's."""

    def __init__(self, radius: float, colour: str = "error") -> None:
        super().__init__(stroke_color=theme.hue(colour), stroke_width=3, fill_opacity=0)
        self._base = disc(0, 0, radius, colour).points.copy()

    def draw(self, places: ArrayLike) -> None:
        """Stand round these points (n, 2) of the frame."""
        self.points = _copies(self._base, places)


class Divider:
    """A line over a plane and the regions on its two sides."""

    def __init__(self, where: Boundary, colour: str, width: float, tints: bool) -> None:
        self.where, self.colour = where, colour
        self.line = Stroke([[0, 0], [1, 0]], colour, width)
        hues = (theme.CLASS_A, theme.CLASS_B) if tints else ()
        self.sides = [Region(hue, _TINT) for hue in hues]

    def draw(self, axes: Axes) -> None:
        """Draw it where it is now, cut off at the plane's edges; nothing if it is outside."""
        normal, offset = np.asarray(self.where[0], dtype=float), self.where[1]
        frame = axes.frame()
        for side, sign in zip(self.sides, (-1, 1), strict=False):
            part = cut(frame, sign * normal, sign * offset)
            side.draw([axes.path(part[:, 0], part[:, 1])])
        part = cut(frame, normal, offset)
        scale = max(1.0, float(np.abs(normal).max()))
        ends = part[np.abs(part @ normal - offset) < _EPS * scale] if len(part) else part
        if len(ends) < 2:
            self.line.points = np.zeros((0, 3))
            return
        self.line.draw(axes.path(ends[:2, 0], ends[:2, 1]))

    def height(self, x: float) -> float:
        """Its y at x. ValueError for an upright line."""
        (a, b), offset = np.asarray(self.where[0], dtype=float), self.where[1]
        if abs(b) < _EPS:
            raise ValueError("an upright line has no height at x")
        return float((offset - a * x) / b)


class Tag(VGroup):
    """A label tied to a point, with the marker of the class that it says."""

    def __init__(self, says: int, size: float) -> None:
        side = 3.0 * size
        self.away = 1.3 * side
        self.card = RoundedRectangle(
            corner_radius=0.06, width=side, height=side, stroke_color=theme.ERROR,
            stroke_width=2.5, fill_color=theme.BACKGROUND, fill_opacity=1,
        )  # fmt: skip
        self.says = Cloud(says, 0.75 * size)
        self.string = Stroke([[0, 0], [1, 0]], "error", 2.5)
        super().__init__(self.string, self.card, self.says)

    def draw(self, place: ArrayLike, inner: Box) -> None:
        """Hang at a point (2,) of the frame, within the plane."""
        at = np.asarray(place, dtype=float)
        right = at[0] + self.away + self.card.width / 2 < inner.right
        up = at[1] + self.away + self.card.width / 2 < inner.top
        middle = at + self.away * np.array([1 if right else -1, 1 if up else -1]) * 0.85
        self.card.move_to([*middle, 0])
        self.says.draw([middle])
        self.string.draw([at + (middle - at) * 0.3, middle])


class Gap(Group):
    """The error at x: from the line's height y an arrow to the target t, with their letters."""

    def __init__(
        self, axes: Axes, line: Divider, x: float, target: float, signs: Sequence[Any]
    ) -> None:  # fmt: skip
        self.axes, self.divider, self.x, self.aim = axes, line, x, target
        self.signs = list(signs)
        self.arrow = Arrow([0, 0], [0, 1], "error", width=6)
        self.goal = Stroke([[0, 0], [1, 0]], "target", 4)
        self.foot = disc(0, 0, 0.09, "output")
        super().__init__(self.arrow, self.goal, self.foot, *self.signs)

    def draw(self) -> None:
        """Draw it as the line is now."""
        low, high = self.axes.y_range
        y = min(max(self.divider.height(self.x), low), high)  # as far as the plane goes
        at, goal = self.axes.at(self.x, y), self.axes.at(self.x, self.aim)
        self.arrow.draw(at, goal)
        reach = np.array([0.18, 0.0])
        self.goal.draw([goal[:2] - reach, goal[:2] + reach])
        self.foot.move_to(at)
        if self.signs:
            error, output, target = self.signs
            apart = max(abs(goal[1] - at[1]), 0.44) / 2
            middle, up = (at[1] + goal[1]) / 2, 1 if goal[1] >= at[1] else -1
            error.put_mid(at[0] - 0.3, middle, "right")
            output.put_mid(at[0] + 0.36, middle - up * apart, "left")
            target.put_mid(at[0] + 0.36, middle + up * apart, "left")
