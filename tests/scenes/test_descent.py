"""The descent's walks against exact fractions and a plain network, its captions against the run."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise
from math import exp
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from nncore.errors import ParameterError
from nncore.terrain import PARAMETER_NAMES, XOR_INDICES, xor_network, xor_parameters
from scenes.descent import Descent, DescentParams, DescentRun
from scenes.descent_night import Mountains
from scenes.descent_walks import how_many, outcome
from scenes.kit.dry import walk
from scenes.kit.params import parse

X, Y = F("0.4"), F("0.68")
BOTTOM = Y / X


def slope(w: F) -> F:
    return -2 * X * (Y - w * X)


def run_of(**values: Any) -> DescentRun:
    return Descent.compute(parse(DescentParams, values))


@pytest.fixture(scope="module")
def run() -> DescentRun:
    return run_of()


def test_the_two_spots_mirror_each_other(run: DescentRun) -> None:
    first, second = run.spots
    assert first.slope == pytest.approx(float(slope(F(0))), abs=1e-12)
    assert second.weight == pytest.approx(float(2 * BOTTOM), abs=1e-9)
    assert second.slope == pytest.approx(-float(slope(F(0))), abs=1e-9)
    assert run.bottom == pytest.approx(float(BOTTOM), abs=1e-9)


@pytest.mark.parametrize(("start", "step"), [("0", "0.4"), ("-0.7", "0.15"), ("4.1", "1")])
def test_fixed_steps_bounce_between_two_places(start: str, step: str) -> None:
    line = run_of(bean_start=start, fixed_step=step).fixed
    w, bounces = F(start), 0
    exact, counts = [w], [0]
    for _ in range(line.count):
        before = slope(w)
        w += F(step) if before < 0 else -F(step)
        bounces += slope(w) * before < 0
        exact.append(w)
        counts.append(bounces)
    assert line.walk.positions == pytest.approx([float(v) for v in exact], abs=1e-9)
    if not line.walk.settled:
        assert line.bounces == tuple(counts)
        assert abs(exact[-1] - exact[-3]) == 0
        assert bounces >= 8


@pytest.mark.parametrize("rate", ["1.5", "5.8", "0.3"])
def test_own_steps_are_in_proportion_to_the_slope(rate: str) -> None:
    line = run_of(learning_rate=rate).own
    w = F(0)
    for k in range(min(line.count, 25)):
        assert line.walk.positions[k] == pytest.approx(float(w), abs=1e-9)
        assert line.walk.moves[k] == pytest.approx(float(-F(rate) * slope(w)), abs=1e-9)
        w -= F(rate) * slope(w)
    lengths = np.abs(line.walk.moves)
    assert (np.diff(lengths) < 0).all()


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "settled"),
        ({"learning_rate": 3.125}, "once"),
        ({"learning_rate": 5.8}, "settled_bouncing"),
        ({"learning_rate": 0.3}, "unsettled"),
        ({"learning_rate": 6.25}, "unsettled"),
        ({"learning_rate": 6.8}, "runaway"),
    ],
)
def test_the_outcome_is_what_the_rate_does(values: dict[str, float], key: str) -> None:
    line = run_of(**values).own
    assert outcome(line)[0] == key
    # The distance to the bottom shrinks by |1 - 2 x² L| a step, and changes sign if 2 x² L > 1.
    share = 1 - 2 * X**2 * F(str(values.get("learning_rate", 1.5)))
    away = [abs(w - float(BOTTOM)) for w in line.walk.positions]
    if key == "runaway":
        assert share < -1
        assert all(b > a for a, b in pairwise(away))
    if key in ("settled", "settled_bouncing"):
        assert abs(share) < 1
        assert away[-1] < 0.01
        assert (share < 0) == bool(line.walk.bounces)


def test_one_of_three_walkers_ends_in_a_wrong_valley(run: DescentRun) -> None:
    party = run.land
    lows = []
    for one in party.walks.descents:
        found = minimize(lambda p: float(party.terrain.value(p)), one.positions[-1], tol=1e-12)
        assert np.linalg.norm(found.x - one.positions[-1]) < 1e-3
        lows.append(found.fun)
    grid = np.stack(np.meshgrid(*[np.linspace(-3, 3, 301)] * 2), axis=-1)
    lowest = float(party.terrain.value(grid).min())
    assert [low < lowest + 1e-3 for low in lows] == list(party.walks.in_lowest)
    assert (party.in_lowest, party.total, how_many(party)) == (2, 3, "some")


def xor_error(first: float, second: float) -> float:
    """The summed squared error on XOR of the drawn network, written out."""
    p = list(xor_parameters(xor_network()))
    p[XOR_INDICES[0]], p[XOR_INDICES[1]] = first, second

    def fire(x: float) -> float:
        return 1 / (1 + exp(-x))

    total = 0.0
    for a, b, target in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)):
        h1, h2 = fire(p[0] * a + p[1] * b + p[4]), fire(p[2] * a + p[3] * b + p[5])
        total += (target - fire(p[6] * h1 + p[7] * h2 + p[8])) ** 2
    return total


def test_the_networks_walkers_end_at_its_true_errors(run: DescentRun) -> None:
    for one in run.network.walks.descents:
        for k in (0, -1):
            assert one.values[k] == pytest.approx(xor_error(*one.positions[k]), abs=1e-9)
        assert one.settled
    assert [round(float(w.values[-1]), 3) for w in run.network.walks.descents].count(0.195) == 2
    assert how_many(run.network) == "some"


def test_the_axes_are_named_by_their_parameters() -> None:
    # The labels say so: an input's weight on a hidden neuron, that neuron's on the output.
    names = ["weight input 1 - hidden 2", "weight hidden 2 - output"]
    assert [PARAMETER_NAMES[i] for i in XOR_INDICES] == names


def test_verdicts_follow_the_walks() -> None:
    inside = run_of(start_1="1.5,-0.2", start_2="0.4,-0.9", start_3="2.7,-2.7")
    assert how_many(inside.land) == "all"
    wrong = run_of(start_1="-2,1.5", start_2="-1.6,-1.8", start_3="1.8,2", network_steps=20)
    assert how_many(wrong.land) == "none"
    tired = run_of(land_steps=10, start_1="1.1,-0.6", start_2="-2.7,-2.7", land_rate=0.02)
    assert how_many(tired.land) == "part"


def test_no_walk_leaves_the_mountains_or_the_networks_window() -> None:
    rng = np.random.default_rng(5)
    for rate in (0.01, 0.15):
        for _ in range(12):
            a, b, c = rng.uniform(-2.7, 2.7, (3, 2))
            if min(np.hypot(*(a - b)), np.hypot(*(b - c)), np.hypot(*(a - c))) < 0.6:
                continue
            run = run_of(
                start_1=tuple(a),
                start_2=tuple(b),
                start_3=tuple(c),
                land_rate=rate,
                network_steps=20,
            )
            assert not any(w.left_domain for w in run.land.walks.descents)
    for rate in (0.3, 1.0, 2.0, 4.0, 5.0, 6.0):
        walks = run_of(network_rate=rate, network_steps=100).network.walks.descents
        for w in walks:
            assert (w.positions > (-14.5, -1.0)).all()
            assert (w.positions < (8.5, 15.5)).all()


@pytest.mark.parametrize("k", [0, 2, 5])
def test_the_arrow_at_the_walker_points_downhill(run: DescentRun, k: int) -> None:
    land = Mountains(run.land.terrain, run.land.walks)
    land.stroll(float(k), k + 1)
    walk = run.land.walks.descents[0]
    assert land.last == len(walk.moves)
    # On the screen the arrow leaves the walker towards where a small step down the slope is seen.
    tip = land.arrow.tips.points[0, :2] - land.dot.get_center()[:2]
    land.stroll(k + 0.2, k + 1)
    step = (land.dot.get_center() - seen_at(land, walk.positions[k]))[:2]
    assert tip @ step > 0.97 * np.linalg.norm(tip) * np.linalg.norm(step)


def seen_at(land: Mountains, place: np.ndarray) -> np.ndarray:
    """Where the walker is seen at `place`, found by looking for it at rest."""
    k = int(np.argmin(np.linalg.norm(land.walk.positions - place, axis=1)))
    land.stroll(float(k), k + 1)
    return np.array(land.dot.get_center())


def test_the_verdict_counts_those_who_are_caught() -> None:
    assert how_many(run_of().network) == "some"
    clip = walk(Descent)
    told = [s.content for s in clip.renderer.file_writer.subcaptions]
    assert any("One walker is caught in a higher valley." in t for t in told)


@pytest.mark.parametrize(
    "values",
    [
        {"bean_start": 1.5},
        {"start_1": "0,0", "start_2": "0.1,0.2"},
        {"start_1": "3,0"},
        {"start_1": "1"},
        {"learning_rate": 7},
    ],
)
def test_what_cannot_be_drawn_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        parse(DescentParams, values)


def test_the_clip_counts_what_its_walks_did(run: DescentRun) -> None:
    clip = walk(Descent)
    shown = {(e.section, e.name): e.value for e in clip.ledger.entries}
    assert shown["mountains", "in the lowest"] == 2
    assert shown["network", "in the lowest"] == 2
    assert shown["fixed-steps", "bounces"] == run.fixed.walk.bounces == 9
    assert shown["own-steps", "w"] == run.own.walk.positions[-1]
    ends = {e.text for e in clip.ledger.entries if e.section == "network" and e.name == "error"}
    assert {"0.195", "0.986"} <= ends
