"""A database and an Odoo of the figures' own, beside the running system."""

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import time

import psycopg2
import requests

DATABASE = "cctv_bench"
NO_SOURCE = {"url": "", "user": "", "password": "", "segment_seconds": 60}
SHELL = "import sys; sys.path.insert(0, {place!r})\nfrom seed import run\nrun(env, {job!r})\n"


def free_port():
    """Return a port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def as_service(*command):
    """Return the command as the user that the system runs as."""
    words = [str(word) for word in command]
    if os.geteuid() != 0:
        return words
    return ["setpriv", "--reuid", "cctv", "--regid", "cctv", "--init-groups", "env", "HOME=/var/lib/cctv-sop", *words]


class Ground:
    """Database ``cctv_bench`` with both addons, the twin model, cameras and a node."""

    def __init__(self, system, cameras=200, recorded=0, source=None):
        self.system = system
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.password = secrets.token_urlsafe(12)
        self.work = system.owned_folder(system.run / "work" / "bench")
        self.here = system.code / "tests" / "bench"
        self._shape = {"cameras": cameras, "recorded": recorded, **(source or NO_SOURCE)}
        self._server = None

    def __enter__(self):
        self._make_database()
        conf = (self.system.run / "odoo" / "odoo.conf").read_text()
        addons = re.search(r"^addons_path = (.*)$", conf, re.M)[1] + f",{self.here / 'addons'}"
        self._odoo = [self.system.run / "odoo" / "odoo", f"--addons-path={addons}"]
        # the command comes before the options in Odoo's command line
        self._run("server", "-i", "cctv_sop,cctv_recorder_bridge,cctv_bench", "--stop-after-init", "--no-http")
        self._seed()
        self._serve()
        return self

    def __exit__(self, *_unused):
        if self._server:
            self._server.terminate()
            self._server.wait(30)
        self._drop()

    def _drop(self):
        """Remove the database; autovacuum, which only a superuser may end, is waited for."""
        for attempt in range(60):
            try:
                with self._admin() as cursor:
                    cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
                return
            except psycopg2.errors.InsufficientPrivilege:
                if attempt == 59:
                    raise
                time.sleep(1)

    def connect(self, database=DATABASE):
        """Return a connection as Odoo's database role."""
        password = (self.system.run / "secrets" / "postgres-odoo").read_text().strip()
        port = self.system.ports["CCTV_PG_PORT"]
        return psycopg2.connect(host="127.0.0.1", port=port, user="odoo", password=password, dbname=database)

    @property
    def access(self):
        """Return what ``support.erp`` needs to log in here."""
        return {"url": self.url, "db": DATABASE, "users": {"admin": {"login": "admin", "password": self.password}}}

    @contextlib.contextmanager
    def _admin(self):
        connection = self.connect("postgres")
        connection.autocommit = True
        try:
            yield connection.cursor()
        finally:
            connection.close()

    def _make_database(self):
        self._drop()
        with self._admin() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'tpl\\_%' ORDER BY 1")
            found = cursor.fetchone()
            cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {found[0] if found else 'template0'}")

    def _command(self, command, *words):
        program, addons = self._odoo
        base = [program, command, addons, "-d", DATABASE, f"--db-filter=^{DATABASE}$", "--log-level=warn"]
        return as_service(*base, *words)

    def _run(self, command, *words, program=None):
        done = subprocess.run(
            self._command(command, *words), input=program, cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"odoo {command}: {done.stderr[-2000:]}")

    def run_in_shell(self, program):
        """Run a program inside Odoo's shell on the bench's database."""
        self._run("shell", "--no-http", program=program)

    def _seed(self):
        job, result = self.work / "job.json", self.work / "seed.json"
        job.touch(mode=0o644)
        told = {"erp_url": self.url, "media_root": str(self.work / "media"), "result": str(result)}
        job.write_text(json.dumps({**self._shape, **told, "admin_password": self.password}))
        self._run("shell", "--no-http", program=SHELL.format(place=str(self.here), job=str(job)))
        self.seed = json.loads(result.read_text())
        job.unlink()

    def _serve(self):
        words = [f"--http-port={self.port}", "--max-cron-threads=0"]
        log = (self.work / "odoo.log").open("w")
        self._server = subprocess.Popen(self._command("server", *words), cwd="/", stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/web/health", timeout=5).ok:
                    return
            time.sleep(0.3)
        raise RuntimeError(f"the bench's Odoo did not start, see {self.work}/odoo.log")
