"""Weights files: bit for bit there and back, the same bytes each time, damage refused."""

from __future__ import annotations

import io
import json
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncore.activations import ACTIVATIONS, RELU, SIGMOID, Activation
from nncore.errors import DataError
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR, Loss
from nncore.network import Layer, Network
from nncore.weights import load_network, save_network

META = {"seed": 3, "rates": [0.2, 0.1], "note": "Ziffern 数字", "nested": {"a": None}}


def small(dtype=np.float32, biases=True) -> Network:
    return Network.random((3, 4, 2), seed=3, activation=[RELU, SIGMOID], biases=biases, dtype=dtype)


def saved(tmp_path: Path, network: Network | None = None) -> Path:
    path = tmp_path / "net.npz"
    save_network(path, network or small(), META)
    return path


def members(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def rewritten(path: Path, **changes: object) -> Path:
    """The file with members or (by a dict) header entries changed; None takes a member out."""
    arrays = members(path)
    for name, change in changes.items():
        if name == "header" and isinstance(change, dict):
            header = json.loads(arrays["header"].tobytes()) | change
            arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        elif change is None:
            del arrays[name]
        else:
            arrays[name] = np.asarray(change)
    np.savez(path, **arrays)
    return path


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    seed=st.integers(0, 2**31),
    dtype=st.sampled_from([np.float32, np.float64]),
    biases=st.booleans(),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    loss=st.sampled_from([SQUARED_ERROR, HALF_SQUARED_ERROR]),
)
def test_round_trip_is_bit_for_bit(tmp_path, sizes, seed, dtype, biases, activation, loss):
    network = Network.random(
        sizes, seed=seed, activation=ACTIVATIONS[activation], biases=biases, dtype=dtype, loss=loss
    )
    path = tmp_path / "net.npz"
    save_network(path, network, META)
    loaded, meta = load_network(path)
    assert meta == META
    assert (loaded.sizes, loaded.dtype, loaded.loss) == (network.sizes, network.dtype, loss)
    assert loaded.seed == seed
    for old, new in zip(network.layers, loaded.layers, strict=True):
        assert new.weights.dtype == dtype
        assert new.weights.tobytes() == old.weights.tobytes()
        assert new.activation is ACTIVATIONS[activation]
        assert (new.biases is None) == (not biases)
        if biases:
            assert new.biases.tobytes() == old.biases.tobytes()


def test_same_network_same_bytes_whatever_the_time_and_order(tmp_path, monkeypatch):
    first = saved(tmp_path).read_bytes()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    save_network(tmp_path / "b.npz", small(), dict(reversed(META.items())))
    assert (tmp_path / "b.npz").read_bytes() == first


def test_plain_numpy_reads_it_without_pickles(tmp_path):
    arrays = members(saved(tmp_path))
    assert set(arrays) == {"header", "weights_0", "biases_0", "weights_1", "biases_1"}
    header = json.loads(arrays["header"].tobytes())
    assert header["sizes"] == [3, 4, 2]
    assert header["dtype"] == "float32"
    assert header["activations"] == ["relu", "sigmoid"]


def test_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = saved(tmp_path)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(DataError, match="cannot be written: No space"):
        save_network(path, small(np.float64), META)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("meta", [{"a": {1, 2}}, {"a": float("nan")}, {"a": np.ones(2)}])
def test_meta_must_be_json(tmp_path, meta):
    with pytest.raises(DataError, match="JSON"):
        save_network(tmp_path / "net.npz", small(), meta)
    assert not list(tmp_path.iterdir())


def test_only_named_activations_and_losses_are_saved(tmp_path):
    own = Activation("sigmoid", np.tanh, np.cosh, np.cosh)
    with pytest.raises(DataError, match="activation"):
        save_network(tmp_path / "n", Network([Layer(np.ones((1, 1)), None, own)]), {})
    loss = Loss("my loss", lambda o, t: 0.0, lambda o, t: o)
    with pytest.raises(DataError, match="my loss"):
        save_network(tmp_path / "n", Network(small().layers, loss), {})


ONES = np.ones((4, 3), np.float32)
BAD = {
    "missing weights": ({"weights_1": None}, "weights_1"),
    "missing biases": ({"biases_0": None}, "biases_0"),
    "no header": ({"header": None}, "no header"),
    "extra array": ({"weights_2": ONES}, "weights_2"),
    "transposed": ({"weights_0": np.ones((3, 4), np.float32)}, r"shape \(3, 4\), not \(4, 3\)"),
    "flat": ({"weights_0": np.ones(12, np.float32)}, "shape"),
    "other dtype": ({"weights_0": np.ones((4, 3))}, "holds float64, not float32"),
    "whole numbers": ({"weights_0": np.ones((4, 3), np.uint8)}, "holds uint8"),
    "text": ({"weights_0": np.array([["a"]])}, "not plain numbers"),
    "nan": ({"weights_0": ONES * np.nan}, "not a finite number"),
    "infinity": ({"biases_1": np.array([1, np.inf], np.float32)}, "not a finite number"),
    "chain": ({"header": {"sizes": [3, 5, 2]}}, "shape"),
    "sizes": ({"header": {"sizes": [3]}}, "sizes"),
    "size 0": ({"header": {"sizes": [3, 0, 2]}}, "sizes"),
    "huge size": ({"header": {"sizes": [3, 10**30, 2]}}, "sizes"),
    "activation": ({"header": {"activations": ["relu", "os.system"]}}, "unknown activation"),
    "activations": ({"header": {"activations": ["relu"]}}, "one a layer"),
    "unhashable": ({"header": {"activations": ["relu", []]}}, "unknown activation"),
    "biases": ({"header": {"biases": 1}}, "biases"),
    "dtype": ({"header": {"dtype": "object"}}, "dtype"),
    "loss": ({"header": {"loss": None}}, "loss"),
    "meta": ({"header": {"meta": 5}}, "meta"),
    "seed": ({"header": {"seed": -1}}, "seed"),
    "format": ({"header": {"format": 99}}, "format"),
    "not JSON": ({"header": np.frombuffer(b"{", np.uint8)}, "not JSON"),
    "deep JSON": ({"header": np.frombuffer(b"[" * 200_000, np.uint8)}, "not JSON"),
    "not UTF-8": ({"header": np.frombuffer(b"\xff\xfe", np.uint8)}, "not JSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses(tmp_path, case):
    changes, reason = BAD[case]
    path = rewritten(saved(tmp_path), **changes)
    with pytest.raises(DataError, match=reason) as caught:
        load_network(path)
    assert "net.npz" in str(caught.value)


def test_no_pickle_is_run(tmp_path):
    ran = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (Path.touch, (ran,))

    path = saved(tmp_path)
    arrays = members(path)
    np.savez(path, **arrays | {"weights_0": np.array([[Trap()]], object)})
    with pytest.raises(DataError, match="not plain numbers"):
        load_network(path)
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataError, match=r"not a whole \.npz"):
        load_network(path)
    assert not ran.exists()


def test_refuses_what_is_no_file(tmp_path):
    with pytest.raises(DataError, match="no weights file"):
        load_network(tmp_path / "none.npz")
    with pytest.raises(DataError):
        load_network(tmp_path)


def test_refuses_every_truncation(tmp_path):
    path = saved(tmp_path)
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(DataError):
            load_network(path)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_changed_bytes_never_change_the_network(tmp_path, data):
    path = saved(tmp_path)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(raw))
    try:
        network, _ = load_network(path)
    except DataError:
        return
    for old, new in zip(small().layers, network.layers, strict=True):
        assert new.weights.tobytes() == old.weights.tobytes()


def peak_of_refusal(path: Path) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            load_network(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_zip_bomb_and_lying_array_header_take_no_memory(tmp_path):
    bomb = tmp_path / "bomb.npz"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("weights_0.npy", "w") as member,
    ):
        for _ in range(100):
            member.write(bytes(1_000_000))
    liar = tmp_path / "liar.npz"
    member_bytes = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        member_bytes, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 3)}
    )
    with zipfile.ZipFile(liar, "w") as archive:
        archive.writestr("weights_0.npy", member_bytes.getvalue())
    assert peak_of_refusal(bomb) < 4_000_000
    assert peak_of_refusal(liar) < 4_000_000
