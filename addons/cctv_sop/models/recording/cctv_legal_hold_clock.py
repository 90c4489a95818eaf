from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...site_time import site_minute
from ...workflow import step
from .cctv_legal_hold_steps import DPO, SUPERVISOR

_lt = LazyTranslate(__name__)

#: Hours that are believed to have passed between two runs of the cron. A clock that moved further was set, or none ran.
LEAP_HOURS = 24
TRUST = "action_trust_clock"


class CctvLegalHold(models.Model):
    """By which time a hold ends: a clock that is set ahead ends none.

    How far time has come is reckoned for each company from run to run of the cron, never later than the clock says.
    A run that is a day or more after the last one, or before it, adds nothing.
    """

    _inherit = "cctv.legal.hold"

    clock_note = fields.Char("Why It Does Not End", compute="_compute_clock_note")

    def init(self):
        super().init()
        self.env.cr.execute(
            """CREATE TABLE IF NOT EXISTS cctv_hold_clock (
                   company_id integer PRIMARY KEY REFERENCES res_company ON DELETE CASCADE,
                   seen timestamp NOT NULL,
                   passed timestamp NOT NULL)"""
        )

    @api.model
    def _reckon(self, now):
        """Note that the cron runs.

        :return dict: company id -> until when time has surely come
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO cctv_hold_clock AS c (company_id, seen, passed)
                   SELECT id, %(now)s, %(now)s FROM res_company
                   ON CONFLICT (company_id) DO UPDATE
                      SET seen = EXCLUDED.seen,
                          passed = least(EXCLUDED.seen,
                                         CASE WHEN EXCLUDED.seen - c.seen
                                                   BETWEEN interval '0' AND %(leap)s * interval '1 hour'
                                              THEN c.passed + (EXCLUDED.seen - c.seen) ELSE c.passed END)
                   RETURNING company_id, passed""",
                now=now,
                leap=LEAP_HOURS,
            )
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _passed(self):
        """:return dict: company id -> until when time has surely come, as of the cron's last run"""
        self.env.cr.execute("SELECT company_id, passed FROM cctv_hold_clock")
        return dict(self.env.cr.fetchall())

    @api.model
    def _over_domain(self, now):
        """:return list: holds that are over by the clock"""
        lapsed = ["&", ("state", "=", "preserved"), ("confirm_until", "<=", now)]
        graced = ["&", "&", ("state", "=", "released"), ("ended_at", "=", False), ("grace_until", "<=", now)]
        return ["|", *lapsed, *graced]

    @api.depends("state", "confirm_until", "grace_until", "ended_at")
    @api.depends_context("lang")
    def _compute_clock_note(self):
        over = self.filtered_domain(self._over_domain(fields.Datetime.now()))
        passed = self._passed() if over else {}
        for hold in self:
            hold.clock_note = (hold in over and hold._clock_doubt(passed)) or False

    def _clock_doubt(self, passed):
        """Say why the clock by which this hold is over is not believed; nothing when it is.

        :param dict passed: company id -> until when time has surely come
        """
        return self._recorders_doubt() or self._leap_words(passed)

    def _recorders_doubt(self):
        """:return str: why no hold of the company ends by time, as its recorders say; nothing without recorders"""
        return ""

    def _leap_words(self, passed):
        now = fields.Datetime.now()
        surely = passed.get(self.company_id.id, now)
        if (self.confirm_until if self.state == "preserved" else self.grace_until) <= surely:
            return ""
        return self.env._(
            "This server's clock says %(now)s, and by it the hold is over. But the clock moved %(hours)s h further "
            "than this server has run: it was off, or its clock was set. The hold lasts until somebody says that the "
            "clock is right, or until so much time has really passed.",
            now=site_minute(self.env, now, self.tz),
            hours=round((now - surely).total_seconds() / 3600),
        )

    @step(("preserved", "released"), None, who=(SUPERVISOR, DPO), note=True, label=_lt("The clock is right"))
    def action_trust_clock(self):
        """A person's word for this server's clock: its holds end by it."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            "UPDATE cctv_hold_clock SET seen = %s, passed = %s WHERE company_id = %s", [now, now, self.company_id.id]
        )
        self._end_activity("mail_activity_hold_clock")
        self._tell_custody("hold.clock_trusted", clock=fields.Datetime.to_string(now))
        self.invalidate_model(["clock_note"])
        return {}

    def _check_before(self, step):
        res = super()._check_before(step)
        if step.name != TRUST:
            return res
        if words := self._recorders_doubt():
            raise UserError(words)
        if not self.clock_note:
            raise UserError(self.env._("Nothing is to be judged: no clock keeps %s from its end.", self.name))
        return res

    def _step_advice(self, step):
        if step.name != TRUST:
            return super()._step_advice(step)
        over = [("company_id", "=", self.company_id.id), *self._over_domain(fields.Datetime.now())]
        return self.env._(
            "It is %(now)s by this server's clock. Your word counts for all holds of the company: those that are over "
            "by this clock (%(count)s) end within minutes.",
            now=site_minute(self.env, fields.Datetime.now(), self.tz),
            count=self.sudo().search_count(over),
        )

    def _ask_about_clock(self):
        """Once for each hold: the form goes on telling it."""
        kind = self.env.ref("cctv_sop.mail_activity_hold_clock")
        asked = [("res_model", "=", self._name), ("res_id", "=", self.id), ("activity_type_id", "=", kind.id)]
        # sudo: whoever was asked; a work that is done is archived
        if not self.env["mail.activity"].sudo().with_context(active_test=False).search_count(asked, limit=1):
            self._give_work(
                "mail_activity_hold_clock",
                lambda env: env._("Is this server's clock right? Hold %s is over by it", self.name),
                fields.Date.today(),
            )

    @api.model
    def _end_clock_work(self, doubted):
        """Nobody is asked any more about holds that no clock keeps from their end."""
        kind = self.env.ref("cctv_sop.mail_activity_hold_clock")
        domain = [("res_model", "=", self._name), ("res_id", "not in", doubted.ids), ("activity_type_id", "=", kind.id)]
        # sudo: the procedure's own work
        self.env["mail.activity"].sudo().search(domain).unlink()
