"""The one network every clip runs: fully connected layers, forward, backward, update.

Shapes follow the field: a layer's weights are (n_out, n_in), row j the weights *into* neuron j,
so that the weighted sums are ``z = W x + b`` and the outputs ``f(z)``. Nothing here changes: an
update is a new network. Many updates over many examples are ``nncore.training``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nncore.activations import SIGMOID, Activation
from nncore.errors import (
    Array,
    ParameterError,
    ShapeError,
    check_array,
    check_count,
    check_number,
    read_only,
)
from nncore.losses import HALF_SQUARED_ERROR, Loss


@dataclass(frozen=True, eq=False)
class Layer:
    """Weights (n_out, n_in), biases (n_out,) or None, and an activation.

    Arrays are copied and read-only; the weights' float dtype is the layer's (whole numbers become
    float64). Raises ShapeError or ParameterError for arrays that do not fit or are not finite.
    """

    weights: Array
    biases: Array | None
    activation: Activation

    def __post_init__(self) -> None:
        dtype = getattr(self.weights, "dtype", np.dtype(np.float64))
        if dtype not in (np.float32, np.float64):
            dtype = np.dtype(np.float64)
        weights = check_array(self.weights, "The weights", ndim=2, dtype=dtype)
        if weights.size == 0:
            raise ShapeError(f"A layer needs at least one weight, not shape {weights.shape}.")
        object.__setattr__(self, "weights", read_only(weights))
        if self.biases is not None:
            biases = check_array(self.biases, "The biases", dtype=dtype)
            if len(biases) != len(weights):
                raise ShapeError(
                    f"A layer of {len(weights)} neurons needs as many biases, not {len(biases)}."
                )
            object.__setattr__(self, "biases", read_only(biases))


@dataclass(frozen=True, eq=False)
class Forward:
    """One run forward: the inputs (n_in,) or (batch, n_in), and of each layer, first to last, the
    weighted sums z and the outputs f(z), (n_out,) or (batch, n_out)."""

    inputs: Array
    weighted_sums: tuple[Array, ...]
    outputs: tuple[Array, ...]

    @property
    def output(self) -> Array:
        """The last layer's outputs."""
        return self.outputs[-1]


@dataclass(frozen=True, eq=False)
class Backward:
    """One run backward, of each layer from first to last.

    ``errors``: dLoss/dz, the shape of the weighted sums (it is the slope: positive where z is too
    large). ``weight_gradients`` (n_out, n_in) and ``bias_gradients`` (n_out,), None where the
    layer has no biases. Of a batch the gradients are those of the summed loss.
    """

    errors: tuple[Array, ...]
    weight_gradients: tuple[Array, ...]
    bias_gradients: tuple[Array | None, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """Fully connected layers and the loss they are trained on. Never changes.

    ``seed`` is what its random weights came from, None if they did not. Raises ShapeError when
    there is no layer or neighbours do not fit, ParameterError when their dtypes differ.
    """

    layers: Sequence[Layer]
    loss: Loss = HALF_SQUARED_ERROR
    seed: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        layers = tuple(self.layers)
        object.__setattr__(self, "layers", layers)
        if not layers:
            raise ShapeError("A network needs at least one layer.")
        for before, after in pairwise(layers):
            n_out, n_in = before.weights.shape[0], after.weights.shape[1]
            if n_out != n_in:
                raise ShapeError(f"A layer of {n_out} outputs cannot feed one of {n_in} inputs.")
        if len({layer.weights.dtype for layer in layers}) > 1:
            raise ParameterError("All layers of a network need the same dtype.")

    @classmethod
    def random(
        cls,
        sizes: Sequence[int],
        *,
        seed: int,
        activation: Activation | Sequence[Activation] = SIGMOID,
        biases: bool = False,
        spread: float | None = None,
        dtype: DTypeLike = np.float64,
        loss: Loss = HALF_SQUARED_ERROR,
    ) -> Network:
        """Return a network of ``sizes`` (inputs, ..., outputs) with weights drawn around 0.

        The weights are normal with standard deviation ``spread``, None meaning 1/sqrt(incoming
        links) (excerpts 1.16); biases start at 0. ``activation`` is one for all or one a layer.
        Raises ShapeError for bad sizes, ParameterError for a bad spread, seed or dtype.
        """
        if len(sizes) < 2:
            raise ShapeError("A network needs at least an input and an output size.")
        for size in sizes:
            check_count(size, "A layer's size")
        check_count(seed, "The seed", low=0)
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ParameterError(f"The dtype must be float32 or float64, not {np.dtype(dtype)}.")
        if spread is not None:
            check_number(spread, "The spread", above=0)
        n_layers = len(sizes) - 1
        each = [activation] * n_layers if isinstance(activation, Activation) else list(activation)
        if len(each) != n_layers:
            raise ShapeError(f"{n_layers} layers need as many activations, not {len(each)}.")
        rng = np.random.default_rng(seed)
        layers = []
        for (n_in, n_out), act in zip(pairwise(sizes), each, strict=True):
            sigma = 1 / np.sqrt(n_in) if spread is None else spread
            weights = rng.normal(0.0, sigma, (n_out, n_in)).astype(dtype)
            layers.append(Layer(weights, np.zeros(n_out, dtype) if biases else None, act))
        return cls(layers, loss, seed=int(seed))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, then the neurons of each layer: 784-100-10 is (784, 100, 10)."""
        return (self.layers[0].weights.shape[1], *(len(la.weights) for la in self.layers))

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """float32 or float64: what everything is computed in."""
        return self.layers[0].weights.dtype

    def with_weights(
        self, weights: Sequence[ArrayLike], biases: Sequence[ArrayLike | None] | None = None
    ) -> Network:
        """Return this network with other weights, and other biases unless ``biases`` is None."""
        if biases is None:
            biases = [layer.biases for layer in self.layers]
        if not len(weights) == len(biases) == len(self.layers):
            raise ShapeError(f"This network has {len(self.layers)} layers; give each its arrays.")
        layers = [
            Layer(
                np.asarray(w, self.dtype),
                None if b is None else np.asarray(b, self.dtype),
                layer.activation,
            )
            for layer, w, b in zip(self.layers, weights, biases, strict=True)
        ]
        return replace(self, layers=layers)

    def forward(self, x: ArrayLike) -> Forward:
        """Run ``x``, shape (n_in,) or (batch, n_in), through the layers.

        Raises ShapeError when x does not fit, ParameterError when it is not finite.
        """
        inputs = read_only(
            check_array(x, "The inputs", ndim=(1, 2), dtype=self.dtype, width=self.sizes[0])
        )
        sums, outputs = [], []
        signal = inputs
        for layer in self.layers:
            z = signal @ layer.weights.T
            if layer.biases is not None:
                z += layer.biases
            signal = layer.activation.function(z)
            sums.append(_sealed(z))
            outputs.append(_sealed(signal))
        return Forward(inputs, tuple(sums), tuple(outputs))

    def backward(self, forward: Forward, target: ArrayLike) -> Backward:
        """Return how the loss changes with every weighted sum, weight and bias.

        ``target`` has the output's shape, else ShapeError.
        """
        target = self._target(forward, target)
        errors: list[Array] = []
        slope = self.loss.derivative(forward.output, target)
        for layer, z in zip(reversed(self.layers), reversed(forward.weighted_sums), strict=True):
            error = slope * layer.activation.derivative(z)
            slope = error @ layer.weights
            errors.insert(0, _sealed(error))
        fed = (forward.inputs, *forward.outputs[:-1])
        return Backward(
            tuple(errors),
            tuple(
                _sealed(np.atleast_2d(e).T @ np.atleast_2d(x))
                for e, x in zip(errors, fed, strict=True)
            ),
            tuple(
                None if layer.biases is None else _sealed(np.atleast_2d(e).sum(axis=0))
                for layer, e in zip(self.layers, errors, strict=True)
            ),
        )

    def update(self, backward: Backward, learning_rate: float) -> Network:
        """Return the network one step down the slope: new w = old w - learning_rate x dLoss/dw
        (excerpts 1.15), and the biases likewise.

        After a batch the step is against the sum of its examples' gradients. Raises
        ParameterError when ``learning_rate`` is not above 0 or so large that the result is not
        finite, ShapeError when ``backward`` is another network's.
        """
        rate = check_number(learning_rate, "The learning rate", above=0)
        slopes, bias_slopes = backward.weight_gradients, backward.bias_gradients
        own = [(la.weights.shape, la.biases is None) for la in self.layers]
        if own != [(w.shape, b is None) for w, b in zip(slopes, bias_slopes, strict=True)]:
            raise ShapeError("The gradients are not those of this network.")
        with np.errstate(over="ignore"):
            weights = [la.weights - rate * g for la, g in zip(self.layers, slopes, strict=True)]
            biases = [
                None if la.biases is None or g is None else la.biases - rate * g
                for la, g in zip(self.layers, bias_slopes, strict=True)
            ]
        return self.with_weights(weights, biases)

    def loss_of(self, forward: Forward, target: ArrayLike) -> float:
        """Return the loss of an output (of a batch: their sum)."""
        return self.loss.function(forward.output, self._target(forward, target))

    def _target(self, forward: Forward, target: ArrayLike) -> Array:
        array = check_array(target, "The target", ndim=(1, 2), dtype=self.dtype)
        if array.shape != forward.output.shape:
            raise ShapeError(
                f"The target's shape {array.shape} is not the output's {forward.output.shape}."
            )
        return array


def _sealed(array: Array) -> Array:
    """Make an array nobody else holds read-only, without copying it."""
    array.setflags(write=False)
    return array
