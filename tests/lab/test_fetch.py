"""Fetching MNIST from servers in good and in bad moods, and from folders."""

from __future__ import annotations

import _thread
import gzip
import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from lab import mnist
from lab.fetch import FetchError, fetch
from nncore.drawn import draw
from nncore.errors import DataError, ParameterError

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
FIRST = [draw(d, 2.6) for d in range(10)]
MUCH = 30_000_000  # what sockets on loopback hold back is less than this


@pytest.fixture
def content(idx, monkeypatch) -> dict[str, bytes]:
    """The four files, unpacked, of a small MNIST: 12 drawn digits to learn, 10 to be tested on."""
    files = {}
    for which, images in (("train", [*FIRST, draw(1), draw(2)]), ("t10k", FIRST)):
        labels = np.array([*range(10), 1, 2][: len(images)], np.uint8)
        for kind, array in (("images-idx3", np.array(images)), ("labels-idx1", labels)):
            name = f"{which}-{kind}-ubyte"
            files[name] = idx(array)
            monkeypatch.setitem(mnist.MD5, name, hashlib.md5(files[name]).hexdigest())
            monkeypatch.setitem(mnist.SHA256, name, hashlib.sha256(files[name]).hexdigest())
        monkeypatch.setitem(mnist.COUNTS, which, len(images))
    return files


class Server(ThreadingHTTPServer):
    """Answers a request for /MOOD/NAME.gz in that mood; `sent` counts bytes without end."""

    daemon_threads, block_on_close = True, False

    def __init__(self, packed: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.packed, self.asked, self.sent = packed, list[str](), 0
        self.host, self.closing = f"127.0.0.1:{self.server_address[1]}", threading.Event()

    def mirror(self, mood: str) -> str:
        return f"http://{self.host}/{mood}/"

    def handle_error(self, *_: object) -> None: ...


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _, mood, file = self.path.split("/")
        MOODS[mood](self, self.server.packed.get(file.removesuffix(".gz"), b""))

    def head(self, length: object = None, status: int = 200, place: str | None = None) -> None:
        self.send_response(status)
        for name, value in (("Content-Length", length), ("Location", place)):
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()

    def send(self, body: bytes, length: int | None = None, status: int = 200) -> None:
        self.head(len(body) if length is None else length, status)
        self.wfile.write(body)

    def stall(self) -> None:
        self.server.closing.wait(20)

    def trickle(self, pieces: bytes, size: int = 1) -> None:
        for k in range(1000):
            if self.server.closing.wait(0.02):
                return
            self.wfile.write((pieces[k % len(pieces) :][:1]) * size)

    def endless(self) -> None:
        while self.server.sent < 2 * MUCH:
            self.wfile.write(bytes(1 << 16))
            self.server.sent += 1 << 16

    def log_message(self, *_: object) -> None: ...


# What a server does, and words of the reason that is given for it.
BAD: dict[str, tuple[Callable[[Handler, bytes], None], str]] = {
    "mute": (lambda h, b: h.stall(), "no answer in time"),
    "slow-head": (lambda h, b: h.trickle(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99), "in time"),
    "stall": (lambda h, b: (h.send(b[:900], len(b)), h.stall()), "too slow"),
    "trickle": (lambda h, b: (h.head(len(b)), h.trickle(b)), "too slow"),
    "trickle-on": (lambda h, b: (h.head(), h.trickle(b)), "too slow"),
    "cut": (lambda h, b: h.send(b[:900], len(b)), "cut off"),
    "cut-clean": (lambda h, b: h.send(b[:900]), "ends inside its gzip data"),
    "short": (lambda h, b: h.send(gzip.compress(gzip.decompress(b)[:-9])), "holds less"),
    "garbled": (lambda h, b: h.send(b[:900] + b"?" + b[901:]), "damaged gzip"),
    "other": (lambda h, b: h.send(gzip.compress(gzip.decompress(b)[:-1] + b"\1")), "checksums"),
    "too-long": (lambda h, b: h.send(b + b"more"), "goes on after"),
    "twice": (lambda h, b: h.send(b + b), "goes on after"),
    "bomb": (lambda h, b: h.send(gzip.compress(bytes(5_000_000))), "holds more"),
    "boast": (lambda h, b: (h.head(10**9), h.stall()), "more bytes than"),
    "endless": (lambda h, b: (h.head(), h.endless()), "more bytes than"),
    "empty": (lambda h, b: h.send(b""), "holds less"),
    "404": (lambda h, b: h.send(b"<p>no such file", status=404), "status 404"),
    "500": (lambda h, b: h.send(b"", status=500), "status 500"),
    "html": (lambda h, b: h.send(b"<!doctype html><p>Sign in"), "a web page"),
    "loop": (lambda h, b: h.head(0, 302, h.path), "redirections without end"),
    "hang-up": (lambda h, b: None, "no answer"),
    "babble": (lambda h, b: h.wfile.write(b"\0\x1b[31m\n" * 50), "no answer"),
    "bad-length": (lambda h, b: h.head("x"), "makes no sense|holds less"),
}
MOODS = {mood: act for mood, (act, _) in BAD.items()} | {
    "good": Handler.send,
    "slow": lambda h, b: (h.head(), h.trickle(b, 400)),
    "plain": lambda h, b: h.send(gzip.decompress(b)),
    "detour": lambda h, b: (h.head(None, 302, f"/good/{IMAGES}.gz"), h.endless()),
    "stop": lambda h, b: (h.send(b[:900], len(b)), _thread.interrupt_main(), h.stall()),
}


@pytest.fixture
def server(content, monkeypatch) -> Iterator[Server]:
    yield from running(Server({name: gzip.compress(b) for name, b in content.items()}), monkeypatch)


def running(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    thread = threading.Thread(target=lambda: server.serve_forever(0.01))
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def there(folder: Path) -> dict[str, bytes]:
    """What is in a folder, hidden files too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def packed_test_set(server: Server) -> dict[str, bytes]:
    return {f"{name}.gz": server.packed[name] for name in (IMAGES, LABELS)}


def test_downloads_where_mnist_is_looked_for(server, tmp_path, monkeypatch):
    monkeypatch.setenv("NN_MNIST_DIR", str(tmp_path / "new" / "mnist"))
    done = fetch(mirrors=[server.mirror("good")[:-1]])
    wanted = {f"{name}.gz": body for name, body in server.packed.items()}
    assert there(tmp_path / "new" / "mnist") == wanted
    downloads = [(name, "downloaded", server.host) for name in mnist.MD5]
    assert [(record.name, record.state, record.source) for record in done] == downloads
    assert all(record.path.stat().st_size == record.size for record in done)
    assert (mnist.test_set()[0] == np.array(FIRST)).all()


@pytest.mark.parametrize("mood", BAD)
def test_a_bad_mirror_gives_nothing_and_the_next_is_asked(server, tmp_path, mood):
    quick = partial(fetch, tmp_path, only="test", patience=0.5)
    with pytest.raises(FetchError, match=BAD[mood][1]) as caught:
        quick(mirrors=[server.mirror(mood)])
    assert str(caught.value).startswith(f"{IMAGES}.gz was not to be had from {server.host} (")
    assert str(caught.value).isprintable()
    assert there(tmp_path) == {}
    quick(mirrors=[server.mirror(mood), server.mirror("good")])
    assert there(tmp_path) == packed_test_set(server)
    assert server.sent < MUCH
    assert f"/{mood}/{LABELS}.gz" not in server.asked  # it is asked last after its failure
    for thread in threading.enumerate():
        if thread.name == "fetch" and mood != "slow-head":  # there nothing can be closed yet
            thread.join(5)
            assert not thread.is_alive()


def test_a_slow_server_is_given_up(server, tmp_path):
    slow = partial(fetch, tmp_path, mirrors=[server.mirror("slow")], patience=0.4)
    cases = (("too slow", 1e6, 9), ("more bytes", 100, 9), ("too slow", 0, 0.1))
    for reason, slowest, deadline in cases:
        with pytest.raises(FetchError, match=reason):
            slow(slowest=slowest, deadline=deadline)


def test_all_that_failed_are_named(server, tmp_path):
    moods = ("404", "html", "cut")
    with pytest.raises(FetchError) as caught:
        fetch(tmp_path, only="train", mirrors=[server.mirror(mood) for mood in moods])
    listed = "* (status 404), * (a web page instead) or * (cut off); ".replace("*", server.host)
    assert listed in str(caught.value)
    assert "`render.py digits fetch --from DIR`, or set NN_MNIST_DIR" in str(caught.value)
    assert server.asked == [f"/{mood}/train-images-idx3-ubyte.gz" for mood in moods]


def test_no_network(tmp_path, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and not listening
        monkeypatch.setenv("NO_PROXY", "*")
        closed = f"http://u:secret@127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(FetchError, match=r"127.0.0.1:[0-9]+ \(no connection\);") as caught:
            fetch(tmp_path, mirrors=[closed])
    assert "secret" not in str(caught.value)

    unknown = Mock(side_effect=socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchError) as caught:
        fetch(tmp_path)
    for host in ("ossci-datasets.s3.amazonaws.com", "storage.googleapis.com", "yann.lecun.com"):
        assert f"{host} (host not found)" in str(caught.value)


def test_a_name_look_up_that_never_ends_is_not_waited_for(tmp_path, monkeypatch):
    end = threading.Event()
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: end.wait(20))
    with pytest.raises(FetchError, match="no answer in time"):
        fetch(tmp_path, mirrors=["http://example.org/"], patience=0.2)
    end.set()


def test_a_redirection_is_followed_and_its_page_is_not_read(server, tmp_path):
    server.packed[LABELS] = server.packed[IMAGES]
    with pytest.raises(FetchError, match=f"^{LABELS}"):  # images come for both
        fetch(tmp_path, only="test", mirrors=[server.mirror("detour")])
    assert there(tmp_path) == {f"{IMAGES}.gz": server.packed[IMAGES]}
    assert server.sent < MUCH


def test_a_server_may_unpack(server, content, tmp_path):
    (tmp_path / f"{IMAGES}.gz").write_bytes(b"damaged, and read before the plain file")
    fetch(tmp_path, only="test", mirrors=[server.mirror("plain")])
    assert there(tmp_path) == {name: content[name] for name in (IMAGES, LABELS)}


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_what_is_right_stays_and_what_is_damaged_is_replaced(server, content, tmp_path, suffix):
    (tmp_path / f"{IMAGES}{suffix}").write_bytes(server.packed[IMAGES][:-1])
    (tmp_path / LABELS).write_bytes(content[LABELS])
    done = fetch(tmp_path, only="test", mirrors=[server.mirror("good")])
    assert [record.state for record in done] == ["downloaded", "already there"]
    assert (done[1].size, done[1].source) == (18, str(tmp_path))
    assert there(tmp_path) == {f"{IMAGES}.gz": server.packed[IMAGES], LABELS: content[LABELS]}
    again = fetch(tmp_path, only="test", mirrors=[server.mirror("404")])
    assert {record.state for record in again} == {"already there"}
    assert server.asked == [f"/good/{IMAGES}.gz"]


def test_an_interrupt_leaves_nothing(server, tmp_path, monkeypatch):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path, mirrors=[server.mirror("stop")])
    signal.signal(signal.SIGINT, before)
    assert there(tmp_path) == {}
    monkeypatch.setattr(os, "replace", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path, mirrors=[server.mirror("good")])
    assert there(tmp_path) == {}


def test_four_at_once(server, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        job = partial(fetch, tmp_path, only="test", mirrors=[server.mirror("good")])
        assert [len(call.result()) for call in [pool.submit(job) for _ in range(4)]] == [2] * 4
    assert there(tmp_path) == packed_test_set(server)


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_whatever_comes_the_right_file_is_there_or_none(server, content, tmp_path_factory, data):
    folder, body = tmp_path_factory.mktemp("any"), bytearray(gzip.compress(content[IMAGES]))
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(start + 9, len(body))))
    body[start:end] = data.draw(st.binary(max_size=9))
    server.packed[IMAGES] = bytes(body)
    try:
        fetch(folder, only="test", mirrors=[server.mirror("good")])
        assert gzip.decompress(there(folder)[f"{IMAGES}.gz"]) == content[IMAGES]
    except FetchError:
        assert there(folder) == {}


def test_copies_gzip_and_plain(content, tmp_path):
    own, new = tmp_path / "own", tmp_path / "new"
    own.mkdir()
    for name, body in content.items():
        (own / name).write_bytes(body)
    (own / IMAGES).unlink()
    (own / f"{IMAGES}.gz").write_bytes(gzip.compress(content[IMAGES]))
    done = fetch(new, from_folder=own)
    assert there(new) == there(own)
    assert {(r.state, r.source) for r in done} == {("copied", str(own))}
    for target in (new, own):
        assert {r.state for r in fetch(target, from_folder=own)} == {"already there"}
    (own / f"{LABELS}.gz").write_bytes(b"damaged, and read before the plain file")
    assert {r.state for r in fetch(tmp_path / "other", from_folder=own)} == {"copied"}
    with pytest.raises(DataError, match=f"{LABELS}.gz holds more"):
        fetch(own, from_folder=own)


FAULTS: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "fifo": lambda path: (path.unlink(), os.mkfifo(path)),
    "damaged": lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:-1]),
    "bomb": lambda path: path.write_bytes(gzip.compress(bytes(2_000_000))),
    "label": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\0"),
    "huge": lambda path: path.write_bytes(bytes(10_000_000)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_copies_nothing_if_one_is_missing_or_wrong(content, tmp_path, fault):
    own, new = tmp_path / "own", tmp_path / "new"
    own.mkdir()
    for name, body in content.items():
        (own / name).write_bytes(body)
    FAULTS[fault](own / LABELS)
    before = sorted(own.iterdir())
    for target in (new, own):  # the folder itself: only looked at
        with pytest.raises(DataError, match=f"{own}.*{LABELS}|{LABELS}.*{own}"):
            fetch(target, from_folder=own)
        assert not new.exists()
        assert sorted(own.iterdir()) == before


def test_a_folder_that_cannot_be_is_one_sentence(server, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"no folder .*none to take"):
        fetch(tmp_path / "new", from_folder=tmp_path / "none")
    with pytest.raises(DataError, match=r"folder .*file.deeper cannot be made: Not a directory\.$"):
        fetch(tmp_path / "file" / "deeper", mirrors=[server.mirror("good")])
    (tmp_path / f"{IMAGES}.gz").mkdir()
    with pytest.raises(DataError, match=r"cannot be written: Is a directory\.$"):
        fetch(tmp_path, only="test", mirrors=[server.mirror("good")])
    assert {path.name for path in tmp_path.iterdir()} == {"file", f"{IMAGES}.gz"}


ADDRESSES = ("ftp://example.org/", "example.org", "http://[::1", "http://:80/", "http://a:99999/")
WRONG = [{"mirrors": [address]} for address in ADDRESSES]
WRONG += [{"mirrors": []}, {"only": "both"}, {"patience": 0.0}, {"deadline": float("nan")}]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_cannot_be_asked_for(tmp_path, wrong):
    with pytest.raises(ParameterError, match=r"\.$"):
        fetch(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_progress(server, tmp_path):
    lines, bars = io.StringIO(), io.StringIO()
    consoles = Console(file=lines, width=30), Console(file=bars, force_terminal=True, width=80)
    for console in consoles:
        mirrors, folder = [server.mirror("good")], tmp_path / str(console.width)
        fetch(folder, only="test", mirrors=mirrors, console=console)
    told = [f"Fetching {name}.gz from {server.host}" for name in (IMAGES, LABELS)]
    assert lines.getvalue().splitlines() == told
    assert all(name in bars.getvalue() for name in (IMAGES, LABELS))


def test_what_downloads_is_loaded_only_when_used():
    run = [sys.executable, "-c", "import sys, lab.fetch; print(*sys.modules)"]
    root = Path(mnist.__file__).parents[1]
    loaded = set(subprocess.check_output(run, cwd=root, text=True).split())
    assert loaded & {"lab.fetch", "pooch", "requests", "rich"} == {"lab.fetch"}


def test_the_real_files(tmp_path, monkeypatch):
    folder = mnist.mnist_dir()
    paths = {name: folder and mnist.find_file(folder, name) for name in mnist.MD5}
    if None in paths.values():
        pytest.skip("MNIST is not in NN_MNIST_DIR or the cache folder")
    packed = {name: path.read_bytes() for name, path in paths.items()}
    for server in running(Server(packed), monkeypatch):
        fetch(tmp_path / "web", mirrors=[server.mirror("good")])
    fetch(tmp_path / "own", from_folder=folder)
    assert there(tmp_path / "own") == {path.name: path.read_bytes() for path in paths.values()}
    assert mnist.verify(tmp_path / "web")["train-images-idx3-ubyte"].startswith("6bbc9a")
