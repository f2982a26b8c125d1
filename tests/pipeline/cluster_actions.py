"""What the workers of the cluster tests do in place of drawing; they find this file by its folder.

A job's first parameter names a folder: who began a task leaves a note there.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipeline.tasks import Draw, Drawn, Failed, Report, Reporter, Result, Task, Walked

STEP = 0.1


def part(task: Draw) -> bytes:
    """What a Draw makes."""
    return f"{task.job.slug} {task.first} {task.last} ".encode() * 50_000


def draw(task: Task, scratch: Path, report: Reporter) -> Result:
    """Take a tenth of a second a section, then leave a part file."""
    assert isinstance(task, Draw)
    note(task)
    for section in range(task.first, task.last):
        report(Report(section - task.first, f"section {section}"))
        (scratch / "unfinished").write_bytes(part(task)[: 1000 * section])
        time.sleep(STEP)
    file = scratch / "parts" / "part.mp4"
    file.parent.mkdir()
    file.write_bytes(part(task))
    return Drawn(file, (1,) * (task.last - task.first), 0.5, 1000)


def pictures(task: Task, scratch: Path, report: Reporter) -> Result:
    """Leave a folder of files."""
    folder = scratch / "pictures.png"
    (folder / "deeper").mkdir(parents=True)
    for name in ("00000.png", "deeper/00001.png"):
        (folder / name).write_bytes(name.encode())
    return Drawn(folder, (2,), 0.5, 1000)


def dying(task: Task, scratch: Path, report: Reporter) -> Result:
    """End as the system ends a process that takes too much memory."""
    note(task)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def dying_once(task: Task, scratch: Path, report: Reporter) -> Result:
    """End so the first time, then draw."""
    if not notes(Path(task.job.given[0][1])):
        return dying(task, scratch, report)
    return draw(task, scratch, report)


def reading(task: Task, scratch: Path, report: Reporter) -> Result:
    """Read the file that the second parameter names."""
    name = task.job.given[1][1]
    try:
        return Walked((), (), {"content": Path(name).read_text(encoding="utf-8")}, "")
    except OSError as error:
        return Failed("input", str(error))


def raising(task: Task, scratch: Path, report: Reporter) -> Result:
    """A fault."""
    raise RuntimeError("two\nlines")


def note(task: Task) -> None:
    """Leave the numbers of this process and of its worker, and the time."""
    folder, me = Path(task.job.given[0][1]), os.getpid()
    text = f"{me} {os.getppid()} {time.time_ns()}"
    (folder / f"{time.time_ns()}-{me}.tmp").write_text(text, encoding="ascii")
    for file in folder.glob(f"*-{me}.tmp"):
        file.rename(file.with_suffix(".note"))


def notes(folder: Path) -> list[tuple[int, int, int]]:
    """Process, its worker, and when, of each task that began, in order."""
    read = (file.read_text(encoding="ascii").split() for file in sorted(folder.glob("*.note")))
    return [(int(process), int(worker), int(when)) for process, worker, when in read]
