from odoo import fields, models

from .cctv_recorder_register import _shown


class RecorderRotate(models.TransientModel):
    """Make a new key for a running node; the old one serves until the node is seen with the new one."""

    _name = "cctv.recorder.rotate"
    _description = "New Key for Recorder"
    _inherit = ["cctv.chosen.mixin"]

    recorder_id = fields.Many2one("cctv.recorder", readonly=True)
    note = fields.Text("Reason")
    state = fields.Selection([("draft", "To confirm"), ("shown", "Settings shown")], default="draft")
    config_text = fields.Text("Settings", store=False, readonly=True)
    config_file = fields.Binary("Settings File", store=False, readonly=True)
    config_name = fields.Char(store=False, readonly=True)

    def action_rotate(self):
        self.ensure_one()
        return _shown(self, self.recorder_id, self.recorder_id._rotate_key(self.note))
