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
from lab.preparation import LUMA, Bytes, Field, find_ink, mnist_form
from nncore.drawn import draw
from nncore.errors import DataError, NNError, ParameterError

MAX_PIXELS = 50_000_000
AUTO_TEST_INDEX = 1531  # a well-read, handsome 3, as the drawn one is
AUTO_DRAWN = 3
ALLOWED = "auto, drawn:0 to drawn:9, mnist:test:0 to mnist:test:9999, or a picture file"

# Pixel formats alone: Pillow reads EPS and WMF by starting other programs.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "TGA", "JPEG2000")
_KEPT_SIDE = 1600  # larger pictures are shrunk to this, or less, as they are read
_ORIENTATION = 0x0112  # EXIF's tag for how the camera was held
_STRIP = 64  # rows, shrunk, that are worked on at once
_TWO_TONES = 64  # levels between ink and paper where both are opaque
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

    Ink may be darker or lighter than the paper or of another colour, the light may be uneven, the
    paper ruled. Raises DataError if
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


def _open(path: Path) -> Bytes:
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


def _colours(picture: Image.Image) -> Bytes:
    picture.draft("RGB", (_KEPT_SIDE, _KEPT_SIDE))  # a JPEG need not be read in full
    picture.load()
    turned = ImageOps.exif_transpose(_shrunk(picture))
    return np.asarray(_on_paper(turned) if turned.mode == "RGBA" else turned)


def _shrunk(picture: Image.Image) -> Image.Image:
    """The picture in RGB, or RGBA if it has transparency, at most 1600 pixels a side."""
    factor = -(-max(picture.size) // _KEPT_SIDE)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    top = _white(picture)
    shrunk = Image.new(mode, tuple(-(-n // factor) for n in picture.size))
    # In strips: a copy of a large picture in full colour would take much memory.
    for start in range(0, picture.height, factor * _STRIP):
        end = min(picture.height, start + factor * _STRIP)
        strip = picture.crop((0, start, picture.width, end))
        if top:
            strip = Image.fromarray(_as_bytes(np.asarray(strip, np.float64), top))
        shrunk.paste(strip.convert(mode).reduce(factor), (0, start // factor))
    shrunk.getexif()[_ORIENTATION] = picture.getexif().get(_ORIENTATION, 1)
    return shrunk


def _white(picture: Image.Image) -> float:
    """The level that is white where pixels are not bytes: of 1, 8, 10, 12, 14 or 16 bits."""
    if not picture.mode.startswith(("I", "F")):
        return 0.0
    highest = float(picture.getextrema()[1])
    if picture.mode == "F" and highest <= 1:
        return 1.0
    return next((top for top in (255.0, 1023.0, 4095.0, 16383.0) if highest <= top), 65535.0)


def _as_bytes(levels: Field, white: float) -> Bytes:
    return np.clip(np.nan_to_num(levels) / white * 255, 0, 255).astype(np.uint8)


def _on_paper(picture: Image.Image) -> Image.Image:
    """A transparent picture on white, or on black where its ink is light; a cut-out sheet on
    more of its own paper."""
    pixels = np.asarray(picture, np.float64)
    opacity, level = pixels[..., 3], pixels[..., :3] @ LUMA
    light = bool((opacity * level).sum() > 127.5 * opacity.sum())
    ground = [0 if light and bool((opacity < 255).any()) else 255] * 3
    solid = pixels[opacity > 250][:, :3]
    if len(solid):
        low, high = np.percentile(solid, (2, 98), axis=0)
        if (high - low).max() > _TWO_TONES:
            ground = np.median(solid, axis=0).astype(int).tolist()
    paper = Image.new("RGBA", picture.size, tuple(ground))
    return Image.alpha_composite(paper, picture).convert("RGB")


def _sealed(image: Bytes) -> Bytes:
    image.setflags(write=False)
    return image
