#!/bin/sh
# Brings this machine to readiness: system packages, .venv, Python packages.
#
#   tools/bootstrap.sh runtime    what rendering needs
#   tools/bootstrap.sh dev        the same and the development tools
#   tools/bootstrap.sh bench      the same and what training is measured against
#
# Only what is missing is installed, and each installation is announced; on a ready
# machine nothing happens. All messages go to standard error. PYTHON names the
# interpreter to use. Exit 0: ready; 1: an installation failed; 2: something is
# missing that cannot be installed from here.
set -eu
exec 1>&2
cd "$(dirname "$0")/.."

# The families that scenes/kit/fonts.py accepts.
fonts='Noto Sans CJK SC|Noto Sans SC|Source Han Sans SC|Source Han Sans CN'
fonts="$fonts|PingFang SC|Hiragino Sans GB|WenQuanYi Micro Hei"
system=$(uname -s)

say() { printf '==> %s\n' "$*"; }
stop() {
    status=$1
    shift
    printf '%s\n' "$*"
    exit "$status"
}
has() { command -v "$1" >/dev/null 2>&1; }
quietly() { "$@" >/dev/null 2>&1; }

# --- Python -----------------------------------------------------------------

is_recent() { quietly "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; }

find_python() {
    set -- python3 python3.13 python3.12 python3.11
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; fi
    for candidate; do
        if is_recent "$candidate"; then
            python=$candidate
            version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            return
        fi
    done
    stop 2 "Python 3.11 or newer is needed, and none was found as $*: install it," \
        "or name it with PYTHON=/path/to/python3."
}

# --- System packages --------------------------------------------------------

compiler_works() {
    printf '#include <stdio.h>\nint main(void) { return 0; }\n' | quietly cc -x c - -o /dev/null
}
has_library() { quietly pkg-config --exists "$1"; }
has_python_headers() {
    "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}
has_font() {
    case $system in
    Darwin) ls ~/Library/Fonts /Library/Fonts 2>/dev/null | grep -Eq 'NotoSans(CJK|SC)' ;;
    *) has fc-list && fc-list : family | grep -Eq "$fonts" ;;
    esac
}

# One line for each thing missing: what it is | apt packages | Homebrew packages.
missing() {
    compiler_works || echo 'a C compiler|gcc libc6-dev|'
    case $system-$(uname -m) in
    Darwin-* | Linux-x86_64) ;;
    *) has c++ || echo 'a C++ compiler|g++|' ;; # glcontext and moderngl have no wheel
    esac
    has pkg-config || echo 'pkg-config|pkg-config|pkgconf'
    has_library 'cairo >= 1.15.10' || echo 'cairo headers|libcairo2-dev|cairo'
    has_python_headers || echo "Python headers|python$version-dev|"
    quietly "$python" -c 'import ensurepip, venv' || echo "Python's venv|python$version-venv|"
    if [ "$system" != Darwin ]; then # where ManimPango has a wheel with Pango inside
        has_library pangocairo || echo 'Pango headers|libpango1.0-dev|pango'
        has fc-list || echo 'fontconfig|fontconfig|fontconfig'
    fi
    has_font || echo 'a Chinese font|fonts-noto-cjk|font-noto-sans-cjk-sc'
}

# Column $1 of `rows`; joined: in one line, with $2 between.
column() { printf '%s\n' "$rows" | cut -d '|' -f "$1"; }
joined() { column "$1" | paste -s -d "$2" - | sed 's/,/, /g; s/   */ /g; s/^ //; s/ $//'; }

can_be_root() { [ "$(id -u)" -eq 0 ] || has sudo; }
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
    say "Installing with apt-get: $*"
    as_root apt-get -qq update || say 'The package lists could not be renewed; going on with those at hand.'
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@" >/dev/null
}

brew_install() {
    say "Installing with Homebrew: $*"
    brew install "$@"
}

# The names of packages are words on purpose.
# shellcheck disable=SC2046
install_system() {
    rows=$(missing)
    [ -n "$rows" ] || return 0
    if has apt-get && can_be_root; then
        apt_install $(column 2) || stop 1 'apt-get failed: see above, then run the same command again.'
    elif has brew && [ -n "$(joined 3 ' ')" ]; then
        brew_install $(column 3) || stop 1 'brew failed: see above, then run the same command again.'
    else
        case $system in
        Darwin) names="with Homebrew: $(joined 3 ' ')" ;;
        *) names="in Debian and Ubuntu: $(joined 2 ' ')" ;;
        esac
        stop 2 "Missing on this machine: $(joined 1 ,). Install what is missing with the system's" \
            "package manager ($names), then run the same command again."
    fi
    rows=$(missing)
    [ -z "$rows" ] || stop 2 "Still missing after the installation: $(joined 1 ,)."
}

# --- .venv ------------------------------------------------------------------

# A stamp holds the sum of everything an installation depends on. While pip works,
# .venv/installing exists: left behind, it says that the .venv is not whole.
key=$({ pwd && cat pyproject.toml constraints.txt; } | cksum)

is_ready() {
    [ ! -e .venv/installing ] && [ "$(cat ".venv/ready-$1" 2>/dev/null)" = "$key" ] &&
        is_recent .venv/bin/python
}

make_venv() {
    if [ -e .venv/installing ]; then
        say 'The last installation did not end: making .venv anew.'
    elif is_recent .venv/bin/python; then
        return
    else
        say "Making .venv with Python $version."
    fi
    rm -rf .venv
    mkdir .venv
    : >.venv/installing
    "$python" -m venv .venv || stop 1 'The .venv could not be made: see above.'
}

# The two variables pin what pip compiles with (older and newer pips read one each).
install_packages() {
    : >.venv/installing
    PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
        .venv/bin/python -m pip install --disable-pip-version-check -e "$1" ||
        stop 1 'The Python packages could not be installed: see above, then run the same command again.'
}

mark_ready() {
    for stage; do printf '%s\n' "$key" >".venv/ready-$stage"; done
    rm .venv/installing
}

stage=${1:-}
case $stage in
runtime) project=. stages=runtime tools= ;;
dev) project='.[dev]' stages='runtime dev' tools=' and the development tools' ;;
bench) project='.[dev,bench]' stages='runtime dev bench' tools=', the development tools and the peers' ;;
*) stop 2 'usage: tools/bootstrap.sh runtime|dev|bench' ;;
esac

is_ready "$stage" && exit 0
find_python
install_system
make_venv
say "Installing the project's Python packages$tools into .venv, at the versions in constraints.txt."
install_packages "$project"
# shellcheck disable=SC2086
mark_ready $stages
say 'Ready.'
