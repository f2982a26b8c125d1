"""Beats: captions first, numbers that are what they stand for, areas that glide or fade."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import Group, Square

from scenes.kit import theme
from scenes.kit.captions import CaptionError
from scenes.kit.dry import walk
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.quantities import Live, Values, output, weight
from scenes.kit.stage import Box
from scenes.kit.story import Step, Story, View, lives, process, together, verb

WORDS = """
title = { en = "A title", zh = "标题" }
[captions]
first = { en = "The weight is {w.0}.", zh = "权重是 {w.0}。" }
second = { en = "And {count:one step|more steps}.", zh = "还有。" }
[captions.verdict]
large = { en = "Large: {w.1}.", zh = "大：{w.1}。" }
small = { en = "Small: {w.1}.", zh = "小：{w.1}。" }
"""


@dataclass(frozen=True)
class Run:
    weights: np.ndarray
    count: int = 1


class Row(View):
    """Numbers in a row."""

    def __init__(self, values: Values) -> None:
        super().__init__()
        self.values = values

    def build(self) -> None:
        self.numbers = [Live(self.values[k]) for k in range(len(self.values))]
        self.add(*self.numbers)
        self.square = Square(0.2)
        self.wait(self.square)

    def place(self, box: Box) -> None:
        for k, number in enumerate(self.numbers):
            number.put(box.left + box.width * (k + 0.5) / len(self.numbers), box.y)
        self.square.move_to([box.x, box.bottom + 0.2, 0])

    @verb
    def show_square(self) -> Step:
        return Step(*self.reveal(self.square))

    @verb
    def turn(self, start: float, end: float) -> Step:
        return process(lambda a: None, [], {self.numbers[0]: lambda a: start + (end - start) * a})


class Tale(Story):
    """What a test fills."""

    @staticmethod
    def compute(params: Any) -> Run:
        return Run(np.array([0.5, 2.0]))

    def quantities(self, run: Run) -> dict[str, Any]:
        return {
            "w": weight(run.weights, "weight {}"),
            "y": output(run.weights, "output {}"),
            "count": output(np.array(run.count), "count"),
        }

    @staticmethod
    def verdicts(run: Run) -> dict[str, str]:
        return {"verdict": "large" if run.weights[1] > 1 else "small"}


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """Walk a story with the words above; returns the scene and what each frame showed."""
    words = tmp_path / "tale.toml"
    words.write_text(WORDS, encoding="utf-8")

    def tell(story: Any, lang: str = "en") -> tuple[Story, list[list[tuple[str, float]]]]:
        kind = type("Told", (Tale,), {"story": story, "words_file": words})
        frames: list[list[tuple[str, float]]] = []

        def look(scene: Any) -> None:
            seen = [n for m in scene.mobjects for n in lives(m)]
            frames.append([(n.name, float(n.value)) for n in seen])

        return walk(kind, None, lang, on_frame=look), frames  # type: ignore[return-value]

    return tell


def test_the_first_picture_stands_from_the_first_frame_on(told: Any) -> None:
    def story(self: Story, run: Run) -> None:
        self.stage("row")
        self.beat("first", row=Row(self.book.w))

    scene, frames = told(story)
    assert frames[0] == [("weight 1", 0.5), ("weight 2", 2.0)]
    assert scene.sections == ["first"]
    assert {(e.name, e.value, e.text) for e in scene.ledger.entries} == {
        ("weight 1", 0.5, "0.5"),
        ("weight 2", 2.0, "2.0"),
    }


def test_captions_take_their_figures_from_the_book_and_their_variant_from_the_run(
    told: Any,
) -> None:
    seen: list[str] = []

    def story(self: Story, run: Run) -> None:
        self.stage("row")
        self.beat("first", row=Row(self.book.w))
        for key in ("second", "verdict"):
            seen.append(self.caption.text)
            self.beat(key)
        seen.append(self.caption.text)

    told(story)
    assert seen == ["The weight is 0.5.", "And one step.", "Large: 2.0."]
    seen.clear()
    told(story, "zh")
    assert seen == ["权重是 0.5。", "还有。", "大：2.0。"]


def test_in_a_process_a_number_follows_its_law_and_rests_as_what_it_is(told: Any) -> None:
    def story(self: Story, run: Run) -> None:
        self.stage("row")
        row = Row(self.book.w)
        self.beat("first", row.turn(3.0, 0.5), row=row)

    scene, frames = told(story)
    values = [dict(frame)["weight 1"] for frame in frames]
    assert any(0.5 < v < 3.0 for v in values)
    assert values[-1] == 0.5
    assert {e.value for e in scene.ledger.entries} == {0.5, 2.0}


def test_what_waits_in_the_wings_is_placed_but_not_seen(told: Any) -> None:
    squares: list[int] = []

    def story(self: Story, run: Run) -> None:
        self.stage("row")
        row = Row(self.book.w)

        def count() -> None:
            family = [p for m in self.mobjects for p in m.get_family()]
            squares.append(sum(isinstance(p, Square) for p in family))

        self.beat("first", row=row)
        count()
        self.act(row.show_square())
        count()
        assert row.square.get_center()[1] == pytest.approx(row.box.bottom + 0.2)
        assert sum(row.group is m for m in self.mobjects) == 1

    told(story)
    assert squares == [0, 1]


def test_areas_that_stay_glide_and_those_that_go_are_emptied(told: Any) -> None:
    places: list[float] = []

    def story(self: Story, run: Run) -> None:
        self.stage("a | b")
        first, second = Row(self.book.w), Row(self.book.y)
        self.beat("first", a=first, b=second)
        places.append(first.numbers[0].get_center()[0])
        self.stage("a")
        self.beat("second")
        places.append(first.numbers[0].get_center()[0])
        assert list(self.shown) == ["a"]
        assert all(second.group is not m for m in self.mobjects)

    _, frames = told(story)
    assert places[0] < places[1]
    assert [name for name, _ in frames[-1]] == ["weight 1", "weight 2"]


def test_a_view_comes_out_of_another_with_the_numbers_that_both_have(told: Any) -> None:
    starts: list[np.ndarray] = []

    def story(self: Story, run: Run) -> None:
        self.stage("a | b")
        first, second = Row(self.book.w), Row(self.book.w)
        self.beat("first", a=first)
        starts.append(first.numbers[0].get_center())
        self.stage("b")
        self.beat("second", b=second.out_of(first))
        starts.append(second.numbers[0].get_center())

    _, frames = told(story)
    assert starts[0][0] != starts[1][0]
    # At no moment are both there, or none.
    assert all(
        len(frame) in (0, 2) and len({n for n, _ in frame}) == len(frame) for frame in frames
    )


def test_fading_a_part_leaves_its_group_whole(told: Any) -> None:
    def story(self: Story, run: Run) -> None:
        part, rest = Square(), Square()
        group = Group(part, rest)
        self.add(group)
        self.section("x")
        self.play(FadeOut(part))
        assert self.mobjects == [group]
        assert group.submobjects == [rest]
        self.play(FadeIn(part))
        assert self.mobjects == [group, part]

    told(story)


def test_together_merges_lists_step_by_step(told: Any) -> None:
    def story(self: Story, run: Run) -> None:
        self.section("x")
        a, b, c = (Sweep([], lambda _: None, run_time=t) for t in (1, 2, 1))
        steps = together([Step(a), Step(b)], lambda: Step(c, run_time=3))()
        assert [s.animations for s in steps] == [[a, c], [b]]
        assert [s.run_time for s in steps] == [3, None]

    told(story)


def test_idling_fills_the_hold_and_not_more(told: Any) -> None:
    ran: list[float] = []

    def story(self: Story, run: Run) -> None:
        self.stage("row")
        row = Row(self.book.w)

        def idle(seconds: float) -> Any:
            ran.append(seconds)
            return Sweep([row.square], lambda a: None, run_time=seconds)

        self.beat("first", row=row, idle=idle)
        self.beat("second")

    still, _ = told(
        lambda self, run: (
            self.stage("row"),
            self.beat("first", row=Row(self.book.w)),
            self.beat("second"),
        )
    )
    moving, _ = told(story)
    assert len(ran) == 1
    assert moving.time == pytest.approx(still.time, abs=0.3)


def test_a_text_or_a_number_that_is_not_there_is_named(told: Any) -> None:
    def unknown(self: Story, run: Run) -> None:
        self.section("x")
        self.label("nothing")

    with pytest.raises(CaptionError, match=r"labels\.nothing"):
        told(unknown)
    with pytest.raises(ValueError, match="no area 'b'"):
        told(lambda self, run: (self.stage("a"), self.beat("first", b=Row(self.book.w))))


def test_a_look_is_in_force_for_a_while_only() -> None:
    before = theme.INK
    with theme.look(theme.Look("light", "1:1")):
        assert before != theme.INK
        assert theme.FRAME_WIDTH == theme.FRAME_HEIGHT
    assert before == theme.INK
