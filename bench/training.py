"""How fast the digits network is trained, as ratios from one run: `python -m bench.training`.

Against the textbook loop, an update an image; against scikit-learn and PyTorch, mini-batches.
The same images in the same order, laid out in it, from the same first weights; times the best of
several rounds in turn. BLAS and PyTorch have one thread unless more are named.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.linalg import blas

from lab import mnist
from lab.machine import blas_threads
from lab.train import Examples, Settings, train
from nncore.digits import targets
from nncore.errors import Array, NNError
from nncore.losses import SQUARED_ERROR, Loss
from nncore.network import Network
from nncore.training import Trainer, stretches


def _cross_entropy(output: Array, target: Array) -> float:
    sure = np.where(target > 0.5, output, 1 - output)
    return -float(np.log(np.maximum(sure, 1e-12)).sum())


def _cross_entropy_slope(output: Array, target: Array) -> Array:
    # The sigmoid's slope, which it is then multiplied by, leaves output - target.
    slope: Array = (output - target) / np.maximum(output * (1 - output), 1e-30)
    return slope


CROSS_ENTROPY = Loss("cross-entropy", _cross_entropy, _cross_entropy_slope)
"""Of targets 0 and 1: what scikit-learn trains on when each class is a yes or no."""


@dataclass(frozen=True)
class Case:
    """What all contenders get: first weights, images with targets in their order, tests."""

    start: Network
    inputs: Array
    wanted: Array
    tests: Examples
    rate: float

    @property
    def weights(self) -> tuple[Array, Array]:
        """The first weights, (h, 784) and (10, h)."""
        first, second = (layer.weights for layer in self.start.layers)
        return first, second

    def accuracy(self, first: Array, second: Array) -> float:
        """Share of the tests that weights read right."""
        weights = [np.asarray(first, np.float32), np.asarray(second, np.float32)]
        return self.tests.right(self.start.with_weights(weights)) / len(self.tests)


@dataclass(frozen=True)
class Result:
    """Seconds, and the share of the tests read right (None: nothing was learnt)."""

    seconds: float
    accuracy: float | None = None


def textbook(case: Case) -> Result:
    """The plainest form: a column vector at a time, float64."""
    first, second = (w.astype(np.float64) for w in case.weights)
    inputs, wanted = case.inputs.astype(np.float64), case.wanted.astype(np.float64)
    rate = 2 * case.rate  # of the squared error's slope, 2 (output - target)
    began = time.perf_counter()
    for pixels, target in zip(inputs, wanted, strict=True):
        x = np.array(pixels, ndmin=2).T
        t = np.array(target, ndmin=2).T
        hidden = 1 / (1 + np.exp(-np.dot(first, x)))
        output = 1 / (1 + np.exp(-np.dot(second, hidden)))
        output_error = (t - output) * output * (1 - output)
        hidden_error = np.dot(second.T, output_error) * hidden * (1 - hidden)
        second += rate * np.dot(output_error, hidden.T)
        first += rate * np.dot(hidden_error, x.T)
    return Result(time.perf_counter() - began, case.accuracy(first, second))


def rank_one(case: Case) -> Result:
    """The same in float32, the weights changed in place by BLAS: memory sets its pace."""
    first, second = (w.copy() for w in case.weights)
    rate = 2 * case.rate
    began = time.perf_counter()
    for x, t in zip(case.inputs, case.wanted, strict=True):
        hidden = 1 / (1 + np.exp(-first.dot(x)))
        output = 1 / (1 + np.exp(-second.dot(hidden)))
        output_error = (t - output) * output * (1 - output)
        hidden_error = output_error.dot(second) * hidden * (1 - hidden)
        blas.sger(rate, hidden, output_error, a=second.T, overwrite_a=1)
        blas.sger(rate, x, hidden_error, a=first.T, overwrite_a=1)
    return Result(time.perf_counter() - began, case.accuracy(first, second))


def traffic(case: Case) -> Result:
    """Nothing but reading the first layer's weights and rewriting them, once an image."""
    first = case.weights[0].copy()
    errors = np.zeros(len(first), np.float32)
    began = time.perf_counter()
    for x in case.inputs:
        first.dot(x)
        blas.sger(1.0, x, errors, a=first.T, overwrite_a=1)
    return Result(time.perf_counter() - began)


def ours(case: Case, batch: int = 1, epochs: int = 1, threads: int = 1) -> Result:
    """nncore's training."""
    began = time.perf_counter()
    trainer = Trainer(case.start, case.rate, batch)
    with blas_threads(threads):
        for _ in range(epochs):
            for end, part in stretches(np.arange(len(case.inputs)), batch):
                rows = slice(end - len(part), end)
                trainer.learn(case.inputs[rows], case.wanted[rows])
    seconds = time.perf_counter() - began
    return Result(seconds, case.tests.right(trainer.network()) / len(case.tests))


def pytorch(case: Case, batch: int, epochs: int, threads: int) -> Result:
    """The same network, loss and steps; batches are slices of one tensor, no DataLoader."""
    import torch

    torch.set_num_threads(threads)
    sizes = case.start.sizes
    model = torch.nn.Sequential(
        torch.nn.Linear(sizes[0], sizes[1], bias=False), torch.nn.Sigmoid(),
        torch.nn.Linear(sizes[1], sizes[2], bias=False), torch.nn.Sigmoid(),
    )  # fmt: skip
    with torch.no_grad():
        for layer, weights in zip((model[0], model[2]), case.weights, strict=True):
            layer.weight.copy_(torch.tensor(weights))
    inputs, wanted = torch.tensor(case.inputs), torch.tensor(case.wanted)
    optimiser = torch.optim.SGD(model.parameters(), lr=case.rate)
    loss = torch.nn.MSELoss(reduction="sum")
    began = time.perf_counter()
    for _ in range(epochs):
        for i in range(0, len(inputs), batch):
            x, t = inputs[i : i + batch], wanted[i : i + batch]
            optimiser.zero_grad()
            (loss(model(x), t) / len(x)).backward()
            optimiser.step()
    seconds = time.perf_counter() - began
    with torch.no_grad():
        answers = model(torch.tensor(case.tests.inputs)).argmax(dim=1).numpy()
    return Result(seconds, float((answers == case.tests.labels).mean()))


def scikit_learn(case: Case, batch: int, epochs: int) -> Result:
    """MLPClassifier with ten yes-or-no outputs: sigmoid, cross-entropy; it has biases, and makes
    first weights of its own."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (case.start.sizes[1],), activation="logistic", solver="sgd", alpha=0.0, batch_size=batch,
        learning_rate_init=case.rate, max_iter=epochs, shuffle=False, tol=0.0, momentum=0.0,
        nesterovs_momentum=False, n_iter_no_change=epochs + 1, random_state=0,
    )  # fmt: skip
    wanted = case.wanted.astype(np.int64)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(case.inputs, wanted)
    seconds = time.perf_counter() - began
    answers = model.predict_proba(case.tests.inputs).argmax(axis=1)
    return Result(seconds, float((answers == case.tests.labels).mean()))


def best(rounds: int, contenders: dict[str, Callable[[], Result]]) -> dict[str, Result]:
    """Each contender's fastest round; they take turns, so that a busy moment hits them alike."""
    found: dict[str, Result] = {}
    for _ in range(rounds):
        for name, run in contenders.items():
            result = run()
            if name not in found or result.seconds < found[name].seconds:
                found[name] = result
    return found


def print_table(title: str, results: dict[str, Result], examples: int) -> None:
    """Microseconds an image, how many times ours that is, accuracy."""
    print(f"\n{title}")
    mine = results["ours"].seconds
    for name, result in results.items():
        read = "" if result.accuracy is None else f"{result.accuracy:8.2%} read right"
        each = result.seconds / examples * 1e6
        print(f"  {name:<34}{each:8.1f} µs an image  {result.seconds / mine:6.2f} × ours  {read}")


def prepared(count: int, rate: float) -> Case:
    """A case of the first `count` images in a seeded order: squared error, no biases."""
    examples = Examples.of(*(array[:count] for array in mnist.train_set()))
    order = np.random.default_rng(0).permutation(len(examples))
    labels = examples.labels[order]
    start = Settings(hidden=(200,), learning_rate=rate).start()
    assert start.loss is SQUARED_ERROR
    tests = Examples.of(*mnist.test_set())
    return Case(start, examples.inputs[order], targets(labels), tests, rate)


def as_scikit_learn_has_it(case: Case) -> Case:
    """The case with biases, cross-entropy and targets of 0 and 1."""
    start = Network.random(
        case.start.sizes, seed=0, biases=True, dtype=np.float32, loss=CROSS_ENTROPY
    )
    return replace(case, start=start, wanted=np.rint(case.wanted))


def by_image(count: int, rounds: int) -> None:
    """An update an image: the textbook loop, BLAS in place, memory traffic alone, ours."""
    case = prepared(count, 0.1)
    results = best(
        rounds,
        {
            "ours": lambda: ours(case),
            "textbook loop, float64": lambda: textbook(case),
            "rank-1 updates in place, float32": lambda: rank_one(case),
            "reading and rewriting alone": lambda: traffic(case),
        },
    )
    title = f"An update an image: 784-200-10, {count:,} images once, rate 0.1"
    print_table(title, results, count)
    gap = abs((results["ours"].accuracy or 0) - (results["textbook loop, float64"].accuracy or 0))
    print(f"  accuracy of ours and of the textbook loop differ by {gap * 100:.2f} points")


def _on(threads: int) -> str:
    return f", {threads} threads" if threads > 1 else ""


def by_batch(count: int, rounds: int, batch: int, rate: float, epochs: int) -> None:
    """Mini-batches: PyTorch with the very same steps; scikit-learn as it has it."""
    cores = os.cpu_count() or 1
    same = prepared(count, rate)
    contenders: dict[str, Callable[[], Result]] = {}
    for threads in sorted({1, cores}, reverse=True):
        contenders[f"ours{_on(threads)}"] = partial(ours, same, batch, epochs, threads)
        contenders[f"PyTorch{_on(threads)}"] = partial(pytorch, same, batch, epochs, threads)
    title = f"Mini-batches of {batch}: 784-200-10, {count:,} images {epochs} times, rate {rate:g}"
    results = best(rounds, contenders)
    print_table(f"{title}, no biases, squared error", results, count * epochs)
    quickest = {
        who: min(r.seconds for name, r in results.items() if name.startswith(who))
        for who in ("ours", "PyTorch")
    }
    print(f"  PyTorch at its best takes {quickest['PyTorch'] / quickest['ours']:.2f} × ours at its")
    biased = as_scikit_learn_has_it(same)
    results = best(
        rounds,
        {
            "ours": lambda: ours(biased, batch, epochs),
            "scikit-learn": lambda: scikit_learn(biased, batch, epochs),
        },
    )
    print_table(f"{title}, biases, cross-entropy", results, count * epochs)


def by_epoch(count: int) -> None:
    """Accuracy as `digits train` gives it: rate 0.1, seven epochs."""
    settings = Settings(hidden=(200,), epochs=7, learning_rate=0.1)
    images = Examples.of(*(array[:count] for array in mnist.train_set()))
    tests = Examples.of(*mnist.test_set())
    began = time.perf_counter()
    history = train(settings, images, tests).history
    shares = "  ".join(f"{(result.right or 0) / len(tests):.2%}" for result in history)
    print(f"\nAccuracy: 784-200-10, {count:,} images, rate 0.1, epoch by epoch")
    print(f"  {shares}  in {time.perf_counter() - began:.1f} s")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    parser.add_argument("--images", type=int, default=60_000, help="training images [60000]")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, the best counts [3]")
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    try:
        with blas_threads(1):
            by_image(chosen.images, chosen.rounds)
            for batch in (10, 32, 128):
                by_batch(chosen.images, chosen.rounds, batch, rate=0.5, epochs=4)
            by_epoch(chosen.images)
    except (NNError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
