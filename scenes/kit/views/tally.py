"""A number under its name that grows while something is added up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scenes.kit import theme
from scenes.kit.quantities import Live, Ref
from scenes.kit.stage import Box
from scenes.kit.views.late import Late


class Tally(Late):
    """A number under its name (a key of labels) that grows while something is added up: its
    `running` sums, from 0 on. Without them it stands there from the beginning.

    self.stage("sum")
    self.beat("sum", sum=Tally("sum", self.book.s[0]))
    """

    def __init__(self, name: str, ref: Ref, running: ArrayLike = ()) -> None:
        super().__init__()
        self.name, self.ref, self.running = name, ref, np.asarray(running, dtype=float)

    def build(self) -> None:
        """The name; the number waits until the counting begins."""
        self.label = self.story.label(
            self.name, size=theme.NUMBER_SMALL, colour="ink" if len(self.running) else "muted"
        )
        self.number = Live(self.ref, theme.NUMBER)
        for value in [f(self.running) for f in (np.min, np.max) if len(self.running)]:
            self.number.widen(float(value), self.ref.values.spec)
        self.add(self.label)
        (self.wait if len(self.running) else self.add)(self.number)

    def place(self, box: Box) -> None:
        """Side by side in the middle."""
        gap = 0.3
        width = self.label.right_edge - self.label.left_edge
        whole = width + gap + self.number.right_edge - self.number.left_edge
        self.label.put_mid(box.x - whole / 2, box.y, "left")
        self.number.put_mid(box.x - whole / 2 + width + gap, box.y, "left")
