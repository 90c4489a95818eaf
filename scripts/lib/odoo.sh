# shellcheck shell=bash
# Where Odoo is, and how to call it. Source after common.sh; `find_odoo` sets
#   ODOO_PYTHON  interpreter with Odoo's requirements      ODOO_START  start script
#   ODOO_PATH    what PYTHONPATH must hold, or empty       ODOO_ADDONS folder of the standard addons

# shellcheck disable=SC2034 # the ODOO_ names are used by the scripts that source this

ODOO_LOCK=$ROOT/requirements/odoo.txt
ODOO_DEBS=$ROOT/requirements/odoo-deb.sha256
ODOO_MAJOR=19.0

odoo_tree() { printf '%s/odoo/odoo-%s\n' "$CCTV_CACHE" "$(key_of "$ODOO_DEBS")"; }

# find_odoo: the user's own Odoo where ODOO_BIN or ODOO_HOME names one, else the unpacked package. Returns 1 when not set up yet.
find_odoo() {
    if [ -n "${ODOO_BIN:-}${ODOO_HOME:-}" ]; then
        find_own_odoo
    else
        find_unpacked_odoo
    fi
}

find_unpacked_odoo() {
    local tree
    tree=$(odoo_tree)
    [ -e "$tree/.complete" ] || return 1
    ODOO_PATH=$tree/usr/lib/python3/dist-packages
    ODOO_ADDONS=$ODOO_PATH/odoo/addons
    ODOO_START=$tree/usr/bin/odoo
    ODOO_PYTHON=$("$SCRIPTS/setup-venv" odoo "$ODOO_LOCK")/bin/python3
}

# ODOO_HOME is a source checkout or an installed tree; ODOO_BIN a start script. ODOO_PYTHON may name the interpreter.
find_own_odoo() {
    ODOO_START=${ODOO_BIN:-}
    if [ -z "$ODOO_START" ]; then
        local candidate
        for candidate in "$ODOO_HOME/odoo-bin" "$ODOO_HOME/setup/odoo" "$ODOO_HOME/bin/odoo" "$ODOO_HOME/usr/bin/odoo"; do
            if [ -x "$candidate" ]; then ODOO_START=$candidate; fi
        done
    fi
    [ -n "$ODOO_START" ] || die "ODOO_HOME=$ODOO_HOME holds no odoo-bin." "Point ODOO_HOME to an Odoo 19.0 checkout, or ODOO_BIN to its start script, or unset both."
    [ -x "$ODOO_START" ] || die "ODOO_BIN=$ODOO_START cannot be run." "Point ODOO_BIN to Odoo's start script (odoo-bin), or unset it."
    : "${ODOO_PYTHON:=$(own_interpreter "$ODOO_START")}"
    ODOO_PATH=${PYTHONPATH:-}
    if [ -n "${ODOO_HOME:-}" ] && [ -d "$ODOO_HOME/odoo" ]; then ODOO_PATH=$ODOO_HOME${ODOO_PATH:+:$ODOO_PATH}; fi
    check_odoo_version
    ODOO_ADDONS=$(own_addons)
}

# The interpreter of the start script's first line; a bare "env python3" means the environment that the user is in.
own_interpreter() {
    local first
    IFS= read -r first <"$1" || true
    case $first in
    '#!'*/env\ *) command -v "${first##* }" ;;
    '#!'*python*) printf '%s\n' "${first#\#!}" ;;
    *) command -v python3 ;;
    esac
}

# Standard addons of a checkout lie in two folders, of an installed package in one.
own_addons() {
    local inside beside
    inside=$(PYTHONPATH=$ODOO_PATH "$ODOO_PYTHON" -c 'import odoo.addons.base as b, pathlib; print(pathlib.Path(b.__file__).parent.parent)' 2>/dev/null) ||
        die "$ODOO_PYTHON cannot import Odoo from ${ODOO_HOME:-$ODOO_START}." "Set ODOO_PYTHON to the interpreter that has its requirements."
    beside=${ODOO_HOME:-$(dirname "$ODOO_START")}/addons
    if [ -d "$beside" ] && [ "$beside" != "$inside" ]; then printf '%s,%s\n' "$inside" "$beside"; else printf '%s\n' "$inside"; fi
}

# check_odoo_version: refuse another major.
check_odoo_version() {
    ODOO_VERSION=$(as_service env PYTHONPATH="$ODOO_PATH" "$ODOO_PYTHON" "$ODOO_START" --version 2>&1 | sed -n 's/^Odoo Server \([^ ]*\).*/\1/p')
    [ -n "$ODOO_VERSION" ] || die "$ODOO_START does not say its version." "Try: PYTHONPATH=$ODOO_PATH $ODOO_PYTHON $ODOO_START --version"
    case $ODOO_VERSION in
    "$ODOO_MAJOR" | "$ODOO_MAJOR"[.+-]*) ;;
    *) die "This suite is for Odoo $ODOO_MAJOR; ${ODOO_BIN:-${ODOO_HOME:-$ODOO_START}} is $ODOO_VERSION." "Point ODOO_HOME or ODOO_BIN to Odoo $ODOO_MAJOR, or unset both." ;;
    esac
}

tested_version() { awk -v p="$1" '$1 == p {print $3}' "$ODOO_DEBS"; }
