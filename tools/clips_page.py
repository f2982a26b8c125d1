"""Writes docs/clips.md from the docstrings of the stage and its views.

python -m tools.clips_page
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scenes.kit import story
from scenes.kit.story import Story, View
from scenes.kit.views.network_frame import NetworkFrame
from scenes.kit.views.pinned import Pinned
from scenes.kit.views.specimen import actors, example

PAGE = Path(__file__).resolve().parents[1] / "docs" / "clips.md"
STAGE = ("stage", "beat", "tell", "act", "enter", "label", "symbol", "record_choice")
STEPS = (story.together, story.process, story.verb)
OF_EVERY_VIEW = (
    "build", "place", "enter", "leave", "glide", "wait", "reveal", "out_of", "travel", "fly",
)  # fmt: skip
HEAD = """# The stage and its actors

A clip is told on a stage: areas hold views, beats are sections with a caption, verbs act. How a
clip is put together is in the README; `scenes/signals/by_hand.py` is one to read first. A sheet
with pictures of all that follows: `python -m scenes.kit.views sheet.png`.

This page is made from the docstrings: `python -m tools.clips_page`.
"""


def text(thing: Any) -> str:
    """What a docstring says, its example left out, as one paragraph a paragraph."""
    parts = inspect.cleandoc(inspect.getdoc(thing) or "").split("\n\n")
    said = [" ".join(p.split()) for p in parts if "self.stage(" not in p]
    return "\n\n".join(said)


def signature(name: str, function: Callable[..., Any], shown: str = "") -> str:
    """`name(…)` with its arguments, without `self` and types."""
    found = inspect.signature(inspect.unwrap(function))
    arguments = [
        re.sub(r"<function (\w+) .*?>", r"\1", re.sub(r": .*?(?= = |$)", "", str(p)))
        for key, p in found.parameters.items()
        if key != "self"
    ]
    arguments = [a.replace(" = ", "=") for a in arguments]
    star = [k for k, p in enumerate(found.parameters.values()) if p.kind is p.KEYWORD_ONLY]
    if star and not any(p.kind is p.VAR_POSITIONAL for p in found.parameters.values()):
        arguments.insert(star[0] - ("self" in found.parameters), "*")
    return f"`{shown}{name}({', '.join(arguments)})`"


def entries(kind: type, names: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    """A line for each of a class's methods."""
    for name in names:
        method = inspect.getattr_static(kind, name)
        if not inspect.isfunction(method):
            method = getattr(kind, name)
        yield f"- {signature(name, method)}: {text(method)}"


def verbs(kind: type[View]) -> Iterator[str]:
    """The names of what a view can do beside what every view can, as it stands in the sources."""
    common = set(dir(View))
    for base in reversed(kind.__mro__):
        if not issubclass(base, View) or base in (View, Pinned, NetworkFrame):
            continue
        for name, member in vars(base).items():
            method = inspect.isfunction(member) or isinstance(member, staticmethod)
            if method and not name.startswith("_") and name not in common:
                common.add(name)
                yield name


def of_view(kind: type[View]) -> str:
    """A view's part of the page."""
    code = example(kind).rstrip()
    lines = [f"### {kind.__name__}", "", f"`{kind.__module__}`", "", text(kind), ""]
    lines += ["```python", code, "```", "", *entries(kind, verbs(kind)), ""]
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## The stage\n", "\n".join(entries(Story, STAGE)), ""]
    steps = [f"- {signature(f.__name__, f)}: {text(f)}" for f in STEPS]
    parts += ["## Steps\n", "\n".join(steps), ""]
    parts += [
        "## What every view can do\n",
        text(View),
        "",
        "\n".join(entries(View, OF_EVERY_VIEW)),
    ]
    parts += ["", "## Views\n", *[of_view(kind) for _, kind in sorted(actors().items())]]
    return "\n".join(parts).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
