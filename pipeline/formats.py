"""The formats of a clip: containers, codecs and their settings, known without importing any."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from nncore.errors import ParameterError
from pipeline.settings import FORMATS

KEY_FRAME_EVERY = 8
"""Seconds at most: how finely a player can be moved to a place; each section begins with one."""
GIF_RATE = 30
"""Frames a second at most: a GIF's times are in hundredths of a second."""


@dataclass(frozen=True)
class Format:
    """How a clip becomes a file.

    A part is encoded by `codec` with `options` into a `container`; the parts are joined to a
    file (for png a folder) whose name ends in `suffix`. planes: for each plane of
    `pixel_format`, by how much it is smaller in width and height, and bytes a sample. holds:
    frames that repeat the one before are not encoded (`pipeline.holds`).
    """

    name: str
    transparent: bool
    suffix: str
    part_suffix: str
    container: str
    codec: str
    pixel_format: str
    planes: tuple[tuple[int, int, int], ...]
    options: tuple[tuple[str, str], ...] = ()
    threads: int = 1
    holds: bool = False

    def fingerprint(self) -> dict[str, Any]:
        """All settings that the bytes depend on."""
        return {**asdict(self), "key frame every": KEY_FRAME_EVERY, "gif rate": GIF_RATE}


_YUV420 = ((1, 1, 1), (2, 2, 1), (2, 2, 1))

# No frame refers to a later one and none looks ahead, so that parts join without a seam; a
# repeated frame costs least so. Measured against manim's settings on frames of three clips.
_H264 = (
    ("preset", "superfast"),
    ("crf", "23.5"),
    ("bf", "0"),
    ("rc-lookahead", "0"),
    ("mbtree", "0"),
    ("sc_threshold", "0"),
    ("weightp", "0"),
    ("profile", "high"),
    ("forced-idr", "1"),
    ("x264-params", "subme=0:chroma-qp-offset=-1"),
)
_VP9 = (
    ("deadline", "realtime"),
    ("cpu-used", "6"),
    ("crf", "24"),
    ("b", "0"),
    ("auto-alt-ref", "0"),
    ("lag-in-frames", "0"),
    ("row-mt", "0"),
)

_ALL = {
    (one.name, one.transparent): one
    for one in (
        Format("mp4", False, ".mp4", ".mp4", "mp4", "libx264", "yuv420p", _YUV420, _H264,
               holds=True),
        Format("webm", False, ".webm", ".webm", "webm", "libvpx-vp9", "yuv420p", _YUV420, _VP9),
        Format("webm", True, ".webm", ".webm", "webm", "libvpx-vp9", "yuva420p",
               (*_YUV420, (1, 1, 1)), _VP9),
        # ProRes is what Keynote, PowerPoint on macOS and video editors take.
        Format("mov", False, ".mov", ".mov", "mov", "prores_ks", "yuv422p10le",
               ((1, 1, 2), (2, 1, 2), (2, 1, 2)),
               (("profile", "hq"), ("vendor", "apl0"))),
        Format("mov", True, ".mov", ".mov", "mov", "prores_ks", "yuva444p10le",
               ((1, 1, 2),) * 4, (("profile", "4444"), ("alpha_bits", "8"), ("vendor", "apl0"))),
        # Lossless parts; the palette is made of all of them.
        Format("gif", False, ".gif", ".mp4", "mp4", "libx264rgb", "rgb24", ((1, 1, 3),),
               (("preset", "ultrafast"), ("qp", "0"), ("bf", "0"))),
        Format("png", False, "-frames", "", "", "png", "rgb24", ((1, 1, 3),)),
        Format("png", True, "-frames", "", "", "png", "rgba", ((1, 1, 4),)),
    )
}  # fmt: skip


def choose(name: str, transparent: bool = False) -> Format:
    """The format called `name`. Raises ParameterError if there is none, or not transparent."""
    if name not in FORMATS:
        raise ParameterError(f"There is no format {name!r}: the formats are {', '.join(FORMATS)}.")
    if (name, transparent) not in _ALL:
        able = ", ".join(format for format, clear in _ALL if clear)
        raise ParameterError(f"{name} cannot be transparent: choose one of {able}.")
    return _ALL[name, transparent]
