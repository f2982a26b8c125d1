"""The README's whole example of a clip works as it stands there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from scenes.kit import captions
from scenes.kit.dry import walk
from scenes.kit.params import parse

ROOT = Path(__file__).resolve().parents[2]


def block(language: str, containing: str) -> str:
    """The README's fenced block in a language that has this text."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = [
        b for b in re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL) if containing in b
    ]
    return str(found)


@pytest.fixture
def squash(tmp_path: Path) -> Any:
    """The example's class, its two files in a folder of the test's own."""
    path = tmp_path / "squash.py"
    path.write_text(block("python", "class Squash"), encoding="utf-8")
    path.with_suffix(".toml").write_text(block("toml", "number = 7"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("squash", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.Squash
    made.words_file = path.with_suffix(".toml")
    return made


@pytest.mark.parametrize("lang", captions.LANGUAGES)
def test_the_example_shows_the_books_figures(lang: str, squash: Any) -> None:
    scene = walk(squash, None, lang)
    # 0.9 · 1.0 + 0.3 · 0.5 = 1.05, whose sigmoid the book gives as 0.7408.
    shown = {entry.name: entry.text for entry in scene.ledger.entries}
    assert shown["weighted sum"] == "1.05"
    assert shown["output"] == "0.7408"


def test_its_words_follow_its_run(squash: Any) -> None:
    for weights, variant in (("0.9,0.3", "more"), ("-0.9,0.3", "less")):
        run = squash.compute(parse(squash.Params, {"weights": weights}))
        assert squash.verdicts(run)["fire"] == variant


def test_the_example_is_about_fifty_lines() -> None:
    assert len(block("python", "class Squash").splitlines()) < 56
