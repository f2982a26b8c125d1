"""The error split: output errors go back over the links, each link's part by its weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nncore import IDENTITY, SIGMOID, Forward, Layer, Network
from nncore.error_split import Split, carry_back
from nncore.errors import Array
from scenes.errors_back.parameters import SplitParams
from scenes.kit import facts
from scenes.kit.quantities import error, inputs, output, target, weight
from scenes.kit.story import Lazy, Story, together
from scenes.kit.views.network import NetworkView
from scenes.kit.views.worked import Worked


class ErrorSplitParams(SplitParams):
    """Errors, weights, and what comes in."""


@dataclass(frozen=True, eq=False)
class Run:
    """The signal forward, the targets that give the errors asked for, and the errors' way back:
    over the last links (`last`) and over those before (`before`); `total` is the errors' sum.
    `passed` (outputs, hidden): what each of the last links passes on, weight times signal."""

    forward: Forward
    passed: Array
    targets: Array
    last: Split
    before: Split
    total: float


class ErrorSplit(Story):
    """Errors go back along the links, each link's part in proportion to its weight."""

    Params = ErrorSplitParams

    @staticmethod
    def compute(p: ErrorSplitParams) -> Run:
        into_hidden = np.array([p.hidden_weights_1, p.hidden_weights_2])
        into_outputs = np.array([p.weights_1, p.weights_2])
        hidden = Layer(into_hidden, None, SIGMOID)
        # Outputs that only add up reach any target.
        forward = Network([hidden, Layer(into_outputs, None, IDENTITY)]).forward(p.inputs)
        errors = np.array([p.output_error_1, p.output_error_2])
        last, before = carry_back(errors, [into_outputs, into_hidden])
        passed = into_outputs * forward.outputs[0]
        return Run(forward, passed, forward.output + errors, last, before, float(errors.sum()))

    def quantities(self, r: Run) -> dict:
        part = "part of {} error {{}} for {{}}"
        return {
            "a": inputs(r.forward.inputs, "input {}", given=True, digits=1),
            "z": output(r.forward.outputs[0], "hidden output {}", digits=3),
            "y": output(r.forward.output, "output {}", digits=3),
            "p": output(r.passed, "passed on to output {} by {}", digits=2),
            "t": target(r.targets, "target {}", digits=3),
            "w": weight(r.last.weights, "weight into output {} from {}", given=True, digits=1),
            "v": weight(r.before.weights, "weight into hidden {} from {}", given=True, digits=1),
            "e": error(r.last.errors, "output error {}", given=True, digits=1),
            "half": error(r.last.equal_parts, "equal " + part.format("output")),
            "part": error(r.last.parts, part.format("output")),
            "h": error(r.last.recombined, "hidden error {}"),
            "back": error(r.before.parts, part.format("hidden")),
            "x": error(r.before.recombined, "input error {}"),
            "total": error(r.total, "sum of errors"),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        uneven = any(not facts.same(a, b) for a, b in r.last.weights)
        return {"doubt": "uneven" if uneven else "even"}

    def story(self, r: Run) -> None:
        b = self.book
        self.stage("net")
        net = NetworkView(b.v, b.w, names=("inputs", "hidden", "outputs"))
        self.beat("network", net=net, idle=net.idle())
        self.beat("forward", net.show(0, b.a), net.signal(0, b.z), net.signal(1, b.y),
                  idle=net.idle())  # fmt: skip
        difference = net.write(2, lambda j: [b.t[j], "−", b.y[j], "=", b.e[j]])
        self.beat("target", difference)
        self.beat("errors", together(net.clear(0), net.pick(*net.links(1))), net.erase(2, but=b.e),
                  net.errors(2, b.e), idle=net.idle(1, back=True))  # fmt: skip
        self.beat("equal", net.send_back(1, b.half))
        self.beat("doubt", net.recall(1), net.weigh(1, b.p), idle=net.idle(1))

        self.stage("net*3 / line", net.unweigh(), net.clear(1), tall="net*4 / line")
        rule = Worked(
            "{{ e : error }} = {{ E : error }} dot"
            " frac({{ w : weight }}, {{ w : weight }} + {{ w' : weight }})"
            " &= [e.j] dot frac([w.j.i], [w.j.i] + [w.j.k]) &= [part.j.i]",
            j=0, i=0, k=1,
        )  # fmt: skip

        def part(j: int, i: int) -> Lazy:
            return together(rule.turn(j=j, i=i, k=1 - i), net.send_back(1, b.part, only=[(j, i)]))

        self.beat("split-1", net.focus(1, 0), rule.fill, part(0, 0), part(0, 1),
                  idle=net.idle(1, 0, back=True), line=rule)  # fmt: skip
        self.beat("split-2", net.focus(1, 1), part(1, 0), part(1, 1),
                  idle=net.idle(1, 1, back=True))  # fmt: skip
        self.stage("net*6 / line", net.focus(1))
        balance = Worked("sum {{ e : error }} &= [h.0] + [h.1] &= [total] &= [e.0] + [e.1]")
        self.beat("recombine", net.gather(1, b.h))
        self.enter(line=balance)
        self.tell("total", balance.fill)
        self.stage("net", net.pick(*net.links(0)))
        self.beat("further", net.erase(1, but=b.h), net.send_back(0, b.back), net.gather(0, b.x),
                  idle=net.idle(0, back=True))  # fmt: skip
        self.beat("simple", net.pick(*net.links(0), *net.links(1)), idle=net.idle(back=True))
