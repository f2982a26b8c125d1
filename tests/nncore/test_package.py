"""The package's files import each other one way, and nothing of ours besides."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import nncore

FOLDER = Path(nncore.__file__).parent
OURS = {"lab", "scenes", "pipeline", "cli", "talk", "render", "manim", "click"}


def imports(path: Path) -> set[str]:
    """The modules a file imports, wherever in it, for types only too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_there_is_no_circle() -> None:
    files = {f"nncore.{path.stem}": path for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    graph = {name: imports(path) & files.keys() for name, path in files.items()}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError for a circle
    assert order.index("nncore.network") < order.index("nncore.training")
    assert order.index("nncore.training") < order.index("nncore.watch")
    assert graph["nncore.network"] == {"nncore.activations", "nncore.errors", "nncore.losses"}


def test_nothing_of_ours_is_imported() -> None:
    for path in FOLDER.glob("*.py"):
        assert not {name.partition(".")[0] for name in imports(path)} & OURS, path.name


def test_files_can_be_read_in_one_sitting() -> None:
    for path in FOLDER.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name
