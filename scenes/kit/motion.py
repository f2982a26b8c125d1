"""Animations that change what is there, without copies or new objects per frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from manim import Animation, Group, Mobject, smooth


class Sweep(Animation):
    """Calls `draw(alpha)`, alpha going from 0 to 1, on objects that `draw` itself changes.

    `mobjects` are all that `draw` changes; they keep their place in the drawing order.
    """

    def __init__(
        self,
        mobjects: Iterable[Mobject],
        draw: Callable[[float], None],
        *,
        run_time: float,
        rate_func: Callable[[float], float] = smooth,
    ) -> None:
        self.draw = draw
        # An introducer, so that the scene does not pull the members out of their groups.
        super().__init__(Group(*mobjects), run_time=run_time, rate_func=rate_func, introducer=True)

    def create_starting_mobject(self) -> Any:
        """No copy: nothing is interpolated between a start and an end object."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the state at `alpha`."""
        self.draw(self.rate_func(alpha))

    def _setup_scene(self, scene: Any) -> None:
        present = set(scene.get_mobject_family_members())
        for member in self.mobject.submobjects:
            if member not in present:
                scene.add(member)
