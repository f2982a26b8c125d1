"""The ledger: every number a clip shows, with the value it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Value = float | int


def shown(value: Value, spec: str) -> str:
    """`value` in Python's format `spec`, with a true minus sign and no negative zero."""
    text = format(value, spec)
    if text.startswith("-") and not any(ch in "123456789" for ch in text):
        text = format(abs(value), spec)
    return text.replace("-", "−")


def plain(value: object) -> Value:
    """A numpy or Python number as a Python one, bit for bit (float32 widens exactly)."""
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    raise TypeError(f"not a number: {value!r}")


@dataclass(frozen=True)
class Figure:
    """A number as it is shown: its name, its value, its format, its colour."""

    name: str
    value: Value
    spec: str
    colour: str = "ink"

    @property
    def text(self) -> str:
        """The value in its format."""
        return shown(self.value, self.spec)


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: where (section), what (name), the value and its text.

    A choice that the run made by itself (which image it took) is a line whose value is text.
    """

    section: str
    name: str
    value: Value | str
    text: str
    spec: str

    def as_json(self) -> dict[str, str | float | int]:
        """The entry as `numbers --json` prints it."""
        return {
            "section": self.section,
            "name": self.name,
            "value": self.value,
            "text": self.text,
        }


class Ledger:
    """The entries of one clip, in the order they were shown."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(self, section: str, figure: Figure) -> None:
        """Add a line, unless the same section already shows the same figure."""
        entry = Entry(section, figure.name, figure.value, figure.text, figure.spec)
        if entry not in self.entries:
            self.entries.append(entry)

    def note(self, section: str, name: str, choice: str) -> None:
        """Add a line for what the run chose, which is a name and not a number."""
        self.entries.append(Entry(section, name, choice, choice, ""))
