"""Numbers of a run under the names by which formulas, captions and pictures speak of them.

`{"w": weight(r.weights, "weight into output {} from {}")}` names each number once, with its role.
From then on it is `book.w[0, 1]` in Python, `[w.0.1]` in a formula, `{w.0.1}` in a caption.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scenes.kit import theme
from scenes.kit.facts import spec_of
from scenes.kit.ledger import Figure, Value
from scenes.kit.ledger import plain as python_number
from scenes.kit.text.words import Align, LiveNumber


@dataclass(frozen=True, eq=False)
class Values:
    """A number, vector or matrix of the run: its name in the ledger, its role, its format.

    `name` has a `{}` for each index, counted from 1; `role` gives the colour (`theme.hue`).
    """

    array: NDArray[Any]
    name: str
    role: str
    spec: str
    turned: bool = False

    def __getitem__(self, index: int | tuple[int, ...]) -> Ref:
        return Ref(self, index if isinstance(index, tuple) else (index,))

    def __len__(self) -> int:
        return len(self.array)

    def __deepcopy__(self, memo: object) -> Values:
        return self  # manim copies what it fades; this never changes

    def only(self, k: int) -> Values:
        """The k-th of a row of numbers alone, under its own name: what is spoken of just now."""
        return replace(self, array=np.asarray(self.array[k]), name=self.name.format(k + 1))

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's."""
        return self.array.shape

    @property
    def colour(self) -> str:
        """Its role's colour in the current theme."""
        return theme.hue(self.role)

    @property
    def T(self) -> Values:
        """The same numbers under the same names, rows and columns exchanged."""
        return Values(self.array.T, self.name, self.role, self.spec, not self.turned)


@dataclass(frozen=True, eq=False)
class Ref:
    """One number of the run. Nothing else can become a number on screen."""

    values: Values
    index: tuple[int, ...] = ()

    def __deepcopy__(self, memo: object) -> Ref:
        return self

    @property
    def value(self) -> Value:
        """The number, bit for bit."""
        return python_number(self.values.array[self.index])

    @property
    def name(self) -> str:
        """What it is called in the ledger; two views that show it agree on this."""
        array = self.values.array
        places = [k % n for k, n in zip(self.index, array.shape, strict=True)]
        return self.values.name.format(*(k + 1 for k in places[:: -1 if self.values.turned else 1]))

    @property
    def figure(self) -> Figure:
        """Name, value, format and colour."""
        return Figure(self.name, self.value, self.values.spec, self.values.colour)

    def is_same(self, other: Ref) -> bool:
        """Whether both stand for the same number."""
        return self.name == other.name and self.value == other.value


class Live(LiveNumber):
    """A number on screen that stands for one of the run, and can be made another's.

    While a process runs, `law` computes what it shows from the process's state: a check calls it.
    """

    ref: Ref
    law: Callable[[], Value] | None = None

    def __init__(
        self, ref: Ref, size: float = theme.FORMULA, *, bold: bool = True, align: Align = "right",
        whole: bool = True,
    ) -> None:  # fmt: skip
        """`whole`: leave room for every number of its Values, not for this one alone."""
        array = ref.values.array if whole else np.array(ref.value)
        room = [python_number(array.min()), python_number(array.max())]
        super().__init__(ref.figure, size=size, bold=bold, room=room, align=align)
        self.ref = ref

    def be(self, ref: Ref) -> None:
        """Stand for another number of the run from now on; it is shown at the step's end."""
        self.ref, self.name = ref, ref.name

    def open_to(self, values: Values) -> None:
        """Have room for each of these numbers."""
        for value in (values.array.min(), values.array.max()):
            self.widen(python_number(value), values.spec)

    def aim(self, ref: Ref) -> None:
        """Stand for another number that a process now leads to: room for it, its format."""
        self.widen(ref.value, ref.values.spec)
        self.spec = ref.values.spec
        self.be(ref)

    def follow(self, law: Callable[[], Value]) -> None:
        """Show what `law` says at this instant; `rest` ends it."""
        self.law = law
        self.show(law())

    def rest(self) -> None:
        """Show what it stands for, bit for bit."""
        self.law = None
        self.show(self.ref.value)


def _role(
    role: str, default: str, *, signed: bool = False, given: bool = False
) -> Callable[..., Values]:  # fmt: skip
    def make(
        array: ArrayLike, name: str = default, digits: int | None = None, *,
        signed: bool = signed, given: bool = given,
    ) -> Values:  # fmt: skip
        """`digits`: at least so many decimals; `given`: a parameter, shown as it was given."""
        a = np.asarray(array)
        return Values(a, name, role, spec_of(a, digits, signed=signed, given=given))

    make.__name__ = role
    return make


weight = _role("weight", "weight")
inputs = _role("input", "input")
output = _role("output", "output")
error = _role("error", "error")
target = _role("target", "target")
plain = _role("ink", "number")
count = _role("ink", "count")


class Book(dict[str, Any]):
    """The clip's quantities: `book.w[0, 1]` in Python, `w.0.1` in captions and formulas."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the book has no {name!r}; it has {', '.join(self)}") from None

    def __deepcopy__(self, memo: object) -> Book:
        return self

    def ref(self, path: str) -> Ref:
        """`w.0.1`, or `two.right.-1` within a group. KeyError for a name that is not there."""
        found: Any = self
        parts = path.split(".")
        while isinstance(found, Mapping):
            found = found[parts.pop(0)]
        return Ref(found, tuple(map(int, parts)))
