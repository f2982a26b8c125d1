"""How long clips are, kept from when they were last made: known without importing manim."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from nncore.errors import NNError
from nncore.files import write_whole
from pipeline import sources, timings
from scenes.catalogue import ClipRef

_SHARED = ("nncore", "lab", "scenes/kit")
_KINDS = (".py", ".npz", ".json", ".toml")


def _place() -> Path:
    return timings.place().with_name("lengths.json")


def _read() -> dict[str, tuple[str, float]]:
    try:
        found = json.loads(_place().read_text(encoding="utf-8"))
        return {str(key): (str(of), float(seconds)) for key, (of, seconds) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def known(clips: Iterable[ClipRef], lang: str) -> dict[str, float]:
    """Seconds of those clips in `lang` that were made once and are still what they were."""
    kept = _read()
    found = {}
    for clip in clips:
        of, seconds = kept.get(f"{clip.slug} {lang}", ("", 0.0))
        if of and of == _state(clip):
            found[clip.slug] = seconds
    return found


def learn(lang: str, seconds: Mapping[ClipRef, float]) -> None:
    """Keep the lengths of clips in `lang`, with the parameters that they have by themselves."""
    if not seconds:
        return
    kept = _read()
    kept |= {f"{clip.slug} {lang}": (_state(clip), length) for clip, length in seconds.items()}
    with suppress(OSError, NNError):  # only the list would say more
        _place().parent.mkdir(parents=True, exist_ok=True)
        write_whole(_place(), json.dumps(kept, indent=1).encode())


def _state(clip: ClipRef) -> str:
    """A digest of all that a clip's length can depend on, and more: reading imports is slow."""
    beside = sorted(clip.path.parent.glob("*.py"))
    words = [clip.path.with_suffix(".toml"), sources.ROOT / "scenes" / "words.toml"]
    return _digest([_shared(), *(sources.digest(path) for path in [*beside, *words])])


@cache
def _shared() -> str:
    found = (path for name in _SHARED for path in (sources.ROOT / name).rglob("*"))
    return _digest(sources.digest(path) for path in sorted(found) if path.suffix in _KINDS)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
