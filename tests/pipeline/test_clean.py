"""Cleaning removes what no current key owns, says how much, and touches nothing else."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_clips
from tiny_clips import OTHER, TINY

from pipeline import clean as cleaning
from pipeline import keys, manifest, publish
from pipeline.clean import clean
from pipeline.files import SCRATCH, OutputError, scratch_folder
from pipeline.formats import choose
from pipeline.jobs import Job
from scenes import catalogue
from scenes.kit.theme import Look

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lay:
    """Lays a clip as a run leaves it, but for its pixels; `also` is otherwise in its manifest."""
    for clip in (TINY, OTHER):
        monkeypatch.setitem(catalogue.clips(), clip.slug, clip)

    def one(
        slug: str, kind: str = "mp4", lang: str = "en", given: Any = (), look: Look | None = None,
        **also: Any,
    ) -> Path:  # fmt: skip
        clip, look = catalogue.find(slug), look or Look()
        job = Job(clip, lang, "low", tuple(given), kind, look=look)
        target = tmp_path / lang / f"{job.name}{choose(kind).suffix}"
        target.parent.mkdir(exist_ok=True)
        if kind == "png":
            target.mkdir()
            for k in range(3):
                (target / f"{k:06}.png").write_text("frame")
        else:
            target.write_text(f"{slug} {kind}")
        size, digest = manifest.measure(target)
        depends = keys.depends(job)
        record = {
            "file": target.name, "clip": slug, "language": lang, "quality": "low",
            "format": kind, "transparent": False, "theme": look.theme, "aspect": look.aspect,
            "depends": depends, "key": keys.key(depends),
            "size": size, "sha256": digest, **also,
        }  # fmt: skip
        manifest.path_of(target).write_text(manifest.text(record), encoding="utf-8")
        publish.subtitles_of(target).write_text(f"{slug} said", encoding="utf-8")
        return target

    return one


def there(folder: Path) -> dict[str, str]:
    """Every file below a folder, and its content's digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def of(target: Path) -> list[Path]:
    """A clip's three files."""
    return [target, publish.subtitles_of(target), manifest.path_of(target)]


def weight(paths: list[Path]) -> int:
    return sum(len(path.read_bytes()) for path in paths)


def test_what_is_current_stays(lay: Lay, tmp_path: Path) -> None:
    lay("tiny")
    lay("tiny", "webm", given=[("whole", "0.5")])
    lay("other", lang="zh")
    lay("other", "png")
    lay("tiny", look=Look("light", "9:16"))
    before = there(tmp_path)
    assert clean(tmp_path) == cleaning.Removed((), 0)
    assert there(tmp_path) == before


def test_a_changed_caption_takes_the_clips_that_say_it(
    lay: Lay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale, other, foreign = lay("tiny"), lay("other"), lay("tiny", lang="zh")
    words = tmp_path.parent / f"{tmp_path.name}-words"
    shutil.copytree(tiny_clips.WORDS, words)
    file = words / "tiny.toml"
    text = file.read_text(encoding="utf-8")
    assert "A field" in text
    file.write_text(text.replace("A field", "Another field"), encoding="utf-8")
    monkeypatch.setattr(tiny_clips, "WORDS", words)
    expected = weight(of(stale))
    removed = clean(tmp_path)
    assert sorted(removed.files) == sorted(of(stale))
    assert removed.bytes == expected
    assert not stale.exists()
    assert all(path.exists() for path in of(other) + of(foreign))


@pytest.mark.parametrize(
    "also",
    [
        {"key": "of another time"},
        {"size": 1},
        {"clip": "no such clip"},
        {"quality": "8k"},
        {"format": "avi"},
        {"language": "fr"},
        {"theme": "sepia"},
        {"aspect": "light"},
        {"theme": "light"},
        {"depends": None},
    ],
    ids=lambda also: next(iter(also)),
)
def test_what_would_be_made_otherwise_goes(also: dict[str, Any], lay: Lay, tmp_path: Path) -> None:
    expected = of(lay("tiny", **also))
    size = weight(expected)
    removed = clean(tmp_path)
    assert sorted(removed.files) == sorted(expected)
    assert removed.bytes == size
    assert there(tmp_path) == {}


def test_a_manifest_without_its_clip_goes(lay: Lay, tmp_path: Path) -> None:
    target = lay("tiny")
    target.unlink()
    assert sorted(clean(tmp_path).files) == sorted(of(target)[1:])
    assert there(tmp_path) == {}


def test_subtitles_stay_for_the_format_that_stays(lay: Lay, tmp_path: Path) -> None:
    kept, stale = lay("tiny", "webm"), lay("tiny", key="another")
    assert list(clean(tmp_path).files) == [stale, manifest.path_of(stale)]
    assert all(path.exists() for path in of(kept))


def test_all_formats_gone_the_subtitles_go(lay: Lay, tmp_path: Path) -> None:
    lay("tiny", "webm", key="another")
    lay("tiny", key="another")
    (tmp_path / "en" / "tiny.notes.json").write_text("{}")  # is no format of it
    clean(tmp_path)
    assert set(there(tmp_path)) == {"en/tiny.notes.json"}


def test_a_folder_of_frames_goes_whole(lay: Lay, tmp_path: Path) -> None:
    target = lay("other", "png", key="another")
    size = 15 + weight(of(target)[1:])
    removed = clean(tmp_path)
    assert removed.bytes == size
    assert removed.files[0] == target
    assert there(tmp_path) == {}


def test_what_is_not_ours_is_not_touched(lay: Lay, tmp_path: Path) -> None:
    lay("tiny", key="another")
    folder = tmp_path / "en"
    for name, text in {
        "notes.json": "{}",
        "mine.mp4": "mine",
        "mine.mp4.json": '{"file": "mine.mp4", "clip": "tiny"}',
        "list.json": "[1]",
        "broken.json": "{",
        "moved.mp4.json": '{"file": "tiny.mp4", "key": "x"}',
        "talk.srt": "mine",
        ".hidden": "mine",
    }.items():
        (folder / name).write_text(text)
    (folder / "deeper").mkdir()
    (folder / "deeper" / "slides.pdf").write_text("mine")
    ours = {"en/tiny.mp4", "en/tiny.mp4.json", "en/tiny.srt"}
    before = there(tmp_path)
    clean(tmp_path)
    assert there(tmp_path) == {name: d for name, d in before.items() if name not in ours}


def test_what_killed_runs_left_goes_and_what_runs_use_stays(lay: Lay, tmp_path: Path) -> None:
    target = lay("tiny")
    left = target.parent / f"{SCRATCH}killed"
    (left / "task-1").mkdir(parents=True)
    (left / "in-use").touch()
    (left / "task-1" / "part.mp4").write_text("12345")
    with scratch_folder(target.parent) as used:
        (used / "task-1").mkdir()
        # Not yet in place, though it looks like it.
        (used / "task-1" / "other.mp4.json").write_text('{"file": "other.mp4", "key": "x"}')
        assert clean(tmp_path) == cleaning.Removed((), 5)
        assert not left.exists()
        assert (used / "task-1" / "other.mp4.json").exists()


@pytest.mark.parametrize("ending", [KeyboardInterrupt, PermissionError(1, "Not permitted")])
@pytest.mark.parametrize("step", range(3))
def test_stopped_at_any_step_it_leaves_no_half_clip(
    step: int, ending: Any, lay: Lay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, left, real = lay("other", "png", key="another"), step, os.replace

    def replace(source: Any, place: Any) -> None:
        nonlocal left
        if not left:
            raise ending
        left -= 1
        real(source, place)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises((OutputError, KeyboardInterrupt)) as caught:
            clean(tmp_path)
    if isinstance(caught.value, OutputError):
        assert str(caught.value) == f"{tmp_path} cannot be cleaned (not permitted)."
    assert target.exists() == (step == 0)
    if target.exists():
        assert manifest.whole(target, manifest.read(target))
    clean(tmp_path)
    assert there(tmp_path) == {}


def test_no_run_puts_a_clip_in_place_meanwhile(
    lay: Lay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = lay("tiny", key="another")
    seen = []

    def replace(source: Any, place: Any) -> None:
        handle = os.open(target.parent, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        seen.append(source)
        os.rename(source, place)

    monkeypatch.setattr(os, "replace", replace)
    clean(tmp_path)
    assert seen == of(target)


def test_where_there_is_no_folder_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert clean(tmp_path / "none") == cleaning.Removed((), 0)
    assert list(tmp_path.iterdir()) == []
