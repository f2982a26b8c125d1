"""Words are true of what a run did: each variant of each caption is met within the bounds of the
parameters, and what it claims is then found by other means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import claims
import pytest
import search
from cases import lacks_mnist

from scenes.catalogue import clips, find
from scenes.kit.captions import LANGUAGES, pieces, placeholders, texts
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Book

TRIES = int(os.environ.get("NN_TRUTH_TRIES", "150"))
SEED = 1


def variants(slug: str) -> set[tuple[str, str]]:
    """All captions with variants, and their variants, as the words have them."""
    keys = [key.split(".") for key in texts(slug, "en")]
    return {(k[1], k[2]) for k in keys if k[0] == "captions" and len(k) == 3}


def params(slug: str) -> Iterator[ClipParams]:
    """What is known to meet rare cases, then what is found at random."""
    kind = find(slug).load().Params
    yield kind()
    yield from (kind(**values) for values in claims.RARE.get(slug, []))
    yield from search.sets(kind, SEED, TRIES if slug not in claims.SLOW else 0)


@cache
def met(slug: str) -> dict[tuple[str, str], tuple[ClipParams, Any]]:
    """For each variant the first parameters, and their run, of which it is said."""
    clip, wanted = find(slug).load(), variants(slug)
    found: dict[tuple[str, str], tuple[ClipParams, Any]] = {}
    for chosen in params(slug):
        if lacks_mnist(chosen):
            continue
        if wanted <= set(found):
            break
        run = clip.compute(chosen)
        for pair in clip.verdicts(run).items():
            found.setdefault(pair, (chosen, run))
    return found


VARIED = [s for s in clips() if variants(s) and s not in claims.OWN | claims.READINGS]
every_clip = pytest.mark.parametrize("slug", VARIED)


@every_clip
def test_every_variant_of_every_caption_is_met_within_the_bounds(slug: str) -> None:
    unmet = variants(slug) - set(met(slug))
    assert unmet == set()


@every_clip
def test_no_verdict_lacks_its_words(slug: str) -> None:
    assert set(met(slug)) <= variants(slug)


@every_clip
def test_every_variant_has_its_figures(slug: str) -> None:
    """In the book of a run of which it is said."""
    clip = find(slug).load()
    for (key, variant), (chosen, run) in met(slug).items():
        book = Book(clip(params=chosen, run=run).quantities(run))
        for lang in LANGUAGES:
            template = texts(slug, lang)[f"captions.{key}.{variant}"]
            values = {n: book.ref(n).figure.text for n in placeholders(template)}
            assert pieces(template, values)


@pytest.mark.parametrize("slug", sorted(claims.OWN & set(clips())))
def test_a_clip_s_own_tests_meet_every_variant(slug: str) -> None:
    """Those that are left out here."""
    path = Path(__file__).with_name(f"test_{slug.replace('-', '_')}.py")
    assert re.search(r"def test_every_variant", path.read_text("utf-8"))


CLAIMED = [(slug, *pair) for slug, pairs in claims.CLAIMS.items() for pair in pairs]


@pytest.mark.parametrize(("slug", "key", "variant"), CLAIMED)
def test_a_claim_is_true_where_it_is_made_and_only_there(slug: str, key: str, variant: str) -> None:
    clip, claim = find(slug).load(), claims.CLAIMS[slug][key, variant]
    looked_at = 0
    for chosen, run in met(slug).values():
        said = clip.verdicts(run)[key] == variant
        assert claim(chosen, run) is said, chosen
        looked_at += said
    assert looked_at
