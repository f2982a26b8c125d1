"""What set text depends on besides the text: fonts, the libraries that set it, and our own source.

The store of set text (`scenes.kit.text.store`) takes it into account, so that a new font or another
version of pango never shows the outlines of the one before.
"""

from __future__ import annotations

import hashlib
import locale
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import manimpango

from scenes.kit.text import fonts

_DISTRIBUTIONS = ("manim", "manimpango", "svgelements", "typst", "numpy")
_LIBRARIES = ("libpango", "libcairo.so", "libharfbuzz.so", "libfreetype.so")
_SOURCES = ("glyphs.py", "formula.py", "store.py", "typesetters.py")
_FILE = "%{file}|%{index}|%{fontversion}\n"


@cache
def fingerprint() -> str:
    """A digest of the fonts found, versions and source; asked once in a process.

    Raises FontError where there is no font for both languages.
    """
    return hashlib.sha256(repr(basis()).encode()).hexdigest()


def basis() -> tuple[tuple[str, ...], ...]:
    """All that the fingerprint stands for, asked anew."""
    family = fonts.family()
    return ((family,), font_files(family), versions(), libraries(), languages(), sources())


def font_files(family: str) -> tuple[str, ...]:
    """The fonts there are, with versions, sizes and times, and in which order text takes them.

    Where there is no fontconfig (macOS), the names of the families.
    """
    installed = _asked("fc-list", "--format", _FILE)
    if not installed:
        return tuple(sorted(manimpango.list_fonts()))
    # What the family lacks, Pango takes from the next ones.
    orders = [_asked("fc-match", "-s", "--format", _FILE, family + bold) for bold in ("", ":bold")]
    files = sorted({line.partition("|")[0] for line in installed})
    return (*sorted(installed), *orders[0], *orders[1], *_stamps(files))


def versions() -> tuple[str, ...]:
    """Versions of the packages that take part, of pango and cairo, and the kind of machine."""
    packages = (f"{name} {version(name)}" for name in _DISTRIBUTIONS)
    system = (manimpango.pango_version(), manimpango.cairo_version())
    return (*packages, *system, sys.platform, platform.machine())


def libraries() -> tuple[str, ...]:
    """The files of the system's libraries that are loaded; empty where that is not to be learnt."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return ()
    paths = {line[line.index("/") :] for line in lines if "/lib" in line}
    # A Python package's own copies are not what Pango uses, nor always loaded.
    system = sorted(p for p in paths if "-packages/" not in p)
    return _stamps(p for p in system if os.path.basename(p).startswith(_LIBRARIES))


def languages() -> tuple[str, ...]:
    """The user's languages as Pango learns them; a Chinese font may draw for them differently."""
    names = ("PANGO_LANGUAGE", "LANGUAGE")
    return (locale.setlocale(locale.LC_CTYPE), *(os.environ.get(name, "") for name in names))


def sources() -> tuple[str, ...]:
    """Digests of the modules that make and keep the outlines."""
    here = Path(__file__).parent
    return tuple(hashlib.sha256((here / name).read_bytes()).hexdigest() for name in _SOURCES)


def _asked(*command: str) -> list[str]:
    """The lines that a command answers, none if it does not."""
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.decode(errors="replace").splitlines()


def _stamps(paths: Iterable[str]) -> tuple[str, ...]:
    found = []
    for path in paths:
        try:
            now = os.stat(path)
        except OSError:
            continue
        found.append(f"{path} {now.st_size} {now.st_mtime_ns}")
    return tuple(found)
