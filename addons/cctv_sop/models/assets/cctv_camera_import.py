from odoo import models


class CctvCamera(models.Model):
    _inherit = "cctv.camera"
