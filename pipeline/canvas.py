"""A frame kept from one to the next, of which only what changed is painted anew.

Manim paints, for each frame, all that stands before the first thing that moves. Here every
object is compared with what it was; the boxes of those that changed are cleared, and all that
touches them is painted there, in manim's order and with manim's rules. The pixels are manim's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import ceil, floor, isfinite
from typing import Any

import cairocffi
import numpy as np
from manim import VMobject
from manim.mobject.types.image_mobject import AbstractImageMobject
from numpy.typing import NDArray

from pipeline.outlines import Path
from pipeline.pictures import Picture
from pipeline.regions import Box, gather

Pixels = NDArray[np.uint8]

_LINE_UNIT = 0.01  # frame units of a manim stroke width of 1
_MITER_LIMIT = 10  # cairo's: a corner reaches so many half widths
_COSTLY = 250  # rows of cairo's path, some 60 curves: filled again, it is kept as a picture
_NOISE = 1e-8  # frame units
_AIR = 2  # pixels around a box, for smoothed edges
_JOINS = {
    "AUTO": cairocffi.LINE_JOIN_MITER,
    "MITER": cairocffi.LINE_JOIN_MITER,
    "ROUND": cairocffi.LINE_JOIN_ROUND,
    "BEVEL": cairocffi.LINE_JOIN_BEVEL,
}
_CAPS = {
    "AUTO": cairocffi.LINE_CAP_BUTT,
    "BUTT": cairocffi.LINE_CAP_BUTT,
    "ROUND": cairocffi.LINE_CAP_ROUND,
    "SQUARE": cairocffi.LINE_CAP_SQUARE,
}
_FAR = 1e6  # pixels
NOWHERE: Box = (0, 0, 0, 0)
Extent = tuple[float, float, float, float]
"""As a Box, before it is rounded."""


class Unsupported(TypeError):
    """An object that manim can draw and a Canvas cannot."""


class Frame:
    """Where the frame's units are in pixels."""

    def __init__(self, width: int, height: int, units: tuple[float, float]) -> None:
        self.width, self.height = width, height
        self.scale = np.array([width / units[0], -height / units[1]])
        self.middle = np.array([width / 2, height / 2])
        self.matrix = cairocffi.Matrix(self.scale[0], 0, 0, self.scale[1], *self.middle)

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2 or 3) of the frame in pixels, (n, 2)."""
        return np.asarray(points[:, :2] * self.scale + self.middle)

    def extent(self, points: NDArray[np.float64]) -> Extent | None:
        """Where points (n, 3) begin and end in pixels; None for none, or if one is nowhere."""
        if not len(points):
            return None
        (x0, y0, z0), (x1, y1, z1) = points.min(axis=0), points.max(axis=0)
        if not all(map(isfinite, (x0, y0, z0, x1, y1, z1))):
            return None
        (x, y), (half, tall) = self.scale.tolist(), self.middle.tolist()
        return x0 * x + half, y1 * y + tall, x1 * x + half, y0 * y + tall

    def around(self, extent: Extent, margin: float) -> Box:
        """The box around an extent, `margin` frame units wider on all sides, within the frame."""
        wide = margin * float(self.scale[0]) + _AIR
        left, top, right, bottom = extent
        # Far outside is outside, at whatever distance.
        first = floor(max(left - wide, -_FAR)), floor(max(top - wide, -_FAR))
        return self.within((*first, ceil(min(right + wide, _FAR)), ceil(min(bottom + wide, _FAR))))

    def within(self, box: Box) -> Box:
        """The part of a box that is in the frame."""
        left, top = max(box[0], 0), max(box[1], 0)
        right, bottom = min(box[2], self.width), min(box[3], self.height)
        return (left, top, right, bottom) if right > left and bottom > top else NOWHERE


class _Shape:
    """A VMobject as it was last painted."""

    def __init__(self, mobject: Any) -> None:
        self.mobject = mobject
        self.box = NOWHERE
        self._points: bytes | None = None
        self._style: tuple[Any, ...] = ()
        self._extent: Extent | None = None
        self._places: NDArray[np.float64] | None = None
        self._path: Path | None = None
        # What the filled path covers, and where that picture's corner is: the box may change.
        self._cover: tuple[cairocffi.ImageSurface, int, int] | None = None
        self._painted = False
        # In this order: a width and its colours for a stroke, None and colours for the fill.
        self._coats: list[tuple[float | None, Any]] = []

    def refresh(self, frame: Frame) -> list[Box]:
        """Take what the mobject is now; returns the boxes that are to be painted anew."""
        mobject = self.mobject
        points, style = mobject.points.tobytes(), _style(mobject)
        same = points == self._points or self._near(mobject.points)
        if same and style == self._style:
            self._points = points
            return []
        before = self.box
        if not same:
            self._path, self._places = None, mobject.points.copy()
            self._extent = frame.extent(mobject.points)
            self._cover, self._painted = None, False
        self._points, self._style = points, style
        coats = [
            (mobject.get_stroke_width(True), mobject.get_stroke_rgbas(True)),
            (None, mobject.get_fill_rgbas()),
            (mobject.get_stroke_width(), mobject.get_stroke_rgbas()),
        ]
        self._coats = [(w, rgbas) for w, rgbas in coats if w != 0 and rgbas[:, 3].any()]
        self._place(frame)
        return [before, self.box]

    def _near(self, points: NDArray[np.float64]) -> bool:
        """Whether points are where they were, but for what a fade's arithmetic leaves."""
        if self._places is None or self._places.shape != points.shape or not points.size:
            return False
        return bool(np.abs(points - self._places).max() < _NOISE)

    def _place(self, frame: Frame) -> None:
        self.box = NOWHERE
        if self._coats and self._extent is not None:
            widest = max((width or 0.0 for width, _ in self._coats), default=0.0)
            mitred = _JOINS[self.mobject.joint_type.name] == cairocffi.LINE_JOIN_MITER
            reach = widest * _LINE_UNIT / 2 * (_MITER_LIMIT if mitred else 1.5)
            self.box = frame.around(self._extent, reach)

    def paint(self, canvas: Canvas, within: Box) -> None:
        """Paint; the context is clipped already."""
        context, mobject = canvas.context, self.mobject
        if self._path is None:
            self._path = Path(mobject.points, mobject.tolerance_for_point_equality)
        self._path.set(context)
        for width, rgbas in self._coats:
            self._source(context, rgbas)
            if width is None:
                self._fill(canvas, len(rgbas) == 1)
                continue
            context.set_line_width(width * _LINE_UNIT)
            context.set_line_join(_JOINS[mobject.joint_type.name])
            context.set_line_cap(_CAPS[mobject.cap_style.name])
            context.stroke_preserve()

    def _fill(self, canvas: Canvas, plain: bool) -> None:
        """Fill the context's path; one of many curves by what it covered the time before."""
        assert self._path is not None
        context = canvas.context
        if not plain or self._path.rows < _COSTLY:
            context.fill_preserve()
            return
        if self._cover is None and self._painted:
            self._cover = self._covered(canvas.frame)
        self._painted = True
        if self._cover is None:
            context.fill_preserve()
            return
        context.identity_matrix()
        context.mask_surface(*self._cover)
        context.set_matrix(canvas.frame.matrix)

    def _covered(self, frame: Frame) -> tuple[cairocffi.ImageSurface, int, int]:
        """How much of each pixel of its box the filled path covers, and the box's corner."""
        left, top, right, bottom = self.box
        cover = cairocffi.ImageSurface(cairocffi.FORMAT_A8, right - left, bottom - top)
        context = cairocffi.Context(cover)
        x, y = frame.middle - (left, top)
        context.set_matrix(cairocffi.Matrix(frame.scale[0], 0, 0, frame.scale[1], x, y))
        assert self._path is not None
        self._path.set(context)
        context.fill()
        cover.flush()
        return cover, left, top

    def _source(self, context: cairocffi.Context, rgbas: Any) -> None:
        """Set the colour; red and blue change places, for the picture is RGBA and cairo BGRA."""
        if len(rgbas) == 1:
            red, green, blue, alpha = rgbas[0]
            context.set_source_rgba(blue, green, red, alpha)
            return
        start, end = self.mobject.get_gradient_start_and_end_points()
        gradient = cairocffi.LinearGradient(*start[:2], *end[:2])
        for rgba, offset in zip(rgbas, np.linspace(0, 1, len(rgbas)), strict=True):
            gradient.add_color_stop_rgba(offset, rgba[2], rgba[1], rgba[0], rgba[3])
        context.set_source(gradient)


def _style(mobject: Any) -> tuple[Any, ...]:
    fill, stroke = mobject.get_fill_rgbas(), mobject.get_stroke_rgbas()
    below = mobject.get_stroke_rgbas(True)
    several = len(fill) > 1 or len(stroke) > 1 or len(below) > 1
    return (
        fill.tobytes(),
        stroke.tobytes(),
        below.tobytes(),
        mobject.stroke_width,
        mobject.background_stroke_width,
        mobject.joint_type,
        mobject.cap_style,
        tuple(mobject.get_sheen_direction()) if several else None,
    )


class _Image:
    """An image mobject as it was last painted."""

    def __init__(self, mobject: Any) -> None:
        self.mobject = mobject
        self.box = NOWHERE
        self._placing: tuple[Any, ...] = ()
        self._picture: Picture | None = None

    def refresh(self, frame: Frame) -> list[Box]:
        """Take what the mobject is now; returns the boxes that are to be painted anew."""
        mobject = self.mobject
        pixels = mobject.get_pixel_array()
        placing = (mobject.points.tobytes(), mobject.resampling_algorithm, pixels.shape)
        if placing == self._placing and self._picture is not None:
            changed = self._picture.update(pixels)
            return [] if changed is None else [frame.within(changed)]
        before, self._placing, self._picture, self.box = self.box, placing, None, NOWHERE
        if np.isfinite(mobject.points).all():
            corners = frame.pixels(mobject.points)
            self._picture = Picture(pixels, corners, mobject.resampling_algorithm)
            if self._picture.place is not None:
                self.box = frame.within(self._picture.place)
        return [before, self.box]

    def paint(self, canvas: Canvas, within: Box) -> None:
        """Lay the image over the frame."""
        assert self._picture is not None
        canvas.surface.flush()
        self._picture.lay_over(canvas.pixels, within, opaque=canvas.opaque)
        canvas.surface.mark_dirty()


_Item = _Shape | _Image


class Canvas:
    """The frame as pixels, (height, width, 4) RGBA, colours multiplied by opacity.

    background: four channels, 0 to 255. units: width and height of the frame.
    """

    def __init__(
        self, width: int, height: int, units: tuple[float, float], background: Sequence[int]
    ) -> None:
        self.frame = Frame(width, height, units)
        self.background = np.array(background, dtype=np.uint8)
        self.pixels: Pixels = np.empty((height, width, 4), dtype=np.uint8)
        self._words = self.pixels.view(np.uint32)[..., 0]
        self.surface = cairocffi.ImageSurface.create_for_data(
            self.pixels, cairocffi.FORMAT_ARGB32, width, height
        )
        self.context = cairocffi.Context(self.surface)
        self._items: dict[int, _Item] = {}
        self._order: list[int] = []
        self._blank = True

    @property
    def opaque(self) -> bool:
        """Whether nothing shines through the background."""
        return bool(self.background[3] == 255)

    def paint(self, mobjects: Sequence[Any], moving: Sequence[Any] | None = None) -> list[Box]:
        """Show `mobjects`, in their order; returns the boxes that are not as they were.

        `moving` are those of them that may have changed since the last call if the list is
        the same; without it, all are looked at. Raises Unsupported.
        """
        order = [id(mobject) for mobject in mobjects]
        dirty: list[Box] = []
        if order != self._order:
            dirty += self._reorder(order, mobjects)
            moving = None
        dirty += self._refresh(self._items.values() if moving is None else self._these(moving))
        if self._blank:
            dirty, self._blank = [(0, 0, self.frame.width, self.frame.height)], False
        boxes = gather(dirty, self.frame.width, self.frame.height)
        if boxes:
            places = np.array([item.box for item in self._items.values()]).reshape(-1, 4)
            for box in boxes:
                self._repaint(box, places)
        return boxes

    def forget(self) -> None:
        """Paint all anew the next time."""
        self._items, self._order, self._blank = {}, [], True

    def replace(self, pixels: Pixels) -> list[Box]:
        """Take a whole frame painted by another; returns the box of all."""
        self.surface.flush()
        self.pixels[:] = pixels
        self.surface.mark_dirty()
        self._blank = True
        return [(0, 0, self.frame.width, self.frame.height)]

    def _these(self, mobjects: Sequence[Any]) -> list[_Item]:
        return [self._items[id(mobject)] for mobject in mobjects]

    def _refresh(self, items: Iterable[_Item]) -> list[Box]:
        return [box for item in items for box in item.refresh(self.frame)]

    def _reorder(self, order: list[int], mobjects: Sequence[Any]) -> list[Box]:
        """Take a new list of objects; returns the boxes of those that came, went or moved in it."""
        old = self._items
        # An id may be another object's by now: the item keeps its object, so it is not.
        items = {key: old.get(key) or _item(m) for key, m in zip(order, mobjects, strict=True)}
        dirty = [item.box for key, item in old.items() if key not in items]
        rank = {key: k for k, key in enumerate(self._order)}
        common = [key for key in order if key in rank]
        kept = _increasing([rank[key] for key in common])
        dirty += [items[key].box for k, key in enumerate(common) if k not in kept]
        self._items, self._order = items, order
        return dirty

    def _repaint(self, box: Box, boxes: NDArray[np.int64]) -> None:
        """Paint what is in `box`; `boxes` (n, 4) are those of all objects, in their order.

        Cairo rounds an edge of a shape where a clip cuts it off at the side, so the clip is as
        wide as all that is painted; what this spoils beside the box is put back.
        """
        left, top, right, bottom = box
        hit = np.flatnonzero(
            (boxes[:, 0] < right) & (boxes[:, 2] > left)
            & (boxes[:, 1] < bottom) & (boxes[:, 3] > top)
        )  # fmt: skip
        first = min(left, int(boxes[hit, 0].min(initial=left)))
        last = max(right, int(boxes[hit, 2].max(initial=right)))
        self.surface.flush()
        rows = self.pixels[top:bottom]
        beside = rows[:, first:left].copy(), rows[:, right:last].copy()
        self._words[top:bottom, left:right] = self.background.view(np.uint32)[0]
        self.surface.mark_dirty()
        context = self.context
        context.save()
        context.identity_matrix()
        context.new_path()
        context.rectangle(first, top, last - first, bottom - top)
        context.clip()
        context.set_matrix(self.frame.matrix)
        for k in hit:
            self._items[self._order[k]].paint(self, box)
        context.restore()
        self.surface.flush()
        rows[:, first:left], rows[:, right:last] = beside
        self.surface.mark_dirty()


def _item(mobject: Any) -> _Item:
    if isinstance(mobject, VMobject):
        if mobject.get_background_image() or mobject.shade_in_3d:
            raise Unsupported(f"{type(mobject).__name__} with a background image or shading")
        return _Shape(mobject)
    if isinstance(mobject, AbstractImageMobject):
        return _Image(mobject)
    raise Unsupported(type(mobject).__name__)


def _increasing(ranks: Sequence[int]) -> set[int]:
    """Places of a longest increasing subsequence of `ranks`."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, rank in enumerate(ranks):
        k = bisect_left(tails, rank)
        if k == len(tails):
            tails.append(rank)
            places.append(place)
        else:
            tails[k], places[k] = rank, place
        before.append(places[k - 1] if k else -1)
    found: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        found.add(place)
        place = before[place]
    return found
