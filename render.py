#!/usr/bin/env python3
"""The command line: it parses, calls and prints. What takes time to import waits for its use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.digits import digits
from cli.kit import (
    DONE,
    FAILED,
    USAGE,
    Cli,
    aspect_option,
    clip_argument,
    clips_argument,
    format_option,
    json_option,
    lang_option,
    out_option,
    print_json,
    quality_option,
    set_option,
    theme_option,
)
from pipeline.settings import QUALITIES, clips_folder, storyboards_folder


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the whole story of a fault; at any place.")
def cli(debug: bool) -> None:
    """Neural networks explained in short clips in which every number is computed."""


@cli.command("list")
@lang_option
@json_option
def list_command(lang: str, as_json: bool) -> None:
    """List the clips: chapter, title, length when it was last rendered as it is, path."""
    from pipeline.listing import listed, shown

    rows = listed(lang)
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    for line in shown(rows):
        click.echo(line)


@cli.command("render")
@clips_argument
@quality_option
@lang_option
@theme_option
@aspect_option
@set_option
@out_option("media/clips/LANG")
@format_option
@click.option("--transparent", is_flag=True, help="No background: webm, mov or png.")
@click.option("--force", is_flag=True, help="Render what is unchanged, too.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), metavar="N",
              help="Processes at once.  [one a core]")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS",
              help="Render on the Dask cluster at tcp://HOST:PORT.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress.")
def render_command(
    clips: Sequence[str], quality: str, lang: str, theme: str, aspect: str,
    settings: Sequence[str], out: Path | None, format: str, transparent: bool, force: bool,
    jobs: int | None, scheduler: str | None, quiet: bool,
) -> int:  # fmt: skip
    """Render clips as videos, those that changed; all, if none is named."""
    from functools import partial

    from pipeline.jobs import assignments, chosen
    from pipeline.pool import Pool
    from pipeline.produce import Start, render_clips
    from scenes.kit.theme import Look

    start: Start = partial(Pool, slots=jobs)
    if scheduler is not None:
        from pipeline.cluster import Cluster

        def start(_: Path) -> Cluster:
            return Cluster(scheduler)

    made = render_clips(
        chosen(clips),
        given=assignments(settings),
        lang=lang,
        quality=quality,
        out=out if out is not None else clips_folder(lang),
        format=format,
        transparent=transparent,
        look=Look(theme, aspect),
        force=force,
        quiet=quiet,
        start=start,
    )
    for one in made:
        for note in one.notes:
            click.echo(f"{one.job.slug}: {note}", err=True)
        for path in one.files:
            click.echo(path)
    return report_failures(made)


def report_failures(made: Sequence[Any]) -> int:
    """Tell on standard error which clips were not made, and why; returns the exit code."""
    bad = [one for one in made if not one.done]
    for one in bad:
        alone = len(made) == 1 and one.ending == "input"
        click.echo(one.message if alone else f"{one.job.slug}: {one.message}", err=True)
        if cli.debug:
            click.echo(one.details, err=True)
    if not bad:
        return DONE
    return USAGE if all(one.ending == "input" for one in bad) else FAILED


@cli.command("clean")
@out_option("media/clips")
@json_option
def clean_command(out: Path | None, as_json: bool) -> None:
    """Remove rendered clips that nothing would make as they are now, and what killed runs left."""
    from pipeline.clean import clean
    from pipeline.outcome import human
    from pipeline.settings import CLIPS

    removed = clean(out if out is not None else CLIPS)
    if as_json:
        print_json({"files": [str(path) for path in removed.files], "bytes": removed.bytes})
        return
    for path in removed.files:
        click.echo(path)
    click.echo(f"{len(removed.files)} files removed, {human(removed.bytes)} freed.", err=True)


@cli.command("numbers")
@clip_argument
@lang_option
@theme_option
@aspect_option
@set_option
@json_option
def numbers_command(
    clip: str, lang: str, theme: str, aspect: str, settings: Sequence[str], as_json: bool
) -> None:
    """Print the numbers of a clip without drawing it."""
    from pipeline.jobs import assignments, parameters
    from scenes.catalogue import find

    found, given = find(clip), assignments(settings)
    params = parameters(found, given)
    from pipeline.worker import notes
    from scenes.kit.dry import walk
    from scenes.kit.theme import Look

    scene = walk(found.load(), params, lang, look=Look(theme, aspect))
    for note in notes(scene):
        click.echo(f"{clip}: {note}", err=True)
    rows = [entry.as_json() for entry in scene.ledger.entries]
    if as_json:
        print_json(rows)
        return
    from pipeline.tables import show

    cells = [(str(r["section"]), str(r["name"]), str(r["text"]), repr(r["value"])) for r in rows]
    show(("section", "name", "shown", "value"), cells, right=("shown", "value"))


@cli.command("params")
@clip_argument
@json_option
def params_command(clip: str, as_json: bool) -> None:
    """List what can be set in a clip."""
    from scenes.catalogue import find
    from scenes.kit.params import describe

    rows = describe(find(clip).load().Params)
    if as_json:
        print_json(rows)
        return
    from pipeline.tables import show

    def text(value: Any) -> str:
        return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)

    heads = ("name", "type", "default", "bounds", "help")
    show(heads, [[text(row[head]) for head in heads] for row in rows])


@cli.command("storyboard")
@clips_argument
@quality_option
@lang_option
@theme_option
@aspect_option
@set_option
@out_option("media/storyboards/LANG")
@click.option("--every", type=float, metavar="SECONDS", help="A frame every so many seconds.")
@click.option("--frames", type=click.Path(path_type=Path), metavar="DIR",
              help="Write each frame as a picture of its own, too.")  # fmt: skip
def storyboard_command(
    clips: Sequence[str], quality: str, lang: str, theme: str, aspect: str,
    settings: Sequence[str], out: Path | None, every: float | None, frames: Path | None,
) -> None:  # fmt: skip
    """Draw the end of each section in one picture."""
    from pipeline.jobs import assignments, chosen
    from pipeline.storyboard import draw_clips
    from scenes.kit.theme import Look

    if not clips:
        raise click.UsageError("Which clip? Give its name, or `all`.")
    paths = draw_clips(
        chosen(clips),
        given=assignments(settings),
        lang=lang,
        quality=QUALITIES[quality],
        out=out if out is not None else storyboards_folder(lang),
        every=every,
        frames=frames,
        look=Look(theme, aspect),
    )
    for path in paths:
        click.echo(path)


@cli.command("doctor")
@clips_argument
@click.option("--clips", "look_at_clips", is_flag=True,
              help="Look at clips instead: how long each is, how long it stands still, whether "
              "its captions can be read.")  # fmt: skip
@out_option("media")
@json_option
def doctor_command(
    clips: Sequence[str], look_at_clips: bool, out: Path | None, as_json: bool
) -> int:
    """Check that all that is needed is there, or, with --clips, how clips are."""
    if look_at_clips:
        return examine_clips(clips, as_json)
    if clips:
        raise click.UsageError("Clips are looked at with --clips.")
    from pipeline.doctor import examine, healthy
    from pipeline.settings import MEDIA

    checks = examine(out if out is not None else MEDIA)
    if as_json:
        print_json([check.as_json() for check in checks])
    else:
        width = max(len(check.what) for check in checks)
        for check in checks:
            mend = f"  →  {check.mend}" if check.mend else ""
            click.echo(f"{check.state:<8}{check.what:<{width}}  {check.found}{mend}")
    return DONE if healthy(checks) else FAILED


def examine_clips(names: Sequence[str], as_json: bool) -> int:
    """Print what is to be said of each clip in both languages; 1 if any is not as it must be."""
    from pipeline.jobs import chosen
    from pipeline.stillness import examine

    found = []
    for one in examine(chosen(names)):
        found.append(one)
        if not as_json:
            click.echo(one.line)
            for fault in one.faults:
                click.echo(f"  {fault}")
    if as_json:
        print_json([one.as_json() for one in found])
    return DONE if all(not one.faults for one in found) else FAILED


cli.add_command(digits)

if __name__ == "__main__":
    cli()
