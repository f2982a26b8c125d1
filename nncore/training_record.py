"""A training run small enough to draw: a few links' weights and a few measures, at chosen moments.

A moment is a number of examples learnt from; an example met in two epochs counts twice. The run
is that of `nncore.training.train`, bit for bit: where a moment falls inside a block of examples
that are learnt together, a copy goes on to the moment and is looked at, and the run itself goes on
undisturbed.
Records travel as JSON, every float exact.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.digits import CLASSES, PIXELS, evaluate, saturation, scale
from nncore.digits import targets as digit_targets
from nncore.errors import (
    Array,
    DataError,
    NNError,
    ParameterError,
    ShapeError,
    check_array,
    check_count,
    check_number,
    read_only,
)
from nncore.files import write_whole
from nncore.network import Network
from nncore.training import BLOCK, Trainer, stretches

FORMAT = 1
MAX_BYTES = 1_000_000
"""Largest record that is written or read."""

RECORD_FILE = Path(__file__).parent / "data" / "training-record.json"


class Link(NamedTuple):
    """A link: its layer from 0, the neuron it leads to, the one (or the input) it comes from."""

    layer: int
    receiver: int
    sender: int


@dataclass(frozen=True)
class RunSettings:
    """What a run was: sizes of the network, name of its loss, dtype; where its weights and the
    order of the examples came from; examples an epoch, and images it was tested on.

    Raises ShapeError or ParameterError for what cannot have been.
    """

    sizes: tuple[int, ...]
    loss: str
    dtype: str
    network_seed: int | None
    learning_rate: float
    epochs: int
    shuffle_seed: int | None
    examples: int
    tests: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(self.sizes))
        if len(self.sizes) < 2:
            raise ShapeError("A network has at least an input and an output size.")
        for count in (*self.sizes, self.epochs, self.examples, self.tests):
            check_count(count, "A size or a number of epochs, examples or tests")
        for seed in (self.network_seed, self.shuffle_seed):
            if seed is not None:
                check_count(seed, "A seed", low=0)
        rate = check_number(self.learning_rate, "The learning rate", above=0)
        object.__setattr__(self, "learning_rate", rate)
        if not isinstance(self.loss, str) or self.dtype not in ("float32", "float64"):
            raise ParameterError("A run has the name of a loss and a dtype, float32 or float64.")


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """A run at m moments, with the weights of k links; arrays are copied and read-only.

    moments (m,): examples learnt from, ascending from 0. weights (m, k), of the network's dtype.
    accuracy (m,): share of test images read right. test_losses (m,): mean loss of a test image.
    train_losses (m - 1,): mean loss of the examples met between a moment and the next, each
    before it was learnt from. saturation (m,): share of the hidden neurons' sums, over all test
    images, at which the activation is flat (see nncore.digits); 0 without hidden neurons.
    Raises ShapeError or ParameterError for what does not fit.
    """

    settings: RunSettings
    links: tuple[Link, ...]
    moments: NDArray[np.int64]
    weights: Array
    accuracy: Array
    train_losses: Array
    test_losses: Array
    saturation: Array

    def __post_init__(self) -> None:
        links = check_links(self.settings.sizes, self.links)
        moments = check_moments(self.moments, self.settings.examples * self.settings.epochs)
        object.__setattr__(self, "links", links)
        object.__setattr__(self, "moments", read_only(moments))
        m = len(moments)
        shapes = {"weights": (m, len(links)), "train_losses": (m - 1,)}
        for name in ("weights", "accuracy", "train_losses", "test_losses", "saturation"):
            shape = shapes.get(name, (m,))
            dtype = self.settings.dtype if name == "weights" else "float64"
            with np.errstate(over="ignore"):  # too large for float32: not finite, and said so
                array = check_array(getattr(self, name), name, ndim=len(shape), dtype=dtype)
            if array.shape != shape:
                raise ShapeError(f"{name} must have the shape {shape}, not {array.shape}.")
            if name in ("accuracy", "saturation") and not ((array >= 0) & (array <= 1)).all():
                raise ParameterError(f"{name} must lie between 0 and 1.")
            object.__setattr__(self, name, read_only(array))


def log_moments(total: int, count: int, first: int = 1) -> tuple[int, ...]:
    """`count` moments from 0 to `total`: 0, first, and on in steps that grow as in a geometric row.

    Two moments are 0 and total. 2 <= count, 1 <= first, and whole numbers enough: total - first
    >= count - 2, else ParameterError.
    """
    check_count(count, "The number of moments", low=2)
    check_count(first, "The first moment")
    if check_count(total, "The total") - first < count - 2:
        raise ParameterError(f"There are no {count - 1} whole numbers from {first} to {total}.")
    row = np.geomspace(first, total, count - 1).round().astype(int)
    row[-1] = total
    # Where the row grows by less than 1 a step, whole numbers that follow each other.
    steps = np.arange(count - 1)
    row = np.maximum.accumulate(row - steps) + steps
    return (0, *(int(moment) for moment in row))


def telling_links(before: Network, after: Network, k: int) -> tuple[Link, ...]:
    """k links, as many from each layer as can be, some much changed by training and some little.

    Of a layer's share, half (rounded up) are those that change most, one a receiving neuron while
    there are others: a neuron's most changed links come from pixels side by side and tell the
    same. The rest of the share is spread evenly over the layer's other links, ranked by change,
    the last being the one that changes least. Raises ShapeError for networks of different sizes,
    ParameterError if a layer has fewer links than its share.
    """
    if before.sizes != after.sizes:
        raise ShapeError("Links are chosen by comparing two networks of the same sizes.")
    shares = np.array_split(np.arange(check_count(k, "k")), len(before.layers))
    chosen = []
    for layer, (old, new, share) in enumerate(
        zip(before.layers, after.layers, map(len, shares), strict=True)
    ):
        change = np.abs(new.weights.astype(np.float64) - old.weights)
        if share > change.size:
            raise ParameterError(f"Layer {layer} has {change.size} links, not {share}.")
        place = np.argsort(np.argsort(-change, axis=1, kind="stable"), axis=1)
        most = np.lexsort((-change.ravel(), place.ravel()))[: (share + 1) // 2]
        ranks = np.argsort(-change, axis=None, kind="stable")
        others = ranks[~np.isin(ranks, most)]
        steps = np.linspace(-1, len(others) - 1, share - len(most) + 1)[1:]
        for flat in (*most, *others[steps.round().astype(int)]):
            receiver, sender = divmod(int(flat), change.shape[1])
            chosen.append(Link(layer, receiver, sender))
    return tuple(chosen)


def record_training(
    network: Network,
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    learning_rate: float,
    epochs: int = 1,
    shuffle_seed: int | None = None,
    moments: Sequence[int],
    links: Sequence[tuple[int, int, int]],
    test_images: ArrayLike,
    test_labels: ArrayLike,
    on_moment: Callable[[int, Network], None] | None = None,
) -> TrainingRecord:
    """Train a 784-...-10 network as `train` does with the same arguments, and record it.

    inputs (n, 784) and targets (n, 10) are learnt from, test_images (n', 28, 28) bytes and
    test_labels (n',) only measured. moments ascend from 0 to at most n x epochs; training ends
    with the last of them. on_moment(examples, network) is called at each. Raises ShapeError or
    ParameterError, the latter also when training ran away.
    """
    evaluate(network, test_images, test_labels)  # raises where network and images do not fit
    x = np.ascontiguousarray(check_array(inputs, "The inputs", ndim=2, dtype=network.dtype))
    t = np.ascontiguousarray(check_array(targets, "The targets", ndim=2, dtype=network.dtype))
    if not (0 < len(x) == len(t) and (x.shape[1], t.shape[1]) == (PIXELS, CLASSES)):
        raise ShapeError(f"Inputs {x.shape} and targets {t.shape} do not pair up as digits do.")
    settings = RunSettings(
        sizes=network.sizes,
        loss=network.loss.name,
        dtype=str(network.dtype),
        network_seed=network.seed,
        learning_rate=learning_rate,
        epochs=epochs,
        shuffle_seed=shuffle_seed,
        examples=len(x),
        tests=len(np.asarray(test_labels)),
    )
    chosen = check_links(settings.sizes, links)
    when = check_moments(moments, settings.examples * settings.epochs).tolist()
    tests = scale(test_images).astype(network.dtype)
    labels = np.asarray(test_labels)
    weights, measures, losses = [], [], []
    for moment, state, loss in _run(network, x, t, settings, when):
        weights.append([state.layers[layer].weights[to, of] for layer, to, of in chosen])
        measures.append(_measure(state, tests, labels))
        losses.append(loss)
        if on_moment is not None:
            on_moment(moment, state)
    accuracy, test_losses, flat = (np.array(column) for column in zip(*measures, strict=True))
    train_losses = np.diff(losses) / np.diff(when)
    rows = np.array(when), np.array(weights)
    return TrainingRecord(settings, chosen, *rows, accuracy, train_losses, test_losses, flat)


def save_record(
    path: str | os.PathLike[str], record: TrainingRecord, meta: Mapping[str, Any]
) -> None:
    """Write a record and `meta` (what JSON can say) to `path`, whole or not at all.

    The same record and meta give the same bytes. Raises DataError if meta is not JSON, if the
    record is larger than MAX_BYTES, or if the file cannot be written.
    """
    try:
        data = _text(record, meta).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"The meta of a training record must be JSON: {error}.") from error
    if len(data) > MAX_BYTES:
        raise DataError(f"The training record is too large to save: at most {MAX_BYTES} bytes.")
    write_whole(path, data)


def load_record(path: str | os.PathLike[str]) -> tuple[TrainingRecord, dict[str, Any]]:
    """The record and the meta that save_record wrote.

    Raises DataError if there is no such file or anything in it is not as save_record writes it.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise DataError(f"it is larger than {MAX_BYTES} bytes.")
        return _parse(data)
    except FileNotFoundError:
        raise DataError(f"There is no training record {path}.") from None
    except NNError as error:
        raise DataError(f"{path} is not a usable training record: {error}") from error
    except (OSError, ValueError, TypeError, OverflowError, RecursionError) as error:
        words = " ".join(str(error).split())
        raise DataError(f"{path} is a damaged training record: {words}.") from error


@cache
def trained_record() -> tuple[TrainingRecord, Mapping[str, Any]]:
    """The committed record of training the digits, and how it was made (see lab.record).

    Raises DataError if its file is missing or damaged.
    """
    record, meta = load_record(RECORD_FILE)
    return record, MappingProxyType(meta)


def check_links(sizes: Sequence[int], links: Sequence[tuple[int, int, int]]) -> tuple[Link, ...]:
    """The links, if a network of these sizes has them and none comes twice.

    Raises ParameterError otherwise, also for no links at all.
    """
    layers = list(pairwise(sizes))
    checked = []
    for link in links:
        if len(link) != 3:
            raise ParameterError("A link is three numbers: layer, receiver, sender.")
        layer, receiver, sender = (check_count(part, "A link's part", low=0) for part in link)
        if layer >= len(layers) or receiver >= layers[layer][1] or sender >= layers[layer][0]:
            shape = "-".join(map(str, sizes))
            raise ParameterError(f"A {shape} network has no link {(layer, receiver, sender)}.")
        checked.append(Link(layer, receiver, sender))
    if not checked or len(set(checked)) < len(checked):
        raise ParameterError("A record needs at least one link, and none of them twice.")
    return tuple(checked)


def check_moments(moments: ArrayLike, total: int) -> NDArray[np.int64]:
    """The moments (m,), m >= 2, if whole numbers ascending from 0 to at most `total`.

    Raises ShapeError or ParameterError otherwise.
    """
    values = check_array(moments, "The moments")
    if len(values) < 2 or values[0] != 0 or values[-1] > total:
        raise ParameterError(f"Moments are at least two, from 0 to at most {total} examples.")
    if (values != values.round()).any() or (np.diff(values) <= 0).any():
        raise ParameterError("Moments must be whole numbers, each greater than the one before.")
    return values.astype(np.int64)


def _run(
    network: Network, x: Array, t: Array, settings: RunSettings, moments: list[int]
) -> Iterator[tuple[int, Network, float]]:
    """Train; at each moment, yield it, the network, and the sum of all losses so far."""
    trainer = Trainer(network, settings.learning_rate)
    rng = None if settings.shuffle_seed is None else np.random.default_rng(settings.shuffle_seed)
    order = np.arange(len(x))
    total = 0.0
    yield 0, network, total
    for epoch in range(settings.epochs):
        if rng is not None:
            order = rng.permutation(len(x))
        start, done = epoch * len(x), 0
        for here in [*(m - start for m in moments if start < m <= start + len(x)), None]:
            # Only whole blocks, counted from the epoch's start, or the bits would be others.
            whole = len(x) if here in (None, len(x)) else here - here % BLOCK
            for _, part in stretches(order[done:whole]):
                total += trainer.learn(x[part], t[part])
            done = whole
            if here is None:
                continue
            state, extra = trainer, 0.0
            if here > whole:
                state = Trainer(trainer.network(), settings.learning_rate)
                extra = state.learn(x[order[whole:here]], t[order[whole:here]])
            yield start + here, state.network(), total + extra
            if start + here == moments[-1]:
                return


def _measure(
    network: Network, tests: Array, labels: NDArray[np.integer[Any]]
) -> tuple[float, float, float]:
    """Accuracy, mean loss and saturation over the test images."""
    run = network.forward(tests)
    # In float64: a float32 sum over so many images would lose digits.
    wanted = digit_targets(labels).astype(np.float64)
    loss = network.loss.function(run.output.astype(np.float64), wanted) / len(labels)
    accuracy = float((run.output.argmax(axis=1) == labels).mean())
    return accuracy, loss, saturation(network, run) or 0.0


_ARRAYS = ("moments", "weights", "accuracy", "train_losses", "test_losses", "saturation")


def _text(record: TrainingRecord, meta: Mapping[str, Any]) -> str:
    content = {
        "format": FORMAT,
        "settings": asdict(record.settings),
        "links": record.links,
        **{name: getattr(record, name).tolist() for name in _ARRAYS},
        "meta": dict(meta),
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _parse(data: bytes) -> tuple[TrainingRecord, dict[str, Any]]:
    text = data.decode().replace("\r\n", "\n")  # as a checkout on Windows may make it
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DataError(f"it does not say format {FORMAT}.")
    if set(content) != {"format", "settings", "links", "meta", *_ARRAYS}:
        raise DataError("it has other entries than a record has.")
    if not isinstance(content["meta"], dict):
        raise DataError("its meta is not a JSON object.")
    arrays = (content[name] for name in _ARRAYS)
    record = TrainingRecord(RunSettings(**content["settings"]), content["links"], *arrays)
    # What JSON or numpy took kindly (a key twice, a number as text, too many digits) shows here.
    if _text(record, content["meta"]) != text:
        raise DataError("it is not as it was written.")
    return record, content["meta"]
