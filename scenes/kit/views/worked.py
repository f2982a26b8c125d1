"""Formulas that fill in: `&` parts come one after the other, `[w.0.1]` is a number of the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from manim import Group, VGroup

from scenes.kit import theme
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.quantities import Live
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.text import formula as base

_SLOT = re.compile(r"\[([a-z]\w*(?:\.\w+)*)\]")
_ROLE = re.compile(r"\{\{(.*?): (input|weight|output|target|error) \}\}")
_CUT = re.compile(r"& *(=|approx|arrow\.r)")
_HUES = {
    "input": "input",
    "weight": "weight",
    "output": "output",
    "target": "target",
    "error": "error",
}


class Worked(View):
    """A line of mathematics. Indices in slots may be letters, given by name: `[e.j]`, j=0.

    `between` computes the last number from the others (by their slots) while the line turns
    from one example to another.
    """

    def __init__(
        self,
        source: str,
        *,
        size: float = theme.FORMULA,
        between: Callable[[dict[str, float]], float] | None = None,
        **index: int,
    ) -> None:
        super().__init__()
        self.source, self.size, self.between, self.index = source, size, between, index

    def build(self) -> None:
        self.slots = _SLOT.findall(self.source)
        self.numbers = [Live(self._ref(s), self.size) for s in self.slots]
        labels: dict[str, str] = {}

        def label(kind: str, hue: str) -> str:
            name = f"{kind}{len(labels)}"
            labels[name] = hue
            return name

        source = _ROLE.sub(lambda m: f"{{{{{m[1]}: {label(m[2], _HUES[m[2]])} }}}}", self.source)
        source = _CUT.sub(lambda m: f"{{{{ {m[1]} : {label('cut', 'ink')} }}}}", source)
        names = iter(f"n{k}" for k in range(len(self.numbers)))
        places: dict[str, Live] = {}

        def place(match: re.Match[str]) -> str:
            name = next(names)
            places[name] = self.numbers[len(places)]
            return base._place(name, places[name], em)

        size = self.size * base._MATCH
        em = base._em() * size
        math = base._typeset(
            f"upright({_SLOT.sub(place, source)})", size, theme.INK, sorted({*labels, *places})
        )
        for name, hue in labels.items():
            VGroup(*math.marked[name]).set_color(theme.hue(hue))
        for name, number in places.items():
            spot = VGroup(*math.marked[name])
            number.put(spot.get_center()[0], spot.get_bottom()[1])
        taken = {id(p) for name in places for p in math.marked[name]}
        signs = [s for s in math.signs if id(s) not in taken]
        cuts = sorted(VGroup(*math.marked[n]).get_left()[0] for n in labels if n.startswith("cut"))
        self.parts = [Group() for _ in range(len(cuts) + 1)]
        for piece in (*signs, *self.numbers):
            self.parts[sum(piece.get_left()[0] >= c - 1e-6 for c in cuts)].add(piece)
        self.add(self.parts[0])
        self.wait(*self.parts[1:])

    def _ref(self, slot: str, **index: int) -> Any:
        known = {**self.index, **index}
        return self.story.book.ref(".".join(str(known.get(p, p)) for p in slot.split(".")))

    def place(self, box: Box) -> None:
        whole = Group(*self.parts)
        whole.scale(min(1.0, box.width / whole.width)).move_to([box.x, box.y, 0])

    @verb
    def fill(self) -> list[Step]:
        """The other parts, in turn; each number comes from where it stands in the picture."""
        return [Step(*self._arrive(part), run_time=0.8) for part in self.parts[1:]]

    def _arrive(self, part: Group) -> list[Any]:
        self.add(part)
        signs = [p for p in part if not isinstance(p, Live)]
        numbers = [p for p in part if isinstance(p, Live)]
        return [
            *([FadeIn(Group(*signs))] if signs else []),
            *[self.fly(n) for n in numbers],
        ]

    @verb
    def turn(self, **index: int) -> Step:
        """The same line for another example: its numbers run there."""
        starts = [n.ref.value for n in self.numbers]
        refs = [self._ref(s, **index) for s in self.slots]
        self.index |= index

        def draw(alpha: float) -> None:
            now = [a + (r.value - a) * alpha for a, r in zip(starts, refs)]
            if self.between:
                now[-1] = self.between(dict(zip(self.slots, now)))
            for number, value in zip(self.numbers, now):
                number.show(value)

        for number, ref in zip(self.numbers, refs):
            number.be(ref)
        return Step(Sweep(self.numbers, draw, run_time=theme.MOVE))
