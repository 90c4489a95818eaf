# shellcheck shell=bash
# A minimal Debian 12 tree, made once with debootstrap and kept as an archive. Source after common.sh.

SUITE=bookworm

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
