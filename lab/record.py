"""Recording how the digits are learnt: `python -m lab.record`.

A 784-100-10 network learns MNIST for some epochs at a constant rate, twice: once to see which
links change much and which little, once to record those. With the same settings, data, library
versions and kind of processor the file comes out the same, byte for byte.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lab import mnist
from lab.machine import blas_threads, versions
from nncore.digits import CLASSES, PIXELS, scale, targets
from nncore.errors import NNError, ParameterError
from nncore.losses import SQUARED_ERROR
from nncore.network import Network
from nncore.training import train
from nncore.training_record import (
    RECORD_FILE,
    TrainingRecord,
    log_moments,
    record_training,
    save_record,
    telling_links,
)


@dataclass(frozen=True)
class Settings:
    """How to train and what to record: `moments` of them, from 0 and `first` on, `links` links.

    What cannot be is refused where it is used, by nncore.
    """

    hidden: int = 100
    epochs: int = 3
    learning_rate: float = 0.1
    seed: int = 1
    moments: int = 60
    first: int = 10
    links: int = 16


def run(folder: Path | None, output: Path, settings: Settings) -> TrainingRecord:
    """Train on MNIST in `folder` (None: where lab.mnist finds it), write `output`.

    Raises DataError for missing or wrong data, ParameterError for settings that cannot be.
    """
    if not output.parent.is_dir():
        raise ParameterError(f"There is no folder {output.parent} to write to.")
    md5 = mnist.verify(folder)
    images, labels = mnist.train_set(folder)
    test_images, test_labels = mnist.test_set(folder)
    start = Network.random(
        (PIXELS, settings.hidden, CLASSES), seed=settings.seed, dtype=np.float32, loss=SQUARED_ERROR
    )
    moments = log_moments(len(images) * settings.epochs, settings.moments, settings.first)
    inputs, wanted = scale(images), targets(labels)
    # Another seed than the weights', or their first draws would be the order's too.
    rate, epochs, shuffle_seed = settings.learning_rate, settings.epochs, settings.seed + 1
    end = train(
        start, inputs, wanted, learning_rate=rate, epochs=epochs, shuffle_seed=shuffle_seed
    ).network
    record = record_training(
        start,
        inputs,
        wanted,
        learning_rate=rate,
        epochs=epochs,
        shuffle_seed=shuffle_seed,
        moments=moments,
        links=telling_links(start, end, settings.links),
        test_images=test_images,
        test_labels=test_labels,
        on_moment=lambda moment, _: print(f"{moment}/{moments[-1]} images", file=sys.stderr),
    )
    save_record(output, record, describe(settings, md5))
    return record


def describe(settings: Settings, md5: dict[str, str]) -> dict[str, object]:
    """What goes beside the record: how it came about."""
    return {
        "trained_on": "MNIST",
        "settings": asdict(settings),
        "update": "after each example",
        "initial_weights": "normal, standard deviation 1 / sqrt(incoming links)",
        "inputs": "pixel / 255 * 0.99 + 0.01",
        "targets": "0.99 for the digit, 0.01 for the others",
        "data_md5": md5,
        "versions": versions(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.record", description="Record how a network learns MNIST."
    )
    parser.add_argument("--data", type=Path, help=f"MNIST's folder (else {mnist.ENVIRONMENT})")
    parser.add_argument("-o", "--output", type=Path, default=RECORD_FILE, help="file to write")
    for name, value in asdict(Settings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    chosen = vars(parser.parse_args(arguments))
    try:
        with blas_threads(1):
            record = run(chosen.pop("data"), chosen.pop("output"), Settings(**chosen))
    except NNError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{record.moments[-1]} images learnt from: {record.accuracy[-1]:.2%} of the tests right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
