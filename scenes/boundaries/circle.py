"""A disc in a ring: two hidden neurons cannot close a loop, three can."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nncore import Network
from nncore.datasets import disc_in_ring
from nncore.errors import Array
from nncore.outline import Outline, outline
from nncore.watch import Watched, watch
from scenes.kit import facts
from scenes.kit.params import ClipParams
from scenes.kit.quantities import count, error, inputs, output
from scenes.kit.story import Story, together
from scenes.kit.views.field import FieldView, Piece
from scenes.kit.views.film import film
from scenes.kit.views.network import NetworkView
from scenes.kit.views.series import Series

SIZES = (2, 3, 4, 6)
NAMES = ("two", "three", "four", "six")
LEARN = 8.0, 8.0, 5.0, 5.0  # seconds
LAYERS = ("inputs", "hidden", "output-layer")
VISIBLE = 0.03  # of roundness: less is not seen


class CircleParams(ClipParams):
    """The points, and how they are learnt."""

    points: int = Field(120, ge=20, le=200, description="points of the data")
    seed: int = Field(16, ge=0, le=2**32 - 1, description="seed of the points and first weights")
    learning_rate: float = Field(5.0, gt=0, le=10, description="learning rate")
    epochs: int = Field(1500, ge=100, le=3000, description="times the points are learnt")


@dataclass(frozen=True, eq=False)
class Run:
    """Points (n, 2) within `reach` and their classes; how networks of `sizes` hidden neurons
    learn them, and the outline that each ends with. `followed`: a point that two hidden neurons
    get wrong in the end, if there is one; `inner`, `output`: what they first make of it."""

    points: Array
    classes: NDArray[np.int64]
    total: int
    reach: float
    sizes: NDArray[np.int64]
    learnt: dict[str, Watched]
    outlines: dict[str, Outline]
    followed: int
    inner: Array
    output: Array


class Circle(Story):
    """Lines of hidden neurons, bent together: three enclose what two cannot."""

    Params = CircleParams

    @staticmethod
    def compute(p: CircleParams) -> Run:
        points, classes = disc_in_ring(p.points, p.seed)
        reach = 1.15 * float(np.abs(points).max())
        learnt = {
            name: watch(
                Network.random((2, n, 1), seed=p.seed, biases=True, spread=1.0), points, classes,
                learning_rate=p.learning_rate, epochs=p.epochs, batch_size=p.points,
            )
            for name, n in zip(NAMES, SIZES, strict=True)
        }  # fmt: skip
        ends = {name: outline(t.networks[-1], reach) for name, t in learnt.items()}
        two = learnt["two"].networks
        k = int(np.argmax((two[-1].forward(points).output[:, 0] > 0.5) != (classes == 1)))
        first = two[0].forward(points[k]).outputs
        return Run(points, classes, p.points, reach, np.array(SIZES), learnt, ends, k, *first)

    def quantities(self, r: Run) -> dict:
        found = {
            "total": count(r.total, "points"), "sizes": count(r.sizes, "hidden neurons {}"),
            "point": inputs(r.points[r.followed], "input {}", digits=2),
            "inner": output(r.inner, "hidden {}", digits=2),
            "out": output(r.output, "output {}", digits=2),
        }  # fmt: skip
        return found | {
            name: {
                "epoch": count(t.epochs, f"{name}: epoch"),
                "loss": error(t.losses, f"{name}: loss", digits=3),
                "right": count(t.right, f"{name}: correct"),
            }
            for name, t in r.learnt.items()
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        kinds = {name: o.kind for name, o in r.outlines.items()}
        whole = {name: int(t.right[-1]) == r.total for name, t in r.learnt.items()}
        two = "lucky" if kinds["two"] == "open" and whole["two"] else kinds["two"]
        three = "all" if kinds["three"] == "closed" and whole["three"] else kinds["three"]
        round_ = [r.outlines[name].roundness for name in NAMES[1:]]
        rises = all(facts.larger(b, a + VISIBLE) for a, b in pairwise(round_))
        last = "rounder" if rises and kinds["two"] == "open" else "closed"
        closed = all(kinds[name] == "closed" for name in NAMES[1:])
        return {"two": two, "three": three, "last": last if closed else "mixed"}

    def story(self, r: Run) -> None:
        b, edge, there = self.book, (-r.reach, r.reach), r.points[[r.followed]]

        def head(k: int) -> list[Piece]:
            return ["neurons", b.sizes[k], "|", "right", b[NAMES[k]]["right"], "/", b.total[()]]

        self.stage("plane*5 | net*6", tall="plane*5 / net*3", square="plane*3 | net*2")
        field = partial(FieldView, r.points, r.classes, x_range=edge, y_range=edge)
        plane = field(x="a", y="b", head=head(0))
        nets, losses = {n: r.learnt[n].networks for n in NAMES}, [b[n]["loss"] for n in NAMES]
        net = NetworkView(nets["two"][0], names=LAYERS, ever=sum(nets.values(), ()))
        loss = Series(losses[0], b["two"]["epoch"], x="epoch", y="loss", room=losses)
        self.beat("data", idle=plane.idle, plane=plane, net=net)
        goes = net.show(0, b.point), net.signal(0, b.inner), net.signal(1, b.out)
        self.beat("point", plane.mark(r.followed), *goes, idle=net.idle())
        self.stage(
            "plane*5 | (net*7 / loss*4)*6", net.clear(),
            tall="plane*5 / (net | loss)*3", square="plane*3 | (net*3 / loss*2)*2",
        )  # fmt: skip
        for k, (name, (first, *_)) in enumerate(nets.items()):
            again = loss.again(b[name]["loss"], b[name]["epoch"])
            turn = together(net.grow(first), plane.unfield(), plane.retitle(*head(k)), again)
            comes = plane.field(first, letters=k < 2, rings=True)
            series: dict[str, Any] = {} if k else {"loss": loss}
            more = [turn, together(comes, net.wake(first, there))][not k :]
            learns = film(r.learnt[name], plane, net, loss, inputs=there, run_time=LEARN[k])
            if k < 2:  # the first two at leisure
                self.beat(f"{name}-lines", *more, plane.become(net), **series)
                self.tell(f"{name}-learn", learns)
                self.beat(name, idle=[plane.trace, net.idle()])
            else:
                self.beat(name, *more, learns, idle=plane.trace)
        end = together(plane.strip(), plane.mark(None))
        self.stage("two | three | four | six", end, tall="(two | three) / (four | six)")
        panes: dict[str, Any] = {
            name: field(head=head(k), of=nets[name], look=-1, bare=True)
            for k, name in enumerate(NAMES[:-1])
        }  # fmt: skip
        self.beat("last", six=plane, idle=[p.trace for p in (*panes.values(), plane)], **panes)
