"""AND, OR, XOR: what one line can separate, what two lines can, what a network learns.

The talk; excerpts 1.5. A line fires where w.x > b, with w = (cos angle, sin angle) and b its
offset from the origin; the opposite angle with -b is the same line firing on its other side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.activations import STEP, Activation
from nncore.errors import Array, ParameterError, ShapeError, check_array, check_count, read_only
from nncore.exact import without_noise
from nncore.network import Forward, Layer, Network
from nncore.training import History
from nncore.watch import LOOKS, Watched, watch

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
INPUTS: Array = read_only(np.array(CORNERS, dtype=np.float64))


@dataclass(frozen=True)
class Table:
    """A truth table: its answers, 0 or 1, to the inputs 00, 01, 10, 11."""

    name: str
    targets: tuple[int, int, int, int]


AND = Table("AND", (0, 0, 0, 1))
OR = Table("OR", (0, 1, 1, 1))
XOR = Table("XOR", (0, 1, 1, 0))
NAND = Table("NAND", (1, 1, 1, 0))
NOR = Table("NOR", (1, 0, 0, 0))
XNOR = Table("XNOR", (1, 0, 0, 1))
TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (AND, OR, XOR, NAND, NOR, XNOR)}
)


@dataclass(frozen=True)
class Dichotomy:
    """A way a line can split the corners: which fire, a line w.x > b that does it (whole-number
    weights), and how many of the table's answers it gets right."""

    fires: tuple[bool, bool, bool, bool]
    weights: tuple[int, int]
    threshold: float
    score: int


@dataclass(frozen=True, eq=False)
class LineSearch:
    """The lines tried for a table and the proof that no other does better.

    ``angles`` (n,) in radians, ``offsets`` (m,), ``scores`` (n, m) of 4. ``angle``, ``offset``:
    the line of ``best_score`` furthest from all corners, ``fires`` where it fires.
    ``dichotomies``: every way any line can split the corners; ``impossible``: the answers out of
    all 16 that no line gives; ``proven_best``: the highest score among the dichotomies.
    """

    table: Table
    angles: Array
    offsets: Array
    scores: NDArray[np.int64]
    best_score: int
    angle: float
    offset: float
    fires: tuple[bool, ...]
    dichotomies: tuple[Dichotomy, ...]
    dichotomy_count: int
    impossible: tuple[tuple[bool, ...], ...]
    proven_best: int


@dataclass(frozen=True, eq=False)
class Sweep:
    """A line in motion: of each position the angle, offset, ``fires`` (n, 4), its score of 4 and
    the best score so far."""

    table: Table
    angles: Array
    offsets: Array
    fires: NDArray[np.bool_]
    scores: NDArray[np.int64]
    best_so_far: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class XorByLines:
    """Two lines and an AND on the four corners: ``forward`` of all of them, ``right`` of 4."""

    network: Network
    inputs: Array
    targets: Array
    forward: Forward
    right: int


@dataclass(frozen=True, eq=False)
class XorTraining:
    """A 2-hidden-1 network taught XOR: the training as it was ``watched``, and after it the
    ``forward`` pass and the ``outputs`` (4,) on the corners, how many are ``right`` of 4, and
    whether it is ``solved``: all on the right side of 0.5."""

    seed: int
    hidden: int
    learning_rate: float
    epochs: int
    watched: Watched
    targets: Array
    forward: Forward
    outputs: Array
    right: int
    solved: bool

    @property
    def history(self) -> History:
        """The whole training, with a loss an epoch."""
        return self.watched.history

    @property
    def losses(self) -> Array:
        """The mean loss of a corner over each epoch, (epochs,): half the squared error."""
        return self.history.losses


@dataclass(frozen=True, eq=False)
class Surface:
    """A network's output over a square: ``z[i, j]`` at x = xs[j], y = ys[i]."""

    xs: Array
    ys: Array
    z: Array


def _directions() -> list[tuple[int, int]]:
    """Return a whole-number vector for each way of ordering the corners along a direction.

    The order of w.x over the corners can change only where w is perpendicular to a line through
    two of them. Those directions and one between each two neighbours stand for all.
    """
    critical = set()
    for (a, b), (c, d) in product(CORNERS, CORNERS):
        if (a, b) != (c, d):
            critical.add((b - d, c - a))
    ring = sorted(critical, key=lambda v: np.arctan2(v[1], v[0]))
    between = [(p[0] + q[0], p[1] + q[1]) for p, q in pairwise([*ring, ring[0]])]
    return [*ring, *between]


def dichotomies(table: Table) -> tuple[Dichotomy, ...]:
    """Return every split of the four corners that a line w.x > b can make, with its score.

    Exact: whole-number arithmetic over all orderings of the corners, and for each a threshold in
    every gap, before the first and after the last.
    """
    found: dict[tuple[bool, ...], Dichotomy] = {}
    for w in _directions():
        heights = [w[0] * x + w[1] * y for x, y in CORNERS]
        levels = sorted(set(heights))
        gaps = [levels[0] - 0.5, *((p + q) / 2 for p, q in pairwise(levels)), levels[-1] + 0.5]
        for b in gaps:
            fires = (heights[0] > b, heights[1] > b, heights[2] > b, heights[3] > b)
            right = sum(f == bool(t) for f, t in zip(fires, table.targets, strict=True))
            found.setdefault(fires, Dichotomy(fires, w, b, right))
    return tuple(found[key] for key in sorted(found))


def _fires(angles: Array, offsets: Array) -> NDArray[np.bool_]:
    """Return where lines fire on the corners: the shape of the angles and offsets, and 4."""
    return _distances(angles, offsets) > 0


def _distances(angles: Array, offsets: Array) -> Array:
    w = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    distances: Array = w @ INPUTS.T - offsets[..., None]
    # A corner on the line is at 0.0, so it does not fire: the cosine of a right angle is not 0.
    return without_noise(distances, 1 + np.abs(offsets[..., None]))


def _right(fires: NDArray[np.bool_], table: Table) -> NDArray[np.int64]:
    right: NDArray[np.int64] = (fires == np.array(table.targets, dtype=bool)).sum(axis=-1)
    return right


def best_line(table: Table, n_angles: int = 360, n_offsets: int = 121) -> LineSearch:
    """Try lines at ``n_angles`` directions and ``n_offsets`` offsets (-1.5 to 1.5) on a table.

    Raises ParameterError for a count below 1.
    """
    check_count(n_angles, "The number of angles")
    check_count(n_offsets, "The number of offsets")
    angles = np.linspace(0.0, 2 * np.pi, n_angles, endpoint=False)
    offsets = np.linspace(-1.5, 1.5, n_offsets)
    distances = _distances(*np.broadcast_arrays(angles[:, None], offsets))
    scores = _right(distances > 0, table)
    best = int(scores.max())
    clearance = np.where(scores == best, np.abs(distances).min(axis=-1), -1.0)
    i, j = np.unravel_index(int(np.argmax(clearance)), scores.shape)
    ways = dichotomies(table)
    possible = {way.fires for way in ways}
    return LineSearch(
        table,
        read_only(angles),
        read_only(offsets),
        read_only(scores),
        best,
        float(angles[i]),
        float(offsets[j]),
        tuple((distances[i, j] > 0).tolist()),
        ways,
        len(ways),
        tuple(p for p in product((False, True), repeat=4) if p not in possible),
        max(way.score for way in ways),
    )


def sweep_path(n: int = 720, turns: int = 4) -> tuple[Array, Array]:
    """Return angles and offsets (n,) of a line that turns while it slides across the square.

    It starts clear of the corners on one side of the centre (0.5, 0.5) and ends on the other.
    """
    check_count(n, "The number of positions", low=2)
    check_count(turns, "The number of turns")
    angles = np.linspace(0.0, 2 * np.pi * turns, n)
    from_centre = np.linspace(-0.75, 0.75, n)
    return read_only(angles), read_only(from_centre + 0.5 * np.cos(angles) + 0.5 * np.sin(angles))


def sweep(table: Table, angles: ArrayLike | None = None, offsets: ArrayLike | None = None) -> Sweep:
    """Score a line along a path of angles (radians) and offsets, both (n,), or along
    ``sweep_path()``. Raises ShapeError when they differ in length or only one is given."""
    if (angles is None) != (offsets is None):
        raise ShapeError("A sweep needs both its angles and its offsets, or neither.")
    if angles is None or offsets is None:
        angles, offsets = sweep_path()
    a, b = check_array(angles, "The angles"), check_array(offsets, "The offsets")
    if not 0 < len(a) == len(b):
        raise ShapeError(f"{len(a)} angles and {len(b)} offsets do not pair up.")
    fires = _fires(a, b)
    scores = _right(fires, table)
    return Sweep(
        table,
        read_only(a),
        read_only(b),
        read_only(fires),
        read_only(scores),
        read_only(np.maximum.accumulate(scores)),
    )


def splitting_line(table: Table) -> Dichotomy:
    """Return a line that answers the table best: for AND and OR, all of it."""
    return max(dichotomies(table), key=lambda way: way.score)


def slide(table: Table, start: ArrayLike, end: ArrayLike, n: int = 100) -> Sweep:
    """Score a line on its even way from one (angle, offset) to another, ``n`` positions."""
    check_count(n, "The number of positions", low=2)
    angles, offsets = np.linspace(np.asarray(start), np.asarray(end), n).T
    return sweep(table, angles, offsets)


def polar(line: Dichotomy) -> tuple[float, float]:
    """Return the angle and the offset of a line w.x = b."""
    w = np.array(line.weights, dtype=np.float64)
    return float(np.arctan2(w[1], w[0])), line.threshold / float(np.hypot(w[0], w[1]))


def first_met(search: Sweep, ways: Sequence[Dichotomy]) -> tuple[tuple[Dichotomy, int], ...]:
    """Return each way and the position at which the sweep first splits the corners so, in the
    sweep's order; ways that it never meets are left out."""
    met = []
    for way in ways:
        same = np.flatnonzero((search.fires == np.array(way.fires)).all(axis=1))
        if len(same):
            met.append((way, int(same[0])))
    return tuple(sorted(met, key=lambda pair: pair[1]))


def second_line_enters(
    two: XorByLines, start: float, n: int = 100
) -> tuple[tuple[Network, ...], NDArray[np.int64]]:
    """Return the two-line network (n) as its second line A + B = bound slides from ``start`` to
    its place, and how many corners (n,) it answers right meanwhile."""
    check_count(n, "The number of positions", low=2)
    hidden, out = two.network.layers
    first, second = np.asarray(hidden.biases)
    slope = hidden.weights[1, 0]
    on_the_way = [
        two.network.with_weights(
            [hidden.weights, out.weights],
            [np.array([first, -bound * slope]), np.asarray(out.biases)],
        )
        for bound in np.linspace(start, -second / slope, n)
    ]
    right = [_right_of(network.forward(two.inputs).output) for network in on_the_way]
    return tuple(on_the_way), read_only(np.array(right))


def two_line_network(activation: Activation = STEP) -> Network:
    """Return a 2-2-1 network of three lines that answers XOR: OR and NAND, joined by AND.

    With STEP exactly; with a steep sigmoid nearly.
    """
    return Network(
        [
            Layer(np.array([[1.0, 1.0], [-1.0, -1.0]]), np.array([-0.5, 1.5]), activation),
            Layer(np.array([[1.0, 1.0]]), np.array([-1.5]), activation),
        ]
    )


def xor_by_lines(activation: Activation = STEP) -> XorByLines:
    """Run the two-line network on the four corners."""
    network = two_line_network(activation)
    forward = network.forward(INPUTS)
    return XorByLines(network, INPUTS, _targets(XOR), forward, _right_of(forward.output))


def train_xor(
    seed: int = 1,
    learning_rate: float = 2.0,
    epochs: int = 2000,
    hidden: int = 2,
    looks: int = LOOKS,
) -> XorTraining:
    """Teach a 2-hidden-1 sigmoid network with biases XOR, one corner at a time in order, and look
    at it ``looks`` times.

    Some seeds end in a wrong valley and never solve it: see ``solved``. Raises as
    ``nncore.watch.watch`` does.
    """
    network = Network.random((2, hidden, 1), seed=seed, biases=True, spread=1.0)
    targets = _targets(XOR)
    watched = watch(
        network, INPUTS, targets, learning_rate=learning_rate, epochs=epochs, looks=looks
    )
    forward = watched.history.network.forward(INPUTS)
    right = _right_of(forward.output)
    return XorTraining(
        seed,
        hidden,
        watched.history.learning_rate,
        epochs,
        watched,
        targets,
        forward,
        read_only(forward.output[:, 0]),
        right,
        right == len(CORNERS),
    )


def _targets(table: Table) -> Array:
    return read_only(np.array(table.targets, dtype=np.float64))


def _right_of(output: NDArray[Any]) -> int:
    return int(_right(output[:, 0] > 0.5, XOR))


def surface(network: Network, low: float = -0.5, high: float = 1.5, n: int = 101) -> Surface:
    """Return the output of a network of two inputs and one output over the square [low, high]^2.

    Raises ShapeError for another network, ParameterError for an empty square or n < 2.
    """
    check_count(n, "The number of grid points", low=2)
    if (network.sizes[0], network.sizes[-1]) != (2, 1):
        raise ShapeError("A surface needs a network of two inputs and one output.")
    if not low < high:
        raise ParameterError(f"The square's low side {low:g} must be below its high side {high:g}.")
    ticks = np.linspace(low, high, n)
    points = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    z = network.forward(points).output.reshape(n, n)
    return Surface(read_only(ticks), read_only(ticks), read_only(z))
