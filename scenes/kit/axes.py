"""Axes that can be placed again in every frame: ticks, names, and the mapping from values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.ledger import shown
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.text.words import Words

Range = tuple[float, float]
_TICK = 0.09
_BESIDE, _BELOW, _UNDER = 0.2, 0.4, 0.78  # from an axis to its labels; to the name under them
_ABOVE, _EDGE = 0.42, 0.3  # room over an upright axis for its name, and where nothing is written
_APART, _SOFT = 0.3, 0.02  # least room between labels; they come over so much more of it
_THINNER = (1, 2, 4)  # every label, every second, every fourth


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from `low` to `high`, about `about` of them, in steps of 1, 2 or 5."""
    raw = (high - low) / about
    power = 10.0 ** np.floor(np.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda s: abs(np.log(s * power / raw)))
    first = int(np.ceil(low / step - 1e-9))
    last = int(np.floor(high / step + 1e-9))
    return [float(i * step) for i in range(first, last + 1)]


def tick_spec(ticks: Sequence[float]) -> str:
    """The shortest format that tells these ticks apart."""
    for places in range(7):
        if all(abs(round(t, places) - t) < 1e-9 * max(1, abs(t)) for t in ticks):
            return f",.{places}f" if places == 0 else f".{places}f"
    return "g"


def tick_label(value: float, spec: str, colour: str = "muted") -> Words:
    """The number beside a tick."""
    return Words([Piece(shown(value, spec))], {}, size=theme.TICK, colour=colour, role="tick")


class Axis(VGroup):
    """One axis from `low` to `high`: a line, ticks, their labels. `put` places it, at any time.

    Where it is short, every second or fourth tick is left; text keeps its size. Ticks that are
    not given are round, about five.
    """

    def __init__(
        self,
        low: float,
        high: float,
        *,
        upright: bool = False,
        ticks: Sequence[float] | None = None,
    ) -> None:
        self.low, self.high, self.upright = low, high, upright
        self.values = list(ticks) if ticks is not None else nice_ticks(low, high)
        spec = tick_spec(self.values)
        self.labels = [tick_label(v, spec) for v in self.values]
        self.line = Stroke([[0, 0], [1, 0]], "muted", theme.THIN)
        widths = [label.right_edge - label.left_edge for label in self.labels]
        self.widest = max(widths, default=0.0)
        self.needed = (theme.TICK / 72 if upright else self.widest) + _APART
        self._shares = [1.0] * len(self.labels)
        super().__init__(self.line, *self.labels)
        self.put(0, 0, 1)

    def put(self, x: float, y: float, length: float) -> None:
        """Begin at the frame point (x, y) and be so long."""
        self.x0, self.y0, self.length = x, y, length
        shares = self._seen()
        end = (x, y + length) if self.upright else (x + length, y)
        paths: list[ArrayLike] = [[(x, y), end]]
        for k, (value, label, share) in enumerate(
            zip(self.values, self.labels, shares, strict=True)
        ):
            at = self.at(value)
            if self.upright:
                label.put_mid(x - _BESIDE, at, "right")
                paths += [[(x - _TICK, at), (x, at)]] if share else []
            else:
                label.put(at, y - _BELOW)
                paths += [[(at, y - _TICK), (at, y)]] if share else []
            if share != self._shares[k]:
                label.set_fill(opacity=share)
                self._shares[k] = share
        self.line.draw_all(paths)

    def _seen(self) -> list[float]:
        """How much of each label is seen: all that have room, coming softly as room grows."""
        if len(self.values) < 2:
            return [1.0] * len(self.values)
        step = self.values[1] - self.values[0]
        room = step / (self.high - self.low) * self.length / self.needed
        every = [min(max((room * m - 1) / _SOFT, 0.0), 1.0) for m in _THINNER]
        every[-1] = 1.0
        places = [round(v / step) for v in self.values]
        levels = list(zip(_THINNER, every, strict=True))
        return [max(share for m, share in levels if i % m == 0) for i in places]

    def at(self, value: float) -> float:
        """The frame coordinate of a value, along the axis."""
        start = self.y0 if self.upright else self.x0
        return start + (value - self.low) / (self.high - self.low) * self.length


class Axes(VGroup):
    """Two axes at the lower left of the plane they span; `place` puts them into any box.

    `square`: a unit is as long on both. The plane itself is `inner`, a Box of the frame.
    """

    def __init__(
        self,
        x_range: Range,
        y_range: Range,
        *,
        x_name: Words | None = None,
        y_name: Words | None = None,
        x_ticks: Sequence[float] | None = None,
        y_ticks: Sequence[float] | None = None,
        square: bool = False,
    ) -> None:
        self.x_range, self.y_range, self.square = x_range, y_range, square
        self.x_name, self.y_name = x_name, y_name
        self.across = Axis(*x_range, ticks=x_ticks)
        self.up = Axis(*y_range, upright=True, ticks=y_ticks)
        names = [name for name in (x_name, y_name) if name is not None]
        super().__init__(self.across, self.up, *names)
        self.inner = Box(0.5, 0.5, 1, 1)

    def place(self, box: Box) -> None:
        """Fill the box, labels and names included."""
        inner = box.inset(
            left=self.up.widest + _BESIDE + 0.05 if self.up.labels else _EDGE,
            right=max(_EDGE, self.across.widest / 2),
            top=_ABOVE if self.y_name is not None else _EDGE,
            bottom=_UNDER + 0.1 if self.x_name is not None else _BELOW + 0.1,
        )
        if self.square:
            (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
            inner = inner.within((x_high - x_low) / (y_high - y_low))
        self.span(inner)

    def span(self, inner: Box) -> None:
        """Span just this plane; labels and names stand outside it."""
        self.inner = inner
        self.across.put(inner.left, inner.bottom, inner.width)
        self.up.put(inner.left, inner.bottom, inner.height)
        if self.x_name is not None:
            self.x_name.put(inner.right, inner.bottom - _UNDER, "right")
        if self.y_name is not None:
            left = inner.left - self.up.widest - _BESIDE if self.up.labels else inner.left
            self.y_name.put(left, inner.top + 0.18, "left")

    @property
    def corner(self) -> tuple[float, float]:
        """The plane's lower left corner."""
        return self.inner.left, self.inner.bottom

    @property
    def size(self) -> tuple[float, float]:
        """The plane's width and height in the frame."""
        return self.inner.width, self.inner.height

    def x(self, value: float) -> float:
        """Frame x of a horizontal value."""
        return self.across.at(value)

    def y(self, value: float) -> float:
        """Frame y of a vertical value."""
        return self.up.at(value)

    def at(self, x: float, y: float) -> NDArray[np.float64]:
        """The frame point (3,) of (x, y)."""
        return np.array([self.x(x), self.y(y), 0.0])

    def path(self, xs: ArrayLike, ys: ArrayLike) -> NDArray[np.float64]:
        """Frame corners (n, 2) of a curve."""
        (x0, y0), (w, h) = self.corner, self.size
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        along = (np.asarray(xs, dtype=float) - x_low) / (x_high - x_low) * w + x0
        upward = (np.asarray(ys, dtype=float) - y_low) / (y_high - y_low) * h + y0
        return np.column_stack([along, upward])

    def frame(self) -> NDArray[np.float64]:
        """The plane's corners (4, 2) in its own values."""
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        return np.array([[x_low, y_low], [x_high, y_low], [x_high, y_high], [x_low, y_high]])
