from odoo import api, fields, models

from odoo.addons.cctv_sop.rpc import without_none

WEEK = 7


class Camera(models.Model):
    """What the list of cameras shows beside the words."""

    _inherit = "cctv.camera"

    week_strip = fields.Json("Last 7 Days", compute="_compute_week_strip")

    @api.depends("recorder_id", "recording_state")
    def _compute_week_strip(self):
        """The last days of the form's strip; nothing for a camera that is not measured."""
        measured = self._measured()
        days = measured._strip_days()
        for camera in self:
            camera.week_strip = without_none(days[camera.id][-WEEK:]) if camera.id in days else False
