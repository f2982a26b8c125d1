"""How well digits are read from photos and scans, and how fast: `python -m bench.recognise`.

Test digits are distorted as `lab.distortions` says, written as PNG and read again; beside each
distortion stands how well the same digits, undistorted, are read directly.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.distortions import DISTORTIONS, Sample, samples
from lab.recognise import recognise
from nncore.digits import evaluate, trained_network
from nncore.errors import NNError
from nncore.network import Network
from nncore.weights import load_network


@dataclass(frozen=True)
class Row:
    """What came of one distortion's pictures."""

    name: str
    count: int
    right: int
    right_undistorted: int
    blank: int
    milliseconds: tuple[float, ...]

    def line(self) -> str:
        """The row as the table has it."""
        times = np.array(self.milliseconds)
        return (
            f"{self.name:13}{self.count:6}{100 * self.right / self.count:9.1f} %"
            f"{100 * self.right_undistorted / self.count:12.1f} %{self.blank:8}"
            f"{np.median(times):9.0f}{times.max():9.0f}"
        )


def row(name: str, chosen: list[Sample], network: Network, folder: Path) -> Row:
    """Read all of a distortion's pictures. A picture refused as blank counts as misread."""
    right, blank, times = 0, 0, []
    for place, sample in enumerate(chosen):
        path = folder / f"{name}-{place}.png"
        sample.picture().save(path, compress_level=1)
        start = time.perf_counter()
        try:
            answer = recognise(path, network).answers[0][0]
        except NNError:
            answer, blank = -1, blank + 1
        times.append(1000 * (time.perf_counter() - start))
        path.unlink()
        right += answer == sample.label
    plain = evaluate(
        network,
        np.stack([sample.original for sample in chosen]),
        np.array([sample.label for sample in chosen]),
    )
    return Row(name, len(chosen), right, plain.right, blank, tuple(times))


def total(rows: list[Row]) -> Row:
    """All rows as one."""
    times = tuple(each for row in rows for each in row.milliseconds)
    count, right = sum(row.count for row in rows), sum(row.right for row in rows)
    plain, blank = sum(row.right_undistorted for row in rows), sum(row.blank for row in rows)
    return Row("overall", count, right, plain, blank, times)


def main() -> int:
    """Print the table; 1 if MNIST or the network cannot be read, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].split(":")[0] + ".")
    parser.add_argument("-n", type=int, default=100, help="digits a distortion  [100]")
    parser.add_argument("--seed", type=int, default=1, help="chooses digits, distortions  [1]")
    parser.add_argument("--network", type=Path, help="weights file  [the clips' own]")
    options = parser.parse_args()
    try:
        found = load_network(options.network) if options.network else trained_network()
        chosen = samples(options.n, seed=options.seed)
        print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
        print(f"{'':13}{'count':>6}{'read right':>11}{'undistorted':>14}{'blank':>8}"
              f"{'ms':>9}{'ms, most':>9}")  # fmt: skip
        rows = []
        with tempfile.TemporaryDirectory() as folder:
            for name in DISTORTIONS:
                own = [sample for sample in chosen if sample.distortion == name]
                rows.append(row(name, own, found[0], Path(folder)))
                print(rows[-1].line(), flush=True)
    except NNError as error:
        print(error, file=sys.stderr)
        return 1
    print(total(rows).line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
