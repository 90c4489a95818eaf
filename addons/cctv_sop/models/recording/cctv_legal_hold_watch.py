import logging
from datetime import timedelta

from odoo import api, fields, models

from .cctv_legal_hold_steps import DPO, MAKERS, MANAGEMENT, SUPERVISOR

ACTIVATE_DAYS = 7

_logger = logging.getLogger(__name__)


class CctvLegalHold(models.Model):
    """The clock of holds: what lapses, what ends, and who is asked to judge."""

    _inherit = "cctv.legal.hold"

    @api.model
    def _cron_holds(self):
        now = fields.Datetime.now()
        passed = self._reckon(now)
        over = self.search(self._over_domain(now), order="id")
        doubted = over.filtered(lambda hold: hold._clock_doubt(passed))
        for hold in doubted:
            hold._safely(hold._ask_about_clock)
        for hold in over - doubted:
            hold._safely(hold._lapse if hold.state == "preserved" else hold._step_end)
        self._end_clock_work(doubted)

    def _safely(self, task):
        """Run a task so that what one hold breaks leaves the others watched."""
        try:
            with self.env.cr.savepoint():
                task()
        except Exception:
            _logger.exception("hold %s: %s failed", self.id, task.__name__)

    def _lapse(self):
        self._step_lapse()
        self._message_log(body=self.env._("Nobody confirmed the hold in time: its footage follows retention again."))
        self._give_work(
            "mail_activity_hold_lapsed", lambda env: env._("Hold %s lapsed unconfirmed", self.name), fields.Date.today()
        )

    def _ask_for_confirmation(self):
        for hold in self:
            hold._give_work(
                "mail_activity_hold_confirm",
                lambda env, hold=hold: env._("Confirm hold %s or let it lapse", hold.name),
                hold.confirm_until.date(),
            )

    def _ask_for_review(self, day):
        self._give_work("mail_activity_hold_review", lambda env: env._("Is hold %s still needed?", self.name), day)

    def _ask_for_activation(self):
        """A confirmed hold has no end: somebody is to give it a case and a review date, or to have it released."""
        day = fields.Date.context_today(self) + timedelta(days=ACTIVATE_DAYS)
        self._give_work(
            "mail_activity_hold_step",
            lambda env: env._("Activate hold %s (case reference, review date), or ask for its release", self.name),
            day,
        )

    def _ask_for_release(self):
        self._give_work(
            "mail_activity_hold_step",
            lambda env: env._("Release hold %s, or keep holding", self.name),
            fields.Date.context_today(self),
            self._releaser(),
        )

    def _give_work(self, kind, summary, day, user=None):
        """Schedule an activity in the language of who gets it; nobody to ask means the hold's own form tells it.

        :param str kind: name of the activity type in this addon
        :param summary: gives the words, in the environment that it is called with
        :param date day: until when
        :param user: who gets it, by default who judges holds
        """
        user = self._keeper() if user is None else user
        if not user:
            return
        # sudo: the procedure gives the work, whoever made the hold
        self.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
            f"cctv_sop.{kind}",
            summary=summary(self.with_context(lang=user.lang).env),
            user_id=user.id,
            date_deadline=day,
        )

    def _end_activity(self, *kinds):
        types = self.env["mail.activity.type"].browse(self.env.ref(f"cctv_sop.{kind}").id for kind in kinds)
        self.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id in types).unlink()

    def _keeper(self):
        """:return res.users: who judges holds of the company: a supervisor, else the data protection officer"""
        return self._first_of((SUPERVISOR, DPO))

    def _releaser(self):
        """:return res.users: who may release this hold: management, else the DPO, none of whom had a part in it"""
        # sudo: who had a part must not depend on whom the caller may see
        makers = self.env.user.union(*(self.sudo()[name] for name in MAKERS))
        return self._first_of((MANAGEMENT, DPO), besides=makers)

    def _first_of(self, roles, besides=()):
        for role in roles:
            # sudo: whose work it is must not depend on whom the caller may see
            people = self.env.ref(role).sudo().all_user_ids
            fit = people.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)
            fit = fit.filtered(lambda user: user not in besides)
            if fit:
                return fit.sorted("id")[:1]
        return self.env["res.users"]
