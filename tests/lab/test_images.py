"""Pictures brought to MNIST's form, and what a digit's spec names."""

from __future__ import annotations

import re
import struct
import zlib

import numpy as np
import pytest
from handwriting import as_picture, assert_form, handwriting, likeness, loaded
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from lab import images, mnist
from lab.images import load_digit, resolve_digit
from nncore.digits import read_digit, trained_network
from nncore.drawn import draw
from nncore.errors import DataError, NNError, ParameterError

SAME_FOLDER = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.mark.parametrize("digit", range(10))
def test_handwriting_is_read(tmp_path, digit):
    image = loaded(tmp_path, handwriting(digit))
    assert_form(image)
    assert read_digit(trained_network()[0], image).answer == digit


@pytest.mark.parametrize("digit", [2, 5, 8])
def test_light_on_dark_gives_the_same(tmp_path, digit):
    dark = handwriting(digit)
    light = Image.fromarray(255 - np.asarray(dark))
    assert (loaded(tmp_path, dark) == loaded(tmp_path, light)).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_pixel_modes(tmp_path, mode):
    picture = handwriting(3)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    name = "digit.tif" if mode in ("CMYK", "F", "I", "I;16") else "digit.png"
    image = loaded(tmp_path, picture, name)
    assert np.abs(image.astype(int) - loaded(tmp_path, handwriting(3))).max() <= 2


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_transparent(tmp_path, ink):
    alpha = Image.fromarray(255 - np.asarray(handwriting(4)))
    picture = Image.new("LA", alpha.size, (ink, 0))
    picture.putalpha(alpha)
    assert (loaded(tmp_path, picture) == loaded(tmp_path, handwriting(4))).all()


def test_uneven_light_grain_and_specks(tmp_path):
    clean = np.asarray(handwriting(5), float)
    rows, columns = np.indices(clean.shape)
    grain = np.random.default_rng(1).normal(0, 4, clean.shape)
    photo = 60 + clean * 0.45 + 0.15 * rows + 0.1 * columns + grain
    photo[350:354, 250:254] = 60
    image = loaded(tmp_path, Image.fromarray(np.clip(photo, 0, 255).astype(np.uint8)), "p.png")
    plain = loaded(tmp_path, handwriting(5))
    assert_form(image)
    assert read_digit(trained_network()[0], image).answer == 5
    assert np.corrcoef(image.ravel(), plain.ravel())[0, 1] > 0.97


def test_place_and_size_do_not_matter(tmp_path):
    small = handwriting(6)
    wide = Image.new("L", (900, 700), 255)
    wide.paste(small, (500, 200))
    large = small.resize((1200, 1600), Image.Resampling.BICUBIC)
    reference = loaded(tmp_path, small).astype(int)
    for other in (wide, large):
        assert np.corrcoef(loaded(tmp_path, other).ravel(), reference.ravel())[0, 1] > 0.97


def test_camera_turned_picture(tmp_path):
    upright = handwriting(7)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by a quarter
    upright.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    assert (load_digit(tmp_path / "turned.png") == loaded(tmp_path, upright)).all()


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_camera_levels_of_so_many_bits(tmp_path, bits):
    levels = np.asarray(handwriting(5)).astype(np.uint16) * (2**bits - 1) // 255
    image = loaded(tmp_path, Image.fromarray(levels.astype(np.uint16)))
    assert np.abs(image.astype(int) - loaded(tmp_path, handwriting(5))).max() <= 2


def test_levels_from_0_to_1(tmp_path):
    levels = np.asarray(handwriting(5), np.float32) / 255
    image = loaded(tmp_path, Image.fromarray(levels), "levels.tif")
    assert np.abs(image.astype(int) - loaded(tmp_path, handwriting(5))).max() <= 2


def test_sheet_cut_out_on_nothing(tmp_path):
    picture = Image.new("RGBA", (500, 600), (0, 0, 0, 0))
    picture.paste(handwriting(5).convert("RGBA"), (90, 110))
    assert likeness(loaded(tmp_path, picture), loaded(tmp_path, handwriting(5))) > 0.97


def test_first_picture_of_an_animation(tmp_path):
    first, second = (handwriting(digit).convert("P") for digit in (3, 8))
    first.save(tmp_path / "both.gif", save_all=True, append_images=[second])
    image = load_digit(tmp_path / "both.gif")
    assert likeness(image, loaded(tmp_path, handwriting(3))) > 0.97


def test_cmyk_jpeg(tmp_path):
    image = loaded(tmp_path, handwriting(4).convert("CMYK"), "print.jpg")
    assert likeness(image, loaded(tmp_path, handwriting(4))) > 0.97


def test_small_on_a_photo_of_twelve_megapixels(tmp_path):
    page = Image.new("L", (4000, 3000), 230)
    page.paste(handwriting(6, paper=230, ink=40), (2900, 300))
    image = loaded(tmp_path, page, "photo.jpg")
    assert likeness(image, loaded(tmp_path, handwriting(6))) > 0.96
    assert images._open(tmp_path / "photo.jpg").nbytes <= 3 * 1600 * 1600


def test_mnist_images_stay_as_they_are(tmp_path):
    if not mnist.has_test_set():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    originals = mnist.test_set()[0][:100]
    same = 0
    for original in originals:
        image = loaded(tmp_path, Image.fromarray(original))
        same += np.corrcoef(image.ravel(), original.ravel())[0, 1] > 0.98
    assert same >= 90, same


@pytest.mark.parametrize("level", [0, 128, 255])
def test_refuses_blank(tmp_path, level):
    with pytest.raises(DataError, match="blank"):
        loaded(tmp_path, Image.new("L", (50, 60), level))


def test_light_and_grain_alone_are_blank(tmp_path):
    slope = np.tile(np.linspace(60, 250, 300), (200, 1))
    half = np.where(np.arange(300) < 150, 240.0, 120.0) * np.ones((200, 1))
    grain = [np.random.default_rng(seed).normal(200, 6, (200, 300)) for seed in range(5)]
    for levels in (slope, half, *grain):
        with pytest.raises(DataError, match="blank"):
            loaded(tmp_path, as_picture(levels))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (5000, 1), (1, 5000)])
def test_tiny_pictures(tmp_path, size):
    with pytest.raises(DataError, match="blank"):
        loaded(tmp_path, Image.new("L", size, 200))


def test_refuses_what_is_no_picture(tmp_path):
    with pytest.raises(DataError, match="no picture file"):
        load_digit(tmp_path / "none.png")
    with pytest.raises(DataError, match="no picture file"):
        load_digit(tmp_path)
    text = tmp_path / "text.png"
    text.write_text("no picture")
    with pytest.raises(DataError, match="not a picture"):
        load_digit(text)


def test_refuses_formats_that_start_other_programs(tmp_path):
    path = tmp_path / "digit.eps"
    handwriting(3).save(path)
    with pytest.raises(DataError, match="not a picture in a format"):
        load_digit(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tif", "webp"])
def test_refuses_truncated_pictures(tmp_path, suffix):
    path = tmp_path / f"digit.{suffix}"
    handwriting(3).convert("RGB").save(path)
    assert_form(load_digit(path))
    whole = path.read_bytes()
    for share in (0.02, 0.3, 0.6):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError) as caught:
            load_digit(path)
        assert "\n" not in str(caught.value)


def png_claiming(width: int, height: int, bits: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">2I5B", width, height, bits, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9)))


@pytest.mark.parametrize("side", [7_500, 10_000, 60_000])
def test_refuses_huge_pictures(tmp_path, side):
    path = tmp_path / "huge.png"
    for bits in (1, 8):
        path.write_bytes(png_claiming(side, side, bits))
        with pytest.raises(DataError, match=r"more pixels|million"):
            load_digit(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)
def test_refuses_other_files_named_as_pictures(tmp_path, content):
    path = tmp_path / "digit.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a picture") as caught:
        load_digit(path)
    assert "\n" not in str(caught.value)


@SAME_FOLDER
@given(data=st.data(), suffix=st.sampled_from(["png", "gif", "tif", "jpg"]))
def test_damage_gives_an_image_or_a_data_error(tmp_path, data, suffix):
    path = tmp_path / f"digit.{suffix}"
    handwriting(2, size=(220, 320)).save(path)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(raw))
    try:
        image = load_digit(path)
    except DataError:
        return
    assert image.shape == (28, 28)


def test_drawn():
    digit = resolve_digit("drawn:7")
    assert (digit.label, digit.source) == (7, "drawn:7")
    assert (digit.image == draw(7)).all()


def test_auto_without_mnist_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path))
    digit = resolve_digit("auto")
    assert re.fullmatch("drawn:[0-9]", digit.source)
    assert (digit.image == draw(digit.label)).all()


def test_mnist_digits():
    if not mnist.has_test_set():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    test_images, labels = mnist.test_set()
    digit = resolve_digit("mnist:test:42")
    assert (digit.label, digit.source) == (labels[42], "mnist:test:42")
    assert (digit.image == test_images[42]).all()
    auto = resolve_digit("auto")
    assert auto.source == f"mnist:test:{images.AUTO_TEST_INDEX}"
    reading = read_digit(trained_network()[0], auto.image)
    assert reading.answer == auto.label
    assert reading.margin > 0.9


def test_file(tmp_path):
    loaded(tmp_path, handwriting(3), "three.png")
    digit = resolve_digit(str(tmp_path / "three.png"))
    assert (digit.label, digit.source) == (None, "file:three.png")
    assert not digit.image.flags.writeable


@pytest.mark.parametrize(
    "spec",
    ["", "drawn:10", "drawn:", "drawn:-1", "drawn:٣", "drawn:7 ", "mnist:test:10000",
     "mnist:test:-1", "mnist:test:1e3", "mnist:train:3", "mnist:", "Auto", "none.png",
     "http://example.org/3.png", "a\0b", "x" * 5000],
)  # fmt: skip
def test_refuses_specs_and_says_what_is_allowed(spec):
    with pytest.raises(ParameterError, match=r"allowed are auto, drawn|whole number from 0 to"):
        resolve_digit(spec)


@SAME_FOLDER
@given(st.text(max_size=20))
@example("mnist:test:" + "9" * 5000)
def test_any_text_gives_a_digit_or_an_error_of_ours(spec):
    try:
        resolve_digit(spec)
    except NNError as error:
        assert str(error).endswith(".")


def test_missing_mnist_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path))
    with pytest.raises(DataError, match="NN_MNIST_DIR"):
        resolve_digit("mnist:test:3")
