"""The words of a clip: each text in each language side by side, with named placeholders.

`by_hand.toml` lies beside `by_hand.py`. A text is a table of languages; a caption may have
variants, of which the run chooses one; `{s.0}` is a quantity, `{count:step|steps}` the word
that fits its number. Labels that several clips need stand in `scenes/words.toml`.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nncore.errors import NNError
from scenes import catalogue
from scenes.kit import theme

LANGUAGES = ("en", "zh")
SHARED = Path(catalogue.__file__).with_name("words.toml")


class CaptionError(NNError):
    """A key, a placeholder or a language that a file of words does not have."""


@dataclass(frozen=True)
class Piece:
    """A run of text: literal (name None), or the text of the placeholder `name`."""

    text: str
    name: str | None = None


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    for key, value in table.items():
        if not isinstance(value, Mapping):
            continue
        if set(value) <= set(LANGUAGES) and value:
            yield prefix + key, {lang: str(text) for lang, text in value.items()}
        else:
            yield from _flatten(value, f"{prefix}{key}.")


def table(path: Path) -> dict[str, dict[str, str]]:
    """All texts of a file of words: `captions.sum` to its languages."""
    return dict(_flatten(catalogue.read(path)))


@cache
def _tables(path: Path) -> dict[str, dict[str, str]]:
    return {**table(SHARED), **table(path)}


def words_path(slug: str) -> Path:
    """The file of a clip's words. ParameterError for a clip that is not there."""
    return catalogue.find(slug).path.with_suffix(".toml")


def texts(source: str | Path, lang: str) -> dict[str, str]:
    """The texts of a clip, by name or by its file of words: key to template.

    CaptionError for a language that is not there or that lacks a text.
    """
    if lang not in LANGUAGES:
        raise CaptionError(f"There is no language {lang!r}: choose from {', '.join(LANGUAGES)}.")
    path = words_path(source) if isinstance(source, str) else source
    found = {}
    for key, by_language in _tables(path).items():
        if lang not in by_language:
            raise CaptionError(f"The text {key!r} of {path.name} is not there in {lang!r}.")
        found[key] = by_language[lang]
    return found


def placeholders(template: str) -> tuple[str, ...]:
    """The names between braces, in order."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name)


def pieces(template: str, values: Mapping[str, str]) -> list[Piece]:
    """A template cut into literal runs and filled placeholders.

    `{n:step|steps}` is no number, but the word for one or for another number of them.
    CaptionError for a placeholder without a value.
    """
    result: list[Piece] = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        if literal:
            result.append(Piece(literal))
        if name is None:
            continue
        if name not in values:
            raise CaptionError(f"{template!r} takes {name!r}, which was not given.")
        if spec:
            one, other = spec.split("|")
            result.append(Piece(one if values[name] == "1" else other))
        else:
            result.append(Piece(values[name], name))
    return result


def reading_time(text: str, lang: str) -> float:
    """Least seconds that a caption stays: by words in English, by characters in Chinese."""
    if lang == "zh":
        return theme.READ_START + theme.READ_CHARACTER * len("".join(text.split()))
    return theme.READ_START + theme.READ_WORD * len(text.split())
