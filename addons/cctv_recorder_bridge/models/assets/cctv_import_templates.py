from odoo import api, models


class CctvCamera(models.Model):
    _inherit = "cctv.camera"

    @api.model
    def get_import_templates(self):
        """Extend the cameras' files with their recorder and streams."""
        here = "/cctv_recorder_bridge/static/import/"
        return [
            {**item, "template": here + item["template"].rpartition("/")[2]} for item in super().get_import_templates()
        ]
