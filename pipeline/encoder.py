"""Encoding a clip: one stream from first frame to last, in the theme's true colours.

Manim encodes each animation as a file of its own and joins them. That costs a key frame at every
joint, and the joints' times are not all exact. It also converts to YUV with the matrix of old
television (BT.601) and does not say so; players take high definition to be BT.709 and show
other greens and blues. Here the frames are converted by BT.709 and the file says so; a frame
that holds is converted once.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from manim._config.video_encoder import VideoEncoderSpec
from manim.scene.scene_file_writer import SceneFileWriter, _PartialMovieEncodeJob

THREADS = 2
"""Of the encoder: a fixed number, for the coded bits depend on it."""
KEY_FRAME_EVERY = 2
"""Seconds: how finely a player can be moved to a place in the clip."""


class ClipEncoder:
    """Writes one MP4: BT.709, limited range, its index at the front for the web."""

    def __init__(self, target: Path, spec: VideoEncoderSpec) -> None:
        self.target = target
        target.parent.mkdir(parents=True, exist_ok=True)
        self._format, self._rate, self._next = spec.pixel_format, spec.frame_rate, 0
        self._container = av.open(
            str(target), "w", format=spec.container_format, options={"movflags": "faststart"}
        )
        options = dict(spec.options)
        self._stream: Any = self._container.add_stream(spec.codec, self._rate, options)
        self._stream.width, self._stream.height = spec.width, spec.height
        self._stream.pix_fmt = spec.pixel_format
        coder = self._stream.codec_context
        coder.colorspace = Colorspace.ITU709
        coder.color_range = ColorRange.MPEG
        coder.color_primaries = ColorPrimaries.BT709
        coder.color_trc = ColorTrc.BT709
        coder.thread_count = THREADS
        coder.gop_size = round(KEY_FRAME_EVERY * self._rate)

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Encode `pixels` (height, width, 4; uint8 RGBA) `repeat` times."""
        frame = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(
            format=self._format,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.time_base = Fraction(1) / self._rate
        for _ in range(repeat):
            frame.pts = self._next
            self._next += 1
            self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode what waits and close the file."""
        self._container.mux(self._stream.encode())
        self._container.close()

    def abort(self) -> None:
        """Close and remove the file."""
        with suppress(Exception):
            self._container.close()
        self.target.unlink(missing_ok=True)


class FileWriter(SceneFileWriter):
    """Manim's writer with one encoder, in a thread of its own, for all animations."""

    _current_encode_job: _PartialMovieEncodeJob | None

    def open_partial_movie_stream(self, **_: Any) -> None:
        """Start the encoder, the first time."""
        if self._current_encode_job is None:
            if self.video_encoder is None:
                raise RuntimeError("a video needs encoder settings")
            encoder: Any = ClipEncoder(self.movie_file_path, self.video_encoder)
            self._current_encode_job = _PartialMovieEncodeJob(
                animation_index=0,
                encoder=encoder,
                frame_queue_size=self.settings.encoder_queue_size,
            )

    def close_partial_movie_stream(self) -> None:
        """Go on with the same encoder."""

    def finish(self) -> None:
        """Complete the video; write the subtitles."""
        job, self._current_encode_job = self._current_encode_job, None
        if job is None:
            raise RuntimeError("the clip has no animation")
        job.seal()
        job.join()
        self.write_subcaption_file()
