"""Small stills of the clips for the README: `python -m pipeline.gallery [CLIP…]`."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from nncore.errors import NNError
from pipeline.files import output_folder, replacing
from pipeline.jobs import DEFAULT_LOOK, chosen
from pipeline.settings import DEFAULT_LANGUAGE, MEDIA, QUALITIES
from pipeline.stills import Still, section_ends
from scenes.catalogue import ClipRef, read

FOLDER = MEDIA / "gallery"
WIDTH = 640
LARGEST = 60_000
"""Bytes of one still."""


def still(clip: ClipRef, lang: str = DEFAULT_LANGUAGE) -> bytes:
    """One clip's still as an optimised PNG, 640 pixels wide, at most 60,000 bytes.

    It is the last frame of the section that `[still]` in the clip's file of words names, drawn
    with the parameters that are set there (a digit, say, that is the same on every machine); by
    itself that of the last section, which says what there was to learn. Raises NNError if the
    clip has no such section or parameter.
    """
    wanted = read(clip.path.with_suffix(".toml")).get("still", {})
    given = {name: str(value) for name, value in wanted.get("parameters", {}).items()}
    frames = section_ends(clip, QUALITIES["high"], lang, given, DEFAULT_LOOK).frames
    picture = _picture(clip.slug, frames, wanted.get("section", frames[-1].section))
    height = round(WIDTH * picture.height / picture.width)
    return compressed(picture.resize((WIDTH, height), Image.Resampling.LANCZOS))


def _picture(slug: str, frames: Sequence[Still], section: str) -> Image.Image:
    by_name = {frame.section: frame.picture for frame in frames}
    if section not in by_name:
        raise NNError(f"{slug} has no section {section!r}: it has {', '.join(by_name)}.")
    return by_name[section]


def compressed(picture: Image.Image) -> bytes:
    """A PNG of at most 60,000 bytes: in true colours if they fit, else in as many as do."""
    data = _png(picture)
    for colours in (256, 128, 64, 32, 16):
        if len(data) <= LARGEST:
            break
        data = _png(picture.quantize(colours, dither=Image.Dither.NONE))
    return data


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main(names: list[str]) -> int:
    """Write the stills of these clips (all if none is named); prints their paths."""
    try:
        with output_folder(FOLDER) as folder:
            for clip in chosen(names):
                target = folder / f"{clip.slug}.png"
                data = still(clip)
                with replacing(target) as temporary:
                    temporary.write_bytes(data)
                print(Path(target))
    except NNError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
