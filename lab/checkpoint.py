"""A training run as a file: a weights file that says how the weights came about, and where the
run is, so that it can go on."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lab.machine import versions
from lab.train import EpochResult, Settings, State
from nncore.errors import DataError, NNError
from nncore.network import Network
from nncore.weights import load_network, save_network

_BY_EPOCH = {"learning_rates": "rate", "losses": "loss", "test_rights": "right"}


def save_state(
    path: str | os.PathLike[str],
    settings: Settings,
    state: State,
    *,
    tests: int,
    md5: Mapping[str, str],
) -> None:
    """Write a run's weights and its place to `path`, whole or not at all.

    tests: how many test images there are. md5: of the data. Raises DataError if it cannot.
    """
    save_network(path, state.network, _describe(settings, state, tests, md5))


def load_state(path: str | os.PathLike[str]) -> tuple[Settings, State, dict[str, Any]]:
    """The settings, the state and the meta that save_state wrote.

    Raises DataError if the file is none of those, or damaged.
    """
    network, meta = load_network(path)
    try:
        settings = Settings(**meta["settings"])
        state = _state(network, meta)
    except (KeyError, TypeError, AttributeError, NNError):
        raise DataError(f"{path} holds a network, but no run that could go on.") from None
    if settings.start().sizes != network.sizes or len(state.history) > settings.epochs:
        raise DataError(f"{path} holds a network that is not of its own settings.")
    return settings, state, meta


def _describe(
    settings: Settings, state: State, tests: int, md5: Mapping[str, str]
) -> dict[str, Any]:
    """What goes beside the weights."""
    right = state.history[-1].right if state.history else None
    by_epoch = {
        key: [getattr(result, name) for result in state.history] for key, name in _BY_EPOCH.items()
    }
    return {
        "trained_on": "MNIST",
        "settings": asdict(settings),
        "finished": state.finished(settings),
        "position": state.position,
        "loss_sum": state.loss_sum,
        **by_epoch,
        "update": f"after each {f'{settings.batch} examples' if settings.batch > 1 else 'example'}",
        "inputs": "pixel / 255 * 0.99 + 0.01",
        "targets": "0.99 for the digit, 0.01 for the others",
        "test_count": tests,
        "test_right": right,
        "test_accuracy": None if right is None else right / tests,
        "data_md5": dict(md5),
        "versions": versions(),
    }


def _state(network: Network, meta: Mapping[str, Any]) -> State:
    columns = [meta[key] for key in _BY_EPOCH]
    if len({len(column) for column in columns}) != 1:
        raise DataError("its epochs are not whole.")
    history = tuple(
        EpochResult(_number(rate), _number(loss), right if right is None else _count(right))
        for rate, loss, right in zip(*columns, strict=True)
    )
    return State(network, history, _count(meta["position"]), _number(meta["loss_sum"]))


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError("a number is none.")
    return float(value)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise DataError("a count is none.")
    return value
