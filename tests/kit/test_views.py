"""The views' own examples run, keep to the stage, and make a sheet."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from PIL import Image

from scenes.kit import theme
from scenes.kit.story import Story, View
from scenes.kit.views import __main__ as sheets
from scenes.kit.views.specimen import actors, example, told

ACTORS = actors()
LOOKS = [theme.Look(), theme.Look("light", "9:16"), theme.Look("dark", "1:1")]


def test_all_views_are_found() -> None:
    assert {"NetworkView", "PlaneView", "LandscapeView", "Worked", "Series"} <= set(ACTORS)
    assert len(ACTORS) > 20


@pytest.mark.parametrize("kind", ACTORS.values(), ids=ACTORS)
def test_a_view_has_an_example(kind: type[View]) -> None:
    assert kind.__name__ in example(kind)
    assert "self.beat(" in example(kind)


@pytest.mark.parametrize("kind", ACTORS.values(), ids=ACTORS)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.theme} {look.aspect}")
def test_an_example_runs_and_stays_in_the_picture(kind: type[View], look: theme.Look) -> None:
    moments: list[str] = []

    def see(scene: Story) -> None:
        shown = [view for view in scene.shown.values() if isinstance(view, kind)]
        moments.extend(type(view).__name__ for view in shown)
        points = [p for v in scene.shown.values() for p in _points(v)]
        low, high = np.min(points, axis=0), np.max(points, axis=0)
        assert low[0] >= -theme.FRAME_WIDTH / 2 and high[0] <= theme.FRAME_WIDTH / 2
        assert low[1] >= -theme.FRAME_HEIGHT / 2 and high[1] <= theme.FRAME_HEIGHT / 2

    told(kind, see, look)
    assert kind.__name__ in moments or kind.__name__ == "Stack"


def _points(view: View) -> list[np.ndarray]:
    """The corners of what is drawn."""
    family = [m for m in view.group.get_family() if len(m.points)]
    ends = [(m.points.min(axis=0), m.points.max(axis=0)) for m in family]
    return [corner[:2] for pair in ends for corner in pair] or [np.zeros(2)]


def test_verbs_say_what_they_do() -> None:
    for kind in ACTORS.values():
        for name, member in vars(kind).items():
            if inspect.isfunction(member) and not name.startswith("_"):
                assert inspect.getdoc(getattr(kind, name)), f"{kind.__name__}.{name}"


def test_a_sheet_shows_each_view_in_a_row() -> None:
    kinds = {k: ACTORS[k] for k in ("NetworkView", "Worked")}
    made = sheets.sheet(kinds)
    assert isinstance(made, Image.Image)
    width, height = theme.current().pixels(sheets.SHORT)
    pixels = np.asarray(made)
    for line in range(2):
        top = line * (height + sheets.HEAD + sheets.GAP) + sheets.HEAD
        first = pixels[top : top + height, sheets.GAP : sheets.GAP + width]
        assert len(np.unique(first.reshape(-1, 3), axis=0)) > 20
