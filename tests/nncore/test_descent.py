"""Terrains by finite differences and exact minima; descents by their rule and their claims."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from nncore import descent as walks
from nncore.boolean import INPUTS
from nncore.descent import FixedStep, Proportional, descend, descend_all, descend_many
from nncore.errors import ParameterError, ShapeError
from nncore.losses import SQUARED_ERROR
from nncore.network import Network
from nncore.terrain import (
    XOR_INDICES,
    Terrain1D,
    Terrain2D,
    bean,
    heights,
    one_valley,
    one_valley_2d,
    several_valleys_1d,
    several_valleys_2d,
    xor_error_surface,
    xor_network,
    xor_network_of,
    xor_parameters,
)
from nncore.valleys import valleys

LINES = [one_valley(), several_valleys_1d(), bean(), bean(-2.0, 3.0)]
LANDS = [one_valley_2d(), several_valleys_2d(), xor_error_surface()]


def inside(terrain: Terrain2D, n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(terrain.low, terrain.high, (n, 2))


@pytest.mark.parametrize("terrain", LINES, ids=lambda t: t.name)
def test_slopes_by_finite_difference(terrain: Terrain1D) -> None:
    x = np.linspace(terrain.low, terrain.high, 57)
    h = 1e-5
    rise = (terrain.value(x + h) - terrain.value(x - h)) / (2 * h)
    assert_allclose(terrain.slope(x), rise, atol=1e-7)


@pytest.mark.parametrize("terrain", LANDS, ids=lambda t: t.name)
def test_gradients_by_finite_difference(terrain: Terrain2D) -> None:
    p = inside(terrain, 60).reshape(12, 5, 2)
    h = 1e-5
    gradient = terrain.gradient(p)
    assert gradient.shape == p.shape
    assert terrain.value(p).shape == p.shape[:-1]
    for k in range(2):
        shift = h * np.eye(2)[k]
        rise = (terrain.value(p + shift) - terrain.value(p - shift)) / (2 * h)
        assert_allclose(gradient[..., k], rise, atol=1e-7)


@given(st.fractions(-5, 5, max_denominator=1000))
def test_the_bean_is_its_quadratic(w: F) -> None:
    exact = F("0.16") * w**2 - F("0.544") * w + F("0.4624")
    slope = -2 * F("0.4") * (F("0.68") - w * F("0.4"))
    assert bean().value(np.array(float(w))) == pytest.approx(float(exact), abs=1e-13)
    assert bean().slope(np.array(float(w))) == pytest.approx(float(slope), abs=1e-13)


def test_known_minima() -> None:
    (bottom,) = valleys(bean())
    assert bottom.position == pytest.approx([1.7], abs=1e-9)
    assert bottom.value == pytest.approx(0, abs=1e-15)
    (bottom,) = valleys(one_valley())
    assert bottom.position == pytest.approx([2.0], abs=1e-9)
    (bottom,) = valleys(one_valley_2d())
    assert bottom.position == pytest.approx([0.6, -0.4], abs=1e-9)
    assert bottom.lowest


@pytest.mark.parametrize(
    ("terrain", "count", "gap"),
    [(several_valleys_1d(), 3, 2.5), (several_valleys_2d(), 4, 2.0), (xor_error_surface(), 2, 0.7)],
    ids=["1d", "2d", "xor"],
)
def test_valleys_are_minima_and_the_deepest_is_clear(terrain: Any, count: int, gap: float) -> None:
    found = valleys(terrain)
    assert len(found) == count
    assert [v.lowest for v in found] == [True] + [False] * (count - 1)
    assert found[1].value - found[0].value > gap
    size = np.atleast_1d(np.subtract(terrain.high, terrain.low))
    rng = np.random.default_rng(1)
    for valley in found:
        around = rng.normal(size=(400, len(size)))
        around *= 0.01 * size / np.linalg.norm(around, axis=1, keepdims=True)
        ring = valley.position + around
        values = terrain.value(ring[:, 0] if len(size) == 1 else ring)
        assert (values > valley.value).all()


@pytest.mark.parametrize("terrain", [several_valleys_2d(), xor_error_surface()], ids=["2d", "xor"])
def test_no_height_is_below_the_deepest_valley(terrain: Terrain2D) -> None:
    assert heights(terrain, 300).z.min() >= valleys(terrain)[0].value


def test_the_xor_surface_is_the_networks_error() -> None:
    terrain = xor_error_surface()
    network = xor_network()
    base = xor_parameters(network)
    for p in inside(terrain, 20, seed=2):
        w = [base[:4].reshape(2, 2).copy(), base[6:8].reshape(1, 2).copy()]
        b = [base[4:6], base[8:]]
        assert XOR_INDICES == (2, 7)  # input 1 into hidden 2, hidden 2 into the output
        w[0][1, 0], w[1][0, 1] = p
        moved = Network(network.layers, SQUARED_ERROR).with_weights(w, b)
        loss = moved.loss_of(moved.forward(INPUTS), [[0], [1], [1], [0]])
        assert terrain.value(p) == pytest.approx(loss, rel=1e-12)
    again = xor_network_of(network, base)
    assert again.forward([1, 0]).output == network.forward([1, 0]).output


@pytest.mark.parametrize(
    ("terrain", "starts", "rule", "steps"),
    [
        (several_valleys_1d(), walks.STARTS_1D, walks.RULE_1D, 100),
        (several_valleys_2d(), walks.STARTS_2D, walks.RULE_2D, 100),
        (xor_error_surface(), walks.STARTS_XOR, walks.RULE_XOR, walks.STEPS_XOR),
    ],
    ids=["1d", "2d", "xor"],
)
def test_of_three_starts_one_ends_in_a_wrong_valley(
    terrain: Any, starts: Any, rule: Any, steps: int
) -> None:
    run = descend_many(terrain, starts, rule, steps=steps)
    assert run.in_lowest == (True, True, False)
    assert run.ends_in[:2] == (0, 0)
    wrong = run.ends_in[2]
    assert wrong is not None
    assert wrong > 0
    assert all(walk.settled and not walk.left_domain for walk in run.descents)
    ends = [walk.values[-1] for walk in run.descents]
    assert ends[2] > max(ends[:2]) + 0.7


@pytest.mark.parametrize("terrain", [*LINES, *LANDS], ids=lambda t: t.name)
@pytest.mark.parametrize(
    "rule", [FixedStep(0.2), Proportional(0.05)], ids=["fixed", "proportional"]
)
def test_walks_follow_their_rule(terrain: Any, rule: Any) -> None:
    low, high = np.array(terrain.low), np.array(terrain.high)
    walk = descend(terrain, low + 0.3 * (high - low), rule=rule, steps=20)
    two = isinstance(terrain, Terrain2D)
    assert_allclose(walk.values, terrain.value(walk.positions), rtol=1e-12, atol=1e-14)
    slope = terrain.gradient(walk.positions) if two else terrain.slope(walk.positions)
    assert_allclose(walk.gradients, slope, rtol=1e-9, atol=1e-12)
    assert_allclose(walk.positions[1:], walk.positions[:-1] + walk.moves, rtol=1e-15)
    before = walk.gradients[:-1]
    if isinstance(rule, FixedStep):
        length = np.linalg.norm(walk.moves, axis=1) if two else np.abs(walk.moves)
        assert_allclose(length, 0.2, rtol=1e-12)
        assert ((walk.moves * before).reshape(len(length), -1).sum(axis=1) < 0).all()
    else:
        assert_allclose(walk.moves, -0.05 * before, rtol=1e-12)
    assert walk.bounces == walk.bounced.sum()


def test_fixed_steps_bounce_and_proportional_ones_settle() -> None:
    fixed = descend(bean(), walks.BEAN_START, rule=walks.BEAN_FIXED, steps=30)
    assert not fixed.settled
    assert fixed.bounced[-20:].all()
    assert np.abs(fixed.positions[-20:] - 1.7).min() > 0.05
    smooth = descend(bean(), walks.BEAN_START, rule=walks.BEAN_PROPORTIONAL)
    assert smooth.settled
    assert smooth.bounces == 0
    assert smooth.positions[-1] == pytest.approx(1.7, abs=0.004)


def test_the_beans_proportional_steps_in_closed_form() -> None:
    """Each leaves 1 - 0.32 L of the distance to 1.7: 0.52 for 1.5, -0.76 for 5.5."""
    for rule, kept in ((walks.BEAN_PROPORTIONAL, F("0.52")), (walks.BEAN_BOUNCING, F("-0.76"))):
        walk = descend(bean(), 0.0, rule=rule)
        exact = [float(F("1.7") - F("1.7") * kept**k) for k in range(len(walk.positions))]
        assert_allclose(walk.positions, exact, atol=1e-12)
        assert walk.bounced.all() == (kept < 0)
        assert walk.settled


def test_too_large_a_rate_runs_away() -> None:
    walk = descend(bean(), walks.BEAN_START, rule=walks.BEAN_RUNAWAY)
    assert walk.left_domain
    assert not walk.settled
    assert walk.bounced.all()
    assert (np.diff(walk.values) > 0).all()
    outside = [not bean().low <= w <= bean().high for w in walk.positions]
    assert outside == [False] * (len(outside) - 1) + [True]
    run = descend_many(bean(), [0.0], walks.BEAN_RUNAWAY)
    assert run.ends_in == (None,)
    assert run.in_lowest == (False,)


def test_level_ground_outside_is_not_settling() -> None:
    cliff = Terrain1D("cliff", 0.0, 1.0, lambda x: -10 * x, lambda x: np.where(x < 1, -10.0, 0.0))
    walk = descend(cliff, 0.5, rule=Proportional(1.0))
    assert walk.positions.tolist() == [0.5, 10.5]
    assert walk.left_domain
    assert not walk.settled


def test_a_start_at_the_bottom_stays() -> None:
    walk = descend(one_valley(), 2.0, rule=FixedStep(0.5))
    assert walk.settled
    assert walk.moves.shape == (0,)
    assert walk.positions.tolist() == [2.0]


def test_a_step_onto_the_very_bottom_crosses_nothing() -> None:
    """A rate of 1 / (2 x^2) = 3.125 lands the bean on 1.7; the slope there is float noise."""
    walk = descend(bean(), 0.0, rule=Proportional(3.125), tolerance=0)
    assert walk.positions.tolist() == [0.0, pytest.approx(1.7, rel=1e-15)]
    assert walk.gradients[-1] == 0
    assert walk.bounces == 0
    assert walk.settled
    assert walk.exact
    near = descend(bean(), 0.0, rule=Proportional(3.12))
    assert near.positions[-1] == pytest.approx(float(F("3.12") * F("0.544")), rel=1e-14)
    assert near.settled
    assert not near.exact
    assert near.bounces == 0
    over = descend(bean(), 0.0, rule=Proportional(3.13))
    assert over.bounces == 1
    assert not over.exact


@given(
    x=st.fractions(F(1, 10), 4, max_denominator=100),
    y=st.fractions(-4, 4, max_denominator=100),
    part=st.fractions(F(-24, 10), F(24, 10), max_denominator=50),
    error=st.fractions(F(-1, 2), F(1, 2), max_denominator=1000),
)
def test_beans_bounce_where_exact_fractions_do(x: F, y: F, part: F, error: F) -> None:
    """One step of a rate (1 + error) / (2 x^2) leaves -error of the way to the bottom."""
    terrain = bean(float(x), float(y))
    bottom = y / x
    rate = float((1 + error) / (2 * x**2))
    walk = descend(terrain, float(bottom + part), rule=Proportional(rate), steps=1, tolerance=0)
    if part == 0:
        assert walk.exact
        assert walk.moves.shape == (0,)
        return
    assert walk.bounced.tolist() == [error > 0]
    assert walk.exact == (error == 0)


@pytest.mark.parametrize("terrain", [*LINES, *LANDS], ids=lambda t: t.name)
@pytest.mark.parametrize(
    "rule",
    [FixedStep(0.3), Proportional(0.05), Proportional(2.5)],
    ids=["fixed", "small", "large"],
)
def test_a_crowd_walks_as_each_would_alone(terrain: Any, rule: Any) -> None:
    low, high = np.array(terrain.low), np.array(terrain.high)
    shape = (12,) if low.ndim == 0 else (12, 2)
    starts = np.random.default_rng(3).uniform(low, high, shape)
    crowd = descend_all(terrain, starts, rule, 15)
    assert crowd.positions.shape == (16, *shape)
    assert_allclose(crowd.values, terrain.value(crowd.positions), rtol=1e-12, atol=1e-14)
    many = descend_many(terrain, list(starts), rule, steps=15)
    assert crowd.ends_in.tolist() == [-1 if end is None else end for end in many.ends_in]
    for k, walk in enumerate(many.descents):
        n = len(walk.positions)
        assert_allclose(crowd.positions[:n, k], walk.positions, rtol=1e-9, atol=1e-9)
        assert (crowd.positions[n - 1 :, k] == crowd.positions[n - 1, k]).all()
        assert crowd.settled[k] == walk.settled
        assert crowd.left_domain[k] == walk.left_domain
    for array in (crowd.positions, crowd.values, crowd.settled, crowd.left_domain, crowd.ends_in):
        assert not array.flags.writeable


def test_a_walk_still_on_its_way_belongs_to_the_valley_below_it() -> None:
    """From -0.95 the middle valley lies nearer than the left one; the ground leads left."""
    terrain = several_valleys_1d()
    found = valleys(terrain)
    ridge = min(
        (w for w in np.linspace(-2.6, 0.6, 3201)), key=lambda w: -float(terrain.value(np.array(w)))
    )
    for start, lead in ((ridge - 0.02, -2.6), (ridge + 0.02, 0.6)):
        run = descend_many(terrain, [start], Proportional(0.001), steps=1)
        end = run.ends_in[0]
        assert end is not None
        assert found[end].position[0] == pytest.approx(lead, abs=0.2)


def test_xor_gradients_are_the_networks_own_backward_pass() -> None:
    for indices in ((2, 7), (0, 4), (8, 5), (3, 6), (1, 2)):
        terrain = xor_error_surface(indices=indices, low=(-14, -14), high=(14, 14))
        p = inside(terrain, 100, seed=7)
        at_once = terrain.gradient(p)
        base = xor_parameters(xor_network())
        for here, slope in zip(p, at_once, strict=True):
            c = base.copy()
            c[list(indices)] = here
            moved = Network(xor_network_of(xor_network(), c).layers, SQUARED_ERROR)
            back = moved.backward(moved.forward(INPUTS), [[0], [1], [1], [0]])
            w, b = back.weight_gradients, back.bias_gradients
            every = np.concatenate([w[0].ravel(), b[0], w[1].ravel(), b[1]])
            assert_allclose(slope, every[list(indices)], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        (lambda: FixedStep(0), ParameterError),
        (lambda: Proportional(-1), ParameterError),
        (lambda: descend(bean(), 99.0, rule=FixedStep(1)), ParameterError),
        (lambda: descend(bean(), [1.0, 1.0], rule=FixedStep(1)), ShapeError),
        (lambda: descend(one_valley_2d(), 1.0, rule=FixedStep(1)), ShapeError),
        (lambda: descend(bean(), 1.0, rule=FixedStep(1), steps=0), ParameterError),
        (lambda: descend_many(bean(), [], FixedStep(1)), ParameterError),
        (lambda: descend_all(bean(), [], FixedStep(1)), ShapeError),
        (lambda: descend_all(bean(), [[1.0]], FixedStep(1)), ShapeError),
        (lambda: descend_all(one_valley_2d(), [1.0, 2.0], FixedStep(1)), ShapeError),
        (lambda: descend_all(one_valley_2d(), [[1.0, 2.0, 3.0]], FixedStep(1)), ShapeError),
        (lambda: descend_all(bean(), [1.0, 99.0], FixedStep(1)), ParameterError),
        (lambda: descend_all(bean(), [1.0], FixedStep(1), 0), ParameterError),
        (lambda: descend_all(bean(), [1.0], FixedStep(1), tolerance=-1), ParameterError),
        (lambda: descend_all(one_valley(), [5.0], Proportional(1e308)), ParameterError),
        (lambda: bean(0.0, 1.0), ParameterError),
        (lambda: xor_error_surface(indices=(4, 4)), ParameterError),
        (lambda: xor_error_surface(indices=(0, 9)), ParameterError),
        (lambda: xor_error_surface(low=(3, 3), high=(1, 5)), ParameterError),
        (lambda: xor_error_surface(Network.random((2, 2, 1), seed=1)), ShapeError),
    ],
)
def test_mistakes_are_refused(mistake: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        mistake()
