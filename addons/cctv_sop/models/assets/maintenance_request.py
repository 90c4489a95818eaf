from odoo import api, fields, models


class MaintenanceRequest(models.Model):
    """A request about a camera is a request about the device that hangs there."""

    _inherit = "maintenance.request"

    cctv_camera_id = fields.Many2one(
        "cctv.camera", "Camera", index="btree_not_null", ondelete="restrict", check_company=True
    )

    @api.depends("cctv_camera_id")
    def _compute_owner(self):
        """Extend Odoo's, which gives an owner to the devices of employees alone: whoever reports sees his report."""
        super()._compute_owner()
        for request in self.filtered(lambda request: request.cctv_camera_id and not request.owner_user_id):
            request.owner_user_id = request.create_uid or self.env.user

    @api.depends("cctv_camera_id")
    def _compute_user_id(self):
        """Extend Odoo's: without a technician of the device the site's responsible IT person takes it."""
        super()._compute_user_id()
        for request in self.filtered(lambda request: request.cctv_camera_id and not request.user_id):
            # sudo: who is responsible is no secret to who reports
            responsible = request.cctv_camera_id.sudo().site_id.responsible_id
            if request.company_id in responsible.company_ids:
                request.user_id = responsible

    @api.onchange("cctv_camera_id")
    def _onchange_cctv_camera_id(self):
        if self.cctv_camera_id:
            self.cctv_camera_id.check_access("read")
            self.equipment_id = self.cctv_camera_id.sudo().equipment_id

    def onchange(self, values, field_names, fields_spec):
        """Extend Odoo's: it would tell the name of any camera whose id stands in ``values``.

        :raises AccessError: the caller may not read the camera
        """
        chosen = values.get("cctv_camera_id")
        if chosen and chosen not in self.sudo().cctv_camera_id.ids:
            self._check_camera_readable(chosen)
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        if any("cctv_camera_id" not in vals for vals in vals_list):
            default = self.default_get(["cctv_camera_id"]).get("cctv_camera_id")
            self._check_camera_readable(default)
        return super().create([self._with_camera_device(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_camera_device(vals))

    @api.model
    def _check_camera_readable(self, camera_id):
        if camera_id:
            self.env["cctv.camera"].browse(camera_id).check_access("read")

    @api.model
    def _with_camera_device(self, vals):
        """:return dict: the values, with the device of a newly chosen camera
        :raises AccessError: the caller may not read the camera
        """
        if not vals.get("cctv_camera_id"):
            return vals
        self._check_camera_readable(vals["cctv_camera_id"])
        if vals.get("equipment_id"):
            return vals
        # sudo: officers report faults without a right on equipment
        device = self.env["cctv.camera"].browse(vals["cctv_camera_id"]).sudo().equipment_id
        return {**vals, "equipment_id": device.id}
