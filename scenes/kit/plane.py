"""Axes: a plane of two, or a scale of one, with ticks and names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.axes import nice_ticks, tick_label, tick_spec
from scenes.kit.shapes import Stroke
from scenes.kit.text.words import Words

_TICK = 0.09


class Scale(VGroup):
    """One horizontal axis from `low` to `high`, `width` frame units long, at (x, y) its middle."""

    def __init__(
        self,
        low: float,
        high: float,
        *,
        x: float = 0.0,
        y: float,
        width: float,
        ticks: Sequence[float] | None = None,
        name: Words | None = None,
    ) -> None:
        self.low, self.high, self.width_units, self.x0, self.y = low, high, width, x - width / 2, y
        values = list(ticks) if ticks is not None else nice_ticks(low, high)
        line = Stroke([[0, 0], [1, 0]], theme.MUTED, theme.THIN)
        paths = [[[self.at(low), y], [self.at(high), y]]]
        paths += [[[self.at(v), y - _TICK], [self.at(v), y + _TICK]] for v in values]
        line.draw_all(paths)
        spec = tick_spec(values)
        labels = [tick_label(v, spec).put(self.at(v), y - 0.42) for v in values]
        super().__init__(line, *labels)
        if name is not None:
            name.put_mid(self.at(high) + 0.2, y, "left")
            self.add(name)

    def at(self, value: float) -> float:
        """Frame x of `value`."""
        return self.x0 + (value - self.low) / (self.high - self.low) * self.width_units


class Plane(VGroup):
    """Two axes with ticks, drawn as one line object and its labels.

    The plane shows `x_range` by `y_range` in a rectangle whose lower left corner is
    `corner` and whose size is `size`, frame units. Axes are drawn at the lower left.
    """

    def __init__(
        self,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        *,
        corner: tuple[float, float],
        size: tuple[float, float],
        x_name: Words | None = None,
        y_name: Words | None = None,
        x_ticks: Sequence[float] | None = None,
        y_ticks: Sequence[float] | None = None,
        grid: bool = False,
    ) -> None:
        self.x_range, self.y_range, self.corner, self.size = x_range, y_range, corner, size
        xs = list(x_ticks) if x_ticks is not None else nice_ticks(*x_range)
        ys = list(y_ticks) if y_ticks is not None else nice_ticks(*y_range)
        (x0, y0), (w, h) = corner, size
        lines = Stroke([[0, 0], [1, 0]], theme.MUTED, theme.THIN)
        paths: list[list[list[float]]] = [[[x0, y0 + h], [x0, y0], [x0 + w, y0]]]
        paths += [[[self.x(v), y0 - _TICK], [self.x(v), y0]] for v in xs]
        paths += [[[x0 - _TICK, self.y(v)], [x0, self.y(v)]] for v in ys]
        lines.draw_all(paths)
        super().__init__()
        if grid and (inner := self._grid(xs, ys)):
            faint = Stroke([[0, 0], [1, 0]], theme.RULE, 1.0, 0.6)
            faint.draw_all(inner)
            self.add(faint)
        self.add(lines)
        x_spec, y_spec = tick_spec(xs), tick_spec(ys)
        self.add(*[tick_label(v, x_spec).put(self.x(v), y0 - 0.4) for v in xs])
        self.add(*[tick_label(v, y_spec).put_mid(x0 - 0.2, self.y(v), "right") for v in ys])
        if x_name is not None:
            self.add(x_name.put(x0 + w, y0 - 0.78, "right"))
        if y_name is not None:
            self.add(y_name.put(x0, y0 + h + 0.16, "left"))

    def _grid(self, xs: Sequence[float], ys: Sequence[float]) -> list[list[list[float]]]:
        (x0, y0), (w, h) = self.corner, self.size
        inner = [[[self.x(v), y0], [self.x(v), y0 + h]] for v in xs if self.x(v) > x0 + 1e-6]
        return inner + [[[x0, self.y(v)], [x0 + w, self.y(v)]] for v in ys if self.y(v) > y0 + 1e-6]

    def x(self, value: float) -> float:
        """Frame x of a horizontal value."""
        low, high = self.x_range
        return self.corner[0] + (value - low) / (high - low) * self.size[0]

    def y(self, value: float) -> float:
        """Frame y of a vertical value."""
        low, high = self.y_range
        return self.corner[1] + (value - low) / (high - low) * self.size[1]

    def at(self, x: float, y: float) -> NDArray[np.float64]:
        """The frame point (3,) of (x, y)."""
        return np.array([self.x(x), self.y(y), 0.0])

    def path(self, xs: ArrayLike, ys: ArrayLike) -> NDArray[np.float64]:
        """Frame corners (n, 2) of a curve."""
        columns = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        along = (columns[0] - x_low) / (x_high - x_low) * self.size[0] + self.corner[0]
        up = (columns[1] - y_low) / (y_high - y_low) * self.size[1] + self.corner[1]
        return np.column_stack([along, up])

    def line_through(self, slope: float, offset: float = 0.0) -> NDArray[np.float64]:
        """The two ends (2, 2), in frame coordinates, of y = slope·x + offset within the plane.

        ValueError if the line does not cross the plane.
        """
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        inside = [(x_low, slope * x_low + offset), (x_high, slope * x_high + offset)]
        if slope:
            inside += [((y - offset) / slope, y) for y in (y_low, y_high)]
        eps = 1e-9
        held = sorted(
            (x, y)
            for x, y in inside
            if x_low - eps <= x <= x_high + eps and y_low - eps <= y <= y_high + eps
        )
        if len(held) < 2:
            raise ValueError("the line does not cross the plane")
        ends = [held[0], held[-1]]
        return self.path([e[0] for e in ends], [e[1] for e in ends])
