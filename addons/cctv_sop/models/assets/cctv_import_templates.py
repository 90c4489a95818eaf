from odoo import api, models


class CctvCamera(models.Model):
    _inherit = "cctv.camera"

    @api.model
    def get_import_templates(self):
        """:return list: files offered on the import screen, importable as they stand after the locations' ones"""
        return [
            {
                "label": self.env._("Import Template for Cameras (Excel)"),
                "template": "/cctv_sop/static/import/cctv_camera.xlsx",
            },
            {
                "label": self.env._("Import Template for Cameras (CSV)"),
                "template": "/cctv_sop/static/import/cctv_camera.csv",
            },
        ]


class CctvLocation(models.Model):
    _inherit = "cctv.location"

    @api.model
    def get_import_templates(self):
        """:return list: files offered on the import screen; a row may name a place of an earlier row"""
        return [
            {
                "label": self.env._("Import Template for Locations (Excel)"),
                "template": "/cctv_sop/static/import/cctv_location.xlsx",
            },
            {
                "label": self.env._("Import Template for Locations (CSV)"),
                "template": "/cctv_sop/static/import/cctv_location.csv",
            },
        ]
