"""Errors on their way back: balls by size that split at the links and merge in the neurons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from manim import Circle, Group

from scenes.kit import theme
from scenes.kit.arithmetic import sign_between
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.story import Step, verb
from scenes.kit.text.words import OnBaseline
from scenes.kit.views.network_frame import Gap, Layer, NetworkFrame, Pair, on_pill, wide

FAINT = 0.22
BALL = 0.68  # the largest error's ball, in radii of a neuron
Piece = Ref | str


class Backward(NetworkFrame):
    """The verbs of an error that runs back."""

    # Lines beside the neurons

    @verb
    def write(self, layer: int, line: Callable[[int], Sequence[Piece]]) -> list[Any]:
        """Beside each neuron a line of numbers and signs: `lambda j: [b.t[j], "−", b.y[j], "=",
        b.e[j]]`. Numbers come from where they stand; a `=` is `≈` where digits do not add up."""
        la = self.layers[layer]
        return self._write(la, {j: self.line(line(j)) for j in range(la.size)})

    def line(self, pieces: Sequence[Piece], size: float = theme.LABEL) -> list[OnBaseline]:
        """Numbers and signs; a plus before a negative number goes, for it has its own sign."""
        made: list[OnBaseline] = []
        for k, piece in enumerate(pieces):
            if isinstance(piece, Ref):
                made.append(Live(piece, size, whole=False))
                continue
            after = pieces[k + 1] if k + 1 < len(pieces) else None
            if piece == "+" and isinstance(after, Ref) and after.figure.text[0] in "−+":
                continue
            sign = sign_between(pieces[:k], pieces[k + 1 :]) if piece == "=" else piece
            made.append(self.story.symbol(sign, size=size))
        return made

    def _write(self, la: Layer, lines: dict[int, list[OnBaseline]]) -> list[Any]:
        for j, line in lines.items():
            la.beside[j] = [*la.beside.get(j, []), line]
            self.wait(*line)
        return [*self.room(), lambda: self._arrive(lines)]

    def _arrive(self, lines: dict[int, list[OnBaseline]]) -> Step:
        moves = []
        for piece in [p for line in lines.values() for p in line]:
            twin = self.story.standing(piece.ref, but=piece) if isinstance(piece, Live) else None
            self.add(piece)
            moves.append(FadeIn(piece) if twin is None else self.travel(piece, twin))
        return Step(*moves)

    @verb
    def erase(self, layer: int, but: Values | None = None) -> list[Any]:
        """The lines beside a layer's neurons go; of each, the number that `but` names stays."""
        la, gone = self.layers[layer], []
        for j, lines in la.beside.items():
            pieces = [p for line in lines for p in line]
            kept = [
                p for p in pieces
                if but is not None and isinstance(p, Live) and p.ref.is_same(but[j])
            ]  # fmt: skip
            gone += [p for p in pieces if p not in kept[:1]]
            la.beside[j] = [kept[:1]] if kept else []
        return [Step(*map(FadeOut, gone), run_time=theme.FADE), lambda: self._gone(gone)]

    def _gone(self, gone: list[Any]) -> list[Step]:
        self.drop(*gone)
        return self.room()

    # Errors

    @verb
    def errors(self, layer: int, values: Values) -> list[Any]:
        """Errors as balls in a layer's neurons, as large as they are (rings if negative); their
        numbers beside, where they do not stand there already."""
        la = self.layers[layer]
        self.error_scale = max(self.error_scale, float(np.abs(values.array).max()))
        written = [p for lines in la.beside.values() for line in lines for p in line]
        size = theme.FORMULA
        if wide([Live(values[0], size)]) > 0.14 * self.width:
            size = theme.LABEL
        missing = {
            j: [Live(values[j], size)]
            for j in range(la.size)
            if not any(isinstance(p, Live) and p.ref.is_same(values[j]) for p in written)
        }
        steps = self._write(la, missing) if missing else []
        return [*steps, lambda: self._balls(la, values)]

    def _balls(self, la: Layer, values: Values) -> Step:
        for j in range(la.size):
            la.discs[j] = self._disc(values[j].value, lambda j=j: la.places[j])  # type: ignore[misc]
        self.add(*la.discs.values())
        start, numbers = la.lit.copy(), list(la.numbers.values())

        def dark(alpha: float) -> None:
            la.lit = start * (1 - alpha)
            for j in range(la.size):
                la.paint(j, 1 - alpha)
            if alpha >= 1:
                self.drop(*numbers)
                la.numbers = {}

        return Step(
            Sweep([*la.neurons, *numbers], dark, run_time=theme.FADE),
            *[FadeIn(d, scale=0.3) for d in la.discs.values()],
        )

    def _disc(self, value: float, where: Callable[[], Any]) -> Circle:
        """A ball of error, its area in proportion; a ring if it is negative."""
        share = BALL * float(np.sqrt(abs(value) / self.error_scale)) if self.error_scale else 0.0
        positive = value >= 0
        disc = Circle(
            1.0,
            stroke_color=theme.ERROR,
            stroke_width=0 if positive else theme.LINE,
            fill_color=theme.ERROR,
            fill_opacity=0.95 if positive else FAINT,
        )

        def put() -> None:
            width = 2 * max(min(share, 0.95) * self.ball, 1e-3)
            disc.scale_to_fit_width(width).move_to([*where()[:2], 0])

        return self.anchor(disc, put)

    @verb
    def send_back(self, k: int, parts: Values, only: Iterable[Pair] | None = None) -> Step:
        """Balls of error leave layer k + 1 along the links, each its part, and wait before the
        neurons they go to; `only` the links (into, from) named."""
        gap, moves = self.gaps[k], []
        self.error_scale = max(self.error_scale, float(np.abs(parts.array).max()))
        for pair in only or gap.pairs:
            share = [1.0]
            disc = self._disc(parts[pair].value, lambda p=pair, t=share: gap.at(p, t[0]))  # type: ignore[misc]
            label = on_pill(Live(parts[pair], theme.LABEL, whole=False), 0.1)
            share[0] = gap.rest(backward=True)
            self.anchor(label, lambda m=label, p=pair, d=disc: self._tag(m, gap, p, d))  # type: ignore[misc]
            gap.packets[pair] = disc, label
            self.add(disc, label)
            moves += [disc.animate.move_to(gap.at(pair, share[0])), FadeIn(label)]
            home = gap.end.discs.get(pair[0])
            if home is not None and home.get_fill_opacity() > FAINT:
                moves.append(home.animate.set_fill(opacity=FAINT))
        return Step(*moves, run_time=1.2 * theme.MOVE)

    def _tag(self, label: Group, gap: Gap, pair: Pair, disc: Circle) -> None:
        """A packet's number: before it on its link where there is room, else beside it."""
        share = gap.rest(backward=True)
        x, y, _ = gap.at(pair, share)
        room = x - gap.start.places[0, 0] - self.radius - disc.width / 2
        back = (disc.width + label.width) / 2 + 0.03
        a, b = gap.at(pair, 0.0), gap.at(pair, 1.0)
        if room > label.width + 0.04:
            label.move_to(gap.at(pair, share - back / float(b[0] - a[0])))
        elif abs(a[1] - b[1]) < 0.1:  # over or under a level link
            up = 1 if pair[1] < gap.start.size / 2 else -1
            label.move_to([x, y + up * (disc.height + label.height + 0.06) / 2, 0])
        else:  # beside, on the side to which the link leaves
            away = float(np.sign(a[1] - b[1]))
            free = abs(a[1] - b[1]) * abs(1 - 2 * share) - label.height - 0.06
            label.move_to([x - back, y - away * min(0.12, max(0.0, free / 2)), 0])

    @verb
    def recall(self, k: int) -> list[Step]:
        """The balls go back to where they came from."""
        gap = self.gaps[k]
        discs, labels = zip(*gap.packets.values(), strict=True)
        home = [d.animate.move_to(gap.at(p, 1.0)) for p, (d, _) in gap.packets.items()]
        lit = [
            d.animate.set_fill(opacity=0.95)
            for d in gap.end.discs.values()
            if d.get_stroke_width() == 0
        ]
        gap.packets = {}
        self.drop(*discs, *labels)
        return [
            Step(*home, *map(FadeOut, labels)),
            Step(*map(FadeOut, discs), *lit, run_time=theme.FADE),
        ]

    @verb
    def gather(self, k: int, totals: Values) -> list[Any]:
        """The balls merge in the neurons of layer k; their numbers line up as sums."""
        gap, la = self.gaps[k], self.gaps[k].start
        self.error_scale = max(self.error_scale, float(np.abs(totals.array).max()))
        lines = {}
        for i in range(la.size):
            pieces: list[Piece] = []
            for j in range(gap.end.size):
                pieces += [*(["+"] if j else []), gap.packets[j, i][1][1].ref]
            lines[i] = self.line([*pieces, "=", totals[i]])
            la.beside[i] = [lines[i]]
            self.wait(*lines[i])
        return [*self.room(), lambda: self._merge(gap, totals, lines)]

    def _merge(self, gap: Gap, totals: Values, lines: dict[int, list[OnBaseline]]) -> list[Any]:
        la, moves = gap.start, []
        balls = [d for d, _ in gap.packets.values()]
        labels = [m for _, m in gap.packets.values()]
        for (_, i), (disc, _) in gap.packets.items():
            moves.append(disc.animate.move_to([*la.places[i], 0]))
        for i, line in lines.items():
            terms = [p for p in line if isinstance(p, Live)][:-1]
            for j, term in enumerate(terms):
                self.add(term)
                moves.append(self.travel(term, gap.packets[j, i][1][1]))
        for i in range(la.size):
            la.discs[i] = self._disc(totals[i].value, lambda i=i: la.places[i])  # type: ignore[misc]
        moves += [FadeOut(m, run_time=theme.FADE) for m in labels]
        self.drop(*balls, *labels)
        gap.packets = {}
        rest = [p for line in lines.values() for p in line if p not in self.group.submobjects]

        def merged() -> Step:
            self.add(*la.discs.values(), *rest)
            faint = [
                d.animate.set_fill(opacity=0).set_stroke(opacity=0) for d in gap.end.discs.values()
            ]
            return Step(
                *map(FadeIn, la.discs.values()), *map(FadeIn, rest), *map(FadeOut, balls),
                *faint, run_time=theme.FADE,
            )  # fmt: skip

        return [Step(*moves, run_time=1.2 * theme.MOVE), merged]
