"""A terrain seen from above with its axes and colour key, and walkers going down it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Group, ImageMobject, VGroup
from numpy.typing import ArrayLike, NDArray

from nncore.descent import Descents
from nncore.terrain import Terrain2D
from scenes.kit import theme
from scenes.kit.lamplight import Relief
from scenes.kit.plane import Plane, nice_ticks, tick_label, tick_spec
from scenes.kit.relief import Range, map_view, tint
from scenes.kit.shapes import Stroke, disc, point
from scenes.kit.steps import walker
from scenes.kit.text.words import OnBaseline, Words

_KEY_GAP = 0.35
_KEY_WIDTH = 0.22
_ASIDE = 0.4
_BADGE = 0.19
_TURNS = np.linspace(0, 2 * np.pi, 12, endpoint=False)


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


class HeightKey(Group):
    """The colours of the heights from `levels[0]` to `levels[-1]`: a bar with ticks at its right.

    The bar's lower left corner is at `corner`, `size` frame units.
    """

    def __init__(
        self, levels: Sequence[float], *, corner: tuple[float, float], size: tuple[float, float]
    ) -> None:
        (x0, y0), (w, h) = corner, size
        low, high = levels[0], levels[-1]
        pixels = np.full((256, 8, 4), 255, dtype=np.uint8)
        pixels[..., :3] = np.round(tint(np.linspace(1, 0, 256)) * 255)[:, None]
        bar = ImageMobject(pixels)
        bar.stretch_to_fit_width(w)
        bar.stretch_to_fit_height(h)
        bar.move_to(point(x0 + w / 2, y0 + h / 2))
        ticks = nice_ticks(low, high)
        spec = tick_spec(ticks)
        heights = [y0 + (t - low) / (high - low) * h for t in ticks]
        marks = Stroke([[0, 0], [1, 0]], theme.MUTED, theme.THIN)
        marks.draw_all([[[x0 + w, y], [x0 + w + 0.1, y]] for y in heights])
        labels = [
            tick_label(t, spec).put_mid(x0 + w + 0.2, y, "left")
            for t, y in zip(ticks, heights, strict=True)
        ]
        super().__init__(bar, marks, *labels)


class Survey:
    """The map of a terrain over a window, and a trail for each walk.

    `picture` is all that stands still: the relief, its axes, its key. `names` are those of
    the two axes (under the end of the one, over that of the other) and of the heights (over the
    key).
    """

    def __init__(
        self,
        terrain: Terrain2D,
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
        relief = Relief(map_view(terrain, x_range, y_range, size, levels), corner, size)
        relief.daylight(1.0)
        self.plane = Plane(x_range, y_range, corner=corner, size=size)
        (x0, y0), (w, h) = corner, size
        key_x = x0 + w + _KEY_GAP
        key = HeightKey(levels, corner=(key_x, y0 + 0.1), size=(_KEY_WIDTH, h - 0.2))
        east, north, up = names
        east.shift(point(x0 + w, y0 - 0.7) - east.get_right())
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
        around = disc(x, y, _BADGE, theme.BACKGROUND).set_stroke(theme.INK, theme.THIN)
        return VGroup(around, letter.put_mid(x, y))

    def beside(self, position: ArrayLike) -> NDArray[np.float64]:
        """The free place next to `position` that is farthest from every trail (2,)."""
        x, y = np.asarray(position, dtype=float)
        here = self.plane.at(x, y)[:2]
        ring = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])
        badges = [t.corners[0] + ring * _BADGE for t in self.trails]
        ways = np.concatenate([*badges, *[_dense(t.corners) for t in self.trails]])
        # A number is wider than high: so is the room it takes.
        places = here + ring * [1.4 * _ASIDE, _ASIDE]
        room = [np.linalg.norm((ways - place) / [1.6, 1.0], axis=1).min() for place in places]
        chosen: NDArray[np.float64] = places[int(np.argmax(room))]
        return chosen


def _dense(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points closely along a polyline."""
    index = np.arange(len(corners))
    fine = np.linspace(0, len(corners) - 1, 20 * len(corners))
    return np.column_stack([np.interp(fine, index, corners[:, k]) for k in (0, 1)])
