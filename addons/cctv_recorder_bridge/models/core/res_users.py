from odoo import models
from odoo.exceptions import AccessError

from ..recording.cctv_recorder_sync import BOT


class Users(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Extend Odoo's right to write one's own user: who holds a node's key must not sign under another name."""
        if not self.env.su and self.env.user in self and self.env.user.has_group(BOT):
            raise AccessError(self.env._("The user of a recorder is not changed by the recorder itself."))
        return super().write(vals)
