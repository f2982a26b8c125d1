"""Drawing alone: what a changing piece of the kit costs a frame, and manim's own for the same.

Each piece is a scene in which nothing else moves and the piece changes at every frame. Ours is
drawn by the product's renderer, the peer by manim's; no frame is encoded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from manim import (
    ChangeDecimalToValue,
    DecimalNumber,
    FadeIn,
    Line,
    MathTypst,
    Scene,
    Square,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
    tempconfig,
)
from manim.renderer.cairo_renderer import CairoRenderer
from numpy.typing import NDArray

from pipeline.part_renderer import PartRenderer
from pipeline.settings import Quality, manim_settings
from scenes.kit import motion, theme
from scenes.kit.edges import Links
from scenes.kit.grid import PixelGrid, Ramp
from scenes.kit.ledger import Figure
from scenes.kit.text.words import LiveNumber

SECONDS = 2.0
"""Of each piece's scene."""
_LAST = 1234.56
_INPUTS, _OUTPUTS = 26, 16
_LINKS = _INPUTS * _OUTPUTS
_WIDEST, _THINNEST = 0.03, 0.004
_SIDE, _CELL = 28, 0.16  # 784 cells

Matrix = NDArray[np.float64]


def _weights(share: float) -> Matrix:
    """Weights (outputs, inputs) on their way between two random draws, each within -1 to 1."""
    first, second = np.random.default_rng(0).uniform(-1, 1, (2, _OUTPUTS, _INPUTS))
    return np.asarray(first + (second - first) * share)


def _values(share: float) -> Matrix:
    """Values of 28 × 28 cells, 0 to 1, on their way between two random draws."""
    first, second = np.random.default_rng(1).uniform(0, 1, (2, _SIDE, _SIDE))
    return np.asarray(first + (second - first) * share)


def _column(x: float, count: int) -> Matrix:
    return np.column_stack([np.full(count, x), np.linspace(-3, 3, count)])


class Piece(Scene):
    """A scene of one piece."""

    def setup(self) -> None:
        """The clips' background; one section."""
        self.camera.background_color = theme.BACKGROUND
        self.sections = ["piece"]

    def sweep(self, piece: Any, draw: Callable[[float], None]) -> None:
        """Let `draw` change a piece as the kit does it."""
        self.play(motion.Sweep([piece], draw, run_time=SECONDS, rate_func=linear))

    def count_before(self, *others: Any) -> None:
        """Let a number count that is drawn before others."""
        number = _number()
        self.add(number, *others)
        self.sweep(number, lambda share: number.show(share * _LAST))


class OurNumber(Piece):
    """A number counting up."""

    def construct(self) -> None:
        """Count."""
        self.count_before()


class TheirNumber(Piece):
    """The same by manim's DecimalNumber, its digits set by Typst."""

    def construct(self) -> None:
        """Count."""
        DecimalNumber(1234567.89, mob_class=MathTypst)  # sets each digit, once for all
        number = DecimalNumber(0, mob_class=MathTypst, font_size=theme.NUMBER)
        self.add(number)
        self.play(ChangeDecimalToValue(number, _LAST), run_time=SECONDS, rate_func=linear)


def _number() -> LiveNumber:
    figure = Figure("number", 0.0, ".2f", theme.WEIGHT)
    return LiveNumber(figure, size=theme.NUMBER, room=[_LAST]).put_mid(0, -3.6, "center")


def _links() -> Links:
    links = Links(_weights(0), largest=1.0, widest=_WIDEST, thinnest=_THINNEST)
    links.put(_column(-4, _INPUTS), _column(4, _OUTPUTS), 0.0, 0.0)
    return links


def _lines() -> Any:
    starts, ends = _column(-4, _INPUTS), _column(4, _OUTPUTS)
    lines = VGroup(*[Line([*a, 0], [*b, 0]) for b in ends for a in starts])
    _set_lines(lines, 0.0)
    return lines


def _set_lines(lines: Any, share: float) -> None:
    """Give each line the colour, width and opacity that Links gives a link."""
    for line, weight in zip(lines, _weights(share).flat, strict=True):
        strength = abs(weight)
        line.set_stroke(
            theme.POSITIVE if weight > 0 else theme.NEGATIVE,
            width=100 * max(strength * _WIDEST, _THINNEST),
            opacity=round(0.4 + 0.55 * strength, 3),
        )


class OurStandingLinks(Piece):
    """All links between two layers stand; a number that is drawn before them counts."""

    def construct(self) -> None:
        """Count."""
        self.count_before(_links())


class TheirStandingLinks(Piece):
    """The same number, before a group of lines."""

    def construct(self) -> None:
        """Count."""
        self.count_before(_lines())


class OurFadingLinks(Piece):
    """All links between two layers come into sight."""

    def construct(self) -> None:
        """Fade."""
        self.play(motion.FadeIn(_links()), run_time=SECONDS)


class TheirFadingLinks(Piece):
    """The same as a group of lines."""

    def construct(self) -> None:
        """Fade."""
        self.play(FadeIn(_lines()), run_time=SECONDS)


class OurLinks(Piece):
    """All links between two layers, each changing its weight."""

    def construct(self) -> None:
        """Change the weights."""
        links = _links()
        self.add(links)
        self.sweep(links, lambda share: links.weigh(_weights(share)))


class TheirLinks(Piece):
    """The same as a group of lines."""

    def construct(self) -> None:
        """Change the weights."""
        lines = _lines()
        self.add(lines)
        self.play(UpdateFromAlphaFunc(lines, _set_lines), run_time=SECONDS, rate_func=linear)


class OurGrid(Piece):
    """A picture of 784 cells, all of them changing."""

    def construct(self) -> None:
        """Change the values."""
        grid = PixelGrid(_values(0), cell=_CELL)
        self.add(grid)
        self.sweep(grid, lambda share: grid.show(_values(share)))


class TheirGrid(Piece):
    """The same as a group of squares."""

    def construct(self) -> None:
        """Change the values."""
        ramp = Ramp(theme.INPUT)
        squares = VGroup(*[Square(_CELL, stroke_width=0) for _ in range(_SIDE**2)])
        squares.arrange_in_grid(_SIDE, _SIDE, buff=0)

        def draw(group: Any, share: float) -> None:
            colours = np.rint(ramp(_values(share)).reshape(-1, 3)).astype(int)
            for square, (red, green, blue) in zip(group, colours, strict=True):
                square.set_fill(f"#{red:02x}{green:02x}{blue:02x}", opacity=1)

        draw(squares, 0)
        self.add(squares)
        self.play(UpdateFromAlphaFunc(squares, draw), run_time=SECONDS, rate_func=linear)


@dataclass(frozen=True)
class Pair:
    """A piece of the kit and what manim has for it."""

    name: str
    ours: type[Piece]
    theirs: type[Piece]


PAIRS = (
    Pair("live number / DecimalNumber", OurNumber, TheirNumber),
    Pair(f"{_LINKS} links that stand / VGroup of Lines", OurStandingLinks, TheirStandingLinks),
    Pair(f"{_LINKS} links that fade in / VGroup of Lines", OurFadingLinks, TheirFadingLinks),
    Pair(f"{_LINKS} links, all changing / VGroup of Lines", OurLinks, TheirLinks),
    Pair(f"pixel grid / {_SIDE**2} Squares", OurGrid, TheirGrid),
)


class PlainRenderer(CairoRenderer):
    """Manim's renderer, giving its frames to no one; notes the CPU seconds at each."""

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[float] = []

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Keep time."""
        self.time += num_frames / self.camera.frame_rate
        self.ticks.append(time.process_time())

    def scene_finished(self, scene: Any) -> None:
        """Nothing."""


def milliseconds(piece: type[Piece], quality: Quality, media: Path, *, plain: bool) -> float:
    """CPU milliseconds a frame of drawing `piece`, by manim's renderer if `plain`, else by ours."""
    settings = {**manim_settings(quality, media, theme.current()), "dry_run": True}
    ticks: list[float] = []
    with tempconfig(settings):
        renderer: Any
        if plain:
            renderer = PlainRenderer()
            ticks = renderer.ticks
        else:
            renderer = PartRenderer(lambda *_: ticks.append(time.process_time()))
        piece(renderer).render()
    return per_frame(ticks)


def per_frame(ticks: Sequence[float]) -> float:
    """Milliseconds from one tick (in seconds) to the next, on average, but for the first one."""
    return (ticks[-1] - ticks[1]) / (len(ticks) - 2) * 1000


def compare(pair: Pair, quality: Quality, media: Path, rounds: int) -> tuple[float, float]:
    """CPU milliseconds a frame, ours and theirs: the best of rounds in turn."""
    turns = [
        (
            milliseconds(pair.ours, quality, media, plain=False),
            milliseconds(pair.theirs, quality, media, plain=True),
        )
        for _ in range(rounds)
    ]
    ours, theirs = zip(*turns, strict=True)
    return min(ours), min(theirs)
