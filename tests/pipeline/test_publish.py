"""Putting clips in place: at no moment is there a clip beside the manifest of another."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import manifest, publish
from pipeline.files import OutputError

STEPS = 4  # the old clip away; manifest, subtitles, clip in place
KINDS = ["clip.mp4", "clip-frames"]
Put = Callable[[str], int]


def make(path: Path, said: str) -> Path:
    """A finished clip: a file, or a folder of frames."""
    if path.suffix:
        path.write_text(said)
    else:
        path.mkdir()
        for k, letter in enumerate(said):
            (path / f"{k:06}.png").write_text(letter)
    return path


def read(path: Path) -> str:
    """What a clip says."""
    if path.is_file():
        return path.read_text()
    return "".join(frame.read_text() for frame in sorted(path.iterdir()))


def see(target: Path) -> str:
    """What the clip in place says, "" if there is none; it must be what stands beside it."""
    if not target.exists():
        return ""
    record = manifest.read(target)
    assert record is not None
    assert manifest.whole(target, record)
    said = read(target)
    assert record["said"] == said
    assert publish.subtitles_of(target).read_text() == f"{said}!"
    return said


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the clip goes."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / request.param


@pytest.fixture
def put(target: Path, tmp_path: Path) -> Put:
    """Puts a clip in place that says this."""
    runs = iter(range(10))

    def one(said: str) -> int:
        scratch = tmp_path / f"scratch-{next(runs)}"
        scratch.mkdir()
        made = make(scratch / f"whole{target.suffix}", said)
        return publish.put(made, target, {"said": said}, f"{said}!", scratch)

    return one


def test_it_is_described_as_it_is(target: Path, put: Put) -> None:
    assert put("abc") == 3
    assert see(target) == "abc"
    names = "".join(f"{k:06}.png\0{letter}" for k, letter in enumerate("abc"))
    content = "abc" if target.suffix else names
    record = json.loads(manifest.path_of(target).read_text())
    assert record["sha256"] == hashlib.sha256(content.encode()).hexdigest()
    assert (record["size"], record["file"]) == (3, target.name)
    assert sorted(p.name for p in target.parent.iterdir()) == sorted(
        [target.name, f"{target.name}.json", f"{target.stem}.srt"]
    )
    put("longer")
    assert see(target) == "longer"


@pytest.mark.parametrize("ending", [KeyboardInterrupt, PermissionError(1, "Not permitted")])
@pytest.mark.parametrize("step", range(STEPS))
def test_what_ends_between_two_steps_leaves_no_clip_that_is_wrong(
    step: int, ending: Any, target: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("old")
    real, left = os.replace, step

    def replace(source: Any, place: Any) -> None:
        nonlocal left
        see(target)  # before each step, as one would find it who comes just then
        if not left:
            raise ending
        left -= 1
        real(source, place)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        expected = OutputError if isinstance(ending, OSError) else KeyboardInterrupt
        with pytest.raises(expected) as caught:
            put("new")
    if expected is OutputError:
        assert str(caught.value).endswith(" cannot be written (not permitted).")
        assert "\n" not in str(caught.value)
    assert see(target) == ("old" if step == 0 else "")
    put("newer")
    assert see(target) == "newer"


def test_all_is_on_the_disk_before_it_has_its_name(
    target: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe: set[int] = set()
    placed: list[str] = []
    sync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        sync(handle)
        safe.add(os.fstat(handle).st_ino)

    def replaced(source: Path, place: Path) -> None:
        contents = [source, *source.iterdir()] if source.is_dir() else [source]
        assert {path.stat().st_ino for path in contents} <= safe
        safe.discard(place.parent.stat().st_ino)
        placed.append(place.name)
        replace(source, place)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    put("abc")
    assert placed == [f"{target.name}.json", f"{target.stem}.srt", target.name]
    assert target.parent.stat().st_ino in safe  # the names, at last


def held(folder: Path) -> bool:
    """Whether someone holds a folder's lock."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def test_two_runs_do_not_mix_their_files(
    target: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = os.replace, []

    def replace(source: Any, place: Any) -> None:
        seen.append(held(target.parent))
        real(source, place)

    monkeypatch.setattr(os, "replace", replace)
    put("one")
    put("two")
    assert seen == [True] * (2 * STEPS)
    assert not held(target.parent)


def test_a_number_that_json_has_not_touches_nothing(target: Path, put: Put, tmp_path: Path) -> None:
    put("old")
    made = make(tmp_path / f"made{target.suffix}", "new")
    with pytest.raises(ValueError, match="JSON"):
        publish.put(made, target, {"said": float("nan")}, "", tmp_path)
    assert see(target) == "old"


@pytest.mark.parametrize("found", [None, b"other", b"\xff\xfe", b""])
def test_subtitles_that_are_not_as_they_were_come_back(found: bytes | None, tmp_path: Path) -> None:
    target, place = tmp_path / "clip.mp4", tmp_path / "clip.srt"
    if found is not None:
        place.write_bytes(found)
    (tmp_path / "scratch").mkdir()
    publish.mend_subtitles(target, "1\n字\n", tmp_path / "scratch")
    assert place.read_text(encoding="utf-8") == "1\n字\n"
    before = place.stat()
    publish.mend_subtitles(target, "1\n字\n", tmp_path / "scratch")
    assert place.stat() == before


@given(st.one_of(
    st.binary(max_size=50),
    st.recursive(st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
                 lambda inner: st.lists(inner, max_size=3)).map(lambda v: json.dumps(v).encode()),
    st.dictionaries(st.sampled_from(["file", "key", "size"]), st.text(max_size=3))
    .map(lambda v: json.dumps(v).encode()),
    st.just(b"[" * 100_000),
))  # fmt: skip
def test_what_is_no_manifest_of_ours_is_none(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    target = tmp_path_factory.getbasetemp() / "a-clip.mp4"
    manifest.path_of(target).write_bytes(content)
    assert manifest.read(target) is None
    assert not manifest.whole(target, manifest.read(target))
