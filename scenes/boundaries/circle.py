"""A disc in a ring: two hidden neurons cannot close a loop, three can."""

from __future__ import annotations

from dataclasses import dataclass
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
from scenes.kit.quantities import count, error
from scenes.kit.story import Story, together
from scenes.kit.views.field import FieldView, Piece
from scenes.kit.views.film import film
from scenes.kit.views.network import NetworkView
from scenes.kit.views.series import Series

SIZES = (2, 3, 4, 6)
NAMES = ("two", "three", "four", "six")


class CircleParams(ClipParams):
    """The points, and how they are learnt."""

    points: int = Field(80, ge=20, le=200, description="points of the data")
    seed: int = Field(2, ge=0, le=2**32 - 1, description="seed of the points and first weights")
    learning_rate: float = Field(5.0, gt=0, le=10, description="learning rate")
    epochs: int = Field(1500, ge=100, le=3000, description="times the points are learnt")


@dataclass(frozen=True, eq=False)
class Run:
    """Points (n, 2) within `reach` and their classes; how networks of so many hidden neurons
    (`sizes`) learn them, and the outline that each ends with."""

    points: Array
    classes: NDArray[np.int64]
    total: int
    reach: float
    sizes: NDArray[np.int64]
    learnt: dict[str, Watched]
    outlines: dict[str, Outline]


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
        return Run(points, classes, p.points, reach, np.array(SIZES), learnt, ends)

    def quantities(self, r: Run) -> dict:
        found = {"total": count(r.total, "points"), "sizes": count(r.sizes, "hidden neurons {}")}
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
        rises = all(facts.larger(b, a) for a, b in pairwise(round_))
        closed = all(kinds[name] == "closed" for name in NAMES[1:])
        rounder = "rounder" if rises and kinds["two"] == "open" else "closed"
        return {"two": two, "three": three, "last": rounder if closed else "mixed"}

    def story(self, r: Run) -> None:
        b, edge = self.book, (-r.reach, r.reach)

        def head(k: int) -> list[Piece]:
            name = NAMES[k]
            return ["hidden", b.sizes[k], "|", "right", b[name]["right"], "/", b.total[()]]

        lower = "plane*4 | (net / loss)*4"
        narrow = {"tall": "plane*5 / (net | loss)*3", "square": "plane*3 | (net / loss)*2"}
        self.stage("plane*4 | net*4", tall="plane*5 / net*3", square="plane*3 | net*2")
        plane = FieldView(
            r.points, r.classes, x="a", y="b", head=head(0), x_range=edge, y_range=edge
        )  # fmt: skip
        net = self.network(*NAMES[:2])
        self.beat("data", plane=plane, net=net, idle=net.idle())
        losses = [(b[name]["loss"], b[name]["epoch"]) for name in NAMES[:2]]
        loss = Series(*losses[0], x="epoch", y="loss", room=[losses[1][0]])
        for k, name in enumerate(NAMES[:2]):
            t = r.learnt[name]
            third = [
                together(
                    plane.unfield(), loss.again(*losses[1]), plane.retitle(*head(1)), net.clear()
                ),
                net.grow(t.networks[0]),
            ]
            self.stage(lower, **narrow)
            self.beat(
                f"{name}-lines", *(third if k else []), plane.field(t.networks[0], letters=True),
                plane.become(net), loss=loss, idle=net.idle(),
            )  # fmt: skip
            learns = film(t, plane, net, loss, inputs=r.points, run_time=10.0)
            self.tell(f"{name}-learn", learns)
            self.beat(name, idle=net.idle())
        self.stage("two | three | four | six", plane.strip(), tall="(two | three) / (four | six)")
        panes: dict[str, Any] = {
            name: FieldView(
                r.points, r.classes, head=head(k), of=r.learnt[name].networks,
                look=-1 if name == "two" else 0, bare=True, x_range=edge, y_range=edge,
            )
            for k, name in enumerate(NAMES) if name != "three"
        }  # fmt: skip
        more = [film(r.learnt[name], panes[name], run_time=9.0) for name in NAMES[2:]]
        self.beat("more", lambda: self.enter(**panes), together(*more), three=plane)
        self.beat("last")

    def network(self, *names: str) -> NetworkView:
        """The first as it begins, links in proportion to the largest weight that any ever has."""
        nets = [net for name in names for net in self.run.learnt[name].networks]
        top = max(float(np.abs(la.weights).max()) for n in nets for la in n.layers)
        return NetworkView(nets[0], names=("inputs", "hidden", "output"), largest=top)
