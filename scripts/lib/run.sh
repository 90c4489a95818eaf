# shellcheck shell=bash
# The run folder: ports in force, generated passwords, code that the processes read. Source after common.sh.

# shellcheck disable=SC2034 # names used by the scripts that source this

KEEP=$SCRIPTS/lib/keep.py
PROCESSES=(postgres odoo mediamtx-engine mediamtx-gate recorder cameras)
CAMERA_COUNT=6
# name, default, offset under --port-base
PORT_TABLE='
CCTV_PG_PORT 5499 0
CCTV_ODOO_PORT 8069 1
CCTV_ENGINE_API_PORT 9997 2
CCTV_ENGINE_RTSP_PORT 8554 3
CCTV_ENGINE_METRICS_PORT 9998 4
CCTV_GATE_API_PORT 9987 5
CCTV_GATE_RTSP_PORT 8555 6
CCTV_GATE_WEBRTC_PORT 8889 7
CCTV_GATE_ICE_PORT 8189 8
CCTV_GATE_HLS_PORT 8888 9
CCTV_GATE_METRICS_PORT 9988 10
CCTV_RECORDER_PORT 8900 11
CCTV_AUTH_PORT 8901 12
CCTV_CAMERA_PORT 18551 14
'

port_names() { awk 'NF {print $1}' <<<"$PORT_TABLE"; }

# saved_value NAME: what the last start wrote into .run/env.
saved_value() { if [ -r "$CCTV_RUN/env" ]; then as_service sed -n "s/^$1=//p" "$CCTV_RUN/env"; fi; }

# stands_in_odoo NAME: the sample cameras' addresses are data of the database: a base for all ports moves them no more.
stands_in_odoo() { [ "$1" = CCTV_CAMERA_PORT ] && [ -e "$CCTV_RUN/access.json" ] && [ -n "$(saved_value "$1")" ]; }

# load_ports: environment (or option) first, then the last start's, then the default; all exported.
load_ports() {
    local name default offset value last
    while read -r name default offset; do
        [ -n "$name" ] || continue
        value=${!name:-}
        if [ -z "$value" ] && [ -n "${CCTV_PORT_BASE:-}" ] && ! stands_in_odoo "$name"; then value=$((CCTV_PORT_BASE + offset)); fi
        if [ -z "$value" ]; then value=$(saved_value "$name"); fi
        value=${value:-$default}
        last=65535
        [ "$name" != CCTV_CAMERA_PORT ] || last=$((65536 - CAMERA_COUNT)) # the first of several
        [[ $value =~ ^[0-9]{1,5}$ ]] && [ "$value" -ge 1 ] && [ "$value" -le "$last" ] ||
            die "$name=$value is not a port." "Give a number from 1 to $last."
        export "$name=$value"
    done <<<"$PORT_TABLE"
}

# parse_port_option OPTION VALUE: --odoo-port 8070 sets CCTV_ODOO_PORT. Returns 1 when it is no port option.
parse_port_option() {
    local name
    name=CCTV_$(tr 'a-z-' 'A-Z_' <<<"${1#--}")
    if [ "$1" = --port-base ]; then
        [[ $2 =~ ^[0-9]{1,5}$ ]] || die "--port-base $2 is no number." "Give the first of the ports, such as 30000."
        export CCTV_PORT_BASE=$2
    elif port_names | grep -qx "$name"; then
        export "$name=$2"
    else
        return 1
    fi
}

save_ports() {
    local name
    for name in $(port_names); do printf '%s=%s\n' "$name" "${!name}"; done | write_file 644 "$CCTV_RUN/env"
}

# needed_ports: "protocol port process" of everything that will listen.
needed_ports() {
    local number
    cat <<LIST
tcp $CCTV_PG_PORT postgres CCTV_PG_PORT
tcp $CCTV_ODOO_PORT odoo CCTV_ODOO_PORT
tcp $CCTV_ENGINE_API_PORT mediamtx-engine CCTV_ENGINE_API_PORT
tcp $CCTV_ENGINE_RTSP_PORT mediamtx-engine CCTV_ENGINE_RTSP_PORT
tcp $CCTV_ENGINE_METRICS_PORT mediamtx-engine CCTV_ENGINE_METRICS_PORT
tcp $CCTV_GATE_API_PORT mediamtx-gate CCTV_GATE_API_PORT
tcp $CCTV_GATE_RTSP_PORT mediamtx-gate CCTV_GATE_RTSP_PORT
tcp $CCTV_GATE_WEBRTC_PORT mediamtx-gate CCTV_GATE_WEBRTC_PORT
tcp $CCTV_GATE_ICE_PORT mediamtx-gate CCTV_GATE_ICE_PORT
udp $CCTV_GATE_ICE_PORT mediamtx-gate CCTV_GATE_ICE_PORT
tcp $CCTV_GATE_HLS_PORT mediamtx-gate CCTV_GATE_HLS_PORT
tcp $CCTV_GATE_METRICS_PORT mediamtx-gate CCTV_GATE_METRICS_PORT
tcp $CCTV_RECORDER_PORT recorder CCTV_RECORDER_PORT
tcp $CCTV_AUTH_PORT recorder CCTV_AUTH_PORT
LIST
    for ((number = 0; number < CAMERA_COUNT; number++)); do
        printf 'tcp %s cameras CCTV_CAMERA_PORT\n' $((CCTV_CAMERA_PORT + number))
    done
}

# keeper ACTION …: keep.py as the service user, read here since that user may be unable to: it signals the pids that files in
# .run name, which must not be root's doing.
keeper() { as_service /usr/bin/python3 -I - "$@" <"$KEEP"; }

kept_state() { keeper list --run "$CCTV_RUN" 2>/dev/null | awk -F'\t' -v n="$1" '$1 == n {print $2}'; }
is_kept() { case $(kept_state "$1") in running | waiting) return 0 ;; *) return 1 ;; esac; }
any_kept() { keeper list --run "$CCTV_RUN" 2>/dev/null | awk -F'\t' '$2 != "stopped" {found = 1} END {exit !found}'; }

# check_moved_ports: what runs keeps its ports until it is stopped.
check_moved_ports() {
    local process name old
    while read -r _ _ process name; do
        old=$(saved_value "$name")
        if [ -n "$old" ] && [ "$old" != "${!name}" ] && is_kept "$process"; then
            die "$process runs with $name=$old; it was asked to use ${!name}." "Stop it first: scripts/stop && scripts/run …"
        fi
    done < <(needed_ports)
}

# check_ports: a port that another program holds is named, with that program where the kernel tells.
check_ports() {
    local free
    check_moved_ports
    free=$(needed_ports | while read -r protocol port process name; do
        is_kept "$process" || printf '%s %s %s %s\n' "$protocol" "$port" "$process" "$name"
    done)
    [ -n "$free" ] || return 0
    /usr/bin/python3 "$SCRIPTS/lib/ports.py" <<<"$free" ||
        die "A port that is needed is taken." "Stop that program, or choose another port with the option above (or the setting in brackets)." \
            "To move all of them at once: scripts/run --port-base 20000"
}

# say_taken_ports NAME: a process that its log says to have been refused a port: which of its ports another program holds.
say_taken_ports() {
    as_service tail -n 15 "$CCTV_RUN/log/$1.log" | grep -qi "address already in use" || return 0
    needed_ports | awk -v n="$1" '$3 == n' | /usr/bin/python3 "$SCRIPTS/lib/ports.py" || true
}

# What lies in .run belongs to the service user, who may have put a link there: root writes, moves and removes nothing in it
# itself, but has that user do it. The same holds for folders and for what is read on into another file.

# own_folder MODE PATH...: make folders that belong to the service user.
own_folder() {
    local mode=$1
    shift
    as_service mkdir -p -- "$@"
    as_service chmod "$mode" -- "$@"
}

# write_file MODE FILE: replace a file with what comes in, in one rename.
# shellcheck disable=SC2016 # the inner shell's arguments
write_file() {
    as_service sh -c 'umask 077 && rm -f -- "$2.new" && cat >"$2.new" && chmod "$1" "$2.new" && mv -fT -- "$2.new" "$2"' write_file "$@"
}

# change_user COMMAND: the line by which a command that people call as root goes on as the service user, who has to be able to
# read what it writes.
change_user() {
    is_root || return 0
    printf "[ \"\$(id -u)\" != 0 ] || exec setpriv --reuid %s --regid %s --init-groups env HOME='%s' '%s' \"\$@\"\n" \
        "$SERVICE_USER" "$SERVICE_USER" "$SERVICE_HOME" "$1"
}

# out_of_reach FOLDER: the service user can change neither this folder nor one above it. (Whoever can change the checkout
# itself changes what root runs: there it ends.)
# shellcheck disable=SC2016 # the inner shell's arguments
out_of_reach() {
    as_service sh -c 'while [ "$1" != "$2" ]; do
        if [ -O "$1" ] || { [ -w "$1" ] && [ ! -k "$1" ]; }; then exit 1; fi
        [ "$1" != / ] || exit 0
        set -- "$(dirname "$1")" "$2"
    done' out_of_reach "$(realpath -m -- "$1")" "$ROOT"
}

# What is removed, given away and closed to others as a whole must be ours: a folder carries a mark that is written only where
# nothing else was.
RUN_MARK=.cctv-run

# holds_others FOLDER: the system, a home, this checkout or the cache lie in it.
holds_others() {
    local one
    [ "$1" != / ] || return 0
    for one in "${HOME:-/root}" "$SERVICE_HOME" "$ROOT" "$CCTV_CACHE"; do
        case $(realpath -m -- "$one")/ in "$1"/*) return 0 ;; esac
    done
    return 1
}

# is_run_folder FOLDER: marked, or as a version before the mark left it.
is_run_folder() { [ -e "$1/$RUN_MARK" ] || { [ -d "$1/state" ] && [ -f "$1/env" ]; }; }

is_vacant() { [ ! -e "$1" ] || [ -z "$(find "$1/" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit 2>&1)" ]; }

# check_run_folder: refuse a CCTV_RUN that is not ours and not empty.
check_run_folder() {
    local data
    data=$(realpath -m -- "$CCTV_RUN")
    ! holds_others "$data" || die "$CCTV_RUN cannot be a run folder: your home, the system or this checkout lies in it." \
        "Choose an empty folder: CCTV_RUN=$ROOT/.run2"
    is_run_folder "$data" || is_vacant "$data" || die "$CCTV_RUN holds files that these scripts did not make; nothing was changed." \
        "Choose an empty folder: CCTV_RUN=$ROOT/.run2"
}

mark_run_folder() {
    if [ ! -e "$CCTV_RUN/$RUN_MARK" ]; then
        echo "scripts/run made this folder; scripts/clean removes it with all that is in it" | write_file 644 "$CCTV_RUN/$RUN_MARK"
    fi
}

# follow_own_link: the link that stands in for .run (see hidden_base); one in the service user's reach is not followed.
follow_own_link() {
    if [ -L "$CCTV_RUN" ] && out_of_reach "$(dirname "$CCTV_RUN")"; then CCTV_RUN=$(readlink -- "$CCTV_RUN"); fi
}

# make_run_folder: the service user makes it where it can; else root gives it one, where that user cannot change the way to it.
make_run_folder() {
    if is_root && ! make_by_service; then give_run_folder; fi
    own_folder 755 "$CCTV_RUN" 2>/dev/null || true # who cannot come here is told so below
}

make_by_service() {
    follow_own_link
    as_service mkdir -p -- "$CCTV_RUN" 2>/dev/null && as_service test -O "$CCTV_RUN"
}

give_run_folder() {
    local above
    above=$(realpath -m -- "$(dirname "$CCTV_RUN")")
    out_of_reach "$above" || die "$CCTV_RUN does not belong to user $SERVICE_USER, who can change the folders above it." \
        "Choose another place: CCTV_RUN=$SERVICE_HOME/run2"
    CCTV_RUN=$above/$(basename "$CCTV_RUN")
    mkdir -p -- "$CCTV_RUN"
    chown -h -- "$SERVICE_USER:" "$CCTV_RUN"
}

make_service_user() {
    is_root || return 0
    id "$SERVICE_USER" >/dev/null 2>&1 && return
    useradd --system --create-home --home-dir "$SERVICE_HOME" --shell /bin/bash "$SERVICE_USER"
    say "system user $SERVICE_USER made: Odoo and PostgreSQL refuse to run as root"
}

service_can_read_checkout() {
    as_service test -x "$ROOT" -a -r "$ROOT/addons" -a -x "$ROOT/addons" &&
        [ -z "$(as_service find "$ROOT/addons" "$ROOT/scripts" "$ROOT/recorder_service" "$ROOT/data" \
            -name '.?*' -prune -o ! -readable -print -quit 2>&1)" ]
}

# hidden_base: where run folder and code of a checkout in root's home are kept for the service user.
hidden_base() { printf '%s/%s-%s\n' "$SERVICE_HOME" "$(basename "$ROOT")" "$(printf '%s' "$ROOT" | sha256sum | cut -c1-8)"; }

# Tests and a second system of the same checkout name another CCTV_RUN; its place must be readable too.
prepare_run_folder() {
    check_run_folder
    make_service_user
    if is_root && [ "$CCTV_RUN" = "$ROOT/.run" ] && [ ! -e "$CCTV_RUN" ] && ! service_can_read_checkout; then
        own_folder 755 "$(hidden_base)"
        ln -sfn "$(hidden_base)" "$CCTV_RUN"
        say "user $SERVICE_USER cannot read $ROOT: data goes to $(hidden_base)"
    fi
    make_run_folder
    CCTV_RUN=$(cd "$CCTV_RUN" && pwd -P)
    if is_root && ! as_service test -w "$CCTV_RUN" -a -x "$CCTV_RUN"; then
        die "User $SERVICE_USER cannot reach $CCTV_RUN." "Choose a place that it can: CCTV_RUN=$SERVICE_HOME/run2 (or allow it: chmod a+x on the folders above)."
    fi
    mark_run_folder
    own_folder 755 "$CCTV_RUN"/{log,state,odoo,recorder,cameras}
    own_folder 750 "$CCTV_RUN"/media
    own_folder 700 "$CCTV_RUN/secrets"
    find_code
}

# find_code: CCTV_CODE is the checkout, or the copy of it that the service user can read.
find_code() {
    CCTV_CODE=$ROOT
    if is_root && ! service_can_read_checkout; then CCTV_CODE=$(hidden_base).code; fi
    export CCTV_CODE CCTV_RUN
}

# copy_code: bring the copy up to date. Only while nothing runs: a process must not see half of it.
copy_code() {
    [ "$CCTV_CODE" != "$ROOT" ] || return 0
    if [ -e "$CCTV_CODE" ] && any_kept; then
        if [ -n "$(changed_since_copy)" ]; then warn "the code has changed since it was copied: scripts/stop && scripts/run brings it"; fi
        return
    fi
    as_service rm -rf -- "$CCTV_CODE.new"
    own_folder 755 "$CCTV_CODE.new"
    as_service touch -- "$CCTV_CODE.new/.copied"
    tar -C "$ROOT" --exclude=./.git --exclude=./.run --exclude=node_modules --exclude=__pycache__ --exclude='./.*_cache' -cf - . | as_service tar -C "$CCTV_CODE.new" -xf -
    as_service chmod -R u+rX "$CCTV_CODE.new"
    as_service rm -rf -- "$CCTV_CODE"
    as_service mv -T -- "$CCTV_CODE.new" "$CCTV_CODE"
    say "code copied to $CCTV_CODE, where user $SERVICE_USER can read it"
}

changed_since_copy() {
    find "$ROOT"/{addons,data,recorder_service,scripts} -name '.?*' -prune -o -name __pycache__ -prune -o \
        -type f -newer "$CCTV_CODE/.copied" -print -quit 2>/dev/null || true
}

# secret NAME: a password made once and kept.
secret() {
    local file=$CCTV_RUN/secrets/$1
    if [ ! -s "$file" ]; then head -c 24 /dev/urandom | base64 -w0 | tr '+/' '-_' | write_file 600 "$file"; fi
    as_service cat "$file"
}

# keep NAME [keep.py options] -- COMMAND...: start a kept process as the service user, with our settings in its environment.
keep() {
    local name=$1
    shift
    as_service env CCTV_RUN="$CCTV_RUN" CCTV_CACHE="$CCTV_CACHE" CCTV_CODE="$CCTV_CODE" \
        /usr/bin/python3 "$CCTV_CODE/scripts/lib/keep.py" start --run "$CCTV_RUN" --name "$name" "$@"
}

# access [--show]: write access.json, or print it for people.
access() { as_service env CCTV_DB="$CCTV_DB" /usr/bin/python3 -I - "$@" "$CCTV_RUN" <"$SCRIPTS/lib/access.py"; }

# wait_until SECONDS NAME COMMAND...: poll; when the time is up show the end of the process's log.
wait_until() {
    local limit=$1 name=$2 begun
    shift 2
    begun=$(date +%s)
    until "$@" >/dev/null 2>&1; do
        if [ "$(seconds_since "$begun")" -ge "$limit" ]; then
            as_service tail -n 15 "$CCTV_RUN/log/$name.log" >&2 || true
            say_taken_ports "$name" || true
            die "$name is not up after $limit s." "Its log: $CCTV_RUN/log/$name.log   (scripts/logs $name)"
        fi
        sleep 0.3
    done
}
