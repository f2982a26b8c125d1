"""What a landscape stands on: its ground and picture, its camera and light, who walks there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Mobject, config
from numpy.typing import ArrayLike, NDArray

from nncore.errors import Array
from nncore.terrain import Terrain2D
from scenes.kit.axes import Axes, Range
from scenes.kit.ground import Camera, Ground
from scenes.kit.motion import Sweep
from scenes.kit.raster import Raster
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step
from scenes.kit.views.late import Late
from scenes.kit.walkers import Walkers

Points = NDArray[np.float64]
SLANTED = 38.0
_NUDGE = 1e-6  # pixels, so that a place between two is not taken for the one before
PACE = 30.0  # times a second that the ground is drawn anew
_REACH = 0.09  # how far one feels the ground around, in ground widths


def on_pixels(box: Box) -> Box:
    """The box with its edges between pixels of the film: a picture in it needs no resampling."""
    density = float(config.pixel_height) / float(config.frame_height)
    half = config.pixel_width / 2, config.pixel_height / 2
    left, right = (np.round(x * density + half[0]) for x in (box.left, box.right))
    bottom, top = (np.round(y * density + half[1]) for y in (box.bottom, box.top))
    wide, high = (right - left) / density, (top - bottom) / density
    x, y = (left + right) / 2 - half[0] + _NUDGE, (bottom + top) / 2 - half[1] - _NUDGE
    return Box(x / density, y / density, wide, high)


class LandscapeFrame(Late):
    """A terrain in a box, seen and lit; the parts that every verb of a landscape leans on."""

    def __init__(
        self,
        terrain: Terrain2D,
        *,
        x: str = "",
        y: str = "",
        x_range: Range | None = None,
        y_range: Range | None = None,
        tilt: float = SLANTED,
        night: bool = False,
        levels: int = 18,
        even: bool = False,
        highest: float | None = None,
        stands: dict[str, tuple[float, float]] | None = None,
        colour: str = "target",
        lamp: float = 0.17,
        near: float = 1.0,
    ) -> None:
        super().__init__()
        (x0, y0), (x1, y1) = terrain.low, terrain.high
        self.terrain, self.names = terrain, (x, y)
        self.x_range, self.y_range = x_range or (x0, x1), y_range or (y0, y1)
        over = next(iter(stands.values())) if stands else (0.0, 0.0)
        self.camera = Camera(tilt, *self.y_range, near, over)
        self.reach = _REACH * (x1 - x0)
        self.light = 0.0 if night else 1.0
        self.count, self.even, self.highest = levels, even, highest
        self.stands, self.colour = stands or {}, colour
        self.paint: Callable[[Any], ArrayLike] | None = None
        self.lamp_at: Points | None = None
        if night and self.stands:
            self.lamp_at = np.array(next(iter(self.stands.values())))
        self.lamp_reach = self.lamp_height = lamp
        self.walkers: dict[str, tuple[Walkers, list[Points]]] = {}
        self.anchors: dict[Mobject, Callable[[], Any]] = {}

    # Standing

    def build(self) -> None:
        """The edge of the ground, the axes of the map."""
        x, y = (self.story.label(n, colour="muted") if n else None for n in self.names)
        self.axes = Axes(self.x_range, self.y_range, x_name=x, y_name=y)
        self.edge = Stroke([[0, 0], [1, 0]], "ink", 3.2)
        self.edge.set_stroke(opacity=0)
        self.image: Raster | None = None
        if any(self.names) and self.camera.tilt == 90:
            self.add(self.axes)
        else:
            self.wait(self.axes)

    def place(self, box: Box) -> None:
        """Fill the box; room for the map's axes is kept where they have names."""
        named = any(self.names)
        room = box.inset(left=0.75, bottom=0.85, top=0.4, right=0.3) if named else box
        self.inner = on_pixels(room)
        if self.image is None:
            self._survey()
        assert self.image is not None
        self._fill()
        self.axes.span(self.inner)
        self._put()

    def _fill(self) -> None:
        """The picture as large as the box."""
        assert self.image is not None
        self.image.stretch_to_fit_width(self.inner.width)
        self.image.stretch_to_fit_height(self.inner.height)
        self.image.move_to([self.inner.x, self.inner.y, 0])

    def _survey(self) -> None:
        """The ground at the film's own resolution, and the picture of it."""
        density = float(config.pixel_height) / float(config.frame_height)
        shape = (round(self.inner.height * density), round(self.inner.width * density))
        grid = np.stack(
            np.meshgrid(*(np.linspace(*r, 80) for r in (self.x_range, self.y_range))), -1
        )
        levels = self._levels(self.terrain.value(grid))
        self.ground = Ground(self.terrain, self.x_range, self.y_range, levels, shape, self.paint)
        self.ground.see(self.camera)
        self.image = Raster(np.full((*shape, 4), 255, np.uint8))
        self._paint()
        self.add(self.image, self.edge)
        for name, place in self.stands.items():
            walkers = Walkers(self.colour, 0.13, 3.6).set_z_index(1)
            self.walkers[name] = walkers, [np.array([place], float)]
            self.add(walkers)

    def _levels(self, z: Array) -> Array:
        """Heights of the contours."""
        if self.even:
            return np.quantile(z, np.linspace(0, 1, self.count))
        return np.linspace(float(z.min()), self.highest or float(z.max()), self.count)

    def _put(self) -> None:
        """Everything on the ground to where it is seen now."""
        xs, zs = self.ground.profile()
        self.edge.draw(self._framed(self.ground.project(xs, self.ground.camera.front, zs)))
        for walkers, ways in self.walkers.values():
            ends = np.array([way[-1] for way in ways])
            walkers.put(self.seen(ends), [self._trail(way) for way in ways], len(ways) < 8)
        for put in list(self.anchors.values()):
            put()

    def _trail(self, way: Points) -> Points:
        """A way over the ground as it is seen, densely, up to where a hill hides it."""
        if len(way) < 2:
            return np.zeros((0, 2))
        index = np.arange(len(way))
        fine = np.linspace(0, len(way) - 1, min(240, 8 * len(way)))
        dense = np.column_stack([np.interp(fine, index, way[:, k]) for k in (0, 1)])
        if self.ground.camera.tilt < 89:
            dense = dense[self.ground.visible(dense[:, 0], dense[:, 1])]
        if not len(dense):
            return np.zeros((0, 2))
        seen, box = self.seen(dense), self.inner
        within = (seen >= [box.left, box.bottom]) & (seen <= [box.right, box.top])
        return seen[within.all(axis=1)]

    def seen(self, places: ArrayLike) -> Points:
        """Frame points (n, 2) of places (n, 2) on the ground."""
        p = np.asarray(places, float)
        return self._framed(self.ground.project(p[:, 0], p[:, 1], self.terrain.value(p)))

    def _framed(self, shares: Points) -> Points:
        box = self.inner
        return shares * [box.width, box.height] + [box.left, box.bottom]

    def anchor(self, mobject: Mobject, put: Callable[[], Any]) -> Any:
        """Something that stands on the ground and faces the viewer; `put` places it again."""
        put()
        self.anchors[mobject] = put
        return mobject

    # Light and camera

    def _paint(self) -> None:
        assert self.image is not None
        pixels = self.image.pixel_array
        if self.light >= 1:
            pixels[..., :3] = self.ground.day()
            return
        picture = self._night()
        if self.lamp_at is not None:
            picture = picture.copy()
            x, y = self.lamp_at
            self.ground.lamp(picture, (x, y), self.lamp_reach, self.lamp_height)
        if self.light > 0:
            day = self.ground.day().astype(np.int16)
            share = np.int16(round(self.light * 128))
            picture = (picture + (((day - picture) * share) >> 7)).astype(np.uint8)
        pixels[..., :3] = picture

    def _night(self) -> NDArray[np.uint8]:
        key = (self.ground.camera, self.ground.shape)
        if getattr(self, "_night_of", None) != key:
            self._dark, self._night_of = self.ground.night(), key
        return self._dark

    def _scene(self) -> list[Mobject]:
        """All that a camera moves."""
        return [m for m in self.group.get_family() if len(m.points) or m is self.image]

    def _turn(
        self, end: Camera, run_time: float, also: Callable[[float], None] | None = None
    ) -> Step:
        start = self.camera
        self.camera = end

        def draw(alpha: float) -> None:
            self.ground.see(start.towards(end, alpha))
            self._paint()
            if also:
                also(alpha)
            self._put()

        return Step(Sweep(self._scene(), draw, run_time=run_time, pace=PACE), run_time=run_time)
