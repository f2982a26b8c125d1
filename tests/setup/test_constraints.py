"""constraints.txt against the metadata of the installed packages."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    for line in kept:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line
    split = [line.split("==") for line in kept]
    named = {canonicalize_name(name): version for name, version in split}
    assert len(named) == len(kept), "a package is pinned twice"
    return {str(name): version for name, version in named.items()}


def needed() -> set[str]:
    """Every installed distribution the project needs here, itself left out."""
    found: set[str] = set()
    waiting = [("nn-explained", extra) for extra in ("", "dev")]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        found.add(name)
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            for wanted in ("", *requirement.extras):
                step = (canonicalize_name(requirement.name), wanted)
                if step not in seen:
                    seen.add(step)
                    waiting.append(step)
    return found - {"nn-explained"}


def test_every_package_is_pinned() -> None:
    packages = needed()
    assert {"manim", "numpy", "typst", "pytest", "execnet"} <= packages
    assert packages - set(pins()) == set()


def test_pins_hold_for_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2: a pin that asks for a later one would break its set-up."""
    pinned = pins()
    checked = 0
    for name in needed():
        distribution = metadata.distribution(name)
        if distribution.version == pinned[name]:
            asked = str(distribution.metadata.json.get("requires_python", ""))
            assert SpecifierSet(asked).contains("3.11.2"), f"{name} {asked}"
            checked += 1
    assert checked > 20
