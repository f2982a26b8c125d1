"""What is to be made; checked before any work begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nncore.errors import ParameterError
from pipeline.settings import DEFAULT_FORMAT
from scenes.catalogue import CLIPS, ClipRef, find
from scenes.kit.params import ClipParams, parse

Given = Mapping[str, str]


@dataclass(frozen=True)
class Job:
    """One clip to make: of text parameters `given`, in a language, a quality and a format."""

    clip: ClipRef
    lang: str
    quality: str
    given: tuple[tuple[str, str], ...] = ()
    format: str = DEFAULT_FORMAT
    transparent: bool = False

    @property
    def slug(self) -> str:
        """The clip's name."""
        return self.clip.slug


def chosen(names: Iterable[str]) -> list[ClipRef]:
    """The clips of these names, each once, in order; `all` or no name stands for all.

    Raises ParameterError for an unknown name.
    """
    names = list(dict.fromkeys(names))
    found = [find(name) for name in names if name != "all"]
    return list(CLIPS.values()) if "all" in names or not names else found


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
