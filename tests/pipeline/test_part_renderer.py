"""A part is the same as within the whole; a walk counts what is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import BLUE, RED, Circle, Scene, Square
from manim.utils.exceptions import EndSceneEarlyException

from pipeline.part_renderer import PartRenderer
from pipeline.regions import Box
from pipeline.settings import QUALITIES
from pipeline.worker import drawing
from scenes.catalogue import find

LOW = QUALITIES["low"]


@pytest.fixture
def frames_of(tmp_path: Path) -> Callable[..., tuple[list[str], list[int]]]:
    """Draws a part; gives a digest of each frame, and the frames of all sections so far."""

    def draw(slug: str, first: int, last: int | None = None) -> tuple[list[str], list[int]]:
        frames: list[str] = []

        def sink(pixels: Any, changed: Sequence[Box], repeat: int) -> None:
            frames.extend([hashlib.blake2b(pixels).hexdigest()] * repeat)

        with drawing(LOW, tmp_path, dry_run=True):
            renderer = PartRenderer(sink, first, last)
            with suppress(EndSceneEarlyException):
                find(slug).load()(renderer).render()
        return frames, renderer.frames

    return draw


@pytest.mark.parametrize(("slug", "parts"), [
    ("error-split", [(1, 3)]), ("by-hand", [(0, 1), (2, None)]), ("mnist-forward", [(2, None)]),
])  # fmt: skip
def test_a_part_is_the_same_as_within_the_whole(
    slug: str, parts: list[tuple[int, int | None]], frames_of: Any
) -> None:
    whole, counts = frames_of(slug, 0)
    assert len(whole) == sum(counts)
    for first, last in parts:
        part, before = frames_of(slug, first, last)
        end = len(counts) if last is None else last
        assert first < end <= len(counts)
        assert before == counts[:end]
        assert part == whole[sum(counts[:first]) : sum(counts[:end])]


class Sliding(Scene):
    """Two shapes, of which one slides below the other; then nothing moves."""

    def construct(self) -> None:
        """Half a second, a hold, and half a second."""
        square, circle = Square(color=RED, fill_opacity=1), Circle(color=BLUE, fill_opacity=0.5)
        self.add(circle, square)
        self.play(circle.animate.shift([4, 0, 0]), run_time=0.4)
        self.wait(1)
        self.play(square.animate.set_fill(BLUE), run_time=0.4)


def test_a_picture_is_what_its_changed_boxes_made_of_the_one_before(tmp_path: Path) -> None:
    shown: list[np.ndarray] = []
    boxes: list[int] = []
    repeats: list[int] = []

    def sink(pixels: Any, changed: Sequence[Box], repeat: int) -> None:
        patched = shown[-1].copy() if shown else np.zeros_like(pixels)
        for left, top, right, bottom in changed:
            patched[top:bottom, left:right] = pixels[top:bottom, left:right]
            boxes.append((right - left) * (bottom - top))
        assert np.array_equal(patched, pixels)
        shown[:] = [pixels.copy()]
        repeats.append(repeat)

    with drawing(LOW, tmp_path, dry_run=True):
        Sliding(PartRenderer(sink)).render()
    assert sorted(repeats)[-2:] == [1, LOW.fps]  # the hold is one picture, for a second
    # The first is the whole frame; the others are less.
    assert boxes[0] == LOW.width * LOW.height
    assert max(boxes[1:]) < boxes[0]
