"""Links as wide as their weights, coloured by their sign; the light on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.edges import Links, Sparks

FEW = settings(deadline=None, max_examples=50)
WIDEST, THINNEST = 0.2, 0.025
WEIGHTS = arrays(
    np.float64, (3, 2), elements=st.floats(-5, 5).map(lambda v: 0.0 if abs(v) < 1e-6 else v)
)
STARTS = [[-2.0, 1.0], [-2.0, -1.0]]
ENDS = [[2.0, 1.7], [2.0, 0.0], [2.0, -1.6]]


def made(weights: NDArray[np.float64], largest: float, gap: float = 0.0) -> Links:
    """Links between the places above."""
    links = Links(np.ones((3, 2)), largest=largest, widest=WIDEST, thinnest=THINNEST)
    links.put(STARTS, ENDS, gap, gap)
    links.weigh(weights)
    return links


def ribbons(links: Links) -> dict[tuple[int, int], tuple[float, str, float]]:
    """By link (out, in): the width of its ribbon, its colour and its opacity."""
    found: dict[tuple[int, int], tuple[float, str, float]] = {}
    for link, shape in np.ndenumerate(links.shapes):
        if not len(shape.points):
            continue
        a, b, c, d = shape.points[::4, :2]
        assert _nearest((a + d) / 2, STARTS) == link[1]
        assert _nearest((b + c) / 2, ENDS) == link[0]
        # Of a rectangle: the area by the shoelace formula, over the length.
        x, y = np.array([a, b, c, d]).T
        area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
        width = float(area / np.linalg.norm(b - a))
        hue = str(shape.get_fill_color().to_hex()).upper()
        found[link[0], link[1]] = width, hue, float(shape.get_fill_opacity())
    return found


def _nearest(point: NDArray[np.float64], places: list[list[float]]) -> int:
    distances = np.linalg.norm(np.array(places) - point, axis=1)
    assert distances.min() < 0.3
    return int(distances.argmin())


@FEW
@given(WEIGHTS, st.sampled_from([0.0, 0.2]), st.floats(1, 8))
@example(np.zeros((3, 2)), 0.0, 1.0)
@example(np.array([[1.0, -1.0], [0.5, -0.25], [0.0, 0.001]]), 0.2, 1.0)
@example(np.full((3, 2), 9.0), 0.0, 4.0)
def test_width_is_in_proportion_and_colour_by_sign(
    weights: NDArray[np.float64], gap: float, largest: float
) -> None:
    drawn = ribbons(made(weights, largest, gap))
    assert set(drawn) == {(int(j), int(i)) for j, i in np.argwhere(weights)}
    for (j, i), (width, hue, _) in drawn.items():
        share = min(abs(weights[j, i]) / largest, 1)
        assert width == pytest.approx(max(WIDEST * share, THINNEST), rel=1e-6)
        assert hue == (theme.POSITIVE if weights[j, i] > 0 else theme.NEGATIVE)


@FEW
@given(WEIGHTS)
def test_a_stronger_link_is_not_fainter(weights: NDArray[np.float64]) -> None:
    drawn = ribbons(made(weights, 5.0))
    by_strength = sorted(drawn, key=lambda link: abs(weights[link]))
    opacities = [drawn[link][2] for link in by_strength]
    assert opacities == sorted(opacities)
    assert all(o > 0.3 for o in opacities)


def test_drawing_anew_makes_no_objects() -> None:
    links = made(np.ones((3, 2)), 1.0)
    before = list(links.submobjects)
    links.weigh(-np.ones((3, 2)))
    assert links.submobjects == before
    for old, new in zip(links.submobjects, made(-np.ones((3, 2)), 1.0).submobjects, strict=True):
        assert np.array_equal(old.points, new.points)


# Links of their own, and lights on them


def test_each_link_is_as_wide_as_its_weight_and_dims_alone() -> None:
    links = Links([[2.0, -1.0], [0.0, 0.5]], largest=2.0, widest=0.2)
    links.put([[0.0, 1.0], [0.0, -1.0]], [[4.0, 1.0], [4.0, -1.0]], 0.5, 0.5)
    level = links.shapes[0, 0].points[:, :2]
    assert (level[:, 0].min(), level[:, 0].max()) == pytest.approx((0.5, 3.5))
    assert float(np.ptp(level[:, 1])) == pytest.approx(0.2)
    assert len(links.shapes[1, 0].points) == 0
    assert str(links.shapes[0, 1].get_fill_color().to_hex()).upper() == theme.NEGATIVE
    before = links.shapes[1, 1].get_fill_opacity()
    links.light[0] = 0.2
    links.draw()
    assert links.shapes[0, 0].get_fill_opacity() == pytest.approx(0.2 * 0.95)
    assert links.shapes[1, 1].get_fill_opacity() == before


def test_lights_run_between_the_ends_and_are_gone_at_them() -> None:
    sparks = Sparks()
    starts, ends = [[0.0, 0.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 4.0]]
    sparks.run(starts, ends, 0.5, [0.1, 0.05])
    assert sparks.busy
    assert sparks.points[:, 0].max() == pytest.approx(2.1, abs=1e-3)
    assert sparks.points[:, 1].max() == pytest.approx(2.05, abs=1e-3)
    sparks.run(starts, ends, 1.0, 0.1)
    assert not len(sparks.points)
    assert not sparks.busy
