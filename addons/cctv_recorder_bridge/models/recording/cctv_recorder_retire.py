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
