from odoo import api, models

HELD = "cctv_recorder_bridge.mail_activity_held"
HELD_PERCENT = 50  # of what a recorder may fill


class Recorder(models.Model):
    """Footage that holds keep leaves no room for what is recorded: told before it does."""

    _inherit = "cctv.recorder"

    @api.model
    def _held_limit(self):
        """:return int: per cent of a recorder's room from which on holds are told as too much"""
        return self._int_parameter("held_percent", HELD_PERCENT)

    def _held_percent(self):
        """:return int: per cent of its quota, or of its disk without one, that footage on hold takes"""
        room = min(filter(None, (self.disk_quota, self.disk_total)), default=0)
        return int(100 * self.purge_held_bytes / room) if room else 0

    def _holds_too_much(self):
        return self._held_percent() >= self._held_limit()

    @api.model
    def _cron_held(self):
        """Each day: an activity while holds take too much of a recorder."""
        for recorder in self.search([("state", "!=", "retired")]):
            self._safely(recorder._watch_held)

    def _watch_held(self):
        user = self._responsible()
        env = self.with_context(lang=user.lang).env
        alarm = self._open_alarm(HELD)
        if not self._holds_too_much():
            if alarm:
                alarm.with_env(env).sudo().action_feedback(feedback=env._("Footage on hold leaves room again."))
            return
        summary = env._(
            "Footage on hold takes %(share)s of the room of %(name)s: release holds that nobody needs, or add room",
            share=f"{self._held_percent()}%",
            name=self.name,
        )
        if alarm and alarm[:1].summary != summary:
            alarm[:1].sudo().summary = summary
        elif not alarm:
            self._raise_alarm(HELD, summary, user)
