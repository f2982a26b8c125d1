"""Several views, one below the other, as one."""

from __future__ import annotations

from scenes.kit.stage import Box
from scenes.kit.story import View

_GAP = 0.3


class Stack(View):
    """Views one below the other, in equal parts: lines of mathematics that belong together.

    first, second = Worked("x = [x.0]"), Worked("x = [x.1]")
    self.stage("lines")
    self.beat("network", first.fill, lines=Stack(first, second))
    """

    def __init__(self, *views: View, shares: tuple[float, ...] = ()) -> None:
        super().__init__()
        self.views = views
        self.shares = shares or (1.0,) * len(views)

    def build(self) -> None:
        """Build all of them."""
        for view in self.views:
            view.story = self.story
            view.build()
            self.add(view.group)

    def place(self, box: Box) -> None:
        """Give each its part of the height."""
        room = box.height - _GAP * (len(self.views) - 1)
        top = box.top
        for view, share in zip(self.views, self.shares, strict=True):
            height = room * share / sum(self.shares)
            view.place(Box(box.x, top - height / 2, box.width, height))
            view.box = Box(box.x, top - height / 2, box.width, height)
            top -= height + _GAP
