"""Sentences and labels by key, in two languages, with named placeholders."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nncore.errors import NNError
from scenes.kit import theme

FOLDER = Path(__file__).resolve().parent.parent / "captions"
LANGUAGES = ("en", "zh")


class CaptionError(NNError):
    """A key, a placeholder or a language that the caption files do not have."""


@dataclass(frozen=True)
class Piece:
    """A run of text: literal (name None), or the text of the placeholder `name`."""

    text: str
    name: str | None = None


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)


@cache
def texts(lang: str) -> dict[str, str]:
    """All texts of a language: `clip.key` to template. CaptionError for another language."""
    if lang not in LANGUAGES:
        raise CaptionError(f"There is no language {lang!r}: choose from {', '.join(LANGUAGES)}.")
    with (FOLDER / f"{lang}.toml").open("rb") as file:
        return dict(_flatten(tomllib.load(file)))


def placeholders(template: str) -> tuple[str, ...]:
    """The names between braces, in order."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name)


def pieces(lang: str, key: str, values: Mapping[str, str]) -> list[Piece]:
    """The text of `key` cut into literal runs and filled placeholders."""
    try:
        template = texts(lang)[key]
    except KeyError:
        raise CaptionError(f"The captions in {lang!r} have no key {key!r}.") from None
    wanted = set(placeholders(template))
    if wanted != set(values):
        raise CaptionError(
            f"Caption {key!r} in {lang!r} takes {sorted(wanted)}, it was given {sorted(values)}."
        )
    result: list[Piece] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        if literal:
            result.append(Piece(literal))
        if name:
            result.append(Piece(values[name], name))
    return result


def reading_time(text: str, lang: str) -> float:
    """Least seconds that a caption stays: by words in English, by characters in Chinese."""
    if lang == "zh":
        return theme.READ_START + theme.READ_CHARACTER * len("".join(text.split()))
    return theme.READ_START + theme.READ_WORD * len(text.split())
