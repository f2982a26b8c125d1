"""Where numbers come from: the run, the parameters, the law of a process; nothing else."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from pydantic import BaseModel

from checks.seen import FOREIGN, Faults, Frame, Seen
from scenes.kit.clip import Clip
from scenes.kit.ledger import shown
from scenes.kit.quantities import Live
from scenes.kit.text.words import LiveNumber, Words

DIGITS = set("0123456789")
Key = tuple[str, bytes]


def key(value: object) -> Key:
    """A number bit for bit: whole numbers by value, floats by their eight bytes; or a name."""
    if isinstance(value, str):
        return "s", value.encode()
    if isinstance(value, bool | int | np.integer | np.bool_):
        return "i", str(int(value)).encode()
    return "f", struct.pack(">d", float(value))  # type: ignore[arg-type]


def members(record: object) -> set[Key]:
    """Every number and name within a record: dataclasses, models, sequences, mappings, arrays."""
    found: set[Key] = set()
    _collect(record, found, set())
    return found


def _collect(value: object, found: set[Key], seen: set[int]) -> None:
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


def ledger_faults(clip: Clip, faults: Faults) -> None:
    """Entries whose value is not of the run or the parameters, or whose text is not its format."""
    known = members(clip.run) | members(clip.params)
    for entry in clip.ledger.entries:
        where = f"{entry.section}: {entry.name} = {entry.value!r}"
        if key(entry.value) not in known:
            faults.note(f"{where} is no member of the run")
        text = entry.value if isinstance(entry.value, str) else shown(entry.value, entry.spec)
        if entry.text != text:
            faults.note(f"{where} is shown as {entry.text!r}")


class Truth:
    """Every number on screen is its quantity, bit for bit, or what a running process computes.

    A number that has been told what it is next may show what it was, until the step's end.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.was: dict[int, Key] = {}

    def look(self, frame: Frame) -> None:
        """On its way a number may be what it was."""
        self._check(frame, settled=False)

    def section_end(self, frame: Frame) -> None:
        """At rest every number is what it stands for."""
        self._check(frame, settled=True)

    def _check(self, frame: Frame, settled: bool) -> None:
        for seen in frame.texts:
            number = seen.mobject
            if not isinstance(number, Live):
                continue
            now = key(number.value)
            true = number.law() if number.law else number.ref.value
            if seen.text != shown(number.value, number.spec):
                self.faults.add(frame, f"{seen.name} reads {seen.text!r} for {number.value!r}")
            if now == key(true):
                self.was[id(number)] = now
            elif settled or self.was.get(id(number)) != now:
                says = f"{seen.name} shows {number.text}, and is {true!r}"
                self.faults.add(frame, says, kind=f"{seen.name} is not true")


class Origins:
    """At rest, each digit on screen is in the ledger, or a tick, or an index."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def look(self, frame: Frame) -> None:
        """Text that did not come through the kit is seen at once."""
        for seen in frame.texts:
            if isinstance(seen.mobject, FOREIGN):
                self.faults.add(frame, f"{seen.name} did not come through the kit")

    def section_end(self, frame: Frame) -> None:
        """Check every text."""
        clip = frame.clip
        entered = {(e.name, e.text, key(e.value)) for e in clip.ledger.entries}
        views = {id(view.group) for view in getattr(clip, "shown", {}).values()}
        for seen in frame.texts:
            number = seen.mobject
            if isinstance(number, LiveNumber):
                if (number.name, number.text, key(number.value)) not in entered:
                    self.faults.add(frame, f"{seen.name}, {seen.text}, is not in the ledger")
            elif isinstance(number, Words):
                for figure in number.figures:
                    if (figure.name, figure.text, key(figure.value)) not in entered:
                        self.faults.add(frame, f"{seen.name}: {figure.text} is not in the ledger")
                if not _accounted(seen, any(id(p) in views for p in seen.parents)):
                    self.faults.add(frame, f"{seen.name} has digits without an origin")


def _accounted(seen: Seen, in_view: bool) -> bool:
    """Whether each digit of a text is of a figure in it, or it is a view's tick or index."""
    words: Words = seen.mobject
    rest = words.text
    for figure in sorted(words.figures, key=lambda f: -len(f.text)):
        rest = rest.replace(figure.text, "", 1)
    if not DIGITS & set(rest):
        return True
    return in_view and (
        words.role == "tick" or (words.role == "index" and rest.isdigit() and len(rest) <= 2)
    )


class CaptionFigures:
    """A figure that a caption says is in the picture too, within the section: as a number, in a
    label, or, of a whole number, as the index of what it numbers."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._begin("")

    def _begin(self, section: str) -> None:
        self.section = section
        self.shown: set[tuple[str, Key]] = set()
        self.indices: set[Key] = set()
        self.said: dict[tuple[str, Key], str] = {}

    def look(self, frame: Frame) -> None:
        """Note what is shown and what is said."""
        if frame.section != self.section:
            self._begin(frame.section)
        for seen in frame.texts:
            text = seen.mobject
            if isinstance(text, LiveNumber):
                self.shown.add((text.name, key(text.value)))
            elif isinstance(text, Words) and text.role == "index":
                self.indices.add(("i", text.text.encode()))
            elif isinstance(text, Words) and text.role not in ("title", "caption"):
                self.shown.update((f.name, key(f.value)) for f in text.figures)
        caption = frame.clip.caption
        if caption is not None:
            for figure in caption.figures:
                said = f"the caption {caption.text!r} says {figure.text} ({figure.name})"
                self.said.setdefault((figure.name, key(figure.value)), said)

    def section_end(self, frame: Frame) -> None:
        """All that was said was shown."""
        self.look(frame)
        for figure, said in self.said.items():
            if figure not in self.shown and figure[1] not in self.indices:
                self.faults.add(frame, f"{said}, and the picture never shows it")
        self._begin(frame.section)
