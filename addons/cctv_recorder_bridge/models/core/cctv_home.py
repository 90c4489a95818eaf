from odoo import api, models


class CctvHome(models.AbstractModel):
    _inherit = "cctv.home"

    @api.model
    def _homes(self):
        """IT begins with recorders and storage."""
        health = ("cctv_sop.group_it", "cctv_recorder_bridge.action_cctv_recorder_health")
        homes = super()._homes()
        position = next((n for n, (group, _action) in enumerate(homes) if group == health[0]), len(homes))
        return [*homes[:position], health, *homes[position:]]
