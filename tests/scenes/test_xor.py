"""XOR's clip counts its lines rightly, and says of its networks what they do."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from scenes.boundaries.xor import Xor
from scenes.boundaries.xor_run import FAR, TOLD, Run, XorParams
from scenes.kit.dry import walk
from scenes.kit.ledger import shown
from scenes.kit.params import parse

CASES = ((0, 0), (0, 1), (1, 0), (1, 1))
ANSWERS = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0)}


def run_of(**values: Any) -> Run:
    return Xor.compute(XorParams(**values))


@pytest.fixture(scope="module")
def run() -> Run:
    return run_of()


def right(fires: Any, name: str = "XOR") -> int:
    return sum(bool(f) == bool(a) for f, a in zip(fires, ANSWERS[name], strict=True))


def splits() -> set[tuple[bool, ...]]:
    """All splits of the corners by lines of whole weights up to 2 and half-whole thresholds:
    every threshold function of two inputs is among them."""
    return {
        tuple(p * a + q * b > Fraction(c, 2) for a, b in CASES)
        for p, q in product(range(-2, 3), repeat=2)
        for c in range(-9, 10)
        if (p, q) != (0, 0)
    }


def test_a_line_has_fourteen_ways_and_none_is_xor(run: Run) -> None:
    found = splits()
    assert {way.fires for way in run.ways.dichotomies} == found
    assert run.ways.dichotomy_count == len(found) == 14
    assert run.ways.proven_best == max(map(right, found)) == 3
    xor = tuple(map(bool, ANSWERS["XOR"]))
    assert set(run.ways.impossible) == {xor, tuple(not a for a in xor)}


def test_the_row_of_the_best_is_the_second(run: Run) -> None:
    assert run.scores.tolist() == [4, 3, 2, 1]
    per_row = {score: sum(right(f) == score for f in splits()) for score in range(5)}
    assert per_row == {0: 0, 1: 4, 2: 6, 3: 4, 4: 0}
    assert sorted(way.score for way, _ in run.met) == [1] * 4 + [2] * 6 + [3] * 4


@pytest.mark.parametrize(("name", "place"), [("AND", 0), ("OR", 1)])
def test_one_line_is_enough_for_and_and_or(run: Run, name: str, place: int) -> None:
    line = run.lines[place]
    p, q = line.weights
    fires = [p * a + q * b > Fraction(line.threshold) for a, b in CASES]
    assert right(fires, name) == line.score == 4
    assert run.targets[name].tolist() == list(ANSWERS[name])


def test_the_line_moves_from_the_place_of_and_to_that_of_or(run: Run) -> None:
    # AND's line fires at one corner of OR's three: 00 and 11 are right.
    assert (run.shift.scores[0], run.shift.scores[-1]) == (2, 4)
    assert np.allclose(run.shift.offsets[[0, -1]] * np.sqrt(2), (1.5, 0.5))


@pytest.mark.parametrize("turns", range(2, 7))
def test_the_search_meets_every_way_and_never_more_than_three(turns: int) -> None:
    run = run_of(sweep_turns=turns, epochs=50)
    met = [tuple(map(bool, fires)) for fires in run.search.fires]
    assert set(met) == splits()
    assert run.found.tolist() == [len(set(met[: k + 1])) for k in range(len(met))]
    for way, at in run.met:
        assert met.index(way.fires) == at
    assert run.search.scores.tolist() == [right(fires) for fires in met]
    assert run.search.scores.max() == 3
    # It begins at OR's place and goes back there: the fourth corner is wrong.
    ends = run.search.fires[0], run.back.fires[-1]
    assert [e.tolist() for e in ends] == [[False, True, True, True]] * 2
    assert run.back.scores[0] == run.search.scores[-1]


def test_two_lines_are_the_hidden_neurons(run: Run) -> None:
    low, high = (Fraction(b) for b in run.bounds)
    assert (low, high) == (Fraction(1, 2), Fraction(3, 2))
    hidden = [[a + b > low, a + b < high] for a, b in CASES]
    assert run.two.forward.outputs[0].tolist() == [[float(h) for h in pair] for pair in hidden]
    assert right([all(pair) for pair in hidden]) == run.two.right == 4


def test_a_rule_s_numbers_are_its_neuron_s() -> None:
    """A + B > 0.5 and A + B < 1.5, all on one side, are weights and biases on the links."""
    ledger = walk(Xor).ledger.entries
    rules = {(e.name, e.text) for e in ledger if e.section == "bias"}
    neurons = {(e.name, e.text) for e in ledger if e.section == "network"}
    expected = {
        *((f"weight into hidden 1 from {i}", "1") for i in (1, 2)),
        *((f"weight into hidden 2 from {i}", "−1") for i in (1, 2)),
        ("bias of hidden 1", "−0.5"),
        ("bias of hidden 2", "1.5"),
    }
    assert expected <= rules & neurons
    assert ("fires above", "0") in rules


def test_the_captions_of_the_network_are_true(run: Run) -> None:
    one, both = TOLD
    assert (CASES[one], CASES[both]) == ((0, 1), (1, 1))
    hidden, out = run.two.forward.outputs
    assert (hidden[one].tolist(), out[one].tolist()) == ([1.0, 1.0], [1.0])
    assert (hidden[both].tolist(), out[both].tolist()) == ([1.0, 0.0], [0.0])
    for layer, given in zip(run.two.network.layers, (run.two.inputs, hidden), strict=True):
        sums = given @ layer.weights.T + np.asarray(layer.biases)
        found = hidden if given is run.two.inputs else out
        assert (sums > run.fires_above).tolist() == found.astype(bool).tolist()


def test_the_second_line_comes_in_and_mends_the_last_corner(run: Run) -> None:
    places = np.linspace(FAR, 1.5, len(run.entering))
    for bound, network, score in zip(places, run.entering, run.entering_right, strict=True):
        fires = [0.5 < a + b < bound for a, b in CASES]
        assert score == right(fires)
        assert np.asarray(network.layers[0].biases)[1] == pytest.approx(bound)
    assert (run.entering_right[0], run.entering_right[-1]) == (3, 4)


def test_the_score_turns_with_its_table() -> None:
    """In no frame is a score shown beside answers that it is not of."""
    seen: set[tuple[str, str]] = set()

    def note(clip: Any) -> None:
        if "score" in clip.shown and "table" in clip.shown and clip.board in clip.shown.values():
            answers = "".join(number.text for number in clip.table.told)
            seen.add((answers, clip.board.numbers["right"].text))

    walk(Xor, on_frame=note, frame_rate=10)
    lines = {"0001": {"4"}, "0111": {"2", "4"}, "0110": {"3"}}
    for answers, scores in lines.items():
        assert {s for a, s in seen if a == answers} >= scores
    assert ("0001", "2") not in seen
    assert {s for a, s in seen if a == "0110"} == {"3"}
    assert {a for a, _ in seen} == set(lines)


@pytest.mark.parametrize(
    ("values", "solved"),
    [({}, True), ({"seed": 6}, False), ({"epochs": 50, "hidden": 4}, False)],
)
def test_the_last_caption_is_true_of_the_trained_network(
    values: dict[str, Any], solved: bool
) -> None:
    run = run_of(**values)
    first, last = run.training.watched.networks[-1].layers
    fires = []
    for a, b in CASES:
        sums = first.weights @ np.array([a, b]) + first.biases
        total = last.weights @ (1 / (1 + np.exp(-sums))) + last.biases
        fires.append(float(total[0]) > 0)  # its output is above one half
    assert (right(fires) == 4) is solved
    assert Xor.verdicts(run) == {"learnt": "solved" if solved else "unsolved"}
    ledger = walk(Xor, XorParams(**values)).ledger.entries
    end = {e.name: e.text for e in ledger if e.section == "learnt"}
    assert end["correct"] == str(right(fires))
    assert end["loss"] == shown(run.training.watched.losses[-1], end_spec(run))


def end_spec(run: Run) -> str:
    spec: str = Xor(params=parse(XorParams, {}), lang="en").quantities(run)["loss"].spec
    return spec
