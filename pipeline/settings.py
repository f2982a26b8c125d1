"""Qualities, languages and default folders, known without importing manim or numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenes.kit.theme import Look


@dataclass(frozen=True)
class Quality:
    """A frame size in pixels and a rate in frames a second; those of QUALITIES are of 16:9."""

    name: str
    width: int
    height: int
    fps: int

    def of(self, look: Look) -> Quality:
        """This quality in a look's aspect: the short side stays what it is."""
        width, height = look.pixels(min(self.width, self.height))
        return replace(self, width=width, height=height)


QUALITIES = {
    quality.name: quality
    for quality in (
        Quality("low", 854, 480, 15),
        Quality("medium", 1280, 720, 30),
        Quality("high", 1920, 1080, 60),
        Quality("4k", 3840, 2160, 60),
    )
}
DEFAULT_QUALITY = "medium"

FORMATS = ("mp4", "webm", "mov", "gif", "png")
DEFAULT_FORMAT = "mp4"

LANGUAGES = ("en", "zh")
DEFAULT_LANGUAGE = "en"

THEMES = ("dark", "light")
DEFAULT_THEME = "dark"
ASPECTS = ("16:9", "4:3", "1:1", "9:16")
DEFAULT_ASPECT = "16:9"

MEDIA = Path("media")
CLIPS = MEDIA / "clips"
FREE_DISK = 2 * 1024**3
"""Bytes that a render of all clips can need on the way."""


def clips_folder(lang: str) -> Path:
    """Where clips in `lang` go by default, from the current folder."""
    return CLIPS / lang


def storyboards_folder(lang: str) -> Path:
    """Where storyboards in `lang` go by default, from the current folder."""
    return MEDIA / "storyboards" / lang


def frame_settings(quality: Quality, look: Look) -> dict[str, object]:
    """Manim's frame: in pixels and, as many to a unit in every aspect, in units."""
    size = quality.of(look)
    width, height = look.frame
    return {
        "pixel_width": size.width,
        "pixel_height": size.height,
        "frame_width": width,
        "frame_height": height,
    }


def manim_settings(quality: Quality, media: Path | str, look: Look) -> dict[str, object]:
    """What manim's `config` is set to for a drawing; `media` holds what manim writes.

    A `manim.cfg` of the user's must not change a clip, so all that could is set here.
    """
    return {
        **frame_settings(quality, look),
        "frame_rate": quality.fps,
        "background_opacity": 1.0,
        "renderer": "cairo",
        "media_dir": str(media),
        "video_dir": "{media_dir}/video",
        "partial_movie_dir": "{media_dir}/video",
        "images_dir": "{media_dir}/images",
        "text_dir": "{media_dir}/texts",
        "tex_dir": "{media_dir}/tex",
        "output_file": "clip",
        "format": "mp4",
        "dry_run": False,
        "disable_caching": True,
        "max_files_cached": -1,
        "save_sections": False,
        "log_to_file": False,
        "preview": False,
        "show_in_file_browser": False,
        "from_animation_number": 0,
        "upto_animation_number": -1,
        "progress_bar": "none",
        "video_codec": "libx264",
        "pixel_format": "yuv420p",
        "video_encoder_options": {"crf": "17", "preset": "medium"},
    }
