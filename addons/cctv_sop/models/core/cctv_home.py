from odoo import api, models

# (role group, XML id of its action), first match wins: on duty comes before all with the shifts.
_HOMES = (
    ("cctv_sop.group_supervisor", "cctv_sop.action_cctv_camera"),
    ("cctv_sop.group_dpo", "cctv_sop.action_cctv_workflow_log"),
    ("cctv_sop.group_management", "cctv_sop.action_cctv_camera_analysis"),
    ("cctv_sop.group_it", "cctv_sop.action_cctv_camera"),
    ("cctv_sop.group_auditor", "cctv_sop.action_cctv_workflow_log"),
    ("cctv_sop.group_officer", "cctv_sop.action_cctv_camera"),
)


class CctvHome(models.AbstractModel):
    """Which screen the CCTV app opens with, by role."""

    _name = "cctv.home"
    _description = "CCTV landing page"

    @api.model
    def _homes(self):
        """:return list: pairs (group XML id, action XML id), the first that fits is taken"""
        return list(_HOMES)

    @api.model
    def _landing_action(self):
        """:return dict: the action that the caller's role begins with; a plain page for an employee"""
        user = self.env.user
        for group, xmlid in self._homes():
            if user.has_group(group) and (action := self._action(xmlid)):
                return action
        return self._action("cctv_sop.action_cctv_employee_home") or {"type": "ir.actions.act_window_close"}

    @api.model
    def _action(self, xmlid):
        found = self.env.ref(xmlid, raise_if_not_found=False)
        return found and self.env["ir.actions.actions"]._for_xml_id(xmlid)
