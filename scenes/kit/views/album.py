"""Pictures of how lines split points, sorted into rows by how many they get right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import Square, VGroup, VMobject, smooth
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.motion import FadeIn, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.shapes import Stroke
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.surface import Region, chord, cut
from scenes.kit.text.words import OnBaseline, row
from scenes.kit.views.plane_marks import Boundary, Cloud, Rings

_AIR = 0.14  # between pictures
_NAME, _EMPTY = 1.05, 0.62  # width of a row's name; height of a row without pictures
_LARGEST = 2.2
_FLIGHT = 0.55  # of the time that a picture has: it flies, and the line rests
_SIGHT = 0.3  # how much more than the points' square is seen, so that a line past all is, too


class Snapshot(VGroup):
    """A small picture of a split: the line, its side, the points, rings round the wrong ones."""

    def __init__(self, points: ArrayLike, classes: ArrayLike, where: Boundary) -> None:
        p, c = np.asarray(points, dtype=float), np.asarray(classes, dtype=int)
        low, high = p.min(axis=0), p.max(axis=0)
        size = float((high - low).max()) * (1 + 2 * (0.5 + _SIGHT))
        middle = (low + high) / 2

        def seen(q: NDArray[np.float64]) -> NDArray[np.float64]:
            found: NDArray[np.float64] = (np.asarray(q) - middle) / size
            return found

        half = size / 2
        frame = middle + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        normal, offset = np.asarray(where[0], dtype=float), where[1]
        ground = Square(1, stroke_color=theme.RULE, stroke_width=1.5,
                        fill_color=theme.PANEL, fill_opacity=1)  # fmt: skip
        sides = [Region("class_a", 0.18), Region("class_b", 0.3)]
        for side, sign in zip(sides, (-1, 1), strict=True):
            side.draw([seen(cut(frame, sign * normal, sign * offset))])
        line = Stroke(seen(chord(frame, normal, offset)), "weight", 3.0)
        clouds = [Cloud(k, 0.07) for k in (0, 1)]
        for k, cloud in enumerate(clouds):
            cloud.draw(seen(p[c == k]))
        wrong = Rings(0.12)
        wrong.draw(seen(p[((p @ normal > offset) != (c == 1))]))
        wrong.set_stroke(width=2.5)
        super().__init__(ground, *sides, line, *clouds, wrong)
        self._base = [part.points.copy() for part in self.submobjects]
        self.hide()

    def put(self, box: Box) -> None:
        """Fill a square box."""
        for part, base in zip(self.submobjects, self._base, strict=True):
            part.points = base * box.width + np.array([box.x, box.y, 0.0])

    def hide(self) -> None:
        """Be nowhere as yet."""
        for part in self.submobjects:
            part.points = np.zeros((0, 3))


class Album(View):
    """Snapshots in rows by their score, best first; each row's name is `score / total`.

    `splits` are (boundary, score) in the order in which they are found. A row that stays empty
    shows the label `empty` once it is sure (`conclude`).

        splits = [(([1, 1], 0.5), 3), (([1, 0], 0.5), 3), (([0, 1], 0.5), 3)]
        album = Album([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], splits,
                      scores=self.book.n, total=self.book.n[0], empty="none")
        self.stage("album")
        self.beat("network", album=album)
        self.act(album.collect(lambda: album.box.within(1), 3.0), album.conclude)
    """

    def __init__(
        self,
        points: ArrayLike,
        classes: ArrayLike,
        splits: Sequence[tuple[Boundary, int]],
        *,
        scores: Values,
        total: Ref,
        empty: str,
    ) -> None:
        super().__init__()
        self.points, self.classes, self.splits = points, classes, splits
        self.scores, self.total, self.empty = scores, total, empty
        self.found = 0

    def build(self) -> None:
        """Make names and pictures; no picture is seen as yet."""
        self.pictures = [Snapshot(self.points, self.classes, where) for where, _ in self.splits]
        self.names: list[list[OnBaseline]] = []
        for k in range(len(self.scores)):
            number = Live(self.scores[k], theme.NUMBER_SMALL)
            slash = self.story.symbol("/", colour="muted")
            self.names.append([number, slash, Live(self.total, theme.NUMBER_SMALL)])
        self.none = self.story.label(self.empty, size=theme.CAPTION, colour="error", bold=True)
        self.rules = Stroke([[0, 0], [1, 0]], "rule", theme.THIN)
        self.add(self.rules, *[p for line in self.names for p in line], *self.pictures)
        self.wait(self.none)

    def place(self, box: Box) -> None:
        """Pictures as large as the fullest row and the number of rows allow."""
        rows = [[k for k, (_, s) in enumerate(self.splits) if s == score]
                for score in self.scores.array.tolist()]  # fmt: skip
        full = [r for r in rows if r]
        most = max(map(len, full))
        high = (box.height - _EMPTY * (len(rows) - len(full))) / len(full)
        side = min(high - _AIR, (box.width - _NAME) / most - _AIR, _LARGEST)
        width = _NAME + most * (side + _AIR)
        left = box.x - width / 2
        total = sum(side + _AIR if r else _EMPTY for r in rows)
        top = box.y + total / 2
        self.cells: list[Box] = [Box(0, 0, side, side)] * len(self.splits)
        paths: list[ArrayLike] = []
        for name, members in zip(self.names, rows, strict=True):
            height = side + _AIR if members else _EMPTY
            y = top - height / 2
            row(name, left, y - 0.13, gap=0.1, align="left")
            for n, k in enumerate(members):
                x = left + _NAME + (n + 0.5) * (side + _AIR)
                self.cells[k] = Box(x, y, side, side)
            if not members:
                self.none.put_mid(left + _NAME + 0.1, y, "left")
            paths.append([[left, top - height], [left + width, top - height]])
            top -= height
        self.rules.draw_all(paths[:-1])
        for k in range(self.found):
            self.pictures[k].put(self.cells[k])

    @verb
    def collect(self, source: Callable[[], Box], run_time: float) -> Step:
        """Pictures fly out of the source, one after the other, each into its row; each has an
        equal part of the time (`clock`)."""
        start, count = source(), len(self.pictures)

        def draw(alpha: float) -> None:
            for k, picture in enumerate(self.pictures):
                share = (alpha * (count + 1) - (k + 1 - _FLIGHT)) / _FLIGHT
                if share > 0:
                    picture.put(start.towards(self.cells[k], smooth(min(1.0, share))))
                    self.found = max(self.found, k + 1)

        moved: list[VMobject] = list(self.pictures)
        return Step(Sweep(moved, draw, run_time=run_time, rate_func=lambda t: t))

    @staticmethod
    def clock(met: Sequence[int], last: int) -> Callable[[float], int]:
        """Which position of a search is shown at alpha, so that it rests at each of the positions
        `met` while its picture flies; `last` is the end of the search."""
        count = len(met)

        def position(alpha: float) -> int:
            place = alpha * (count + 1)
            k = min(int(place), count)
            share = min((place - k) / (1 - _FLIGHT), 1.0)
            start = met[k - 1] if k else 0
            end = met[k] if k < count else last
            return round(start + (end - start) * smooth(share))

        return position

    @verb
    def conclude(self) -> Step:
        """The row that stays empty is marked."""
        self.add(self.none)
        return Step(FadeIn(self.none, scale=1.4), run_time=theme.MOVE)
