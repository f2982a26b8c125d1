"""Studies as pictures, in the look of the clips; matplotlib draws them."""

from __future__ import annotations

import importlib.util
import io
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from nncore.errors import ParameterError
from nncore.files import write_whole
from nncore.study import Study
from scenes.kit import theme

ENDINGS = (".png", ".svg", ".pdf")
_ROLES = ("input", "weight", "error")

_NAMES = {
    "learning-rate": ("Learning rate", "learning rate", "log"),
    "epochs": ("Epochs", "epoch", "linear"),
    "hidden-nodes": ("Hidden nodes", "hidden nodes", "log"),
    "rotation": ("Rotated copies", "turned by up to, degrees", "linear"),
    "initial-weights": ("Initial weights", "standard deviation of the first weights", "linear"),
    "ingredients": ("Ingredients, each added to those before", "", "linear"),
    "training-size": ("Training images", "different training images", "log"),
}
_LEAST_PERCENT = 0.3  # height of an axis of percents, at least


def check_plot(path: Path) -> None:
    """Raises ParameterError if a picture cannot go to `path`: another ending, no such folder, no
    matplotlib. Before a study is run, not after."""
    if path.suffix.lower() not in ENDINGS:
        raise ParameterError(f"{path} is to be a picture: {', '.join(ENDINGS)}.")
    if not path.parent.is_dir():
        raise ParameterError(f"There is no folder {path.parent} to write to.")
    if importlib.util.find_spec("matplotlib") is None:
        raise ParameterError("--plot needs matplotlib: .venv/bin/pip install -e '.[plot]'.")


def draw_study(study: Study, path: Path) -> None:
    """Draw a study: each seed a dot, the mean a line. Raises DataError if it cannot be written."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    title, label, scale = _NAMES.get(study.name, (study.name, study.parameter, "linear"))
    with rc_context(_look()):
        figure = Figure(figsize=(8, 4.5), dpi=160, layout="constrained")
        axes = figure.subplots()
        if study.name == "epochs":
            _by_epoch(axes, study)
        else:
            _by_value(axes, study, scale)
        axes.set_title(title, loc="left", fontsize=15)
        axes.set_xlabel(label)
        axes.set_ylabel("images read right, %")
        axes.spines[["top", "right"]].set_visible(False)
        picture = io.BytesIO()
        figure.savefig(picture, format=path.suffix[1:].lower())
    write_whole(path, picture.getvalue())


def _by_value(axes: Any, study: Study, scale: str) -> None:
    words = any(isinstance(point.value, str) for point in study.points)
    x = np.arange(len(study.points)) if words else [float(p.value) for p in study.points]
    means = [100 * point.mean for point in study.points]
    axes.plot(x, means, color=theme.OUTPUT, linewidth=2, zorder=2)
    for at, point in zip(x, study.points, strict=True):
        seeds = [100 * accuracy for accuracy in point.accuracies]
        axes.scatter([at] * len(seeds), seeds, s=14, color=theme.INK, alpha=0.7, zorder=3)
    axes.set_xscale(scale)
    if words:
        axes.set_xticks(x, [textwrap.fill(str(point.value), 13) for point in study.points])
    elif scale == "log":
        axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.minorticks_off()
    else:
        axes.set_xticks(x)
    _widen(axes)
    if study.name == "hidden-nodes":
        _second(axes, x, [p.seconds for p in study.points], "seconds of training", theme.WEIGHT)
    if study.name == "initial-weights":
        shares = [
            100 * float(np.mean([run.saturated[0] for run in p.runs if run.saturated]))
            for p in study.points
        ]
        _second(axes, x, shares, "hidden outputs saturated at first, %", theme.ERROR)


def _second(axes: Any, x: Any, values: list[float], label: str, colour: str) -> None:
    """A second measure, with an axis of its own on the right."""
    other = axes.twinx()
    other.plot(x, values, color=colour, linewidth=1.5, linestyle="--", marker="o", markersize=4)
    other.set_ylabel(label, color=colour)
    other.tick_params(axis="y", colors=colour)
    other.set_ylim(0, 1.1 * max(*values, 1e-9))
    other.grid(False)
    other.spines[["top", "left", "bottom"]].set_visible(False)


def _by_epoch(axes: Any, study: Study) -> None:
    for point, role in zip(study.points, _ROLES, strict=False):
        epochs = [row[0] for row in point.runs[0].by_epoch]
        for column, style, what in ((2, "-", "test"), (3, "--", "training")):
            rows = [[row[column] for row in run.by_epoch] for run in point.runs]
            if rows[0][0] is not None:
                means = 100 * np.array(rows, float).mean(axis=0)
                label = f"rate {point.value}, {what} images"
                axes.plot(epochs, means, style, color=theme.hue(role), linewidth=2, label=label)
    axes.set_xticks(range(0, max(epochs) + 1, 2) if max(epochs) > 6 else epochs)
    axes.legend(frameon=False, loc="lower right")
    _widen(axes)


def _widen(axes: Any) -> None:
    """Differences of chance must not fill the height."""
    low, high = axes.get_ylim()
    if high - low < _LEAST_PERCENT:
        middle = (low + high) / 2
        axes.set_ylim(middle - _LEAST_PERCENT / 2, middle + _LEAST_PERCENT / 2)


def _look() -> dict[str, Any]:
    return {
        "figure.facecolor": theme.BACKGROUND,
        "axes.facecolor": theme.BACKGROUND,
        "axes.edgecolor": theme.RULE,
        "axes.labelcolor": theme.INK,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": theme.PANEL,
        "text.color": theme.INK,
        "xtick.color": theme.MUTED,
        "ytick.color": theme.MUTED,
        "font.size": 11,
        "svg.hashsalt": "study",
    }
