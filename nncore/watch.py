"""A training watched as it goes: what every clip that shows one needs, at a few chosen epochs.

The looks are chosen by change. The whole training is seen first, and then as many epochs are
picked as there shall be looks, so that about the same amount of visible change lies between
neighbours. A film that plays them at a constant pace then gives its time to what changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.errors import (
    Array,
    ShapeError,
    check_array,
    check_count,
    read_only,
)
from nncore.exact import is_zero
from nncore.losses import SQUARED_ERROR
from nncore.network import Network
from nncore.training import History, examples_for, train

LOOKS = 150
"""Looks at a training unless told otherwise."""

OUTPUTS, LOSS, TIME = 0.6, 0.3, 0.1
"""Of all looks, the parts given to the outputs' change, to the loss's, and to time itself, so that
a stretch in which nothing happens is still seen."""

_SMOOTHED = 0.03  # of the epochs so far: the jitter of shuffled examples is no change
_MEASURED = 500  # examples at most that the outputs' change is measured on


@dataclass(frozen=True, eq=False)
class Watched:
    """A training at n looks; all arrays are read-only.

    ``networks`` (n) and ``epochs`` (n,), ascending from 0 to the last. ``losses`` (n,): the mean
    over all examples of (target - output)^2, summed over an example's outputs, whatever loss the
    network learns by. ``right`` (n,): how many of the ``total`` examples are answered right; with
    one output the answer is whether it is above 0.5, with several it is the largest.
    ``gradient_sizes`` (n, layers): of each layer the mean over its links of |d loss / d w|, the
    loss being that of ``losses``. ``outputs`` (n, examples, n_out). ``history``: the whole
    training, with a loss an epoch; ``history.network`` is the last network.
    """

    networks: tuple[Network, ...]
    epochs: NDArray[np.int64]
    losses: Array
    right: NDArray[np.int64]
    total: int
    gradient_sizes: Array
    outputs: Array
    history: History


def watch(
    network: Network,
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    learning_rate: float,
    epochs: int = 1,
    batch_size: int = 1,
    shuffle_seed: int | None = None,
    looks: int = LOOKS,
) -> Watched:
    """Train a network and look at it at chosen epochs: 0, the last, and ``looks - 2`` between.

    ``inputs`` (examples, n_in); ``targets`` (examples, n_out), or (examples,) for a network of one
    output. ``looks`` >= 2; of a training of fewer epochs every one is a look. The training is
    that of ``nncore.training.train`` with the same settings, bit for bit, and the same call looks
    at the same epochs. Every epoch's network is kept until the looks are chosen. Raises as
    ``train`` does, and ParameterError for fewer than two looks.
    """
    check_count(looks, "The number of looks", low=2)
    wanted = check_array(targets, "The targets", ndim=(1, 2), dtype=network.dtype)
    x, t = examples_for(network, inputs, wanted[:, None] if wanted.ndim == 1 else wanted)
    some = np.linspace(0, len(x) - 1, min(len(x), _MEASURED)).round().astype(np.int64)
    seen = [network]
    history = train(
        network,
        x,
        t,
        learning_rate=learning_rate,
        epochs=epochs,
        batch_size=batch_size,
        shuffle_seed=shuffle_seed,
        on_epoch=lambda _, learnt: seen.append(learnt),
    )
    shown = np.array([one.forward(x[some]).output for one in seen], dtype=np.float64)
    losses = np.square(t[some] - shown).sum(axis=2).mean(axis=1)
    at = choose_looks(shown.reshape(len(seen), -1), losses, looks)
    return _look(tuple(seen[i] for i in at), at, x, t, history)


def choose_looks(outputs: ArrayLike, losses: ArrayLike, looks: int) -> NDArray[np.int64]:
    """Choose epochs so that equal amounts of visible change lie between neighbours.

    ``outputs`` (epochs + 1, m): what a viewer sees after each epoch, from 0 on; ``losses``
    (epochs + 1,). Returns ``looks`` epochs, all of them if there are fewer, ascending, the first
    0 and the last among them. Change is the mean |difference| of the outputs and that of the
    loss, each as a part of all its change, in the proportion OUTPUTS to LOSS; the part TIME of
    the looks is spread evenly. Where one epoch changes more than a look's share, each is looked
    at, and the others have more looks. What goes to and fro within 3 % of the epochs so far is
    averaged out. Raises ShapeError or ParameterError for arrays that do not fit or are not
    finite, or fewer than two looks.
    """
    check_count(looks, "The number of looks", low=2)
    o = check_array(outputs, "The outputs", ndim=2)
    loss = check_array(losses, "The losses")
    if loss.shape != o.shape[:1] or len(o) == 0:
        raise ShapeError(f"{len(o)} outputs and {len(loss)} losses do not pair up.")
    last = len(o) - 1
    if looks > last:
        return np.arange(last + 1)
    amount = np.full(last, 1e-6 / last)  # where nothing changes, all epochs are worth the same
    for values, part in ((o, OUTPUTS), (loss[:, None], LOSS)):
        change = np.abs(np.diff(_smooth(values - values[0]), axis=0)).mean(axis=1)
        whole = float(change.sum())
        if not is_zero(whole, float(np.abs(values).max())):
            amount += part * change / whole
    # No epoch has more than one look to give, so every look is at another epoch.
    time = TIME * (looks - 1) / last
    passed = np.cumsum(time + _shared(amount, (1 - TIME) * (looks - 1), 1 - time))
    at = np.searchsorted(passed, np.arange(1, looks - 1) - 1e-9) + 1
    return np.concatenate([[0], at, [last]])


def _smooth(values: Array) -> Array:
    """Return the mean of each epoch's values and its neighbours': of 3 % of the epochs before it
    on either side, fewer near the end; rows are epochs."""
    n = len(values)
    epochs = np.arange(n)
    half = np.minimum((_SMOOTHED * epochs).astype(np.int64), n - 1 - epochs)
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    smooth: Array = (sums[epochs + half + 1] - sums[epochs - half]) / (2 * half + 1)[:, None]
    return smooth


def _shared(amount: Array, total: float, most: float) -> Array:
    """Return ``total`` shared out in proportion to amounts > 0, at most ``most`` to each."""
    largest = np.sort(amount)[::-1]
    below = np.cumsum(largest[::-1])[::-1]  # of each amount and all that are smaller
    # With the k largest at the most, the others share what is left. The right k is the first for
    # which none of them gets more than the most.
    scale = (total - most * np.arange(len(amount))) / below
    k = int(np.argmax(scale * largest <= most * (1 + 1e-12)))
    return np.minimum(amount * scale[k], most)


def _look(
    networks: Sequence[Network], at: NDArray[np.int64], x: Array, t: Array, history: History
) -> Watched:
    losses, right, sizes, outputs = [], [], [], []
    for network in networks:
        judged = replace(network, loss=SQUARED_ERROR)
        forward = judged.forward(x)
        backward = judged.backward(forward, t)
        losses.append(judged.loss_of(forward, t) / len(x))
        sizes.append([np.abs(g).mean() / len(x) for g in backward.weight_gradients])
        right.append(right_answers(forward.output, t))
        outputs.append(forward.output)
    return Watched(
        tuple(networks),
        read_only(at),
        read_only(losses),
        read_only(right),
        len(x),
        read_only(np.array(sizes, dtype=np.float64)),
        read_only(outputs),
        history,
    )


def right_answers(outputs: Array, targets: Array) -> int:
    """Count the examples answered right: ``outputs`` and ``targets`` are (examples, n_out).

    One output answers yes above 0.5, of several the largest (the first of equals) is the answer.
    """
    if outputs.shape[1] == 1:
        return int(((outputs > 0.5) == (targets > 0.5)).sum())
    return int((outputs.argmax(axis=1) == targets.argmax(axis=1)).sum())
