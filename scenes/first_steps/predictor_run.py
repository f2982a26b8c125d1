"""What the predictor's clip shows, and the words that are true of it."""

from __future__ import annotations

from dataclasses import dataclass

from nncore.errors import Array
from nncore.predictor import Correction, Guesses
from scenes.kit.facts import a_little, same
from scenes.kit.ledger import shown


@dataclass(frozen=True, eq=False)
class Run:
    """The guesses in turn, then the run in which C corrects itself: outputs and errors of both,
    one after the other; `digits` are the decimals of miles."""

    guesses: Guesses
    correction: Correction
    corrections: int
    rate: float
    outputs: Array
    errors: Array
    digits: int


def before(r: Run, k: int) -> str:
    """The caption of what is tried next, the (k + 1)-th guess."""
    cs = [g.constant for g in r.guesses.guesses]
    change, last = cs[k] - cs[k - 1], cs[k - 1] - cs[k - 2] if k > 1 else 0.0
    if same(cs[k], cs[k - 1]):
        return "try_again"
    if change < 0 < last and a_little(change, cs[k - 1]):
        return "try_back_slowly" if r.guesses.guesses[k].overshoot else "try_back"
    return "try_larger" if change > 0 else "try_smaller"


def after(r: Run, k: int) -> str:
    """The caption that is true of a guess beside the one before, by the digits that are shown."""
    guess, last = r.guesses.guesses[k], r.guesses.guesses[k - 1]
    sizes = [shown(abs(g.error), f".{r.digits}f") for g in (guess, last)]
    if guess.error == 0:
        return "found"
    if sizes[0] == sizes[1]:
        return "other_side" if guess.overshoot else "no_change"
    closer = abs(guess.error) < abs(last.error)
    if guess.overshoot:
        return "past_less" if closer else "past_more"
    return "closer" if closer else "worse"


def ending(r: Run) -> str:
    """What is true of the machine's own corrections."""
    if not r.corrections:
        return "already"
    if r.errors[-1] == 0:
        return "zero"
    if not r.correction.settled:
        return "unsettled"
    if r.corrections == 1 or same(r.rate, 1.0):
        return "settled"
    return "creep" if r.rate < 1 else "swing"
