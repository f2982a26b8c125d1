"""Studies: one setting of the digits network varied, everything else held still.

A study is points (one value of the setting each), a point is runs (one seed each). The committed
ones, from the full MNIST set, are JSON files in nncore/studies/; lab.study runs them (the book's
2.5.4 to 2.5.6 and 3.3).
"""

from __future__ import annotations

import json
import math
import os
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nncore.errors import DataError, ParameterError

FOLDER = Path(__file__).parent / "studies"
NAMES = (
    "learning-rate",
    "epochs",
    "hidden-nodes",
    "rotation",
    "initial-weights",
    "training-size",
    "ingredients",
)

FORMAT = 1
MAX_BYTES = 8 * 1024 * 1024

Value = float | int | str


@dataclass(frozen=True)
class Run:
    """One seeded training run of a point.

    accuracy and train_accuracy: shares of the test images and of the training images read right
    at the end, 0 to 1. by_epoch: for each epoch measured (number, mean loss, test accuracy,
    training accuracy or None). saturated: share of the hidden outputs of the test images on the
    flat parts of the sigmoid, before and after training, None where there is no hidden layer.
    seconds: of training alone. weights_sha256: of the trained weights' bytes, layer by layer.
    platform: what its last bits depend on (lab.machine.platform_name).
    """

    seed: int
    accuracy: float
    train_accuracy: float
    by_epoch: tuple[tuple[int, float, float, float | None], ...]
    saturated: tuple[float, float] | None
    seconds: float
    weights_sha256: str
    platform: str


@dataclass(frozen=True)
class Point:
    """A value of the setting that a study varies, all settings there, and their runs by seed."""

    value: Value
    settings: Mapping[str, Any]
    runs: tuple[Run, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Test accuracy of each run."""
        return tuple(run.accuracy for run in self.runs)

    @property
    def mean(self) -> float:
        """Mean test accuracy of the runs."""
        return statistics.fmean(self.accuracies)

    @property
    def spread(self) -> float:
        """Standard deviation of the runs' test accuracy (n - 1), 0 for a single run."""
        return statistics.stdev(self.accuracies) if len(self.runs) > 1 else 0.0

    @property
    def seconds(self) -> float:
        """Mean seconds of training."""
        return statistics.fmean(run.seconds for run in self.runs)


@dataclass(frozen=True)
class Study:
    """A study and how it was made.

    parameter: the setting that was varied. images, tests: how many MNIST images were learnt from
    (at most) and tested on. data_md5: of the MNIST files. method: changes when the same settings
    would train otherwise. versions: of Python and the libraries.
    """

    name: str
    parameter: str
    points: tuple[Point, ...]
    images: int
    tests: int
    data_md5: Mapping[str, str]
    method: int
    versions: Mapping[str, str]


def committed_study(name: str) -> Study:
    """A study from the full MNIST set, by its name in NAMES.

    Raises ParameterError for another name, DataError if its file is missing or damaged.
    """
    if name not in NAMES:
        raise ParameterError(f"There is no study {name!r}; there are {', '.join(NAMES)}.")
    return load_study(FOLDER / f"{name}.json")


def load_study(path: str | os.PathLike[str]) -> Study:
    """The study that dump_study wrote; DataError if the file is anything else."""
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path} is larger than any study.")
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise DataError(f"There is no study {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    try:
        return _study(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{path} is not a study as it was written: {error}.") from error


def dump_study(study: Study) -> str:
    """A study as JSON: what load_study reads, and mean, spread and seconds of each point. A line
    a run, so that two versions can be compared."""
    header = {
        "format": FORMAT,
        "name": study.name,
        "parameter": study.parameter,
        "images": study.images,
        "tests": study.tests,
        "data_md5": dict(study.data_md5),
        "method": study.method,
        "versions": dict(study.versions),
    }
    lines = [f"{_json(key)}: {_json(value)}" for key, value in header.items()]
    points = ",\n".join(_dump_point(point) for point in study.points)
    return "{" + ",\n".join([*lines, f'"points": [\n{points}\n]']) + "}\n"


def _dump_point(point: Point) -> str:
    summary = {
        "value": point.value,
        "mean": point.mean,
        "spread": point.spread,
        "seconds": point.seconds,
        "settings": dict(point.settings),
    }
    runs = ",\n".join(f"  {_json(asdict(run))}" for run in point.runs)
    return f' {_json(summary)[:-1]}, "runs": [\n{runs}\n ]}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _study(data: Any) -> Study:
    if data["format"] != FORMAT:
        raise DataError(f"its format is {data['format']!r}, not {FORMAT}")
    points = tuple(_point(point) for point in data["points"])
    if not points:
        raise DataError("it has no points")
    return Study(
        str(data["name"]),
        str(data["parameter"]),
        points,
        _whole(data["images"]),
        _whole(data["tests"]),
        {str(key): str(value) for key, value in data["data_md5"].items()},
        _whole(data["method"]),
        {str(key): str(value) for key, value in data["versions"].items()},
    )


def _point(data: Any) -> Point:
    value, runs = data["value"], tuple(_run(run) for run in data["runs"])
    if not isinstance(value, str):
        value = _number(value)
    if not runs:
        raise DataError(f"its point {value} has no runs")
    point = Point(value, dict(data["settings"]), runs)
    for key in ("mean", "spread"):
        if not math.isclose(data[key], getattr(point, key), abs_tol=1e-12):
            raise DataError(f"the {key} of its point {value} is not that of the runs")
    return point


def _run(data: Any) -> Run:
    saturated = data["saturated"]
    return Run(
        _whole(data["seed"]),
        _share(data["accuracy"]),
        _share(data["train_accuracy"]),
        tuple(
            (_whole(n), float(_number(loss)), _share(test), None if seen is None else _share(seen))
            for n, loss, test, seen in data["by_epoch"]
        ),
        None if saturated is None else (_share(saturated[0]), _share(saturated[1])),
        float(_number(data["seconds"])),
        str(data["weights_sha256"]),
        str(data["platform"]),
    )


def _number(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError(f"{value!r} is no number")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise DataError(f"{value!r} is no count")
    return value


def _share(value: Any) -> float:
    if not 0 <= _number(value) <= 1:
        raise DataError(f"{value!r} is no share")
    return float(value)
