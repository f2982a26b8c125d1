"""Set text kept on disk: the same to the bit, whatever becomes of the files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import MathTypst, VMobject, tempconfig

from scenes.catalogue import find
from scenes.kit import theme
from scenes.kit.dry import media_folder, walk
from scenes.kit.text import fonts, formula, glyphs, store, typesetters
from scenes.kit.text.formula import Formula

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("The line moves by ΔA = L·E/x.", "直线移动了 −0.25，误差 σ′", "fi  gy")
FRACTION = "upright({{ E : e }} dot frac(A, B_(1,2)) = sqrt(x) - {{ y : o }})"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store of this test alone, and a process that has set nothing yet."""
    folder = tmp_path / "outlines"
    monkeypatch.setenv(store.ENVIRONMENT, str(folder))
    forget()
    with tempconfig({"media_dir": media_folder()}):
        yield folder
    forget()


def forget() -> None:
    """What this process keeps in memory goes."""
    for kept in (glyphs._reference, glyphs.outline, glyphs.digits, formula._em, formula._kept):
        kept.cache_clear()


def refuse(*_: object, **__: object) -> None:
    """In the place of what sets text."""
    raise AssertionError("set again")


@pytest.fixture
def nothing_sets(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on, text comes from the store or not at all."""

    def begin() -> None:
        forget()
        monkeypatch.setattr(glyphs, "Text", refuse)
        monkeypatch.setattr(formula, "MathTypst", refuse)

    return begin


def entries(folder: Path) -> list[Path]:
    """All files of a store."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


# The same with the store and without


def all_set() -> list[bytes]:
    """Everything that is set, as bytes."""
    found = [np.array(glyphs.cap_height(1, bold)) for bold in (False, True)]
    for bold in (False, True):
        for text in TEXTS:
            drawn = glyphs.outline(text, bold)
            found += [*drawn.glyphs, np.array(drawn.width), np.array(drawn.cap_height)]
            assert drawn.width == max(points[:, 0].max() for points in drawn.glyphs)
            assert drawn.cap_height == glyphs.cap_height(1, bold)
        for digit in glyphs.digits(bold).values():
            found += [digit.points, np.array(digit.advance)]
    found.append(np.array(formula._em()))
    for part in Formula(FRACTION, tint={"e": theme.ERROR}).signs.submobjects:
        found += looks(part)
    assert all(array.dtype == np.float64 for array in found)
    return [array.tobytes() for array in found]


def looks(shape: VMobject) -> list[np.ndarray]:
    """All that a shape's picture comes from."""
    widths = [np.array(float(w)) for w in (shape.stroke_width, shape.background_stroke_width)]
    return [shape.points, *(getattr(shape, name) for name in formula._PAINTS), *widths]


def test_set_text_is_the_same_with_and_without_a_store(
    place: Path, monkeypatch: pytest.MonkeyPatch, nothing_sets: Callable[[], None]
) -> None:
    monkeypatch.setenv(store.ENVIRONMENT, os.devnull)
    without = all_set()
    assert not place.exists()
    monkeypatch.setenv(store.ENVIRONMENT, str(place))
    forget()
    first = all_set()
    nothing_sets()
    assert without == first == all_set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_clip_is_the_same_with_and_without_a_store(
    lang: str, place: Path, monkeypatch: pytest.MonkeyPatch, nothing_sets: Callable[[], None]
) -> None:
    def shapes() -> list[tuple[str, list[bytes]]]:
        found = []

        def look(clip: Any, section: str) -> None:
            family = [m for top in clip.mobjects for m in top.get_family()]
            seen = [looks(m) for m in family if isinstance(m, VMobject)]
            found.append((section, [a.tobytes() for arrays in seen for a in arrays]))

        walk(find("by-hand").load(), lang=lang, at_section_end=look)
        assert len(found) > 2
        return found

    monkeypatch.setenv(store.ENVIRONMENT, os.devnull)
    without = shapes()
    forget()
    monkeypatch.setenv(store.ENVIRONMENT, str(place))
    shapes()
    nothing_sets()
    assert shapes() == without


def test_signs_are_as_manim_makes_them(place: Path) -> None:
    """Its points, colours and strokes, those of a fraction's bar for each size of picture."""
    strokes = set()
    for count, width in enumerate((854, 1920), 1):
        with tempconfig({"pixel_width": width, "pixel_height": width * 9 // 16}):
            own = MathTypst(
                FRACTION,
                font_size=40.0,
                color=theme.MUTED,
                typst_preamble=formula._preamble(),
                use_svg_cache=False,
            )
            for _ in "made", "read":
                forget()
                ours = formula._typeset(FRACTION, 40.0, theme.MUTED, ["e", "o"])
                assert len(entries(place)) == count
                assert_same(ours, own)
            strokes.add(max(float(sign.stroke_width) for sign in ours.signs))
    low, high = sorted(strokes)
    assert high / low == pytest.approx(1920 / 854)


def assert_same(ours: formula._Typeset, own: MathTypst) -> None:
    """The same signs, the same of them marked."""
    assert len(ours.signs) == len(own.submobjects)
    for sign, part in zip(ours.signs, own.submobjects, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(looks(sign), looks(part), strict=True))
    for label, signs in ours.marked.items():
        places = [own.submobjects.index(part) for part in own.select(label)]
        assert signs == [ours.signs[i] for i in places] != []


def test_a_formula_set_twice_is_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bar is no thinner the second time, nor does the first one's colour stay."""
    monkeypatch.setenv(store.ENVIRONMENT, os.devnull)
    first = Formula(FRACTION, tint={"e": theme.ERROR}).signs.submobjects
    for sign in first:
        sign.scale(2.0)
    forget()
    second = Formula(FRACTION).signs.submobjects
    assert [s.stroke_width for s in first] == [s.stroke_width for s in second]
    hues = [str(s.get_fill_color().to_hex()).upper() for s in second]
    assert hues == [theme.INK] * len(second)
    third = Formula(FRACTION).signs.submobjects
    assert all(np.array_equal(a.points, b.points) for a, b in zip(second, third, strict=True))


def test_a_label_that_marks_nothing_is_refused() -> None:
    for _ in range(2):
        with pytest.raises(KeyError, match="nowhere"):
            Formula("E = y", tint={"nowhere": theme.ERROR})


def test_outlines_cannot_be_changed_by_mistake() -> None:
    with pytest.raises(ValueError, match="read-only"):
        glyphs.outline("kept").glyphs[0][0, 0] = 1.0


# What the outlines depend on


def fingerprint() -> str:
    """Asked anew."""
    return str(typesetters.fingerprint.__wrapped__())


def test_the_fingerprint_stays_while_nothing_changes() -> None:
    """Nor does it depend on what else a process has loaded."""
    code = "from scenes.kit.text import typesetters; print(typesetters.fingerprint())"
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert other.stdout.strip() == fingerprint() == fingerprint()


def test_another_family_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    monkeypatch.setattr(fonts, "family", lambda: fonts.FAMILIES[-1])
    assert fingerprint() != before


@pytest.mark.parametrize("name", ["manim", "manimpango", "typst", "svgelements", "numpy"])
def test_another_version_is_another_fingerprint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, version = fingerprint(), typesetters.version
    monkeypatch.setattr(typesetters, "version", lambda n: "9.9" if n == name else version(n))
    assert fingerprint() != before


@pytest.mark.parametrize("library", ["pango_version", "cairo_version"])
def test_another_library_is_another_fingerprint(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint()
    monkeypatch.setattr(typesetters.manimpango, library, lambda: "9.9")
    assert fingerprint() != before


@pytest.mark.parametrize("name", ["PANGO_LANGUAGE", "LANGUAGE"])
def test_another_language_is_another_fingerprint(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "zh")
    before = fingerprint()
    monkeypatch.setenv(name, "ja")
    assert fingerprint() != before


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells what is loaded")
@pytest.mark.parametrize("name", ["pango", "cairo", "harfbuzz", "freetype"])
def test_the_systems_libraries_are_in_the_fingerprint(name: str) -> None:
    assert [line for line in typesetters.libraries() if f"lib{name}" in line]


def test_other_source_is_another_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint()
    for name in typesetters._SOURCES:
        shutil.copy(Path(typesetters.__file__).with_name(name), tmp_path)
    monkeypatch.setattr(typesetters, "__file__", str(tmp_path / "typesetters.py"))
    assert fingerprint() == before
    for name in typesetters._SOURCES:
        with open(tmp_path / name, "a") as file:
            file.write("# changed\n")
        after = fingerprint()
        assert after != before
        before = after


def test_another_fingerprint_sets_text_anew(
    monkeypatch: pytest.MonkeyPatch, nothing_sets: Callable[[], None]
) -> None:
    glyphs.outline("kept")
    nothing_sets()
    glyphs.outline("kept")
    forget()
    monkeypatch.setattr(typesetters, "fingerprint", lambda: "another")
    with pytest.raises(AssertionError, match="set again"):
        glyphs.outline("kept")


CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@pytest.fixture
def own_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one small font, all that fontconfig then knows; returns the font."""
    if not shutil.which("fc-list"):
        pytest.skip("fontconfig's commands are not installed")
    listed = subprocess.run(["fc-list", "--format", "%{file}\n"], capture_output=True, text=True)
    files = [Path(line) for line in listed.stdout.splitlines()]
    small = min(files, key=lambda path: path.stat().st_size)
    (tmp_path / "fonts").mkdir()
    font = tmp_path / "fonts" / small.name
    shutil.copy(small, font)
    written = CONFIGURATION.format(fonts=font.parent, cache=tmp_path / "cache")
    (tmp_path / "fonts.conf").write_text(written)
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    return font


def test_the_fonts_files_are_in_the_fingerprint(
    own_fonts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "family", lambda: "Sans")
    found = [fingerprint()]
    assert any(str(own_fonts) in line for line in typesetters.font_files("Sans"))
    assert fingerprint() == found[0]
    os.utime(own_fonts, (10**9, 10**9))
    found.append(fingerprint())
    shutil.copy(own_fonts, own_fonts.with_stem("another"))
    found.append(fingerprint())
    assert len(set(found)) == 3


def test_without_fontconfig_the_families_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(typesetters.manimpango, "list_fonts", lambda: ["B", "A"])
    assert typesetters.font_files("A") == ("A", "B")


def test_without_a_font_nothing_is_taken_from_the_store(
    monkeypatch: pytest.MonkeyPatch, nothing_sets: Callable[[], None]
) -> None:
    glyphs.outline("kept")
    nothing_sets()
    fonts.family.cache_clear()
    typesetters.fingerprint.cache_clear()
    monkeypatch.setattr(fonts.manimpango, "list_fonts", lambda: [])
    with pytest.raises(fonts.FontError):
        glyphs.outline("kept")
