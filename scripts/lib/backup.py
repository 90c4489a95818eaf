#!/usr/bin/python3
"""Keep a system's data in a folder, and look at such a folder.

    backup.py make    --run DIR --database NAME --port N --bin DIR [--no-rows] [--json] FOLDER
    backup.py verify  [--database-major N] [--json] FOLDER
    backup.py compare --run DIR --database NAME --port N --bin DIR FOLDER
    backup.py epoch   FILE

FOLDER/manifest.json names each part with its size and SHA-256, the versions, and the segment rows of the ERP by camera
and UTC day with their count and digest. The index is copied before the database: each row that the index calls
delivered is then in the database. `compare` says whether a database holds the rows that the manifest tells; `epoch`
begins a new life of an index file of any schema, for one that is put back by hand.
Only the standard library is used, as any python3 of the system must do.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

MANIFEST = "manifest.json"
KIND = "cctv-suite"
FORMAT = 1
DUMP = "database.dump"
FILES = "filestore.tar"
CHUNK = 1 << 20
END = "-- end of answer --"
# Of the run folder, what makes the system this one. The cluster's own passwords are made anew with a new cluster.
KEPT = ("env", "odoo/odoo.conf", "odoo/{database}.addons", "odoo/{database}.sample", "cameras/cameras.json")
CLUSTER = "postgres-"
# As the recorder's own backup counts its rows: start_us stop_us bytes sha256 status, in order of start.
ROWS = """
SELECT c.path, to_char(s.start, 'YYYY-MM-DD'), count(*),
       encode(sha256(convert_to(string_agg(
           (extract(epoch FROM s.start) * 1000000)::bigint || ' ' || (extract(epoch FROM s.stop) * 1000000)::bigint
           || ' ' || s.bytes || ' ' || coalesce(encode(s.sha256, 'hex'), '') || ' ' || s.status || chr(10),
           '' ORDER BY s.start), 'UTF8')), 'hex')
  FROM cctv_segment_data s JOIN cctv_camera c ON c.id = s.camera_id
 GROUP BY 1, 2 ORDER BY 1, 2
"""


class Refused(Exception):
    """It cannot be done; the text says why and what to do."""


def say(text):
    """Tell progress."""
    print(f"    {text}", file=sys.stderr, flush=True)


def size(count):
    """Return bytes for people."""
    return f"{count / 1e6:,.1f} MB"


class Session:
    """One psql that stays, so that several questions are about the same moment."""

    def __init__(self, cluster, database):
        self.process = subprocess.Popen(
            [cluster.program("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database],
            env=cluster.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, sql):
        """Return the rows of one statement, each a list of texts."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{sql};\n\\echo {END}\n")
            self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            if line.rstrip("\n") == END:
                return rows
            rows.append(line.rstrip("\n").split("\t"))
        raise Refused(f"PostgreSQL: {self.process.stderr.read().strip()}")

    def close(self):
        """End it."""
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()


class Cluster:
    """The system's PostgreSQL, spoken to as Odoo's role."""

    def __init__(self, run, port, programs):
        self.programs = Path(programs)
        password = Path(run, "secrets", "postgres-odoo").read_text(encoding="utf-8").strip()
        self.environment = {
            **os.environ,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "odoo",
            "PGPASSWORD": password,
            "PGCONNECT_TIMEOUT": "5",
        }

    def program(self, name):
        """Return the path of a client program."""
        return str(self.programs / name)

    @contextlib.contextmanager
    def session(self, database):
        """Yield a session in one snapshot."""
        session = Session(self, database)
        try:
            session.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield session
        finally:
            session.close()

    def dump(self, database, snapshot, target):
        """Write the whole database as it is in that snapshot."""
        run_program(
            [self.program("pg_dump"), "-Fc", "-Z", "3", "--no-owner", f"--snapshot={snapshot}", "-f", target, database],
            self.environment,
        )


def run_program(command, environment=None, good=(0,)):
    """Run a program; raise Refused with its words when it fails."""
    done = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise Refused(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-600:]}")
    return done


def describe(file):
    """Return size and SHA-256 of one part."""
    total = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            total.update(chunk)
    return {"bytes": file.stat().st_size, "sha256": total.hexdigest()}


def segment_rows(session):
    """Return the ERP's segment rows in figures: path, then day, then [count, digest]."""
    found = {}
    for path, day, count, digest in session.ask(ROWS):
        found.setdefault(path, {})[day] = [int(count), digest]
    return found


class Maker:
    """Makes one backup."""

    def __init__(self, options):
        self.options = options
        self.run, self.target = Path(options.run), Path(options.folder)
        self.cluster = Cluster(options.run, options.port, options.bin)
        self.manifest = {"kind": KIND, "format": FORMAT, "made": now()}

    def make(self):
        """Write all parts, then the manifest; return it."""
        if any(self.target.iterdir()):
            raise Refused(f"{self.target} is not empty and nothing in it is replaced: name a new folder")
        self._step("recorder: index, settings, keys", self._recorder)
        with self.cluster.session(self.options.database) as session:
            self._step("database", lambda: self._database(session))
            if not self.options.no_rows:
                self._step("segment rows counted", lambda: self._rows(session))
            self._step("filestore", lambda: self._filestore(session))
        self._step("settings and logins", self._system)
        self._step("checked", self._describe)
        write_private(self.target / MANIFEST, json.dumps(self.manifest, indent=1) + "\n")
        return self.manifest

    def _step(self, label, work):
        begun = time.monotonic()
        told = work()
        say(f"{label}{f': {told}' if told else ''} ({time.monotonic() - begun:.0f} s)")

    def _recorder(self):
        command = self.options.recorder or self.run / "recorder" / "recorder"
        done = run_program([command, "backup", self.target / "recorder", "--json"])
        kept = json.loads(done.stdout)
        return f"{sum(int(day[0]) for days in kept['segments'].values() for day in days.values())} rows"

    def _database(self, session):
        ((snapshot,),) = session.ask("SELECT pg_export_snapshot()")
        self.cluster.dump(self.options.database, snapshot, self.target / DUMP)
        ((identity,),) = session.ask("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")
        ((server, bytes_),) = session.ask(
            "SELECT current_setting('server_version'), pg_database_size(current_database())"
        )
        modules = session.ask(
            "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed' AND name ~ '^(base$|cctv_)'"
        )
        self.manifest["database"] = {"name": self.options.database, "uuid": identity, "bytes": int(bytes_)}
        self.manifest["versions"] = {"postgres": server.split()[0], "modules": dict(modules)}
        return f"{size(int(bytes_))} in {size((self.target / DUMP).stat().st_size)}"

    def _rows(self, session):
        self.manifest["segments"] = segment_rows(session)
        return f"{sum(day[0] for days in self.manifest['segments'].values() for day in days.values())}"

    def _filestore(self, session):
        """After the database: a file that a row of the dump names was there before the dump began."""
        place = self.run / "odoo" / "data" / "filestore"
        named = {row[0] for row in session.ask("SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname > ''")}
        (place / self.options.database).mkdir(parents=True, exist_ok=True)
        # 1: a file changed or went while it was read
        run_program(["tar", "-C", place, "-cf", self.target / FILES, self.options.database], good=(0, 1))
        with tarfile.open(self.target / FILES) as archive:
            there = {name.partition("/")[2] for name in archive.getnames()}
        missing = sorted(named - there)
        if missing:
            say(f"WARNING: {len(missing)} attachments have no file in Odoo's filestore, such as {missing[0]}")
        self.manifest["attachments_without_file"] = missing[:100]
        return size((self.target / FILES).stat().st_size)

    def _system(self):
        names = [name.format(database=self.options.database) for name in KEPT]
        secrets = (path for path in (self.run / "secrets").iterdir() if not path.name.startswith(CLUSTER))
        names += [f"secrets/{path.name}" for path in secrets if path.is_file()]
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                write_private(self.target / "system" / name, (self.run / name).read_bytes())

    def _describe(self):
        self.manifest["parts"] = {
            str(path.relative_to(self.target)): describe(path)
            for path in sorted(self.target.rglob("*"))
            if path.is_file()
        }
        return f"{len(self.manifest['parts'])} parts, {size(sum(p['bytes'] for p in self.manifest['parts'].values()))}"


def write_private(file, content):
    """Write a file that only its owner reads."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content if isinstance(content, bytes) else content.encode())
        target.flush()
        os.fsync(target.fileno())


def now():
    """Return the time as ISO 8601 text in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def read_manifest(folder):
    """Return the manifest of a folder that `make` has made."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(f"{folder} holds no {MANIFEST}: name a folder that scripts/backup has finished") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{folder / MANIFEST} cannot be read: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise Refused(f"{folder} is no backup of a whole system (of a recorder alone: recorder restore)")
    if manifest["format"] > FORMAT:
        raise Refused(f"{folder} was made by a newer version: restore it with that one")
    return manifest


def verify(folder, major=None):
    """Compare each part with the manifest; return it.

    :param major: PostgreSQL's major version here, which must not be older than the dump's
    """
    manifest = read_manifest(folder)
    made_by = int(re.match(r"\d+", manifest["versions"]["postgres"])[0])
    if major and made_by > major:
        raise Refused(f"the dump was made by PostgreSQL {made_by}, installed is {major}: install {made_by} or newer")
    for name, told in manifest["parts"].items():
        part = folder / name
        if not part.is_file():
            raise Refused(f"{part} is missing: the backup is incomplete, take another one")
        if describe(part) != told:
            raise Refused(f"{part} is not what was kept (size or SHA-256 differ): take another backup")
    return manifest


def compare(options):
    """Refuse a database whose segment rows are not the manifest's; return the number of rows."""
    told = read_manifest(Path(options.folder)).get("segments")
    if told is None:
        return None
    with Cluster(options.run, options.port, options.bin).session(options.database) as session:
        found = segment_rows(session)
    differing = sorted(path for path in told.keys() | found.keys() if told.get(path) != found.get(path))
    if differing:
        raise Refused(f"the restored database holds other segment rows than the backup: {', '.join(differing)}")
    return sum(day[0] for days in found.values() for day in days.values())


def new_epoch(file):
    """Begin a new epoch of an index that no service has open: its sequence numbers start anew."""
    with contextlib.closing(sqlite3.connect(file)) as index, index:
        index.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (str(uuid.uuid4()),))
        index.execute("DELETE FROM meta WHERE key = 'seq'")


def summary(folder, manifest):
    """Return what programs want to know; nothing secret is in a manifest."""
    return {"folder": str(folder), **manifest}


def parse():
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("epoch").add_argument("folder", type=Path, metavar="FILE")
    for name in ("make", "verify", "compare"):
        action = actions.add_parser(name)
        action.add_argument("folder", type=Path)
        action.add_argument("--json", action="store_true")
        if name == "verify":
            action.add_argument("--database-major", type=int)
            continue
        for option in ("--run", "--database", "--port", "--bin"):
            action.add_argument(option, required=True)
        if name == "make":
            action.add_argument("--no-rows", action="store_true")
            action.add_argument("--recorder", help="the recorder's command line, where it is not the system's own")
    return parser.parse_args()


def main():
    """Do it; one line says why not."""
    os.umask(0o077)
    options = parse()
    if options.action == "epoch":
        return new_epoch(options.folder)
    try:
        if options.action == "compare":
            rows = compare(options)
            say("rows were not counted when it was made" if rows is None else f"{rows} segment rows as in the backup")
            return 0
        manifest = Maker(options).make() if options.action == "make" else verify(options.folder, options.database_major)
    except Refused as error:
        print(f"    {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"    {error.filename or options.folder}: {error.strerror}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(summary(options.folder, manifest)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
