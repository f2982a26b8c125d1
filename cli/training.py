"""`digits train`: the options, the live line, Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.kit import DONE, INTERRUPTED, json_option, print_json

if TYPE_CHECKING:
    from lab.train import Settings, State

OUTPUT = Path("media/digits.npz")


class Sizes(click.ParamType):
    """Hidden layers' sizes: 200, or 200,100."""

    name = "sizes"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        """Whole numbers between commas."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no size or sizes of hidden layers, such as 200 or 200,100.")


@click.command("train")
@click.option(
    "--hidden",
    type=Sizes(),
    metavar="N[,N…]",
    default="200",
    show_default=True,
    help="Neurons of the hidden layer, or layers.",
)
@click.option(
    "--epochs",
    type=int,
    default=5,
    show_default=True,
    metavar="N",
    help="How often all images are learnt from.",
)
@click.option(
    "--learning-rate",
    type=float,
    default=0.1,
    show_default=True,
    metavar="R",
    help="Share of the gradient that a step takes.",
)
@click.option(
    "--final-rate",
    type=float,
    metavar="R",
    help="Let the rate fall from epoch to epoch, down to this.",
)
@click.option(
    "--batch",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="Images an update; 1 is what the documents describe.",
)
@click.option(
    "--rotate",
    type=float,
    default=0.0,
    show_default=True,
    metavar="DEGREES",
    help="Turn each image by up to so much, anew each epoch.",
)
@click.option("--biases", is_flag=True, help="Give the neurons biases.")
@click.option("--examples", type=int, metavar="N", help="Train on so many images only.")
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    default=1,
    show_default=True,
    metavar="N",
    help="Of BLAS; several are faster for large batches, and change the last bits.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="What the first weights, the order and the angles come from.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=OUTPUT,
    show_default=True,
    metavar="FILE",
    help="Weights file to write.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run that the file holds; settings given must be its own.",
)
@click.option("--force", is_flag=True, help="Replace a file that holds an unfinished run.")
@json_option
@click.pass_context
def train_command(
    context: click.Context, output: Path, resume: bool, force: bool, threads: int, as_json: bool,
    **options: Any,
) -> int:  # fmt: skip
    """Train the digits network on MNIST.

    Ctrl-C saves what is there; --resume goes on from it, to the very same weights.
    """
    from lab import mnist
    from lab.checkpoint import save_state
    from lab.train import Examples, Hooks, train

    settings, state = _begin(context, options, output, resume, force)
    if state is not None and state.finished(settings):
        click.echo(f"{output} is finished: nothing is left to do.", err=True)
        return DONE
    md5 = mnist.verify()
    examples = Examples.of(*mnist.train_set())
    tests = Examples.of(*mnist.test_set())

    def save(now: State) -> None:
        save_state(output, settings, now, tests=len(tests), md5=md5)

    show = Display(settings, len(tests), state)
    with stopped_by_signals() as stopped, show:

        def ended(now: State) -> None:
            save(now)
            show.epoch(now)

        hooks = Hooks(on_epoch=ended, on_stretch=show.stretch, stop=lambda: bool(stopped))
        state = train(settings, examples, tests, state, hooks, threads=threads)
    if not state.finished(settings):
        save(state)
        click.echo(
            f"Interrupted in epoch {len(state.history) + 1} of {settings.epochs}: {output} holds "
            "what is there, and --resume goes on from it.",
            err=True,
        )
        return INTERRUPTED
    _tell(output, settings, state, len(tests), as_json)
    return DONE


def _begin(
    context: click.Context, options: dict[str, Any], output: Path, resume: bool, force: bool
) -> tuple[Settings, State | None]:
    """The run that was asked for, or the one that the output file holds."""
    from lab.checkpoint import load_state
    from lab.train import Settings
    from nncore.errors import DataError, ParameterError

    if not output.parent.is_dir():
        if output != OUTPUT:
            raise ParameterError(f"There is no folder {output.parent} to write to.")
        output.parent.mkdir(parents=True)
    if resume:
        settings, state, _ = load_state(output)
        return _continued(context, options, settings, output), state
    settings = Settings(**options)
    if output.exists() and not force:
        try:
            before, state, _ = load_state(output)
        except DataError:
            raise ParameterError(
                f"{output} is there and holds no run of `digits train`; --force replaces it."
            ) from None
        if not state.finished(before):
            raise ParameterError(
                f"{output} holds a run of {before.epochs} epochs that stopped in epoch "
                f"{len(state.history) + 1}; --resume goes on with it, --force replaces it."
            )
    return settings, None


def _continued(
    context: click.Context, options: dict[str, Any], settings: Settings, output: Path
) -> Settings:
    """The settings of a run to go on with; more epochs may be asked for where the rate is the
    same throughout."""
    from dataclasses import replace

    from nncore.errors import ParameterError

    for name, value in options.items():
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if not given or getattr(settings, name) == value:
            continue
        if name == "epochs" and settings.final_rate is None and value > settings.epochs:
            settings = replace(settings, epochs=value)
            continue
        option = name.replace("_", "-")
        raise ParameterError(
            f"{output} was begun with --{option} {_text(getattr(settings, name))}, "
            f"not {_text(value)}; it can only go on as it began."
        )
    return settings


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _tell(output: Path, settings: Settings, state: State, tests: int, as_json: bool) -> None:
    right = state.history[-1].right or 0
    if as_json:
        rows = [{"rate": r.rate, "loss": r.loss, "test_right": r.right} for r in state.history]
        print_json({"file": str(output), "test_count": tests, "test_right": right, "epochs": rows})
        return
    click.echo(f"{output}: {right / tests:.2%} of the {tests:,} test images read right")


@contextmanager
def stopped_by_signals() -> Iterator[list[int]]:
    """A list that the first Ctrl-C or SIGTERM enters; the second Ctrl-C interrupts as ever."""
    seen: list[int] = []

    def note(number: int, frame: Any) -> None:
        seen.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Display:
    """A live line on a terminal, a line an epoch elsewhere; on standard error."""

    def __init__(self, settings: Settings, tests: int, state: State | None) -> None:
        self.settings, self.tests = settings, tests
        self.terminal = sys.stderr.isatty()
        self.since = time.monotonic()
        self.learnt = 0  # examples, since this began
        self.at = (len(state.history), state.position) if state else (0, 0)
        self.accuracy = ""

    def __enter__(self) -> Display:
        if self.terminal:
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True, highlight=False)
            self.live = Live(console=console, refresh_per_second=8, transient=True)
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.terminal:
            self.live.stop()

    def stretch(self, epoch: int, position: int, examples: int) -> None:
        """Some examples later."""
        self.learnt += position - (self.at[1] if epoch == self.at[0] else 0)
        self.at = (epoch, position)
        if self.terminal:
            left = (self.settings.epochs - epoch) * examples - position
            self.live.update(self._line(epoch, f"{position / examples:4.0%}", left))

    def epoch(self, state: State) -> None:
        """An epoch has ended."""
        result = state.history[-1]
        if result.right is not None:
            self.accuracy = f"test {result.right / self.tests:.2%}"
        number = len(state.history)
        left = (self.settings.epochs - number) * self.at[1]
        line = self._line(number - 1, f"rate {result.rate:g}  loss {result.loss:.4f}", left)
        if self.terminal:
            self.live.console.print(line)
        else:
            print(line, file=sys.stderr, flush=True)

    def _line(self, epoch: int, what: str, left: int) -> str:
        seconds = max(time.monotonic() - self.since, 1e-9)
        speed = self.learnt / seconds
        parts = [f"epoch {epoch + 1}/{self.settings.epochs}", what, self.accuracy]
        if speed:
            parts += [f"{speed:,.0f} examples/s", f"{left / speed:,.0f} s left"]
        return "  ".join(part for part in parts if part)
