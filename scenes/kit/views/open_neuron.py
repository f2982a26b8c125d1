"""A neuron opened: its weighted sum, its activation's curve, and what comes out of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Circle, smooth

from nncore import SIGMOID, Activation
from scenes.kit import theme
from scenes.kit.axes import Axes
from scenes.kit.motion import Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.shapes import Stroke, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb

_SIDE, _OUT = 0.74, 0.5  # of the radius: half the plane's width; how far the output's line goes


class OpenNeuron(View):
    """A large disc with the curve of its activation in it. The sum stands below the curve; the
    output leaves at the right, at its height.

        s, y = plain([2.0], "sum"), output([0.8808], "output")
        neuron = OpenNeuron(s[0], y[0])
        self.stage("neuron")
        self.beat("network", neuron.squash(), neuron=neuron)
    """

    def __init__(self, total: Ref, result: Ref, *, activation: Activation = SIGMOID) -> None:
        super().__init__()
        self.total, self.result, self.activation = total, result, activation
        self.z, self.lit = float(total.value), float(result.value)
        self.reach = max(6.0, 1.2 * abs(self.z))
        self.risen = 0.0

    def build(self) -> None:
        """Disc, axes and curve; the dot, its guides and the output wait."""
        self.disc = Circle(1, stroke_color=theme.OUTPUT, stroke_width=theme.LINE * 1.5)
        self.disc.set_fill(theme.PANEL, opacity=1)
        self.axes = Axes((-self.reach, self.reach), (0, 1), x_ticks=[0], y_ticks=[0, 1])
        self.curve = Stroke([[0, 0], [1, 0]], "output", theme.LINE * 1.4)
        self.guide = Stroke([[0, 0], [0, 0]], "ink", theme.THIN)
        self.dot = disc(0, 0, 0.11, "ink")
        self.input = Live(self.total, theme.NUMBER_SMALL, align="center")
        self.output = Live(self.result, theme.NUMBER)
        self.add(self.disc, self.axes, self.curve, self.guide, self.input)
        self.wait(self.dot, self.output)

    def place(self, box: Box) -> None:
        """The largest disc that leaves room for the output beside it."""
        room = self.output.right_edge - self.output.left_edge + _OUT + 0.2
        side = min(box.height, box.width - room)
        self.ring = box.x - room / 2, box.y, side / 2
        x, y, radius = self.ring
        self.disc.set(width=side).move_to([x, y, 0])
        half = _SIDE * radius
        self.axes.place(Box(x, y - 0.02 * radius, 2 * half, 1.35 * radius))
        z = np.linspace(-self.reach, self.reach, 81)
        self.curve.draw(self.axes.path(z, self.activation.function(z)))
        at = self.axes.at(self.z, self.lit)
        self.dot.move_to(at)
        wide, inner = self.input.right_edge - self.input.left_edge, self.axes.inner
        below = inner.bottom - 0.82
        # The number stays below the curve and within the disc.
        chord = np.sqrt(max((radius - 0.15) ** 2 - (below - y) ** 2, 0.0))
        most = max(min(inner.width / 2, chord) - wide / 2, 0.0)
        self.input.put(x + float(np.clip(at[0] - x, -most, most)), below)
        self.end = x + radius + _OUT
        self.output.put_mid(self.end + 0.15, at[1], "left")
        self._rise()

    def _rise(self) -> None:
        """The guides, so far on their way: up from the sum to the curve, then out to the right."""
        (x, y), inner = self.axes.at(self.z, self.lit)[:2], self.axes.inner
        up, out = min(1.0, 2 * self.risen), max(0.0, 2 * self.risen - 1)
        if not self.risen:
            self.guide.points = np.zeros((0, 3))
            return
        corners = [[x, inner.bottom], [x, inner.bottom + (y - inner.bottom) * up]]
        self.guide.draw(corners + ([[x + (self.end - x) * out, y]] if out else []))

    @property
    def fill(self) -> str:
        """The colour of a neuron of this activation."""
        return theme.mix(theme.PANEL, theme.OUTPUT, float(np.clip(self.lit, 0, 1)))

    @verb
    def squash(self, run_time: float = 1.8) -> list[Any]:
        """From the sum up to the curve, and out at that height: that is the output."""
        self.add(self.dot)
        self.dot.set_opacity(0)

        def draw(alpha: float) -> None:
            self.risen = alpha
            self._rise()
            self.dot.set_opacity(float(alpha >= 0.5))

        go = Sweep([self.guide, self.dot], draw, run_time=run_time, rate_func=smooth)
        return [Step(go), lambda: Step(*self.reveal(self.output), run_time=theme.FADE)]
