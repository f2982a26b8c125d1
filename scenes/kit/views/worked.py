"""Formulas that fill in: `&` parts come one after the other, `[w.0.1]` is a number of the run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from manim import Group, Mobject, VGroup, VMobject, smooth, squish_rate_func

from scenes.kit import theme
from scenes.kit.arithmetic import SLOT, truth
from scenes.kit.flip import flip
from scenes.kit.ledger import Value, shown
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, process, verb
from scenes.kit.text import formula as base

_ROLE = re.compile(r"\{\{(.*?):\s*([\w-]+)\s*\}\}")
_CUT = re.compile(r"&\s*(=|approx|arrow\.r|<-|<|>|\+|-|dot)")
_EQUALS = re.compile(r"(?<![<>!:=])=(?!=)|\bapprox\b")
_OPERATOR = re.compile(r"(?:[-+−·×]|\bdot|\btimes|\bdiv)\s*$")
_SPACE = "med thin"  # beside a sign of equality: there is room for ≈
_LARGER = 1.25  # a line is set so much larger where there is room
_PITCH = 0.28  # between lines
_ARRIVE, _NEXT = 0.8, 0.35  # seconds: in which a part comes, after which the next one does
Law = Callable[[float], Value]


@dataclass(eq=False)
class _Slot:
    """A number's place: its path in the book, the number, its brackets, seen if it has a sign."""

    path: str
    number: Live
    brackets: list[VMobject] = field(default_factory=list)


@dataclass(eq=False)
class _Sign:
    """A sign of equality in its two shapes, as points around its middle."""

    shape: VMobject
    shapes: tuple[np.ndarray, np.ndarray]

    def be(self, exact: bool) -> None:
        """`=` or `≈`."""
        middle = self.shape.get_center()
        size = self.shape.width / float(np.ptp(self.shapes[self.exact][:, 0]))
        self.exact = exact
        self.shape.points = self.shapes[exact] * size + middle

    exact: bool = True


class Worked(View):
    """A line of mathematics in Typst's language.

    `[e.j]` is a number of the book; indices may be letters, given by name, so that the line can
    `turn` to another example. `&` parts come one after the other (`fill`), each number from where
    it stands in the picture; where the box is narrow they come one below the other. `{{ y :
    output }}` colours letters. A `=` is drawn as `≈` by itself when the digits shown do not add
    up; a number after an operator is bracketed if it has a sign of its own.

        line = Worked("y &= [w.j.0] dot [x.0] + [w.j.1] dot [x.1] &= [s.j]", j=0)
        self.stage("line")
        self.beat("sum", line.fill, line.turn(j=1), line=line)
    """

    def __init__(self, source: str, *, size: float = theme.FORMULA, **index: int) -> None:
        super().__init__()
        self.source, self.size, self.index = source, size, index
        self.revealed, self.coming = 1, dict[str, int]()

    def build(self) -> None:
        """Set the line; all its parts but the first wait in the wings."""
        self.slots = [_Slot(p, self._number(p)) for p in SLOT.findall(self.source)]
        self._labels: dict[str, str] = {}
        bracketed = self._bracketed()
        source = _ROLE.sub(lambda m: self._marked(m[1], "role", m[2]), self.source)
        source = _CUT.sub(self._cut, source)
        source = self._equals(source)
        size = self.size * base._MATCH
        em = base._em() * size
        names = iter(range(len(self.slots)))

        def place(_: re.Match[str]) -> str:
            k = next(names)
            spot = base._place(f"n{k}", self.slots[k].number, em)
            if k not in bracketed:
                return spot
            return f"{{{{ \\( : l{k} }}}} {spot} {{{{ \\) : r{k} }}}}"

        marks = [f"{side}{k}" for k in bracketed for side in "lr"]
        labels = sorted({*self._labels, *marks, *(f"n{k}" for k in range(len(self.slots)))})
        math = base._typeset(f"upright({SLOT.sub(place, source)})", size, theme.INK, labels)
        self._tint(math, bracketed)
        self._divide(math)

    def _number(self, path: str) -> Live:
        ref = self._ref(path)
        values = np.asarray(ref.values.array)
        mixed = bool(np.any(values < 0) and np.any(values >= 0))
        return Live(ref, self.size, align="center" if mixed else "right")

    def _ref(self, path: str, **index: int) -> Ref:
        known = {**self.index, **index}
        return self.story.book.ref(".".join(str(known.get(p, p)) for p in path.split(".")))

    def _cut(self, match: re.Match[str]) -> str:
        return f"{_SPACE} {self._marked(match[1], 'cut', 'ink')} {_SPACE}"

    def _sign(self, match: re.Match[str]) -> str:
        return f"{_SPACE} {self._marked(match[0], 'sign', 'ink')} {_SPACE}"

    def _marked(self, text: str, kind: str, hue: str) -> str:
        name = f"{kind}{len(self._labels)}"
        self._labels[name] = hue
        return f"{{{{ {text} : {name} }}}}"

    def _equals(self, source: str) -> str:
        """Mark every sign of equality: some already are, where a part begins."""
        pieces, done = re.split(r"(\{\{.*?\}\})", source), []
        for piece in pieces:
            if piece.startswith("{{"):
                done.append(piece)
            else:
                done.append(_EQUALS.sub(self._sign, piece))
        return "".join(done)

    def _bracketed(self) -> set[int]:
        """Which numbers may need brackets: after an operator or under a power, with a sign."""
        found = set()
        for k, match in enumerate(SLOT.finditer(self.source)):
            values = self.slots[k].number.ref.values
            signed = values.spec.startswith("+") or bool(np.any(np.asarray(values.array) < 0))
            before = _OPERATOR.search(self.source[: match.start()].replace("&", " "))
            power = self.source[match.end() :].lstrip().startswith("^")
            if signed and (before or power):
                found.add(k)
        return found

    def _tint(self, math: Any, bracketed: set[int]) -> None:
        """Colour letters; put numbers and brackets into their places."""
        for name, hue in self._labels.items():
            VGroup(*math.marked[name]).set_color(theme.hue(hue))
        for k, slot in enumerate(self.slots):
            spot = VGroup(*math.marked[f"n{k}"])
            slot.number.put(spot.get_center()[0], spot.get_bottom()[1])
            if k in bracketed:
                slot.brackets = [*math.marked[f"l{k}"], *math.marked[f"r{k}"]]
        signs = [n for n, _ in self._labels.items() if n.startswith(("sign", "cut"))]
        shapes = [_around(math.marked[n][0]) for n in signs if math.marked[n]]
        both = _equality(self.size * base._MATCH)
        marked = [math.marked[n][0] for n in signs if math.marked[n]]
        self.signs = [
            _Sign(shape, both)
            for shape, around in zip(marked, shapes, strict=True)
            if _alike(around, both[1]) or _alike(around, both[0])
        ]
        self.signs.sort(key=lambda s: float(s.shape.get_x()))
        self._judge({})
        self._bracket()

    def _divide(self, math: Any) -> None:
        """Sort signs and numbers into the parts between the cuts."""
        taken = {id(p) for k in range(len(self.slots)) for p in math.marked[f"n{k}"]}
        signs = [s for s in math.signs if id(s) not in taken]
        cuts = sorted(
            VGroup(*math.marked[n]).get_left()[0] for n in self._labels if n.startswith("cut")
        )
        self.parts = [Group() for _ in range(len(cuts) + 1)]
        for piece in (*signs, *[slot.number for slot in self.slots]):
            self.parts[sum(piece.get_left()[0] >= c - 1e-6 for c in cuts)].add(piece)
        self.parts = [p for p in self.parts if p.submobjects]
        # Where each part stands in the line as set, around the line's own middle.
        whole = Group(*self.parts)
        self.axis = float(self._height(whole)[0])
        self.spans = [(float(p.get_left()[0]), float(p.get_right()[0])) for p in self.parts]
        self.heights = [self._height(p) for p in self.parts]
        self.scale_now = 1.0
        self.at = [np.zeros(3) for _ in self.parts]  # how far each part is from there, unscaled
        self.add(self.parts[0])
        self.wait(*self.parts[1:])

    @staticmethod
    def _height(part: Mobject) -> tuple[float, float]:
        return float(part.get_bottom()[1]), float(part.get_top()[1])

    # Places

    def place(self, box: Box) -> None:
        """In one line if it fits, else its parts in as many lines as needed, never too small."""
        least = min(1.0, theme.LABEL / self.size)
        best, chosen = 0.0, self._ways()[0]
        for rows in self._ways():
            width, height = self._measure(rows)
            scale = min(_LARGER, box.width / width, box.height / height)
            if scale > best * 1.15 and best < 0.9:
                best, chosen = scale, rows
        self._set(chosen, max(best, least), box)

    def _ways(self) -> list[list[list[int]]]:
        """Parts in lines: one line, then two, and so on, each as even as can be."""
        count = len(self.parts)

        def rows(cuts: Sequence[int]) -> list[list[int]]:
            ends = zip((0, *cuts), (*cuts, count), strict=True)
            return [list(range(a, b)) for a, b in ends]

        return [
            min(map(rows, combinations(range(1, count), lines)), key=lambda r: self._measure(r)[0])
            for lines in range(count)
        ]

    def _measure(self, rows: list[list[int]]) -> tuple[float, float]:
        width = max(self.spans[r[-1]][1] - self.spans[r[0]][0] for r in rows)
        height = sum(self._extent(r)[1] - self._extent(r)[0] for r in rows)
        return width, height + _PITCH * (len(rows) - 1)

    def _extent(self, row: list[int]) -> tuple[float, float]:
        return min(self.heights[k][0] for k in row), max(self.heights[k][1] for k in row)

    def _set(self, rows: list[list[int]], scale: float, box: Box) -> None:
        _, height = self._measure(rows)
        pen = height / 2
        for row in rows:
            low, high = self._extent(row)
            left, right = self.spans[row[0]][0], self.spans[row[-1]][1]
            for k in row:
                middle = (self.spans[k][0] + self.spans[k][1]) / 2 - (left + right) / 2
                y = pen - high + (self.heights[k][0] + self.heights[k][1]) / 2
                goal = np.array([box.x + middle * scale, box.y + y * scale, 0])
                part = self.parts[k]
                part.scale(scale / self.scale_now)
                part.shift(goal - part.get_center())
            pen -= high - low + _PITCH
        self.scale_now = scale

    # What it says

    def _texts(self, values: Mapping[int, Value]) -> list[str]:
        numbers = [slot.number for slot in self.slots]
        return [shown(values.get(k, n.ref.value), n.spec) for k, n in enumerate(numbers)]

    def _judge(self, values: Mapping[int, Value]) -> None:
        """Each sign of equality is `=` if the digits shown are equal, else `≈`."""
        claims = [c for c in truth(self.source, self._texts(values)) if c.sign in ("=", "approx")]
        for sign, claim in zip(self.signs, claims, strict=True):
            if claim.holds != sign.exact:
                sign.be(claim.holds)

    def _bracket(self, values: Mapping[int, Value] | None = None) -> None:
        """A number with a sign of its own has brackets; `values` are what runs just now."""
        for k, slot in enumerate(self.slots):
            ref = slot.number.ref
            text = shown((values or {}).get(k, ref.value), ref.values.spec)
            for bracket in slot.brackets:
                bracket.set_fill(opacity=float(text[0] in "−+"))

    # Verbs

    @verb
    def fill(self, parts: int | None = None, *, at_once: bool = False) -> Any:
        """The other parts, in turn or in quick succession (`at_once`), or the next `parts` of
        them; each number comes from where it stands in the picture."""
        if self.coming:
            self._renew()
        first = self.revealed
        last = len(self.parts) if parts is None else min(first + parts, len(self.parts))
        self.revealed = last
        coming = self.parts[first:last]
        if not at_once:
            return [lambda p=p: self._arrive(p) for p in coming]
        # What a sign of equality leads to comes when what it follows from has arrived.
        whole = _ARRIVE + _NEXT * max(len(coming) - 1, 0)
        found = []
        for k, part in enumerate(coming):
            start = _NEXT * k / whole
            rate = squish_rate_func(smooth, start, start + _ARRIVE / whole)
            found += self._arrive(part, rate).animations
        return Step(*found, run_time=whole)

    def _arrive(self, part: Group, rate: Callable[[float], float] = smooth) -> Step:
        self.add(part)
        signs = [p for p in part if not isinstance(p, Live)]
        numbers = [p for p in part if isinstance(p, Live)]
        come = [FadeIn(p, rate_func=rate) for p in signs]
        come += [self.fly(n, rate_func=rate) for n in numbers]
        return Step(*come, run_time=_ARRIVE)

    @verb
    def empty(self, **index: int) -> Step:
        """All parts but the first go; `fill` brings them back, for another example."""
        gone, self.revealed, self.coming = self.parts[1 : self.revealed], 1, index
        return Step(*map(FadeOut, gone), run_time=theme.FADE)

    def _renew(self) -> None:
        """Be for the example that is to come."""
        self.index |= self.coming
        self.coming = {}
        for slot in self.slots:
            ref = self._ref(slot.path)
            slot.number.widen(ref.value, ref.values.spec)
            slot.number.be(ref)
            slot.number.rest()
        self._judge({})
        self._bracket()

    @verb
    def turn(self, **index: int) -> Step:
        """The same line for another example: numbers that change flip, none runs."""
        refs = [self._ref(s.path, **index) for s in self.slots]
        changes = {s.number: r for s, r in zip(self.slots, refs, strict=True)}
        self.index |= index
        turned = flip(changes)
        done = [False]

        def judge(alpha: float) -> None:
            if alpha >= 0.5 and not done[0]:
                done[0] = True
                self._judge({k: r.value for k, r in enumerate(refs)})
                self._bracket()

        others: Sequence[VMobject] = [s.shape for s in self.signs]
        return Step(turned, Sweep(others, judge, run_time=theme.FLIP), run_time=theme.FLIP)

    @verb
    def follow(
        self,
        laws: Mapping[str, Law],
        draw: Callable[[float], None] | None = None,
        moved: Sequence[Mobject] = (),
        *,
        run_time: float = theme.COUNT,
        rate_func: Callable[[float], float] = smooth,
        **index: int,
    ) -> Step:
        """While something really runs (`draw`, `moved`), the numbers named by their slots show
        what their laws compute at this instant; at its end they are what `index` says."""
        slots = {k: laws[s.path] for k, s in enumerate(self.slots) if s.path in laws}
        ends = [self._ref(s.path, **index) for s in self.slots]
        self.index |= index
        for slot, ref in zip(self.slots, ends, strict=True):
            slot.number.widen(ref.value, ref.values.spec)
            slot.number.be(ref)

        def step(alpha: float) -> None:
            if draw:
                draw(alpha)
            now = {k: law(alpha) for k, law in slots.items()} if alpha < 1 else {}
            self._judge(now)
            self._bracket(now)

        numbers = {self.slots[k].number: law for k, law in slots.items()}
        shapes = [s.shape for s in self.signs]
        shapes += [b for slot in self.slots for b in slot.brackets]
        return process(step, [*moved, *shapes], numbers, run_time=run_time, rate_func=rate_func)


def _around(shape: VMobject) -> np.ndarray:
    points: np.ndarray = shape.points - shape.get_center()
    return points


def _alike(first: np.ndarray, second: np.ndarray) -> bool:
    return first.shape == second.shape and bool(np.allclose(first, second, atol=1e-3))


def _equality(size: float) -> tuple[np.ndarray, np.ndarray]:
    """The shapes of `≈` and of `=` as the line sets them."""
    pair = base._typeset("upright({{ approx : a }} {{ = : b }})", size, theme.INK, ["a", "b"])
    return _around(pair.marked["a"][0]), _around(pair.marked["b"][0])
