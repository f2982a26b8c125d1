"""Two inputs, two outputs, four weights: the signals by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from nncore import SIGMOID, Forward, Layer, Network
from nncore.errors import Array
from scenes.kit.params import ClipParams
from scenes.kit.quantities import inputs, output, plain, weight
from scenes.kit.story import Story, together
from scenes.kit.views.network import NetworkView
from scenes.kit.views.worked import Worked

Signal = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=-4, le=4)]


class ByHandParams(ClipParams):
    """Inputs and weights of the network."""

    inputs: tuple[Signal, Signal] = Field((1.0, 0.5), description="the two input signals")
    weights_1: tuple[Weight, Weight] = Field((0.9, 0.3), description="weights into output 1")
    weights_2: tuple[Weight, Weight] = Field((0.2, 0.8), description="weights into output 2")


@dataclass(frozen=True, eq=False)
class Run:
    """The signals on their way: weights and products (2, 2), sums and outputs (2,)."""

    weights: Array
    products: Array
    forward: Forward


class ByHand(Story):
    """Each output adds up what its links bring, and the sigmoid tames the sum."""

    Params = ByHandParams

    @staticmethod
    def compute(p: ByHandParams) -> Run:
        weights = np.array([p.weights_1, p.weights_2])
        forward = Network([Layer(weights, None, SIGMOID)]).forward(p.inputs)
        return Run(weights, weights * np.array(p.inputs), forward)

    def quantities(self, r: Run) -> dict:
        return {
            "x": inputs(r.forward.inputs, "input {}", given=True, digits=1),
            "w": weight(r.weights, "weight into output {} from {}", given=True, digits=1),
            "p": plain(r.products, "product into output {} from {}", digits=2),
            "s": plain(r.forward.weighted_sums[0], "weighted sum {}", digits=2),
            "y": output(r.forward.output, "output {}", digits=4),
        }

    def story(self, r: Run) -> None:
        b = self.book
        self.stage("net*7 / (sum*3 | squash*2)*2", tall="net*4 / sum / squash")
        net = NetworkView(b.w, names=("inputs", "outputs"))
        self.beat("network", net=net, idle=net.idle())
        self.beat("inputs", net.show(0, b.x), idle=net.idle())
        total = Worked("sum w dot x &= [w.j.0] dot [x.0] + [w.j.1] dot [x.1] &= [s.j]", j=0)
        self.beat(
            "sum", net.focus(0, 0), net.add_up(0, 0, b.p, b.s), total.fill,
            idle=net.idle(0, 0), sum=total,
        )  # fmt: skip
        squash = Worked("{{ y : output }} &= sigma([s.j]) &= [y.j]", j=0)
        self.beat(
            "squash", net.look_inside(1, 0, b.s, b.y, SIGMOID), squash.fill,
            net.close(1, 0, b.y), idle=net.idle(0, 0), squash=squash,
        )  # fmt: skip
        self.beat(
            "other", together(net.focus(0, 1), total.empty(j=1), squash.empty(j=1)),
            net.add_up(0, 1, b.p, b.s), total.fill, net.look_inside(1, 1, b.s, b.y, SIGMOID),
            squash.fill, net.close(1, 1, b.y), idle=net.idle(0, 1),
        )  # fmt: skip
        self.beat("outputs", net.focus(0), together(net.pulse(0)), idle=net.idle())
