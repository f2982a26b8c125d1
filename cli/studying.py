"""`digits study`: run a study, show it as a table and as a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.kit import DONE, FAILED, OneOf, json_option

if TYPE_CHECKING:
    from lab.study import Task
    from nncore.study import Run, Study

# As nncore.study.NAMES: written out, for importing numpy would slow every command's start.
STUDIES = (
    "learning-rate",
    "epochs",
    "hidden-nodes",
    "rotation",
    "initial-weights",
    "training-size",
    "ingredients",
)
QUICK_FOLDER = Path("media/studies")


@click.command("study")
@click.argument("name", type=OneOf(STUDIES), metavar="NAME")
@click.option("--quick", is_flag=True, help="On few images: seconds instead of minutes.")
@click.option("--show", is_flag=True, help="Show the committed study, run nothing.")
@click.option(
    "--check", is_flag=True, help="Make one run of the committed study again and compare."
)
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Cores to use.  [all]")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw it, too: .png, .svg or .pdf (needs matplotlib).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Study file to write.  [nncore/studies/NAME.json; --quick: media/studies/]",
)
@json_option
def study_command(
    name: str, quick: bool, show: bool, check: bool, jobs: int | None, plot: Path | None,
    output: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Vary one setting, train at each value.

    Several seeds a point, on all cores. Interrupted, it goes on where it was when it is run again.
    NAME is one of learning-rate, epochs, hidden-nodes, rotation, initial-weights, training-size,
    ingredients.
    """
    if sum((quick, show, check)) > 1:
        raise click.UsageError("--quick, --show and --check exclude each other.")
    if plot is not None:
        from pipeline.plots import check_plot

        check_plot(plot)
    from nncore.study import committed_study, dump_study

    if check:
        return _check(name)
    study = committed_study(name) if show else _run(name, quick, jobs, output)
    if plot is not None:
        from pipeline.plots import draw_study

        draw_study(study, plot)
        click.echo(plot, err=True)
    if as_json:
        click.echo(dump_study(study), nl=False)
    else:
        _table(study)
    return DONE


def _run(name: str, quick: bool, jobs: int | None, output: Path | None) -> Study:
    from lab.studies import plan
    from lab.study import run_study
    from nncore.study import FOLDER

    chosen = plan(name)
    if quick:
        chosen = chosen.quick()
        output = output or QUICK_FOLDER / f"{name}.json"
    output = output or FOLDER / f"{name}.json"
    study = run_study(chosen, output, jobs=jobs, on_run=_teller())
    click.echo(output, err=True)
    return study


def _teller() -> Callable[[Task, Run | None, int, int], None]:
    """Tells of each run on standard error: a line that is written over on a terminal."""
    terminal = sys.stderr.isatty()
    known = 0

    def tell(task: Task, run: Run | None, done: int, count: int) -> None:
        nonlocal known
        if run is None:
            known += 1
            return
        what = f"{task.plan.name} {task.value}, seed {run.seed}: {run.accuracy:.2%}"
        line = f"{done}/{count}  {what}, {run.seconds:.1f} s" + (
            f"  ({known} known)" if known else ""
        )
        print(f"\r{line:<78}" if terminal else line, end="" if terminal and done < count else "\n",
              file=sys.stderr, flush=True)  # fmt: skip

    return tell


def _check(name: str) -> int:
    from lab.studies import plan
    from lab.study import check_study
    from nncore.study import committed_study

    check = check_study(committed_study(name), plan(name))
    how = "bit for bit" if check.same_bits else "but not bit for bit"
    same = "the same platform" if check.same_platform else "another platform"
    click.echo(
        f"{name} at {check.value}, seed {check.seed}: {check.before:.2%} then, "
        f"{check.now:.2%} now, {how}, on {same}: "
        f"{'agrees' if check.agrees else 'does not agree'}"
    )
    return DONE if check.agrees else FAILED


def _table(study: Study) -> None:
    """Mean and spread of each point, with what else the study is about."""
    from pipeline.tables import show

    columns: dict[str, Callable[[Any], str]] = {
        study.parameter.replace("_", " "): lambda p: (
            p.value if isinstance(p.value, str) else f"{p.value:g}"
        ),
        "test": lambda p: f"{p.mean:.2%}",
        "± (s.d.)": lambda p: f"{p.spread * 100:.2f}",
        "each seed": lambda p: " ".join(f"{a * 100:.2f}" for a in p.accuracies),
        "train": lambda p: f"{_mean(run.train_accuracy for run in p.runs):.2%}",
        "seconds": lambda p: f"{p.seconds:.1f}",
    }
    if study.name == "initial-weights":
        columns["saturated before"] = partial(_saturated, when=0)
        columns["saturated after"] = partial(_saturated, when=1)
    if study.name == "epochs":
        columns["best test (epoch)"] = _best_epoch
    rows = [[cell(point) for cell in columns.values()] for point in study.points]
    show(list(columns), rows, right=[head for head in columns if head != "each seed"])


def _saturated(point: Any, when: int) -> str:
    return f"{_mean(run.saturated[when] for run in point.runs if run.saturated):.1%}"


def _mean(values: Any) -> float:
    listed = list(values)
    return float(sum(listed) / len(listed))


def _best_epoch(point: Any) -> str:
    """The epoch whose mean test accuracy is highest."""
    means = [
        (_mean(run.by_epoch[k][2] for run in point.runs), point.runs[0].by_epoch[k][0])
        for k in range(len(point.runs[0].by_epoch))
    ]
    share, epoch = max(means, key=lambda pair: pair[0])
    return f"{share:.2%} ({epoch})"
