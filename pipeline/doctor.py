"""Is everything here that the clips need? Asked without importing what may be missing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pipeline.settings import FREE_DISK, MEDIA

ROOT = Path(__file__).resolve().parent.parent
LEAST_PYTHON = (3, 11)
State = Literal["ok", "note", "missing"]


@dataclass(frozen=True)
class Check:
    """One thing looked at. state: ok, note (it works without), missing; how to mend it."""

    what: str
    state: State
    found: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """As `doctor --json` prints it."""
        return asdict(self)


def examine(out: Path = MEDIA) -> list[Check]:
    """All checks; `out` is the folder that will be written to."""
    checks = [_python(), *_libraries(), _cairo(), _fonts(), _writing(out), _disk(out), _mnist()]
    return checks


def healthy(checks: list[Check]) -> bool:
    """Whether everything needed is there."""
    return all(check.state != "missing" for check in checks)


def _python() -> Check:
    found = platform.python_version()
    if sys.version_info < LEAST_PYTHON:
        return Check("Python", "missing", found, "install Python 3.11 or later")
    return Check("Python", "ok", found)


def pins(path: Path = ROOT / "constraints.txt") -> dict[str, str]:
    """Package to pinned version, of the lines `name==version` in a constraints file."""
    if not path.is_file():
        return {}
    pairs = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;#]+)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {_plain(name): pinned for name, pinned in pairs}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(path: Path = ROOT / "pyproject.toml") -> dict[str, str]:
    """The libraries that the clips need, with their bounds, from the project's own list.

    Beside them typst, which is an extra of manim's, and av, which manim encodes with.
    """
    with path.open("rb") as file:
        lines = tomllib.load(file)["project"]["dependencies"]
    parts = [re.match(r"([\w.-]+)(?:\[.*?\])?\s*([^;]*)", line) for line in lines]
    return {_plain(part[1]): part[2].strip() for part in parts if part} | {"typst": "", "av": ""}


def within(found: str, bounds: str) -> bool:
    """Whether a version is within bounds such as `>=0.22,<0.23`."""
    for sign, bound in re.findall(r"(>=|<)\s*([\d.]+)", bounds):
        if (_release(found) >= _release(bound)) != (sign == ">="):
            return False
    return True


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _libraries() -> Iterator[Check]:
    pinned = pins()
    for name, bounds in needed().items():
        yield _library(name, bounds, pinned.get(name))


def _library(name: str, bounds: str, pinned: str | None) -> Check:
    mend = f"run `make`, or `pip install -c constraints.txt {name}`"
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, "missing", "not installed", mend)
    if not within(found, bounds):
        return Check(name, "missing", f"{found}, but {bounds} is needed", mend)
    if pinned and found != pinned:
        return Check(name, "note", f"{found}, tested with {pinned}", mend)
    return Check(name, "ok", found)


def _cairo() -> Check:
    return _attempt("cairo", _cairo_version, "install cairo with its headers, then run `make`")


def _cairo_version() -> str:
    import cairo

    return str(cairo.cairo_version_string())


def _fonts() -> Check:
    return _attempt("font", _font_family, "install fonts-noto-cjk, or font-noto-sans-cjk-sc (brew)")


def _font_family() -> str:
    from scenes.kit.text.fonts import family

    return family()


def _attempt(what: str, look: Callable[[], str], mend: str) -> Check:
    """A check that is missing where looking for it raises anything."""
    try:
        return Check(what, "ok", look())
    except Exception as error:
        return Check(what, "missing", " ".join(str(error).split()) or type(error).__name__, mend)


def _existing(folder: Path) -> Path:
    folder = Path(os.path.abspath(folder))
    while not folder.exists():
        folder = folder.parent
    return folder


def _writing(out: Path) -> Check:
    folder = _existing(out)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check("output folder", "ok", f"{out} can be written")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        mend = "change its permissions, or choose another with -o"
        return Check("output folder", "missing", f"{folder} cannot be written: {reason}", mend)


def _disk(out: Path) -> Check:
    free = shutil.disk_usage(_existing(out)).free
    found = f"{free / 1024**3:.1f} GiB free"
    if free < FREE_DISK:
        return Check("disk", "missing", found, f"free {FREE_DISK / 1024**3:.0f} GiB")
    return Check("disk", "ok", found)


def _mnist() -> Check:
    without = "the clips work without: then a drawn digit is shown"
    try:
        from lab import mnist

        images, _ = mnist.test_set()
        return Check("MNIST", "ok", f"{len(images):,} test digits in {mnist.mnist_dir()}")
    except Exception as error:
        return Check("MNIST", "note", str(error), without)
