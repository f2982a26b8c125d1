"""What the bytes of a clip depend on beside its job: sources, libraries, font, data.

A worker of a cluster must have the same as we do; each process tells its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("nncore", "lab", "scenes", "pipeline")
SUFFIXES = (".py", ".toml", ".npz", ".json")
LIBRARIES = (
    *("nn-explained", "manim", "numpy", "scipy", "pillow", "pydantic"),
    *("manimpango", "pycairo", "cairocffi", "typst", "av", "distributed"),
)
CHANGED = "changed since it was started"

Facts = Mapping[str, str]


def sources(root: Path = ROOT) -> str:
    """A digest of names and contents of all our source and data files below `root`."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        found = (p for p in (root / package).rglob("*") if p.suffix in SUFFIXES and p.is_file())
        for path in sorted(found):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()[:12]


# A process may run for days: what it has loaded is what stood here when it began.
_LOADED = sources()


def facts() -> dict[str, str]:
    """All facts of this process, by name."""
    now = sources()
    return {
        **_libraries(),
        "sources": now if now == _LOADED else CHANGED,
        "MNIST test set": _mnist(),
        "language for text": _language(),
    }


def differences(theirs: Facts, ours: Facts) -> list[str]:
    """Each fact that differs, as a clause, sources first; none if all are the same."""
    names = sorted({*theirs, *ours}, key=lambda name: (name != "sources", name))
    pairs = [(name, theirs.get(name, "unknown"), ours.get(name, "unknown")) for name in names]
    return [f"{name} {there} there, {here} here" for name, there, here in pairs if there != here]


@cache
def _libraries() -> dict[str, str]:
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return {**found, **_below()}


def _below() -> dict[str, str]:
    """The libraries that those are bound to, and the font."""
    import av
    import cairo
    import manimpango

    from scenes.kit.text.fonts import FontError, family

    try:
        font = family()
    except FontError:
        font = "none"
    codecs = ".".join(map(str, av.library_versions["libavcodec"]))
    return {
        "cairo": str(cairo.cairo_version_string()),
        "Pango": str(manimpango.pango_version()),
        "libavcodec": codecs,
        "font": f"{font} {_font_version(font)}".strip(),
    }


def _font_version(name: str) -> str:
    """The font's version number where fontconfig's command tells it, else nothing."""
    command = shutil.which("fc-match")
    if command is None:
        return ""
    asked = [command, "--format", "%{fontversion}", name]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def _mnist() -> str:
    # mnist-forward searches its hard digit there, and takes a drawn one where there is none.
    from lab.mnist import has_test_set

    return "present" if has_test_set() else "missing"


def _language() -> str:
    """The language that Pango takes a Chinese character to be of, where the user's says so."""
    for name in ("PANGO_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LANG"):
        if told := os.environ.get(name):
            found = told.replace("-", "_").partition(".")[0].partition(":")[0]
            return found if found[:2] in ("zh", "ja", "ko") else "no Chinese"
    return "no Chinese"
