"""`render.py digits study …`, as a user types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]

# study


def test_a_quick_study_with_a_picture(run, real_mnist, tmp_path):
    done = run("digits", "study", "learning-rate", "--quick", "--plot", "rates.png", "--jobs", 1,
               "-o", "quick.json")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "learning rate" in done.stdout
    assert done.stdout.count("%") == 20  # test and training accuracy of ten points
    with Image.open(tmp_path / "rates.png") as picture:
        assert picture.size[0] > 1_000
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 10
    assert len(json.loads((tmp_path / "quick.json").read_text())["points"]) == 10


@pytest.mark.parametrize("name", ["epochs", "hidden-nodes", "initial-weights"])
def test_committed_studies_are_shown(run, name, tmp_path):
    done = run("digits", "study", name, "--show", "--plot", "p.svg")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "p.svg").read_text().startswith("<?xml")
    told = json.loads(run("digits", "study", name, "--show", "--json").stdout)
    assert all(f"{point['mean']:.2%}" in done.stdout for point in told["points"])


def test_mistakes_in_study(run, refused, monkeypatch):
    refused(run("digits", "study", "learning-rates"), "Did you mean 'learning-rate'?")
    refused(run("digits", "study", "epochs", "--show", "--quick"), "exclude each other")
    refused(run("digits", "study", "epochs", "--show", "--plot", "p.txt"), ".png, .svg, .pdf")
    refused(run("digits", "study", "epochs", "--show", "--plot", "no/p.png"), "no folder no")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    refused(run("digits", "study", "epochs", "--show", "--plot", "p.png"), "needs matplotlib")


def test_the_names_offered_are_those_there_are():
    from cli.studying import STUDIES
    from nncore.study import NAMES

    assert STUDIES == NAMES


def gone(group: int) -> bool:
    """Whether no process of a group is left, after a moment."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_interrupted_it_leaves_no_process_and_goes_on(real_mnist, start, tmp_path):
    words = ["digits", "study", "hidden-nodes", "--quick", "--jobs", "2", "-o", "quick.json"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "render.py"), *words], cwd=tmp_path, text=True,
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith("1/7  hidden-nodes ")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it
    said = process.communicate(timeout=60)[1]
    assert (process.returncode, said.splitlines()[-1]) == (130, "Interrupted.")
    assert gone(process.pid)
    known = 1 + said.count("/7  hidden-nodes ")  # the first, and those that ended meanwhile
    assert not (tmp_path / "quick.json").exists()
    done = start(*words)
    assert done.returncode == 0, done.stderr
    assert f"({known} known)" in done.stderr or known == 7
    assert [path.name for path in tmp_path.iterdir()] == ["quick.json"]


def test_a_run_made_again_is_compared(run, real_mnist):
    done = run("digits", "study", "hidden-nodes", "--check")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("hidden-nodes at 5, seed 0: ")
    assert done.stdout.endswith(" agrees\n")
