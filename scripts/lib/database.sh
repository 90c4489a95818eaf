# shellcheck shell=bash
# Odoo's configuration, its database with the addons, and the sample company. Source after run.sh, postgres.sh and odoo.sh.

OUR_ADDONS=(cctv_sop cctv_recorder_bridge)
# The sample company keeps Indonesian books and buys its cameras.
SAMPLE_ADDONS=(hr purchase l10n_id)
# The first is the language of people and company; a database without en_US would hide untranslated words and lock out readers of English.
LANGUAGES=id_ID,en_US
ODOO_WRAPPER=odoo/odoo

our_addons() {
    local name
    for name in "${OUR_ADDONS[@]}"; do
        if [ -e "$CCTV_CODE/addons/$name/__manifest__.py" ]; then printf '%s\n' "$name"; fi
    done
}

comma() { local IFS=,; printf '%s\n' "$*"; }

# Only the hash of the master password stands in the configuration, as Odoo itself keeps it.
master_hash() {
    local file=$CCTV_RUN/secrets/odoo-master.hash
    if [ ! -s "$file" ]; then
        secret odoo-master | "$ODOO_PYTHON" -c 'import sys
from passlib.context import CryptContext
print(CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=600_000).hash(sys.stdin.read()))' | write_file 600 "$file"
    fi
    as_service cat "$file"
}

write_odoo_config() {
    secret odoo-master >/dev/null
    write_file 600 "$CCTV_RUN/odoo/odoo.conf" <<CONF
[options]
addons_path = $ODOO_ADDONS,$CCTV_CODE/addons
admin_passwd = $(master_hash)
data_dir = $CCTV_RUN/odoo/data
db_host = 127.0.0.1
db_port = $CCTV_PG_PORT
db_user = $PG_ROLE
db_password = $(secret postgres-odoo)
db_name = $CCTV_DB
dbfilter = ^$CCTV_DB\$
list_db = False
http_interface = ${CCTV_ODOO_INTERFACE:-127.0.0.1}
http_port = $CCTV_ODOO_PORT
workers = 0
max_cron_threads = 1
without_demo = True
CONF
}

# A command that is Odoo's own command line with the right interpreter and configuration, for scripts and people.
write_odoo_wrapper() {
    write_file 755 "$CCTV_RUN/$ODOO_WRAPPER" <<WRAPPER
#!/bin/sh
# Odoo's command line for this system, as user $SERVICE_USER. Written by scripts/run.
$(change_user "$CCTV_RUN/$ODOO_WRAPPER")
export PYTHONPATH='$ODOO_PATH' ODOO_RC='$CCTV_RUN/odoo/odoo.conf' PYTHONDONTWRITEBYTECODE=1 CCTV_ODOO_START='$ODOO_START'
exec '$ODOO_PYTHON' '$CCTV_CODE/scripts/lib/odoo_start.py' "\$@"
WRAPPER
}

write_odoo_files() {
    own_folder 700 "$CCTV_RUN/odoo/data"
    write_odoo_config
    write_odoo_wrapper
}

odoo() { as_service "$CCTV_RUN/$ODOO_WRAPPER" "$@"; }

# filestore NAME: where Odoo keeps a database's attachments.
filestore() { printf '%s\n' "$CCTV_RUN/odoo/data/filestore/$1"; }

# The key of the addons' code in the database: when it differs from the checkout's, the addons are updated.
addons_key() { (cd "$CCTV_CODE/addons" && find . -type f ! -path '*/__pycache__/*' ! -path '*/tests/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16); }
addons_key_file() { printf '%s\n' "$CCTV_RUN/odoo/$CCTV_DB.addons"; }

# create_database NAME MODULES: a whole database or none: it is built under another name first. Where a template of the standard
# modules stands in the cluster (scripts/test keeps one) it is the start.
create_database() {
    local name=$1 modules=$2 new=${1}_new
    drop_database "$new"
    if [ -n "${CCTV_TEMPLATE:-}" ]; then copy_database "$CCTV_TEMPLATE" "$new"; fi
    quietly "Odoo with $modules" odoo -d "$new" --db-filter="^$new\$" -i "$modules" --load-language="$LANGUAGES" --stop-after-init --no-http --log-level=warn || return
    rename_database "$new" "$name"
}

rename_database() {
    pg_admin -v old="$1" -v new="$2" -f - <<<'alter database :"old" rename to :"new"'
    as_service rm -rf -- "$(filestore "$2")"
    if [ -d "$(filestore "$1")" ]; then as_service mv -T -- "$(filestore "$1")" "$(filestore "$2")"; fi
}

copy_database() {
    copy_of "$1" "$2"
    if [ -d "$(filestore "$1")" ]; then as_service cp -a "$(filestore "$1")" "$(filestore "$2")"; fi
}

drop_database() {
    pg_admin -v name="$1" -f - <<<'drop database if exists :"name" with (force)' 2>/dev/null
    as_service rm -rf -- "$(filestore "$1")"
}

prepare_database() {
    local modules key
    mapfile -t modules < <(our_addons)
    key=$(addons_key)
    if ! database_exists "$CCTV_DB"; then
        say "new database $CCTV_DB: about a minute and a half"
        create_database "$CCTV_DB" "$(comma "${modules[@]}" "${SAMPLE_ADDONS[@]}")" ||
            die "Odoo could not make the database." "Its words are above. After mending run scripts/run again: it starts this step anew."
    elif [ "$(cat "$(addons_key_file)" 2>/dev/null)" != "$key" ]; then
        if is_kept odoo; then
            warn "the addons have changed since Odoo started: scripts/stop && scripts/run brings them into the database"
            return
        fi
        # overwrite: a label whose English has changed keeps the old Indonesian otherwise
        quietly "addons updated in the database" odoo -d "$CCTV_DB" -i "$(comma "${modules[@]}")" -u "$(comma "${modules[@]}")" --i18n-overwrite --stop-after-init --no-http --log-level=warn ||
            die "Odoo could not update the addons." "Its words are above. The database is as it was; mend the addon and run scripts/run again."
    fi
    printf '%s\n' "$key" | write_file 644 "$(addons_key_file)"
}

# load_sample: the company, its users and cameras, and the node's registration; what the loader prints last is kept.
load_sample() {
    local kept=$CCTV_RUN/secrets/load.json key told
    key=$(cd "$CCTV_CODE/data" && find . -type f ! -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
    if [ -s "$kept" ] && [ "$(cat "$CCTV_RUN/odoo/$CCTV_DB.sample" 2>/dev/null)" = "$key" ] && [ -s "$CCTV_RUN/recorder/recorder.toml" ]; then
        say "sample company is there"
        return
    fi
    told=$(as_service env CCTV_RUN="$CCTV_RUN" CCTV_CODE="$CCTV_CODE" CCTV_DB="$CCTV_DB" CCTV_ODOO="$CCTV_RUN/$ODOO_WRAPPER" MEDIAMTX_BIN="$MEDIAMTX_BIN" \
        "$CCTV_CODE/data/load") || die "The sample company could not be loaded." "The loader's words are above; after mending run scripts/run again."
    tail -n 1 <<<"$told" | write_file 600 "$kept"
    printf '%s\n' "$key" | write_file 644 "$CCTV_RUN/odoo/$CCTV_DB.sample"
    say "sample company loaded"
}
