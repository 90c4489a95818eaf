"""A database of its own in the running system's cluster, for what a database does not survive."""

import contextlib
import json
import os
import re
import secrets
import subprocess

from .system import ROOT

LIBRARY = """
. "$1/lib/common.sh"
for part in run postgres odoo database; do . "$SCRIPTS/lib/$part.sh"; done
load_ports
"""
LOUD = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (WARNING|ERROR|CRITICAL) ", re.M)
# made by scripts/test: the standard modules
TEMPLATE = "select datname from pg_database where datname like 'tpl\\_%' limit 1"


class Throwaway:
    """One database; commands run on it with the system's own Odoo."""

    def __init__(self, system):
        self.system = system
        self.name = f"throwaway_{secrets.token_hex(4)}"

    def library(self, code, *words):
        """Run code of ``scripts/lib`` against this system's cluster; return what it prints."""
        done = subprocess.run(
            ["bash", "-c", LIBRARY + code, "bash", str(ROOT / "scripts"), *words],
            env=self.system.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def query(self, statement):
        """Return the rows of a query as lists of texts."""
        out = self.library('pg psql -XAtd "$2" -c "$3"', self.name, statement)
        return [line.split("|") for line in out.splitlines()]

    def start(self):
        """Begin with the standard modules where the cluster keeps a template of them, else with nothing."""
        template = self.library('pg psql -XAtd postgres -c "$2"', TEMPLATE).strip()
        if template:
            self.library('copy_database "$2" "$3"', template, self.name)

    def drop(self):
        """Remove it, with its files."""
        self.library('drop_database "$2"', self.name)

    def odoo(self, *words, text=None):
        """Run Odoo's command line on it; return its log, in which nothing is louder than INFO.

        :raises AssertionError: a WARNING or worse in the log, or another exit code than 0
        """
        done = subprocess.run(
            [str(self.system.run / "odoo" / "odoo"), *words],
            cwd="/",
            input=text,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        log = done.stderr + done.stdout
        loud = [line for line in log.splitlines() if LOUD.match(line)]
        assert not loud, "\n".join(loud)
        assert done.returncode == 0, log[-3000:]
        return log

    def shell(self, code):
        """Run code in Odoo's shell and commit; return what it prints as JSON on its last line."""
        log = self.odoo(
            "shell", "-d", self.name, f"--db-filter=^{self.name}$", "--no-http", text=f"{code}\nenv.cr.commit()\n"
        )
        found = re.findall(r"^\s*TOLD (.*)$", log, re.M)
        return json.loads(found[-1]) if found else None

    def install(self, *modules):
        """Install modules."""
        self.odoo(
            "-d", self.name, f"--db-filter=^{self.name}$", "-i", ",".join(modules), "--stop-after-init", "--no-http"
        )

    def uninstall(self, *modules):
        """Uninstall modules as Apps › Uninstall does."""
        return self.odoo("module", "uninstall", "-d", self.name, *modules)


@contextlib.contextmanager
def throwaway(system):
    """Give a database that is gone afterwards."""
    database = Throwaway(system)
    try:
        database.start()
        yield database
    finally:
        if not os.environ.get("CCTV_TEST_KEEP"):
            database.drop()
