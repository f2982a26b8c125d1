"""XOR: one line cannot split its corners, two can, and a network finds its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import linear
from numpy.typing import NDArray
from pydantic import Field

from nncore import boolean
from nncore.boolean import AND, INPUTS, OR, XOR, Dichotomy, LineSearch, Sweep, Table, XorByLines
from nncore.errors import Array
from nncore.network import Network
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Ref, Values, count, error, inputs, output, plain, weight
from scenes.kit.story import Lazy, Story, together
from scenes.kit.views.album import Album
from scenes.kit.views.cases import CasesView
from scenes.kit.views.field import FieldView
from scenes.kit.views.film import film
from scenes.kit.views.network import NetworkView
from scenes.kit.views.plane_marks import pick
from scenes.kit.views.series import Board, Series
from scenes.kit.views.stack import Stack
from scenes.kit.views.worked import Worked

LOW, HIGH = -0.5, 1.5  # the plane's range of each input
POSITIONS = 720  # of the line that tries XOR
FAR = 2 * HIGH  # A + B in the plane's far corner, where the second line comes in
SEARCH, LEARN = 11.0, 10.0  # seconds
TOLD = (1, 3)  # cases that are sent through the network: one input on, both on


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

    `shift`: the line on its way from AND's place to OR's, scored on OR; `out`: from there to
    where it begins to try XOR; `search`: its tries, which meet each way to split the corners
    first at `met`; `back`: from their end to OR's place. `scores`: the rows of the album.
    `two`: the network of two lines, whose neurons fire at sums above `fires_above`; `bounds`: A +
    B on its lines; `entering`: it as its second line comes in, `entering_right` of 4. `outputs`
    (looks, 4): of the trained network.
    """

    targets: dict[str, NDArray[np.int64]]
    corners: int
    lines: tuple[Dichotomy, Dichotomy]
    shift: Sweep
    out: Sweep
    search: Sweep
    met: tuple[tuple[Dichotomy, int], ...]
    back: Sweep
    ways: LineSearch
    scores: NDArray[np.int64]
    two: XorByLines
    fires_above: float
    bounds: Array
    entering: tuple[Network, ...]
    entering_right: NDArray[np.int64]
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
        first, last = ((search.angles[k], search.offsets[k]) for k in (0, -1))
        ways, two = boolean.best_line(XOR), boolean.xor_by_lines()
        entering, right = boolean.second_line_enters(two, FAR)
        training = boolean.train_xor(p.seed, p.learning_rate, p.epochs, p.hidden)
        hidden = two.network.layers[0]
        return Run(
            {t.name: np.array(t.targets) for t in (AND, OR, XOR)}, len(INPUTS), lines,
            boolean.slide(OR, start, end), boolean.slide(XOR, end, first), search,
            boolean.first_met(search, ways.dichotomies),
            boolean.slide(XOR, last, (end[0] + 2 * np.pi * p.sweep_turns, end[1])), ways,
            np.arange(len(INPUTS), 0, -1), two, 0.0,
            -np.asarray(hidden.biases) / hidden.weights[:, 0], entering, right,
            training, training.watched.outputs[..., 0],
        )  # fmt: skip

    def quantities(self, r: Run) -> dict:
        (hidden, out), went = r.two.network.layers, r.two.forward
        watched = r.training.watched
        return {
            "n": count(r.corners, "cases"),
            "x": inputs(INPUTS, "case {}: input {}", given=True),
            "t": {k: output(v, f"{k} of case {{}}") for k, v in r.targets.items()},
            "and": count(r.lines[0].score, "correct"),
            **{
                key: count(getattr(r, key).scores, "correct")
                for key in ("shift", "out", "search", "back")
            },
            "ways": count(r.ways.dichotomy_count, "ways to split"),
            "best": count(r.ways.proven_best, "best"),
            "rows": count(r.scores, "correct"),
            "bound": plain(r.bounds, "A + B on line {}", digits=1),
            "zero": plain(r.fires_above, "fires above", digits=0),
            "w": weight(hidden.weights, "weight into hidden {} from {}", given=True),
            "b": weight(hidden.biases, "bias of hidden {}", given=True),
            "v": weight(out.weights, "weight into output {} from {}", given=True),
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
            "seed": count(self.params.seed, "seed"),
            "epoch": count(watched.epochs, "epoch"),
            "loss": error(watched.losses, "loss", digits=3),
            "right": count(watched.right, "correct"),
            "y": output(r.outputs, "output at look {} of case {}", digits=2),
        }  # fmt: skip

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        return {"learnt": "solved" if r.training.solved else "unsolved"}

    def story(self, r: Run) -> None:
        b, edge, ticks = self.book, (LOW, HIGH), (0.0, 1.0)
        self.frame("table*4")
        self.plane = plane = FieldView(
            INPUTS, AND.targets, x="a", y="b", x_range=edge, y_range=edge, ticks=(ticks, ticks)
        )
        self.board = Board(right=(b["and"][()], b.n[()]))
        self.table = table = CasesView(b.x, b.t["AND"], letters="AB", name="AND")
        each = [together(table.point(k), plane.mark(k)) for k in (*range(r.corners), None)]
        self.beat("table", *each, plane=plane, side=table)
        line = r.lines[0]
        self.beat(
            "and", together(plane.divide((line.weights, line.threshold)), plane.rings()),
            score=self.board,
        )  # fmt: skip
        self.beat("or", self.turn(OR, b.shift[0]), self.go(r.shift, b.shift))
        self.beat("xor", self.turn(XOR, b.out[0]))
        self.one_line(r)
        self.two_lines(r)
        self.learn(r)

    def frame(self, side: str, *steps: Any) -> None:
        """The plane with its score under it, and a side picture."""
        self.stage(f"(plane*6 / score)*5 | side{side[side.index('*'):]}", *steps)

    def turn(self, rule: Table, score: Ref) -> Lazy:
        """Another rule: its name, answers, markers and the line's score come in one beat."""
        return together(
            self.table.turn(self.book.t[rule.name], rule.name),
            self.plane.relabel(rule.targets), self.board.turn(right=score),
        )  # fmt: skip

    def go(
        self, sweep: Sweep, scores: Values, at: Callable[[float], int] | None = None, **how: Any
    ) -> Lazy:
        """The line goes along, scored at each instant; `at` is the position shown at alpha."""
        normals = np.column_stack([np.cos(sweep.angles), np.sin(sweep.angles)])
        here = at or (lambda alpha: pick(alpha, len(normals)))

        def later() -> Lazy:
            number = self.board.be("right", scores[len(scores) - 1])
            return self.plane.swing(
                lambda a: (normals[here(a)], float(sweep.offsets[here(a)])),
                numbers={number: lambda a: int(sweep.scores[here(a)])}, **how,
            )  # fmt: skip

        return later

    def one_line(self, r: Run) -> None:
        b, plane = self.book, self.plane
        splits = [((way.weights, way.threshold), way.score) for way, _ in r.met]
        album = Album(INPUTS, XOR.targets, splits, scores=b.rows, total=b.n[()], empty="none")
        self.stage("(plane*6 / score)*4 | album*7")
        clock = album.clock([at for _, at in r.met], POSITIONS - 1)
        tries = self.go(r.search, b.search, clock, run_time=SEARCH, rate_func=linear)
        self.beat(
            "search", self.go(r.out, b.out),
            together(tries, album.collect(lambda: plane.axes.inner, SEARCH)), album=album,
        )  # fmt: skip
        self.beat("proof", album.conclude, self.go(r.back, b.back))

    def two_lines(self, r: Run) -> None:
        b, plane, board = self.book, self.plane, self.board
        zero, a, c = "> [zero]", "{{ A : input }}", "{{ B : input }}"
        first = Worked(
            f"{a} + {c} > [bound.0] &arrow.r {a} + {c} - [bound.0] {zero} "
            f"&arrow.r [w.0.0] dot {a} + [w.0.1] dot {c} + [b.0] {zero}"
        )
        second = Worked(
            f"{a} + {c} < [bound.1] &arrow.r - {a} - {c} + [bound.1] {zero} "
            f"&arrow.r [w.1.0] dot {a} + [w.1.1] dot {c} + [b.1] {zero}"
        )
        self.frame("rules*5")
        rules = Stack(first, second)
        entering = together(
            plane.undivide(), plane.field(r.entering[0], letters=True, rings=True, outline=False)
        )
        self.beat(
            "two", together(entering, board.again(right=b.enter)),
            film(r.entering, plane, board, run_time=2.5), side=rules,
        )  # fmt: skip
        self.beat("bias", *[together(first.fill(1), second.fill(1)) for _ in range(2)])
        net = NetworkView(b.w, b.v, biases=(b.b, b.c), names=("inputs", "hidden", "output"))
        self.beat("network", plane.become(net), side=net.out_of(rules), idle=net.idle())
        sent = [
            (together(plane.mark(k), net.show(0, c["x"])), net.signal(0, c["h"]),
             net.signal(1, c["y"]))
            for k, c in ((k, b["case"][str(k)]) for k in TOLD)
        ]  # fmt: skip
        self.beat("one", *sent[0], idle=net.idle())
        self.tell("both", together(net.clear(1), net.clear(2)), *sent[1])

    def learn(self, r: Run) -> None:
        b, plane, board, watched = self.book, self.plane, self.board, r.training.watched
        top = max(float(np.abs(la.weights).max()) for n in watched.networks for la in n.layers)
        net = NetworkView(watched.networks[0], names=("inputs", "hidden", "output"), largest=top)
        loss = Series(b.loss, b.epoch, x="epoch", y="loss")
        self.stage("(plane*6 / score)*5 | (net / loss)*5", plane.unfield())
        start = together(plane.mark(None), plane.field(watched.networks[0], rings=True))
        self.beat(
            "learn", together(start, board.again(right=b.right), plane.outputs(b.y)),
            film(watched, plane, net, loss, board, inputs=INPUTS, run_time=LEARN),
            net=net, loss=loss,
        )  # fmt: skip
        self.beat("learnt", idle=net.idle())
