"""Qualities, languages and default folders, known without importing manim or numpy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Quality:
    """A frame size in pixels and a rate in frames a second."""

    name: str
    width: int
    height: int
    fps: int


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


def manim_settings(quality: Quality, media: Path | str) -> dict[str, object]:
    """What manim's `config` is set to for a drawing; `media` holds what manim writes.

    A `manim.cfg` of the user's must not change a clip, so all that could is set here.
    """
    return {
        "pixel_width": quality.width,
        "pixel_height": quality.height,
        "frame_rate": quality.fps,
        "frame_height": 8.0,
        "frame_width": 128 / 9,
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
