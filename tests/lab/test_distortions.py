"""The distortions do what they are named for, and digits are read in spite of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from lab import distortions, mnist
from lab.distortions import DISTORTIONS, samples
from lab.recognise import recognise
from nncore.drawn import draw
from nncore.errors import NNError, ParameterError

needs_mnist = pytest.mark.skipif(
    not mnist.has_test_set(), reason="MNIST is not in NN_MNIST_DIR or the cache folder"
)
PAGES = [name for name in DISTORTIONS if name not in ("scaled", "inverted")]


def grey(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"), float)


@pytest.mark.parametrize("name", DISTORTIONS)
def test_the_seed_alone_decides(name: str) -> None:
    image = draw(5)
    before = image.copy()
    first, again, other = (DISTORTIONS[name](image, seed) for seed in (1, 1, 2))
    assert np.array_equal(np.asarray(first), np.asarray(again))
    assert not np.array_equal(np.asarray(first), np.asarray(other))
    assert np.array_equal(image, before)


@pytest.mark.parametrize("name", PAGES)
def test_none_is_mild(name: str) -> None:
    """Shrunk to 28×28 as it is, no page resembles the image it shows."""
    likes = []
    for seed in range(4):
        picture = DISTORTIONS[name](draw(3), seed).convert("RGBA")
        page = Image.alpha_composite(Image.new("RGBA", picture.size, "grey"), picture)
        small = page.convert("L").resize((28, 28))
        likes.append(np.corrcoef(np.asarray(small).ravel(), draw(3).ravel())[0, 1])
    assert max(likes) < 0.8


def test_sizes_from_20_to_2000() -> None:
    sides = {DISTORTIONS["scaled"](draw(1), seed).size for seed in range(60)}
    assert sides == {(side, side) for side in distortions.SIZES}
    assert (min(distortions.SIZES), max(distortions.SIZES)) == (20, 2000)


def test_inverted_is_dark_on_light() -> None:
    image = draw(8)
    for seed in range(5):
        levels = grey(DISTORTIONS["inverted"](image, seed))
        assert levels[image == 0].min() > levels[image == 255].max() + 80


def lean(ink: np.ndarray) -> float:
    """The angle, degrees clockwise, of a stroke's longest axis from upright."""
    rows, columns = np.nonzero(ink)
    spread = np.cov(columns, rows)
    x, y = np.linalg.eigh(spread)[1][:, -1]
    return float(np.degrees(np.arctan2(-x * np.sign(y), abs(y))))


def test_tilt_goes_both_ways_up_to_15_degrees() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 13:15] = 255
    angles = [lean(grey(DISTORTIONS["tilt"](image, seed)) < 128) for seed in range(16)]
    assert min(angles) < -8 and max(angles) > 8
    assert all(4.5 < abs(angle) < 15.5 for angle in angles)


def test_shadow_darkens_about_half_of_the_paper() -> None:
    blank = np.zeros((28, 28), np.uint8)
    for seed in range(6):
        light = grey(DISTORTIONS["shadow"](blank, seed))
        dark = light < (np.percentile(light, 5) + np.percentile(light, 95)) / 2
        assert 0.2 < dark.mean() < 0.8
        assert light[dark].mean() < 0.75 * light[~dark].mean()


def test_colours_are_partly_of_equal_grey() -> None:
    def contrast(seed: int) -> float:
        levels = grey(DISTORTIONS["colour"](draw(0), seed))
        return float(np.percentile(levels, 99) - np.percentile(levels, 1))

    contrasts = [contrast(seed) for seed in range(20)]
    assert min(contrasts) < 40 and max(contrasts) > 100


def test_transparency_shows_the_ink_alone() -> None:
    picture = DISTORTIONS["transparent"](draw(7), 4)
    assert picture.mode == "RGBA"
    opacity = np.asarray(picture.getchannel("A"))
    assert (opacity == 0).mean() > 0.5 and (opacity == 255).any()


def test_pens_are_hairlines_and_markers() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    shares = []
    for seed in range(12):
        dark = grey(DISTORTIONS["pen"](image, seed)) < 128
        box = dark[np.ix_(dark.any(axis=1), dark.any(axis=0))]
        shares.append(box.shape[1] / box.shape[0])
    assert min(shares) < 0.1 and max(shares) > 0.22


@needs_mnist
def test_samples_are_balanced_and_chosen_by_the_seed() -> None:
    chosen = samples(20, seed=4)
    assert Counter(s.distortion for s in chosen) == dict.fromkeys(DISTORTIONS, 20)
    images, labels = mnist.test_set()
    for name in DISTORTIONS:
        own = [s for s in chosen if s.distortion == name]
        assert Counter(s.label for s in own) == dict.fromkeys(range(10), 2)
        assert len({s.index for s in own}) == 20
        assert all(s.label == labels[s.index] for s in own)
        assert all(np.array_equal(s.original, images[s.index]) for s in own)

    def places(seed: int) -> list[int]:
        return [s.index for s in samples(20, seed=seed)]

    assert places(4) == [s.index for s in chosen] != places(5)
    some = samples(20, seed=4, names=("tilt",))
    assert [s.seed for s in some] == [s.seed for s in chosen if s.distortion == "tilt"]


@needs_mnist
@pytest.mark.parametrize(
    ("count", "names", "about"),
    [(0, (), "at least 1"), (5001, (), "at most"), (1, ("snow",), "no distortion")],
)
def test_refuses_what_cannot_be_sampled(count: int, names: tuple[str, ...], about: str) -> None:
    with pytest.raises(ParameterError, match=about):
        samples(count, seed=1, names=names)


@needs_mnist
def test_at_least_93_in_100_are_read_right(tmp_path) -> None:
    chosen = samples(10, seed=2)
    right: Counter[str] = Counter()
    for sample in chosen:
        path = tmp_path / "photo.png"
        sample.picture().save(path, compress_level=1)
        try:
            right[sample.distortion] += recognise(path).answers[0][0] == sample.label
        except NNError as error:
            assert "blank" not in str(error), sample
    assert len(chosen) >= 60
    assert sum(right.values()) >= 0.93 * len(chosen), right
    assert min(right[name] for name in DISTORTIONS) >= 7, right
