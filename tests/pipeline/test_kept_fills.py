"""A fill that is kept as a picture stays in its place when the outline around it changes."""

from __future__ import annotations

import numpy as np
import pytest
from manim import BLUE, YELLOW, Polygon
from manim.camera.camera import Camera

from pipeline.canvas import Canvas

WIDTH, HEIGHT, UNITS = 320, 180, (128 / 9, 8.0)


@pytest.mark.parametrize("widths", [(0, 20), (20, 0), (4, 30)])
def test_a_kept_fill_is_painted_where_it_is(widths: tuple[int, int]) -> None:
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = 2 + np.sin(7 * turn)
    corners = np.column_stack([reach * np.cos(turn), reach * np.sin(turn), 0 * turn])
    shape = Polygon(*corners, color=YELLOW).shift([1, 0.5, 0])
    camera = Camera(
        pixel_width=WIDTH, pixel_height=HEIGHT, frame_width=UNITS[0], frame_height=UNITS[1]
    )
    canvas = Canvas(WIDTH, HEIGHT, UNITS, (0, 0, 0, 255))
    # The third time the fill is painted from what was kept, the outline being another.
    for opacity, width in ((0.3, widths[0]), (0.6, widths[0]), (0.9, widths[1])):
        shape.set_fill(BLUE, opacity=opacity).set_stroke(width=width)
        canvas.paint([shape])
        camera.reset()
        camera.capture_mobjects([shape])
        differ = np.abs(camera.pixel_array.astype(int) - canvas.pixels).max(axis=2)
        assert (differ > 2).mean() <= 1e-3
