"""A training played through all that shows it, in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from manim import Mobject, linear
from numpy.typing import ArrayLike

from nncore.network import Network
from nncore.watch import Watched
from scenes.kit.motion import Sweep
from scenes.kit.story import Lazy, Step

PACE = 13.0  # looks a second
SHORTEST, LONGEST = 3.0, 14.0  # seconds


class Playable(Protocol):
    """A view that can show any look at a training."""

    def film(
        self, networks: Sequence[Network], inputs: ArrayLike | None = None
    ) -> Callable[[int], None]:
        """A function that shows the n-th look; `inputs` are the examples that are learnt."""

    def moving(self) -> list[Mobject]:
        """What that function changes."""


def film(
    watched: Watched | Sequence[Network],
    *views: Playable,
    inputs: ArrayLike | None = None,
    run_time: float | None = None,
) -> Lazy:
    """All views go through a training, or through any record of networks, together.

    Its looks were chosen so that about the same change lies between neighbours: they are played
    at a constant pace, and the seconds go to what changes. Each frame is one look, with its own
    numbers; nothing is between two looks. Given `inputs`, neurons are as bright as they are on
    their mean. Several trainings go side by side with `together(film(a, …), film(b, …))`.
    """

    def step() -> Step:
        networks = watched.networks if isinstance(watched, Watched) else watched
        last = len(networks) - 1
        shows = [view.film(networks, inputs) for view in views]

        def draw(alpha: float) -> None:
            for show in shows:
                show(round(last * alpha))

        draw(0.0)
        seconds = run_time or min(max(last / PACE, SHORTEST), LONGEST)
        moving = [m for view in views for m in view.moving()]
        return Step(Sweep(moving, draw, run_time=seconds, rate_func=linear), run_time=seconds)

    return step
