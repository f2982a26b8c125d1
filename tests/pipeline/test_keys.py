"""A key changes with all that a clip's pixels depend on, and with nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cairocffi
import pytest

from lab import mnist
from pipeline import formats, keys, manifest, sources
from pipeline.jobs import Job
from scenes import catalogue
from scenes.catalogue import clips
from scenes.kit import captions
from scenes.kit.text import fonts, typesetters
from scenes.kit.theme import Look

ROOT = Path(__file__).resolve().parents[2]


def all_keys(lang: str = "en", quality: str = "low", **more: Any) -> dict[str, str]:
    """The key of each clip, asked anew."""
    words = (keys._words, captions._tables, catalogue.read)
    for kept in (keys.versions, keys._drawing, fonts.family, *words):
        kept.cache_clear()
    sources.reached.cache_clear()
    sources._read.cache_clear()
    jobs = [Job(clip, lang, quality, **more) for clip in clips().values()]
    return {job.slug: keys.key(keys.depends(job)) for job in jobs}


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Which clips have another key after a change."""
    before = all_keys()

    def after(**more: Any) -> set[str]:
        now = all_keys(**more)
        return {slug for slug in now if now[slug] != before[slug]}

    assert after() == set()
    yield after
    monkeypatch.undo()
    all_keys()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our sources that keys are taken of."""
    for package in sources.PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    reached = sources.reached.__wrapped__
    asked = sources.cache(lambda module, root=tmp_path: reached(module, root))
    monkeypatch.setattr(sources, "reached", asked)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    digests = sources.digests
    monkeypatch.setattr(sources, "digests", lambda paths: digests(paths, tmp_path))
    monkeypatch.setattr(keys, "_reads_mnist", lambda _: False)
    return tmp_path


EVERY = set(clips())


@pytest.mark.parametrize(
    ("file", "using", "others"),
    [
        ("scenes/signals/by_hand.py", {"by-hand"}, {"predictor", "xor"}),
        ("scenes/first_steps/predictor.py", {"predictor"}, {"by-hand", "xor"}),
        ("scenes/kit/views/network.py", {"by-hand"}, set()),
        ("nncore/boolean.py", {"xor"}, {"by-hand", "predictor"}),
        ("nncore/drawn.py", {"mnist-forward"}, {"by-hand", "xor"}),
        ("nncore/data/digits-784-100-10.npz", {"mnist-forward"}, {"by-hand", "xor"}),
        ("lab/preparation.py", {"mnist-forward"}, {"by-hand", "xor"}),
        ("scenes/kit/surface.py", set(), {"by-hand"}),
        ("scenes/kit/clip.py", EVERY, set()),
        ("scenes/kit/theme.py", EVERY, set()),
        ("pipeline/canvas.py", EVERY, set()),
        ("pipeline/encoder.py", EVERY, set()),
        ("pipeline/progress.py", set(), EVERY),
        ("pipeline/lengths.py", set(), EVERY),
        ("scenes/catalogue.py", set(), EVERY),
        ("lab/fetch.py", set(), EVERY),
    ],
)
def test_a_changed_file_makes_the_clips_that_use_it_stale(
    file: str, using: set[str], others: set[str], tree: Path, stale: Any
) -> None:
    with (tree / file).open("ab") as changed:
        changed.write(b"\n# another line\n")
    found = stale()
    assert using <= found
    assert not found & others


@pytest.mark.parametrize("slug", clips())
def test_all_of_ours_that_a_clip_loads_is_in_its_key(slug: str) -> None:
    clip = clips()[slug]
    code = (
        f"import json, sys; import {clip.dotted}\n"
        "print(json.dumps([m.__file__ for m in sys.modules.values()"
        " if getattr(m, '__file__', None)]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    loaded = {Path(name) for name in json.loads(told)}
    ours = {p for p in loaded if any(p.is_relative_to(ROOT / name) for name in sources.PACKAGES)}
    assert clip.path in ours
    assert ours - sources.reached(clip.dotted) <= {ROOT / "scenes" / "catalogue.py"}


@pytest.mark.parametrize(
    ("file", "lang", "expected"),
    [
        ("signals/by_hand.toml", "en", {"by-hand"}),
        ("signals/by_hand.toml", "zh", set()),
        ("words.toml", "en", EVERY),
        ("words.toml", "zh", set()),
    ],
)
def test_words_make_stale_the_clips_of_their_language(
    file: str, lang: str, expected: set[str], tree: Path, stale: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = tree / "scenes" / file
    text = path.read_text(encoding="utf-8")
    assert f'{lang} = "' in text
    path.write_text(text.replace(f'{lang} = "', f'{lang} = "Other '), encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tree / "scenes")
    monkeypatch.setattr(captions, "SHARED", tree / "scenes" / "words.toml")
    assert stale() == expected


def test_a_look_makes_all_stale(stale: Any) -> None:
    assert stale(look=Look()) == set()
    seen = [all_keys()]
    for theme, aspect in (("light", "16:9"), ("dark", "4:3"), ("dark", "1:1"), ("dark", "9:16"),
                          ("light", "9:16")):  # fmt: skip
        now = all_keys(look=Look(theme, aspect))
        assert all(now[slug] != before[slug] for before in seen for slug in now)
        seen.append(now)


def test_versions_make_all_stale(stale: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("manim", "typst", "av", "numpy"):
        with monkeypatch.context() as patch:
            real = keys.version
            patch.setattr(
                keys,
                "version",
                lambda asked, name=name, real=real: real(asked) + (asked == name) * "x",
            )
            assert stale() == EVERY, name
    with monkeypatch.context() as patch:
        patch.setattr(cairocffi, "cairo_version_string", lambda: "0.1")
        assert stale() == EVERY
    with monkeypatch.context() as patch:  # pango's is among them
        patch.setattr(typesetters, "versions", lambda: ("pango 0.1",))
        assert stale() == EVERY
    with monkeypatch.context() as patch:
        patch.setattr(typesetters, "font_files", lambda family: ("another.ttf",))
        assert stale() == EVERY
    with monkeypatch.context() as patch:
        patch.setattr(fonts, "family", cache(lambda: "Another Sans"))
        assert stale() == EVERY
    with monkeypatch.context() as patch:  # Pango draws some Chinese characters otherwise
        patch.setenv("PANGO_LANGUAGE", "ja")
        assert stale() == EVERY
    assert stale() == set()


def test_size_language_and_encoding_make_all_stale(
    stale: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stale() == set()
    assert stale(quality="medium") == EVERY
    assert stale(lang="zh") == EVERY
    assert stale(format="webm") == EVERY
    assert stale(format="webm", transparent=True) == EVERY
    other = replace(formats.choose("mp4"), threads=7)
    monkeypatch.setitem(formats._ALL, ("mp4", False), other)
    assert stale() == EVERY


def test_a_parameter_makes_stale_the_clip_that_has_it() -> None:
    given = {"by-hand": (("inputs", "0.8,0.5"),)}
    jobs = [Job(clip, "en", "low", given.get(clip.slug, ())) for clip in clips().values()]
    now = {job.slug: keys.key(keys.depends(job)) for job in jobs}
    before = all_keys()
    assert {slug for slug in now if now[slug] != before[slug]} == {"by-hand"}
    other = Job(clips()["by-hand"], "en", "low", (("inputs", "0.7,0.5"),))
    assert keys.key(keys.depends(other)) not in (now["by-hand"], before["by-hand"])


def test_parameters_and_files_they_name_are_in_the_key(tmp_path: Path) -> None:
    picture = tmp_path / "seven.png"
    picture.write_bytes(b"one")

    def key(*given: tuple[str, str]) -> str:
        return keys.key(keys.depends(Job(clips()["by-hand"], "en", "low", given)))

    plain, named = key(), key(("digit", str(picture)))
    assert plain != named != key(("digit", "drawn:7"))
    picture.write_bytes(b"other")
    assert key(("digit", str(picture))) != named
    assert key() == plain


def test_mnist_counts_for_the_clip_that_reads_it(
    stale: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"images")
    monkeypatch.setenv(mnist.ENVIRONMENT, str(tmp_path))
    found = stale()
    assert "mnist-forward" in found
    assert not found & {"by-hand", "xor"}


def test_changes_are_named() -> None:
    assert keys.changes({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}) == ["b", "c"]


def test_an_unchanged_render_of_all_imports_no_manim(tmp_path: Path) -> None:
    for clip in clips().values():
        target = tmp_path / f"{clip.slug}.mp4"
        target.write_bytes(clip.slug.encode())
        size, digest = manifest.measure(target)
        key = keys.key(keys.depends(Job(clip, "en", "low")))
        record = {"file": target.name, "key": key, "size": size, "sha256": digest}
        manifest.path_of(target).write_text(manifest.text(record), encoding="utf-8")
    code = (
        "import sys; sys.modules['manim'] = None\n"
        f"sys.argv = ['render.py', 'render', 'all', '-q', 'low', '-o', {str(tmp_path)!r}]\n"
        "from render import cli\ncli()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("unchanged") == len(clips())
