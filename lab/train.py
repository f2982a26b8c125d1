"""Training the digits network, so that it can stop anywhere and go on to the same result.

784 inputs, hidden layers, 10 outputs, sigmoid, squared error; an update an example or a
mini-batch. All that is random comes from the seed and the epoch's number, so that a run's state
is its weights and its place: no generator needs saving. With the same settings, data, libraries
and kind of processor the weights come out the same, bit for bit, in one go or in several.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lab import rotation
from lab.machine import blas_threads
from nncore.digits import CLASSES, PIXELS, scale, targets
from nncore.errors import ParameterError, check_count, check_number
from nncore.losses import SQUARED_ERROR
from nncore.network import Network
from nncore.training import Trainer, stretches

PAPER = 0.01  # the input of a blank pixel: see nncore.digits.scale
MOST_HIDDEN = 5_000
MOST_EPOCHS = 100_000
_ORDER, _ANGLES, _SUBSET = 1, 2, 3  # what a seed is drawn for

Inputs = NDArray[np.float32]
Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Settings:
    """How to train: all that the weights depend on, besides the data.

    hidden: neurons of each hidden layer, 1 to 5,000. epochs: 1 to 100,000. learning_rate: above
    0; with final_rate it falls geometrically from epoch to epoch, down to that. batch: examples
    an update. rotate: degrees, 0 to 45, by which each image is turned at most, anew each epoch.
    spread: standard deviation of the first weights, None for 1/sqrt(incoming links), 0 for none.
    examples: how many training images, chosen by the seed; None for all. Raises ParameterError.
    """

    hidden: tuple[int, ...] = (200,)
    epochs: int = 5
    learning_rate: float = 0.1
    final_rate: float | None = None
    batch: int = 1
    rotate: float = 0.0
    biases: bool = False
    spread: float | None = None
    examples: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        for size in self.hidden:
            if check_count(size, "hidden") > MOST_HIDDEN:
                raise ParameterError(f"hidden must be at most {MOST_HIDDEN}, not {size}.")
        if check_count(self.epochs, "epochs") > MOST_EPOCHS:
            raise ParameterError(f"epochs must be at most {MOST_EPOCHS}, not {self.epochs}.")
        numbers = {"learning_rate": check_number(self.learning_rate, "learning rate", above=0)}
        if self.final_rate is not None:
            numbers["final_rate"] = check_number(self.final_rate, "final rate", above=0)
        check_count(self.batch, "batch")
        numbers["rotate"] = rotation.check_degrees(self.rotate)
        if self.spread is not None:
            numbers["spread"] = check_number(self.spread, "spread", low=0)
        for name, number in numbers.items():  # floats, whatever a file held
            object.__setattr__(self, name, number)
        if self.examples is not None:
            check_count(self.examples, "examples")
        check_count(self.seed, "seed", low=0)

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        if self.final_rate is None or self.epochs == 1:
            return self.learning_rate
        rates = np.geomspace(self.learning_rate, self.final_rate, self.epochs)
        return round(float(rates[epoch]), 9)

    def start(self) -> Network:
        """The network before training: float32, sigmoid, squared error."""
        network = Network.random(
            (PIXELS, *self.hidden, CLASSES),
            seed=self.seed,
            biases=self.biases,
            spread=self.spread or None,
            dtype=np.float32,
            loss=SQUARED_ERROR,
        )
        if self.spread == 0:
            network = network.with_weights([np.zeros_like(la.weights) for la in network.layers])
        return network


@dataclass(frozen=True, eq=False)
class Examples:
    """Scaled images inputs (n, 784) and their labels (n,)."""

    inputs: Inputs
    labels: Labels

    @classmethod
    def of(cls, images: NDArray[np.uint8], labels: Labels) -> Examples:
        """From images (n, 28, 28) of bytes and labels (n,)."""
        return cls(scale(images), labels)

    def __len__(self) -> int:
        return len(self.labels)

    def some(self, count: int, seed: int) -> Examples:
        """So many of them, chosen by a seed, in their order. ParameterError if there are fewer."""
        if count > len(self):
            raise ParameterError(f"There are {len(self)} training images, not {count}.")
        drawn = np.random.default_rng([seed, _SUBSET]).permutation(len(self))[:count]
        chosen = np.sort(drawn)
        return Examples(self.inputs[chosen], self.labels[chosen])

    def right(self, network: Network) -> int:
        """How many of them a network reads right."""
        answers = network.forward(self.inputs).output.argmax(axis=1)
        return int((answers == self.labels).sum())


@dataclass(frozen=True)
class EpochResult:
    """What an epoch did. rate: its learning rate. loss: the mean of an example, each before it was
    learnt from. right, train_right: test images and training images read right after it, None
    where not measured."""

    rate: float
    loss: float
    right: int | None = None
    train_right: int | None = None


@dataclass(frozen=True, eq=False)
class State:
    """Where a run is. history: the epochs that have ended. position: examples of the next one
    that have been learnt from, with the sum of their losses."""

    network: Network
    history: tuple[EpochResult, ...] = ()
    position: int = 0
    loss_sum: float = 0.0

    def finished(self, settings: Settings) -> bool:
        """Whether all epochs have ended."""
        return len(self.history) >= settings.epochs


@dataclass(frozen=True)
class Hooks:
    """What happens on the way. on_epoch(state) after each epoch; on_stretch(epoch from 0,
    position, examples) after some hundred examples; stop() asked as often: True ends the run
    there. measure: epochs between two tests (the last is always tested); train_accuracy: whether
    the training images are read then, too."""

    on_epoch: Callable[[State], None] = lambda state: None
    on_stretch: Callable[[int, int, int], None] = lambda epoch, position, examples: None
    stop: Callable[[], bool] = lambda: False
    measure: int = 1
    train_accuracy: bool = False


class _Run:
    def __init__(
        self, settings: Settings, train: Examples, test: Examples, state: State, hooks: Hooks
    ) -> None:
        self.settings, self.train, self.test, self.hooks = settings, train, test, hooks
        self.trainer = Trainer(state.network, settings.learning_rate, settings.batch)
        self.wanted = targets(train.labels)

    def epoch(self, state: State) -> State:
        """The state after the epoch that is next, or within it, if asked to stop."""
        number, settings, hooks = len(state.history), self.settings, self.hooks
        self.trainer.rate = settings.rate(number)
        inputs = self._inputs(number)
        order = np.random.default_rng([settings.seed, _ORDER, number]).permutation(len(inputs))
        total = state.loss_sum
        for position, part in stretches(order, settings.batch, state.position):
            total += self.trainer.learn(inputs[part], self.wanted[part])
            hooks.on_stretch(number, position, len(inputs))
            if hooks.stop() and position < len(inputs):
                network = self.trainer.network()
                return replace(state, network=network, position=position, loss_sum=total)
        network = self.trainer.network()
        return State(network, (*state.history, self._result(number, network, total / len(inputs))))

    def _inputs(self, number: int) -> Inputs:
        if not self.settings.rotate:
            return self.train.inputs
        rng = np.random.default_rng([self.settings.seed, _ANGLES, number])
        return rotation.turned_at_random(self.train.inputs, self.settings.rotate, PAPER, rng)

    def _result(self, number: int, network: Network, loss: float) -> EpochResult:
        result = EpochResult(self.settings.rate(number), loss)
        if number + 1 < self.settings.epochs and (number + 1) % self.hooks.measure:
            return result
        seen = self.train.right(network) if self.hooks.train_accuracy else None
        return replace(result, right=self.test.right(network), train_right=seen)


def train(
    settings: Settings,
    train_examples: Examples,
    test_examples: Examples,
    state: State | None = None,
    hooks: Hooks | None = None,
    *,
    threads: int = 1,
) -> State:
    """Train from the start, or from a state that an earlier call returned.

    threads: of BLAS; on their number the last bits depend. Several are faster for large
    mini-batches only. Returns the state at the end, or where hooks.stop() said so. Raises
    ParameterError when the numbers ran away.
    """
    hooks, state = hooks or Hooks(), state or State(settings.start())
    if settings.examples is not None:
        train_examples = train_examples.some(settings.examples, settings.seed)
    run = _Run(settings, train_examples, test_examples, state, hooks)
    with blas_threads(check_count(threads, "threads")):
        while not (state.finished(settings) or hooks.stop()):
            state = run.epoch(state)
            if state.position == 0:
                hooks.on_epoch(state)
    return state
