"""Files of training records: bit for bit there and back, the same bytes, damage refused."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncore.errors import DataError, NNError
from nncore.training_record import Link, RunSettings, TrainingRecord, load_record, save_record

META = {"seed": 3, "note": "Ziffern 数字", "nested": {"a": None, "b": [0.1]}}
SAME_FOLDER = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def small(dtype=np.float64) -> TrainingRecord:
    rng = np.random.default_rng(4)
    return TrainingRecord(
        settings=RunSettings(
            sizes=(784, 3, 10),
            loss="half squared error",
            dtype=np.dtype(dtype).name,
            network_seed=None,
            learning_rate=0.1,
            epochs=2,
            shuffle_seed=9,
            examples=150,
            tests=40,
        ),
        links=(Link(0, 0, 400), Link(1, 9, 0), Link(1, 2, 1)),
        moments=np.array([0, 1, 64, 100, 151, 300]),
        weights=rng.normal(size=(6, 3)).astype(dtype),
        accuracy=np.array([0.1, 0.25, 1 / 3, 0.5, 0.75, 1.0]),
        train_losses=rng.exponential(size=5),
        test_losses=rng.exponential(size=6),
        saturation=np.array([0.0, 0.0, 1e-12, 0.1, 0.2, 0.3]),
    )


def same(one: TrainingRecord, other: TrainingRecord) -> bool:
    names = ("moments", "weights", "accuracy", "train_losses", "test_losses", "saturation")
    arrays = [(getattr(one, name), getattr(other, name)) for name in names]
    return (one.settings, one.links) == (other.settings, other.links) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in arrays
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_round_trip_is_bit_for_bit(tmp_path, dtype):
    record = small(dtype)
    save_record(tmp_path / "a.json", record, META)
    loaded, meta = load_record(tmp_path / "a.json")
    assert meta == META
    assert same(loaded, record)
    save_record(tmp_path / "b.json", small(dtype), dict(reversed(META.items())))
    assert (tmp_path / "b.json").read_bytes() == (tmp_path / "a.json").read_bytes()
    text = (tmp_path / "a.json").read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "b.json").write_bytes(text)
    assert same(load_record(tmp_path / "b.json")[0], record)


def test_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    save_record(path, small(), META)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(DataError, match="cannot be written: No space"):
        save_record(path, small(), {})
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("meta", [{"a": {1, 2}}, {"a": math.nan}, {"a": np.ones(2)}])
def test_meta_must_be_json(tmp_path, meta):
    with pytest.raises(DataError, match="JSON"):
        save_record(tmp_path / "record.json", small(), meta)
    assert not list(tmp_path.iterdir())


def test_too_large_is_neither_written_nor_read(tmp_path):
    path = tmp_path / "record.json"
    with pytest.raises(DataError, match="too large"):
        save_record(path, small(), {"a": "b" * 1_000_000})
    assert not path.exists()
    path.write_bytes(b" " * 1_000_001)
    with pytest.raises(DataError, match="larger than"):
        load_record(path)


BAD = {
    "format": {"format": 2},
    "no moments": {"moments": None},
    "more": {"more": 1},
    "meta": {"meta": []},
    "settings": {"settings": []},
    "setting missing": {"settings": {"epochs": 1}},
    "learning rate as text": ("learning_rate", "0.1"),
    "whole learning rate": ("learning_rate", 1),
    "rate below 0": ("learning_rate", -0.1),
    "one size": ("sizes", [784]),
    "size of no list": ("sizes", 784),
    "sizes of other links": ("sizes", [300, 3, 10]),
    "epochs of no number": ("epochs", True),
    "fewer epochs": ("epochs", 1),
    "seed": ("network_seed", -1),
    "dtype": ("dtype", "float16"),
    "less exact": ("dtype", "float32"),
    "loss": ("loss", 3),
    "unknown setting": ("momentum", 0.9),
    "moments that fall": {"moments": [0, 1, 64, 100, 90, 300]},
    "moments as floats": {"moments": [0.0, 1, 64, 100, 151, 300]},
    "a moment too few": {"moments": [0, 1, 64, 100, 300]},
    "accuracy over 1": {"accuracy": [0.1, 0.1, 0.1, 0.1, 0.1, 1.1]},
    "accuracy of one": {"accuracy": 0.1},
    "text": {"accuracy": ["0.1"] * 6},
    "nothing": {"accuracy": [None] * 6},
    "true": {"saturation": [True] * 6},
    "a whole number": {"saturation": [0] * 6},
    "ragged": {"weights": [[1.0], [1.0, 2.0]]},
    "flat": {"weights": [0.1] * 18},
    "huge": {"test_losses": [10**400] * 6},
    "infinite": {"test_losses": [math.inf] * 6},
    "loss too many": {"train_losses": [0.1] * 6},
    "links": {"links": [[0, 0, 400], [1, 9, 0], [1, 2, 3]]},
    "links of two": {"links": [[0, 0], [1, 9], [1, 2]]},
    "links of no list": {"links": 5},
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_damage_is_refused(tmp_path, name):
    path = tmp_path / "record.json"
    save_record(path, small(), META)
    content = json.loads(path.read_text())
    change = BAD[name]
    if isinstance(change, tuple):
        content["settings"][change[0]] = change[1]
    else:
        content |= change
    if name == "no moments":
        del content["moments"]
    written = {"sort_keys": True, "ensure_ascii": False, "indent": 1}
    path.write_text(json.dumps(content, **written) + "\n")
    with pytest.raises(DataError) as caught:
        load_record(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b"1" * 5000, b'{"format": 1}', b"NaN"],
)
def test_what_is_no_record_is_refused(tmp_path, text):
    path = tmp_path / "record.json"
    path.write_bytes(text)
    with pytest.raises(DataError) as caught:
        load_record(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="no training record"):
        load_record(tmp_path / "none.json")
    with pytest.raises(DataError):
        load_record(tmp_path)


def test_written_otherwise_is_refused(tmp_path):
    path = tmp_path / "record.json"
    save_record(path, small(), META)
    text = path.read_text()
    twice = text.replace(' "format": 1,\n', ' "format": 1,\n "format": 1,\n')
    for other in (twice, text + " ", text.replace("0.1,", "0.10,"), json.dumps(json.loads(text))):
        assert other != text
        path.write_text(other)
        with pytest.raises(DataError, match="not as it was written"):
            load_record(path)


@SAME_FOLDER
@given(data=st.data())
def test_damaged_bytes_give_a_record_or_a_data_error(tmp_path, data):
    path = tmp_path / "record.json"
    if not path.exists():
        save_record(tmp_path / "whole.json", small(np.float32), META)
    raw = bytearray((tmp_path / "whole.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(raw[: data.draw(st.integers(len(raw) // 2, 2 * len(raw)))]))
    try:
        record, meta = load_record(path)
    except DataError as error:
        assert "\n" not in str(error)
        return
    save_record(tmp_path / "again.json", record, meta)
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_record_holds_together():
    record = small()
    for changes in (
        {"accuracy": record.accuracy[1:]},
        {"moments": record.moments[::-1]},
        {"links": record.links[1:]},
        {"saturation": record.saturation - 1},
        {"train_losses": record.train_losses * math.nan},
    ):
        with pytest.raises(NNError):
            replace(record, **changes)
