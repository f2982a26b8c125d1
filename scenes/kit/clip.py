"""The contract of a clip: parameters in, one run, sections drawn from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from manim import Animation, Mobject, Scene, smooth

from scenes.kit import theme
from scenes.kit.captions import Piece, pieces, reading_time
from scenes.kit.ledger import Figure, Ledger, Value, plain
from scenes.kit.motion import FadeIn, FadeOut, Sweep
from scenes.kit.params import ClipParams
from scenes.kit.text import Align, LiveNumber, Role, Words

SectionHook = Callable[["Clip", str], None]


class Clip(Scene):
    """A scene drawn from one run. Subclasses set `slug`, `Params`, `compute`, `construct`.

    `params` are the clip's parameters (the defaults if None), `lang` is "en" or "zh",
    `at_section_end(clip, section)` is called when a section holds still.
    """

    slug: ClassVar[str]
    Params: ClassVar[type[ClipParams]] = ClipParams

    def __init__(
        self,
        *args: Any,
        params: ClipParams | None = None,
        lang: str = "en",
        at_section_end: SectionHook | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.params: Any = params if params is not None else self.Params()
        self.lang = lang
        self.at_section_end = at_section_end
        self.ledger = Ledger()
        self.section_name = ""
        self.sections: list[str] = []
        self._caption: Words | None = None
        self._caption_since = 0.0

    @staticmethod
    def compute(params: Any) -> Any:
        """What the network did: a frozen record, made without drawing anything."""
        raise NotImplementedError

    def setup(self) -> None:
        """Compute the run; prepare the empty frame."""
        self.camera.background_color = theme.BACKGROUND
        self.run: Any = self.compute(self.params)

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
        if len(self.sections) == 1:
            self._show_title()

    def _end_section(self) -> None:
        if not self.section_name:
            return
        self._hold(max(theme.HOLD, self._unread()))
        if self.at_section_end:
            self.at_section_end(self, self.section_name)

    def _hold(self, seconds: float) -> None:
        """Stand still for so long, in whole frames.

        Sums of frame times are never exact: cut off by manim, they would sometimes lack a frame.
        """
        rate = float(self.camera.frame_rate)
        frames = math.ceil(seconds * rate - 1e-6)
        if frames:
            self.wait((frames + 0.01) / rate)

    def _unread(self) -> float:
        """Seconds for which the caption must still stay."""
        if self._caption is None:
            return 0.0
        needed = reading_time(self._caption.text, self.lang)
        return max(0.0, needed - (self.time - self._caption_since))

    def _show_title(self) -> None:
        title = self.words("title", size=theme.TITLE, bold=True, role="title")
        title.put(theme.LEFT, theme.TITLE_BASELINE, "left")
        subtitle = self.words("subtitle", size=theme.LABEL, colour=theme.MUTED, role="title")
        subtitle.put(theme.LEFT, theme.SUBTITLE_BASELINE, "left")
        self.play(FadeIn(title), FadeIn(subtitle), run_time=theme.FADE)

    def say(
        self,
        key: str,
        figures: Mapping[str, Figure] | None = None,
        *,
        along: Sequence[Animation] = (),
    ) -> None:
        """Put the caption `key` at the bottom, in place of the one before, once that is read.

        `figures` fill its placeholders; `along` are animations to play with it. The caption
        is a subtitle, too.
        """
        words = self.words(f"captions.{key}", figures, size=theme.CAPTION, role="caption")
        words.put(0, theme.CAPTION_BASELINE)
        self.hush(along=[FadeIn(words), *along])
        self._caption, self._caption_since = words, self.time

    def hush(self, *, along: Sequence[Animation] = ()) -> None:
        """Take the caption away, once it is read; `along` are animations to play after it."""
        if self._caption is not None:
            unread = self._unread()
            if unread > 1 / 15:
                self._hold(unread)
            self._subtitle()
            self.play(FadeOut(self._caption), run_time=theme.FADE / 2)
            self._caption = None
        if along:
            self.play(*along, run_time=theme.FADE if len(along) == 1 else theme.MOVE)

    def _subtitle(self) -> None:
        """Record the caption that is about to go as a subtitle."""
        if self._caption is not None:
            shown_for = self.time - self._caption_since
            self.add_subcaption(self._caption.text, duration=shown_for, offset=-shown_for)

    def swap(self, old: Sequence[Mobject], new: Sequence[Mobject]) -> None:
        """Let `old` go, then `new` come in their place, so that the two never mingle."""
        self.play(*[FadeOut(m) for m in old], run_time=theme.FADE / 2)
        self.play(*[FadeIn(m) for m in new], run_time=theme.FADE)

    # Text and numbers

    def words(
        self,
        key: str,
        figures: Mapping[str, Figure] | None = None,
        *,
        size: float = theme.LABEL,
        colour: str = theme.INK,
        role: Role = "label",
        bold: bool = False,
    ) -> Words:
        """The text `key` of this clip; numbers come in only as figures, by placeholder."""
        given = dict(figures or {})
        parts = pieces(self.lang, f"{self.slug}.{key}", {n: f.text for n, f in given.items()})
        return Words(parts, given, size=size, colour=colour, role=role, bold=bold)

    def label(
        self,
        key: str,
        figures: Mapping[str, Figure] | None = None,
        *,
        size: float = theme.LABEL,
        colour: str = theme.INK,
        bold: bool = False,
    ) -> Words:
        """The label `labels.key` of this clip."""
        return self.words(f"labels.{key}", figures, size=size, colour=colour, bold=bold)

    def symbol(
        self, text: str, *, size: float = theme.LABEL, colour: str = theme.INK, bold: bool = False
    ) -> Words:
        """A mathematical sign or letter, the same in every language; digits are refused."""
        if any(ch.isdigit() for ch in text):
            raise ValueError(f"a digit reaches the screen only as a figure: {text!r}")
        return Words([Piece(text)], {}, size=size, colour=colour, role="index", bold=bold)

    def figure(self, name: str, value: Value, spec: str, colour: str = theme.INK) -> Figure:
        """A number of the run in the format `spec`, entered in the ledger."""
        figure = Figure(name, plain(value), spec, colour)
        self.ledger.record(self.section_name, figure)
        return figure

    def record_choice(self, name: str, choice: str) -> None:
        """Enter in the ledger what the run chose by itself: the name of an image, say."""
        self.ledger.note(self.section_name, name, choice)

    def number(
        self,
        name: str,
        value: Value,
        spec: str,
        *,
        colour: str = theme.INK,
        size: float = theme.NUMBER,
        bold: bool = True,
        room: Sequence[Value] = (),
        align: Align = "right",
    ) -> LiveNumber:
        """A number of the run that can change later; `room` are the values it must have room for.

        The value is entered in the ledger.
        """
        figure = self.figure(name, value, spec, colour)
        return LiveNumber(figure, size=size, bold=bold, room=room, align=align)

    def settle(self, number: LiveNumber, value: Value) -> None:
        """Let a number show `value` of the run, and enter it in the ledger."""
        figure = self.figure(number.name, value, number.spec, number.colour)
        number.show(figure.value)

    def sweep(
        self,
        draw: Callable[[float], None],
        *moved: Mobject,
        ends: Mapping[LiveNumber, Value] | None = None,
        run_time: float = theme.COUNT,
        rate_func: Callable[[float], float] = smooth,
        along: Sequence[Animation] = (),
    ) -> None:
        """Play `draw(alpha)`, which changes `moved` and the numbers in `ends` as alpha goes 0..1.

        In between, a number shows what `draw` computes; at the end it shows its value in
        `ends`, which is entered in the ledger.
        """
        ends = ends or {}
        animation = Sweep([*moved, *ends], draw, run_time=run_time, rate_func=rate_func)
        self.play(animation, *along)
        for number, value in ends.items():
            self.settle(number, value)

    def count(
        self,
        ends: Mapping[LiveNumber, Value],
        *,
        run_time: float = theme.MOVE,
        along: Sequence[Animation] = (),
    ) -> None:
        """Let numbers run straight from what they show to their values in `ends`."""
        starts = {number: number.value for number in ends}

        def draw(alpha: float) -> None:
            for number, end in ends.items():
                start = starts[number]
                value = start + (end - start) * alpha
                number.show(round(value) if number.spec.endswith("d") else value)

        self.sweep(draw, ends=ends, run_time=run_time, along=along)
