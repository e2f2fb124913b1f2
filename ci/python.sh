#!/usr/bin/env bash
# The Python package: wheels, source distribution, types, style and tests.
#
#   ci/python.sh quick     the wheel for this machine, compiled in a hurry; types, style, tests
#   ci/python.sh all       all wheels and the source distribution as they are released, audited; the same tests;
#                          the source distribution built; the wheels for musl, for Python without its lock, and
#                          all those for aarch64 under qemu
#   ci/python.sh wheels    the wheels and the source distribution only, in target/python/dist
#   ci/python.sh audited   all but the building: checks and tests of what is in target/python/dist
#   ci/python.sh bench [OPTION]...     the table of bindings/python/README.md: gmpy2, mpmath, python-flint beside ours
#
# Tests run in fresh environments of the oldest and of the newest Python from 3.9 on that this machine has; PYTHONS
# names others: PYTHONS="python3.10 /opt/python/bin/python3" ci/python.sh quick.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

PACKAGE=$ROOT/bindings/python
OUT=$ROOT/target/python
DIST=$OUT/dist
HOST=$(uname -m)
# Versions of the programs that check; those that tests compare with are of each Python's own age.
CHECKERS=(mypy==2.4.1 'pyright[nodejs]==1.1.414' ruff==0.17.6 twine==7.0.0 abi3audit==0.0.26)
PEERS=(mpmath gmpy2 python-flint)
# The free-threaded Python that gets a wheel of its own.
FREE=python3.14t

# --- builds -----------------------------------------------------------------

# maturin SUBCOMMAND...: maturin, which finds zig in its own environment.
maturin() {
    (cd "$PACKAGE" && PATH=$TOOLS/venv/maturin/bin:$PATH command maturin "$@")
}

# wheel ARCH gnu|musl FOLDER OPTION...: builds a wheel for any Linux of this kind since 2014 (gnu) or musl 1.2.
wheel() {
    local arch=$1 libc=$2 folder=$3 policy=manylinux2014
    shift 3
    licences
    # The flags of .cargo/config.toml are for static programs.
    local flags=()
    if [ "$libc" = musl ]; then
        policy=musllinux_1_2
        flags=(RUSTFLAGS=-Ctarget-feature=-crt-static)
    fi
    (cd "$PACKAGE" && env "${flags[@]}" PATH="$TOOLS/venv/maturin/bin:$PATH" maturin build --quiet --locked --zig \
        --target "$arch-unknown-linux-$libc" --compatibility "$policy" --out "$folder" "$@")
}

# licences: those of all crates, for the wheel and the source distribution. With musl it is one crate more.
licences() {
    ci/licences.py pi-spigot-python x86_64-unknown-linux-musl >"$PACKAGE/LICENCES.txt"
}

# without_benches ARCHIVE: cuts the benches out of the library's manifest: maturin leaves their files out, and
# cargo refuses a manifest that names a file which is not there.
without_benches() {
    python3 - "$1" <<'PY'
import gzip, io, re, sys, tarfile
name = sys.argv[1]
with tarfile.open(name) as old:
    members = [(member, old.extractfile(member).read() if member.isfile() else None) for member in old]
with open(name, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new:
        for member, content in members:
            if member.name.count("/") == 1 and member.name.endswith("/Cargo.toml"):
                content = re.sub(rb"\[\[bench\]\]\n(?:[^\n\[]+\n)*", b"", content)
                member.size = len(content)
            new.addfile(member, None if content is None else io.BytesIO(content))
PY
}

wheels() {
    ci/tools.sh targets gnu zig
    rm -rf "$DIST"
    local arch libc
    for arch in x86_64 aarch64; do
        for libc in gnu musl; do
            say "wheel for $arch, $libc"
            wheel "$arch" "$libc" "$DIST" --release
        done
        # The stable ABI is for Python with its lock. zig and maturin need no such interpreter.
        say "wheel for $arch, $FREE without the lock"
        wheel "$arch" gnu "$DIST" --release --interpreter "$FREE"
    done
    say "source distribution"
    licences
    maturin sdist --out "$DIST"
    without_benches "$DIST"/pi_spigot-*.tar.gz
    ls -l "$DIST" >&2
}

# --- checks of files ---------------------------------------------------------

checkers() {
    local stamp=$TOOLS/venv/python-checkers/.requirement
    if [ "$(cat "$stamp" 2>/dev/null)" != "${CHECKERS[*]}" ]; then
        say "installing ${CHECKERS[*]}"
        new_venv "$TOOLS/venv/python-checkers" python3
        # The peers and Dask have no types: their calls are not looked at, here or there.
        pip_into "$TOOLS/venv/python-checkers" "${CHECKERS[@]}" pytest
        echo "${CHECKERS[*]}" >"$stamp"
    fi
    CHECK=$TOOLS/venv/python-checkers/bin
}

# newest_symbol WHEEL: the newest version of glibc's symbols that the wheel's library needs.
newest_symbol() {
    local folder
    folder=$(mktemp -d)
    python3 -m zipfile -e "$1" "$folder"
    readelf --version-info --wide "$folder"/pi_spigot/_native*.so >"$folder/versions"
    { grep -o 'GLIBC_[0-9.]*' "$folder/versions" || true; } | sort -Vu | tail -n 1
    rm -rf "$folder"
}

# glibc_is_old WHEEL: manylinux2014 is glibc 2.17, and Lambda's oldest Python runs on 2.26.
glibc_is_old() {
    local version
    version=$(newest_symbol "$1")
    echo "needs ${version:-nothing of glibc}"
    case $1 in
    *musllinux*) [ -z "$version" ] ;;
    *) [ -n "$version" ] && [ "$(printf '%s\n' "$version" GLIBC_2.17 | sort -V | tail -n 1)" = GLIBC_2.17 ] ;;
    esac
}

# wheel_is_complete WHEEL: types, licences of all crates, and the version of Cargo.toml.
wheel_is_complete() {
    local version file files
    version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
    files=$(python3 -m zipfile -l "$1")
    for file in pi_spigot/{__init__.py,__init__.pyi,_native.pyi,py.typed} \
        "pi_spigot-$version.dist-info/licenses/LICENCES.txt" \
        "pi_spigot-$version.dist-info/sboms/pi-spigot-python.cyclonedx.json"; do
        grep -q "^$file " <<<"$files" || { echo "$1 has no $file" && return 1; }
    done
}

audit() {
    local file
    for file in "$1"/*.whl; do
        check "$(basename "$file"): symbols of glibc 2.17 or none" glibc_is_old "$file"
        check "$(basename "$file"): types, licences, version" wheel_is_complete "$file"
        [[ $file != *-abi3-* ]] ||
            check "$(basename "$file"): stable ABI of Python 3.9" "$CHECK/abi3audit" --strict "$file"
    done
    check "what an index shows (twine)" "$CHECK/twine" check --strict "$1"/*
}

style_and_types() {
    check "ruff check" "$CHECK/ruff" check --no-cache "$PACKAGE"
    check "ruff format" "$CHECK/ruff" format --check "$PACKAGE"
    pip_into "$TOOLS/venv/python-checkers" --force-reinstall --no-deps "$1"
    check "mypy --strict" in_package "$CHECK/mypy" --strict python/pi_spigot tests examples bench.py
    check "stubtest" in_package_elsewhere "$CHECK/python" -m mypy.stubtest --mypy-config-file "$PACKAGE/pyproject.toml" pi_spigot
    check "pyright" in_package "$CHECK/pyright" --pythonpath "$CHECK/python"
}

in_package() { (cd "$PACKAGE" && "$@"); }
# The package that is installed, not the folder.
in_package_elsewhere() { (cd "$OUT" && "$@"); }

# --- tests -------------------------------------------------------------------

# pythons: the interpreters to test with, one a line, the oldest and the newest.
pythons() {
    if [ -n "${PYTHONS:-}" ]; then
        # shellcheck disable=SC2086  # a list of programs
        printf '%s\n' $PYTHONS
        return
    fi
    local python
    for python in $(compgen -c python3 | grep -E '^python3(\.[0-9]+)?$' | sort -u) /root/.pyenv/versions/*/bin/python3; do
        "$python" -c 'import sys, venv, ensurepip
if sys.version_info >= (3, 9): print(f"{sys.version_info[0]}.{sys.version_info[1]:02}", sys.executable)' 2>/dev/null || true
    done | sort -u -k1,1 | sed -n '1p;$p' | sort -u | cut -d' ' -f2
}

# test_in PYTHON WHEEL PYTEST_ARGUMENT...: a fresh environment, an empty folder, the wheel and nothing of this tree.
test_in() {
    local python=$1 wheel=$2 version venv
    shift 2
    version=$("$python" -c 'import platform; print(platform.python_version())')
    venv=$OUT/venv-$version
    new_venv "$venv" "$python"
    pip_into "$venv" pytest "$wheel"
    # A peer without a wheel for this Python is left out, and its test says so.
    local peers=("${PEERS[@]}" 'dask[distributed]') peer
    pip_into "$venv" --only-binary=:all: "${peers[@]}" 2>/dev/null ||
        for peer in "${peers[@]}"; do
            pip_into "$venv" --only-binary=:all: "$peer" 2>/dev/null ||
                say "no wheel of $peer for Python $version: its tests are skipped"
        done
    say "tests with Python $version"
    (cd "$venv" && bin/python -m pytest -q -rs -p no:cacheprovider "$PACKAGE/tests" "$@")
}

test_all() {
    local wheel=$1 python found list
    found=$(pythons)
    [ -n "$found" ] || die "no Python from 3.9 on has venv and pip: apt-get install python3-venv"
    mapfile -t list <<<"$found"
    [ "${#list[@]}" -gt 1 ] || say "only one Python here: ${list[0]}"
    # At once: a process of Python keeps one processor busy.
    for python in "${list[@]}"; do
        begin "$(pytest_log "$python")" test_in "$python" "$wheel"
    done
    wait
    for python in "${list[@]}"; do
        check "pytest with $("$python" --version)" ended "$(pytest_log "$python")"
        tail -n 3 "$(pytest_log "$python")" >&2
    done
}

pytest_log() { echo "$OUT/pytest-$(basename "$(dirname "$(dirname "$1")")").log"; }

# --- verbs -------------------------------------------------------------------

quick() {
    ci/tools.sh gnu zig
    checkers
    rm -rf "$OUT/quick"
    wheel "$HOST" gnu "$OUT/quick" --profile tool >/dev/null
    local built
    built=$(ls "$OUT"/quick/*.whl)
    check "symbols of glibc 2.17 at most" glibc_is_old "$built"
    check "types, licences, version" wheel_is_complete "$built"
    style_and_types "$built"
    test_all "$built"
}

from_source() {
    new_venv "$OUT/from-source" python3
    pip_into "$OUT/from-source" --no-binary pi-spigot "$DIST"/pi_spigot-*.tar.gz
    (cd "$OUT/from-source" && [ "$(bin/python -c 'import pi_spigot; print(pi_spigot.digits(10))')" = 3.141592653 ])
}

# Tests of text and of hexadecimal digits that qemu does in a minute.
FEW=("$PACKAGE"/tests/test_{digits,hexadecimal}.py -k "not golden and not processes and not published and not travel")

# elsewhere NAME WHEEL PYTEST_ARGUMENT...: tests by a Python of ci/tools.sh. It has no pip: the wheel is unpacked, and
# pytest and mpmath are Python alone.
elsewhere() {
    local python=$TOOLS/python-$1/python folder=$OUT/$1
    rm -rf "$folder"
    python3 -m zipfile -e "$2" "$folder"
    python3 -m pip install -q --disable-pip-version-check --target "$folder" pytest mpmath
    (cd "$folder" && PYTHONPATH=$folder PYTHONDONTWRITEBYTECODE=1 "$python" -m pytest -q -rs -p no:cacheprovider "${@:3}")
}

# tests_elsewhere NAME TITLE WHEEL PYTEST_ARGUMENT...
tests_elsewhere() {
    if ci/tools.sh "python-$1"; then
        check "$2" elsewhere "$1" "${@:3}"
    else
        say "NOT RUN: $2: its Python could not be fetched"
    fi
}

all() {
    wheels
    audited
}

audited() {
    checkers
    audit "$DIST"
    local built
    built=$(ls "$DIST"/*-abi3-manylinux*_"$HOST".whl)
    style_and_types "$built"
    test_all "$built"
    check "a build from the source distribution" from_source
    tests_elsewhere musl "the wheel for musl" "$(ls "$DIST"/*-abi3-musllinux*_"$HOST".whl)" "$PACKAGE/tests"
    tests_elsewhere free "the wheel without the lock, by $FREE" "$(ls "$DIST"/*-cp314t-*_"$HOST".whl)" "$PACKAGE/tests"
    [ "$HOST" = x86_64 ] || return 0
    local under="under qemu"
    tests_elsewhere arm64 "the wheel for arm64, $under" "$(ls "$DIST"/*-abi3-manylinux*_aarch64.whl)" "${FEW[@]}"
    tests_elsewhere musl-arm64 "the wheel for arm64 and musl, $under" \
        "$(ls "$DIST"/*-abi3-musllinux*_aarch64.whl)" "${FEW[@]}"
    tests_elsewhere free-arm64 "the wheel for arm64 without the lock, by $FREE, $under" \
        "$(ls "$DIST"/*-cp314t-*_aarch64.whl)" "${FEW[@]}"
}

# bench OPTION...: the table of the package's README.
bench() {
    checkers
    local built
    built=$(ls "$DIST"/*-abi3-manylinux*_"$HOST".whl 2>/dev/null) || die "no wheel to measure: ci/python.sh wheels"
    pip_into "$TOOLS/venv/python-checkers" "${PEERS[@]}"
    pip_into "$TOOLS/venv/python-checkers" --force-reinstall --no-deps "$built"
    (cd "$OUT" && "$CHECK/python" "$PACKAGE/bench.py" "$@")
}

verb=${1:-}
[ $# -eq 0 ] || shift
mkdir -p "$OUT"
case $verb in
quick | all | audited)
    "$verb"
    summary
    ;;
wheels) wheels ;;
bench) bench "$@" ;;
*) usage ;;
esac
