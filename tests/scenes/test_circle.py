"""The disc in a ring: scores, open and closed boundaries, roundness, by other means."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import label
from scipy.special import expit

from scenes.boundaries.circle import NAMES, Circle
from scenes.kit.dry import walk
from scenes.kit.params import parse

GRID = 401


def outputs(network: Any, points: np.ndarray) -> np.ndarray:
    """What a network answers, written out: two weighted sums, two sigmoids."""
    hidden, out = network.layers
    inner = expit(points @ np.asarray(hidden.weights).T + np.asarray(hidden.biases))
    return expit(inner @ np.asarray(out.weights).T + np.asarray(out.biases))[:, 0]


def inside(run: Any, name: str) -> np.ndarray:
    """Where the last network says yes, as a picture of the square."""
    side = np.linspace(-run.reach, run.reach, GRID)
    mesh = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    return (outputs(run.learnt[name].networks[-1], mesh) > 0.5).reshape(GRID, GRID)


def touches(mask: np.ndarray) -> bool:
    """Whether a part of the picture, or of the rest, reaches a side."""
    parts, _ = label(mask)
    sides = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    return bool(sides.any())


@pytest.fixture(scope="module")
def run() -> Any:
    return Circle.compute(Circle.Params())


def test_a_disc_lies_in_a_ring(run: Any) -> None:
    far = np.linalg.norm(run.points, axis=1)
    first = {int(c): far[run.classes == c] for c in (0, 1)}
    inner, outer = sorted(first.values(), key=lambda r: float(r.mean()))
    assert len(inner) == len(outer) == run.total / 2
    assert inner.max() < outer.min()


@pytest.mark.parametrize("name", NAMES)
def test_each_score_is_the_count_of_points_answered_right(run: Any, name: str) -> None:
    watched = run.learnt[name]
    for network, right, loss in zip(watched.networks, watched.right, watched.losses, strict=True):
        y = outputs(network, run.points)
        assert int(((y > 0.5) == run.classes).sum()) == right
        assert np.mean((run.classes - y) ** 2) == pytest.approx(loss, abs=1e-12)


def test_two_lines_leave_it_open_and_three_close_it(run: Any) -> None:
    for name in NAMES:
        assert touches(inside(run, name)) == (run.outlines[name].kind == "open")
    assert run.outlines["two"].kind == "open" and run.learnt["two"].right[-1] < run.total
    assert run.outlines["three"].kind == "closed" and run.learnt["three"].right[-1] == run.total


def test_more_lines_are_rounder(run: Any) -> None:
    shares = []
    for name in NAMES[1:]:
        mask = inside(run, name)
        y, x = np.nonzero(mask)
        centre = (GRID - 1) / 2
        farthest = ((x - centre) ** 2 + (y - centre) ** 2).max()
        shares.append(mask.sum() / (np.pi * farthest))
    assert all(b > a for a, b in pairwise(shares))
    assert Circle.verdicts(run) == {"two": "open", "three": "all", "last": "rounder"}


def test_the_point_that_is_followed_is_one_that_two_lines_get_wrong(run: Any) -> None:
    k = run.followed
    first, *_, last = run.learnt["two"].networks
    assert (outputs(last, run.points)[k] > 0.5) != run.classes[k]
    assert run.output == pytest.approx(outputs(first, run.points)[k])


def test_too_slow_a_training_says_so() -> None:
    slow = Circle.compute(parse(Circle.Params, {"learning_rate": "0.01", "epochs": "100"}))
    words = Circle.verdicts(slow)
    for name in ("two", "three"):
        mask = inside(slow, name)
        assert (words[name] == "none") == (bool(mask.all()) or not mask.any())
    assert words["last"] == "mixed"


def test_the_picture_ends_with_what_was_learnt() -> None:
    scene = walk(Circle, None, "en", frame_rate=2, on_frame=lambda s: None)
    shown = {e.name: e.value for e in scene.ledger.entries}
    for name in NAMES:
        assert shown[f"{name}: correct"] == scene.run.learnt[name].right[-1]
