"""A plane that rises: it lies there as the plane did, and its points stand on their heights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore.terrain import xor_network
from scenes.kit.dry import walk
from scenes.kit.story import Story
from scenes.kit.views.answers import AnswersView
from scenes.kit.views.plane import PlaneView
from scenes.signals.by_hand import ByHand

CORNERS = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
KINDS = [0, 0, 1, 1]


def middles(cloud: Any, count: int) -> np.ndarray:
    parts = np.split(cloud.points[:, :2], count)
    return np.array([(p.min(axis=0) + p.max(axis=0)) / 2 for p in parts])


def told(seen: list[tuple[np.ndarray, float, list[float]]]) -> tuple[PlaneView, AnswersView]:
    views: list[Any] = []

    class Rising(ByHand):
        words_file = ByHand._file()

        def story(self, r: Any) -> None:
            plane = PlaneView(CORNERS, KINDS, x_range=(-0.2, 1.2), y_range=(-0.2, 1.2))
            self.stage("plane")
            self.beat("network", plane=plane)
            land = AnswersView(xor_network(), plane)
            views.extend((plane, land))
            self.beat("outputs", plane=land.out_of(plane))

    def on_frame(clip: Story) -> None:
        if views and views[1].group in clip.mobjects:
            land = views[1]
            box = [land.image.get_left()[0], land.image.get_right()[0], land.image.get_bottom()[1]]
            seen.append((middles(land.clouds[0], 2), land.ground.camera.tilt, box))

    walk(Rising, on_frame=on_frame, frame_rate=10)
    return views[0], views[1]


def test_it_lies_there_as_the_plane_did_then_rises() -> None:
    seen: list[Any] = []
    plane, land = told(seen)
    places, tilt, box = seen[0]
    inner = plane.axes.inner
    assert tilt == pytest.approx(90, abs=1)
    assert box == pytest.approx([inner.left, inner.right, inner.bottom], abs=0.1)
    assert places == pytest.approx(plane.path(*CORNERS[:2].T)[:, :2], abs=0.1)
    tilts = [t for _, t, _ in seen]
    assert tilts == sorted(tilts, reverse=True) and tilts[-1] == pytest.approx(land.camera.tilt)


def test_points_stand_on_what_the_network_answers() -> None:
    seen: list[Any] = []
    _, land = told(seen)
    outputs = xor_network().forward(CORNERS[:2]).output[:, 0]
    shares = land.ground.project(CORNERS[:2, 0], CORNERS[:2, 1], outputs)
    box = land.inner
    expected = shares * [box.width, box.height] + [box.left, box.bottom]
    assert seen[-1][0] == pytest.approx(expected, abs=0.02)
