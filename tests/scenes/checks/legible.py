"""Whether texts can be read: their contrast with what is behind them, and how long they stay."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Mobject, config
from manim.camera.camera import Camera

from checks.seen import Faults, Frame, Ink
from scenes.kit import theme
from scenes.kit.captions import reading_time
from scenes.kit.text.words import LiveNumber, OnBaseline

SHORT_SIDE = 480
LEAST = 3.0  # contrast with a line that crosses a text
HERE = 0.5  # opacity
CROSSED = 0.08  # of a text's box that may be of less


class Contrast:
    """At rest each text stands out from what is drawn behind it."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def look(self, frame: Frame) -> None:
        """Only what rests is drawn."""

    def section_end(self, frame: Frame) -> None:
        """Draw all but the texts, small, and compare."""
        ground = _luminances(_ground(frame))
        for seen in frame.texts:
            if seen.opacity < 0.9 or not isinstance(seen.mobject, OnBaseline):
                continue
            patch = _patch(ground, seen.ink)
            for colour in _colours(seen.mobject):
                light = theme.luminance(colour)
                ratio = _ratio(light, patch.mean())
                if ratio < theme.CONTRAST:
                    says = f"{seen.name}, {colour}, has contrast {ratio:.1f} with what is behind it"
                    self.faults.add(frame, says)
                elif np.mean(_ratio(light, patch) < LEAST) > CROSSED:
                    self.faults.add(frame, f"{seen.name} is crossed by what is behind it")


def _ratio(light: Any, ground: Any) -> Any:
    return (np.maximum(light, ground) + 0.05) / (np.minimum(light, ground) + 0.05)


def _luminances(pixels: np.ndarray) -> np.ndarray:
    c = pixels / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    found: np.ndarray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def _colours(mobject: Mobject) -> set[str]:
    box = getattr(mobject, "box", None)
    shapes = [s for s in mobject.get_family() if s is not box and len(s.points)]
    return {str(s.get_fill_color().to_hex()) for s in shapes}


def _ground(frame: Frame) -> np.ndarray:
    """The picture behind the texts, drawn small."""
    width, height = theme.current().pixels(SHORT_SIDE)
    camera = Camera(
        pixel_width=width,
        pixel_height=height,
        frame_width=config.frame_width,
        frame_height=config.frame_height,
        background_color=theme.BACKGROUND,
        frame_rate=1,
    )
    hidden = {id(part) for seen in frame.all_texts for part in seen.mobject.get_family()}
    family = [m for top in frame.clip.mobjects for m in top.get_family() if id(m) not in hidden]
    camera.reset()
    camera.capture_mobjects([m for m in family if _drawable(m)], include_submobjects=False)
    return np.asarray(camera.pixel_array)[..., :3]


def _drawable(mobject: Any) -> bool:
    return hasattr(mobject, "pixel_array") or len(mobject.points) > 0


def _patch(ground: np.ndarray, where: Ink) -> np.ndarray:
    height, width = ground.shape[:2]
    unit = height / theme.FRAME_HEIGHT
    left, right = (round(width / 2 + x * unit) for x in (where[0], where[2]))
    top, bottom = (round(height / 2 - y * unit) for y in (where[3], where[1]))
    patch = ground[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)]
    return patch if patch.size else ground[:1, :1]


class Stays:
    """Texts stay long enough to be read: captions by their length, others a second."""

    def __init__(self, faults: Faults, lang: str) -> None:
        self.faults, self.lang = faults, lang
        self.since: dict[tuple[str, str], float] = {}
        self.now = self.step = 0.0

    def look(self, frame: Frame) -> None:
        """Note the texts on screen."""
        self.step = max(self.step, min(frame.second - self.now, 0.2))
        here = {}
        for seen in frame.all_texts:
            if seen.opacity > HERE and isinstance(seen.mobject, OnBaseline):
                number = isinstance(seen.mobject, LiveNumber)
                here[str(seen.mobject.role), seen.mobject.name if number else seen.text] = seen
        for gone in set(self.since) - set(here):
            self._gone(frame, *gone)
        for text in here:
            self.since.setdefault(text, frame.second)
        self.now = frame.second

    def again(self, second: float) -> None:
        """All that was there is still there."""
        self.now = second

    def section_end(self, frame: Frame) -> None:
        """Nothing goes here."""

    def end(self, frame: Frame) -> None:
        """The clip is over."""
        for text in list(self.since):
            self._gone(frame, *text)

    def _gone(self, frame: Frame, role: str, name: str) -> None:
        stayed = self.now - self.since.pop((role, name))
        needed = reading_time(name, self.lang) if role == "caption" else theme.SHORTEST
        # A frame's length at each end is not seen.
        if stayed + 2 * self.step < needed:
            self.faults.add(frame, f"{role} {name!r} stays {stayed:.1f} s of {needed:.1f} s")
