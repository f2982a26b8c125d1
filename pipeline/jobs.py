"""What is to be made; checked before any work begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nncore.errors import ParameterError
from pipeline.settings import (
    DEFAULT_ASPECT,
    DEFAULT_FORMAT,
    DEFAULT_THEME,
    QUALITIES,
    Quality,
)
from scenes import catalogue
from scenes.catalogue import ClipRef
from scenes.kit.params import ClipParams, parse
from scenes.kit.theme import Look

Given = Mapping[str, str]
DEFAULT_LOOK = Look(DEFAULT_THEME, DEFAULT_ASPECT)


@dataclass(frozen=True)
class Job:
    """One clip to make: of text parameters `given`, in a language, a quality, a format, a look."""

    clip: ClipRef
    lang: str
    quality: str
    given: tuple[tuple[str, str], ...] = ()
    format: str = DEFAULT_FORMAT
    transparent: bool = False
    look: Look = DEFAULT_LOOK

    @property
    def slug(self) -> str:
        """The clip's name."""
        return self.clip.slug

    @property
    def name(self) -> str:
        """What the files made are called."""
        return file_name(self.slug, self.look)

    @property
    def size(self) -> Quality:
        """The quality in the look's aspect."""
        return QUALITIES[self.quality].of(self.look)


def file_name(slug: str, look: Look) -> str:
    """What a clip's files are called: `by-hand`, or in another look `by-hand-light-4x3`."""
    parts = [slug]
    if look.theme != DEFAULT_THEME:
        parts.append(look.theme)
    if look.aspect != DEFAULT_ASPECT:
        parts.append(look.aspect.replace(":", "x"))
    return "-".join(parts)


def chosen(names: Iterable[str]) -> list[ClipRef]:
    """The clips of these names, each once, in order; a chapter's name stands for its clips,
    `all` or no name for all. Where a clip has a chapter's name, `descent/` is the chapter.

    Raises ParameterError for an unknown name.
    """
    names = list(names)
    found = [clip for name in names if name != "all" for clip in _named(name)]
    return list(catalogue.clips().values()) if "all" in names or not names else _once(found)


def _named(name: str) -> list[ClipRef]:
    """The clip, or the clips of the chapter, called `name`."""
    known, chapters = catalogue.clips(), catalogue.chapters()
    if name in known:
        return [known[name]]
    chapter = name.removesuffix("/").replace("-", "_")
    if chapter in chapters:
        return _in_chapter(chapter)
    near = get_close_matches(name, [*known, *chapters], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ParameterError(
        f"There is no clip or chapter {name!r}: the clips are {', '.join(known)}; "
        f"the chapters are {', '.join(chapters)}.{hint}"
    )


def _in_chapter(chapter: str) -> list[ClipRef]:
    found = [clip for clip in catalogue.clips().values() if clip.chapter == chapter]
    if not found:
        raise ParameterError(f"The chapter {chapter!r} has no clips.")
    return found


def _once(clips: Iterable[ClipRef]) -> list[ClipRef]:
    return list({clip.slug: clip for clip in clips}.values())


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """`name=value` texts as a mapping. Raises ParameterError for a text that is none."""
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"--set takes name=value, not {text!r}.")
        if name.strip() in given:
            raise ParameterError(f"--set gives {name.strip()!r} twice.")
        given[name.strip()] = value.strip()
    return given


def parameters(clip: ClipRef, given: Given) -> ClipParams:
    """The parameters of one clip. Raises ParameterError."""
    return parse(clip.load().Params, given)


def share_out(clips: Sequence[ClipRef], given: Given) -> dict[str, dict[str, str]]:
    """For each clip those of the `given` parameters that it has, checked.

    With one clip, all must be its own; with several, each must be some clip's. Raises
    ParameterError. Imports manim only if anything is given.
    """
    if not given:
        return {clip.slug: {} for clip in clips}
    if len(clips) == 1:
        parameters(clips[0], given)
        return {clips[0].slug: dict(given)}
    fields = {clip.slug: clip.load().Params.model_fields for clip in clips}
    every = sorted({name for names in fields.values() for name in names})
    for name in given:
        if name not in every:
            near = get_close_matches(name, every, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(
                f"None of these clips has a parameter {name!r}: they have {', '.join(every)}.{hint}"
            )
    shares = {slug: {n: v for n, v in given.items() if n in fields[slug]} for slug in fields}
    for clip in clips:
        parameters(clip, shares[clip.slug])
    return shares
