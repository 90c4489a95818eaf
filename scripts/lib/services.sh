# shellcheck shell=bash
# Starting the kept processes and asking whether they work. Source after database.sh.

# Settings that are this machine's override the recorder's file, so that a system started with other ports works.
recorder_environment() {
    cat <<LIST
RECORDER_CONFIG=$CCTV_RUN/recorder/recorder.toml
PYTHONPATH=$CCTV_CODE/recorder_service/src
PYTHONDONTWRITEBYTECODE=1
RECORDER_ODOO__URL=http://127.0.0.1:$CCTV_ODOO_PORT
RECORDER_MEDIA__ROOT=$CCTV_RUN/media
RECORDER_ENGINE__API_PORT=$CCTV_ENGINE_API_PORT
RECORDER_ENGINE__RTSP_PORT=$CCTV_ENGINE_RTSP_PORT
RECORDER_ENGINE__METRICS_PORT=$CCTV_ENGINE_METRICS_PORT
RECORDER_ENGINE__LOG=$CCTV_RUN/log/mediamtx-engine.log
RECORDER_GATE__API_PORT=$CCTV_GATE_API_PORT
RECORDER_GATE__RTSP_PORT=$CCTV_GATE_RTSP_PORT
RECORDER_GATE__WEBRTC_PORT=$CCTV_GATE_WEBRTC_PORT
RECORDER_GATE__HLS_PORT=$CCTV_GATE_HLS_PORT
RECORDER_GATE__METRICS_PORT=$CCTV_GATE_METRICS_PORT
RECORDER_GATE__ICE_PORT=$CCTV_GATE_ICE_PORT
RECORDER_GATE__LOG=$CCTV_RUN/log/mediamtx-gate.log
RECORDER_HTTP__PORT=$CCTV_RECORDER_PORT
RECORDER_HTTP__AUTH_PORT=$CCTV_AUTH_PORT
RECORDER_PROGRAMS__MEDIAMTX=$MEDIAMTX_BIN
LIST
}

# A command for people and tests: `.run/recorder/recorder status` is the recorder's own command line with this system's settings.
# write_recorder_wrapper [NAME]
write_recorder_wrapper() {
    local file=$CCTV_RUN/recorder/${1:-recorder}
    {
        printf '#!/bin/sh\n# The command line of the recorder service, as user %s. Written by scripts/run.\n' "$SERVICE_USER"
        change_user "$file"
        recorder_environment | sed "s/^\([^=]*\)=\(.*\)/export \1='\2'/"
        printf "exec '%s' -m recorder_service \"\$@\"\n" "$RECORDER_PYTHON"
    } | write_file 755 "$file"
}

recorder() { as_service "$CCTV_RUN/recorder/recorder" "$@"; }

prepare_recorder() {
    write_recorder_wrapper
    if [ ! -e "$CCTV_RUN/media/.cctv-media.json" ]; then
        recorder check --adopt-media >/dev/null 2>&1 || true # other checks fail as long as nothing runs
        [ -e "$CCTV_RUN/media/.cctv-media.json" ] || die "The recorder did not accept $CCTV_RUN/media as its disk." "See: $CCTV_RUN/recorder/recorder check --adopt-media"
        say "footage goes to $CCTV_RUN/media"
    fi
    if is_kept mediamtx-engine; then return; fi # a running engine is configured by the recorder, through its API
    quietly "engine and gate configured" recorder config --write ||
        die "The recorder refuses its settings." "See above, and $CCTV_RUN/recorder/recorder.toml"
}

camera_environment() { printf '%s\n' "CCTV_CAMERA_PORT=$CCTV_CAMERA_PORT" "MEDIAMTX_BIN=$MEDIAMTX_BIN"; }

prepare_cameras() {
    local pip
    pip=$(dirname "$ODOO_PYTHON")/pip
    CCTV_PIP=$pip MEDIAMTX_BIN=$MEDIAMTX_BIN "$SCRIPTS/cameras" prepare >&2 || die "The sample cameras' clips could not be made." "The words above say why; run scripts/cameras prepare alone to try again."
}

# As the units of deploy/systemd: each second without an engine is footage lost.
start_mediamtx() { keep "mediamtx-$1" --longest-delay 1 -- env TZ=UTC "$MEDIAMTX_BIN" "$CCTV_RUN/recorder/$1.yml"; }

start_services() {
    local environment
    mapfile -t environment < <(camera_environment)
    keep cameras -- env "${environment[@]}" "$CCTV_CODE/scripts/cameras" serve
    start_mediamtx engine
    start_mediamtx gate
    keep recorder -- "$CCTV_RUN/recorder/recorder" run
}

start_odoo() {
    keep odoo --grace 30 -- "$CCTV_RUN/$ODOO_WRAPPER" server
    wait_until 120 odoo healthy odoo
    say "Odoo answers on http://127.0.0.1:$CCTV_ODOO_PORT"
}

healthy() { "$SCRIPTS/status" --only "$1" >/dev/null 2>&1; }

# recorder_is_full: all of it works, and there is no room left to record (all) cameras into.
recorder_is_full() {
    local told
    told=$("$SCRIPTS/status" --only recorder --json 2>/dev/null | tr -d '\134') || true
    grep -Eq '"workers_broken":\[\],"alarms":\[[^]]*"(quota|disk_low|only_held|disk_tight)"' <<<"$told"
}

recorder_up() { healthy recorder || recorder_is_full; }

wait_for_all() {
    local name
    if "$SCRIPTS/status" >/dev/null 2>&1; then
        say "all six processes are healthy"
        return
    fi
    for name in "${PROCESSES[@]}"; do
        if [ "$name" = recorder ]; then
            wait_until 90 recorder recorder_up
            if ! healthy recorder; then
                warn "the recorder holds cameras back: its room for footage is used up." \
                    "Give it more in Odoo (CCTV › Recordings › Recorders & Storage), or begin anew: scripts/clean, then scripts/run."
                continue
            fi
        else
            wait_until 90 "$name" healthy "$name"
        fi
        say "$name is healthy"
    done
}
