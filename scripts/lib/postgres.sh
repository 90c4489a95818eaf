# shellcheck shell=bash
# The suite's own PostgreSQL cluster: loopback TCP with passwords, no Unix socket. Source after run.sh.

PG_ADMIN=postgres
PG_ROLE=odoo

# pg_bin: the newest installed server's programs (Debian keeps them off PATH).
pg_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$newest" ] && command -v initdb >/dev/null; then newest=$(dirname "$(command -v initdb)"); fi
    [ -n "$newest" ] || die "No PostgreSQL server is installed." "Run scripts/setup-system (packages postgresql, postgresql-client)."
    printf '%s\n' "$newest"
}

# pg PROGRAM ARGUMENTS...: call a client program on our cluster as Odoo's role; pg_admin as its administrator.
pg() {
    local program=$1
    shift
    PGPASSWORD=$(secret postgres-odoo) PGHOST=127.0.0.1 PGPORT=$CCTV_PG_PORT PGUSER=$PG_ROLE PGCONNECT_TIMEOUT=5 "$(pg_bin)/$program" "$@"
}
pg_admin() { PGPASSWORD=$(secret postgres-admin) PGHOST=127.0.0.1 PGPORT=$CCTV_PG_PORT PGUSER=$PG_ADMIN PGCONNECT_TIMEOUT=5 "$(pg_bin)/psql" -XAtq -v ON_ERROR_STOP=1 -d postgres "$@"; }

pg_answers() { pg_admin -c 'select 1'; }
database_exists() { [ "$(pg_admin -v name="$1" -f - <<<"select 1 from pg_database where datname = :'name'")" = 1 ]; }

# copy_of DATABASE NEW: a copy by files. PostgreSQL 15's way by its log (the default of createdb) copies a sequence together with its
# promise that the next 32 numbers are logged; they are, in the other database: a crash before the next checkpoint gives them again.
copy_of() {
    local by=()
    if "$(pg_bin)/createdb" --help | grep -q -- --strategy; then by=(--strategy=file_copy); fi
    pg createdb "${by[@]}" -T "$1" "$2"
}
