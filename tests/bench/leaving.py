"""Runs inside ``odoo shell``: months that leave the index by the model's method, and by DELETE and VACUUM."""

import json
import random
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tools import SQL

from odoo.addons.cctv_recorder_bridge.models.recording.cctv_segment_leave import _HELD

HELD_MINUTES = 120
# months that no node sends rows of any more
AGE_MONTHS = 16
FILL = """
INSERT INTO %s (camera_id, recorder_id, start, stop, bytes, sha256, run, number, status, test)
SELECT m.camera_id, %s, m.start, m.stop, 15000000, sha256(m.start::text::bytea),
       '00000000-0000-0000-0000-000000000001', 1, CASE WHEN %s THEN 'ok' ELSE 'deleted' END, false
  FROM (SELECT c AS camera_id, t AS start, t + interval '1 minute' AS stop
          FROM generate_series(%s::timestamp, %s::timestamp - interval '1 minute', interval '1 minute') AS t,
               LATERAL unnest(%s) AS c ORDER BY t, c) AS m
"""


class Months:
    """Two months for each round, with the same number of rows and of holds."""

    def __init__(self, env, job):
        self.env, self._job, self._draw = env, job, random.Random(job["seed"])
        self._model = env["cctv.segment"]
        today = fields.Datetime.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self._first = today - relativedelta(months=AGE_MONTHS)
        self._made = 0

    def fill(self):
        """Make the next month.

        :return tuple: its partition's name and its first day
        """
        first = self._first - relativedelta(months=self._made)
        self._made += 1
        last = first + timedelta(minutes=self._job["rows"] // len(self._job["cameras"]))
        self._model._ensure_months([first])
        self._hold(first, last)
        name = self._model._partition_name(first)
        place, cameras = SQL.identifier(name), self._job["cameras"]
        self.env.cr.execute(SQL(FILL, place, self._job["node_id"], _HELD, first, last, cameras))
        self.env.cr.commit()
        self._vacuum(name)
        return name, first

    def _hold(self, first, last):
        minutes = int((last - first).total_seconds() // 60) - HELD_MINUTES
        values = []
        for number in range(self._job["holds"]):
            start = first + timedelta(minutes=self._draw.randrange(minutes))
            stop = start + timedelta(minutes=HELD_MINUTES)
            camera = self._draw.choice(self._job["cameras"])
            window = {"start": start, "stop": stop, "camera_ids": [(6, 0, [camera])]}
            values.append({**window, "reason": "bench", "case_ref": f"bench {number}"})
        self.env["cctv.legal.hold"].create(values)
        self.env.flush_all()

    def leave(self, name, first):
        """Let it leave as the cron does."""
        self._model._leave_month(name, first)
        self.env.cr.commit()

    def delete(self, name, _first):
        """Take the same rows out of it one by one, and give their room back."""
        self.env.cr.execute(SQL("DELETE FROM %s m WHERE NOT %s", SQL.identifier(name), _HELD))
        self.env.cr.commit()
        self._vacuum(name)

    def _vacuum(self, name):
        with closing(db_connect(self.env.cr.dbname).cursor()) as cursor:
            cursor._cnx.autocommit = True
            cursor.execute(SQL("VACUUM %s", SQL.identifier(name)))

    def rows_left(self, name):
        """Return how many rows a month has."""
        return self.env.execute_query(SQL("SELECT count(*) FROM %s", SQL.identifier(name)))[0][0]


def run(env, job_file):
    """Measure ``job["rounds"]`` rounds of both ways, in an order drawn for each.

    :param str job_file: JSON {cameras, node_id, rows, holds, rounds, seed, result}
    """
    job = json.loads(Path(job_file).read_text())
    months, draw = Months(env, job), random.Random(job["seed"])
    ways = {"leave": months.leave, "delete": months.delete}
    found = {way: {"seconds": [], "wal": [], "left": []} for way in ways}
    for _number in range(job["rounds"]):
        for way in draw.sample(sorted(ways), len(ways)):
            name, first = months.fill()
            seconds, wal = _measured(env, ways[way], name, first)
            found[way]["seconds"].append(seconds)
            found[way]["wal"].append(wal)
            found[way]["left"].append(months.rows_left(name))
    Path(job["result"]).write_text(json.dumps(found))


def _measured(env, work, name, first):
    """Return seconds and bytes of write-ahead log."""
    before, begun = _wal(env), time.perf_counter()
    work(name, first)
    spent = time.perf_counter() - begun
    return spent, _wal(env) - before


def _wal(env):
    (position,) = env.execute_query(SQL("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))[0]
    env.cr.commit()
    return int(position)
