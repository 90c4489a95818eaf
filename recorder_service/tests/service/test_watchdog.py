"""systemd hears "alive" only while every worker is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from ..conftest import NODE

# A real service in which one worker, added to the others, hangs after a while.
HANGS = """
import sys, time
from dataclasses import replace
from pathlib import Path
from recorder_service import assembly
from recorder_service.service import Service
from recorder_service.settings import load

class Stuck:
    name, patience = "stuck", 3.0
    def run(self, ctx):
        for _ in range(30):
            ctx.wait(0.1)
        time.sleep(600)

build = assembly.build
assembly.build = lambda *a: (lambda parts: replace(parts, workers=(*parts.workers, Stuck())))(build(*a))
sys.exit(Service(load(Path(sys.argv[1]))).run())
"""


def test_a_hanging_worker_ends_the_signs_of_life_and_the_process(tmp_path: Path) -> None:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    http, auth = (probe.getsockname()[1] for probe in probes)
    for probe in probes:
        probe.close()
    (tmp_path / "recorder.toml").write_text(
        f'[odoo]\nurl = "http://127.0.0.1:9"\ndb = "acme"\nlogin = "bot"\nkey = "key"\n[node]\nuuid = "{NODE}"\n'
        f'[media]\nroot = "{tmp_path}"\n[http]\nport = {http}\nauth_port = {auth}\n'
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        with (tmp_path / "log").open("w") as log:
            child = subprocess.Popen(
                [sys.executable, "-c", HANGS, str(tmp_path / "recorder.toml")], stderr=log, stdout=log,
                env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            )  # fmt: skip
        began = time.monotonic()
        code = child.wait(40)
        lived = time.monotonic() - began
        systemd.setblocking(False)
        heard = []
        while True:
            try:
                heard.append(systemd.recv(200).decode())
            except BlockingIOError:
                break
    assert code == 70, (tmp_path / "log").read_text()
    assert heard[0] == "READY=1"
    assert set(heard[1:]) == {"WATCHDOG=1"}
    # it hangs 3 s after the start and is silent for too long 3 s later; signs come each 2 s
    assert len(heard) - 1 < lived / 2
    assert "'stuck'" in (tmp_path / "log").read_text()
