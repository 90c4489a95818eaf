from odoo import api, fields, models


class MaintenanceRequest(models.Model):
    """A request about a camera is a request about the device that hangs there."""

    _inherit = "maintenance.request"

    cctv_camera_id = fields.Many2one(
        "cctv.camera", "Camera", index="btree_not_null", ondelete="restrict", check_company=True
    )

    @api.onchange("cctv_camera_id")
    def _onchange_cctv_camera_id(self):
        if self.cctv_camera_id:
            self.equipment_id = self.cctv_camera_id.sudo().equipment_id

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_camera_device(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_camera_device(vals))

    @api.model
    def _with_camera_device(self, vals):
        """:return dict: the values, with the device of a newly chosen camera"""
        if not vals.get("cctv_camera_id") or vals.get("equipment_id"):
            return vals
        # sudo: officers report faults without a right on equipment
        device = self.env["cctv.camera"].browse(vals["cctv_camera_id"]).sudo().equipment_id
        return {**vals, "equipment_id": device.id}
