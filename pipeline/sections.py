"""The files of a part: one for each section, so that a clip's bytes do not depend on its parts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.encoder import Encoder, encoder
from pipeline.formats import Format
from pipeline.regions import Box
from pipeline.settings import Quality


class SectionFiles:
    """Encodes frames into `folder`, each section by an encoder of its own.

    A section so begins with a key frame, to which a player can go at once. Left with an error,
    the file on its way is removed.
    """

    def __init__(self, folder: Path, fmt: Format, quality: Quality) -> None:
        self._folder, self._format, self._quality = folder, fmt, quality
        self._section = -1
        self._encoder: Encoder | None = None

    def write(self, section: int, pixels: Any, repeat: int, changed: Sequence[Box]) -> None:
        """Add a frame of a section `repeat` times; see Encoder.write."""
        if section != self._section or self._encoder is None:
            self._end()
            self._section = section
            target = self._folder / f"{section:03}{self._format.part_suffix}"
            size = self._quality.width, self._quality.height
            self._encoder = encoder(target, self._format, *size, self._quality.fps)
        self._encoder.write(pixels, repeat, changed)

    def _end(self) -> None:
        ended, self._encoder = self._encoder, None
        if ended is not None:
            ended.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._end()
        elif self._encoder is not None:
            self._encoder.abort()


def files(folder: Path) -> list[Path]:
    """The files of a part's sections, in order."""
    return [folder / name for name in sorted(os.listdir(folder))]
