"""Views that come in once what glides has left their place."""

from __future__ import annotations

from manim import smooth, squish_rate_func

from scenes.kit.motion import FadeIn
from scenes.kit.story import Step, View


class Late(View):
    """A view that fades in during the second half of the time that others take to glide away."""

    def enter(self) -> Step:
        """Fade in, late; what becomes this view comes at once."""
        if self.origin is not None:
            return super().enter()
        return Step(FadeIn(self.group, rate_func=squish_rate_func(smooth, 0.5, 1)))
