"""What is checked before any work begins."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manim.constants import QUALITIES as MANIM_QUALITIES

from nncore.errors import ParameterError
from pipeline.jobs import assignments, chosen, share_out
from pipeline.plan import split
from pipeline.settings import LANGUAGES, QUALITIES
from scenes.catalogue import CLIPS, ClipRef
from scenes.kit import captions

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


def test_all_and_nothing_stand_for_every_clip() -> None:
    every = list(CLIPS.values())
    assert chosen([]) == chosen(["all"]) == chosen(["xor", "all"]) == every
    assert [c.slug for c in chosen(["xor", "predictor", "xor"])] == ["xor", "predictor"]
    with pytest.raises(ParameterError, match="Did you mean 'xor'"):
        chosen(["all", "xorr"])


def test_several_clips_share_what_is_given(tiny: ClipRef, broken: ClipRef) -> None:
    assert share_out([tiny, broken], {"whole": "3"}) == {
        "predictor": {"whole": "3"},
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
