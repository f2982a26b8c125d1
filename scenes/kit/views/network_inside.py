"""Looking into a neuron: its sum, its activation's curve, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Group, RoundedRectangle, linear, smooth
from numpy.typing import NDArray

from nncore.activations import Activation
from scenes.kit import theme
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Values
from scenes.kit.shapes import Stroke, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, verb
from scenes.kit.views.network_frame import NetworkFrame

WIDE, HIGH = 5.2, 3.7  # of what opens, where there is room


class Opened(Group):
    """A neuron opened: the curve of its activation, its sum below, its output at the left."""

    def __init__(self, story: Any, total: Live, out: Live, function: Callable[[Any], Any]) -> None:
        self.total, self.out, self.function = total, out, function
        self.reach = max(4.0, float(np.ceil(abs(float(total.ref.value)) + 1)))
        self.x = np.linspace(-self.reach, self.reach, 121)
        self.y = np.asarray(function(self.x), dtype=float)
        self.low, self.high = float(min(self.y.min(), 0)), float(max(self.y.max(), 1))
        self.ground = RoundedRectangle(
            corner_radius=0.08, width=1, height=1, stroke_color=theme.OUTPUT,
            stroke_width=theme.LINE, fill_color=theme.PANEL, fill_opacity=1,
        )  # fmt: skip
        flat = [[0, 0], [1, 0]]
        self.axes = Stroke(flat, "muted", theme.THIN)
        self.limits = Stroke(flat, "rule", theme.THIN)
        self.curve = Stroke(flat, "output", 4)
        self.path = Stroke(flat, "ink", 2.5)
        self.dot = disc(0, 0, 0.11, "ink")
        self.names = [story.label(k, colour="muted") for k in ("sum", "output")]
        self.way = 0.0
        super().__init__(
            self.ground, self.limits, self.axes, self.curve, self.path, self.dot, *self.names
        )

    def draw(self, box: Box) -> None:
        """Fill a box, that of the neuron or what it opens to."""
        self.box = box
        self.ground.stretch_to_fit_width(box.width).stretch_to_fit_height(box.height)
        self.ground.move_to([box.x, box.y, 0])
        share = box.height / HIGH
        self.inner = box.inset(0.35 * share, 0.35 * share, 0.5 * share, 0.85 * share)
        self.curve.draw(self._at(self.x, self.y))
        ends = self.reach * np.array([-1.0, 1.0])
        self.limits.draw(self._at(ends, np.array([1.0, 1.0])))
        middle = np.zeros(2)
        self.axes.draw_all(
            [
                self._at(ends, np.zeros(2)),
                self._at(middle, np.array([self.low, self.high + 0.12 * (self.high - self.low)])),
            ]
        )
        self.move(self.way)
        left = self._at(0.0, self.high)[0]
        # Names stand where the numbers do not come.
        far = float(self.total.ref.value) > 0
        end = self.inner.left if far else self.inner.right
        self.names[0].put(end, self.inner.bottom - 0.4 * share, "left" if far else "right")
        self.names[1].put(left + 0.12, box.top - 0.4 * share, "left")

    def _at(self, x: Any, y: Any) -> NDArray[np.float64]:
        """Frame points of the curve's numbers."""
        inner = self.inner
        across = inner.x + np.asarray(x) / self.reach * inner.width / 2
        up = inner.bottom + (np.asarray(y) - self.low) / (self.high - self.low) * inner.height
        return np.stack(np.broadcast_arrays(across, up), axis=-1)

    def move(self, way: float) -> None:
        """The dot on its way: up from the sum to the curve (to 0.5), then across to the axis."""
        self.way = way
        s, y = float(self.total.ref.value), float(self.function(np.float64(self.total.ref.value)))
        foot, top, side = self._at(s, 0.0), self._at(s, y), self._at(0.0, y)
        up, over = min(1.0, 2 * way), max(0.0, 2 * way - 1)
        here = foot + (top - foot) * up if way <= 0.5 else top + (side - top) * over
        self.path.draw([foot, top if way > 0.5 else here, here])
        self.dot.move_to([*here, 0])
        share = self.box.height / HIGH
        self.total.put_mid(foot[0], self.inner.bottom - 0.32 * share)
        width = self.out.right_edge - self.out.left_edge
        beside = -1 if s >= 0 else 1
        x = side[0] + beside * (0.22 + width / 2)
        self.out.put_mid(x, side[1])


class Inside(NetworkFrame):
    """The verbs of a look inside."""

    @verb
    def look_inside(
        self, layer: int, j: int, sums: Values, outputs: Values, activation: Activation
    ) -> list[Any]:
        """A neuron opens: its sum stands under the curve of its activation, a dot goes up from it
        to the curve and across to what comes out. It stays open until `close`."""
        la = self.layers[layer]
        assert self.box is not None
        total = Live(sums[j], theme.CAPTION, whole=False, align="center")
        out = Live(outputs[j], theme.CAPTION, whole=False, align="center")
        opened = Opened(self.story, total, out, activation.function)
        self.opened = opened
        x, y = la.places[j]
        width = min(WIDE, 0.62 * self.box.width)
        name = 0.6 if la.title else 0.0  # it stays in sight
        height = min(HIGH, self.box.height - name)
        goal = Box(
            float(np.clip(x, self.box.left + width / 2, self.box.right - width / 2)),
            float(np.clip(y, self.box.bottom + name + height / 2, self.box.top - height / 2)),
            width,
            height,
        )
        start = Box(x, y, 2 * self.radius, 2 * self.radius)
        opened.draw(goal)
        old = la.numbers.get(j)
        fly = self.travel(total, old) if old is not None else FadeIn(total)
        self.add(opened, total)
        self.covered = [(n, n.get_fill_opacity()) for n in self._numbers_in(goal)]

        def grow(alpha: float) -> None:
            for number, solid in self.covered:
                number.set_fill(opacity=solid * (1 - alpha), family=False)
            here = total.get_center()
            opened.draw(start.towards(goal, alpha))
            total.move_to(here)
            for part in (opened.dot, opened.path, *opened.names):
                part.set_opacity(float(alpha > 0.6))
            opened.path.set_fill(opacity=0)

        return [
            Step(Sweep([opened], grow, run_time=theme.MOVE), fly),
            lambda: self._rise(opened, goal, out),
        ]

    def _rise(self, opened: Opened, goal: Box, out: Live) -> list[Any]:
        opened.draw(goal)

        def across() -> Step:
            self.add(out)
            moving = Sweep([opened], lambda a: opened.move(0.5 + 0.5 * a), run_time=0.8)
            return Step(moving, FadeIn(out), run_time=0.8)

        up = Sweep([opened], lambda a: opened.move(0.5 * a), run_time=0.8)
        return [Step(up, run_time=0.8), across]

    def _numbers_in(self, box: Box) -> list[Live]:
        """The network's own numbers that what opens lies over."""
        own = [n for la in self.layers for n in la.numbers.values()]
        own += [label[1] for gap in self.gaps for label in gap.labels.values()]
        return [
            n for n in own
            if n.right_edge > box.left and n.left_edge < box.right
            and box.bottom - 0.3 < n.baseline < box.top
        ]  # fmt: skip

    @verb
    def close(self, layer: int, j: int, outputs: Values) -> list[Any]:
        """The neuron closes over its output, and is as bright."""
        la, opened = self.layers[layer], self.opened
        x, y = la.places[j]
        goal, start = Box(x, y, 2 * self.radius, 2 * self.radius), opened.box
        number = Live(outputs[j], theme.LABEL, align="center")
        old = la.numbers.pop(j, None)
        if old is not None:
            self.drop(old)
        la.numbers[j] = number
        self.wait(number)

        def shrink() -> Step:
            fly = self.travel(number, opened.out)
            lit = float(outputs.array[j])
            total, out = opened.total, opened.out
            self.add(number)
            self.drop(out)
            self.story.drop(out)

            def draw(alpha: float) -> None:
                opened.draw(start.towards(goal, alpha))
                fade = 1 - smooth(min(1.0, 2 * alpha))
                for covered, solid in self.covered:
                    covered.set_fill(opacity=solid * alpha, family=False)
                opened.dot.set_opacity(fade)
                for name in opened.names:  # at once: what shrinks has no room for them
                    name.set_opacity(0)
                for part in (opened.path, opened.axes, opened.limits, opened.curve):
                    part.set_stroke(opacity=fade)
                la.lit[j] = lit * alpha
                la.paint(j, 1.0)
                opened.ground.set_fill(la.neurons[j].get_fill_color(), opacity=1)
                if alpha >= 1:
                    self.drop(opened, total)

            rest = Sweep([opened, la.neurons[j]], draw, run_time=theme.MOVE, rate_func=linear)
            return Step(rest, fly, FadeOut(total, run_time=theme.FADE / 2))

        return [*self.room(), shrink, lambda: la.paint(j)]
