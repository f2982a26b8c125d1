"""What a film counts: numbers over others as a curve, and live numbers with their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Mobject
from numpy.typing import ArrayLike

from scenes.kit import theme
from scenes.kit.axes import Axes
from scenes.kit.flip import flip
from scenes.kit.motion import Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.shapes import Stroke, disc
from scenes.kit.stage import Box
from scenes.kit.story import Step, View, verb
from scenes.kit.text.words import OnBaseline, row
from scenes.kit.views.pinned import Pinned

GHOST = 0.3
_GAP, _BETWEEN, _LINE = 0.14, 0.5, 0.62  # between words, between entries, between lines
_LOOKS = 400  # most points of a curve


class Series(Pinned):
    """Numbers over others, drawn as far as a film has come: a loss over epochs.

    `x` and `y` are keys of labels; `room` are other numbers that are to have room, too, for when
    another curve comes and this one stays behind as a ghost (`again`). The numbers at the curve's
    head stand beside the axes' names.

        epochs, losses = count([0, 1, 2, 3], "epoch {}"), error([0.9, 0.4, 0.2, 0.1], "loss {}")
        loss = Series(losses, epochs, x="epoch", y="loss")
        self.stage("loss")
        self.beat("network", loss=loss)
        self.act(film(range(4), loss))
    """

    def __init__(
        self,
        values: Values,
        over: Values,
        *,
        x: str,
        y: str,
        room: Sequence[Values] = (),
    ) -> None:
        super().__init__()
        self.values, self.over, self.names = values, over, (x, y)
        self.top = 1.08 * max(float(v.array.max()) for v in (values, *room)) or 1.0
        self.last = float(over.array.max()) or 1.0
        self.shown = 0

    def build(self) -> None:
        """Axes, the curve, the dot at its head and its numbers."""
        x, y = (
            self.story.label(name, size=theme.LABEL, colour=colour)
            for name, colour in zip(self.names, ("muted", self.values.role), strict=True)
        )
        self.axes = Axes((0.0, self.last), (0.0, self.top), x_name=x, y_name=y)
        self.numbers = [Live(v[0], theme.LABEL) for v in (self.over, self.values)]
        self.curve = Stroke([[0, 0], [1, 0]], self.values.role, 4.0)
        self.head = disc(0, 0, 0.09, self.values.role)
        self.add(self.axes, self.head, *self.numbers)
        self.pin(self.curve, lambda: self._draw(self.shown))

    def lay(self, box: Box) -> None:
        """Put the axes into the box, and the numbers to their names."""
        self.axes.place(box)
        x, y = self.axes.x_name, self.axes.y_name
        assert x is not None and y is not None
        across, upward = self.numbers
        across.put(self.axes.inner.right, x.baseline, "right")
        x.put(across.left_edge - _GAP, x.baseline, "right")
        upward.put(y.right_edge + _GAP, y.baseline, "left")

    def _trace(self, curve: Stroke, values: Values, over: Values, count: int) -> None:
        step = max(1, len(values) // _LOOKS)
        at = np.unique(np.append(np.arange(0, count, step), count - 1))
        if len(at) > 1:
            curve.draw(self.axes.path(over.array[at], values.array[at]))
        else:
            curve.points = np.zeros((0, 3))

    def _draw(self, n: int) -> None:
        self.shown = n
        self._trace(self.curve, self.values, self.over, n + 1)
        self.head.move_to(self.axes.at(float(self.over.array[n]), float(self.values.array[n])))

    def _show(self, n: int) -> None:
        self._draw(n)
        for number, values in zip(self.numbers, (self.over, self.values), strict=True):
            number.be(values[n])
            number.rest()

    @verb
    def again(self, values: Values, over: Values) -> Step:
        """Another curve is to come over the same axes; this one stays, faint."""
        old = self.values, self.over, self.shown + 1
        ghost = Stroke([[0, 0], [1, 0]], old[0].role, theme.LINE, GHOST)
        self.pin(ghost, lambda: self._trace(ghost, *old))
        self.group.submobjects.insert(1, self.group.submobjects.pop())
        ghost.set_stroke(opacity=0)
        self.values, self.over, self.shown = values, over, 0
        for number, v in zip(self.numbers, (over, values), strict=True):
            for value in (v.array.min(), v.array.max()):
                number.widen(value, v.spec)
        changes = {n: v[0] for n, v in zip(self.numbers, (over, values), strict=True)}
        start = self.head.get_center()

        def draw(alpha: float) -> None:
            ghost.set_stroke(opacity=GHOST * alpha)
            self.curve.set_stroke(opacity=1 - alpha)
            end = self.axes.at(float(over.array[0]), float(values.array[0]))
            self.head.move_to(start + (end - start) * alpha)
            if alpha >= 1:
                self._draw(0)
                self.curve.set_stroke(opacity=1)

        turned = flip(changes, run_time=theme.FADE)
        return Step(Sweep([ghost, self.curve, self.head], draw, run_time=theme.FADE), turned)

    def film(
        self, networks: Sequence[Any], inputs: ArrayLike | None = None
    ) -> Callable[[int], None]:
        """A function that draws the curve as far as the n-th look."""
        return self._show

    def moving(self) -> list[Mobject]:
        """What a film changes."""
        return [self.curve, self.head, *self.numbers]


Entry = Values | Ref | tuple[Values | Ref, Values | Ref]
"""What an entry of a board counts: numbers of which the n-th is shown, one that stays, or a
score: `(numbers, total)` is shown as `n / total`."""


class Board(View):
    """Live numbers with their names, in a row, or in as many rows as the width asks for.

    The names are keys of labels: `Board(epoch=b.epochs, right=(b.right, b.total))`.

        board = Board(inputs=(self.book.x, self.book.x[1]))
        self.stage("board")
        self.beat("network", board.turn(inputs=self.book.x[1]), board=board)
    """

    def __init__(self, **entries: Entry) -> None:
        super().__init__()
        self.entries = {k: e if isinstance(e, tuple) else (e,) for k, e in entries.items()}

    def build(self) -> None:
        """Make names and numbers."""
        self.rows: dict[str, list[OnBaseline]] = {}
        self.numbers: dict[str, Live] = {}
        for key, entry in self.entries.items():
            refs = [e if isinstance(e, Ref) else e[0] for e in entry]
            made = [Live(ref, theme.NUMBER_SMALL) for ref in refs]
            self.numbers[key] = made[0]
            line: list[OnBaseline] = [self.story.label(key, colour=refs[0].values.role), made[0]]
            for number in made[1:]:
                made[0].widen(number.ref.value, number.ref.values.spec)  # a score may be full
                line += [self.story.symbol("/", colour="muted"), number]
            self.rows[key] = line
            self.add(*line)

    def place(self, box: Box) -> None:
        """As few rows as fit, each entry in its place in all of them."""
        lines = list(self.rows.values())
        for size in (theme.NUMBER_SMALL, theme.LABEL):
            for number in (p for line in lines for p in line if isinstance(p, Live)):
                number.resize(size)
            widths = [_wide(line) for line in lines]
            columns = next(
                (n for n in range(len(lines), 0, -1) if self._fits(widths, n, box.width)), 1
            )
            if columns == len(lines) or size == theme.LABEL:
                break
        count = -(-len(lines) // columns)
        pitch = min(_LINE, box.height / count)
        room = box.width / columns
        for k, line in enumerate(lines):
            across, down = k % columns, k // columns
            here = min(columns, len(lines) - down * columns)
            x = box.x + (across - (here - 1) / 2) * room
            y = box.y + ((count - 1) / 2 - down) * pitch
            row(line, x, y - 0.12, gap=_GAP, align="center")

    @staticmethod
    def _fits(widths: list[float], columns: int, width: float) -> bool:
        return (max(widths) + _BETWEEN) * columns - _BETWEEN <= width

    def be(self, key: str, ref: Ref) -> Live:
        """The number of a name, which is to stand for another one now: for a running process."""
        number = self.numbers[key]
        number.be(ref)
        return number

    def aim(self, **refs: Ref) -> list[Live]:
        """The numbers of these names, which a process is to lead to others now."""
        for key, ref in refs.items():
            self.numbers[key].aim(ref)
        if self.box is not None:
            self.place(self.box)
        return [self.numbers[key] for key in refs]

    @verb
    def turn(self, **refs: Ref) -> Step:
        """Numbers flip to others, all in one beat."""
        return Step(flip({self.numbers[k]: ref for k, ref in refs.items()}))

    @verb
    def again(self, **entries: Values) -> Step:
        """Other numbers of the same names are to come: the first of each is shown."""
        for key, values in entries.items():
            self.entries[key] = (values, *self.entries[key][1:])
            self.numbers[key].open_to(values)
        return Step(flip({self.numbers[k]: values[0] for k, values in entries.items()}))

    def film(
        self, networks: Sequence[Any], inputs: ArrayLike | None = None
    ) -> Callable[[int], None]:
        """A function that shows the numbers of the n-th look."""
        going = {k: e[0] for k, e in self.entries.items() if isinstance(e[0], Values)}

        def show(n: int) -> None:
            for key, values in going.items():
                self.numbers[key].be(values[n])
                self.numbers[key].rest()

        return show

    def moving(self) -> list[Mobject]:
        """What a film changes."""
        return list(self.numbers.values())


def _wide(line: Sequence[OnBaseline]) -> float:
    """Width of texts in a row."""
    return sum(p.right_edge - p.left_edge for p in line) + _GAP * (len(line) - 1)
