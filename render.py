#!/usr/bin/env python3
"""The command line: it parses, calls and prints. What takes time to import waits for its use."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from pipeline.settings import (
    DEFAULT_LANGUAGE,
    DEFAULT_QUALITY,
    LANGUAGES,
    QUALITIES,
    clips_folder,
    storyboards_folder,
)

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


class Cli(click.Group):
    """A group whose every mistake is one sentence on standard error, and an exit code."""

    debug = False

    def main(self, args: Sequence[str] | None = None, *_: Any, **kwargs: Any) -> Any:
        """Run; exits 0 done, 1 a clip failed, 2 bad usage, 130 interrupted."""
        words = list(sys.argv[1:] if args is None else args)
        self.debug = "--debug" in words
        try:
            kwargs["standalone_mode"] = False
            code = super().main([word for word in words if word != "--debug"], **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            code = USAGE
        except click.MissingParameter as error:
            hint = " `list` names the clips." if error.param and error.param.name == "clip" else ""
            code = complain(error.format_message() + hint)
        except click.ClickException as error:
            code = complain(error.format_message())
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            code = INTERRUPTED
        except BrokenPipeError:
            # The reader of standard output has gone; Python would complain of it at exit.
            sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115
            code = FAILED
        except Exception as error:
            code = self._unexpected(error)
        sys.exit(code if isinstance(code, int) else DONE)

    def _unexpected(self, error: Exception) -> int:
        # The error's module is loaded if the error is one of it; else importing it is a waste.
        errors = sys.modules.get("nncore.errors")
        if errors is not None and isinstance(error, errors.NNError):
            return complain(str(error))
        if self.debug:
            raise error
        from pipeline.worker import fault

        click.echo(f"It failed: {fault(error)}. --debug shows more.", err=True)
        return FAILED


def complain(message: str) -> int:
    """Tell a mistake in one sentence; the exit code for it."""
    sentence = " ".join(message.split())
    click.echo(sentence if sentence.endswith((".", "?", ")")) else f"{sentence}.", err=True)
    return USAGE


class OneOf(click.Choice[str]):
    """A choice that names the nearest right value."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """What was wrong, what is allowed, the nearest."""
        near = get_close_matches(str(value), self.choices, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"{value!r} is not one of {', '.join(self.choices)}.{hint}"


Option = Callable[[Callable[..., Any]], Callable[..., Any]]

clips_argument: Option = click.argument("clips", nargs=-1, metavar="[CLIP…|all]")
clip_argument: Option = click.argument("clip", metavar="CLIP")
quality_option: Option = click.option(
    "-q", "--quality", type=OneOf(list(QUALITIES)), default=DEFAULT_QUALITY, show_default=True,
    help="480p15, 720p30, 1080p60 or 2160p60.",
)  # fmt: skip
lang_option: Option = click.option(
    "--lang", type=OneOf(LANGUAGES), default=DEFAULT_LANGUAGE, show_default=True,
    help="Language of the texts.",
)  # fmt: skip
set_option: Option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="Give a parameter another value; repeatable. `params CLIP` lists them.",
)  # fmt: skip
json_option: Option = click.option("--json", "as_json", is_flag=True, help="For programs to read.")


def out_option(default: str) -> Option:
    """The -o of a command whose files go to `default`."""
    return click.option(
        "-o", "--out", type=click.Path(path_type=Path), help=f"Folder to write to.  [{default}]"
    )


def print_json(value: Any) -> None:
    """Print a value as JSON; NaN and infinity are refused, JSON has none."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the whole story of a fault; at any place.")
def cli(debug: bool) -> None:
    """Neural networks explained in short clips in which every number is computed."""


@cli.command("list")
@lang_option
@json_option
def list_command(lang: str, as_json: bool) -> None:
    """List the clips."""
    from scenes.catalogue import CLIPS
    from scenes.kit.captions import texts

    titles = {slug: texts(lang).get(f"{slug}.title", "") for slug in CLIPS}
    if as_json:
        print_json([{"slug": slug, "title": title} for slug, title in titles.items()])
        return
    width = max(map(len, titles))
    for slug, title in titles.items():
        click.echo(f"{slug:<{width}}  {title}".rstrip())


@cli.command("render")
@clips_argument
@quality_option
@lang_option
@set_option
@out_option("media/clips/LANG")
def render_command(
    clips: Sequence[str], quality: str, lang: str, settings: Sequence[str], out: Path | None
) -> int:  # fmt: skip
    """Render clips as videos; all, if none is named."""
    from pipeline.jobs import assignments, chosen
    from pipeline.produce import render_clips

    made = render_clips(
        chosen(clips),
        given=assignments(settings),
        lang=lang,
        quality=quality,
        out=out if out is not None else clips_folder(lang),
    )
    for one in made:
        for note in one.outcome.notes:
            click.echo(note, err=True)
        for path in one.files:
            click.echo(path)
    return report_failures([one.outcome for one in made])


def report_failures(outcomes: Sequence[Any]) -> int:
    """Tell on standard error which clips were not made, and why; returns the exit code."""
    bad = [outcome for outcome in outcomes if outcome.ending != "done"]
    for outcome in bad:
        alone = len(outcomes) == 1 and outcome.ending == "input"
        click.echo(outcome.message if alone else f"{outcome.slug}: {outcome.message}", err=True)
        if cli.debug:
            click.echo(outcome.details, err=True)
    if not bad:
        return DONE
    return USAGE if all(outcome.ending == "input" for outcome in bad) else FAILED


@cli.command("numbers")
@clip_argument
@lang_option
@set_option
@json_option
def numbers_command(clip: str, lang: str, settings: Sequence[str], as_json: bool) -> None:
    """Print the numbers of a clip without drawing it."""
    from pipeline.jobs import assignments, parameters
    from scenes.catalogue import find

    found, given = find(clip), assignments(settings)
    params = parameters(found, given)
    from pipeline.worker import notes
    from scenes.kit.dry import walk

    scene = walk(found.load(), params, lang)
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
@set_option
@out_option("media/storyboards/LANG")
@click.option("--every", type=float, metavar="SECONDS", help="A frame every so many seconds.")
@click.option("--frames", type=click.Path(path_type=Path), metavar="DIR",
              help="Write each frame as a picture of its own, too.")  # fmt: skip
def storyboard_command(
    clips: Sequence[str], quality: str, lang: str, settings: Sequence[str], out: Path | None,
    every: float | None, frames: Path | None,
) -> None:  # fmt: skip
    """Draw the end of each section in one picture."""
    from pipeline.jobs import assignments, chosen
    from pipeline.storyboard import draw_clips

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
    )
    for path in paths:
        click.echo(path)


@cli.command("doctor")
@out_option("media")
@json_option
def doctor_command(out: Path | None, as_json: bool) -> int:
    """Check that all that is needed is there."""
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


if __name__ == "__main__":
    cli()
