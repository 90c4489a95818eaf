# shellcheck shell=bash
# The parts of scripts/test. Each writes its output to $LOGS/<part>.log and one line "part passed failed skipped seconds" to
# $LOGS/<part>.result.
# Source after database.sh and services.sh. (Parts are called in a condition, where `set -e` does not hold: hence `|| return`.)
# shellcheck disable=SC2034 # names used by scripts/test

TEST_PORT_BASE=${CCTV_TEST_PORT_BASE:-21000}
ALLOWED=$SCRIPTS/lib/odoo-log-allowed.txt

# write_log FILE: through the service user, whose folder it is (run.sh); shown while it grows.
# shellcheck disable=SC2016 # the inner shell's arguments
write_log() { as_service sh -c 'exec cat >"$1"' write_log "$1"; }

# run_part NAME COMMAND...: run one part, count it, show the end of its output when it failed; never ends the whole run.
run_part() {
    local name=$1 begun counts passed failed skipped code=0
    shift
    step "Tests: $name"
    begun=$(date +%s)
    ("$@") 2>&1 | write_log "$LOGS/$name.log" || code=$?
    counts=$(as_service tail -n 1 "$LOGS/$name.counts" 2>/dev/null) || true
    # a part that fails before it counts anything is one failure
    if [ -z "$counts" ]; then if [ $code = 0 ]; then counts='1 0 0'; else counts='0 1 0'; fi; fi
    read -r passed failed skipped <<<"$counts"
    if [ $code != 0 ] && [ "$failed" = 0 ] && [ "$skipped" = 0 ]; then failed=1; fi
    write_log "$LOGS/$name.result" <<<"$name $passed $failed $skipped $(seconds_since "$begun")"
    if [ "$failed" != 0 ] || [ "$skipped" != 0 ]; then
        as_service tail -n "${CCTV_TEST_TAIL:-80}" "$LOGS/$name.log" >&2
        say "$name FAILED: $passed passed, $failed failed, $skipped skipped ($(seconds_since "$begun") s); whole output: $LOGS/$name.log"
    else
        say "$name: $passed passed ($(seconds_since "$begun") s)"
    fi
}

# counted_pytest NAME COMMAND...: pytest with its counts taken from its own report.
counted_pytest() {
    local name=$1 code=0 report
    shift
    report=$(if [ "$1" = as_service ]; then as_service mktemp -p "$WORK"; else mktemp; fi)
    "$@" -p no:cacheprovider --junitxml="$report" || code=$?
    if [ -s "$report" ]; then /usr/bin/python3 "$SCRIPTS/lib/counts.py" junit "$report" | as_service tee "$LOGS/$name.counts"; fi
    return $code
}

# leave_out NAME WHY: this machine cannot run that part; the summary says so.
leave_out() {
    echo "LEFT OUT: $2"
    as_service tee "$LOGS/$1.left-out" <<<"$2"
    as_service tee "$LOGS/$1.counts" <<<'0 0 0'
}

part_lint() { CI=1 "$SCRIPTS/lint"; }

part_scripts() {
    local venv python
    venv=$("$SCRIPTS/setup-venv" tests "$ROOT/requirements/tests.txt") || return
    python=$("$SCRIPTS/setup-recorder") || return
    counted_pytest scripts as_service env TMPDIR="$WORK" RECORDER_PYTHON="$python" "$venv/bin/python3" -m pytest --rootdir "$CCTV_CODE/scripts" "$CCTV_CODE/scripts/tests"
}

# Links planted in .run by the service user. Without root there is no such second user, and nothing to protect.
part_links() {
    local venv
    if ! is_root; then
        leave_out links "scripts that run without root have no service user of their own"
        return
    fi
    venv=$("$SCRIPTS/setup-venv" tests "$ROOT/requirements/tests.txt") || return
    counted_pytest links "$venv/bin/python3" -m pytest --rootdir "$SCRIPTS" "$SCRIPTS/tests/test_planted_links.py"
}

part_service() {
    local venv
    venv=$("$SCRIPTS/setup-venv" service-dev "$ROOT/recorder_service/requirements-dev.lock") || return
    counted_pytest service as_service env TMPDIR="$WORK" PYTHONPATH="$CCTV_CODE/recorder_service/src" CCTV_TEST_MEDIAMTX="$MEDIAMTX_BIN" \
        HYPOTHESIS_STORAGE_DIRECTORY="$WORK/hypothesis" "$venv/bin/python3" -m pytest --rootdir "$CCTV_CODE/recorder_service" -m "not odoo" "$CCTV_CODE/recorder_service/tests"
}

# What only root can set up: a file system that is really full. Anyone is root in a user namespace of his own, where the kernel
# allows that; the mount is seen by the test alone.
part_disk() {
    local venv space=(unshare --mount)
    is_root || space+=(--map-root-user)
    if ! "${space[@]}" sh -c 'mount -t tmpfs tmpfs /mnt' 2>/dev/null; then
        leave_out disk "this machine lets nobody mount a file system"
        return
    fi
    venv=$("$SCRIPTS/setup-venv" service-dev "$ROOT/recorder_service/requirements-dev.lock") || return
    counted_pytest disk "${space[@]}" env -u TMPDIR PYTHONPATH="$ROOT/recorder_service/src" CCTV_TEST_MEDIAMTX="$MEDIAMTX_BIN" \
        "$venv/bin/python3" -m pytest --rootdir "$ROOT/recorder_service" -k test_full_disk "$ROOT/recorder_service/tests/engine/test_trouble.py" \
        "$ROOT/recorder_service/tests/ops/test_ballast.py"
}

# loop_disks: whether root may mount disks in files here, as many as the tests use, of both kinds.
# shellcheck disable=SC2016 # the inner shell's arguments
loop_disks() {
    unshare --mount sh -ec '
        mount -t tmpfs -o size=1g tmpfs /mnt
        cd /mnt
        truncate -s 400M xfs && mkfs.xfs -q xfs
        for name in xfs ext4-1 ext4-2 ext4-3 ext4-4; do
            [ -e $name ] || { truncate -s 8M $name && mkfs.ext4 -q $name; }
            mkdir on-$name
            mount -o loop $name on-$name
        done'
}

# What happens to whole disks: the power goes, one turns read-only. They are in files (loop devices), which only root can mount; the
# mounts are seen by the test alone.
part_power() {
    local venv
    if ! is_root; then
        leave_out power "disks in files can be mounted by root only"
        return
    fi
    if ! loop_disks; then
        leave_out power "this machine has no loop devices, or lets nobody mount them"
        return
    fi
    venv=$("$SCRIPTS/setup-venv" service-dev "$ROOT/recorder_service/requirements-dev.lock") || return
    counted_pytest power unshare --mount env -u TMPDIR PYTHONPATH="$ROOT/recorder_service/src" CCTV_TEST_LONG="${CCTV_TEST_LONG:-}" \
        CCTV_TEST_MEDIAMTX="$MEDIAMTX_BIN" "$venv/bin/python3" -m pytest --rootdir "$ROOT/recorder_service" \
        "$ROOT/recorder_service/tests/ops/test_power_cut.py" "$ROOT/recorder_service/tests/ops/test_read_only.py" \
        "$ROOT/recorder_service/tests/ops/test_index_disk.py"
}

# standard_modules: what our addons stand on, which the template holds.
standard_modules() {
    /usr/bin/python3 - "$CCTV_CODE"/addons/cctv_sop/__manifest__.py <<'PY'
import ast, sys
names = {name for file in sys.argv[1:] for name in ast.literal_eval(open(file).read())["depends"]}
print(",".join(sorted(names)))
PY
}

# need_template: a database with the standard modules, kept by the content of what made it.
need_template() {
    local modules key
    modules=$(standard_modules)
    key=$({ cat "$ODOO_DEBS" "$ODOO_LOCK"; printf '%s %s %s' "$modules" "$LANGUAGES" "$ODOO_START"; } | sha256sum | cut -c1-12)
    CCTV_TEMPLATE=tpl_$key
    if ! database_exists "$CCTV_TEMPLATE"; then
        drop_database template_new
        odoo -d template_new --db-filter='^template_new$' -i "$modules" --load-language="$LANGUAGES" --stop-after-init --no-http --log-level=warn || return
        rename_database template_new "$CCTV_TEMPLATE"
    fi
}

# odoo_tests PART DATABASE MODULES TAGS: install into a fresh database and run the tests; the log decides, not the exit code alone.
odoo_tests() {
    local part=$1 database=$2 modules=$3 tags=$4 code=0
    drop_database "$database"
    copy_database "$CCTV_TEMPLATE" "$database" || return
    odoo -d "$database" --db-filter="^$database\$" -i "$modules" --test-tags "$tags" --stop-after-init --max-cron-threads=0 \
        --http-port "$CCTV_ODOO_PORT" 2>&1 | as_service tee "$WORK/$part.odoo" || code=$?
    /usr/bin/python3 "$SCRIPTS/lib/counts.py" odoo --allowed "$ALLOWED" "$WORK/$part.odoo" | as_service tee "$LOGS/$part.counts" || code=1
    return $code
}

part_odoo_alone() { odoo_tests odoo-alone test_alone cctv_sop /cctv_sop; }
part_odoo_both() { odoo_tests odoo-both test_both cctv_sop,cctv_recorder_bridge /cctv_sop,/cctv_recorder_bridge; }

# start_system: what scripts/run prints ends with logins, which have no place in a log.
start_system() { CCTV_TEMPLATE=$CCTV_TEMPLATE "$SCRIPTS/run" >/dev/null; }

# What crosses the parts, against a whole system on other ports. Leaves it running for the next part; the end stops it.
part_system() {
    local venv
    venv=$("$SCRIPTS/setup-venv" tests "$ROOT/requirements/tests.txt") || return
    start_system || return
    counted_pytest system env CCTV_TEST_RUN="$CCTV_RUN" CCTV_TEST_LONG="${CCTV_TEST_LONG:-}" CCTV_ROOT="$ROOT" "$venv/bin/python3" -m pytest -v --rootdir "$ROOT/tests" "$ROOT/tests"
}

# The recorder's link to a real Odoo, over both transports.
part_link() {
    local venv
    venv=$("$SCRIPTS/setup-venv" service-dev "$ROOT/recorder_service/requirements-dev.lock") || return
    start_system || return
    counted_pytest link as_service env TMPDIR="$WORK" PYTHONPATH="$CCTV_CODE/recorder_service/src" CCTV_TEST_MEDIAMTX="$MEDIAMTX_BIN" \
        HYPOTHESIS_STORAGE_DIRECTORY="$WORK/hypothesis" CCTV_TEST_ODOO_URL="http://127.0.0.1:$CCTV_ODOO_PORT" \
        CCTV_TEST_ODOO_SHELL="$CCTV_RUN/odoo/odoo shell -d cctv --no-http" \
        "$venv/bin/python3" -m pytest --rootdir "$CCTV_CODE/recorder_service" -m odoo "$CCTV_CODE/recorder_service/tests"
}

# The figures that take millions of rows, against the same system.
part_bench() {
    CCTV_TEMPLATE=$CCTV_TEMPLATE "$SCRIPTS/run" && "$SCRIPTS/bench" --long queries
}
