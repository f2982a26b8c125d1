"""How fast clips are made, against manim's own command: `python -m bench.render`.

From one run: (a) all clips by `manim render`, one after the other, and by `render.py render all`,
with the loss of both; (b) CPU time over that of encoding alone; (c) clips that are there already;
(d) a changing piece of the kit, drawn alone; (e) how (a) grows with clips and pixels. Nothing
that was made or set before is used, but in (c). It takes half an hour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median

from bench import render_runs as runs
from bench.render_table import (
    Row,
    Table,
    at_most,
    clock,
    machine,
    memory,
    share_done,
    size,
    times,
)
from nncore.errors import NNError
from pipeline.settings import QUALITIES, Quality
from scenes.catalogue import ClipRef, clips

PARTS = "abcde"
CHANGED = ("by-hand", "inputs=0.8,0.5")
"""A clip, and what is changed in it."""


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    qualities: those of (a), the last one that of (b), too; growth: those of one clip in (e);
    kept: that of (c) and of the numbers of clips. every: frames from one that is compared to
    the next. limit: seconds that manim gets for a clip in (e).
    """

    clips: tuple[ClipRef, ...] = tuple(clips().values())
    qualities: tuple[str, ...] = ("medium", "high")
    growth: tuple[str, ...] = ("low", "medium", "high", "4k")
    kept: str = "medium"
    pieces: str = "high"
    every: int = 40
    rounds: int = 3
    limit: float = 300.0


QUICK = Plan(
    clips=tuple(clips().values())[:2],
    qualities=("low",),
    growth=("low",),
    kept="low",
    pieces="low",
    every=20,
    rounds=1,
    limit=60.0,
)


def _name(quality: Quality) -> str:
    return f"{quality.height}p{quality.fps}"


@dataclass
class Bench:
    """Runs, each made once, with what they left in `folder`; rows go to `table`."""

    plan: Plan
    table: Table
    folder: Path
    _theirs: dict[tuple[str, str], runs.Usage] = field(default_factory=dict)
    _ours: dict[tuple[int, str], runs.Usage] = field(default_factory=dict)

    def media(self, quality: str) -> Path:
        """Where manim's runs of a quality write."""
        return self.folder / f"manim-{quality}"

    def out(self, count: int, quality: str) -> Path:
        """Where our run of the first `count` clips writes."""
        return self.folder / f"ours-{quality}-{count}"

    def texts(self, count: int, quality: str) -> Path:
        """Where our run of the first `count` clips keeps set text."""
        return self.folder / f"texts-{quality}-{count}"

    def theirs(self, clip: ClipRef, quality: str, limit: float | None = None) -> runs.Usage:
        """Manim's run of a clip."""
        key = (clip.slug, quality)
        if key not in self._theirs:
            self._theirs[key] = runs.manim(clip, QUALITIES[quality], self.media(quality), limit)
        return self._theirs[key]

    def ours(self, count: int, quality: str) -> runs.Usage:
        """Our run of the first `count` clips, on all cores."""
        key = (count, quality)
        if key not in self._ours:
            self._ours[key] = runs.ours(
                self.plan.clips[:count],
                QUALITIES[quality],
                self.out(count, quality),
                texts=self.texts(count, quality),
                more=runs.forced(),
            )
        return self._ours[key]

    def our_files(self, count: int, quality: str) -> list[Path]:
        """The videos of our run of the first `count` clips, which is made if it was not."""
        self.ours(count, quality)
        return [self.out(count, quality) / f"{clip.slug}.mp4" for clip in self.plan.clips[:count]]


def all_clips(bench: Bench) -> None:
    """(a): time, size and loss of all clips."""
    for name in bench.plan.qualities:
        clips, quality = bench.plan.clips, QUALITIES[name]
        what = f"{len(clips)} clips, {_name(quality)}"
        theirs = sum((bench.theirs(clip, name) for clip in clips), runs.Usage(0, 0, 0))
        ours = bench.ours(len(clips), name)
        bar = 3.0 if name == "high" else None
        verdict = times(theirs.wall, ours.wall, bar)
        bench.table.add(Row(f"(a) {what}: time", clock(theirs.wall), clock(ours.wall), verdict))
        verdict = f"{ours.cpu / theirs.cpu:.2f} ×"
        bench.table.add(Row(f"(a) {what}: CPU time", clock(theirs.cpu), clock(ours.cpu), verdict))
        _loss(bench, name, what)


def _loss(bench: Bench, name: str, what: str) -> None:
    """Size, frames and SSIM of what was made."""
    from av.video.reformatter import Colorspace

    from bench.render_quality import Video, ssim

    clips, quality, media = bench.plan.clips, QUALITIES[name], bench.media(name)
    theirs = [runs.manim_file(clip, media) for clip in clips]
    ours = bench.our_files(len(clips), name)
    bytes_theirs, bytes_ours = (sum(f.stat().st_size for f in files) for files in (theirs, ours))
    share = bytes_ours / bytes_theirs
    verdict = f"{share:.2f} × {at_most(share, 1.25, '')}"
    bench.table.add(Row(f"(a) {what}: size", size(bytes_theirs), size(bytes_ours), verdict))
    likeness: dict[str, list[float]] = {"theirs": [], "ours": []}
    counts = [[runs.frames(file) for file in files] for files in (theirs, ours)]
    for place, clip in enumerate(clips):
        videos = {
            "theirs": Video(theirs[place], Colorspace.ITU601),
            "ours": Video(ours[place], Colorspace.ITU709),
        }
        found, frames = runs.apart(
            ssim, clip, quality, videos, bench.folder / "drawn", bench.plan.every
        )
        if not counts[0][place] == counts[1][place] == frames:
            print(f"{clip.slug}: {counts[0][place]} frames by manim, {counts[1][place]} by us, "
                  f"{frames} drawn anew", file=sys.stderr)  # fmt: skip
        for who, value in found.items():
            likeness[who].append(value)
    totals = [sum(each) for each in counts]
    verdict = "the same" if counts[0] == counts[1] else "not the same ✗"
    bench.table.add(Row(f"(a) {what}: frames", f"{totals[0]:,}", f"{totals[1]:,}", verdict))
    them, us = (fmean(likeness[who]) for who in ("theirs", "ours"))
    verdict = "no worse ✓" if us >= them else "worse ✗"
    bench.table.add(Row(f"(a) {what}: SSIM", f"{them:.4f}", f"{us:.4f}", verdict))


def over_encoding(bench: Bench) -> None:
    """(b): CPU time of all clips over that of encoding their frames alone."""
    from bench.render_quality import encoding_alone

    name, count = bench.plan.qualities[-1], len(bench.plan.clips)
    made = bench.ours(count, name)
    alone = runs.apart(encoding_alone, bench.our_files(count, name), bench.folder)
    share = made.cpu / alone
    bench.table.add(
        Row(
            f"(b) CPU time at {_name(QUALITIES[name])}; of encoding the same frames alone",
            clock(alone),
            clock(made.cpu),
            f"{share:.2f} × {at_most(share, 2, ' ×')}",
        )
    )


def again(bench: Bench) -> None:
    """(c): all clips again, unchanged; then with one parameter changed."""
    name, count = bench.plan.kept, len(bench.plan.clips)
    bench.ours(count, name)

    def once(*more: str) -> float:
        return runs.ours(
            bench.plan.clips,
            QUALITIES[name],
            bench.out(count, name),
            texts=bench.texts(count, name),
            more=more,
        ).wall

    what = f"{count} clips, {_name(QUALITIES[name])}"
    unchanged = median(once() for _ in range(bench.plan.rounds))
    verdict = at_most(unchanged, 2, " s")
    bench.table.add(Row(f"(c) {what}: again, unchanged", "", clock(unchanged), verdict))
    slug, change = CHANGED
    changed = once("--set", change)
    bench.table.add(Row(f"(c) {what}: again, {slug} with {change}", "", clock(changed)))


def pieces(bench: Bench) -> None:
    """(d): a frame of a changing piece of the kit, drawing alone."""
    from bench.render_pieces import PAIRS, compare

    quality = QUALITIES[bench.plan.pieces]
    for pair in PAIRS:
        ours, theirs = runs.apart(
            compare, pair, quality, bench.folder / "pieces", bench.plan.rounds
        )
        what = f"(d) {pair.name}, a frame at {_name(quality)}"
        verdict = times(theirs, ours, 10.0)
        bench.table.add(Row(what, f"{theirs:.2f} ms", f"{ours:.2f} ms", verdict))


def growth(bench: Bench) -> None:
    """(e): more clips; more pixels; the memory of the largest process."""
    plan = bench.plan
    quality = QUALITIES[plan.kept]
    for count in sorted({n for n in (1, 2, 4, len(plan.clips)) if n <= len(plan.clips)}):
        theirs = sum(bench.theirs(clip, plan.kept).wall for clip in plan.clips[:count])
        ours = bench.ours(count, plan.kept).wall
        what = f"(e) {count} clip{'s' * (count > 1)} at {_name(quality)}"
        bench.table.add(Row(what, clock(theirs), clock(ours), times(theirs, ours)))
    clip = plan.clips[0]
    for name in plan.growth:
        us = bench.ours(1, name)
        them = bench.theirs(clip, name, plan.limit)
        seconds, about = them.wall, ""
        if not them.whole:
            done = runs.manim_frames(clip, bench.media(name))
            total = runs.frames(bench.our_files(1, name)[0])
            seconds, about = share_done(them.wall, done, total), "about "
        what = f"(e) {clip.slug} at {_name(QUALITIES[name])}"
        verdict = times(seconds, us.wall)
        bench.table.add(Row(what, about + clock(seconds), clock(us.wall), verdict))
        verdict = at_most(us.memory / 2**30, 1, " GiB") if name == "high" else ""
        row = Row(f"{what}: largest process", memory(them.memory), memory(us.memory), verdict)
        bench.table.add(row)
    for name in plan.qualities:
        us = bench.ours(len(plan.clips), name)
        verdict = at_most(us.memory / 2**30, 1, " GiB") if name == "high" else ""
        what = f"(e) {len(plan.clips)} clips at {_name(QUALITIES[name])}: largest process"
        bench.table.add(Row(what, "", memory(us.memory), verdict))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 1 if a run failed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.render",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default=PARTS, help="parts, as a,c for (a) and (c) [all]")
    parser.add_argument("--quick", action="store_true", help="little, to try the bench itself")
    chosen = parser.parse_args(arguments)
    parts = set(chosen.only.replace(",", ""))
    if not parts or parts - set(PARTS):
        parser.error(f"--only takes of {', '.join(PARTS)}, not {chosen.only!r}")
    work = dict(zip(PARTS, (all_clips, over_encoding, again, pieces, growth), strict=True))
    table = Table(machine())
    print(table.machine)
    try:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(QUICK if chosen.quick else Plan(), table, Path(folder))
            for part in PARTS:
                if part in parts:
                    work[part](bench)
    except NNError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{table.markdown()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
