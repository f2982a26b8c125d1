"""Imports point one way; the look is set in one place; files stay short."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from manim.utils.color import manim_colors

from scenes.kit import theme as kit_theme
from scenes.kit.text import fonts

ROOT = Path(__file__).resolve().parents[2]
# Each may import what stands after it.
ORDER = ("render", "cli", "pipeline", "scenes", "lab", "nncore")
FILES = [ROOT / "render.py", *sorted(p for top in ORDER[1:] for p in (ROOT / top).rglob("*.py"))]
SCENES = ROOT / "scenes"
KIT = sorted((SCENES / "kit").rglob("*.py"))
CLIP_FILES = sorted(p for p in SCENES.glob("*/*.py") if p not in KIT)
CORE_MAY = {"numpy", "scipy", "nncore", *sys.stdlib_module_names}
TEXT_CALLS = {"words", "label", "symbol", "number", "Words", "LiveNumber", "Formula"}
HEX_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")


# Functions of the theme whose answer is of the look in force.
CALLS = {"hue", "current", "on", "mix"}


def changed_by_a_look() -> set[str]:
    """The names of the theme that are not the same in every look."""

    def values() -> dict[str, object]:
        return {k: v for k, v in vars(kit_theme).items() if k.isupper()}

    plain, found = values(), set()
    for look in [kit_theme.Look(t, a) for t in kit_theme.THEMES for a in kit_theme.ASPECTS]:
        with kit_theme.look(look):
            found |= {name for name, value in values().items() if value != plain[name]}
    return found


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: str, module: str, package: bool) -> Iterator[str]:
    """The dotted names that a source imports, wherever in it, for types only, or as text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")
            base = base[: len(base) - node.level + package] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node):
            first = node.args[0]
            text = first.values[0] if isinstance(first, ast.JoinedStr) else first
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value.rstrip(".")


def _is_import_call(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else None
    name = node.func.id if isinstance(node.func, ast.Name) else name
    return name in ("import_module", "__import__") and bool(node.args)


@cache
def imports(path: Path) -> frozenset[str]:
    """The dotted names that a file imports."""
    source = path.read_text("utf-8")
    return frozenset(imported(source, module_of(path), path.name == "__init__.py"))


def tops(path: Path) -> set[str]:
    """The packages that a file imports from."""
    return {name.partition(".")[0] for name in imports(path)}


def of(top: str) -> list[Path]:
    """Every file of a package."""
    files = [p for p in FILES if p.relative_to(ROOT).parts[0] == top]
    assert files
    return files


def breaches(
    files: Iterable[Path], find: Callable[[Path], Collection[object]]
) -> dict[str, list[str]]:
    """What `find` finds, by file; files without a breach are left out."""
    found = {str(p.relative_to(ROOT)): sorted(map(str, find(p))) for p in files}
    return {name: faults for name, faults in found.items() if faults}


# One way


def turned_round(module: str, names: Collection[str]) -> set[str]:
    """Which of the imports of a module point the wrong way."""
    own = ORDER.index(module.partition(".")[0])
    return {n for n in names if n.partition(".")[0] in ORDER[:own]}


def test_imports_point_one_way() -> None:
    assert breaches(FILES, lambda path: turned_round(module_of(path), imports(path))) == {}


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import scenes", "lab.mnist"),
        ("from scenes.kit import theme", "nncore.network"),
        ("def f():\n    import pipeline.jobs", "scenes.kit.clip"),
        ("if TYPE_CHECKING:\n    from render import cli", "pipeline.jobs"),
        ("import_module('scenes.xor')", "nncore.boolean"),
        ("import_module(f'scenes.{x}')", "lab.train"),
    ],
)
def test_an_import_turned_round_is_seen(source: str, module: str) -> None:
    assert turned_round(module, set(imported(source, module, False)))


def test_a_relative_import_has_its_whole_name() -> None:
    names = set(imported("from ..kit import text", "scenes.parts.xor", False))
    assert names == {"scenes.kit", "scenes.kit.text"}


def test_the_core_needs_numpy_alone() -> None:
    assert breaches(of("nncore"), lambda path: tops(path) - CORE_MAY) == {}


def test_only_what_draws_imports_manim() -> None:
    others = [ROOT / "render.py", *of("cli"), *of("lab"), *of("nncore")]
    assert breaches(others, lambda path: tops(path) & {"manim", "manimpango"}) == {}


def test_only_the_command_line_imports_click() -> None:
    commands = [FILES[0], *of("cli")]
    assert all("click" in tops(path) for path in commands if path.name != "__init__.py")
    others = [path for path in FILES if path not in commands]
    assert breaches(others, lambda path: tops(path) & {"click"}) == {}


def of_scenes(path: Path) -> set[str]:
    """The modules and packages of `scenes` that a file imports."""
    return {".".join(n.split(".")[:2]) for n in imports(path) if n.startswith("scenes.")}


def test_the_pipeline_knows_clips_by_the_catalogue() -> None:
    known = {"scenes.catalogue", "scenes.kit"}
    assert breaches(of("pipeline"), lambda path: of_scenes(path) - known) == {}


def test_the_kit_knows_no_clip() -> None:
    """Only words are found by the catalogue."""
    assert len(KIT) > 40
    others = [p for p in KIT if p.name != "captions.py"]
    assert breaches(others, lambda path: of_scenes(path) - {"scenes.kit"}) == {}
    assert of_scenes(SCENES / "kit" / "captions.py") == {"scenes.catalogue", "scenes.kit"}


def layers(path: Path) -> set[str]:
    """What of the kit a module imports that stands above it: views above text and the rest."""
    kit = {n for n in imports(path) if n.startswith("scenes.kit.")}
    above = ["scenes.kit.views"] if path.parent.name != "views" else []
    above += ["scenes.kit.story", "scenes.kit.clip"] if path.parent.name == "text" else []
    return {n for n in kit if any(n == a or n.startswith(f"{a}.") for a in above)}


def test_the_kit_s_core_knows_no_view() -> None:
    assert breaches(KIT, layers) == {}


def test_a_clip_imports_views_by_their_modules() -> None:
    """What changes in one view makes no clip anew that does not use it."""
    assert imports(SCENES / "kit" / "views" / "__init__.py") == frozenset()
    assert imports(SCENES / "kit" / "__init__.py") == frozenset()


@pytest.mark.parametrize(
    "module",
    ["scenes.catalogue", "scenes.kit.captions", "scenes.kit.params", "nncore", "render"],
)
def test_what_starts_quickly_loads_no_manim(module: str) -> None:
    """In a new Python, so that nothing is loaded already."""
    code = f"import sys, {module}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert module.split(".")[0] in loaded
    assert not loaded & {"manim", "manimpango"}
    if module == "nncore":
        assert not loaded & {"click", "lab", "scenes", "pipeline", "pydantic"}


# The look is set in one place


def test_colours_are_written_in_the_theme_alone() -> None:
    theme = SCENES / "kit" / "theme.py"
    assert HEX_COLOUR.search(theme.read_text("utf-8"))
    others = [p for p in FILES if p != theme]
    assert breaches(others, lambda path: HEX_COLOUR.findall(path.read_text("utf-8"))) == {}


def test_fonts_are_named_in_one_file() -> None:
    names = ("Noto", *fonts.FAMILIES)
    others = [p for p in FILES if p != SCENES / "kit" / "text" / "fonts.py"]
    assert breaches(others, lambda path: [n for n in names if n in path.read_text("utf-8")]) == {}


def test_a_clip_takes_no_colour_from_manim() -> None:
    colours = {f"manim.{n}" for n in vars(manim_colors) if n.isupper()}
    assert {"manim.WHITE", "manim.BLUE_A"} <= colours
    assert breaches(CLIP_FILES, lambda path: imports(path) & colours) == {}


def typed_sizes(source: str) -> list[str]:
    """Text sizes that are written as numbers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        for keyword in node.keywords:
            of_text = keyword.arg == "font_size" or (keyword.arg == "size" and name in TEXT_CALLS)
            if of_text and any(
                isinstance(part, ast.Constant) and isinstance(part.value, int | float)
                for part in ast.walk(keyword.value)
            ):
                found.append(f"line {node.lineno}: {ast.unparse(keyword)}")
    return found


def test_a_clip_takes_its_text_sizes_from_the_theme() -> None:
    assert breaches(CLIP_FILES, lambda path: typed_sizes(path.read_text("utf-8"))) == {}


@pytest.mark.parametrize(
    "source",
    [
        "self.label('a', size=24)",
        "Formula('x', size=theme.LABEL * 1.2)",
        "Text('x', font_size=30)",
    ],
)
def test_a_typed_size_is_seen(source: str) -> None:
    assert len(typed_sizes(source)) == 1


def test_a_length_is_no_text_size() -> None:
    assert typed_sizes("marker(0, 0, True, size=0.16); self.label('a', size=theme.TICK)") == []


# The look is read when something is drawn

OF_A_LOOK = frozenset(changed_by_a_look())


def read_at_import(source: str) -> list[str]:
    """Names of the theme that change with the look, read at import or as a default argument."""
    found: list[str] = []

    def look(node: ast.AST, running: bool) -> None:
        """`running`: only once somebody calls what is here."""
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[-1] == "theme":
            late = node.attr in CALLS or node.attr in OF_A_LOOK
            if late and not running:
                found.append(f"line {node.lineno}: theme.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module == "scenes.kit.theme":
            names = [a.name for a in node.names if a.name in OF_A_LOOK]
            found.extend(f"line {node.lineno}: import of {name}" for name in names)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            body = node.body if isinstance(node.body, list) else [node.body]
            for child in ast.iter_child_nodes(node):
                look(child, running or any(child is part for part in body))
            return
        for child in ast.iter_child_nodes(node):
            look(child, running)

    look(ast.parse(source), False)
    return found


def test_the_look_is_read_when_something_is_drawn() -> None:
    files = [p for top in ("scenes", "pipeline", "cli") for p in of(top)]
    others = [p for p in files if p != SCENES / "kit" / "theme.py"]
    assert breaches(others, lambda path: read_at_import(path.read_text("utf-8"))) == {}


@pytest.mark.parametrize(
    "source",
    [
        "HUE = theme.INK",
        "def f(colour=theme.WEIGHT): ...",
        "def f(*, room=theme.RIGHT - theme.LEFT): ...",
        "class A:\n    hue = theme.hue('ink')",
        "class A:\n    def f(self, of=theme.current()): ...",
        "TABLE = {'a': [theme.mix('#000000', '#FFFFFF', 0.5), theme.on('#000000')]}",
        "f = lambda a=theme.PANEL: a",
        "from scenes.kit.theme import INK",
        "@decorated(theme.INK)\ndef f(): ...",
    ],
)
def test_a_look_read_too_early_is_seen(source: str) -> None:
    assert read_at_import(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(size=theme.LABEL):\n    return theme.INK",
        "f = lambda a: theme.INK",
        "SECONDS = theme.FADE * 2",
        "def f() -> None:\n    def g(a=theme.INK): ...",
        "def f(a: theme.Look = theme.Look()): ...",
    ],
)
def test_a_look_read_in_time_is_no_fault(source: str) -> None:
    assert read_at_import(source) == []


# Short files


def test_files_have_at_most_400_lines() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in FILES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
