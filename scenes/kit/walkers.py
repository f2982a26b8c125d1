"""Balls that stand in a land or on a curve, with the trails they leave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup, VMobject
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.shapes import Stroke, disc

Points = NDArray[np.float64]
_HALO = ((3.4, 0.06), (2.5, 0.09), (1.8, 0.13))


class Walkers(VGroup):
    """Balls on the ground with their trails: two objects, however many there are."""

    def __init__(self, colour: str, radius: float, trail: float) -> None:
        hue = theme.hue(colour)
        self.trail = Stroke([[0, 0], [1, 0]], colour, trail)
        self.trail.set_stroke(theme.BACKGROUND, width=trail + 3.5, opacity=0.75, background=True)
        self.glow = VMobject(stroke_width=0, fill_color=hue, fill_opacity=0.16)
        self.dots = VMobject(
            stroke_width=1.6, stroke_color=theme.BACKGROUND, fill_color=hue, fill_opacity=1
        )
        self._dot = disc(0, 0, radius, colour).points.copy()
        self._glow = [disc(0, 0, radius * r, colour).points.copy() for r, _ in _HALO]
        super().__init__(self.trail, self.glow, self.dots)

    def lights(self) -> VMobject:
        """What runs along the trails once more."""
        return VMobject(stroke_width=0, fill_color=self.dots.get_fill_color())

    def shine(self, lights: VMobject, places: Points) -> None:
        """Lights to frame places (n, 2)."""
        at = np.column_stack([places, np.zeros(len(places))])
        lights.points = np.concatenate([self._dot * 1.15 + p for p in at])

    def put(self, places: Points, trails: Sequence[Points], glowing: bool) -> None:
        """Stand at frame places (n, 2) at the end of trails, each (k, 2)."""
        at = np.column_stack([places, np.zeros(len(places))])
        self.dots.points = np.concatenate([self._dot + p for p in at])
        halo = [g + p for p in at for g in self._glow] if glowing else [np.zeros((0, 3))]
        self.glow.points = np.concatenate(halo)
        drawn = [t for t in trails if len(t) > 1]
        if drawn:
            self.trail.draw_all(drawn)
        else:
            self.trail.points = np.zeros((0, 3))
