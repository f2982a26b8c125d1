"""A sheet of a clip's frames, labelled, in one picture."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

from pipeline.files import output_folder, replacing
from pipeline.jobs import file_name, share_out
from pipeline.settings import Quality
from pipeline.stills import Still, Stills, samples, section_ends
from scenes.catalogue import ClipRef
from scenes.kit import theme
from scenes.kit.text import fonts
from scenes.kit.theme import Look

COLUMNS = 3
SAMPLE_COLUMNS = 5
"""Of frames of 16:9; narrower ones stand in more."""
_COMPRESSION = 3  # of PNG, 0 to 9: above, the files hardly shrink and the time doubles

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_clips(
    clips: Sequence[ClipRef],
    *,
    given: Mapping[str, str],
    lang: str,
    quality: Quality,
    out: Path,
    every: float | None = None,
    frames: Path | None = None,
    look: Look | None = None,
) -> Iterator[Path]:
    """Write `<name>.png` for each clip into `out`: the last frame of each section, in a grid.

    The name is the clip's, with what differs from the default look. With `every`, a frame each
    so many seconds instead; with `frames`, each frame also as a file of its own in that folder.
    Yields the paths. Raises NNError for mistakes.
    """
    shares, look = share_out(clips, given), look or theme.current()
    with ExitStack() as folders:
        folder = folders.enter_context(output_folder(out))
        singles = folders.enter_context(output_folder(frames)) if frames else None
        for clip in clips:
            share = shares[clip.slug]
            if every is None:
                stills = section_ends(clip, quality, lang, share, look)
            else:
                stills = samples(clip, quality, lang, share, every, look)
            target = folder / f"{file_name(clip.slug, look)}.png"
            write(sheet(stills, COLUMNS if every is None else SAMPLE_COLUMNS), target)
            yield target
            if singles:
                yield from write_frames(stills, singles, timed=every is not None)


def sheet(stills: Stills, columns: int = COLUMNS) -> Image.Image:
    """The frames in a grid of the theme's; above them the clip's title, under each its label.

    columns: of frames of 16:9; with narrower ones the sheet is about as wide.
    """
    with theme.look(stills.look):
        return _sheet(stills, columns)


def _sheet(stills: Stills, columns: int) -> Image.Image:
    frames, scene = stills.frames, stills.scene
    width, height = frames[0].picture.size
    usual = round(width * 9 / 16)  # the height that a frame of 16:9 would have
    columns = round(columns * min(width, height) * 16 / 9 / width)
    gap = width // 32
    font, title_font = font_of(usual // 15), font_of(usual // 10)
    band = usual // 10
    head = 2 * band
    rows = math.ceil(len(frames) / columns)
    size = (gap + columns * (width + gap), head + rows * (height + band + gap // 2))
    board = Image.new("RGB", size, theme.SHEET)
    pen = ImageDraw.Draw(board)
    title = scene.texts.get("title", scene.slug)
    pen.text((gap, head // 2), title, theme.INK, title_font, anchor="lm")
    for index, frame in enumerate(frames):
        row, column = divmod(index, columns)
        left, top = gap + column * (width + gap), head + row * (height + band + gap // 2)
        board.paste(frame.picture, (left, top))
        label = _label(index, frame, scene.sections)
        pen.text((left, top + height + band // 2), label, theme.MUTED, font, anchor="lm")
    return board


def _label(index: int, frame: Still, sections: Sequence[str]) -> str:
    number = sections.index(frame.section) + 1 if frame.section in sections else index + 1
    return f"{number} · {frame.section}   {frame.time:.1f} s"


def write(picture: Image.Image, target: Path) -> None:
    """Write a PNG in one step. Raises OutputError."""
    with replacing(target) as temporary:
        picture.save(temporary, "PNG", compress_level=_COMPRESSION)


def write_frames(stills: Stills, folder: Path, *, timed: bool = False) -> list[Path]:
    """Write each frame as `<name>-01-<section>.png`, or with its time if `timed`."""
    name = file_name(stills.scene.slug, stills.look)
    made = []
    for index, frame in enumerate(stills.frames, 1):
        place = f"{frame.time:07.2f}s" if timed else f"{index:02d}"
        target = folder / f"{name}-{place}-{frame.section}.png"
        write(frame.picture, target)
        made.append(target)
    return made


@cache
def font_of(pixels: int) -> Font:
    """The theme's font for labels: Pillow needs the file, so fontconfig is asked for it."""
    file = _font_file(fonts.family())
    if file is not None:
        try:
            return ImageFont.truetype(file[0], pixels, index=file[1])
        except OSError:
            pass
    return ImageFont.load_default(pixels)


def _font_file(family: str) -> tuple[str, int] | None:
    command = shutil.which("fc-match")
    if command is None:
        return None
    query = [command, "-f", "%{file}\n%{index}", family]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    path, _, index = answer.stdout.partition("\n")
    return (path, int(index)) if index.strip().isdigit() else None
