"""Two inputs, two outputs, four weights: the signals by hand."""

from __future__ import annotations

from pydantic import Field

from nncore import SIGMOID, Forward, Layer, Network
from scenes.kit.params import ClipParams
from scenes.kit.quantities import inputs, output, plain, weight
from scenes.kit.story import Story, together
from scenes.kit.views.network import NetworkView
from scenes.kit.views.worked import Worked


class Params(ClipParams):
    inputs: tuple[float, float] = Field((1.0, 0.5), description="the two input signals")
    weights_1: tuple[float, float] = Field((0.9, 0.3), description="weights into output 1")
    weights_2: tuple[float, float] = Field((0.2, 0.8), description="weights into output 2")


class ByHand(Story):
    """Each output adds up what its links bring, and the sigmoid tames the sum."""

    Params = Params

    @staticmethod
    def compute(p: Params) -> Forward:
        return Network([Layer([p.weights_1, p.weights_2], None, SIGMOID)]).forward(p.inputs)

    def quantities(self, r: Forward) -> dict:
        return {
            "x": inputs(r.inputs, "input {}"),
            "w": weight(
                [self.params.weights_1, self.params.weights_2], "weight into output {} from {}"
            ),
            "s": plain(r.weighted_sums[0], "weighted sum {}", digits=2),
            "y": output(r.output, "output {}", digits=4),
        }

    def story(self, r: Forward) -> None:
        b = self.book
        self.stage("net*3 / (sum / squash)*2")
        net = NetworkView(b.w, names=("inputs", "outputs"))
        self.beat("network", net=net)
        self.beat("inputs", net.show(0, b.x))
        total = Worked(
            "sum w dot x &= [w.j.0] dot [x.0] + [w.j.1] dot [x.1] &= [s.j]",
            between=lambda v: v["w.j.0"] * v["x.0"] + v["w.j.1"] * v["x.1"],
            j=0,
        )
        self.beat("sum", net.focus(0, 0), net.pulse(0, into=0), total.fill, sum=total)
        squash = Worked(
            "{{ y : output }} &= sigma([s.j]) &= [y.j]",
            j=0,
            between=lambda v: SIGMOID.function(v["s.j"]),
        )
        self.beat("squash", squash.fill, squash=squash)
        self.beat(
            "other",
            net.focus(0, 1),
            net.pulse(0, into=1),
            together(total.turn(j=1), squash.turn(j=1)),
        )
        self.beat("outputs", net.focus(0, None), net.show(1, b.y))
