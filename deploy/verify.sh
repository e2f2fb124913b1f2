#!/bin/sh
# Refuses a bootstrap that Lambda would not start, or that is too large: docs/runtime.md has the limits.
#
#   deploy/verify.sh BINARY x86_64|aarch64 MAX_BYTES [MAX_PACKED_BYTES]
#
# MAX_PACKED_BYTES is the limit of the zip, whose contents are packed as gzip packs them.
set -eu

binary=$1 arch=$2 max_bytes=$3 max_packed_bytes=${4:-1060000}
case $arch in
x86_64) machine='X86-64' ;;
aarch64) machine='AArch64' ;;
*) echo "unknown architecture '$arch': x86_64 or aarch64" >&2 && exit 2 ;;
esac

refuse() {
    echo "$binary: $*" >&2
    exit 1
}

header=$(LC_ALL=C readelf --file-header "$binary" 2>&1) || refuse "not a program: $header"
case $header in
*"Machine:"*"$machine"*) ;;
*) refuse "not for $arch: $(echo "$header" | grep Machine)" ;;
esac

segments=$(LC_ALL=C readelf --program-headers "$binary")
case $segments in
*INTERP* | *DYNAMIC*) refuse "dynamically linked: build for $arch-unknown-linux-musl, see .cargo/config.toml" ;;
esac

bytes=$(wc -c <"$binary")
[ "$bytes" -le "$max_bytes" ] ||
    refuse "$bytes bytes, more than $max_bytes: cargo bloat shows what grew, MAX_BYTES raises the limit"

packed=$(gzip -9 -c "$binary" | wc -c)
[ "$packed" -le "$max_packed_bytes" ] || refuse "$packed bytes when packed, more than $max_packed_bytes"

echo "$binary: static, $arch, $bytes bytes of at most $max_bytes, packed $packed of at most $max_packed_bytes"
