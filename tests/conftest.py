"""MNIST for tests: the real one where it is, or a small one of drawn digits; what tests cost."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import struct
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab import mnist
from nncore.drawn import draw

MOST = 15.0
"""Seconds that a clip's checks may take on two cores."""
CORES = 2


def as_idx(array: np.ndarray) -> bytes:
    """An array as an IDX file."""
    return struct.pack(f">{array.ndim + 1}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


def pytest_configure(config: pytest.Config) -> None:
    """Keep set text and timings of test runs out of this user's caches; workers share them."""
    if "NN_OUTLINES_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="nn-tests-")
        os.environ["NN_OUTLINES_DIR"] = folder
        os.environ["NN_TIMINGS_FILE"] = str(Path(folder, "timings.json"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture
def idx() -> Callable[[np.ndarray], bytes]:
    """Makes an array an IDX file."""
    return as_idx


@cache
def drawn_sets() -> dict[str, list[np.ndarray]]:
    return {
        "train": [draw(d, tilt=tilt) for tilt in (-5.0, 0.0, 5.0) for d in range(10)],
        "t10k": [draw(d, 2.6) for d in range(10)],
    }


@pytest.fixture
def small_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of MNIST's form: 30 drawn digits to learn from, 10 to be tested on."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for name, images in drawn_sets().items():
        labels = np.array([*range(10)] * (len(images) // 10), np.uint8)
        for kind, array in (("images-idx3", np.array(images)), ("labels-idx1", labels)):
            file = f"{name}-{kind}-ubyte"
            data = as_idx(array)
            if name == "train":
                (folder / f"{file}.gz").write_bytes(gzip.compress(data))
            else:
                (folder / file).write_bytes(data)
            monkeypatch.setitem(mnist.MD5, file, hashlib.md5(data).hexdigest())
            monkeypatch.setitem(mnist.SHA256, file, hashlib.sha256(data).hexdigest())
        monkeypatch.setitem(mnist.COUNTS, name, len(images))
    monkeypatch.setenv("NN_MNIST_DIR", str(folder))
    return folder


@pytest.fixture
def real_mnist() -> None:
    """Skips where MNIST's four files are not at hand."""
    folder = mnist.mnist_dir()
    if folder is None or any(mnist.find_file(folder, name) is None for name in mnist.MD5):
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Sum the times of the tests of each clip, the slowest first."""
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            name = getattr(report, "nodeid", "")
            if "test_clips.py::test_rules[" in name and hasattr(report, "duration"):
                seconds[name.partition("[")[2].partition(":")[0]] += report.duration
    if not seconds:
        return
    terminalreporter.section(f"checks of clips, seconds on {CORES} cores (at most {MOST:.0f})")
    for slug, taken in sorted(seconds.items(), key=lambda pair: -pair[1]):
        mark = "  too slow" if taken / CORES > MOST else ""
        terminalreporter.line(f"{taken / CORES:6.1f}  {slug}{mark}")
