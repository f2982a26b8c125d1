"""Several valleys: counts, heights and words against an independent walk down the same ground."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore.terrain import Terrain2D, several_valleys_2d, xor_error_surface
from scenes.catalogue import find
from scenes.descent.valleys import Valleys
from scenes.descent.valleys_run import Party, ends, how_many, party
from scenes.kit.dry import walk
from scenes.kit.params import parse

FAR = ((2.6, 0.4), (0.1, -2.4), (-0.4, 2.5))


def flow(land: Terrain2D, place: np.ndarray, step: float = 2e-3) -> np.ndarray:
    """Where tiny steps straight downhill lead, by differences of heights alone."""
    p, eps = np.array(place, float), 1e-5
    size = np.array(land.high) - np.array(land.low)
    for _ in range(6000):
        slope = np.array(
            [
                (float(land.value(p + d)) - float(land.value(p - d))) / (2 * eps)
                for d in (np.array([eps, 0]), np.array([0, eps]))
            ]
        )
        norm = float(np.linalg.norm(slope / size))
        if norm < 1e-4:
            break
        p = p - step * size * (slope * size) / float(np.linalg.norm(slope * size))
        step *= 0.9995
    return p


@pytest.fixture(scope="module")
def default() -> Any:
    return Valleys.compute(Valleys.Params())


def test_two_of_three_find_the_lowest_valley_and_one_does_not(default: Any) -> None:
    assert default.three.ended.tolist() == [2, 1, 0, 0]
    assert default.three.heights[0] == default.three.heights.min()
    assert how_many(default.three) == "some"


@pytest.mark.parametrize("k", range(3))
def test_walkers_rest_where_the_ground_leads(default: Any, k: int) -> None:
    three = default.three
    led = flow(three.land, np.array(FAR[k]))
    bottom = three.walks.valleys[int(three.walks.ends_in[k])].position
    assert np.linalg.norm(led - bottom) < 0.05
    assert np.linalg.norm(three.walks.positions[-1, k] - bottom) < 0.05


def test_heights_are_those_of_the_land(default: Any) -> None:
    for p in (default.three, default.network):
        for height, valley in zip(p.heights, p.walks.valleys, strict=True):
            around = valley.position + 1e-3 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
            assert height == p.land.value(valley.position)
            assert (p.land.value(around) > height).all()


def test_the_crowd_is_counted_once_each(default: Any) -> None:
    crowd = default.crowd
    assert crowd.total == 100
    rests = np.linalg.norm(
        crowd.walks.positions[-1][:, None] - [v.position for v in crowd.walks.valleys], axis=2
    )
    nearest = rests.argmin(axis=1)  # all have come to rest, so the nearest bottom is theirs
    assert (rests.min(axis=1) < 0.05).all()
    assert crowd.ended.tolist() == [int((nearest == k).sum()) for k in range(4)]
    assert (np.diff(crowd.resting, axis=0) >= 0).all()


def test_xors_losses_and_the_groove(default: Any) -> None:
    network = default.network
    assert network.heights == pytest.approx([0.19518615, 0.98550385], abs=1e-7)
    assert network.ended.tolist() == [2, 1]
    a, b = network.walks.positions[-1, :2]
    along = np.linspace(a, b, 50)
    assert np.linalg.norm(a - b) > 2
    assert np.ptp(xor_error_surface().value(along)) < 1e-3
    assert ends(network) == "groove"


def settled(land: Terrain2D, starts: Any, **how: Any) -> Party:
    return party(land, starts, how.get("rate", 0.06), how.get("steps", 120))


LAND = several_valleys_2d()
CASES = [
    ("all", [(1.0, -0.7), (1.5, -0.2), (0.6, -1.0)]),
    ("none", [(-1.5, 1.2), (-1.3, -1.4), (1.6, 1.6)]),
    ("some", [(1.0, -0.7), (-1.3, -1.4)]),
]


@pytest.mark.parametrize(("variant", "starts"), CASES)
def test_the_words_say_how_many(variant: str, starts: Any) -> None:
    found = settled(LAND, starts)
    led = [flow(LAND, np.array(s)) for s in starts]
    lowest = sum(np.linalg.norm(p - found.walks.valleys[0].position) < 0.05 for p in led)
    assert {len(starts): "all", 0: "none"}.get(lowest, "some") == variant == how_many(found)


def test_who_is_still_walking_is_not_said_to_rest() -> None:
    found = settled(LAND, [(1.0, -0.7), (2.6, 0.4)], rate=0.01, steps=10)
    assert found.ended.sum() < found.total
    assert how_many(found) == "part"
    assert ends(found) == "going"


def test_ends_in_one_valley_and_in_several() -> None:
    assert ends(settled(LAND, CASES[0][1])) == "one"
    assert ends(settled(LAND, CASES[2][1])) == "several"


def test_every_variant_is_met_within_the_bounds() -> None:
    wanted = {
        (key.split(".")[1], key.split(".")[2])
        for key in texts()
        if key.count(".") == 2 and key.startswith("captions.")
    }
    met: set[tuple[str, str]] = set()
    tried: list[dict[str, str]] = [
        {},
        {"land_rate": "0.01", "land_steps": "10", "network_steps": "20", "network_rate": "0.3"},
        {"start_1": "1.0,-0.7", "start_2": "1.7,-0.3", "start_3": "0.6,-1.4", "network_rate": "6"},
        {"start_1": "-1.5,1.2", "start_2": "-1.3,-1.4", "start_3": "1.6,1.6"},
        {
            "network_start_1": "-6.0,8.2",
            "network_start_2": "-8.7,8.6",
            "network_start_3": "-6.4,5.2",
            "network_rate": "1",
            "network_steps": "400",
        },
        {
            "network_start_1": "-4.3,14.7",
            "network_start_2": "-3.0,5.7",
            "network_start_3": "-0.5,15.4",
            "network_rate": "6",
            "network_steps": "400",
        },
        {
            "network_start_1": "6.6,10.7",
            "network_start_2": "7.1,8.3",
            "network_start_3": "7.2,13.1",
            "network_rate": "3",
            "network_steps": "400",
        },
        {"crowd": "10", "seed": "8640"},
        *[{"crowd": "10", "seed": str(k), "land_rate": "0.15"} for k in range(60)],
    ]
    for given in tried:
        run = Valleys.compute(parse(Valleys.Params, given))
        met |= set(Valleys.verdicts(run).items())
    assert wanted <= met, sorted(wanted - met)


def texts() -> dict[str, str]:
    from scenes.kit.captions import texts as of

    return of("valleys", "en")


def test_the_ledger_has_what_the_captions_say() -> None:
    scene = walk(find("valleys").load())
    shown = {(e.name, e.text) for e in scene.ledger.entries}
    assert ("land: in the lowest valley", "2") in shown
    assert ("network: height of valley 2", "0.99") in shown
