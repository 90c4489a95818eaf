#!/usr/bin/python3
"""Say which of the ports on standard input another program holds; exit 1 if any.

A line reads "tcp 8069 odoo CCTV_ODOO_PORT": protocol, port, process that needs it, name of the setting.
"""

import re
import socket
import sys
from pathlib import Path

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
ADDRESSES = ("0.0.0.0", "127.0.0.1")
LISTEN = "0A"
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(protocol, port, addresses=ADDRESSES):
    """Tell whether the port can be bound on all addresses (which a listener on any one of them prevents)."""
    for address in addresses:
        with socket.socket(socket.AF_INET, KINDS[protocol]) as sock:
            if protocol == "tcp":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((address, port))
            except PermissionError:
                return True  # a port below 1024: whether it may be used is another question
            except OSError:
                return False
    return True


def holder(protocol, port):
    """Say who holds the port: a listener, or a connection that the kernel gave this port to."""
    rows = [row for row in sockets(protocol) if int(row[1].rpartition(":")[2], 16) == port]
    listening = [row for row in rows if protocol == "udp" or row[3] == LISTEN]
    who = owner({row[9] for row in listening or rows}) or "a program that this user cannot see"
    if listening or not rows:
        return who
    first, last = OUTGOING.read_text(encoding="utf-8").split()
    return f"a connection of {who} (the kernel gives outgoing ones ports from {first} to {last})"


def sockets(protocol):
    """Return the kernel's rows of all sockets of a protocol."""
    rows = []
    for table in (protocol, f"{protocol}6"):
        try:
            lines = Path(f"/proc/net/{table}").read_text(encoding="utf-8").splitlines()[1:]
        except FileNotFoundError:
            continue
        rows += [line.split() for line in lines]
    return rows


def owner(inodes):
    """Return "name (pid N)" of the program that has one of these sockets, or None where this user may not see it."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
        except OSError:
            continue
        if found and found[1] in inodes:
            process = link.parents[1]
            return f"{(process / 'comm').read_text(encoding='utf-8').strip()} (pid {process.name})"
    return None


def option(name):
    """Return the option of scripts/run that sets what a setting does."""
    return "--" + name.removeprefix("CCTV_").lower().replace("_", "-")


def main():
    """Check each line; name what is taken."""
    taken = 0
    seen = {}
    for line in sys.stdin:
        protocol, port, process, name = line.split()
        clash = seen.setdefault((protocol, port), process + " " + name)
        if clash != process + " " + name:
            print(f"    {protocol} port {port} is given to two: {clash} and {process} {name}", file=sys.stderr)
            taken += 1
        elif not is_free(protocol, int(port)):
            who = holder(protocol, int(port))
            print(f"    {protocol} port {port}, needed by {process} ({name}), is held by {who}", file=sys.stderr)
            print(f"        another one: scripts/run {option(name)} N", file=sys.stderr)
            taken += 1
    return 1 if taken else 0


if __name__ == "__main__":
    sys.exit(main())
