# shellcheck shell=bash
# Backups of the whole system. Source after database.sh.

# backup_tool ACTION …: lib/backup.py as the service user, whose data and whose backup it is.
backup_tool() { as_service /usr/bin/python3 -I - "$@" <"$SCRIPTS/lib/backup.py"; }

# of_system: which system a backup is of, as options of the tool.
of_system() { printf '%s\n' --run "$CCTV_RUN" --database "${1:-$CCTV_DB}" --port "$CCTV_PG_PORT" --bin "$(pg_bin)"; }

# make_backup_folder FOLDER: a new one that the service user alone reads. Where that user may not make it, root gives it one.
make_backup_folder() {
    local above
    above=$(dirname "$1")
    if [ -e "$1" ] || [ -L "$1" ]; then die "$1 exists; a backup replaces nothing." "Name a new folder."; fi
    [ -d "$above" ] || die "There is no folder $above." "Make it, or mount the disk that it stands for."
    as_service mkdir -m 700 -- "$1" 2>/dev/null && return
    if ! is_root || ! out_of_reach "$above"; then die "User $SERVICE_USER may not make $1." "Name a place that it may write."; fi
    mkdir -m 700 -- "$1"
    chown -h -- "$SERVICE_USER:" "$1"
    if ! as_service test -w "$1"; then
        rmdir -- "$1"
        die "User $SERVICE_USER cannot reach $1." "Name a place that it can (chmod a+x on the folders above allows it)."
    fi
}

# backup_to FOLDER [OPTION]...: of the system that runs.
backup_to() {
    local folder=$1 words
    shift
    mapfile -t words < <(of_system)
    make_backup_folder "$folder"
    backup_tool make "${words[@]}" "$@" "$folder" ||
        die "The backup in $folder is incomplete." "Its words are above. Remove the folder, mend the cause, take another one."
}

# restore_database FOLDER NAME: a whole database or none, as create_database does.
restore_database() {
    local new=${2}_new
    drop_database "$new"
    pg createdb -T template0 "$new" &&
        quietly "database" as_service_pg pg_restore --no-owner --exit-on-error -j 2 -d "$new" "$1/database.dump" &&
        own_folder 700 "$CCTV_RUN/odoo/data/filestore" &&
        as_service mkdir -p -- "$(filestore "$new")" &&
        as_service tar -C "$(filestore "$new")" --strip-components=1 -xf "$1/filestore.tar" &&
        rename_database "$new" "$2"
}

# as_service_pg PROGRAM …: a client program as the service user, who alone reads the backup.
as_service_pg() {
    local program=$1
    shift
    PGPASSWORD=$(secret postgres-odoo) PGHOST=127.0.0.1 PGPORT=$CCTV_PG_PORT PGUSER=$PG_ROLE as_service "$(pg_bin)/$program" "$@"
}
