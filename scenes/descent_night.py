"""The mountains of the descent's clip aslant: a walker with a lamp by night, the land by day."""

from __future__ import annotations

import numpy as np
from manim import VGroup, smooth
from numpy.typing import NDArray

from nncore.descent import Descents
from nncore.errors import Array
from nncore.terrain import Terrain2D
from scenes.kit import theme
from scenes.kit.lamplight import Relief
from scenes.kit.relief import Slant, slanted_view
from scenes.kit.shapes import Arrow, Stroke
from scenes.kit.steps import walker
from scenes.kit.text import Words

LIFT = 0.24
LAND_LEVELS = [k / 2 for k in range(21)]
_CORNER, _SIZE = (-6.65, -2.9), (13.3, 5.3)
_TOP, _DEPTH = -5.8, (-4.8, 5.2)
_EYE = Slant(x=0.0, y=-12.0, height=17.0, focus=10.4, squash=0.6)
# The ground is turned a little, so that its valleys are not in pairs side by side.
_TURN = np.radians(-35)
_REACH = 1.25
_DOT = 0.112
# The arrow downhill: its length on the ground where it is steepest, and how it shortens.
_ARROW, _GENTLE = 0.72, 2.0
_ROUND = np.linspace(0, 2 * np.pi, 49)


class Mountains:
    """The land in perspective, and one walk of `walks` on it with a lamp.

    `ground` is the picture, `walk` the walk, `dot` the walker, `arrow` points down the slope
    at the walker.
    """

    def __init__(self, terrain: Terrain2D, walks: Descents) -> None:
        self._terrain, self._walks = _turned(terrain), walks
        view = slanted_view(
            self._terrain,
            _EYE,
            y_range=_DEPTH,
            size=_SIZE,
            top=_TOP,
            lift=LIFT,
            levels=LAND_LEVELS,
        )
        self.ground = Relief(view, _CORNER, _SIZE)
        self.walk = walks.descents[0]
        self._way = self.walk.positions @ _TURNING
        self.dot = walker(0, 0, radius=_DOT).move_to(self._at(self._way[0]))
        self.arrow = Arrow([0, 0], [1, 0], theme.WEIGHT, width=4, head=0.2)
        self._point(self._way[0])

    @property
    def last(self) -> int:
        """Steps of the walk."""
        return len(self._way) - 1

    def _lifted(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.append(place, float(self._terrain.value(place)) * LIFT)

    def _at(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.ground.at(self._lifted(place))

    def _point(self, place: NDArray[np.float64]) -> None:
        """Let the arrow point down the true slope at `place`; the gentler that, the shorter."""
        slope = np.asarray(self._terrain.gradient(place), dtype=float)
        steep = float(np.linalg.norm(slope))
        here = self._at(place)
        ahead = place - slope / max(steep, 1e-9) * 0.05
        along = (self._at(ahead) - here)[:2]
        long = _ARROW * min(1.0, steep / _GENTLE)
        start = here[:2] + along / max(float(np.linalg.norm(along)), 1e-9) * 1.6 * _DOT
        self.arrow.draw(start, start + along / 0.05 * long)

    def kindle(self, strength: float) -> None:
        """Light the lamp where the walk starts, 0 to 1."""
        self.ground.lamp(self._lifted(self._way[0]), reach=_REACH, strength=strength)

    def stroll(self, taken: float, end: int) -> None:
        """Show the walker after `taken` steps, on the way to the step `end`; it rests a little
        after each."""
        k = min(int(taken), end - 1)
        share = smooth(min(1.0, (taken - k) * 1.5))
        place = self._way[k] + (self._way[k + 1] - self._way[k]) * share
        self.ground.lamp(self._lifted(place), reach=_REACH)
        self.dot.move_to(self._at(place))
        self._point(place)

    def mark_lowest(self, words: Words) -> VGroup:
        """A ring around the bottom of the lowest valley, and `words` beside it."""
        bottom = np.asarray(self._walks.valleys[0].position) @ _TURNING
        ring = bottom + 0.42 * np.column_stack([np.cos(_ROUND), np.sin(_ROUND)])
        seen = np.array([self._at(p)[:2] for p in ring])
        words.put_mid(float(seen[:, 0].mean()), float(seen[:, 1].max()) + 0.28)
        return VGroup(Stroke(seen, theme.TARGET, 2.5), words)


_TURNING = np.array([[np.cos(_TURN), np.sin(_TURN)], [-np.sin(_TURN), np.cos(_TURN)]])


def _turned(terrain: Terrain2D) -> Terrain2D:
    """The terrain seen by one who has turned: its places are those of `terrain` @ _TURNING."""

    def value(p: Array) -> Array:
        return terrain.value(np.asarray(p) @ _TURNING.T)

    def gradient(p: Array) -> Array:
        slopes: Array = terrain.gradient(np.asarray(p) @ _TURNING.T) @ _TURNING
        return slopes

    return Terrain2D(terrain.name, terrain.low, terrain.high, value, gradient)
