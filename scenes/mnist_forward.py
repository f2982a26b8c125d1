"""A digit read by the digits network: 784 inputs, 100 hidden neurons, ten outputs, an answer."""

from __future__ import annotations

import numpy as np
from manim import Circle, FadeIn, FadeOut, Group, Mobject, VGroup, linear
from pydantic import Field

from nncore.digits import CLASSES, Links, Reading, trained_network
from nncore.errors import Array
from scenes.kit import theme
from scenes.kit.clip import Clip
from scenes.kit.formula import Formula
from scenes.kit.grid import UNLIT, CellFlight, OutputColumn, PixelGrid
from scenes.kit.ledger import Figure
from scenes.kit.motion import Sweep
from scenes.kit.network import Edges
from scenes.kit.params import ClipParams
from scenes.kit.shapes import Arrow, Stroke, point
from scenes.kit.text import LiveNumber, Words, row
from scenes.mnist_forward_parts import (
    Lens,
    MnistForwardRun,
    forward_run,
    sheet_shape,
    verdict_key,
    vivid,
)

OUTPUT_SPEC, SUM_SPEC, PIXEL_SPEC = ".3f", "+.3f", ".2f"
DIM = 0.5

# Places: the picture large, the close look at one neuron, the whole network.
BIG_X, BIG_Y, BIG = -3.5, -0.28, 4.76
LENS_X, LENS = 3.2, 3.6
UNROLL_X, STRIP_X, STRIP_WIDTH = -3.9, 2.4, 0.36
CLOSE_X, CLOSE_Y, CLOSE = (-5.3, -1.62, 1.82, 5.2), 0.28, 2.6
SUM_X, SIGMOID_X, FORMULA_Y = -1.5, 3.4, -2.05
NET_Y, NET, NET_STRIP_X = -0.1, 4.5, -3.95
SMALL_X, SMALL_Y, SMALL = -5.6, 0.95, 2.05
SHEET_X, SHEET, OUTPUT_X, BAR = -0.85, 4.0, 2.3, 1.25
NAME_Y = -2.8
VERDICT_X, VERDICT_Y = 6.06, -2.2


class MnistForwardParams(ClipParams):
    """Parameters of the reading network."""

    digit: str = Field(
        "auto",
        min_length=1,
        max_length=4096,
        description="digit to read: auto, drawn:7, mnist:test:42, or a picture file",
    )
    hard: str = Field(
        "auto",
        min_length=1,
        max_length=4096,
        description="second digit, named the same way; auto searches one that is misread",
    )


class MnistForward(Clip):
    """From pixels to an answer: one digit read well, one not."""

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
        run = self.run
        inputs = run.digit.inputs.reshape(run.side, run.side)
        self.picture = PixelGrid(inputs, cell=BIG / run.side).move_to(point(0, BIG_Y))
        figures = {
            "rows": self.figure("side", run.side, "d"),
            "columns": self.figure("side", run.side, "d"),
            "pixels": self.figure("inputs", run.pixels, "d", theme.INPUT),
        }
        self.say("picture", figures, along=[FadeIn(self.picture)])
        move = self.picture.glide(BIG_X, BIG_Y, BIG)

        def slide(alpha: float) -> None:
            move(alpha)
            self.picture.lines = alpha
            self.picture.show()

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
        figures = {
            "paper": self.figure("blank pixel", run.paper, PIXEL_SPEC),
            "ink": self.figure("full pixel", run.ink, PIXEL_SPEC),
        }
        lens = Lens(self.picture, run.patch, LENS_X, BIG_Y, LENS)
        self.say("numbers", figures, along=[FadeOut(self.product)])
        self.add(lens)

        def zoom(alpha: float) -> None:
            gain = 1 + (DIM - 1) * alpha
            self.picture.ramp.gain = gain
            self.picture.show()
            lens.draw(alpha, gain)

        self.sweep(zoom, self.picture, *lens)
        numbers = VGroup()
        top, left = run.patch
        for (r, c), value in np.ndenumerate(
            run.digit.inputs.reshape(run.side, run.side)[
                top : top + lens.patch.rows, left : left + lens.patch.columns
            ]
        ):
            name = f"pixel row {top + r} column {left + c}"
            number = self.number(
                name, value, PIXEL_SPEC, size=theme.LABEL, bold=False, align="center"
            )
            x, y, _ = lens.patch.place(r, c)
            numbers.add(number.put_mid(x, y))
        self.play(FadeIn(numbers), run_time=theme.MOVE)
        self.lens = Group(lens, numbers)

    def _unroll(self) -> None:
        self.section("unroll")
        run, picture = self.run, self.picture
        move = picture.glide(UNROLL_X, BIG_Y, BIG)

        def brighten(alpha: float) -> None:
            move(alpha)
            picture.ramp.gain = DIM + (1 - DIM) * alpha
            picture.show()

        pixels = self.figure("inputs", run.pixels, "d", theme.INPUT)
        away = [FadeOut(self.lens), Sweep([picture], brighten, run_time=theme.MOVE)]
        self.say("unroll", {"pixels": pixels}, along=away)
        cell = (STRIP_WIDTH, BIG / run.pixels)
        self.strip = PixelGrid(run.digit.inputs.reshape(-1, 1), cell=cell)
        self.strip.move_to(point(STRIP_X, BIG_Y))
        flight = CellFlight(picture, self.strip)
        self.sweep(flight.draw, flight, run_time=3.8, rate_func=linear)
        self.remove(flight)
        self.add(self.strip)
        x = STRIP_X + STRIP_WIDTH / 2 + 0.2
        name = self._name("inputs", run.pixels, theme.INPUT).put_mid(x, BIG_Y, "left")
        first, last = (
            Formula(f"x_{k}", size=theme.CAPTION, colour=theme.INPUT) for k in (1, run.pixels)
        )
        for sign, y in ((first, BIG_Y + BIG / 2 - 0.12), (last, BIG_Y - BIG / 2 + 0.12)):
            sign.move_to(point(x + sign.width / 2, y))
        self.strip_names = VGroup(name, first, last)
        self.play(FadeIn(self.strip_names), run_time=theme.MOVE)

    # One neuron

    def _weights(self) -> None:
        self.section("weights")
        run = self.run
        self.sheet = PixelGrid(
            np.zeros(sheet_shape(run.neurons)),
            cell=SHEET / sheet_shape(run.neurons)[0],
            colour=theme.OUTPUT,
            ground=UNLIT,
            round_cells=True,
        )
        self.sheet.put(CLOSE_X[3], CLOSE_Y, CLOSE)
        self.weights = self._signed(run.weights, CLOSE_X[1])
        self.products = self._signed(run.products, CLOSE_X[2])
        self.ring = self.sheet.ring(run.neuron)
        keys = ("image", "weights", "products", "layer")
        colours = (theme.INPUT, theme.WEIGHT, theme.INK, theme.OUTPUT)
        self.heads = [
            self.label(key, colour=colour).put(x, CLOSE_Y + CLOSE / 2 + 0.2)
            for key, colour, x in zip(keys, colours, CLOSE_X, strict=True)
        ]
        strip_x = CLOSE_X[0] + CLOSE / 2 + 0.22
        moves = [
            self.picture.glide(CLOSE_X[0], CLOSE_Y, CLOSE),
            self.strip.glide(strip_x, CLOSE_Y, CLOSE),
        ]

        def shrink(alpha: float) -> None:
            for move in moves:
                move(alpha)
            self.picture.lines = 1 - alpha
            self.picture.show()

        self.say("weights", along=[FadeOut(self.strip_names)])
        self.sweep(shrink, self.picture, self.strip, run_time=1.4)
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
            y = CLOSE_Y + CLOSE / 2 - alpha * CLOSE
            line.draw_all([[[g.get_left()[0], y], [g.get_right()[0], y]] for g in grids])

        scan(0)
        pixels = self.figure("inputs", run.pixels, "d", theme.INPUT)
        arrive = [times, equals, self.products, self.heads[2], formula]
        self.say("sum", {"pixels": pixels}, along=[FadeIn(m) for m in arrive])
        ends = {total: run.weighted_sum}
        self.sweep(scan, self.products, line, ends=ends, run_time=4, rate_func=linear)
        self.play(FadeOut(line), run_time=0.3)
        self.signs = [times, equals, formula]

    def _sigmoid(self) -> None:
        self.section("sigmoid")
        run = self.run
        z, y = run.weighted_sum, run.neuron_output
        numbers = {
            "z": self.number("weighted sum", z, SUM_SPEC, size=theme.FORMULA),
            "y": self.number("hidden output", y, OUTPUT_SPEC, colour=theme.OUTPUT),
        }
        formula = Formula("sigma([z]) = [y]", numbers).move_to(point(SIGMOID_X, FORMULA_Y))
        figures = {
            "sum": self.figure("weighted sum", z, SUM_SPEC),
            "output": self.figure("hidden output", y, OUTPUT_SPEC, theme.OUTPUT),
        }
        lit = np.zeros(run.neurons)

        def light(alpha: float) -> None:
            lit[run.neuron] = y * alpha
            self.sheet.show(lit)

        arrow = Arrow([3.3, CLOSE_Y], [3.78, CLOSE_Y], theme.OUTPUT)
        self.say("sigmoid", figures, along=[FadeIn(formula), FadeIn(arrow)])
        self.sweep(light, self.sheet, run_time=theme.MOVE)
        self.signs += [formula, arrow]

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
        figures = {
            "hidden": self.figure("hidden neurons", run.neurons, "d", theme.OUTPUT),
            "pixels": self.figure("inputs", run.pixels, "d", theme.INPUT),
        }
        self.say("hidden", figures, along=[FadeOut(m) for m in leave])
        self.sweep(settle, self.picture, self.strip, self.sheet, self.ring, run_time=1.4)
        names = [
            self._name("inputs", run.pixels, theme.INPUT).put(NET_STRIP_X, NAME_Y),
            self._name("hidden", run.neurons, theme.OUTPUT).put(SHEET_X, NAME_Y),
        ]
        fan = self._fan()
        self.play(FadeIn(fan), *[FadeIn(n) for n in names], run_time=theme.MOVE)
        order = np.arange(run.neurons)

        def light(alpha: float) -> None:
            share = np.clip(alpha * (run.neurons + 20) - order, 0, 20) / 20
            share[run.neuron] = 1
            self.sheet.show(run.digit.hidden * share)

        self.sweep(light, self.sheet, run_time=2.2, rate_func=linear)
        self.fan = [fan, self.ring]

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
        name = self._name("outputs", run.outputs, theme.OUTPUT)
        name.put(self.column.bar_x + 0.4, NAME_Y)
        figures = {
            "outputs": self.figure("outputs", run.outputs, "d", theme.OUTPUT),
            "hidden": self.figure("hidden neurons", run.neurons, "d", theme.OUTPUT),
            "answer": self.figure("answer", reading.answer, "d", theme.OUTPUT),
        }
        swap = [*[FadeOut(m) for m in self.fan], FadeIn(self.column), FadeIn(name)]
        self.say("outputs", figures, along=swap)

        def rise(alpha: float) -> None:
            self.column.show(reading.outputs * alpha)
            for number, y in zip(numbers, reading.outputs, strict=True):
                number.show(float(y) * alpha)

        self.links = self._links(run.links)
        self.play(FadeIn(self.links), run_time=theme.MOVE)
        self.sweep(rise, self.column, ends=dict(zip(numbers, reading.outputs, strict=True)))

    def _answer(self) -> None:
        self.section("answer")
        run, reading = self.run, self.run.digit
        frame = self.column.frame(reading.answer, theme.OUTPUT)
        digits: list[Mobject] = [self._large("answer", reading.answer, VERDICT_X, theme.OUTPUT)]
        figures = self._figures(reading)
        key = "answer_unlabelled"
        if run.label is not None:
            digits.append(self._large("label", run.label, SMALL_X, theme.TARGET))
            key = "answer_right" if run.label == reading.answer else "answer_wrong"
            if key == "answer_wrong":
                figures["label"] = self.figure("label", run.label, "d", theme.TARGET)
        self.say(key, figures, along=[FadeIn(m) for m in (frame, *digits)])
        self.first = [frame, *digits, self.links]

    # A hard one

    def _hard(self) -> None:
        self.section("hard")
        run = self.run
        before, after = run.digit.inputs, run.hard_digit.inputs
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

        key, figures = self._introduction()
        self.say(key, figures, along=[FadeOut(m) for m in self.first])
        ends = dict(zip(numbers, run.hard_digit.outputs, strict=True))
        self.sweep(turn, self.picture, self.strip, self.sheet, self.column, ends=ends, run_time=3.5)

    def _introduction(self) -> tuple[str, dict[str, Figure]]:
        """The caption that is true of how the hard digit was found."""
        hard = self.run.hard
        if hard.misread is not None and hard.tests is not None:
            return "hard_misread", {
                "misread": self.figure("misread", hard.misread, ",d", theme.ERROR),
                "tests": self.figure("test digits", hard.tests, ",d"),
            }
        if hard.tilt is not None and hard.lean is not None and hard.digit.label is not None:
            return "hard_leaned_left" if hard.tilt < 0 else "hard_leaned_right", {
                "label": self.figure("label", hard.digit.label, "d", theme.TARGET),
                "tilt": self.figure("tilt", hard.lean, "d"),
            }
        return "hard_given", {}

    def _verdict(self) -> None:
        self.section("verdict")
        run, reading = self.run, self.run.hard_digit
        frames: list[Mobject] = [self.column.frame(reading.answer, theme.OUTPUT)]
        digits: list[Mobject] = [self._large("answer", reading.answer, VERDICT_X, theme.OUTPUT)]
        key = verdict_key(reading, run.hard_label)
        figures = self._figures(reading)
        other, value = reading.runner_up, reading.runner_up_output
        if run.hard_label is not None:
            digits.append(self._large("label", run.hard_label, SMALL_X, theme.TARGET))
        if key == "verdict_misread" and run.hard_label is not None:
            frames.append(self.column.frame(run.hard_label, theme.TARGET))
            figures["label"] = self.figure("label", run.hard_label, "d", theme.TARGET)
            other, value = run.hard_label, run.hard_label_output or 0.0
        else:
            figures["runner_up"] = self.figure("runner-up", other, "d")
        figures["other"] = self.figure(f"output {other}", value, OUTPUT_SPEC)
        self.play(FadeIn(self._links(run.hard_links)), run_time=theme.MOVE)
        self.say(key, figures, along=[FadeIn(m) for m in (*frames, *digits)])

    # Pieces

    def _figures(self, reading: Reading) -> dict[str, Figure]:
        name, value = f"output {reading.answer}", reading.answer_output
        return {
            "answer": self.figure("answer", reading.answer, "d", theme.OUTPUT),
            "output": self.figure(name, value, OUTPUT_SPEC, theme.OUTPUT),
        }

    def _signed(self, values: Array, x: float) -> PixelGrid:
        """A picture of numbers of both signs."""
        shares = vivid(values, float(np.abs(values).max()))
        cell = CLOSE / len(values)
        grid = PixelGrid(shares, cell=cell, colour=theme.POSITIVE, negative=theme.NEGATIVE)
        return grid.move_to(point(x, CLOSE_Y))

    def _name(self, key: str, count: int, colour: str) -> Words:
        """How many neurons a layer has."""
        name = "hidden neurons" if key == "hidden" else key
        return self.label(key, {"count": self.figure(name, count, "d", colour)}, colour=colour)

    def _fan(self) -> Edges:
        """All weights of the neuron looked at, from every cell of the strip."""
        starts = self.strip.places() + [self.strip.cell_size[0] / 2 + 0.05, 0]
        cell = self.sheet.place(*divmod(self.run.neuron, self.sheet.columns))
        weights = self.run.weights.reshape(1, -1)
        return Edges(weights, starts, [cell[:2]], widest=0.018, thinnest=0.001, gap=0.2)

    def _links(self, links: Links) -> VGroup:
        """The links into an output, and rings around the neurons that they come from."""
        cells = [self.sheet.place(*divmod(int(k), self.sheet.columns))[:2] for k in links.sources]
        end = self.column.place(links.neuron)[:2]
        rings: list[Circle] = [self.sheet.ring(int(k)) for k in links.sources]
        return VGroup(
            Edges(links.weights.reshape(1, -1), cells, [end], gap=0.21, widest=0.07), *rings
        )

    def _large(self, key: str, digit: int, x: float, colour: str) -> VGroup:
        """A digit set large, with what it is above it."""
        number: LiveNumber = self.number(
            key, digit, "d", colour=colour, size=2 * theme.NUMBER_LARGE
        )
        number.put(x, VERDICT_Y, "center")
        return VGroup(self.label(key, colour=colour).put(x, VERDICT_Y + 1.2), number)
