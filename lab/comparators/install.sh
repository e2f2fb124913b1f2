#!/usr/bin/env bash
# Installs and builds what the functions need, beside them:
#
#   lab/comparators/install.sh [PART]...      all of them without an argument
#
#   python       AWS's runtime interface client for Python
#   javascript   AWS's runtime interface client for Node; npm compiles it, with cmake, autoconf, automake,
#                libtool, make and a C++ compiler: minutes
#   wheel        the package pi_spigot, as a wheel from bindings/python
#   addon        the package pi-spigot, packed from bindings/node; needs javascript
#   go, java     the functions that do nothing, with Debian's compilers
#
# Debian's packages are installed where a program is missing, by root.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$(dirname "$0")"

# need PROGRAM PACKAGE...: installs Debian's packages unless the program is there.
need() {
    # Not `have`, which finds the functions below too.
    ! type -P "$1" >/dev/null || return 0
    [ "$(id -u)" -eq 0 ] || die "no $1: sudo apt-get install ${*:2}"
    say "installing ${*:2}"
    apt_get update
    apt_get install -y --no-install-recommends "${@:2}"
}

# The Python of Lambda's PATH, which may be another one than that of this shell.
pip_install() { "$(PATH=/usr/local/bin:/usr/bin:/bin command -v python3)" -m pip install --quiet --upgrade --target "$@"; }

python() { pip_install python/packages awslambdaric; }

javascript() {
    need cmake cmake
    need autoconf autoconf
    need automake automake
    need libtoolize libtool
    need g++ g++
    (cd javascript && npm install --no-audit --no-fund)
}

wheel() { pip_install python/packages-native ../../bindings/python; }

addon() {
    ../../ci/node.sh pack
    local cpu=x64
    [ "$(uname -m)" = x86_64 ] || cpu=arm64
    (cd javascript && npm install --no-save --no-audit --no-fund \
        ../../../bindings/node/dist/pi-spigot-[0-9]*.tgz "../../../bindings/node/dist/pi-spigot-linux-$cpu-gnu"-[0-9]*.tgz)
}

go() {
    need go golang-go
    (cd go && CGO_ENABLED=0 GOCACHE=$TOOLS/go-cache command go build -ldflags '-s -w' -o bootstrap .)
}

java() {
    need javac openjdk-17-jdk-headless
    javac -d java/packages java/Nothing.java
}

[ $# -gt 0 ] || set -- python javascript wheel addon go java
for part in "$@"; do
    case $part in
    python | javascript | wheel | addon | go | java) ;;
    *) usage ;;
    esac
    say "== $part"
    "$part"
done
du -sk python/packages* javascript/node_modules go/bootstrap java/packages 2>/dev/null || true
