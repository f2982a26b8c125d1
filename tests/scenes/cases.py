"""With what each clip is walked: languages, looks, and parameters at the edges of their bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from lab import mnist
from scenes.catalogue import clips, find
from scenes.kit import theme
from scenes.kit.extremes import extremes
from scenes.kit.params import ClipParams
from scenes.kit.story import Story
from scenes.kit.theme import Look

EXTREMES = 8
USUAL = Look()


@dataclass(frozen=True)
class Case:
    """A way to walk a clip. `extreme` names a set of parameters, "" are the defaults."""

    extreme: str = ""
    lang: str = "en"
    look: Look = USUAL

    def __str__(self) -> str:
        return " ".join([self.extreme or "default", self.lang, self.look.theme, self.look.aspect])

    @property
    def usual(self) -> bool:
        """Whether parameters and look are what everybody sees first."""
        return not self.extreme and self.look == USUAL


PLAIN = [
    Case(),
    Case(lang="zh"),
    Case(look=Look(theme="light")),
    *[
        Case(lang=lang, look=Look(aspect=aspect))
        for aspect in theme.ASPECTS
        if aspect != USUAL.aspect
        for lang in ("en", "zh")
    ],
]


@cache
def sets(slug: str) -> dict[str, ClipParams]:
    """The defaults, "", and the extreme parameters of a clip, by name."""
    kind = find(slug).load().Params
    return {"": kind(), **extremes(kind, EXTREMES)}


def cases(slug: str) -> list[Case]:
    """All of a clip's; a clip that cannot be loaded has the plain ones, which then fail."""
    try:
        return PLAIN + [Case(name) for name in sets(slug) if name]
    except Exception:
        return PLAIN


def every() -> list[tuple[str, Case]]:
    """Every case of every clip."""
    return [(slug, case) for slug in clips() for case in cases(slug)]


@cache
def computed(slug: str, extreme: str = "") -> tuple[type[Story], ClipParams, Any]:
    """A clip, parameters, and their run, which the cases share."""
    clip, params = find(slug).load(), sets(slug)[extreme]
    return clip, params, clip.compute(params)


def lacks_mnist(params: ClipParams) -> bool:
    """Whether these parameters name an image of MNIST, and it is not here."""
    named = any(str(v).startswith("mnist:") for v in params.model_dump().values())
    return named and not mnist.has_test_set()
