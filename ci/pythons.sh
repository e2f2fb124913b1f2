#!/usr/bin/env bash
# Pythons that no registry has as such, for tests of wheels:
#
#   ci/pythons.sh musl     tools/python-musl/python    Python 3.14 for musl
#   ci/pythons.sh free     tools/python-free/python    Python 3.14 without the lock, for glibc
#
# The programs are those of freeze-core on PyPI, which freezes applications: each holds an interpreter and brings
# the C extensions of the standard library. The Python files of the library are Debian's, from the suite that has
# 3.14. ci/python_main.py makes the program start as `python3` does. musl's builds need zlib beside them, which zig
# compiles from Debian's source.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

FREEZE_CORE=freeze-core==0.8.1
SUITE=forky

# apt_of FOLDER LINE: options for an apt with lists of its own, which are filled.
apt_of() {
    mkdir -p "$1/lists/partial" "$1/archives/partial"
    echo "$2" >"$1/sources.list"
    options=(-o "Dir::State=$1" -o Dir::State::status=/dev/null -o "Dir::Cache=$1"
        -o "Dir::Etc::sourcelist=$1/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root)
    apt_get "${options[@]}" update
}

archive() {
    local uri
    # shellcheck disable=SC2016  # apt's own variable
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
    [ -n "$uri" ] || die "apt has no archive of packages: apt-get update"
    printf '%s' "$uri"
}

# standard_library FOLDER: the Python files of 3.14.
standard_library() {
    local lists=$work/lists package
    apt_of "$lists" "deb $(archive) $SUITE main"
    (cd "$work" && apt_get "${options[@]}" download libpython3.14-minimal libpython3.14-stdlib)
    for package in "$work"/libpython3.14-*.deb; do dpkg -x "$package" "$work/debian"; done
    rm -r "$work/debian/usr/lib/python3.14/lib-dynload"
    mv "$work/debian/usr/lib/python3.14" "$1"
}

# zlib FILE: zlib for musl.
zlib() {
    local lists=$work/sources
    apt_of "$lists" "deb-src $(archive) $(. /etc/os-release && echo "$VERSION_CODENAME") main"
    (cd "$work" && apt_get "${options[@]}" source --download-only --tar-only zlib)
    mkdir "$work/zlib"
    tar -xf "$work"/zlib_*.orig.tar.* -C "$work/zlib" --strip-components=1
    (cd "$work/zlib" && "$TOOLS/venv/maturin/bin/python" -m ziglang cc -target "$(uname -m)-linux-musl" -O2 -fPIC -shared \
        -DHAVE_UNISTD_H -DHAVE_HIDDEN -Wl,-soname,libz.so.1 -o "$1" ./*.c 2>>"$TOOLS/pip.log")
}

# install NAME ABI PLATFORM LOADER...: the program of freeze-core for this ABI, started by the loader.
install() {
    local dir=$TOOLS/python-$1 abi=$2 platform=$3 bases name
    shift 3
    [ "$(cat "$dir/.requirement" 2>/dev/null)" != "$FREEZE_CORE" ] || return 0
    say "installing Python 3.14 ($abi, $platform)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.14 --abi "$abi" --platform "$platform" \
        -d "$work" "$FREEZE_CORE" >>"$TOOLS/pip.log" 2>&1 ||
        die "pip could not download $FREEZE_CORE: $(tail -n 1 "$TOOLS/pip.log") (all of it: tools/pip.log)"
    rm -rf "$dir"
    python3 -m zipfile -e "$work"/freeze_core-*.whl "$dir"
    bases=$dir/freeze_core/bases
    mv "$bases"/console-* "$bases/python"
    chmod +x "$bases/python"
    standard_library "$bases/lib"
    cp "$ROOT/ci/python_main.py" "$bases/lib/__init__python.py"
    # The paths of the build, which there are not.
    for name in gnu musl; do
        echo 'build_time_vars = {}' | tee "$bases/lib/_sysconfigdata_"{,t}"_linux_$(uname -m)-linux-$name.py" >/dev/null
    done
    [ "$platform" = "${platform#musl}" ] || zlib "$dir/freeze_core.libs/libz.so.1"
    # shellcheck disable=SC2016  # the script's own variable
    printf '#!/bin/sh\nPYTHON_EXECUTABLE="$0" exec %s "$@"\n' "$* $bases/python" >"$dir/python"
    chmod +x "$dir/python"
    "$dir/python" -c 'import decimal, multiprocessing, ssl'
    echo "$FREEZE_CORE" >"$dir/.requirement"
}

machine=$(uname -m)
case ${1:-} in
musl) install musl cp314 "musllinux_1_2_$machine" "$TOOLS/musl/$machine/usr/lib/$machine-linux-musl/libc.so" ;;
free) install free cp314t "manylinux2014_$machine" ;;
*) usage ;;
esac
