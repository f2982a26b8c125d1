"""The landscape: one true surface with one camera, by night, by day, as a map, cut open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, Group, Mobject, RoundedRectangle, linear, smooth
from numpy.typing import ArrayLike

from scenes.kit import theme
from scenes.kit.ground import Camera
from scenes.kit.motion import FadeOut, Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.shapes import Arrow
from scenes.kit.story import Step, verb
from scenes.kit.views.landscape_frame import PACE, LandscapeFrame, Points
from scenes.kit.walkers import Walkers

_AGAIN = 2.0  # seconds that a light takes along a way
_TURNS = np.arange(8) * np.pi / 4


class LandscapeView(LandscapeFrame):
    """A terrain over two weights, `x` across and `y` away (label keys); `levels` contours,
    `even` where as much ground lies between any two as between others: so plains have theirs, too.

    `tilt` is how far the camera looks down, 90 for a map; by night only a lamp shows the ground.
    Who `stands` there from the start, by name, carries it; it reaches `lamp` ground widths.

        land = LandscapeView(terrain.several_valleys_2d(), night=True)
        self.stage("land")
        self.beat("night", land=land)
        self.act(land.send("w", [[1.5, -2.0]]), land.dawn(), land.tilt(90), land.cut(-0.7))
    """

    @verb
    def dawn(self, run_time: float = 2.4) -> Step:
        """Night becomes day; the lamp pales."""

        def draw(alpha: float) -> None:
            self.light = alpha
            if alpha == 1:
                self.lamp_at = None
            self._paint()

        assert self.image is not None
        return Step(Sweep([self.image], draw, run_time=run_time, pace=PACE), run_time=run_time)

    @verb
    def tilt(self, degrees: float, run_time: float = 2.4) -> list[Step]:
        """The camera rises or sinks; straight above, the map has its axes."""
        turn = self._turn(replace(self.camera, tilt=degrees), run_time)
        steps = [turn]
        if any(self.names) and degrees == 90:
            steps.append(Step(*self.reveal(self.axes), run_time=theme.FADE))
        elif self.axes in self.group.submobjects:
            self.remove(self.axes)
            steps.insert(0, Step(FadeOut(self.axes), run_time=theme.FADE))
            self.wait(self.axes)
        return steps

    @verb
    def near(self, place: ArrayLike, times: float, run_time: float = 2.4) -> Step:
        """The camera comes so many times nearer, over a place."""
        x, y = np.asarray(place, float).tolist()
        return self._turn(replace(self.camera, near=times, over=(x, y)), run_time)

    @verb
    def far(self, run_time: float = 2.4) -> Step:
        """The camera goes back to where all is seen."""
        return self._turn(replace(self.camera, near=1.0), run_time)

    @verb
    def cut(self, y: float, run_time: float = 2.2) -> Step:
        """The ground before `y` is cut away; the edge of the cut lights up."""

        def glow(alpha: float) -> None:
            self.edge.set_stroke(opacity=alpha)

        return self._turn(replace(self.camera, front=y), run_time, glow)

    @verb
    def aside(self, run_time: float = 2.4) -> list[Step]:
        """The camera sinks to the side of the cut, and the land behind it goes: its edge is the
        curve of the heights along it."""
        front = self.camera.front
        level = Camera(0.0, front, self.camera.back)
        return [self._turn(level, run_time), self._turn(Camera(0.0, front, front), run_time * 0.6)]

    # On the ground

    @verb
    def send(
        self, name: str, starts: ArrayLike, colour: str = "target", small: bool = False
    ) -> Step:
        """Walkers stand at places (n, 2); by night the first one carries the lamp."""
        places = np.asarray(starts, float)
        walkers = Walkers(colour, 0.075 if small else 0.13, 1.4 if small else 3.6).set_z_index(1)
        self.walkers[name] = walkers, [p[None] for p in places]
        self._put()
        if self.light < 1 and self.lamp_at is None:
            return Step(*self.reveal(walkers), *self._lit(places[0]).animations)
        return Step(*self.reveal(walkers))

    def _lit(self, place: Points) -> Step:
        self.lamp_at, reach = place, self.lamp_reach

        def draw(alpha: float) -> None:
            self.lamp_reach = max(0.01, reach * alpha)
            self._paint()

        assert self.image is not None
        return Step(Sweep([self.image], draw, run_time=theme.MOVE))

    @verb
    def walk(
        self, name: str, paths: ArrayLike, *, run_time: float = 4.0,
        rate_func: Callable[[float], float] = linear,
    ) -> Step:  # fmt: skip
        """Walkers go along recorded positions (steps + 1, n, 2); where a path ends, it stays."""
        taken = np.asarray(paths, float)
        walkers, before = self.walkers[name]

        def draw(alpha: float) -> None:
            ways = _so_far(taken, alpha)
            self.walkers[name] = (
                walkers,
                [np.concatenate([old, way]) for old, way in zip(before, ways, strict=True)],
            )
            if self.lamp_at is not None:
                self.lamp_at = ways[0][-1]
                self._paint()
            self._put()

        assert self.image is not None
        moved = [*walkers.get_family(), *([self.image] if self.lamp_at is not None else [])]
        return Step(
            Sweep([*moved, *self.anchors], draw, run_time=run_time, rate_func=rate_func),
            run_time=run_time,
        )

    @verb
    def tread(self, name: str, path: ArrayLike, *, run_time: float = 4.0) -> Step:
        """The one walker goes along recorded positions (steps + 1, 2): at each it feels which way
        is down, an arrow that grows before it, then it takes the step. The camera follows it."""
        taken, (walkers, before) = np.asarray(path, float), self.walkers[name]
        down = -np.asarray(self.terrain.gradient(taken), float)
        down *= self.reach / max(float(np.linalg.norm(down, axis=1).max()), 1e-9)
        needle, count = Arrow([0, 0], [1, 0], "ink", width=4), len(taken) - 1
        start, end = self.camera, replace(self.camera, over=tuple(taken[-1].tolist()))
        stood = [np.full(2, np.nan)]
        self.camera = end

        def draw(alpha: float) -> None:
            k = min(int(alpha * count), count - 1)
            share = alpha * count - k
            gone = float(smooth(np.clip((share - 0.4) / 0.55, 0, 1)))
            here = taken[k] + (taken[k + 1] - taken[k]) * gone
            self.walkers[name] = walkers, [np.concatenate([before[0], taken[: k + 1], here[None]])]
            if not np.array_equal(here, stood[0]):
                stood[0] = here
                self.lamp_at = here if self.lamp_at is not None else None
                if start.near > 1:
                    self.ground.see(replace(end, over=tuple(here.tolist())))
                self._paint()
                self._put()
            felt = float(np.clip(share / 0.3, 0, 1))
            ahead = taken[k] + np.outer([0.0, felt], down[k])
            away = np.linalg.norm(np.diff(self.seen(ahead), axis=0))
            needle.draw(*self.seen(ahead + down[k] * 0.4 / max(away, 0.4)))
            needle.set_opacity(felt * (1 - gone) if alpha < 1 else 0.0)

        needle.set_opacity(0.0)
        self.add(needle)
        moved = [*self._scene(), *needle.get_family()]
        sweep = Sweep(moved, draw, run_time=run_time, rate_func=linear, pace=PACE)
        return Step(sweep, run_time=run_time)

    @verb
    def dismiss(self, name: str) -> Step:
        """Walkers leave."""
        walkers, _ = self.walkers.pop(name)
        return Step(FadeOut(walkers), run_time=theme.FADE)

    @verb
    def compass(self, place: ArrayLike) -> list[Step]:
        """Feel the ground: eight arrows, each as long as the ground rises that way; the steepest
        stays, then turns round to point downhill."""
        p, reach = np.asarray(place, float), self.reach
        gradient = np.asarray(self.terrain.gradient(p), float)
        ways = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])
        rises = ways @ gradient
        best = int(np.argmax(rises))
        hues = theme.THEMES["dark"] if self.light < 1 else theme.THEMES[theme.current().theme]
        down, up = hues["ink"], hues["error"]
        arrows = [Arrow([0, 0], [1, 0], down if r < 0 else up, width=4) for r in rises]
        lengths = 0.45 + 0.55 * np.abs(rises) / max(float(np.abs(rises).max()), 1e-9)

        def point(k: int, angle: float, share: float = 1.0) -> None:
            way = np.array([np.cos(angle), np.sin(angle)])
            start, end = self.seen(
                [p + way * reach * 0.25, p + way * reach * (0.25 + lengths[k] * share)]
            )
            arrows[k].draw(start, end)

        def grow(alpha: float) -> None:
            for k, angle in enumerate(_TURNS):
                point(k, float(angle), max(alpha, 0.02))

        def turn(alpha: float) -> None:
            point(best, float(_TURNS[best]) + np.pi * alpha)
            hue = theme.mix(up, down, float(alpha))
            arrows[best].shaft.set_stroke(hue)
            arrows[best].tips.set_fill(hue)

        grow(0.0)
        self.add(*arrows)
        parts = [m for arrow in arrows for m in arrow.get_family()]
        others = [a for k, a in enumerate(arrows) if k != best]
        self._needle = arrows[best]
        return [
            Step(Sweep(parts, grow, run_time=theme.MOVE)),
            Step(*map(FadeOut, others), run_time=theme.FADE),
            Step(Sweep(arrows[best].get_family(), turn, run_time=1.2, rate_func=smooth)),
        ]

    @verb
    def no_compass(self) -> Step:
        """The arrow that was left goes."""
        return Step(FadeOut(self._needle), run_time=theme.FADE)

    @verb
    def flag(
        self, place: ArrayLike, key: str | None, colour: str = "ink", value: Ref | None = None,
        up: float = 0.3, size: float = theme.LABEL,
    ) -> Step:  # fmt: skip
        """A label over a place, a number under it, or one of both; they face the viewer."""
        p = np.asarray(place, float)[None]
        parts: list[Any] = []
        if key is not None:
            parts.append(self.story.label(key, colour=colour, bold=True, size=size))
        if value is not None:
            parts.append(Live(value, theme.LABEL, whole=False))
        wide = max(w.right_edge - w.left_edge for w in parts)
        card = RoundedRectangle(
            corner_radius=0.1, width=wide + 0.24, height=0.34 * len(parts) + 0.1, stroke_width=0,
            fill_color=theme.BACKGROUND, fill_opacity=0.92,
        )  # fmt: skip
        sign = Group(card, *parts).set_z_index(2)  # ways run behind it

        def put(aside: float, up: float) -> bool:
            x, y = self.seen(p)[0]
            half, tall = card.width / 2, card.height / 2
            x = float(np.clip(x + aside, self.inner.left + half, self.inner.right - half))
            y = float(np.clip(y + up, self.inner.bottom + tall, self.inner.top - tall))
            card.move_to([x, y, 0])
            for k, part in enumerate(parts):
                part.put_mid(x, y + 0.34 * ((len(parts) - 1) / 2 - k))
            return all(_clear(card, other) for other in self.anchors)

        # Where another flag stands already, this one finds a place over, under or beside it.
        aside = card.width / 2 + 0.3
        ways = [(x, k * up) for x in (0.0, aside, -aside, 2 * aside, -2 * aside)
                for k in (1, -1, 1.7, -1.7, 2.4)]  # fmt: skip
        way = next((way for way in ways if put(*way)), ways[0])
        self.anchor(sign, lambda: put(*way))
        return Step(*self.reveal(sign), run_time=theme.FADE)

    @verb
    def unflag(self) -> Step | None:
        """All flags go."""
        gone = [m for m in self.anchors]
        self.anchors = {}
        return Step(*[FadeOut(m) for m in gone], run_time=theme.FADE) if gone else None

    def sway(self, degrees: float = 2.5) -> Callable[[float], Animation | None]:
        """For `idle`: the camera rises a little and comes back while a caption is read."""

        def idle(seconds: float) -> Animation | None:
            start = self.camera

            def draw(alpha: float) -> None:
                up = degrees * np.sin(alpha * np.pi) ** 2
                self.ground.see(replace(start, tilt=start.tilt + up))
                self._paint()
                self._put()

            return Sweep(self._scene(), draw, run_time=seconds, pace=PACE)

        return idle

    def again(self, name: str) -> Callable[[float], Animation | None]:
        """For `idle`: lights run along the ways that were taken, from where they started."""

        def idle(seconds: float) -> Animation | None:
            walkers, ways = self.walkers[name]
            count = max(1, round(seconds / _AGAIN))
            lights = walkers.lights()
            self.add(lights)
            shares = [np.linspace(0, 1, len(way)) for way in ways]

            def draw(alpha: float) -> None:
                share = smooth((alpha * count) % 1.0)
                at = [[np.interp(share, along, way[:, j]) for j in (0, 1)]
                      for along, way in zip(shares, ways, strict=True)]  # fmt: skip
                walkers.shine(lights, self.seen(at))
                lights.set_opacity(float(np.sin(np.pi * share)) ** 0.5 if alpha < 1 else 0.0)
                if alpha >= 1:
                    self.remove(lights)

            return Sweep([lights], draw, run_time=seconds, rate_func=linear)

        return idle

    def flicker(self) -> Callable[[float], Animation | None]:
        """For `idle`: the lamp breathes while a caption is read."""

        def idle(seconds: float) -> Animation | None:
            if self.lamp_at is None:
                return None
            reach = self.lamp_reach

            def draw(alpha: float) -> None:
                wave = np.sin(alpha * seconds * 2.6) * np.sin(alpha * np.pi)
                self.lamp_reach = reach * (1 + 0.16 * wave)
                self._paint()

            assert self.image is not None
            return Sweep([self.image], draw, run_time=seconds, pace=PACE)

        return idle


def _clear(first: Mobject, second: Mobject) -> bool:
    """Whether two objects keep apart."""
    away = np.abs(first.get_center() - second.get_center())
    return bool(
        away[0] > (first.width + second.width) / 2 + 0.05
        or away[1] > (first.height + second.height) / 2 + 0.05
    )


def _so_far(paths: Points, share: float) -> list[Points]:
    """The ways (k, 2) taken at a share of all steps, the last step in part."""
    taken = share * (len(paths) - 1)
    whole = int(taken)
    ways = paths[: whole + 1]
    if taken > whole:
        here = paths[whole] + (paths[whole + 1] - paths[whole]) * (taken - whole)
        ways = np.concatenate([ways, here[None]])
    return [ways[:, k] for k in range(paths.shape[1])]
