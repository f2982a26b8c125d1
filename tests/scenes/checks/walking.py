"""Walking a clip while the checks look on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from checks.layout import Doubles, Places, Posters, Texts
from checks.legible import Contrast, Stays
from checks.origins import CaptionFigures, Origins, Truth, ledger_faults
from checks.seen import Faults, looked
from checks.worked import Equations
from scenes.kit.clip import Clip
from scenes.kit.dry import DryRenderer, walk
from scenes.kit.params import ClipParams
from scenes.kit.theme import Look

LASTS = (25.0, 75.0)


class Watched(DryRenderer):
    """Keeps time, draws nothing; what stands still is looked at once."""

    def __init__(self, look: Callable[[Any], None], again: Callable[[float], None]) -> None:
        super().__init__(look)
        self._again = again

    def freeze_current_frame(self, duration: float) -> None:
        """Go on to the end of a wait."""
        frames = int(duration * self.camera.frame_rate)
        if frames:
            self.render(self._scene, 0.0)
            self.add_frame(None, num_frames=frames - 1)
            self._again(self.time - 1 / self.camera.frame_rate)


@dataclass
class Report:
    """A walked clip, and every breach found on the way."""

    clip: Clip
    faults: list[str]


def faults_of(
    clip: type[Clip],
    params: ClipParams | None = None,
    lang: str = "en",
    *,
    run: Any = None,
    look: Look | None = None,
    rate: float = 8,
    drawn: bool = True,
    posters: bool = True,
    lasts: tuple[float, float] = LASTS,
) -> Report:
    """Walk a clip and look at it, `rate` times a second and at each section's end.

    `run` is what it computed, if that is known; `drawn`: draw the section ends, too, for the
    contrast of texts; `posters`: judge the first and the last frame; `lasts`: fewest and most
    seconds.
    """
    faults = Faults()
    stays, posts = Stays(faults, lang), Posters(faults)
    checks: list[Any] = [
        Truth(faults), Origins(faults), CaptionFigures(faults), Equations(faults), Texts(faults),
        Places(faults), Doubles(faults), stays, *([Contrast(faults)] if drawn else []),
        *([posts] if posters else []),
    ]  # fmt: skip

    def on_frame(scene: Clip) -> None:
        frame = looked(scene)
        for check in checks:
            check.look(frame)

    def at_section_end(scene: Clip, _section: str) -> None:
        frame = looked(scene)
        for check in checks:
            check.section_end(frame)

    walked = walk(
        partial(clip, run=run),  # type: ignore[arg-type]
        params,
        lang,
        at_section_end=at_section_end,
        renderer=lambda: Watched(on_frame, stays.again),
        frame_rate=rate,
        look=look,
    )
    stays.end(looked(walked))
    posts.end()
    ledger_faults(walked, faults)
    # At the probe's few frames a second, times are rounded up: count what was asked for.
    seconds = walked.renderer.seconds
    if not lasts[0] <= seconds <= lasts[1]:
        faults.note(f"the clip takes {seconds:.1f} s")
    return Report(walked, faults.sentences)
