"""Whatever the light, the paper and the pen, the same digit comes out the same."""

from __future__ import annotations

import numpy as np
import pytest
from handwriting import as_picture, assert_form, handwriting, inked, likeness, loaded
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nncore.drawn import strokes

SAME_FOLDER = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@SAME_FOLDER
@given(
    digit=st.integers(0, 9),
    left=st.integers(0, 150),
    top=st.integers(0, 150),
    scale=st.floats(0.3, 1.2),
)
def test_any_place_and_size_gives_the_same(tmp_path, digit, left, top, scale):
    page = Image.new("L", (450, 550), 255)
    page.paste(handwriting(digit), (left, top))
    size = (round(450 * scale), round(550 * scale))
    image = loaded(tmp_path, page.resize(size, Image.Resampling.BICUBIC))
    assert_form(image)
    # The box's shorter side is a whole number of pixels, and may be the next one.
    assert likeness(image, loaded(tmp_path, handwriting(digit))) > 0.85


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((90, 170, 90), (215, 106, 90)),  # red on green
        ((215, 106, 90), (90, 170, 90)),
        ((120, 120, 120), (90, 106, 230)),  # blue on grey
    ],
)
def test_ink_as_bright_as_the_paper(tmp_path, paper, ink):
    picture = as_picture(inked(2, paper, ink))
    grey = np.asarray(picture.convert("L"), int)
    assert np.ptp(grey) <= 5  # nothing to see without colour
    assert likeness(loaded(tmp_path, picture), loaded(tmp_path, handwriting(2))) > 0.98


@SAME_FOLDER
@given(
    paper=st.tuples(*[st.integers(0, 255)] * 3),
    ink=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_any_two_colours_that_differ_give_the_same(tmp_path, paper, ink):
    assume(np.linalg.norm(np.subtract(paper, ink)) > 90)
    image = loaded(tmp_path, as_picture(inked(3, paper, ink)))
    assert likeness(image, loaded(tmp_path, handwriting(3))) > 0.97


@pytest.mark.parametrize("angle", range(0, 360, 45))
@pytest.mark.parametrize("soft", [0.004, 0.05])
def test_shadow_over_half_of_the_paper(tmp_path, angle, soft):
    rows, columns = np.indices((400, 300)) / 400 - 0.45
    across = columns * np.cos(np.deg2rad(angle)) + rows * np.sin(np.deg2rad(angle))
    light = 1 - 0.55 / (1 + np.exp(-across / soft))
    corners = 1 - 0.4 * (rows**2 + columns**2)
    photo = as_picture(inked(8, (240, 238, 230), (30, 30, 50)) * (light * corners)[..., None])
    image = loaded(tmp_path, photo)
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(8))) > 0.93


@pytest.mark.parametrize("seed", range(3))
def test_strong_grain(tmp_path, seed):
    clean = np.asarray(handwriting(6), float) * 0.8 + 25
    grain = np.random.default_rng(seed).normal(0, 45, clean.shape)
    image = loaded(tmp_path, as_picture(clean + grain))
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(6))) > 0.95


@pytest.mark.parametrize("darkness", [60, 110, 180])
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("slope", [0, 12])
def test_ruled_and_squared_paper(tmp_path, darkness, squared, slope):
    page = Image.new("L", (300, 400), 255)
    pencil = ImageDraw.Draw(page)
    for y in range(-20, 420, 45):
        pencil.line([(0, y), (300, y + slope)], fill=255 - darkness, width=2)
    for x in range(-20, 320, 45) if squared else ():
        pencil.line([(x, 0), (x - slope, 400)], fill=255 - darkness, width=2)
    both = np.minimum(np.asarray(page), np.asarray(handwriting(3)))
    image = loaded(tmp_path, Image.fromarray(both))
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(3))) > 0.94


@pytest.mark.parametrize("digit", [2, 4, 7, 9])
def test_ink_that_touches_the_border_is_kept(tmp_path, digit):
    whole = handwriting(digit)
    rows, columns = np.nonzero(np.asarray(whole) < 128)
    # The digit's lower end and right side are cut off by the picture's edge.
    cut = whole.crop((0, 0, int(columns.max()) - 8, int(rows.max()) - 8))
    wide = Image.new("L", (500, 600), 255)
    wide.paste(cut, (80, 90))
    assert likeness(loaded(tmp_path, cut), loaded(tmp_path, wide)) > 0.97


@pytest.mark.parametrize("digit", range(10))
def test_twenty_pixels_a_side(tmp_path, digit):
    small = handwriting(digit).resize((20, 27), Image.Resampling.BOX)
    image = loaded(tmp_path, small)
    assert likeness(image, loaded(tmp_path, handwriting(digit))) > 0.85


@pytest.mark.parametrize("width", [2, 5, 26, 60])
@pytest.mark.parametrize("digit", [3, 7])
def test_strokes_come_out_as_broad_as_mnists(tmp_path, digit, width):
    image = loaded(tmp_path, handwriting(digit, width=width))
    assert_form(image)
    # The lines fill the box of 20 but for about a pixel a side.
    lines = [np.array(stroke) * (180, 240) for stroke in strokes(digit)]
    length = sum(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in lines)
    extent = np.ptp(np.concatenate(lines), axis=0).max()
    length *= (20 - 2) / extent
    # Each line is rounded at both ends: area = length·w + (number of lines)·π/4·w².
    caps = len(lines) * np.pi / 4
    area = image.sum() / 255
    broad = (np.sqrt(length**2 + 4 * caps * area) - length) / (2 * caps)
    assert 1.2 <= broad <= 4.2
    assert (image > 240).sum() > 0.15 * (image > 0).sum()
