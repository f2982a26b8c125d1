"""Which parts of a frame changed: boxes in pixels, gathered into a few that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are outside."""


def area(box: Box) -> int:
    """Pixels in a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


TILES = (32, 64, 128, 256, 4096)
"""Pixels: boxes are gathered on a grid of such squares, the finest on which they are few."""
MOST = 6
"""Boxes at most: each is painted by itself, and an object in two of them is painted twice."""


def gather(boxes: Iterable[Box], width: int, height: int) -> list[Box]:
    """A few boxes without overlap that cover all `boxes` within the frame."""
    given = [box for box in boxes if box[2] > box[0] and box[3] > box[1]]
    found: list[Box] = []
    for tile in TILES:
        found = _gather(given, width, height, tile)
        if len(found) <= MOST:
            break
    return found


def _gather(boxes: Iterable[Box], width: int, height: int, tile: int) -> list[Box]:
    rows = [0] * -(-height // tile)  # of each the tiles, a bit each
    for left, top, right, bottom in boxes:
        bits = (1 << -(-right // tile)) - (1 << left // tile)
        for row in range(top // tile, -(-bottom // tile)):
            rows[row] |= bits
    return [
        (left * tile, top * tile, min(right * tile, width), min(bottom * tile, height))
        for left, top, right, bottom in _rectangles(rows)
    ]


def _rectangles(rows: list[int]) -> list[Box]:
    """The marked tiles as rectangles: runs of a row, joined with equal runs below."""
    done: list[Box] = []
    opened: dict[tuple[int, int], int] = {}
    before = 0
    for number, row in enumerate([*rows, 0]):
        if row == before:
            continue
        before, runs = row, set(_runs(row))
        for run in [run for run in opened if run not in runs]:
            done.append((run[0], opened.pop(run), run[1], number))
        for run in runs:
            opened.setdefault(run, number)
    return sorted(done)


def _runs(bits: int) -> list[tuple[int, int]]:
    """Where each run of ones begins and where it ends, bit 0 first."""
    runs, at = [], 0
    while bits:
        zeros = (bits & -bits).bit_length() - 1
        bits >>= zeros
        ones = (~bits & (bits + 1)).bit_length() - 1
        bits >>= ones
        runs.append((at + zeros, at + zeros + ones))
        at += zeros + ones
    return runs
