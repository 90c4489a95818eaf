from odoo import api, fields, models


class CctvCameraMounting(models.Model):
    """Which device hung at a point, from when to when. Written by camera steps alone."""

    _name = "cctv.camera.mounting"
    _inherit = ["cctv.step.written.mixin"]
    _description = "Mounting of a device"
    _order = "mounted_at desc, id desc"
    _rec_name = "serial_no"  # not the device: officers have no right on equipment

    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="camera_id.company_id", store=True, index=True)
    equipment_id = fields.Many2one(
        "maintenance.equipment", "Device", required=True, readonly=True, index=True, ondelete="restrict"
    )
    serial_no = fields.Char("Serial number", readonly=True, help="As it was when the device was mounted.")
    mounted_at = fields.Datetime(required=True, readonly=True)
    mounted_by_id = fields.Many2one("res.users", "Mounted by", required=True, readonly=True, ondelete="restrict")
    unmounted_at = fields.Datetime(readonly=True)
    unmounted_by_id = fields.Many2one("res.users", "Unmounted by", readonly=True, ondelete="restrict")
    note = fields.Text("Reason", readonly=True)

    _one_open_per_camera = models.UniqueIndex(
        "(camera_id) WHERE unmounted_at IS NULL", "A device is mounted at this camera already."
    )

    @api.model
    def _open(self, camera, equipment, note=None):
        """Begin a mounting by ``env.user``, now."""
        values = {
            "camera_id": camera.id,
            "equipment_id": equipment.id,
            "serial_no": equipment.serial_no,
            "mounted_at": fields.Datetime.now(),
            "mounted_by_id": self.env.uid,
            "note": note or False,
        }
        return self._add([values])

    def _close(self, note=None):
        """End these mountings by ``env.user``, now."""
        values = {"unmounted_at": fields.Datetime.now(), "unmounted_by_id": self.env.uid}
        for mounting in self.sudo():
            reasons = [reason for reason in (mounting.note, note) if reason]
            mounting._set({**values, "note": "\n".join(reasons) or False})
        self.flush_recordset()  # before the next mounting's INSERT: one open mounting a camera

    @api.model
    def _refusal(self):
        return self.env._("The mounting history is written by the camera's steps alone.")
