import uuid
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ... import chain
from ..governance.cctv_custody_entry import ROOM_FOR_NAMES

PRESERVE_HOURS = 72
GRACE_DAYS = 7
RENEW_DAYS = 90
#: States in which footage is kept whatever retention says; a released hold still does until its grace is over.
HOLDING = ("preserved", "requested", "active", "release_requested")
GUARDED = {"guarded": True, "readonly": True, "copy": False}
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2095, 1, 1)
WINDOW = ("camera_ids", "start", "stop")
MOST_CODES = ROOM_FOR_NAMES  # characters; each line of the ledger names all cameras of a hold


class CctvLegalHold(models.Model):
    """Footage of some cameras and a window of time that nobody deletes (SOP section 7.7).

    It holds from the moment it is made. It never shrinks: whoever wants less releases it, by two persons, and makes
    another. What recorders know of it is answered "not measured" here.
    """

    _name = "cctv.legal.hold"
    _description = "Legal Hold"
    _inherit = ["cctv.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _open_states = ("preserved", "requested")

    name = fields.Char("Number", required=True, index=True, **GUARDED)
    uuid = fields.Char("Identifier", required=True, **GUARDED)
    origin = fields.Selection(
        [("person", "A person"), ("recorder", "Told by the recorder")], default="person", required=True, **GUARDED
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    reason = fields.Text(required=True, tracking=True)
    case_ref = fields.Char("Case Reference", tracking=True)
    # no field of cctv.camera mirrors this one: what is written there would pass by the rules here
    camera_ids = fields.Many2many(
        "cctv.camera",
        "cctv_legal_hold_camera_rel",
        "hold_id",
        "camera_id",
        required=True,
        check_company=True,
        ondelete="restrict",
    )
    camera_count = fields.Integer("Number of Cameras", compute="_compute_camera_count")
    site_id = fields.Many2one("cctv.location", compute="_compute_site_id", store=True, index=True)
    tz = fields.Selection(related="site_id.tz", string="Site Time Zone")
    start = fields.Datetime("From", required=True, tracking=True)
    stop = fields.Datetime("Until", tracking=True, help="Empty: without end.")
    review_date = fields.Date("Review", tracking=True, help="By then somebody says whether the hold is still needed.")
    state = fields.Selection(
        [
            ("preserved", "Preserved"),
            ("requested", "Confirmed"),
            ("active", "Active"),
            ("release_requested", "Release Requested"),
            ("released", "Released"),
            ("lapsed", "Lapsed"),
        ],
        default="preserved",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    preserved_by = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", **GUARDED)
    preserved_at = fields.Datetime(**GUARDED)
    confirm_until = fields.Datetime(help="A preserved hold that nobody confirms by then lapses.", **GUARDED)
    requested_by = fields.Many2one("res.users", "Confirmed By", ondelete="restrict", index="btree_not_null", **GUARDED)
    requested_at = fields.Datetime("Confirmed At", **GUARDED)
    activated_by = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", **GUARDED)
    activated_at = fields.Datetime(**GUARDED)
    release_requested_by = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", **GUARDED)
    release_requested_at = fields.Datetime(**GUARDED)
    released_by = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", **GUARDED)
    released_at = fields.Datetime(**GUARDED)
    grace_until = fields.Datetime("Kept Until", help="After release the footage is kept some days more.", **GUARDED)
    ended_at = fields.Datetime("Ended", index=True, help="From then on the hold keeps nothing.", **GUARDED)
    hold_state = fields.Selection(
        [
            ("requested", "Asked for"),
            ("active", "Held"),
            ("empty", "Held, No Footage"),
            ("grace", "Released, Still Held"),
            ("released", "Ended"),
            ("unknown", "Not measured"),
        ],
        "At the Recorders",
        compute="_compute_hold_state",
    )
    hold_detail = fields.Char("What the Recorders Say", compute="_compute_hold_state")

    _uuid_uniq = models.UniqueIndex("(uuid)", "Two holds cannot be one.")
    _number_uniq = models.UniqueIndex("(company_id, name)", "Another hold of the company has this number.")
    _window = models.Constraint("CHECK(stop IS NULL OR stop > start)", "A hold ends after it begins.")

    @api.depends("camera_ids")
    def _compute_camera_count(self):
        for hold in self:
            hold.camera_count = len(hold.camera_ids)

    @api.depends("camera_ids.site_id")
    def _compute_site_id(self):
        for hold in self:
            hold.site_id = hold.camera_ids.sorted("id")[:1].site_id

    @api.depends("state", "ended_at")
    @api.depends_context("lang")
    def _compute_hold_state(self):
        status = self._hold_status()
        for hold in self:
            hold.hold_state, hold.hold_detail = status[hold.id]["state"], status[hold.id]["detail"]

    def _hold_status(self):
        """What recorders know about each hold: asked for, held, ended.

        :return dict: by hold id ``{"measured": bool, "state": str, "detail": str}``
        """
        detail = self.env._("Not measured: no recorder of ours records these cameras.")
        return {hold.id: {"measured": False, "state": "unknown", "detail": detail} for hold in self}

    @api.constrains("camera_ids", "start", "stop")
    def _check_window(self):
        for hold in self:
            if not hold.camera_ids:
                raise ValidationError(self.env._("Choose at least one camera whose footage is to be held."))
            for moment in filter(None, (hold.start, hold.stop)):
                if not EARLIEST <= moment < LATEST:
                    raise ValidationError(self.env._("The window of a hold lies between the years 2000 and 2095."))

    @api.constrains("camera_ids")
    def _check_room_for_cameras(self):
        for hold in self:
            if len(chain.canonical(hold.camera_ids.mapped("code"))) > MOST_CODES:
                raise ValidationError(
                    self.env._(
                        "These are too many cameras for one hold: their codes do not fit into one line of the custody "
                        "ledger. Divide them among several holds."
                    )
                )

    def _initial_values(self, vals):
        company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        now = fields.Datetime.now()
        return {
            **super()._initial_values(vals),
            "name": vals.get("name") or self.env["ir.sequence"]._next_cctv_number(company, self._name, "PH"),
            "uuid": str(uuid.uuid4()),
            "preserved_by": self.env.uid,
            "preserved_at": now,
            "confirm_until": now + timedelta(hours=PRESERVE_HOURS),
        }

    @api.model_create_multi
    def create(self, vals_list):
        holds = super().create(vals_list)
        for hold in holds:
            hold._tell_custody("hold.preserved")
        holds.filtered(lambda hold: hold.state == "preserved")._ask_for_confirmation()
        return holds

    def write(self, vals):
        if "company_id" in vals and any(hold.company_id.id != vals["company_id"] for hold in self):
            raise UserError(self.env._("A hold stays with its company."))
        before = [(hold, hold.camera_ids, hold.start, hold.stop) for hold in self] if vals.keys() & set(WINDOW) else []
        result = super().write(vals)
        for hold, cameras, start, stop in before:
            hold._check_not_narrowed(cameras, start, stop)
            if (hold.camera_ids, hold.start, hold.stop) != (cameras, start, stop):
                hold._tell_custody("hold.widened")
        return result

    def _tell_custody(self, action, **more):
        """Add what is held now to the company's custody ledger, and what else there is to say of the step."""
        data = {
            "cameras": self.camera_ids.sorted("id").mapped("code"),
            "start": fields.Datetime.to_string(self.start),
            "stop": fields.Datetime.to_string(self.stop) if self.stop else "",
            "state": self.state,
            "uuid": self.uuid,
            **more,
        }
        self.env["cctv.custody.entry"]._append(action, self.name, data, self.company_id)

    def _check_not_narrowed(self, cameras, start, stop):
        """A hold that one person could narrow would be one that he could release alone."""
        narrower = cameras - self.camera_ids or self.start > start or (self.stop and (not stop or self.stop < stop))
        if narrower:
            raise UserError(
                self.env._("%s may only be widened. To hold less, have it released and make another hold.", self.name)
            )

    @api.model
    def _holding_domain(self):
        """:return list: holds that keep footage now, those in their grace included"""
        return [("ended_at", "=", False)]

    def action_view_cameras(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cameras of %s", self.name),
            "res_model": "cctv.camera",
            "view_mode": "list,kanban,form",
            "domain": [("id", "in", self.camera_ids.ids)],
        }
