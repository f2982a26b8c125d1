"""The set-up scripts, run against a machine made of fake commands: fast and without a network."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scenes.kit.text.fonts import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
UTILITIES = ["cat", "cksum", "cp", "cut", "dirname", "env", "grep", "ls", "mkdir"]
UTILITIES += ["paste", "rm", "sed", "sh", "touch"]
PACKAGES = {
    "gcc",
    "libc6-dev",
    "pkg-config",
    "libcairo2-dev",
    "python3.11-dev",
    "python3.11-venv",
    "libpango1.0-dev",
    "fontconfig",
    "fonts-noto-cjk",
}

# A command of the fake machine works when its package is a file in $STATE.
PYTHON = """
case "$*" in
*'version_info <'*) [ ! -e "$STATE/old-python" ] ;;
*'version_info['*) echo 3.11 ;;
*Python.h*) [ -e "$STATE/python3.11-dev" ] ;;
*ensurepip*) [ -e "$STATE/python3.11-venv" ] ;;
'-m venv .venv')
    echo "venv" >>"$STATE/log"
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    if [ -e "$STATE/venv-is-killed" ]; then touch .venv/half; kill -9 "$PPID"; exit 9; fi ;;
'-m pip install '*)
    echo "pip $*" >>"$STATE/log"
    echo "pip pins $PIP_CONSTRAINT $PIP_BUILD_CONSTRAINT" >>"$STATE/log"
    touch .venv/half
    if [ -e "$STATE/pip-fails" ]; then exit 1; fi
    if [ -e "$STATE/pip-is-killed" ]; then kill -9 "$PPID"; exit 9; fi
    rm .venv/half ;;
*) echo "unexpected: $*"; exit 3 ;;
esac
"""
INSTALLER = """
echo "$NAME $*" >>"$STATE/log"
case "$*" in *install*) ;; *) exit 0 ;; esac
[ ! -e "$STATE/$NAME-fails" ] || exit 1
[ ! -e "$STATE/$NAME-lies" ] || exit 0
for word; do case $word in -* | install) ;; *) touch "$STATE/$word" ;; esac; done
"""


class Machine:
    """A folder with a copy of the project and a PATH that leads only to fake commands."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "the project"
        self.commands = folder / "bin"
        self.state = folder / "state"
        for made in (self.project / "tools", self.commands, self.state):
            made.mkdir(parents=True)
        for name in ("tools/bootstrap.sh", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.project / name)
        for name in UTILITIES:
            found = shutil.which(name)
            assert found, f"{name} is not installed"
            (self.commands / name).symlink_to(found)
        self.command("python3", PYTHON)
        self.command("uname", 'if [ "$1" = -m ]; then echo x86_64; else echo Linux; fi')
        self.command("id", "echo 0")
        self.command("cc", '[ -e "$STATE/gcc" ]')
        self.command(
            "pkg-config",
            """[ -e "$STATE/pkg-config" ] || exit 1
            case "$2" in cairo*) package=libcairo2-dev ;; *) package=libpango1.0-dev ;; esac
            [ -e "$STATE/$package" ]""",
        )
        self.command("fc-list", '[ ! -e "$STATE/fonts-noto-cjk" ] || echo "Noto Sans CJK SC"')

    def command(self, name: str, body: str) -> None:
        path = self.commands / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def installer(self, name: str) -> None:
        self.command(name, f"NAME={name}\n{INSTALLER}")

    def have(self, *packages: str) -> None:
        for name in packages:
            (self.state / name).touch()

    def bare(self) -> None:
        """Take away the commands whose mere absence is what the script looks for."""
        for name in ("pkg-config", "fc-list"):
            hidden = self.commands / name
            hidden.rename(self.state / f"{name}.hidden")
        self.command(
            "apt-get",
            f"""NAME=apt-get\n{INSTALLER}
            for name in pkg-config fc-list; do
                cp "$STATE/$name.hidden" "$(dirname "$0")/$name"
            done""",
        )

    def run(self, stage: str = "runtime") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(self.project / "tools/bootstrap.sh"), stage],
            env={"PATH": str(self.commands), "STATE": str(self.state), "HOME": str(self.state)},
            cwd=self.state,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def log(self) -> list[str]:
        """What was done since the last question."""
        path = self.state / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.write_text("")
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def complete(machine: Machine) -> Machine:
    """A machine with every system package."""
    machine.have(*PACKAGES)
    return machine


def announced(message: str, manager: str) -> set[str]:
    (line,) = [line for line in message.splitlines() if f"Installing with {manager}: " in line]
    return set(line.partition(": ")[2].split())


def test_bare_machine_installs_and_names_every_package(machine: Machine) -> None:
    machine.bare()
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert announced(done.stderr, "apt-get") == PACKAGES
    update, install, *rest = machine.log()
    assert update.startswith("apt-get") and update.endswith("update")
    assert "--no-install-recommends" in install.split() and set(install.split()) > PACKAGES
    assert rest == [
        "venv",
        "pip -m pip install --disable-pip-version-check -e .",
        "pip pins constraints.txt constraints.txt",
    ]


@pytest.mark.parametrize("package", sorted(PACKAGES - {"libc6-dev", "pkg-config", "fontconfig"}))
def test_only_what_is_missing_is_installed(complete: Machine, package: str) -> None:
    (complete.state / package).unlink()
    complete.installer("apt-get")
    done = complete.run()
    assert done.returncode == 0, done.stderr
    expected = {"gcc", "libc6-dev"} if package == "gcc" else {package}
    assert announced(done.stderr, "apt-get") == expected


def test_complete_machine_needs_no_package_manager(complete: Machine) -> None:
    complete.installer("apt-get")
    assert complete.run().returncode == 0
    assert [line for line in complete.log() if line.startswith("apt-get")] == []


def test_nothing_is_done_twice(complete: Machine) -> None:
    complete.run("dev")
    assert complete.log()
    for stage in ("dev", "runtime"):
        again = complete.run(stage)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert complete.log() == []


def test_development_tools_come_on_top(complete: Machine) -> None:
    complete.run("runtime")
    complete.log()
    done = complete.run("dev")
    assert "the development tools" in done.stderr
    assert [line for line in complete.log() if "pins" not in line] == [
        "pip -m pip install --disable-pip-version-check -e .[dev]"
    ]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed(complete: Machine, name: str) -> None:
    complete.run()
    complete.log()
    with (complete.project / name).open("a") as file:
        file.write("# changed\n")
    complete.run()
    assert [line.split()[0] for line in complete.log()] == ["pip", "pip"]


@pytest.mark.parametrize("fault", ["venv-is-killed", "pip-fails", "pip-is-killed"])
def test_interrupted_installation_is_made_anew(complete: Machine, fault: str) -> None:
    complete.have(fault)
    assert complete.run().returncode != 0
    assert (complete.project / ".venv/half").exists()
    complete.log()
    (complete.state / fault).unlink()
    done = complete.run()
    assert done.returncode == 0
    assert "did not end" in done.stderr
    assert complete.log()[0] == "venv"
    assert not (complete.project / ".venv/half").exists()
    assert complete.run().stderr == ""


def test_interrupted_development_tools_spoil_what_was_ready(complete: Machine) -> None:
    complete.run("runtime")
    complete.have("pip-is-killed")
    complete.run("dev")
    complete.log()
    (complete.state / "pip-is-killed").unlink()
    assert complete.run("runtime").returncode == 0
    assert complete.log()[0] == "venv"


def test_broken_venv_is_made_anew(complete: Machine) -> None:
    complete.run()
    complete.log()
    (complete.project / ".venv/bin/python").unlink()
    assert complete.run().returncode == 0
    assert complete.log()[0] == "venv"


def test_no_package_manager_is_one_message(machine: Machine) -> None:
    machine.bare()
    (machine.commands / "apt-get").unlink()
    done = machine.run()
    assert done.returncode == 2
    (message,) = done.stderr.splitlines()
    assert {word.strip(":,.()") for word in message.split()} >= PACKAGES
    assert machine.log() == []
    assert not (machine.project / ".venv").exists()


def test_without_root_or_sudo_is_the_same_message(machine: Machine) -> None:
    alone = machine.run().stderr
    machine.installer("apt-get")
    machine.command("id", "echo 1000")
    done = machine.run()
    assert (done.returncode, done.stderr) == (2, alone)
    assert machine.log() == []


def test_sudo_is_used_where_there_is_no_root(complete: Machine) -> None:
    (complete.state / "libcairo2-dev").unlink()
    complete.installer("apt-get")
    complete.command("id", "echo 1000")
    complete.command("sudo", 'echo "sudo $1" >>"$STATE/log"; "$@"')
    assert complete.run().returncode == 0
    assert [line for line in complete.log() if line.startswith("sudo")] == [
        "sudo apt-get",
        "sudo env",
    ]


def test_homebrew_on_macos(complete: Machine) -> None:
    for package in ("libcairo2-dev", "libpango1.0-dev", "fonts-noto-cjk"):
        (complete.state / package).unlink()
    complete.command("uname", 'if [ "$1" = -m ]; then echo arm64; else echo Darwin; fi')
    fonts = complete.state / "Library/Fonts"
    fonts.mkdir(parents=True)
    complete.command(
        "brew",
        f"""echo "brew $*" >>"$STATE/log"
        touch "$STATE/libcairo2-dev" "{fonts}/NotoSansCJKsc-Regular.otf" """,
    )
    done = complete.run()
    assert done.returncode == 0, done.stderr
    assert complete.log()[0] == "brew install cairo font-noto-sans-cjk-sc"


def test_a_failing_package_manager_stops(machine: Machine) -> None:
    machine.installer("apt-get")
    machine.have("apt-get-fails")
    done = machine.run()
    assert done.returncode == 1
    assert "apt-get failed" in done.stderr.splitlines()[-1]
    assert not (machine.project / ".venv").exists()


def test_what_is_still_missing_after_an_installation_is_said(complete: Machine) -> None:
    complete.installer("apt-get")
    complete.have("apt-get-lies")
    (complete.state / "python3.11-dev").unlink()
    done = complete.run()
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Still missing after the installation: Python headers."


def test_old_python_is_one_sentence(complete: Machine) -> None:
    complete.have("old-python")
    done = complete.run()
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Python 3.11 or newer is needed")
    assert complete.log() == []


def test_wrong_use_is_one_sentence(machine: Machine) -> None:
    done = machine.run("everything")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_fonts_are_those_the_clips_accept() -> None:
    text = (ROOT / "tools/bootstrap.sh").read_text()
    quoted = re.findall(r"^fonts=['\"](?:\$fonts\|)?(.*)['\"]$", text, re.MULTILINE)
    assert set("|".join(quoted).split("|")) == set(FAMILIES)
