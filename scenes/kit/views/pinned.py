"""Views whose parts know their places: each is put there again whenever the picture moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from manim import Group, Mobject

from scenes.kit import theme
from scenes.kit.motion import FadeOut
from scenes.kit.stage import Box
from scenes.kit.story import Step, View

M = TypeVar("M", bound=Mobject)


class Pinned(View):
    """A view made of parts, each with a function that puts it into its place.

    A subclass gives `lay(box)`, which says where things are, and `pin`s what it shows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.anchors: dict[Mobject, Callable[[], Any]] = {}

    def lay(self, box: Box) -> None:
        """Find out where things are in this box; the pinned parts are put there next."""
        raise NotImplementedError

    def place(self, box: Box) -> None:
        """Put all parts into a box."""
        self.box = box
        self.lay(box)
        for put in list(self.anchors.values()):
            put()

    def pin(self, mobject: M, put: Callable[[], Any], layer: Group | None = None) -> M:
        """Make an object part of the picture, or of one of its groups: `put` places it, now and
        whenever the view moves."""
        self.anchors[mobject] = put
        (layer if layer is not None else self.group).add(mobject)
        if self.box is not None:
            put()
        return mobject

    def unpin(self, *mobjects: Mobject) -> Step:
        """Let parts go out of the picture."""
        for mobject in mobjects:
            self.anchors.pop(mobject, None)
        return Step(*[FadeOut(m) for m in mobjects], run_time=theme.FADE)
