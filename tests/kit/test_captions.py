"""Words: the same in every language, free of digits, all of them used, all figures in the book."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import NNError
from scenes import catalogue
from scenes.catalogue import clips
from scenes.kit import captions
from scenes.kit.captions import (
    CaptionError,
    Piece,
    pieces,
    placeholders,
    reading_time,
    table,
    texts,
)
from scenes.kit.quantities import Book

SCENES = catalogue.FOLDER
SHARED = SCENES / "words.toml"
FILES = {str(p.relative_to(SCENES)): p for p in [SHARED, *sorted(SCENES.glob("*/*.toml"))]}
CLIP_FILES = {slug: ref.path.with_suffix(".toml") for slug, ref in clips().items()}
every_file = pytest.mark.parametrize("path", FILES.values(), ids=FILES)
every_clip = pytest.mark.parametrize("slug", clips())
LETTERS = 4
NAME = re.compile(r"[a-zA-Z_]\w*(\.-?\w+)*")


# One set of texts in every language


@every_file
def test_every_text_is_there_in_every_language(path: Path) -> None:
    assert table(path)
    lacking = {key: set(by) for key, by in table(path).items() if set(by) != {*captions.LANGUAGES}}
    assert lacking == {}


@every_file
def test_all_languages_have_the_same_figures(path: Path) -> None:
    """Words for one and for several are for languages that have them."""

    def figures(template: str) -> list[str]:
        parts = string.Formatter().parse(template)
        return sorted({name for _, name, spec, _ in parts if name and not spec})

    for key, by_language in table(path).items():
        sets = [figures(text) for text in by_language.values()]
        assert all(found == sets[0] for found in sets), key


def is_numberless(template: str) -> bool:
    """No digit of any script; placeholders are the book's names, with two words or without."""
    for literal, name, spec, conversion in string.Formatter().parse(template):
        # Chinese words for numbers are letters of the language, too.
        if any(ch.isnumeric() and not "一" <= ch <= "鿿" for ch in literal):
            return False
        if conversion or not (name is None or NAME.fullmatch(name)):
            return False
        if spec and (spec.count("|") != 1 or any(ch.isnumeric() for ch in spec)):
            return False
    return True


@every_file
def test_a_number_comes_in_by_placeholder_only(path: Path) -> None:
    typed = [k for k, by in table(path).items() if not all(map(is_numberless, by.values()))]
    assert typed == []


@pytest.mark.parametrize(
    "text",
    ["2 layers", "x²", "第３步", "½", "{c:.2f}", "{c!r}", "{0}", "{}", "{n:1|2}", "{n:a|b|c}"],
)
def test_a_typed_number_is_seen(text: str) -> None:
    assert not is_numberless(text)


@pytest.mark.parametrize("text", ["{w.0.-1}", "{two.right.-1} of {n}", "{n:step|steps}", "一条"])
def test_names_of_the_book_are_no_typed_numbers(text: str) -> None:
    assert is_numberless(text)


@every_file
def test_texts_are_one_clean_line(path: Path) -> None:
    every = [(key, text) for key, by in table(path).items() for text in by.values()]
    assert [key for key, t in every if not t or t != " ".join(t.split())] == []


@every_clip
def test_every_clip_has_a_place_a_title_and_a_subtitle(slug: str) -> None:
    words = catalogue.read(CLIP_FILES[slug])
    assert isinstance(words["number"], int)
    assert {"title", "subtitle"} <= set(table(CLIP_FILES[slug]))


@every_clip
def test_every_text_is_of_a_known_kind(slug: str) -> None:
    depths = {"title": {0}, "subtitle": {0}, "labels": {1}, "captions": {1, 2}}
    for key in table(CLIP_FILES[slug]):
        kind, *rest = key.split(".")
        assert len(rest) in depths.get(kind, set()), key


def test_numbers_order_clips_and_chapters_without_a_doubt() -> None:
    places = [(ref.chapter, catalogue.read(CLIP_FILES[s])["number"]) for s, ref in clips().items()]
    assert len(set(places)) == len(places)
    chapters = [catalogue.read(path)["number"] for path in SCENES.glob("*/chapter.toml")]
    assert len(set(chapters)) == len(chapters)


# None is unused


def clip_files(slug: str) -> list[Path]:
    """The module of a clip and the modules of chapters that it imports, directly or not."""
    found: list[Path] = []
    left = [clips()[slug].path]
    while left:
        path = left.pop()
        if path in found:
            continue
        found.append(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scenes."):
                other = SCENES.joinpath(*str(node.module).split(".")[1:]).with_suffix(".py")
                if other.is_file() and "kit" not in other.parts:
                    left.append(other)
    return found


@cache
def named(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The strings in a source, and patterns of what its f-strings can become."""
    words: set[str] = set()
    patterns: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
            if node.value.isalpha() and len(node.value) <= LETTERS:
                words.update(node.value)  # `zip("abc", …)`, `"abc"[k]`: each letter is named
        elif isinstance(node, ast.JoinedStr) and any(
            isinstance(p, ast.Constant) for p in node.values
        ):
            holes = (re.escape(str(getattr(p, "value", ""))) if isinstance(p, ast.Constant)
                     else r"[\w-]+" for p in node.values)  # fmt: skip
            patterns.add("".join(holes))
    return frozenset(words), frozenset(patterns)


def names_of_clip(slug: str) -> tuple[set[str], set[str]]:
    """The same of all files of a clip, with the constants that they have from elsewhere."""
    words: set[str] = set()
    patterns: set[str] = set()
    for path in clip_files(slug):
        own, built = named(path)
        words |= own
        patterns |= built
        module = import_module(
            ".".join(["scenes", *path.relative_to(SCENES).with_suffix("").parts])
        )
        known = [v for v in vars(module).values() if not isinstance(v, type)]
        found = [*known, *(getattr(v, "name", None) for v in known)]
        words |= {v for v in found if isinstance(v, str)}
    return words, patterns


@cache
def names_of_views() -> frozenset[str]:
    """Strings in the kit's views, which label what they show."""
    return frozenset().union(*[named(p)[0] for p in (SCENES / "kit" / "views").glob("*.py")])


def is_used(slug: str, kind: str, name: str) -> bool:
    """Whether the sources of a clip, or for a label those of the views, name a text."""
    words, patterns = names_of_clip(slug)
    if name in words or any(re.fullmatch(p, name) for p in patterns):
        return True
    return kind == "labels" and name in names_of_views()


@every_clip
def test_every_text_is_used(slug: str) -> None:
    keys = [key.split(".") for key in table(CLIP_FILES[slug]) if "." in key]
    assert keys
    assert [".".join(k) for k in keys if not is_used(slug, k[0], k[1])] == []


def test_every_shared_label_is_used() -> None:
    labels = [key.partition(".")[2] for key in table(SHARED)]
    assert [name for name in labels if not any(is_used(s, "labels", name) for s in clips())] == []


@pytest.mark.parametrize("name", ["never-said", "no_such_caption", "zzz"])
def test_an_unused_text_would_be_found(name: str) -> None:
    assert not is_used("predictor", "captions", name)


# Figures


@every_clip
def test_every_figure_is_in_the_book(slug: str) -> None:
    """Of texts that the default run says; other variants are met in `test_truth`, labels where
    they are drawn."""
    clip = clips()[slug].load()
    params = clip.Params()
    run = clip.compute(params)
    book, chosen = Book(clip(params=params, run=run).quantities(run)), clip.verdicts(run)
    for key, by_language in table(CLIP_FILES[slug]).items():
        kind, *rest = key.split(".")
        if kind == "labels" or (len(rest) == 2 and chosen[rest[0]] != rest[1]):
            continue
        for name in {n for text in by_language.values() for n in placeholders(text)}:
            assert book.ref(name).figure.text, (key, name)


@every_clip
def test_captions_with_variants_are_those_of_the_verdicts(slug: str) -> None:
    clip = clips()[slug].load()
    varied = {k.split(".")[1] for k in table(CLIP_FILES[slug]) if k.count(".") == 2}
    assert set(clip.verdicts(clip.compute(clip.Params()))) == varied


# Cutting a text into pieces


def test_a_text_is_cut_at_its_placeholders() -> None:
    assert pieces("C = {c.0}: {{x}} {e}.", {"c.0": "0.5", "e": "−1"}) == [
        Piece("C = "),
        Piece("0.5", "c.0"),
        Piece(": {"),
        Piece("x}"),
        Piece(" "),
        Piece("−1", "e"),
        Piece("."),
    ]


@pytest.mark.parametrize(("count", "word"), [("1", "step"), ("0", "steps"), ("12", "steps")])
def test_a_word_fits_its_number(count: str, word: str) -> None:
    assert pieces("{n} {n:step|steps}", {"n": count})[-1] == Piece(word)


def _told(error: pytest.ExceptionInfo[CaptionError]) -> None:
    assert isinstance(error.value, NNError)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_a_placeholder_without_a_value_is_told_in_one_sentence() -> None:
    with pytest.raises(CaptionError, match="takes 'e'") as caught:
        pieces("{c} {e}", {"c": "0.5"})
    _told(caught)


def test_a_language_that_is_not_there_is_told_in_one_sentence() -> None:
    with pytest.raises(CaptionError, match="no language 'fr'") as caught:
        texts("predictor", "fr")
    _told(caught)


def test_a_text_that_lacks_a_language_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "half.toml"
    path.write_text('title = { en = "Half" }\n', encoding="utf-8")
    assert texts(path, "en")["title"] == "Half"
    with pytest.raises(CaptionError, match=r"'title' of half\.toml is not there in 'zh'") as caught:
        texts(path, "zh")
    _told(caught)


def test_a_clips_words_go_before_those_that_all_share(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[labels]\nerror = { en = "miss", zh = "偏差" }\n', encoding="utf-8")
    assert texts(path, "en")["labels.error"] == "miss"
    assert texts(path, "en")["labels.loss"] == table(SHARED)["labels.loss"]["en"]


# Reading time


@pytest.mark.parametrize(
    ("text", "lang", "seconds"),
    [
        ("Guess C = 0.5.", "en", 1.5 + 4 * 0.25),
        ("One", "en", 1.75),
        ("先猜 C = 0.5：差一点。", "zh", 1.5 + 12 * 0.12),
        ("误差", "zh", 1.74),
    ],
)
def test_reading_time_counts_words_or_characters(text: str, lang: str, seconds: float) -> None:
    assert reading_time(text, lang) == pytest.approx(seconds)


@given(st.lists(st.text("abcxyz.,−0", min_size=1, max_size=8), max_size=20))
def test_reading_time_grows_with_the_text(words: list[str]) -> None:
    assert reading_time(" ".join(words), "en") == pytest.approx(1.5 + 0.25 * len(words))
    letters = sum(map(len, words))
    assert reading_time("  ".join(words), "zh") == pytest.approx(1.5 + 0.12 * letters)
