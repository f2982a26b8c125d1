"""How still a clip is, whether it can be read, and how long it is, against clips that are known."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import tiny_clips
from manim import RIGHT, Square, UpdateFromAlphaFunc, linear
from tiny_clips import OTHER, TINY, TinyClip

from pipeline import lengths
from pipeline.stillness import Caption, Examined, Stillness, Stretch, measure
from scenes.kit import theme
from scenes.kit.theme import Look

NEAR = 0.2 + 1e-6
"""As near as samples can tell a time."""


class Going(TinyClip):
    """A square of `side` goes for two seconds from (-3, `y`), stands for three, goes for one;
    each section ends with a hold."""

    side, y = 1.5, 0.0

    def construct(self) -> None:
        """As is said above; a caption of half a second comes when it stands."""
        self.section("go")
        square = Square(self.side, stroke_width=0, fill_color=theme.OUTPUT, fill_opacity=1)
        self.add(square.move_to([-3, self.y, 0]))
        self._slide(square, 2.0)
        self.section("stand")
        self.add_subcaption("Nobody reads as fast as this.", duration=0.5)
        self.wait(3.0)
        self._slide(square, 1.0)

    def _slide(self, square: Any, seconds: float) -> None:
        start = square.get_center()

        def at(moved: Any, alpha: float) -> None:
            moved.move_to(start + 2 * alpha * RIGHT)

        self.play(UpdateFromAlphaFunc(square, at), run_time=seconds, rate_func=linear)


class Speck(Going):
    """What moves is too small to be seen as a movement."""

    side = 0.1


class Below(Going):
    """What moves is where captions are, not in the picture."""

    side, y = 0.3, theme.PICTURE_BOTTOM - 0.4


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
def test_what_stands_is_measured(aspect: str) -> None:
    found = measure(Going, look=Look("light", aspect))
    assert found.seconds == pytest.approx(6.0 + 2 * theme.HOLD, abs=0.1)
    assert found.still == pytest.approx(3.0 + 2 * theme.HOLD, abs=NEAR)
    assert found.share == found.still / found.seconds
    middle, end = found.longest
    assert (middle.start, middle.end) == pytest.approx((2.0, 5.0 + theme.HOLD), abs=NEAR)
    assert (end.start, end.end) == pytest.approx((6.0 + theme.HOLD, found.seconds), abs=NEAR)
    assert end.section == "stand"
    assert middle.seconds + end.seconds == pytest.approx(found.still)


@pytest.mark.parametrize("clip", [Speck, Below])
def test_what_is_small_or_no_picture_moves_nothing(clip: type[Going]) -> None:
    found = measure(clip)
    assert found.still == pytest.approx(found.seconds, abs=NEAR)


def test_a_caption_that_is_gone_too_soon_is_seen() -> None:
    (caption,) = measure(Going).captions
    assert (caption.section, caption.text) == ("stand", "Nobody reads as fast as this.")
    assert caption.seconds == pytest.approx(0.5, abs=0.05)
    assert caption.reading == pytest.approx(1.5 + 6 * 0.25)
    assert not caption.readable


def test_clips_captions_stay_as_long_as_they_are_read() -> None:
    found = measure(TINY, lang="zh")
    assert [caption.section for caption in found.captions] == ["colour"]
    assert all(caption.readable for caption in found.captions)


@pytest.mark.parametrize(
    ("still", "stays", "faults"),
    [(3.5, 3.0, 0), (3.51, 3.0, 1), (3.5, 2.95, 0), (3.5, 2.8, 1), (9.0, 0.0, 2)],
)
def test_faults_are_what_is_over_the_bounds(still: float, stays: float, faults: int) -> None:
    captions = (Caption("sum", "It adds up.", stays, 3.0),)
    one = Examined("tiny", "en", Stillness(10.0, still, (Stretch(1, 4.5, "sum"),), captions))
    assert len(one.faults) == faults == len(one.as_json()["faults"])
    assert one.line.startswith("fault " if faults else "ok    tiny (en): 10.0 s, still ")
    assert all("sum" in fault for fault in one.faults)


# Lengths that are known without drawing


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for what was learnt."""
    monkeypatch.setenv("NN_TIMINGS_FILE", str(tmp_path / "kept" / "timings.json"))
    return tmp_path / "kept" / "lengths.json"


def test_lengths_are_known_until_the_clip_changes(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lengths.known([TINY, OTHER], "en") == {}
    lengths.learn("en", {TINY: 4.25, OTHER: 5.0})
    lengths.learn("zh", {TINY: 6.0})
    assert lengths.known([TINY, OTHER], "en") == {"tiny": 4.25, "other": 5.0}
    assert lengths.known([TINY, OTHER], "zh") == {"tiny": 6.0}
    words = tmp_path / "words"
    shutil.copytree(tiny_clips.WORDS, words)
    with (words / "tiny.toml").open("a", encoding="utf-8") as file:
        file.write('more = { en = "More", zh = "更多" }\n')
    monkeypatch.setattr(tiny_clips, "WORDS", words)
    assert lengths.known([TINY, OTHER], "en") == {"other": 5.0}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tiny en": 3}', '{"tiny en": ["x", "long"]}'])
def test_what_is_damaged_is_as_nothing(kept: Path, text: str) -> None:
    kept.parent.mkdir()
    kept.write_text(text)
    assert lengths.known([TINY], "en") == {}
    lengths.learn("en", {TINY: 4.25})
    assert lengths.known([TINY], "en") == {"tiny": 4.25}


def test_nothing_is_kept_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NN_TIMINGS_FILE", "/proc/nowhere/timings.json")
    lengths.learn("en", {TINY: 4.25})
    assert lengths.known([TINY], "en") == {}
