"""The manifest beside each clip: what the file is, what it shows, and all that it depends on."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]

_BLOCK = 1 << 20


def path_of(target: Path) -> Path:
    """Where the manifest of a clip's file (or folder of frames) is."""
    return target.with_name(f"{target.name}.json")


def read(target: Path) -> Manifest | None:
    """The manifest of `target`; None if there is none, or it is none of ours."""
    try:
        found = json.loads(path_of(target).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("file") == target.name else None


def text(manifest: Manifest) -> str:
    """The manifest as a file's text. ValueError for NaN and infinity, which JSON has not."""
    return json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def measure(target: Path) -> tuple[int, str]:
    """Bytes and SHA-256 of a file; of a folder, of all its files' names and contents in order."""
    digest = hashlib.sha256()
    if not target.is_dir():
        return _add(digest, target), digest.hexdigest()
    size = 0
    for name in sorted(os.listdir(target)):
        digest.update(name.encode() + b"\0")
        size += _add(digest, target / name)
    return size, digest.hexdigest()


def _add(digest: Any, path: Path) -> int:
    size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size


def whole(target: Path, manifest: Manifest | None) -> bool:
    """Whether `target` is there and just what its manifest says."""
    if manifest is None:
        return False
    try:
        return measure(target) == (manifest.get("size"), manifest.get("sha256"))
    except OSError:
        return False
