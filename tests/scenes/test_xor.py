"""The XOR clip's run, against exact counting, and its captions, against the run."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from scenes.kit.clip import Clip
from scenes.kit.dry import walk
from scenes.kit.surface import chord, cut, half_plane, heat
from scenes.xor import Xor, XorParams
from scenes.xor_run import XorRun

CASES = ((0, 0), (0, 1), (1, 0), (1, 1))
ANSWERS = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0)}


@pytest.fixture(scope="module")
def run() -> XorRun:
    return Xor.compute(XorParams())


def right(fires: Any, answers: tuple[int, ...]) -> int:
    return sum(bool(f) == bool(a) for f, a in zip(fires, answers, strict=True))


def test_the_ways_of_a_line_are_those_of_small_whole_numbers(run: XorRun) -> None:
    """Every threshold function of two inputs has a line with weights and threshold up to 2."""
    found = {
        tuple(p * a + q * b > Fraction(c, 2) for a, b in CASES)
        for p, q in product(range(-2, 3), repeat=2)
        for c in range(-9, 10)
        if (p, q) != (0, 0)
    }
    assert {way.fires for way in run.ways.dichotomies} == found
    assert run.ways.dichotomy_count == len(found) == 14
    assert run.ways.proven_best == max(right(f, ANSWERS["XOR"]) for f in found) == 3


def test_no_splits_but_xor_and_its_opposite_are_impossible(run: XorRun) -> None:
    answers = tuple(bool(a) for a in ANSWERS["XOR"])
    assert set(run.ways.impossible) == {answers, tuple(not a for a in answers)}


@pytest.mark.parametrize("name", ["AND", "OR"])
def test_one_line_is_enough(run: XorRun, name: str) -> None:
    line = run.and_line if name == "AND" else run.or_line
    p, q = line.weights
    fires = [p * a + q * b > Fraction(line.threshold) for a, b in CASES]
    assert right(fires, ANSWERS[name]) == line.score == 4


def test_the_line_moves_from_the_place_of_and_to_that_of_or(run: XorRun) -> None:
    # AND's line fires at one corner of OR's three: 00 and 11 are right.
    assert run.shift.scores[0] == 2
    assert run.shift.scores[-1] == 4
    assert np.allclose(run.shift.offsets[[0, -1]] * np.sqrt(2), (1.5, 0.5))


@pytest.mark.parametrize("turns", range(2, 7))
def test_the_sweep_meets_every_way_and_never_more_than_three(turns: int) -> None:
    found = Xor.compute(XorParams(sweep_turns=turns, epochs=50))
    met = {tuple(bool(f) for f in fires) for fires in found.search.fires}
    assert met == {way.fires for way in found.ways.dichotomies}
    assert found.search.scores.max() == found.search.best_so_far[-1] == 3
    # On its way back it ends where OR's line is, the fourth corner wrong.
    assert found.back.scores[0] == found.search.scores[-1]
    assert found.back.fires[-1].tolist() == [False, True, True, True]


def test_two_lines_are_the_hidden_neurons(run: XorRun) -> None:
    low, high = (Fraction(b) for b in run.bounds)
    assert (low, high) == (Fraction(1, 2), Fraction(3, 2))
    between = [low < a + b < high for a, b in CASES]
    assert right(between, ANSWERS["XOR"]) == run.two.right == 4
    hidden = [[a + b > low, a + b < high] for a, b in CASES]
    assert run.two.forward.outputs[0].tolist() == [[float(h) for h in pair] for pair in hidden]


def test_a_neuron_fires_where_its_sum_is_above_the_threshold_shown(run: XorRun) -> None:
    for layer, sums, outputs in zip(
        run.two.network.layers, run.two.forward.weighted_sums, run.two.forward.outputs, strict=True
    ):
        given = run.two.inputs if layer is run.two.network.layers[0] else run.two.forward.outputs[0]
        with_bias = given @ layer.weights.T + np.asarray(layer.biases)
        assert sums.tolist() == with_bias.tolist()
        assert outputs.tolist() == (with_bias > run.fires_above).astype(float).tolist()


def test_the_second_line_comes_in_and_mends_the_last_corner(run: XorRun) -> None:
    for bound, count in zip(run.entering, run.entering_right, strict=True):
        between = [0.5 < a + b < bound for a, b in CASES]
        assert count == right(between, ANSWERS["XOR"])
    assert (run.entering_right[0], run.entering_right[-1]) == (3, 4)
    assert run.entering[-1] == run.bounds[1]


def test_the_trained_outputs_are_those_of_its_weights(run: XorRun) -> None:
    first, last = run.training.history.network.layers
    for (a, b), output in zip(CASES, run.training.outputs, strict=True):
        sums = first.weights @ np.array([a, b]) + first.biases
        total = last.weights @ (1 / (1 + np.exp(-sums))) + last.biases
        assert output == pytest.approx(float(1 / (1 + np.exp(-total[0]))), abs=1e-12)
    assert run.first_right == right(run.first_outputs > 0.5, ANSWERS["XOR"])
    assert len(run.training.history.snapshots) == run.training.epochs + 1


@pytest.mark.parametrize(
    ("values", "solved"),
    [({}, True), ({"seed": 6}, False), ({"epochs": 50, "hidden": 4}, False)],
)
def test_the_verdict_is_the_run_s(values: dict[str, Any], solved: bool) -> None:
    captions: list[str] = []

    def note(clip: Clip, _section: str) -> None:
        assert clip._caption is not None
        captions.append(clip._caption.text)

    clip = walk(Xor, XorParams(**values), at_section_end=note)
    training = clip.run.training
    assert training.solved is solved
    assert right(training.outputs > 0.5, ANSWERS["XOR"]) == training.right
    start = (
        "Trained from random weights, it found" if solved else "From random weights it gets only"
    )
    assert captions[-1].startswith(start)
    assert f"{training.right} of 4" in captions[-1]
    shown = [e for e in clip.ledger.entries if e.section == "learn" and e.name == "loss"][-1]
    assert float(shown.text) == pytest.approx(training.losses[-1], rel=0.06)
    assert "14" in captions[clip.sections.index("proof")]


def test_what_a_line_cuts_off_a_square() -> None:
    # x + y > 1 cuts the square [0, 1]² along its diagonal; half of it is left.
    part = half_plane(0, 1, (1, 1), 1)
    x, y = part.T
    assert abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2 == pytest.approx(0.5)
    ends = sorted(map(tuple, chord(0, 1, (1, 2), 1)))
    assert np.allclose(ends, [(0, 0.5), (1, 0)])
    assert len(chord(0, 1, (1, 1), 3)) == 0
    assert len(half_plane(0, 1, (1, 1), 3)) == 0
    assert len(cut(np.zeros((0, 2)), (1, 0), 0)) == 0


def test_heat_goes_from_blue_over_dark_to_orange() -> None:
    low, middle, high = heat([0.0, 0.5, 1.0]).astype(int)
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert middle.sum() < min(low.sum(), high.sum())
    assert (heat([-3.0, 4.0]) == heat([0.0, 1.0])).all()
