from odoo import fields, models


class CctvCamera(models.Model):
    """Which holds are on a camera's footage."""

    _inherit = "cctv.camera"

    hold_count = fields.Integer("Legal Holds", compute="_compute_hold_count")

    def _compute_hold_count(self):
        holds = self.env["cctv.legal.hold"]
        domain = [("camera_ids", "in", self.ids), *holds._holding_domain()]
        counts = dict(holds._read_group(domain, ["camera_ids"], ["__count"]))
        for camera in self:
            camera.hold_count = counts.get(camera._origin, 0)

    def action_view_holds(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Legal Holds on %s", self.display_name),
            "res_model": "cctv.legal.hold",
            "view_mode": "list,kanban,form,calendar",
            "domain": [("camera_ids", "in", self.ids)],
            "context": {"default_camera_ids": self.ids},
        }

    def _overview_cards(self):
        return [
            *super()._overview_cards(),
            {
                "key": "holds",
                "label": self.env._("Legal holds"),
                "value": self.hold_count,
                "tone": "",
                "method": "action_view_holds",
            },
        ]
