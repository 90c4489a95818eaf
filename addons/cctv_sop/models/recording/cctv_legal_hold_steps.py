from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ...workflow import step
from .cctv_legal_hold import GRACE_DAYS, RENEW_DAYS

_lt = LazyTranslate(__name__)

SUPERVISOR = "cctv_sop.group_supervisor"
MANAGEMENT = "cctv_sop.group_management"
DPO = "cctv_sop.group_dpo"
#: Who made or confirmed the hold, or asked for its end, does not release it (SOD-07).
MAKERS = ("preserved_by", "requested_by", "release_requested_by")


class CctvLegalHold(models.Model):
    """Preserve, confirm, activate, renew; release by a second person (SOP section 7.7)."""

    _inherit = "cctv.legal.hold"

    @step("preserved", "requested", who=(SUPERVISOR, DPO), label=_lt("Confirm hold"))
    def action_confirm(self):
        self._end_activity("mail_activity_hold_confirm")
        self._ask_for_activation()
        self._tell_custody("hold.confirmed")
        return {"requested_by": self.env.uid, "requested_at": fields.Datetime.now(), "confirm_until": False}

    @step("requested", "active", who=(SUPERVISOR, DPO), label=_lt("Activate hold"))
    def action_activate(self):
        missing = [name for name in ("reason", "case_ref", "review_date") if not self[name]]
        if missing:
            labels = ", ".join(self._fields[name]._description_string(self.env) for name in missing)
            raise UserError(
                self.env._(
                    "%(name)s cannot become active. Still to be filled in: %(fields)s.", name=self.name, fields=labels
                )
            )
        if self.review_date <= fields.Date.context_today(self):
            raise UserError(self.env._("The review date of %s lies in the past. Choose a later one.", self.name))
        self._end_activity("mail_activity_hold_judge", "mail_activity_hold_step")
        self._ask_for_review(self.review_date)
        self._tell_custody("hold.active")
        return {"activated_by": self.env.uid, "activated_at": fields.Datetime.now()}

    @step("active", None, who=(SUPERVISOR, DPO), note=True, label=_lt("Renew hold"))
    def action_renew(self):
        """Still needed: the next review is ninety days on."""
        today = fields.Date.context_today(self)
        review = max(self.review_date or today, today) + timedelta(days=RENEW_DAYS)
        self._end_activity("mail_activity_hold_review", "mail_activity_hold_judge")
        self._ask_for_review(review)
        self._tell_custody("hold.renewed", review=fields.Date.to_string(review))
        return {"review_date": review}

    @step(
        ("requested", "active"),
        "release_requested",
        who=(SUPERVISOR, MANAGEMENT, DPO),
        note=True,
        label=_lt("Request release"),
    )
    def action_request_release(self):
        self._end_activity("mail_activity_hold_step")
        self._ask_for_release()
        self._tell_custody("hold.release_asked")
        return {"release_requested_by": self.env.uid, "release_requested_at": fields.Datetime.now()}

    @step(
        "release_requested",
        ("active", "requested"),
        who=(SUPERVISOR, MANAGEMENT, DPO),
        note=True,
        label=_lt("Keep holding"),
    )
    def action_keep(self):
        state = "active" if self.activated_at else "requested"
        self._end_activity("mail_activity_hold_step")
        if state == "requested":
            self._ask_for_activation()
        self._tell_custody("hold.kept")
        return {"state": state, "release_requested_by": False, "release_requested_at": False}

    @step(
        "release_requested",
        "released",
        who=(MANAGEMENT, DPO),
        differ=MAKERS,
        note=True,
        label=_lt("Release hold"),
    )
    def action_release(self):
        """By a second person; the footage is kept for the days of grace before retention resumes."""
        now = fields.Datetime.now()
        self._end_activity("mail_activity_hold_review", "mail_activity_hold_judge", "mail_activity_hold_step")
        self._tell_custody("hold.released")
        return {"released_by": self.env.uid, "released_at": now, "grace_until": now + timedelta(days=GRACE_DAYS)}

    @step("preserved", "lapsed", label=_lt("Lapse"))
    def _step_lapse(self):
        self._end_activity("mail_activity_hold_confirm")
        self._tell_custody("hold.lapsed")
        return {"ended_at": fields.Datetime.now()}

    @step("released", None, label=_lt("End of grace"))
    def _step_end(self):
        return {"ended_at": fields.Datetime.now()}
