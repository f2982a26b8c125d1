"""What the commands share: mistakes in one sentence, options, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from pipeline.settings import (
    ASPECTS,
    DEFAULT_ASPECT,
    DEFAULT_FORMAT,
    DEFAULT_LANGUAGE,
    DEFAULT_QUALITY,
    DEFAULT_THEME,
    FORMATS,
    LANGUAGES,
    QUALITIES,
    THEMES,
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

clips_argument: Option = click.argument("clips", nargs=-1, metavar="[CLIP…|CHAPTER…|all]")
clip_argument: Option = click.argument("clip", metavar="CLIP")
quality_option: Option = click.option(
    "-q", "--quality", type=OneOf(list(QUALITIES)), default=DEFAULT_QUALITY, show_default=True,
    help="480p15, 720p30, 1080p60 or 2160p60.",
)  # fmt: skip
lang_option: Option = click.option(
    "--lang", type=OneOf(LANGUAGES), default=DEFAULT_LANGUAGE, show_default=True,
    help="Language of the texts.",
)  # fmt: skip
theme_option: Option = click.option(
    "--theme", type=OneOf(THEMES), default=DEFAULT_THEME, show_default=True,
    help="For a dark room, or for a light one and for paper.",
)  # fmt: skip
aspect_option: Option = click.option(
    "--aspect", type=OneOf(ASPECTS), default=DEFAULT_ASPECT, show_default=True,
    help="Of the frame; its short side is what the quality says.",
)  # fmt: skip
format_option: Option = click.option(
    "--format", type=OneOf(FORMATS), default=DEFAULT_FORMAT, show_default=True,
    help="Of the file; png is a folder of frames.",
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
