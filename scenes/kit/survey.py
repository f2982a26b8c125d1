"""A terrain seen from above with its axes and colour key, and walkers going down it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Group, VGroup
from numpy.typing import NDArray

from nncore.descent import Descents
from scenes.kit import theme
from scenes.kit.plane import Plane
from scenes.kit.relief import HeightKey, Range, Relief, map_view
from scenes.kit.shapes import Stroke, disc, point
from scenes.kit.steps import walker
from scenes.kit.text import OnBaseline, Words

_KEY_GAP = 0.35
_KEY_WIDTH = 0.22
_ASIDE = 0.36


class Trail(Stroke):
    """The way of a walk through `corners` (n, 2), frame units, with a dark rim; at its end the
    walker, `dot`."""

    def __init__(self, corners: NDArray[np.float64], colour: str) -> None:
        self.corners = corners
        super().__init__(corners[:1].repeat(2, axis=0), colour, 3.2)
        self.set_stroke(theme.BACKGROUND, width=7, opacity=0.7, background=True)
        self.dot = walker(*corners[0])

    def show(self, taken: float) -> None:
        """Draw the way up to `taken` steps (a fraction goes along one) and move the walker."""
        taken = min(taken, len(self.corners) - 1)
        whole = int(taken)
        end = self.corners[whole]
        if taken > whole:
            end = end + (self.corners[whole + 1] - end) * (taken - whole)
        self.draw(np.vstack([self.corners[: whole + 1], end]))
        self.dot.move_to(point(*end))


class Survey:
    """The map of `walks.terrain` over a window, and a trail for each walk.

    `picture` is all that stands still: the relief, its axes, its key. `names` are those of
    the two axes (at the ends of the axes) and of the heights (over the key).
    """

    def __init__(
        self,
        walks: Descents,
        window: tuple[Range, Range],
        levels: Sequence[float],
        names: tuple[VGroup, VGroup, Words],
        *,
        corner: tuple[float, float],
        size: tuple[float, float],
    ) -> None:
        self.walks = walks
        x_range, y_range = window
        relief = Relief(map_view(walks.terrain, x_range, y_range, size, levels), corner, size)
        relief.daylight(1.0)
        self.plane = Plane(x_range, y_range, corner=corner, size=size)
        (x0, y0), (w, h) = corner, size
        key_x = x0 + w + _KEY_GAP
        key = HeightKey(levels, corner=(key_x, y0 + 0.1), size=(_KEY_WIDTH, h - 0.2))
        east, north, up = names
        east.shift(point(x0 + w + 0.15, y0 - 0.34) - east.get_left())
        north.shift(point(x0, y0 + h + 0.22) - north.get_left())
        up.put(key_x, y0 + h + 0.15, "left")
        self.picture = Group(relief, self.plane, key, east, north, up)
        self.trails = [
            Trail(self.plane.path(d.positions[:, 0], d.positions[:, 1]), theme.INK)
            for d in walks.descents
        ]

    @property
    def longest(self) -> int:
        """Steps of the longest walk."""
        return max(len(d.moves) for d in self.walks.descents)

    def badge(self, index: int, letter: OnBaseline) -> VGroup:
        """A start's mark: its letter on a dark disc."""
        x, y = self.trails[index].corners[0]
        around = disc(x, y, 0.19, theme.BACKGROUND).set_stroke(theme.INK, theme.THIN)
        return VGroup(around, letter.put_mid(x, y))

    def beside(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        """The free place next to `position` that is farthest from every trail (2,)."""
        here = self.plane.at(*position)[:2]
        ways = np.concatenate([_dense(t.corners) for t in self.trails])
        turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        places = here + np.column_stack([np.cos(turns) * 1.25, np.sin(turns)]) * _ASIDE
        room = [np.linalg.norm(ways - place, axis=1).min() for place in places]
        chosen: NDArray[np.float64] = places[int(np.argmax(room))]
        return chosen


def _dense(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points closely along a polyline."""
    index = np.arange(len(corners))
    fine = np.linspace(0, len(corners) - 1, 20 * len(corners))
    return np.column_stack([np.interp(fine, index, corners[:, k]) for k in (0, 1)])
