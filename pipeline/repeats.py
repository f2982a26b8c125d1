"""Bending an upright image whose neighbouring rows and columns are mostly equal: a grid of cells.

Only rows and columns that differ are computed, by the rule and to the values of Pillow's own
transform, and each is put where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Whole = NDArray[np.intp]
Rule = Callable[[Numbers, Numbers, Numbers, Numbers, Numbers], Numbers]

_WORTH = 0.35
"""Above this share of rows or columns that differ, Pillow is as quick."""


def _cubic(a: Numbers, b: Numbers, c: Numbers, d: Numbers, part: Numbers) -> Numbers:
    return b + part * (c - a + part * (2 * (a - b) + c - d + part * (b - a - c + d)))


def _linear(a: Numbers, b: Numbers, c: Numbers, d: Numbers, part: Numbers) -> Numbers:
    return b + (c - b) * part


RULES: dict[int, Rule] = {
    int(Image.Resampling.BILINEAR): _linear,
    int(Image.Resampling.BICUBIC): _cubic,
}


def bent(
    source: Pixels, across: tuple[float, float], down: tuple[float, float],
    size: tuple[int, int], rule: Rule,
) -> Pixels | None:  # fmt: skip
    """The colours of `source` (h, w, 4) bent to `size`, width and height: (height, width, 4).

    `across` and `down` are a scale and a shift: where in the source the middle of a column or
    a row of the result lies. None if too little repeats; opacity is left at 0.
    """
    words = source.view(np.uint32)[..., 0]
    rows, first_row = _runs(words)
    if len(first_row) > _WORTH * len(words):
        return None
    few = words[first_row]
    columns, first_column = _runs(np.ascontiguousarray(few.T))
    if len(first_column) > _WORTH * words.shape[1]:
        return None
    cells = np.ascontiguousarray(few[:, first_column]).view(np.uint8)
    small: Numbers = cells.reshape(len(first_row), len(first_column), 4)[..., :3].astype(float)
    x_of, x_taps, x_part, x_in = _places(size[0], across, columns)
    y_of, y_taps, y_part, y_in = _places(size[1], down, rows)
    wide = _blend(rule, [small[:, x_taps[:, k]] for k in range(4)], x_part[None, :, None])
    both = _blend(rule, [wide[y_taps[:, k]] for k in range(4)], y_part[:, None, None])
    out = np.zeros((*both.shape[:2], 4), np.uint8)
    out[..., :3] = np.clip(both, 0, 255)
    out[~y_in] = 0
    out[:, ~x_in] = 0
    spread = out.view(np.uint32)[..., 0][:, x_of][y_of]
    return np.ascontiguousarray(spread).view(np.uint8).reshape(size[1], size[0], 4)


def _blend(rule: Rule, near: list[Numbers], part: Numbers) -> Numbers:
    return rule(near[0], near[1], near[2], near[3], part)


def _runs(lines: NDArray[np.uint32]) -> tuple[Whole, Whole]:
    """For each line the number of the run of equal lines it is in; where each run begins."""
    new = np.ones(len(lines), dtype=bool)
    new[1:] = (lines[1:] != lines[:-1]).any(axis=1)
    return np.cumsum(new) - 1, np.flatnonzero(new)


def _places(
    count: int, line: tuple[float, float], runs: Whole
) -> tuple[Whole, Whole, Numbers, NDArray[np.bool_]]:  # fmt: skip
    """For `count` places: which distinct one each is; and of those the runs of their four
    neighbours, how far each is between the middle two, and whether it is on the source."""
    position = line[0] * (np.arange(count) + 0.5) + line[1]
    inside = (position >= 0) & (position < len(runs))
    position -= 0.5
    floor = np.floor(position)
    near = np.clip(floor[:, None].astype(np.intp) + np.arange(-1, 3), 0, len(runs) - 1)
    taps = runs[near]
    flat = (taps == taps[:, :1]).all(axis=1)
    part = np.where(flat, 0.0, position - floor)
    new = np.ones(count, dtype=bool)
    alike = flat[1:] & flat[:-1] & (taps[1:, 0] == taps[:-1, 0]) & (inside[1:] == inside[:-1])
    new[1:] = ~alike
    first = np.flatnonzero(new)
    return np.cumsum(new) - 1, taps[first], part[first], inside[first]
