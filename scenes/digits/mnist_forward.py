"""A digit read by the digits network: pixels, one neuron, all neurons, scores, and a hard one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from lab import reading as closely
from lab.images import resolve_digit
from lab.reading import Case, NeuronSum, Read, Votes
from nncore.digits import SIDE, strongest_links, trained_network
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Book, Ref, Values, count, inputs, output, plain
from scenes.kit.story import Story, together
from scenes.kit.views.digit import Lens, PixelsView, ProductsView, Tally
from scenes.kit.views.layers import InputColumn, LinksPicture, NeuronSheet
from scenes.kit.views.open_neuron import OpenNeuron
from scenes.kit.views.scores import Heap, HeapsView, ScoresView
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
    """Two digits read; sizes (side, inputs, hidden, outputs); paper and ink: inputs of a blank
    and a full pixel; patch: row and column looked at; the neuron that pushes the first answer
    up most; what all hidden neurons bring to the first answer and to its runner-up."""

    sizes: tuple[int, ...]
    extremes: tuple[float, float]
    first: Read
    second: Read
    patch: tuple[int, int]
    neuron: NeuronSum
    votes: tuple[Votes, ...]


class MnistForward(Story):
    """From pixels to an answer: one digit, then one that is hard to read."""

    Params = MnistForwardParams

    @staticmethod
    def compute(p: MnistForwardParams) -> Run:
        network, _ = trained_network()
        first = closely.read(network, Case(resolve_digit(p.digit)))
        reading = first.reading
        neuron = int(strongest_links(network, reading, 1).output.sources[0])
        return Run(
            (SIDE, *network.sizes),
            closely.paper_and_ink(),
            first,
            closely.read(network, closely.case(network, p.hard)),
            closely.telling_patch(reading.inputs.reshape(SIDE, SIDE), PATCH),
            closely.neuron_sum(network, reading, neuron),
            tuple(closely.votes(network, reading, k) for k in (reading.answer, reading.runner_up)),
        )

    def quantities(self, r: Run) -> dict:
        n = r.neuron
        return {
            **{k: count(v, k) for k, v in zip(SIZES, r.sizes, strict=True)},
            "paper": plain(r.extremes[0], "blank pixel", 2),
            "ink": plain(r.extremes[1], "full pixel", 2),
            "x": inputs(r.first.reading.inputs, "input {}", 2),
            "z": plain(n.total, "weighted sum", 3, signed=True),
            "y": output(n.output, "hidden output", 3),
            "first": _figures("first", r.first),
            "second": _figures("second", r.second),
            "votes": dict(zip(("top", "rival"), _sums(r.votes), strict=True)),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        top, rival = r.votes
        tilt, hard = r.second.case.tilt, "misread" if r.second.case.misread else "given"
        if tilt is not None:
            hard = "left" if tilt < 0 else "right"
        if np.array_equal(r.first.reading.image, r.second.reading.image):
            hard = "same"
        return {
            "answer": "tied" if r.first.certainty == "tied" else r.first.verdict,
            "rival": "less" if top.total > rival.total else "level",
            "hard": hard,
            "verdict": r.second.outcome,
        }

    def story(self, r: Run) -> None:
        b, first, second = self.book, r.first.reading, r.second.reading
        self.stage("digit*3 | side*2", square="digit*3 | side*4")
        digit = PixelsView(first.inputs, "inputs")
        product = Worked("[side] times [side] = [pixels]")
        self.beat("picture", digit.ruled(True), digit=digit, side=product)
        self.record_choice("digit", r.first.case.source)
        lens = Lens(digit, r.patch, PATCH, b.x, (Ref(b.paper), Ref(b.ink)))
        self.beat("numbers", side=lens, idle=lens.idle)

        self.stage("digit*4 | column*3", square="column*2 / digit*5")
        column = InputColumn(first.inputs, "column")
        self.beat("unroll", digit.ruled(False), column.take(digit), column=column)
        self.stage("digit*4 | column*3 | links*4", square="column*2 / (digit | links)*5")
        links = LinksPicture(r.neuron.weights, "weights")
        self.beat("weights", links.link(column), links.open(column), links=links)
        self.act(digit.wear(links))
        self.stage("(digit | products)*6 / tally")
        products = ProductsView(r.neuron.products, "products")
        tally = Tally("sum", Ref(b.z), r.neuron.running)
        self.beat("sum", products.scan([digit], tally), products=products, tally=tally)
        self.stage("digit*2 | neuron*3", digit.bare(), square="digit | neuron*3")
        neuron = OpenNeuron(Ref(b.z), Ref(b.y))
        self.beat("sigmoid", neuron.squash(), neuron=neuron.out_of(tally), idle=neuron.idle)

        self.stage("digit | hidden", square="digit | hidden")
        hidden = NeuronSheet(r.sizes[2], "sheet").out_of(neuron, r.neuron.neuron)
        signal = hidden.signal(digit.points, first.hidden)
        self.beat("hidden", signal, hidden=hidden, idle=hidden.stream(digit.points))
        net = {"tall": "(digit | hidden) / outputs", "square": "(digit / hidden)*2 | outputs*3"}
        self.stage("digit*4 | hidden*4 | outputs*5", **net)
        scores = ScoresView([*map(Ref, b.first["scores"].values())], "scores")
        flow = scores.stream(hidden.active)
        self.beat("outputs", scores.signal(hidden.active), outputs=scores, idle=flow)
        self.tell("answer", scores.frame(first.answer, *_look(r.first, first.answer)))

        plan = "hidden*2 | heaps*3"
        self.stage(plan, tall="hidden*3 / heaps*4", square=plan)
        heaps = HeapsView([_heap(*pair, b) for pair in zip(r.votes, b.votes.values(), strict=True)])
        self.beat("why", heaps.pour(0, hidden.points), heaps=heaps)
        self.tell("rival", heaps.pour(1, hidden.points))

        self.stage("digit*4 | hidden*4 | outputs*5", **net)
        names = {"misread": "misread", "left": "leaning", "right": "leaning"}
        name = names.get(self.variants["hard"], "inputs")
        fresh = ScoresView([*map(Ref, b.second["scores"].values())], "scores")
        self.beat(
            "hard", hidden.clear(), digit.wipe(second.inputs, name),
            hidden.signal(digit.points, second.hidden, 1.5), fresh.signal(hidden.active),
            digit=digit, outputs=fresh,
        )  # fmt: skip
        self.record_choice("second digit", r.second.case.source)
        frames = [fresh.frame(k, *_look(r.second, k)) for k in r.second.spoken_of]
        self.beat("verdict", together(*frames), idle=fresh.stream(hidden.active))


def _figures(which: str, read: Read) -> dict:
    """The numbers of a reading that words and bars speak of."""
    r = read.reading
    known = {"answer": r.answer, "runner": r.runner_up, "label": read.label}
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


def _sums(votes: tuple[Votes, ...]) -> list[dict[str, Values]]:
    """What votes add up to, with decimals that tell their sums apart."""
    places = closely.digits_that_tell([v.total for v in votes], 2)
    roles = {"gain": "weight", "loss": "negative", "total": "ink"}
    spec = f"+.{places}f"
    return [
        {k: Values(np.array(vars(v)[k]), f"{k} of {v.digit}", c, spec) for k, c in roles.items()}
        for v in votes
    ]


def _heap(v: Votes, sums: dict[str, Values], book: Book) -> Heap:
    score = book.first["scores"][str(v.digit)]
    return Heap(v.digit, v.products, *(Ref(x) for x in (*sums.values(), score)))


def _look(read: Read, k: int) -> tuple[str, str]:
    """Colour and word of a row's frame."""
    if k != read.reading.answer:
        return "target", "label"
    return ("error" if read.verdict == "misread" else "output"), "answer"
