"""A picture file read, shown and told."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lab.recognise import Recognition, recognise, save_seen, seen_names
from nncore.digits import trained_network
from nncore.drawn import draw
from nncore.errors import DataError, ShapeError
from nncore.network import Network


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """A four, drawn for this project, dark on light, five times as large."""
    large = Image.fromarray(255 - draw(4)).resize((140, 140), Image.Resampling.BICUBIC)
    large.save(tmp_path / "four.png")
    return tmp_path / "four.png"


def by_hand(network: Network, image: np.ndarray) -> list[float]:
    """The outputs by sums over Python's own numbers."""
    signals = [byte / 255 * 0.99 + 0.01 for byte in image.ravel().tolist()]
    for layer in network.layers:
        biases = [0.0] * len(layer.weights) if layer.biases is None else layer.biases.tolist()
        sums = [
            math.fsum(map(float.__mul__, row, signals)) + bias
            for row, bias in zip(layer.weights.tolist(), biases, strict=True)
        ]
        signals = [1 / (1 + math.exp(-z)) for z in sums]
    return signals


def test_the_answers_are_the_three_largest_outputs(four: Path) -> None:
    found = recognise(four)
    network, _ = trained_network()
    outputs = by_hand(network, found.image)
    assert found.file == str(four)
    assert found.outputs == pytest.approx(outputs, abs=2e-5)
    assert [digit for digit, _ in found.answers] == sorted(
        range(10), key=lambda digit: -outputs[digit]
    )[:3]
    assert [found.outputs[digit] for digit, _ in found.answers] == [o for _, o in found.answers]
    assert found.answers[0][0] == 4


@pytest.mark.parametrize("hidden", [[], [7], [9, 8, 7]])
@pytest.mark.parametrize("biases", [False, True])
def test_networks_of_any_depth(four: Path, hidden: list[int], biases: bool) -> None:
    network = Network.random([784, *hidden, 10], seed=3, biases=biases)
    found = recognise(four, network)
    assert found.outputs == pytest.approx(by_hand(network, found.image), abs=1e-6)
    assert len({digit for digit, _ in found.answers}) == 3


@pytest.mark.parametrize("sizes", [(784, 5), (100, 10), (784, 10, 2)])
def test_refuses_a_network_of_another_shape(four: Path, sizes: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="784 inputs and 10 outputs"):
        recognise(four, Network.random(sizes, seed=1))


def test_refuses_what_is_no_picture_of_a_digit(tmp_path: Path) -> None:
    Image.new("L", (30, 30), 255).save(tmp_path / "blank.png")
    with pytest.raises(DataError, match="blank"):
        recognise(tmp_path / "blank.png")
    with pytest.raises(DataError, match="no picture file"):
        recognise(tmp_path / "none.png")


def test_equal_outputs_give_the_smaller_digit_first(four: Path) -> None:
    network = Network.random((784, 10), seed=1).with_weights([np.zeros((10, 784))])
    assert recognise(four, network).answers == ((0, 0.5), (1, 0.5), (2, 0.5))


def test_it_never_changes_and_is_told_in_json(four: Path) -> None:
    found = recognise(four)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.file = "other"  # type: ignore[misc]
    assert not found.image.flags.writeable and not found.outputs.flags.writeable
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert told["file"] == str(four)
    assert told["outputs"] == [float(output) for output in found.outputs]
    pairs = [(answer["digit"], answer["output"]) for answer in told["answers"]]
    assert pairs == list(found.answers)


def test_what_was_seen_is_written_enlarged(four: Path, tmp_path: Path) -> None:
    found = recognise(four)
    target = tmp_path / "seen.png"
    target.write_text("older")
    save_seen(found, target)
    with Image.open(target) as picture:
        assert picture.format == "PNG"
        assert (np.asarray(picture) == np.kron(found.image, np.ones((20, 20)))).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["four.png", "seen.png"]


def test_where_nothing_can_be_written(four: Path, tmp_path: Path) -> None:
    found = recognise(four)
    (tmp_path / "folder.png").mkdir()
    for target in (tmp_path / "none" / "seen.png", tmp_path / "folder.png", four / "seen.png"):
        with pytest.raises(DataError, match="cannot be written") as caught:
            save_seen(found, target)
        assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "four.png"]


def test_names_of_what_was_seen() -> None:
    files = ["a/photo.jpg", "b/photo.png", "Photo.gif", "photo-2.png", Path("other.tif")]
    assert seen_names(files) == (
        "photo-seen.png",
        "photo-2-seen.png",
        "Photo-3-seen.png",
        "photo-2-2-seen.png",
        "other-seen.png",
    )


@given(st.lists(st.sampled_from(["a.png", "b/a.jpg", "a-2.png", "a-2-2.png", "A.PNG", "c"])))
def test_names_are_distinct_even_where_case_does_not_count(files: list[str]) -> None:
    names = seen_names(files)
    assert len(names) == len(files)
    assert len({name.lower() for name in names}) == len(files)
    assert all(
        name.startswith(Path(file).stem) and name.endswith("-seen.png")
        for name, file in zip(names, files, strict=True)
    )


def test_a_recognition_is_a_record() -> None:
    names = [field.name for field in dataclasses.fields(Recognition)]
    assert names == ["file", "image", "outputs", "answers"]
