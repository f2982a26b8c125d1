"""Training the digits network: `python -m lab.train`.

784 inputs, one hidden layer, 10 outputs, sigmoid, half the squared error, an update an example,
in float32. The learning rate falls geometrically from epoch to epoch. With the same settings,
data, library versions and kind of processor the file comes out the same, byte for byte.
"""

from __future__ import annotations

import os

# One thread, set before numpy loads: how a sum is split among threads changes its last bits.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from lab import mnist
from nncore.digits import CLASSES, PIXELS, WEIGHTS_FILE, evaluate, scale, targets
from nncore.errors import NNError, ParameterError, check_count, check_number
from nncore.network import Network
from nncore.weights import save_network


@dataclass(frozen=True)
class Settings:
    """How to train. Rates fall geometrically from learning_rate to final_rate.

    hidden and epochs are at least 1, the rates positive, seed at least 0; else ParameterError.
    """

    hidden: int = 100
    epochs: int = 14
    learning_rate: float = 0.2
    final_rate: float = 0.01
    seed: int = 1

    def __post_init__(self) -> None:
        check_count(self.hidden, "hidden")
        check_count(self.epochs, "epochs")
        check_count(self.seed, "seed", low=0)
        check_number(self.learning_rate, "learning rate", above=0)
        check_number(self.final_rate, "final rate", above=0)

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rate of each epoch."""
        falls = np.geomspace(self.learning_rate, self.final_rate, self.epochs)
        return tuple(round(float(rate), 6) for rate in falls)


def train_digits(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    settings: Settings,
    report: Callable[[int, float, float, Network], None] = lambda *_: None,
) -> Network:
    """A network trained on images (n, 28, 28) and labels (n,).

    After each epoch `report` gets its number (from 1), its rate, its mean loss, the network.
    """
    inputs, wanted = scale(images), targets(labels)
    network = Network.random(
        (PIXELS, settings.hidden, CLASSES), seed=settings.seed, dtype=np.float32
    )
    for epoch, rate in enumerate(settings.rates, 1):
        # A seed of its own for each epoch, or every epoch would have the same order.
        history = network.train(
            inputs, wanted, learning_rate=rate, shuffle_seed=settings.seed + epoch
        )
        network = history.network
        report(epoch, rate, float(history.losses[0]), network)
    return network


def describe(
    settings: Settings, test_right: int, test_count: int, md5: dict[str, str]
) -> dict[str, Any]:
    """What goes beside the weights: how they came about."""
    return {
        "trained_on": "MNIST",
        "settings": asdict(settings),
        "learning_rates": list(settings.rates),
        "shuffle_seeds": [settings.seed + epoch for epoch in range(1, settings.epochs + 1)],
        "update": "after each example",
        "inputs": "pixel / 255 * 0.99 + 0.01",
        "targets": "0.99 for the digit, 0.01 for the others",
        "test_accuracy": test_right / test_count,
        "test_right": test_right,
        "test_count": test_count,
        "data_md5": md5,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
    }


def run(folder: Path | None, output: Path, settings: Settings) -> float:
    """Train on MNIST in `folder` (None: where lab.mnist finds it), write `output`.

    Returns the test accuracy. Raises DataError for missing or wrong data.
    """
    if not output.parent.is_dir():
        raise ParameterError(f"There is no folder {output.parent} to write to.")
    md5 = mnist.verify(folder)
    test_images, test_labels = mnist.test_set(folder)
    start = time.monotonic()

    def report(epoch: int, rate: float, loss: float, network: Network) -> None:
        share = evaluate(network, test_images, test_labels).accuracy
        print(
            f"epoch {epoch}/{settings.epochs}  rate {rate:g}  loss {loss:.5f}  "
            f"test {share:.2%}  {time.monotonic() - start:.0f} s",
            file=sys.stderr,
        )

    network = train_digits(*mnist.train_set(folder), settings, report)
    result = evaluate(network, test_images, test_labels)
    save_network(output, network, describe(settings, result.right, result.count, md5))
    return result.accuracy


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    default = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m lab.train", description="Train the digits network on MNIST."
    )
    parser.add_argument("--data", type=Path, help=f"MNIST's folder (else {mnist.ENVIRONMENT})")
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS_FILE, help="file to write")
    parser.add_argument("--hidden", type=int, default=default.hidden)
    parser.add_argument("--epochs", type=int, default=default.epochs)
    parser.add_argument("--learning-rate", type=float, default=default.learning_rate)
    parser.add_argument("--final-rate", type=float, default=default.final_rate)
    parser.add_argument("--seed", type=int, default=default.seed)
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings(
            chosen.hidden, chosen.epochs, chosen.learning_rate, chosen.final_rate, chosen.seed
        )
        accuracy = run(chosen.data, chosen.output, settings)
    except NNError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{chosen.output}: {accuracy:.2%} of the test images read right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
