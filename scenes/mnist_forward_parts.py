"""What only the digits clip is drawn with: a lens, pictures of weights, links between layers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import Group, Rectangle, VGroup, VMobject
from numpy.typing import NDArray

from nncore.activations import SIGMOID
from nncore.digits import Links, Reading
from nncore.errors import Array
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.grid import UNLIT, OutputColumn, PixelGrid
from scenes.kit.network import Edges
from scenes.kit.plane import Plane
from scenes.kit.shapes import Stroke, disc, point

BRIGHT = 0.5
"""An input above this carries ink."""


def vivid(values: Array, top: float) -> NDArray[np.float64]:
    """Values as shares of `top`, small ones brought out, signs kept."""
    shares = np.asarray(values, dtype=float) / (top or 1.0)
    return np.asarray(np.sign(shares) * np.abs(shares) ** 0.6)


def answer_colour(reading: Reading, label: int | None) -> str:
    """The colour of an answer: of an error where the label is known and says otherwise."""
    return theme.OUTPUT if label in (None, reading.answer) else theme.ERROR


def neuron_sheet(count: int, height: float) -> PixelGrid:
    """A dark sheet of neurons, as near a square as divides them evenly."""
    rows = max(r for r in range(1, int(count**0.5) + 1) if count % r == 0)
    dark = np.zeros((rows, count // rows))
    return PixelGrid(dark, cell=height / rows, colour=theme.OUTPUT, ground=UNLIT, round_cells=True)


def ends_of(strip: PixelGrid, x: float) -> tuple[Formula, Formula]:
    """The names of the first and the last input, beside the strip's ends."""
    made = []
    for k, y in ((1, strip.get_top()[1] - 0.12), (strip.rows, strip.get_bottom()[1] + 0.12)):
        sign = Formula(f"x_{k}", size=theme.CAPTION, colour=theme.INPUT)
        made.append(sign.move_to(point(x + sign.width / 2, y)))
    return made[0], made[1]


def scan_line(grids: Sequence[PixelGrid], alpha: float) -> list[list[list[float]]]:
    """A line across each grid, `alpha` of the way down."""
    lines = []
    for grid in grids:
        (left, top), (right, bottom) = grid.points[0, :2], grid.points[3, :2]
        y = top + (bottom - top) * alpha
        lines.append([[left, y], [right, y]])
    return lines


def signed_picture(values: Array, side: float) -> PixelGrid:
    """Numbers of both signs as a picture `side` wide: yellow above zero, violet below."""
    shares = vivid(values, float(np.abs(values).max()))
    cell = side / values.shape[1]
    return PixelGrid(shares, cell=cell, colour=theme.POSITIVE, negative=theme.NEGATIVE)


def fan(strip: PixelGrid, sheet: PixelGrid, neuron: int, weights: Array) -> Edges:
    """A neuron's weights as links from the bright cells of the strip, where the signal is."""
    starts = strip.places() + np.array([strip.cell_size[0] / 2 - 0.12, 0])
    end = sheet.place(*divmod(neuron, sheet.columns))[:2]
    drawn = np.where(strip.values.ravel() > BRIGHT, weights.ravel(), 0)
    return Edges(drawn.reshape(1, -1), starts, [end], widest=0.03, thinnest=0.002, gap=0.2)


def strongest(sheet: PixelGrid, column: OutputColumn, links: Links) -> VGroup:
    """The links into an output, and rings around the neurons that they come from."""
    cells = [sheet.place(*divmod(int(k), sheet.columns))[:2] for k in links.sources]
    weights, end = links.weights.reshape(1, -1), column.place(links.neuron)[:2]
    edges = Edges(weights, cells, [end], gap=sheet.cell_size[0] * 0.52, widest=0.07)
    return VGroup(edges, *[sheet.ring(int(k)) for k in links.sources])


def digit_colour(value: float) -> str:
    """The colour in which a number is read best on a cell of an input: light or dark."""
    ground = _tone(value)
    return max((theme.INK, theme.BACKGROUND), key=lambda c: theme.contrast(c, ground))


def readable(values: Array) -> NDArray[np.float64]:
    """Inputs as shares of the input's colour, in the same order, on which numbers can be read.

    A middling tone is too bright for light digits and too dark for dark ones: those few
    values get the nearest tone at which one of the two has enough contrast.
    """
    tones = np.linspace(0, 1, 501)
    clear = [theme.contrast(digit_colour(t), _tone(t)) > theme.CONTRAST + 0.1 for t in tones]
    allowed = tones[clear]
    shares = np.asarray(values, dtype=float)
    nearest = allowed[np.abs(shares[..., None] - allowed).argmin(axis=-1)]
    return np.where(np.interp(shares, tones, clear) == 1, shares, nearest)


def _tone(value: float) -> str:
    return theme.mix(theme.PANEL, theme.INPUT, float(value))


class SCurve(VGroup):
    """The sigmoid over the weighted sum, its height from 0 to 1, with a dot on it.

    The sum reaches as far as `reach` to both sides of 0. `draw(z)` puts the dot at (z, its
    output), with a line to either axis.
    """

    def __init__(self, reach: float, *, x: float, low: float, size: tuple[float, float]) -> None:
        left = x - size[0] / 2
        self.plane = Plane(
            (-reach, reach), (0, 1), corner=(left, low), size=size, x_ticks=[0], y_ticks=[0, 1]
        )
        z = np.linspace(-reach, reach, 81)
        curve = Stroke(self.plane.path(z, SIGMOID.function(z)), theme.OUTPUT)
        self.guide = Stroke([[0, 0], [1, 0]], theme.MUTED, theme.THIN)
        self.dot = disc(0, 0, 0.09, theme.INK)
        super().__init__(self.plane, self.guide, curve, self.dot)
        self.draw(0.0)

    def draw(self, z: float) -> float:
        """Put the dot over the sum `z`; returns the output there."""
        y = float(SIGMOID.function(np.array([z]))[0])
        at = self.plane.at(z, y)
        (left, low), (x, height) = self.plane.corner, at[:2]
        self.guide.draw([[x, low], [x, height], [left, height]])
        self.dot.move_to(at)
        return y

    def moving(self) -> list[VMobject]:
        """What `draw` changes."""
        return [self.guide, self.dot]


class Lens(Group):
    """A patch of a picture that grows out of it, both framed and joined by two lines.

    The patch, `size` (rows, columns) of cells from the cell `corner`, begins where it is in
    the picture and, at alpha 1, is `height` high around (x, y). The lines, `rays`, are to be
    drawn behind the picture, so that they do not cross it.
    """

    def __init__(
        self,
        picture: PixelGrid,
        corner: tuple[int, int],
        size: tuple[int, int],
        *,
        x: float,
        y: float,
        height: float,
    ) -> None:
        (top, left), (rows, columns) = corner, size
        self.window = picture.values[top : top + rows, left : left + columns]
        self.patch = PixelGrid(readable(self.window), cell=height / rows, lines=1.0)
        first = picture.place(top, left)
        middle = (first + picture.place(top + rows - 1, left + columns - 1)) / 2
        self.patch.put(middle[0], middle[1], rows * picture.cell_size[1])
        self._move = self.patch.glide(x, y, height)
        self._here, self._there = self._frame(), self._frame()
        self.rays = Stroke([[0, 0], [0, 0]], theme.INK, theme.THIN, 0.5)
        super().__init__(self.patch, self._here, self._there)

    def draw(self, alpha: float) -> None:
        """Be `alpha` of the way."""
        self._move(alpha)
        self._there.become(self._frame())
        (x, low), (_, high) = self._here.get_corner([1, -1, 0])[:2], self._here.get_top()[:2]
        end, bottom = self._there.get_corner([-1, -1, 0])[:2]
        self.rays.draw_all(
            [[[x, high], [end, self._there.get_top()[1]]], [[x, low], [end, bottom]]]
        )

    def _frame(self) -> Rectangle:
        return Rectangle(
            width=self.patch.width,
            height=self.patch.height,
            stroke_color=theme.INK,
            stroke_width=2.5,
        ).move_to(self.patch)


def lens_numbers(
    clip: Clip, lens: Lens, corner: tuple[int, int], inputs: Array, spec: str
) -> VGroup:
    """The inputs in a lens as numbers, each in the middle of its cell."""
    numbers, side = VGroup(), math.isqrt(len(inputs))
    for (r, c), tone in np.ndenumerate(lens.patch.values):
        at = (corner[0] + r) * side + corner[1] + c
        number = clip.number(
            f"input {at + 1}",
            inputs[at],
            spec,
            colour=digit_colour(tone),
            size=theme.LABEL,
            bold=False,
            align="center",
        )
        x, y, _ = lens.patch.place(r, c)
        numbers.add(number.put_mid(x, y))
    return numbers
