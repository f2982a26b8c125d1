"""A digit read by the digits network: 784 inputs, 100 hidden neurons, ten outputs, an answer."""

from __future__ import annotations

import numpy as np
from manim import Mobject, VGroup, linear

from nncore.digits import CLASSES, Reading, trained_network
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.grid import CellFlight, OutputColumn, PixelGrid
from scenes.kit.ledger import Figure
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.shapes import Arrow, Stroke, point
from scenes.kit.text import Words
from scenes.mnist_forward_parts import (
    Lens,
    SCurve,
    answer_colour,
    ends_of,
    fan,
    lens_numbers,
    neuron_sheet,
    scan_line,
    signed_picture,
    strongest,
    vivid,
)
from scenes.mnist_forward_run import (
    PATCH,
    MnistForwardParams,
    MnistForwardRun,
    answer_key,
    forward_run,
    introduction_key,
    verdict_key,
)

OUTPUT_SPEC, SUM_SPEC, PIXEL_SPEC = ".3f", "+.3f", ".2f"

# Places: the picture large, the close look at one neuron, the whole network.
BIG_X, BIG_Y, BIG = -3.5, -0.28, 4.76
LENS_X, LENS = 3.2, 3.6
UNROLL_X, STRIP_X, STRIP_WIDTH = -3.9, 2.4, 0.36
CLOSE_X, CLOSE_Y, CLOSE = (-5.3, -1.62, 1.82, 5.2), 0.28, 2.6
SUM_X, FORMULA_Y = -3.4, -2.05
CURVE_X, CURVE_LOW, CURVE, REACH = 0.55, -2.5, (2.4, 1.1), 6.0
NET_Y, NET, NET_STRIP_X, NAME_Y = -0.1, 4.5, -3.95, -2.8
SMALL_X, SMALL_Y, SMALL = -5.6, 0.95, 2.05
SHEET_X, SHEET, OUTPUT_X, BAR = -0.85, 4.0, 2.3, 1.25
VERDICT_X, VERDICT_Y, VERDICT_TOP = 6.06, -2.2, 0.95


class MnistForward(Clip):
    """From pixels to an answer: one digit, then one that is hard to read."""

    slug = "mnist-forward"
    Params = MnistForwardParams
    run: MnistForwardRun

    @staticmethod
    def compute(params: MnistForwardParams) -> MnistForwardRun:
        """Both readings. Raises NNError for digits that cannot be found or read."""
        return forward_run(params.digit, params.hard)

    def construct(self) -> None:
        """Draw the sections: the pixels, one neuron, the network, the answer, a hard digit."""
        self._picture()
        self._numbers()
        self._unroll()
        self._weights()
        self._sum()
        self._sigmoid()
        self._hidden()
        self._outputs()
        self._answer()
        self._hard()
        self._verdict()

    # The picture

    def _picture(self) -> None:
        self.section("picture")
        run, shape = self.run, (self.run.side, self.run.side)
        self.record_choice("digit", run.source)
        inputs = run.digit.inputs.reshape(shape)
        self.picture = PixelGrid(inputs, cell=BIG / run.side).move_to(point(0, BIG_Y))
        figures = {
            "rows": self.figure("side", run.side, "d"),
            "columns": self.figure("side", run.side, "d"),
            "pixels": self._count("inputs"),
        }
        self.say("picture", figures, along=[FadeIn(self.picture)])
        slide = self.picture.glide(BIG_X, BIG_Y, BIG, lines=1)
        self.sweep(slide, self.picture, run_time=1.4)
        numbers = {
            "r": self.number("side", run.side, "d"),
            "c": self.number("side", run.side, "d"),
            "n": self.number("inputs", run.pixels, "d", colour=theme.INPUT),
        }
        product = Formula("[r] times [c] = [n]", numbers, size=theme.NUMBER)
        unit = self.label("pixels", colour=theme.INPUT)
        product.move_to(point(LENS_X - 0.4, BIG_Y))
        unit.put(numbers["n"].right_edge + 0.16, numbers["n"].baseline, "left")
        self.product = VGroup(product, unit)
        self.play(FadeIn(self.product), run_time=theme.MOVE)

    def _numbers(self) -> None:
        self.section("numbers")
        run = self.run
        pixels = {"paper": ("blank pixel", run.paper), "ink": ("full pixel", run.ink)}
        figures = {key: self.figure(*pixel, PIXEL_SPEC) for key, pixel in pixels.items()}
        lens = Lens(self.picture, run.patch, PATCH, x=LENS_X, y=BIG_Y, height=LENS)
        self.say("numbers", figures, along=[FadeOut(self.product)])
        self.add(lens)
        self.bring_to_back(lens.rays)
        self.sweep(lens.draw, lens.rays, *lens)
        numbers = lens_numbers(self, lens, run.patch, run.digit.inputs, PIXEL_SPEC)
        self.play(FadeIn(numbers), run_time=theme.MOVE)
        self.lens = [lens, lens.rays, numbers]

    def _unroll(self) -> None:
        self.section("unroll")
        run, picture = self.run, self.picture
        aside = picture.glide(UNROLL_X, BIG_Y, BIG)
        fade = [FadeOut(m) for m in self.lens]
        away = [*fade, Sweep([picture], aside, run_time=theme.MOVE)]
        self.say("unroll", {"pixels": self._count("inputs")}, along=away)
        cell = (STRIP_WIDTH, BIG / run.pixels)
        self.strip = PixelGrid(run.digit.inputs.reshape(-1, 1), cell=cell)
        self.strip.move_to(point(STRIP_X, BIG_Y))
        flight = CellFlight(picture, self.strip)
        self.sweep(flight.draw, flight, run_time=3.8, rate_func=linear)
        self.replace(flight, self.strip)
        x = STRIP_X + STRIP_WIDTH / 2 + 0.2
        name = self._name("inputs").put_mid(x, BIG_Y, "left")
        self.strip_names = VGroup(name, *ends_of(self.strip, x))
        self.play(FadeIn(self.strip_names), run_time=theme.MOVE)

    # One neuron

    def _weights(self) -> None:
        self.section("weights")
        run = self.run
        self.sheet = neuron_sheet(run.neurons, CLOSE).move_to(point(CLOSE_X[3], CLOSE_Y))
        self.weights = signed_picture(run.weights, CLOSE).move_to(point(CLOSE_X[1], CLOSE_Y))
        self.products = signed_picture(run.products, CLOSE).move_to(point(CLOSE_X[2], CLOSE_Y))
        self.ring = self.sheet.ring(run.neuron)
        keys = ("image", "weights", "products", "layer")
        colours = (theme.INPUT, theme.WEIGHT, theme.INK, theme.OUTPUT)
        self.heads = [
            self.label(key, colour=colour).put(x, CLOSE_Y + CLOSE / 2 + 0.2)
            for key, colour, x in zip(keys, colours, CLOSE_X, strict=True)
        ]
        shrink = self.picture.glide(CLOSE_X[0], CLOSE_Y, CLOSE, lines=0)
        follow = self.strip.glide(CLOSE_X[0] + CLOSE / 2 + 0.22, CLOSE_Y, CLOSE)
        along = [Sweep([self.strip], follow, run_time=1.4)]
        self.say("weights", along=[FadeOut(self.strip_names)])
        self.sweep(shrink, self.picture, run_time=1.4, along=along)
        sheet = [self.heads[0], self.sheet, self.heads[3]]
        self.play(*[FadeIn(m) for m in sheet], run_time=theme.MOVE)
        close = [self.ring, self.weights, self.heads[1]]
        self.play(*[FadeIn(m) for m in close], run_time=theme.MOVE)

    def _sum(self) -> None:
        self.section("sum")
        run = self.run
        running = np.concatenate([[0.0], np.cumsum(run.products.astype(float))])
        bound = float(np.abs(running).max())
        total = self.number("weighted sum", run.weighted_sum, SUM_SPEC, room=[bound, -bound])
        formula = Formula("sum w dot x = [z]", {"z": total}).move_to(point(SUM_X, FORMULA_Y))
        total.show(0.0)
        times, equals = (self.symbol(sign, size=theme.FORMULA) for sign in "×=")
        times.put_mid((CLOSE_X[0] + CLOSE_X[1]) / 2 + 0.17, CLOSE_Y)
        equals.put_mid((CLOSE_X[1] + CLOSE_X[2]) / 2, CLOSE_Y)
        line = Stroke([[0, 0], [1, 0]], theme.INK, 2.0)
        grids = (self.picture, self.weights, self.products)
        top = float(np.abs(run.products).max())

        def scan(alpha: float) -> None:
            done = round(alpha * run.pixels)
            seen = np.where(np.arange(run.pixels) < done, run.products.ravel(), 0)
            self.products.show(vivid(seen, top))
            total.show(running[done])
            line.draw_all(scan_line(grids, alpha))

        scan(0)
        arrive = [times, equals, self.products, self.heads[2], formula]
        self.say("sum", {"pixels": self._count("inputs")}, along=[FadeIn(m) for m in arrive])
        ends = {total: run.weighted_sum}
        self.sweep(scan, self.products, line, ends=ends, run_time=4, rate_func=linear)
        self.play(FadeOut(line), run_time=0.3)
        self.signs, self.total = [times, equals, formula], total

    def _sigmoid(self) -> None:
        self.section("sigmoid")
        run = self.run
        z, y = run.weighted_sum, run.neuron_output
        numbers = {
            "z": self.number("weighted sum", z, SUM_SPEC, size=theme.FORMULA),
            "y": self.number(
                "hidden output", y, OUTPUT_SPEC, colour=theme.OUTPUT, size=theme.FORMULA
            ),
        }
        curve = SCurve(max(REACH, 1.1 * abs(z)), x=CURVE_X, low=CURVE_LOW, size=CURVE)
        formula = Formula("sigma([z]) = [y]", numbers)
        formula.set_x(theme.RIGHT - formula.width / 2)
        formula.set_y(formula.get_y() + self.total.baseline - numbers["y"].baseline)
        figures = {
            "sum": self.figure("weighted sum", z, SUM_SPEC),
            "output": self.figure("hidden output", y, OUTPUT_SPEC, theme.OUTPUT),
        }
        lit = np.zeros(run.neurons)

        def light(alpha: float) -> None:
            numbers["z"].show(z * alpha)
            lit[run.neuron] = curve.draw(z * alpha)
            numbers["y"].show(lit[run.neuron])
            self.sheet.show(lit)

        arrow = Arrow([3.3, CLOSE_Y], [3.78, CLOSE_Y], theme.OUTPUT)
        self.say("sigmoid", figures, along=[FadeIn(m) for m in (formula, curve, arrow)])
        ends = {numbers["z"]: z, numbers["y"]: y}
        self.sweep(light, self.sheet, *curve.moving(), ends=ends, run_time=2.2)
        self.signs += [formula, curve, arrow]

    # The network

    def _hidden(self) -> None:
        self.section("hidden")
        run = self.run
        moves = [
            self.picture.glide(SMALL_X, SMALL_Y, SMALL),
            self.strip.glide(NET_STRIP_X, NET_Y, NET),
            self.sheet.glide(SHEET_X, NET_Y, SHEET),
        ]

        def settle(alpha: float) -> None:
            for move in moves:
                move(alpha)
            self.ring.become(self.sheet.ring(run.neuron))

        leave = [self.weights, self.products, *self.heads, *self.signs]
        figures = {"hidden": self._count("hidden"), "pixels": self._count("inputs")}
        self.say("hidden", figures, along=[FadeOut(m) for m in leave])
        self.sweep(settle, self.picture, self.strip, self.sheet, self.ring, run_time=1.4)
        places = {"inputs": NET_STRIP_X, "hidden": SHEET_X}
        names = [self._name(layer).put(x, NAME_Y) for layer, x in places.items()]
        links = fan(self.strip, self.sheet, run.neuron, run.weights)
        self.play(FadeIn(links), *[FadeIn(n) for n in names], run_time=theme.MOVE)
        order = np.arange(run.neurons)

        def light(alpha: float) -> None:
            share = np.clip(alpha * (run.neurons + 20) - order, 0, 20) / 20
            share[run.neuron] = 1
            self.sheet.show(run.digit.hidden * share)

        self.sweep(light, self.sheet, run_time=2.2, rate_func=linear)
        self.fan = [links, self.ring]

    def _outputs(self) -> None:
        self.section("outputs")
        run, reading = self.run, self.run.digit
        numbers = [
            self.number(f"output {k}", y, OUTPUT_SPEC, colour=theme.OUTPUT, size=theme.LABEL)
            for k, y in enumerate(reading.outputs)
        ]
        for number in numbers:
            number.show(0.0)
        self.column = OutputColumn(numbers, x=OUTPUT_X, y=NET_Y, pitch=NET / CLASSES, length=BAR)
        name = self._name("outputs").put(self.column.bar_x + 0.4, NAME_Y)
        figures = {
            "outputs": self._count("outputs"),
            "hidden": self._count("hidden"),
            "count": self.figure("links", run.link_count, "d"),
            "answer": self.figure("answer", reading.answer, "d", theme.OUTPUT),
        }
        swap = [*[FadeOut(m) for m in self.fan], FadeIn(self.column), FadeIn(name)]
        self.say("outputs", figures, along=swap)

        def rise(alpha: float) -> None:
            self.column.show(reading.outputs * alpha)
            for number, y in zip(numbers, reading.outputs, strict=True):
                number.show(float(y) * alpha)

        self.links = strongest(self.sheet, self.column, run.links)
        self.play(FadeIn(self.links), run_time=theme.MOVE)
        self.sweep(rise, self.column, ends=dict(zip(numbers, reading.outputs, strict=True)))

    def _answer(self) -> None:
        self.section("answer")
        run, reading = self.run, self.run.digit
        frame = self.column.frame(reading.answer, answer_colour(reading, run.label))
        digits = self._digits(reading, run.label)
        key, figures = answer_key(reading, run.label), self._figures(reading, run.label)
        if key == "answer_wrong":
            figures["label"] = self.figure("label", run.label or 0, "d", theme.TARGET)
        self.say(key, figures, along=[FadeIn(m) for m in (frame, *digits)])
        self.first = [frame, *digits, self.links]

    # A hard one

    def _hard(self) -> None:
        self.section("hard")
        self.record_choice("hard digit", self.run.hard_source)
        before, after = self.run.digit.inputs, self.run.hard_digit.inputs
        network, _ = trained_network()
        numbers = self.column.numbers

        def turn(alpha: float) -> None:
            inputs = before + (after - before) * np.float32(alpha)
            passed = network.forward(inputs)
            self.picture.show(inputs)
            self.strip.show(inputs)
            self.sheet.show(passed.outputs[0])
            self.column.show(passed.output)
            for number, y in zip(numbers, passed.output, strict=True):
                number.show(float(y))

        gone = [FadeOut(m) for m in self.first]
        self.say(introduction_key(self.run.hard), self._found(), along=gone)
        ends = dict(zip(numbers, self.run.hard_digit.outputs, strict=True))
        self.sweep(turn, self.picture, self.strip, self.sheet, self.column, ends=ends, run_time=3.5)

    def _found(self) -> dict[str, Figure]:
        """What the caption about the hard digit tells of how it was found."""
        hard = self.run.hard
        if hard.misread is not None and hard.tests is not None:
            return {
                "misread": self.figure("misread", hard.misread, ",d", theme.ERROR),
                "tests": self.figure("test digits", hard.tests, ",d"),
            }
        if hard.lean is not None and hard.digit.label is not None:
            return {
                "tilt": self.figure("tilt", hard.lean, "d"),
                "label": self.figure("label", hard.digit.label, "d", theme.TARGET),
            }
        return {}

    def _verdict(self) -> None:
        self.section("verdict")
        run, reading = self.run, self.run.hard_digit
        colour = answer_colour(reading, run.hard_label)
        frames: list[Mobject] = [self.column.frame(reading.answer, colour)]
        digits = self._digits(reading, run.hard_label)
        key = verdict_key(reading, run.hard_label)
        other, value = reading.runner_up, reading.runner_up_output
        if key == "verdict_misread" and run.hard_label is not None:
            other, value = run.hard_label, run.hard_label_output or 0.0
            frames.append(self.column.frame(other, theme.TARGET))
        figures = {"other": self.figure(f"output {other}", value, OUTPUT_SPEC)}
        figures |= self._figures(reading, run.hard_label)
        if key == "verdict_misread":
            figures["label"] = self.figure("label", other, "d", theme.TARGET)
        else:
            figures["runner_up"] = self.figure("runner-up", other, "d")
        self.play(FadeIn(strongest(self.sheet, self.column, run.hard_links)), run_time=theme.MOVE)
        self.say(key, figures, along=[FadeIn(m) for m in (*frames, *digits)])

    # Pieces

    def _figures(self, reading: Reading, label: int | None) -> dict[str, Figure]:
        name, value = f"output {reading.answer}", reading.answer_output
        output = self.figure(name, value, OUTPUT_SPEC, theme.OUTPUT)
        answer = self.figure("answer", reading.answer, "d", answer_colour(reading, label))
        return {"output": output, "answer": answer}

    def _count(self, layer: str) -> Figure:
        """How many neurons a layer has."""
        run = self.run
        name, count, colour = {
            "inputs": ("inputs", run.pixels, theme.INPUT),
            "hidden": ("hidden neurons", run.neurons, theme.OUTPUT),
            "outputs": ("outputs", run.outputs, theme.OUTPUT),
        }[layer]
        return self.figure(name, count, "d", colour)

    def _name(self, layer: str) -> Words:
        """A layer's name, with its count."""
        count = self._count(layer)
        return self.label(layer, {"count": count}, colour=count.colour)

    def _digits(self, reading: Reading, label: int | None) -> list[Mobject]:
        """The answer at the right and, where it is known, the label at the left."""
        y, colour = self._beside(reading), answer_colour(reading, label)
        digits: list[Mobject] = [self._large("answer", reading.answer, VERDICT_X, y, colour)]
        if label is not None:
            digits.append(self._large("label", label, SMALL_X, VERDICT_Y, theme.TARGET))
        return digits

    def _large(self, key: str, digit: int, x: float, y: float, colour: str) -> VGroup:
        """A digit set large, with what it is above it."""
        number = self.number(key, digit, "d", colour=colour, size=theme.ANSWER)
        number.put(x, y, "center")
        return VGroup(self.label(key, colour=colour).put(x, y + 1.2), number)

    def _beside(self, reading: Reading) -> float:
        """Baseline of the large answer beside its output's row, as near as the frame allows."""
        return min(float(self.column.heights[reading.answer]) - 0.46, VERDICT_TOP)
