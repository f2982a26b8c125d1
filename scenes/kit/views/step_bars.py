"""The steps of a walk as signed bars, and how many there are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manim import VMobject, linear, smooth
from numpy.typing import ArrayLike

from scenes.kit import theme
from scenes.kit.ledger import Value
from scenes.kit.quantities import Live, Values
from scenes.kit.shapes import Stroke, path_points
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.views.pinned import Pinned

_PITCH, _GAP = 0.42, 0.25  # widest bar with its gap; from the name to the bars
_LINES = 0.42  # from the name to the number under it


class StepBarsView(Pinned):
    """Signed lengths beside their name: up for more, down for less; so much as `span` fills the
    height.

    `name` is a label's key, `count` the numbers of steps, 0 to the last.

        bars = StepBarsView([0.4, 0.4, -0.2], name="outputs", span=0.6)
        self.stage("bars")
        self.beat("network", bars.show(0, 2), bars.show(2, 3), bars=bars)
    """

    def __init__(
        self, moves: ArrayLike, *, name: str, span: float, colour: str = "weight",
        count: Values | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.shares = np.asarray(moves, float) / span
        self.key, self.colour, self.count, self.taken = name, colour, count, 0.0

    def build(self) -> None:
        """The line, the name, the number, the bars."""
        name = self.name = self.story.label(self.key, colour="muted")
        self.line = Stroke([[0, 0], [1, 0]], "muted", theme.THIN)
        self.bars = VMobject(stroke_width=0, fill_color=theme.hue(self.colour), fill_opacity=1)
        self.pin(self.line, lambda: self.line.draw([[self.x, self.y], [self.x + self.w, self.y]]))
        self.pin(self.bars, self._draw)
        up = _LINES / 2 if self.count is not None else 0.0
        self.pin(name, lambda: name.put_mid(self.x - _GAP, self.middle + up, "right"))
        self.number: Live | None = None
        if self.count is not None:
            number = self.number = Live(self.count[0], theme.LABEL)
            self.pin(number, lambda: number.put_mid(self.x - _GAP, self.middle - up, "right"))

    def lay(self, box: Box) -> None:
        """The bars as wide as the name leaves room; the line as high as the downward ones need."""
        named = self.name.right_edge - self.name.left_edge + _GAP
        self.x, self.w, self.middle = box.left + named, box.width - named, box.y
        self.reach = box.height
        up, down = (float(max(0.0, (way * self.shares).max(initial=0))) for way in (1, -1))
        self.y = box.y + (down - up) / 2 * self.reach
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
