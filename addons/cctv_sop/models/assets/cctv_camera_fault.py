from odoo import api, fields, models
from odoo.exceptions import UserError


class CctvCamera(models.Model):
    """Faults of a camera are Odoo's maintenance requests."""

    _inherit = "cctv.camera"

    fault_ids = fields.One2many("maintenance.request", "cctv_camera_id", "Faults", readonly=True)
    # stored: the head of the form and lists show it without a query of their own
    fault_count_open = fields.Integer("Open faults", compute="_compute_fault_count_open", store=True, aggregator="sum")

    fault_since = fields.Datetime(compute="_compute_fault_count_open", store=True, help="Of the oldest open fault.")

    @api.depends("fault_ids.stage_id.done", "fault_ids.archive")
    def _compute_fault_count_open(self):
        groups = self.env["maintenance.request"]._read_group(
            self._open_faults(), ["cctv_camera_id"], ["__count", "create_date:min"]
        )
        found = {camera.id: (count, since) for camera, count, since in groups}
        for camera in self:
            camera.fault_count_open, camera.fault_since = found.get(camera.id, (0, False))

    def _open_faults(self):
        """:return list: domain of the maintenance requests about these cameras that wait for somebody"""
        return [("cctv_camera_id", "in", self.ids), ("stage_id.done", "=", False), ("archive", "=", False)]

    def action_view_faults(self):
        """:return dict: action with the requests that the card counts"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("cctv_sop.action_cctv_fault")
        return {**action, "domain": self._open_faults(), "context": {"default_cctv_camera_id": self.id}}

    def action_report_fault(self):
        """Open a new request without its subject: a form left with nothing typed is not to be saved on the way out.

        :return dict: action with the form of a new maintenance request about this camera
        :raises UserError: no maintenance team could receive it
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Report a Fault"),
            "res_model": "maintenance.request",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": self._fault_defaults(),
        }

    def _fault_defaults(self):
        """:return dict: context with which a request about this camera is made"""
        return {
            "default_cctv_camera_id": self.id,
            "default_company_id": self.company_id.id,
            "default_maintenance_team_id": self._fault_team().id,
        }

    def _fault_team(self):
        # sudo: which teams there are must not depend on the caller's companies of the moment
        teams = self.env["maintenance.team"].sudo()
        for company in (self.company_id.id, False):
            if team := teams.search([("company_id", "=", company)], limit=1):
                return team
        raise UserError(
            self.env._(
                "No maintenance team of %s could receive the report. Add one in Maintenance › Configuration.",
                self.company_id.name,
            )
        )

    def _overview_cards(self, recording):
        count = self.fault_count_open
        card = {
            "key": "faults",
            "label": self.env._("Open faults"),
            "value": count,
            "tone": "warning" if count else "",
            "method": "action_view_faults",
        }
        return [card, *super()._overview_cards(recording)]
