import json
from operator import itemgetter

from odoo import api, fields, models
from odoo.tools import SQL, groupby

from ... import chain

LOCK = 0x43435456  # class of the advisory locks of ledgers, "CCTV"; the second number is the company
LARGEST_ENTRY = 64 * 1024
ROOM_FOR_NAMES = LARGEST_ENTRY - 2048  # characters of a list of names; what else a line tells needs less
LONGEST_NAME = 500  # characters; names have no length of their own, and a reason needs the room
_WAITING = "cctv_sop.custody_waiting"

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION cctv_custody_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The custody ledger is only added to: % is refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION cctv_custody_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cctv_custody_waiting WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'An entry of the custody ledger has no number yet: nothing of this transaction is kept.';
    END IF;
    RETURN NULL;
END $$;
"""
_TRIGGERS = """
DROP TRIGGER IF EXISTS cctv_custody_refuse ON cctv_custody_entry;
CREATE TRIGGER cctv_custody_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON cctv_custody_entry
    FOR EACH STATEMENT EXECUTE FUNCTION cctv_custody_refuse();
DROP TRIGGER IF EXISTS cctv_custody_numbered ON cctv_custody_waiting;
CREATE CONSTRAINT TRIGGER cctv_custody_numbered AFTER INSERT ON cctv_custody_waiting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cctv_custody_numbered();
"""


class CctvCustodyEntry(models.Model):
    """One line of a company's custody ledger: an append-only chain in which each line holds the hash of the one before.

    ``body`` (bytea, unknown to the ORM) holds exactly the bytes that were hashed; the other columns only make them
    readable and are compared with them in verification. Odoo's transactions are REPEATABLE READ, whose snapshot may be
    older than the head, so a line gets its place in two moves:

    * :meth:`_append` puts it into ``cctv_custody_waiting``, where a rollback, to a savepoint too, takes it away again;
    * before the commit, under the company's lock, the head is read through a second cursor and lines are numbered.

    A deferred trigger refuses the commit of a line that waits still: what happened and its line are kept together or
    not at all.
    """

    _name = "cctv.custody.entry"
    _inherit = ["cctv.step.written.mixin"]
    _description = "Custody Ledger"
    _order = "id desc"
    _rec_name = "object"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    seq = fields.Integer("No.", required=True, readonly=True, aggregator=None)
    at = fields.Datetime("Time", required=True, readonly=True, index=True)
    tz = fields.Selection(
        related="company_id.partner_id.tz", string="Time zone", help="Zone of the company, in which times are shown."
    )
    actor = fields.Char(required=True, readonly=True, help="Login of the person or recorder, as it was then.")
    action = fields.Selection("_select_action", required=True, readonly=True, index=True)
    object = fields.Char(required=True, readonly=True)
    data = fields.Text("Details", readonly=True)
    prev = fields.Char("Hash of the Line Before", size=64, required=True, readonly=True)
    hash = fields.Char(size=64, required=True, readonly=True)
    body_text = fields.Text("Text That Was Hashed", compute="_compute_body_text")

    _seq_uniq = models.Constraint("UNIQUE(company_id, seq)", "A number stands once in the custody ledger.")
    _prev_uniq = models.Constraint("UNIQUE(company_id, prev)", "The custody ledger does not fork.")

    def init(self):
        cr = self.env.cr
        cr.execute("ALTER TABLE cctv_custody_entry ADD COLUMN IF NOT EXISTS body bytea NOT NULL")
        cr.execute(
            "CREATE TABLE IF NOT EXISTS cctv_custody_waiting"
            " (id bigserial PRIMARY KEY, company_id integer NOT NULL, entry text NOT NULL)"
        )
        cr.execute(_FUNCTIONS)
        cr.execute(_TRIGGERS)

    # -- words ---------------------------------------------------------------------------------------------

    @api.model
    def _action_words(self):
        """What may be written, with its words. Another addon adds its own codes by extending this.

        :return dict: code -> word in the language of the context
        """
        return {
            "hold.preserved": self.env._("Footage preserved"),
            "hold.confirmed": self.env._("Hold confirmed"),
            "hold.active": self.env._("Hold begun"),
            "hold.widened": self.env._("Hold widened"),
            "hold.renewed": self.env._("Hold renewed"),
            "hold.release_asked": self.env._("Release of hold requested"),
            "hold.kept": self.env._("Hold kept"),
            "hold.released": self.env._("Hold released"),
            "hold.lapsed": self.env._("Hold lapsed"),
            "hold.clock_trusted": self.env._("Clock found right, by which holds end"),
            "purge.released": self.env._("Deletion released"),
            "purge.done": self.env._("Footage deleted"),
        }

    @api.model
    def _select_action(self):
        return list(self._action_words().items())

    def _compute_body_text(self):
        self.env.cr.execute("SELECT id, body FROM cctv_custody_entry WHERE id = ANY(%s)", [self.ids])
        bodies = dict(self.env.cr.fetchall())
        for line in self:
            line.body_text = bytes(bodies.get(line.id) or b"").decode(errors="replace")

    # -- the one way in ------------------------------------------------------------------------------------

    @api.model
    def _append(self, action, object, data=None, company=None):
        """Add a line; it is kept if this transaction is, and only then.

        :param str action: a code of :meth:`_action_words`
        :param object: text reference such as a document's number, or a record
        :param dict data: objects, lists, texts, booleans and whole numbers below 2^53; never a secret
        :param company: whose ledger; by default the company worked in
        :raises ValueError: unknown code, or data that cannot stand in the ledger
        """
        if action not in self._action_words():
            raise ValueError(f"{action!r} is no action of the custody ledger")
        entry = {
            "action": action,
            "actor": self.env.user.login,
            "at": f"{fields.Datetime.now():%Y-%m-%dT%H:%M:%SZ}",
            "object": self._reference(object),
        }
        if data:
            entry["data"] = data
        text = chain.canonical(entry).decode()
        if not entry["object"] or len(text) > LARGEST_ENTRY:
            raise ValueError(f"{action}: names no object, or is longer than {LARGEST_ENTRY} characters")
        self.env.cr.execute(
            "INSERT INTO cctv_custody_waiting (company_id, entry) VALUES (%s, %s)",
            [(company or self.env.company).id, text],
        )
        precommit = self.env.cr.precommit
        if not precommit.data.get(_WAITING):
            precommit.data[_WAITING] = True
            precommit.add(self._number_waiting)

    @api.model
    def _in_a_line(self, name, items):
        """Data that names many things: all where they find room in a line, else the first, how many more, and the
        hash of the whole list (of its canonical bytes), by which it can be proven later.

        :param str name: key of the list
        :param list items: texts
        """
        whole = chain.canonical(items)
        if len(whole.decode()) <= ROOM_FOR_NAMES:
            return {name: items}
        kept, room = [], ROOM_FOR_NAMES
        for item in items:
            room -= len(chain.canonical(item).decode()) + 1
            if room < 0:
                break
            kept.append(item)
        return {name: kept, f"{name}_more": len(items) - len(kept), f"{name}_sha256": chain.digest(whole)}

    @api.model
    def _reference(self, what):
        """:return str: the text itself, or model, id and name of a record; the beginning of a long one"""
        text = what if isinstance(what, str) else f"{what._name}/{what.id} {what.display_name}"
        return text[:LONGEST_NAME]

    @api.model
    def _number_waiting(self):
        """Give this transaction's lines their places. The locks taken here are held until its end."""
        self.env.cr.precommit.data.pop(_WAITING, None)
        self.env.cr.execute("DELETE FROM cctv_custody_waiting RETURNING company_id, id, entry")
        # in the order of companies, so that two transactions never wait for each other
        for company, rows in groupby(sorted(self.env.cr.fetchall()), itemgetter(0)):
            self._insert(company, self._linked(company, [json.loads(entry) for _company, _id, entry in rows]))

    def _linked(self, company, entries):
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, company])
        seq, prev = self._newest(company)
        for entry in entries:
            seq += 1
            body = chain.canonical({**entry, "seq": seq, "prev": prev})
            digest = chain.digest(body)
            yield seq, prev, digest, body.decode(), entry
            prev = digest

    def _newest(self, company):
        """Head of a ledger whose lock is held, as a new transaction sees it or as this one has made it."""
        with self.env.registry.cursor() as other:
            seen = self._head_on(other, company)
        return max(seen, self._head_on(self.env.cr, company))

    @staticmethod
    def _head_on(cr, company):
        cr.execute(CctvCustodyEntry._head_query(company))
        return cr.fetchone() or (0, chain.GENESIS)

    @staticmethod
    def _head_query(company):
        """:return SQL: number and hash of the newest line of the company's ledger; no row when there is none"""
        return SQL("SELECT seq, hash FROM cctv_custody_entry WHERE company_id = %s ORDER BY seq DESC LIMIT 1", company)

    @api.model
    def _head(self, company):
        """:return tuple: number and hash of the newest line that this transaction sees; number 0 when there is none"""
        return self._head_on(self.env.cr, company.id)

    def _insert(self, company, lines):
        rows = [(seq, prev, digest, body, *_readable(entry)) for seq, prev, digest, body, entry in lines]
        columns = zip(*rows, strict=True)
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_custody_entry
                          (company_id, seq, prev, hash, body, at, actor, action, object, data)
                   SELECT %s, seq, prev, hash, convert_to(body, 'UTF8'), at, actor, action, object, data
                     FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::timestamp[], %s::text[], %s::text[],
                                 %s::text[], %s::text[])
                          AS t(seq, prev, hash, body, at, actor, action, object, data)""",
                company,
                *map(list, columns),
            )
        )

    # -- no other way --------------------------------------------------------------------------------------

    @api.model
    def _refusal(self):
        return self.env._("The custody ledger is written by what happens alone and never changed.")


def _readable(entry):
    """:return tuple: the columns at, actor, action, object and data of an entry"""
    data = chain.canonical(entry["data"]).decode() if "data" in entry else None
    return entry["at"].rstrip("Z").replace("T", " "), entry["actor"], entry["action"], entry["object"], data
