"""Every clip, in both languages, by default and with changed parameters, keeps every rule."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import checks
import pytest

from lab import mnist
from scenes.catalogue import CLIPS, find
from scenes.kit.params import parse

ROOT = Path(__file__).resolve().parents[2]

CASES: dict[str, dict[str, dict[str, Any]]] = {
    "predictor": {
        "default": {},
        "overshooting": {
            "kilometres": "5",
            "miles": "3.107",
            "constants": "1,0.2,0.65",
            "learning_rate": "1.4",
        },
        "long": {
            "kilometres": "500",
            "miles": "1000",
            "constants": "0.1,0.9,0.8,0.3,0.5",
            "learning_rate": "0.1",
            "max_steps": "30",
        },
        "settled at once": {"constants": "0.62137"},
    },
    "classifier": {
        "default": {},
        "most": {
            "learning_rate": "0.3",
            "start": "1.2",
            "ladybird": "3.4,0.8",
            "caterpillar": "0.8,3.2",
            "wrong": "3",
            "passes": "3",
            "animals": "24",
            "noise": "0.22",
            "seed": "7",
            "insect_width": "0.8",
            "insect_length": "3.1",
        },
        "no learning rate": {
            "learning_rate": "1",
            "start": "0",
            "wrong": "0",
            "margin": "0.3",
            "animals": "6",
        },
        "hardly moving": {
            "learning_rate": "0.01",
            "wrong": "2",
            "animals": "16",
            "seed": "3",
            "insect_width": "3.6",
            "insect_length": "3.7",
        },
    },
    "xor": {
        "default": {},
        "a seed that fails": {"seed": "6"},
        "most": {
            "hidden": "4",
            "sweep_turns": "6",
            "epochs": "3000",
            "learning_rate": "10",
            "seed": "18",
        },
        "least": {"epochs": "50", "hidden": "3", "sweep_turns": "2", "learning_rate": "0.01"},
    },
    "error-split": {
        "default": {},
        "extreme": {
            "output_error_1": "-1.999",
            "output_error_2": "0.333",
            "weights_1": "0.1,9.9",
            "weights_2": "3.35,3.3",
            "hidden_weights_1": "9.9,0.1",
        },
        "both negative": {
            "output_error_1": "-1.5",
            "output_error_2": "-2",
            "weights_1": "9.9,9.9",
            "weights_2": "0.5,0.5",
        },
        "nothing in all": {
            "output_error_1": "1.234",
            "output_error_2": "-1.234",
            "weights_1": "0.3,0.7",
            "weights_2": "0.6,0.4",
            "hidden_weights_2": "7.77,1.23",
        },
    },
    "descent": {
        "default": {},
        "runs away": {
            "bean_start": "4.1",
            "fixed_step": "0.15",
            "learning_rate": "6.8",
            "start_1": "-2.7,-2.7",
            "start_2": "2.7,2.7",
            "start_3": "0,0",
            "land_rate": "0.01",
            "land_steps": "10",
            "network_rate": "0.3",
            "network_steps": "20",
        },
        "all in the lowest": {
            "bean_start": "0.7",
            "fixed_step": "1.0",
            "learning_rate": "5.8",
            "start_1": "1.5,-0.2",
            "start_2": "0.4,-0.9",
            "start_3": "2.7,-2.7",
            "land_rate": "0.15",
            "network_rate": "6",
        },
        "none in the lowest": {
            "bean_start": "-0.7",
            "learning_rate": "0.3333",
            "fixed_step": "0.55",
            "start_1": "-2,1.5",
            "start_2": "-1.6,-1.8",
            "start_3": "1.8,2.0",
            "land_rate": "0.1",
            "network_steps": "60",
        },
    },
    "mnist-forward": {
        "default": {},
        "misread": {"digit": "mnist:test:4201", "hard": "mnist:test:4063"},
        "test image and drawn digit": {"digit": "mnist:test:4201", "hard": "drawn:7"},
        "drawn": {"digit": "drawn:1", "hard": "drawn:8"},
    },
}

EVERY = [
    pytest.param(slug, case, lang, id=f"{slug}-{case}-{lang}")
    for slug, cases in CASES.items()
    for case in cases
    for lang in ("en", "zh")
]


def needs_mnist(values: dict[str, Any]) -> bool:
    """Whether these parameters name an image of the MNIST test set."""
    return any(str(v).startswith("mnist:") for v in values.values())


@pytest.mark.parametrize(("slug", "case", "lang"), EVERY)
def test_numbers_and_layout(slug: str, case: str, lang: str) -> None:
    values = CASES[slug][case]
    if needs_mnist(values) and not mnist.has_test_set():
        pytest.skip("the MNIST files are not here: set NN_MNIST_DIR to their folder")
    clip = find(slug).load()
    report = checks.faults_of(clip, parse(clip.Params, values), lang)
    assert report.faults == []
    assert len(report.clip.ledger.entries) >= 3


def test_every_clip_has_a_default_and_three_changed_sets() -> None:
    assert set(CASES) == set(CLIPS)
    for cases in CASES.values():
        assert cases["default"] == {}
        assert len(cases) == 4


@pytest.mark.parametrize("slug", CLIPS)
def test_same_parameters_same_run(slug: str) -> None:
    clip = find(slug).load()
    first, second = clip.compute(clip.Params()), clip.compute(clip.Params())
    assert checks.members(first) == checks.members(second)


@pytest.mark.parametrize("slug", CLIPS)
def test_plain_manim_draws_the_clip(slug: str, tmp_path: Path) -> None:
    """Manim's own command on the file of the clip, as a user of manim would type it."""
    ref = find(slug)
    command = [sys.executable, "-m", "manim", "-ql", "-s", "--media_dir", str(tmp_path)]
    command += [f"scenes/{ref.module}.py", ref.class_name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(tmp_path.rglob("*.png"))
