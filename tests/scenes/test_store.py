"""The store of set text: what is kept comes back, whatever becomes of its files."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scenes.kit.text import store

ROOT = Path(__file__).resolve().parents[2]
FEW = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test alone."""
    folder = tmp_path / "outlines"
    monkeypatch.setenv(store.ENVIRONMENT, str(folder))
    return folder


def refuse(*_: object, **__: object) -> list[np.ndarray]:
    """Makes nothing: what is asked for must be kept already."""
    raise AssertionError("made again")


def entries(folder: Path) -> list[Path]:
    """All files of a store."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def numbers(*values: float) -> Callable[[], list[np.ndarray]]:
    """Something to keep."""
    return lambda: [np.array(values, float), np.array(len(values), float)]


def started(code: str, *words: object) -> subprocess.Popen[str]:
    """A Python of its own that runs the code; its output is to be read."""
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


# What is kept is what was given

ARRAYS = st.lists(
    hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
    ),  # not a number, infinities and minus zero among them
    max_size=5,
)


@FEW
@given(ARRAYS)
@example([np.array([-0.0, np.nan, -np.inf, 5e-324])])
def test_arrays_come_back_to_the_bit(place: Path, arrays: list[np.ndarray]) -> None:
    store.clear()
    for make in (lambda: arrays, refuse):
        kept = store.kept(("some",), make)
        assert [(a.shape, a.dtype) for a in kept] == [(a.shape, np.float64) for a in arrays]
        assert [a.tobytes() for a in kept] == [a.tobytes() for a in arrays]
        assert not any(a.flags.writeable for a in kept)


def test_other_numbers_than_float64_are_refused(place: Path) -> None:
    with pytest.raises(TypeError, match="float64"):
        store.kept(("some",), lambda: [np.array([1, 2])])
    assert entries(place) == []


def test_what_cannot_be_made_is_not_kept(place: Path) -> None:
    for _ in range(2):
        with pytest.raises(AssertionError, match="made again"):
            store.kept(("some",), refuse)
    assert entries(place) == []


def test_different_requests_have_entries_of_their_own(place: Path) -> None:
    requests = [("ab",), ("a", "b"), (1.0,), ("1.0",), (True,), (("a", "b"),), (1.0 + 2**-52,)]
    for i, request in enumerate(requests):
        store.kept(request, numbers(i))
    for i, request in enumerate(requests):
        assert store.kept(request, refuse)[0].tolist() == [i]
    assert len(entries(place)) == len(requests)


def test_the_folder_is_named_or_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.ENVIRONMENT, str(tmp_path / "named"))
    assert store.folder() == tmp_path / "named"
    monkeypatch.delenv(store.ENVIRONMENT)
    monkeypatch.setattr(store, "user_cache_path", lambda name: tmp_path / name)
    assert store.folder() == tmp_path / "nn-explained" / "outlines"


# Damage


@FEW
@given(data=st.data())
def test_a_damaged_entry_is_made_anew(place: Path, data: st.DataObject) -> None:
    store.clear()
    store.kept(("some",), numbers(1.5, -2.5))
    (file,) = entries(place)
    whole = file.read_bytes()
    if data.draw(st.booleans(), "shortened"):
        file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    else:
        bit = data.draw(st.integers(0, 8 * len(whole) - 1))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
    made = store.kept(("some",), numbers(3.5))  # what only one who makes it anew can yield
    assert made[0].tolist() == [3.5]
    assert store.kept(("some",), refuse)[0].tolist() == [3.5]


def test_an_entry_under_anothers_name_is_not_taken(place: Path) -> None:
    store.kept(("a",), numbers(1))
    (first,) = entries(place)
    store.kept(("b",), numbers(2))
    (second,) = set(entries(place)) - {first}
    shutil.copy(first, second)
    assert store.kept(("b",), numbers(3))[0].tolist() == [3]


# Folders that cannot be used


@pytest.mark.parametrize("kind", ["a file", "below a file", "a broken link"])
def test_without_a_folder_all_works(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    named = {"a file": file, "below a file": file / "x" / "y", "a broken link": link}[kind]
    monkeypatch.setenv(store.ENVIRONMENT, str(named))
    for value in (1, 2):
        assert store.kept(("some",), numbers(value))[0].tolist() == [value]
    assert store.clear() == store.trim(0) == (0, 0)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("call", ["tempfile.mkstemp", "os.replace", "os.utime"])
def test_a_read_only_store_is_read(call: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.kept(("old",), numbers(1))
    (file,) = entries(place)
    os.utime(file, (0, 0))

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(call, fail)
    assert store.kept(("old",), refuse)[0].tolist() == [1]
    assert store.kept(("new",), numbers(2))[0].tolist() == [2]
    assert not [p for p in entries(place) if p.suffix == ".part"]


FULL = """
import resource, signal, sys
import numpy as np
from scenes.kit.text import store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
big = np.arange(2000.0)
for _ in range(2):
    assert np.array_equal(store.kept(("big",), lambda: [big])[0], big)
assert store.kept(("small",), lambda: [np.ones(2)])[0].sum() == 2
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files' sizes are POSIX's")
def test_a_full_disk_leaves_no_half_entry(place: Path) -> None:
    """A file that cannot grow stands for it."""
    process = started(FULL)
    process.communicate()
    assert process.returncode == 0
    assert [p.suffix for p in entries(place)] == [".outline"]
    assert store.kept(("small",), refuse)[0].tolist() == [1, 1]


# Several processes

WRITER = """
import sys
import numpy as np
from scenes.kit.text import store
rounds, clears = map(int, sys.argv[1:])
print("begun", flush=True)
for turn in range(rounds):
    for i in range(20):
        array = store.kept(("shared", i), lambda: [np.full(500, float(i))])[0]
        assert array.shape == (500,) and (array == i).all()
    if clears:
        store.clear()
"""


def test_processes_share_a_store(place: Path) -> None:
    """Two write and read the same entries, while one removes them again and again."""
    processes = [started(WRITER, 40, clears) for clears in (0, 1)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    assert not [p for p in entries(place) if p.suffix != ".outline"]


def test_a_killed_process_leaves_whole_entries(place: Path) -> None:
    process = started(WRITER, 10**6, 1)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for file in entries(place):
        if file.suffix == ".outline":
            key = file.stem
            data = store._read(key)
            assert data is not None
            assert len(store._unpacked(data)[0]) == 500
    for file in entries(place):
        if file.suffix == ".part":
            os.utime(file, (0, 0))  # an hour later
    store.trim()
    assert not [p for p in entries(place) if p.suffix == ".part"]


# Its size


def test_what_is_unused_for_longest_goes_first(place: Path) -> None:
    for i in range(8):
        before = entries(place)
        store.kept(("some", i), numbers(i))
        (file,) = set(entries(place)) - set(before)
        os.utime(file, (i, i))
    size = file.stat().st_size
    other = place / "notes.txt"
    other.write_text("mine")
    assert store.kept(("some", 0), refuse)[0].tolist() == [0]  # used: it is new again
    assert store.trim(8 * size) == (0, 0)
    assert store.trim(8 * size - 1) == (3, 3 * size)  # at most three quarters stay
    assert other.exists()
    left = []
    for i in range(8):
        try:
            store.kept(("some", i), refuse)
        except AssertionError:
            continue
        left.append(i)
    assert left == [0, 4, 5, 6, 7]


def test_writing_keeps_the_store_small(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.trim, "__defaults__", (20_000,))
    monkeypatch.setattr(store, "_TRIM_EVERY", 4)
    for i in range(100):
        store.kept(("some", i), lambda: [np.zeros(200)])
        assert sum(p.stat().st_size for p in entries(place)) < 20_000 + 4 * 2_000


def test_clear_removes_the_entries_alone(place: Path) -> None:
    for i in range(3):
        store.kept(("some", i), numbers(i))
    size = sum(p.stat().st_size for p in entries(place))
    (place / "notes.txt").write_text("mine")
    assert store.clear() == (3, size)
    assert [p.name for p in entries(place)] == ["notes.txt"]
    assert store.clear() == (0, 0)
