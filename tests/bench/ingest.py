"""Rows a second: ``sync`` over XML-RPC, against COPY with the same rollup and against ORM ``create``."""

import base64
import gzip
import io
import json
import random
import secrets
import time
import tomllib
import uuid
import xmlrpc.client
from datetime import UTC, datetime

from .report import median

US = 10**6
MINUTE = 60 * US
SIZES = (50, 500, 5000)
GOALS = {500: (0.30, 3), 5000: (0.35, 4)}
TWIN = """
CREATE TABLE bench_copy (LIKE cctv_segment_data INCLUDING DEFAULTS) PARTITION BY RANGE (start);
CREATE UNIQUE INDEX ON bench_copy (camera_id, start) INCLUDE (stop, bytes, status);
CREATE UNIQUE INDEX ON bench_copy (id, start);
CREATE INDEX ON bench_copy (start, id);
CREATE TABLE bench_copy_all PARTITION OF bench_copy DEFAULT;
CREATE TABLE bench_bare (LIKE cctv_segment_data INCLUDING DEFAULTS);
CREATE TABLE bench_coverage (
    camera_id int, day date, recorded float8, bytes float8, segments int, UNIQUE (camera_id, day)
);
"""
ROLLUP = """
INSERT INTO bench_coverage AS c
SELECT camera_id, (start AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Jakarta')::date,
       sum(extract(epoch FROM stop - start)), sum(bytes), count(*)
  FROM bench_copy WHERE start >= %s AND start <= %s AND camera_id = ANY(%s) GROUP BY 1, 2
ON CONFLICT (camera_id, day) DO UPDATE SET recorded = c.recorded + excluded.recorded,
       bytes = c.bytes + excluded.bytes, segments = c.segments + excluded.segments
"""
COPIED = "camera_id, recorder_id, start, stop, bytes, sha256, run, number, status, test"


class Rows:
    """Draws rows that no call has used before: a minute of each camera in turn."""

    def __init__(self, cameras):
        self.cameras = cameras
        self.minute = {}
        self.begin = time.time_ns() // 1000 - 300 * 86400 * US

    def draw(self, count, way):
        """Return ``count`` rows for one way of storing them."""
        rows = []
        while len(rows) < count:
            minute = self.minute.setdefault(way, 0)
            self.minute[way] += 1
            rows += [self._row(camera, minute) for camera in self.cameras[: count - len(rows)]]
        return rows

    def _row(self, camera, minute):
        start = self.begin + minute * MINUTE + camera % 1000
        fixed = {"run": "ab" * 16, "number": minute, "status": "ok", "test": 0, "bytes": 15_000_000 + minute}
        return {"camera_id": camera, "start": start, "stop": start + MINUTE, "sha256": secrets.token_hex(32), **fixed}


class Ways:
    """The four ways, each ``(rows) -> seconds``; making the rows' text is not counted for any of them."""

    def __init__(self, ground):
        settings = tomllib.loads(ground.seed["settings"])["odoo"]
        self.node, self.node_id, self.db = ground.seed["node"], ground.seed["node_id"], settings["db"]
        self.epoch, self.seq, self.etag, self.key = str(uuid.uuid4()), 0, "", settings["key"]
        common = xmlrpc.client.ServerProxy(f"{ground.url}/xmlrpc/2/common")
        self.bot = common.authenticate(self.db, settings["login"], self.key, {})
        self.admin = common.authenticate(self.db, "admin", ground.password, {})
        self.password = ground.password
        # as the recorder service does
        database = [("X-Odoo-Database", self.db)]
        self.models = xmlrpc.client.ServerProxy(f"{ground.url}/xmlrpc/2/object", headers=database)
        self.connection = ground.connect()
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(TWIN)

    def sync(self, rows):
        """The real call, rollup included."""
        text = self._payload(rows)
        begun = time.perf_counter()
        answer = self.models.execute_kw(self.db, self.bot, self.key, "cctv.recorder", "sync", [text])
        spent = time.perf_counter() - begun
        reply = json.loads(gzip.decompress(base64.b64decode(answer)))
        # a node keeps its configuration; it is sent again only when it has changed
        self.etag = (reply["config"] or {"etag": self.etag})["etag"]
        verdicts = reply["segments"]
        assert verdicts == ["ok"] * len(rows), verdicts[:3]
        return spent

    def orm(self, rows):
        """``create`` with a list of dicts on the twin model, over XML-RPC too."""
        dicts = [
            {**row, "recorder_id": self.node_id, "start": _text(row["start"]), "stop": _text(row["stop"])}
            for row in rows
        ]
        for row in dicts:
            row["bytes"], row["test"] = float(row["bytes"]), bool(row["test"])
        begun = time.perf_counter()
        self.models.execute_kw(self.db, self.admin, self.password, "cctv.bench.segment", "create", [dicts])
        return time.perf_counter() - begun

    def copy(self, rows):
        """COPY into a twin with the same indexes, then the same rollup, one transaction."""
        return self._copy(rows, "bench_copy", rollup=True)

    def bare(self, rows):
        """COPY into a table without any index."""
        return self._copy(rows, "bench_bare", rollup=False)

    def _copy(self, rows, table, rollup):
        text = io.StringIO("".join(self._line(row) for row in rows))
        begun = time.perf_counter()
        with self.connection, self.connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({COPIED}) FROM STDIN", text)
            if rollup:
                first, last = _text(rows[0]["start"] - US), _text(rows[-1]["start"] + US)
                cursor.execute(ROLLUP, (first, last, sorted({row["camera_id"] for row in rows})))
        return time.perf_counter() - begun

    def _line(self, row):
        values = (row["camera_id"], self.node_id, _text(row["start"]), _text(row["stop"]), row["bytes"])
        values += ("\\\\x" + row["sha256"], row["run"], row["number"], row["status"], "f")
        return "\t".join(map(str, values)) + "\n"

    def _payload(self, rows):
        self.seq += 1
        columns = {
            name: [row[name] for row in rows] for name in ("camera_id", "sha256", "run", "number", "status", "test")
        }
        columns |= {f"{name}_us": [str(row[name]) for row in rows] for name in ("start", "stop")}
        columns["bytes"] = [str(row["bytes"]) for row in rows]
        gaps = {name: [] for name in ("camera_id", "start_us", "stop_us", "reason")}
        head = {
            "schema": 1,
            "node": self.node,
            "epoch": self.epoch,
            "seq": str(self.seq),
            "sent_us": "0",
            "etag": self.etag,
        }
        payload = {**head, "heartbeat": {}, "segments": columns, "gaps": gaps, "events": [], "jobs": []}
        return base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()


def _text(us):
    return datetime.fromtimestamp(us // US, UTC).strftime("%Y-%m-%d %H:%M:%S")


def measure(ground, report, rounds, seed):
    """Shuffle the ways in each round; the first round is not counted, and small calls get more rounds."""
    ways, rows, draw = Ways(ground), Rows(ground.seed["cameras"]), random.Random(seed)
    for size in SIZES:
        spent = {name: [] for name in ("sync", "copy", "orm", "bare")}
        for number in range((rounds if size > 1000 else 4 * rounds) + 1):
            order = draw.sample(sorted(spent), len(spent))
            for name in order:
                seconds = getattr(ways, name)(rows.draw(size, name))
                if number:
                    spent[name].append(seconds)
        _report(report, size, spent)


def _report(report, size, spent):
    rate = {name: size / median(seconds) for name, seconds in spent.items()}
    copy_goal, orm_goal = GOALS.get(size, (None, None))
    for baseline, word, goal in (
        ("copy", "COPY and rollup", copy_goal),
        ("orm", "ORM create", orm_goal),
        ("bare", "bare COPY", None),
    ):
        ratio = rate["sync"] / rate[baseline]
        report.add(
            f"ingest of {size} rows over XML-RPC against {word}",
            rate["sync"],
            "rows/s",
            baseline=rate[baseline],
            goal=f">= {goal}" if goal else "",
            met=ratio >= goal if goal else None,
            raw=[spent["sync"], spent[baseline]],
        )
