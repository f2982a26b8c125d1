"""How long a landscape takes a frame at 1080p: `python -m bench.landscape`.

A camera that tilts from the map to the side and sees each frame anew, by day and by night with
a lamp; and a lamp that walks. Milliseconds of computing a frame, the best of several rounds;
what is done once is told apart.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from nncore.lands import bean_mountain
from nncore.terrain import Terrain2D, several_valleys_2d
from scenes.kit.ground import Camera, Ground

SHAPE = (729, 1809)
"""The picture's part of a frame of 1080 x 1920 pixels."""


def ground(terrain: Terrain2D, shape: tuple[int, int] = SHAPE) -> Ground:
    """The whole terrain with 18 contours."""
    x, y = zip(terrain.low, terrain.high, strict=True)
    z = terrain.value(np.stack(np.meshgrid(np.linspace(*x, 80), np.linspace(*y, 80)), axis=-1))
    return Ground(terrain, x, y, np.linspace(float(z.min()), float(z.max()), 18), shape)


def by_day(land: Ground, camera: Camera) -> None:
    """See and paint a frame of a day."""
    land.see(camera)
    land.day()


def by_night(land: Ground, camera: Camera) -> None:
    """See and paint a frame of a night with one lamp."""
    land.see(camera)
    lamp(land, camera)


def lamp(land: Ground, _: Camera) -> None:
    """Paint a frame in which only the lamp moves."""
    picture = land.night()
    land.lamp(picture, (land.x_range[0] + 1.0, 0.0), 0.2)


def a_frame(draw: Callable[[Ground, Camera], None], land: Ground, frames: int) -> float:
    """Milliseconds a frame of a camera that tilts from 90 to 0 degrees."""
    start = time.process_time()
    for tilt in np.linspace(90, 0, frames):
        draw(land, Camera(float(tilt), *land.y_range))
    return 1000 * (time.process_time() - start) / frames


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60, help="frames of a tilt")
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts")
    given = parser.parse_args()
    for terrain in (several_valleys_2d(), bean_mountain()):
        start = time.process_time()
        land = ground(terrain)
        once = time.process_time() - start
        print(f"{terrain.name}: {once:.2f} s once")
        for name, draw in (("day", by_day), ("night", by_night), ("lamp", lamp)):
            best = min(a_frame(draw, land, given.frames) for _ in range(given.rounds))
            print(f"  {name}: {best:.1f} ms a frame")


if __name__ == "__main__":
    main()
