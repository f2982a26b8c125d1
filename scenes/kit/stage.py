"""Named areas of the frame from one line of text: "net*3 / line", "plane | net / loss"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from scenes.kit import theme

GAP = 0.35
_TOKENS = re.compile(r"[a-z][\w-]*|[|/*()]|[\d.]+")
Node = str | tuple[str, list[tuple[float, "Node"]]]


@dataclass(frozen=True)
class Box:
    """A rectangle of the frame: its middle, width and height, frame units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + self.height / 2

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y - self.height / 2

    def towards(self, other: Box, share: float) -> Box:
        """The box `share` (0 to 1) of the way to another."""
        here = (self.x, self.y, self.width, self.height)
        there = (other.x, other.y, other.width, other.height)
        return Box(*(a + (b - a) * share for a, b in zip(here, there, strict=True)))

    def inset(self, left: float = 0, right: float = 0, top: float = 0, bottom: float = 0) -> Box:
        """The box without these margins."""
        return Box(
            self.x + (left - right) / 2,
            self.y + (bottom - top) / 2,
            self.width - left - right,
            self.height - top - bottom,
        )

    def within(self, ratio: float) -> Box:
        """The largest box of this width over height in its middle."""
        width = min(self.width, self.height * ratio)
        return Box(self.x, self.y, width, width / ratio)


def picture() -> Box:
    """What the look leaves for pictures between title and caption."""
    return Box(
        (theme.LEFT + theme.RIGHT) / 2,
        (theme.PICTURE_TOP + theme.PICTURE_BOTTOM) / 2,
        theme.RIGHT - theme.LEFT,
        theme.PICTURE_TOP - theme.PICTURE_BOTTOM,
    )


def parse(plan: str) -> Node:
    """The tree of a plan: `|` side by side, `/` one below the other (binds closer), `*n` shares.

    ValueError for a plan that cannot be read.
    """
    tokens = _TOKENS.findall(plan)
    if "".join(tokens) != re.sub(r"\s", "", plan):
        raise ValueError(f"a plan has names, | / * ( ) and numbers: {plan!r}")

    def split(sign: str, below: Callable[[], tuple[float, Node]]) -> tuple[float, Node]:
        parts = [below()]
        while tokens and tokens[0] == sign:
            tokens.pop(0)
            parts.append(below())
        return parts[0] if len(parts) == 1 else (1.0, (sign, parts))

    def atom() -> tuple[float, Node]:
        token = tokens.pop(0)
        inner: Node = token
        if token == "(":
            _, inner = columns()
            tokens.pop(0)
        share = 1.0
        if tokens and tokens[0] == "*":
            tokens.pop(0)
            share = float(tokens.pop(0))
        return share, inner

    def columns() -> tuple[float, Node]:
        return split("|", lambda: split("/", atom))

    try:
        tree = columns()[1]
    except (IndexError, ValueError):
        raise ValueError(f"this plan cannot be read: {plan!r}") from None
    if tokens:
        raise ValueError(f"this plan cannot be read: {plan!r}")
    return tree


def areas(plan: str, within: Box | None = None, *, turn: bool = True) -> dict[str, Box]:
    """The areas of a plan in the picture. What stands side by side in a wide frame is stacked in
    a square or tall one, and what is stacked inside it comes side by side, if it may `turn`."""
    box = within or picture()
    tree = parse(plan)
    narrow = theme.FRAME_WIDTH < 1.2 * theme.FRAME_HEIGHT
    if turn and narrow and not isinstance(tree, str):
        tree = _turned(tree) if tree[0] == "|" else tree
    found: dict[str, Box] = {}
    _place(tree, box, found)
    return found


def _turned(node: Node) -> Node:
    if isinstance(node, str):
        return node
    sign, parts = node
    return ("/" if sign == "|" else "|"), [(share, _turned(part)) for share, part in parts]


def _place(node: Node, box: Box, found: dict[str, Box]) -> None:
    if isinstance(node, str):
        found[node] = box
        return
    sign, parts = node
    total = sum(share for share, _ in parts)
    along = (box.width if sign == "|" else box.height) - GAP * (len(parts) - 1)
    pen = box.left if sign == "|" else box.top
    for share, part in parts:
        size = along * share / total
        if sign == "|":
            _place(part, Box(pen + size / 2, box.y, size, box.height), found)
            pen += size + GAP
        else:
            _place(part, Box(box.x, pen - size / 2, box.width, size), found)
            pen -= size + GAP
