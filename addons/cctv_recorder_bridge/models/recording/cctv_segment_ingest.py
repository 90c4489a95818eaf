from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import intervals, pg, segment_copy
from ...tools.rows import Refusals, Stored, judge_segments
from .cctv_segment import MAX_SEGMENT, TABLE

MICROSECOND = timedelta(microseconds=1)
MAX_US = MAX_SEGMENT // MICROSECOND
EARLIEST_DAYS = 400
DAY_US = 86_400 * intervals.SECOND


class Segment(models.Model):
    _inherit = "cctv.segment"

    @api.model
    def _ingest(self, recorder, table, cameras, coverage, opened):
        """Store a batch of segments and tell the rollup what it adds. Queries do not depend on the number of rows.

        :param dict table: columns as on the wire
        :param dict cameras: the node's cameras by id
        :param coverage: the collector of ``cctv.coverage``
        :param opened: the call, with its time and the longest segment stored
        :return list: a verdict per row
        """
        if not table or not table["camera_id"]:
            return []
        verdicts, rows = judge_segments(
            table, cameras, self._window(intervals.to_us(opened.at)), MAX_US, self.env._, cameras.left
        )
        if not rows:
            return verdicts
        known = self._overlapping(coverage.islands(rows), opened.longest)
        fresh, changed = ([], []) if known else (rows, [])
        for row in rows if known else ():
            stored = known.get(row.key)
            if stored is None:
                fresh.append(row)
            elif wrong := self._contradiction(stored, row, recorder):
                verdicts[row.position] = wrong
            elif stored.may_become(row):
                changed.append((stored, row))
        if fresh:
            days = {row.start // DAY_US for row in fresh}
            self._ensure_months({self._month_of(intervals.from_us(day * DAY_US)) for day in days}, opened.months)
            self._insert(recorder, fresh)
            self._note_longest(recorder, fresh)
        if changed:
            self._change_status([row for _stored, row in changed])
            self.env["cctv.legal.hold"]._note_losses(row for stored, row in changed if stored.kept and not row.kept)
            if gone := [row.camera for stored, row in changed if stored.kept and row.status == "deleted"]:
                recorder._note_unallowed(len(gone), (), self.env["cctv.camera"].browse(set(gone)))
        coverage.add_segments(fresh, changed, known)
        return verdicts

    @api.model
    def _contradiction(self, stored, row, recorder):
        """:return list: the verdict on a row that is not the stored file, or that would change another recorder's"""
        if not stored.agrees(row):
            return ["conflict", self.env._("Another file of the same camera and start is stored.")]
        if stored.recorder != recorder.id and stored.may_become(row):
            return Refusals(self.env._).anothers
        return None

    @api.model
    def _window(self, now):
        """Row times accepted: a configured number of days back (default 400) to one day ahead."""
        days = self.env["cctv.recorder"]._int_parameter("earliest_days", EARLIEST_DAYS)
        return now - days * DAY_US, now + DAY_US

    @api.model
    def _overlapping(self, islands, longest):
        """Return stored segments that reach into the given islands of time; one that only touches changes nothing.

        LATERAL with OFFSET keeps the planner on the (camera, start) index whatever it thinks of the table's size.

        :param list islands: (camera id, start µs, stop µs)
        :param int longest: seconds; no stored segment is longer
        :return dict: (camera id, start µs) -> Stored
        """
        camera, first, last = zip(*islands, strict=True)
        self.env.cr.execute(
            SQL(
                """SELECT s.camera_id, (extract(epoch FROM s.start) * 1000000)::bigint,
                          (extract(epoch FROM s.stop) * 1000000)::bigint, s.bytes, encode(s.sha256, 'hex'), s.status,
                          s.recorder_id
                     FROM (SELECT camera_id, timestamp 'epoch' + first * interval '1 microsecond' AS first,
                                  timestamp 'epoch' + last * interval '1 microsecond' AS last
                             FROM unnest(%(camera)s::int[], %(first)s::bigint[], %(last)s::bigint[])
                                  AS t(camera_id, first, last)) AS i,
                  LATERAL (SELECT * FROM %(table)s d
                            WHERE d.camera_id = i.camera_id
                              AND d.start > i.first - %(longest)s * interval '1 microsecond' AND d.start < i.last
                              AND d.start > %(low)s AND d.start < %(high)s AND d.stop > i.first
                           OFFSET 0) AS s""",
                camera=pg.numbers(camera),
                first=pg.numbers(first),
                last=pg.numbers(last),
                table=SQL.identifier(TABLE),
                longest=longest * intervals.SECOND,
                low=intervals.from_us(min(first) - longest * intervals.SECOND),
                high=intervals.from_us(max(last)),
            )
        )
        return {(row[0], row[1]): Stored(*row) for row in self.env.cr.fetchall()}

    @api.model
    def _note_longest(self, recorder, rows):
        """Keep the length of the longest segment stored; the call holds the row's lock already."""
        seconds = -(-max(row.stop - row.start for row in rows) // intervals.SECOND)
        if seconds > recorder.longest_segment:
            self.env.cr.execute("UPDATE cctv_recorder SET longest_segment = %s WHERE id = %s", [seconds, recorder.id])
            recorder.invalidate_recordset(["longest_segment"])

    @api.model
    def _insert(self, recorder, rows):
        self.env.cr.copy_expert(
            f"COPY {TABLE} ({', '.join(segment_copy.COLUMNS)}) FROM STDIN (FORMAT binary)",
            segment_copy.packed(rows, recorder.id),
        )

    @api.model
    def _change_status(self, rows):
        self.env.cr.execute(
            SQL(
                """UPDATE %(table)s d SET status = t.status, status_at = clock_timestamp() AT TIME ZONE 'utc',
                          bytes = CASE WHEN d.sha256 IS NULL THEN t.bytes ELSE d.bytes END,
                          sha256 = coalesce(d.sha256, decode(t.sha256, 'hex'))
                     FROM (SELECT camera_id, timestamp 'epoch' + start * interval '1 microsecond' AS start,
                     bytes, sha256, status
                             FROM unnest(%(camera)s::int[], %(start)s::bigint[], %(bytes)s::bigint[], %(sha)s::text[],
                                         %(status)s::text[]) AS u(camera_id, start, bytes, sha256, status)) AS t
                    WHERE d.camera_id = t.camera_id AND d.start = t.start
                      AND d.start >= %(low)s AND d.start <= %(high)s""",
                table=SQL.identifier(TABLE),
                camera=pg.numbers(row.camera for row in rows),
                start=pg.numbers(row.start for row in rows),
                bytes=pg.numbers(row.bytes for row in rows),
                sha=pg.plain(row.sha256 for row in rows),
                status=pg.plain(row.status for row in rows),
                low=intervals.from_us(min(row.start for row in rows)),
                high=intervals.from_us(max(row.start for row in rows)),
            )
        )
