"""One digit to read: from any picture file, from MNIST, or drawn for this project.

A picture is brought to MNIST's form: grey, ink bright on dark, fitted into 20×20 pixels, the
ink's centre of mass in pixel (14, 14) of 28×28.
"""

from __future__ import annotations

import os
import re
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from lab import mnist
from lab.preparation import Bytes, Field, find_ink, mnist_form
from nncore.drawn import draw
from nncore.errors import DataError, NNError, ParameterError

MAX_PIXELS = 50_000_000
AUTO_TEST_INDEX = 30  # a well-read, handsome 3, as the drawn one is
AUTO_DRAWN = 3
ALLOWED = "auto, drawn:0 to drawn:9, mnist:test:0 to mnist:test:9999, or a picture file"

# Pixel formats alone: Pillow reads EPS and WMF by starting other programs.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "TGA", "JPEG2000")
_KEPT_SIDE = 1600  # larger pictures are shrunk to this, or less, as they are read
_DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit to read. image (28, 28) bytes, 0 paper to 255 ink; label: what it is, None if
    unknown; source: where it comes from, as resolve_digit takes it or `file:NAME`."""

    image: Bytes
    label: int | None
    source: str


def resolve_digit(spec: str) -> Digit:
    """The digit that `auto`, `drawn:7`, `mnist:test:42` or a file's path names.

    auto is a test digit of MNIST where that is at hand, else a drawn one; source says which.
    Raises ParameterError for a spec that names nothing, DataError for what cannot be read.
    """
    if spec == "auto":
        at_hand = mnist.has_test_set()
        return resolve_digit(f"mnist:test:{AUTO_TEST_INDEX}" if at_hand else f"drawn:{AUTO_DRAWN}")
    if spec.startswith("drawn:"):
        digit = _number(spec, "drawn:", 9)
        return Digit(_sealed(draw(digit)), digit, f"drawn:{digit}")
    if spec.startswith("mnist:"):
        return _from_mnist(spec)
    try:
        found = bool(spec) and Path(spec).exists()
    except (OSError, ValueError):  # a name no file can have
        found = False
    if not found:
        raise ParameterError(f"{spec!r} names no digit; allowed are {ALLOWED}.")
    return Digit(load_digit(spec), None, f"file:{Path(spec).name}")


def load_digit(path: str | os.PathLike[str]) -> Bytes:
    """The single digit in a picture file, in MNIST's form: (28, 28), read-only.

    Ink may be darker or lighter than the paper: the picture's border tells. Raises DataError if
    there is no such file, or it is no picture, damaged, too large or blank.
    """
    ink = find_ink(_open(Path(path)))
    if ink is None:
        raise DataError(f"{path} is blank: nothing in it stands out from the paper.")
    return _sealed(mnist_form(ink))


def _from_mnist(spec: str) -> Digit:
    prefix = "mnist:test:"
    if not spec.startswith(prefix):
        raise ParameterError(f"{spec!r} names no digit; allowed are {ALLOWED}.")
    index = _number(spec, prefix, 9999)
    images, labels = mnist.test_set()
    if index >= len(images):
        raise ParameterError(f"There is no test digit {index}: they go to {len(images) - 1}.")
    return Digit(images[index], int(labels[index]), f"{prefix}{index}")


def _number(spec: str, prefix: str, highest: int) -> int:
    text = spec.removeprefix(prefix)
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) > highest:
        raise ParameterError(
            f"{spec!r} names no digit: after {prefix} comes a whole number from 0 to {highest}."
        )
    return int(text)


def _open(path: Path) -> Field:
    """The picture's colours (height, width, 3), 0 to 255, at most 1600 pixels a side."""
    if not path.is_file():
        raise DataError(f"There is no picture file {path}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise DataError(
                        f"{path} is {picture.width}×{picture.height} pixels; "
                        f"at most {MAX_PIXELS // 1_000_000} million are read."
                    )
                return _colours(picture)
    except NNError:
        raise
    except Image.UnidentifiedImageError:
        raise DataError(f"{path} is not a picture in a format that is read here.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{path} has more pixels than are read here.") from None
    except _DAMAGE as error:
        raise DataError(f"{path} is a damaged picture: {error}.") from error


def _colours(picture: Image.Image) -> Field:
    picture.draft("RGB", (_KEPT_SIDE, _KEPT_SIDE))  # a JPEG need not be read in full
    picture.load()
    if picture.mode.startswith(("I", "F")):
        picture = _as_bytes(picture)
    shrunk = _shrunk(picture)
    turned = ImageOps.exif_transpose(shrunk)
    if turned.has_transparency_data:
        turned = _on_paper(turned.convert("RGBA"))
    return np.asarray(turned.convert("RGB"), np.float64)


def _as_bytes(picture: Image.Image) -> Image.Image:
    levels = np.asarray(picture, np.float64)
    low, high = float(levels.min()), float(levels.max())
    top = 65535.0 if picture.mode.startswith("I") and low >= 0 and high > 255 else 255.0
    return Image.fromarray(np.clip(levels / top * 255, 0, 255).astype(np.uint8))


def _shrunk(picture):
    return picture


def _on_paper(picture: Image.Image) -> Image.Image:
    """A transparent picture on white, or on black where its ink is light."""
    opacity = np.asarray(picture.getchannel("A"), np.float64)
    level = np.asarray(picture.convert("RGB").convert("L"), np.float64)
    light = bool((opacity * level).sum() > 127.5 * opacity.sum())
    see_through = bool((opacity < 255).any())
    paper = Image.new("RGBA", picture.size, "black" if light and see_through else "white")
    return Image.alpha_composite(paper, picture)


def _sealed(image: Bytes) -> Bytes:
    image.setflags(write=False)
    return image
