"""Turning a matrix about its diagonal: nothing touches, and rows are columns at the end."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.kit import theme
from scenes.kit.quantities import weight
from scenes.kit.views.bracketed import Bracketed, grid

SIZES = [(r, c) for r in range(1, 5) for c in range(1, 5)]


def _boxes(block: Bracketed) -> np.ndarray:
    """Left, right, baseline and top of each number."""
    pieces = block.pieces()
    return np.array([[p.left_edge, p.right_edge, p.baseline, p.box.points[-1, 1]] for p in pieces])


def _touching(boxes: np.ndarray) -> int:
    count = 0
    for k, a in enumerate(boxes):
        for b in boxes[k + 1 :]:
            apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
            count += not apart
    return count


@pytest.mark.parametrize(("rows", "columns"), SIZES)
@pytest.mark.parametrize("scale", [1.0, -99.0])
def test_turning_touches_nothing(rows: int, columns: int, scale: float) -> None:
    values = scale * np.arange(1.0, rows * columns + 1).reshape(rows, columns) / 7
    block = grid(weight(values, "weight {} {}"))
    block.draw(0.0, 0.0, theme.NUMBER, 2.2)
    for share in np.linspace(0, 1, 61):
        block.turned(float(share))
        if block.pieces()[0].get_fill_opacity() > 0.01:  # edge-on nothing is seen
            assert not _touching(_boxes(block)), share
    block.turn()
    assert block.shape == (columns, rows)
    for (i, j), cell in block.each():
        assert cell[0].value == values[j, i]
        at = block.at(i, j)
        assert cell[0].box.get_center()[:2] == pytest.approx(at, abs=1e-6)


def test_numbers_keep_clear_of_their_brackets() -> None:
    block = grid(weight([[-12.345, 1.0], [0.001, -99.9]]))
    block.draw(1.0, 2.0, theme.FORMULA)
    boxes = _boxes(block)
    bars = block.brackets.points
    assert boxes[:, 0].min() > bars[:, 0].min() + 0.2
    assert boxes[:, 1].max() < bars[:, 0].max() - 0.2
