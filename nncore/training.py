"""Training a network by gradient descent: an update an example, or an update a mini-batch.

``train`` is what most need; ``Trainer`` is the same, a stretch of examples at a time.

An update an example is what the documents describe. On a wide first layer it would read and
rewrite all its weights once an example, and the memory would set the pace. But what an update
does to a later example's weighted sums is known without the weights: W' = W - r e xᵀ gives
W' y = W y - r (x·y) e. So a block of examples takes its weighted sums from the weights as they
are before the block, in one matrix product, each example adds what the updates before it in the
block do to its own, and the weights are rewritten once a block. The updates are the same ones, in
the same order; only rounding differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas

from nncore.errors import (
    Array,
    ParameterError,
    ShapeError,
    check_array,
    check_count,
    check_number,
    read_only,
)
from nncore.network import Network

BLOCK = 64
"""Examples whose updates a wide first layer takes together."""

WIDE = 8_000
"""Weights from which the first layer is wide. Below, OpenBLAS starts no threads either."""

LARGE = 64
"""Examples in a mini-batch from which numpy's BLAS is faster, which uses several threads well; in
a smaller one a change in place saves more."""

_STRETCH = 960  # examples fetched at a time: a small part of memory, and whole blocks


@dataclass(frozen=True)
class Snapshot:
    """The network after ``epoch`` epochs (0: before training)."""

    epoch: int
    network: Network


@dataclass(frozen=True, eq=False)
class History:
    """What training did. ``losses`` (epochs,): the mean loss of an example over each epoch, each
    measured as the example was met, before it was learnt from."""

    start: Network
    network: Network
    losses: Array
    learning_rate: float
    epochs: int
    shuffle_seed: int | None
    snapshots: tuple[Snapshot, ...] = ()
    batch_size: int = 1


def train(
    network: Network,
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    learning_rate: float,
    epochs: int = 1,
    batch_size: int = 1,
    shuffle_seed: int | None = None,
    on_epoch: Callable[[int, Network], None] | None = None,
    record_every: int | None = None,
) -> History:
    """Learn from each example in turn, one update an example; ``network`` stays as it is.

    With a ``batch_size`` above 1, an update is a step against the mean gradient of so many.
    ``inputs`` (examples, n_in), ``targets`` (examples, n_out). ``shuffle_seed`` None keeps
    their order, a seed draws a new order each epoch. ``on_epoch(epoch, network)`` is called
    after each epoch, from 1. ``record_every`` n keeps snapshots of epochs 0, n, 2n, ...
    Raises ShapeError or ParameterError; the latter also when the learning rate was so large
    that the numbers ran away.
    """
    trainer = Trainer(network, learning_rate, batch_size)
    check_count(epochs, "The number of epochs")
    if record_every is not None:
        check_count(record_every, "record_every")
    x, t = examples_for(network, inputs, targets)
    order = np.arange(len(x))
    rng = None
    if shuffle_seed is not None:
        rng = np.random.default_rng(check_count(shuffle_seed, "The shuffle seed", low=0))
    losses = np.empty(epochs)
    snapshots = [Snapshot(0, network)] if record_every else []
    for epoch in range(1, epochs + 1):
        if rng is not None:
            order = rng.permutation(len(x))
        total = sum(trainer.learn(x[part], t[part]) for _, part in stretches(order, batch_size))
        losses[epoch - 1] = total / len(x)
        keep = bool(record_every) and epoch % (record_every or 1) == 0
        if keep or on_epoch is not None:
            learnt = trainer.network()
            if keep:
                snapshots.append(Snapshot(epoch, learnt))
            if on_epoch is not None:
                on_epoch(epoch, learnt)
    return History(
        network,
        trainer.network(),
        read_only(losses),
        trainer.rate,
        epochs,
        shuffle_seed,
        tuple(snapshots),
        trainer.batch_size,
    )


def examples_for(network: Network, inputs: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    """Return inputs (examples, n_in) and targets (examples, n_out) as a network learns from them:
    contiguous, of its dtype.

    Raises ShapeError when they do not fit the network or each other, or there is none;
    ParameterError for what is not a finite number.
    """
    n_in, n_out = network.sizes[0], network.sizes[-1]
    x = check_array(inputs, "The inputs", ndim=2, dtype=network.dtype, width=n_in)
    t = check_array(targets, "The targets", ndim=2, dtype=network.dtype, width=n_out)
    if not 0 < len(x) == len(t):
        raise ShapeError(f"{len(x)} inputs and {len(t)} targets do not pair up.")
    return np.ascontiguousarray(x), np.ascontiguousarray(t)


class Trainer:
    """A working copy of a network's parameters, changed in place by training.

    ``rate`` is the learning rate, above 0, and may be changed between calls. With ``batch_size``
    above 1 an update is a step against the mean gradient of so many examples.
    Same network, examples and calls, same bits, if BLAS uses the same number of threads. An
    update an example is by far the fastest with one. Raises ParameterError for a bad rate or
    batch size.
    """

    def __init__(self, network: Network, learning_rate: float, batch_size: int = 1) -> None:
        self.start = network
        self.rate = check_number(learning_rate, "The learning rate", above=0)
        self.batch_size = check_count(batch_size, "The batch size")
        self.weights = [layer.weights.copy(order="C") for layer in network.layers]
        self.biases = [None if la.biases is None else la.biases.copy() for la in network.layers]
        self.functions = [layer.activation.function for layer in network.layers]
        self.slopes = [layer.activation.slope_at for layer in network.layers]
        single = network.dtype == np.float32
        # BLAS adds products to a matrix in place; numpy would need an array of the product.
        self.ger, self.gemm = (blas.sger, blas.sgemm) if single else (blas.dger, blas.dgemm)
        self.large = self.batch_size >= LARGE
        self.changes = [np.empty_like(w) for w in self.weights] if self.large else []
        self.wide = self.batch_size == 1 and self.weights[0].size >= WIDE

    def learn(self, x: Array, t: Array) -> float:
        """Learn from examples x (n, n_in) with targets t (n, n_out), of the network's dtype, in
        their order; return the sum of their losses, each measured before its update.

        Calls may follow each other anywhere for the same result, for the same bits where
        ``stretches`` cuts. Raises ParameterError when the numbers ran away.
        """
        step = self.batch_size if self.batch_size > 1 else BLOCK
        learn = self._batch if self.batch_size > 1 else self._block if self.wide else self._each
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for i in range(0, len(x), step):
                total += learn(x[i : i + step], t[i : i + step])
        if not (np.isfinite(total) and all(np.isfinite(w).all() for w in self.weights)):
            raise ParameterError(
                f"Training ran away at a learning rate of {self.rate:g}; give a smaller one."
            )
        return total

    def network(self) -> Network:
        """The network with the parameters as they are now."""
        return self.start.with_weights(self.weights, self.biases)

    def _batch(self, x: Array, t: Array) -> float:
        """One update against the mean gradient of a mini-batch."""
        signals = [x]
        for weights, biases, function in zip(
            self.weights, self.biases, self.functions, strict=True
        ):
            z = self._times(signals[-1], weights, transposed=True)
            if biases is not None:
                z += biases
            signals.append(function(z))
        slope = self.start.loss.derivative(signals[-1], t)
        step = -self.rate / len(x)
        for k in reversed(range(len(self.weights))):
            error = slope * self.slopes[k](signals[k + 1])
            if k:  # before the weights change: the error goes back through those that made it
                slope = self._times(error, self.weights[k])
            self._add(k, step, error, signals[k])
        return self.start.loss.function(signals[-1], t)

    def _block(self, x: Array, t: Array) -> float:
        """An update an example: the wide first layer's weights are rewritten at the block's end."""
        function, slope_at = self.functions[0], self.slopes[0]
        sums = x @ self.weights[0].T
        # Row i: what the errors before example i do to its weighted sums.
        echo = x @ x.T
        biases = self.biases[0]
        if biases is not None:
            sums += biases
            echo += 1  # a bias is the weight of an input that is always 1
        echo *= -self.rate
        errors, outputs = np.empty_like(sums), np.empty_like(t)
        for i in range(len(x)):
            z = sums[i]
            if i:
                z += echo[i, :i] @ errors[:i]
            signal = function(z)
            outputs[i], slope = self._upper(signal, t[i])
            np.multiply(slope, slope_at(signal), out=errors[i])
        self._add(0, -self.rate, errors, x)
        return self.start.loss.function(outputs, t)

    def _each(self, x: Array, t: Array) -> float:
        """An update an example, every layer's weights rewritten each time."""
        total = 0.0
        for signal, target in zip(x, t, strict=True):
            output, _ = self._upper(signal, target, first=0)
            total += self.start.loss.function(output, target)
        return total

    def _upper(self, signal: Array, target: Array, first: int = 1) -> tuple[Array, Array]:
        """Learn from one example in the layers from `first` up.

        `signal` is what reaches them. Returns the output and how the loss changes with `signal`.
        """
        signals = [signal]
        for k in range(first, len(self.weights)):
            z = self.weights[k].dot(signals[-1])
            biases = self.biases[k]
            if biases is not None:
                z += biases
            signals.append(self.functions[k](z))
        slope = self.start.loss.derivative(signals[-1], target)
        for k in reversed(range(first, len(self.weights))):
            error = slope * self.slopes[k](signals[k - first + 1])
            if k:  # before the weights change: the error goes back through those that made it
                slope = error.dot(self.weights[k])
            # The weights are column-major for BLAS when transposed, so the signal comes first.
            self.ger(-self.rate, signals[k - first], error, a=self.weights[k].T, overwrite_a=1)
            biases = self.biases[k]
            if biases is not None:
                biases -= self.rate * error
        return signals[-1], slope

    def _times(self, left: Array, right: Array, *, transposed: bool = False) -> Array:
        """A batch's rows times a matrix, by the same BLAS as `_add`: numpy and scipy each have
        one, with threads of its own, and the two would fight for the cores."""
        product: Array
        if self.large:
            product = left @ (right.T if transposed else right)
        else:
            product = self.gemm(1, right.T, left.T, trans_a=transposed).T
        return product

    def _add(self, k: int, step: float, errors: Array, signals: Array) -> None:
        """Change layer k by `step` times the sum of its gradients over the examples."""
        if self.large:
            np.matmul((step * errors).T, signals, out=self.changes[k])
            self.weights[k] += self.changes[k]
        else:
            # W + s Eᵀ X, in place: column-major for BLAS, Wᵀ + s Xᵀ E.
            self.gemm(
                step, signals.T, errors.T, beta=1, c=self.weights[k].T, trans_b=1, overwrite_c=1
            )
        biases = self.biases[k]
        if biases is not None:
            biases += step * errors.sum(axis=0)


def stretches(
    order: NDArray[np.integer[Any]], batch_size: int = 1, start: int = 0
) -> Iterator[tuple[int, NDArray[np.integer[Any]]]]:
    """Cut an epoch's order (n,) into stretches between which training may stop and go on.

    Yields how many examples of the epoch have been met after it, and the stretch. ``start``: how
    many have been met already, a number that was yielded before.
    """
    length = batch_size * max(1, _STRETCH // batch_size)
    for i in range(start, len(order), length):
        stretch = order[i : i + length]
        yield i + len(stretch), stretch
