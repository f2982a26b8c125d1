"""Joining the parts of a clip: packets are copied, nothing is encoded again (but for GIF)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from pipeline.encoder import frame_name
from pipeline.formats import GIF_RATE, Format

Alive = Callable[[], None]
"""Called now and then; raises where the work is to stop."""

_ASK_EVERY = 50


def join(parts: Sequence[Path], target: Path, fmt: Format, fps: int, alive: Alive) -> None:
    """Make `target` of `parts`, in order: frame k at k / fps. Raises RuntimeError, OSError."""
    if fmt.name == "png":
        _join_frames(parts, target)
    elif fmt.name == "gif":
        _make_gif(parts, target, fps, alive)
    else:
        _join_packets(parts, target, fmt, fps, alive)


def _join_frames(parts: Sequence[Path], target: Path) -> None:
    target.mkdir()
    number = 0
    for part in parts:
        for name in sorted(os.listdir(part)):
            os.rename(part / name, target / frame_name(number))
            number += 1


def _join_packets(
    parts: Sequence[Path], target: Path, fmt: Format, fps: int, alive: Alive
) -> None:  # fmt: skip
    flags = {"fflags": "+bitexact"}
    if fmt.container in ("mp4", "mov"):
        flags["movflags"] = "+faststart+write_colr"
    with av.open(str(target), "w", format=fmt.container, options=flags) as out:
        stream: Any = None
        head = b""
        number = 0
        for part in parts:
            with av.open(str(part)) as container:
                source = container.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(source)
                    # Left out otherwise, it would call all ProRes the kind without opacity.
                    stream.codec_context.codec_tag = source.codec_context.codec_tag
                    stream.time_base = source.time_base
                    stream.metadata.update(source.metadata)
                    head = bytes(source.codec_context.extradata or b"")
                elif bytes(source.codec_context.extradata or b"") != head:
                    raise RuntimeError("the parts of the clip are encoded differently")
                for packet in container.demux(source):
                    if not packet.size:
                        continue
                    if number % _ASK_EVERY == 0:
                        alive()
                    tick = 1 / (fps * Fraction(source.time_base or 1))
                    packet.pts = packet.dts = round(number * tick)
                    packet.duration = round((number + 1) * tick) - round(number * tick)
                    packet.stream = stream
                    out.mux(packet)
                    number += 1


# GIF


def _kept(parts: Sequence[Path], fps: int, alive: Alive) -> Iterator[Any]:
    """The frames that the GIF has, numbered anew."""
    step, number = gif_step(fps), 0
    for part in parts:
        with av.open(str(part)) as container:
            for frame in container.decode(video=0):
                if number % _ASK_EVERY == 0:
                    alive()
                if number % step == 0:
                    frame.pts, frame.time_base = number // step, Fraction(step, fps)
                    yield frame
                number += 1


def gif_step(fps: int) -> int:
    """Every so many frames one is kept."""
    return -(-fps // GIF_RATE)


def _make_gif(parts: Sequence[Path], target: Path, fps: int, alive: Alive) -> None:
    """One palette for all frames, made of them all."""
    rate = Fraction(fps, gif_step(fps))
    palette = _palette(parts, fps, alive)
    with av.open(str(target), "w", format="gif", options={"fflags": "+bitexact"}) as out:
        stream: Any = out.add_stream("gif", rate)
        stream.pix_fmt = "pal8"
        graph: Any = None
        for frame in _kept(parts, fps, alive):
            if graph is None:
                stream.width, stream.height = frame.width, frame.height
                graph, source, place, sink = _mapping(frame, palette)
                place.push(palette)
                place.push(None)
            source.push(frame)
            _drain(sink, stream, out)
        source.push(None)
        _drain(sink, stream, out)
        out.mux(stream.encode())


def _drain(sink: Any, stream: Any, out: Any) -> None:
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        out.mux(stream.encode(frame))


def _palette(parts: Sequence[Path], fps: int, alive: Alive) -> Any:
    graph = None
    for frame in _kept(parts, fps, alive):
        if graph is None:
            graph = av.filter.Graph()
            source = graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format,
                time_base=frame.time_base,
            )  # fmt: skip
            maker = graph.add("palettegen", "reserve_transparent=0")
            sink = graph.add("buffersink")
            source.link_to(maker)
            maker.link_to(sink)
            graph.configure()
        source.push(frame)
    source.push(None)
    return sink.pull()


def _mapping(frame: Any, palette: Any) -> tuple[Any, Any, Any, Any]:
    graph = av.filter.Graph()
    source, place = (
        graph.add_buffer(width=one.width, height=one.height, format=one.format,
                         time_base=frame.time_base)
        for one in (frame, palette)
    )  # fmt: skip
    mapper = graph.add("paletteuse", "dither=none:diff_mode=rectangle")
    sink = graph.add("buffersink")
    source.link_to(mapper, 0, 0)
    place.link_to(mapper, 0, 1)
    mapper.link_to(sink)
    graph.configure()
    return graph, source, place, sink
