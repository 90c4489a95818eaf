#!/usr/bin/python3
"""Say which of the ports on standard input another program holds; exit 1 if any.

A line reads "tcp 8069 odoo CCTV_ODOO_PORT": protocol, port, process that needs it, name of the setting.
"""

import re
import socket
import sys
from pathlib import Path

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
LISTEN = "0A"


def is_free(protocol, port):
    """Tell whether the port can be bound on all addresses (which a listener on any one of them prevents)."""
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET, "127.0.0.1")):
        with socket.socket(family, KINDS[protocol]) as sock:
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
    """Return "name (pid N)" of the program that holds the port, or None where the kernel does not tell this user."""
    inodes = set()
    for table in (protocol, f"{protocol}6"):
        try:
            lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:
            continue
        rows = [line.split() for line in lines]
        inodes |= {
            row[9]
            for row in rows
            if int(row[1].rpartition(":")[2], 16) == port and (protocol == "udp" or row[3] == LISTEN)
        }
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
        except OSError:
            continue
        if found and found[1] in inodes:
            process = link.parents[1]
            return f"{(process / 'comm').read_text(encoding='utf-8').strip()} (pid {process.name})"
    return None


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
            who = holder(protocol, int(port)) or "a program that this user cannot see"
            print(f"    {protocol} port {port}, needed by {process} ({name}), is held by {who}", file=sys.stderr)
            taken += 1
    return 1 if taken else 0


if __name__ == "__main__":
    sys.exit(main())
