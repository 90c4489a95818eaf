from math import floor

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import intervals, pg, rollup
from .cctv_segment import MAX_SEGMENT

STATUSES_KEPT = ("ok", "recovered", "damaged")


class Coverage(models.Model):
    """What was recorded of one camera on one day of its site. Screens and lists read this, never the segments.

    Written by ingest alone. ``recorded_seconds``, ``bytes`` and ``segments`` never fall; ``kept_seconds``
    and ``kept_bytes`` fall as footage leaves.
    """

    _name = "cctv.coverage"
    _description = "Recording Coverage of a Day"
    _order = "day desc, camera_id"
    _rec_name = "day"
    _log_access = False

    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True, ondelete="restrict")
    site_id = fields.Many2one("cctv.location", readonly=True, index="btree_not_null", ondelete="restrict")
    recorder_id = fields.Many2one("cctv.recorder", readonly=True, index="btree_not_null", ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    day = fields.Date(required=True, readonly=True, index=True)
    recorded_seconds = fields.Float("Recorded (s)", digits=(14, 3), readonly=True)
    kept_seconds = fields.Float("Kept (s)", digits=(14, 3), readonly=True)
    bytes = fields.Float("Size (bytes)", digits=(20, 0), readonly=True)
    kept_bytes = fields.Float("Size Kept (bytes)", digits=(20, 0), readonly=True)
    segments = fields.Integer(readonly=True)
    # on each day that it touches: a sum over days would count one gap again and again
    gaps = fields.Integer(readonly=True, aggregator=None)
    gap_seconds = fields.Float("Gaps (s)", digits=(14, 3), readonly=True)
    expected_seconds = fields.Float("Expected (s)", digits=(14, 3), compute="_compute_percent")
    percent = fields.Float("Recorded (%)", digits=(6, 2), compute="_compute_percent", aggregator=None)
    tz = fields.Selection(related="site_id.tz", string="Site Time Zone")

    _camera_day = models.UniqueIndex("(camera_id, day)", "One row per camera and day.")

    def init(self):
        # rows of before deletion existed: all of it is kept
        self.env.cr.execute("UPDATE cctv_coverage SET kept_bytes = bytes WHERE kept_bytes IS NULL")

    @api.depends("day", "tz", "recorded_seconds")
    def _compute_percent(self):
        """Of the part of the day that has passed; on a camera's first day, since its first sign of life."""
        now = intervals.to_us(fields.Datetime.now())
        moments = self._moments(self.camera_id.ids)
        for row in self:
            start, stop = intervals.day_bounds(row.day, row.tz or "UTC")
            first, last = moments.get(row.camera_id.id, (None, None))
            start = min(max(start, first or start), stop)
            stop = min(stop, now, last or now)
            row.expected_seconds = max(stop - start, 0) / intervals.SECOND
            row.percent = min(100.0, 100 * row.recorded_seconds / row.expected_seconds) if row.expected_seconds else 0.0

    @api.model
    def _first_moments(self, camera_ids):
        """:return dict: camera id -> µs of its first segment or gap, as far back as coverage goes"""
        return {camera: first for camera, (first, _last) in self._moments(camera_ids).items() if first is not None}

    @api.model
    def _moments(self, camera_ids):
        """What bounds the time that is expected of each camera.

        :return dict: camera id -> (µs of its first segment or gap, as far back as coverage goes; µs of the end of its
            last segment while it records, for the open one is no loss), None where there is none
        """
        self.env.cr.execute(
            """SELECT t.id, (extract(epoch FROM least(
                          (SELECT min(start) FROM cctv_segment_data
                            WHERE camera_id = t.id AND start >= f.day - 1 AND start < f.day + 2),
                          (SELECT min(start) FROM cctv_gap WHERE camera_id = t.id))) * 1000000)::bigint,
                      (extract(epoch FROM (SELECT last_stop FROM cctv_camera_health
                                            WHERE camera_id = t.id AND state = 'recording'
                                              AND last_stop > %s)) * 1000000)::bigint
                 FROM unnest(%s::int[]) AS t(id),
              LATERAL (SELECT min(day) AS day FROM cctv_coverage WHERE camera_id = t.id) AS f""",
            [fields.Datetime.now() - MAX_SEGMENT, pg.numbers(camera_ids)],
        )
        return {camera: (first, last) for camera, first, last in self.env.cr.fetchall()}

    @api.depends("camera_id", "percent")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{(row.camera_id.code or '').upper()} {self._percent_told(row.percent)} %"

    @api.model
    def _percent_told(self, percent):
        """:return str: as the screens tell it: cut and never rounded up, so that only all of a day is 100"""
        digits = 2 if percent > 99 else 1
        cut = floor(percent * 10**digits + 1e-6) / 10**digits
        point = self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or "."
        return f"{cut:g}".replace(".", point)

    def action_view_segments(self):
        return self._open_day("cctv.segment", self.env._("Segments"), "list,form")

    def action_view_gaps(self):
        return self._open_day("cctv.gap", self.env._("Gaps"), "list,form")

    def _open_day(self, model, name, view_mode):
        """Records of this camera that touch this site day."""
        self.ensure_one()
        first, last = (intervals.from_us(us) for us in intervals.day_bounds(self.day, self.tz or "UTC"))
        first, last = fields.Datetime.to_string(first), fields.Datetime.to_string(last)
        bounds = [("start", "<", last), ("stop", ">", first)]
        if model == "cctv.gap":  # as the figure counts them
            bounds = [("start", "<", last), "|", ("start", ">=", first), ("counted_until", ">", first)]
            bounds.append(("state", "!=", "withdrawn"))
        return {
            "type": "ir.actions.act_window",
            "name": f"{name}: {self.camera_id.display_name}, {self.day}",
            "res_model": model,
            "view_mode": view_mode,
            "domain": [("camera_id", "=", self.camera_id.id), *bounds],
        }

    @api.model
    def _recount_gaps(self):
        """Count the gaps of every day anew, from the gaps themselves."""
        self.env.cr.execute(
            """UPDATE cctv_coverage c
                  SET gaps = (SELECT count(*) FROM cctv_gap g
                               WHERE g.camera_id = c.camera_id AND g.state != 'withdrawn' AND g.start < d.last
                                 AND (g.start >= d.first OR g.counted_until > d.first))
                 FROM (SELECT o.id, o.day::timestamp AT TIME ZONE coalesce(s.tz, 'UTC') AT TIME ZONE 'UTC' AS first,
                              (o.day + 1)::timestamp AT TIME ZONE coalesce(s.tz, 'UTC') AT TIME ZONE 'UTC' AS last
                         FROM cctv_coverage o LEFT JOIN cctv_location s ON s.id = o.site_id) AS d
                WHERE d.id = c.id"""
        )
        self.invalidate_model(["gaps"])

    @api.model
    def _collector(self, cameras):
        return _Store(self, cameras)

    @api.model
    def _upsert(self, recorder, cameras, days):
        """Add figures to the rows of (camera, day), creating them where missing."""
        keys = sorted(days)
        figures = zip(*(days[key].values() for key in keys), strict=True)
        column = dict(zip(rollup.FIGURES, map(pg.numbers, figures), strict=True))
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_coverage AS c
                          (camera_id, day, site_id, company_id, recorder_id,
                           recorded_seconds, kept_seconds, bytes, kept_bytes, segments, gaps, gap_seconds)
                   SELECT camera_id, day, site_id, company_id, %(recorder)s,
                          recorded / 1e6, kept / 1e6, bytes, kept_bytes, segments, gaps, gap / 1e6
                     FROM unnest(%(camera)s::int[], %(day)s::date[], %(site)s::int[], %(company)s::int[],
                                 %(recorded)s::bigint[], %(kept)s::bigint[], %(bytes)s::numeric[],
                                 %(kept_bytes)s::numeric[], %(segments)s::int[], %(gaps)s::int[], %(gap)s::bigint[])
                          AS t(camera_id, day, site_id, company_id, recorded, kept, bytes, kept_bytes, segments, gaps,
                               gap)
                   ON CONFLICT (camera_id, day) DO UPDATE SET
                          recorder_id = EXCLUDED.recorder_id,
                          recorded_seconds = round((c.recorded_seconds + EXCLUDED.recorded_seconds)::numeric, 6),
                          kept_seconds = greatest(round((c.kept_seconds + EXCLUDED.kept_seconds)::numeric, 6), 0),
                          bytes = c.bytes + EXCLUDED.bytes,
                          kept_bytes = greatest(c.kept_bytes + EXCLUDED.kept_bytes, 0),
                          segments = c.segments + EXCLUDED.segments,
                          gaps = c.gaps + EXCLUDED.gaps,
                          gap_seconds = greatest(round((c.gap_seconds + EXCLUDED.gap_seconds)::numeric, 6), 0)""",
                recorder=recorder.id,
                camera=pg.numbers(camera for camera, _day in keys),
                day=pg.plain(day.isoformat() for _camera, day in keys),
                site=pg.numbers(cameras[camera]["site_id"] for camera, _day in keys),
                company=pg.numbers(cameras[camera]["company_id"] for camera, _day in keys),
                **column,
            )
        )
        self.invalidate_model()


class _Store(rollup.Collector):
    """The collector of one sync, bound to the table."""

    def __init__(self, model, cameras):
        super().__init__({camera: values["tz"] for camera, values in cameras.items()})
        self._model, self._cameras = model, cameras

    def store(self, recorder):
        if self.days:
            self._model._upsert(recorder, self._cameras, self.days)
