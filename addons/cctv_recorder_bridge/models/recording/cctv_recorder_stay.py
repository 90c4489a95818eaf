from datetime import timedelta

from odoo import api, fields, models

# A node goes on recording a camera that left it until it hears of that.
LEAVING = timedelta(minutes=10)


class RecorderStay(models.Model):
    """A time in which a node recorded a camera that it records no more: what it recorded then is still its own."""

    _name = "cctv.recorder.stay"
    _description = "Former Camera of a Recorder"
    _order = "until desc, id desc"
    _rec_name = "camera_id"
    _log_access = False

    recorder_id = fields.Many2one("cctv.recorder", required=True, readonly=True, ondelete="restrict")
    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    since = fields.Datetime(readonly=True, help="Empty: not known.")
    until = fields.Datetime(required=True, readonly=True)
    tz = fields.Selection(related="camera_id.tz", string="Site Time Zone")

    _recorder_camera = models.Index("(recorder_id, camera_id, until)")

    @api.model
    def _remember(self, former):
        """Keep that cameras left their nodes just now.

        :param list former: pairs (camera, recorder that it left)
        """
        now = fields.Datetime.now()
        # sudo: follows from the change of node, which the caller was allowed to make
        self.sudo().create(
            [
                {
                    "recorder_id": recorder.id,
                    "camera_id": camera.id,
                    "company_id": camera.company_id.id,
                    "since": camera.sudo().recorder_since,
                    "until": now,
                }
                for camera, recorder in former
            ]
        )
