from odoo import models

#: Seconds by which a recorder's clock and this server's may differ; the recorder allows as much.
APART = 60
#: What a recorder says while it believes one of the two clocks not (docs/wire.md).
DOUBTS = frozenset(("clocks_apart", "host_clock_set", "erp_clock_set"))


class LegalHold(models.Model):
    """Recorders have clocks of their own: while one says another time than this server, no hold ends by time."""

    _inherit = "cctv.legal.hold"

    def _clocks_apart(self):
        # sudo: what keeps a hold is told to whoever may read it
        recorders = self.env["cctv.recorder"].sudo()
        told = recorders.search([("company_id", "=", self.company_id.id), ("state", "!=", "retired")])
        doubting = told.filtered(lambda recorder: recorder._doubts_clocks())
        if not doubting:
            return super()._clocks_apart()
        return self.env._(
            "The clocks of this server and of %s are apart, or one of them was set. Set both right by NTP: until they "
            "agree, no hold ends by time.",
            ", ".join(doubting.mapped("name")),
        )


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    def _doubts_clocks(self):
        """:return bool: as of its last call, also when that was long ago: a hold too long does no harm"""
        return abs(self.server_ahead) > APART or (self.purge_said or {}).get("code") in DOUBTS
