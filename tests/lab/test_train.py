"""Training runs: stopped anywhere they go on to the same bits; their files say how they came."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lab import mnist
from lab.checkpoint import load_state, save_state
from lab.train import EpochResult, Examples, Hooks, Settings, State, train
from nncore.drawn import draw
from nncore.errors import DataError, ParameterError
from nncore.network import Network
from nncore.training import train as learn
from nncore.weights import load_network, save_network


def noise(count: int, seed: int) -> Examples:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Examples.of(images, rng.integers(0, 10, count).astype(np.uint8))


TRAIN, TEST = noise(2_100, 1), noise(50, 2)
PLAIN = Settings(hidden=(12,), epochs=3, learning_rate=0.05, seed=4)
KINDS = {
    "plain": PLAIN,
    "falling, turned": replace(PLAIN, final_rate=0.01, rotate=8.0),
    "batches, biases": replace(PLAIN, batch=7, biases=True),
    "two layers, some images": replace(PLAIN, hidden=(11, 5), examples=1_500),
}


def assert_same(one: Network, other: Network) -> None:
    for a, b in zip(one.layers, other.layers, strict=True):
        assert_array_equal(a.weights, b.weights)
        assert (a.biases is None) == (b.biases is None)
        if a.biases is not None:
            assert_array_equal(a.biases, b.biases)


class StopAfter:
    """Says stop from the n-th asking on."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


WHOLE = {kind: train(chosen, TRAIN, TEST) for kind, chosen in KINDS.items()}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(list(KINDS)), st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_stopped_anywhere_it_goes_on_to_the_same_bits(kind: str, stops: list[int]) -> None:
    chosen, state = KINDS[kind], None
    for times in stops:
        state = train(chosen, TRAIN, TEST, state, Hooks(stop=StopAfter(times)))
    state = train(chosen, TRAIN, TEST, state)
    assert_same(state.network, WHOLE[kind].network)
    assert state.history == WHOLE[kind].history
    assert (state.position, state.loss_sum) == (0, 0.0)


def test_kinds_differ_and_seeds_do() -> None:
    first = [state.network.layers[0].weights[0, :50] for state in WHOLE.values()]
    other = train(replace(PLAIN, seed=5), TRAIN, TEST).network.layers[0].weights[0, :50]
    assert all(np.abs(other - weights).max() > 0.01 for weights in first)
    assert np.abs(first[0] - first[1]).max() > 1e-4


def test_without_extras_it_is_plain_per_example_descent() -> None:
    """Against Network.train, epoch by epoch, in the orders that the seeds name."""
    network, losses = PLAIN.start(), []
    for epoch in range(3):
        order = np.random.default_rng([4, 1, epoch]).permutation(len(TRAIN))
        wanted = np.where(np.arange(10) == TRAIN.labels[order, None], 0.99, 0.01)
        history = learn(network, TRAIN.inputs[order], wanted, learning_rate=0.05)
        network = history.network
        losses.append(history.losses[0])
    assert_same(network, WHOLE["plain"].network)
    assert_allclose([result.loss for result in WHOLE["plain"].history], losses, rtol=1e-12)
    outputs = network.forward(TEST.inputs).output
    right = int((outputs.argmax(axis=1) == TEST.labels).sum())
    assert WHOLE["plain"].history[-1].right == right == TEST.right(network)


def test_it_learns_to_read_drawn_digits() -> None:
    images = np.array([draw(d, tilt=t) for t in (-8, -4, 0, 4, 8) for d in range(10)])
    digits = Examples.of(images, np.tile(np.arange(10, dtype=np.uint8), 5))
    tests = Examples.of(np.array([draw(d, 2.8, 2) for d in range(10)]), digits.labels[:10])
    state = train(Settings((30,), 60, 0.3, seed=1), digits, tests)
    assert state.history[-1].right == 10
    assert state.history[-1].loss < state.history[0].loss / 10


def test_rates_fall_geometrically() -> None:
    falling = Settings(epochs=5, learning_rate=0.8, final_rate=0.05)
    rates = [falling.rate(epoch) for epoch in range(5)]
    assert rates == pytest.approx([0.8, 0.4, 0.2, 0.1, 0.05], abs=1e-9)
    assert {Settings(epochs=5).rate(epoch) for epoch in range(5)} == {0.1}


@pytest.mark.parametrize("spread", [0.0, 0.5, None])
def test_first_weights_have_the_spread_asked_for(spread: float | None) -> None:
    weights = Settings(hidden=(100,), spread=spread).start().layers[0].weights
    expected = 1 / 28 if spread is None else spread
    assert weights.std() == pytest.approx(expected, rel=0.02)


def test_numbers_are_floats_whatever_a_file_held() -> None:
    given = Settings(learning_rate=1, final_rate="0.5", rotate=3, spread=2)  # type: ignore[arg-type]
    numbers = (given.learning_rate, given.final_rate, given.rotate, given.spread)
    assert numbers == (1.0, 0.5, 3.0, 2.0)
    assert {type(number) for number in numbers} == {float}


def test_some_images_are_distinct_and_the_seeds() -> None:
    some, again, other = TRAIN.some(100, 3), TRAIN.some(100, 3), TRAIN.some(100, 4)
    assert (some.inputs == again.inputs).all()
    assert (some.inputs != other.inputs).any()
    rows = {row.tobytes() for row in some.inputs}
    assert len(rows) == 100
    assert rows <= {row.tobytes() for row in TRAIN.inputs}
    with pytest.raises(ParameterError, match="2100 training images, not 2101"):
        TRAIN.some(2_101, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden": (0,)},
        {"hidden": (5_001,)},
        {"epochs": 0},
        {"epochs": 100_001},
        {"learning_rate": float("nan")},
        {"final_rate": 0},
        {"batch": 0},
        {"rotate": 46},
        {"spread": -1},
        {"examples": 0},
        {"seed": -1},
    ],
)
def test_bad_settings_are_one_sentence(wrong: dict) -> None:
    with pytest.raises(ParameterError) as caught:
        Settings(**wrong)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


# Files


def saved(path, chosen: Settings, state: State) -> None:
    save_state(path, chosen, state, tests=len(TEST), md5=mnist.MD5)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_file_goes_on_to_the_same_bytes(tmp_path, kind: str) -> None:
    chosen = KINDS[kind]
    whole, part = tmp_path / "whole.npz", tmp_path / "part.npz"
    saved(whole, chosen, WHOLE[kind])
    saved(part, chosen, train(chosen, TRAIN, TEST, None, Hooks(stop=StopAfter(4))))
    found, state, meta = load_state(part)
    assert found == chosen
    assert not meta["finished"]
    saved(part, chosen, train(found, TRAIN, TEST, state))
    assert part.read_bytes() == whole.read_bytes()


def test_a_file_says_how_it_came_about(tmp_path) -> None:
    path = tmp_path / "net.npz"
    saved(path, PLAIN, WHOLE["plain"])
    network, meta = load_network(path)
    assert network.sizes == (784, 12, 10)
    assert network.seed == meta["settings"]["seed"] == 4
    assert meta["learning_rates"] == [0.05] * 3
    assert meta["data_md5"] == mnist.MD5
    assert meta["test_accuracy"] == meta["test_right"] / meta["test_count"]
    assert meta["test_right"] == TEST.right(network)


def damaged(meta: dict, how: str) -> dict:
    """The meta with one thing wrong."""
    changes: dict[str, dict] = {
        "no settings": {"settings": None},
        "another setting": {"settings": meta["settings"] | {"speed": 3}},
        "wrong setting": {"settings": meta["settings"] | {"batch": "x"}},
        "another size": {"settings": meta["settings"] | {"hidden": [13]}},
        "place": {"position": -1},
        "sum": {"loss_sum": "0"},
        "epochs": {"losses": meta["losses"][:1]},
        "too many epochs": {"settings": meta["settings"] | {"epochs": 1}},
        "rights": {"test_rights": ["a", "b", "c"]},
        "no list": {"losses": 3},
    }
    return meta | changes[how]


@pytest.mark.parametrize(
    "how",
    ["no settings", "another setting", "wrong setting", "another size", "place", "sum", "epochs",
     "too many epochs", "rights", "no list"],
)  # fmt: skip
def test_another_file_cannot_go_on(tmp_path, how: str) -> None:
    path = tmp_path / "net.npz"
    saved(path, PLAIN, WHOLE["plain"])
    network, meta = load_network(path)
    save_network(path, network, damaged(json.loads(json.dumps(meta)), how))
    with pytest.raises(DataError, match=r"no run that could go on|not of its own settings"):
        load_state(path)


def test_states_know_when_they_are_finished() -> None:
    results = (EpochResult(0.05, 0.1),) * 3
    assert State(PLAIN.start(), results).finished(PLAIN)
    assert not State(PLAIN.start(), results[:2]).finished(PLAIN)
    assert asdict(PLAIN)["seed"] == 4
