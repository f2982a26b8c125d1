"""Signals by hand: sums and outputs against fractions and decimals."""

from __future__ import annotations

from decimal import Decimal as D

import numpy as np
import pytest
from numpy.testing import assert_allclose

from scenes.kit.dry import walk
from scenes.signals.by_hand import ByHand


def test_the_run_against_decimals() -> None:
    run = ByHand.compute(ByHand.Params())
    sums = [D("0.9") + D("0.15"), D("0.2") + D("0.4")]
    assert_allclose(run.forward.weighted_sums[0], np.array(sums, float), rtol=1e-14)
    outputs = [float(1 / (1 + (-s).exp())) for s in sums]
    assert_allclose(run.forward.output, outputs, rtol=1e-14)
    assert run.products.sum(axis=1) == pytest.approx([1.05, 0.6])


def test_the_documents_figures_are_on_screen() -> None:
    shown = {e.name: e.text for e in walk(ByHand).ledger.entries}
    assert (shown["weighted sum 1"], shown["weighted sum 2"]) == ("1.05", "0.60")
    assert (shown["output 1"], shown["output 2"]) == ("0.7408", "0.6457")
    assert shown["product into output 1 from 2"] == "0.15"
