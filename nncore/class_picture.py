"""A network run backwards: from the answer "this is a 7" to the picture that would say so.

The outputs are set to their targets and the way is gone back: the inverse of the sigmoid, the
logit, gives the weighted sums, and the transposed weights give the signals those came from. These
are stretched linearly into the sigmoid's range, or the next logit would not exist. What arrives at
the inputs is a picture of 28×28 pixels. After an epoch or two of training it shows its digit; of a
network trained for long, the committed one too, it looks like nothing one would name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nncore.activations import SIGMOID, TANH, Activation
from nncore.digits import CLASSES, HIGH, LOW, PIXELS, SIDE, targets
from nncore.errors import Array, ParameterError, ShapeError, check_array, check_count, read_only
from nncore.network import Layer, Network

FULL_INK = 1.0
"""The input of a pixel that is all ink; a blank one is LOW, as in nncore.digits.scale."""


@dataclass(frozen=True, eq=False)
class StepBack:
    """One layer gone through backwards; arrays are float64.

    layer: its index, from 0. outputs (n_out,): what the layer should put out. sums (n_out,): the
    weighted sums that do. raw (n_in,): those, less the biases, sent back through the links,
    Wᵀ(z - b). signals (n_in,): raw, stretched linearly into the range of what feeds the layer
    (all in its middle, should all of raw be equal).
    """

    layer: int
    outputs: Array
    sums: Array
    raw: Array
    signals: Array


@dataclass(frozen=True, eq=False)
class ClassPicture:
    """A digit as the network's weights have it.

    steps: the layers, last to first. picture (28, 28): the signals the last step arrives at, 0.01
    (paper) to 1 (ink). outputs (10,): what the network says of that picture; answer: the digit of
    the largest.
    """

    digit: int
    steps: tuple[StepBack, ...]
    picture: Array
    outputs: Array
    answer: int

    @property
    def targets(self) -> Array:
        """What was set at the outputs, (10,)."""
        return self.steps[0].outputs


@dataclass(frozen=True)
class _Inverse:
    """The inverse of an activation, its open range, and the closed one that is stretched to."""

    function: Callable[[Array], Array]
    range: tuple[float, float]
    inner: tuple[float, float]


def logit(y: ArrayLike) -> Array:
    """The inverse of the sigmoid, ln(y / (1 - y)), in float64.

    0 < y < 1, else ParameterError; any shape.
    """
    values: Array = np.asarray(y, np.float64)
    if not ((values > 0) & (values < 1)).all():
        raise ParameterError("The logit needs values between 0 and 1, both excluded.")
    result: Array = special.logit(values)
    return result


def _artanh(y: Array) -> Array:
    result: Array = np.arctanh(y)
    return result


_INVERSES: Mapping[Activation, _Inverse] = {
    SIGMOID: _Inverse(logit, (0.0, 1.0), (LOW, HIGH)),
    TANH: _Inverse(_artanh, (-1.0, 1.0), (2 * LOW - 1, 2 * HIGH - 1)),
}


def run_backwards(network: Network, outputs: ArrayLike) -> tuple[StepBack, ...]:
    """Go from outputs (n_out,) back to inputs; returns the layers' steps, last to first.

    Inputs are stretched to 0.01 to 1; hidden signals to 0.01 to 0.99 (tanh: -0.98 to 0.98).
    Raises ShapeError if the outputs do not fit, ParameterError if they are not ones the last
    layer can give, or if an activation has no inverse here: only sigmoid and tanh have.
    """
    for layer in network.layers:
        if layer.activation not in _INVERSES:
            raise ParameterError(
                f"The activation {layer.activation.name} cannot be run backwards; "
                "every layer must have the sigmoid or tanh."
            )
    signals = check_array(outputs, "The outputs")
    if len(signals) != network.sizes[-1]:
        raise ShapeError(f"The network has {network.sizes[-1]} outputs, not {len(signals)}.")
    low, high = _INVERSES[network.layers[-1].activation].range
    if not ((low < signals) & (signals < high)).all():
        raise ParameterError(f"Outputs must lie between {low:g} and {high:g}, both excluded.")
    steps = []
    for k in reversed(range(len(network.layers))):
        feeds = _INVERSES[network.layers[k - 1].activation].inner if k else (LOW, FULL_INK)
        steps.append(_step_back(k, network.layers[k], signals, feeds))
        signals = steps[-1].signals
    return tuple(steps)


def class_picture(network: Network, digit: int) -> ClassPicture:
    """The picture of a digit, 0 to 9, from a network of 784 inputs and 10 outputs.

    Raises ShapeError for another network, ParameterError for another digit or an activation
    other than sigmoid and tanh.
    """
    if check_count(digit, "The digit", low=0) >= CLASSES:
        raise ParameterError(f"The digit must be 0 to 9, not {digit}.")
    if (network.sizes[0], network.sizes[-1]) != (PIXELS, CLASSES):
        raise ShapeError("Pictures of digits need a network of 784 inputs and 10 outputs.")
    steps = run_backwards(network, targets([digit])[0])
    pixels = steps[-1].signals
    said = network.forward(pixels).output
    return ClassPicture(
        digit=int(digit),
        steps=steps,
        picture=read_only(pixels.reshape(SIDE, SIDE).copy()),
        outputs=said,
        answer=int(said.argmax()),
    )


def class_pictures(network: Network) -> tuple[ClassPicture, ...]:
    """The pictures of all ten digits, 0 to 9; raises as class_picture does."""
    return tuple(class_picture(network, digit) for digit in range(CLASSES))


def _step_back(k: int, layer: Layer, outputs: Array, feeds: tuple[float, float]) -> StepBack:
    sums = _INVERSES[layer.activation].function(outputs)
    weighted = sums if layer.biases is None else sums - layer.biases
    raw = weighted @ layer.weights.astype(np.float64)
    return StepBack(
        layer=k,
        outputs=read_only(outputs),
        sums=read_only(sums),
        raw=read_only(raw),
        signals=read_only(_stretch(raw, *feeds)),
    )


def _stretch(values: Array, low: float, high: float) -> Array:
    """Linearly, so that the least becomes low and the greatest high."""
    least, greatest = values.min(), values.max()
    if least == greatest:
        return np.full_like(values, (low + high) / 2)
    share = (values - least) / (greatest - least)
    # Not low + share * span: at share 1 that can miss high by a rounding.
    result: Array = (1 - share) * low + share * high
    return result
