"""The network: one actor from one neuron up to a few layers of a few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from manim import Mobject
from numpy.typing import ArrayLike

from nncore.network import Network
from scenes.kit import theme
from scenes.kit.flip import flip
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Values
from scenes.kit.shapes import Arrow
from scenes.kit.story import Step, verb
from scenes.kit.views.network_back import Backward
from scenes.kit.views.network_forward import Forward
from scenes.kit.views.network_frame import Gap, Pair, parts_of, widest
from scenes.kit.views.network_inside import Inside

LONGEST = 0.75  # arrow of the largest change of a weight


class NetworkView(Inside, Backward, Forward):
    """Layers in columns; `weights[k]` (n_out, n_in) are the links into layer k + 1.

    Links are as wide as their weights, yellow if positive, violet if negative; a neuron's fill is
    its activation. Of a Network the links are drawn without numbers, else numbers stand on them
    where no layer has more than three neurons (`numbers` decides). `biases[k]` come in by short
    links from below; `names` stand under the layers; `largest` is the weight of full width, else
    it is the largest of these weights, or of the networks `ever` shown; `first` is the role of
    the first layer's colour.

        net = NetworkView(self.book.w, names=("inputs", "outputs"))
        self.stage("net")
        self.beat("network", net=net)
        self.beat("inputs", net.show(0, self.book.x), net.signal(0, self.book.y), idle=net.idle())
    """

    # Training

    @verb
    def nudge(self, k: int, changes: Values | ArrayLike) -> Step:
        """Arrows at the weights into layer k + 1: up to grow, down to shrink, as long as the
        change is large beside the others. They stay until `update`."""
        gap = self.gaps[k]
        moves = changes.array if isinstance(changes, Values) else np.asarray(changes, dtype=float)
        largest = float(np.abs(moves).max()) or 1.0
        arrows = []
        for pair in gap.pairs:
            change = float(moves[pair]) / largest
            if not change:
                continue
            arrow = Arrow([0, 0], [1, 0], "positive" if change > 0 else "negative", head=0.2)
            arrows.append(self.anchor(arrow, partial(self._at_weight, arrow, gap, pair, change)))
        self.arrows = [*getattr(self, "arrows", []), *arrows]
        self.add(*arrows)
        return Step(*[FadeIn(a, scale=0.4) for a in arrows], run_time=theme.FADE)

    @staticmethod
    def _at_weight(arrow: Arrow, gap: Gap, pair: Pair, change: float) -> None:
        """Put an arrow beside a weight, its length in proportion to the change."""
        x, y, _ = gap.at(pair, gap.rest())
        x += gap.labels[pair].width / 2 + 0.16 if pair in gap.labels else 0.0
        half = 0.5 * LONGEST * float(np.sign(change)) * max(abs(change), 0.2)
        arrow.draw([x, y - half], [x, y + half])

    @verb
    def update(self, k: int, new: Values, biases: Values | None = None) -> Step:
        """Links swell or thin to their new weights; their numbers flip."""
        gap = self.gaps[k]
        start = gap.links.weights.copy()
        changes = {label[1]: new[pair] for pair, label in gap.labels.items()}
        for (pill, number), ref in zip(gap.labels.values(), changes.values(), strict=True):
            number.widen(ref.value, ref.values.spec)
            pill.stretch_to_fit_width(number.box.width + 0.16).move_to(number.box)
        gap.values = new
        stubs = [s.weights.copy() for s in gap.stubs]
        if biases is not None:
            gap.biases = biases
            changes |= {label[1]: biases[j] for j, label in gap.bias_labels.items()}

        def draw(alpha: float) -> None:
            gap.links.weigh(start + (new.array - start) * alpha)
            if biases is not None:
                for j, stub in enumerate(gap.stubs):
                    stub.weigh(stubs[j] + (biases.array[j] - stubs[j]) * alpha)

        gone = getattr(self, "arrows", [])
        self.arrows = []
        self.drop(*gone)
        moved = [gap.links, *gap.stubs]
        return Step(
            Sweep(moved, draw, run_time=theme.MOVE),
            flip(changes, run_time=theme.MOVE),
            *[FadeOut(a, run_time=theme.FADE) for a in gone],
        )

    @verb
    def grow(
        self, *weights: Values | Network, biases: Sequence[Values | None] = (),
        ever: Sequence[Network] = (),
    ) -> list[Any]:  # fmt: skip
        """Neurons or a layer come in: the network of these weights takes this one's place, what
        both have moves to where it now stands, the rest appears. A Network comes without numbers;
        its links are of the width that they have among the networks `ever` shown."""
        old_layers, old = self.layers, self._drawn()
        self.numbers = self.numbers and not isinstance(weights[0], Network)
        self.largest = widest(ever) if ever else self.largest
        texts = [m for m in self.all() if all(m is not o for o in old)]
        self.weights, self.biases = parts_of(*weights, biases=biases)
        self.layers, kept = [], []
        for k, n in enumerate(self.sizes):
            layer = self._layer(n, theme.hue("output" if k else self.first))
            last = k == len(self.sizes) - 1
            twin = old_layers[-1] if last else old_layers[k] if k < len(old_layers) - 1 else None
            for j in range(min(n, twin.size) if twin else 0):
                layer.neurons[j] = twin.neurons[j]  # type: ignore[union-attr]
                layer.lit[j] = twin.lit[j]  # type: ignore[union-attr]
                layer.numbers |= {j: twin.numbers[j]} if j in twin.numbers else {}  # type: ignore[union-attr]
                kept += [layer.neurons[j], *([twin.numbers[j]] if j in twin.numbers else [])]  # type: ignore[union-attr]
            layer.title = twin.title if twin else None
            kept += [layer.title] if layer.title else []
            self.layers.append(layer)
        self.gaps = [
            self._gap(a, b, w, bias)
            for a, b, w, bias in zip(
                self.layers, self.layers[1:], self.weights, self.biases, strict=False
            )
        ]
        gone = [m for m in (*old, *texts) if all(m is not q for q in (*kept, *self._drawn()))]
        return [self._grown(gone, kept)]

    def _grown(self, gone: list[Mobject], kept: list[Any]) -> list[Any]:
        assert self.box is not None
        self.drop(*gone)
        starts = [m.get_center() for m in kept]
        # Links lie below the neurons that were there before them.
        drawn = self._drawn()
        rest = [m for m in self.group.submobjects if all(m is not o for o in (*drawn, *kept))]
        whole = [*drawn, *[m for m in kept if all(m is not d for d in drawn)], *rest]
        fresh = [m for m in drawn if all(m is not q for q in kept)]
        self.group.submobjects = [m for m in whole if all(m is not f for f in fresh)]
        self.place(self.box)
        ends = [m.get_center() for m in kept]

        def move(alpha: float) -> None:
            for m, a, b in zip(kept, starts, ends, strict=True):
                m.move_to(a + (b - a) * alpha)

        def come() -> Step:
            self.group.submobjects = whole
            return Step(*map(FadeIn, fresh), run_time=theme.FADE)

        move(0.0)
        going = [FadeOut(m, run_time=theme.FADE / 2) for m in gone]
        return [Step(Sweep(kept, move, run_time=theme.MOVE), *going), come]

    def film(
        self, networks: Sequence[Any], inputs: ArrayLike | None = None
    ) -> Callable[[int], None]:
        """A function that shows the n-th network: its weights, and in its neurons what they do on
        the mean over `inputs` (examples, n_in)."""
        nets = [getattr(n, "network", n) for n in networks]
        lit = [self._means(net, inputs) for net in nets] if inputs is not None else []

        def show(n: int) -> None:
            for gap, layer in zip(self.gaps, nets[n].layers, strict=True):
                gap.links.weigh(layer.weights)
                for stub, bias in zip(gap.stubs, layer.biases if gap.stubs else [], strict=False):
                    stub.weigh([[bias]])
            for layer, means in zip(self.layers, lit[n] if lit else [], strict=False):
                layer.lit = means
                for j in range(layer.size):
                    layer.paint(j)

        return show

    @verb
    def wake(self, network: Any, inputs: ArrayLike) -> Step:
        """Neurons become as bright as a film of this network begins with."""
        starts, ends = [la.lit.copy() for la in self.layers], self._means(network, inputs)

        def draw(alpha: float) -> None:
            for layer, start, end in zip(self.layers, starts, ends, strict=True):
                layer.lit = start + (end - start) * alpha
                for j in range(layer.size):
                    layer.paint(j)

        neurons = [n for la in self.layers for n in la.neurons]
        return Step(Sweep(neurons, draw, run_time=theme.MOVE))

    @staticmethod
    def _means(net: Any, inputs: ArrayLike) -> list[np.ndarray]:
        """How bright each layer is, on the mean."""
        found = net.forward(np.asarray(inputs, dtype=float))
        means = [np.asarray(a, dtype=float).mean(axis=0) for a in (found.inputs, *found.outputs)]
        return [m / max(1.0, float(np.abs(m).max())) for m in means]

    def moving(self) -> list[Mobject]:
        """What a film changes."""
        links = [m for g in self.gaps for m in (g.links, *g.stubs)]
        return [*links, *[n for la in self.layers for n in la.neurons]]
