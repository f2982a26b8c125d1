"""Whether a line is true of its digits, against fractions worked out by hand."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from scenes.kit.arithmetic import sign_between, truth
from scenes.kit.quantities import error, plain

SUM = "sum w dot x &= [w.0] dot [x.0] + [w.1] dot [x.1] &= [s]"
PART = "{{ e : error }} = [e] dot frac([w], [w] + [v]) &= [p]"


@pytest.mark.parametrize(
    ("source", "shown", "holds"),
    [
        (SUM, ["0.9", "1.0", "0.3", "0.5", "1.05"], [True, True]),
        (SUM, ["0.9", "1.0", "0.3", "0.5", "1.1"], [True, False]),
        (SUM, ["0.2", "1.0", "−0.8", "−0.5", "0.60"], [True, True]),
        (PART, ["0.8", "2.0", "2.0", "3.0", "0.32"], [True, True]),
        (PART, ["0.1", "1.0", "1.0", "2.0", "0.033"], [True, False]),
        ("[a] - [b] = [c]", ["0.0", "−1.5", "1.5"], [True]),
        ("-[a] ^ 2 = [c]", ["−3", "−9"], [True]),
        ("[a]^2 = [c]", ["−3", "+9"], [True]),
        ("sigma([a]) = [y]", ["0.0", "0.5"], [True]),
        ("sigma([a]) = [y]", ["1.05", "0.7408"], [False]),
        ("[a] dot 2 div 4 = [c]", ["1,000", "500"], [True]),
        ("[a] approx [b]", ["0.3", "0.30"], [True]),
        ("[a] / [b] = [c]", ["1", "0", "5"], [True]),  # nothing divides by zero: nothing is said
    ],
)
def test_signs(source: str, shown: list[str], holds: list[bool]) -> None:
    assert [claim.holds for claim in truth(source, shown)] == holds


def test_values_of_the_sides() -> None:
    claims = truth(PART, {"e": "0.8", "w": "2.0", "v": "3.0", "p": "0.32"})
    assert claims[0].left is None
    assert (claims[1].left, claims[1].right) == (F(8, 25), F(8, 25))


def test_pieces_beside_a_sign() -> None:
    e, t = error([0.1, 0.25]), plain(0.35)
    assert sign_between([e[0], "+", e[1]], [t[()]]) == "="
    assert sign_between([e[0], "+", e[0]], [t[()]]) == "≈"
