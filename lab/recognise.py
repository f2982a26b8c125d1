"""Anyone's handwritten digit read from a picture file, and what the network saw of it."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lab.images import load_digit
from nncore.digits import CLASSES, PIXELS, Images, scale, trained_network
from nncore.errors import Array, ShapeError, read_only
from nncore.files import write_whole
from nncore.network import Network

BEST = 3
"""How many answers are given."""

ENLARGED = 20
"""Pixels a side that `save_seen` draws for one of the 28×28."""


@dataclass(frozen=True, eq=False)
class Recognition:
    """A picture file read.

    file: its path as it was given. image (28, 28) bytes: what the network saw, 0 paper to 255
    ink. outputs (10,): the network's, one a digit. answers: the three largest outputs as (digit,
    output), best first, of equals the smaller digit.
    """

    file: str
    image: Images
    outputs: Array
    answers: tuple[tuple[int, float], ...]

    def as_json(self) -> dict[str, Any]:
        """The file, its answers and all ten outputs, for json.dump."""
        return {
            "file": self.file,
            "answers": [{"digit": digit, "output": output} for digit, output in self.answers],
            "outputs": [float(output) for output in self.outputs],
        }


def recognise(path: str | os.PathLike[str], network: Network | None = None) -> Recognition:
    """Read the single digit in a picture file; None: with the committed network.

    Raises ShapeError unless the network has 784 inputs and 10 outputs, DataError for a file that
    `lab.images.load_digit` refuses.
    """
    if network is None:
        network, _ = trained_network()
    if (network.sizes[0], network.sizes[-1]) != (PIXELS, CLASSES):
        sizes = "-".join(map(str, network.sizes))
        raise ShapeError(
            f"Digits need a network of {PIXELS} inputs and {CLASSES} outputs; this one is {sizes}."
        )
    image = load_digit(path)
    outputs = network.forward(scale(image)).output
    best = np.argsort(-outputs, kind="stable")[:BEST]
    answers = tuple((int(digit), float(outputs[digit])) for digit in best)
    return Recognition(os.fspath(path), image, read_only(outputs), answers)


def save_seen(recognition: Recognition, path: str | os.PathLike[str]) -> None:
    """Write the 28×28 pixels that the network saw, enlarged to 560×560, as PNG.

    An existing file is replaced. Raises DataError if it cannot be written.
    """
    picture = Image.fromarray(recognition.image).resize(
        [ENLARGED * side for side in recognition.image.shape], Image.Resampling.NEAREST
    )
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    write_whole(path, encoded.getvalue())


def seen_names(files: Sequence[str | os.PathLike[str]]) -> tuple[str, ...]:
    """A file name for what was seen of each file: photo-seen.png for photo.jpg.

    Of names that are equal, whatever their letters' case, the later ones are numbered: a second
    photo gives photo-2-seen.png.
    """
    taken: set[str] = set()
    names = []
    for file in files:
        stem = Path(file).stem
        name, number = f"{stem}-seen.png", 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}-seen.png"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)
