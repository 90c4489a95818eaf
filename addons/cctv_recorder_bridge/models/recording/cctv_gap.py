from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals, pg
from ...tools.rows import judge_gaps
from ...tools.site_time import site_time

_lt = LazyTranslate(__name__)

REASONS = [
    ("source_lost", "Camera connection lost"),
    ("auth_failed", "Camera refused the password"),
    ("not_found", "Stream not found on the camera"),
    ("refused", "Camera refused the connection"),
    ("timeout", "Camera did not answer"),
    ("engine_restart", "Recording engine restarted"),
    ("drift_reset", "Camera clock jumped"),
    ("write_error", "Could not write to disk"),
    ("disk_full", "Disk full"),
    ("config_change", "Configuration changed"),
    ("quota", "Quota reached"),
    ("missing_file", "File missing on disk"),
    ("suspended", "Camera suspended"),
    ("unknown", "Unknown"),
]
#: States of a gap that somebody still has to explain.
TO_EXPLAIN = ("open", "unexplained")
EXPLAINERS = ("cctv_sop.group_it", "cctv_sop.group_supervisor")


class Gap(models.Model):
    """A stretch of time that a camera should have recorded and did not, with the reason the node saw.

    Rows come from ``sync``; a person adds an explanation by a step. The node withdraws a gap that proved to be none (a
    late file filled it) by ending it where it began; the row stays for those who saw it, and counts nowhere.
    """

    _name = "cctv.gap"
    _description = "Recording Gap"
    _inherit = ["cctv.workflow.mixin"]
    _order = "start desc, id desc"
    _rec_name = "start"
    _open_states = ()

    camera_id = fields.Many2one("cctv.camera", required=True, ondelete="restrict", guarded=True, readonly=True)
    site_id = fields.Many2one("cctv.location", index="btree_not_null", ondelete="restrict", guarded=True, readonly=True)
    recorder_id = fields.Many2one(
        "cctv.recorder", index="btree_not_null", ondelete="restrict", guarded=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, guarded=True, readonly=True)
    start = fields.Datetime(required=True, index=True, guarded=True, readonly=True)
    stop = fields.Datetime(guarded=True, readonly=True, help="Empty while the gap lasts.")
    start_us = fields.Char("Start (µs since 1970)", compute="_compute_exact")
    stop_us = fields.Char("Stop (µs since 1970)", compute="_compute_exact")
    duration_s = fields.Float("Duration (s)", digits=(14, 3), guarded=True, readonly=True, help="Empty while it lasts.")
    reason = fields.Selection(REASONS, required=True, guarded=True, readonly=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("unexplained", "Unexplained"),
            ("explained", "Explained"),
            ("withdrawn", "Withdrawn"),
        ],
        default="open",
        required=True,
        index=True,
        readonly=True,
        copy=False,
    )
    explanation = fields.Text(guarded=True, readonly=True, copy=False)
    explained_by = fields.Many2one("res.users", guarded=True, readonly=True, copy=False, index="btree_not_null")
    explained_at = fields.Datetime(
        guarded=True, readonly=True, copy=False, help="Empty once the gap became another than the one explained."
    )
    tz = fields.Selection(related="site_id.tz", string="Site Time Zone")

    _camera_start = models.UniqueIndex("(camera_id, start)", "A camera has one gap per start.")

    @api.depends("start", "stop")
    def _compute_exact(self):
        """Exact times as decimal strings, which no client cuts to seconds."""
        for gap in self:
            gap.start_us = str(intervals.to_us(gap.start)) if gap.start else False
            gap.stop_us = str(intervals.to_us(gap.stop)) if gap.stop else False

    @api.depends("camera_id", "start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for gap in self:
            gap.display_name = f"{gap.camera_id.display_name}, {site_time(self.env, gap.start, gap.tz)}"

    @step(
        ("open", "unexplained", "explained"), ("explained", "open"), who=EXPLAINERS, note=True, label=_lt("Explain gap")
    )
    def action_explain(self, note):
        """Say why footage is missing (SOP S4: completeness). A gap that lasts stays open until the node closes it."""
        return {
            "explanation": note,
            "explained_by": self.env.uid,
            "explained_at": fields.Datetime.now(),
            "state": "explained" if self.stop else "open",
        }

    @api.model
    def _ingest(self, recorder, table, cameras, coverage, now):
        """Store a batch of gaps: new ones, ends of open ones, corrected reasons. A closed gap is not opened again.

        An explanation holds for the gap that was explained: one that grew or has another reason waits for a new one.

        :return list: a verdict per row
        """
        if not table or not table["camera_id"]:
            return []
        verdicts, rows = judge_gaps(table, cameras, self.env["cctv.segment"]._window(now), self.env._, cameras.left)
        if not rows:
            return verdicts
        stored = self._stored_stops(rows)
        kept = []
        for row in rows:
            known, old_stop = row.key in stored, stored.get(row.key)
            before = known and old_stop != row.start
            stop = old_stop if row.stop is None and before else row.stop
            after = stop != row.start
            coverage.add_gap(row.camera, row.start, old_stop, stop, after - before)
            if known or after:
                kept.append(row._replace(stop=stop))
        if kept:
            self._upsert(recorder, cameras, kept)
        return verdicts

    @api.model
    def _stored_stops(self, rows):
        self.env.cr.execute(
            """SELECT g.camera_id, t.start, (extract(epoch FROM g.stop) * 1000000)::bigint
                 FROM unnest(%s::int[], %s::bigint[]) AS t(camera_id, start)
                 JOIN cctv_gap g ON g.camera_id = t.camera_id
                  AND g.start = timestamp 'epoch' + t.start * interval '1 microsecond'""",
            [pg.numbers(row.camera for row in rows), pg.numbers(row.start for row in rows)],
        )
        return {(camera, start): stop for camera, start, stop in self.env.cr.fetchall()}

    @api.model
    def _upsert(self, recorder, cameras, rows):
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_gap AS g (camera_id, site_id, company_id, recorder_id, start, stop,
                duration_s, reason,
                          state, create_uid, create_date, write_uid, write_date)
                   SELECT camera_id, site_id, company_id, %(recorder)s,
                          timestamp 'epoch' + start * interval '1 microsecond',
                          timestamp 'epoch' + stop * interval '1 microsecond', (stop - start) / 1e6, reason,
                          CASE WHEN stop IS NULL THEN 'open' WHEN stop = start THEN 'withdrawn' ELSE 'unexplained' END,
                          %(uid)s, now() AT TIME ZONE 'utc', %(uid)s, now() AT TIME ZONE 'utc'
                     FROM unnest(%(camera)s::int[], %(site)s::int[], %(company)s::int[], %(start)s::bigint[],
                                 %(stop)s::bigint[], %(reason)s::text[])
                          AS t(camera_id, site_id, company_id, start, stop, reason)
                   ON CONFLICT (camera_id, start) DO UPDATE SET
                          stop = EXCLUDED.stop, reason = EXCLUDED.reason, duration_s = EXCLUDED.duration_s,
                          state = CASE WHEN EXCLUDED.state != 'unexplained' THEN EXCLUDED.state
                                       WHEN g.explained_at IS NULL OR g.reason != EXCLUDED.reason
                                         OR EXCLUDED.stop > g.stop THEN 'unexplained'
                                       ELSE 'explained' END,
                          explained_at = CASE WHEN g.reason != EXCLUDED.reason OR EXCLUDED.stop > g.stop THEN NULL
                                              ELSE g.explained_at END,
                          write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
                    WHERE g.reason != EXCLUDED.reason OR g.stop IS DISTINCT FROM EXCLUDED.stop""",
                recorder=recorder.id,
                uid=self.env.uid,
                camera=pg.numbers(row.camera for row in rows),
                site=pg.numbers(cameras[row.camera]["site_id"] for row in rows),
                company=pg.numbers(cameras[row.camera]["company_id"] for row in rows),
                start=pg.numbers(row.start for row in rows),
                stop=pg.numbers(row.stop for row in rows),
                reason=pg.plain(row.reason for row in rows),
            )
        )
        self.invalidate_model()
