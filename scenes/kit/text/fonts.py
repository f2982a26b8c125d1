"""The one font family, found among those that Pango (through fontconfig) knows."""

from __future__ import annotations

from functools import cache

import manimpango

from nncore.errors import NNError

# One family for both languages; the first is the design's, the others stand in for it.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
)


class FontError(NNError):
    """No installed font can set both languages."""


@cache
def family() -> str:
    """Name of the installed family that sets the clips' text.

    Raises FontError where none is installed, naming the package to install.
    """
    installed = set(manimpango.list_fonts())
    for name in FAMILIES:
        if name in installed:
            return name
    raise FontError(
        "No font for English and Chinese text is installed: install fonts-noto-cjk "
        "(Debian, Ubuntu) or the font-noto-sans-cjk-sc cask (Homebrew), then run again."
    )
