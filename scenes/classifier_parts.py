"""What the classifier's clip is drawn with: line and sides, the gap, the formulas, the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Circle, Ellipse, RoundedRectangle, VGroup, VMobject

from nncore.classifier import CATERPILLAR, LADYBIRD, Example, LineStep
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.ledger import Value
from scenes.kit.plane import Plane
from scenes.kit.shapes import Arrow, Stroke, disc, marker, path_points, point
from scenes.kit.text import LiveNumber, Words, row

FINE = ".4f"
SIGNED = "+.4f"
TINT = 0.13
COLOURS = {CATERPILLAR: theme.CLASS_A, LADYBIRD: theme.CLASS_B}
REACH = 0.5
_HUES = {
    "A": theme.WEIGHT,
    "x": theme.INPUT,
    "y": theme.OUTPUT,
    "t": theme.TARGET,
    "E": theme.ERROR,
    "ΔA": theme.WEIGHT,
}


# Animals


def animal(plane: Plane, example: Example, *, size: float = 0.14) -> VMobject:
    """An animal's marker by its label: a caterpillar's blue disc, a ladybird's orange diamond."""
    x, y, _ = plane.at(example.width, example.length)
    return marker(x, y, example.kind == LADYBIRD, size=size)


def ring(x: float, y: float, radius: float, colour: str, width: float = 3.0) -> Circle:
    """A circle around something."""
    circle = Circle(radius=radius, stroke_color=colour, stroke_width=width, fill_opacity=0)
    circle.move_to(point(x, y))
    return circle


def card(clip: Clip, kind: str, x: float, y: float) -> VGroup:
    """What a kind looks like, and how its width x and its length y are measured."""
    width, height = (0.5, 1.5) if kind == CATERPILLAR else (1.5, 0.5)
    left, low = x - width / 2, y - height / 2
    slim: dict[str, Any] = {"width": 2.5, "head": 0.14, "both": True}
    across = Arrow([left, low - 0.2], [left + width, low - 0.2], theme.MUTED, **slim)
    up = Arrow([left - 0.2, low], [left - 0.2, low + height], theme.MUTED, **slim)
    x_name = clip.symbol("x", colour=theme.MUTED).put(x, low - 0.5)
    y_name = clip.symbol("y", colour=theme.MUTED).put_mid(left - 0.36, y, "right")
    name = clip.label(kind, size=theme.CAPTION, colour=COLOURS[kind], bold=True)
    looks = clip.label(f"{kind}_looks", colour=theme.MUTED)
    sign = marker(x + 1.5, y + 0.19, kind == LADYBIRD)
    name.put_mid(x + 1.8, y + 0.19, "left")
    looks.put_mid(x + 1.8, y - 0.23, "left")
    return VGroup(_body(kind, x, y, width, height), across, up, x_name, y_name, sign, name, looks)


def _body(kind: str, x: float, y: float, width: float, height: float) -> VMobject:
    hue = COLOURS[kind]
    look: dict[str, Any] = {
        "stroke_color": hue,
        "stroke_width": theme.LINE,
        "fill_color": theme.mix(theme.BACKGROUND, hue, 0.25),
        "fill_opacity": 1,
    }
    long = kind == CATERPILLAR
    shape: VMobject = (
        RoundedRectangle(corner_radius=0.24, width=width, height=height, **look)
        if long
        else Ellipse(width=width, height=height, **look)
    )
    shape.move_to(point(x, y))
    return shape


def key(clip: Clip, right: float, y: float) -> VGroup:
    """The two kinds' markers and names in one line that ends at `right`."""
    parts = VGroup()
    for kind in (LADYBIRD, CATERPILLAR):
        name = clip.label(kind, size=theme.TICK, colour=COLOURS[kind]).put(right, y, "right")
        gap = 0.24 if kind == LADYBIRD else 0.2
        sign = marker(name.left_edge - gap, y + 0.085, kind == LADYBIRD, size=0.1)
        parts.add(sign, name)
        right = name.left_edge - 0.6
    return parts


# The line


class Boundary:
    """The line y = A·x in a plane that begins at (0, 0), and the two sides it makes."""

    def __init__(self, plane: Plane, slope: float) -> None:
        self.plane = plane
        self.above = VMobject(stroke_width=0, fill_color=COLOURS[CATERPILLAR], fill_opacity=0)
        self.below = VMobject(stroke_width=0, fill_color=COLOURS[LADYBIRD], fill_opacity=0)
        self.line = Stroke([[0, 0], [1, 0]], theme.WEIGHT, 4.5)
        self.parts = (self.above, self.below, self.line)
        self.draw(slope)

    def draw(self, slope: float) -> None:
        """Lay the line at this slope, >= 0."""
        self.slope = slope
        (x0, y0), (w, h) = self.plane.corner, self.plane.size
        ends = self.plane.line_through(slope)
        origin, end, far = [x0, y0], ends[-1], [x0 + w, y0 + h]
        steep = end[0] < far[0] - 1e-9
        self.above.points = path_points(
            [origin, [x0, far[1]], *([] if steep else [far]), end, origin]
        )
        self.below.points = path_points(
            [origin, [far[0], y0], *([far] if steep else []), end, origin]
        )
        self.line.draw(ends)


class Gap:
    """The error as a vertical gap: the target t, the line's y, and E between them.

    It stands beside the example, on the side where the line does not cross it.
    """

    def __init__(self, clip: Clip, plane: Plane, step: LineStep) -> None:
        self.plane = plane
        self.names: dict[str, Words] = {n: clip.symbol(n, colour=_HUES[n]) for n in "tyE"}
        self.side = -1 if step.error >= 0 else 1
        self.aim = Stroke([[0, 0], [1, 0]], theme.TARGET, theme.LINE)
        self.level = Stroke([[0, 0], [1, 0]], theme.OUTPUT, theme.LINE)
        self.output = disc(0, 0, 0.09, theme.OUTPUT)
        self.arrow = Arrow([0, 0], [1, 0], theme.ERROR, width=4.5, head=0.2)
        self.group = VGroup(self.aim, self.level, self.arrow, self.output, *self.names.values())
        self.draw(step)

    def draw(self, step: LineStep) -> None:
        """Show a step as it is before its change."""
        x, t, _ = self.plane.at(step.x, step.target)
        y, s = self.plane.y(step.output), self.side
        self.aim.draw([[x + s * REACH, t], [x - s * 0.16, t]])
        self.level.draw([[x + s * REACH, y], [x, y]])
        self.output.move_to(point(x, y))
        self.arrow.draw([x + s * 0.36, y], [x + s * 0.36, t])
        self.names["t"].put(x + s * 0.36, t + (0.12 if s < 0 else -0.28))
        if len(self.names) == 1:
            return
        self.names["E"].put_mid(x + s * (REACH + 0.1), (t + y) / 2, "right" if s < 0 else "left")
        self.names["y"].put(x - s * 0.3, y + 0.14 if s > 0 else self._below(y))

    def unname(self) -> VGroup:
        """Part with the letters y and E, to be faded out; the target keeps its own."""
        letters = VGroup(*[self.names.pop(name) for name in "yE"])
        self.group.remove(*letters)
        return letters

    def _below(self, y: float) -> float:
        """A baseline below the height `y`; above it where the axis is too near."""
        height = y - self.plane.corner[1]
        return y + float(np.interp(height, [0.4, 0.44], [0.22, -0.34]))


# The formulas


def shown_by(step: LineStep) -> dict[str, float]:
    """A step's numbers by the names that the screen gives them."""
    return {
        "A": step.slope_before,
        "x": step.x,
        "y": step.output,
        "t": step.target,
        "E": step.error,
        "ΔA": step.change,
    }


def between(before: LineStep, after: LineStep, alpha: float) -> LineStep:
    """A step `alpha` of the way from one to the other; only its numbers are in between."""
    names = ("slope_before", "x", "output", "target", "error", "change")
    mixed = {
        n: getattr(before, n) + (getattr(after, n) - getattr(before, n)) * alpha for n in names
    }
    return replace(before, **mixed)


class Board:
    """The formulas of a lesson with live numbers: y = A·x, E = t − y, ΔA = L·E / x.

    `rate` None leaves L out. `places` is the format of x and t.
    """

    def __init__(
        self,
        clip: Clip,
        steps: Sequence[LineStep],
        *,
        places: str,
        rate: tuple[float, str] | None,
        left: float,
        rows: Sequence[float],
        width: float,
    ) -> None:
        self._clip, self._steps, self._places = clip, steps, places
        output, error, change = self._take("Axy"), self._take("tyE"), self._take("ExD")
        self.numbers = [*output.values(), *error.values(), *change.values()]
        share, given = "", ""
        if rate is not None:
            change["L"] = clip.number("L", rate[0], rate[1], size=theme.NUMBER_SMALL)
            share, given = "L dot ", "[L] dot "
        ratio = f"{{{{ Delta A : w }}}} = {share}frac(E, x) = {given}frac([E], [x]) = [D]"
        formulas = (
            ("{{ y : o }} = A dot x = [A] dot [x] = [y]", output, {"o": theme.OUTPUT}),
            ("{{ E : e }} = t - y = [t] - [y] = [E]", error, {"e": theme.ERROR}),
            (ratio, change, {"w": theme.WEIGHT}),
        )
        self.group = VGroup()
        for (source, numbers, tint), y in zip(formulas, rows, strict=True):
            formula = Formula(source, numbers, size=theme.NUMBER_SMALL, tint=tint)
            if formula.width > width:
                formula.scale(width / formula.width)
            formula.shift(point(left - formula.get_left()[0], y - formula.get_center()[1]))
            self.group.add(formula)

    def _take(self, letters: str) -> dict[str, LiveNumber]:
        return {letter: self._number("ΔA" if letter == "D" else letter) for letter in letters}

    def _number(self, name: str) -> LiveNumber:
        spec = self._places if name in ("x", "t") else SIGNED if name in ("E", "ΔA") else FINE
        return self._clip.number(
            name,
            shown_by(self._steps[0])[name],
            spec,
            colour=_HUES[name],
            size=theme.NUMBER_SMALL,
            room=[shown_by(s)[name] for s in self._steps],
        )

    def show(self, step: LineStep) -> None:
        """Let all numbers show this step."""
        now = shown_by(step)
        for number in self.numbers:
            number.show(now[number.name])

    def ends(self, step: LineStep) -> dict[LiveNumber, Value]:
        """Each number with its value in this step."""
        now = shown_by(step)
        return {number: now[number.name] for number in self.numbers}


class Sum:
    """What a lesson made of the slope, in one line: A before + ΔA = A after."""

    def __init__(self, clip: Clip, step: LineStep, left: float, y: float) -> None:
        given = {
            "b": ("A", step.slope_before),
            "d": ("ΔA", step.change),
            "a": ("A", step.slope_after),
        }
        numbers = {
            place: clip.number(name, value, FINE, colour=theme.WEIGHT, size=theme.NUMBER_SMALL)
            for place, (name, value) in given.items()
        }
        change = "([d])" if step.change < 0 else "[d]"
        source = f"{{{{ A : w }}}} : [b] + {change} = [a]"
        self.group = Formula(source, numbers, size=theme.NUMBER_SMALL, tint={"w": theme.WEIGHT})
        self.group.shift(point(left - self.group.get_left()[0], y - numbers["b"].baseline))


class Trail:
    """The slopes that the line has had, in a row, one after the other.

    Before the row stands `name`, its learning rate.
    """

    def __init__(self, clip: Clip, rate: float, spec: str, x: float, y: float) -> None:
        self.clip, self.y = clip, y
        size = theme.CAPTION
        name = clip.symbol("L =", size=size, colour=theme.MUTED)
        number = clip.number("L", rate, spec, size=size, bold=False)
        self.name = row([name, number], x, y, gap=0.1, align="left")
        self.pen = number.right_edge + 0.4
        self.parts = VGroup()

    def extend(self, slope: float) -> VGroup:
        """One more slope at the end, to be faded in."""
        shown = VGroup()
        if self.parts:
            arrow = self.clip.symbol("→", size=theme.CAPTION, colour=theme.MUTED)
            shown.add(arrow.put(self.pen, self.y, "left"))
            self.pen = arrow.right_edge + 0.16
        number = self.clip.number("A", slope, FINE, colour=theme.WEIGHT, size=theme.CAPTION)
        shown.add(number.put(self.pen, self.y, "left"))
        self.pen = number.right_edge + 0.16
        self.parts.add(shown)
        return shown
