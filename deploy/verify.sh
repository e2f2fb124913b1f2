#!/bin/sh
# Refuses a bootstrap that Lambda would not start, or that is too large, and a zip that is too large:
# docs/runtime.md has the limits.
#
#   deploy/verify.sh BINARY x86_64|aarch64 MAX_BYTES
#   deploy/verify.sh ZIP zip [MAX_BYTES]             1,050,000 without an argument
set -eu

binary=$1 arch=$2

refuse() {
    echo "$binary: $*" >&2
    exit 1
}

size() { wc -c <"$binary"; }

case $arch in
zip)
    bytes=$(size) max_bytes=${3:-1050000}
    [ "$bytes" -le "$max_bytes" ] || refuse "$bytes bytes, more than $max_bytes"
    echo "$binary: $bytes bytes of at most $max_bytes"
    exit
    ;;
x86_64) machine='X86-64' ;;
aarch64) machine='AArch64' ;;
*) echo "unknown architecture '$arch': x86_64, aarch64, or zip for a zip" >&2 && exit 2 ;;
esac
max_bytes=$3

header=$(LC_ALL=C readelf --file-header "$binary" 2>&1) || refuse "not a program: $header"
case $header in
*"Machine:"*"$machine"*) ;;
*) refuse "not for $arch: $(echo "$header" | grep Machine)" ;;
esac

segments=$(LC_ALL=C readelf --program-headers "$binary")
case $segments in
*INTERP* | *DYNAMIC*) refuse "dynamically linked: build for $arch-unknown-linux-musl, see .cargo/config.toml" ;;
esac

bytes=$(size)
[ "$bytes" -le "$max_bytes" ] ||
    refuse "$bytes bytes, more than $max_bytes: cargo bloat shows what grew, MAX_BYTES raises the limit"

echo "$binary: static, $arch, $bytes bytes of at most $max_bytes"
