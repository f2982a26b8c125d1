"""Draws a sheet of all actors: `python -m scenes.kit.views [FILE.png]`.

Each view has a row: its example after each line that acts, up to the last four of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from manim import Mobject, config
from manim.camera.camera import Camera
from PIL import Image, ImageDraw

from scenes.kit import theme
from scenes.kit.story import Story, View
from scenes.kit.views.specimen import actors, told

SHORT = 216  # pixels
MOMENTS = 4
GAP, HEAD = 8, 22


def drawn(scene: Story) -> Image.Image:
    """The picture as it stands."""
    width, height = theme.current().pixels(SHORT)
    camera = Camera(
        pixel_width=width,
        pixel_height=height,
        frame_width=config.frame_width,
        frame_height=config.frame_height,
        background_color=theme.BACKGROUND,
        frame_rate=1,
    )
    camera.reset()
    parts = [m for top in scene.mobjects for m in top.get_family() if _drawable(m)]
    camera.capture_mobjects(parts, include_submobjects=False)
    return Image.fromarray(np.asarray(camera.pixel_array)[..., :3])


def _drawable(mobject: Mobject) -> bool:
    return hasattr(mobject, "pixel_array") or len(mobject.points) > 0


def row(kind: type[View]) -> list[Image.Image]:
    """A view's moments."""
    found: list[Image.Image] = []
    told(kind, lambda scene: found.append(drawn(scene)))
    return found[-MOMENTS:]


def sheet(kinds: dict[str, type[View]]) -> Image.Image:
    """Views one below the other, their names above."""
    width, height = theme.current().pixels(SHORT)
    size = (MOMENTS * (width + GAP) + GAP, len(kinds) * (height + HEAD + GAP))
    whole = Image.new("RGB", size, theme.SHEET)
    pen = ImageDraw.Draw(whole)
    for line, (name, kind) in enumerate(kinds.items()):
        top = line * (height + HEAD + GAP)
        pen.text((GAP, top + 5), name, fill=theme.INK)
        for column, picture in enumerate(row(kind)):
            whole.paste(picture, (GAP + column * (width + GAP), top + HEAD))
    return whole


def main(path: Path) -> None:
    """Write the sheet of all views."""
    sheet(actors()).save(path)
    print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "views.png"))
