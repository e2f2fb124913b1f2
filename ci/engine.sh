#!/usr/bin/env bash
# A container engine for tests. It has its own socket, images and caches, and never
# touches an engine that the machine already runs.
#
#   ci/engine.sh possible  exits 0 where the engine runs or can be installed
#   ci/engine.sh install   installs the packages (root; a minute, about 100 MB)
#   ci/engine.sh start     starts the engine, prints a line for `eval` that points docker to it
#   ci/engine.sh stop      stops the engine, by its pid
#   ci/engine.sh status    exits 0 where the engine answers
#   ci/engine.sh clean     stops the engine and removes its images and caches
#   ci/engine.sh emulate   lets the kernel run aarch64 programs (once per boot)
#
# Debian 12's engine (20.10) knows no named contexts. Four packages of Debian 13 run on
# Debian 12 too; an apt configuration under tools/ takes them, and the machine's own
# configuration stays unchanged.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

NEWER=(docker.io docker-cli docker-buildx containerd)
PACKAGES=("${NEWER[@]}" tini iptables qemu-user-static skopeo docker-registry mmdebstrap)

# Images and caches live in tools/; sockets need a short path.
DATA=$TOOLS/engine
RUN=/run/pi-spigot-$(printf %s "$ROOT" | cksum | cut -d ' ' -f 1)
PIDFILE=$RUN/docker.pid
export DOCKER_HOST=unix://$RUN/docker.sock
# Ignore a person's own contexts, builders and logins.
export DOCKER_CONFIG=$DATA/config BUILDX_CONFIG=$DATA/buildx BUILDX_BUILDER=default

# --- install ----------------------------------------------------------------

installed() {
    local program
    for program in dockerd docker containerd runc skopeo docker-registry mmdebstrap qemu-aarch64-static; do
        have "$program" || return 1
    done
    docker buildx version >/dev/null 2>&1
}

# Prints options that show apt Debian 12, and the four packages of Debian 13.
apt_options() {
    local apt=$TOOLS/apt uri
    # A command substitution calls this function, and bash ignores `set -e` there.
    uri=$(debian_uri) || return
    mkdir -p "$apt/sources" "$apt/preferences" "$apt/lists/partial" "$apt/cache"
    printf 'Types: deb\nURIs: %s\nSuites: %s trixie\nComponents: main\nSigned-By: %s\n' \
        "$uri" "$(codename)" /usr/share/keyrings/debian-archive-keyring.gpg >"$apt/sources/debian.sources"
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: -1\n\nPackage: %s\nPin: release n=trixie\nPin-Priority: 600\n' \
        "${NEWER[*]}" >"$apt/preferences/trixie"
    printf '%s\n' \
        -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$apt/sources" \
        -o "Dir::Etc::PreferencesParts=$apt/preferences" -o "Dir::State::Lists=$apt/lists" \
        -o "Dir::Cache::pkgcache=$apt/cache/pkg.bin" -o "Dir::Cache::srcpkgcache=$apt/cache/src.bin" \
        -o "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"
}

possible() {
    [ "$(id -u)" -eq 0 ] || { say "no container engine for tests: needs root" && return 1; }
    installed || grep -qx 'ID=debian' /etc/os-release ||
        { say "no container engine for tests: needs Debian 12 or 13, or docker, buildx, skopeo, docker-registry, mmdebstrap, qemu-user-static" && return 1; }
}

install() {
    ! installed || return 0
    [ "$(id -u)" -eq 0 ] || die "no container engine: as root, ci/engine.sh install"
    have apt-get || die "no container engine, and no apt-get: install docker engine 26 or later, buildx, skopeo, docker-registry, mmdebstrap, qemu-user-static"
    say "installing a container engine"
    mkdir -p "$TOOLS"
    local text options=()
    if [ "$(codename)" = bookworm ]; then
        apt_get update
        text=$(apt_options)
        mapfile -t options <<<"$text"
    fi
    apt_get "${options[@]}" update
    apt_get "${options[@]}" install -y --no-install-recommends "${PACKAGES[@]}"
    installed || die "the engine was installed but 'docker buildx version' fails: is another docker first on PATH?"
}

# --- run --------------------------------------------------------------------

engine_answers() { docker version >/dev/null 2>&1; }

# containerd-snapshotter brings multi-platform images, image layouts as contexts
# and OCI media types. Builds use the bridge; tests run containers on the host's
# network, so that traffic stays on loopback.
start_engine() {
    installed || die "no container engine: ci/engine.sh install"
    [ "$(id -u)" -eq 0 ] || die "the engine must be started by root"
    mkdir -p "$DATA" "$RUN"
    if ! engine_answers; then
        echo '{"features": {"containerd-snapshotter": true}}' >"$DATA/daemon.json"
        rm -f "$PIDFILE"
        setsid dockerd --config-file "$DATA/daemon.json" --data-root "$DATA/data" --exec-root "$RUN/exec" \
            --pidfile "$PIDFILE" --host "$DOCKER_HOST" >"$DATA/dockerd.log" 2>&1 </dev/null 9>&- &
        wait_for 30 engine_answers || die "the engine does not start: $(tail -n 1 "$DATA/dockerd.log") (all of it: tools/engine/dockerd.log)"
    fi
    echo "export DOCKER_HOST=$DOCKER_HOST DOCKER_CONFIG=$DOCKER_CONFIG BUILDX_CONFIG=$BUILDX_CONFIG BUILDX_BUILDER=$BUILDX_BUILDER"
}

stop_engine() {
    local pid
    pid=$(cat "$PIDFILE" 2>/dev/null) || return 0
    kill -TERM "$pid" 2>/dev/null || true
    wait_for 30 gone "$pid" || die "the engine (pid $pid) does not stop: kill -9 $pid"
    # dockerd leaves the namespace of the host's network mounted.
    ! mountpoint -q "$RUN/exec/netns/default" || umount "$RUN/exec/netns/default"
    rm -rf "$RUN"
}

gone() { ! kill -0 "$1" 2>/dev/null; }

clean() {
    stop_engine
    rm -rf "$DATA"
}

# Flag F (fix binary) loads the emulator now, so that it works inside images too.
emulate() {
    local binfmt=/proc/sys/fs/binfmt_misc conf
    [ "$(uname -m)" != aarch64 ] || return 0
    [ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt ||
        die "the kernel offers no binfmt_misc: aarch64 images cannot run here"
    [ ! -e $binfmt/qemu-aarch64 ] || return 0
    for conf in /usr/lib/binfmt.d/qemu-aarch64.conf /usr/lib/binfmt.d/qemu-aarch64-static.conf; do
        [ -e "$conf" ] || continue
        cat "$conf" >$binfmt/register
        return 0
    done
    die "no qemu-aarch64.conf: apt-get install qemu-user-static"
}

case ${1-} in
possible) possible ;;
install) install ;;
start) start_engine ;;
stop) stop_engine ;;
status) engine_answers ;;
clean) clean ;;
emulate) emulate ;;
*) usage ;;
esac
