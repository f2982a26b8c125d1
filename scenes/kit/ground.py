"""A terrain seen by one camera: from straight above it is a map, from the side its own profile.

The camera is far away, so that parallels stay parallel, and only tilts: every column of the
picture is a line over the ground, and what is hidden on it is found by a running maximum. Colours,
shading and contours belong to the ground and are worked out once; a frame of a moving camera only
looks up which ground each pixel shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RectBivariateSpline

from nncore.terrain import Terrain2D
from scenes.kit import theme

Range = tuple[float, float]
Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

SUN = np.array([-0.55, 0.45, 0.7]) / np.linalg.norm([-0.55, 0.45, 0.7])
_SAMPLES = 320  # a side, on which heights are computed; a spline is between them
_FINE = 2  # samples a pixel, from front to back
_RELIEF = 0.42  # height of the relief seen from the side, in picture heights of the map
_MAP_SHADING, _SLANTED_SHADING = 0.45, 0.9
_SHADOW = 0.4  # light that reaches what the sun does not
_LAMP_HEIGHT, _LAMP_POWER = 0.35, 150.0
_NONE = -1


def tints() -> list[str]:
    """From the valleys to the peaks: blue, teal, green, sand, pale; calm in both themes."""
    blue, teal, sand, grey = theme.INPUT, theme.OUTPUT, theme.WEIGHT, theme.MUTED
    green, clay = theme.mix(teal, sand, 0.45), theme.mix(sand, grey, 0.55)
    pale = theme.mix(theme.INK, clay, 0.35)
    stops = ((blue, 0.74), (blue, 0.52), (teal, 0.5), (green, 0.5), (clay, 0.42), (clay, 0.26))
    return [theme.mix(colour, theme.BACKGROUND, share) for colour, share in (*stops, (pale, 0.2))]


def tint(share: ArrayLike) -> Floats:
    """The colour (..., 3), 0 to 1, at a share (...) of the way from lowest to highest."""
    shares = np.clip(np.asarray(share, dtype=float), 0, 1)
    table = np.array([theme.channels(colour) for colour in tints()])
    stops = np.linspace(0, 1, len(table))
    return np.stack([np.interp(shares, stops, table[:, k]) for k in range(3)], -1).astype("f4")


@dataclass(frozen=True)
class Camera:
    """`tilt`: degrees down from level, 90 for the map, 0 from the side. The ground is there from
    `front` to `back`, its y; what lies before or beyond is cut away. It stands so many times
    nearer than where all is seen, `over` a place."""

    tilt: float
    front: float
    back: float
    near: float = 1.0
    over: tuple[float, float] = (0.0, 0.0)

    def towards(self, other: Camera, share: float) -> Camera:
        """On the way, `share` of 0 to 1, to another."""

        def mixed(a: float, b: float) -> float:
            return a + (b - a) * share

        mine = other.over if self.near == 1 else self.over
        theirs = self.over if other.near == 1 else other.over
        return Camera(
            mixed(self.tilt, other.tilt), mixed(self.front, other.front),
            mixed(self.back, other.back), self.near * (other.near / self.near) ** share,
            (mixed(mine[0], theirs[0]), mixed(mine[1], theirs[1])),
        )  # fmt: skip


@dataclass(frozen=True)
class View:
    """Picture shares a unit of x, y and z, and where x = 0, and y = z = 0, are seen."""

    per_x: float
    left: float
    per_y: float
    per_z: float
    bottom: float

    def enlarged(self, times: float, x: float, y: float) -> View:
        """As seen nearer, the picture's place x, y in the middle as far as there is picture."""
        half = 0.5 / times
        x, y = (min(max(at, half), 1 - half) for at in (x, y))
        return View(
            self.per_x * times, 0.5 + (self.left - x) * times, self.per_y * times,
            self.per_z * times, 0.5 + (self.bottom - y) * times,
        )  # fmt: skip


class Ground:
    """A terrain over a rectangle, in a picture of `shape` (height, width) pixels.

    `levels` are the heights of contours; the tints go on by one part with each of them,
    unless `paint` gives the colours of heights, 0 to 1.
    `see` takes the camera's picture; `project` tells where a place is seen, in shares of the
    picture's width and height from its lower left.
    """

    def __init__(
        self, terrain: Terrain2D, x_range: Range, y_range: Range, levels: ArrayLike,
        shape: tuple[int, int], paint: Callable[[Floats], ArrayLike] | None = None,
    ) -> None:  # fmt: skip
        self.terrain, self.x_range, self.y_range, self.shape = terrain, x_range, y_range, shape
        self.levels, self.paint = np.asarray(levels, dtype=float), paint
        rows, columns = shape
        self.deep = rows * _FINE
        xs, ys = np.linspace(*x_range, _SAMPLES), np.linspace(*y_range, _SAMPLES)
        z = terrain.value(np.stack(np.meshgrid(xs, ys), axis=-1))
        spline = RectBivariateSpline(ys, xs, z)
        self.xs, self.ys = np.linspace(*x_range, columns), np.linspace(*y_range, self.deep)
        self.z = spline(self.ys, self.xs).astype("f4")
        self.low, self.high = float(self.levels[0]), float(max(self.levels[-1], z.max()))
        # Slopes as seen with the relief's height, in equal units of the picture.
        up = _RELIEF * rows / (self.high - self.low)
        slopes = (spline(self.ys, self.xs, dy=1), spline(self.ys, self.xs, dx=1))
        east = slopes[0] * up * (x_range[1] - x_range[0]) / columns
        north = slopes[1] * up * (y_range[1] - y_range[0]) / rows
        self.normal = np.stack([-east, -north, np.ones_like(east)]).astype("f4")
        self.normal /= np.linalg.norm(self.normal, axis=0)
        self.colour = self._painted(np.hypot(*slopes))
        self.brightest = float(self.colour.max())
        self._coarse = z
        self.camera = Camera(90, *y_range)
        self.index = np.zeros(shape, np.int32)
        self._unlit: NDArray[np.uint32] | None = None
        self._viewed: tuple[Camera, View] | None = None
        self._columns(self._view(self.camera))

    def _painted(self, steep: NDArray[np.float64]) -> Floats:
        """The ground's own colours (deep, columns, 3), contours on them."""
        steps = np.diff(self.levels)
        rank = np.interp(self.z, self.levels, np.arange(len(self.levels))).astype("f4")
        rank += np.maximum(self.z - self.levels[-1], 0) / steps[-1]
        step = steps[np.minimum(rank.astype(int), len(steps) - 1)]
        tinted = tint(rank / len(steps)) if self.paint is None else self.paint(self.z)
        colour = np.asarray(tinted, "f4")
        # How far the next contour is, in pixels; level ground would become a blot.
        climb = steep * (self.x_range[1] - self.x_range[0]) / self.shape[1] / step
        away = np.abs(rank - np.round(rank)) / np.maximum(climb, 1e-9)
        half = 0.9 * self.shape[0] / 700
        line = np.clip(half + 0.5 - away, 0, 1) * 0.42 * np.clip(climb * 60, 0, 1)
        ink = np.array(theme.channels(theme.BACKGROUND), "f4")
        return np.asarray(colour + (ink - colour) * line[..., None], "f4")

    # The camera

    def _view(self, camera: Camera) -> View:
        """How places are seen from a camera.

        Heights are drawn lower than true the more the camera looks down, so that less is hidden.
        """
        if self._viewed is not None and self._viewed[0] == camera:
            return self._viewed[1]
        tilt = np.radians(camera.tilt)
        per_y = np.sin(tilt) / (self.y_range[1] - self.y_range[0])
        per_z = np.cos(tilt) ** 2 * _RELIEF * 1.6 / (self.high - self.low)
        ys = np.linspace(*self.y_range, _SAMPLES)
        here = (ys >= camera.front - 1e-9) & (ys <= camera.back + 1e-9)
        if not here.any():
            here[np.argmin(np.abs(ys - camera.front))] = True
        seen = (ys * per_y)[here, None] + (self._coarse[here] - self.low) * per_z
        # The cut face reaches a little below the lowest ground on it.
        front = float(self._coarse[here][0].min()) - 0.08 * (self.high - self.low)
        self.base = max(self.low, front)
        low, high = camera.front * per_y + (self.base - self.low) * per_z, float(seen.max())
        fit = min(1.0, 0.97 / max(high - low, 1e-6))
        per_x = 1 / (self.x_range[1] - self.x_range[0])
        bottom = 0.5 - (low + high) / 2 * fit - self.low * per_z * fit
        view = View(per_x, -self.x_range[0] * per_x, per_y * fit, per_z * fit, bottom)
        if camera.near > 1:
            x, y = camera.over
            z = float(self.terrain.value(np.array([x, y])))
            up = y * view.per_y + z * view.per_z + view.bottom
            view = view.enlarged(camera.near, x * view.per_x + view.left, up)
        self._viewed = camera, view
        return view

    def _columns(self, view: View) -> None:
        """Which ground each column of the picture shows: x, the column left of it, and the share
        of the way to the next one."""
        shown = np.linspace(0, 1, self.shape[1])
        self.seen_x = (shown - view.left) / view.per_x
        low, high = self.x_range
        at = np.clip((self.seen_x - low) / (high - low), 0, 1) * (self.shape[1] - 1)
        self.across = np.minimum(at + 1e-6, self.shape[1] - 2).astype(np.int32)
        self.between = np.clip(at - self.across, 0, 1).astype("f4")

    def project(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> NDArray[np.float64]:
        """Where places are seen now, (..., 2)."""
        view = self._view(self.camera)
        up = np.asarray(y) * view.per_y + np.asarray(z) * view.per_z + view.bottom
        along = np.asarray(x, float) * view.per_x + view.left
        return np.stack(np.broadcast_arrays(along, up), axis=-1)

    def visible(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Which places (n,) on the ground no nearer ground hides."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        view = self._view(self.camera)
        columns = np.clip(np.searchsorted(self.xs, x), 0, len(self.xs) - 1)
        screen = self.ys[:, None] * view.per_y + self.z[:, columns] * view.per_z
        before = (self.ys[:, None] < y - 1e-9) & (self.ys[:, None] >= self.camera.front)
        highest = np.where(before, screen, -np.inf).max(axis=0)
        mine = y * view.per_y + self.terrain.value(np.stack([x, y], axis=-1)) * view.per_z
        return np.asarray(mine >= highest - 2e-3)

    def profile(self, count: int = 400) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and height (n,) along the ground's front edge."""
        xs = np.linspace(*self.x_range, count)
        ys = np.full(count, self.camera.front)
        return xs, np.asarray(self.terrain.value(np.stack([xs, ys], axis=-1)), float)

    def see(self, camera: Camera) -> None:
        """Move the camera: `index` (rows, columns) becomes the ground row in each pixel, −1 where
        there is none; `wall` where the cut face before the front edge is."""
        self.camera = camera
        view = self._view(camera)
        self._columns(view)
        rows, columns = self.shape
        first = int(np.searchsorted(self.ys, camera.front - 1e-9))
        last = max(first + 1, int(np.searchsorted(self.ys, camera.back + 1e-9, side="right")))
        first = min(first, self.deep - 1)
        screen = self._beside(self.z[first:last]) * np.float32(view.per_z * rows)
        screen += ((self.ys[first:last] * view.per_y + view.bottom) * rows).astype("f4")[:, None]
        np.maximum.accumulate(screen, axis=0, out=screen)
        # A pixel at height r shows the first ground row that reaches r: count those that do not.
        reach = np.clip(screen, 0, rows).astype(np.int32)
        flat = reach * columns + np.arange(columns, dtype=np.int32)
        counts = np.bincount(flat.ravel(), minlength=(rows + 1) * columns)
        below = np.cumsum(counts.reshape(rows + 1, columns)[:rows], axis=0, dtype=np.int32)
        index = below + first
        base = (camera.front * view.per_y + self.base * view.per_z + view.bottom) * rows
        heights = np.arange(rows)[:, None]
        self.wall = ((below == 0) & (heights >= base))[::-1]
        index[(below >= last - first) | (below == 0)] = _NONE
        self.index = np.ascontiguousarray(index[::-1])
        self.sky = self.index == _NONE

    def _beside(self, values: Floats) -> Floats:
        """Values of the ground (n, columns) in the columns of the picture."""
        if self.camera.near == 1:
            return values
        left = values[:, self.across]
        return np.asarray(left + (values[:, self.across + 1] - left) * self.between, "f4")

    def _flat(self, window: tuple[slice, slice] = np.s_[:, :]) -> NDArray[np.int32]:
        """Where in the ground what is seen in these pixels lies, among all of its places."""
        index = np.maximum(self.index[window], 0)
        return np.asarray(index * self.shape[1] + self.across[window[1]], np.int32)

    # Light

    def day(self) -> Pixels:
        """The picture in the light of a low sun (rows, columns, 3); no ground is background."""
        key = round(self.camera.tilt, 3)
        share = float(np.cos(np.radians(key)))
        lit = self._lit(_MAP_SHADING + (_SLANTED_SHADING - _MAP_SHADING) * share)
        return self._seen(lit, theme.channels(theme.mix(theme.PANEL, theme.RULE, 0.35)))

    def _lit(self, shading: float) -> NDArray[np.uint32]:
        """Sunlit colours of the whole ground, each a pixel's four bytes; kept while the same."""
        shading = round(shading, 1)  # steps that are not seen, so that few are worked out
        if getattr(self, "_lit_at", None) != shading:
            shade = np.einsum("k,kij->ij", SUN.astype("f4"), self.normal)
            light = 1 + (np.clip(shade, 0, 1) / np.float32(SUN[2]) - 1) * np.float32(shading)
            light = np.maximum(light, np.float32(_SHADOW))
            colours = np.clip(self.colour * light[..., None], 0, 1)
            self._ground_pixels, self._lit_at = _pixels(colours), shading
        return self._ground_pixels

    def _seen(self, ground: NDArray[np.uint32], wall: ArrayLike) -> Pixels:
        """Pixels of the whole ground as the camera sees them, the cut face in a colour (3,)."""
        flat = self._flat()
        picture = ground.ravel().take(flat)
        if self.camera.near > 1:
            picture = _blend(picture, ground.ravel().take(flat + 1), self.between)
        picture[self.sky] = _pixels(theme.channels(theme.BACKGROUND))
        picture[self.wall] = _pixels(wall)
        return picture.view(np.uint8).reshape(*self.shape, 4)[..., :3]

    def night(self) -> Pixels:
        """The same by night: near black, a rim of light where the land ends."""
        card = np.array(theme.channels(theme.THEMES["dark"]["background"]), "f4")
        if self._unlit is None:
            glow = np.array(theme.channels(theme.THEMES["dark"]["input"]), "f4")
            rim = 0.025 * (1 - self.normal[2]) ** 1.5
            self._unlit = _pixels(card * np.float32(0.62) + rim[..., None] * glow)
        return self._seen(self._unlit, card * 0.62)

    def lamp(
        self, onto: Pixels, place: tuple[float, float], reach: float, height: float | None = None
    ) -> tuple[slice, slice]:
        """Light the pixels `onto` (rows, columns, 3), a night, around a place on the ground: a
        pool of light that reaches so far, in ground widths, from a lamp so high that it suits a
        reach of `height`. Returns the window that changed."""
        window, square, distance, own = self._around(place, reach, height or reach)
        if not square.size:
            return window
        fade = np.clip(1 - distance / np.float32(reach), 0, 1)
        fade *= fade
        fade /= np.float32(0.1) + square / np.float32(reach * reach)
        fade /= 1 + np.float32(0.35) * fade
        lit = fade[..., None] * own
        lit += onto[window]
        onto[window] = np.minimum(lit, 255, out=lit)
        return window

    def _around(
        self, place: tuple[float, float], reach: float, height: float
    ) -> tuple[tuple[slice, slice], Floats, Floats, Floats]:
        """What a lamp's light depends on but for its reach: the pixels that it can touch, how far
        they are from it (squared, and not), and how bright they are; kept while it stands."""
        key = self.camera, place, height
        known = getattr(self, "_stood", None)
        if known is not None and known[0] == key and reach <= known[1]:
            found: tuple[tuple[slice, slice], Floats, Floats, Floats] = known[2]
            return found
        most = 1.2 * reach if known is not None and known[0] == key else reach
        x, y = place
        z = float(self.terrain.value(np.array([x, y])))
        window = self._window(x, y, z, most)
        if window[0].start >= window[0].stop or window[1].start >= window[1].stop:
            none = np.zeros((0, 0), "f4")
            return window, none, none, none
        up = _RELIEF / (self.high - self.low) * self.shape[0] / self.shape[1]
        wide = self.x_range[1] - self.x_range[0]
        deep = (self.y_range[1] - self.y_range[0]) * self.shape[1] / self.shape[0]
        flat = self._flat(window)
        east = ((x - self.seen_x[window[1]]) / wide).astype("f4")[None, :]
        north = ((y - self.ys) / deep).astype("f4")[np.maximum(self.index[window], 0)]
        above = np.float32(z * up + _LAMP_HEIGHT * height) - self.z.take(flat) * np.float32(up)
        square = east**2 + north**2 + above**2
        distance = np.sqrt(square)
        n = [axis.take(flat) for axis in self.normal]
        facing = np.clip((east * n[0] + north * n[1] + above * n[2]) / distance, 0, 1)
        warm = np.array(theme.channels(theme.THEMES["dark"]["weight"]), "f4") * _LAMP_POWER
        own = self.colour.reshape(-1, 3).take(flat, axis=0)
        own *= np.float32(0.65 / self.brightest)
        own += np.float32(0.35)
        own *= warm
        own *= ((np.float32(0.4) + np.float32(0.6) * facing) * ~self.sky[window])[..., None]
        self._stood = key, most, (window, square, distance, own)
        return window, square, distance, own

    def _window(self, x: float, y: float, z: float, reach: float) -> tuple[slice, slice]:
        """The pixels that light of this reach can touch."""
        rows, columns = self.shape
        wide = (self.x_range[1] - self.x_range[0]) * reach
        deep = (self.y_range[1] - self.y_range[0]) * reach * columns / rows
        tall = (self.high - self.low) / _RELIEF * reach * columns / rows
        corners = np.array([
            self.project(x + a * wide, y + b * deep, z + c * tall)
            for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)
        ])  # fmt: skip
        low, high = corners.min(axis=0), corners.max(axis=0)
        return (
            slice(max(0, int((1 - high[1]) * rows)), min(rows, int((1 - low[1]) * rows) + 1)),
            slice(max(0, int(low[0] * columns)), min(columns, int(high[0] * columns) + 1)),
        )


def _blend(
    left: NDArray[np.uint32], right: NDArray[np.uint32], share: Floats
) -> NDArray[np.uint32]:
    """Pixels (rows, columns) between those to their left and right."""
    a, b = (p.view(np.uint8).reshape(*p.shape, 4).astype(np.int16) for p in (left, right))
    part = (share * 128).astype(np.int16)[:, None]
    return (a + (((b - a) * part) >> 7)).astype(np.uint8).view(np.uint32)[..., 0]


def _pixels(colours: ArrayLike) -> NDArray[np.uint32]:
    """Colours (..., 3), 0 to 1, each as a pixel's four bytes in one number."""
    given = np.asarray(colours, "f4")
    packed = np.full((*given.shape[:-1], 4), 255, np.uint8)
    packed[..., :3] = given * 255
    return packed.view(np.uint32)[..., 0]
