# shellcheck shell=bash
# What every script here starts with: folders in force, the user that runs the services, and one way of speaking.

set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034 # used by the scripts that source this
SCRIPTS=$ROOT/scripts
SERVICE_HOME=/var/lib/cctv-sop
export PYTHONDONTWRITEBYTECODE=1

step() { printf '\n==> %s\n' "$*" >&2; }
say() { printf '    %s\n' "$*" >&2; }
warn() { printf '    WARNING: %s\n' "$*" >&2; }

# die WHAT [WHAT TO DO]...: end with a message that says how to go on.
die() {
    printf '\nERROR: %s\n' "$1" >&2
    shift
    if [ $# -gt 0 ]; then printf '       %s\n' "$@" >&2; fi
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

# The user that Odoo, PostgreSQL and the recorder run as: they refuse root.
if is_root; then SERVICE_USER=cctv; else SERVICE_USER=$(id -un); fi
if is_root; then : "${CCTV_CACHE:=/var/cache/cctv-sop}"; else : "${CCTV_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/cctv-sop}"; fi
: "${CCTV_RUN:=$ROOT/.run}"
: "${CCTV_DB:=cctv}"
export CCTV_CACHE CCTV_RUN CCTV_DB

# as_service COMMAND...: run a command as the service user, in a place that it can read and with the system's own PATH, since
# root's may lead into root's home.
as_service() {
    if is_root; then
        (cd / && exec setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" --init-groups \
            env HOME="$SERVICE_HOME" USER="$SERVICE_USER" LOGNAME="$SERVICE_USER" \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@")
    else
        "$@"
    fi
}

# as_root COMMAND...: run a command as root, through sudo for an ordinary user.
as_root() {
    if is_root; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- env DEBIAN_FRONTEND=noninteractive "$@"
    else
        die "This step needs root: $*" "Run that command as root, or install sudo and run the script again."
    fi
}

# with_lock NAME COMMAND...: two set-ups at once wait for each other instead of spoiling each other's work.
with_lock() {
    local locked=$1
    shift
    mkdir -p "$CCTV_CACHE"
    (
        flock -n 9 || { say "waiting for another set-up of $locked"; flock 9; }
        "$@" 9>&-
    ) 9>"$CCTV_CACHE/.$locked.lock"
}

# key_of FILE...: a short name for the content of files.
key_of() { cat -- "$@" | sha256sum | cut -c1-16; }

# fresh_folder PATH: an empty sibling to build in; `mv` to PATH makes the work whole, an interrupted one is thrown away.
fresh_folder() {
    rm -rf -- "$1".new
    mkdir -p -- "$1".new
    printf '%s\n' "$1".new
}

# seconds_since START: for progress lines.
seconds_since() { echo $(($(date +%s) - $1)); }

# quietly LABEL COMMAND...: run with the output in a file that is shown when the command fails.
quietly() {
    local label=$1 begun log
    shift
    begun=$(date +%s)
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
        say "$label ($(seconds_since "$begun") s)"
    else
        tail -n 40 "$log" >&2
        rm -f "$log"
        return 1
    fi
}
