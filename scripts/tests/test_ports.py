"""A taken port is named together with its holder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from places import open_folder

SCRIPTS = Path(__file__).resolve().parents[1]
PORTS = SCRIPTS / "lib" / "ports.py"
WAIT = '. "$1/lib/common.sh"; . "$SCRIPTS/lib/run.sh"; load_ports; wait_until 0 odoo false'


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


def test_port_of_an_outgoing_connection_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as connection:
        port = connection.getsockname()[1]
        code, words = check(f"tcp {port} mediamtx-engine CCTV_ENGINE_API_PORT")
    assert code == 1
    assert f"tcp port {port}, needed by mediamtx-engine (CCTV_ENGINE_API_PORT), is held by a connection of" in words
    assert f"(pid {os.getpid()}) (the kernel gives outgoing ones ports from" in words
    assert "another one: scripts/run --engine-api-port N" in words


def test_a_port_taken_during_the_start_is_named():
    with open_folder("cctv-ports-") as run, socket.create_server(("127.0.0.1", 0)) as server:
        (run / "log").mkdir()
        (run / "log" / "odoo.log").write_text("OSError: [Errno 98] Address already in use\n")
        port = str(server.getsockname()[1])
        done = subprocess.run(
            ["bash", "-c", WAIT, "bash", SCRIPTS],
            env={**os.environ, "CCTV_RUN": str(run), "CCTV_ODOO_PORT": port},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"tcp port {port}, needed by odoo (CCTV_ODOO_PORT), is held by" in done.stderr
    assert "odoo is not up after 0 s." in done.stderr


def test_one_port_given_twice_is_refused():
    sock, port = bound(socket.SOCK_STREAM)
    sock.close()
    code, words = check(f"tcp {port} odoo CCTV_ODOO_PORT", f"tcp {port} recorder CCTV_RECORDER_PORT")
    assert code == 1
    assert "given to two" in words
