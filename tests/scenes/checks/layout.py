"""How things lie: nothing overlaps, leaves the frame, is too small, or shines through another."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.seen import Faults, Frame, Ink, Seen, Shape, around, within_picture
from scenes.kit import theme
from scenes.kit.text.formula import Sign
from scenes.kit.text.words import LiveNumber, OnBaseline, Words

TOUCH = 0.02
SLACK = 0.1  # by which a view may leave its area: half a stroke's width, a glow's last rays
GHOST = (0.1, 0.9)
FAINT = 0.25
MOMENT = 0.3  # seconds for which what moves may lie on another text
LARGE = 0.08  # of the picture's area
POSTER = 1 / 3
TICKS = ("tick", "index")


class Texts:
    """Texts stay in the safe frame, are large enough, and overlap neither each other nor signs."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.since: dict[tuple[int, int], float] = {}  # when two came to overlap
        self.on_signs: dict[tuple[int, int], tuple[float, float]] = {}
        self.sizes: dict[int, float] = {}

    def look(self, frame: Frame) -> None:
        """Check the texts that are seen. What flies is a ghost and may cross others; what
        arrives may merge, in a moment."""
        texts, boxes = self._check(frame, GHOST[1], MOMENT)
        pairs = {
            (id(texts[i].mobject), id(texts[j].mobject)): (i, j) for i, j in _overlapping(boxes)
        }
        self.since = {pair: self.since.get(pair, frame.second) for pair in pairs}
        for pair, (i, j) in pairs.items():
            if frame.second - self.since[pair] >= MOMENT:
                self.faults.add(frame, f"{texts[i].name} and {texts[j].name} overlap")
        sizes = {
            id(s.mobject): height(s.mobject) for s in texts if isinstance(s.mobject, OnBaseline)
        }
        for seen in texts:  # what is growing or shrinking is on its way
            if abs(sizes.get(id(seen.mobject), 0) - self.sizes.get(id(seen.mobject), 0)) < 0.1:
                self._size(frame, seen)
        self.sizes = sizes

    def section_end(self, frame: Frame) -> None:
        """At rest ghosts count, too."""
        texts, boxes = self._check(frame, FAINT, 0.0)
        for i, j in _overlapping(boxes):
            self.faults.add(frame, f"{texts[i].name} and {texts[j].name} overlap")
        for seen in texts:
            self._size(frame, seen)

    def _lies(self, frame: Frame, text: Seen, top: Any, moment: float) -> bool:
        """Whether a text has lain on a formula for so long."""
        pair = id(text.mobject), id(top)
        since, last = self.on_signs.get(pair, (frame.second, frame.second))
        since = frame.second if frame.second - last > MOMENT else since
        self.on_signs[pair] = since, frame.second
        return frame.second - since >= moment

    def _check(self, frame: Frame, least: float, moment: float) -> tuple[list[Seen], np.ndarray]:
        texts = [s for s in frame.all_texts if s.opacity > least]
        boxes = np.array([s.ink for s in texts]).reshape(-1, 4)
        for k in np.flatnonzero(_outside(boxes)):
            self.faults.add(frame, f"{texts[k].name} leaves the safe frame")
        self._signs(frame, texts, boxes, moment)
        return texts, boxes

    def _size(self, frame: Frame, seen: Seen) -> None:
        if not isinstance(seen.mobject, OnBaseline):
            return
        pixels, least = height(seen.mobject), least_height(seen.mobject)
        if pixels < least * 0.985:
            self.faults.add(frame, f"{seen.name} is {pixels:.0f} pixels high, less than {least}")
        if isinstance(seen.mobject, LiveNumber):
            room = seen.mobject.right_edge - seen.mobject.left_edge
            if seen.ink[2] - seen.ink[0] > room + 2 * TOUCH:
                self.faults.add(frame, f"{seen.name} is wider than its room")
        if getattr(seen.mobject, "role", "") == "caption":
            lines = len(seen.mobject.lines)
            if lines > theme.CAPTION_LINES:
                self.faults.add(frame, f"the caption {seen.text!r} takes {lines} lines")

    def _signs(self, frame: Frame, texts: list[Seen], boxes: np.ndarray, moment: float) -> None:
        """Signs of a formula: its own numbers stand among them, no other text does."""
        signs = [s for s in frame.shapes if is_sign(s) and s.opacity > GHOST[1]]
        if not signs or not texts:
            return
        inks = np.array([s.ink for s in signs])
        meets = _meets(boxes, inks)
        for i, j in np.argwhere(meets):
            text, top = texts[i], signs[j].top
            if (
                top not in text.parents
                and text.mobject is not top
                and self._lies(frame, text, top, moment)
            ):
                self.faults.add(frame, f"{text.name} and a sign of a formula overlap")


def is_sign(shape: Shape) -> bool:
    """Whether a shape is a sign that Typst has set."""
    return isinstance(shape.mobject, Sign)


def height(text: Any) -> float:
    """Of a text's capitals and digits, pixels at 1080p."""
    diagonal = text.box.points[-1] - text.box.points[0]
    upright = getattr(text, "upright", True)
    return float(abs(diagonal[1 if upright else 0])) * theme.UNIT_PIXELS


def least_height(text: Any) -> int:
    """What law 7 asks of a text."""
    small = isinstance(text, Words) and text.role in TICKS
    return theme.TICK_PIXELS if small else theme.READ_PIXELS


def _outside(boxes: np.ndarray) -> np.ndarray:
    x, y = (side / 2 - theme.MARGIN + 1e-6 for side in (theme.FRAME_WIDTH, theme.FRAME_HEIGHT))
    outside: np.ndarray = (np.abs(boxes) > np.array([x, y, x, y])).any(axis=1)
    return outside


def _meets(first: np.ndarray, second: np.ndarray, touch: float = TOUCH) -> np.ndarray:
    """Which boxes of `first` (n, 4) share ground with which of `second` (m, 4)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    meets: np.ndarray = (high - low > touch).all(axis=2)
    return meets


def _overlapping(boxes: np.ndarray) -> np.ndarray:
    """Pairs of boxes that share ground."""
    return np.argwhere(np.triu(_meets(boxes, boxes), 1)) if len(boxes) else np.zeros((0, 2), int)


class Places:
    """At rest each view lies in its area, everything in the frame, and the frame is not empty."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def look(self, frame: Frame) -> None:
        """Is there a picture?"""
        if frame.second > 0.5 and not frame.content():
            self.faults.add(frame, "there is no picture")

    def section_end(self, frame: Frame) -> None:
        """Where do the views lie?"""
        shown = getattr(frame.clip, "shown", {})
        inks = {}
        for name, view in shown.items():
            box = around(_drawn(frame, view.group))
            if box is None:
                continue
            inks[name] = box
            area = frame.clip.areas[name]
            over = max(
                area.left - box[0], area.bottom - box[1], box[2] - area.right, box[3] - area.top
            )
            if over > SLACK:
                self.faults.add(frame, f"the view in {name!r} leaves its area by {over:.2f}")
        for shape in frame.shapes:
            if shape.opacity > GHOST[0] and _outside(np.array([shape.ink]) * 0.99)[0]:
                self.faults.add(frame, f"a {type(shape.mobject).__name__} leaves the safe frame")


def _drawn(frame: Frame, group: Any) -> list[Ink]:
    texts = [s.ink for s in frame.texts if group in s.parents or s.mobject is group]
    return texts + [s.ink for s in frame.shapes if s.top is group and s.opacity > GHOST[0]]


class Doubles:
    """Two large things do not shine through each other while one of them comes or goes, and at
    rest no picture lies on another."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.before: dict[int, float] = {}
        self.suspects: set[tuple[int, int]] = set()

    def look(self, frame: Frame) -> None:
        """Compare what is half there."""
        large = _large(frame)
        now = {key: seen for key, (seen, _, _) in large.items()}
        half = [k for k, v in now.items() if GHOST[0] < v < GHOST[1]]
        suspects = set()
        for i, first in enumerate(half):
            for second in half[i + 1 :]:
                changed = any(
                    abs(now[k] - self.before.get(k, now[k])) > 0.02 for k in (first, second)
                )
                own = large[first][2] == second or large[second][2] == first
                if changed and not own and _cover(large[first][1], large[second][1]) > 0.5:
                    suspects.add((first, second))
        if suspects & self.suspects:
            self.faults.add(frame, "two pictures shine through each other")
        self.before, self.suspects = now, suspects

    def section_end(self, frame: Frame) -> None:
        """Compare what is wholly there."""
        whole = [(ink, top) for seen, ink, top in _large(frame).values() if seen >= GHOST[1]]
        for i, (first, top) in enumerate(whole):
            if any(top != other and _cover(first, ink) > 0.5 for ink, other in whole[i + 1 :]):
                self.faults.add(frame, "a picture lies on another")


def _large(frame: Frame) -> dict[int, tuple[float, Ink, int]]:
    """Large images, and views as a whole: how opaque, where, and of which view."""
    least = LARGE * (theme.RIGHT - theme.LEFT) * (theme.PICTURE_TOP - theme.PICTURE_BOTTOM)
    tops: dict[int, list[tuple[float, Ink]]] = {}
    found = {}
    for shape in frame.shapes:
        tops.setdefault(id(shape.top), []).append((shape.opacity, shape.ink))
        if hasattr(shape.mobject, "pixel_array") and shape.area >= least:
            found[id(shape.mobject)] = (shape.opacity, shape.ink, id(shape.top))
    for seen in frame.all_texts:
        if seen.parents and getattr(seen.mobject, "role", "") not in ("title", "caption"):
            tops.setdefault(id(seen.parents[0]), []).append((seen.opacity, seen.ink))
    for top, parts in tops.items():
        box = around([where for _, where in parts])
        if box is not None and (box[2] - box[0]) * (box[3] - box[1]) >= least:
            found.setdefault(top, (max(o for o, _ in parts), box, top))
    return found


def _cover(first: Ink, second: Ink) -> float:
    """Which share of the smaller box lies on the other."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    least = min((b[2] - b[0]) * (b[3] - b[1]) for b in (first, second))
    return max(width, 0) * max(high, 0) / least if least > 0 else 0.0


class Posters:
    """The first and the last frame are full enough to stand for the clip."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.first: float | None = None
        self.last: Frame | None = None

    def look(self, frame: Frame) -> None:
        """Measure the first frame, keep the last."""
        if self.first is None:
            self.first = filled(frame)
            self._judge(frame, self.first, "first")

    def section_end(self, frame: Frame) -> None:
        """The last of these is the last frame."""
        self.last, self.share = frame, filled(frame)

    def end(self) -> None:
        """The clip is over."""
        if self.last is not None:
            self._judge(self.last, self.share, "last")

    def _judge(self, frame: Frame, share: float, which: str) -> None:
        if share < POSTER:
            self.faults.add(frame, f"the {which} frame is no poster: {share:.0%} of it is picture")


def filled(frame: Frame) -> float:
    """Which share of the picture's area the box round all that is drawn takes."""
    box = around(frame.content())
    if box is None:
        return 0.0
    left, bottom, right, top = within_picture(box)
    whole = (theme.RIGHT - theme.LEFT) * (theme.PICTURE_TOP - theme.PICTURE_BOTTOM)
    return max(right - left, 0.0) * max(top - bottom, 0.0) / whole
