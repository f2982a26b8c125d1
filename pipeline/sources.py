"""Which of our source files a module depends on, read from their imports, without importing any."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("nncore", "lab", "scenes", "pipeline")
_IGNORED = {"scenes.catalogue"}  # it names all clips, and changes none


@cache
def reached(module: str, root: Path = ROOT) -> frozenset[Path]:
    """The files of `module` and of all modules of ours that it imports, by whatever way.

    With them come the files of data that a module of these names in its source.
    """
    seen: set[str] = set()
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _file(name, root)
        if name in seen or name in _IGNORED or path is None:
            continue
        seen.add(name)
        found.add(path)
        found.update(_data(path))
        waiting += [name.rpartition(".")[0], *_imports(path)]
    return frozenset(found)


def _file(module: str, root: Path) -> Path | None:
    if module.partition(".")[0] not in PACKAGES:
        return None
    place = root.joinpath(*module.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def _imports(path: Path) -> Iterator[str]:
    """Every module that the source names in an import, those within functions, too."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _data(path: Path) -> Iterator[Path]:
    """Files of data beside a module that its source names; all of a folder that alone is named."""
    folders = [f for f in path.parent.iterdir() if f.is_dir() and not (f / "__init__.py").exists()]
    texts = {
        node.value
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for folder in folders:
        if folder.name in texts:
            files = sorted(file for file in folder.iterdir() if file.is_file())
            named = [file for file in files if file.name in texts]
            yield from named or files


@cache
def _digest(path: Path, size: int, time: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    now = path.stat()
    return _digest(path, now.st_size, now.st_mtime_ns)


def digests(paths: Iterable[Path], root: Path = ROOT) -> dict[str, str]:
    """The digest of each file, by its path from `root`."""
    return {path.relative_to(root).as_posix(): digest(path) for path in sorted(paths)}
