"""`digits`: fetch MNIST, train on it, study it, read anyone's handwriting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.kit import DONE, FAILED, USAGE, OneOf, complain, json_option, print_json
from cli.studying import study_command
from cli.training import train_command

if TYPE_CHECKING:
    from lab.recognise import Recognition


@click.group("digits")
def digits() -> None:
    """Handwritten digits: fetch MNIST, train, study, recognise."""


digits.add_command(train_command)
digits.add_command(study_command)


@digits.command("fetch")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take the files from this folder, gzip or plain, instead of the web.",
)
@click.option(
    "--only",
    type=OneOf(["test", "train"]),
    metavar="test|train",
    help="One set alone: test is 1.6 MB and all that the clips need.",
)
@click.option(
    "--mirror",
    "mirrors",
    multiple=True,
    metavar="URL",
    help="Folder on the web to try instead of the known ones; repeatable.",
)
@json_option
def fetch_command(
    source: Path | None, only: str | None, mirrors: Sequence[str], as_json: bool
) -> int:  # fmt: skip
    """Fetch the MNIST files and check them.

    They go to where everything here looks for them: the folder that NN_MNIST_DIR names, else
    this user's cache folder.
    """
    from rich.console import Console

    from lab.fetch import FetchError, fetch

    if source is not None and mirrors:
        raise click.UsageError("--from takes no --mirror: nothing is fetched from the web then.")
    console = Console(stderr=True)
    try:
        files = fetch(only=only, from_folder=source, mirrors=mirrors or None, console=console)
    except FetchError as error:
        complain(str(error))
        return FAILED  # no mistake of the user's
    if as_json:
        print_json(
            [{"name": f.name, "path": str(f.path), "state": f.state, "size": f.size} for f in files]
        )
        return DONE
    for file in files:
        where = "" if file.state == "already there" else f" from {file.source}"
        click.echo(f"{file.path}: {file.state}{where}, {file.size:,} bytes")
    return DONE


@digits.command("recognise")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--show",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the 28×28 pixels that the network saw, enlarged, into this folder.",
)
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Weights file to read with.  [the clips' own]",
)
@json_option
def recognise_command(
    files: Sequence[Path], show: Path | None, network: Path | None, as_json: bool
) -> int:  # fmt: skip
    """Read photos or scans of one handwritten digit each.

    Prints the three best answers of each with the network's outputs.
    """
    from lab.recognise import recognise, save_seen, seen_names
    from nncore.errors import NNError
    from nncore.weights import load_network

    reader = None if network is None else load_network(network)[0]
    if show is not None:
        _make_folder(show)
    found, bad = [], 0
    for file, seen in zip(files, seen_names(files), strict=True):
        try:
            recognition = recognise(file, reader)
            if show is not None:
                save_seen(recognition, show / seen)
        except NNError as error:
            bad += 1
            complain(str(error))
            continue
        found.append(recognition)
        if not as_json:
            click.echo(_answers(recognition))
    if as_json:
        print_json([recognition.as_json() for recognition in found])
    return USAGE if bad else DONE


def _answers(recognition: Recognition) -> str:
    best, *others = recognition.answers
    rest = ", ".join(f"{digit} ({output:.3f})" for digit, output in others)
    return f"{recognition.file}: {best[0]} ({best[1]:.3f}), then {rest}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(
            f"{folder} cannot be made a folder: {error.strerror or error}."
        ) from None


@digits.command("test")
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Weights file to test.  [the clips' own]",
)
@json_option
def test_command(network: Path | None, as_json: bool) -> int:
    """Count right and wrong on the test images.

    Prints the confusion matrix: which digit is read as which.
    """
    from lab import mnist
    from nncore.digits import evaluate, trained_network
    from nncore.weights import load_network

    tested = (trained_network() if network is None else load_network(network))[0]
    result = evaluate(tested, *mnist.test_set())
    if as_json:
        print_json(
            {"right": result.right, "count": result.count, "confusion": result.confusion.tolist()}
        )
        return DONE
    from pipeline.tables import show

    heads = [str(digit) for digit in range(10)]
    rows = [
        [f"is {digit}", *(f"{count:,}" if count else "·" for count in row)]
        for digit, row in enumerate(result.confusion.tolist())
    ]
    show(["read as", *heads], rows, right=heads)
    click.echo(f"{result.right:,} of {result.count:,} read right: {result.accuracy:.2%}")
    return DONE
