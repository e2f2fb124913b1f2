#!/usr/bin/env bash
# Pythons that no registry has as such, for tests of wheels:
#
#   ci/pythons.sh musl MACHINE     tools/python-musl/python    Python for musl
#   ci/pythons.sh free MACHINE     tools/python-free/python    Python 3.14 without the lock, for glibc
#
# MACHINE is x86_64 or aarch64; under qemu the folders are tools/python-musl-arm64 and tools/python-free-arm64.
# CANDIDATES="3.13:trixie" names other versions, and the suites of Debian to take them from.
#
# The programs are those of freeze-core on PyPI, which freezes applications: each holds an interpreter and brings
# the C extensions of the standard library. The Python files of the library are Debian's, from a suite that has the
# same version. ci/python_main.py makes the program start as `python3` does. musl's builds need zlib beside them,
# which zig compiles from Debian's source.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

FREEZE_CORE=freeze-core==0.8.1

# standard_library FOLDER: sets $version to that of the first candidate that Debian still has, and writes the Python
# files of its library.
standard_library() {
    local candidate suite
    for candidate in $CANDIDATES; do
        version=${candidate%:*} suite=${candidate#*:}
        own_apt "$work/$suite" "$(uname -m)" deb "$suite"
        apt-cache "${own_apt[@]}" show "libpython$version-stdlib" >/dev/null 2>&1 || continue
        unpack_debian "$work/debian" alone "libpython$version-minimal" "libpython$version-stdlib"
        rm -r "$work/debian/usr/lib/python$version/lib-dynload"
        mv "$work/debian/usr/lib/python$version" "$1"
        return
    done
    die "Debian has no Python any more that fits the wheel (looked for $CANDIDATES): name a newer version in" \
        "ci/pythons.sh, with a freeze-core that has it; for the one without the lock in ci/python.sh too"
}

# zlib FILE MACHINE: zlib for musl.
zlib() {
    own_apt "$work/sources" "$(uname -m)" deb-src "$(codename)"
    (cd "$work" && apt_get "${own_apt[@]}" source --download-only --tar-only zlib)
    mkdir "$work/zlib"
    tar -xf "$work"/zlib_*.orig.tar.* -C "$work/zlib" --strip-components=1
    (cd "$work/zlib" && "$TOOLS/venv/maturin/bin/python" -m ziglang cc -target "$2-linux-musl" -O2 -fPIC -shared \
        -DHAVE_UNISTD_H -DHAVE_HIDDEN -Wl,-soname,libz.so.1 -o "$1" ./*.c 2>>"$TOOLS/pip.log")
}

# install NAME MACHINE ABI PLATFORM LOADER...: the program of freeze-core, started by the loader. The ABI says
# "VERSION" for the version's digits.
install() {
    local dir=$TOOLS/python-$1 machine=$2 abi=$3 platform=$4 version bases name
    shift 4
    [ "$(cat "$dir/.requirement" 2>/dev/null)" != "$FREEZE_CORE $CANDIDATES" ] || return 0
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    standard_library "$work/lib"
    abi=${abi/VERSION/${version/./}}
    say "installing Python $version ($abi, $platform)"
    python3 -m pip download -q --no-deps --only-binary=:all: --python-version "$version" --abi "$abi" \
        --platform "$platform" -d "$work" "$FREEZE_CORE" >>"$TOOLS/pip.log" 2>&1 ||
        die "pip could not download $FREEZE_CORE: $(tail -n 1 "$TOOLS/pip.log") (all of it: tools/pip.log)"
    rm -rf "$dir"
    python3 -m zipfile -e "$work"/freeze_core-*.whl "$dir"
    bases=$dir/freeze_core/bases
    mv "$bases"/console-* "$bases/python"
    chmod +x "$bases/python"
    mv "$work/lib" "$bases/lib"
    cp "$ROOT/ci/python_main.py" "$bases/lib/__init__python.py"
    # The paths of the build, which there are not.
    for name in gnu musl; do
        echo 'build_time_vars = {}' | tee "$bases/lib/_sysconfigdata_"{,t}"_linux_$machine-linux-$name.py" >/dev/null
    done
    [ "$platform" = "${platform#musl}" ] || zlib "$dir/freeze_core.libs/libz.so.1" "$machine"
    # shellcheck disable=SC2016  # the script's own variable
    printf '#!/bin/sh\nPYTHON_EXECUTABLE="$0" exec %s "$@"\n' "$* $bases/python" >"$dir/python"
    chmod +x "$dir/python"
    "$dir/python" -c 'import decimal, multiprocessing, ssl'
    echo "$FREEZE_CORE $CANDIDATES" >"$dir/.requirement"
}

[ $# -eq 2 ] || usage
machine=$2
suffix=
emulator=()
if [ "$machine" != "$(uname -m)" ]; then
    suffix=-arm64
    emulator=(qemu-aarch64-static -L "$TOOLS/python-arm64")
fi
case $1 in
musl)
    # The wheel has the stable ABI: any Python will do, and Debian 13 keeps its own for years.
    CANDIDATES=${CANDIDATES:-3.14:forky 3.13:trixie}
    install "musl$suffix" "$machine" cpVERSION "musllinux_1_2_$machine" \
        "${emulator[@]}" "$TOOLS/musl/$machine/usr/lib/$machine-linux-musl/libc.so"
    ;;
free)
    # The wheel is for this version alone.
    CANDIDATES=${CANDIDATES:-3.14:forky 3.14:sid}
    install "free$suffix" "$machine" cpVERSIONt "manylinux2014_$machine" "${emulator[@]}"
    ;;
*) usage ;;
esac
