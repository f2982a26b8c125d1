"""Every clip keeps every rule: in all languages and looks, at the edges of its parameters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import checks
import pytest
from cases import Case, computed, every, lacks_mnist, sets

from pipeline import stillness
from scenes.catalogue import clips, find

ROOT = Path(__file__).resolve().parents[2]
DRAWN = "", "low", "high"
"""Parameters with which section ends are drawn, too, to see how texts stand out; it takes long."""
EVERY = [pytest.param(slug, case, id=f"{slug}: {case}") for slug, case in every()]


@pytest.mark.parametrize(("slug", "case"), EVERY)
def test_rules(slug: str, case: Case) -> None:
    if lacks_mnist(sets(slug)[case.extreme]):
        pytest.skip("the MNIST files are not here: set NN_MNIST_DIR to their folder")
    clip, params, run = computed(slug, case.extreme)
    report = checks.faults_of(
        clip,
        params,
        case.lang,
        run=run,
        look=case.look,
        rate=8 if case.usual else 5,
        drawn=case.lang == "en" and case.extreme in DRAWN,
        posters=not case.extreme,
    )
    assert report.faults == []
    assert len(report.clip.ledger.entries) >= 3


@pytest.mark.parametrize("slug", clips())
def test_at_most_a_third_of_the_time_stands_still(slug: str) -> None:
    found = stillness.measure(find(slug))
    where = [f"{s.start:.1f} to {s.end:.1f} s in {s.section}" for s in found.longest]
    assert found.share <= 0.35, where


@pytest.mark.parametrize("slug", clips())
def test_same_parameters_same_run(slug: str) -> None:
    clip, params, run = computed(slug)
    assert checks.members(run) == checks.members(clip.compute(params))


@pytest.mark.parametrize("slug", clips())
def test_plain_manim_draws_the_clip(slug: str, tmp_path: Path) -> None:
    """Manim's own command on the file of the clip, as a user of manim would type it."""
    ref = find(slug)
    command = [sys.executable, "-m", "manim", "-ql", "-s", "--media_dir", str(tmp_path)]
    command += [str(ref.path.relative_to(ROOT)), ref.class_name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(tmp_path.rglob("*.png"))
