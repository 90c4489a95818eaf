from odoo import api, fields, models

from ...tools import intervals


class HoldAck(models.Model):
    """What one node answered to one hold: asked for, stored by it, ended."""

    _name = "cctv.hold.ack"
    _description = "Hold at a Recorder"
    _order = "hold_id, recorder_id"
    _rec_name = "recorder_id"
    _log_access = False

    hold_id = fields.Many2one("cctv.legal.hold", required=True, readonly=True, ondelete="restrict")
    recorder_id = fields.Many2one("cctv.recorder", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    tz = fields.Selection(related="recorder_id.site_id.tz", string="Site Time Zone")
    version = fields.Float("Version Stored", readonly=True, aggregator=None)
    asked_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    acked_at = fields.Datetime("Stored by the Recorder", readonly=True)
    kept = fields.Integer("Segments When Stored", readonly=True)
    gone = fields.Integer("Segments Gone Before", readonly=True)
    kept_bytes = fields.Float("Size When Stored (bytes)", digits=(20, 0), readonly=True)
    gone_rows = fields.Json(readonly=True)
    gone_words = fields.Text("Which Were Gone", compute="_compute_gone_words")
    state = fields.Selection(
        [
            ("requested", "Asked for"),
            ("active", "Held"),
            ("grace", "Released, Still Held"),
            ("released", "Ended"),
            ("retired", "Recorder retired"),
        ],
        compute="_compute_state",
    )

    _hold_recorder = models.UniqueIndex("(hold_id, recorder_id)", "A recorder answers once to a hold.")

    @api.depends("recorder_id.display_name")
    def _compute_display_name(self):
        for ack in self:
            # sudo: who may know what a recorder answered may know which one it was, not the rest of it
            ack.display_name = ack.sudo().recorder_id.display_name

    @api.depends(
        "version",
        "hold_id.wire_version",
        "hold_id.reach_version",
        "hold_id.ended_at",
        "hold_id.state",
        "recorder_id.state",
    )
    def _compute_state(self):
        for ack in self:
            if ack.hold_id.ended_at:
                ack.state = "released"
            # sudo: as its name
            elif ack.sudo().recorder_id.state == "retired":
                ack.state = "retired"
            elif not ack._is_current():
                ack.state = "requested"
            else:
                ack.state = "grace" if ack.hold_id.state == "released" else "active"

    @api.depends("gone_rows")
    @api.depends_context("lang")
    def _compute_gone_words(self):
        for ack in self:
            ack.gone_words = "\n".join(ack._gone_lines())

    def _gone_lines(self):
        """:return list: a line a camera: how many of the named segments were gone, from when to when (UTC)"""
        spans = {}
        for camera, start in self.gone_rows or ():
            spans.setdefault(camera, []).append(int(start))
        cameras = self.env["cctv.camera"].browse(spans).exists()
        return [
            self.env._(
                "%(camera)s: %(count)s segments, %(first)s to %(last)s UTC",
                camera=camera.display_name,
                count=len(spans[camera.id]),
                first=intervals.from_us(min(spans[camera.id])).strftime("%Y-%m-%d %H:%M:%S"),
                last=intervals.from_us(max(spans[camera.id])).strftime("%Y-%m-%d %H:%M:%S"),
            )
            for camera in cameras
        ]

    def _is_current(self):
        hold = self.hold_id
        return bool(self.acked_at) and self.version >= (hold.reach_version or hold.wire_version)

    @api.model
    def _expect(self, holds):
        """Open a row for each node that records, or recorded, a camera of these holds."""
        holds.flush_recordset()
        self.env["cctv.camera"].flush_model(["recorder_id"])
        self.env.cr.execute(
            """INSERT INTO cctv_hold_ack (hold_id, recorder_id, company_id, version, kept, gone, kept_bytes, asked_at)
               SELECT DISTINCT r.hold_id, n.recorder_id, h.company_id, 0, 0, 0, 0, now() AT TIME ZONE 'utc'
                 FROM cctv_legal_hold_camera_rel r JOIN cctv_legal_hold h ON h.id = r.hold_id
                 JOIN (SELECT id AS camera_id, recorder_id FROM cctv_camera WHERE recorder_id IS NOT NULL
                       UNION SELECT camera_id, recorder_id FROM cctv_recorder_stay) AS n ON n.camera_id = r.camera_id
                 JOIN cctv_recorder d ON d.id = n.recorder_id AND d.state != 'retired'
                WHERE r.hold_id = ANY(%s) ON CONFLICT (hold_id, recorder_id) DO NOTHING""",
            [holds.ids],
        )
        self.invalidate_model()
        holds.invalidate_recordset(["ack_ids"])
