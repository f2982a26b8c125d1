"""docs/clips.md is what the docstrings say."""

from __future__ import annotations

import inspect
import re

from scenes.kit.story import View
from scenes.kit.views.specimen import actors, example
from tools import clips_page


def test_the_page_is_up_to_date() -> None:
    written = clips_page.PAGE.read_text("utf-8")
    assert written == clips_page.page(), "run: python -m tools.clips_page"


def _is_verb(name: str, member: object) -> bool:
    return inspect.isfunction(member) and hasattr(member, "__wrapped__") and name[0] != "_"


def test_all_views_are_on_the_page_with_their_verbs_and_examples() -> None:
    page = clips_page.page()
    for name, kind in actors().items():
        part = page.partition(f"### {name}\n")[2].partition("\n### ")[0]
        assert example(kind).strip() in part
        wrapped = [n for n, m in vars(kind).items() if _is_verb(n, m)]
        for verb in wrapped:
            assert f"- `{verb}(" in part


def test_every_line_says_something() -> None:
    lines = [line for line in clips_page.page().splitlines() if line.startswith("- `")]
    assert len(lines) > 100
    assert all(re.fullmatch(r"- `.+`: .*\S", line, re.DOTALL) for line in lines)
    assert not any("<" in line.partition("`: ")[0] for line in lines)


def test_an_argument_s_default_is_shown_and_its_type_is_not() -> None:
    def verb(self: View, to: float, *, turns: int = 2, rate: object = abs) -> None: ...

    assert clips_page.signature("verb", verb).startswith("`verb(to, *, turns=2")
    assert clips_page.text(clips_page.signature).startswith("`name(…)`")
