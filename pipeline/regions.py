"""Which parts of a frame changed: boxes in pixels, gathered into a few that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

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
    tiles = np.zeros((-(-height // tile), -(-width // tile)), dtype=bool)
    for left, top, right, bottom in boxes:
        tiles[top // tile : -(-bottom // tile), left // tile : -(-right // tile)] = True
    return [
        (left * tile, top * tile, min(right * tile, width), min(bottom * tile, height))
        for left, top, right, bottom in _rectangles(tiles)
    ]


def _rectangles(tiles: NDArray[np.bool_]) -> list[Box]:
    """The marked tiles as rectangles: runs of a row, joined with equal runs below."""
    done: list[Box] = []
    opened: dict[tuple[int, int], int] = {}
    for row in range(len(tiles) + 1):
        runs = set(_runs(tiles[row])) if row < len(tiles) else set()
        for run in [run for run in opened if run not in runs]:
            done.append((run[0], opened.pop(run), run[1], row))
        for run in runs:
            opened.setdefault(run, row)
    return sorted(done)


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    if not row.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
