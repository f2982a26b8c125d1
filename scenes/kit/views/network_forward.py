"""Signals on their way forward: light along links, products that add up, neurons that fill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from manim import Animation, Mobject, linear, smooth
from manim.utils.rate_functions import there_and_back
from numpy.typing import NDArray

from scenes.kit import theme
from scenes.kit.edges import Links, Sparks
from scenes.kit.ledger import Value
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Ref, Values
from scenes.kit.story import Step, process, verb
from scenes.kit.views.network_frame import Gap, Layer, NetworkFrame, Pair, on_pill

DIM = 0.3  # the light of links that are not spoken of
READ = 0.6  # seconds for which products stand before they fly
RUN = 0.9  # seconds that light takes along a link
SMALL, LARGE = 0.055, 0.15  # radii of lights


class Forward(NetworkFrame):
    """The verbs of a signal that runs forward."""

    @verb
    def show(self, layer: int, values: Values) -> list[Any]:
        """The outputs of a layer stand in its neurons, which are as bright; beside them where they
        do not fit."""
        la = self.layers[layer]
        return [*self._numbers(la, values, range(la.size)), lambda: self._fill(la, values)]

    def _numbers(self, la: Layer, values: Values, which: Any) -> list[Step]:
        """Prepare the numbers of neurons, in the wings, and the room for them."""
        for j in which:
            if j in la.numbers:
                self.drop(la.numbers.pop(j))
            number = Live(values[j], theme.LABEL, align="center")
            if self.fits(la, number):
                la.numbers[j] = number
                number.set_fill(opacity=0, family=False)
                self.wait(number)
        return self.room()

    def _fill(self, la: Layer, values: Values, which: Any = None) -> Step:
        """Neurons become as bright as their outputs, with their numbers."""
        chosen = list(range(la.size) if which is None else which)
        start = la.lit.copy()
        numbers = [la.numbers[j] for j in chosen if j in la.numbers]
        self.add(*numbers)

        def draw(alpha: float) -> None:
            for j in chosen:
                la.lit[j] = start[j] + (brightness(values, j) - start[j]) * alpha
                la.paint(j, alpha)

        moved = [*[la.neurons[j] for j in chosen], *numbers]
        return Step(Sweep(moved, draw, run_time=0.6 * theme.MOVE))

    @verb
    def pulse(self, k: int, into: int | None = None) -> Step:
        """Lights run along the links into layer k + 1, or into one of its neurons, each as large
        as what it brings: activation times weight."""
        return self._run(self.gaps[k], self._pairs(k, into))

    def _sparks(self) -> Sparks:
        """A light that is not in use: above the links, below neurons and numbers."""
        found = [m for m in self.group.submobjects if isinstance(m, Sparks) and not m.busy]
        sparks = found[0] if found else Sparks()
        if not found:
            links = [isinstance(m, Links) for m in self.group.submobjects]
            last = len(links) - links[::-1].index(True) if True in links else 0
            self.group.submobjects.insert(last, sparks)
        sparks.busy = True
        sparks.set_fill(theme.INK)
        return sparks

    def _run(self, gap: Gap, pairs: list[Pair]) -> Step:
        sparks = self._sparks()
        a, b, radii = self._ends(gap, pairs)
        return Step(
            Sweep([sparks], lambda t: sparks.run(a, b, t, radii), run_time=RUN, rate_func=linear),
            run_time=RUN,
        )

    def _pairs(self, k: int, into: int | None) -> list[Pair]:
        return [p for p in self.gaps[k].pairs if into in (None, p[0])]

    def _ends(self, gap: Gap, pairs: list[Pair]) -> tuple[Any, Any, Any]:
        """Where lights run, and how large they are."""
        a = np.array([gap.at(p, 0.0)[:2] for p in pairs])
        b = np.array([gap.at(p, 1.0)[:2] for p in pairs])
        lit = gap.start.lit if gap.start.lit.any() else np.ones(gap.start.size)
        strength = np.array([abs(gap.links.weights[p] * lit[p[1]]) for p in pairs])
        share = np.sqrt(np.clip(strength / max(float(strength.max()), 1e-12), 0, 1))
        along = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
        radii = np.where(strength > 0, SMALL + (LARGE - SMALL) * share, 0.0)
        return a + along * self.radius, b - along * self.radius, radii

    @verb
    def signal(self, k: int, values: Values) -> list[Any]:
        """Light runs into layer k + 1, whose neurons then fill with their outputs."""
        la = self.layers[k + 1]
        return [
            *self._numbers(la, values, range(la.size)),
            lambda: self._run(self.gaps[k], self.gaps[k].pairs),
            lambda: self._fill(la, values),
        ]

    # A sum in the making

    @verb
    def add_up(self, k: int, j: int, products: Values, sums: Values) -> list[Any]:
        """The sum of neuron j of layer k + 1 is made: light meets each weight and becomes a
        product, the products fly in, and the sum in the neuron grows by each as it arrives."""
        gap, la = self.gaps[k], self.layers[k + 1]
        pairs = self._pairs(k, j)
        made = [self._product(gap, p, products[p]) for p in pairs]
        return [
            *self._numbers(la, sums, [j]),
            lambda: self._meet(gap, pairs, made),
            lambda: self._gather_sum(la, j, made, [products[p] for p in pairs]),
        ]

    @verb
    def weigh(self, k: int, products: Values) -> list[Any]:
        """Light meets each weight into layer k + 1, and what it passes on stands beside it."""
        gap = self.gaps[k]
        made = {p: self._product(gap, p, products[p]) for p in gap.pairs}
        for j in range(gap.end.size):
            _apart([m for (to, _), m in made.items() if to == j])
        self.passed = list(made.values())
        return [lambda: self._meet(gap, list(gap.pairs), self.passed)]

    @verb
    def unweigh(self) -> Step:
        """What was passed on goes."""
        gone, self.passed = self.passed, []
        return Step(*map(FadeOut, gone), run_time=theme.FADE)

    def _product(self, gap: Gap, pair: Pair, ref: Ref) -> Any:
        """A product's number, between the weight and the neuron."""
        label = on_pill(Live(ref, theme.LABEL, whole=False))
        a, b = gap.at(pair, 0.0), gap.at(pair, 1.0)
        weight = gap.labels[pair].width if pair in gap.labels else 0.0
        aside = (weight + label.width) / 2 + 0.08
        return label.move_to(gap.at(pair, gap.rest() + aside / float(b[0] - a[0])))

    def _meet(self, gap: Gap, pairs: list[Pair], made: list[Any]) -> list[Any]:
        """Light runs to the weights; each swells, and its product comes out of it."""
        sparks = self._sparks()
        a, _, radii = self._ends(gap, pairs)
        b = np.array([gap.at(p, gap.rest())[:2] for p in pairs])
        weights = [gap.labels[p] for p in pairs if p in gap.labels]
        run = Sweep([sparks], lambda t: sparks.run(a, b, t, radii), run_time=0.7, rate_func=linear)

        def come_out() -> Step:
            self.add(*made)
            places = [gap.at(p, gap.rest()) for p in pairs]
            return Step(
                *[w[1].animate(rate_func=there_and_back).scale(1.25) for w in weights],
                *[
                    FadeIn(m, target_position=at, scale=0.6)
                    for m, at in zip(made, places, strict=True)
                ],
                run_time=0.7,
            )

        return [Step(run, run_time=0.7), come_out]

    def _gather_sum(self, la: Layer, j: int, made: list[Any], terms: list[Ref]) -> Step:
        """The products fly into the neuron, one after the other, and add up there."""
        total, goal = la.numbers[j], np.append(la.places[j], 0.0)
        starts = [m.get_center() for m in made]
        values = [float(t.value) for t in terms]
        seconds = READ + 0.75 * len(made)
        arrivals = [(READ + 0.75 * (n + 1)) / seconds for n in range(len(made))]
        self.add(total)
        la.paint(j)

        def arrived(alpha: float) -> Value:
            there = [v for v, at in zip(values, arrivals, strict=True) if alpha >= at - 1e-9]
            return total.ref.value if len(there) == len(values) else float(sum(there))

        def draw(alpha: float) -> None:
            for m, start, at in zip(made, starts, arrivals, strict=True):
                share = smooth(float(np.clip((alpha - at) * seconds / 0.75 + 1, 0, 1)))
                m.move_to(start + (goal - start) * share)
                m[0].set_fill(opacity=1 - share)
                m[1].set_fill(opacity=float(share < 0.98), family=False)
            la.paint(j, float(alpha >= arrivals[0] - 1e-9))
            if alpha >= 1:
                self.drop(*made)

        return process(draw, made, {total: arrived}, run_time=seconds, rate_func=linear)

    # Looking at a part

    @verb
    def focus(self, k: int, j: int | None = None) -> Step:
        """Only the links into neuron j of layer k + 1 stay bright; None: all are."""
        bright = np.ones(self.gaps[k].links.light.shape, dtype=bool)
        if j is not None:
            bright[np.arange(self.gaps[k].end.size) != j] = False
        return self._lit([self.gaps[k]], [bright])

    def links(self, k: int) -> list[tuple[int, Pair]]:
        """All links into layer k + 1, for `pick`."""
        return [(k, pair) for pair in self.gaps[k].pairs]

    @verb
    def pick(self, *links: tuple[int, Pair]) -> Step:
        """Of all links only these stay bright: (k, (j, i)), from neuron i to j of layer k + 1."""
        bright = [np.zeros(gap.links.light.shape, dtype=bool) for gap in self.gaps]
        for k, pair in links:
            bright[k][pair] = True
        return self._lit(self.gaps, bright)

    def _lit(self, gaps: Sequence[Gap], bright: Sequence[NDArray[np.bool_]]) -> Step:
        starts = [gap.links.light.copy() for gap in gaps]
        goals = [np.where(b, 1.0, DIM) for b in bright]

        def draw(alpha: float) -> None:
            for gap, start, goal in zip(gaps, starts, goals, strict=True):
                gap.links.light = start + (goal - start) * alpha
                gap.links.draw()
                for pair, label in gap.labels.items():
                    label[1].set_fill(opacity=max(gap.links.light[pair], 0.35), family=False)

        moved: list[Mobject] = [m for gap in gaps for m in (gap.links, *gap.labels.values())]
        return Step(Sweep(moved, draw, run_time=theme.FADE))

    @verb
    def wink(self, k: int) -> Step:
        """The weights of the links swell for a moment."""
        labels = self.gaps[k].labels.values()
        return Step(*[g[1].animate(rate_func=there_and_back).scale(1.3) for g in labels])

    @verb
    def clear(self, *which: int) -> Step:
        """The neurons of these layers, or of all, are empty again."""
        layers = [self.layers[k] for k in which] or self.layers
        starts = [la.lit.copy() for la in layers]
        gone = [n for la in layers for n in la.numbers.values()]

        def draw(alpha: float) -> None:
            for la, start in zip(layers, starts, strict=True):
                la.lit = start * (1 - alpha)
                for j in range(la.size):
                    la.paint(j, 1 - alpha)
                if alpha >= 1:
                    la.numbers = {}
            if alpha >= 1:
                self.drop(*gone)

        neurons = [n for la in layers for n in la.neurons]
        return Step(Sweep([*neurons, *gone], draw, run_time=theme.FADE))

    # What goes on while a caption is read

    def idle(
        self, k: int | None = None, into: int | None = None, *, back: bool = False
    ) -> Callable[[float], Animation | None]:
        """Lights travel on along the links into layer k + 1 (None: all), or into one neuron;
        `back`, errors do, the other way."""

        def stream(seconds: float) -> Animation | None:
            if self.group not in self.story.mobjects:
                return None
            sparks = self._sparks()
            which = range(len(self.gaps)) if k is None else [k]
            every = [self._ends(self.gaps[q], self._pairs(q, into)) for q in which]
            a, b, radii = (np.concatenate(parts) for parts in zip(*every, strict=True))
            if back:
                a, b = b, a
            sparks.set_fill(theme.ERROR if back else theme.INK)
            travel = min(1.4, max(0.5, seconds * 0.8))
            every_s = 0.55 * max(1.0, len(a) / 10)  # of many links only some are lit at a time
            leave = np.arange(0, max(seconds - travel, 1e-9), every_s)
            late = every_s * ((np.arange(len(a)) * 0.618) % 1)
            sets = np.add.outer(leave, late)
            sets = np.minimum(sets, max(seconds - travel, 0.0))

            def draw(alpha: float) -> None:
                shares = (alpha * seconds - sets) / travel
                n = len(sets)
                sparks.draw(
                    np.tile(a, (n, 1)), np.tile(b, (n, 1)), shares.ravel(), np.tile(radii, n)
                )
                sparks.busy = alpha < 1

            return Sweep([sparks], draw, run_time=seconds, rate_func=linear)

        return stream


def brightness(values: Values, j: int) -> float:
    """How bright a neuron of this activation is: 1 at 1, or at its layer's largest beyond that."""
    top = max(1.0, float(np.abs(values.array).max()))
    return float(values.array[j]) / top


def _apart(labels: Sequence[Any]) -> None:
    """Push labels that meet apart, up and down."""
    ordered = sorted(labels, key=lambda m: float(m.get_y()))
    for low, high in pairwise(ordered):
        lack = low.height + 0.04 - float(high.get_y() - low.get_y())
        if lack > 0:
            low.shift([0, -lack / 2, 0])
            high.shift([0, lack / 2, 0])
