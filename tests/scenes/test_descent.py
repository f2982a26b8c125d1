"""The descent against closed forms in exact fractions: every walk, every variant of a caption."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from nncore.errors import ParameterError
from scenes.catalogue import find
from scenes.descent.descent import Descent, DescentParams
from scenes.descent.descent_run import Run, advice
from scenes.kit.captions import table
from scenes.kit.dry import walk
from scenes.kit.ledger import shown
from scenes.kit.params import parse

X, Y = F("0.4"), F("0.68")
BOTTOM = Y / X
TOLERANCE = F("0.001")

# Of each variant an example; what makes it true stands in `expected`.
OWN = {
    "settled": {},
    "settled_bouncing": {"learning_rate": 5.5},
    "once": {"learning_rate": 3.125},
    "nearly": {"learning_rate": 3.12},
    "slow": {"learning_rate": 0.3},
    "swinging": {"learning_rate": 6.2},
    "for_ever": {"learning_rate": 6.25},
    "runaway": {"learning_rate": 6.8},
}
MORE: list[dict[str, Any]] = [
    {"learning_rate": 3.13},
    {"bean_start": 1.2, "learning_rate": 6.3},
    {"bean_start": 1.2, "learning_rate": 3.125},
    {"bean_start": 4.1, "learning_rate": 6.24},
    {"bean_start": 2.2, "learning_rate": 3.2},
    {"bean_start": -0.7, "learning_rate": 6.5},
    {"bean_start": 2.2, "learning_rate": 0.5},
    {"bean_start": 1.2, "learning_rate": 6.25},
]


def slope(w: F) -> F:
    return -2 * X * (Y - w * X)


def run_of(**values: Any) -> Run:
    return Descent.compute(parse(DescentParams, values))


def expected(start: F, rate: F) -> str:
    """By the distance to the bottom, which each step multiplies by 1 - 2 x² L."""
    share, away = 1 - 2 * X**2 * rate, start - BOTTOM
    if share == 0:
        return "once"
    steps = 0
    while abs(2 * X**2 * away) > TOLERANCE and steps < 60 and abs(away) <= F("2.5"):
        away, steps = away * share, steps + 1
    if abs(2 * X**2 * away) <= TOLERANCE:
        return "nearly" if steps == 1 else "settled" if share > 0 else "settled_bouncing"
    if share == -1:
        return "for_ever"
    return "runaway" if share < -1 else "swinging" if share < 0 else "slow"


def test_the_figures_of_the_bean() -> None:
    run = run_of()
    w = np.linspace(-1, 4, 51)
    assert run.curve.value(w) == pytest.approx(0.16 * w**2 - 0.544 * w + 0.4624, abs=1e-12)
    assert run.spots == pytest.approx([0, 3.4])
    assert run.slopes == pytest.approx([-0.544, 0.544])


def test_the_cut_of_the_mountain_is_the_curve_that_follows() -> None:
    run = run_of()
    ws = np.linspace(run.mountain.low[0], run.mountain.high[0], 101)
    line = np.column_stack([ws, 0 * ws])
    assert (run.mountain.value(line) == run.curve.value(ws)).all()
    assert (run.stroll.positions[:, 1] == 0).all()  # the walker keeps to the line of the cut
    assert (np.diff(run.stroll.values) < 0).all()  # and goes downhill all the way


@pytest.mark.parametrize(("start", "step"), [("0", "0.4"), ("-0.7", "0.15"), ("4.1", "1")])
def test_fixed_steps_bounce_between_two_places(start: str, step: str) -> None:
    run = run_of(bean_start=start, fixed_step=step)
    w, places = F(start), [F(start)]
    for _ in run.fixed.moves:
        w += F(step) if slope(w) < 0 else -F(step)
        places.append(w)
    assert run.fixed.positions == pytest.approx([float(v) for v in places], abs=1e-9)
    lucky = places[-1] == BOTTOM
    assert Descent.verdicts(run)["fixed_end"] == ("lucky" if lucky else "bounced")
    if not lucky:
        assert places[-1] == places[-3] != places[-2]
        assert slope(places[-1]) * slope(places[-2]) < 0


@pytest.mark.parametrize(
    ("start", "step", "key"),
    [
        ("0", "0.85", "lucky"),
        ("0", "0.17", "lucky"),
        ("4.1", "0.3", "lucky"),
        ("1.2", "0.25", "lucky"),
        ("0", "0.566", "bounced"),  # within 0.002 of the bottom, but not there
        ("0.002", "0.849", "lucky"),
        ("0.001", "0.849", "bounced"),
        ("1.2", "1", "bounced"),
    ],
)
def test_luck_is_a_whole_number_of_steps(start: str, step: str, key: str) -> None:
    whole = (abs(F(start) - BOTTOM) / F(step)).denominator == 1
    assert key == ("lucky" if whole else "bounced")
    assert Descent.verdicts(run_of(bean_start=start, fixed_step=step))["fixed_end"] == key


@pytest.mark.parametrize("rate", ["1.5", "5.8", "0.3"])
def test_own_steps_are_in_proportion_to_the_slope(rate: str) -> None:
    run, w = run_of(learning_rate=rate), F(0)
    for k, move in enumerate(run.own.moves[:25]):
        assert run.own.positions[k] == pytest.approx(float(w), abs=1e-9)
        assert move == pytest.approx(float(-F(rate) * slope(w)), abs=1e-9)
        w -= F(rate) * slope(w)
    assert (np.diff(np.abs(run.own.moves)) < 0).all()


@pytest.mark.parametrize("values", [*OWN.values(), *MORE], ids=str)
def test_the_verdict_is_what_the_rate_does(values: dict[str, float]) -> None:
    start, rate = (F(str(values.get(k, d))) for k, d in (("bean_start", 0), ("learning_rate", 1.5)))
    run = run_of(**values)
    assert Descent.verdicts(run)["own_end"] == expected(start, rate)
    away = np.abs(run.own.positions - float(BOTTOM))
    if expected(start, rate) == "runaway":
        assert (np.diff(away) > 0).all()


def test_every_variant_can_be_reached() -> None:
    written = table(find("descent").path.with_suffix(".toml"))
    keys = {k.removeprefix("captions.") for k in written if k.count(".") == 2}
    reached = {f"own_end.{Descent.verdicts(run_of(**v))['own_end']}" for v in OWN.values()}
    reached |= {
        f"fixed_end.{Descent.verdicts(run_of(fixed_step=s))['fixed_end']}" for s in (0.4, 0.85)
    }
    assert keys == reached
    for key, values in OWN.items():
        assert Descent.verdicts(run_of(**values))["own_end"] == key


def test_at_random_the_verdicts_are_true() -> None:
    rng = np.random.default_rng(3)
    for start, rate in zip(rng.uniform(-0.7, 4.1, 150), rng.uniform(0.3, 6.8, 150), strict=True):
        w, level = round(float(start), 3), round(float(rate), 3)
        if abs(w - 1.7) < 0.5:
            continue
        found = Descent.verdicts(run_of(bean_start=w, learning_rate=level))["own_end"]
        assert found == expected(F(str(w)), F(str(level))), (w, level)


def test_the_sign_says_the_way() -> None:
    for start in (-0.7, 0.0, 4.1):
        run = run_of(bean_start=start)
        for w, found in zip(run.spots, run.slopes, strict=True):
            way, key = advice(found)
            assert way == np.sign(float(BOTTOM) - w)
            assert key == ("increase" if w < 1.7 else "decrease")


@pytest.mark.parametrize("values", [{"bean_start": 1.7}, {"bean_start": 1.5}, {"learning_rate": 7}])
def test_what_shows_nothing_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        parse(DescentParams, values)
    parse(DescentParams, {"bean_start": 1.2})
    parse(DescentParams, {"bean_start": 2.2})


@pytest.mark.parametrize("values", [*OWN.values(), MORE[1]], ids=str)
def test_it_says_what_it_shows(values: dict[str, float]) -> None:
    params = parse(DescentParams, values)
    clip = walk(Descent, params)
    told = [s.content for s in clip.renderer.file_writer.subcaptions]
    entered = {(e.name, e.text) for e in clip.ledger.entries}
    own = clip.run.own.positions
    assert (f"w after own steps {len(own)}", shown(own[-1], ".4f")) in entered
    if "learning_rate" in values:  # as it was given: 3.125 and not 3.12
        rate = str(values["learning_rate"])
        assert ("learning rate", rate) in entered
        assert any(f"L = {rate}" in t for t in told) or "settled" in clip.variants["own_end"]
