from contextlib import closing

from odoo import api, models
from odoo.tools import SQL

from ... import chain
from .cctv_custody_entry import _readable

PAGE = 5000


class CctvCustodyEntry(models.Model):
    """Verification of a ledger: one pass, in pages, the same rule as the recorder's own ``recorder verify``."""

    _inherit = "cctv.custody.entry"

    @api.model
    def _anchors(self, company):
        """Heads of this company's ledger that were seen outside this database.

        :return list: of :class:`chain.Anchor`; an addon that knows some adds them
        """
        return []

    @api.model
    def _verify(self, company):
        """Walk through a company's ledger.

        :return tuple: (:class:`chain.Walk`, :class:`chain.Bad` of the first bad line or None)
        """
        walk = chain.Walk(self._anchors(company))
        with closing(self._lines(company)) as lines:
            for seq, prev, digest, body, *readable in lines:
                bad = walk.step(seq, digest, bytes(body or b""))
                if not bad and (prev, *readable) != (walk.entry["prev"], *_readable(walk.entry)):
                    bad = chain.Bad(seq, "columns")
                if bad:
                    return walk, bad
        return walk, walk.end()

    def _lines(self, company):
        """Every line in order; a cursor in the database keeps memory flat."""
        cr = self.env.cr
        cr.execute(
            SQL(
                """DECLARE cctv_custody_walk NO SCROLL CURSOR FOR
                   SELECT seq, prev, hash, body, to_char(at, 'YYYY-MM-DD HH24:MI:SS'), actor, action, object, data
                     FROM cctv_custody_entry WHERE company_id = %s ORDER BY seq, id""",
                company.id,
            )
        )
        try:
            while True:
                cr.execute(SQL("FETCH %s FROM cctv_custody_walk", PAGE))
                rows = cr.fetchall()
                if not rows:
                    return
                yield from rows
        finally:
            cr.execute("CLOSE cctv_custody_walk")

    def action_verify(self):
        """Check the ledgers of the companies worked in and say what was found.

        :return dict: a notification; it stays until it is closed
        """
        self.check_access("read")
        found = [(company, *self._verify(company)) for company in self.env.companies]
        broken = any(bad for _company, _walk, bad in found)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Changed") if broken else self.env._("Intact"),
                "message": " ".join(self._verdict(*one) for one in found),
                "type": "danger" if broken else "success",
                "sticky": True,
            },
        }

    def _verdict(self, company, walk, bad):
        if bad:
            return self.env._(
                "%(company)s, line %(seq)s: %(why)s Lines after it are not judged.",
                company=company.name,
                seq=bad.seq,
                why=self._why(bad),
            )
        if not walk.seq:
            return self.env._("%s: no line yet.", company.name)
        text = self.env._("%(company)s: %(count)s lines are intact.", company=company.name, count=walk.seq)
        anchored = self.env._("They agree with what recorders have seen of them.")
        alone = self.env._("No recorder has seen them yet: lines cut off at the end would not be noticed.")
        return f"{text} {anchored if walk.met else alone}"

    def _why(self, bad):
        return {
            "missing": self.env._("is missing."),
            "order": self.env._("a line stands here twice or has no number."),
            "hash": self.env._("its text is not the one that was written."),
            "body": self.env._("its text is not in the form of an entry."),
            "prev": self.env._("does not follow the line before."),
            "columns": self.env._("what the list shows is not what was written."),
            "anchor": self.env._("is another one than %s has seen here.", bad.seen_by),
            "tail": self.env._("is missing, and so is the end of the ledger: %s has seen more lines.", bad.seen_by),
        }[bad.why]
