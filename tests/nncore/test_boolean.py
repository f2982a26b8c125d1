"""What lines can do with truth tables, against an independent count and plain logic."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.activations import SIGMOID, steep_sigmoid
from nncore.boolean import (
    CORNERS,
    TABLES,
    XNOR,
    XOR,
    Table,
    best_line,
    dichotomies,
    surface,
    sweep,
    sweep_path,
    train_xor,
    two_line_network,
    xor_by_lines,
)
from nncore.errors import ParameterError, ShapeError
from nncore.network import Network

LOGIC: dict[str, Any] = {
    "AND": lambda a, b: a and b,
    "OR": lambda a, b: a or b,
    "XOR": lambda a, b: a != b,
    "NAND": lambda a, b: not (a and b),
    "NOR": lambda a, b: not (a or b),
    "XNOR": lambda a, b: a == b,
}


@pytest.mark.parametrize("name", sorted(LOGIC))
def test_tables_are_logic(name: str) -> None:
    assert TABLES[name].targets == tuple(int(LOGIC[name](bool(a), bool(b))) for a, b in CORNERS)


def test_a_line_makes_fourteen_of_the_sixteen_splits() -> None:
    """Two splits are impossible: x1 + x2 has the same sum over 01, 10 as over 00, 11."""
    for way in dichotomies(XOR):
        a, b = way.weights
        assert way.fires == tuple(a * x + b * y > way.threshold for x, y in CORNERS)
    made = {way.fires for way in dichotomies(XOR)}
    diagonal = {tuple(map(bool, t.targets)) for t in (XOR, XNOR)}
    assert made == set(product((False, True), repeat=4)) - diagonal


def test_no_random_line_makes_another_split() -> None:
    rng = np.random.default_rng(0)
    made = {way.fires for way in dichotomies(XOR)}
    seen = set()
    for a, b, c in rng.normal(size=(20_000, 3)):
        seen.add(tuple(bool(a * x + b * y > c) for x, y in CORNERS))
    assert seen == made


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_best_lines(table: Table) -> None:
    search = best_line(table)
    expected = 3 if table in (XOR, XNOR) else 4
    assert search.best_score == search.proven_best == expected
    assert search.dichotomy_count == len(search.dichotomies) == 14
    assert len(search.impossible) == 2
    a, b = np.cos(search.angle), np.sin(search.angle)
    fires = [a * x + b * y > search.offset for x, y in CORNERS]
    assert list(search.fires) == fires
    assert sum(f == bool(t) for f, t in zip(fires, table.targets, strict=True)) == expected
    assert search.scores.shape == (360, 121)
    clearance = min(abs(a * x + b * y - search.offset) for x, y in CORNERS)
    assert clearance > 0.3  # the widest possible for AND is 1 / (2 sqrt 2) = 0.354


@given(st.sampled_from(sorted(LOGIC)), st.floats(0, 7), st.floats(-2, 2))
def test_sweeps_score_as_counted(name: str, angle: float, offset: float) -> None:
    run = sweep(TABLES[name], [0.0, angle], [5.0, offset])
    fires = [np.cos(angle) * x + np.sin(angle) * y > offset for x, y in CORNERS]
    distances = [abs(np.cos(angle) * x + np.sin(angle) * y - offset) for x, y in CORNERS]
    if min(distances) > 1e-8:
        assert run.fires[1].tolist() == fires
        expected = sum(
            bool(f) == bool(LOGIC[name](bool(x), bool(y)))
            for f, (x, y) in zip(fires, CORNERS, strict=True)
        )
        assert run.scores[1] == expected
        assert run.best_so_far.tolist() == [run.scores[0], max(run.scores[0], expected)]
    assert run.scores[0] == sum(not t for t in TABLES[name].targets)


@pytest.mark.parametrize("quarter", range(8))
def test_a_corner_on_the_line_does_not_fire(quarter: int) -> None:
    """Along an axis, w is (0, 1) or the like and the distances are whole numbers."""
    w = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter % 4]
    for offset in (-1, 0, 1):
        run = sweep(XOR, [quarter * np.pi / 2], [float(offset)])
        assert run.fires[0].tolist() == [w[0] * x + w[1] * y > offset for x, y in CORNERS]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_the_default_sweep_meets_the_best(table: Table) -> None:
    run = sweep(table)
    assert run.best_so_far[-1] == (3 if table in (XOR, XNOR) else 4)
    angles, offsets = sweep_path()
    assert run.angles.tolist() == angles.tolist()
    assert offsets.shape == (720,)


def test_two_lines_answer_xor() -> None:
    run = xor_by_lines()
    or_line = [float(a or b) for a, b in CORNERS]
    nand_line = [float(not (a and b)) for a, b in CORNERS]
    assert run.forward.outputs[0].T.tolist() == [or_line, nand_line]
    assert run.forward.output[:, 0].tolist() == [0, 1, 1, 0]
    assert run.right == 4
    smooth = xor_by_lines(steep_sigmoid(20))
    assert np.abs(smooth.forward.output[:, 0] - XOR.targets).max() < 0.01


def test_a_trained_network_solves_xor() -> None:
    run = train_xor()
    assert run.solved
    assert run.right == 4
    assert (run.outputs[[0, 3]] < 0.1).all()
    assert (run.outputs[[1, 2]] > 0.9).all()
    assert run.history.network.forward([1, 0]).output[0] == pytest.approx(run.outputs[2])
    assert run.losses.shape == (2000,)
    assert run.losses[-1] < 0.01 < run.losses[0]


def test_a_trained_network_was_watched() -> None:
    run = train_xor(epochs=300, looks=20)
    assert len(run.watched.epochs) == 20
    assert run.watched.outputs.shape == (20, 4, 1)
    assert run.watched.outputs[-1, :, 0].tolist() == run.outputs.tolist()
    assert run.watched.right[-1] == run.right
    assert run.losses is run.history.losses


def test_some_seeds_do_not_solve_it() -> None:
    run = train_xor(seed=0)
    assert not run.solved
    assert run.right < 4
    wrong = [(o > 0.5) != bool(t) for o, t in zip(run.outputs, XOR.targets, strict=True)]
    assert sum(wrong) == 4 - run.right


def test_a_surface_is_the_networks_output() -> None:
    network = Network.random((2, 3, 1), seed=2, biases=True)
    s = surface(network, -1.0, 2.0, 7)
    assert s.z.shape == (7, 7)
    for i, j in ((0, 0), (2, 5), (6, 1)):
        assert s.z[i, j] == pytest.approx(network.forward([s.xs[j], s.ys[i]]).output[0], rel=1e-13)
    assert (s.xs[0], s.xs[-1]) == (-1.0, 2.0)


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [
        (lambda: surface(Network.random((3, 1), seed=1)), ShapeError),
        (lambda: surface(two_line_network(SIGMOID), 1.0, 1.0), ParameterError),
        (lambda: sweep(XOR, [1.0]), ShapeError),
        (lambda: sweep(XOR, [1.0], [1.0, 2.0]), ShapeError),
        (lambda: best_line(XOR, n_angles=0), ParameterError),
        (lambda: train_xor(epochs=0), ParameterError),
    ],
)
def test_mistakes_are_refused(mistake: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        mistake()
