# shellcheck shell=bash
# Functions that scripts share: paths, messages, counted checks, and processes
# that are stopped again. Source it after `set -euo pipefail`.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$ROOT/tools
PATH=$TOOLS/bin:$PATH
export ROOT TOOLS PATH

# The digest of the text of 10,000 digits: "3." and 9,999 decimals.
PI_10000=1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3
export PI_10000

say() { printf '%s\n' "$*" >&2; }

# die MESSAGE: name the problem and the command that solves it.
die() {
    say "error: $*"
    exit 1
}

# usage: prints the comment at the head of the script that calls it, and exits.
usage() {
    awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" >&2
    exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# apt_get ARGUMENT...: runs quietly, waits for another apt, and starts no service
# of the packages (RUNLEVEL=1).
apt_get() {
    mkdir -p "$TOOLS"
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$TOOLS/apt.log" 2>&1 ||
        die "apt-get failed: $(tail -n 1 "$TOOLS/apt.log") (all of it: tools/apt.log)"
}

# codename: the name of the machine's Debian.
codename() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

# debian_uri: the address of the machine's source of Debian's packages, whatever the format of apt's lists.
debian_uri() {
    local uris
    # shellcheck disable=SC2016  # apt's own variable
    uris=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $(codename)")
    [ -n "$uris" ] || die "apt knows no source for $(codename): apt-get update, or check /etc/apt/sources.list.d"
    head -n 1 <<<"$uris"
}

# debian_arch MACHINE: Debian's name of an architecture.
debian_arch() {
    case $1 in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) die "no Debian packages are known for $1" ;;
    esac
}

# own_apt FOLDER MACHINE deb|deb-src SUITE: sets $own_apt to the options of an apt-get that knows packages of this
# suite alone, as if none were installed, with lists and cache in FOLDER. The machine's apt stays as it is.
own_apt() {
    local uri arch
    uri=$(debian_uri)
    arch=$(debian_arch "$2")
    mkdir -p "$1/lists/partial" "$1/archives/partial"
    echo "$3 [arch=$arch] $uri $4 main" >"$1/sources.list"
    own_apt=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o APT::Sandbox::User=root
        -o "Dir::State=$1" -o Dir::State::status=/dev/null -o "Dir::Cache=$1"
        -o "Dir::Etc::sourcelist=$1/sources.list" -o Dir::Etc::sourceparts=/dev/null)
    apt_get "${own_apt[@]}" update
}

# unpack_debian FOLDER alone|all PACKAGE...: unpacks packages of $own_apt into FOLDER; `all` adds those that they
# depend on.
unpack_debian() {
    local folder=$1 which=$2 packages package
    shift 2
    packages=$(mktemp -d)
    case $which in
    alone) (cd "$packages" && apt_get "${own_apt[@]}" download "$@") ;;
    all)
        mkdir "$packages/partial"
        apt_get "${own_apt[@]}" -o "Dir::Cache::archives=$packages" -y --download-only --no-install-recommends install "$@"
        ;;
    esac
    mkdir -p "$folder"
    for package in "$packages"/*.deb; do dpkg -x "$package" "$folder"; done
    rm -r "$packages"
}

# debian_files FOLDER MACHINE SUITE alone|all PACKAGE...: own_apt and unpack_debian in one.
debian_files() {
    local own_apt lists
    lists=$(mktemp -d)
    own_apt "$lists" "$2" deb "$3"
    unpack_debian "$1" "${@:4}"
    rm -r "$lists"
}

# new_venv FOLDER PYTHON: an empty environment in the place of any other. Its pip would take four seconds to unpack:
# pip_into does without.
new_venv() {
    rm -rf "$1"
    "$2" -m venv --without-pip "$1"
}

# pip_into FOLDER ARGUMENT...: installs into such an environment, by the pip of `python3` (22.3 or newer).
pip_into() {
    python3 -m pip --python "$1/bin/python" install -q --disable-pip-version-check "${@:2}"
}

# development_builds: all programs and examples of the workspace, in target/debug. Features are those of
# `make test-rust`: with a package alone cargo would choose others, and compile all crates of the AWS SDK again.
development_builds() {
    (cd "$ROOT" && cargo build --quiet --locked --workspace --all-features --bins --examples)
}

# --- checks -----------------------------------------------------------------

passed=0
failed=0
failures=()

# Variables that a check may set for the script, which adds its own.
kept=(started last_pid)

# attempt LOG COMMAND...: runs a command with its output in LOG, and sets $status. Never put a function
# behind `if`, `!`, `&&` or `||` to learn its status: bash ignores `set -e` in all of its body then. The
# subshell ends at the first step that fails, at `die` and at `exit`, and hands back the variables of $kept.
attempt() {
    local log=$1 state
    shift
    state=$(mktemp)
    set +e
    (
        # Expand names now: where `set -e` ends a function, its local variables are gone before the trap runs.
        # shellcheck disable=SC2064
        trap "declare -p ${kept[*]} >'$state'" EXIT
        set -e
        shopt -s inherit_errexit
        "$@"
    ) >"$log" 2>&1
    status=$?
    set -e
    # `declare` in a function makes a local variable.
    sed -i 's/^declare /declare -g /' "$state"
    # shellcheck disable=SC1090
    . "$state"
    rm -f "$state"
}

# Folder of the whole outputs of failed checks.
FAILED_CHECKS=${FAILED_CHECKS:-$ROOT/target/failed-checks}

# check NAME COMMAND...: runs one counted check, of which every step must succeed. A failure shows the end of the
# output, and keeps all of it in a file.
check() {
    local name=$1 log kept_log status
    shift
    log=$(mktemp)
    kept_log=$FAILED_CHECKS/$(basename "$0" .sh)-$(tr -cs '[:alnum:]._' - <<<"$name" | sed 's/-$//').log
    attempt "$log" "$@"
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        printf 'ok    %s\n' "$name"
        rm -f "$log" "$kept_log"
    else
        failed=$((failed + 1))
        failures+=("$name: $(tail -n 1 "$log")")
        mkdir -p "$FAILED_CHECKS"
        mv "$log" "$kept_log"
        printf 'FAIL  %s\n' "$name"
        tail -n 40 "$kept_log" | sed 's/^/      /'
        printf '      (all of it: %s)\n' "${kept_log#"$ROOT/"}"
    fi
}

# begin LOG COMMAND...: runs a command in the background, as `check` would, for `wait` and `check NAME ended LOG`.
begin() {
    (
        attempt "$@"
        echo "$status" >"$1.status"
    ) &
}

# ended LOG: repeats the output of a command that `begin` started, and fails if the command failed.
ended() {
    cat "$1"
    [ "$(cat "$1.status")" -eq 0 ]
}

# Repeats the failures, which may be far above, and prints the closing line that
# continuous integration reads.
summary() {
    local failure
    for failure in "${failures[@]}"; do printf 'FAIL  %s\n' "$failure"; done
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
}

# --- processes --------------------------------------------------------------

started=()
last_pid=

# start LOG COMMAND...: runs a command in the background, in a session of its own, so
# that `stop` reaches its children; sets $last_pid.
start() {
    local log=$1
    shift
    setsid "$@" >"$log" 2>&1 </dev/null &
    last_pid=$!
    started+=("$last_pid")
}

# running PID: a process of the group of `start` is alive. A zombie is not: a check's processes have lost the
# parent that would wait for them.
running() {
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/.*) //' |
        awk -v group="$1" '$3 == group && $1 != "Z" { alive = 1 } END { exit !alive }'
}

# stop PID: sends SIGTERM, waits up to five seconds, then sends SIGKILL.
stop() {
    local pid=$1 tries=0
    kill -TERM -- "-$pid" 2>/dev/null || true
    while running "$pid" && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

stop_all() {
    local pid
    for pid in "${started[@]}"; do stop "$pid"; done
    started=()
}

# free_ports N: prints N unused ports of the loopback interface.
free_ports() {
    python3 - "$1" <<'PY'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))
PY
}

# wait_for SECONDS COMMAND...: repeats a command until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# --- Lambda -----------------------------------------------------------------

# rie ARCH: prints the path of the real runtime interface emulator.
rie() { printf '%s/bin/aws-lambda-rie-%s' "$TOOLS" "$1"; }

# invoke PORT EVENT RESPONSE: calls an emulator on loopback with the real aws CLI.
# One attempt only: the emulator crashes on two invocations at once.
invoke() {
    env -u AWS_PROFILE -u AWS_SESSION_TOKEN -u HTTP_PROXY -u http_proxy \
        AWS_ACCESS_KEY_ID=dummy AWS_SECRET_ACCESS_KEY=dummy AWS_DEFAULT_REGION=us-east-1 \
        AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
        AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 AWS_PAGER= \
        aws lambda invoke --endpoint-url "http://127.0.0.1:$1" --function-name function \
        --cli-read-timeout 240 --payload "fileb://$2" "$3"
}

# answers PORT EVENT EXPECTATION...: invokes, and compares the response with the
# expectation (see ci/expect.py).
answers() {
    local port=$1 event=$2 response status=0
    shift 2
    response=$(mktemp)
    { invoke "$port" "$event" "$response" && python3 "$ROOT/ci/expect.py" "$response" "$@"; } || status=$?
    rm -f "$response"
    return "$status"
}
