"""Which clips there are, known without importing manim: what lies in `scenes/*/*.toml`.

A clip is two files of one name: `scenes/signals/by_hand.py` with the class `ByHand`, and
`by_hand.toml` with its words. A chapter's folder has its title in `chapter.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nncore.errors import ParameterError

if TYPE_CHECKING:
    from scenes.kit.story import Story

FOLDER = Path(__file__).resolve().parent
_CHAPTER = "chapter.toml"


@dataclass(frozen=True)
class ClipRef:
    """Where a clip is: its name on the command line, its chapter's folder, its module."""

    slug: str
    chapter: str
    module: str

    @property
    def class_name(self) -> str:
        """The scene's class: `by_hand` has `ByHand`."""
        return self.module.title().replace("_", "")

    @property
    def path(self) -> Path:
        """The clip's file."""
        return FOLDER / self.chapter / f"{self.module}.py"

    @property
    def dotted(self) -> str:
        """The module's name for an import."""
        return f"scenes.{self.chapter}.{self.module}"

    def load(self) -> type[Story]:
        """The scene class; imports manim."""
        found: type[Story] = getattr(import_module(self.dotted), self.class_name)
        return found


@cache
def read(path: Path) -> Mapping[str, Any]:
    """A file of words."""
    with path.open("rb") as file:
        return tomllib.load(file)


@cache
def chapters() -> dict[str, Mapping[str, str]]:
    """The chapters' folders in their order, with their titles by language."""
    found = [(read(path), path.parent.name) for path in FOLDER.glob(f"*/{_CHAPTER}")]
    ordered = sorted(found, key=lambda pair: (pair[0]["number"], pair[1]))
    return {name: words["title"] for words, name in ordered}


@cache
def clips() -> dict[str, ClipRef]:
    """All clips by name: chapter by chapter, each in the order of its clips' `number`."""
    found: dict[str, ClipRef] = {}
    for chapter in chapters():
        paths = [p for p in (FOLDER / chapter).glob("*.toml") if p.name != _CHAPTER]
        for path in sorted(paths, key=lambda p: (read(p).get("number", 99), p.stem)):
            slug = path.stem.replace("_", "-")
            found[slug] = ClipRef(slug, chapter, path.stem)
    return found


def find(slug: str) -> ClipRef:
    """The clip called `slug`; ParameterError names those there are and the nearest."""
    known = clips()
    if slug in known:
        return known[slug]
    near = get_close_matches(slug, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ParameterError(f"There is no clip {slug!r}: the clips are {', '.join(known)}.{hint}")
