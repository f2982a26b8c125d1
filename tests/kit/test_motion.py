"""A sweep changes what is there: nothing copied, nothing moved to the front."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from manim import Mobject, Scene, Square, VGroup, linear, smooth, tempconfig
from manim.camera.camera import Camera
from manim.renderer.cairo_renderer import CairoRenderer
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.ledger import Figure
from scenes.kit.motion import Sweep
from scenes.kit.text.words import LiveNumber

Frame = NDArray[np.uint8]


class Recorder(CairoRenderer):
    """Draws for real, keeps each frame, and beside it what a fresh camera sees then."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[tuple[Frame, Frame]] = []
        self.scene: Any = None

    def play(self, scene: Any, *args: Any, **kwargs: Any) -> None:
        """Keep the scene."""
        self.scene = scene
        super().play(scene, *args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Keep the frame."""
        fresh = Camera()
        fresh.capture_mobjects(self.scene.mobjects)
        self.frames.append((np.array(frame), np.array(fresh.pixel_array)))
        super().add_frame(frame, num_frames)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A small scene, four frames a second."""
    settings = {
        "dry_run": True,
        "disable_caching": True,
        "pixel_width": 160,
        "pixel_height": 90,
        "frame_rate": 4,
    }
    with tempconfig(settings):
        yield Scene(Recorder())


def square(colour: str, x: float = 0.0, side: float = 2.0) -> Square:
    """A filled square."""
    made = Square(side_length=side, stroke_width=0, fill_color=colour, fill_opacity=1)
    return made.move_to([x, 0.0, 0.0])


def to_right(mobject: Mobject) -> Callable[[float], None]:
    """Moves it from 0 to 2."""
    return lambda alpha: mobject.move_to([2 * alpha, 0.0, 0.0])


def colour_at(frame: Frame, x: float) -> str:
    """The colour in the middle of the frame's height."""
    column = round(80 + x * 160 / theme.FRAME_WIDTH)
    return "#" + "".join(f"{c:02X}" for c in frame[45, column, :3])


def test_a_sweep_draws_each_frame_s_state(scene: Any) -> None:
    """A frame in the midst of it is the picture of the scene as it is then."""
    below, moved, above = square(theme.INPUT, side=6), square(theme.ERROR), square(theme.INK, 0, 1)
    scene.add(below, moved, above)
    scene.play(Sweep([moved], to_right(moved), run_time=1))
    frames = scene.renderer.frames
    assert len(frames) == 4
    for shown, fresh in frames:
        assert np.array_equal(shown, fresh)
    firsts = [shown for shown, _ in frames]
    assert all(not np.array_equal(a, b) for a, b in pairwise(firsts))
    assert moved.get_center()[0] == pytest.approx(2)


def test_what_is_above_stays_above(scene: Any) -> None:
    below, moved, above = square(theme.INPUT, side=6), square(theme.ERROR), square(theme.INK, 1, 1)
    scene.add(below, moved, above)
    scene.play(Sweep([moved], to_right(moved), run_time=1))
    assert scene.mobjects == [below, moved, above]
    for shown, _ in scene.renderer.frames:
        assert colour_at(shown, 1) == theme.INK
        assert colour_at(shown, -2) == theme.INPUT
    assert colour_at(scene.renderer.frames[-1][0], 2.2) == theme.ERROR


def test_members_stay_in_their_groups(scene: Any) -> None:
    first, second, third = square(theme.INPUT), square(theme.ERROR), square(theme.INK, 0, 1)
    group = VGroup(first, VGroup(second), third)
    top = square(theme.OUTPUT, -3, 1)
    scene.add(group, top)
    scene.play(Sweep([second, first], to_right(second), run_time=1))
    assert scene.mobjects == [group, top]
    assert group.submobjects[0] is first
    assert group.submobjects[1].submobjects == [second]


def test_what_is_not_there_yet_is_added_on_top(scene: Any) -> None:
    there, new = square(theme.INPUT), square(theme.ERROR)
    scene.add(there)
    scene.play(Sweep([there, new], to_right(new), run_time=1))
    assert scene.mobjects == [there, new]
    scene.play(Sweep([new], to_right(new), run_time=1))
    assert scene.mobjects == [there, new]


def test_nothing_is_copied_or_made(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    number = LiveNumber(Figure("n", 0.0, ".2f"), size=theme.NUMBER).put(0, 2)
    moved = square(theme.ERROR)
    scene.add(moved, number)

    def draw(alpha: float) -> None:
        moved.move_to([alpha, 0.0, 0.0])
        number.show(alpha)

    sweep = Sweep([moved, number], draw, run_time=1)
    before = list(scene.mobjects)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("copied or made")

    monkeypatch.setattr(copy, "deepcopy", refuse)
    monkeypatch.setattr(Mobject, "copy", refuse)
    monkeypatch.setattr(Mobject, "__init__", refuse)
    scene.renderer.add_frame = lambda *_, **__: None
    scene.play(sweep)
    assert len(scene.mobjects) == 2
    assert all(a is b for a, b in zip(scene.mobjects, before, strict=True))
    assert number.text == "1.00"


@pytest.mark.parametrize("rate", [linear, smooth])
def test_alpha_runs_from_0_to_1_at_its_rate(scene: Any, rate: Callable[[float], float]) -> None:
    seen: list[float] = []
    scene.play(Sweep([square(theme.ERROR)], seen.append, run_time=1, rate_func=rate))
    assert seen[0] == 0
    assert seen[-1] == 1
    assert seen == sorted(seen)
    assert rate(0.25) in [pytest.approx(s) for s in seen]


def test_the_end_is_reached_when_animations_are_skipped() -> None:
    with tempconfig({"dry_run": True, "disable_caching": True}):
        skipping = Scene(skip_animations=True)
        moved = square(theme.ERROR)
        skipping.add(moved)
        skipping.play(Sweep([moved], to_right(moved), run_time=3))
    assert moved.get_center()[0] == pytest.approx(2)
