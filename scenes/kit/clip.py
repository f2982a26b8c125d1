"""A clip's frame: one run, sections, a title, captions, and the ledger of all numbers shown."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from manim import Animation, Scene

from scenes.kit import theme
from scenes.kit.captions import CaptionError, Piece, pieces, placeholders, reading_time, texts
from scenes.kit.ledger import Figure, Ledger
from scenes.kit.motion import FadeIn, FadeOut
from scenes.kit.params import ClipParams
from scenes.kit.quantities import Book
from scenes.kit.text.words import Role, Words

SectionHook = Callable[["Clip", str], None]


class Clip(Scene):
    """A scene drawn from one run. Subclasses set `Params`, `compute`, `quantities`, `verdicts`.

    `params` are the clip's parameters (the defaults if None), `lang` its language, `run` what
    `compute` made of the parameters (None: it is asked); `at_section_end(clip, section)` is
    called when a section holds still. The look is the one in force (`theme.look`).
    """

    Params: ClassVar[type[ClipParams]] = ClipParams
    words_file: ClassVar[Path | None] = None

    def __init__(
        self,
        *args: Any,
        params: ClipParams | None = None,
        lang: str = "en",
        run: Any = None,
        at_section_end: SectionHook | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.params: Any = params if params is not None else self.Params()
        self.lang = lang
        self.run: Any = run
        self.at_section_end = at_section_end
        self.ledger = Ledger()
        self.section_name = ""
        self.sections: list[str] = []
        self.caption: Words | None = None
        self._caption_since = 0.0

    @classmethod
    def _file(cls) -> Path:
        return cls.words_file or Path(inspect.getfile(cls)).with_suffix(".toml")

    @property
    def slug(self) -> str:
        """The clip's name on the command line."""
        return self._file().stem.replace("_", "-")

    @staticmethod
    def compute(params: Any) -> Any:
        """What the network did: a frozen record, made without drawing anything."""
        raise NotImplementedError

    def quantities(self, run: Any) -> dict[str, Any]:
        """The numbers of the run by name, each a Values, or a group of them."""
        raise NotImplementedError

    @staticmethod
    def verdicts(run: Any) -> dict[str, str]:
        """For each caption that has variants the one that is true of this run."""
        return {}

    def setup(self) -> None:
        """Compute the run; open the book of its numbers; prepare the empty frame."""
        self.camera.background_color = theme.BACKGROUND
        if self.run is None:
            self.run = self.compute(self.params)
        self.book = Book(self.quantities(self.run))
        self.variants = self.verdicts(self.run)
        self.texts = texts(self._file(), self.lang)

    def tear_down(self) -> None:
        """Hold the last section."""
        self._end_section()
        self._subtitle()

    # Sections and captions

    def section(self, name: str) -> None:
        """Begin the section `name`; the one before holds until it can have been read."""
        self._end_section()
        self.section_name = name
        self.sections.append(name)
        self.next_section(name)

    def _end_section(self) -> None:
        if not self.section_name:
            return
        self.hold(max(theme.HOLD, self.unread()))
        if self.at_section_end:
            self.at_section_end(self, self.section_name)

    def hold(self, seconds: float) -> None:
        """Stand still for so long, in whole frames.

        Sums of frame times are never exact: cut off by manim, they would sometimes lack a frame.
        """
        rate = float(self.camera.frame_rate)
        frames = math.ceil(seconds * rate - 1e-6)
        if frames > 0:
            self.wait((frames + 0.01) / rate)

    def unread(self) -> float:
        """Seconds for which the caption must still stay."""
        if self.caption is None:
            return 0.0
        needed = reading_time(self.caption.text, self.lang)
        return max(0.0, needed - (self.time - self._caption_since))

    def title(self) -> list[Words]:
        """Title, and the subtitle if there is one and room for it, in their places."""
        width = theme.RIGHT - theme.LEFT
        title = self.words("title", size=theme.TITLE, bold=True, role="title", width=width)
        title.put(theme.LEFT, theme.TITLE_BASELINE, "left")
        if "subtitle" not in self.texts:
            return [title]
        subtitle = self.words("subtitle", size=theme.LABEL, colour="muted", role="title")
        subtitle.put(theme.LEFT, theme.SUBTITLE_BASELINE, "left")
        return [title, subtitle] if subtitle.right_edge <= theme.RIGHT else [title]

    def has_caption(self, key: str) -> bool:
        """Whether the clip's words have this caption, or a variant of it."""
        return self._key(key) in self.texts

    def _key(self, key: str) -> str:
        variant = self.variants.get(key)
        return f"captions.{key}.{variant}" if variant else f"captions.{key}"

    def say(self, key: str, *, along: Sequence[Animation] = ()) -> None:
        """Put the caption `key` at the bottom, in place of the one before, once that is read.

        `along` are animations to play with it. The caption is a subtitle, too.
        """
        words = self.words(
            self._key(key), size=theme.CAPTION, role="caption",
            width=theme.RIGHT - theme.LEFT, align="center",
        )  # fmt: skip
        below = (len(words.lines) - 1) * theme.LINE_PITCH
        middle = words.box.points[-1, 1] - words.box.points[0, 1]
        words.put(0, theme.CAPTION_MIDDLE + below / 2 - float(middle) / 2)
        self.hush()
        longest = max([theme.FADE, *(a.run_time for a in along)])
        self.play(FadeIn(words, run_time=theme.FADE), *along)
        self.caption, self._caption_since = words, self.time - longest + theme.FADE

    def hush(self, *, along: Sequence[Animation] = ()) -> None:
        """Take the caption away, once it is read; `along` are animations to play with that."""
        going = list(along)
        if self.caption is not None:
            unread = self.unread()
            if unread > 1 / 15:
                self.hold(unread)
            self._subtitle()
            going.append(FadeOut(self.caption))
            self.caption = None
        if going:
            self.play(*going, run_time=theme.FADE / 2)

    def _subtitle(self) -> None:
        """Record the caption that is about to go as a subtitle."""
        if self.caption is not None:
            shown_for = self.time - self._caption_since
            self.add_subcaption(self.caption.text, duration=shown_for, offset=-shown_for)

    # Text and numbers

    def words(
        self,
        key: str,
        *,
        size: float = theme.LABEL,
        colour: str = "ink",
        role: Role = "label",
        bold: bool = False,
        **look: Any,
    ) -> Words:
        """The text `key` of this clip; numbers come in only by placeholders, from the book.

        CaptionError for a text or a quantity that is not there.
        """
        if key not in self.texts:
            raise CaptionError(f"The words of {self.slug!r} have no {key!r} in {self.lang!r}.")
        template = self.texts[key]
        figures = {}
        for name in dict.fromkeys(placeholders(template)):
            figure = self.book.ref(name).figure
            figures[name] = self.figure(figure)
        parts = pieces(template, {name: f.text for name, f in figures.items()})
        return Words(parts, figures, size=size, colour=colour, role=role, bold=bold, **look)

    def label(
        self,
        key: str,
        *,
        size: float = theme.LABEL,
        colour: str = "ink",
        bold: bool = False,
        width: float | None = None,
    ) -> Words:
        """The label `labels.key` of this clip, or the one that all clips share."""
        return self.words(f"labels.{key}", size=size, colour=colour, bold=bold, width=width)

    def symbol(
        self, text: str, *, size: float = theme.LABEL, colour: str = "ink", bold: bool = False
    ) -> Words:
        """A mathematical sign or letter, the same in every language; digits are refused."""
        if any(ch.isdigit() for ch in text):
            raise ValueError(f"a digit reaches the screen only as a figure: {text!r}")
        return Words([Piece(text)], {}, size=size, colour=colour, role="index", bold=bold)

    def figure(self, figure: Figure) -> Figure:
        """Enter a number that is shown in the ledger."""
        self.ledger.record(self.section_name, figure)
        return figure

    def record_choice(self, name: str, choice: str) -> None:
        """Enter in the ledger what the run chose by itself: the name of an image, say."""
        self.ledger.note(self.section_name, name, choice)
