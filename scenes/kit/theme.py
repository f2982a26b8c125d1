"""Colours, sizes, times and the frame: the only place where a clip's look is set.

Sizes are manim font sizes (48 is two thirds of a frame unit per em), lengths are frame units
(a unit is 135 pixels at 1080p, in every aspect), times are seconds.

A look is a theme (`dark` for a dark room, `light` for a light one or for paper) and an aspect.
`look` sets this module's names for as long as it lasts: read them where something is drawn,
`theme.INK` within a function, never at import or as a default argument (a test looks).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nncore.errors import ParameterError

Role = str
"""What a colour means: `ink`, `muted`, `input`, `weight`, `output`, `target`, `error` …"""

# One meaning each, in every clip. POSITIVE and NEGATIVE are the two signs of a weight. The tones
# are chosen so that any two of them are told apart with every kind of colour vision (a test).
_DARK: dict[Role, str] = {
    "background": "#0D1117",
    "panel": "#161B22",
    "sheet": "#07090D",  # behind the frames of a storyboard
    "ink": "#E6EDF3",
    "muted": "#8B949E",
    "rule": "#3D444D",
    "input": "#3B89FF",
    "weight": "#F9DD1D",
    "output": "#20CDA8",
    "target": "#FFFFFF",
    "error": "#FF7B54",
    "class_a": "#FDA3E3",
    "class_b": "#C6FFB4",
    "positive": "#F9DD1D",
    "negative": "#A469A2",
}
_LIGHT: dict[Role, str] = {
    "background": "#FFFFFF",
    "panel": "#EEF1F4",
    "sheet": "#D0D7DE",  # behind the frames of a storyboard
    "ink": "#1F2328",
    "muted": "#59636E",
    "rule": "#AFB8C1",
    "input": "#006AFB",
    "weight": "#926A01",
    "output": "#107665",
    "target": "#000000",
    "error": "#831B00",
    "class_a": "#D91869",
    "class_b": "#430D4E",
    "positive": "#926A01",
    "negative": "#4E16B9",
}
THEMES = {"dark": _DARK, "light": _LIGHT}
_WIDE = 128 / 9
_FRAMES = {"16:9": (_WIDE, 8.0), "4:3": (32 / 3, 8.0), "1:1": (8.0, 8.0), "9:16": (8.0, _WIDE)}
# Lines that a caption may take, by aspect.
_CAPTION_LINES = {"16:9": 1, "4:3": 2, "1:1": 3, "9:16": 3}
ASPECTS = tuple(_FRAMES)


@dataclass(frozen=True)
class Look:
    """A theme and an aspect. Raises ParameterError for others than there are."""

    theme: str = "dark"
    aspect: str = "16:9"

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("theme", self.theme, tuple(THEMES)),
            ("aspect", self.aspect, ASPECTS),
        ):
            if value not in allowed:
                raise ParameterError(
                    f"There is no {name} {value!r}: choose from {', '.join(allowed)}."
                )

    @property
    def frame(self) -> tuple[float, float]:
        """Width and height of the frame."""
        return _FRAMES[self.aspect]

    def pixels(self, short: int) -> tuple[int, int]:
        """Width and height of a picture whose short side is that of 16:9's height; even."""
        width, height = (side / 8.0 * short for side in self.frame)
        return 2 * round(width / 2), 2 * round(height / 2)


# Colours of the current look; `_apply` sets them.
BACKGROUND = PANEL = SHEET = INK = MUTED = RULE = ""
INPUT = WEIGHT = OUTPUT = TARGET = ERROR = CLASS_A = CLASS_B = POSITIVE = NEGATIVE = ""

# Text sizes. At 1080p a digit of LABEL is 27 pixels high, one of TICK 22.
TITLE = 30
ANSWER = 92
NUMBER_LARGE = 46
NUMBER = 38
NUMBER_SMALL = 28
FORMULA = 34
CAPTION = 25
LABEL = 21
TICK = 18

# Least heights of a digit in pixels at 1080p: of text that must be read, and of ticks.
READ_PIXELS = 26
TICK_PIXELS = 20
UNIT_PIXELS = 135

# Times, in seconds.
FADE = 0.5
FLIP = 0.35
MOVE = 1.0
COUNT = 1.8
HOLD = 0.6
SHORTEST = 1.0

# Reading time of a caption: a start, then so much a word or a character.
READ_START = 1.5
READ_WORD = 0.25
READ_CHARACTER = 0.12

# The frame of the current look: nothing within MARGIN of its edge.
MARGIN = 0.3
FRAME_WIDTH = FRAME_HEIGHT = LEFT = RIGHT = 0.0
TITLE_BASELINE = SUBTITLE_BASELINE = CAPTION_MIDDLE = 0.0
# What is left between subtitle and caption for the picture.
PICTURE_TOP = PICTURE_BOTTOM = 0.0
CAPTION_LINES = 1
LINE_PITCH = 0.42  # of a caption's lines

# Least contrast of text on the background (WCAG AA).
CONTRAST = 4.5

LINE = 3.0
THIN = 1.6

_now = Look()


def _apply(chosen: Look) -> None:
    global _now
    _now = chosen
    width, height = chosen.frame
    lines = _CAPTION_LINES[chosen.aspect]
    top, bottom = height / 2, -height / 2
    names: dict[str, object] = {role.upper(): c for role, c in THEMES[chosen.theme].items()}
    names |= {
        "FRAME_WIDTH": width,
        "FRAME_HEIGHT": height,
        "LEFT": -width / 2 + 0.45,
        "RIGHT": width / 2 - 0.45,
        "TITLE_BASELINE": top - 0.73,
        "SUBTITLE_BASELINE": top - 1.2,
        "CAPTION_MIDDLE": bottom + 0.67 + (lines - 1) * LINE_PITCH / 2,
        "CAPTION_LINES": lines,
        "PICTURE_TOP": top - 1.5,
        "PICTURE_BOTTOM": bottom + 1.1 + (lines - 1) * LINE_PITCH,
    }
    globals().update(names)


@contextmanager
def look(chosen: Look) -> Iterator[None]:
    """Draw with this look until the context ends."""
    before = _now
    _apply(chosen)
    try:
        yield
    finally:
        _apply(before)


def current() -> Look:
    """The look that is drawn with."""
    return _now


def hue(role: Role) -> str:
    """The colour of a role in the current theme, `#RRGGBB`; a colour stays what it is.

    KeyError for what is neither.
    """
    return role if role.startswith("#") else THEMES[_now.theme][role]


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green, blue of a `#RRGGBB` colour, each 0 to 1."""
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from `first` to `second`."""
    pairs = zip(channels(first), channels(second), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02X}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, 0 (black) to 1 (white)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, ground: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def on(ground: str) -> str:
    """The text colour that is read best on `ground`: of the theme's ink and its background, or
    where neither stands out enough, of black and white, of which one always does."""
    best = max((INK, BACKGROUND), key=lambda colour: contrast(colour, ground))
    if contrast(best, ground) >= CONTRAST:
        return best
    return max(("#000000", "#FFFFFF"), key=lambda colour: contrast(colour, ground))


_apply(_now)
