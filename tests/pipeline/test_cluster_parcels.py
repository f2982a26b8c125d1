"""What goes to a cluster and comes from it, without one: addresses, versions, files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cluster import Cluster, ClusterError
from pipeline.cluster_facts import differences, sources
from pipeline.cluster_parcels import Answer, inside, receive
from pipeline.tasks import Drawn

pytest.importorskip("distributed", reason="Dask is not installed (extra `cluster`)")


@pytest.mark.parametrize(
    "address",
    ["host:8786", "tcp://host", "tcp://:8786", "http://host:80", "tcp://h:0", "tcp://h:99999", ""],
)
def test_an_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(ClusterError, match="tcp://host:8786") as refused:
        Cluster(address)
    assert repr(address) in str(refused.value)


def test_without_dask_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install .*\.\[cluster\]"):
        Cluster("tcp://127.0.0.1:8786")


def test_sources_are_told_apart_by_content_and_by_name(tmp_path: Path) -> None:
    file = tmp_path / "scenes" / "signals" / "by_hand.toml"
    file.parent.mkdir(parents=True)
    file.write_text("a")
    first = sources(tmp_path)
    file.write_text("b")
    second = sources(tmp_path)
    file.rename(file.with_name("as_matrix.toml"))
    third = sources(tmp_path)
    (tmp_path / "scenes" / "notes.txt").write_text("not ours")
    assert len({first, second, third}) == 3
    assert sources(tmp_path) == third


def test_differences_name_what_differs_and_both_sides() -> None:
    ours = {"manim": "0.22.0", "sources": "b", "numpy": "2.4.6"}
    theirs = {"manim": "0.21.0", "sources": "a", "numpy": "2.4.6", "font": "x"}
    assert differences(ours, ours) == []
    assert differences(theirs, ours) == [
        "sources a there, b here",
        "font x there, unknown here",
        "manim 0.21.0 there, 0.22.0 here",
    ]


def drawn(file: str) -> Drawn:
    return Drawn(Path(file), (1,), 0.5, 1)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("part.mp4", "../part.mp4"),
        ("part.mp4", "other.mp4"),
        ("pictures", "pictures/../../x"),
        ("pictures", "pictures//x"),
        ("../part.mp4", "../part.mp4"),
        ("/tmp/part.mp4", "/tmp/part.mp4"),
        (".", "x"),
    ],
)
def test_files_that_do_not_belong_are_not_written(file: str, name: str, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with pytest.raises(ValueError, match=r"no path below|not what was asked"):
        receive(Answer(drawn(file), ((name, b"content"),)), scratch)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@given(st.text(alphabet="ab./\\~ \0", max_size=8))
def test_what_is_inside_a_folder_stays_there(name: str) -> None:
    if inside(name):
        whole = os.path.normpath(os.path.join("/folder", name))
        assert whole.startswith("/folder/")
        assert "\0" not in whole
