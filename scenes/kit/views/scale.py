"""A number line: the truth, where the dot is, the gap between them, where the dot has been."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import Group, smooth

from scenes.kit import theme
from scenes.kit.axes import Axis
from scenes.kit.motion import FadeIn
from scenes.kit.shapes import Arrow, dashes, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, process, verb
from scenes.kit.surface import Region
from scenes.kit.text.words import Words
from scenes.kit.views.pinned import Pinned

_ABOVE, _BELOW = 1.5, 0.46  # room over and under the line
_TRUTH, _GAP, _GHOST = 1.24, 0.6, 0.24  # over the line: the truth's name, the gap's share of that
_CROWDED = 0.55  # with less room for the gap, ghosts have no names
_SPACE = 0.12


def reach(values: Sequence[float], space: float = 0.12) -> tuple[float, float]:
    """A range that holds all values, with room at its ends."""
    low, high = min(values), max(values)
    room = max((high - low) * space, max(abs(low), abs(high)) * 0.02, 1e-9)
    return low - room, high + room


def slow_at(share: float) -> Callable[[float], float]:
    """A rate that comes to rest for an instant where `share` (0 to 1) of the way is done."""

    def rate(t: float) -> float:
        if t < 0.5:
            return share * float(smooth(2 * t))
        return share + (1 - share) * float(smooth(2 * t - 1))

    return rate


class ScaleView(Pinned):
    """A number line from `low` to `high`; `name` is the key of its label.

    scale = ScaleView(0.0, 2.0, name="outputs")
    self.stage("scale")
    self.beat("network", scale.truth(0.6, "outputs"), scale.show(1.05), scale=scale)
    self.act(scale.ghost("inputs"), scale.move(lambda a: 1.05 - 0.5 * a), scale.zone(0.5, 0.7))
    """

    def __init__(
        self, low: float, high: float, *, name: str = "", ticks: Sequence[float] | None = None
    ) -> None:
        super().__init__()
        self.low, self.high, self.key, self.ticks = low, high, name, ticks
        self.value = self.true = (low + high) / 2
        self.has_truth = False
        self.moving: list[Any] = []
        self.ghosts: list[tuple[float, Words | None]] = []

    def build(self) -> None:
        """The line and its name."""
        self.axis = Axis(self.low, self.high, ticks=self.ticks)
        self.zones, self.marks, self.past = Group(), Group(), Group()
        self.add(self.zones, self.axis, self.marks, self.past)
        self.name: Words | None = None
        if self.key:
            name = self.name = self.story.label(self.key, colour="muted")
            self.pin(name, lambda: name.put_mid(self.right + 0.2, self.y, "left"))

    def lay(self, box: Box) -> None:
        """The line in the middle, as long as its name leaves."""
        edge = max(self.axis.widest / 2, 0.2)
        after = edge if self.name is None else self.name.right_edge - self.name.left_edge + 0.2
        above = min(_ABOVE, box.height - _BELOW)
        self.y = box.y - (above - _BELOW) / 2
        self.sky = _TRUTH + above - _ABOVE
        self.right = box.right - max(after, edge)
        self.axis.put(box.left + edge, self.y, self.right - box.left - edge)

    def at(self, value: float) -> float:
        """Frame x of a value."""
        return self.axis.at(value)

    @verb
    def truth(self, value: float, key: str) -> Step:
        """The true value: a dashed mark with its label."""
        self.true, self.has_truth = value, True
        words = self.story.label(key)
        mark = dashes([0, 0], [0, 1], "target", width=2.5)
        group = Group(mark, words)

        def put() -> None:
            x, half = self.at(value), (words.right_edge - words.left_edge) / 2
            assert self.box is not None
            inside = min(max(x, self.box.left + half), self.box.right - half)
            words.put(inside, self.y + self.sky)
            mark.points = dashes([x, self.y + self.sky - 0.12], [x, self.y - 0.14], "target").points

        self.pin(group, put, self.marks)
        return Step(FadeIn(group), run_time=theme.MOVE)

    @verb
    def show(self, value: float) -> Step:
        """A dot at a value, and the gap from there to the truth, if that is known."""
        self.value = value
        dot = disc(0, 0, 0.14, "output")
        self.moving = [self.pin(dot, lambda: dot.move_to([self.at(self.value), self.y, 0]))]
        if self.has_truth:
            gap = Arrow([0, 0], [1, 0], "error", both=True, width=6)
            self.moving.append(self.pin(gap, lambda: gap.draw(*self._ends()), self.marks))
        return Step(*[FadeIn(m) for m in self.moving], run_time=theme.FADE)

    def _ends(self) -> tuple[list[float], list[float]]:
        y = self.y + _GAP * self.sky
        return [self.at(self.true), y], [self.at(self.value), y]

    @verb
    def move(
        self, law: Callable[[float], float], *, run_time: float = theme.COUNT,
        rate_func: Callable[[float], float] = smooth,
    ) -> Step:  # fmt: skip
        """The dot goes where `law` says at each instant; the gap goes with it."""

        def draw(alpha: float) -> None:
            self.value = float(law(alpha))
            for part in self.moving:
                self.anchors[part]()

        return process(draw, self.moving, run_time=run_time, rate_func=rate_func)

    @verb
    def ghost(self, key: str = "") -> Step:
        """Where the dot is now a paler one stays behind, with a label where there is room."""
        value = self.value
        dot = disc(0, 0, 0.1, "output", opacity=0.45)
        words = self.story.label(key, colour="muted") if key else None
        group = Group(dot, *([words] if words is not None else []))
        here = value, words
        self.ghosts.append(here)

        def put() -> None:
            dot.move_to([self.at(value), self.y, 0])
            if words is not None:
                words.put(self._aside(value, words), self.y + _GHOST)
                words.set_opacity(float(_GAP * self.sky > _CROWDED and self._free(here)))

        self.pin(group, put, self.past)
        for other in self.past.submobjects[:-1]:
            self.anchors[other]()
        return Step(FadeIn(group), run_time=theme.FLIP)

    def _aside(self, value: float, words: Words) -> float:
        """Over its dot, but clear of the truth's mark and within the box."""
        x, half = self.at(value), (words.right_edge - words.left_edge) / 2
        if self.has_truth:
            true = self.at(self.true)
            if abs(x - true) < half + _SPACE:
                x = true + (half + _SPACE) * (1 if value > self.true else -1)
        assert self.box is not None
        return min(max(x, self.box.left + half), self.box.right - half)

    def _free(self, ghost: tuple[float, Words | None]) -> bool:
        """Whether no later ghost's label needs its room."""
        value, words = ghost
        later = self.ghosts[self.ghosts.index(ghost) + 1 :]
        assert words is not None
        here = self._aside(value, words)
        for other, label in later:
            if label is not None:
                room = (words.right_edge - words.left_edge + label.right_edge - label.left_edge) / 2
                if abs(self._aside(other, label) - here) < room + _SPACE:
                    return False
        return True

    @verb
    def forget(self) -> Step:
        """All ghosts go."""
        self.ghosts = []
        return self.unpin(*self.past)

    @verb
    def zone(self, low: float, high: float, colour: str = "output") -> Step:
        """A part of the line is tinted: where a neuron fires, what is near enough."""
        region = Region(theme.hue(colour), 0.3)

        def put() -> None:
            a, b = (self.at(min(max(v, self.low), self.high)) for v in (low, high))
            y = self.y
            region.draw([[[a, y - 0.12], [b, y - 0.12], [b, y + 0.12], [a, y + 0.12]]])

        self.pin(region, put, self.zones)
        return Step(FadeIn(region), run_time=theme.FADE)
