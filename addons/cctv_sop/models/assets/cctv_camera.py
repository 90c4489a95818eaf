import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import LazyTranslate

from ...workflow import step

_lt = LazyTranslate(__name__)

IT = "cctv_sop.group_it"
MANAGEMENT = "cctv_sop.group_management"
DPO = "cctv_sop.group_dpo"

RETENTION_DAYS = {"public": 30, "restricted": 30, "high_security": 60}
PRIORITY = {"public": 10, "restricted": 20, "high_security": 30}
_LIVE_STATES = ("testing", "active", "suspended")
_WATCHING = ("testing", "active")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE_LENGTH = 32


class CctvCamera(models.Model):
    """A point that watches: it keeps code, path and history while devices come and go.

    States and steps: SOP stages 1 and 2 (sections 7.1 and 7.2), shortened until installation jobs exist.
    """

    _name = "cctv.camera"
    _description = "Camera"
    _inherit = ["cctv.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "code, id"
    _rec_names_search = ["code", "name", "path"]
    _check_company_auto = True
    _mail_post_access = "read"
    _open_states = ("planned", "installing", "testing", "active", "suspended")

    # identity
    code = fields.Char(required=True, copy=False, index="trigram", help="Unique in the company; fixed for ever.")
    name = fields.Char(required=True, tracking=True)
    path = fields.Char(guarded=True, readonly=True, copy=False, index=True, help="Name of the stream and its folder.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("installing", "Installing"),
            ("testing", "Testing"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("decommissioned", "Decommissioned"),
        ],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    suspended_from = fields.Char(guarded=True, readonly=True, copy=False)
    take_over = fields.Boolean(
        "Taken over",
        guarded=True,
        readonly=True,
        copy=False,
        help="Put into use without commissioning, because it hung there already. Due for a system test.",
    )

    # place and purpose
    location_id = fields.Many2one(
        "cctv.location", required=True, index=True, ondelete="restrict", check_company=True, tracking=True
    )
    place_refused = fields.Char(compute="_compute_place_refused")
    site_id = fields.Many2one(related="location_id.site_id", store=True, index=True, string="Site")
    tz = fields.Selection(related="location_id.site_id.tz", string="Site time zone")
    security_class = fields.Selection(related="location_id.security_class", store=True, index=True)
    purpose = fields.Selection(
        [
            ("asset_security", "Asset security"),
            ("employee_safety", "Employee safety"),
            ("operational_oversight", "Operational oversight"),
        ],
        tracking=True,
    )
    lawful_basis = fields.Selection(
        [
            ("consent", "Consent"),
            ("contract", "Contract"),
            ("legal_obligation", "Legal obligation"),
            ("vital_interest", "Vital interest"),
            ("public_task", "Public task"),
            ("legitimate_interest", "Legitimate interest"),
        ],
        tracking=True,
        help="UU 27/2022, article 20.",
    )
    lawful_basis_note = fields.Text(tracking=True)
    audio_approved = fields.Boolean(guarded=True, readonly=True, copy=False, tracking=True)
    audio_basis = fields.Text(guarded=True, readonly=True, copy=False)
    retention_days = fields.Integer(
        compute="_compute_from_class", store=True, aggregator=None, help="Days for which footage is kept."
    )
    priority = fields.Integer(
        compute="_compute_from_class", store=True, aggregator=None, help="Higher: kept alive first."
    )

    _code_uniq = models.Constraint("UNIQUE(company_id, code)", "Another camera of the company has this code.")
    _path_uniq = models.Constraint("UNIQUE(path)", "Another camera has this stream path.")
    _code_form = models.Constraint(
        "CHECK(code ~ '^[a-z0-9]+(-[a-z0-9]+)*$')", "A camera code has letters, digits and single hyphens."
    )

    @api.depends("security_class")
    def _compute_from_class(self):
        for camera in self:
            camera.retention_days = RETENTION_DAYS.get(camera.security_class, 30)
            camera.priority = PRIORITY.get(camera.security_class, 10)

    @api.depends("location_id.area_type", "location_id.parent_path", "state")
    @api.depends_context("lang")
    def _compute_place_refused(self):
        """What saving would refuse, told while the place is chosen."""
        for camera in self:
            forbidden = camera._forbidden_place()
            text = self.env._(
                "No camera may hang here: “%s” is a forbidden area. Choose another place. If the area type is wrong, "
                "the DPO or management lifts the ban with a reason.",
                forbidden.complete_name,
            )
            camera.place_refused = text if forbidden else False

    @api.depends("code", "name")
    def _compute_display_name(self):
        for camera in self:
            camera.display_name = f"{(camera.code or '').upper()} {camera.name or ''}".strip()

    # -- constraints -------------------------------------------------------------------------------------

    @api.constrains("location_id")
    def _check_place_stays(self):
        self.location_id._hold_places()

    @api.constrains("state")
    def _check_place_again(self):
        watching = self.filtered(lambda camera: camera.state in _WATCHING)
        watching._check_area_allowed()
        watching._check_place_in_use()

    @api.constrains("location_id")
    def _check_place_in_use(self):
        for camera in self.filtered(lambda camera: camera.state != "decommissioned"):
            if archived := camera.location_id._archived_ancestor():
                raise ValidationError(
                    self.env._(
                        "%(camera)s cannot hang here: “%(place)s” is archived. Restore it, or choose another place.",
                        camera=camera.display_name,
                        place=archived.complete_name,
                    )
                )

    @api.constrains("location_id")
    def _check_area_allowed(self):
        """SOP S0.2d: no camera in toilets, changing, prayer and lactation rooms."""
        for camera in self:
            if forbidden := camera._forbidden_place():
                raise ValidationError(
                    self.env._(
                        "No camera may hang here: “%(place)s” is a forbidden area. Choose another place for "
                        "%(camera)s. If the area type is wrong, the DPO or management lifts the ban with a reason.",
                        place=forbidden.complete_name,
                        camera=camera.display_name,
                    )
                )

    def _forbidden_place(self):
        """:return cctv.location: the forbidden place in which this camera would hang, or none"""
        return self.location_id[: self.state != "decommissioned"]._forbidden_ancestor()

    @api.constrains("state", "purpose", "lawful_basis")
    def _check_purpose(self):
        """SOP S0.2a: a camera without purpose and lawful basis does not watch."""
        self.filtered(lambda camera: camera.state in _LIVE_STATES)._refuse_without_purpose()

    def _refuse_without_purpose(self):
        for camera in self:
            missing = [name for name in ("purpose", "lawful_basis") if not camera[name]]
            if missing:
                labels = [self._fields[name]._description_string(self.env) for name in missing]
                raise ValidationError(
                    self.env._(
                        "%(camera)s cannot watch yet. Still to be filled in: %(fields)s.",
                        camera=camera.display_name,
                        fields=", ".join(labels),
                    )
                )

    # -- code and path -----------------------------------------------------------------------------------

    @api.model
    def _normalise_code(self, code):
        """Make a camera code of what was typed: lower case, one hyphen for blanks and other marks.

        :param str code: as typed, for example ``CAM 07``
        :return str: as stored, ``cam-07``
        :raises UserError: when nothing usable is left, or it is too long
        """
        found = re.sub(r"[\s_./-]+", "-", (code or "").strip().lower()).strip("-")
        if not _CODE.fullmatch(found) or len(found) > _CODE_LENGTH:
            raise UserError(
                self.env._(
                    "“%(code)s” is no camera code: use letters, digits and hyphens, %(length)s at most.",
                    code=code or "",
                    length=_CODE_LENGTH,
                )
            )
        return found

    def _initial_values(self, vals):
        company = self.env["res.company"].browse(vals["company_id"])
        # sudo: the first part of the path is no secret, the company record may be
        return {**super()._initial_values(vals), "path": f"{company.sudo().cctv_code}-{vals['code']}"}

    @api.model_create_multi
    def create(self, vals_list):
        prepared = []
        for vals in vals_list:
            vals = {**self.default_get(["code", "company_id"]), **vals}
            vals["code"] = self._normalise_code(vals.get("code"))
            prepared.append(vals)
        return super().create(prepared)

    def write(self, vals):
        vals = dict(vals)
        if "code" in vals:
            vals["code"] = self._normalise_code(vals["code"])
        for name in ("code", "company_id"):
            if name in vals and any(camera._stored_value(name) != vals[name] for camera in self):
                label = self._fields[name]._description_string(self.env)
                raise UserError(self.env._("“%s” of a camera never changes: its footage is kept under it.", label))
        return super().write(vals)

    def _stored_value(self, name):
        """:return: a field's value in the form in which ``write`` takes it"""
        return self._fields[name].convert_to_write(self[name], self)

    # -- steps -------------------------------------------------------------------------------------------

    def _check_before(self, step):
        super()._check_before(step)
        if set(_LIVE_STATES).intersection(step.target):
            self._refuse_without_purpose()

    @step("planned", "active", who=IT, note=True, label=_lt("Take over"))
    def action_take_over(self):
        return {"take_over": True}

    @step(("planned", "installing"), "testing", who=IT, label=_lt("Start testing"))
    def action_start_testing(self):
        return {}

    @step("testing", "active", who=IT, note=True, label=_lt("Activate"))
    def action_activate(self):
        # a period of testing is no system test: until there are such tests, each camera in use is due for one
        return {"take_over": True}

    @step(("active", "testing"), "suspended", who=IT, note=True, label=_lt("Suspend"))
    def action_suspend(self):
        return {"suspended_from": self.state}

    @step("suspended", ("active", "testing"), who=IT, label=_lt("Resume"))
    def action_resume(self):
        return {"state": self.suspended_from or "active", "suspended_from": False}

    @step(
        ("planned", "installing", "testing", "active", "suspended"),
        "decommissioned",
        who=(MANAGEMENT, IT),
        note=True,
        label=_lt("Decommission"),
    )
    def action_decommission(self, note):
        self._close_mounting(note)
        return {"equipment_id": False}

    @step(_open_states, None, who=(DPO, MANAGEMENT), note=True, label=_lt("Approve sound recording"))
    def action_approve_audio(self, note):
        return {"audio_approved": True, "audio_basis": note}

    @step(_open_states, None, who=(DPO, MANAGEMENT, IT), note=True, label=_lt("Withdraw sound recording"))
    def action_withdraw_audio(self):
        return {"audio_approved": False, "audio_basis": False}
