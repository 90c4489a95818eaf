import base64

from odoo import fields, models
from odoo.exceptions import AccessError

CONFIG_NAME = "recorder.toml"


class RecorderRegister(models.TransientModel):
    """Make a recorder and show its settings once. The key travels in the action's context and is stored nowhere."""

    _name = "cctv.recorder.register"
    _description = "Register Recorder"
    _inherit = ["cctv.chosen.mixin", "cctv.recorder.room.mixin"]

    name = fields.Char()
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    site_id = fields.Many2one(
        "cctv.location", domain="[('location_type', '=', 'site'), ('company_id', '=', company_id)]"
    )
    quota_gb = fields.Float("Quota (GB)", digits=(12, 3))
    reserve_gb = fields.Float("Reserve (GB)", digits=(12, 3), default=2.0)
    segment_seconds = fields.Integer("Segment Length (s)", default=60)
    state = fields.Selection([("draft", "To fill in"), ("shown", "Settings shown")], default="draft")
    recorder_id = fields.Many2one("cctv.recorder", readonly=True)
    config_text = fields.Text("Settings", store=False, readonly=True)
    config_file = fields.Binary("Settings File", store=False, readonly=True)
    config_name = fields.Char(store=False, readonly=True)

    def action_register(self):
        self.ensure_one()
        self.env["cctv.recorder"]._check_it()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("This company is not among those you work in."))
        values = {name: self[name] for name in ("name", "quota_gb", "reserve_gb", "segment_seconds")}
        values |= {"company_id": self.company_id.id, "site_id": self.site_id.id}
        recorder, text = self.env["cctv.recorder"]._register_node(values)
        return _shown(self, recorder, text)


def _shown(wizard, recorder, text):
    """:return dict: action that shows the settings in an unsaved form of the same wizard"""
    return {
        "type": "ir.actions.act_window",
        "name": wizard.env._("Settings of %s: shown once", recorder.name),
        "res_model": wizard._name,
        "view_mode": "form",
        "target": "new",
        "context": {
            "default_state": "shown",
            "default_recorder_id": recorder.id,
            "default_config_text": text,
            "default_config_file": base64.b64encode(text.encode()).decode(),
            "default_config_name": CONFIG_NAME,
        },
    }
