from odoo import fields, models


class CctvCameraCopy(models.TransientModel):
    """Asks which camera is copied from, and what of it."""

    _name = "cctv.camera.copy"
    _description = "Copy settings from another camera"
    _inherit = ["cctv.chosen.mixin"]

    camera_id = fields.Many2one("cctv.camera", "To", required=True, readonly=True)
    company_id = fields.Many2one(related="camera_id.company_id")
    source_id = fields.Many2one(
        "cctv.camera", "From", domain="[('company_id', '=', company_id), ('id', '!=', camera_id)]"
    )
    optics = fields.Boolean("Optics and coverage", default=True)
    policy = fields.Boolean("Purpose and lawful basis", default=True)

    def _parts(self):
        """:return list: names of the chosen parts"""
        return [part for part in self.camera_id._copy_part_words() if self[part]]

    def action_copy(self):
        """:return dict: closes the dialogue; errors are those of the camera"""
        self.ensure_one()
        self.camera_id.action_copy_settings(self.source_id.id, self._parts())
        return {"type": "ir.actions.act_window_close"}
