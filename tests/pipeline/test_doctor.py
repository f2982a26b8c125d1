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
        return "0.22.9" if name == "manim" else "1"

    monkeypatch.setattr(doctor, "version", absent)
    checks = by_name(list(doctor._libraries()))
    assert checks["typst"].state == "missing"
    assert "pip install" in checks["typst"].mend
    assert checks["manim"].state != "missing"


def test_another_manim_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: "0.23.0")
    check = doctor._library("manim", None)
    assert check.state == "missing"
    assert "0.22 is needed" in check.found


def test_another_version_than_the_pinned_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: "2.4.1")
    assert doctor._library("numpy", "2.4.6").state == "note"
    assert doctor._library("numpy", "2.4.1").state == "ok"


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
