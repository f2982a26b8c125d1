"""A clip that keeps every rule, into which tests plant one fault each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from manim import Rectangle

from scenes.kit import theme
from scenes.kit.captions import Piece
from scenes.kit.quantities import Live, count, plain
from scenes.kit.stage import Box
from scenes.kit.story import Story, View
from scenes.kit.text.words import Role, Words

SECONDS = 26


@dataclass(frozen=True)
class PlantRun:
    """Some numbers."""

    third: np.ndarray
    half: np.ndarray
    count: np.ndarray


class Picture(View):
    """A frame with numbers in it."""

    def __init__(self, *paths: str) -> None:
        super().__init__()
        self.paths = paths

    def build(self) -> None:
        self.frame = Rectangle(stroke_color=theme.RULE)
        self.numbers = [Live(self.story.book.ref(p), theme.NUMBER) for p in self.paths]
        self.add(self.frame, *self.numbers)

    def place(self, box: Box) -> None:
        self.frame.stretch_to_fit_width(box.width).stretch_to_fit_height(box.height)
        self.frame.move_to([box.x, box.y, 0])
        for k, number in enumerate(self.numbers):
            number.put(box.x + 2 * k, box.y)


class Plant(Story):
    """Nothing is wrong yet."""

    words_file = Path(__file__).with_name("planted.toml")
    says = "box"

    @staticmethod
    def compute(params: Any) -> PlantRun:
        return PlantRun(np.array([1 / 3, 2 / 3]), np.array([0.5, 0.25]), np.array([8]))

    def quantities(self, run: PlantRun) -> dict[str, Any]:
        return {
            "third": plain(run.third, "third {}"),
            "half": plain(run.half, "half {}"),
            "count": count(run.count, "count"),
        }

    def picture(self) -> View:
        """What is shown."""
        return Picture("third.0", "half.0")

    def story(self, run: PlantRun) -> None:
        self.stage("picture")
        self.view: Any = self.picture()
        self.beat(self.says, picture=self.view)
        self.plant()
        self.wait(SECONDS)

    def plant(self) -> None:
        """To be overridden."""

    @property
    def number(self) -> Live:
        """The picture's first number."""
        found: Live = self.view.numbers[0]
        return found


def words(text: str, size: float = theme.LABEL, colour: str = "ink", role: Role = "label") -> Words:
    """A text that no file of words knows."""
    return Words([Piece(text)], {}, size=size, colour=colour, role=role)
