"""A plane that rises: what a network answers at each of its points becomes a height."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nncore.errors import Array
from nncore.lands import answer_land
from nncore.network import Network
from scenes.kit.motion import Sweep
from scenes.kit.story import Step
from scenes.kit.surface import heat
from scenes.kit.views.landscape import LandscapeView
from scenes.kit.views.landscape_frame import PACE, SLANTED, Points
from scenes.kit.views.plane import PlaneView
from scenes.kit.views.plane_marks import Cloud

_TENTHS = np.linspace(0, 1, 11)


class AnswersView(LandscapeView):
    """A network's answer over a plane, as a land in the plane's own colours, contours at each
    tenth; out of the plane it rises, and the plane's points stand on it.

        net = terrain.xor_network()
        plane = FieldView([[0, 0], [1, 1], [0, 1], [1, 0]], [0, 0, 1, 1], x="inputs", y="outputs")
        self.stage("plane")
        self.beat("network", plane.field(net, hidden=False), plane=plane)
        land = AnswersView(net, plane)
        self.beat("answers", plane=land.out_of(plane))
        self.act(land.tilt(90))
    """

    def __init__(self, network: Network, plane: PlaneView, *, tilt: float = SLANTED) -> None:
        (x0, x1), (y0, y1) = plane.ranges
        super().__init__(answer_land(network, (x0, y0), (x1, y1)), tilt=tilt)
        self.plane = plane
        self.paint = lambda z: heat(z).astype("f4") / 255

    def _levels(self, z: Array) -> Array:
        return _TENTHS

    def build(self) -> None:
        """The land, and the points of the plane on it."""
        super().build()
        self.clouds = []
        for c in (0, 1):
            places = self.plane.points[self.plane.classes == c]
            if len(places):
                self.clouds.append(self._stand(Cloud(c, self.plane.marker), places))

    def _stand(self, cloud: Cloud, places: Points) -> Cloud:
        self.anchors[cloud] = lambda: cloud.draw(self.seen(places))
        return cloud

    def place(self, box: Any) -> None:
        """Fill the box; markers stand over the ground."""
        super().place(box)
        self.add(*self.clouds)

    def enter(self) -> Step:
        """Out of its plane: it lies there as the plane did, then the camera sinks."""
        if self.origin is not self.plane:
            return super().enter()
        start, goal, end = self.plane.axes.inner, self.inner, self.camera
        flat = replace(end, tilt=90.0)

        def draw(alpha: float) -> None:
            self.inner = start.towards(goal, alpha)
            self._fill()
            self.ground.see(flat.towards(end, alpha))
            self._paint()
            self._put()

        draw(0.0)
        return Step(Sweep(self._scene(), draw, run_time=2.4, pace=PACE))
