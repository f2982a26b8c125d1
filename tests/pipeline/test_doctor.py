"""The doctor: what is missing is told with its remedy; what can be done without is a note."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from pipeline import doctor
from pipeline.doctor import Check


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.what: check for check in checks}


def test_this_machine_has_what_is_needed(tmp_path: Path) -> None:
    checks = doctor.examine(tmp_path / "not" / "yet")
    assert doctor.healthy(checks)
    names = set(by_name(checks))
    assert {"Python", "manim", "numpy", "typst", "av", "font", "output folder", "disk"} <= names
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        if name == "typst":
            raise PackageNotFoundError(name)
        return {"manim": "0.22.9", "pillow": "0.1"}.get(name, "99")

    monkeypatch.setattr(doctor, "version", absent)
    checks = by_name(list(doctor._libraries()))
    assert checks["typst"].state == "missing"
    assert "pip install" in checks["typst"].mend
    assert checks["manim"].state != "missing"
    assert checks["pillow"].state == "missing"


def test_another_manim_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: "0.23.0")
    check = doctor._library("manim", ">=0.22,<0.23", None)
    assert check.state == "missing"
    assert check.found == "0.23.0, but >=0.22,<0.23 is needed"


def test_another_version_than_the_pinned_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: "2.4.1")
    assert doctor._library("numpy", ">=2", "2.4.6").state == "note"
    assert doctor._library("numpy", ">=2", "2.4.1").state == "ok"


@pytest.mark.parametrize(
    ("found", "bounds", "fits"),
    [
        ("0.22.0", ">=0.22,<0.23", True),
        ("0.23", ">=0.22,<0.23", False),
        ("0.21.9", ">=0.22,<0.23", False),
        ("13.0.0", ">=11,<13", False),
        ("12.3.0", ">=11,<13", True),
        ("2.0.0rc1", ">=2", True),
        ("9.9", "", True),
    ],
)
def test_bounds(found: str, bounds: str, fits: bool) -> None:
    assert doctor.within(found, bounds) is fits


def test_the_projects_own_bounds_are_read() -> None:
    assert doctor.needed()["manim"] == ">=0.22,<0.23"
    assert {"numpy", "click", "typst", "av"} <= set(doctor.needed())


def test_pins_are_read_from_constraints(tmp_path: Path) -> None:
    file = tmp_path / "constraints.txt"
    file.write_text("# pinned\nmanim==0.22.0\nTyping_Extensions==4.1 ; python_version<'4'\nx>=1\n")
    assert doctor.pins(file) == {"manim": "0.22.0", "typing-extensions": "4.1"}
    assert doctor.pins(tmp_path / "none") == {}


def test_no_mnist_and_damaged_mnist_are_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path))
    assert doctor._mnist().state == "note"
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        (tmp_path / name).write_bytes(b"\0\0\x08\x03damaged")
    assert doctor._mnist().state == "note"


def test_an_output_that_cannot_be_written_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert doctor._writing(file).state == "missing"
    assert doctor._writing(tmp_path / "new" / "folder").state == "ok"


def test_too_little_disk_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_DISK", 1 << 62)
    assert doctor._disk(tmp_path).state == "missing"
    assert not doctor.healthy([doctor._disk(tmp_path)])
