"""An installed copy has all that a checkout has: each module, each file of words and of data."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "setuptools"
]
PACKAGES = [pattern.removesuffix("*") for pattern in SETTINGS["packages"]["find"]["include"]]


def files(package: str) -> list[Path]:
    """All files of a package that a checkout has."""
    found = (ROOT / package).rglob("*")
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_file_is_a_module_or_named_data(package: str) -> None:
    data = {
        path
        for pattern in SETTINGS["package-data"].get(package, [])
        for path in (ROOT / package).glob(pattern)
    }
    assert [path for path in files(package) if path.suffix != ".py" and path not in data] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_folder_of_modules_is_a_package(package: str) -> None:
    folders = {path.parent for path in files(package) if path.suffix == ".py"}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_what_the_command_line_imports_is_installed() -> None:
    assert {"nncore", "lab", "scenes", "pipeline", "cli"} <= set(PACKAGES)
    assert "render" in SETTINGS["py-modules"]
