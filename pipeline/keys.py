"""What a clip's pixels depend on, and one digest of it all: the clip's key.

Nothing here imports manim: an unchanged clip is known in a moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cairocffi

from lab import mnist
from pipeline import formats, sources
from pipeline.jobs import Job
from scenes.kit.captions import texts
from scenes.kit.text import fonts, typesetters

Depends = dict[str, str]
"""What a clip depends on: a name of each thing, and its value or its digest."""

_DISTRIBUTIONS = (
    "manim", "numpy", "scipy", "pillow", "pycairo", "cairocffi", "manimpango", "typst", "av",
)  # fmt: skip
_DRAWING = ("pipeline.part_renderer", "pipeline.sections", "pipeline.join")
_OWN = ("pipeline/worker.py", "pipeline/settings.py")  # whose imports lead everywhere


def depends(job: Job) -> Depends:
    """All that the pixels of a job's clip depend on. Raises FontError where there is no font."""
    found = sources.reached(job.clip.dotted)
    return {
        **_picture(job),
        **_parameters(job),
        f"words of {job.slug} ({job.lang})": _words(job.clip.path.with_suffix(".toml"), job.lang),
        **sources.digests(found),
        **_drawing(),
        **({"MNIST": _mnist()} if _reads_mnist(found) else {}),
        **versions(),
    }


def key(found: Mapping[str, str]) -> str:
    """One digest of all that `depends` found."""
    return _digest(sorted(found.items()))


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The names of what is not as it was."""
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()


def _picture(job: Job) -> Depends:
    """Clip, size, rate, look, and how it is encoded."""
    size = job.size
    settings = formats.choose(job.format, job.transparent).fingerprint()
    return {
        "clip": f"{job.clip.dotted}.{job.clip.class_name} as {job.slug}",
        "language": job.lang,
        "quality": f"{size.width}x{size.height} at {size.fps}",
        "theme": job.look.theme,
        "aspect": job.look.aspect,
        "format": job.format + (", transparent" if job.transparent else ""),
        "encoder settings": _digest(settings),
    }


def _parameters(job: Job) -> Depends:
    """What was given; of a file that is named, its content, too."""
    given = {f"parameter {name}": value for name, value in job.given}
    files = {}
    for name, value in job.given:
        try:
            named = Path(value)
            if named.is_file():
                files[f"file of {name}"] = sources.digest(named)
        except (OSError, ValueError):  # a name that no file can have
            continue
    return {**given, **files}


@cache
def _words(path: Path, lang: str) -> str:
    """The texts of a clip's own file, and those that all share."""
    return _digest(sorted(texts(path, lang).items()))


@cache
def _drawing() -> Depends:
    files = frozenset().union(*map(sources.reached, _DRAWING))
    return sources.digests(files | {sources.ROOT / name for name in _OWN})


def _reads_mnist(found: frozenset[Path]) -> bool:
    return Path(mnist.__file__).resolve() in found


def _mnist() -> str:
    """The content of MNIST's files that are at hand: a run looks for them."""
    folder = mnist.mnist_dir()
    if folder is None:
        return "absent"
    files = {name: mnist.find_file(folder, name) for name in mnist.file_names()}
    known = {}
    for name, file in files.items():
        try:
            known[name] = sources.digest(file) if file else "absent"
        except OSError as error:
            known[name] = os.strerror(error.errno or 0)
    return _digest(known)


@cache
def versions() -> Depends:
    """Of the libraries that draw, compute and encode, and the fonts found."""
    family = fonts.family()
    return {
        **{name: version(name) for name in _DISTRIBUTIONS},
        "python": platform.python_version(),
        "cairo": cairocffi.cairo_version_string(),
        "system libraries": _digest([*typesetters.versions()]),
        "fonts": _digest([family, *typesetters.font_files(family)]),
        "language of the system": _digest([*typesetters.languages()]),
    }
