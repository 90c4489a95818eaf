from odoo import models
from odoo.exceptions import UserError

from .cctv_recorder_config import RECORDED

NAMED = 10  # cameras named in one sentence


class Recorder(models.Model):
    """A recorder is retired only when nobody counts on it any more."""

    _inherit = "cctv.recorder"

    def _check_before(self, step):
        super()._check_before(step)
        cameras = self.camera_ids.filtered(lambda camera: camera.state in RECORDED)
        if step.name == "action_retire" and cameras:
            raise UserError(self._still_records_text(cameras))

    def _step_advice(self, step):
        if step.name != "action_retire" or not self.last_sync:
            return super()._step_advice(step)
        # sudo: how many holds need its disk is no secret to who retires it
        acks = self.env["cctv.hold.ack"].sudo().search([("recorder_id", "=", self.id)])
        if not (count := len(acks.filtered(lambda ack: not ack.hold_id.ended_at))):
            return self.env._(
                "Better leave it running without cameras until the retention of its footage is over: a retired "
                "recorder deletes nothing any more."
            )
        return self.env._(
            "Keep its disk: %s legal holds need footage on it. A retired recorder deletes nothing any more.", count
        )

    def _still_records_text(self, cameras):
        codes = ", ".join(camera.code.upper() for camera in cameras[:NAMED])
        if more := len(cameras[NAMED:]):
            codes = self.env._("%(cameras)s and %(count)s more", cameras=codes, count=more)
        return self.env._(
            "%(recorder)s still records %(cameras)s. Move these cameras to another recorder with “Move Cameras”, or "
            "suspend or decommission them first.",
            recorder=self.name,
            cameras=codes,
        )
