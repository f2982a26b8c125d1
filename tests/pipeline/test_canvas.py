"""What the canvas paints is what manim paints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import (
    BLUE,
    GREEN,
    RED,
    UP,
    YELLOW,
    CapStyleType,
    Circle,
    FadeIn,
    FadeOut,
    Group,
    ImageMobject,
    Line,
    LineJointType,
    PMobject,
    Polygon,
    Rotate,
    Scene,
    Square,
    Star,
    Text,
    ValueTracker,
    VGroup,
    VMobject,
    always_redraw,
)
from manim.renderer.cairo_renderer import CairoRenderer
from PIL.Image import Resampling

from pipeline.part_renderer import PartRenderer
from pipeline.settings import QUALITIES, Quality
from pipeline.worker import drawing
from scenes.catalogue import clips

LOW = QUALITIES["low"]
SMALL = Quality("small", 427, 240, 10)
TINY = Quality("tiny", 320, 180, 10)
EVERY = 7
"""So many frames from one that is compared to the next."""


class Beside(PartRenderer):
    """Paints frames by manim, too, and keeps how many pixels differ by more than `levels`."""

    def __init__(self, every: int, levels: int = 2) -> None:
        super().__init__(lambda *_: None)
        self.every, self.levels, self.seen = every, levels, 0
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
            self.worst = max(self.worst, float((differ > self.levels).mean()))
            self.compared += 1


Compare = Callable[..., Beside]


@pytest.fixture
def compared(tmp_path: Path) -> Compare:
    """Draws a scene by both; every so many frames are compared."""

    def draw(scene: type[Scene], every: int = 1, quality: Quality = LOW, levels: int = 2) -> Beside:
        with drawing(quality, tmp_path, dry_run=True):
            renderer = Beside(every, levels)
            scene(renderer).render()
        return renderer

    return draw


@pytest.mark.parametrize("slug", clips())
def test_clips_are_painted_as_manim_paints_them(
    slug: str, compared: Compare, tmp_path: Path
) -> None:
    clip = clips()[slug].load()
    found = compared(clip, EVERY, SMALL)
    assert found.compared > 30
    assert found.worst <= 1e-3
    with drawing(SMALL, tmp_path, dry_run=True):
        walked = PartRenderer()
        clip(walked).render()
    assert walked.frames == found.frames


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


def test_every_kind_of_object_is_painted_as_manim_paints_it(compared: Compare) -> None:
    found = compared(Everything)
    assert found.compared > 30
    assert found.worst <= 1e-3


def jagged(corners: int) -> Polygon:
    """A ring of so many corners in and out: one that is costly to fill."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = np.where(np.arange(corners) % 2, 2.0, 3.0)
    return Polygon(*np.stack([reach * np.cos(turn), reach * np.sin(turn), 0 * turn], axis=1))


class Updated(Scene):
    """Objects that are replaced or changed by updaters, some below what stands still."""

    def construct(self) -> None:
        """One made anew each frame, one with other members each frame."""
        size = ValueTracker(0)
        anew = always_redraw(lambda: Square(1 + size.get_value(), fill_opacity=0.5))
        group = VGroup(Circle())

        def exchange(owner: VGroup) -> None:
            owner.submobjects = [Circle(0.5 + size.get_value() / 4, color=RED).shift([-3, 0, 0])]

        group.add_updater(exchange)
        self.add(Circle(2), anew, group, Star(fill_opacity=1).scale(0.4))
        self.play(size.animate.set_value(3), run_time=0.6)
        self.wait(0.3)


class Foreground(Scene):
    """An object that stays above all."""

    def construct(self) -> None:
        """Something passes below it; then it is one as the others."""
        above, below = Square(fill_opacity=0.5), Circle(fill_opacity=0.5).shift([3, 0, 0])
        self.add_foreground_mobject(above)
        self.add(below)
        self.play(below.animate.move_to([0, 0, 0]), run_time=0.5)
        self.remove_foreground_mobject(above)
        self.play(FadeIn(Star(fill_opacity=1)), run_time=0.4)


class Refilled(Scene):
    """A costly shape that stays where it is in other colours and opacities."""

    def construct(self) -> None:
        """A plain one, and one of more than one colour."""
        plain = jagged(90).set_fill(BLUE, 1).set_stroke(width=0).shift([-3, 0, 0])
        many = jagged(90).set_fill([RED, GREEN], 1).set_stroke(width=0).shift([3, 0, 0])
        self.add(plain, many)
        self.play(plain.animate.set_fill(RED, 0.4), many.animate.set_opacity(0.5), run_time=0.5)
        self.play(FadeOut(plain), many.animate.shift([0, 1, 0]), run_time=0.5)


class Restroked(Scene):
    """A costly shape whose stroke comes and goes while its fill stays."""

    def construct(self) -> None:
        """Its box grows and shrinks."""
        shape = jagged(90).set_fill(BLUE, 1).set_stroke(YELLOW, 0)
        self.add(shape)
        self.play(shape.animate.set_stroke(width=20), run_time=0.5)
        self.play(shape.animate.set_stroke(opacity=0), run_time=0.5)
        shape.set_stroke(width=3)
        self.play(FadeIn(Circle()), run_time=0.3)


class ChangedBetween(Scene):
    """Objects that change between two plays and stand still in both."""

    def construct(self) -> None:
        """By a new colour, and by the last step of an animation."""
        still, first, second = Square(fill_opacity=1), Circle().shift([3, 0, 0]), Star()
        self.add(still, first, second)
        self.play(second.animate.shift(UP), run_time=0.4)
        still.set_color(RED)
        self.play(second.animate.shift(UP), run_time=0.4)
        self.play(first.animate.shift(UP), run_time=0.4)
        self.play(second.animate.shift(UP), run_time=0.4)


class Backdrop(Scene):
    """Another background from a moment on."""

    def construct(self) -> None:
        """While a square moves."""
        square = Square(fill_opacity=0.5)
        self.add(square)
        self.play(square.animate.shift(UP), run_time=0.4)
        self.camera.background_color = BLUE
        self.play(square.animate.shift(UP), run_time=0.4)


@pytest.mark.parametrize("scene", [
    Updated, Foreground, Refilled, Restroked, ChangedBetween,
    pytest.param(Backdrop),
])  # fmt: skip
def test_scenes_are_painted_as_manim_paints_them(scene: type[Scene], compared: Compare) -> None:
    found = compared(scene)
    assert found.compared >= 9
    assert found.worst <= 1e-3


class Points(Scene):
    """What a canvas leaves to manim."""

    def construct(self) -> None:
        """A cloud of points over a square that later moves without it."""
        square = Square()
        self.add(square)
        cloud = PMobject(stroke_width=8)
        cloud.add_points(np.random.default_rng(2).uniform(-2, 2, (50, 3)), color=YELLOW)
        self.play(cloud.animate.shift([1, 0, 0]), run_time=0.4)
        self.remove(cloud)
        self.play(square.animate.shift([1, 0, 0]), run_time=0.4)


def test_what_the_canvas_cannot_paint_manim_paints(compared: Compare) -> None:
    found = compared(Points)
    assert found.compared > 10
    assert found.worst == 0


# Scenes at random


def thing(rng: np.random.Generator) -> Any:
    """A shape or an image somewhere, partly outside now and then."""
    kind = rng.integers(6)
    if kind == 0:
        made: Any = Circle(rng.uniform(0.1, 3))
    elif kind == 1:
        joint = [*LineJointType][rng.integers(len(LineJointType))]
        made = Star(int(rng.integers(5, 9)), outer_radius=rng.uniform(0.3, 3), joint_type=joint)
    elif kind == 2:
        made = Square(rng.uniform(0.1, 4)).set_color([RED, BLUE, GREEN][: rng.integers(2, 4)])
        made.set_sheen_direction(rng.normal(size=3))
    elif kind == 3:
        cap = [*CapStyleType][rng.integers(len(CapStyleType))]
        made = Line([0, 0, 0], [*rng.uniform(-5, 5, 2), 0], cap_style=cap)
    elif kind == 4:
        made = jagged(80).scale(rng.uniform(0.2, 1))
    else:
        made = picture(rng)
    if kind < 5:
        restyle(made, rng)
    return made.move_to(rng.uniform([-7, -4, 0], [7, 4, 0]))


def picture(rng: np.random.Generator) -> ImageMobject:
    """Noise or a grid of cells, solid or with holes."""
    pixels = rng.integers(0, 256, (*rng.integers(1, 12, 2), 4), dtype=np.uint8)
    pixels[..., 3] = np.where(rng.random(pixels.shape[:2]) < rng.choice([0, 0.4]), 0, 255)
    cell = np.ones((*rng.integers(1, 9, 2), 1), np.uint8)
    image = ImageMobject(np.kron(pixels, cell))
    kinds = (Resampling.NEAREST, Resampling.BILINEAR, Resampling.BICUBIC)
    image.set_resampling_algorithm(kinds[rng.integers(3)])
    return image.stretch_to_fit_width(rng.uniform(0.2, 9)).stretch_to_fit_height(
        rng.uniform(0.2, 6)
    )


def restyle(shape: Any, rng: np.random.Generator) -> None:
    """Another fill, stroke or background stroke."""
    kind = rng.integers(4)
    if kind == 0:
        shape.set_fill(YELLOW, opacity=rng.choice([0, 0.5, 1]))
    elif kind == 1:
        shape.set_stroke(width=rng.choice([0, 1, 4, 20]), opacity=rng.choice([0, 0.5, 1]))
    elif kind == 2:
        shape.set_stroke(RED, width=rng.choice([0, 5, 15]), opacity=0.7, background=True)
    else:
        shape.set_opacity(rng.choice([0, 0.5, 1]))


def anything(seed: int) -> type[Scene]:
    """A scene in which objects come, change between and during plays, and go."""

    class Anything(Scene):
        def construct(self) -> None:
            rng = np.random.default_rng(seed)
            self.add(thing(rng), thing(rng), thing(rng))
            for _ in range(10):
                one = self.mobjects[rng.integers(len(self.mobjects))]
                self.step(int(rng.integers(9)), one, rng)

        def step(self, kind: int, one: Any, rng: np.random.Generator) -> None:
            move = np.append(rng.normal(size=2), 0)
            if kind == 0 or len(self.mobjects) < 3:
                self.add(thing(rng))
            elif kind == 1:
                self.bring_to_front(one)
            elif kind == 2:
                one.set_z_index(int(rng.integers(-2, 3)))
            elif kind == 3 and isinstance(one, VMobject):
                restyle(one, rng)
            elif kind == 4:
                one.shift(move)
            elif kind == 5:
                self.play(FadeOut(one), run_time=0.3)
            elif kind == 6:
                self.play(FadeIn(thing(rng)), one.animate.rotate(1), run_time=0.3)
            elif kind == 7:
                self.wait(0.2)
            else:
                self.play(one.animate.shift(move), run_time=0.3)

    return Anything


def test_any_scene_is_painted_as_manim_paints_it(compared: Compare) -> None:
    # Where several images with holes lie on each other, roundings add up to 3 levels.
    worst = {seed: compared(anything(seed), 1, TINY, levels=4).worst for seed in range(60)}
    assert {seed: share for seed, share in worst.items() if share > 1e-3} == {}
