#!/bin/sh
# Builds the function as the images and the zips have it: static, by the profile `release`, and
# without a path of the machine that builds, so that a commit gives the same bytes everywhere.
#
#   deploy/build.sh x86_64|aarch64 [CARGO OPTION]...
#   deploy/build.sh fetch                  downloads all that the builds need from the network
#
# It is the plain build
#
#   cargo build --release --target ARCH-unknown-linux-musl --package pi-spigot-lambda
#
# with two additions: paths in the messages of panics are shortened, and {"op": "version"} tells
# the commit (REVISION, or what git says). Nothing else in the bytes differs.
#
# The result is target/ARCH-unknown-linux-musl/release/bootstrap. PACKAGE names another package than
# pi-spigot-lambda, such as one of the observatory's, whose TLS has C in it: for aarch64 on another machine
# they need gcc-aarch64-linux-gnu (ci/tools.sh cross).
set -eu

arch=${1:?usage: deploy/build.sh x86_64|aarch64|fetch [CARGO OPTION]...}
shift
cd "$(dirname "$0")/.."
cargo_home=${CARGO_HOME:-$HOME/.cargo}

# Every folder that sources come from, whatever mirror of the registry the machine uses. The sources
# of the standard library, where they are installed, get the path that they have without.
sysroot=$(rustc --print sysroot)
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
remap() {
    printf "'--remap-path-prefix=%s='" "$PWD/"
    for root in "$sysroot" "$(cd "$sysroot" && pwd -P)"; do
        printf ", '--remap-path-prefix=%s=%s'" "$root/lib/rustlib/src/rust" "/rustc/$commit"
    done
    printf ", '--remap-path-prefix=%s='" "$cargo_home"/registry/src/*/
}

if [ "$arch" = fetch ]; then
    exec cargo fetch --locked "$@"
fi
triple=$arch-unknown-linux-musl
package=${PACKAGE:-pi-spigot-lambda}
# The C of ring needs no library, so glibc's compiler does for musl.
if [ "$arch" != "$(uname -m)" ] && [ "$arch" = aarch64 ]; then
    export CC_aarch64_unknown_linux_musl="${CC_aarch64_unknown_linux_musl:-aarch64-linux-gnu-gcc}"
elif [ "$arch" = "$(uname -m)" ]; then
    export "CC_${arch}_unknown_linux_musl=${CC:-cc}"
fi
REVISION=${REVISION:-$(git rev-parse HEAD 2>/dev/null || true)}
export REVISION
# The folders of the registry exist only after it.
case " $* " in
*" --offline "*) cargo fetch --locked --quiet --offline ;;
*) cargo fetch --locked --quiet ;;
esac

# Added to the flags that .cargo/config.toml sets for this target.
exec cargo build --release --locked --target "$triple" --package "$package" \
    --config "target.$triple.rustflags=[$(remap)]" \
    "$@"
