"""The kit's pieces, pixel by pixel, against pictures kept in control_data.

Cairo smooths edges in another way since 1.17.8, by more than manim's tolerance: pictures
are kept by the side of that change on which they were drawn, and elsewhere are skipped.
To draw them anew, after looking at what changed: `pytest tests/kit/test_pictures.py --set_test`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import cairo
import numpy as np
import pytest
from manim import Scene
from manim.utils.testing.frames_comparison import frames_comparison

from scenes.kit import theme
from scenes.kit.axes import Axes, Axis
from scenes.kit.captions import Piece
from scenes.kit.edges import Links, Sparks
from scenes.kit.ledger import Figure
from scenes.kit.shapes import Arrow, Stroke, dashes, disc, glow, marker
from scenes.kit.stage import Box
from scenes.kit.text import fonts
from scenes.kit.text.formula import Formula
from scenes.kit.text.words import LiveNumber, Role, Words, row

__module_test__ = "cairo-1.18" if cairo.cairo_version() >= 11708 else "cairo-1.16"
CONTROL_DATA = Path(__file__).parent / "control_data" / __module_test__
FAMILY = "Noto Sans CJK SC"


@pytest.fixture(autouse=True)
def _control_data(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip where there are no pictures for this cairo.

    Manim's own bound on cairo's version is for manim's own pictures, all drawn with 1.18;
    these are compared with what the same side of the change drew, so the bound is lifted.
    """
    if request.config.getoption("--set_test"):
        CONTROL_DATA.mkdir(parents=True, exist_ok=True)
    elif not CONTROL_DATA.is_dir():
        pytest.skip(f"no control data for cairo {cairo.cairo_version_string()}: see --set_test")
    compared_by = import_module("manim.utils.testing.frames_comparison")
    monkeypatch.setattr(compared_by, "MIN_CAIRO_VERSION", 0)


def _family() -> str:
    try:
        return fonts.family()
    except fonts.FontError:
        return "none"


needs_font = pytest.mark.skipif(
    _family() != FAMILY,
    reason=f"the control data are set in {FAMILY}, the installed family is {_family()}",
)
picture = frames_comparison(background_color=theme.BACKGROUND)


def differs_from(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A picture that must not pass for the control data of `name`."""

    def decorate(draw: Callable[..., None]) -> Callable[..., None]:
        draw.__name__ = f"test_{name}"
        compared = picture(draw)
        compared = pytest.mark.usefixtures("only_compared")(compared)
        marked: Callable[..., None] = pytest.mark.xfail(strict=True, raises=AssertionError)(
            compared
        )
        return marked

    return decorate


def words(
    text: str, size: float, colour: str = theme.INK, role: Role = "label", bold: bool = False
) -> Words:
    """Words without figures."""
    return Words([Piece(text)], {}, size=size, colour=colour, role=role, bold=bold)


# Words


@needs_font
@picture
def test_words_en(scene: Scene) -> None:
    title = words("Adjusting gypsy quartz", theme.TITLE, role="title", bold=True)
    miles = Figure("miles", 62.137, ".3f", theme.OUTPUT)
    error = Figure("error", -2.5, "+.1f", theme.ERROR)
    parts = [
        Piece("The machine says "),
        Piece(miles.text, "miles"),
        Piece(", the error is "),
        Piece(error.text, "error"),
        Piece("."),
    ]
    caption = Words(
        parts,
        {"miles": miles, "error": error},
        size=theme.CAPTION,
        colour=theme.INK,
        role="caption",
    )
    label = words("hidden layer Σ → σ", theme.LABEL, theme.MUTED)
    tick = words("0.25", theme.TICK, theme.MUTED, role="tick")
    scene.add(
        title.put(theme.LEFT, theme.TITLE_BASELINE, "left"),
        caption.put(0, 0),
        label.put_mid(theme.RIGHT, -1.5, "right"),
        tick.put(0, theme.CAPTION_MIDDLE),
    )


@needs_font
@picture
def test_words_zh(scene: Scene) -> None:
    title = words("误差的回传", theme.TITLE, role="title", bold=True)
    c = Figure("c", 0.6137, ".4f", theme.WEIGHT)
    parts = [Piece("权重变为 "), Piece(c.text, "c"), Piece("，输出更接近目标（隐藏层：梯度）。")]
    caption = Words(parts, {"c": c}, size=theme.CAPTION, colour=theme.INK, role="caption")
    scene.add(title.put(theme.LEFT, theme.TITLE_BASELINE, "left"), caption.put(0, 0))


# Live numbers


def _live_numbers(scene: Scene, last: float) -> None:
    """Numbers after `show`: below zero, with other sign, moved, scaled, at each side of a box."""

    def number(value: float, spec: str = ".2f", **look: object) -> LiveNumber:
        given = {"size": theme.NUMBER, "room": [-88.88, 88.88], **look}
        return LiveNumber(Figure("n", value, spec, theme.WEIGHT), **given)  # type: ignore[arg-type]

    shown = [number(1.5).put(-4, 2), number(2.25).put(-4, 1), number(70.0).put(-4, 0)]
    for live, value in zip(shown, (-1.5, 0.07, last), strict=True):
        live.show(value)
    signed = [number(0.5, "+.3f", align="left").put(0, y, "left") for y in (2, 1)]
    signed[1].show(-0.5)
    middle = number(12.5, align="center", bold=False).put(0, 0)
    middle.show(-1.0)
    thousands = number(1234567.0, ",.0f", size=theme.NUMBER_LARGE, room=[]).put(-2, -2)
    small = number(0.25, ".1%", size=theme.NUMBER_SMALL, room=[1.0]).put(4, 2)
    small.scale(1.5).shift([0.3, -0.4, 0.0])
    small.show(0.982)
    base = Stroke([[-6, 0], [6, 0]], theme.RULE, theme.THIN)
    scene.add(base, *shown, *signed, middle, thousands, small)


@needs_font
@picture
def test_live_numbers(scene: Scene) -> None:
    _live_numbers(scene, -13.69)


@needs_font
@differs_from("live_numbers")
def test_another_last_digit_is_noticed(scene: Scene) -> None:
    _live_numbers(scene, -13.68)


@needs_font
@picture
def test_row(scene: Scene) -> None:
    """Words and numbers on one baseline."""
    numbers = [
        LiveNumber(Figure("n", v, ".1f", hue), size=size)
        for v, hue, size in (
            (100.0, theme.INPUT, theme.NUMBER_LARGE),
            (62.1, theme.OUTPUT, theme.NUMBER_SMALL),
        )
    ]
    pieces = [numbers[0], words("km", theme.CAPTION), words("=", theme.FORMULA), numbers[1]]
    scene.add(row(pieces, 0, 0, gap=0.2, align="center"))


# Formulas


@needs_font
@picture
def test_formula(scene: Scene) -> None:
    hues = {"d": theme.WEIGHT, "L": theme.INK, "E": theme.ERROR, "x": theme.INPUT}
    values = {"d": 0.25, "L": 0.5, "E": 1.5, "x": 3.0}
    numbers = {
        name: LiveNumber(
            Figure(name, values[name], ".3f", hue), size=theme.NUMBER_SMALL, room=[-9.0]
        )
        for name, hue in hues.items()
    }
    formula = Formula(
        "{{ Delta A : a }} = L dot frac(E, x) = [L] dot frac([E], [x]) = [d]",
        numbers,
        tint={"a": theme.WEIGHT},
    )
    formula.move_to([0.0, 1.0, 0.0])
    numbers["E"].show(-1.125)
    numbers["d"].show(-0.1875)
    indices = Formula("e_(1,2) = sum_k w_(1,2) dot sigma(x_1) - partial E")
    indices.scale(1.2).move_to([0.0, -1.5, 0.0])
    scene.add(formula, indices)


# Networks


def _links(scene: Scene, last: float) -> None:
    """Links of both signs and many strengths, one dimmed, one of no weight; lights on some."""
    weights = np.array([[2.0, -1.0], [0.0, 0.5], [-3.0, last]])
    links = Links(np.ones((3, 2)), largest=3.0)
    starts, ends = [[-4.0, 0.8], [-4.0, -0.8]], [[4.0, 1.8], [4.0, 0.0], [4.0, -1.8]]
    links.put(starts, ends, 0.4, 0.4)
    links.light[0, 1] = 0.3
    links.weigh(weights)
    sparks = Sparks()
    sparks.draw([starts[0], starts[1]], [ends[0], ends[2]], [0.5, 0.8], [0.15, 0.08])
    scene.add(links, sparks)


@picture
def test_links(scene: Scene) -> None:
    _links(scene, 1.0)


@differs_from("links")
def test_another_weight_is_noticed(scene: Scene) -> None:
    _links(scene, 1.2)


# Axes


def _axes(scene: Scene, at: float) -> None:
    """A plane with a curve, and an axis with a dot."""
    x_name, y_name = (words(t, theme.TICK, theme.MUTED) for t in ("width, mm", "output"))
    axes = Axes((0, 4), (-1.5, 1.5), x_name=x_name, y_name=y_name)
    axes.place(Box(0, 0.8, 12, 5))
    xs = np.linspace(0, 4, 60)
    curve = Stroke(axes.path(xs, np.cos(2 * xs)), theme.OUTPUT)
    x, y, _ = axes.at(3, 0.5)
    axis = Axis(-1000, 12000)
    axis.put(-5, -2.8, 10)
    scene.add(axes, curve, disc(x, y, 0.1, theme.TARGET))
    scene.add(axis, disc(axis.at(at), -2.8, 0.12, theme.OUTPUT))


@needs_font
@picture
def test_axes(scene: Scene) -> None:
    _axes(scene, 2500)


@needs_font
@differs_from("axes")
def test_a_dot_a_pixel_away_is_noticed(scene: Scene) -> None:
    _axes(scene, 2500 + 13000 * (8 / 480) / 10)


# Shapes


@picture
def test_arrows(scene: Scene) -> None:
    turned = Arrow([0, 0], [1, 0], theme.WEIGHT)
    turned.draw([-1, 1.5], [-3, -0.5])
    scene.add(
        Arrow([-6, 2], [-2, 2], theme.INPUT),
        turned,
        Arrow([1, 2], [5, 0.5], theme.ERROR, both=True, width=3, head=0.4),
        Arrow([1, -1], [1.12, -1], theme.OUTPUT),
        Arrow([2, -1], [2.12, -1.1], theme.OUTPUT, both=True),
        Arrow([3, -1], [3, -1], theme.OUTPUT),
    )


@picture
def test_glow(scene: Scene) -> None:
    scene.add(
        glow(-3, 1, 1.5, theme.WEIGHT),
        glow(3, 1, 1.0, theme.ERROR, strength=1.0),
        marker(3, 1, False),
    )


@picture
def test_markers_and_dashes(scene: Scene) -> None:
    zigzag = Stroke([[0, 0], [1, 0]], theme.MUTED, theme.THIN, 0.5)
    zigzag.draw_all([[[-6, -2], [-5, -3], [-4, -2]], [[-3, -2], [-2, -3]]])
    scene.add(
        marker(-3, 1, False),
        marker(3, 1, True),
        marker(0, 1, True, size=0.4),
        disc(0, -1, 0.3, theme.OUTPUT, opacity=0.5),
        dashes([-6, 0], [6, 0], theme.TARGET),
        dashes([2, -3], [5, -1], theme.ERROR, width=2, dash=0.25),
        zigzag,
    )
