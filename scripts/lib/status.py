#!/usr/bin/python3
"""Ask each process of a running system whether it works; exit 0 only when all do.

    status.py --run DIR [--json] [--only NAME]

A process counts as `running` when its keeper holds it and it answers: PostgreSQL a query, Odoo its health page and its
login page (which needs the database), the engine its Control API, the gate a connection, the recorder its health page,
the cameras their own status. Odoo has to have watched over the recorders of late as well.
"""

import argparse
import base64
import configparser
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import keep

HOST = "127.0.0.1"
SECONDS = 10
STANDSTILL = timedelta(minutes=5)  # the watch over recorders runs each minute
WATCHED = """
select to_char(coalesce(lastcall, create_date), 'YYYY-MM-DD HH24:MI:SS"+00:00"') from ir_cron where active and id = (
    select res_id from ir_model_data where module = 'cctv_recorder_bridge' and name = 'cron_watch')
"""


class Unhealthy(Exception):
    """The process does not answer as it should; the text says how."""


def fetch(url, login=None):
    """Return the body of a loopback address; raise Unhealthy with the reason otherwise."""
    request = urllib.request.Request(url)  # noqa: S310 - made here, always http and loopback
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Unhealthy(f"{url} answers {error.code}: {error.read(300).decode(errors='replace').strip()}") from None
    except OSError as error:
        raise Unhealthy(f"{url}: {getattr(error, 'reason', error)}") from None


def _long_ago(moment):
    return datetime.now(timezone.utc) - datetime.fromisoformat(moment) > STANDSTILL


class System:
    """One run folder: its ports, its secrets, its processes."""

    def __init__(self, run):
        self.run = Path(run)
        lines = (self.run / "env").read_text(encoding="utf-8").splitlines()
        self.port = {name: int(value) for name, _, value in (line.partition("=") for line in lines if "_PORT=" in line)}

    def url(self, name, scheme="http"):
        """Return the address that a port setting stands for."""
        return f"{scheme}://{HOST}:{self.port[name]}"

    def secret(self, *parts):
        """Return the content of a file of secrets; raise Unhealthy where it is missing."""
        try:
            return self.run.joinpath(*parts).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise Unhealthy(f"{self.run.joinpath(*parts)} is missing: scripts/run makes it") from None

    def query(self, database, statement):
        """Return what a query as Odoo's role answers, as text."""
        environment = {**os.environ, "PGPASSWORD": self.secret("secrets", "postgres-odoo"), "PGCONNECT_TIMEOUT": "5"}
        place = ["-h", HOST, "-p", str(self.port["CCTV_PG_PORT"]), "-U", "odoo", "-d", database]
        done = subprocess.run(
            ["psql", "-XAtq", *place, "-c", statement],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise Unhealthy(done.stderr.strip() or "no answer to a query")
        return done.stdout.strip()

    def postgres(self):
        """A query as Odoo's role."""
        self.query("postgres", "select 1")

    def odoo(self):
        """Its health page with the database server, a page that needs the database, then its scheduled work."""
        if b"pass" not in fetch(self.url("CCTV_ODOO_PORT") + "/web/health?db_server_status=1"):
            raise Unhealthy("its health page does not say pass")
        fetch(self.url("CCTV_ODOO_PORT") + "/web/login")
        self.scheduled_work()

    def scheduled_work(self):
        """The watch over recorders ran of late, in an Odoo that was up long enough to do so."""
        settings = configparser.RawConfigParser()
        settings.read_string(self.secret("odoo", "odoo.conf"))
        up_since = keep.State(self.run, "odoo").read().get("since")
        if settings.getint("options", "max_cron_threads") == 0 or not up_since or not _long_ago(up_since):
            return
        watched = self.query(settings.get("options", "db_name"), WATCHED)
        if watched and _long_ago(watched):
            raise Unhealthy(f"its scheduled work stands still since {watched}: scripts/stop odoo, then scripts/run")

    def engine(self):
        """Its Control API, which shows camera passwords and hence asks for the node's own."""
        fetch(
            self.url("CCTV_ENGINE_API_PORT") + "/v3/config/global/get", "node:" + self.secret("recorder", "node.secret")
        )

    def gate(self):
        """Its Control API's port: it would ask the recorder before it tells more."""
        try:
            socket.create_connection((HOST, self.port["CCTV_GATE_API_PORT"]), SECONDS).close()
        except OSError as error:
            raise Unhealthy(f"{self.url('CCTV_GATE_API_PORT')}: {error}") from None

    def recorder(self):
        """Its health page: an answer other than 200 names what is wrong."""
        fetch(self.url("CCTV_RECORDER_PORT") + "/health")

    def cameras(self):
        """Their own status, which tells a camera that should drop out from one that is broken."""
        script = Path(__file__).parents[1] / "cameras"
        environment = {**os.environ, "CCTV_RUN": str(self.run), "CCTV_CAMERA_PORT": str(self.port["CCTV_CAMERA_PORT"])}
        done = subprocess.run(
            [script, "status", "--json"], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        if done.returncode:
            raise Unhealthy((done.stderr or done.stdout).strip()[-300:] or "not all cameras play")

    def services(self):
        """Return name -> (address, probe)."""
        return {
            "postgres": (self.url("CCTV_PG_PORT", "postgresql"), self.postgres),
            "odoo": (self.url("CCTV_ODOO_PORT"), self.odoo),
            "mediamtx-engine": (self.url("CCTV_ENGINE_API_PORT"), self.engine),
            "mediamtx-gate": (self.url("CCTV_GATE_API_PORT"), self.gate),
            "recorder": (self.url("CCTV_RECORDER_PORT"), self.recorder),
            "cameras": (self.url("CCTV_CAMERA_PORT", "rtsp"), self.cameras),
        }


def look(run, name, url, probe):
    """Return {pid, state, since, url, restarts, detail}: running, unhealthy, waiting (for a restart) or stopped."""
    state = keep.State(run, name)
    row = state.read()
    result = {
        "pid": row.get("pid"),
        "state": "stopped",
        "since": row.get("since"),
        "url": url,
        "restarts": row.get("restarts", 0),
        "detail": "",
    }
    if not state.kept():
        return {**result, "pid": None}
    if row.get("state") != "running":
        return {**result, "state": row.get("state"), "detail": f"last end: {row.get('exit')}"}
    try:
        probe()
    except Unhealthy as error:
        return {**result, "state": "unhealthy", "detail": str(error)}
    except subprocess.TimeoutExpired as error:
        return {**result, "state": "unhealthy", "detail": f"no answer in {error.timeout} s"}
    return {**result, "state": "running"}


def show(services):
    """Print a table for people."""
    for name, row in services.items():
        head = f"{name:16} {row['state']:10} {row['pid'] or '-':>8}  {row['since'] or '-':25}"
        print(f"{head}  {row['url']}  {row['detail']}".rstrip())


def main():
    """Probe side by side and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    try:
        wanted = {
            name: found
            for name, found in System(options.run).services().items()
            if not options.only or name in options.only
        }
    except FileNotFoundError:
        print(json.dumps({"services": {}}) if options.json else "Nothing was started here yet: scripts/run starts it.")
        return 1
    except PermissionError as error:
        print(f"{error.filename} belongs to another user: run this as the one who ran scripts/run", file=sys.stderr)
        return 1
    if unknown := set(options.only) - set(wanted):
        known = ", ".join(System(options.run).services())
        print(f"There is no process {', '.join(sorted(unknown))}. Known: {known}", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(len(wanted) or 1) as pool:
        found = pool.map(lambda item: look(options.run, item[0], *item[1]), wanted.items())
        services = dict(zip(wanted, found, strict=True))
    if options.json:
        print(json.dumps({"services": services}, indent=1))
    else:
        show(services)
    return 0 if all(row["state"] == "running" for row in services.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
