"""Captions: the same in both languages, free of digits, all of them used."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import NNError
from scenes.catalogue import CLIPS
from scenes.kit import captions
from scenes.kit.captions import CaptionError, Piece, pieces, placeholders, reading_time, texts

SCENES = captions.FOLDER.parent
every_language = pytest.mark.parametrize("lang", captions.LANGUAGES)
FILES = sorted(captions.FOLDER.glob("*.toml"))


# Two languages, one set of texts


def test_both_languages_have_the_same_keys() -> None:
    assert set(texts("en")) == set(texts("zh"))


def test_both_languages_have_the_same_placeholders() -> None:
    english, chinese = (
        {key: sorted(placeholders(text)) for key, text in texts(lang).items()}
        for lang in ("en", "zh")
    )
    assert english == chinese


def is_numberless(template: str) -> bool:
    """No digit of any script; placeholders are bare names, without a format of their own."""
    for literal, name, spec, conversion in string.Formatter().parse(template):
        # Chinese words for numbers are letters of the language, too.
        if any(ch.isnumeric() and not "一" <= ch <= "鿿" for ch in literal):
            return False
        if spec or conversion or not (name is None or name.isidentifier()):
            return False
    return True


@every_language
def test_a_number_comes_in_by_placeholder_only(lang: str) -> None:
    assert [key for key, text in texts(lang).items() if not is_numberless(text)] == []


@pytest.mark.parametrize("text", ["2 layers", "x²", "第３步", "½", "{c:.2f}", "{c!r}", "{0}", "{}"])
def test_a_typed_number_is_seen(text: str) -> None:
    assert not is_numberless(text)


@every_language
def test_texts_are_one_clean_line(lang: str) -> None:
    unclean = [key for key, t in texts(lang).items() if not t or t != " ".join(t.split())]
    assert unclean == []


@every_language
def test_no_key_is_in_two_files(lang: str) -> None:
    seen: dict[str, str] = {}
    for path in captions.FOLDER.glob(f"{lang}*.toml"):
        for key, _ in captions._flatten(tomllib.loads(path.read_text("utf-8"))):
            assert key not in seen, f"{key} is in {seen[key]} and {path.name}"
            seen[key] = path.name
    assert set(seen) == set(texts(lang))


def test_every_file_is_of_one_of_the_languages() -> None:
    assert {p.name.split(".")[0] for p in FILES} == set(captions.LANGUAGES)


@pytest.mark.parametrize("slug", CLIPS)
def test_every_clip_has_a_title_and_a_subtitle(slug: str) -> None:
    for lang in captions.LANGUAGES:
        assert {f"{slug}.title", f"{slug}.subtitle"} <= set(texts(lang))


def test_every_text_is_of_a_clip() -> None:
    kinds = {"title", "subtitle", "labels", "captions"}
    for key in texts("en"):
        slug, kind, *rest = key.split(".")
        assert slug in CLIPS, key
        assert kind in kinds, key
        assert len(rest) == (kind in ("labels", "captions")), key


# None is unused


def clip_files(slug: str) -> list[Path]:
    """The module of a clip and the modules beside it that it imports, directly or not."""
    found, left = [], [CLIPS[slug].module]
    while left:
        path = SCENES / f"{left.pop()}.py"
        if path in found:
            continue
        found.append(path)
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                top, _, module = node.module.partition(".")
                if top == "scenes" and module and not module.startswith("kit"):
                    left.append(module)
    return found


@cache
def named_texts(slug: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """The strings in a clip's source, and a pattern of what its f-strings can become."""
    words: set[str] = set()
    templates: list[ast.JoinedStr] = []
    for path in clip_files(slug):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                templates.append(node)
            # `for key in "abc"`, `"abc"[k]`: each letter is named.
            taken = getattr(node, "iter", getattr(node, "value", None))
            if isinstance(node, ast.For | ast.comprehension | ast.Subscript) and isinstance(
                taken, ast.Constant
            ):
                words.update(str(taken.value))
        # Constants that the module has from elsewhere, such as the kinds of an example.
        module = import_module(f"scenes.{path.stem}")
        words |= {v for v in vars(module).values() if isinstance(v, str)}
    names = sorted((w for w in words if re.fullmatch(r"\w+(-\w+)*", w)), key=len, reverse=True)
    hole = "(?:" + "|".join([*map(re.escape, names), r"\d+"]) + ")"
    patterns = [
        "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else hole for p in t.values)
        for t in templates
        if any(isinstance(p, ast.Constant) for p in t.values)
    ]
    return frozenset(words), re.compile("|".join(patterns) or "(?!)")


def is_used(key: str) -> bool:
    """Whether the source of its clip names a label or a caption."""
    slug, _, name = key.split(".")
    words, built = named_texts(slug)
    return name in words or bool(built.fullmatch(name))


@pytest.mark.parametrize("slug", CLIPS)
def test_every_text_is_used(slug: str) -> None:
    keys = [k for k in texts("en") if k.startswith((f"{slug}.labels.", f"{slug}.captions."))]
    assert keys
    assert [key for key in keys if not is_used(key)] == []


@pytest.mark.parametrize("name", ["never-said", "no_such_caption", "zzz"])
def test_an_unused_text_would_be_found(name: str) -> None:
    assert not is_used(f"predictor.captions.{name}")


# Cutting a text into pieces


def test_a_text_is_cut_at_its_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "texts", lambda lang: {"a.b": "C = {c}: {{x}} {e}."})
    assert pieces("en", "a.b", {"c": "0.5", "e": "−1"}) == [
        Piece("C = "),
        Piece("0.5", "c"),
        Piece(": {"),
        Piece("x}"),
        Piece(" "),
        Piece("−1", "e"),
        Piece("."),
    ]


@pytest.mark.parametrize(
    ("lang", "key", "values", "says"),
    [
        ("fr", "predictor.title", {}, "no language 'fr'"),
        ("en", "predictor.captions.none", {}, "no key"),
        ("en", "predictor.captions.first", {"c": "0.5"}, "takes"),
        ("zh", "predictor.title", {"c": "0.5"}, "takes"),
    ],
)
def test_a_wrong_text_is_told_in_one_sentence(
    lang: str, key: str, values: dict[str, str], says: str
) -> None:
    with pytest.raises(CaptionError, match=says) as caught:
        pieces(lang, key, values)
    assert isinstance(caught.value, NNError)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


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
