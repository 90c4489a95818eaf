"""A second recorder node beside the system: registered in Odoo by hand, with processes and a disk of its own."""

import json
import os
import shutil
import socket
import subprocess
import time

from . import wait
from .system import System

PORTS = (
    *(f"ENGINE__{name}_PORT" for name in ("API", "RTSP", "METRICS")),
    *(f"GATE__{name}_PORT" for name in ("API", "RTSP", "WEBRTC", "ICE", "HLS", "METRICS")),
    *(f"HTTP__{name}" for name in ("PORT", "AUTH_PORT")),
)
# as the units of deploy/systemd have it
AS_SERVICE = 'umask 0027; exec "$@"'


def free_ports(count):
    """Return ports that nobody listens on, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


class Node:
    """One more node of the company that ``it`` works in."""

    def __init__(self, system: System, it, name):
        self.system, self.name = system, name
        self.folder = system.owned_folder(system.run / "work" / f"node-{os.urandom(3).hex()}")
        self.media_root = system.owned_folder(self.folder / "media")
        system.owned_folder(self.folder / "log")
        values = {"name": name, "segment_seconds": 10, "quota_gb": 2.0, "reserve_gb": 1.0}
        wizard = it.call("cctv.recorder.register", "create", values)
        shown = it.call("cctv.recorder.register", "action_register", [wizard])["context"]
        self.id = shown["default_recorder_id"]
        settings = self.folder / "recorder.toml"
        settings.touch(mode=0o600)
        settings.write_text(shown["default_config_text"])
        shutil.chown(settings, *_owner(self.folder))
        self._environment, self._python = system.recorder_command()
        self._environment = {
            name: value for name, value in self._environment.items() if not name.endswith(("_PORT", "__LOG"))
        }
        self._environment |= {"RECORDER_CONFIG": str(settings), "RECORDER_MEDIA__ROOT": str(self.media_root)}
        ports = zip(PORTS, free_ports(len(PORTS)), strict=True)
        self._environment |= {f"RECORDER_{name}": str(port) for name, port in ports}
        for name in ("engine", "gate"):
            self._environment[f"RECORDER_{name.upper()}__LOG"] = str(self.folder / "log" / f"mediamtx-{name}.log")
        self._processes = []

    def recorder(self, *words):
        """Run the recorder's command line on this node; return the finished process."""
        return subprocess.run(
            self._command(self._python, "-m", "recorder_service", *words),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self):
        """Adopt the disk, write the engines' settings, start all three; returns when the node has spoken to Odoo."""
        self.recorder("check", "--adopt-media")  # what does not run yet fails in other checks
        done = self.recorder("config", "--write")
        assert done.returncode == 0, done.stderr[-2000:]
        mediamtx = self._environment["RECORDER_PROGRAMS__MEDIAMTX"]
        for name in ("engine", "gate"):
            with (self.folder / "log" / f"mediamtx-{name}.log").open("ab") as log:
                self._start(log, mediamtx, str(self.folder / f"{name}.yml"))
        with (self.folder / "log" / "recorder.log").open("ab") as log:
            self._start(log, self._python, "-m", "recorder_service", "run")
        wait.until(self._live, 60, f"{self.name} speaks to Odoo", 1)

    def status(self):
        """Return what ``recorder status --json`` tells."""
        return json.loads(self.recorder("status", "--json").stdout)

    def _live(self):
        done = self.recorder("status", "--json")
        return done.returncode == 0

    def stop(self):
        """End the service first, then the engines; leave nothing of the node's folder."""
        for process in reversed(self._processes):
            process.terminate()
        deadline = time.monotonic() + 30
        for process in self._processes:
            process.wait(max(1, deadline - time.monotonic()))
        shutil.rmtree(self.folder)

    def _start(self, log, *words):
        command = self._command("sh", "-c", AS_SERVICE, "sh", *words)
        self._processes.append(subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _command(self, *words):
        known = {**self._environment, "TZ": "UTC"}
        command = ["env", *(f"{name}={value}" for name, value in known.items()), *words]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "cctv", "--regid", "cctv", "--init-groups", *command]
        return command


def _owner(path):
    found = path.stat()
    return found.st_uid, found.st_gid
