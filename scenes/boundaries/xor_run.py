"""What XOR's clip shows: its parameters, lines that are tried on three tables, two networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nncore import boolean
from nncore.boolean import AND, INPUTS, OR, XOR, Dichotomy, LineSearch, Sweep, XorByLines
from nncore.errors import Array
from nncore.network import Network
from scenes.kit.params import ClipParams
from scenes.kit.quantities import count, error, inputs, output, plain, weight

POSITIONS = 720  # of the line that turns and slides to try XOR
FAR = 3.0  # A + B in the far corner of the plane, where the second line comes in
TOLD = (1, 3)  # cases that are sent through the network of two lines: one input on, both on


class XorParams(ClipParams):
    """How the line searches, and how the network is trained."""

    sweep_turns: int = Field(3, ge=2, le=6, description="full turns of the line that tries XOR")
    seed: int = Field(1, ge=0, le=2**32 - 1, description="seed of the trained network's weights")
    learning_rate: float = Field(2.0, gt=0, le=10, description="learning rate of the training")
    epochs: int = Field(2000, ge=50, le=3000, description="times the four cases are learnt")
    hidden: int = Field(2, ge=2, le=4, description="hidden neurons of the trained network")


@dataclass(frozen=True, eq=False)
class Run:
    """The lines tried on three tables, the network of two lines, and the trained one.

    `shift`: the line on its way from AND's place to OR's, scored on OR. `search`: it tries XOR
    from there; each way to split the corners is first met at the position in `met`, and `found`
    (positions,) are met so far. `back`: from its last place to OR's. `scores`: the rows of the
    album. `two`: the network of two lines, whose neurons fire at sums above `fires_above`;
    `bounds`: A + B on its lines; `entering`: it as its second line comes in, `entering_right` of
    all cases meanwhile.
    """

    targets: dict[str, NDArray[np.int64]]
    cases: int
    lines: tuple[Dichotomy, Dichotomy]
    shift: Sweep
    search: Sweep
    met: tuple[tuple[Dichotomy, int], ...]
    found: NDArray[np.int64]
    back: Sweep
    ways: LineSearch
    scores: NDArray[np.int64]
    two: XorByLines
    fires_above: float
    bounds: Array
    entering: tuple[Network, ...]
    entering_right: NDArray[np.int64]
    training: boolean.XorTraining


def compute(params: XorParams) -> Run:
    """Try lines, count what they get right, and train."""
    lines = boolean.splitting_line(AND), boolean.splitting_line(OR)
    start, end = (boolean.polar(line) for line in lines)
    angles, offsets = boolean.sweep_path(POSITIONS, params.sweep_turns)
    out = boolean.slide(XOR, end, (angles[0], offsets[0]))
    search = boolean.sweep(
        XOR, np.append(out.angles[:-1], angles), np.append(out.offsets[:-1], offsets)
    )
    ways, two = boolean.best_line(XOR), boolean.xor_by_lines()
    met = boolean.first_met(search, ways.dichotomies)
    home = end[0] + 2 * np.pi * params.sweep_turns, end[1]
    entering, right = boolean.second_line_enters(two, FAR)
    hidden = two.network.layers[0]
    return Run(
        targets={t.name: np.array(t.targets) for t in (AND, OR, XOR)},
        cases=len(INPUTS),
        lines=lines,
        shift=boolean.slide(OR, start, end),
        search=search,
        met=met,
        found=np.searchsorted([at for _, at in met], np.arange(len(search.angles)), "right"),
        back=boolean.slide(XOR, (angles[-1], offsets[-1]), home),
        ways=ways,
        scores=np.arange(len(INPUTS), 0, -1),
        two=two,
        fires_above=0.0,
        bounds=-np.asarray(hidden.biases) / hidden.weights[:, 0],
        entering=entering,
        entering_right=right,
        training=boolean.train_xor(params.seed, params.learning_rate, params.epochs, params.hidden),
    )


def quantities(r: Run) -> dict:
    """The numbers of the run under the names by which the clip speaks of them."""
    (hidden, out), went = r.two.network.layers, r.two.forward
    watched = r.training.watched
    return {
        "n": count(r.cases, "cases"),
        "x": inputs(INPUTS, "case {}: input {}", given=True),
        "t": {k: output(v, f"{k} of case {{}}") for k, v in r.targets.items()},
        "and": count(r.lines[0].score, "correct"),
        "shift": count(r.shift.scores, "correct"),
        "search": count(r.search.scores, "correct"),
        "back": count(r.back.scores, "correct"),
        "rows": count(r.scores, "correct"),
        "found": count(r.found, "ways"),
        "ways": count(r.ways.dichotomy_count, "ways"),
        "best": count(r.ways.proven_best, "correct"),
        "bound": plain(r.bounds, "A + B on line {}", digits=1),
        "zero": plain(r.fires_above, "fires above", digits=0),
        "w": weight(hidden.weights, "weight into hidden {} from {}", given=True),
        "b": weight(hidden.biases, "bias of hidden {}", given=True),
        "v": weight(out.weights, "weight into output {} from {}", given=True),
        "rule": {
            str(k): {
                "w": weight(w, f"weight into hidden {k + 1} from {{}}", given=True),
                "b": weight(bias, f"bias of hidden {k + 1}", given=True),
            }
            for k, (w, bias) in enumerate(
                zip(hidden.weights, np.asarray(hidden.biases), strict=True)
            )
        },
        "c": weight(out.biases, "bias of output {}", given=True),
        "case": {
            str(k): {
                "x": inputs(INPUTS[k], "input {}", given=True),
                "h": output(went.outputs[0][k], "hidden {}", digits=0),
                "y": output(went.output[k], "output {}", digits=0),
            }
            for k in TOLD
        },
        "enter": count(r.entering_right, "correct"),
        "epoch": count(watched.epochs, "epoch"),
        "loss": error(watched.losses, "loss", digits=3),
        "right": count(watched.right, "correct"),
    }


def verdicts(run: Run) -> dict[str, str]:
    """Whether the trained network has learnt all cases."""
    return {"learnt": "solved" if run.training.solved else "unsolved"}
