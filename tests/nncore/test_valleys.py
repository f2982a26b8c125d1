"""Which valley the ground leads to, against an integrator of the gradient's flow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from nncore.errors import ParameterError, ShapeError
from nncore.terrain import (
    Terrain1D,
    Terrain2D,
    bean,
    several_valleys_1d,
    several_valleys_2d,
    steepness,
    xor_error_surface,
)
from nncore.valleys import leads_to, valleys

LINE, LAND, XOR_LAND = several_valleys_1d(), several_valleys_2d(), xor_error_surface()


def flow_ends(terrain: Terrain2D, start: np.ndarray) -> int:
    """Where a stiff integrator's flow from a start ends: in a valley, or (-1) out of the domain."""
    low, high = np.array(terrain.low), np.array(terrain.high)

    def edge(_: float, p: np.ndarray) -> float:
        return float(np.minimum(p - low, high - p).min())

    edge.terminal = True  # type: ignore[attr-defined]
    flow = solve_ivp(
        lambda _, p: -terrain.gradient(p),
        (0, 1e9),
        start,
        method="LSODA",
        events=edge,
        rtol=1e-8,
        atol=1e-9,
    )
    if flow.status == 1:
        return -1
    away = [np.abs(flow.y[:, -1] - v.position).max() for v in valleys(terrain)]
    assert min(away) < 0.1
    return int(np.argmin(away))


@pytest.mark.parametrize("terrain", [LAND, XOR_LAND], ids=lambda t: t.name)
def test_the_ground_leads_where_its_flow_does(terrain: Terrain2D) -> None:
    rng = np.random.default_rng(11)
    starts = rng.uniform(terrain.low, terrain.high, (40, 2))
    assert leads_to(terrain, starts).tolist() == [flow_ends(terrain, p) for p in starts]


@given(st.floats(-4.5, 4.5))
def test_on_a_line_it_leads_to_the_next_bottom_downhill(start: float) -> None:
    """Between the tops, found by bisection, each stretch has its own valley."""
    found = valleys(LINE)
    x = np.linspace(-4.5, 4.5, 2001)
    slope = LINE.slope(x)
    turns = [
        brentq(lambda w: float(LINE.slope(np.array(w))), x[i], x[i + 1])
        for i in np.flatnonzero(slope[1:] * slope[:-1] < 0)
    ]
    bottoms, tops = turns[0::2], turns[1::2]
    assert sorted(float(v.position[0]) for v in found) == pytest.approx(bottoms, abs=1e-6)
    assume(all(abs(start - top) > 1e-6 for top in tops))
    expected = bottoms[int(np.searchsorted(tops, start))]
    (end,) = leads_to(LINE, [start])
    assert found[end].position[0] == pytest.approx(expected, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_step_down_the_flow_changes_nothing(x: float, y: float) -> None:
    p = np.array([[x, y]])
    g = LAND.gradient(p)
    assume(np.linalg.norm(g) > 0.05)
    lower = p - 1e-4 * g
    assume((np.abs(lower) < 3).all())
    before, after = leads_to(LAND, p), leads_to(LAND, lower)
    # Only on a ridge between two basins may so small a step matter.
    assert before == after or len(set(leads_to(LAND, p + 1e-3 * RING))) > 1


RING = np.column_stack([np.cos(np.arange(0, 6.3, 0.1)), np.sin(np.arange(0, 6.3, 0.1))])


def test_nearness_does_not_decide() -> None:
    found = valleys(LAND)
    bottoms = np.array([v.position for v in found])
    p = np.random.default_rng(0).uniform(LAND.low, LAND.high, (400, 2))
    nearest = np.linalg.norm(p[:, None] - bottoms, axis=-1).argmin(axis=1)
    ends = leads_to(LAND, p, found)
    others = np.flatnonzero(nearest != ends)
    assert len(others) > 20
    for i in others[:10]:
        assert flow_ends(LAND, p[i]) == ends[i]


def test_where_the_ground_leads_nowhere() -> None:
    slope = Terrain1D("slope", 0.0, 1.0, lambda x: -10 * x, lambda x: np.full_like(x, -10.0))
    assert leads_to(slope, [0.2, 0.9]).tolist() == [-1, -1]
    plain = Terrain1D("plain", 0.0, 1.0, lambda x: 0 * x, lambda x: 0 * x)
    assert leads_to(plain, [0.5], ()).tolist() == [-1]
    assert leads_to(bean(), [-0.9, 1.7, 4.3]).tolist() == [-1, 0, -1]
    assert leads_to(LAND, np.empty((0, 2))).tolist() == []


def test_a_summit_is_level() -> None:
    hill = Terrain1D("hill", -1.0, 1.0, lambda x: 1 - x * x, lambda x: -2 * x)
    assert leads_to(hill, [0.0, 1e-17, 0.1]).tolist() == [-1, -1, -1]
    wave = Terrain1D("wave", -4.0, 4.0, np.cos, lambda x: -np.sin(x))
    assert len(valleys(wave)) == 2
    ends = leads_to(wave, [0.0, 1e-3, -1e-3])
    assert ends[0] == -1
    assert [valleys(wave)[k].position[0] for k in ends[1:]] == pytest.approx([np.pi, -np.pi])


def test_steepness_is_the_steepest_slope() -> None:
    assert steepness(bean()) == pytest.approx(2 * 0.16 * 2.5)
    assert steepness(bean(-2.0, 3.0)) == pytest.approx(2 * 4 * 2.5)


@pytest.mark.parametrize(
    ("terrain", "points", "kind"),
    [
        (LAND, [1.0, 2.0], ShapeError),
        (LAND, [[1.0, 2.0, 3.0]], ShapeError),
        (LINE, [[1.0]], ShapeError),
        (LINE, [np.nan], ParameterError),
    ],
)
def test_mistakes_are_refused(terrain: Any, points: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"\.$"):
        leads_to(terrain, points)
