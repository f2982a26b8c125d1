"""The networks of the XOR clip: the two lines as neurons, and one that learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from manim import Mobject, RoundedRectangle, VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from nncore.boolean import XorByLines, XorTraining, surface
from nncore.errors import Array
from nncore.network import Network
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.logic import Sparks
from scenes.kit.network import Diagram
from scenes.kit.plane import Plane, nice_ticks
from scenes.kit.shapes import Stroke
from scenes.kit.surface import HeatMap
from scenes.kit.text import Align, LiveNumber, Words, row
from scenes.xor_parts import LINES
from scenes.xor_run import HIGH, LOW, XorRun

# The course of a case through the two-line network, as shares of its time.
_CHANGE, _TO_HIDDEN, _HIDDEN, _TO_OUTPUT, _OUTPUT, _ALL = 0.1, 0.13, 0.34, 0.42, 0.6, 0.06
_GRID = 201
_CURVE = 400  # most points of the loss curve
_PLOT = (1.1, -2.4)  # lower left corner of the loss curve's plane
_READOUT_Y, _RIGHT_Y, _RIGHT = -0.72, 0.05, 6.6


class GateNetwork:
    """The two-line network with its weights, biases, and the numbers of the case it runs.

    A case runs as its share goes from 0 to 1: the inputs change, lights run to the hidden
    neurons, their sums and outputs appear, lights run on, the output appears.
    """

    COLUMNS, Y, PITCH, RADIUS = (1.0, 3.35, 5.8), -0.25, 2.5, 0.46
    RULE_Y = -1.95

    def __init__(self, clip: Clip, two: XorByLines, fires_above: float) -> None:
        self.clip, self.two, self.forward = clip, two, two.forward
        self.fires_above = fires_above
        layers = two.network.layers
        self.diagram = Diagram(
            two.network.sizes,
            [layer.weights for layer in layers],
            columns=self.COLUMNS,
            y=self.Y,
            pitch=self.PITCH,
            radius=self.RADIUS,
            widest=0.05,
        )
        self.hues = [[theme.INPUT] * 2, list(LINES), [theme.OUTPUT]]
        for neuron, hue in zip(self.diagram.neurons[1], LINES, strict=True):
            neuron.set_stroke(hue)
        names = [
            clip.symbol(s, size=theme.CAPTION, colour=theme.INPUT).put_mid(p[0] - 0.62, p[1])
            for s, p in zip("AB", self.diagram.places[0], strict=True)
        ]
        self.group = VGroup(self.diagram, *names, *self._weights(), *self._biases())

    def _weights(self) -> list[LiveNumber]:
        """Numbers beside the links, clear of them."""
        found = []
        for k, layer in enumerate(self.two.network.layers):
            for (j, i), weight in np.ndenumerate(layer.weights):
                a, b = self.diagram.places[k][i], self.diagram.places[k + 1][j]
                up = 1 if a[1] > self.Y else -1
                straight = abs(a[1] - b[1]) < 0.1
                x, y = a + (b - a) * (0.5 if straight else 0.34 if k == 0 else 0.28)
                hue = theme.POSITIVE if weight > 0 else theme.NEGATIVE
                number = self.clip.number(
                    "weight", float(weight), "+.1f", colour=hue, size=theme.LABEL
                )
                found.append(
                    number.put_mid(x, y + 0.24 * up)
                    if straight
                    else number.put_mid(x + 0.14, y + 0.2 * up, "left")
                )
        return found

    def _above(self, layer: int, j: int, line: int) -> tuple[float, float]:
        """Where a line of text beside a neuron stands, on the side away from the others."""
        x, y = self.diagram.places[layer][j]
        low = y < self.Y - 0.1
        first = y - self.RADIUS - 0.36 if low else y + self.RADIUS + 0.16
        return x, first + (-0.36 if low else 0.36) * line

    def _biases(self) -> list[Words]:
        found = []
        for layer, of in enumerate(self.two.network.layers, start=1):
            for j, value in enumerate(np.asarray(of.biases)):
                bias = self.clip.figure("bias", value, "+.1f", theme.WEIGHT)
                words = self.clip.label("bias", {"b": bias})
                found.append(words.put(*self._above(layer, j, 0)))
        return found

    def start(self) -> None:
        """Make the numbers of a case, unseen as yet."""
        sums = self.forward.weighted_sums
        self.inputs = [
            self._inside("AB"[i], float(self.forward.inputs[0, i]), 0, i) for i in range(2)
        ]
        self.sums: list[list[LiveNumber]] = []
        self.outs: list[list[LiveNumber]] = []
        self.names: list[list[Words]] = []
        for k, of in enumerate(sums):
            count = of.shape[1]
            self.outs.append([self._inside("output", 0.0, k + 1, j) for j in range(count)])
            self.sums.append([])
            self.names.append([])
            for j in range(count):
                x, y = self._above(k + 1, j, 1)
                number = self.clip.number(
                    "sum", of[0, j], "+.1f", size=theme.LABEL, room=of[:, j].tolist()
                )
                name = self.clip.label("sum")
                width = name.width + 0.12 + number.width
                name.put(x - width / 2, y, "left")
                number.put(x + width / 2, y, "right")
                self.sums[k].append(number)
                self.names[k].append(name)
        zero = self.clip.figure("threshold", self.fires_above, ".0f")
        self.rule = self.clip.label("rule", {"zero": zero}).put(theme.RIGHT, self.RULE_Y, "right")
        self.sparks = Sparks()
        self._fade(0, 0.0)
        self._fade(1, 0.0)
        for number in self.inputs:
            number.set_fill(opacity=0, family=False)

    def _inside(self, name: str, value: float, layer: int, j: int) -> LiveNumber:
        hue = theme.INPUT if layer == 0 else theme.OUTPUT
        number = self.clip.number(name, value, ".0f", colour=hue, size=theme.FORMULA)
        return number.put_mid(*self.diagram.places[layer][j])

    def all(self) -> list[VMobject]:
        """Everything of the network."""
        return [self.group, self.rule, *self.numbers()]

    @staticmethod
    def arrived(share: float) -> float:
        """How much of the output is there when a case has run so far."""
        return float(np.clip((share - _OUTPUT) / _ALL, 0, 1))

    def moving(self) -> list[Mobject]:
        """All that a case changes."""
        neurons = [n for layer in self.diagram.neurons for n in layer]
        return [*neurons, *self.numbers(), self.sparks]

    def numbers(self) -> list[VMobject]:
        """The numbers of a case and their names."""
        found = [n for group in (*self.sums, *self.outs, *self.names) for n in group]
        return [*found, *self.inputs]

    def ends(self, k: int) -> Mapping[LiveNumber, float]:
        """The numbers of case `k` when it has run."""
        found = dict(zip(self.inputs, self.forward.inputs[k], strict=True))
        for layer in range(2):
            found |= dict(zip(self.sums[layer], self.forward.weighted_sums[layer][k], strict=True))
            found |= dict(zip(self.outs[layer], self.forward.outputs[layer][k], strict=True))
        return found

    def run(self, k: int, share: float) -> None:
        """Show case `k` as far as `share`."""
        if share < _CHANGE:
            # The numbers of the case before fade; nothing of it stays beside the new inputs.
            old = 1 - share / _CHANGE if k else 0.0
            self._fade(0, old)
            self._fade(1, old)
            for number in self.inputs:
                number.set_fill(opacity=max(old, share / _CHANGE), family=False)
            return
        for number, value in zip(self.inputs, self.forward.inputs[k], strict=True):
            number.set_fill(opacity=1, family=False)
            number.show(value)
        self._light(0, self.forward.inputs[k], 1.0)
        to_hidden = (share - _TO_HIDDEN) / (_HIDDEN - _TO_HIDDEN)
        self._run_layer(0, k, to_hidden, (share - _HIDDEN) / _ALL)
        to_output = (share - _TO_OUTPUT) / (_OUTPUT - _TO_OUTPUT)
        self._run_layer(1, k, to_output, self.arrived(share))

    def _run_layer(self, layer: int, k: int, lights: float, there: float) -> None:
        a, b = self.diagram.places[layer], self.diagram.places[layer + 1]
        pairs = [(p, q) for p in a for q in b]
        if 0 < lights < 1 or layer == 0:
            self.sparks.draw([p for p, _ in pairs], [q for _, q in pairs], lights)
        there = float(np.clip(there, 0, 1))
        sums, outs = self.forward.weighted_sums[layer][k], self.forward.outputs[layer][k]
        for number, value in zip(self.sums[layer], sums, strict=True):
            number.show(float(value))
        for number, value in zip(self.outs[layer], outs, strict=True):
            number.show(float(value))
        self._fade(layer, there, outs)

    def _fade(self, layer: int, share: float, outs: ArrayLike | None = None) -> None:
        for group in (self.sums[layer], self.outs[layer]):
            for number in group:
                number.set_fill(opacity=share, family=False)
        for words in self.names[layer]:
            for part in words.submobjects:
                if part is not words.box:
                    part.set_fill(opacity=share)
        if outs is not None:
            self._light(layer + 1, outs, share)

    def _light(self, layer: int, values: ArrayLike, share: float) -> None:
        """Fill a layer's neurons by their outputs, dark enough for the number on top."""
        hues, neurons = self.hues[layer], self.diagram.neurons[layer]
        for neuron, hue, value in zip(neurons, hues, np.asarray(values), strict=True):
            tint = theme.mix(theme.PANEL, hue, 0.18 * float(value) * share)
            neuron.set_fill(tint, opacity=1)


def loss_spec(run: XorTraining) -> str:
    """A format for every loss of a run in which the last, small one still shows two digits."""
    places = 1 - int(np.floor(np.log10(max(float(run.losses[-1]), 1e-12))))
    return f".{min(max(places, 4), 8)}f"


class Learner:
    """The network in training: its surface over the plane, its links, outputs and loss.

    `beside` says where each corner's output goes: x, y and side ("left": ends there).
    """

    def __init__(
        self,
        clip: Clip,
        plane: Plane,
        run: XorRun,
        beside: Sequence[tuple[float, float, Align]],
    ) -> None:
        self.clip, self.run, self.inputs = clip, run.training, run.two.inputs
        self.heat = HeatMap(plane, self._surface(run.training.history.snapshots[1].network))
        self.outputs = [
            clip.number("output", value, ".2f", size=theme.CAPTION).put_mid(*place)
            for value, place in zip(run.first_outputs, beside, strict=True)
        ]
        self.pills = VGroup(*[_pill(number) for number in self.outputs])
        self._make_diagram()
        self._make_plot()
        self._make_readouts(run.first_right)
        self.show(1)

    def _surface(self, network: Network) -> Array:
        return surface(network, LOW, HIGH, _GRID).z

    def _make_diagram(self) -> None:
        run = self.run
        largest = max(float(np.abs(la.weights).max()) for la in run.history.network.layers)
        self.diagram = Diagram(
            (2, run.hidden, 1),
            [la.weights for la in run.history.start.layers],
            columns=(1.25, 3.55, 5.85),
            y=1.2,
            pitch=(1.4, 2.4 / run.hidden, 1.4),
            radius=0.27,
            largest=largest,
        )
        names = [
            self.clip.symbol(s, colour=theme.INPUT).put_mid(p[0] - 0.48, p[1])
            for s, p in zip("AB", self.diagram.places[0], strict=True)
        ]
        self.network = VGroup(self.diagram, *names)

    def _make_plot(self) -> None:
        top = float(self.run.losses.max()) * 1.05
        name = self.clip.label("epoch", size=theme.TICK, colour=theme.MUTED)
        name.put_mid(_RIGHT, _PLOT[1], "right")
        self.plot = Plane(
            (0, self.run.epochs),
            (0, top),
            corner=_PLOT,
            size=(name.left_edge - 0.2 - _PLOT[0], 1.35),
            x_ticks=nice_ticks(0, self.run.epochs, 4),
            y_ticks=nice_ticks(0, top, 3),
        )
        self.plot.add(name)
        self.curve = Stroke([[0, 0], [1, 0]], theme.ERROR)

    def _make_readouts(self, first_right: int) -> None:
        clip, run = self.clip, self.run
        self.loss = clip.number(
            "loss", run.losses[0], loss_spec(run), colour=theme.ERROR, size=theme.NUMBER_SMALL
        )
        self.right = clip.number("right", first_right, "d", size=theme.NUMBER_SMALL)
        self.epoch = clip.number("epoch", 1, "d", size=theme.NUMBER_SMALL, room=[run.epochs])
        total = clip.figure("corners", len(run.targets), "d")
        loss = [clip.label("loss", colour=theme.ERROR), self.loss]
        right = [clip.label("right"), self.right, clip.label("of", {"total": total})]
        epoch = [clip.label("epoch"), self.epoch]
        self.readouts = VGroup(
            row(loss, _PLOT[0], _READOUT_Y, gap=0.14, align="left"),
            row(epoch, _RIGHT, _READOUT_Y, gap=0.14, align="right"),
            row(right, _RIGHT, _RIGHT_Y, gap=0.14, align="right"),
        )

    def parts(self) -> list[VMobject]:
        """Everything that is drawn with strokes and fills: all but the heat-map."""
        return [self.pills, *self.outputs, self.network, self.plot, self.readouts]

    def moving(self) -> list[Mobject]:
        """What `show` changes, but for the numbers."""
        return [self.heat, *self.diagram.edges, self.curve]

    def ends(self) -> Mapping[LiveNumber, float]:
        """The numbers when training is over."""
        run = self.run
        found = dict(zip(self.outputs, run.outputs, strict=True))
        found |= {self.epoch: run.epochs, self.loss: run.losses[-1], self.right: run.right}
        return found

    def show(self, epoch: int) -> NDArray[np.bool_]:
        """Show the network after `epoch` epochs; returns which corners (4,) it gets wrong."""
        run = self.run
        network = run.history.snapshots[epoch].network
        outputs = network.forward(self.inputs).output[:, 0]
        self.heat.show(self._surface(network))
        for number, value in zip(self.outputs, outputs, strict=True):
            number.show(float(value))
        for edges, layer in zip(self.diagram.edges, network.layers, strict=True):
            edges.draw(layer.weights)
        wrong: NDArray[np.bool_] = (outputs > 0.5) != run.targets.astype(bool)
        self.epoch.show(epoch)
        self.loss.show(float(run.losses[epoch - 1]))
        self.right.show(int((~wrong).sum()))
        step = max(1, run.epochs // _CURVE)
        shown = np.unique(np.append(np.arange(1, epoch + 1, step), epoch))
        if len(shown) > 1:
            self.curve.draw(self.plot.path(shown, run.losses[shown - 1]))
        else:
            self.curve.points = np.zeros((0, 3))
        return wrong


def _pill(number: LiveNumber) -> RoundedRectangle:
    """A dark ground for a number that stands on the heat-map."""
    width = number.right_edge - number.left_edge
    height = number.size / theme.CAPTION * 0.32
    ground = RoundedRectangle(
        corner_radius=0.1, width=width + 0.14, height=height, stroke_width=0
    ).set_fill(theme.BACKGROUND, opacity=0.6)
    return ground.move_to(number.box.get_center())
