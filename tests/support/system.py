"""The running system under test: its folders, processes and command lines."""

import json
import os
import pwd
import re
import signal
import subprocess
import time
from pathlib import Path

from . import wait

ROOT = Path(os.environ.get("CCTV_ROOT") or Path(__file__).resolve().parents[2])


class System:
    """One system started by ``scripts/run`` in the run folder ``run``."""

    def __init__(self, run):
        self.run = Path(run)
        self.access = json.loads((self.run / "access.json").read_text())
        lines = (self.run / "env").read_text().splitlines()
        self.ports = {name: int(value) for name, value in (line.split("=", 1) for line in lines)}
        self.media_root = Path(self.access["media_root"])

    @property
    def environment(self):
        """Return the environment with which the operating scripts see this system."""
        mine = {"CCTV_RUN": str(self.run), "CCTV_CAMERA_PORT": str(self.ports["CCTV_CAMERA_PORT"])}
        return {**os.environ, **mine}

    def script(self, name, *words, check=True, timeout=300):
        """Run ``scripts/<name>``; return the finished process with its output as text."""
        done = subprocess.run(
            [str(ROOT / "scripts" / name), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"scripts/{name} {' '.join(words)}: {done.stderr[-2000:]}{done.stdout[-500:]}")
        return done

    def psql(self, statements):
        """Start these statements in Odoo's database as Odoo's role; return the process."""
        password = (self.run / "secrets" / "postgres-odoo").read_text().strip()
        place = ["-h", "127.0.0.1", "-p", str(self.ports["CCTV_PG_PORT"]), "-U", "odoo", "-d", self.access["db"]]
        return subprocess.Popen(
            ["psql", "-XAtq", *place, "-c", statements],
            env={**os.environ, "PGPASSWORD": password},
            stdout=subprocess.DEVNULL,
        )

    def recorder_command(self):
        """Return the environment and the Python with which the recorder's command line runs here."""
        wrapper = (self.run / "recorder" / "recorder").read_text()
        known = dict(re.findall(r"^export (\w+)='(.*)'$", wrapper, re.M))
        (python,) = re.findall(r"^exec '(.*)' -m", wrapper, re.M)
        return known, python

    @property
    def code(self):
        """Return the folder of the code that runs here: the checkout, or its copy that the service's user can read."""
        known, _python = self.recorder_command()
        return Path(known["PYTHONPATH"]).parents[1]

    def recorder(self, *words, **settings):
        """Run the recorder's own command line as the service's user; return the finished process.

        :param settings: ``ODOO__KEY="x"`` overrides ``[odoo] key``, and so on
        """
        known, python = self.recorder_command()
        known |= {f"RECORDER_{name}": str(value) for name, value in settings.items()}
        command = [
            "env",
            *(f"{name}={value}" for name, value in known.items()),
            python,
            "-m",
            "recorder_service",
            *words,
        ]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "cctv", "--regid", "cctv", "--init-groups", *command]
        return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False)

    def check(self, *words, **settings):
        """Run ``recorder check --json`` with other settings; return exit code and the checks by name."""
        done = self.recorder("check", "--json", *words, **settings)
        return done.returncode, {row["name"]: row for row in json.loads(done.stdout)["checks"]}

    def state(self, name):
        """Return the keeper's state file of a process."""
        return json.loads((self.run / "state" / f"{name}.json").read_text())

    def pid(self, name):
        """Return the process id of a kept process."""
        return self.state(name)["pid"]

    def signal(self, name, number):
        """Send a signal to a kept process itself, not to its keeper."""
        os.kill(self.pid(name), number)

    def kill(self, name):
        """``kill -9`` a kept process and wait until its keeper has started another."""
        before = self.pid(name)
        os.kill(before, signal.SIGKILL)
        wait.until(lambda: self._restarted(name, before), 90, f"{name} started again")

    def _restarted(self, name, before):
        state = self.state(name)
        return state["state"] == "running" and state["pid"] != before

    def healthy(self, name):
        """Tell whether ``scripts/status`` calls the process healthy."""
        return self.script("status", "--only", name, check=False).returncode == 0

    def await_healthy(self, *names, limit_s=120):
        """Wait until all of these processes are healthy."""
        for name in names:
            wait.until(lambda name=name: self.healthy(name), limit_s, f"{name} healthy")

    def stop(self, name):
        """Stop one process by the operating script."""
        self.script("stop", name)

    def start_all(self):
        """Start what does not run; returns when all is healthy."""
        self.script("run", timeout=600)

    def camera_secrets(self):
        """Return the sample cameras of ``cameras.json``, with passwords."""
        return json.loads((self.run / "cameras" / "cameras.json").read_text())["cameras"]

    def owned_folder(self, path):
        """Make a folder that the service's user may write."""
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            user = pwd.getpwnam("cctv")
            os.chown(path, user.pw_uid, user.pw_gid)
        return path


def now_us():
    """Return the wall clock in microseconds since 1970."""
    return time.time_ns() // 1000
