from odoo import models

#: Seconds by which a recorder's clock and this server's may differ; the recorder allows as much.
APART = 60
#: What a recorder says while it believes one of the two clocks not (docs/wire.md).
DOUBTS = frozenset(("clocks_apart", "host_clock_set", "erp_clock_set"))
#: What it says while it believes this database not, or knows its holds not yet.
UNSURE = frozenset(("database_unconfirmed", "holds_unknown"))


class LegalHold(models.Model):
    """Recorders have clocks of their own, and know holds that a restored database forgot: while one says another time
    than this server, or deletes nothing for its doubts, no hold ends by time.
    """

    _inherit = "cctv.legal.hold"

    def _recorders_doubt(self):
        # sudo: what keeps a hold is told to whoever may read it
        recorders = self.env["cctv.recorder"].sudo()
        told = recorders.search([("company_id", "=", self.company_id.id), ("state", "!=", "retired")])
        if doubting := told.filtered(lambda recorder: recorder._doubts_clocks()):
            return self.env._(
                "The clocks of this server and of %s are apart, or one of them was set. Set both right by NTP: until "
                "they agree, no hold ends by time.",
                ", ".join(doubting.mapped("name")),
            )
        if locked := told.filtered(lambda recorder: recorder._doubts_holds()):
            return self.env._(
                "%s deletes nothing, for it does not trust this database or its holds yet: what a person confirmed may "
                "be forgotten here. Until its deletion is unlocked, no hold ends by time.",
                ", ".join(locked.mapped("name")),
            )
        return super()._recorders_doubt()


class Recorder(models.Model):
    _inherit = "cctv.recorder"

    def _doubts_clocks(self):
        """:return bool: as of its last call, also when that was long ago: a hold too long does no harm"""
        return abs(self.server_ahead) > APART or (self.purge_said or {}).get("code") in DOUBTS

    def _doubts_holds(self):
        """:return bool: as of its last call, too"""
        return self.purge_state == "locked" or (self.purge_said or {}).get("code") in UNSURE
