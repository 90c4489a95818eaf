from odoo import fields, models
from odoo.exceptions import UserError


class CctvCameraMount(models.TransientModel):
    """Asks which device is hung at a point, or what is corrected about it, then takes the camera's step."""

    _name = "cctv.camera.mount"
    _description = "Mount a device"
    _inherit = ["cctv.chosen.mixin"]

    camera_id = fields.Many2one("cctv.camera", required=True, readonly=True)
    mode = fields.Selection(
        [("mount", "Mount device"), ("correct", "Correct device data")], required=True, default="mount", readonly=True
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        "Known device",
        domain="[('category_id.cctv', '=', True), ('cctv_camera_ids', '=', False)]",
    )
    serial_no = fields.Char("Serial number")
    model = fields.Char("Device model")
    mac = fields.Char("MAC address")
    note = fields.Text("Reason")

    def action_confirm(self):
        """:return dict: closes the dialogue; errors are those of the camera's step"""
        self.ensure_one()
        if self.mode == "correct" and not (self.note or "").strip():
            raise UserError(self.env._("Give a reason: it is kept with the step."))
        data = {"serial_no": self.serial_no, "model": self.model, "mac": self.mac, "note": self.note}
        if self.mode == "correct":
            self.camera_id.action_correct_device(**data)
        else:
            self.camera_id.action_mount(equipment_id=self.equipment_id.id, **data)
        return {"type": "ir.actions.act_window_close"}
