"""Studies: run, interrupted, gone on with, changed; the committed ones made again."""

from __future__ import annotations

import json
import statistics
from dataclasses import replace

import numpy as np
import pytest

from lab import study as running
from lab.studies import BASE, PLANS, Plan, plan
from lab.study import Task, check_study, make_run, run_study, tasks, weights_sum
from lab.train import Settings
from nncore.activations import SIGMOID
from nncore.errors import DataError, ParameterError
from nncore.network import Layer, Network
from nncore.study import FOLDER, NAMES, committed_study, dump_study, load_study
from nncore.training import train as learn

TINY = Settings(hidden=(4,), epochs=2, learning_rate=0.3)
TRIAL = Plan(
    "learning-rate",
    "learning_rate",
    tuple((rate, replace(TINY, learning_rate=rate)) for rate in (0.1, 0.5, 0.9)),
    seeds=2,
    images=30,
    tests=10,
)


@pytest.fixture
def made(monkeypatch) -> list[tuple]:
    """What is really trained: value and seed of each run."""
    seen: list[tuple] = []
    real = running.make_run

    def counting(task: Task):
        seen.append((task.value, task.settings.seed))
        return real(task)

    monkeypatch.setattr(running, "make_run", counting)
    monkeypatch.setattr(running, "_loaded", {})
    return seen


def everything(trial: Plan) -> set[tuple]:
    return {(value, seed) for value, _ in trial.points for seed in range(trial.seeds)}


def test_every_run_is_made_and_written(small_mnist, tmp_path, made):
    path = tmp_path / "deep" / "trial.json"
    result = run_study(TRIAL, path, jobs=1)
    assert sorted(made) == sorted(everything(TRIAL))
    assert load_study(path) == result
    assert [point.value for point in result.points] == [0.1, 0.5, 0.9]
    for point in result.points:
        shares = [run.accuracy for run in point.runs]
        assert point.mean == pytest.approx(sum(shares) / 2)
        assert point.spread == pytest.approx(abs(shares[0] - shares[1]) / 2**0.5)
        assert all(run.by_epoch[-1][2] == run.accuracy for run in point.runs)
    assert [p.name for p in path.parent.iterdir()] == ["trial.json"]


def test_a_run_is_what_training_gives(small_mnist):
    task = tasks(TRIAL)[3]
    run = make_run(task)
    network = task.settings.start()
    train, test = running._data(TRIAL)
    for epoch in range(2):
        order = np.random.default_rng([task.settings.seed, 1, epoch]).permutation(30)
        wanted = np.where(np.arange(10) == train.labels[order, None], 0.99, 0.01)
        rate = task.settings.learning_rate
        network = learn(network, train.inputs[order], wanted, learning_rate=rate).network
    answers = network.forward(test.inputs).output.argmax(axis=1)
    assert run.accuracy == (answers == test.labels).mean()
    assert run.weights_sha256 == weights_sum(network)
    hidden = network.forward(test.inputs).outputs[0]
    flat = (hidden * (1 - hidden) < 0.0099).mean()
    assert run.saturated is not None
    assert run.saturated[1] == pytest.approx(flat, abs=0.01)


def test_interrupted_it_goes_on_where_it_was(small_mnist, tmp_path, made):
    path = tmp_path / "trial.json"

    def interrupt(task, run, done, count):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(TRIAL, path, jobs=1, on_run=interrupt)
    assert not path.exists()
    first = list(made)
    assert len(first) == 4
    made.clear()
    result = run_study(TRIAL, path, jobs=1)
    assert sorted(first + made) == sorted(everything(TRIAL))
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["trial.json"]
    sums = [run.weights_sha256 for point in result.points for run in point.runs]
    assert sums == [make_run(task).weights_sha256 for task in tasks(TRIAL)]


def test_a_changed_setting_makes_only_the_runs_it_touches(small_mnist, tmp_path, made):
    path = tmp_path / "trial.json"
    run_study(TRIAL, path, jobs=1)
    made.clear()
    assert run_study(TRIAL, path, jobs=1) == load_study(path)
    assert made == []
    points = (*TRIAL.points[:2], (0.9, replace(TRIAL.points[2][1], epochs=1)))
    run_study(replace(TRIAL, points=points), path, jobs=1)
    assert sorted(made) == [(0.9, 0), (0.9, 1)]
    made.clear()
    run_study(replace(TRIAL, points=points, seeds=3), path, jobs=1)
    assert sorted(made) == [(0.1, 2), (0.5, 2), (0.9, 2)]
    made.clear()
    run_study(replace(TRIAL, points=(points[1], (0.7, TINY)), seeds=3), path, jobs=1)
    assert sorted(made) == [(0.7, 0), (0.7, 1), (0.7, 2)]
    assert [point.value for point in load_study(path).points] == [0.5, 0.7]


@pytest.mark.parametrize("what", ["tests", "method", "measure"])
def test_another_way_of_measuring_makes_all_anew(small_mnist, tmp_path, made, monkeypatch, what):
    path = tmp_path / "trial.json"
    run_study(TRIAL, path, jobs=1)
    made.clear()
    if what == "method":
        monkeypatch.setattr(running, "METHOD", running.METHOD + 1)
        run_study(TRIAL, path, jobs=1)
    else:
        run_study(replace(TRIAL, **{what: 2}), path, jobs=1)
    assert sorted(made) == sorted(everything(TRIAL))


def test_other_data_makes_all_anew(small_mnist, tmp_path, made, monkeypatch):
    path = tmp_path / "trial.json"
    run_study(TRIAL, path, jobs=1)
    text = path.read_text()
    old = load_study(path).data_md5["t10k-labels-idx1-ubyte"]
    path.write_text(text.replace(old, "0" * 32))
    made.clear()
    run_study(TRIAL, path, jobs=1)
    assert sorted(made) == sorted(everything(TRIAL))


def test_a_study_made_again_agrees_or_not(small_mnist, tmp_path, made):
    path = tmp_path / "trial.json"
    result = run_study(TRIAL, path, jobs=1)
    check = check_study(result, TRIAL)
    assert (check.same_platform, check.same_bits, check.agrees) == (True, True, True)
    sums = {run.weights_sha256 for point in result.points for run in point.runs}
    text = path.read_text()
    for each in sums:
        text = text.replace(each, "0" * 64)
    path.write_text(text)
    assert not check_study(load_study(path), TRIAL).agrees
    elsewhere = text.replace(json.dumps(result.points[0].runs[0].platform), '"another"')
    path.write_text(elsewhere)
    check = check_study(load_study(path), TRIAL)
    assert (check.same_platform, check.same_bits, check.agrees) == (False, False, True)
    with pytest.raises(DataError, match="not of the present plan"):
        check_study(result, replace(TRIAL, points=((0.1, TINY),)))


def test_a_folder_that_cannot_be_is_said_first(small_mnist, tmp_path, made):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written to"):
        run_study(TRIAL, tmp_path / "file" / "trial.json", jobs=1)
    assert made == []


def test_the_sum_is_of_all_weights_and_biases():
    layer = Layer(np.ones((2, 3)), np.zeros(2), SIGMOID)
    other = Layer(np.ones((2, 3)), np.array([0.0, 1e-9]), SIGMOID)
    assert weights_sum(Network([layer])) == weights_sum(Network([layer]))
    assert weights_sum(Network([layer])) != weights_sum(Network([other]))


# Files


def test_damage_is_a_data_error(small_mnist, tmp_path, made):
    path = tmp_path / "trial.json"
    study = run_study(TRIAL, path, jobs=1)
    good = json.loads(dump_study(study))
    point = good["points"][0]
    for change in (
        {"format": 2},
        {"points": []},
        {"points": [point | {"mean": 0.5 if point["mean"] != 0.5 else 0.4}]},
        {"points": [point | {"runs": []}]},
        {"points": [point | {"runs": [point["runs"][0] | {"accuracy": 1.5}]}]},
        {"points": [{}]},
        {"images": -1},
        {"data_md5": 3},
    ):
        path.write_text(json.dumps(good | change))
        with pytest.raises(DataError, match="not a study as it was written"):
            load_study(path)
    for text in ("", "[]", "{", "null", dump_study(study)[:-40]):
        path.write_text(text)
        with pytest.raises(DataError):
            load_study(path)
    with pytest.raises(DataError, match="no study"):
        load_study(tmp_path / "none.json")


# The plans, and the committed studies


def test_names():
    assert tuple(PLANS) != () and set(PLANS) == set(NAMES)
    for call in (plan, committed_study):
        with pytest.raises(ParameterError, match=r"no study 'x'; there are learning-rate,"):
            call("x")


def test_the_plans_ask_what_they_are_to_ask():
    values = {name: [value for value, _ in PLANS[name].points] for name in NAMES}
    assert len(values["learning-rate"]) >= 8
    assert (min(values["learning-rate"]), max(values["learning-rate"])) == (0.005, 0.9)
    assert len(values["epochs"]) == 3
    assert all(chosen.epochs == 20 for _, chosen in PLANS["epochs"].points)
    assert PLANS["epochs"].train_accuracy
    assert values["hidden-nodes"] == [5, 10, 20, 50, 100, 200, 500]
    assert values["rotation"] == [0, 5, 10, 15, 25, 40]
    assert {"zero", "1/√n"} < set(values["initial-weights"])
    assert (min(values["training-size"]), max(values["training-size"])) == (100, 60_000)
    assert all(s.epochs * (s.examples or 0) == 300_000 for _, s in PLANS["training-size"].points)
    assert all(each.seeds >= 3 for each in PLANS.values())
    assert BASE.start().sizes == (784, 200, 10)


@pytest.mark.parametrize("name", NAMES)
def test_committed_studies_are_whole_and_of_the_present_plans(name):
    study, asked = committed_study(name), plan(name)
    assert (study.name, study.images, study.tests) == (name, 60_000, 10_000)
    assert study.data_md5["train-images-idx3-ubyte"] == "6bbc9ace898e44ae57da46a324031adb"
    assert [point.value for point in study.points] == [value for value, _ in asked.points]
    for point, (_, chosen) in zip(study.points, asked.points, strict=True):
        assert [run.seed for run in point.runs] == list(range(asked.seeds))
        assert point.settings["epochs"] == chosen.epochs
        assert tuple(point.settings["hidden"]) == chosen.hidden
        rights = [run.accuracy * 10_000 for run in point.runs]
        assert all(abs(right - round(right)) < 1e-6 for right in rights)
        assert point.mean == pytest.approx(statistics.mean(rights) / 10_000)
    assert not (FOLDER / f"{name}.part.json").exists()


@pytest.mark.parametrize("name", NAMES)
def test_one_run_of_each_committed_study_comes_out_again(real_mnist, name):
    check = check_study(committed_study(name), plan(name))
    assert check.agrees, check


def test_quick_on_two_cores(real_mnist, tmp_path):
    quick = plan("learning-rate").quick()
    path = tmp_path / "quick.json"
    told = []
    study = run_study(quick, path, jobs=2, on_run=lambda *words: told.append(words[2:]))
    assert told == [(n, 10) for n in range(1, 11)]
    assert load_study(path) == study
    assert (study.images, study.tests) == (2_000, 1_000)
    by_rate = {point.value: point.mean for point in study.points}
    assert by_rate[0.005] < by_rate[0.1]  # too small a rate has not got far in two epochs
    assert by_rate[0.1] > 0.75
