"""Several valleys: where a walk ends depends on where it starts; and so it is with a network."""

from __future__ import annotations

from math import hypot
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, model_validator

from nncore.descent import RULE_2D, RULE_XOR, STARTS_2D, STARTS_XOR, STEPS_XOR
from nncore.terrain import several_valleys_2d, xor_error_surface, xor_network
from scenes.descent.valleys_run import Party, Run, ends, how_many, party
from scenes.kit.params import ClipParams
from scenes.kit.quantities import count, error, plain
from scenes.kit.story import Lazy, Story, process, together
from scenes.kit.views.landscape import LandscapeView
from scenes.kit.views.network import NetworkView
from scenes.kit.views.series import Board

APART = 0.6  # least distance of two starts
CROWD_STEPS = 120
PLAN = "land*9 / board"
RELIEF = 50  # degrees: as flat as still shows all valleys
NAMES = {True: "global", False: "local"}
PICKED = ((0, (1, 0)), (1, (0, 1)))  # the links whose weights span XOR's land

Coordinate = Annotated[float, Field(ge=-2.7, le=2.7)]
Place = tuple[Coordinate, Coordinate]
Weights = tuple[
    Annotated[float, Field(ge=-13.5, le=7.5)], Annotated[float, Field(ge=-1.5, le=15.5)]
]


class ValleysParams(ClipParams):
    start_1: Place = Field(STARTS_2D[0], description="where walker A starts")
    start_2: Place = Field(STARTS_2D[1], description="where walker B starts")
    start_3: Place = Field(STARTS_2D[2], description="where walker C starts")
    land_rate: float = Field(
        RULE_2D.learning_rate, ge=0.01, le=0.15, description="learning rate on the land"
    )
    land_steps: int = Field(100, ge=10, le=300, description="most steps of the three on the land")
    crowd: int = Field(100, ge=10, le=200, description="walkers that start at once")
    seed: int = Field(1, ge=0, le=10**9, description="seed of the crowd's starts")
    network_start_1: Weights = Field(
        STARTS_XOR[0], description="weights that network A starts with"
    )
    network_start_2: Weights = Field(
        STARTS_XOR[1], description="weights that network B starts with"
    )
    network_start_3: Weights = Field(
        STARTS_XOR[2], description="weights that network C starts with"
    )
    network_rate: float = Field(
        RULE_XOR.learning_rate, ge=0.3, le=6.0, description="learning rate of the XOR network"
    )
    network_steps: int = Field(
        STEPS_XOR, ge=20, le=400, description="most steps of the XOR network"
    )

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for starts, apart in (
            ((self.start_1, self.start_2, self.start_3), APART),
            ((self.network_start_1, self.network_start_2, self.network_start_3), 3 * APART),
        ):
            for k, a in enumerate(starts):
                if any(hypot(a[0] - b[0], a[1] - b[1]) < apart for b in starts[:k]):
                    raise ValueError(f"three starts must be {apart:g} or more apart")
        return self


class Valleys(Story):
    """The slope sees only what is near: another start, another valley."""

    Params = ValleysParams

    @staticmethod
    def compute(p: ValleysParams) -> Run:
        land, surface = several_valleys_2d(), xor_error_surface()
        weights = (p.network_start_1, p.network_start_2, p.network_start_3)
        anywhere = np.random.default_rng(p.seed).uniform(land.low, land.high, (p.crowd, 2))
        return Run(
            party(land, (p.start_1, p.start_2, p.start_3), p.land_rate, p.land_steps),
            party(land, anywhere, p.land_rate, CROWD_STEPS),
            party(surface, weights, p.network_rate, p.network_steps),
        )

    def quantities(self, r: Run) -> dict:
        def of(p: Party, what: str, role: Any = plain) -> dict:
            return {
                "height": role(p.heights, f"{what}: height of valley {{}}", 2),
                "lowest": count(p.resting[:, 0], f"{what}: in the lowest valley"),
                "ended": count(p.ended, f"{what}: at rest in valley {{}}"),
                "total": plain([p.total], f"{what}: walkers"),
            }

        return {
            "three": of(r.three, "land"),
            "crowd": of(r.crowd, "crowd"),
            "network": of(r.network, "network", error),
        }

    @staticmethod
    def verdicts(r: Run) -> dict[str, str]:
        return {
            "three_end": how_many(r.three),
            "crowd_end": how_many(r.crowd),
            "network_end": how_many(r.network),
            "ends": ends(r.network),
        }

    def story(self, r: Run) -> None:
        self.stage(PLAN)
        land = self.land = LandscapeView(r.three.land, tilt=RELIEF)
        self.beat("land", self.bottoms(land, r.three, "three", NAMES), land=land,
                  idle=land.sway(5))  # fmt: skip
        self.beat("starts", self.sent(land, r.three), idle=land.sway(5))
        self.beat("roll", *self.rolled(land, r.three, "three", "walker"), idle=land.sway(5))
        self.tell("three_end")
        gone = together(land.unflag(), land.dismiss("walker"))
        self.beat("above", gone, land.tilt(90), board=None)
        starts = r.crowd.walks.positions[0]
        self.beat("crowd", land.send("crowd", starts, small=True))
        self.act(*self.rolled(land, r.crowd, "crowd", "crowd"), self.caught(land, r.crowd))
        self.tell("crowd_end", idle=land.again("crowd"))
        self.of_a_network(r)

    def of_a_network(self, r: Run) -> None:
        """Two weights of a network are the axes of a land of their own."""
        net, old = NetworkView(xor_network()), self.land
        gone = together(old.unflag(), old.dismiss("crowd"))
        self.stage("land*3 | net*2", gone, tall="land*3 / net*2")
        self.beat(
            "network", lambda: self.enter(land=None), net.pick(*PICKED), net=net, idle=net.idle()
        )  # fmt: skip
        land = LandscapeView(
            r.network.land, x="hidden_weight", y="output_weight", tilt=RELIEF, even=True
        )
        self.stage(
            "(land*3 | net*2)*9 / board",
            tall="land*5 / net*2 / board",
            square="(land*3 | net)*9 / board",
        )
        self.beat("surface", land.tilt(90), self.sent(land, r.network), land=land)
        self.act(*self.rolled(land, r.network, "network", "walker"))
        again = land.again("walker")
        self.beat("network_end", self.bottoms(land, r.network, "network", NAMES), idle=again)
        self.tell("ends")
        self.tell("lesson")

    def bottoms(self, land: LandscapeView, p: Party, book: str, keys: dict[bool, str]) -> Lazy:
        """The valleys' heights, and their names."""
        heights, found = self.book[book]["height"], enumerate(p.walks.valleys)
        return together(*[
            land.flag(v.position, keys.get(v.lowest), value=heights[k], up=0.66) for k, v in found
        ])  # fmt: skip

    def sent(self, land: LandscapeView, p: Party) -> list[Any]:
        """Three walkers stand at their starts, by their letters."""
        starts = p.walks.positions[0]
        letters = [land.flag(s, k, up=0.42) for s, k in zip(starts, "abc", strict=True)]
        return [land.send("walker", starts), together(*letters)]

    def rolled(self, land: LandscapeView, p: Party, book: str, name: str) -> list[Any]:
        """They roll, all at once; the board counts who has come to rest in the lowest valley."""
        b = self.book[book]
        board = Board(lowest_valley=(b["lowest"], b["total"][0]))
        moved = int(np.argmax(np.all(p.walks.positions == p.walks.positions[-1], axis=(1, 2))))
        last = max(1, moved)

        def roll() -> Any:
            number = board.be("lowest_valley", b["lowest"][-1])
            now: Any = {number: lambda a: int(b["lowest"][min(last, int(a * last))].value)}
            how: dict[str, Any] = {"run_time": 5.0, "rate_func": lambda a: a**2}
            return together(
                land.walk(name, p.walks.positions[: last + 1], **how),
                process(lambda a: None, [], now, **how),
            )

        return [lambda: self.enter(board=board), roll]

    def caught(self, land: LandscapeView, p: Party) -> Any:
        """At each valley, how many rest there."""
        ended, found = self.book.crowd["ended"], enumerate(p.walks.valleys)
        keys = {True: "lowest", False: "higher"}
        return together(
            *[land.flag(v.position, keys[v.lowest], value=ended[k], up=0.6) for k, v in found]
        )
