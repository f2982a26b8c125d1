"""Running the command line: in this process, or as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import render

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., Result]
Started = subprocess.CompletedProcess[str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*words: object) -> Result:
        return CliRunner().invoke(render.cli, [str(word) for word in words])

    return command


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Started]:
    """Run a command as a process of its own, in an empty folder."""

    def command(*words: object, **environment: str) -> Started:
        return subprocess.run(
            [sys.executable, str(ROOT / "render.py"), *map(str, words)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@pytest.fixture
def refused() -> Callable[[Any, str], None]:
    """Asserts that a run was refused as a user's mistake: one sentence that has these words."""

    def check(ended: Any, words: str) -> None:
        code = ended.exit_code if isinstance(ended, Result) else ended.returncode
        assert (code, ended.stdout) == (2, "")
        assert "Traceback" not in ended.stderr
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        assert words in ended.stderr

    return check
