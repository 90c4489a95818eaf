from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals, pg
from ...tools.retention_rows import judge_deletions
from ...tools.rows import Refusals, Stored
from .cctv_segment import TABLE


class Segment(models.Model):
    """Deleted by its node: the row stays and says when and by which run."""

    _inherit = "cctv.segment"

    deleted_at = fields.Datetime("Deleted", compute="_compute_deletion")
    deletion_run_id = fields.Many2one("cctv.deletion.run", compute="_compute_deletion")

    @api.depends("status", "status_at", "deletion_run")
    def _compute_deletion(self):
        uuids = [uuid for uuid in self.mapped("deletion_run") if uuid]
        # sudo: which run deleted footage goes with the segment
        runs = self.env["cctv.deletion.run"].sudo().search_fetch([("uuid", "in", uuids)], ["uuid"]) if uuids else []
        by_uuid = {run.uuid: run.id for run in runs}
        for segment in self:
            segment.deleted_at = segment.status_at if segment.status == "deleted" else False
            segment.deletion_run_id = by_uuid.get(segment.deletion_run, False)

    @api.model
    def _ingest_deletions(self, recorder, table, cameras, coverage, opened):
        """Mark segments that the node deleted: recorded seconds stay, what is kept of the day falls.

        A row that is not known (yet) is asked for again, unless its month has left the index. Deleted is final.

        :param dict table: columns as on the wire
        :param opened: the call, with the longest segment stored
        :return list: a verdict per row
        """
        if not table or not table["camera_id"]:
            return []
        verdicts, rows = judge_deletions(table, cameras, self.env._, cameras.left)
        stored = self._stored(rows)
        self._answer_unknown(verdicts, [row for row in rows if row.key not in stored])
        fresh, anothers = [], Refusals(self.env._).anothers
        for row in (row for row in rows if row.key in stored):
            if stored[row.key].recorder != recorder.id:
                verdicts[row.position] = anothers
            elif stored[row.key].status != "deleted":
                fresh.append(row)
        if fresh:
            self._mark_deleted(fresh)
            touched = [stored[row.key] for row in fresh]
            self.env["cctv.legal.hold"]._note_losses(touched)
            longest = max(opened.longest, recorder.longest_segment)  # rows of this very call may be longer
            known = {**self._overlapping(coverage.islands(touched), longest), **stored}
            coverage.add_segments([], [(row, row._replace(status="deleted")) for row in touched], known)
            self.env["cctv.deletion.run"]._count_deleted(recorder, fresh, stored)
        return verdicts

    @api.model
    def _stored(self, rows):
        """:return dict: (camera id, start µs) -> Stored, of the rows' own keys"""
        if not rows:
            return {}
        self.env.cr.execute(
            SQL(
                """SELECT d.camera_id, t.start, (extract(epoch FROM d.stop) * 1000000)::bigint, d.bytes,
                          encode(d.sha256, 'hex'), d.status, d.recorder_id
                     FROM unnest(%(camera)s::int[], %(start)s::bigint[]) AS t(camera_id, start)
                     JOIN %(table)s d ON d.camera_id = t.camera_id
                      AND d.start = timestamp 'epoch' + t.start * interval '1 microsecond'
                    WHERE d.start >= %(low)s AND d.start <= %(high)s""",
                camera=pg.numbers(row.camera for row in rows),
                start=pg.numbers(row.start for row in rows),
                table=SQL.identifier(TABLE),
                low=intervals.from_us(min(row.start for row in rows)),
                high=intervals.from_us(max(row.start for row in rows)),
            )
        )
        return {(row[0], row[1]): Stored(*row) for row in self.env.cr.fetchall()}

    @api.model
    def _answer_unknown(self, verdicts, rows):
        if not rows:
            return
        present = self._months_present()
        for row in rows:
            if self._partition_name(intervals.from_us(row.start)) in present:
                verdicts[row.position] = ["retry", self.env._("This segment has not arrived yet.")]

    @api.model
    def _mark_deleted(self, rows):
        self.env.cr.execute(
            SQL(
                """UPDATE %(table)s d SET status = 'deleted', deletion_run = t.run,
                          status_at = timestamp 'epoch' + t.at * interval '1 microsecond'
                     FROM unnest(%(camera)s::int[], %(start)s::bigint[], %(at)s::bigint[], %(run)s::uuid[])
                          AS t(camera_id, start, at, run)
                    WHERE d.camera_id = t.camera_id
                      AND d.start = timestamp 'epoch' + t.start * interval '1 microsecond'
                      AND d.start >= %(low)s AND d.start <= %(high)s AND d.status != 'deleted'""",
                table=SQL.identifier(TABLE),
                camera=pg.numbers(row.camera for row in rows),
                start=pg.numbers(row.start for row in rows),
                at=pg.numbers(row.at for row in rows),
                run=pg.plain(row.run for row in rows),
                low=intervals.from_us(min(row.start for row in rows)),
                high=intervals.from_us(max(row.start for row in rows)),
            )
        )
