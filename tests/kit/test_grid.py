"""Grids drawn as one image: colours, places, flights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.kit import theme
from scenes.kit.grid import CellFlight, PixelGrid, Ramp, vivid
from scenes.kit.shapes import point
from scenes.kit.stage import Box


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def middle(grid: PixelGrid, row: int, column: int) -> list[int]:
    """The raster's pixel in the middle of a cell."""
    height, width = grid.pixel_array.shape[:2]
    y = int((row + 0.5) * height / grid.rows)
    x = int((column + 0.5) * width / grid.columns)
    return [int(c) for c in grid.pixel_array[y, x]]


def test_a_ramp_runs_from_the_ground_to_its_colours() -> None:
    ramp = Ramp("positive", negative="negative")
    assert np.round(ramp(1)).tolist() == rgb(theme.POSITIVE)
    assert np.round(ramp(0)).tolist() == rgb(theme.PANEL)
    assert np.round(ramp(-1)).tolist() == rgb(theme.NEGATIVE)


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_larger_value_is_nearer_to_the_colour(first: float, second: float) -> None:
    ramp = Ramp("input")
    far = [float(np.abs(ramp(v) - rgb(theme.INPUT)).sum()) for v in sorted((first, second))]
    assert far[1] <= far[0] + 1e-9


def test_a_ramp_without_a_negative_colour_takes_it_for_zero() -> None:
    ramp = Ramp("input")
    assert ramp(-0.7).tolist() == ramp(0).tolist()


def test_each_cell_has_the_colour_of_its_value() -> None:
    grid = PixelGrid([[0, 1, 0.5], [1, 0, 0]], cell=0.2)
    mixed = rgb(theme.mix(theme.PANEL, theme.INPUT, 0.5))
    assert middle(grid, 0, 1) == [*rgb(theme.INPUT), 255]
    assert middle(grid, 1, 1) == [*rgb(theme.PANEL), 255]
    assert np.abs(np.array(middle(grid, 0, 2)[:3]) - mixed).max() <= 1
    assert (grid.width, grid.height) == pytest.approx((0.6, 0.4))


def test_showing_other_values_keeps_the_image() -> None:
    grid = PixelGrid(np.zeros((28, 28)), cell=0.1)
    before = grid.pixel_array
    grid.show(np.eye(28))
    assert grid.pixel_array is before
    assert middle(grid, 5, 5)[:3] == rgb(theme.INPUT)
    assert middle(grid, 5, 6)[:3] == rgb(theme.PANEL)


def test_lines_darken_the_cells_borders_alone() -> None:
    grid = PixelGrid(np.ones((2, 2)), cell=0.2, lines=1.0)
    tile = grid.pixel_array.shape[0] // 2
    assert grid.pixel_array[tile, tile, :3].tolist() == rgb(theme.BACKGROUND)
    assert middle(grid, 1, 1)[:3] == rgb(theme.INPUT)


def test_round_cells_leave_their_corners_free() -> None:
    grid = PixelGrid(np.ones((2, 3)), cell=0.3, round_cells=True)
    assert middle(grid, 1, 2)[3] == 255
    assert grid.pixel_array[0, 0, 3] == 0
    covered = float(grid.pixel_array[..., 3].mean()) / 255
    assert covered == pytest.approx(np.pi * 0.43**2, abs=0.02)


def test_places_follow_the_grid() -> None:
    grid = PixelGrid(np.zeros((4, 2)), cell=(0.5, 0.25)).move_to(point(1, 2))
    assert grid.place(0, 0)[:2] == pytest.approx([0.75, 2.375])
    grid.frame(Box(-3, 0, 4, 4))
    assert grid.cell_size == pytest.approx((2.0, 1.0))
    assert grid.place(3, 1)[:2] == pytest.approx([-2.0, -1.5])
    assert grid.places()[7] == pytest.approx([-2.0, -1.5])


def test_a_patch_is_the_box_of_its_cells() -> None:
    grid = PixelGrid(np.zeros((4, 4)), cell=0.5)
    grid.frame(Box(1, 1, 4, 4))
    patch = grid.patch(1, 2, 2, 1)
    assert (patch.left, patch.right) == pytest.approx((1, 2))
    assert (patch.top, patch.bottom) == pytest.approx((2, 0))


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=40))
def test_what_is_small_is_brought_out_in_its_order_and_with_its_sign(values: list[float]) -> None:
    v = np.array(values)
    tones = vivid(v)
    assert (np.sign(tones) == np.sign(v / (np.abs(v).max() or 1))).all()
    assert (np.diff(tones[np.argsort(v)]) >= 0).all()
    assert (np.abs(tones) >= np.abs(v) / (np.abs(v).max() or 1) - 1e-12).all()


def test_glass_is_as_opaque_as_its_value_is_large() -> None:
    panes = Ramp("positive", negative="negative").glass(np.array([1.0, 0.0, -0.4]))
    assert panes[0].tolist() == [*rgb(theme.POSITIVE), 255]
    assert panes[1, 3] == 0
    assert panes[2].tolist() == [*rgb(theme.NEGATIVE), 102]


def test_a_grid_has_two_dimensions() -> None:
    with pytest.raises(ValueError, match="two dimensions"):
        PixelGrid([0.0, 1.0], cell=0.1)


def flight() -> tuple[CellFlight, PixelGrid, PixelGrid]:
    values = np.linspace(0, 1, 16).reshape(4, 4)
    start = PixelGrid(values, cell=0.5).move_to(point(-2, 0))
    end = PixelGrid(values.reshape(-1, 1), cell=(0.4, 0.2)).move_to(point(2, 0))
    return CellFlight(start, end, overlap=2), start, end


def seen(image: CellFlight, at: np.ndarray) -> list[int]:
    """The raster's pixel at a point of the frame."""
    height, width = image.pixel_array.shape[:2]
    x = int((at[0] - image.get_left()[0]) / image.width * width)
    y = int((image.get_top()[1] - at[1]) / image.height * height)
    return [int(c) for c in image.pixel_array[y, x]]


def test_a_flight_begins_with_nothing_and_ends_with_every_cell_in_its_place() -> None:
    image, start, end = flight()
    image.draw(0)
    assert not image.pixel_array.any()
    image.draw(1)
    for index in range(16):
        wanted = [*np.uint8(start.ramp(start.values.flat[index])).tolist(), 255]
        assert seen(image, end.place(index, 0)) == wanted
    assert seen(image, start.place(1, 1))[3] == 0


def test_rows_leave_one_after_the_other() -> None:
    image, start, end = flight()
    image.draw(0.5)  # of four rows, two on their way at a time: the first has arrived
    assert seen(image, end.place(0, 0))[3] == 255
    assert seen(image, end.place(15, 0))[3] == 0
    assert seen(image, start.place(3, 0))[3] == 0
