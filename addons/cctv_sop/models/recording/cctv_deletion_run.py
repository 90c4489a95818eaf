from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ...workflow import step

_lt = LazyTranslate(__name__)

MANAGEMENT = "cctv_sop.group_management"
IT = "cctv_sop.group_it"
GUARDED = {"guarded": True, "readonly": True, "copy": False}
UNDECIDED = ("asked", "parked", "released", "confirmed")
MEGA = 10**6


class CctvDeletionRun(models.Model):
    """One deletion of footage whose time is over: what was asked, who allowed it, what really went.

    What deletes makes and moves the record; a person only decides on a parked one (SOP S4.1).
    """

    _name = "cctv.deletion.run"
    _description = "Deletion Run"
    _inherit = ["cctv.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"
    _open_states = ()

    name = fields.Char("Number", required=True, index=True, **GUARDED)
    uuid = fields.Char("Identifier", required=True, index=True, **GUARDED)
    company_id = fields.Many2one("res.company", required=True, index=True, **GUARDED)
    kind = fields.Selection([("retention", "Retention")], default="retention", required=True, **GUARDED)
    state = fields.Selection(
        [
            ("asked", "Asked"),
            ("parked", "Waiting for a Person"),
            ("released", "Allowed"),
            ("confirmed", "Confirmed"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("refused", "Refused"),
        ],
        default="asked",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    reason = fields.Char("Why It Waits, as Asked", **GUARDED)
    why = fields.Char("Why It Waits", compute="_compute_why")
    refusal = fields.Char("Why It Was Refused", compute="_compute_refusal")
    line_ids = fields.One2many("cctv.deletion.run.line", "run_id", "Cameras", readonly=True, copy=False)
    cameras = fields.Integer("Number of Cameras", aggregator=None, **GUARDED)
    segments = fields.Integer("Segments Due", **GUARDED)
    bytes = fields.Float("Size Due (bytes)", digits=(20, 0), **GUARDED)
    done_segments = fields.Integer("Segments Deleted", **GUARDED)
    freed = fields.Float("Freed (bytes)", digits=(20, 0), **GUARDED)
    rescued = fields.Integer("Segments Saved by a Hold", **GUARDED)
    unallowed = fields.Integer("Segments Deleted without Permission", **GUARDED)
    asked_at = fields.Datetime(default=fields.Datetime.now, **GUARDED)
    decided_by = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", **GUARDED)
    decided_at = fields.Datetime(**GUARDED)
    confirmed_at = fields.Datetime(**GUARDED)
    ended_at = fields.Datetime("Ended", **GUARDED)
    tz = fields.Selection(
        related="company_id.partner_id.tz", string="Time zone", help="Zone of the company, in which times are shown."
    )
    summary = fields.Char("In Words", compute="_compute_summary")

    _number_uniq = models.UniqueIndex("(company_id, name)", "Another deletion run of the company has this number.")

    @api.depends("reason")
    def _compute_why(self):
        for run in self:
            run.why = run.reason

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_refusal(self):
        for run in self:
            run.refusal = run._refusal_words() or False

    def _refusal_words(self):
        """:return str: the reason of the person who refused it; empty when none did"""
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id), ("step", "=", "action_refuse")]
        # sudo: chatter shows it to whoever may read the run
        return self.env["cctv.workflow.log"].sudo().search(domain, limit=1).note or ""

    @api.depends("state", "cameras", "segments", "bytes", "done_segments", "freed", "rescued", "unallowed")
    @api.depends_context("lang")
    def _compute_summary(self):
        for run in self:
            words = run._ended_words() if run.ended_at else run._due_words()
            run.summary = " ".join(filter(None, (words, run._unallowed_words())))

    def _unallowed_words(self):
        return self.unallowed and self.env._("Deleted without permission: %s.", self.unallowed)

    def _due_words(self):
        segments = self.env._("1 segment") if self.segments == 1 else self.env._("%s segments", self.segments)
        cameras = self.env._("1 camera") if self.cameras == 1 else self.env._("%s cameras", self.cameras)
        return self.env._(
            "Due: %(segments)s of %(cameras)s, %(size)s MB.",
            segments=segments,
            cameras=cameras,
            size=round(self.bytes / MEGA),
        )

    def _ended_words(self):
        words = self.env._(
            "%(deleted)s of %(segments)s segments deleted, %(freed)s MB freed, %(rescued)s saved by a hold.",
            deleted=self.done_segments,
            segments=self.segments,
            freed=round(self.freed / MEGA),
            rescued=self.rescued,
        )
        left = self.segments - self.done_segments - self.rescued
        if self.state != "done" or left <= 0:
            return words
        return words + " " + self.env._("Not deleted: %s (the recorder's events say why).", left)

    def _initial_values(self, vals):
        company = self.env["res.company"].browse(vals["company_id"])
        number = vals.get("name") or self.env["ir.sequence"]._next_cctv_number(company, self._name, "BM")
        return {**super()._initial_values(vals), "name": number}

    @api.model
    def _ask(self, values, lines):
        """Make the record of a deletion that something wants to carry out.

        :param dict values: ``uuid``, ``company_id`` and figures
        :param list lines: values of :class:`CctvDeletionRunLine`
        """
        # sudo: nobody has the right to create runs, what deletes asks through here
        model = self.sudo()
        run = model._with_pass(values, create=True).create([values]).with_context(_workflow=None)
        run.line_ids._replace(run, lines)
        return run

    # -- steps -------------------------------------------------------------------------------------------

    @step("asked", "parked", label=_lt("Wait for a person"))
    def _step_park(self):
        return {}

    @step(("asked", "released"), "confirmed", label=_lt("Confirm deletion"))
    def _step_confirm(self):
        return {"confirmed_at": fields.Datetime.now()}

    @step(("released", "confirmed"), "asked", label=_lt("Ask again"))
    def _step_ask_again(self):
        # confirmed_at stays: what had gone by that word went by leave
        return {"decided_by": False, "decided_at": False}

    @step(UNDECIDED, "refused", label=_lt("Refuse deletion"))
    def _step_refuse(self):
        return {}

    @step((*UNDECIDED, "refused"), ("done", "cancelled", "refused"), label=_lt("End of deletion"))
    def _step_end(self, state):
        """What went by leave is told in the ledger, however it ended; it is done then, though the rest was refused."""
        if self.confirmed_at and (state == "done" or self.done_segments):
            self._tell_custody("purge.done")
        if self.done_segments and self.confirmed_at:
            state = "done"
        elif self.state == "refused":
            state = "refused"
        return {"state": state, "ended_at": fields.Datetime.now()}

    @step("parked", "released", who=(MANAGEMENT, IT), note=True, label=_lt("Allow deletion"))
    def action_release(self):
        """One person's word for what the deleting machine's own guard did not want to do alone."""
        self._end_activities()
        self._tell_custody("purge.released")
        return {"decided_by": self.env.uid, "decided_at": fields.Datetime.now()}

    @step(("asked", "parked", "released"), "refused", who=(MANAGEMENT, IT), note=True, label=_lt("Refuse deletion"))
    def action_refuse(self):
        self._end_activities()
        return {"decided_by": self.env.uid, "decided_at": fields.Datetime.now()}

    def _tell_custody(self, action):
        """Add what went, or may go, to the company's custody ledger."""
        ledger = self.env["cctv.custody.entry"]
        data = {
            **ledger._in_a_line("cameras", self.line_ids.camera_id.sorted("id").mapped("code")),
            "segments": self.done_segments if action == "purge.done" else self.segments,
            "bytes": round(self.bytes),
            "freed": round(self.freed),
            "rescued": self.rescued,
            "uuid": self.uuid,
        }
        ledger._append(action, self.name, data, self.company_id)

    def _end_activities(self):
        self.sudo().activity_ids.unlink()
