"""The README's whole example of a clip works as it stands there."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import checks
import pytest

from scenes.kit import captions

ROOT = Path(__file__).resolve().parents[2]


def blocks(language: str) -> list[str]:
    """The README's fenced blocks in a language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caption files with the README's lines added, in a folder of the test's own."""
    folder = tmp_path / "captions"
    shutil.copytree(captions.FOLDER, folder)
    for lang, block in zip(captions.LANGUAGES, blocks("toml"), strict=True):
        path = folder / f"{lang}.toml"
        path.write_text(path.read_text(encoding="utf-8") + "\n" + block, encoding="utf-8")
    monkeypatch.setattr(captions, "FOLDER", folder)
    captions.texts.cache_clear()
    yield
    captions.texts.cache_clear()


@pytest.mark.parametrize("lang", captions.LANGUAGES)
@pytest.mark.usefixtures("words")
def test_the_example_keeps_every_rule(lang: str, tmp_path: Path) -> None:
    (source,) = blocks("python")
    path = tmp_path / "neuron.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("neuron", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    report = checks.faults_of(module.Neuron, None, lang, lasts=(10, 75))
    assert report.faults == []
    # 0.9 · 1.0 + 0.3 · 0.5 = 1.05, whose sigmoid the book gives as 0.7408.
    shown = {entry.name: entry.text for entry in report.clip.ledger.entries}
    assert shown["s"] == "1.05"
    assert shown["output"] == "0.7408"


def test_the_example_is_about_forty_lines() -> None:
    (source,) = blocks("python")
    assert len(source.splitlines()) < 48
