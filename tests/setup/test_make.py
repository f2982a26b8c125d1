"""What `make` and the run of all checks pass on, without running it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTER = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS"}


def dry_make(*words: str) -> list[str]:
    """The commands that `make` would run; an outer make leaves no trace in them."""
    env = {key: value for key, value in os.environ.items() if key not in OUTER}
    command = ["make", "--no-print-directory", "-n", "-C", str(ROOT), *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_make_passes_arguments_on() -> None:
    assert dry_make("render")[-1].endswith("render.py render all")
    arguments = "predictor -q low --lang zh"
    assert dry_make("render", f"ARGS={arguments}")[-1].endswith(f"render.py render {arguments}")
    assert dry_make("test", "ARGS=-k figures")[-1].endswith("pytest -n auto -k figures")


@pytest.mark.parametrize(
    ("target", "stage"),
    [("render", "runtime"), ("test", "dev"), ("gallery", "runtime"), ("bench", "bench")],
)
def test_make_sets_up_before_it_works(target: str, stage: str) -> None:
    assert dry_make(target)[0] == f"sh tools/bootstrap.sh {stage}"


@pytest.mark.parametrize(
    ("beside", "given", "expected"),
    [(True, None, "{shared}"), (True, "/else", "/else"), (True, "", ""), (False, None, "unset")],
)
def test_checks_find_the_digits(
    tmp_path: Path, beside: bool, given: str | None, expected: str
) -> None:
    (tmp_path / "main/.ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", tmp_path / "main/.ci/run")
    shared = tmp_path / "shared/mnist"
    if beside:
        shared.mkdir(parents=True)
    fake = tmp_path / "make"
    fake.write_text('#!/bin/sh\nprintf "%s|%s|%s" "$PWD" "$1" "${NN_MNIST_DIR-unset}"\n')
    fake.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    if given is not None:
        env["NN_MNIST_DIR"] = given
    done = subprocess.run(
        [tmp_path / "main/.ci/run"], env=env, capture_output=True, text=True, check=True
    )
    folder, target, digits = done.stdout.split("|")
    assert (Path(folder).resolve(), target) == ((tmp_path / "main").resolve(), "test")
    assert digits == expected.format(shared=shared)
