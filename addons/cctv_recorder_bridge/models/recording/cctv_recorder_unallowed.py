from odoo import api, models

UNALLOWED = "cctv_recorder_bridge.mail_activity_unallowed"
NAMED = 20  # runs named in one line of the ledger


class Recorder(models.Model):
    """Footage that a node calls deleted though this database never allowed it: told, never passed over.

    The rows are kept as the node says, since it alone knows its disk. It may be right (this database was restored
    from before the deletion), broken, or no longer the one that it was.
    """

    _inherit = "cctv.recorder"

    def _note_unallowed(self, counts):
        """Tell what went without permission: an event, a line in the custody ledger, work for a person.

        :param dict counts: identifier of the run, or an empty string for none -> segments
        """
        allowed = self._allowed_runs([run for run in counts if run])
        counts = {run: count for run, count in counts.items() if run not in allowed}
        if not counts:
            return
        total = sum(counts.values())
        self.env["cctv.recorder.event"]._append_own(self, "integrity", self._unallowed_text(total))
        data = {"segments": total, "runs": sorted(run for run in counts if run)[:NAMED]}
        self.env["cctv.custody.entry"]._append("footage.unallowed", self, data, self.company_id)
        self._call_judge(total)

    @api.model
    def _allowed_runs(self, runs):
        """:return set: those to which this database once said yes, whatever became of them: a part had gone by then"""
        if not runs:
            return set()
        known = self.env["cctv.deletion.run"].search(
            [("recorder_id", "=", self.id), ("uuid", "in", runs), ("confirmed_at", "!=", False)]
        )
        return set(known.mapped("uuid"))

    def _unallowed_text(self, total):
        return self.env._(
            "%(name)s calls %(count)s segments deleted that this database never allowed it to delete",
            name=self.name,
            count=total,
        )

    def _call_judge(self, total):
        user = self._custody_judge() or self._responsible()
        if not self._open_alarm(UNALLOWED):
            self._raise_alarm(UNALLOWED, self.with_context(lang=user.lang)._unallowed_text(total), user)


class CctvCustodyEntry(models.Model):
    _inherit = "cctv.custody.entry"

    @api.model
    def _action_words(self):
        return {**super()._action_words(), "footage.unallowed": self.env._("Footage deleted without permission")}
