"""The numbers of the XOR clip: every line tried and counted, two networks run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nncore.boolean import (
    AND,
    CORNERS,
    OR,
    XOR,
    Dichotomy,
    LineSearch,
    Sweep,
    Table,
    XorByLines,
    XorTraining,
    best_line,
    dichotomies,
    sweep,
    sweep_path,
    train_xor,
    xor_by_lines,
)
from nncore.errors import Array, read_only

LOW, HIGH = -0.5, 1.5  # the plane's range of each input
POSITIONS = 720  # of the line that tries XOR
SLIDE = 100  # positions of a line on its way from one place to another
FIRES_ABOVE = 0.0  # a step neuron fires where its sum is larger
FAR = 2 * HIGH  # A + B in the plane's far corner, where the second line comes in


@dataclass(frozen=True, eq=False)
class XorRun:
    """The lines tried on the three tables, the two-line network, and the trained one.

    `shift`: the line on its way from AND's place to OR's, scored on OR. `search`: the sweep over
    XOR; `back`: from its end to OR's place. `bounds`: the sums A + B at the two lines of
    `two`, whose neurons fire at sums above `fires_above`. `entering` (n,): the second line's
    bound as it comes in, `entering_right` (n,) how many corners the two lines get right
    meanwhile. `first_outputs` (4,) and `first_right`: after one epoch.
    """

    corners: int
    fires_above: float
    and_line: Dichotomy
    or_line: Dichotomy
    shift: Sweep
    search: Sweep
    back: Sweep
    ways: LineSearch
    two: XorByLines
    bounds: tuple[float, float]
    entering: Array
    entering_right: Array
    training: XorTraining
    first_outputs: Array
    first_right: int


def _full_line(table: Table) -> Dichotomy:
    """The line that gets a whole table right."""
    return max(dichotomies(table), key=lambda way: way.score)


def _polar(line: Dichotomy) -> tuple[float, float]:
    """Angle and offset of a line w·x = b."""
    w = np.array(line.weights, dtype=float)
    return float(np.arctan2(w[1], w[0])), line.threshold / float(np.hypot(w[0], w[1]))


def _slide(table: Table, start: Sequence[float], end: Sequence[float]) -> Sweep:
    """Score a line on its straight way from (angle, offset) to (angle, offset)."""
    angles, offsets = np.linspace(start, end, SLIDE).T
    return sweep(table, angles, offsets)


def _entering(two: XorByLines) -> tuple[Array, Array]:
    """Bounds of the second line as it comes in from the far corner, and how many are right."""
    hidden, out = two.network.layers
    assert hidden.biases is not None
    bounds = np.linspace(FAR, -hidden.biases[1] / hidden.weights[1, 0], SLIDE)
    right = []
    for bound in bounds:
        biases = np.array([hidden.biases[0], -bound * hidden.weights[1, 0]])
        moved = two.network.with_weights([hidden.weights, out.weights], [biases, out.biases])
        answers = moved.forward(two.inputs).output[:, 0]
        right.append(int((answers == two.targets).sum()))
    return read_only(bounds), read_only(np.array(right))


def xor_run(*, turns: int, seed: int, learning_rate: float, epochs: int, hidden: int) -> XorRun:
    """Try and count every line, run the two-line network, train another from `seed`.

    `turns` are the full turns of the line that tries XOR. Raises as `train_xor` does.
    """
    and_line, or_line = _full_line(AND), _full_line(OR)
    path = sweep(XOR, *sweep_path(POSITIONS, turns))
    angle, offset = _polar(or_line)
    end = (path.angles[-1], path.offsets[-1])
    two = xor_by_lines()
    first = two.network.layers[0]
    bounds = -np.asarray(first.biases) / first.weights[:, 0]
    entering, entering_right = _entering(two)
    training = train_xor(seed, learning_rate, epochs, hidden, record_every=1)
    start = training.history.snapshots[1].network.forward(two.inputs)
    return XorRun(
        corners=len(CORNERS),
        fires_above=FIRES_ABOVE,
        and_line=and_line,
        or_line=or_line,
        shift=_slide(OR, _polar(and_line), (angle, offset)),
        search=path,
        back=_slide(XOR, end, (angle + 2 * np.pi * turns, offset)),
        ways=best_line(XOR),
        two=two,
        bounds=(float(bounds[0]), float(bounds[1])),
        entering=entering,
        entering_right=entering_right,
        training=training,
        first_outputs=read_only(start.output[:, 0]),
        first_right=int(((start.output[:, 0] > 0.5) == training.targets).sum()),
    )
