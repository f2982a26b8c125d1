"""Digits written by Pillow for the tests, and what a prepared image is held to."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lab.images import load_digit
from nncore.drawn import strokes


def handwriting(digit: int, size=(300, 400), width=26, paper=255, ink=0) -> Image.Image:
    """A digit drawn by Pillow, not by this project's raster: dark on light, off centre."""
    picture = Image.new("L", size, paper)
    pencil = ImageDraw.Draw(picture)
    for stroke in strokes(digit):
        points = [(30 + 180 * x, 60 + 240 * y) for x, y in stroke]
        pencil.line(points, fill=ink, width=width, joint="curve")
        for x, y in points:
            r = width / 2 - 1
            pencil.ellipse((x - r, y - r, x + r, y + r), fill=ink)
    return picture


def loaded(tmp_path, picture: Image.Image, name="digit.png") -> np.ndarray:
    picture.save(tmp_path / name)
    return load_digit(tmp_path / name)


def assert_form(image: np.ndarray) -> None:
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    mass = image.sum(dtype=np.int64)
    places = np.arange(28) + 0.5
    assert abs(image.sum(axis=1) @ places / mass - 14.5) <= 0.5 + 1e-9
    assert abs(image.sum(axis=0) @ places / mass - 14.5) <= 0.5 + 1e-9


def likeness(image: np.ndarray, other: np.ndarray) -> float:
    """Correlation, where a centre of mass rounded to the next pixel does not count."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    moved = [np.roll(image, shift, (0, 1)).ravel() for shift in shifts]
    return max(float(np.corrcoef(each, other.ravel())[0, 1]) for each in moved)


def inked(digit: int, paper, ink) -> np.ndarray:
    """Handwriting in a colour on a paper's, (400, 300, 3)."""
    share = 1 - np.asarray(handwriting(digit), float)[..., None] / 255
    return np.array(paper) + share * (np.array(ink) - np.array(paper))


def as_picture(colours: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(colours), 0, 255).astype(np.uint8))
