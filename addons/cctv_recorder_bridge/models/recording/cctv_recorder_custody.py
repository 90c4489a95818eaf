import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from odoo.addons.cctv_sop import chain
from odoo.addons.cctv_sop.workflow import step

from ...tools import intervals, pg, wire
from ...tools.schema.pages import check_custody_page
from .cctv_recorder import GUARDED, RUNNING

_lt = LazyTranslate(__name__)

CUSTODY = "cctv_recorder_bridge.mail_activity_custody"
JUDGES = ("cctv_sop.group_auditor", "cctv_sop.group_dpo", "cctv_sop.group_management")
PAGE_ROWS = 2000
PAGE_BYTES = 8 * 1024 * 1024


class Recorder(models.Model):
    """The node as a witness of its company's custody ledger.

    Each answer carries the ledger's head, which the node keeps outside this database; each call brings back the newest
    head that it keeps and an older one. One that is not found in its place says that lines were cut off or the chain
    was made anew.
    """

    _inherit = "cctv.recorder"

    custody_seq = fields.Integer("Newest Ledger Line Seen", aggregator=None, **GUARDED)
    custody_hash = fields.Char("Its Hash", size=64, **GUARDED)
    custody_broken_seq = fields.Integer("Ledger Line Not Found", aggregator=None, **GUARDED)
    custody_broken_hash = fields.Char("Hash Not Found", size=64, **GUARDED)
    custody_broken_seen = fields.Datetime("Seen by the Recorder", **GUARDED)
    custody_broken_at = fields.Datetime("Not Found Since", **GUARDED)
    custody_judged_at = fields.Datetime("Judged On", **GUARDED)
    custody_alarm = fields.Boolean("Ledger Changed", compute="_compute_custody_alarm")

    @api.depends("custody_broken_seq", "custody_judged_at")
    def _compute_custody_alarm(self):
        for recorder in self:
            recorder.custody_alarm = bool(recorder.custody_broken_seq and not recorder.custody_judged_at)

    # -- with each sync ------------------------------------------------------------------------------------

    def _custody_head(self):
        """:return dict: number and hash of the newest line of this company's ledger; None while it has none"""
        return self._head_told(*self.env["cctv.custody.entry"]._head(self.company_id))

    def _head_told(self, seq, digest):
        return {"company_id": self.company_id.id, "seq": seq, "head": digest} if seq else None

    def _check_anchors(self, anchors):
        """Compare what the node has seen of the ledger with what stands there now.

        :param list anchors: of objects as on the wire; those of another company say nothing here
        """
        mine = [anchor for anchor in anchors or () if anchor["company_id"] == self.company_id.id]
        if not mine:
            return
        newest = max(mine, key=lambda anchor: anchor["seq"])
        if (newest["seq"], newest["hash"]) != (self.custody_seq, self.custody_hash):
            self._write_custody({"custody_seq": newest["seq"], "custody_hash": newest["hash"]})
        stand = self._ledger_hashes([anchor["seq"] for anchor in mine])
        for anchor in mine:
            if stand.get(anchor["seq"]) != anchor["hash"]:
                self._note_broken(anchor)

    def _ledger_hashes(self, seqs):
        self.env.cr.execute(
            "SELECT seq, hash FROM cctv_custody_entry WHERE company_id = %s AND seq = ANY(%s::int[])",
            [self.company_id.id, pg.numbers(seqs)],
        )
        return dict(self.env.cr.fetchall())

    def _write_custody(self, values):
        self._with_pass(values).write(values)

    def _note_broken(self, anchor):
        """Keep the lowest line that is not found, and raise the alarm for it once."""
        seen = intervals.from_us(int(anchor["at_us"])).replace(microsecond=0)
        known = self.custody_broken_seq and self.custody_broken_seq <= anchor["seq"]
        if known and not (self.custody_judged_at and seen > self.custody_judged_at):
            return
        self._write_custody(
            {
                "custody_broken_seq": anchor["seq"],
                "custody_broken_hash": anchor["hash"],
                "custody_broken_seen": seen,
                "custody_broken_at": fields.Datetime.now(),
                "custody_judged_at": False,
            }
        )
        self.env["cctv.recorder.event"]._append_own(self, "custody", self._broken_text())
        self._alarm_broken()

    def _broken_text(self):
        return self.env._(
            "Line %(seq)s of the custody ledger is not the one that %(name)s has seen, or is gone",
            seq=self.custody_broken_seq,
            name=self.name,
        )

    def _alarm_broken(self):
        user = self._custody_judge() or self._responsible()
        summary = self.with_context(lang=user.lang)._broken_text()
        alarm = self._open_alarm(CUSTODY)
        if alarm:
            alarm[:1].sudo().summary = summary
        else:
            self._raise_alarm(CUSTODY, summary, user)

    def _custody_judge(self):
        """:return: an auditor of this company, else its data protection officer or management"""
        for group in JUDGES:
            # sudo: whose work it is must not depend on whom the caller may see
            people = self.env.ref(group).sudo().all_user_ids
            able = people.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)
            if able:
                return able.sorted("id")[:1]
        return self.env["res.users"]

    @step((*RUNNING, "retired"), None, who=JUDGES, note=True, label=_lt("Judge a changed ledger"))
    def action_judge_custody(self, note):
        """Say what became of the lines that are gone (a restored backup, say). The fields keep what was found."""
        if not self.custody_alarm:
            raise UserError(self.env._("Nothing is to be judged: the ledger agrees with what the recorder has seen."))
        broken = {"seq": self.custody_broken_seq, "hash": self.custody_broken_hash, "reason": note}
        self.env["cctv.custody.entry"]._append("ledger.judged", self, broken, self.company_id)
        self._open_alarm(CUSTODY).action_feedback(feedback=note)
        return {"custody_judged_at": fields.Datetime.now()}

    # -- for verification on the node ----------------------------------------------------------------------

    @api.model
    def ledger(self, payload):
        """Give the caller's node a page of its company's ledger (docs/wire.md, "Custody head").

        For the node's bot user alone.

        :param str payload: ``base64(gzip(utf-8 JSON))``
        :return str: the reply in the same envelope
        :raises AccessError: the caller is no node's bot, or the node is retired
        :raises UserError: the payload is refused; the text names the field
        """
        recorder, message = self._node_call(payload, check_custody_page)
        return wire.pack(recorder._custody_page(message["after"]))

    def _custody_page(self, after):
        self.env.cr.execute(
            "SELECT seq, hash, body FROM cctv_custody_entry WHERE company_id = %s AND seq > %s"
            " ORDER BY seq, id LIMIT %s",
            [self.company_id.id, after, PAGE_ROWS],
        )
        rows, size = [], 0
        for seq, digest, body in self.env.cr.fetchall():
            rows.append((seq, digest, base64.b64encode(body or b"").decode()))
            size += len(rows[-1][2])
            if size > PAGE_BYTES:
                break
        head = self._custody_head()
        return {
            "schema": wire.SCHEMA,
            "company_id": self.company_id.id,
            "seq": [row[0] for row in rows],
            "hash": [row[1] for row in rows],
            "body": [row[2] for row in rows],
            "more": bool(rows and head and rows[-1][0] < head["seq"]),
        }


class CctvCustodyEntry(models.Model):
    _inherit = "cctv.custody.entry"

    @api.model
    def _action_words(self):
        return {
            **super()._action_words(),
            "camera.credentials.read": self.env._("Camera password read"),
            "recorder.key.made": self.env._("Recorder key made"),
            "recorder.retired": self.env._("Recorder retired"),
            "ledger.judged": self.env._("Change of the ledger judged"),
        }

    @api.model
    def _anchors(self, company):
        # sudo: what recorders have seen, for whoever may verify
        recorders = self.env["cctv.recorder"].sudo().search([("company_id", "=", company.id)])
        found = [(one.custody_seq, one.custody_hash, one.name) for one in recorders]
        found += [(one.custody_broken_seq, one.custody_broken_hash, one.name) for one in recorders if one.custody_alarm]
        return super()._anchors(company) + [chain.Anchor(*anchor) for anchor in found if anchor[0]]
