"""XOR: one line cannot split its corners, two can, and a network finds its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import linear, smooth
from numpy.typing import NDArray
from pydantic import Field

from nncore import boolean
from nncore.boolean import AND, INPUTS, OR, XOR, Dichotomy, LineSearch, Sweep, XorByLines
from nncore.errors import Array
from nncore.network import Network
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Values, count, error, inputs, output, plain, weight
from scenes.kit.story import Lazy, Story, together
from scenes.kit.views.album import Album
from scenes.kit.views.cases import CasesView
from scenes.kit.views.field import FieldView
from scenes.kit.views.film import film
from scenes.kit.views.network import NetworkView
from scenes.kit.views.plane_marks import Boundary, pick, recorded
from scenes.kit.views.series import Board, Series
from scenes.kit.views.stack import Stack
from scenes.kit.views.worked import Worked

LOW, HIGH = -0.5, 1.5  # the plane's range of each input
POSITIONS = 720  # of the line that tries XOR
FAR = 2 * HIGH  # A + B in the plane's far corner, where the second line comes in
SEARCH = 12.0  # seconds


class Params(ClipParams):
    """How the line searches, and how the network is trained."""

    sweep_turns: int = Field(3, ge=2, le=6, description="full turns of the line that tries XOR")
    seed: int = Field(1, ge=0, le=2**32 - 1, description="seed of the trained network's weights")
    learning_rate: float = Field(2.0, gt=0, le=10, description="learning rate of the training")
    epochs: int = Field(2000, ge=50, le=3000, description="times the four cases are learnt")
    hidden: int = Field(2, ge=2, le=4, description="hidden neurons of the trained network")


@dataclass(frozen=True, eq=False)
class Run:
    """The lines tried on three tables, the network of two lines, and the trained one.

    `shift`: the line on its way from AND's place to OR's, scored on OR; `search`: the line that
    tries XOR, which meets each way to split the corners first at `met`; `back`: from there to
    OR's place. `entering`: the two-line network as its second line comes in, `entering_right` of
    4. `outputs` (looks, 4): of the trained network. `scores`: the rows of the album.
    """

    targets: dict[str, NDArray[np.int64]]
    corners: int
    lines: tuple[Dichotomy, Dichotomy]
    shift: Sweep
    search: Sweep
    met: tuple[tuple[Dichotomy, int], ...]
    back: Sweep
    ways: LineSearch
    scores: NDArray[np.int64]
    two: XorByLines
    bounds: Array
    entering: tuple[Network, ...]
    entering_right: Array
    training: boolean.XorTraining
    outputs: Array


class Xor(Story):
    """Truth tables as points; one line, two lines, a trained network."""

    Params = Params

    @staticmethod
    def compute(p: Params) -> Run:
        lines = boolean.splitting_line(AND), boolean.splitting_line(OR)
        start, end = (boolean.polar(line) for line in lines)
        search = boolean.sweep(XOR, *boolean.sweep_path(POSITIONS, p.sweep_turns))
        goal = end[0] + 2 * np.pi * p.sweep_turns, end[1]
        ways, two = boolean.best_line(XOR), boolean.xor_by_lines()
        entering, right = boolean.second_line_enters(two, FAR)
        training = boolean.train_xor(p.seed, p.learning_rate, p.epochs, p.hidden)
        hidden = two.network.layers[0]
        return Run(
            {t.name: np.array(t.targets) for t in (AND, OR, XOR)}, len(INPUTS), lines,
            boolean.slide(OR, start, end), search, boolean.first_met(search, ways.dichotomies),
            boolean.slide(XOR, (search.angles[-1], search.offsets[-1]), goal), ways,
            np.arange(len(INPUTS), 0, -1), two, -np.asarray(hidden.biases) / hidden.weights[:, 0],
            entering, right, training, training.watched.outputs[..., 0],
        )  # fmt: skip

    def quantities(self, r: Run) -> dict:
        hidden, out = r.two.network.layers
        return {
            "n": count(r.corners, "cases"),
            "x": inputs(INPUTS, "case {}: input {}", given=True),
            "t": {k: output(v, f"{k} of case {{}}") for k, v in r.targets.items()},
            "shift": count(r.shift.scores, "correct"),
            "search": count(r.search.scores, "correct"),
            "best": count(r.search.best_so_far, "best so far"),
            "ways": count(r.ways.dichotomy_count, "ways to split"),
            "proven": count(r.ways.proven_best, "best"),
            "rows": count(r.scores, "correct"),
            "bound": plain(r.bounds, "bound {}", given=True, digits=1),
            "w": weight(hidden.weights, "weight into hidden {} from {}", given=True),
            "b": weight(hidden.biases, "bias of hidden {}", given=True, digits=1),
            "v": weight(out.weights, "weight into output {} from {}", given=True),
            "c": weight(out.biases, "bias of output {}", given=True, digits=1),
            "enter": count(r.entering_right, "correct"),
            "epoch": count(r.training.watched.epochs, "epoch"),
            "loss": error(r.training.watched.losses, "loss", digits=3),
            "right": count(r.training.watched.right, "correct"),
            "y": output(r.outputs, "output", digits=2),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        return {"learnt": "solved" if r.training.solved else "unsolved"}

    def story(self, r: Run) -> None:
        b, score = self.book, "(plane*6 / score)"
        self.stage(f"{score}*5 | table*4", tall="plane*6 / score / table*4",
                   square=f"{score}*4 | table*3")  # fmt: skip
        edge = (LOW, HIGH)
        self.plane = plane = FieldView(
            INPUTS, AND.targets, x="a", y="b", x_range=edge, y_range=edge, ticks=((0, 1), (0, 1))
        )  # fmt: skip
        self.score = Board(right=(b.rows[0], b.n[()]))
        table = CasesView(b.x, b.t["AND"], letters="AB", name="AND")
        each = [together(table.point(k), plane.mark(k)) for k in range(r.corners)]
        self.beat("table", *each, together(table.point(None), plane.mark(None)),
                  plane=plane, table=table)  # fmt: skip
        line = r.lines[0]
        self.beat("and", together(plane.divide((line.weights, line.threshold)), plane.rings()),
                  score=self.score)  # fmt: skip
        self.beat("or", self.turn(table, "OR", b.shift, 0), self.slide(r.shift, b.shift))
        self.beat("xor", self.turn(table, "XOR", b.back_at_or, 0))
