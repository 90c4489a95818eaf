from odoo import api, models

UNALLOWED = "cctv_recorder_bridge.mail_activity_unallowed"
NAMED = 20  # runs named in one line of the ledger
IN_WORDS = 5  # runs, and cameras, named in a sentence


class Recorder(models.Model):
    """Footage that a node calls deleted though this database never allowed it: told, never passed over.

    The rows are kept as the node says, since it alone knows its disk. It may be right (this database was restored
    from before the deletion), broken, or no longer the one that it was.
    """

    _inherit = "cctv.recorder"

    def _note_unallowed(self, total, runs, cameras):
        """Tell what went without permission: an event, a line in the custody ledger, work for a person.

        :param int total: segments
        :param runs: identifiers of the runs by which they went; none when the node named none
        :param cameras: their cameras, as far as they are known
        """
        # sudo: which cameras a node's own footage is of
        codes = sorted(cameras.sudo().mapped("code"))
        ledger = self.env["cctv.custody.entry"]
        data = {"segments": total, "runs": sorted(runs)[:NAMED], **ledger._in_a_line("cameras", codes)}
        where = self._run_names(runs), codes
        self.env["cctv.recorder.event"]._append_own(self, "integrity", self._unallowed_text(total, *where))
        ledger._append("footage.unallowed", self, data, self.company_id)
        self._call_judge(total, *where)

    def _run_names(self, runs):
        """:return list: their numbers; the node's own identifier where this database does not know one"""
        if not runs:
            return []
        domain = [("recorder_id", "=", self.id), ("uuid", "in", list(runs))]
        known = {run.uuid: run.name for run in self.env["cctv.deletion.run"].search(domain)}
        return sorted(known.get(run, run) for run in runs)

    def _unallowed_text(self, total, runs, cameras):
        return self.env._(
            "%(name)s calls %(count)s segments deleted that this database never allowed it to delete"
            " (runs: %(runs)s; cameras: %(cameras)s)",
            name=self.name,
            count=total,
            runs=_some(runs),
            cameras=_some(cameras),
        )

    def _call_judge(self, total, runs, cameras):
        user = self._custody_judge() or self._responsible()
        if not self._open_alarm(UNALLOWED):
            text = self.with_context(lang=user.lang)._unallowed_text(total, runs, cameras)
            self._raise_alarm(UNALLOWED, text, user)


class CctvCustodyEntry(models.Model):
    _inherit = "cctv.custody.entry"

    @api.model
    def _action_words(self):
        return {**super()._action_words(), "footage.unallowed": self.env._("Footage deleted without permission")}


def _some(names):
    return ", ".join(names[:IN_WORDS]) + (" …" if len(names) > IN_WORDS else "") or "–"
