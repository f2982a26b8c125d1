"""Curves: the path goes through the function's values, the tangent has its slope, hops land."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nncore.lands import bean_mountain
from scenes.kit.dry import walk
from scenes.kit.story import Story
from scenes.kit.views.curve import CurveView
from scenes.kit.views.curve_frame import between
from scenes.kit.views.landscape import LandscapeView
from scenes.signals.by_hand import ByHand

WALK = [1.0, -0.5, 0.5, -0.5]


def cubic(w: Any) -> Any:
    return 0.3 * w**3 - w + 1


def told(story: Callable[[Any], Any], **how: Any) -> Story:
    """A tiny clip, walked."""

    class Tiny(ByHand):
        words_file = ByHand._file()

        def story(self, r: Any) -> None:
            story(self)

    return walk(Tiny, **how)


@pytest.fixture(scope="module")
def curve() -> Iterator[CurveView]:
    """A curve with a walker and a tangent, in its area."""
    view = CurveView(cubic, (-2, 2), x="inputs", y="outputs")

    def story(clip: Story) -> None:
        clip.stage("curve")
        clip.beat("network", view.stand(-1.5), view.tangent(), view.slide(0.5), curve=view)

    told(story)
    yield view


def values(view: CurveView, points: np.ndarray) -> np.ndarray:
    """Frame points (n, 2 or 3) as values of the axes."""
    inner, (x0, x1), (y0, y1) = view.axes.inner, view.x_range, view.y_range
    x = x0 + (points[:, 0] - inner.left) / inner.width * (x1 - x0)
    y = y0 + (points[:, 1] - inner.bottom) / inner.height * (y1 - y0)
    return np.column_stack([x, y])


def test_the_curve_goes_through_the_values(curve: CurveView) -> None:
    found = values(curve, curve.curve.points[::4])
    assert found[:, 1] == pytest.approx(cubic(found[:, 0]), abs=1e-9)
    assert found[:, 0].min() == pytest.approx(-2)
    assert len(found) > 300


def test_the_walker_stands_on_it(curve: CurveView) -> None:
    dot = curve.walker.dots.points
    middle = (dot.min(axis=0) + dot.max(axis=0)) / 2
    assert values(curve, middle[None])[0] == pytest.approx([0.5, cubic(0.5)], abs=1e-6)


@pytest.mark.parametrize("w", [-1.9, -1.0, 0.0, 1.3, 2.0])
def test_the_tangents_slope_is_that_of_small_differences(curve: CurveView, w: float) -> None:
    assert curve.line is not None
    curve.w = w
    curve._touch(curve.line)
    ends = values(curve, curve.line.points[[0, -1]])
    small = (cubic(w + 1e-5) - cubic(w - 1e-5)) / 2e-5
    across, up = ends[1] - ends[0]
    assert across > 0
    assert up / across == pytest.approx(small, abs=1e-5)
    assert up * (w - ends[0, 0]) == pytest.approx(across * (cubic(w) - ends[0, 1]), abs=1e-9)
    inner, points = curve.axes.inner, curve.line.points
    assert (points[:, 1] <= inner.top + 1e-9).all()
    assert (points[:, 1] >= inner.bottom - 1e-9).all()
    curve.w = 0.5


def test_hops_land_on_the_recorded_places(curve: CurveView) -> None:
    places = np.array(WALK)
    arcs = curve._hopped(places, 3.0)
    ends = values(curve, np.array([arcs[0][0], *[a[-1] for a in arcs]]))
    assert ends[:, 0] == pytest.approx(WALK)
    assert ends[:, 1] == pytest.approx(cubic(places), abs=1e-9)
    half = curve._hopped(places, 1.5)[-1][-1]
    assert values(curve, half[None])[0, 0] == pytest.approx(0.0)


def test_bouncing_ends_as_it_began(curve: CurveView) -> None:
    curve.w = WALK[-1]
    curve.spot = lambda: curve.seen(curve.w)
    curve._stand()
    before = curve.walker.dots.points.copy()
    going = curve.keep(WALK)(3.0)
    assert going is not None
    going.interpolate_mobject(0.37)
    assert np.abs(curve.walker.dots.points - before).max() > 0.05
    going.interpolate_mobject(1.0)
    assert curve.walker.dots.points == pytest.approx(before)
    assert curve.keep([1.0, 0.0])(3.0) is None  # nothing goes to and fro


def test_a_law_ends_to_the_last_bit() -> None:
    assert between(0.1, 0.30000000000000004)(1.0) == 0.30000000000000004


def test_magnified_it_shows_the_window_only() -> None:
    view = CurveView(cubic, (-2, 2))

    def story(clip: Story) -> None:
        clip.stage("curve")
        clip.beat("network", view.stand(0.9), view.magnify((0, 2), (0, 0.8)), curve=view)

    told(story)
    found = values(view, view.curve.points)
    assert found[:, 0].min() >= -1e-9
    assert found[:, 1].max() <= 0.8 + 1e-9
    assert (view.axes.x_range, view.axes.y_range) == ((0, 2), (0, 0.8))
    assert found[::4, 1] == pytest.approx(cubic(found[::4, 0]), abs=1e-6)


def test_out_of_a_land_the_edge_becomes_the_curve() -> None:
    mountain = bean_mountain()
    land = LandscapeView(mountain, stands={"walker": (0.5, 0.0)})
    cut = lambda w: (0.68 - 0.4 * w) ** 2  # noqa: E731
    view = CurveView(cut, (mountain.low[0], mountain.high[0]), filled=True)
    seen: list[np.ndarray] = []
    edge: list[np.ndarray] = []

    def story(clip: Story) -> None:
        clip.stage("land")
        clip.beat("network", land.cut(0.0), land.aside(), land=land)
        edge.append(land.edge.points.copy())
        clip.stage("curve*2 / line")
        clip.beat("inputs", curve=view.out_of(land))

    def on_frame(clip: Any) -> None:
        if edge and "curve" in getattr(clip, "shown", {}) and len(view.curve.points) > 8:
            seen.append(view.curve.points.copy())
            assert land.image not in clip.get_mobject_family_members()  # never both

    told(story, on_frame=on_frame, frame_rate=10)
    assert seen[0] == pytest.approx(edge[0], abs=1e-6)  # it begins as the land's own edge
    steps = [np.abs(b - a).max() for a, b in pairwise(seen)]
    assert max(steps) < 0.5  # and nothing jumps
    found = values(view, seen[-1])
    assert found[::4, 1] == pytest.approx(cut(found[::4, 0]), abs=1e-9)
    assert view.w == 0.5
