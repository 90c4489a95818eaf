"""A taken port is named together with its holder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

PORTS = Path(__file__).resolve().parents[1] / "lib" / "ports.py"


def check(*lines):
    """Run the check and return (exit code, its words)."""
    done = subprocess.run(
        [sys.executable, PORTS], input="\n".join(lines), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def bound(kind):
    """Return a socket on a free loopback port, and the port."""
    sock = socket.socket(socket.AF_INET, kind)
    sock.bind(("127.0.0.1", 0))
    return sock, sock.getsockname()[1]


def test_free_ports_pass():
    sock, port = bound(socket.SOCK_STREAM)
    sock.close()
    assert check(f"tcp {port} odoo CCTV_ODOO_PORT") == (0, "")


def test_listener_is_named_with_its_pid():
    sock, port = bound(socket.SOCK_STREAM)
    with sock:
        sock.listen()
        code, words = check(f"tcp {port} odoo CCTV_ODOO_PORT")
    assert code == 1
    assert f"tcp port {port}, needed by odoo (CCTV_ODOO_PORT)" in words
    assert f"(pid {os.getpid()})" in words


def test_taken_udp_port_is_seen():
    sock, port = bound(socket.SOCK_DGRAM)
    with sock:
        code, words = check(f"udp {port} mediamtx-gate CCTV_GATE_ICE_PORT")
    assert code == 1
    assert f"udp port {port}" in words


def test_one_port_given_twice_is_refused():
    sock, port = bound(socket.SOCK_STREAM)
    sock.close()
    code, words = check(f"tcp {port} odoo CCTV_ODOO_PORT", f"tcp {port} recorder CCTV_RECORDER_PORT")
    assert code == 1
    assert "given to two" in words
