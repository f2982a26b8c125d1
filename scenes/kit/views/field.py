"""What a network says of every point of a plane, and the line that each hidden neuron is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, Circle, Mobject, VGroup
from numpy.typing import ArrayLike, NDArray

from nncore.network import Network
from scenes.kit import theme
from scenes.kit.flip import flip
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.shapes import Stroke, path_points
from scenes.kit.stage import Box
from scenes.kit.story import Step, verb
from scenes.kit.surface import HeatMap, chord, contours
from scenes.kit.text.words import OnBaseline, Words, row
from scenes.kit.views.network import NetworkView
from scenes.kit.views.network_frame import pitch_of, wide
from scenes.kit.views.plane import PlaneView
from scenes.kit.views.plane_marks import Boundary, Rings, runner

GRID = 121
_LETTERS = "pqrsuvwz"
_BADGE = 0.2  # radius of a line's badge
_HEAD = 0.5  # room for a line of text over a plane
_NAME = 0.42  # the name of the upright axis, under a head
_RIM = 0.06  # round a bare plane
_FULL = 3.6  # width of a plane from which on its markers have their full size
_BREAK = 0.35  # between the two parts of a head in one line
_SURE = 1e-12

Piece = str | Values | Ref
"""Of a head: the key of a label, or a sign, or `|`, where it may be broken; numbers that go with
a film; one that stays."""


class Badge(VGroup):
    """A letter in a small ring: it marks a line, and the neuron that the line is."""

    def __init__(self, letter: Words) -> None:
        self.ring = Circle(
            radius=_BADGE, stroke_color=theme.WEIGHT, stroke_width=2.5,
            fill_color=theme.BACKGROUND, fill_opacity=1,
        )  # fmt: skip
        self.letter, self.seen = letter, True
        super().__init__(self.ring, letter)

    def put(self, x: float, y: float) -> None:
        """Stand at a frame point."""
        self.ring.move_to([x, y, 0])
        self.letter.put_mid(x, y - 0.03)

    def be_seen(self, seen: bool) -> None:
        """Be there, or not."""
        if seen != self.seen:
            self.seen = seen
            self.ring.set_opacity(float(seen))
            self.letter.set_fill(opacity=float(seen))


class FieldView(PlaneView):
    """A plane on which a network's answer is seen at every point: the hue of the class, the
    clearer the surer, with a bold contour where it is 0.5; and of each hidden neuron the line on
    which its weighted sum is zero.

    `head` is a line over the plane, of keys of labels, signs and numbers; `of` networks of
    which the `look`-th has its field there from the start; `bare`: without axes.

        net = Network([Layer(self.book.w.array, np.zeros(2), SIGMOID),
                       Layer(self.book.w.array[:1], np.zeros(1), SIGMOID)])
        plane = FieldView([[1, 3], [3, 1]], [0, 1], x="inputs", y="outputs")
        self.stage("plane")
        self.beat("network", plane.field(net), plane=plane)
        self.act(plane.relabel([1, 0]), plane.unfield())
    """

    def __init__(
        self, *args: Any, head: Sequence[Piece] = (), of: Sequence[Network] = (),
        look: int = 0, bare: bool = False, **how: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **how)
        self.pieces, self.of, self.look = head, of, look
        self.bare = float(bare)
        self.missed: Rings | None = None
        self.said_yes = self.classes == 1
        self.heat: HeatMap | None = None
        self.hidden: list[tuple[Stroke, Badge]] = []

    # Head

    def build(self) -> None:
        """The plane, the line over it, and the field that is there already."""
        super().build()
        self._set_head(self.pieces)
        self.notes.add(*self.head)
        if self.bare:
            self.remove(self.axes)
        if self.of:
            self.film(self.of)(self.look)

    def _set_head(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        made = [None if p == "|" else self._piece(p) for p in pieces]
        cut = made.index(None) if None in made else len(made)
        parts = [p for p in made if p is not None]
        self.head = parts
        self.head_rows = [r for r in (parts[:cut], parts[cut:]) if r]
        self.counted = [
            (number, values)
            for number, values in zip(made, pieces, strict=True)
            if isinstance(values, Values) and isinstance(number, Live)
        ]

    def _piece(self, piece: Piece) -> OnBaseline:
        if isinstance(piece, str):
            return self.story.label(piece) if piece[0].isalpha() else self.story.symbol(piece)
        return Live(piece if isinstance(piece, Ref) else piece[0], theme.LABEL)

    def lay(self, box: Box) -> None:
        """Put the axes into the box, under the head: one line, or two where it is narrow."""
        whole = wide(self.head) + _BREAK * (len(self.head_rows) - 1)
        lines = [self.head] if whole <= box.width - 0.2 else self.head_rows
        name = self.axes.y_name
        left = 0.0 if name is None else (name.right_edge - name.left_edge + 0.4) * (1 - self.bare)
        # The head stands over the name of the upright axis if there is no room beside it.
        crowded = name is not None and left + whole > box.width - 0.4
        over = _NAME * (1 - self.bare) if crowded else 0.0
        ground = box.inset(top=_HEAD * len(lines) - _NAME + over) if self.head else box
        super().lay(ground)
        if self.bare:
            (x_low, x_high), (y_low, y_high) = self.ranges
            room = ground.inset(left=_RIM, right=_RIM, top=_NAME, bottom=_RIM)
            room = room.within((x_high - x_low) / (y_high - y_low))
            self.axes.span(self.axes.inner.towards(room, self.bare))
        inner = self.axes.inner
        for cloud in self.clouds:
            cloud.share = min(1.0, max(0.5, inner.width / _FULL))
        x = inner.x if over or name is None else max(inner.x, name.right_edge + 0.4 + whole / 2)
        x = inner.x + (x - inner.x) * (1 - self.bare)
        for k, line in enumerate(reversed(lines)):
            gap = 0.12 if wide(line) < box.width else 0.07
            row(line, x, inner.top + 0.18 + over + 0.8 * _HEAD * k, gap=gap, align="center")
        if len(lines) == 1 < len(self.head_rows):
            for side, part in zip((-1, 1), self.head_rows, strict=True):
                for piece in part:
                    piece.shift([side * _BREAK / 2, 0, 0])

    @verb
    def retitle(self, *pieces: Piece) -> Step:
        """The line over the plane is about other numbers now: they flip."""
        live = [n for n in self.head if isinstance(n, Live)]
        told = [p for p in pieces if not isinstance(p, str)]
        pairs = list(zip(live, told, strict=True))
        self.counted = [(n, p) for n, p in pairs if isinstance(p, Values)]
        for number, values in self.counted:
            number.open_to(values)
        assert self.box is not None
        self.place(self.box)
        changes = {n: p if isinstance(p, Ref) else p[0] for n, p in pairs}
        return Step(flip(changes))

    @verb
    def strip(self) -> list[Any]:
        """The axes go, and badges: the picture alone stays, as large as its box allows."""
        gone: list[Mobject] = [self.axes, *[b for _, b in self.hidden if self._is_there(b)]]

        def draw(alpha: float) -> None:
            self.bare = alpha
            assert self.box is not None
            self.place(self.box)

        return [
            Step(*map(FadeOut, gone), run_time=theme.FADE / 3),
            lambda: Step(
                Sweep([m for m in self.group if m not in gone], draw, run_time=theme.FADE)
            ),
        ]

    # Field

    @verb
    def field(
        self, network: Network, *, hidden: bool = True, letters: bool = False,
        rings: bool = False, outline: bool = True,
    ) -> Step:  # fmt: skip
        """The field of a network comes in, with the line of each hidden neuron; `letters`: with
        badges that say which is which; `rings`: with one round each point answered wrong;
        `outline`: with its bold contour, which neurons that fire or do not have on their lines."""
        self._ready(network, hidden, letters)
        self.contour.set_stroke(opacity=float(outline))
        if rings and self.missed is None:
            missed = self.missed = Rings(1.75 * self.marker)
            self.pin(missed, self._ring, self.dots)
        self.film([network])(0)
        shown = self._numbers()
        coming = [m for m in self.moving() if m not in shown]
        coming += [b for _, b in self.hidden if letters]
        return Step(*[FadeIn(m) for m in coming], run_time=theme.MOVE)

    def _ready(self, network: Network, hidden: bool, letters: bool) -> None:
        if self.heat is None:
            axes = [np.linspace(*r, GRID) for r in self.ranges]
            self.mesh = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
            heat = self.heat = HeatMap(np.full((GRID, GRID), 0.5))
            self.contour = Stroke([[0, 0], [1, 0]], "ink", 5.0)
            self.paths: list[NDArray[np.float64]] = []
            self.normals: list[Boundary] = []
            self.pin(heat, lambda: heat.put(self.axes.inner), self.ground)
            self.pin(self.contour, self._draw_paths, self.lines)
        while hidden and len(self.hidden) < len(network.layers[0].weights):
            letter = self.story.symbol(_LETTERS[len(self.hidden)], size=theme.TICK)
            line = Stroke([[0, 0], [1, 0]], "weight", 3.0), Badge(letter)
            self.hidden.append(line)
            self.lines.add(line[0])
            if letters:
                self.notes.add(line[1])

    def film(
        self, networks: Sequence[Any], inputs: ArrayLike | None = None
    ) -> Callable[[int], None]:
        """A function that shows the n-th network: its field, and the lines there are, or all."""
        self._ready(networks[0], hidden=self.heat is None, letters=False)

        def show(n: int) -> None:
            network = getattr(networks[n], "network", networks[n])
            z = network.forward(self.mesh).output[:, 0].reshape(GRID, GRID)
            if self.missed is not None:
                self.said_yes = network.forward(self.points).output[:, 0] > 0.5
                self._ring()
            assert self.heat is not None
            self.heat.show(z)
            sure = np.clip(z, _SURE, 1 - _SURE)
            self.paths = contours(np.log(sure / (1 - sure)))
            self._draw_paths()
            first = network.layers[0]
            biases = np.zeros(len(first.weights)) if first.biases is None else first.biases
            self.normals = [(w, -float(b)) for w, b in zip(first.weights, biases, strict=True)]
            self._draw_hidden()
            for number, values in self.counted:
                number.be(values[n])
            for number in self._numbers():
                number.rest()

        return show

    def moving(self) -> list[Mobject]:
        """What a film changes."""
        return [
            *([self.heat, self.contour] if self.heat is not None else []),
            *[line for line, _ in self.hidden], *self._numbers(),
            *([self.missed] if self.missed is not None else []),
        ]  # fmt: skip

    def _ring(self) -> None:
        if self.missed is not None:
            wrong = self.points[self.said_yes != (self.classes == 1)]
            self.missed.draw(self.path(wrong[:, 0], wrong[:, 1]))

    def _numbers(self) -> list[Live]:
        return [n for n, _ in self.counted]

    def _framed(self) -> list[NDArray[np.float64]]:
        """The contour, in the frame."""
        (x_low, x_high), (y_low, y_high) = self.ranges
        across, up = (x_high - x_low) / (GRID - 1), (y_high - y_low) / (GRID - 1)
        return [self.path(x_low + p[:, 0] * across, y_low + p[:, 1] * up) for p in self.paths]

    def _draw_paths(self) -> None:
        made = [path_points(path) for path in self._framed()]
        self.contour.points = np.concatenate(made) if made else np.zeros((0, 3))
        if self.normals:
            self._draw_hidden()

    def trace(self, seconds: float) -> Animation | None:
        """For `idle`: a light runs along the contour, round and round where that is closed."""
        paths = [p for p in (self._framed() if self.heat is not None else []) if len(p) > 1]
        return runner(paths, seconds, _BADGE * 0.7) if paths else None

    def _draw_hidden(self) -> None:
        """The line of each hidden neuron, and its badge at one of its ends."""
        taken: list[NDArray[np.float64]] = []
        for j, ((line, badge), where) in enumerate(zip(self.hidden, self.normals, strict=False)):
            ends = self._ends(where)
            badge.be_seen(len(ends) > 0)
            if not len(ends):
                line.points = np.zeros((0, 3))
                continue
            line.draw(ends)
            place = _free(ends[:: -1 if j % 2 else 1], taken)
            badge.be_seen(place is not None)
            if place is not None:
                taken.append(place)
                badge.put(*place)

    def _ends(self, where: Boundary) -> NDArray[np.float64]:
        """The frame points (2, 2) between which a line is seen; none if it is outside."""
        ends = chord(self.axes.frame(), *where)
        return self.path(ends[:, 0], ends[:, 1]) if len(ends) else ends

    @verb
    def unfield(self) -> Step:
        """The field goes, with its contour and its lines."""
        gone = [*self.moving(), *[b for _, b in self.hidden if self._is_there(b)]]
        gone = [m for m in gone if not isinstance(m, Live)]
        self.heat, self.hidden, self.normals, self.missed = None, [], [], None
        return self.unpin(*gone)

    def _is_there(self, badge: Badge) -> bool:
        return any(m is badge for m in self.notes)

    # Points

    @verb
    def relabel(self, classes: ArrayLike) -> Step:
        """Points that have another class now shrink away while its marker grows there."""
        new = np.asarray(classes, dtype=int)
        changed = np.flatnonzero(new != self.classes)
        self.classes = new
        gone = [self.clouds[k] for k in changed]
        for k in changed:
            self.clouds[k] = self._cloud([int(k)], int(new[k]))
        come = [self.clouds[k] for k in changed]
        for cloud in gone:
            self.anchors.pop(cloud)
        rings = [] if self.judged is None else [self.judged[1]]

        def judge(alpha: float) -> None:
            if alpha >= 0.5:
                self._judge()

        return Step(
            *[FadeOut(m, scale=0.4) for m in gone], *[FadeIn(m, scale=0.4) for m in come],
            *[Sweep([ring], judge, run_time=theme.FADE) for ring in rings],
            run_time=theme.FADE,
        )  # fmt: skip

    # Lines that are neurons

    @verb
    def become(self, net: NetworkView, layer: int = 1) -> Step:
        """The line of each hidden neuron flies into its neuron, with its badge, which stays."""
        lines = [(self._ends(w), b) for (_, b), w in zip(self.hidden, self.normals, strict=True)]
        flights = [
            self._flight(net, layer, j, ends, badge)
            for j, (ends, badge) in enumerate(lines)
            if len(ends)
        ]
        return Step(*flights, run_time=1.4 * theme.MOVE)

    def _flight(
        self, net: NetworkView, layer: int, j: int, ends: NDArray[np.float64], own: Badge
    ) -> Animation:
        la = net.layers[layer]
        badge = Badge(self.story.symbol(own.letter.text, size=theme.TICK))
        net.add(badge)

        def put() -> None:
            tight = la.size > 1 and pitch_of(la) < 2.2 * _BADGE
            side = 1 if tight and j % 2 else -1
            x, y = la.places[j] + 0.78 * net.radius * np.array([side, 1])
            if net.numbers:  # away from those on the links: to the right, outside
                out = 0.78 if j < la.size / 2 else -0.78
                x, y = la.places[j] + np.array([net.radius + 0.05, out * net.radius])
            badge.put(x, min(y, net.box.top - _BADGE) if net.box else y)

        net.anchor(badge, put)
        goal = badge.ring.get_center()[:2]
        ghost = Stroke(ends, "weight", 4.0)
        half = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0]) * net.radius
        start, home = own.ring.get_center()[:2], la.places[j] + np.outer([-1, 1], half)

        def draw(alpha: float) -> None:
            ghost.draw(ends + (home - ends) * alpha)
            ghost.set_stroke(opacity=1 if alpha < 0.8 else 5 * (1 - alpha))
            badge.put(*(start + (goal - start) * alpha))
            # Its letter comes once it has left the one that stays.
            badge.letter.set_fill(opacity=float(np.clip(10 * alpha - 0.5, 0, 1)))
            if alpha >= 1:
                self.story.drop(ghost)

        return Sweep([ghost, badge], draw, run_time=1.4 * theme.MOVE)


def _free(
    ends: NDArray[np.float64], taken: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    """The place of a badge on a line: near its first end, as far in as others are in the way;
    None if they are everywhere."""
    along = ends[1] - ends[0]
    length = max(float(np.linalg.norm(along)), 1e-9)
    for far in np.arange(0.32, max(length, 0.33), 0.1):
        place: NDArray[np.float64] = ends[0] + along * min(far / length, 1.0)
        if all(np.linalg.norm(place - other) > 2.1 * _BADGE for other in taken):
            return place
    return None
