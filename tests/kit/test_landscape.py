"""The landscape: walkers stand where their places are seen, whatever the camera does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncore.lands import bean_mountain
from nncore.terrain import several_valleys_2d
from scenes.kit.dry import walk
from scenes.kit.story import Story
from scenes.kit.views.landscape import LandscapeView
from scenes.signals.by_hand import ByHand

WAY = np.array([[[1.5, -2.0]], [[1.2, -1.5]], [[1.1, -0.9]]])


def told(story: Callable[[Any], Any], **how: Any) -> Story:
    class Tiny(ByHand):
        words_file = ByHand._file()

        def story(self, r: Any) -> None:
            story(self)

    return walk(Tiny, **how)


def middle(view: LandscapeView, name: str) -> np.ndarray:
    dots = view.walkers[name][0].dots.points
    centre: np.ndarray = (dots.min(axis=0) + dots.max(axis=0))[:2] / 2
    return centre


def place_of(view: LandscapeView, x: float, y: float) -> np.ndarray:
    """The frame place of a place on the ground, by `project` alone."""
    z = float(view.terrain.value(np.array([x, y])))
    along, up = view.ground.project(x, y, z)
    box = view.inner
    return np.array([box.left + along * box.width, box.bottom + up * box.height])


def test_walkers_stand_where_their_places_are_seen() -> None:
    land = LandscapeView(several_valleys_2d(), x="inputs", y="outputs")
    seen = []

    def on_frame(clip: Any) -> None:
        if "w" in land.walkers:
            x, y = land.walkers["w"][1][0][-1]
            seen.append(np.abs(middle(land, "w") - place_of(land, x, y)).max())

    def story(clip: Story) -> None:
        clip.stage("land")
        clip.beat("network", land.send("w", WAY[0]), land.walk("w", WAY), land=land)
        clip.act(land.tilt(90), land.tilt(38), land.cut(-0.9))

    told(story, on_frame=on_frame, frame_rate=6)
    assert len(seen) > 20
    assert max(seen) < 1e-6
    assert land.walkers["w"][1][0][-1] == pytest.approx(WAY[-1, 0])


def test_by_night_the_lamp_goes_with_the_walker() -> None:
    land = LandscapeView(
        several_valleys_2d(), night=True, stands={"w": (1.5, -2.0)}, colour="weight"
    )
    lights = []

    def on_frame(clip: Any) -> None:
        if getattr(land, "image", None) is not None and land.light == 0:
            lights.append(land.image.pixel_array[..., :3].astype(int).sum(-1).argmax())

    def story(clip: Story) -> None:
        clip.stage("land")
        clip.beat("network", land.compass(WAY[0, 0]), land.no_compass(), land=land)
        clip.act(land.walk("w", WAY), land.dawn())

    told(story, on_frame=on_frame, frame_rate=5)
    assert land.lamp_at is None
    assert land.light == 1
    assert len(set(lights)) > 5  # the brightest pixel moves


def test_only_the_steepest_arrow_stays_and_ends_pointing_downhill() -> None:
    land = LandscapeView(bean_mountain(), stands={"w": (0.0, 0.0)})

    def story(clip: Story) -> None:
        clip.stage("land")
        clip.beat("network", land.compass((0.0, 0.0)), land=land)
        here = [m for m in land.group.get_family() if type(m).__name__ == "Arrow"]
        assert here == [land._needle]
        down = place_of(land, 0.5, 0.0) - place_of(land, 0.0, 0.0)
        tip = land._needle.tips.points[0, :2] - middle(land, "w")
        assert tip @ down > 0.97 * np.linalg.norm(tip) * np.linalg.norm(down)
        assert land.group in clip.mobjects  # still one thing

    told(story)


def test_the_edge_of_a_cut_is_drawn_along_the_function() -> None:
    land = LandscapeView(bean_mountain())

    def story(clip: Story) -> None:
        clip.stage("land")
        clip.beat("network", land.cut(0.0), land.aside(), land=land)

    told(story)
    corners = land.edge.points[::4, :2]
    ws = 1.7 - 3 + 6 * (corners[:, 0] - land.inner.left) / land.inner.width
    heights = (0.68 - 0.4 * ws) ** 2
    scale = np.polyfit(heights, corners[:, 1], 1)
    assert corners[:, 1] == pytest.approx(np.polyval(scale, heights), abs=1e-6)


def test_what_sways_comes_back() -> None:
    land = LandscapeView(bean_mountain(), stands={"w": (0.0, 0.0)})

    def story(clip: Story) -> None:
        clip.stage("land")
        clip.beat("network", land=land, idle=land.sway())

    told(story)
    before = middle(land, "w")
    going = land.sway()(2.0)
    assert going is not None
    going.interpolate_mobject(0.5)
    assert np.abs(middle(land, "w") - before).max() > 0.01
    going.interpolate_mobject(1.0)
    assert middle(land, "w") == pytest.approx(before, abs=1e-6)
