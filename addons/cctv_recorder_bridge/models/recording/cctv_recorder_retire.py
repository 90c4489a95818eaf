from odoo import models
from odoo.exceptions import UserError

from .cctv_recorder_config import RECORDED

NAMED = 10  # cameras named in one sentence


class Recorder(models.Model):
    """A recorder is retired only when nobody counts on it any more."""

    _inherit = "cctv.recorder"

    def _step_refusal(self, step):
        refusal = super()._step_refusal(step)
        if not refusal and step.name == "action_retire" and (cameras := self._recorded_cameras()):
            return UserError(self._still_records_text(cameras))
        return refusal

    def _recorded_cameras(self):
        # sudo: whether a node is still needed must not depend on the caller's right to read its cameras
        return self.sudo().camera_ids.filtered(lambda camera: camera.state in RECORDED)

    def _still_records_text(self, cameras):
        codes = ", ".join(camera.code.upper() for camera in cameras[:NAMED])
        if more := len(cameras[NAMED:]):
            codes = self.env._("%(cameras)s and %(count)s more", cameras=codes, count=more)
        return self.env._(
            "%(recorder)s still records %(cameras)s. Move these cameras to another recorder with “Move Cameras”, or "
            "suspend or decommission them first.",
            recorder=self.sudo().name,
            cameras=codes,
        )
