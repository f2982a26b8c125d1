"""Whether a line of mathematics is true of the digits it shows.

A formula's source is read as it is set: `[w.0.1]` are numbers, `+ − dot div / ^2`, brackets,
`frac(a, b)`, `sigma(…)`. Between two signs (`=`, `approx`) stand the line's sides; each that is
made of numbers alone is worked out in exact fractions from the digits on screen and compared with
the next: a `=` is right if they are the same number, else it has to be `≈`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from scenes.kit.facts import read_back
from scenes.kit.quantities import Ref

SLOT = re.compile(r"\[([A-Za-z]\w*(?:\.[\w-]+)*)\]")
_MARK = re.compile(r"\{\{(.*?):\s*[\w-]+\s*\}\}")
_SIDES = re.compile(r"(?<![<>!:])=(?!=)|\bapprox\b|≈|\barrow\.r\b|→|<-|<|>")
_TOKEN = re.compile(
    r"\s*(\d+(?:\.\d+)?|frac|sigma|sqrt|dot|times|div|cdot|thin|quad|[-+−·×÷/^(),]|\S)"
)
_TIMES, _OVER = {"dot", "times", "cdot", "·", "×"}, {"div", "÷", "/"}
_BLANK = {"thin", "quad", "&"}


class NotArithmetic(ValueError):
    """A side of a line that is not made of numbers alone: a letter, a sum sign."""


@dataclass(frozen=True)
class Claim:
    """A sign of a line: what stands left and right of it, and whether `=` is true of the digits.

    `left` and `right` are the values of what is shown, None for what is no arithmetic; then
    nothing can be said and `holds` is True.
    """

    left: Fraction | None
    sign: str
    right: Fraction | None
    holds: bool


def truth(source: str, shown: Mapping[str, str] | Sequence[str]) -> list[Claim]:
    """The claims of a line, from left to right.

    `shown` are the texts of its numbers: by slot, or in their order in the source.

        truth("[a] + [b] = [c]", {"a": "0.1", "b": "0.2", "c": "0.3"})[0].holds
    """
    texts = iter(()) if isinstance(shown, Mapping) else iter(shown)

    def text(match: re.Match[str]) -> str:
        found = shown[match[1]] if isinstance(shown, Mapping) else next(texts)
        return f"({read_back(found)})"

    line = SLOT.sub(text, source)
    while _MARK.search(line):
        line = _MARK.sub(lambda m: f" {m[1]} ", line)
    signs = [m[0] for m in _SIDES.finditer(line)]
    values = [_value(side) for side in _SIDES.split(line)]
    claims = []
    for left, sign, right in zip(values, signs, values[1:], strict=False):
        known = sign in ("=", "approx", "≈") and left is not None and right is not None
        claims.append(Claim(left, sign, right, left == right if known else True))
    return claims


def sign_between(left: Sequence[Ref | str], right: Sequence[Ref | str]) -> str:
    """`=` if the pieces left and right of it are the same by their digits on screen, else `≈`."""

    def side(pieces: Sequence[Ref | str]) -> str:
        return " ".join(
            f"({read_back(p.figure.text)})" if isinstance(p, Ref) else p for p in pieces
        )

    first, second = _value(side(left)), _value(side(right))
    return "≈" if first is not None and second is not None and first != second else "="


def _value(side: str) -> Fraction | None:
    tokens = [t for t in _TOKEN.findall(side) if t not in _BLANK]
    try:
        value = _sum(tokens)
        if tokens:
            raise NotArithmetic(tokens[0])
    except (NotArithmetic, ZeroDivisionError, OverflowError, IndexError):
        return None
    return value


def _sum(tokens: list[str]) -> Fraction:
    value = _product(tokens)
    while tokens and tokens[0] in "+-−":
        sign = tokens.pop(0)
        term = _product(tokens)
        value = value + term if sign == "+" else value - term
    return value


def _product(tokens: list[str]) -> Fraction:
    value = _signed(tokens)
    while tokens and (tokens[0] in _TIMES or tokens[0] in _OVER or _begins(tokens[0])):
        over = tokens[0] in _OVER
        if not _begins(tokens[0]):
            tokens.pop(0)
        factor = _signed(tokens)
        value = value / factor if over else value * factor
    return value


def _begins(token: str) -> bool:
    """Whether a token begins a factor: two that stand side by side are multiplied."""
    return token in ("(", "frac", "sigma", "sqrt")


def _signed(tokens: list[str]) -> Fraction:
    if tokens and tokens[0] in ("-", "−"):
        tokens.pop(0)
        return -_signed(tokens)
    value = _atom(tokens)
    while tokens and tokens[0] == "^":
        tokens.pop(0)
        power = _atom(tokens)
        if power.denominator != 1 or abs(power) > 64:
            raise NotArithmetic("^")
        value = value ** int(power)
    return value


def _atom(tokens: list[str]) -> Fraction:
    token = tokens.pop(0)
    if token == "(":
        value = _sum(tokens)
        _expect(tokens, ")")
        return value
    if token == "frac":
        _expect(tokens, "(")
        above = _sum(tokens)
        _expect(tokens, ",")
        below = _sum(tokens)
        _expect(tokens, ")")
        return above / below
    if token in ("sigma", "sqrt"):
        _expect(tokens, "(")
        inner = _sum(tokens)
        _expect(tokens, ")")
        return _sigmoid(inner) if token == "sigma" else _root(inner)
    if token[0].isdigit():
        return Fraction(token)
    raise NotArithmetic(token)


def _expect(tokens: list[str], token: str) -> None:
    if not tokens or tokens.pop(0) != token:
        raise NotArithmetic(token)


def _sigmoid(x: Fraction) -> Fraction:
    """To forty digits: no shown digits can tell it from the true one."""
    with localcontext() as context:
        context.prec = 40
        z = Decimal(x.numerator) / Decimal(x.denominator)
        return Fraction(1 / (1 + (-z).exp()))


def _root(x: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = 40
        return Fraction((Decimal(x.numerator) / Decimal(x.denominator)).sqrt())
