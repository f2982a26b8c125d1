"""Stills are the frames of the video, drawn without those between."""

from __future__ import annotations

import io
import math
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import tiny_clips
from PIL import Image

from nncore.errors import NNError, ParameterError
from pipeline import gallery, storyboard
from pipeline.settings import QUALITIES
from pipeline.stills import Stills, samples, section_ends
from scenes.catalogue import ClipRef, clips

LOW = QUALITIES["low"]
GIVEN = {"whole": "0.5"}


@pytest.fixture(scope="module")
def ends(tiny: ClipRef) -> Stills:
    return section_ends(tiny, LOW, "en", GIVEN)


@pytest.fixture(scope="module")
def sampled(tiny: ClipRef) -> Stills:
    return samples(tiny, LOW, "en", GIVEN, 0.4)


@pytest.fixture(scope="module")
def video(rendered: Any) -> list[np.ndarray]:
    with av.open(str(rendered.file)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def difference(still: Image.Image, frame: np.ndarray) -> float:
    """Mean difference in grey levels, of 255."""
    return float(np.abs(np.asarray(still, float) - frame).mean())


def test_a_section_ends_as_in_the_video(
    ends: Stills, video: list[np.ndarray], rendered: Any
) -> None:
    record = rendered.walked.record
    assert [s.section for s in ends.frames] == ["colour", "number"]
    for still, section in zip(ends.frames, record["sections"], strict=True):
        assert still.picture.size == (854, 480)
        assert difference(still.picture, video[round(section["end"] * 15) - 1]) < 1.5
    assert difference(ends.frames[0].picture, video[0]) > 10


def test_samples_are_the_videos_frames_at_their_times(
    sampled: Stills, video: list[np.ndarray]
) -> None:
    assert len(sampled.frames) == math.ceil(len(video) / 15 / 0.4)
    for still in sampled.frames:
        assert difference(still.picture, video[math.floor(still.time * 15 + 1e-6)]) < 1.5
    assert sampled.frames[-1].time == pytest.approx(0.4 * (len(sampled.frames) - 1))


@pytest.mark.parametrize("every", [0, -1, 0.01, math.nan])
def test_a_step_too_small_is_refused(tiny: ClipRef, every: float) -> None:
    with pytest.raises(ParameterError, match="--every takes at least"):
        samples(tiny, LOW, "en", GIVEN, every)


def test_the_sheet_holds_each_frame_unchanged(ends: Stills) -> None:
    sheet = np.asarray(storyboard.sheet(ends, columns=2))
    for still in ends.frames:
        picture = np.asarray(still.picture)
        places = [
            (y, x)
            for y in range(sheet.shape[0] - 480)
            for x in (854 // 32, 854 // 32 * 2 + 854)
            if np.array_equal(sheet[y : y + 480, x : x + 854], picture)
        ]
        assert len(places) == 1


def test_frames_are_written_one_by_one(ends: Stills, sampled: Stills, tmp_path: Path) -> None:
    paths = storyboard.write_frames(ends, tmp_path)
    assert [p.name for p in paths] == ["tiny-01-colour.png", "tiny-02-number.png"]
    with Image.open(paths[1]) as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(ends.frames[1].picture))
    timed = storyboard.write_frames(sampled, tmp_path / ".", timed=True)
    assert timed[1].name == "tiny-0000.40s-colour.png"
    assert len(list(tmp_path.iterdir())) == len(ends.frames) + len(sampled.frames)


def test_labels_need_no_fontconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert storyboard.font_of.__wrapped__(20).getlength("1 · box") > 20


def test_a_gallery_still_is_small(ends: Stills) -> None:
    data = gallery.compressed(ends.frames[0].picture.resize((640, 360)))
    assert len(data) <= 60_000
    # A picture that does not fit in true colours gets fewer, not a larger file.
    few = np.random.default_rng(5).integers(0, 256, (9, 16, 3), "uint8")
    rich = Image.fromarray(few).resize((640, 360), Image.Resampling.BICUBIC)
    assert len(gallery._png(rich)) > 60_000
    assert len(gallery.compressed(rich)) <= 60_000


def test_a_clip_names_the_still_that_stands_for_it(
    tiny: ClipRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []

    def ends(clip: ClipRef, quality: Any, lang: str, given: Any, look: Any) -> Stills:
        asked.append(dict(given))
        return section_ends(clip, LOW, lang, given, look)

    def still(words: str) -> Image.Image:
        file = tmp_path / f"{len(asked)}" / "tiny.toml"
        file.parent.mkdir()
        file.write_text((tiny_clips.WORDS / "tiny.toml").read_text("utf-8") + words, "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(tiny_clips, "WORDS", file.parent)
            return Image.open(io.BytesIO(gallery.still(tiny)))

    monkeypatch.setattr(gallery, "section_ends", ends)
    last, set_so = still(""), still("[still.parameters]\nwhole = 0.5")
    first = still('[still]\nsection = "colour"')
    assert asked == [{}, {"whole": "0.5"}, {}]
    assert {picture.size for picture in (last, set_so, first)} == {(640, 360)}
    seen = [np.asarray(picture.convert("RGB"), int) for picture in (last, set_so, first)]
    number, section = (np.abs(seen[0] - other).max(axis=2) > 50 for other in seen[1:])
    assert 0 < number.sum() < section.sum()  # another number; no number yet
    with pytest.raises(NNError, match="tiny has no section 'end': it has colour, number"):
        still('[still]\nsection = "end"')


def test_the_gallery_has_a_still_of_each_clip_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gallery, "still", lambda clip: clip.slug.encode())
    for names, expected in (([], clips()), (["errors_back"], ["error-split", "errors-as-matrix"])):
        assert gallery.main(names) == 0
        paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
        assert [path.name for path in paths] == [f"{slug}.png" for slug in expected]
        assert all(path.read_bytes() == path.stem.encode() for path in paths)
    assert gallery.main(["predictr"]) == 2
    assert "Did you mean 'predictor'?" in capsys.readouterr().err
