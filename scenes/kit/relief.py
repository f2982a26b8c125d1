"""Terrains as pictures: shaded relief with contours, from above or aslant, by day or by lamp.

A picture is one image. By day a low sun shades it; by night it is dark but for the pool of
light around a lamp, which can be moved every frame: only pixels near it are computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from manim import config
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.ndimage import map_coordinates

from nncore.terrain import Terrain2D
from scenes.kit import theme

Pixels = NDArray[np.float32]
Samples = NDArray[np.float64]
Range = tuple[float, float]

# From the valleys to the peaks: night blue, teal, green, sand, pale.
TINTS = (
    theme.mix(theme.BACKGROUND, theme.INPUT, 0.2),
    theme.mix(theme.BACKGROUND, theme.INPUT, 0.4),
    theme.mix(theme.BACKGROUND, theme.OUTPUT, 0.46),
    theme.mix(theme.mix(theme.OUTPUT, theme.WEIGHT, 0.45), theme.BACKGROUND, 0.44),
    theme.mix(theme.mix(theme.WEIGHT, theme.ERROR, 0.35), theme.BACKGROUND, 0.42),
    theme.mix(theme.mix(theme.WEIGHT, theme.ERROR, 0.3), theme.BACKGROUND, 0.22),
    theme.mix(theme.mix(theme.WEIGHT, theme.INK, 0.55), theme.BACKGROUND, 0.14),
)
SUN = np.array([-0.62, 0.5, 0.6]) / np.linalg.norm([-0.62, 0.5, 0.6])
MOON = np.array([0.42, 0.34, 0.84]) / np.linalg.norm([0.42, 0.34, 0.84])
# Heights are computed on a grid of so many points a side, and interpolated on a finer one.
_SAMPLES = 320
_FIELD = 900
_BAND = 96  # rows of pixels that are worked out at a time
# The land of a slanted view fades to nothing in an ellipse: from this share of its radius on.
_VEIL_FROM = 0.52
# So wide, in ground units, is the dark strip along the nearest edge.
_EDGE = 0.65
# On a map the colours are read as heights: its slopes are shaded but slightly.
_MAP_SHADING, _SLANTED_SHADING = 0.35, 0.7


def rgb(colour: str) -> Pixels:
    """The channels of a colour, 0 to 1, (3,)."""
    return np.array(theme.channels(colour), dtype=np.float32)


def tint(share: ArrayLike) -> Pixels:
    """The tint (..., 3), channels 0 to 1, at a share (...) of the way from lowest to highest."""
    shares = np.clip(np.asarray(share, dtype=np.float64), 0, 1)
    stops = np.linspace(0, 1, len(TINTS))
    table = np.array([theme.channels(colour) for colour in TINTS])
    return np.stack([np.interp(shares, stops, table[:, k]) for k in range(3)], axis=-1).astype(
        np.float32
    )


@dataclass(frozen=True)
class Slant:
    """A camera behind the front edge: at (x, y) over the ground and at `height` in the ground's
    own scale; `focus` is the frame units of one unit of width at distance 1, `squash` of it
    those of one unit upwards: less than 1 for a view from higher up."""

    x: float
    y: float
    height: float
    focus: float
    squash: float = 1.0


@dataclass(frozen=True, eq=False)
class View:
    """What each pixel (h, w) of a picture shows: the ground's place (h, w, 3), its normal, its
    own colour; `sky` (h, w) is the share of the pixel that is no ground, `veil` that of darkness.
    `shading` is how strongly slopes differ from level ground by day, 0 to 1.

    Heights are scaled by `lift` to the ground's widths. `seen_at` tells where a place (x, y,
    lifted z) is seen: shares of the picture's width and height, from its lower left corner.
    """

    ground: Pixels
    normal: Pixels
    colour: Pixels
    sky: Pixels
    veil: Pixels
    lift: float
    seen_at: Callable[[float, float, float], tuple[float, float]]
    shading: float = 1.0

    @cached_property
    def day(self) -> Pixels:
        """The picture in the light of a low sun (h, w, 3)."""
        shade = np.clip(self.normal @ SUN.astype(np.float32), 0, 1)
        shade = np.float32(SUN[2]) + (shade - np.float32(SUN[2])) * np.float32(self.shading)
        light = 0.34 + 0.95 * shade
        warm = rgb(theme.mix(theme.TARGET, theme.WEIGHT, 0.25))
        cool = rgb(theme.mix(theme.TARGET, theme.INPUT, 0.5))
        hue = cool + (warm - cool) * shade[..., None]
        return self._veiled(np.clip(self.colour * light[..., None] * hue, 0, 1))

    @cached_property
    def night(self) -> Pixels:
        """The picture by faint moonlight: the shape can only be guessed (h, w, 3)."""
        shade = np.clip(self.normal @ MOON.astype(np.float32), 0, 1)
        shade *= 0.65 + 0.4 * self.colour.mean(axis=-1)
        moon = rgb(theme.mix(theme.BACKGROUND, theme.INPUT, 0.37))
        dark = rgb(theme.BACKGROUND)
        return self._veiled(dark + (moon - dark) * shade[..., None])

    def _veiled(self, picture: Pixels) -> Pixels:
        hidden = np.maximum(self.veil, self.sky)[..., None]
        mixed: Pixels = picture + (rgb(theme.BACKGROUND) - picture) * hidden
        return mixed


def pixel_density() -> float:
    """Pixels of the film per frame unit."""
    return float(config.pixel_height) / float(config.frame_height)


@dataclass(frozen=True, eq=False)
class _Sampled:
    """A terrain's heights and slopes on a grid over a rectangle, smooth in between."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    spline: RectBivariateSpline

    @classmethod
    def of(cls, terrain: Terrain2D, x_range: Range, y_range: Range) -> _Sampled:
        xs, ys = np.linspace(*x_range, _SAMPLES), np.linspace(*y_range, _SAMPLES)
        z = terrain.value(np.stack(np.meshgrid(xs, ys), axis=-1))
        return cls(x_range, y_range, RectBivariateSpline(ys, xs, z))

    def grid(self, xs: Samples, ys: Samples) -> tuple[Samples, Samples, Samples]:
        """Height, eastward and northward slope at ascending xs and ys, each (len ys, len xs)."""
        at = self.spline
        return at(ys, xs), at(ys, xs, dy=1), at(ys, xs, dx=1)

    def fields(self) -> tuple[Samples, Samples, Samples]:
        """The same three on a fine grid, for `sample`."""
        return self.grid(np.linspace(*self.x_range, _FIELD), np.linspace(*self.y_range, _FIELD))

    def sample(self, field: Samples, x: Samples, y: Samples) -> Samples:
        """A field of `fields` at any points."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        places = [(y - y0) / (y1 - y0) * (_FIELD - 1), (x - x0) / (x1 - x0) * (_FIELD - 1)]
        found: Samples = map_coordinates(field, places, order=1, mode="nearest")
        return found


def map_view(
    terrain: Terrain2D, x_range: Range, y_range: Range, size: Range, levels: Sequence[float]
) -> View:
    """The terrain from straight above, `size` frame units, with contours at `levels`."""
    fine = _fineness()
    w, h = (round(s * pixel_density()) * fine for s in size)
    xs = np.linspace(*x_range, w, endpoint=False) + (x_range[1] - x_range[0]) / w / 2
    ys = np.linspace(*y_range, h, endpoint=False) + (y_range[1] - y_range[0]) / h / 2
    z, east, north = (a[::-1] for a in _Sampled.of(terrain, x_range, y_range).grid(xs, ys))
    lift = 1.0 / float(np.percentile(np.hypot(east, north), 85))
    x, y = np.meshgrid(xs, ys[::-1])

    def seen_at(x: float, y: float, z: float) -> tuple[float, float]:
        return (
            (x - x_range[0]) / (x_range[1] - x_range[0]),
            (y - y_range[0]) / (y_range[1] - y_range[0]),
        )

    clear = np.zeros((h // fine, w // fine), dtype=np.float32)
    surface = _surface(x, y, z, east, north, levels, lift, fine)
    return View(*surface, clear, clear, lift, seen_at, _MAP_SHADING)


def slanted_view(
    terrain: Terrain2D,
    slant: Slant,
    y_range: Range,
    size: Range,
    top: float,
    lift: float,
    levels: Sequence[float],
) -> View:
    """The terrain in perspective, nearest edge y_range[0] to farthest y_range[1].

    `top` is the height of the picture's upper edge above the camera's eye level, frame units
    (below it: negative). Hidden ground is hidden; towards all sides the ground fades into
    the dark.
    """
    fine = _fineness()
    w, h = (round(s * pixel_density()) * fine for s in size)
    across = ((np.arange(w) + 0.5) / w - 0.5) * size[0] / slant.focus
    up = top - (np.arange(h) + 0.5) / h * size[1]
    near, far = y_range[0] - slant.y, y_range[1] - slant.y
    side = abs(across[0]) * far
    sampled = _Sampled.of(terrain, (slant.x - side, slant.x + side), y_range)
    heights, easts, norths = sampled.fields()
    # Slices of ground from near to far, evenly in perspective.
    depths = 1 / np.linspace(1 / near, 1 / far, 3 * h // 2 // fine)
    x = slant.x + across[None, :] * depths[:, None]
    y = np.broadcast_to((depths + slant.y)[:, None], x.shape)
    rise = slant.focus * slant.squash / depths[:, None]
    screen = (sampled.sample(heights, x, y) * lift - slant.height) * rise
    skyline = np.maximum.accumulate(screen, axis=0)
    del x, y, screen
    depth = np.empty((h, w))
    for column in range(w):
        depth[:, column] = np.interp(up, skyline[:, column], depths, right=np.inf)
    del skyline
    sky = ~np.isfinite(depth)
    depth[sky] = far
    x, y = slant.x + across[None, :] * depth, depth + slant.y
    z, east, north = (sampled.sample(f, x, y) for f in (heights, easts, norths))
    surface = _surface(x, y, z, east, north, levels, lift, fine)
    veil = _veil(surface[0][..., 1] - y_range[0])
    shares = _pool(sky[..., None], fine)[..., 0]

    def seen_at(x: float, y: float, z: float) -> tuple[float, float]:
        scale = slant.focus / (y - slant.y)
        across, up = (x - slant.x) * scale, (z - slant.height) * scale * slant.squash
        return 0.5 + across / size[0], 1 + (up - top) / size[1]

    return View(*surface, shares, veil, lift, seen_at, _SLANTED_SHADING)


def _veil(ahead: Pixels) -> Pixels:
    """Darkness outside an ellipse in the picture and softly within it, 0 to 1 (h, w); also over
    the nearest edge of the ground, from which each pixel's place is so far `ahead` (h, w)."""
    rows, columns = ahead.shape
    up = (np.arange(rows, dtype=np.float32) + 0.5) / rows * 2 - 1
    across = (np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 - 1
    out = (abs(up[:, None]) ** 2.5 + abs(across[None, :]) ** 2.5) ** np.float32(1 / 2.5)
    veil = np.maximum((out - _VEIL_FROM) / (1 - _VEIL_FROM), 1 - ahead / _EDGE).clip(0, 1)
    return np.asarray(veil**2 * (3 - 2 * veil), dtype=np.float32)


def _fineness() -> int:
    """Samples a pixel, each way."""
    return 2 if pixel_density() < 200 else 1


def _pool(samples: NDArray[Any], fine: int) -> Pixels:
    """Means over the samples (h, w, k) of each pixel."""
    a = samples.astype(np.float32)
    total = sum(a[i::fine, j::fine] for i in range(fine) for j in range(fine))
    return np.asarray(total / np.float32(fine**2), dtype=np.float32)


def _surface(
    x: Samples,
    y: Samples,
    z: Samples,
    east: Samples,
    north: Samples,
    levels: Sequence[float],
    lift: float,
    fine: int,
) -> tuple[Pixels, Pixels, Pixels]:
    """Places, normals and own colours of the ground, pooled to pixels (h, w, 3)."""
    rows, columns = z.shape[0] // fine, z.shape[1] // fine
    ground, normal, colour = (np.empty((rows, columns, 3), dtype=np.float32) for _ in range(3))
    # A band of rows at a time: all samples at once would fill the memory.
    for start in range(0, rows, _BAND):
        band = slice(start, min(start + _BAND, rows))
        some = slice(band.start * fine, band.stop * fine)
        lines = _contours(z, levels, fine, some)
        parts = (x[some], y[some], z[some], east[some], north[some])
        ground[band], normal[band], colour[band] = _band(*parts, lines, levels, lift, fine)
    return ground, normal, colour


def _band(
    x: Samples,
    y: Samples,
    z: Samples,
    east: Samples,
    north: Samples,
    lines: Pixels,
    levels: Sequence[float],
    lift: float,
    fine: int,
) -> tuple[Pixels, Pixels, Pixels]:
    """A band of the surface; `lines` is how much of a contour covers each sample."""
    normal = np.stack([-lift * east, -lift * north, np.ones_like(z)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    colour = tint((z - levels[0]) / (levels[-1] - levels[0]))
    colour += (rgb(theme.BACKGROUND) - colour) * lines[..., None]
    ground = np.stack([x, y, z * lift], axis=-1)
    return _pool(ground, fine), _pool(normal, fine), _pool(colour, fine)


def _contours(z: NDArray[np.float64], levels: Sequence[float], fine: int, rows: slice) -> Pixels:
    """How much of a contour line covers each sample of these rows, 0 to 1; every fifth is
    stronger."""
    step = levels[1] - levels[0]
    first, last = max(rows.start - 1, 0), min(rows.stop + 1, len(z))  # slopes need neighbours
    inner = slice(rows.start - first, rows.stop - first)
    slopes: list[Samples] = list(np.gradient(z[first:last]))
    down, along = slopes[0][inner], slopes[1][inner]
    z = z[rows]
    steep = np.maximum(np.hypot(down, along), 1e-9 * step)
    nearest = np.round((z - levels[0]) / step)
    away = np.abs(z - levels[0] - nearest * step) / steep / fine
    strong = nearest % 5 == 0
    half = np.where(strong, 0.85, 0.6) * pixel_density() / 90
    cover = np.clip(half + 0.5 - away, 0, 1) * np.where(strong, 0.55, 0.34)
    # Where the ground is nearly level, a line would become a blot.
    cover *= np.clip(steep * fine / step * 40, 0, 1)
    return cover.astype(np.float32)
