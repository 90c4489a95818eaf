# shellcheck shell=bash
# A Docker engine of our own, base images without a registry, compose in either version. Source after common.sh, bare.sh, odoo.sh.
# shellcheck disable=SC2034 # names used by scripts/test-docker

PROJECT=cctv-test
PORT_BASE=${CCTV_DOCKER_PORT_BASE:-23000}
ENGINE_OPTIONS=()
: "${CCTV_DOCKER:=/var/tmp/cctv-docker}"

parse_options() {
    keep_all=
    while [ $# -gt 0 ]; do
        case $1 in
        --keep) keep_all=1 ;;
        *) die "Unknown option: $1" "$(sed -n '4s/^# *//p' "$0")" ;;
        esac
        shift
    done
}

prepare_work() {
    mkdir -p "$CCTV_DOCKER"
    work=$(mktemp -d "$CCTV_DOCKER/work.XXXXXX")
    COMPOSE=()
    daemon=
    trap clean_up EXIT
}

clean_up() {
    local code=$?
    if [ -n "$keep_all" ]; then
        say "kept: $work, DOCKER_HOST=${DOCKER_HOST:-}, ${COMPOSE[*]:-}"
        return
    fi
    if [ ${#COMPOSE[@]} -gt 0 ]; then
        [ $code = 0 ] || compose logs --tail 20 >&2 2>/dev/null || true
        step "Removing everything"
        compose down -v --remove-orphans >/dev/null 2>&1 || warn "compose down failed"
        docker image ls -q --filter "reference=$PROJECT-base/*" --filter 'reference=cctv-sop/*:test' | sort -u | xargs -r docker image rm -f >/dev/null || true
    fi
    stop_engine
    rm -rf -- "$work"
}

# ensure_engine: the one that answers, else one of our own.
ensure_engine() {
    if docker info >/dev/null 2>&1; then
        say "Docker $(docker version -f '{{.Server.Version}}') answers"
        return
    fi
    command -v dockerd >/dev/null || die "There is no Docker engine." "apt-get install docker.io docker-compose"
    export DOCKER_HOST=unix://$CCTV_DOCKER/docker.sock
    start_engine
}

# start_engine: with ENGINE_OPTIONS.
start_engine() {
    # of an engine that was killed: the next one would wait for it in vain
    wait_until_true 60 "no containerd of an engine before" containerd_is_gone
    step "Docker engine in $CCTV_DOCKER"
    setsid dockerd --data-root "$CCTV_DOCKER/data" --exec-root "$CCTV_DOCKER/exec" --pidfile "$CCTV_DOCKER/docker.pid" \
        -H "$DOCKER_HOST" "${ENGINE_OPTIONS[@]}" >>"$CCTV_DOCKER/dockerd.log" 2>&1 </dev/null &
    daemon=$!
    wait_until_true 60 "engine" docker info
}

containerd_is_gone() { ! kill -0 "$(cat "$CCTV_DOCKER/exec/containerd/containerd.pid" 2>/dev/null)" 2>/dev/null; }

stop_engine() {
    [ -n "$daemon" ] || return 0
    local shim
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    for shim in $(pgrep -f -- "-address $CCTV_DOCKER/exec/"); do # containers that it has left
        pkill -KILL -P "$shim" || true
        kill -KILL "$shim" 2>/dev/null || true
    done
    # what an engine that was killed has left mounted, the newest first
    tac /proc/mounts | awk -v below="$CCTV_DOCKER/" 'index($2, below) == 1 {print $2}' | xargs -r umount 2>/dev/null || true
    rm -rf -- "$CCTV_DOCKER/data" "$CCTV_DOCKER/exec" "$CCTV_DOCKER/dockerd.log"
}

find_compose() {
    local program=(docker compose)
    docker compose version >/dev/null 2>&1 || program=(docker-compose)
    command -v "${program[0]}" >/dev/null || die "There is no docker compose." "apt-get install docker-compose"
    COMPOSE=("${program[@]}" --project-directory "$ROOT" -f "$ROOT/docker-compose.yml" --env-file "$work/env" --profile sample)
    say "$("${program[@]}" version | head -n 1)"
}

compose() { "${COMPOSE[@]}" "$@" </dev/null; }

healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$(compose ps -q "$1")")" = healthy ]; }
wait_healthy() { wait_until_true "$2" "$1 is healthy" healthy "$1"; }
wait_answer() { wait_until_true 60 "$1 answers" curl -sS -m 5 -o /dev/null "$1"; }

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# base_images: each under the name that .env gives to docker-compose.yml.
base_images() {
    step "Base images"
    quietly "Debian" debian_image
    quietly "MediaMTX" build_base mediamtx mediamtx_context
    quietly "PostgreSQL" build_base postgres postgres_context
    quietly "Odoo" build_base odoo odoo_context
}

# (Called in a condition, where `set -e` does not hold: hence the chains.)
debian_image() {
    local tree=$work/debian
    mkdir "$tree" &&
        tar -C "$tree" -xf "$(bare_archive)" &&
        reach_mirrors "$tree" || return
    if [ -n "${PIP_CERT:-}" ]; then printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$tree/etc/pip.conf"; fi
    tar -C "$tree" -c . | docker import - "$PROJECT-base/debian" && rm -rf -- "$tree"
}

# build_base NAME CONTEXT-MAKER: the maker fills the folder that it is given.
build_base() {
    local folder=$work/$1
    mkdir "$folder" &&
        cp "$SCRIPTS/lib/docker/$1.Dockerfile" "$folder/Dockerfile" &&
        "$2" "$folder" &&
        docker build -q --build-arg "DEBIAN_IMAGE=$PROJECT-base/debian" -t "$PROJECT-base/$1" "$folder" &&
        rm -rf -- "$folder"
}

mediamtx_context() { cp "$(MEDIAMTX_BIN='' "$SCRIPTS/setup-mediamtx")" "$1/mediamtx"; }
postgres_context() { cp "$SCRIPTS/lib/docker/postgres-entrypoint" "$1/"; }

odoo_context() {
    local tree packages
    "$SCRIPTS/setup-odoo" || return
    tree=$(odoo_tree)
    packages=$(echo "$("$SCRIPTS/setup-venv" odoo "$ODOO_LOCK")"/lib/python3*/site-packages)
    mkdir "$1/tree" && cp -a "$tree/usr" "$1/tree/" && cp -a "$packages" "$1/packages"
}
