"""What the canvas paints is what manim paints; a part is the same as within the whole."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manim import (
    BLUE,
    RED,
    YELLOW,
    Circle,
    FadeIn,
    FadeOut,
    Group,
    ImageMobject,
    LineJointType,
    PMobject,
    Rotate,
    Scene,
    Square,
    Star,
    Text,
)
from manim.renderer.cairo_renderer import CairoRenderer

from pipeline.part_renderer import PartRenderer
from pipeline.regions import MOST, Box, gather
from pipeline.settings import QUALITIES
from pipeline.worker import drawing
from scenes.catalogue import CLIPS

LOW = QUALITIES["low"]
EVERY = 9
"""So many frames from one that is compared to the next."""


class Beside(PartRenderer):
    """Paints frames by manim, too, and keeps how many pixels differ by more than 2 levels."""

    def __init__(self, every: int) -> None:
        super().__init__(lambda *_: None)
        self.every, self.seen = every, 0
        self.worst, self.compared = 0.0, 0

    def save_static_frame_data(self, scene: Any, static_mobjects: Any) -> None:
        """Manim's own layer of what stands still, too."""
        super().save_static_frame_data(scene, static_mobjects)
        self.static_image = None
        if static_mobjects:
            CairoRenderer.update_frame(self, scene, mobjects=static_mobjects)
            self.static_image = self.camera.pixel_array.copy()

    def update_frame(self, scene: Any, mobjects: Any = None, **more: Any) -> None:
        """Both, and compare."""
        super().update_frame(scene, mobjects, **more)
        self.seen += 1
        if self.seen % self.every == 0:
            CairoRenderer.update_frame(self, scene, mobjects=mobjects)
            differ = np.abs(self.camera.pixel_array.astype(int) - self.canvas.pixels).max(axis=2)
            self.worst = max(self.worst, float((differ > 2).mean()))
            self.compared += 1


def compared(scene: type[Scene], every: int, **more: Any) -> Beside:
    with drawing(LOW, Path(tempfile.gettempdir()), dry_run=True):
        renderer = Beside(every)
        scene(renderer, **more).render()
    return renderer


@pytest.mark.parametrize("slug", CLIPS)
def test_clips_are_painted_as_manim_paints_them(slug: str) -> None:
    found = compared(CLIPS[slug].load(), EVERY)
    assert found.compared > 30
    assert found.worst <= 1e-3


class Everything(Scene):
    """All that a canvas must handle."""

    def construct(self) -> None:
        """Shapes, texts and images that come, change, change order, and go."""
        gradient = Square(fill_opacity=0.8).set_color([RED, BLUE]).shift([-4, 2, 0])
        outlined = Text("glyphs").set_stroke(YELLOW, 6, background=True).shift([3, 2.4, 0])
        star = Star(color=YELLOW, joint_type=LineJointType.MITER, stroke_width=12)
        grain = np.random.default_rng(1).integers(0, 256, (40, 60, 4), dtype=np.uint8)
        clear, solid = ImageMobject(grain.copy()), grain.copy()
        solid[..., 3] = 255
        image = ImageMobject(solid).scale(4).shift([4, -2, 0])
        outside = ImageMobject(solid).scale(5).shift([-7, -4, 0])
        clear.scale(6)
        self.add(gradient, outlined, star)
        self.play(FadeIn(image), FadeIn(clear), run_time=0.5)
        self.play(Rotate(image), star.animate.shift([1, 1, 0]), run_time=0.5)
        circle = Circle(fill_opacity=0.5, color=BLUE, z_index=-1).scale(2)
        self.add(outside, circle)
        self.play(circle.animate.shift([0.5, 0, 0]), run_time=0.4)
        self.bring_to_front(gradient)
        self.play(gradient.animate.shift([3, -2, 0]), run_time=0.5)
        self.remove(outside)
        self.play(FadeOut(clear), FadeOut(Group(star, outlined)), run_time=0.5)
        self.wait(0.3)


def test_every_kind_of_object_is_painted_as_manim_paints_it() -> None:
    found = compared(Everything, 1)
    assert found.compared > 30
    assert found.worst <= 1e-3


class Points(Scene):
    """What a canvas leaves to manim."""

    def construct(self) -> None:
        """A cloud of points over a square."""
        self.add(Square())
        cloud = PMobject(stroke_width=8)
        cloud.add_points(np.random.default_rng(2).uniform(-2, 2, (50, 3)), color=YELLOW)
        self.play(cloud.animate.shift([1, 0, 0]), run_time=0.4)


def test_what_the_canvas_cannot_paint_manim_paints() -> None:
    found = compared(Points, 1)
    assert found.compared > 3
    assert found.worst == 0


def frames_of(slug: str, first: int, last: int | None) -> tuple[list[bytes], list[int]]:
    """Every frame that a part gives, and the frames of all sections so far."""
    frames: list[bytes] = []

    def sink(pixels: Any, changed: Sequence[Box], repeat: int) -> None:
        frames.extend([pixels.tobytes()] * repeat)

    from contextlib import suppress

    from manim.utils.exceptions import EndSceneEarlyException

    with drawing(LOW, Path(tempfile.gettempdir()), dry_run=True):
        renderer = PartRenderer(sink, first, last)
        with suppress(EndSceneEarlyException):
            CLIPS[slug].load()(renderer).render()
    return frames, renderer.frames


def test_a_part_is_the_same_as_within_the_whole() -> None:
    whole, counts = frames_of("error-split", 0, None)
    assert len(whole) == sum(counts)
    start, end = sum(counts[:4]), sum(counts[:6])
    part, before = frames_of("error-split", 4, 6)
    assert before[:6] == counts[:6]
    assert part == whole[start:end]


def test_a_walk_counts_the_frames_that_are_drawn() -> None:
    _, drawn = frames_of("predictor", 0, None)
    with drawing(LOW, Path(tempfile.gettempdir()), dry_run=True):
        renderer = PartRenderer()
        CLIPS["predictor"].load()(renderer).render()
    assert renderer.frames == drawn


EDGES = st.tuples(
    st.integers(0, 300), st.integers(0, 200), st.integers(1, 120), st.integers(1, 90)
).map(lambda b: (b[0], b[1], min(b[0] + b[2], 320), min(b[1] + b[3], 240)))


@given(st.lists(EDGES, max_size=30))
def test_gathered_boxes_cover_what_was_given_once(boxes: list[Box]) -> None:
    found = gather(boxes, 320, 240)
    assert len(found) <= MOST
    count = np.zeros((240, 320), int)
    for left, top, right, bottom in found:
        assert 0 <= left < right <= 320
        assert 0 <= top < bottom <= 240
        count[top:bottom, left:right] += 1
    assert count.max(initial=0) <= 1
    for left, top, right, bottom in boxes:
        assert count[top:bottom, left:right].all()
