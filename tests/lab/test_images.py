"""Pictures brought to MNIST's form, and what a digit's spec names."""

from __future__ import annotations

import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lab import images, mnist
from lab.images import load_digit, resolve_digit
from nncore.digits import read_digit, trained_network
from nncore.drawn import draw, strokes
from nncore.errors import DataError, NNError, ParameterError

SAME_FOLDER = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def handwriting(digit: int, size=(300, 400), width=26, paper=255, ink=0) -> Image.Image:
    """A digit drawn by Pillow, not by this project's raster: dark on light, off centre."""
    picture = Image.new("L", size, paper)
    pencil = ImageDraw.Draw(picture)
    for stroke in strokes(digit):
        points = [(30 + 180 * x, 60 + 240 * y) for x, y in stroke]
        pencil.line(points, fill=ink, width=width, joint="curve")
        for x, y in points:
            r = width / 2 - 1
            pencil.ellipse((x - r, y - r, x + r, y + r), fill=ink)
    return picture


def loaded(tmp_path, picture: Image.Image, name="digit.png") -> np.ndarray:
    picture.save(tmp_path / name)
    return load_digit(tmp_path / name)


def assert_form(image: np.ndarray) -> None:
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    mass = image.sum(dtype=np.int64)
    places = np.arange(28) + 0.5
    assert abs(image.sum(axis=1) @ places / mass - 14.5) <= 0.5 + 1e-9
    assert abs(image.sum(axis=0) @ places / mass - 14.5) <= 0.5 + 1e-9


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


def likeness(image: np.ndarray, other: np.ndarray) -> float:
    """Correlation, where a centre of mass rounded to the next pixel does not count."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    moved = [np.roll(image, shift, (0, 1)).ravel() for shift in shifts]
    return max(float(np.corrcoef(each, other.ravel())[0, 1]) for each in moved)


@SAME_FOLDER
@given(
    digit=st.integers(0, 9),
    left=st.integers(0, 150),
    top=st.integers(0, 150),
    scale=st.floats(0.3, 1.2),
)
def test_any_place_and_size_gives_the_same(tmp_path, digit, left, top, scale):
    page = Image.new("L", (450, 550), 255)
    page.paste(handwriting(digit), (left, top))
    size = (round(450 * scale), round(550 * scale))
    image = loaded(tmp_path, page.resize(size, Image.Resampling.BICUBIC))
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(digit))) > 0.95


def inked(digit: int, paper, ink) -> np.ndarray:
    """Handwriting in a colour on a paper's, (400, 300, 3)."""
    share = 1 - np.asarray(handwriting(digit), float)[..., None] / 255
    return np.array(paper) + share * (np.array(ink) - np.array(paper))


def as_picture(colours: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(colours), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((90, 170, 90), (215, 106, 90)),  # red on green
        ((215, 106, 90), (90, 170, 90)),
        ((120, 120, 120), (90, 106, 230)),  # blue on grey
    ],
)
def test_ink_as_bright_as_the_paper(tmp_path, paper, ink):
    picture = as_picture(inked(2, paper, ink))
    grey = np.asarray(picture.convert("L"), int)
    assert np.ptp(grey) <= 5  # nothing to see without colour
    assert likeness(loaded(tmp_path, picture), loaded(tmp_path, handwriting(2))) > 0.98


@SAME_FOLDER
@given(
    paper=st.tuples(*[st.integers(0, 255)] * 3),
    ink=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_any_two_colours_that_differ_give_the_same(tmp_path, paper, ink):
    assume(np.linalg.norm(np.subtract(paper, ink)) > 90)
    image = loaded(tmp_path, as_picture(inked(3, paper, ink)))
    assert likeness(image, loaded(tmp_path, handwriting(3))) > 0.97


@pytest.mark.parametrize("angle", range(0, 360, 45))
@pytest.mark.parametrize("soft", [0.004, 0.05])
def test_shadow_over_half_of_the_paper(tmp_path, angle, soft):
    rows, columns = np.indices((400, 300)) / 400 - 0.45
    across = columns * np.cos(np.deg2rad(angle)) + rows * np.sin(np.deg2rad(angle))
    light = 1 - 0.55 / (1 + np.exp(-across / soft))
    corners = 1 - 0.4 * (rows**2 + columns**2)
    photo = as_picture(inked(8, (240, 238, 230), (30, 30, 50)) * (light * corners)[..., None])
    image = loaded(tmp_path, photo)
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(8))) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_strong_grain(tmp_path, seed):
    clean = np.asarray(handwriting(6), float) * 0.8 + 25
    grain = np.random.default_rng(seed).normal(0, 45, clean.shape)
    image = loaded(tmp_path, as_picture(clean + grain))
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(6))) > 0.95


@pytest.mark.parametrize("darkness", [60, 110, 180])
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("slope", [0, 12])
def test_ruled_and_squared_paper(tmp_path, darkness, squared, slope):
    page = Image.new("L", (300, 400), 255)
    pencil = ImageDraw.Draw(page)
    for y in range(-20, 420, 45):
        pencil.line([(0, y), (300, y + slope)], fill=255 - darkness, width=2)
    for x in range(-20, 320, 45) if squared else ():
        pencil.line([(x, 0), (x - slope, 400)], fill=255 - darkness, width=2)
    both = np.minimum(np.asarray(page), np.asarray(handwriting(3)))
    image = loaded(tmp_path, Image.fromarray(both))
    assert_form(image)
    assert likeness(image, loaded(tmp_path, handwriting(3))) > 0.97


@pytest.mark.parametrize("digit", [2, 4, 7, 9])
def test_ink_that_touches_the_border_is_kept(tmp_path, digit):
    whole = handwriting(digit)
    rows, columns = np.nonzero(np.asarray(whole) < 128)
    # The digit's lower end and right side are cut off by the picture's edge.
    cut = whole.crop((0, 0, int(columns.max()) - 8, int(rows.max()) - 8))
    wide = Image.new("L", (500, 600), 255)
    wide.paste(cut, (80, 90))
    assert likeness(loaded(tmp_path, cut), loaded(tmp_path, wide)) > 0.97


@pytest.mark.parametrize("digit", range(10))
def test_twenty_pixels_a_side(tmp_path, digit):
    small = handwriting(digit).resize((20, 27), Image.Resampling.BOX)
    image = loaded(tmp_path, small)
    assert likeness(image, loaded(tmp_path, handwriting(digit))) > 0.85


@pytest.mark.parametrize("width", [2, 5, 26, 60])
@pytest.mark.parametrize("digit", [3, 7])
def test_strokes_come_out_as_broad_as_mnists(tmp_path, digit, width):
    image = loaded(tmp_path, handwriting(digit, width=width))
    assert_form(image)
    # The lines fill the box of 20 but for about a pixel a side.
    lines = [np.array(stroke) * (180, 240) for stroke in strokes(digit)]
    length = sum(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in lines)
    extent = np.ptp(np.concatenate(lines), axis=0).max()
    length *= (20 - 2) / extent
    # Each line is rounded at both ends: area = length·w + (number of lines)·π/4·w².
    caps = len(lines) * np.pi / 4
    area = image.sum() / 255
    broad = (np.sqrt(length**2 + 4 * caps * area) - length) / (2 * caps)
    assert 1.2 <= broad <= 4.2
    assert (image > 240).sum() > 0.15 * (image > 0).sum()


def test_camera_turned_picture(tmp_path):
    upright = handwriting(7)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by a quarter
    upright.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    assert (load_digit(tmp_path / "turned.png") == loaded(tmp_path, upright)).all()
    upright.rotate(90, expand=True).save(tmp_path / "turned.tif", exif=exif)
    assert (load_digit(tmp_path / "turned.tif") == loaded(tmp_path, upright)).all()


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
    grain = np.random.default_rng(3).normal(200, 6, (200, 300))
    noise = np.random.default_rng(3).uniform(0, 255, (200, 300))
    for levels in (slope, half, grain, noise):
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
