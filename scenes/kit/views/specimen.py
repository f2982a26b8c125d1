"""The examples in the docstrings of the views, told on a stage of their own.

An example is the paragraph of code in a view's docstring. It may use `self`, `book` (or
`b`), the views, the roles of quantities, `np` and what the view's module has.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

import nncore
from nncore import terrain
from scenes.kit import captions, quantities, views
from scenes.kit.dry import walk
from scenes.kit.quantities import count, inputs, output, plain, weight
from scenes.kit.story import Story, View
from scenes.kit.text.words import Words
from scenes.kit.theme import Look

Moment = Callable[[Story], None]


def modules() -> Iterator[Any]:
    """The modules of all views, by name."""
    for found in iter_modules(views.__path__):
        if not found.name.startswith("_"):
            yield import_module(f"{views.__name__}.{found.name}")


def actors() -> dict[str, type[View]]:
    """All views by their names, parts of others left out."""
    kinds = [
        kind
        for module in modules()
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, View) and kind.__module__ == module.__name__
    ]
    bases = {base for kind in kinds for base in kind.__mro__[1:]}
    return {k.__name__: k for k in kinds if k not in bases or example(k)}


def example(kind: type[View]) -> str:
    """The code in a view's docstring, its paragraph with a stage; "" if there is none."""
    parts = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    return textwrap.dedent(next((p for p in parts if "self.stage(" in p), ""))


class Specimen(Story):
    """A view's example. `moment` is called once it has been told so far: after each line that
    acts. Labels that no clip shares are their own names."""

    words_file = captions.SHARED
    code = ""
    kind: type[View] = View
    moment: Moment | None = None

    @staticmethod
    def compute(params: Any) -> nncore.Forward:
        """Two signals through four weights."""
        weights = np.array([[0.9, 0.3], [0.2, 0.8]])
        return nncore.Network([nncore.Layer(weights, None, nncore.SIGMOID)]).forward([1.0, 0.5])

    def quantities(self, run: nncore.Forward) -> dict[str, Any]:
        """Inputs x, weights w, products p, sums s, outputs y, and two counts n."""
        weights = np.array([[0.9, 0.3], [0.2, 0.8]])
        return {
            "x": inputs(run.inputs, "input {}"),
            "w": weight(weights, "weight into output {} from {}"),
            "p": plain(weights * run.inputs, "product into output {} from {}", 2),
            "s": plain(run.weighted_sums[0], "weighted sum {}", 2),
            "y": output(run.output, "output {}", 4),
            "n": count([4, 3], "count {}"),
        }

    def words(self, key: str, **look: Any) -> Words:
        """A text, or the name of the one that is not there."""
        self.texts.setdefault(key, key.rpartition(".")[2])
        return super().words(key, **look)

    def title(self) -> list[Words]:
        """None."""
        return []

    def act(self, *steps: Any) -> None:
        """Play steps, and show what has become of it."""
        super().act(*steps)
        if steps and self.moment:
            self.moment(self)

    def story(self, run: nncore.Forward) -> None:
        """Run the example."""
        roles = {n: v for n, v in vars(quantities).items() if callable(v)}
        names = {n: v for m in modules() for n, v in vars(m).items() if not n.startswith("_")}
        names |= {n: getattr(nncore, n) for n in nncore.__all__} | roles
        names |= {"np": np, "terrain": terrain, **vars(import_module(self.kind.__module__))}
        exec(self.code, names | {"self": self, "book": self.book, "b": self.book})


def told(kind: type[View], moment: Moment | None = None, look: Look | None = None) -> Story:
    """Walk a view's example without drawing."""
    made = type(kind.__name__, (Specimen,), {"kind": kind, "code": example(kind)})
    if moment is not None:
        made.moment = staticmethod(moment)  # type: ignore[attr-defined]
    return walk(partial(made), look=look)  # type: ignore[arg-type]
