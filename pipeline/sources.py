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
        imports, texts = _read(path)
        found.update(_data(path, texts))
        waiting += [name.rpartition(".")[0], *imports]
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
def _read(path: Path) -> tuple[tuple[str, ...], frozenset[str]]:
    return _parsed(path.read_bytes())


@cache
def _parsed(source: bytes) -> tuple[tuple[str, ...], frozenset[str]]:
    """Every module that a source names in an import, those within functions, too; its texts."""
    imports: list[str] = []
    texts: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imports += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return tuple(dict.fromkeys(imports)), frozenset(texts)


def _data(path: Path, texts: frozenset[str]) -> Iterator[Path]:
    """Files of data beside a module that its source names; all of a folder that alone is named."""
    folders = [f for f in path.parent.iterdir() if f.is_dir() and not (f / "__init__.py").exists()]
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
