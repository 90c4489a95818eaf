from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import pg
from ..recording.cctv_recorder_config import RECORDED
from ..recording.cctv_segment import TABLE


class Camera(models.Model):
    """What a camera's earlier recorders told of it stays, also when no recorder has it now."""

    _inherit = "cctv.camera"

    # in use; the recorder that it had was taken from it, or retired
    unrecorded = fields.Boolean("In Use without a Recorder", compute="_compute_unrecorded")

    @api.depends("state", "recorder_id", "recording_since")
    def _compute_unrecorded(self):
        for camera in self:
            camera.unrecorded = bool(camera.state in RECORDED and not camera.recorder_id and camera.recording_since)

    def _measured(self):
        """:return: those that a recorder of ours speaks for, or of which earlier days are known"""
        spoken = self.filtered(lambda camera: camera.recorder_id or camera.recording_state != "not_recorded")
        if not (rest := self - spoken):
            return self
        # sudo: whether a camera was recorded is no secret to who sees it
        days = self.env["cctv.coverage"].sudo()._read_group([("camera_id", "in", rest.ids)], ["camera_id"])
        known = {camera.id for (camera,) in days}
        return self.filtered(lambda camera: camera in spoken or camera.id in known)

    def _newest_stops(self):
        """:return dict: camera id -> end of its newest segment, whichever recorder told of it; no key without one"""
        if not self.ids:
            return {}
        # by SQL: who reads the camera may know when it was recorded
        self.env.cr.execute(
            SQL(
                """SELECT t.id, s.stop
                     FROM unnest(%(cameras)s::int[]) AS t(id),
                  LATERAL (SELECT max(day) AS day FROM cctv_coverage
                            WHERE camera_id = t.id AND recorded_seconds > 0) AS f,
                  LATERAL (SELECT stop FROM %(table)s
                            WHERE camera_id = t.id AND start >= f.day - 1 AND start < f.day + 2 AND sha256 IS NOT NULL
                            ORDER BY start DESC LIMIT 1) AS s""",
                cameras=pg.numbers(self.ids),
                table=SQL.identifier(TABLE),
            )
        )
        return dict(self.env.cr.fetchall())
