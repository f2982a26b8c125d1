"""XOR: one line cannot split its corners, two can, and a network finds its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import linear

from nncore.boolean import AND, INPUTS, OR, XOR, Sweep, Table
from scenes.boundaries.xor_run import (
    FAR,
    TOLD,
    Run,
    XorParams,
    compute,
    quantities,
    verdicts,
)
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.story import Lazy, Story, together
from scenes.kit.views.album import Album
from scenes.kit.views.cases import CasesView
from scenes.kit.views.field import FieldView
from scenes.kit.views.film import film
from scenes.kit.views.network import NetworkView
from scenes.kit.views.plane_marks import pick
from scenes.kit.views.series import Board
from scenes.kit.views.stack import Stack
from scenes.kit.views.worked import Worked

EDGE = FAR / 2 - 2.0, FAR / 2  # the plane's range of each input
SEARCH, ENTER, LEARN = 7.6, 2.0, 7.4  # seconds
LAYERS = ("inputs", "hidden", "output-layer")
REST = 1  # the corner whose activations stand in the neurons that learn


class Xor(Story):
    """Truth tables as points; one line, two lines, a trained network."""

    Params = XorParams
    compute = staticmethod(compute)
    verdicts = staticmethod(verdicts)

    def quantities(self, r: Run) -> dict:
        return quantities(r)

    def story(self, r: Run) -> None:
        b, line, ticks = self.book, r.lines[0], (0.0, 1.0)
        self.stage("plane*6 | table*5", square="plane*6 | table*8")
        self.plane = plane = FieldView(
            INPUTS, AND.targets, x="a", y="b", x_range=EDGE, y_range=EDGE, ticks=(ticks, ticks)
        )
        self.board = Board(right=(b["and"][()], b.n[()]))
        self.table = table = CasesView(b.x, b.t["AND"], letters="AB", name="AND")
        each = [together(table.point(k), plane.mark(k)) for k in (*range(r.cases), None)]
        self.beat("table", *each, plane=plane, table=table)
        self.frame("table*5")
        self.beat(
            "lines", together(plane.divide((line.weights, line.threshold)), plane.rings()),
            lambda: self.enter(score=self.board), self.turn(OR, b.shift[0]),
            self.go(r.shift, b.shift, run_time=1.3),
        )  # fmt: skip
        self.beat("xor", self.turn(XOR, b.search[0]))
        self.one_line(r)
        self.two_lines(r)
        self.learn(r)

    def frame(self, side: str, *steps: Any) -> None:
        """The plane beside another picture, and the score under that."""
        beside = f"plane*6 | ({side} / score)"
        self.stage(f"{beside}*6", *steps, tall=f"plane*6 / {side} / score", square=f"{beside}*8")

    def turn(self, rule: Table, score: Ref) -> Lazy:
        """Another rule: its name, answers, markers and the line's score come in one beat."""
        return together(
            self.table.turn(self.book.t[rule.name], rule.name),
            self.plane.relabel(rule.targets), self.board.turn(right=score),
        )  # fmt: skip

    def go(
        self, sweep: Sweep, scores: Values, at: Callable[[float], int] | None = None,
        found: tuple[Board, Values] | None = None, **how: Any,
    ) -> Lazy:  # fmt: skip
        """The line goes along, scored at each instant; `at` is the position shown at alpha."""
        normals = np.column_stack([np.cos(sweep.angles), np.sin(sweep.angles)])
        here = at or (lambda alpha: pick(alpha, len(normals)))

        def later() -> Lazy:
            number = self.board.be("right", scores[len(scores) - 1])
            numbers: dict[Live, Any] = {number: lambda a: int(sweep.scores[here(a)])}
            if found is not None:
                board, ways = found
                number = board.be("ways", ways[len(ways) - 1])
                numbers[number] = lambda a: int(ways.array[here(a)])
            return self.plane.swing(
                lambda a: (normals[here(a)], float(sweep.offsets[here(a)])), numbers=numbers, **how
            )

        return later

    def one_line(self, r: Run) -> None:
        b, plane = self.book, self.plane
        splits = [((way.weights, way.threshold), way.score) for way, _ in r.met]
        album = Album(INPUTS, XOR.targets, splits, scores=b.rows, total=b.n[()], empty="none")
        ways = Board(ways=b.found)
        beside = "plane*4 | (album*6 / (score | ways))*6"
        self.stage(beside, tall="plane*6 / album*5 / (score | ways)", square=beside)
        clock = album.clock([at for _, at in r.met], len(r.found) - 1)
        tries = self.go(
            r.search, b.search, clock, (ways, b.found), run_time=SEARCH, rate_func=linear
        )
        collected = album.collect(lambda: plane.axes.inner, SEARCH)
        self.beat("search", together(tries, collected), album=album, ways=ways)
        self.beat("proof", album.conclude, self.go(r.back, b.back))

    def two_lines(self, r: Run) -> None:
        b, plane, board = self.book, self.plane, self.board
        zero, a, c = "> [zero]", "{{ A : input }}", "{{ B : input }}"
        first = Worked(
            f"{a} + {c} > [bound.0] &arrow.r {a} + {c} - [bound.0] {zero} "
            f"&arrow.r [rule.0.w.0] dot {a} + [rule.0.w.1] dot {c} + [rule.0.b] {zero}"
        )
        second = Worked(
            f"{a} + {c} < [bound.1] &arrow.r - {a} - {c} + [bound.1] {zero} "
            f"&arrow.r [rule.1.w.0] dot {a} + [rule.1.w.1] dot {c} + [rule.1.b] {zero}"
        )
        self.frame("side*5")
        rules = Stack(first, second)
        entering = together(
            plane.undivide(), plane.field(r.entering[0], letters=True, rings=True, outline=False)
        )
        self.beat(
            "two", together(entering, board.again(right=b.enter)),
            film(r.entering, plane, board, run_time=ENTER), side=rules,
        )  # fmt: skip
        self.beat("bias", first.fill(), second.fill())
        net = self.net = NetworkView(b.w, b.v, biases=(b.b, b.c), names=LAYERS)
        one, both = (
            (together(plane.mark(k), net.show(0, c["x"])), net.signal(0, c["h"]),
             net.signal(1, c["y"]))
            for k, c in ((k, b["case"][str(k)]) for k in TOLD)
        )  # fmt: skip
        self.beat("network", plane.become(net), *one, side=net.out_of(rules), idle=net.idle())
        self.beat("both", together(net.clear(1), net.clear(2)), *both, idle=net.idle())

    def learn(self, r: Run) -> None:
        b, plane, net, watched = self.book, self.plane, self.net, r.training.watched
        board = Board(epoch=b.epoch, loss=b.loss, right=(b.right, b.n[()]))
        self.frame("side*3", net.clear())
        first, last = watched.networks[0], watched.networks[-1]
        there = INPUTS[[REST]]
        start = together(plane.field(first, letters=True, rings=True), net.wake(first, there))
        self.beat(
            "learn",
            together(net.grow(first, ever=watched.networks), plane.unfield(), plane.mark(REST)),
            start,
            plane.become(net),
            score=board,
        )
        self.tell("learning", film(watched, plane, net, board, inputs=there, run_time=LEARN))
        walk = [together(plane.mark(k), net.wake(last, INPUTS[[k]])) for k in (3, 2, 0, REST)]
        self.beat("learnt", *walk, idle=[plane.trace, net.idle()])
