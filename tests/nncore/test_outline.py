"""Outlines of networks whose region is known: discs, squares, halves, nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nncore import SIGMOID
from nncore.errors import ParameterError, ShapeError
from nncore.network import Layer, Network
from nncore.outline import outline


def fence(sides: int, distance: float, steep: float = 400.0) -> Network:
    """Yes within a polygon of so many sides round (0, 0), each `distance` away: every side has a
    hidden neuron that is 1 within it, and the output asks for all of them."""
    angles = 2 * np.pi * np.arange(sides) / sides
    outward = np.column_stack([np.cos(angles), np.sin(angles)])
    hidden = Layer(-steep * outward, np.full(sides, steep * distance), SIGMOID)
    output = Layer(np.full((1, sides), 20.0), np.array([-20.0 * (sides - 0.5)]), SIGMOID)
    return Network((hidden, output))


@pytest.mark.parametrize("sides", [3, 4, 6, 40])
def test_a_fence_is_closed_and_as_round_as_its_polygon(sides: int) -> None:
    found = outline(fence(sides, 0.3), 1.0)
    assert found.kind == "closed"
    assert found.radii.min() == pytest.approx(0.3, abs=0.01)
    assert found.radii.max() == pytest.approx(0.3 / math.cos(math.pi / sides), abs=0.01)
    assert found.roundness == pytest.approx(math.cos(math.pi / sides), abs=0.02)


def test_a_corner_beyond_the_square_opens_it() -> None:
    assert outline(fence(3, 0.3), 0.7).kind == "closed"
    assert outline(fence(3, 0.3), 0.55).kind == "open"


def test_half_a_plane_is_open() -> None:
    half = Network((Layer(np.array([[5.0, 0.0]]), np.array([0.0]), SIGMOID),))
    found = outline(half, 2.0)
    assert (found.kind, found.roundness) == ("open", 0.0)


@pytest.mark.parametrize("bias", [-3.0, 3.0])
def test_nowhere_and_everywhere_have_no_outline(bias: float) -> None:
    same = Network((Layer(np.zeros((1, 2)), np.array([bias]), SIGMOID),))
    found = outline(same, 1.0)
    assert (found.kind, found.roundness) == ("none", 0.0)


def test_what_it_refuses() -> None:
    with pytest.raises(ParameterError):
        outline(fence(3, 0.3), 0.0)
    with pytest.raises(ShapeError):
        outline(Network((Layer(np.zeros((1, 3)), np.zeros(1), SIGMOID),)), 1.0)
