"""Colours, sizes and times: the only place where a clip's look is set.

Sizes are manim font sizes (48 is two thirds of a frame unit per em), lengths
are frame units (the frame is 14.22 by 8), times are seconds.
"""

from __future__ import annotations

# Colours. One meaning each, in every clip.
BACKGROUND = "#0D1117"
PANEL = "#161B22"
SHEET = "#07090D"  # behind the frames of a storyboard
INK = "#E6EDF3"
MUTED = "#8B949E"
RULE = "#3D444D"
INPUT = "#58A6FF"
WEIGHT = "#F2CC60"
OUTPUT = "#3DD6B5"
TARGET = "#FFFFFF"
ERROR = "#FF7B54"
CLASS_A = "#58A6FF"
CLASS_B = "#F0883E"
POSITIVE = "#F2CC60"
NEGATIVE = "#C58AF9"

# Text sizes.
TITLE = 30
ANSWER = 92
NUMBER_LARGE = 46
NUMBER = 38
NUMBER_SMALL = 28
FORMULA = 34
CAPTION = 24
LABEL = 20
TICK = 18

# Times, in seconds.
FADE = 0.5
MOVE = 1.0
COUNT = 1.8
HOLD = 1.0
SHORTEST = 1.0

# Reading time of a caption: a start, then so much a word or a character.
READ_START = 1.5
READ_WORD = 0.25
READ_CHARACTER = 0.12

# The frame: nothing within MARGIN of its edge.
FRAME_WIDTH = 128 / 9
FRAME_HEIGHT = 8.0
MARGIN = 0.3
LEFT = -FRAME_WIDTH / 2 + 0.45
RIGHT = FRAME_WIDTH / 2 - 0.45
TITLE_BASELINE = 3.27
SUBTITLE_BASELINE = 2.78
CAPTION_BASELINE = -3.45
# What is left between subtitle and caption for the picture.
PICTURE_TOP = 2.45
PICTURE_BOTTOM = -2.95

# Least contrast of text on the background (WCAG AA), least text size.
CONTRAST = 4.5
SMALLEST = 18

LINE = 3.0
THIN = 1.6


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


def contrast(colour: str, ground: str = BACKGROUND) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
