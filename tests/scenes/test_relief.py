"""Relief pictures: each pixel shows its own ground, light falls where it should."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from manim import tempconfig

from nncore.terrain import several_valleys_2d
from scenes.kit import theme
from scenes.kit.lamplight import Relief
from scenes.kit.relief import SUN, Slant, View, map_view, slanted_view, tint

LEVELS = [k / 2 for k in range(21)]
SIZE = (6.0, 4.0)
CORNER = (-3.0, -2.0)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    with tempconfig({"pixel_width": 426, "pixel_height": 240}):
        yield


def above() -> View:
    return map_view(several_valleys_2d(), (-3.0, 3.0), (-2.0, 2.0), SIZE, LEVELS)


def aslant() -> View:
    eye = Slant(x=0.0, y=-8.5, height=8.2, focus=4.0)
    return slanted_view(several_valleys_2d(), eye, (-3.0, 3.5), SIZE, -1.6, 0.24, LEVELS)


@pytest.mark.parametrize("view", [above, aslant])
def test_each_pixel_shows_the_ground_that_is_seen_there(view: object) -> None:
    seen: View = view()  # type: ignore[operator]
    h, w = seen.sky.shape
    rng = np.random.default_rng(2)
    told = 0
    for i, j in rng.integers((0, 0), (h, w), (300, 2)):
        steep = np.abs(np.diff(seen.ground[max(0, i - 1) : i + 2, j, 1])).max()
        if seen.sky[i, j] > 0 or seen.veil[i, j] == 1 or steep > 0.3:
            continue  # the sky, before the nearest edge, or the edge of what hides other ground
        along, up = seen.seen_at(*(float(v) for v in seen.ground[i, j]))
        assert along * w == pytest.approx(j + 0.5, abs=0.6)
        assert (1 - up) * h == pytest.approx(i + 0.5, abs=0.6)
        told += 1
    assert told > 150


@pytest.mark.parametrize("view", [above, aslant])
def test_ground_lies_on_the_terrain(view: object) -> None:
    seen: View = view()  # type: ignore[operator]
    x, y, z = (seen.ground[..., k].astype(float) for k in range(3))
    true = several_valleys_2d().value(np.stack([x, y], axis=-1)) * seen.lift
    off = np.abs(z - true)[seen.sky == 0]
    assert np.median(off) < 1e-3
    # Only at the edge of what hides other ground is a pixel the mean of two places.
    assert np.mean(off > 0.05) < 0.02


def test_normals_are_square_to_the_ground() -> None:
    seen = above()
    gradient = several_valleys_2d().gradient(seen.ground[..., :2].astype(float))
    along = np.concatenate([np.ones((*gradient.shape[:2], 1)), gradient[..., :1] * seen.lift], -1)
    dot = along[..., 0] * seen.normal[..., 0] + along[..., 1] * seen.normal[..., 2]
    assert np.abs(dot).max() < 0.02


def test_the_sun_lights_the_slopes_that_face_it() -> None:
    seen = above()
    facing = seen.normal @ SUN
    ratio = seen.day.sum(axis=-1) / seen.colour.sum(axis=-1)
    assert np.corrcoef(facing.ravel(), ratio.ravel())[0, 1] > 0.9


def test_tints_get_lighter_upwards() -> None:
    def light(share: float) -> float:
        hexed = "#" + "".join(f"{round(255 * float(c)):02X}" for c in tint(share))
        return theme.luminance(hexed)

    lights = [light(s) for s in np.linspace(0, 1, 25)]
    assert all(b > a - 0.01 for a, b in pairwise(lights))
    assert lights[-1] > 8 * lights[0]
    assert theme.contrast(theme.INK, "#" + "".join(f"{round(255 * c):02X}" for c in tint(0))) > 7


def test_contours_darken_the_ground_at_their_levels() -> None:
    seen = above()
    z = seen.ground[..., 2] / seen.lift
    plain = tint((z - LEVELS[0]) / (LEVELS[-1] - LEVELS[0]))
    loss = (plain - seen.colour).sum(axis=-1)
    away = np.abs(z / 0.5 - np.round(z / 0.5))
    assert loss[away < 0.02].mean() > 10 * abs(loss[away > 0.4].mean())


@pytest.mark.parametrize("view", [above, aslant])
def test_the_lamp_lights_its_surroundings_and_nothing_else(view: object) -> None:
    relief = Relief(view(), CORNER, SIZE)  # type: ignore[operator]
    night = relief.pixel_array.copy()
    place = np.array([1.0, 0.2, 0.0])
    place[2] = several_valleys_2d().value(place[:2]) * relief.view.lift
    relief.lamp(place, reach=0.5)
    gained = relief.pixel_array[..., :3].astype(int).sum(-1) - night[..., :3].astype(int).sum(-1)
    assert (gained >= 0).all()
    away = np.linalg.norm(relief.view.ground - place, axis=-1)
    assert gained[away > 1.2].max() == 0
    assert gained[away < 0.25].mean() > 4 * gained[(away > 0.7) & (away < 0.9)].mean() > 0
    relief.lamp((-1.5, 1.0, float(several_valleys_2d().value(np.array([-1.5, 1.0])))), reach=0.5)
    assert (relief.pixel_array[away < 0.25] == night[away < 0.25]).all()


def test_a_lamp_without_strength_leaves_the_night() -> None:
    relief = Relief(above(), CORNER, SIZE)
    night = relief.pixel_array.copy()
    relief.lamp((0.0, 0.0, 1.0), strength=0.0)
    assert (relief.pixel_array == night).all()


def test_day_comes_and_goes() -> None:
    relief = Relief(aslant(), CORNER, SIZE)
    night = relief.pixel_array.copy()
    relief.daylight(0.5)
    half = relief.pixel_array.astype(int).sum()
    relief.daylight(1.0)
    day = relief.pixel_array.astype(int)
    assert night.astype(int).sum() < half < day.sum()
    assert np.abs(day[..., :3] - 255 * relief.view.day).max() <= 2
    relief.daylight(0.0)
    assert (relief.pixel_array == night).all()


def test_a_picture_is_the_same_every_time() -> None:
    first, second = (Relief(aslant(), CORNER, SIZE).pixel_array for _ in range(2))
    assert (first == second).all()
