"""Segment rows of an index and of Odoo's database, read by outsiders' tools, in one form that can be compared."""

import hashlib
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime

SQL = """SELECT c.path, (extract(epoch FROM s.start) * 1000000)::bigint, (extract(epoch FROM s.stop) * 1000000)::bigint,
                s.bytes, encode(s.sha256, 'hex'), s.status
           FROM cctv_segment_data s JOIN cctv_camera c ON c.id = s.camera_id
           JOIN cctv_recorder r ON r.id = s.recorder_id"""


def of_index(file, up_to_id=None, state="%"):
    """Return ``(path, start_us, stop_us, bytes, sha256, status)`` of each row of an index, also while it is in use.

    :param up_to_id: leave out what came later
    :param state: ``synced``: only what the ERP has acknowledged
    """
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as index:
        return set(
            index.execute(
                "SELECT path, start_us, stop_us, bytes, lower(hex(sha256)), status FROM segment"
                " WHERE id <= ? AND state LIKE ?",
                (up_to_id or 2**62, state),
            )
        )


def newest_id(file):
    """Return the highest row id of an index."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as index:
        return index.execute("SELECT max(id) FROM segment").fetchone()[0]


def meta(file):
    """Return what an index says of itself."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as index:
        return dict(index.execute("SELECT key, value FROM meta"))


def of_database(system):
    """Return the same of Odoo's database, for the system's own node: others may have told it of footage too."""
    node = meta(system.run / "recorder" / "index.sqlite")["node"]
    found = psql(system, f"{SQL} WHERE r.node = '{node}'")
    return {(path, int(a), int(b), int(size), digest, status) for path, a, b, size, digest, status in found}


def psql(system, sql):
    """Ask a system's PostgreSQL; return rows of texts."""
    password = (system.run / "secrets" / "postgres-odoo").read_text().strip()
    command = ["psql", "-XAtq", "-F", "\t", "-h", "127.0.0.1", "-p", str(system.ports["CCTV_PG_PORT"]), "-U", "odoo"]
    done = subprocess.run(
        [*command, "-d", system.access["db"], "-c", sql],
        env={"PGPASSWORD": password, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


def digests(rows):
    """Return count and SHA-256 by camera path and UTC day, as a backup's manifest tells them."""
    found = {}
    for row in sorted(rows):
        day = datetime.fromtimestamp(row[1] // 10**6, UTC).strftime("%Y-%m-%d")
        found.setdefault(row[0], {}).setdefault(day, []).append(" ".join(map(str, row[1:])) + "\n")
    return {
        path: {day: [len(lines), hashlib.sha256("".join(lines).encode()).hexdigest()] for day, lines in days.items()}
        for path, days in found.items()
    }
