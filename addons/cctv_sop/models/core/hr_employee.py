from odoo import api, fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    # For HR alone: who guards and who decides is no matter of the public directory (hr.employee.public).
    cctv_role_names = fields.Char("CCTV roles", compute="_compute_cctv_role_names", groups="hr.group_hr_user")

    @api.depends("user_id.group_ids")
    def _compute_cctv_role_names(self):
        roles = self.env["res.groups"]._cctv_roles()
        for employee in self:
            # sudo: HR may not read other users' groups
            held = employee.sudo().user_id.all_group_ids & roles
            employee.cctv_role_names = ", ".join(held.sorted("sequence").mapped("name"))
