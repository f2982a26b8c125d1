"""Which clips there are, known without importing manim."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from nncore.errors import ParameterError

if TYPE_CHECKING:
    from scenes.kit.clip import Clip


@dataclass(frozen=True)
class ClipRef:
    """Where a clip is: its name on the command line, its module, its class."""

    slug: str
    module: str
    class_name: str

    def load(self) -> type[Clip]:
        """The scene class; imports manim."""
        found: type[Clip] = getattr(import_module(f"scenes.{self.module}"), self.class_name)
        return found


CLIPS: dict[str, ClipRef] = {
    ref.slug: ref
    for ref in (
        ClipRef("predictor", "predictor", "Predictor"),
        ClipRef("classifier", "classifier", "Classifier"),
        ClipRef("xor", "xor", "Xor"),
        ClipRef("error-split", "error_split", "ErrorSplit"),
        ClipRef("descent", "descent", "Descent"),
        ClipRef("mnist-forward", "mnist_forward", "MnistForward"),
    )
}


def find(slug: str) -> ClipRef:
    """The clip called `slug`; ParameterError names those there are and the nearest."""
    if slug in CLIPS:
        return CLIPS[slug]
    near = get_close_matches(slug, CLIPS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ParameterError(f"There is no clip {slug!r}: the clips are {', '.join(CLIPS)}.{hint}")
