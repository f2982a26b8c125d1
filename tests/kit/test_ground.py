"""The ground seen by a camera: what hides what, where places are seen, what the lamp lights."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.terrain import Terrain2D, several_valleys_2d
from scenes.kit import theme
from scenes.kit.ground import Camera, Ground, tint

SHAPE = (180, 240)
LAND = several_valleys_2d()
ENDS = (-3.0, 3.0)


def _peak(p: np.ndarray) -> np.ndarray:
    """A ridge all across at y = −1, 2 high, on level ground."""
    height: np.ndarray = 2 * np.exp(-(((p[..., 1] + 1) / 0.35) ** 2))
    return height


def _level(p: np.ndarray) -> np.ndarray:
    return np.zeros_like(p)


RIDGE = Terrain2D("a ridge", (-3.0, -3.0), (3.0, 3.0), _peak, _level)


def ground(terrain: Terrain2D, camera: Camera, shape: tuple[int, int] = SHAPE) -> Ground:
    xs = np.linspace(*ENDS, 80)
    z = terrain.value(np.stack(np.meshgrid(xs, xs), axis=-1))
    land = Ground(terrain, ENDS, ENDS, np.linspace(z.min(), z.max(), 12), shape)
    land.see(camera)
    return land


def pixel(land: Ground, x: float, y: float) -> tuple[int, int]:
    """Row and column in which a place on the ground is seen."""
    along, up = land.project(x, y, land.terrain.value(np.array([x, y])))
    return round((1 - up) * land.shape[0] - 0.5), round(along * (land.shape[1] - 1))


def test_from_above_the_picture_is_linear() -> None:
    land = ground(LAND, Camera(90, *ENDS))
    rng = np.random.default_rng(0)
    p, z = rng.uniform(-3, 3, (50, 2)), rng.uniform(0, 9, 50)
    seen = land.project(p[:, 0], p[:, 1], z)
    corners = land.project([-3, 3, -3], [-3, -3, 3], 0)
    across, up = corners[1] - corners[0], corners[2] - corners[0]
    expected = corners[0] + (p[:, :1] + 3) / 6 * across + (p[:, 1:] + 3) / 6 * up
    assert seen == pytest.approx(expected, abs=1e-9)  # heights do not matter
    assert across[1] == pytest.approx(0, abs=1e-12)
    assert up[0] == pytest.approx(0, abs=1e-12)
    assert land.visible(p[:, 0], p[:, 1]).all()


@pytest.mark.parametrize("tilt", [10.0, 25.0, 40.0])
def test_a_peak_hides_what_is_behind_it(tilt: float) -> None:
    land = ground(RIDGE, Camera(tilt, *ENDS))
    ys = np.linspace(-2.9, 2.9, 59)
    seen = land.visible(np.full(59, 0.3), ys)
    # By hand: a place is seen if no place before it stands as high in the picture.
    near = np.linspace(-3, 3, 6001)
    line = land.project(0.3, near, RIDGE.value(np.stack([0 * near, near], -1)))[:, 1]
    for y, found in zip(ys, seen, strict=True):
        mine = land.project(0.3, y, RIDGE.value(np.array([0.3, y])))[1]
        gap = mine - line[near < y - 0.02].max(initial=-1)
        if abs(gap) > 0.01:
            assert found == (gap > 0), y
    assert seen[ys < -1.4].all()
    assert not seen[np.argmin(np.abs(ys + 0.4))]
    rows = land.ys[land.index[land.index >= 0]]  # nor does any pixel show it
    hidden = ys[~seen]
    inside = (rows > hidden.min() + 0.15) & (rows < hidden.max() - 0.15)
    assert not inside.any()


@pytest.mark.parametrize("tilt", [90.0, 50.0, 20.0])
def test_a_pixel_shows_the_ground_that_is_projected_there(tilt: float) -> None:
    land = ground(LAND, Camera(tilt, *ENDS))
    rng = np.random.default_rng(1)
    for x, y in rng.uniform(-2.8, 2.8, (60, 2)):
        if not land.visible([x], [y])[0]:
            continue
        row, column = pixel(land, x, y)
        shown = land.ys[land.index[np.clip(row + np.arange(-1, 2), 0, SHAPE[0] - 1), column]]
        assert shown.min() - 0.12 <= y <= shown.max() + 0.12


def test_the_profile_of_a_cut_is_the_function_along_it() -> None:
    land = ground(LAND, Camera(0, -0.7, -0.7))
    xs, zs = land.profile(200)
    assert zs == pytest.approx(LAND.value(np.column_stack([xs, np.full(200, -0.7)])))
    seen = land.project(xs, -0.7, zs)
    # From the side the picture's height is the function's, but for one scale and one shift.
    scale = np.polyfit(zs, seen[:, 1], 1)
    assert seen[:, 1] == pytest.approx(np.polyval(scale, zs), abs=1e-9)
    assert scale[0] > 0
    # The face of the cut ends where the profile is seen.
    for x, up in seen[10:-10:20]:
        column = land.wall[:, round(x * (SHAPE[1] - 1))]
        assert abs(np.flatnonzero(column)[0] - (1 - up) * SHAPE[0]) <= 1.5


def test_what_is_cut_away_is_not_seen() -> None:
    land = ground(LAND, Camera(40, 0.5, 3.0))
    assert land.ys[land.index[land.index >= 0]].min() >= 0.5 - 0.02


def test_the_lamp_lights_only_near_the_walker() -> None:
    land = ground(LAND, Camera(65, *ENDS))
    night = land.night()
    lit = night.copy()
    window = land.lamp(lit, (1.5, -2.0), 0.15)
    gained = lit.astype(int).sum(-1) - night.astype(int).sum(-1)
    assert gained.min() >= 0
    row, column = pixel(land, 1.5, -2.0)
    assert gained[row, column] > 100
    rows, columns = np.nonzero(gained)
    ys = land.ys[land.index[rows, columns]]
    away = np.hypot(land.xs[columns] - 1.5, (ys + 2.0) * SHAPE[0] / SHAPE[1])
    assert away.max() <= 0.15 * 6 + 0.05
    outside = np.ones(SHAPE, bool)
    outside[window] = False
    assert not gained[outside].any()
    assert night.max() < 40  # near black


def test_night_is_darker_than_day_and_the_sky_is_the_page() -> None:
    land = ground(LAND, Camera(30, *ENDS))
    day, night = land.day(), land.night()
    assert day[~land.sky].mean() > 4 * night[~land.sky].mean()
    page = [int(255 * c) for c in theme.channels(theme.BACKGROUND)]
    sky = land.sky & ~land.wall
    assert (day[sky] == page).all()
    assert (night[sky] == page).all()


def test_tints_run_from_one_end_to_the_other() -> None:
    assert (tint([-1.0, 0.0])[0] == tint([-1.0, 0.0])[1]).all()
    assert np.abs(np.diff(tint(np.linspace(0, 1, 200)), axis=0)).max() < 0.03


def test_a_camera_on_its_way_is_between() -> None:
    half = Camera(90, -3, 3).towards(Camera(30, 0, 3), 0.5)
    assert half == Camera(60, -1.5, 3)
