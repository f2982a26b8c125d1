"""Network diagrams: links as wide as their weights, coloured by their sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.network import Diagram, Edges

FEW = settings(deadline=None, max_examples=50)
WIDEST, THINNEST = 0.09, 0.008
WEIGHTS = arrays(
    np.float64, (3, 2), elements=st.floats(-5, 5).map(lambda v: 0.0 if abs(v) < 1e-6 else v)
)
STARTS = [[-2.0, 1.0], [-2.0, -1.0]]
ENDS = [[2.0, 1.7], [2.0, 0.0], [2.0, -1.6]]


def ribbons(edges: Edges) -> dict[tuple[int, int], tuple[float, str, float]]:
    """By link (out, in): the width of its ribbon, its colour and its opacity."""
    found: dict[tuple[int, int], tuple[float, str, float]] = {}
    for shape in edges.submobjects:
        for quad in shape.points.reshape(-1, 16, 3):
            a, b, c, d = quad[::4, :2]
            link = _nearest((a + d) / 2, STARTS), _nearest((b + c) / 2, ENDS)
            key = link[1], link[0]
            assert key not in found
            # Of a rectangle: the area by the shoelace formula, over the length.
            x, y = np.array([a, b, c, d]).T
            area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
            width = float(area / np.linalg.norm(b - a))
            hue = str(shape.get_fill_color().to_hex()).upper()
            found[key] = width, hue, float(shape.get_fill_opacity())
    return found


def _nearest(point: NDArray[np.float64], places: list[list[float]]) -> int:
    distances = np.linalg.norm(np.array(places) - point, axis=1)
    assert distances.min() < 0.3
    return int(distances.argmin())


@FEW
@given(WEIGHTS, st.sampled_from([0.0, 0.2]))
@example(np.zeros((3, 2)), 0.0)
@example(np.array([[1.0, -1.0], [0.5, -0.25], [0.0, 0.001]]), 0.2)
def test_width_is_in_proportion_and_colour_by_sign(
    weights: NDArray[np.float64], gap: float
) -> None:
    edges = Edges(np.ones((3, 2)), STARTS, ENDS, widest=WIDEST, thinnest=THINNEST, gap=gap)
    edges.draw(weights)
    drawn = ribbons(edges)
    assert set(drawn) == {(int(j), int(i)) for j, i in np.argwhere(weights)}
    for (j, i), (width, hue, _) in drawn.items():
        share = abs(weights[j, i]) / np.abs(weights).max()
        assert width == pytest.approx(max(WIDEST * share, THINNEST), rel=1e-6)
        assert hue == (theme.POSITIVE if weights[j, i] > 0 else theme.NEGATIVE)


@FEW
@given(WEIGHTS)
def test_a_stronger_link_is_not_fainter(weights: NDArray[np.float64]) -> None:
    drawn = ribbons(Edges(weights, STARTS, ENDS))
    assume(len(drawn) > 1)
    by_strength = sorted(drawn, key=lambda link: abs(weights[link]))
    opacities = [drawn[link][2] for link in by_strength]
    assert opacities == sorted(opacities)
    assert opacities[0] > 0


def test_a_common_largest_makes_layers_comparable() -> None:
    half = ribbons(Edges(np.full((3, 2), 2.0), STARTS, ENDS, largest=4.0, widest=WIDEST))
    assert {round(width, 9) for width, _, _ in half.values()} == {WIDEST / 2}
    above = ribbons(Edges(np.full((3, 2), 9.0), STARTS, ENDS, largest=4.0, widest=WIDEST))
    assert {round(width, 9) for width, _, _ in above.values()} == {WIDEST}


def test_drawing_anew_makes_no_objects() -> None:
    edges = Edges(np.ones((3, 2)), STARTS, ENDS)
    before = list(edges.submobjects)
    edges.draw(-np.ones((3, 2)))
    assert edges.submobjects == before
    assert len(before) <= 10
    fresh = Edges(-np.ones((3, 2)), STARTS, ENDS)
    for old, new in zip(edges.submobjects, fresh.submobjects, strict=True):
        assert np.array_equal(old.points, new.points)


def test_links_begin_and_end_at_the_gap() -> None:
    edges = Edges(np.ones((1, 1)), [[-2.0, 0.0]], [[2.0, 0.0]], gap=0.4)
    xs = np.concatenate([s.points for s in edges.submobjects])[:, 0]
    assert (xs.min(), xs.max()) == pytest.approx((-1.6, 1.6))


# Diagrams


def test_neurons_are_in_columns_around_the_middle() -> None:
    diagram = Diagram([2, 3, 1], [np.ones((3, 2)), np.ones((1, 3))], columns=[-4, 0, 4], y=0.5)
    expected = [[[-4, 1.3], [-4, -0.3]], [[0, 2.1], [0, 0.5], [0, -1.1]], [[4, 0.5]]]
    for places, column in zip(diagram.places, expected, strict=True):
        assert places == pytest.approx(np.array(column))
    for places, neurons in zip(diagram.places, diagram.neurons, strict=True):
        for place, neuron in zip(places, neurons, strict=True):
            assert neuron.get_center()[:2] == pytest.approx(place)


def test_links_run_between_the_neurons_that_they_join() -> None:
    weights = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, -2.0]])
    diagram = Diagram([2, 3], [weights], columns=[-4, 4], radius=0.4)
    positive, negative = (
        np.concatenate([s.points for s in shapes])
        for shapes in (diagram.edges[0].submobjects[:5], diagram.edges[0].submobjects[5:])
    )
    for points, (i, j) in ((positive, (0, 0)), (negative, (1, 2))):
        start, end = diagram.places[0][i], diagram.places[1][j]
        along = (end - start) / np.linalg.norm(end - start)
        shares = (points[:, :2] - start) @ along
        assert shares.min() == pytest.approx(0.4)
        assert shares.max() == pytest.approx(np.linalg.norm(end - start) - 0.4)
        across = (points[:, :2] - start) @ np.array([-along[1], along[0]])
        assert np.abs(across).max() < 0.05


def test_light_goes_with_the_activation() -> None:
    diagram = Diagram([4, 1], [np.ones((1, 4))], columns=[-1, 1])
    diagram.light(0, [-1.0, 0.0, 0.5, 2.0])
    fills = [str(n.get_fill_color().to_hex()).upper() for n in diagram.neurons[0]]
    assert fills[0] == fills[1] == theme.PANEL
    assert theme.luminance(fills[1]) < theme.luminance(fills[2]) < theme.luminance(fills[3])
    diagram.light(0, [-1.0, 0.0, 0.5, 2.0], share=0.0)
    assert {str(n.get_fill_color().to_hex()).upper() for n in diagram.neurons[0]} == {theme.PANEL}


def test_as_many_activations_as_neurons() -> None:
    diagram = Diagram([2, 1], [np.ones((1, 2))], columns=[-1, 1])
    with pytest.raises(ValueError):
        diagram.light(0, [1.0])
