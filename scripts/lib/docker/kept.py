#!/usr/bin/python3
"""Keep the rows that a backup has to bring back, and compare what is there after a restore with them, row by row.

kept.py keep|compare FILE -- COMPOSE...

COMPOSE is how the suite's containers are called. Told are, with exit code 1: a row of FILE that is gone or another one;
of lists that only grow, a row at or before their end then that FILE has not; a table without rows, which would prove
nothing.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

FILESTORE = "/srv/cctv/data/filestore/cctv"
INDEX = "/srv/cctv/recorder/index.sqlite"
PSQL = ("psql", "-h", "/var/run/postgresql", "-U", "postgres", "-XAtqd", "cctv", "-c")
#: Of Odoo's database: the table's key; what is compared, if not all; which rows, if not all. Only what later work
#: leaves as it is.
OF_ODOO = {
    "cctv_segment_data": ("camera_id, start", "*", "true"),
    "cctv_custody_entry": ("company_id, seq", "*", "true"),
    "cctv_workflow_log": ("id", "*", "true"),
    "cctv_legal_hold": ("uuid", "*", "true"),
    "cctv_legal_hold_camera_rel": ("hold_id, camera_id", "*", "true"),
    "cctv_hold_ack": ("hold_id, recorder_id", "hold_id, recorder_id, version", "true"),
    "cctv_gap": ("camera_id, start", "id, camera_id, recorder_id, start, stop, reason", "stop IS NOT NULL"),
    "cctv_camera": ("id", "id, code, path, state, recorder_id, location_id, retention_days", "true"),
    "cctv_camera_source": ("id", "id, camera_id, kind, url, md5(secret_password) AS password", "true"),
    "res_users": ("id", "id, login, md5(password) AS password, active", "true"),
    "ir_attachment": (
        "id",
        "id, name, res_model, res_id, res_field, checksum, store_fname, file_size",
        "coalesce(url, '') NOT LIKE '/web/assets/%'",  # bundles are made anew as browsers ask for them
    ),
    "ir_config_parameter": ("key", "key, value", "key = 'database.uuid'"),
}
#: Of the recorder's index, likewise. Its epoch is a new one after a restore.
OF_INDEX = {
    "segment": (
        "path, start_us",
        "id, camera_id, path, start_us, stop_us, bytes, sha256, run, number, status, test, file, first_seen_us, purge",
        "true",
    ),
    "gap": ("camera_id, start_us", "camera_id, start_us, stop_us, reason", "stop_us IS NOT NULL"),
    "hold": ("hold", "hold, version, from_us, to_us", "true"),
    "hold_camera": ("camera_id, hold", "*", "true"),
    "custody_anchor": ("company_id, seq, hash", "*", "true"),
    "cutoff": ("camera_id", "*", "true"),
    "meta": ("key", "*", "key = 'node'"),
}
#: Lists that are only written at their end, and what tells it.
GROWING = {"cctv_segment_data": "id", "cctv_custody_entry": "seq", "cctv_workflow_log": "id", "segment": "id"}
READ_INDEX = """
import json, sqlite3, sys
index = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=20)
index.row_factory = sqlite3.Row
for table, sql in json.loads(sys.argv[2]).items():
    for row in index.execute(sql):
        print(json.dumps([table, {name: v.hex() if isinstance(v, bytes) else v for name, v in dict(row).items()}]))
"""


def select(table, what):
    """Return a statement for what is compared of a table."""
    _key, columns, rows = what[table]
    return f"SELECT {columns} FROM {table} WHERE {rows}"  # noqa: S608 - the names are ours


def keyed(lines):
    """Return ``{table: {key: row}}`` of lines ``[table, row]``.

    :raises ValueError: two rows have one key
    """
    found = {table: {} for table in (*OF_ODOO, *OF_INDEX)}
    found["file"] = {}
    for table, row in map(json.loads, lines):
        names = {**OF_ODOO, **OF_INDEX}.get(table, ("store_fname",))[0].split(", ")
        key = json.dumps([row[name] for name in names])
        if key in found[table]:
            raise ValueError(f"{table}: {key} is there twice")
        found[table][key] = row
    return found


def differences(before, after):
    """Yield one sentence for each row that a restore has not brought back as it was, or has brought of nowhere."""
    for table, rows in before.items():
        if not rows:
            yield f"{table}: there were no rows to compare"
        for key, row in rows.items():
            there = after[table].get(key)
            if there is None:
                yield f"{table}: {key} is gone"
            elif there != row:
                yield f"{table}: {key} is another one in {', '.join(n for n in row if row[n] != there.get(n))}"
        yield from _of_nowhere(table, rows, after[table])


def _of_nowhere(table, before, after):
    if before and (counter := GROWING.get(table)):
        end = max(row[counter] for row in before.values())
        for key in after.keys() - before.keys():
            if after[key][counter] <= end:
                yield f"{table}: {key} was not there"


class Suite:
    """The containers."""

    def __init__(self, compose):
        self.compose = compose

    def said(self, *words):
        """Return the lines that a command there prints."""
        command = [*self.compose, "exec", "-T", *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.replace("\r", "").splitlines()

    def lines(self):
        """Yield ``[table, row]`` of everything that is compared, as JSON."""
        for table in OF_ODOO:
            sql = f"SELECT json_build_array('{table}', to_json(t)) FROM ({select(table, OF_ODOO)}) t"  # noqa: S608 - ours
            yield from self.said("db", *PSQL, sql)
        statements = json.dumps({table: select(table, OF_INDEX) for table in OF_INDEX})
        yield from self.said("recorder", "python3", "-Ic", READ_INDEX, INDEX, statements)
        yield from self.files()

    def files(self):
        """Yield each file of Odoo's filestore with its hash."""
        for line in self.said("odoo", "sh", "-c", f"cd {FILESTORE} && find . -type f -exec sha256sum {{}} +"):
            digest, name = line.split("  ./", 1)
            if not name.startswith("checklist/"):
                yield json.dumps(["file", {"store_fname": name, "sha256": digest}])


def main():
    """Keep or compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("keep", "compare"))
    parser.add_argument("file", type=Path)
    parser.add_argument("compose", nargs="+")
    options = parser.parse_args()
    lines = list(Suite(options.compose).lines())
    if options.action == "keep":
        options.file.write_text("\n".join(lines), encoding="utf-8")
        return 0
    before = keyed(options.file.read_text(encoding="utf-8").splitlines())
    found = list(differences(before, keyed(lines)))
    counts = ", ".join(f"{table} {len(rows)}" for table, rows in before.items())
    print("\n".join(found) or f"as before: {counts}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
