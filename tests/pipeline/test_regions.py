"""Boxes that changed, gathered: all is covered, nothing twice, and little beside."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.regions import MOST, TILES, Box, area, gather

WIDTH, HEIGHT = 330, 250
"""No whole number of tiles."""

BOXES = st.tuples(
    st.integers(0, WIDTH), st.integers(0, HEIGHT), st.integers(0, 120), st.integers(0, 90)
).map(lambda b: (b[0], b[1], min(b[0] + b[2], WIDTH), min(b[1] + b[3], HEIGHT)))


def times(boxes: list[Box]) -> np.ndarray:
    """How often each pixel is covered."""
    count = np.zeros((HEIGHT, WIDTH), int)
    for left, top, right, bottom in boxes:
        count[top:bottom, left:right] += 1
    return count


@given(st.lists(BOXES, max_size=30))
def test_gathered_boxes_cover_what_was_given_once(boxes: list[Box]) -> None:
    found = gather(boxes, WIDTH, HEIGHT)
    assert len(found) <= MOST
    for left, top, right, bottom in found:
        assert 0 <= left < right <= WIDTH
        assert 0 <= top < bottom <= HEIGHT
    covered = times(found)
    assert covered.max(initial=0) <= 1
    assert not ((times(boxes) > 0) & (covered == 0)).any()


@given(st.lists(BOXES, max_size=2))
def test_two_boxes_cover_the_finest_tiles_they_touch_and_no_more(boxes: list[Box]) -> None:
    # Two rectangles make five runs of equal rows at most: few enough for the finest tiles.
    tile = TILES[0]
    touched = {
        (x // tile, y // tile)
        for left, top, right, bottom in boxes
        for x in range(left, right)
        for y in range(top, bottom)
    }
    found = gather(boxes, WIDTH, HEIGHT)
    pixels = sum(
        (min((x + 1) * tile, WIDTH) - x * tile) * (min((y + 1) * tile, HEIGHT) - y * tile)
        for x, y in touched
    )
    assert sum(area(box) for box in found) == pixels


@given(st.lists(BOXES, max_size=12), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(boxes: list[Box], random: object) -> None:
    mixed = [*boxes]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert gather(mixed, WIDTH, HEIGHT) == gather(boxes, WIDTH, HEIGHT)


def test_the_largest_frame_is_one_box_at_worst() -> None:
    width, height = 3840, 2160
    diagonal = [(k, k, k + 1, k + 1) for k in range(0, height, 30)]  # in no few tiles
    assert gather(diagonal, width, height) == [(0, 0, width, height)]


def test_nothing_is_gathered_from_nothing() -> None:
    assert gather([], WIDTH, HEIGHT) == []
    assert gather([(5, 5, 5, 9), (0, 0, 0, 0)], WIDTH, HEIGHT) == []
