"""Pieces of the XOR clip: the truth table, the tally of splits, the band of two lines."""

from __future__ import annotations

import numpy as np
from manim import Animation, RoundedRectangle, VGroup, VMobject
from numpy.typing import ArrayLike, NDArray

from nncore.boolean import Dichotomy, LineSearch, Sweep, Table
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.logic import Thumbnail
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.plane import Plane
from scenes.kit.shapes import Stroke, marker, path_points, point
from scenes.kit.surface import Region, chord, cut, half_plane
from scenes.kit.text import LiveNumber, Words
from scenes.xor_run import HIGH, LOW

# Each line, and the hidden neuron that it is, by the sign of its weights.
LINES = (theme.POSITIVE, theme.NEGATIVE)


def _met(way: Dichotomy, search: Sweep) -> int:
    """The position at which the search first splits the corners this way; all are met."""
    same = (search.fires == np.array(way.fires)).all(axis=1)
    return int(np.flatnonzero(same)[0])


def swap(old: VMobject, new: VMobject) -> list[Animation]:
    """One marker shrinks away while another grows in its place."""
    return [FadeOut(old, scale=0.4), FadeIn(new, scale=0.4)]


class TruthTable:
    """Four cases, their answers as numbers and as markers; the answers can change."""

    X = (1.75, 2.95, 4.75)
    HEAD, FIRST, PITCH = 1.78, 0.92, 0.8

    def __init__(self, clip: Clip, name: str, table: Table, inputs: ArrayLike) -> None:
        self.clip = clip
        letters = [clip.symbol(s, size=theme.CAPTION, colour=theme.INPUT) for s in "AB"]
        self.operator = self._operator(name)
        for words, x in zip(letters, self.X, strict=False):
            words.put(x, self.HEAD)
        self.middle, self.width = 3.3, 4.7
        ends = (self.middle - self.width / 2, self.middle + self.width / 2)
        rule = Stroke([[x, self.HEAD - 0.25] for x in ends], theme.MUTED, theme.THIN)
        self.fixed: list[VMobject] = [*letters, rule]
        self.answers: list[LiveNumber] = []
        self.markers = [self._marker(k, bool(t)) for k, t in enumerate(table.targets)]
        self.rows = []
        for k, pair in enumerate(np.asarray(inputs)):
            given = [
                clip.number(letter, value, ".0f", colour=theme.INPUT, size=theme.FORMULA)
                for letter, value in zip("AB", pair, strict=True)
            ]
            answer = clip.number(
                "output", table.targets[k], "d", colour=theme.OUTPUT, size=theme.FORMULA
            )
            for number, x in zip((*given, answer), self.X, strict=True):
                number.put(x, self.FIRST - self.PITCH * k)
            self.fixed += given
            self.answers.append(answer)
            self.rows.append(VGroup(*given, answer, self.markers[k]))
        self.head = VGroup(*letters, rule, self.operator)
        self.bar = RoundedRectangle(
            corner_radius=0.1, width=self.width, height=0.66, stroke_width=0
        )
        self.bar.set_fill(theme.RULE, opacity=0.55).move_to(point(self.middle, self.mid(0)))

    def mid(self, k: int) -> float:
        """Height of the middle of a row's digits."""
        return self.FIRST - self.PITCH * k + 0.16

    def parts(self) -> list[VMobject]:
        """Everything of the table that stands there now."""
        return [*self.fixed, self.operator, *self.answers, *self.markers]

    def change(self, name: str, table: Table) -> list[Animation]:
        """The animations that make it another table's; then `settle` its answers."""
        before, self.operator = self.operator, self._operator(name)
        swaps: list[Animation] = [FadeOut(before), FadeIn(self.operator)]
        for k, target in enumerate(table.targets):
            if self.answers[k].value != target:
                old, self.markers[k] = self.markers[k], self._marker(k, bool(target))
                swaps += swap(old, self.markers[k])
        return swaps

    def settle(self, table: Table) -> None:
        """Show a table's answers."""
        for number, target in zip(self.answers, table.targets, strict=True):
            self.clip.settle(number, target)

    def _operator(self, name: str) -> Words:
        words = self.clip.label(name, size=theme.CAPTION, colour=theme.OUTPUT, bold=True)
        return words.put(self.X[2], self.HEAD)

    def _marker(self, k: int, second: bool) -> VMobject:
        return marker(self.X[2] + 0.55, self.mid(k), second, size=0.12)


class Tally:
    """A row for each score, with a picture of every split that has it.

    `met` pairs each picture with the position of the search that first made its split.
    """

    def __init__(self, clip: Clip, ways: LineSearch, search: Sweep, inputs: ArrayLike) -> None:
        self.rows = VGroup()
        self.met: list[tuple[Thumbnail, int]] = []
        targets = ways.table.targets
        for n in range(len(targets), 0, -1):
            y = 1.0 + (n - len(targets))
            figures = {
                "n": clip.figure("right", n, "d"),
                "total": clip.figure("corners", len(targets), "d"),
            }
            name = clip.label("score", figures, colour=theme.MUTED).put_mid(0.4, y, "left")
            self.rows.add(name)
            these = [(way, _met(way, search)) for way in ways.dichotomies if way.score == n]
            # In the order in which the search meets them.
            for k, (way, at) in enumerate(sorted(these, key=lambda pair: pair[1])):
                x = 1.85 + 0.88 * k
                picture = Thumbnail(x, y, 0.78, inputs, targets, way.weights, way.threshold)
                picture.show(0)
                self.met.append((picture, at))
            if n > ways.proven_best:
                none = clip.label("none", size=theme.CAPTION, colour=theme.ERROR, bold=True)
                self.none = none.put_mid(1.46, y, "left")

    def parts(self) -> list[VMobject]:
        """Everything of the tally."""
        return [self.rows, self.none, *[picture for picture, _ in self.met]]


class Band:
    """The second line at A + B = bound; what lies between it and the first, and outside both.

    `first` is A + B at the first line. `ring` marks the far corner, where both inputs are on:
    it is there while the band holds that corner.
    """

    def __init__(self, plane: Plane, first: float, ring: VMobject) -> None:
        self.plane, self.first, self.ring = plane, first, ring
        self.inside = Region(theme.CLASS_B, 0.2)
        self.outside = Region(theme.CLASS_A, 0.15)
        self.shades = [self.outside, self.inside]
        self.line = Stroke([[0, 0], [1, 0]], LINES[1], 4)

    def draw(self, bound: float) -> None:
        """Put the second line at A + B = `bound`."""
        ones = np.ones(2)
        before = half_plane(LOW, HIGH, -ones, -self.first)
        beyond = half_plane(LOW, HIGH, ones, bound)
        between = cut(half_plane(LOW, HIGH, ones, self.first), -ones, -bound)
        self.outside.draw([self._framed(before), self._framed(beyond)])
        self.inside.draw([self._framed(between)])
        ends = chord(LOW, HIGH, ones, bound)
        self.line.points = path_points(self._framed(ends)) if len(ends) else np.zeros((0, 3))
        self.ring.set_stroke(opacity=float(np.clip((bound - 2) / 0.1, 0, 1)))

    def _framed(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.plane.path(corners[:, 0], corners[:, 1])

    def moving(self) -> list[VMobject]:
        """What `draw` changes."""
        return [*self.shades, self.line, self.ring]
