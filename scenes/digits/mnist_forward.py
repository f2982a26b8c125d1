"""A digit read by the digits network: pixels, one neuron, all neurons, scores, and a hard one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from lab import reading as closely
from lab.images import resolve_digit
from lab.reading import Case, NeuronSum, Read, Votes
from nncore.digits import SIDE, Reading, strongest_links, trained_network
from nncore.errors import Array
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Ref, Values, count, inputs, output, plain
from scenes.kit.story import Lazy, Story, together
from scenes.kit.views.digit import Lens, PixelsView, ProductsView
from scenes.kit.views.heaps import Heap, HeapsView
from scenes.kit.views.layers import InputColumn, LinksPicture, NeuronSheet
from scenes.kit.views.open_neuron import OpenNeuron
from scenes.kit.views.scores import ScoresView
from scenes.kit.views.tally import Tally
from scenes.kit.views.worked import Worked

PATCH = (4, 5)
SIZES = ("side", "pixels", "hidden", "outputs")
SHOWN = ["drawn:8", "mnist:test:8"]  # with these, too, the clip is checked
DigitName = Annotated[str, Field(min_length=1, max_length=4096, examples=SHOWN)]


class MnistForwardParams(ClipParams):
    """Which digits are read."""

    digit: DigitName = Field(
        "auto", description="digit to read: auto, drawn:7, mnist:test:42, or a picture file"
    )
    hard: DigitName = Field(
        "auto", description="second digit, named the same way; auto searches one that is misread"
    )


@dataclass(frozen=True, eq=False)
class Run:
    """Two digits read; side, inputs, hidden, outputs; inputs of a blank and a full pixel; row and
    column looked at; the neuron that pushes the first answer up most; both layers' weights; what
    all hidden neurons bring to the second answer and to the digit that it beats."""

    sizes: tuple[int, ...]
    extremes: tuple[float, float]
    first: Read
    second: Read
    patch: tuple[int, int]
    neuron: NeuronSum
    weights: tuple[Array, ...]
    votes: tuple[Votes, ...]


class MnistForward(Story):
    """From pixels to an answer: one digit, then one that is hard to read."""

    Params = MnistForwardParams

    @staticmethod
    def compute(p: MnistForwardParams) -> Run:
        network, _ = trained_network()
        first = closely.read(network, Case(resolve_digit(p.digit)))
        second = closely.read(network, closely.case(network, p.hard))
        reading, hard = first.reading, second.reading
        neuron = int(strongest_links(network, reading, 1).output.sources[0])
        return Run(
            (SIDE, *network.sizes),
            closely.paper_and_ink(),
            first,
            second,
            closely.telling_patch(reading.inputs.reshape(SIDE, SIDE), PATCH),
            closely.neuron_sum(network, reading, neuron),
            tuple(layer.weights for layer in network.layers),
            tuple(closely.votes(network, hard, k) for k in (hard.answer, second.rival)),
        )

    def quantities(self, r: Run) -> dict:
        return {
            **{k: count(v, k) for k, v in zip(SIZES, r.sizes, strict=True)},
            "paper": plain(r.extremes[0], "blank pixel", 2),
            "ink": plain(r.extremes[1], "full pixel", 2),
            "x": inputs(r.first.reading.inputs, "input {}", 2),
            "z": plain(r.neuron.total, "weighted sum", 3, signed=True),
            "y": output(r.neuron.output, "hidden output", 3),
            "first": _figures("first", r.first),
            "second": _figures("second", r.second),
            "votes": dict(zip(("top", "rival"), _sums(r.votes, r.second.places), strict=True)),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        top, rival = r.votes
        same = np.array_equal(r.first.reading.image, r.second.reading.image)
        return {
            "answer": "tied" if r.first.certainty == "tied" else r.first.verdict,
            "rival": "less" if top.total > rival.total else "level",
            "hard": "same" if same else r.second.case.kind,
            "verdict": r.second.outcome,
        }

    def story(self, r: Run) -> None:
        b, first, second = self.book, r.first.reading, r.second.reading
        self.stage("digit*3 | side*2", square="digit*3 | side*4")
        digit = PixelsView(first.inputs, "inputs")
        side = Worked("[side] times [side] = [pixels]")
        self.beat("picture", digit.ruled(True, 3.0), digit=digit, side=side)
        self.record_choice("digit", r.first.case.source)
        lens = Lens(digit, r.patch, PATCH, b.x, (Ref(b.paper), Ref(b.ink)))
        self.beat("numbers", side=lens, idle=lens.idle)

        self.stage("digit*4 | column*3", square="column*2 / digit*5")
        column = InputColumn(first.inputs, "column")
        self.beat("unroll", digit.ruled(False), column.take(digit), column=column)
        self.stage("digit*4 | column*3 | links*4", square="column*2 / (digit | links)*5")
        links = LinksPicture(r.neuron.weights, "weights")
        self.beat("weights", links.link(column), links.open(column), links=links)
        self.stage("(digit | products)*6 / tally")
        products = ProductsView(r.neuron.products, "products").out_of(links, digit)
        tally = Tally("sum", Ref(b.z), r.neuron.running)
        self.beat("sum", products.scan([digit], tally), products=products, tally=tally)
        self.stage("digit*2 | neuron*3", square="digit*2 / neuron*5")
        neuron = OpenNeuron(Ref(b.z), Ref(b.y))
        self.beat("sigmoid", digit.bare(), neuron.squash(), neuron=neuron.out_of(tally))

        self.stage("digit | hidden", square="digit | hidden")
        hidden = NeuronSheet(r.sizes[2], "sheet").out_of(neuron, r.neuron.neuron)
        old, new = ([*map(Ref, x["scores"].values())] for x in (b.first, b.second))
        scores = ScoresView(old, "scores", tags=("answer", "label"))

        def signals(x: Reading, seconds: float) -> tuple[Lazy, Lazy]:
            into, out = r.weights[0] * x.inputs, r.weights[1] * x.hidden
            signal = hidden.signal(digit.points, x.hidden, into, seconds)
            return signal, scores.signal(hidden.points, out, seconds)

        signal, answers = signals(first, 3.0)
        self.beat("hidden", signal, hidden=hidden)
        plan = "digit*3 | hidden*3 | outputs*5"
        net = {"tall": "(digit | hidden) / outputs", "square": "(digit / hidden)*2 | outputs*3"}
        self.stage(plan, **net)
        self.beat("outputs", answers, outputs=scores)
        self.tell("answer", _frames(scores, r.first))

        told = {"misread": "misread", "left": "lean", "right": "lean"}.get(self.variants["hard"])
        if told:
            self.stage(f"({plan})*8 / count", **{k: f"({v})*8 / count" for k, v in net.items()})
        self.beat(
            "hard", together(digit.wipe(second.inputs), hidden.clear(), scores.clear(new)),
            *signals(second, 1.8), count=Tally(told, Ref(b.second[told])) if told else None,
        )  # fmt: skip
        self.stage(plan, **net)
        self.record_choice("second digit", r.second.case.source)
        self.beat("verdict", _frames(scores, r.second))
        tall, square = "(digit | hidden)*3 / heaps*4", "(digit / hidden)*2 | heaps*3"
        self.stage("digit*2 | hidden*3 | heaps*5", tall=tall, square=square)
        votes = zip(r.votes, b.votes.values(), strict=True)
        heaps = HeapsView([Heap(v.digit, v.products, *map(Ref, s.values())) for v, s in votes])
        self.beat("why", heaps.pour(0, hidden), heaps=heaps)
        self.tell("rival", heaps.pour(1, hidden))


def _figures(which: str, read: Read) -> dict:
    """The numbers of a reading that words and bars speak of."""
    r = read.reading
    known = {"answer": r.answer, "runner": r.runner_up, "rival": read.rival, "label": read.label}
    known |= {k: getattr(read.case, k) for k in ("misread", "tests", "lean")}
    scores = [
        Values(np.asarray(y), f"{which} score of {k}", "output", f".{read.places}f")
        for k, y in enumerate(r.outputs)
    ]
    return {
        "scores": {str(k): score for k, score in enumerate(scores)},
        "score": scores[r.answer],
        "runner_score": scores[r.runner_up],
        **({} if read.label is None else {"label_score": scores[read.label]}),
        **{k: count(np.array(v), f"{which} {k}") for k, v in known.items() if v is not None},
    }


def _sums(votes: tuple[Votes, ...], places: int) -> list[dict[str, Values]]:
    """What votes add up to, with decimals that tell their sums apart, and the scores."""
    spec = f"+.{closely.digits_that_tell([v.total for v in votes], 2)}f"
    looks = {"gain": ("weight", spec), "loss": ("negative", spec), "total": ("ink", spec)}
    looks["score"] = "output", f".{places}f"
    return [
        {k: Values(np.array(vars(v)[k]), f"{k} of {v.digit}", *look) for k, look in looks.items()}
        for v in votes
    ]


def _frames(scores: ScoresView, read: Read) -> Lazy:
    """Frames around the rows that a verdict is about: answer and other label."""
    looks = [("error" if read.verdict == "misread" else "output", "answer"), ("target", "label")]
    rows = zip(read.spoken_of, looks, strict=False)
    return together(*(scores.frame(k, *look) for k, look in rows))
