from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop.site_time import site_time
from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals, pg
from ...tools.rows import Refusals, judge_gaps

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
    ("moved", "Recorder changed"),
    ("unknown", "Unknown"),
]
SUSPENDED = "suspended"
#: Gaps that somebody still has to explain.
TO_EXPLAIN = ["|", ("state", "=", "unexplained"), "&", ("state", "=", "open"), ("explained_at", "=", False)]
COUNT_EVERY = timedelta(minutes=1)
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
    counted_until = fields.Datetime(
        guarded=True, readonly=True, help="Until when the days' figures count it: its end, or what its node last told."
    )
    duration_s = fields.Float(
        "Duration (s)", digits=(14, 3), guarded=True, readonly=True, help="So far, while it lasts."
    )
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

    _camera_start = models.UniqueIndex("(camera_id, start) WHERE stay_id IS NULL", "A camera has one gap per start.")
    _open_idx = models.Index("(recorder_id) WHERE stop IS NULL")

    def init(self):
        # rows of before counted_until: each was counted on the day of its start alone
        self.env.cr.execute("UPDATE cctv_gap SET counted_until = coalesce(stop, start) WHERE counted_until IS NULL")
        if self.env.cr.rowcount:
            self.env["cctv.coverage"]._recount_gaps()

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
        stored = self._stored_ends(rows)
        kept, anothers = [], Refusals(self.env._).anothers
        for row in rows:
            old_stop, before, owner = stored.get(row.key, (None, None, None))
            if owner not in (None, recorder.id):
                verdicts[row.position] = anothers
                continue
            before = None if old_stop == row.start else before
            stop = old_stop if row.stop is None and before is not None else row.stop
            # an open one counts as far as it did: :meth:`_count_open` carries it on
            until = (row.start if before is None else before) if stop is None else stop
            after = None if stop == row.start else until
            coverage.add_gap(row.camera, row.start, before, after)
            if row.key in stored or after is not None:
                kept.append((row._replace(stop=stop), until))
        if kept:
            self._upsert(recorder, cameras, kept)
            self._told(row for row, _until in kept if row.reason == SUSPENDED)._explain_suspended()
        return verdicts

    @api.model
    def _told(self, rows):
        """:return: the gaps of these rows"""
        keys = [
            Domain("camera_id", "=", row.camera) & Domain("start", "=", intervals.from_us(row.start)) for row in rows
        ]
        return self.search(Domain.OR(keys) & Domain("stay_id", "=", False)) if keys else self.browse()

    @api.model
    def _count_open(self, recorder, coverage, now):
        """Once a minute, while the node calls: a gap that lasts counts until now, on every day that it touches.

        While the node is silent nobody knows whether the camera records again, and nothing is counted.

        :param now: µs
        """
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_gap g SET counted_until = %(now)s,
                          duration_s = round(extract(epoch FROM %(now)s - g.start), 6)
                     FROM (SELECT o.id, o.counted_until FROM cctv_gap o JOIN cctv_camera c ON c.id = o.camera_id
                            WHERE o.recorder_id = %(recorder)s AND o.stop IS NULL AND c.recorder_id = o.recorder_id
                              AND o.counted_until <= %(now)s - %(every)s) AS old
                    WHERE g.id = old.id
                RETURNING g.camera_id, (extract(epoch FROM g.start) * 1000000)::bigint,
                          (extract(epoch FROM old.counted_until) * 1000000)::bigint""",
                now=intervals.from_us(now),
                recorder=recorder.id,
                every=COUNT_EVERY,
            )
        )
        grown = self.env.cr.fetchall()
        for camera, start, before in grown:
            coverage.add_gap(camera, start, before, now)
        if grown:
            self.invalidate_model(["counted_until", "duration_s"])

    @api.model
    def _stored_ends(self, rows):
        """:return dict: (camera id, start µs) -> (stop, until when it is counted, µs; recorder that told it)"""
        self.env.cr.execute(
            """SELECT g.camera_id, t.start, (extract(epoch FROM g.stop) * 1000000)::bigint,
                      (extract(epoch FROM g.counted_until) * 1000000)::bigint, g.recorder_id
                 FROM unnest(%s::int[], %s::bigint[]) AS t(camera_id, start)
                 JOIN cctv_gap g ON g.camera_id = t.camera_id AND g.stay_id IS NULL
                  AND g.start = timestamp 'epoch' + t.start * interval '1 microsecond'""",
            [pg.numbers(row.camera for row in rows), pg.numbers(row.start for row in rows)],
        )
        return {(camera, start): known for camera, start, *known in self.env.cr.fetchall()}

    @api.model
    def _upsert(self, recorder, cameras, counted):
        """:param list counted: pairs (row, until when it counts, µs)"""
        rows = [row for row, _until in counted]
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_gap AS g (camera_id, site_id, company_id, recorder_id, start, stop,
                counted_until, duration_s, reason,
                          state, create_uid, create_date, write_uid, write_date)
                   SELECT camera_id, site_id, company_id, %(recorder)s,
                          timestamp 'epoch' + start * interval '1 microsecond',
                          timestamp 'epoch' + stop * interval '1 microsecond',
                          timestamp 'epoch' + until * interval '1 microsecond', (until - start) / 1e6, reason,
                          CASE WHEN stop IS NULL THEN 'open' WHEN stop = start THEN 'withdrawn' ELSE 'unexplained' END,
                          %(uid)s, now() AT TIME ZONE 'utc', %(uid)s, now() AT TIME ZONE 'utc'
                     FROM unnest(%(camera)s::int[], %(site)s::int[], %(company)s::int[], %(start)s::bigint[],
                                 %(stop)s::bigint[], %(until)s::bigint[], %(reason)s::text[])
                          AS t(camera_id, site_id, company_id, start, stop, until, reason)
                   ON CONFLICT (camera_id, start) WHERE stay_id IS NULL DO UPDATE SET
                          stop = EXCLUDED.stop, reason = EXCLUDED.reason, duration_s = EXCLUDED.duration_s,
                          counted_until = EXCLUDED.counted_until,
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
                until=pg.numbers(until for _row, until in counted),
                reason=pg.plain(row.reason for row in rows),
            )
        )
        self.invalidate_model()
