"""One small neural network and the learning rules beside it, in numpy.

Every function returns frozen records of what it did: each number a clip shows is a member of one.
"""

from __future__ import annotations

from nncore.activations import (
    ACTIVATIONS,
    IDENTITY,
    LEAKY_RELU,
    RELU,
    SIGMOID,
    STEP,
    TANH,
    Activation,
)
from nncore.errors import DataError, NNError, ParameterError, ShapeError
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR, Loss
from nncore.network import Backward, Forward, Layer, Network
from nncore.training import History, train

__all__ = [
    "ACTIVATIONS",
    "HALF_SQUARED_ERROR",
    "IDENTITY",
    "LEAKY_RELU",
    "RELU",
    "SIGMOID",
    "SQUARED_ERROR",
    "STEP",
    "TANH",
    "Activation",
    "Backward",
    "DataError",
    "Forward",
    "History",
    "Layer",
    "Loss",
    "NNError",
    "Network",
    "ParameterError",
    "ShapeError",
    "train",
]
