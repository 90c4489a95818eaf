from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..recording.cctv_recorder_config import RECORDED


class CameraSource(models.Model):
    """A camera that is to record keeps its main stream: without it the node would silently drop the camera."""

    _inherit = "cctv.camera.source"

    def write(self, vals):
        leaving = self.filtered(lambda source: source._loses_main(vals))
        leaving._check_not_recording()
        return super().write(vals)

    def _loses_main(self, vals):
        return self.kind == "main" and (vals.get("kind", "main"), vals.get("camera_id", self.camera_id.id)) != (
            "main",
            self.camera_id.id,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_not_while_recording(self):
        self.filtered(lambda source: source.kind == "main")._check_not_recording()

    def _check_not_recording(self):
        # sudo: what the camera does must not depend on the caller's right to read it
        cameras = self.sudo().camera_id
        if cameras:
            # a real change of the row: of this and a step that puts the camera into use at the same time, one fails
            self.env.cr.execute(SQL("UPDATE cctv_camera SET state = state WHERE id = ANY(%s)", cameras.ids))
        for camera in cameras:
            if camera.recorder_id and camera.state in RECORDED:
                raise UserError(
                    self.env._(
                        "%s is to record and needs its main stream. Correct the address instead, or suspend the "
                        "camera first.",
                        camera.display_name,
                    )
                )
