"""Encoding that keeps the theme's colours.

Manim converts to YUV with the matrix of old television (BT.601) and does not say so; players
take high definition to be BT.709 and show other greens and blues. Here the frames are
converted by BT.709 and the file is tagged so. A frame that holds is converted once.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from manim._config.video_encoder import VideoEncoderSpec
from manim.scene.scene_file_writer import SceneFileWriter
from manim.scene.video_segment_encoder import VideoSegmentEncoder

THREADS = 2
"""Of the encoder: a fixed number, for the coded bits depend on it."""


class TrueColourEncoder(VideoSegmentEncoder):
    """Encodes one segment by BT.709, limited range."""

    def __init__(self, *, target: Path, spec: VideoEncoderSpec) -> None:
        super().__init__(target=target, spec=spec)
        coder = self._stream.codec_context
        coder.colorspace = Colorspace.ITU709
        coder.color_range = ColorRange.MPEG
        coder.color_primaries = ColorPrimaries.BT709
        coder.color_trc = ColorTrc.BT709
        coder.thread_count = THREADS

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Encode `pixels` (height, width, 4) `repeat` times."""
        self._validate_frame(pixels, repeat)
        rate = self.spec.frame_rate
        try:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(
                format=self.spec.pixel_format,
                src_color_range=ColorRange.JPEG,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            frame.time_base = Fraction(rate.denominator, rate.numerator)
            for _ in range(repeat):
                frame.pts = self._next_pts
                self._next_pts += 1
                self._container.mux(self._stream.encode(frame))
        except BaseException as error:
            raise self._operation_error("encode", error) from error


class FileWriter(SceneFileWriter):
    """Manim's writer with our encoder."""

    def _create_segment_encoder(self, target: Path) -> VideoSegmentEncoder:
        if self.video_encoder is None:
            raise RuntimeError("a video needs encoder settings")
        return TrueColourEncoder(target=target, spec=self.video_encoder)
