"""What is checked before any work begins."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manim.constants import QUALITIES as MANIM_QUALITIES

from nncore.errors import ParameterError
from pipeline.jobs import assignments, chosen, file_name, share_out
from pipeline.plan import split
from pipeline.settings import ASPECTS, LANGUAGES, QUALITIES, THEMES, frame_settings
from scenes import catalogue
from scenes.catalogue import ClipRef
from scenes.kit import captions, theme
from scenes.kit.theme import Look

NAMES = st.text(string.ascii_letters + "_", min_size=1)
VALUES = st.text(string.printable).map(str.strip)


@given(st.dictionaries(NAMES, VALUES))
def test_assignments_are_cut_at_the_first_equals_sign(pairs: dict[str, str]) -> None:
    assert assignments([f"{name}={value}" for name, value in pairs.items()]) == pairs


@pytest.mark.parametrize("text", ["", "rate", "=3", " =3"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="takes name=value"):
        assignments([text])


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match="'rate' twice"):
        assignments(["rate=1", "rate=2"])


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, ClipRef]:
    """A catalogue of five clips in two chapters, one of which is called as its chapter."""
    clips = {
        slug: ClipRef(slug, chapter, slug.replace("-", "_"))
        for slug, chapter in [
            ("by-hand", "signals"), ("as-matrix", "signals"),
            ("chain-rule", "descent"), ("descent", "descent"), ("error-split", "errors_back"),
        ]
    }  # fmt: skip
    chapters = {chapter: {} for chapter in ("signals", "descent", "errors_back")}
    monkeypatch.setattr(catalogue, "clips", lambda: clips)
    monkeypatch.setattr(catalogue, "chapters", lambda: chapters)
    return clips


def slugs(*names: str) -> list[str]:
    return [clip.slug for clip in chosen(names)]


def test_all_and_nothing_stand_for_every_clip(known: dict[str, ClipRef]) -> None:
    every = list(known.values())
    assert chosen([]) == chosen(["all"]) == chosen(["chain-rule", "all"]) == every
    assert slugs("chain-rule", "by-hand", "chain-rule") == ["chain-rule", "by-hand"]
    with pytest.raises(ParameterError, match="Did you mean 'chain-rule'"):
        chosen(["all", "chain-rul"])


def test_a_chapter_stands_for_its_clips(known: dict[str, ClipRef]) -> None:
    assert slugs("signals") == ["by-hand", "as-matrix"]
    assert slugs("as-matrix", "signals", "chain-rule") == ["as-matrix", "by-hand", "chain-rule"]
    assert slugs("errors_back") == slugs("errors-back") == ["error-split"]
    with pytest.raises(ParameterError, match=r"the chapters are signals.*Did you mean 'signals'"):
        chosen(["signal"])


def test_a_clip_comes_before_a_chapter_of_its_name(known: dict[str, ClipRef]) -> None:
    assert slugs("descent") == ["descent"]
    assert slugs("descent/") == ["chain-rule", "descent"]
    with pytest.raises(ParameterError, match="no clip or chapter 'by-hand/'"):
        chosen(["by-hand/"])


def test_chapters_of_the_catalogue_can_be_named() -> None:
    clips = catalogue.clips().values()
    for name in {clip.chapter for clip in clips}:
        assert slugs(f"{name}/") == [clip.slug for clip in clips if clip.chapter == name]


def test_a_chapter_without_clips_is_told(known: dict[str, ClipRef]) -> None:
    known.pop("error-split")
    with pytest.raises(ParameterError, match="The chapter 'errors_back' has no clips"):
        chosen(["errors-back"])


def test_several_clips_share_what_is_given(tiny: ClipRef, broken: ClipRef) -> None:
    assert share_out([tiny, broken], {"whole": "3"}) == {
        "tiny": {"whole": "3"},
        "broken": {},
    }
    with pytest.raises(ParameterError, match=r"None of these clips .*Did you mean 'whole'"):
        share_out([tiny, broken], {"hole": "3"})
    with pytest.raises(ParameterError, match="less than or equal to 10"):
        share_out([tiny, broken], {"whole": "11"})


def test_one_clip_takes_only_its_own(broken: ClipRef) -> None:
    with pytest.raises(ParameterError, match="no parameter 'whole'"):
        share_out([broken], {"whole": "3"})


def test_qualities_are_manims() -> None:
    sizes = {
        (q["pixel_width"], q["pixel_height"], q["frame_rate"]) for q in MANIM_QUALITIES.values()
    }
    for quality in QUALITIES.values():
        assert (quality.width, quality.height, quality.fps) in sizes


def test_the_command_line_has_the_captions_languages() -> None:
    assert LANGUAGES == captions.LANGUAGES


def test_the_command_line_has_the_themes_and_aspects() -> None:
    assert tuple(theme.THEMES) == THEMES
    assert ASPECTS == theme.ASPECTS


def test_qualities_are_of_the_usual_aspect() -> None:
    for quality in QUALITIES.values():
        assert quality.of(Look()) == quality


@pytest.mark.parametrize(
    ("aspect", "low", "high"),
    [
        ("16:9", (854, 480), (1920, 1080)),
        ("4:3", (640, 480), (1440, 1080)),
        ("1:1", (480, 480), (1080, 1080)),
        ("9:16", (480, 854), (1080, 1920)),
    ],
)
def test_the_short_side_is_what_the_quality_says(
    aspect: str, low: tuple[int, int], high: tuple[int, int]
) -> None:
    look = Look(aspect=aspect)
    for name, size in (("low", low), ("high", high)):
        shaped = QUALITIES[name].of(look)
        assert (shaped.width, shaped.height) == size
        assert shaped.of(look) == shaped
        assert (shaped.name, shaped.fps) == (name, QUALITIES[name].fps)
        units = frame_settings(QUALITIES[name], look)
        assert units["pixel_width"] / units["frame_width"] == pytest.approx(
            theme.UNIT_PIXELS * QUALITIES[name].height / 1080, rel=1e-3
        )


def test_files_of_another_look_have_another_name() -> None:
    looks = [Look(t, a) for t in THEMES for a in ASPECTS]
    names = [file_name("by-hand", look) for look in looks]
    assert len(set(names)) == len(names)
    assert names[0] == "by-hand"
    assert file_name("by-hand", Look("light", "4:3")) == "by-hand-light-4x3"
    assert file_name("by-hand", Look("dark", "9:16")) == "by-hand-9x16"


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=7), st.integers(1, 4))
def test_a_long_clip_is_cut_as_evenly_as_can_be(work: list[float], count: int) -> None:
    cuts = split(work, count)
    assert [k for first, last in cuts for k in range(first, last)] == list(range(len(work)))
    assert len(cuts) == min(count, len(work))
    largest = max(sum(work[first:last]) for first, last in cuts)
    borders = itertools.combinations(range(1, len(work)), len(cuts) - 1)
    best = min(
        max(sum(work[a:b]) for a, b in itertools.pairwise((0, *inner, len(work))))
        for inner in borders
    )
    assert largest == pytest.approx(best)
