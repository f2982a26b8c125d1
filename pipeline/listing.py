"""The list of the clips, for people and for programs; it imports no manim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from unicodedata import east_asian_width

from pipeline import lengths
from pipeline.sources import ROOT
from scenes import catalogue
from scenes.kit.captions import texts

_UNKNOWN = "–"


@dataclass(frozen=True)
class Row:
    """A clip: its name, title, chapter and file (from the project's folder on).

    seconds: its length when it was last rendered with its own parameters; None if it was not,
    or has changed since.
    """

    slug: str
    title: str
    chapter: str
    path: str
    seconds: float | None

    def as_json(self) -> dict[str, Any]:
        """As `list --json` prints it."""
        return asdict(self)


def listed(lang: str) -> list[Row]:
    """All clips in their order."""
    clips = catalogue.clips().values()
    known = lengths.known(clips, lang)
    return [
        Row(
            clip.slug,
            texts(clip.slug, lang).get("title", ""),
            clip.chapter,
            clip.path.relative_to(ROOT).as_posix(),
            known.get(clip.slug),
        )
        for clip in clips
    ]


def shown(rows: Sequence[Row]) -> list[str]:
    """The rows as lines in columns: name, chapter, title, length, file."""
    cells = [(row.slug, row.chapter, row.title, _length(row), row.path) for row in rows]
    widths = [max((_width(line[k]) for line in cells), default=0) for k in range(4)]
    return [
        "  ".join(
            [
                *(_padded(text, width) for text, width in zip(line[:3], widths, strict=False)),
                f"{line[3]:>{widths[3]}}",
                line[4],
            ]
        )
        for line in cells
    ]


def _length(row: Row) -> str:
    return _UNKNOWN if row.seconds is None else f"{row.seconds:.0f} s"


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(sign) in "FW" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
