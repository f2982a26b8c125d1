"""The mountain over one bean: its cut is the bean's error, its slopes are those of its heights;
and what a network answers, as a land."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.descent import Proportional, descend
from nncore.errors import ParameterError, ShapeError
from nncore.lands import answer_land, bean_mountain
from nncore.network import Network

LAND = bean_mountain()


def test_the_cut_is_the_beans_error_to_the_last_bit() -> None:
    ws = np.linspace(LAND.low[0], LAND.high[0], 301)
    line = np.column_stack([ws, 0 * ws])
    assert (LAND.value(line) == np.square(0.68 - ws * 0.4)).all()
    assert LAND.value(line) == pytest.approx(0.16 * ws**2 - 0.544 * ws + 0.4624, abs=1e-12)
    slopes = LAND.gradient(line)
    assert slopes[:, 0] == pytest.approx(-2 * 0.4 * (0.68 - ws * 0.4), abs=1e-12)
    assert (slopes[:, 1] == 0).all()


def test_the_gradient_is_that_of_the_heights() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(LAND.low, LAND.high, (200, 2))
    h = 1e-6
    for k in (0, 1):
        step = np.eye(2)[k] * h
        slope = (LAND.value(p + step) - LAND.value(p - step)) / (2 * h)
        assert LAND.gradient(p)[:, k] == pytest.approx(slope, abs=1e-7)


def test_nothing_is_lower_than_the_cut() -> None:
    ws, vs = np.meshgrid(np.linspace(LAND.low[0], LAND.high[0], 121), np.linspace(-2, 3, 101))
    z = LAND.value(np.stack([ws, vs], axis=-1))
    assert (z >= np.square(0.68 - ws * 0.4)).all()
    assert float(LAND.value(np.array([1.7, 0.0]))) == pytest.approx(0, abs=1e-30)


def test_a_walker_stays_on_the_line() -> None:
    walk = descend(LAND, (0.0, 0.0), rule=Proportional(1.5))
    assert walk.settled
    assert (walk.positions[:, 1] == 0).all()


def test_a_bean_without_x_is_refused() -> None:
    with pytest.raises(ParameterError):
        bean_mountain(0.0)


def test_an_answer_is_a_height_and_its_gradient_that_of_the_heights() -> None:
    network = Network.random((2, 3, 2, 1), seed=5, biases=True)
    land = answer_land(network, (-2.0, -1.0), (2.0, 3.0))
    p = np.random.default_rng(2).uniform(land.low, land.high, (6, 5, 2))
    one_by_one = [[float(network.forward(q).output[0]) for q in row] for row in p]
    assert land.value(p) == pytest.approx(np.array(one_by_one), abs=1e-12)
    h = 1e-6
    for k in (0, 1):
        step = np.eye(2)[k] * h
        rise = (land.value(p + step) - land.value(p - step)) / (2 * h)
        assert land.gradient(p)[..., k] == pytest.approx(rise, abs=1e-7)


def test_other_networks_are_no_land() -> None:
    with pytest.raises(ShapeError):
        answer_land(Network.random((2, 3, 2), seed=1), (0.0, 0.0), (1.0, 1.0))
