from odoo import api, models
from odoo.exceptions import ValidationError

from ..recording.cctv_recorder_config import RECORDED


class Camera(models.Model):
    """A camera is put into use only where it can be recorded; one that hangs already may keep its own recording."""

    _inherit = "cctv.camera"

    @api.constrains("recorder_id")
    def _check_recorder_gets_stream(self):
        self.filtered("recorder_id")._check_recordable()

    def _take_step(self, step, method, note, kwargs):
        result = super()._take_step(step, method, note, kwargs)
        # sudo: what is missing must not depend on the caller's right to read it
        camera = self.sudo()
        commissioned = step.name == "action_activate" or camera.state == "testing"
        if step.target and (camera.recorder_id or commissioned):
            camera._check_recordable()
        return result

    def _check_before(self, step):
        super()._check_before(step)
        if set(RECORDED).intersection(step.target) and (self.recorder_id or step.name == "action_activate"):
            self._refuse_unrecordable()

    def _check_recordable(self):
        """Refuse a camera that is to record without a recorder or a main stream: its node would pass it over."""
        self.sudo().filtered(lambda camera: camera.state in RECORDED)._refuse_unrecordable()

    def _refuse_unrecordable(self):
        for camera in self:
            missing = []
            if not camera.recorder_id:
                missing.append(self.env._("recorder"))
            if "main" not in camera.source_ids.mapped("kind"):
                missing.append(self.env._("main stream"))
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(camera)s cannot be recorded yet. Still to be filled in on the tab “Network”: %(missing)s.",
                        camera=camera.display_name,
                        missing=", ".join(missing),
                    )
                )
