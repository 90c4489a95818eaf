from odoo import fields, models


class MaintenanceEquipmentCategory(models.Model):
    _inherit = "maintenance.equipment.category"

    cctv = fields.Boolean("CCTV devices", help="Devices of this category can be mounted at camera points.")
