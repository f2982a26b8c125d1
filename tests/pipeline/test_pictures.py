"""Images come where manim puts them, in its colours, however they came to be what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import ImageMobject
from manim.camera.camera import Camera
from PIL import Image
from PIL.Image import Resampling

from pipeline import repeats
from pipeline.canvas import Frame
from pipeline.pictures import Picture
from pipeline.regions import Box

WIDTH, HEIGHT = 160, 90
CAMERA = Camera(pixel_width=WIDTH, pixel_height=HEIGHT, frame_width=128 / 9, frame_height=8.0)
FRAME = Frame(WIDTH, HEIGHT, (128 / 9, 8.0))
WHOLE: Box = (0, 0, WIDTH, HEIGHT)
KINDS = (Resampling.NEAREST, Resampling.BILINEAR, Resampling.BICUBIC)


def ground(seed: int) -> np.ndarray:
    """An opaque picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


@dataclass(frozen=True)
class Case:
    """An image, how it is bent, and where its corners come in frame units."""

    pixels: np.ndarray
    corners: np.ndarray
    kind: Any

    def by_manim(self, below: np.ndarray) -> np.ndarray:
        """What manim makes of the ground `below`."""
        image = ImageMobject(self.pixels)
        image.set_resampling_algorithm(self.kind)
        image.points = self.corners
        frame = below.copy()
        CAMERA.display_image_mobject(image, frame)
        return frame

    def picture(self) -> Picture:
        return Picture(self.pixels, FRAME.pixels(self.corners), self.kind)


def laid(picture: Picture, below: np.ndarray, within: Box = WHOLE) -> np.ndarray:
    frame = below.copy()
    if picture.place is not None:
        picture.lay_over(frame, within, opaque=True)
    return frame


@st.composite
def opacities(draw: Any, rows: int, columns: int) -> np.ndarray | int:
    """Solid, the same everywhere, or another in each pixel, some clear."""
    kind = draw(st.sampled_from(["solid", "veil", "holes"]))
    if kind == "holes":
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        return rng.choice([0, 0, 90, 255], (rows, columns)).astype(np.uint8)
    return 255 if kind == "solid" else draw(st.integers(0, 254))


@st.composite
def cases(draw: Any) -> Case:
    """Upright or turned, within the frame or partly outside, smaller or larger than it is."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    rows, columns = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    cell = draw(st.integers(1, 6))  # neighbours are mostly equal from 3 on
    pixels = np.kron(
        rng.integers(0, 256, (rows, columns, 4), dtype=np.uint8), np.ones((cell, cell, 1), np.uint8)
    )
    pixels[..., 3] = draw(opacities(rows * cell, columns * cell))
    # No edge comes to lie on the very middle of a pixel, where it is in or out by a rounding.
    x, y = draw(st.floats(-8, 8)) + 0.01237, draw(st.floats(-5, 5)) + 0.01713
    half = np.array([draw(st.floats(0.3, 9)) + 0.00171, draw(st.floats(0.3, 6)) + 0.00237])
    turn = draw(st.sampled_from([0.0, 0.0, 0.3, np.pi / 2, 2.5]))
    corners = np.array([[-1, 1], [1, 1], [-1, -1], [1, -1]]) * half
    turned = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    placed = np.column_stack([turned + np.array([x, y]), np.zeros(4)])
    return Case(pixels, placed, draw(st.sampled_from(KINDS)))


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other).max())


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 9))
def test_an_image_is_painted_as_manim_paints_it(case: Case, seed: int) -> None:
    below = ground(seed)
    # Pillow rounds colours multiplied by opacity before it bends them; we do not.
    solid = case.pixels[..., 3].min() == 255
    assert apart(laid(case.picture(), below), case.by_manim(below)) <= (2 if solid else 4)


@pytest.mark.parametrize("pixels", [1.2, 2.2, 3.2, 4.2, 5.2])
@pytest.mark.parametrize("along", [0, 1])
def test_a_thin_solid_image_is_painted_as_manim_paints_it(pixels: float, along: int) -> None:
    half = np.array([3.0, 3.0])
    half[along] = pixels / 2 * 8 / HEIGHT
    corners = np.array([[-1, 1, 0], [1, 1, 0], [-1, -1, 0], [1, -1, 0]]) * [*half, 1]
    case, below = Case(ground(5)[:4, :6].copy(), corners, KINDS[0]), ground(6)
    assert apart(laid(case.picture(), below), case.by_manim(below)) == 0


@pytest.mark.parametrize("opacity", [255, 90])
@pytest.mark.parametrize("kind", KINDS)
def test_an_image_whose_pixels_lie_on_pixels_is_as_manim_paints_it(opacity: int, kind: Any) -> None:
    pixels = ground(7)[:30, :40].copy()
    pixels[..., 3] = opacity
    unit, half = HEIGHT / 8, np.array([WIDTH, HEIGHT]) / 2
    places = np.array([[5, 9], [45, 9], [5, 39], [45, 39]]) + 1e-6
    corners = np.column_stack([(places - half) / [unit, -unit], np.zeros(4)])
    case, below = Case(pixels, corners, kind), ground(8)
    picture = case.picture()
    assert picture._as_it_is
    assert apart(laid(picture, below), case.by_manim(below)) <= (1 if opacity == 255 else 2)
    picture.update(pixels[::-1].copy())
    again = Case(pixels[::-1].copy(), corners, kind)
    assert apart(laid(picture, below), again.by_manim(below)) <= (1 if opacity == 255 else 2)


@settings(max_examples=150, deadline=None)
@given(cases(), st.lists(st.tuples(st.integers(0, 83), st.integers(0, 83), st.integers(1, 9),
       st.sampled_from(["colours", "opacity", "all"])), min_size=1, max_size=3))  # fmt: skip
def test_an_image_that_changed_is_the_same_as_one_made_anew(case: Case, edits: list[Any]) -> None:
    picture, pixels, below = case.picture(), case.pixels.copy(), ground(0)
    rng = np.random.default_rng(len(edits))
    for y, x, size, what in edits:
        before = laid(picture, below)
        y, x = y % pixels.shape[0], x % pixels.shape[1]
        if what == "opacity":  # as in a fade
            pixels[..., 3] = rng.integers(0, 256)
        else:
            part = pixels[y : y + size, x : x + size]
            part[..., :3] = rng.integers(0, 256, 3)
            if what == "all":
                part[..., 3] = rng.integers(0, 256)
        changed = picture.update(pixels)
        after = laid(picture, below)
        left, top, right, bottom = FRAME.within(changed or (0, 0, 0, 0))
        before[top:bottom, left:right] = after[top:bottom, left:right]
        assert np.array_equal(before, after), "what changed lies outside of the box"
    fresh = laid(Case(pixels, case.corners, case.kind).picture(), below)
    # Bent in part from a shifted place, a number may round to the other side.
    assert apart(after, fresh) <= 1


@given(cases(), st.integers(0, WIDTH), st.integers(0, HEIGHT))
@settings(max_examples=50, deadline=None)
def test_a_part_of_the_frame_is_that_part_of_the_whole(case: Case, x: int, y: int) -> None:
    picture, below = case.picture(), ground(1)
    whole, within = laid(picture, below), (x // 2, y // 2, x, y)
    part = laid(picture, below, within)
    window = np.s_[y // 2 : y, x // 2 : x]
    assert np.array_equal(part[window], whole[window])
    part[window] = below[window]
    assert np.array_equal(part, below)


def test_what_is_the_same_does_not_change() -> None:
    pixels = ground(2)[:8, :8].copy()
    picture = Picture(pixels, np.array([[10.0, 10], [50, 10], [10, 50], [50, 50]]), KINDS[1])
    assert picture.update(pixels.copy()) is None


@pytest.mark.parametrize("corners", [
    [[5, 5], [5, 5], [5, 5], [5, 5]], [[5, 5], [25, 5], [5, 5.2], [25, 5.2]],
    [[5, 5], [25, 25], [5, 5], [25, 25]],
])  # fmt: skip
def test_an_image_too_thin_to_see_is_nowhere(corners: list[Any]) -> None:
    pixels = ground(3)[:4, :4].copy()
    picture = Picture(pixels, np.array(corners, dtype=float), KINDS[1])
    assert picture.place is None
    pixels[0, 0] = 0
    assert picture.update(pixels) is None


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_over_what_shines_through_opacities_add_up(
    colour: int, opacity: int, below: int, through: int
) -> None:
    pixels = np.full((4, 4, 4), colour, np.uint8)
    pixels[..., 3] = opacity
    picture = Picture(pixels, np.array([[0.0, 0], [20, 0], [0, 20], [20, 20]]), KINDS[0])
    frame = np.full((20, 20, 4), round(below * through / 255), np.uint8)
    frame[..., 3] = through
    picture.lay_over(frame, (0, 0, 20, 20), opaque=False)
    # After Porter and Duff, of colours multiplied by opacity.
    a, b = opacity / 255, through / 255
    assert frame[10, 10, 3] == pytest.approx(255 * (a + b * (1 - a)), abs=1)
    assert frame[10, 10, 0] == pytest.approx(colour * a + below * b * (1 - a), abs=2)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(2, 9), st.integers(2, 9), st.integers(5, 12), st.floats(0.3, 4), st.floats(0.3, 4),
    st.sampled_from([Resampling.BILINEAR, Resampling.BICUBIC]), st.integers(0, 99),
)  # fmt: skip
def test_grids_are_bent_as_pillow_bends_them(
    rows: int, columns: int, cell: int, wide: float, high: float, kind: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (rows, columns, 4), dtype=np.uint8)
    cells[..., 3] = 255
    pixels = np.kron(cells, np.ones((cell, cell, 1), np.uint8))
    size = (max(1, int(columns * cell * wide)), max(1, int(rows * cell * high)))
    across, down = (1 / wide, -0.4), (1 / high, 0.3)
    found = repeats.bent(pixels, across, down, size, repeats.RULES[int(kind)])
    assert found is not None
    theirs = Image.fromarray(pixels[..., :3].copy()).transform(
        size, Image.Transform.AFFINE, (across[0], 0, across[1], 0, down[0], down[1]), kind
    )
    assert apart(found[..., :3], np.asarray(theirs)) <= 1


def test_where_little_repeats_there_is_nothing_to_gain() -> None:
    assert repeats.bent(ground(4), (1, 0), (1, 0), (160, 90), repeats.RULES[2]) is None
