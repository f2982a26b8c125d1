"""Fetching MNIST: from mirrors on the web, or from a folder where the user has it.

What a server sends is not trusted. It is collected in memory, up to the size that the file can
have, and gets a place in the folder only when its content, unpacked, is MNIST's; so there is
never half a file to be left behind. Mirrors pack differently: the content is what is checked.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from lab import mnist
from nncore.errors import DataError, ParameterError, check_number
from nncore.files import write_whole
from nncore.idx import GZIP_MAGIC, opened, packed_limit

if TYPE_CHECKING:
    from rich.console import Console

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
"""Tried in this order, each followed by a file's name and `.gz`."""

PATIENCE = 15.0
"""Seconds in which a server has to answer, and from then on, again and again, to send enough."""

SLOWEST = 5_000.0
"""Bytes a second, over each time of patience, below which a server is given up."""

DEADLINE = 1_800.0
"""Seconds that a mirror has for a file, however steadily it sends."""

_POLL = 0.05  # seconds between looks at a download

Watch = Callable[[str, str, int, int | None], None]
"""What is told how a download goes: file, host, bytes so far, bytes in all if known."""


class FetchError(DataError):
    """A file that no mirror gave."""


class _Failure(DataError):
    """Why one mirror did not give it: a few words for FetchError's sentence."""


@dataclass(frozen=True)
class Fetched:
    """One of MNIST's files, which is there now: `size` bytes at `path`.

    name: without `.gz`. source: the host or the folder it came from.
    """

    name: str
    path: Path
    state: Literal["downloaded", "copied", "already there"]
    size: int
    source: str


def fetch(
    folder: Path | None = None,
    *,
    only: str | None = None,
    from_folder: Path | None = None,
    mirrors: Sequence[str] | None = None,
    console: Console | None = None,
    patience: float = PATIENCE,
    slowest: float = SLOWEST,
    deadline: float = DEADLINE,
) -> tuple[Fetched, ...]:
    """See to it that MNIST's files are in `folder` (None: where lab.mnist looks), and right.

    only: "test" or "train" for the two files of that set. Files that are right stay; others are
    replaced, from from_folder if it is given, else from the mirrors (None: MIRRORS), each tried
    in turn. A copy is made only if all files asked for are right. console: shows progress bars
    if it is a terminal, else a line a download. patience, slowest, deadline: as the constants.

    Raises FetchError if no mirror gives a file, DataError if from_folder lacks a file or has a
    wrong one or if `folder` cannot be written, ParameterError for what cannot be asked for.
    """
    names = mnist.file_names(only)
    target = folder or mnist.where()
    if from_folder is not None:
        return _copy(names, target, from_folder)
    check_number(patience, "patience", above=0)
    check_number(slowest, "slowest", low=0)
    check_number(deadline, "deadline", above=0)
    order = [_checked_mirror(mirror) for mirror in (MIRRORS if mirrors is None else mirrors)]
    if not order:
        raise ParameterError("At least one mirror is needed to fetch MNIST from.")
    with _watching(console) as watch:
        source = _Mirrors(list(dict.fromkeys(order)), watch, patience, slowest, deadline)
        return tuple(_present(target, name) or source.give(target, name) for name in names)


def _copy(names: list[str], target: Path, source: Path) -> tuple[Fetched, ...]:
    if not os.path.isdir(source):
        raise DataError(f"There is no folder {source} to take MNIST's files from.")
    same = os.path.isdir(target) and os.path.samefile(source, target)
    there = {name: _present(target, name) for name in names}
    # All are read before one is written, and what was checked is what is written.
    taken = {name: _taken(source, name, one=same) for name in names if there[name] is None}

    def copied(name: str) -> Fetched:
        path = _install(target, name, taken[name])
        return Fetched(name, path, "copied", len(taken[name]), str(source))

    return tuple(there[name] or copied(name) for name in names)


def _taken(folder: Path, name: str, *, one: bool) -> bytes:
    """The bytes of a file that the user has, gzip or plain; `one`: only if gzip is right."""
    candidates = [p for p in (folder / f"{name}.gz", folder / name) if os.path.isfile(p)]
    if not candidates:
        raise DataError(f"There is no {name} (or {name}.gz) in {folder}.")
    faults = []
    for path in candidates[:1] if one else candidates:
        try:
            with opened(path) as file:
                data = file.read(packed_limit(mnist.file_size(name)) + 1)
            mnist.check_content(name, io.BytesIO(data), path)
            return data
        except DataError as error:
            faults.append(error)
    raise faults[0]


def _present(folder: Path, name: str) -> Fetched | None:
    """The record of a file that is there and right, else None."""
    path = mnist.find_file(folder, name)
    if path is None:
        return None
    try:
        with opened(path) as file:
            mnist.check_content(name, file, path)
            size = os.fstat(file.fileno()).st_size
    except DataError:
        return None
    return Fetched(name, path, "already there", size, str(folder))


def _ready(folder: Path) -> None:
    """Make the folder if need be. Raises DataError if that or writing to it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"MNIST's folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DataError(f"MNIST's folder {folder} cannot be written to.")


def _install(folder: Path, name: str, data: bytes | bytearray) -> Path:
    """Write a checked file beside its place and rename it there; replaces what was wrong."""
    _ready(folder)
    wrong = mnist.find_file(folder, name)
    path = folder / (f"{name}.gz" if data[:2] == GZIP_MAGIC else name)
    write_whole(path, data)
    if wrong is not None and wrong != path:
        try:
            wrong.unlink(missing_ok=True)  # or a damaged .gz would be read before the plain file
        except OSError as error:
            raise DataError(f"{wrong} cannot be removed: {error.strerror}.") from error
    return path


def _checked_mirror(mirror: str) -> str:
    try:
        parts = urlsplit(mirror)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ParameterError(f"A mirror is a web address such as {MIRRORS[0]}, not {mirror!r}.")
    return mirror if mirror.endswith("/") else f"{mirror}/"


@dataclass
class _Mirrors:
    """The mirrors in the order they are tried, and how patiently."""

    urls: list[str]
    watch: Watch
    patience: float
    slowest: float
    deadline: float

    def give(self, folder: Path, name: str) -> Fetched:
        """Put a file into the folder from the first mirror that has it right, else FetchError."""
        _ready(folder)
        reasons = []
        for url in tuple(self.urls):
            host = urlsplit(url).netloc.rpartition("@")[2]  # never a password
            try:
                data = self._download(url, host, name)
                _check(name, data)
            except DataError as error:
                reasons.append(f"{host} ({str(error).rstrip('.')})")
                self.urls.remove(url)
                self.urls.append(url)  # the next file is asked of it last
                continue
            path = _install(folder, name, data)
            return Fetched(name, path, "downloaded", len(data), host)
        tried = " or ".join(filter(None, [", ".join(reasons[:-1]), reasons[-1]]))
        raise FetchError(
            f"{name}.gz was not to be had from {tried}; put MNIST's four files into a folder and "
            f"run `render.py digits fetch --from DIR`, or set {mnist.ENVIRONMENT} to that folder."
        )

    def _download(self, url: str, host: str, name: str) -> bytearray:
        """What a mirror sends for a file, unchecked. Raises _Failure.

        In a thread, because a name look-up, or a byte now and then, can hold a caller for ever:
        it is left to itself when patience, or the user's (Ctrl-C), ends.
        """
        transfer = _Transfer(packed_limit(mnist.file_size(name)), self.patience)
        threading.Thread(None, transfer.run, "fetch", (f"{url}{name}.gz",), daemon=True).start()
        had, since = 0, time.monotonic()
        end = since + self.deadline
        try:
            while not transfer.done.wait(_POLL):
                got, now = len(transfer.data), time.monotonic()
                self.watch(name, host, got, transfer.length)
                if now > end:
                    raise _Failure(_STALLED)
                if now - since >= self.patience:
                    if got - had < self.slowest * self.patience:
                        raise _Failure(_STALLED if transfer.response is not None else _SILENT)
                    had, since = got, now
        finally:
            transfer.stop()
        if transfer.error is not None:
            raise _Failure(_reason(transfer.error, transfer.response is not None))
        self.watch(name, host, len(transfer.data), len(transfer.data))
        return transfer.data


class _Transfer:
    """One download by pooch, which writes to this as to a file."""

    def __init__(self, limit: int, patience: float) -> None:
        import requests  # noqa: F401  # pooch does when it downloads: that would cost patience
        from pooch import HTTPDownloader

        # Not pooch.retrieve: that gives a file its place by a checksum of the packed bytes.
        self.download = HTTPDownloader(
            timeout=patience,
            headers={"Accept-Encoding": "identity"},  # as it is, not packed once more on the way
            hooks={"response": self.answered},
        )
        self.limit, self.data = limit, bytearray()
        self.length: int | None = None  # as the server says
        self.response: Any = None  # requests', once there is one
        self.error: Exception | None = None
        self.done = threading.Event()
        self.stopped = False

    def run(self, url: str) -> None:
        """Download; afterwards `done` is set, and `error` if it failed."""
        try:
            self.download(url, self, None)
        except Exception as error:
            self.error = error
        finally:
            self.done.set()

    def stop(self) -> None:
        """End it, or let it end: nothing is taken from it any more."""
        self.stopped = True
        if self.response is not None:
            with suppress(OSError, ValueError, RuntimeError, AttributeError):  # over already
                self.response.raw.shutdown()

    def answered(self, response: Any, *_: Any, **__: Any) -> None:
        """The headers have come, perhaps of a redirection."""
        if self.stopped:
            raise _Failure(_SILENT)
        if response.is_redirect:
            response.raw.close()  # its page would be read into memory, however long
            return
        self.response = response
        length = response.headers.get("Content-Length", "")
        if response.ok and length.isdecimal() and len(length) < 20:
            self.length = int(length)
            if self.length > self.limit:
                raise _Failure(_TOO_LONG)

    def write(self, part: bytes) -> None:
        """Take the next part, if it is not too much."""
        if self.stopped:
            raise _Failure(_STALLED)
        if len(self.data) + len(part) > self.limit:
            raise _Failure(_TOO_LONG)
        self.data += part

    def flush(self) -> None: ...


_SILENT = "no answer in time"
_STALLED = "too slow"
_CUT_OFF = "cut off"
_TOO_LONG = "more bytes than the file can have"

# By the names of requests' and urllib3's errors, which wrap one another; the first found is said,
# the second word of it if the server had begun to answer.
_REASONS = {
    "TooManyRedirects": ("redirections without end", ""),
    "ProxyError": ("no way through the proxy", ""),
    "NameResolutionError": ("host not found", ""),
    "SSLError": ("no secure connection", _CUT_OFF),
    "NewConnectionError": ("no connection", ""),
    "TimeoutError": (_SILENT, _STALLED),
    "Timeout": (_SILENT, _STALLED),
    "InvalidURL": ("no valid address", ""),
    "ProtocolError": ("no answer", _CUT_OFF),
    "ConnectionError": ("no connection", _CUT_OFF),
}


def _reason(error: Exception, answered: bool) -> str:
    """Why a download failed, in a few words, none of them the server's."""
    if isinstance(error, _Failure):
        return str(error)
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if status >= 400:
        return f"status {status}"
    names = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    for name, (before, after) in _REASONS.items():
        if name in names:
            return after if answered and after else before
    return "an answer that makes no sense"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        inner = [getattr(error, "reason", None), *error.args]
        error = next((cause for cause in inner if isinstance(cause, BaseException)), None)


def _check(name: str, data: bytearray) -> None:
    if data[:200].lstrip().startswith(b"<"):
        raise _Failure("a web page instead")
    mnist.check_content(name, io.BytesIO(data), "what it sends")


@contextmanager
def _watching(console: Console | None) -> Iterator[Watch]:
    """What shows a download: bars on a terminal, else a line for each file and host."""
    told = set()

    def tell(name: str, host: str, *_: object) -> None:
        if console is not None and (name, host) not in told:
            told.add((name, host))
            line = f"Fetching {name}.gz from {host}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    if console is not None and console.is_terminal:
        with _bars(console) as watch:
            yield watch
    else:
        yield tell


@contextmanager
def _bars(console: Console) -> Iterator[Watch]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

    words = TextColumn("{task.description}", markup=False)
    with Progress(words, BarColumn(20), DownloadColumn(), console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def move(name: str, host: str, got: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name)
            progress.update(tasks[name], completed=got, total=total)

        yield move
