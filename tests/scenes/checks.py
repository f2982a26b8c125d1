"""What every clip must keep: where its numbers come from, and how its texts lie.

A clip is walked without drawing; a probe looks at its texts a few times a second and at
the end of each section. `faults_of` returns every breach as a sentence.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from manim import DecimalNumber, Mobject, Text
from manim.camera.camera import Camera
from manim.mobject.text.tex_mobject import SingleStringMathTex
from manim.mobject.text.text_mobject import MarkupText
from manim.mobject.text.typst_mobject import Typst
from pydantic import BaseModel

from scenes.kit import theme
from scenes.kit.text import glyphs
from scenes.kit.captions import reading_time
from scenes.kit.clip import Clip
from scenes.kit.dry import walk
from scenes.kit.text.formula import Formula
from scenes.kit.ledger import Figure, shown
from scenes.kit.params import ClipParams
from scenes.kit.text.words import LiveNumber, OnBaseline, Words

FRAME_RATE = 5.0
FOREIGN = (Text, MarkupText, SingleStringMathTex, Typst, DecimalNumber)
LEAVES = (Words, LiveNumber, *FOREIGN)
SEEN = 0.5
TOUCH = 0.02
DIGITS = set("0123456789")


# Where numbers come from


def key(value: object) -> tuple[str, bytes]:
    """A number bit for bit: whole numbers by value, floats by their eight bytes; or a name."""
    if isinstance(value, str):
        return "s", value.encode()
    if isinstance(value, bool | int | np.integer | np.bool_):
        return "i", str(int(value)).encode()
    return "f", struct.pack(">d", float(value))  # type: ignore[arg-type]


def members(record: object) -> set[tuple[str, bytes]]:
    """Every number and name within a record: dataclasses, models, sequences, mappings, arrays."""
    found: set[tuple[str, bytes]] = set()
    _collect(record, found, set())
    return found


def _collect(value: object, found: set[tuple[str, bytes]], seen: set[int]) -> None:
    if value is None or isinstance(value, bytes) or id(value) in seen:
        return
    if isinstance(value, str | bool | int | float | np.number | np.bool_):
        found.add(key(value))
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "fiub":
            found.update(key(v) for v in np.unique(value))
        return
    for part in _parts(value):
        _collect(part, found, seen)


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, BaseModel):
        yield from (getattr(value, name) for name in type(value).model_fields)
    elif dataclasses.is_dataclass(value):
        yield from (getattr(value, f.name) for f in dataclasses.fields(value))
    elif isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, Sequence | set | frozenset):
        yield from value


def ledger_faults(clip: Clip) -> list[str]:
    """Entries whose value is not of the run or the parameters, or whose text is not its format."""
    known = members(clip.run) | members(clip.params)
    faults = []
    for entry in clip.ledger.entries:
        where = f"{entry.section}: {entry.name} = {entry.value!r}"
        if key(entry.value) not in known:
            faults.append(f"{where} is no member of the run")
        text = entry.value if isinstance(entry.value, str) else shown(entry.value, entry.spec)
        if entry.text != text:
            faults.append(f"{where} is shown as {entry.text!r}")
    return faults


# What is on screen


@dataclass(frozen=True)
class Seen:
    """A text on screen: its object, what it reads, its ink (left, bottom, right, top)."""

    mobject: Mobject
    text: str
    ink: tuple[float, float, float, float]
    opacity: float
    parents: tuple[Mobject, ...]


def _opacity(mobject: Mobject) -> float:
    if not len(mobject.points):
        return 0.0
    return float(max(mobject.get_fill_opacity(), 0.0))


def _ink(parts: Sequence[Mobject]) -> tuple[float, float, float, float] | None:
    clouds = [p.points for p in parts if len(p.points)]
    if not clouds:
        return None
    points = np.concatenate(clouds)
    (left, bottom), (right, top) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(left), float(bottom), float(right), float(top)


def texts(clip: Clip, least: float = SEEN) -> list[Seen]:
    """All texts on screen that are more opaque than `least`."""
    return [s for m in clip.mobjects for s in _texts(m, ()) if s.opacity > least]


def _texts(mobject: Mobject, parents: tuple[Mobject, ...]) -> Iterator[Seen]:
    if isinstance(mobject, LEAVES):
        shapes = [s for s in mobject.get_family() if s is not getattr(mobject, "box", None)]
        ink = _ink(shapes)
        if ink is not None:
            opacity = max(_opacity(s) for s in shapes)
            text = str(getattr(mobject, "text", "") or getattr(mobject, "typst_code", ""))
            if isinstance(mobject, DecimalNumber):
                text = str(mobject.get_value())
            yield Seen(mobject, text, ink, opacity, parents)
        return
    if isinstance(mobject, Formula):
        for sign in mobject.signs.submobjects:
            ink = _ink([sign])
            if ink is not None:
                yield Seen(sign, "", ink, _opacity(sign), (*parents, mobject))
        for number in mobject.numbers.values():
            yield from _texts(number, (*parents, mobject))
        return
    for part in mobject.submobjects:
        yield from _texts(part, (*parents, mobject))


def _in_formula(seen: Seen) -> Mobject | None:
    return next((p for p in seen.parents if isinstance(p, Formula)), None)


def origin_faults(clip: Clip) -> list[str]:
    """Digits on screen that no ledger entry, axis tick or index label accounts for."""
    faults = []
    for seen in texts(clip):
        where = f"{clip.section_name}: {seen.text!r}"
        mobject = seen.mobject
        if isinstance(mobject, LiveNumber):
            if not _entered(clip, mobject.name, mobject.value, mobject.text):
                faults.append(f"{where} is a number that the ledger does not have")
        elif isinstance(mobject, Words):
            faults += _word_faults(clip, mobject, seen, where)
        elif isinstance(mobject, FOREIGN):
            faults.append(f"{where} did not come through the kit")
    return faults


def _entered(clip: Clip, name: str, value: object, text: str) -> bool:
    return any(
        e.name == name and e.text == text and key(e.value) == key(value)
        for e in clip.ledger.entries
    )


def _word_faults(clip: Clip, words: Words, seen: Seen, where: str) -> list[str]:
    rest = words.text
    faults = []
    for figure in sorted(words.figures, key=lambda f: -len(f.text)):
        rest = rest.replace(figure.text, "", 1)
        if not _entered(clip, figure.name, figure.value, figure.text):
            faults.append(f"{where} holds a figure that the ledger does not have")
    if not DIGITS & set(rest):
        return faults
    from_kit = any(type(p).__module__.startswith("scenes.kit.") for p in seen.parents)
    if words.role == "tick" and from_kit:
        return faults
    if words.role == "index" and rest.isdigit() and len(rest) <= 2 and from_kit:
        return faults
    return [*faults, f"{where} has digits without an origin"]


# How texts lie


def frame_faults(clip: Clip) -> list[str]:
    """Texts outside the safe frame, overlapping, or too small, at this moment."""
    now = texts(clip)
    where = clip.section_name
    faults = [f"{where}: {_name(s)} leaves the safe frame" for s in now if not _safe(s.ink)]
    faults += [f"{where}: {_name(s)} is too small" for s in now if _too_small(s.mobject)]
    for first, second in combinations(now, 2):
        if _overlap(first, second):
            faults.append(f"{where}: {_name(first)} and {_name(second)} overlap")
    return faults


def _name(seen: Seen) -> str:
    """What a text is called in a fault: a number keeps its name while it runs."""
    if isinstance(seen.mobject, LiveNumber):
        return f"number {seen.mobject.name!r}"
    return f"text {seen.text!r}" if seen.text else "a sign of a formula"


def _safe(ink: tuple[float, float, float, float]) -> bool:
    left, bottom, right, top = ink
    half_width, half_height = theme.FRAME_WIDTH / 2, theme.FRAME_HEIGHT / 2
    edge = theme.MARGIN - 1e-6
    return (
        left >= edge - half_width
        and right <= half_width - edge
        and bottom >= edge - half_height
        and top <= half_height - edge
    )


def _too_small(mobject: Mobject) -> bool:
    if not isinstance(mobject, OnBaseline):
        return False
    diagonal = mobject.box.points[-1] - mobject.box.points[0]
    width, height = abs(diagonal[0]), abs(diagonal[1])
    capitals = height if getattr(mobject, "upright", True) else width
    return bool(capitals < glyphs.cap_height(theme.SMALLEST) * 0.99)


def _overlap(first: Seen, second: Seen) -> bool:
    shared = _in_formula(first)
    if shared is not None and shared is _in_formula(second):
        return False
    left = max(first.ink[0], second.ink[0])
    right = min(first.ink[2], second.ink[2])
    bottom = max(first.ink[1], second.ink[1])
    top = min(first.ink[3], second.ink[3])
    return right - left > TOUCH and top - bottom > TOUCH


def contrast_faults(clip: Clip) -> list[str]:
    """Texts whose contrast with what is drawn behind them is too low."""
    now = [s for s in texts(clip, 0.9) if isinstance(s.mobject, OnBaseline)]
    ground = _ground(clip)
    faults = []
    for seen in now:
        patch = _patch(ground, seen.ink)
        behind = "#" + "".join(f"{round(c):02X}" for c in patch)
        for colour in _colours(seen.mobject):
            ratio = theme.contrast(colour, behind)
            if ratio < theme.CONTRAST:
                where = f"{clip.section_name}: {seen.text!r}"
                faults.append(f"{where} {colour} on {behind} has contrast {ratio:.1f}")
    return faults


def _colours(mobject: Mobject) -> set[str]:
    box = getattr(mobject, "box", None)
    shapes = [s for s in mobject.get_family() if s is not box and len(s.points)]
    return {str(s.get_fill_color().to_hex()) for s in shapes}


def _ground(clip: Clip) -> np.ndarray:
    """The picture behind the texts, drawn small."""
    camera = Camera(
        pixel_width=854, pixel_height=480, background_color=theme.BACKGROUND, frame_rate=1
    )
    hidden = {id(part) for seen in texts(clip, 0.0) for part in seen.mobject.get_family()}
    family = [m for top in clip.mobjects for m in top.get_family() if id(m) not in hidden]
    camera.reset()
    camera.capture_mobjects([m for m in family if _drawable(m)], include_submobjects=False)
    return np.asarray(camera.pixel_array)[..., :3]


def _drawable(mobject: Mobject) -> bool:
    return hasattr(mobject, "pixel_array") or len(mobject.points) > 0


def _patch(ground: np.ndarray, ink: tuple[float, float, float, float]) -> np.ndarray:
    height, width = ground.shape[:2]
    unit = height / theme.FRAME_HEIGHT
    columns = [round(width / 2 + x * unit) for x in (ink[0], ink[2])]
    rows = [round(height / 2 - y * unit) for y in (ink[3], ink[1])]
    patch = ground[
        max(rows[0], 0) : max(rows[1], rows[0] + 1), max(columns[0], 0) : max(columns[1], 1)
    ]
    mean: np.ndarray = patch.reshape(-1, 3).mean(axis=0)
    return mean


# How long texts stay


@dataclass
class Stays:
    """When each text was seen without a break, by what it is."""

    step: float
    spans: dict[tuple[str, str], list[list[float]]] = field(default_factory=dict)

    def look(self, clip: Clip, now: float) -> None:
        """Note the texts on screen at `now`."""
        for seen in texts(clip, 0.99):
            if not isinstance(seen.mobject, OnBaseline):
                continue
            number = isinstance(seen.mobject, LiveNumber)
            name = seen.mobject.name if number else seen.text
            spans = self.spans.setdefault((str(seen.mobject.role), name), [])
            if spans and now - spans[-1][1] < 1.5 * self.step:
                spans[-1][1] = now
            else:
                spans.append([now, now])

    def faults(self, lang: str) -> list[str]:
        """Texts that were gone too soon."""
        faults = []
        for (role, name), spans in self.spans.items():
            needed = reading_time(name, lang) if role == "caption" else theme.SHORTEST
            for start, end in spans:
                # A frame's length at each end is not seen by the probe.
                if end - start + 2 * self.step < needed:
                    faults.append(f"{role} {name!r} stays {end - start:.1f} s of {needed:.1f} s")
        return faults


@dataclass
class Report:
    """A walked clip, and every breach found on the way."""

    clip: Clip
    faults: list[str]


def faults_of(
    clip: type[Clip],
    params: ClipParams | None = None,
    lang: str = "en",
    lasts: tuple[float, float] = (20, 75),
) -> Report:
    """Walk a clip and look at it: all rules of the ledger and of the layout.

    `lasts` are the fewest and the most seconds it may take.
    """
    found: list[str] = []
    stays = Stays(1 / FRAME_RATE)

    def at_section_end(scene: Clip, _section: str) -> None:
        found.extend(frame_faults(scene))
        found.extend(origin_faults(scene))
        found.extend(contrast_faults(scene))

    def on_frame(scene: Clip) -> None:
        found.extend(frame_faults(scene))
        stays.look(scene, scene.time)

    walked = walk(
        clip, params, lang, at_section_end=at_section_end, on_frame=on_frame, frame_rate=FRAME_RATE
    )
    found += ledger_faults(walked) + stays.faults(lang)
    # At the probe's few frames a second, times are rounded up: count what was asked for.
    seconds = walked.renderer.seconds
    if not lasts[0] <= seconds <= lasts[1]:
        found.append(f"the clip takes {seconds:.1f} s")
    return Report(walked, list(dict.fromkeys(found)))


def figure_of(value: Any, spec: str, name: str = "planted") -> Figure:
    """A figure that no ledger knows, for planting faults."""
    return Figure(name, value, spec)
