"""The kit's fades show what manim's show, and leave behind what manim's leave."""

from __future__ import annotations

from typing import Any

import manim
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import Circle, ImageMobject, Line, Mobject, Scene, Square, VGroup, linear, tempconfig

from scenes.kit import motion

PAIRS = [(motion.FadeIn, manim.FadeIn), (motion.FadeOut, manim.FadeOut)]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"lag_ratio": 0.4},
    {"scale": 0.5},
    {"shift": np.array([1.0, 0.5, 0.0])},
    {"rate_func": linear},
    {"reverse_rate_function": True},
]


def things(seed: int) -> Any:
    """A group of shapes of one colour, of several, with strokes below; and an image."""
    rng = np.random.default_rng(seed)
    colours = [f"#{value:06x}" for value in rng.integers(0, 2**24, 6)]
    opacities = rng.uniform(0, 1, 6)
    square = Square(fill_color=colours[0], fill_opacity=opacities[0], stroke_width=0)
    circle = Circle(stroke_color=colours[1], stroke_opacity=opacities[1])
    circle.set_fill([colours[2], colours[3]], opacity=opacities[2])
    circle.set_stroke(colours[4], width=7, opacity=opacities[3], background=True)
    line = Line().set_stroke([colours[4], colours[5]], opacity=opacities[4])
    image = ImageMobject(rng.integers(0, 256, (3, 4, 4), dtype=np.uint8))
    return manim.Group(VGroup(square, VGroup(circle)), line, image)


def state(mobject: Mobject) -> list[np.ndarray]:
    """All that is painted of a mobject and its members."""
    found = []
    for member in mobject.family_members_with_points():
        found.append(member.points)
        if isinstance(member, ImageMobject):
            found.append(member.pixel_array)
        else:
            found += [member.fill_rgbas, member.stroke_rgbas, member.background_stroke_rgbas]
            found.append(np.array([member.stroke_width, member.background_stroke_width]))
    return [np.array(one, dtype=float) for one in found]


def alike(one: Mobject, other: Mobject) -> None:
    for first, second in zip(state(one), state(other), strict=True):
        assert np.allclose(first, second, rtol=0, atol=1e-12)


@given(
    st.sampled_from(PAIRS),
    st.sampled_from(OPTIONS),
    st.lists(st.floats(0, 1), max_size=4),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_every_state_on_the_way_is_manims(
    pair: tuple[Any, Any], options: dict[str, Any], alphas: list[float], seed: int
) -> None:
    mine, theirs = things(seed), things(seed)
    fade, peer = pair[0](mine, **options), pair[1](theirs, **options)
    for one in (fade, peer):
        one.begin()
    for alpha in [0.0, *alphas, 1.0]:
        fade.interpolate(alpha)
        peer.interpolate(alpha)
        alike(mine, theirs)


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_left_is_manims(pair: tuple[Any, Any]) -> None:
    left, there = [], []
    for kind in pair:
        with tempconfig({"dry_run": True, "quality": "low_quality", "progress_bar": "none"}):
            scene, shown = Scene(), things(5)
            scene.play(kind(shown), run_time=0.2)
        left.append(shown)
        there.append(shown in scene.mobjects)
    alike(*left)
    assert there[0] == there[1] == (pair[1] is manim.FadeIn)


def test_what_has_faded_in_is_changed_alone() -> None:
    shown = things(5)
    fade = motion.FadeIn(shown)
    fade.begin()
    fade.finish()
    before = state(shown[0][1]), state(shown[1])
    shown[0][0].set_fill("#123456", opacity=0.25)
    after = state(shown[0][1]), state(shown[1])
    for one, other in zip(before, after, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_fade_that_only_fades_touches_no_points() -> None:
    shown = things(3)
    places = [member.points.copy() for member in shown.family_members_with_points()]
    fade = motion.FadeIn(shown)
    fade.begin()
    for alpha in (0.1, 0.37, 0.9):
        fade.interpolate(alpha)
    for member, place in zip(shown.family_members_with_points(), places, strict=True):
        assert np.array_equal(member.points, place)
