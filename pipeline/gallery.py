"""Small stills of the clips for the README: `python -m pipeline.gallery [CLIP…]`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from nncore.errors import NNError
from pipeline.files import output_folder, replacing
from pipeline.jobs import chosen
from pipeline.settings import DEFAULT_LANGUAGE, MEDIA, QUALITIES
from pipeline.stills import Stills, section_ends
from scenes.catalogue import ClipRef

FOLDER = MEDIA / "gallery"
WIDTH = 640
LARGEST = 60_000
"""Bytes of one still."""

SECTIONS: dict[str, str] = {}
"""Clip to the section whose last frame is shown; the last but one where it is not named."""

PARAMETERS: dict[str, dict[str, str]] = {}
"""Clip to what is set for its still: a digit, say, that is the same on every machine."""


def still(clip: ClipRef, lang: str = DEFAULT_LANGUAGE) -> bytes:
    """One clip's still as an optimised PNG, 640 pixels wide, at most 60,000 bytes.

    Raises NNError if the clip has not the section named for it.
    """
    stills = section_ends(clip, QUALITIES["high"], lang, PARAMETERS.get(clip.slug, {}))
    picture = _picture(clip.slug, stills)
    height = round(WIDTH * picture.height / picture.width)
    return compressed(picture.resize((WIDTH, height), Image.Resampling.LANCZOS))


def _picture(slug: str, stills: Stills) -> Image.Image:
    by_name = {frame.section: frame.picture for frame in stills.frames}
    names = list(by_name)
    name = SECTIONS.get(slug, names[-2] if len(names) > 1 else names[-1])
    if name not in by_name:
        raise NNError(f"{slug} has no section {name!r}: it has {', '.join(names)}.")
    return by_name[name]


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
