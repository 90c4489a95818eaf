# shellcheck shell=bash
# A machine under a systemd of its own, without a network, with PostgreSQL and the Odoo of a company. Source after bare.sh, odoo.sh.
# shellcheck disable=SC2034,SC2154 # names used and `tree`, `work` made by scripts/test-existing-odoo

EXISTING=$SCRIPTS/lib/existing
MACHINE=cctv-existing
COMPANY_DB=lama
COMPANY_APPS=hr,maintenance,purchase,stock,project,account,contacts,calendar,sale_management
ODOO_URL=http://127.0.0.1:8069
BACKUP=/backup
CAMERAS=(18561 18562 18563)

# prepare_machine: packages and programs need a network, so they come before it is started.
prepare_machine() {
    step "A machine with PostgreSQL and systemd"
    bare_tree "$tree"
    reach_mirrors "$tree"
    quietly "packages" in_tree "$tree" root /root 'apt-get update -q && apt-get install -yq --no-install-recommends \
        ca-certificates git systemd systemd-sysv dbus postgresql python3' || die "The machine's packages could not be installed."
    rm -f "$tree/usr/sbin/policy-rc.d"
    git clone -q --no-hardlinks "$ROOT" "$tree/root/cctv-sop"
    odoo_program
}

# odoo_program: unpacked below /opt, started by a unit, as the user `odoo`.
odoo_program() {
    local packages
    "$SCRIPTS/setup-odoo"
    packages=$(echo "$("$SCRIPTS/setup-venv" odoo "$ODOO_LOCK")"/lib/python3*/site-packages)
    mkdir -p "$tree/opt/odoo" "$tree/etc/odoo" "$tree/opt/company-addons" "$tree/srv"
    cp -a "$(odoo_tree)/usr" "$tree/opt/odoo/"
    cp -a "$packages" "$tree/opt/odoo/packages"
    cat >"$tree/usr/local/bin/odoo" <<'COMMAND'
#!/bin/sh
export PYTHONPATH=/opt/odoo/usr/lib/python3/dist-packages:/opt/odoo/packages ODOO_RC=/etc/odoo/odoo.conf
exec /usr/bin/python3 /opt/odoo/usr/bin/odoo "$@"
COMMAND
    chmod 755 "$tree/usr/local/bin/odoo"
    cat >"$tree/etc/odoo/odoo.conf" <<CONF
[options]
addons_path = /opt/odoo/usr/lib/python3/dist-packages/odoo/addons
data_dir = /var/lib/odoo/data
db_name = $COMPANY_DB
list_db = False
http_interface = 127.0.0.1
workers = 2
max_cron_threads = 1
without_demo = True
CONF
    cat >"$tree/etc/systemd/system/odoo.service" <<'UNIT'
[Unit]
After=postgresql.service
[Service]
User=odoo
ExecStart=/usr/local/bin/odoo
Restart=always
StandardOutput=append:/var/log/odoo.log
StandardError=inherit
[Install]
WantedBy=multi-user.target
UNIT
}

no_machine() { nspawn='' leader='' cameras=() inside=(false); }

start_machine() {
    systemd-nspawn --quiet --boot --directory "$tree" --machine "$MACHINE" --private-network --register=no --keep-unit \
        --console=read-only </dev/null >>"$work/console" 2>&1 &
    nspawn=$!
    wait_until_true 30 "first process" first_process
    enter_machine
    wait_until_true 90 "systemd" inside systemctl is-active multi-user.target
}

first_process() { leader=$(pgrep -P "$nspawn") && [ "$(cat "/proc/$leader/comm")" = systemd ]; }

stop_machine() {
    [ -n "$nspawn" ] || return 0
    for camera in "${cameras[@]}"; do kill "$camera" 2>/dev/null || true; done
    cameras=()
    kill "$nspawn" 2>/dev/null || true
    wait "$nspawn" 2>/dev/null || true
    rmdir "/run/systemd/nspawn/propagate/$MACHINE" 2>/dev/null || true
    nspawn=
}

# inside COMMAND...: as root of the machine.
inside() { "${inside[@]}" "$@" </dev/null; }
# as USER COMMAND...: as somebody else there.
as() { inside runuser -u "$1" -- "${@:2}"; }
# beside COMMAND...: a program of ours in the machine's network.
beside() { nsenter -t "$leader" -n -- "$@"; }

enter_machine() {
    inside=(nsenter -t "$leader" -a -r -w -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        HOME=/root TERM=dumb LANG=C.UTF-8)
}

odoo_answers() { beside curl -sSf -m 5 -o /dev/null "$ODOO_URL/web/health"; }
start_odoo() {
    inside systemctl restart odoo
    wait_until_true 60 "Odoo answers" odoo_answers
}

# company: what is there before we come.
company() {
    step "A company's Odoo"
    inside useradd --system --create-home --home-dir /var/lib/odoo odoo
    as postgres createuser --createdb odoo
    quietly "database with $COMPANY_APPS" as odoo odoo -d "$COMPANY_DB" -i "$COMPANY_APPS" --stop-after-init --no-http --log-level=warn ||
        die "The company's database could not be made."
    for role in admin manager it supervisor employee; do echo "$role $role $(head -c 12 /dev/urandom | base64 -w0 | tr '+/' '-_')"; done >"$work/logins"
    { cat "$EXISTING/company.py"; echo 'run(env)'; } >"$tree/var/lib/odoo/company.py"
    install -m 644 "$work/logins" "$tree/var/lib/odoo/logins"
    quietly "people and equipment" as odoo sh -euc \
        "LOGINS=/var/lib/odoo/logins odoo shell -d $COMPANY_DB --no-http --log-level=warn </var/lib/odoo/company.py" ||
        die "The company's data could not be made."
    inside systemctl enable --quiet odoo
    start_odoo
}

# play_cameras: they hang in the machine's network, behind the password of IT.
play_cameras() {
    local port password
    password=$(awk '$1 == "it" {print $3}' "$work/logins")
    for port in "${CAMERAS[@]}"; do
        beside env CCTV_RUN="$work/run" "$SCRIPTS/cameras" start-one --name "existing-$port" --port "$port" --user kamera \
            --password "$password" --clip counter >>"$work/cameras.log" 2>&1 </dev/null &
        cameras+=($!)
    done
}
