from odoo import fields, models

from odoo.addons.cctv_sop.models.assets.maintenance_equipment import ROLES

from .cctv_camera import STILL_ROLES


class MaintenanceEquipment(models.Model):
    """What the point at which a device hangs records, for its card among the equipment."""

    _inherit = "maintenance.equipment"

    # as the caller: a camera that he may not see shows nothing here either
    cctv_recording_shown = fields.Selection(related="cctv_camera_id.recording_shown", related_sudo=False, groups=ROLES)
    cctv_last_still = fields.Binary(related="cctv_camera_id.last_still", related_sudo=False, groups=STILL_ROLES)
    cctv_last_still_at = fields.Datetime(related="cctv_camera_id.last_still_at", related_sudo=False, groups=STILL_ROLES)
