"""How true a video is to the frames that were drawn, and what encoding it alone costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

import av
import av.filter
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from manim import tempconfig
from manim.renderer.cairo_renderer import CairoRenderer
from numpy.typing import NDArray

from bench.render_table import BenchError
from pipeline import formats
from pipeline.encoder import configure
from pipeline.settings import Quality, manim_settings
from scenes.catalogue import ClipRef
from scenes.kit import theme

Pixels = NDArray[np.uint8]

CHUNK = 48
"""Frames held in memory at a time."""


@dataclass(frozen=True)
class Video:
    """A file, and the matrix by which its frames were made YUV."""

    path: Path
    matrix: Colorspace


def due(start: int, count: int, every: int) -> range:
    """Of the frames `start` to before `start + count`, those whose numbers are multiples of
    `every`."""
    return range(-(-start // every) * every, start + count, every)


class Sampler(CairoRenderer):
    """Goes through every frame of a scene and paints, as manim does, each `every`-th.

    `take(number, pixels)` gets them, (height, width, 4) RGBA.
    """

    def __init__(self, every: int, take: Callable[[int, Pixels], None]) -> None:
        super().__init__()
        self.frames = 0
        self._every, self._take = every, take
        self._static: Any = None
        self._shown: tuple[Any, Any] = (None, None)

    def save_static_frame_data(self, scene: Any, static_mobjects: Any) -> None:
        """Keep what stands below all that moves."""
        self._static = static_mobjects

    def update_frame(self, scene: Any, mobjects: Any = None, **_: Any) -> None:
        """Keep what is to be painted."""
        self._shown = (scene, mobjects)

    def get_frame(self) -> Any:
        """No frame yet."""
        return None

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Paint if a frame is due."""
        numbers = due(self.frames, num_frames, self._every)
        if numbers:
            pixels = self._painted()
            for number in numbers:
                self._take(number, pixels)
        self.frames += num_frames
        self.time += num_frames * (1 / self.camera.frame_rate)

    def scene_finished(self, scene: Any) -> None:
        """Nothing."""

    def _painted(self) -> Pixels:
        scene, moving = self._shown
        self.static_image = None
        if self._static:
            CairoRenderer.update_frame(self, scene, mobjects=self._static)
            self.static_image = self.camera.pixel_array.copy()
        CairoRenderer.update_frame(self, scene, mobjects=moving)
        found: Pixels = self.camera.pixel_array
        return found


class _Judge:
    """The SSIM (ffmpeg's, over R, G and B) of a video's frames, given in order."""

    def __init__(self, video: Video) -> None:
        self._container = av.open(str(video.path))
        stream = self._container.streams.video[0]
        stream.thread_type = "AUTO"
        self._frames = enumerate(self._container.decode(stream))
        self._matrix = video.matrix
        self._graph: Any = None
        self.found: list[float] = []

    def judge(self, number: int, truth: Pixels) -> None:
        """Compare the frame `number` of the video with the true one."""
        for place, frame in self._frames:
            if place == number:
                true = np.ascontiguousarray(truth[..., :3])
                shown = as_rgb(frame, self._matrix)
                self.found.append(self._ssim(shown, av.VideoFrame.from_ndarray(true, "rgb24")))
                return
        raise BenchError(f"A video has no frame {number}.")

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _ssim(self, shown: av.VideoFrame, true: av.VideoFrame) -> float:
        if self._graph is None:
            self._graph = _ssim_graph(shown.width, shown.height)
        _, first, second, out = self._graph
        for pad, frame in ((first, shown), (second, true.reformat(format="gbrp"))):
            frame.pts, frame.time_base = len(self.found), Fraction(1, 25)
            pad.push(frame)
        return float(out.pull().metadata["lavfi.ssim.All"])


def as_rgb(frame: av.VideoFrame, matrix: Colorspace) -> av.VideoFrame:
    """A frame of limited range as planes of G, B and R."""
    return frame.reformat(
        format="gbrp",
        src_colorspace=matrix,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )


def _ssim_graph(width: int, height: int) -> tuple[Any, Any, Any, Any]:
    """The graph, its two inputs, its output; the graph must live as long as they do."""
    graph, planes = av.filter.Graph(), av.VideoFormat("gbrp")
    inputs = [
        graph.add_buffer(width=width, height=height, format=planes, time_base=Fraction(1, 25))
        for _ in range(2)
    ]
    compare, out = graph.add("ssim"), graph.add("buffersink")
    for place, pad in enumerate(inputs):
        pad.link_to(compare, 0, place)
    compare.link_to(out)
    graph.configure()
    return graph, inputs[0], inputs[1], out


def ssim(
    clip: ClipRef, quality: Quality, videos: Mapping[str, Video], media: Path, every: int
) -> tuple[dict[str, float], int]:
    """The mean SSIM of each video to the clip drawn anew, and the frames of the clip.

    Each `every`-th frame is compared. `media` holds what manim writes.
    """
    judges = {name: _Judge(video) for name, video in videos.items()}

    def take(number: int, pixels: Pixels) -> None:
        for judge in judges.values():
            judge.judge(number, pixels)

    try:
        with tempconfig({**manim_settings(quality, media, theme.current()), "dry_run": True}):
            sampler = Sampler(every, take)
            clip.load()(sampler).render()
    finally:
        for judge in judges.values():
            judge.close()
    return {name: fmean(judge.found) for name, judge in judges.items()}, sampler.frames


def encoding_alone(videos: Sequence[Path], scratch: Path) -> float:
    """CPU seconds of encoding the videos' frames, as they decode, by the settings of our MP4.

    Decoding is not counted. The file that is made goes to `scratch`.
    """
    return sum(_encoded(video, scratch / "alone.mp4") for video in videos)


def _encoded(video: Path, target: Path) -> float:
    seconds = 0.0
    with av.open(str(video)) as source, av.open(str(target), "w") as made:
        stream = source.streams.video[0]
        stream.codec_context.thread_count = 1  # or decoding would go on in the time measured
        rate = stream.average_rate
        assert rate is not None
        coder: Any = _coder(made, stream.width, stream.height, Fraction(rate))
        for place, chunk in enumerate(_chunks(source.decode(stream))):
            began = time.process_time()
            for offset, frame in enumerate(chunk):
                frame.pts, frame.time_base = place * CHUNK + offset, 1 / Fraction(rate)
                frame.pict_type = 0
                made.mux(coder.encode(frame))
            seconds += time.process_time() - began
        began = time.process_time()
        made.mux(coder.encode())
        seconds += time.process_time() - began
    target.unlink()
    return seconds


def _coder(container: Any, width: int, height: int, rate: Fraction) -> Any:
    """A stream of the MP4's settings in an open container."""
    chosen: Any = formats.choose("mp4", False)
    stream = container.add_stream(chosen.codec, rate, dict(chosen.options))
    configure(stream.codec_context, chosen, width, height, rate)
    return stream


def _chunks(frames: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(frames, CHUNK)):
        yield chunk
