# shellcheck shell=bash
# A minimal Debian 12 tree, made once with debootstrap and kept as an archive, and commands in it. Source after common.sh.

SUITE=bookworm
# What a company's network may need inside as well: its proxies and its own certificate authorities.
PASSED_ON=(http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_CERT PIP_INDEX_URL SSL_CERT_FILE
    REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS GOPROXY GOSUMDB)

mirror() { awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true; }

# bare_archive: print the archive's path; it holds nothing of ours.
bare_archive() {
    local kept=$CCTV_CACHE/clean/$SUITE.tar tree
    if [ ! -e "$kept" ]; then
        command -v debootstrap >/dev/null || die "debootstrap is missing." "apt-get install debootstrap"
        step "A minimal $SUITE"
        mkdir -p "$(dirname "$kept")"
        tree=$(mktemp -d "$(dirname "$kept")/bare.XXXXXX")
        quietly "debootstrap" debootstrap --variant=minbase "$SUITE" "$tree" "$(mirror)" || die "debootstrap failed." "See above."
        chmod 755 "$tree" # mktemp closes it to others, and so would every tree made of the archive
        tar -C "$tree" -cf "$kept.new" .
        mv "$kept.new" "$kept"
        rm -rf -- "$tree"
    fi
    printf '%s\n' "$kept"
}

# reach_mirrors TREE: name service, certificate authorities and apt's settings of this machine: how it reaches its package mirrors.
reach_mirrors() {
    cp /etc/resolv.conf /etc/hosts "$1/etc/"
    mkdir -p "$1/usr/local/share"
    if [ -d /usr/local/share/ca-certificates ]; then cp -r /usr/local/share/ca-certificates "$1/usr/local/share/"; fi
    grep -lE '^Acquire::' /etc/apt/apt.conf.d/* 2>/dev/null | xargs -r cp -t "$1/etc/apt/apt.conf.d/"
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" # no services start in a tree
    chmod 755 "$1/usr/sbin/policy-rc.d"
}

# bare_tree TREE: a new one.
bare_tree() {
    local kept begun
    kept=$(bare_archive)
    rm -rf -- "$1"
    mkdir -p "$1"
    begun=$(date +%s)
    tar -C "$1" -xf "$kept"
    say "tree in $1 ($(seconds_since "$begun") s)"
}

# in_tree TREE USER HOME COMMANDS [NAME=VALUE]...: run in the tree with processes and mounts of its own; all end with it.
in_tree() {
    local name environment=() tree=$1 user=$2 user_home=$3 commands=$4
    shift 4
    for name in "${PASSED_ON[@]}"; do
        if [ -n "${!name:-}" ]; then environment+=("$name=${!name}"); fi
    done
    # shellcheck disable=SC2016 # for the shell inside
    unshare --mount --pid --fork --kill-child --propagation private bash -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount -t tmpfs tmpfs "$1/run"
        exec chroot "$1" /usr/bin/env -i "${@:2}"' - "$tree" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$user_home" TERM=dumb LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        "${environment[@]}" "$@" setpriv --reuid "$user" --regid "$user" --init-groups bash -euc "cd; $commands" </dev/null
}

wait_until_true() {
    local limit=$1 what=$2 begun
    shift 2
    begun=$(date +%s)
    until "$@" >/dev/null 2>&1; do
        [ "$(seconds_since "$begun")" -lt "$limit" ] || die "$what: not after $limit s."
        sleep 1
    done
    say "$what ($(seconds_since "$begun") s)"
}
