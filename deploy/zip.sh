#!/bin/sh
# Packs one program as Lambda wants it: an entry `bootstrap`, executable. The
# same program always gives the same bytes: no owner, dated 1980-01-01, the
# first day that a zip can name. Needs only gzip, whose stream is a zip entry's
# once its header is cut off, and whose trailer holds the checksum.
#
#   deploy/zip.sh BINARY ZIP
set -eu

binary=$1 zip=$2
name=bootstrap
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# little_endian NUMBER BYTES
little_endian() {
    number=$1 bytes=$2
    while [ "$bytes" -gt 0 ]; do
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $((number & 255)))"
        number=$((number >> 8)) bytes=$((bytes - 1))
    done
}

size() { wc -c <"$1"; }

# What both headers of an entry say: version 2.0, no flags, deflated, the date,
# checksum, sizes, length of the name, no extra field.
entry() {
    little_endian 20 2 && little_endian 0 2 && little_endian 8 2
    little_endian 0 2 && little_endian 33 2
    cat "$work/crc"
    little_endian "$(size "$work/deflated")" 4 && little_endian "$(size "$binary")" 4
    little_endian ${#name} 2 && little_endian 0 2
}

# No comment, disk 0, binary, mode 100755 as Unix writes it, at offset 0.
directory() {
    printf 'PK\001\002' && little_endian $((3 * 256 + 20)) 2
    entry
    little_endian 0 2 && little_endian 0 2 && little_endian 0 2
    little_endian $((0100755 << 16)) 4 && little_endian 0 4
    printf %s "$name"
}

gzip -9 -n <"$binary" >"$work/gz"
tail -c +11 "$work/gz" | head -c -8 >"$work/deflated"
tail -c 8 "$work/gz" | head -c 4 >"$work/crc"
{ printf 'PK\003\004' && entry && printf %s "$name" && cat "$work/deflated"; } >"$work/zip"
directory >"$work/directory"
offset=$(size "$work/zip")
cat "$work/directory" >>"$work/zip"
{
    printf 'PK\005\006' && little_endian 0 4 && little_endian 1 2 && little_endian 1 2
    little_endian "$(size "$work/directory")" 4 && little_endian "$offset" 4 && little_endian 0 2
} >>"$work/zip"
mkdir -p "$(dirname "$zip")"
cp "$work/zip" "$zip"
