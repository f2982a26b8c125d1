"""Animations that change what is there, without copies or new objects per frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import manim
import numpy as np
from manim import Animation, Group, Mobject, VMobject, smooth
from manim.animation.fading import _Fade
from numpy.typing import NDArray

_COLOURS = ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")


class Sweep(Animation):
    """Calls `draw(alpha)`, alpha going from 0 to 1, on objects that `draw` itself changes.

    `mobjects` are all that `draw` changes; they keep their place in the drawing order. What is
    dear and slow is drawn at most `pace` times a second; frames between are like the one before.
    """

    def __init__(
        self,
        mobjects: Iterable[Mobject],
        draw: Callable[[float], None],
        *,
        run_time: float,
        rate_func: Callable[[float], float] = smooth,
        pace: float | None = None,
    ) -> None:
        self.draw, self.pace, self._drawn = draw, pace, -1
        # An introducer, so that the scene does not pull the members out of their groups.
        super().__init__(Group(*mobjects), run_time=run_time, rate_func=rate_func, introducer=True)

    def create_starting_mobject(self) -> Any:
        """No copy: nothing is interpolated between a start and an end object."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the state at `alpha`."""
        if self.pace is not None and 0 < alpha < 1:
            steps = self.pace * self.run_time
            step = int(alpha * steps + 1e-6)
            if step == self._drawn:
                return
            self._drawn, alpha = step, min(step / steps, 1.0)
        self.draw(self.rate_func(alpha))

    def _setup_scene(self, scene: Any) -> None:
        present = set(scene.get_mobject_family_members())
        for member in self.mobject.submobjects:
            if member not in present:
                scene.add(member)


class _Tints:
    """The colours of many objects, on their way from a start to an end.

    families are (object, the same at the start, the same at the end).
    """

    def __init__(self, families: Iterable[tuple[Any, Any, Any]]) -> None:
        self._others: list[tuple[Any, Any, Any]] = []
        starts, ends, places = [np.zeros((0, 4))], [np.zeros((0, 4))], []
        for member, start, end in families:
            pairs = _pairs(start, end) if isinstance(member, VMobject) else None
            if pairs is None:
                self._others.append((member, start, end))
                continue
            for name, first, last in pairs:
                places.append((member, name, len(first)))
                starts.append(first)
                ends.append(last)
        self._start, self._end = np.concatenate(starts), np.concatenate(ends)
        self._now = self._start.copy()
        self._views = _views(self._now, places)

    def show(self, share: float) -> None:
        """Be so far on the way, 0 to 1."""
        self._now[:] = (1 - share) * self._start + share * self._end
        for member, name, colours in self._views:
            setattr(member, name, colours)
        for member, start, end in self._others:
            member.interpolate_color(start, end, share)


def _pairs(start: Any, end: Any) -> list[tuple[str, Any, Any]] | None:
    """The colours that differ, by name; None if they are not as many at both ends."""
    pairs = [(name, getattr(start, name), getattr(end, name)) for name in _COLOURS]
    if any(first.shape != last.shape for _, first, last in pairs):
        return None
    return [pair for pair in pairs if not np.array_equal(pair[1], pair[2])]


def _views(
    colours: NDArray[np.float64], places: Iterable[tuple[Any, str, int]]
) -> list[tuple[Any, str, NDArray[np.float64]]]:  # fmt: skip
    """For each object and name its own rows of `colours`."""
    views, row = [], 0
    for member, name, count in places:
        views.append((member, name, colours[row : row + count]))
        row += count
    return views


class _Quick(_Fade):
    """A fade that, if it neither moves nor scales, changes colours and nothing else.

    Manim computes all points, colours and widths of each letter anew for each frame; here the
    colours of all that fades are one array.
    """

    _tints: _Tints | None = None

    def begin(self) -> None:
        """Begin."""
        self._tints = None
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the state at `alpha`."""
        if self.lag_ratio or self.scale_factor != 1 or np.any(self.shift_vector):
            super().interpolate_mobject(alpha)
            return
        if self._tints is None:
            self._tints = _Tints(self.get_all_families_zipped())
        self._tints.show(self.get_sub_alpha(alpha, 0, 1))


class FadeIn(_Quick, manim.FadeIn):
    """Let objects come into sight; as manim's."""


class FadeOut(_Quick, manim.FadeOut):
    """Let objects go out of sight; as manim's, but what they were part of stays one thing."""

    def clean_up_from_scene(self, scene: Any) -> None:
        """Take what has gone out of the picture."""
        take_out(scene, self.mobject)
        super().clean_up_from_scene(scene)


def take_out(scene: Any, gone: Mobject) -> None:
    """Remove objects from the scene, and from the groups there that they are part of.

    Manim would break such a group into its other members.
    """
    ids = {id(part) for part in gone.get_family()}

    def prune(mobject: Mobject) -> None:
        kept = [part for part in mobject.submobjects if id(part) not in ids]
        if len(kept) < len(mobject.submobjects):
            mobject.submobjects = kept
        for part in kept:
            prune(part)

    scene.mobjects = [top for top in scene.mobjects if id(top) not in ids]
    for top in scene.mobjects:
        prune(top)


class Travel(Sweep):
    """Objects come from another place and size to where they are, as a ghost on the way.

    `start` is the point (3,) from which the middle comes, `scale` how large they are there.
    """

    def __init__(
        self,
        mobject: Mobject,
        start: NDArray[np.float64],
        *,
        scale: float = 1.0,
        run_time: float,
        ghost: float = 0.55,
        bend: float = 0.0,
        rate_func: Callable[[float], float] = smooth,
    ) -> None:
        parts = [p for p in mobject.get_family() if len(p.points)]
        ends = [p.points.copy() for p in parts]
        centre = mobject.get_center()
        opacities = [p.get_fill_opacity() if isinstance(p, VMobject) else 1.0 for p in parts]
        aside = np.array([start[1] - centre[1], centre[0] - start[0], 0.0]) * bend

        def draw(alpha: float) -> None:
            size = scale + (1 - scale) * alpha
            middle = start + (centre - start) * alpha + aside * 4 * alpha * (1 - alpha)
            solid = ghost * min(1.0, 12 * alpha) + (1 - ghost) * max(0.0, 4 * alpha - 3)
            for part, points, opacity in zip(parts, ends, opacities, strict=True):
                part.points = points if alpha == 1 else (points - centre) * size + middle
                if isinstance(part, VMobject) and opacity:
                    part.set_fill(opacity=opacity * solid, family=False)

        draw(0.0)
        super().__init__([mobject], draw, run_time=run_time, rate_func=rate_func)
