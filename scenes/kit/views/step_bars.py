"""The steps of a walk as signed bars, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import VMobject, linear, smooth

from scenes.kit import theme
from scenes.kit.ledger import Value
from scenes.kit.quantities import Live, Values
from scenes.kit.shapes import Stroke, path_points
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.text.words import Words
from scenes.kit.views.pinned import Pinned

_HEAD, _PITCH = 0.5, 0.42  # room for the name over the bars; widest bar with its gap


class StepBarsView(Pinned):
    """Signed lengths: up for more, down for less; `largest` fills half the height.

    `name` is a label's key, `count` the numbers of steps, 0 to the last.

        bars = StepBarsView([0.4, 0.4, -0.2], name="outputs", largest=0.4)
        self.stage("bars")
        self.beat("network", bars.show(0, 2), bars.show(2, 3), bars=bars)
    """

    def __init__(
        self, moves: Sequence[float], *, name: str, largest: float, colour: str = "weight",
        count: Values | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.shares = np.asarray(moves, float) / largest
        self.key, self.colour, self.count, self.taken = name, colour, count, 0.0

    def build(self) -> None:
        """The line, its name, the bars."""
        self.name: Words = self.story.label(self.key, colour="muted")
        self.line = Stroke([[0, 0], [1, 0]], "muted", theme.THIN)
        self.bars = VMobject(stroke_width=0, fill_color=theme.hue(self.colour), fill_opacity=1)
        self.pin(self.line, lambda: self.line.draw([[self.x, self.y], [self.x + self.w, self.y]]))
        self.pin(self.bars, self._draw)
        self.pin(self.name, lambda: self.name.put(self.x, self.top + 0.16, "left"))
        self.number: Live | None = None
        if self.count is not None:
            number = self.number = Live(self.count[0], theme.LABEL)
            number.align = "left"
            number.show(number.value)
            self.pin(
                number, lambda: number.put(self.name.right_edge + 0.18, self.top + 0.16, "left")
            )

    def lay(self, box: Box) -> None:
        """The line in the middle of what the name leaves, the bars as wide as there is room."""
        self.x, self.w, self.top = box.left, box.width, box.top - _HEAD
        self.reach = (self.top - box.bottom) / 2
        self.y = box.bottom + self.reach
        self.pitch = min(self.w / max(len(self.shares), 1), _PITCH)

    def _draw(self) -> None:
        shapes = []
        for k, share in enumerate(self.shares[: int(np.ceil(self.taken))]):
            left, right = self.x + (k + 0.14) * self.pitch, self.x + (k + 0.86) * self.pitch
            top = self.y + share * self.reach * min(1.0, self.taken - k)
            corners = [[left, self.y], [right, self.y], [right, top], [left, top], [left, self.y]]
            shapes.append(path_points(corners))
        self.bars.points = np.concatenate(shapes) if shapes else np.zeros((0, 3))

    @verb
    def show(
        self, first: int, last: int, *, run_time: float = theme.MOVE,
        rate_func: Callable[[float], float] | None = None,
    ) -> Step:  # fmt: skip
        """The bars of the steps from the one numbered `first` to before `last` grow."""

        def draw(alpha: float) -> None:
            self.taken = last if alpha >= 1 else first + (last - first) * alpha
            self._draw()

        laws: dict[Live, Callable[[float], Value]] = {}
        if self.number is not None and self.count is not None:
            self.number.be(self.count[last])
            laws = {self.number: lambda a: last if a >= 1 else int(first + (last - first) * a)}
        rate = rate_func or (smooth if last - first == 1 else linear)
        return process(draw, [self.bars], laws, run_time=run_time, rate_func=rate)
