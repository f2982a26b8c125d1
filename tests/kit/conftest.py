"""What the tests of the kit share: manim's options for pictures, and a place for set text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from manim import tempconfig


def pytest_addoption(parser: pytest.Parser) -> None:
    """Manim's own names: `pytest tests/kit --set_test` draws the control data anew."""
    group = parser.getgroup("pictures")
    group.addoption("--set_test", action="store_true", help="write the control data")
    group.addoption("--show_diff", action="store_true", help="show how a picture differs")


@pytest.fixture(scope="module", autouse=True)
def _text_files_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Manim writes every set string into a file: not into the project's folder."""
    with tempconfig({"media_dir": str(tmp_path_factory.mktemp("media")), "progress_bar": "none"}):
        yield


@pytest.fixture
def only_compared(request: pytest.FixtureRequest) -> None:
    """For pictures that are drawn wrong on purpose: they never become control data."""
    if request.config.getoption("--set_test"):
        pytest.skip("this picture is wrong on purpose: it is not written as control data")
