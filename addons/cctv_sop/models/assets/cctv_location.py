from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from odoo.addons.base.models.res_partner import _tz_get

from ...workflow import step
from ..core.cctv_chosen_mixin import check_chosen

_lt = LazyTranslate(__name__)

MANAGEMENT = "cctv_sop.group_management"
DPO = "cctv_sop.group_dpo"

LOCATION_TYPES = [
    ("site", "Site"),
    ("building", "Building"),
    ("floor", "Floor"),
    ("zone", "Zone"),
    ("room", "Room"),
]
AREA_TYPES = [
    ("entrance", "Entrance"),
    ("production", "Production"),
    ("warehouse", "Warehouse"),
    ("parking", "Parking"),
    ("monitoring_room", "Monitoring room"),
    ("office", "Office"),
    ("other", "Other"),
    ("forbidden", "Forbidden area"),
]
SECURITY_CLASSES = [
    ("public", "Public"),
    ("restricted", "Restricted"),
    ("high_security", "High security"),
]
FORBIDDEN_KINDS = [
    ("toilet", "Toilet"),
    ("changing", "Changing room"),
    ("prayer", "Prayer room"),
    ("lactation", "Lactation room"),
    ("other", "Other private room"),
]
_RANK = {key: rank for rank, (key, _label) in enumerate(LOCATION_TYPES)}


class CctvLocation(models.Model):
    """Place in the tree site › building › floor › zone › room (SOP S0.5). A level may be left out.

    Its fields are ordinary ones but for one thing: a forbidden area stops being one by a step alone.
    """

    _name = "cctv.location"
    _description = "CCTV location"
    _inherit = ["cctv.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _state_field = "area_type"
    _open_states = tuple(key for key, _label in AREA_TYPES)
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(copy=False)
    complete_name = fields.Char("Full name", compute="_compute_complete_name", store=True, recursive=True)
    location_type = fields.Selection(LOCATION_TYPES, "Type", required=True, default="room", tracking=True)
    area_type = fields.Selection(AREA_TYPES, "Area", required=True, default="other", tracking=True)
    forbidden_kind = fields.Selection(FORBIDDEN_KINDS, "Why forbidden", tracking=True)
    security_class = fields.Selection(
        SECURITY_CLASSES,
        compute="_compute_security_class",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    indoor = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, tracking=True
    )
    parent_id = fields.Many2one(
        "cctv.location", "Part of", index=True, ondelete="restrict", check_company=True, tracking=True
    )
    child_ids = fields.One2many("cctv.location", "parent_id", "Contains")
    parent_path = fields.Char(index=True)
    site_id = fields.Many2one("cctv.location", compute="_compute_site_id", store=True, recursive=True, index=True)
    tz = fields.Selection(_tz_get, "Time zone", tracking=True, help="Of a site: its clock shows on every camera time.")
    site_tz = fields.Selection(related="site_id.tz", string="Site time zone")
    responsible_id = fields.Many2one(
        "res.users",
        "Responsible IT person",
        domain=lambda self: self._responsible_domain(),
        tracking=True,
        help="Of a site: receives the alarms of its cameras.",
    )
    floor_plan = fields.Image(max_width=4096, max_height=4096)
    floor_plan_256 = fields.Image(
        "Floor plan thumbnail", related="floor_plan", max_width=256, max_height=256, store=True
    )
    camera_ids = fields.One2many("cctv.camera", "location_id", "Cameras")
    camera_count = fields.Integer("Cameras below", compute="_compute_camera_count")
    active = fields.Boolean(default=True, tracking=True)

    _code_uniq = models.Constraint("UNIQUE(company_id, code)", "Another location of the company has this code.")
    _sibling_uniq = models.UniqueIndex(
        "(company_id, COALESCE(parent_id, 0), name)", "There is a location of this name in the same place."
    )

    @api.model
    def _responsible_domain(self):
        """:return str: whom alarms may be given to: the IT role of the site's company"""
        team = self.env.ref("cctv_sop.group_it", raise_if_not_found=False)
        return f"[('all_group_ids', 'in', {team.ids if team else []}), ('company_ids', 'in', company_id)]"

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for location in self:
            parts = [location.parent_id.complete_name, location.name]
            location.complete_name = " / ".join(part for part in parts if part)

    @api.depends("complete_name")
    @api.depends_context("place_first")
    def _compute_display_name(self):
        """With ``place_first`` the place itself stands before what it is part of: a narrow column cuts the end."""
        if not self.env.context.get("place_first"):
            return super()._compute_display_name()
        every = self.browse({place for location in self for place in location._ancestry()._ids})
        for location in self:
            places = location._ancestry().with_prefetch(every._ids)
            location.display_name = " · ".join(place.name for place in places if place.name)

    @api.depends("parent_id")
    def _compute_security_class(self):
        for location in self:
            location.security_class = location.security_class or location.parent_id.security_class or "restricted"

    @api.depends("location_type", "parent_id.site_id")
    def _compute_site_id(self):
        for location in self:
            location.site_id = location if location.location_type == "site" else location.parent_id.site_id

    def _compute_camera_count(self):
        counts = dict(
            self.env["cctv.camera"]._read_group([("location_id", "child_of", self.ids)], ["location_id"], ["__count"])
        )
        for location in self:
            path = location.parent_path or ""
            location.camera_count = sum(
                count for below, count in counts.items() if path and (below.parent_path or "").startswith(path)
            )

    @api.constrains("parent_id")
    def _check_no_cycle(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A location cannot be part of itself."))

    @api.constrains("parent_id", "location_type")
    def _check_order(self):
        for location in self:
            location._check_under_parent()
            for child in location.child_ids:
                child._check_under_parent()

    def _check_under_parent(self):
        words = dict(self._fields["location_type"]._description_selection(self.env))
        word, parent = words[self.location_type], self.parent_id
        if self.location_type == "site":
            if parent:
                raise ValidationError(self.env._("%s is a site: a site is part of nothing.", self.name))
        elif not parent:
            raise ValidationError(
                self.env._("%(name)s is a %(type)s: say which place it is part of.", name=self.name, type=word)
            )
        elif _RANK[parent.location_type] >= _RANK[self.location_type]:
            raise ValidationError(
                self.env._(
                    "%(name)s is a %(type)s and cannot be part of %(parent)s, a %(parent_type)s. "
                    "The order is site, building, floor, zone, room.",
                    name=self.name,
                    type=word,
                    parent=parent.name,
                    parent_type=words[parent.location_type],
                )
            )

    @api.constrains("location_type", "tz")
    def _check_site_tz(self):
        for location in self:
            if location.location_type == "site" and not location.tz:
                raise ValidationError(self.env._("Choose the time zone of the site %s.", location.name))

    @api.constrains("responsible_id", "company_id")
    def _check_responsible(self):
        for location in self:
            # sudo: which companies a person may see must not depend on the caller's rights
            person, company = location.sudo().responsible_id, location.company_id
            if person and company not in person.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s has no access to %(company)s and cannot answer for its places.",
                        user=person.name,
                        company=company.name,
                    )
                )

    @api.constrains("area_type", "forbidden_kind")
    def _check_forbidden_kind(self):
        for location in self:
            if location.area_type == "forbidden" and not location.forbidden_kind:
                raise ValidationError(self.env._("Say why %s is a forbidden area.", location.name))
            if location.forbidden_kind and location.area_type != "forbidden":
                kinds = dict(self._fields["forbidden_kind"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "%(place)s is a private room (%(kind)s): its area type is Forbidden area.",
                        place=location.name,
                        kind=kinds[location.forbidden_kind],
                    )
                )

    @api.onchange("area_type")
    def _onchange_area_type(self):
        if self.area_type != "forbidden":
            self.forbidden_kind = False

    @api.constrains("area_type", "parent_id")
    def _check_cameras_may_stay(self):
        # sudo: cameras count whoever moves the room
        cameras = (
            self.env["cctv.camera"]
            .sudo()
            .search([("location_id", "child_of", self.ids), ("state", "!=", "decommissioned")])
        )
        if cameras:
            self._hold_places()
        cameras._check_area_allowed()
        cameras._check_place_in_use()

    @api.constrains("active")
    def _check_empty_when_archived(self):
        archived = self.filtered(lambda location: not location.active)
        # sudo: as above
        camera = (
            self.env["cctv.camera"]
            .sudo()
            .search([("location_id", "child_of", archived.ids), ("state", "!=", "decommissioned")], limit=1)
        )
        if archived and camera:
            raise ValidationError(
                self.env._(
                    "The place stays: camera %(camera)s hangs in %(place)s.",
                    camera=camera.display_name,
                    place=camera.location_id.complete_name,
                )
            )

    def _ancestry(self):
        """:return cctv.location: this place and those it is part of, nearest first; of no place none"""
        ids = [int(part) for part in (self.parent_path or "").split("/") if part]
        return self.browse(reversed(ids)) or self

    def _hold_places(self):
        """Let what these places and those above them allow not change at the same time as what hangs there.

        A lock would not do: a transaction whose snapshot is older than the other's commit would still not see it. A
        real change of the rows makes one of the two fail, and whoever asked is served anew.
        """
        ids = {place for location in self for place in location._ancestry().ids}
        self.env.cr.execute(
            SQL(
                """UPDATE cctv_location SET active = active
                    WHERE id IN (SELECT id FROM cctv_location WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)""",
                sorted(ids),
            )
        )

    def _forbidden_ancestor(self):
        """:return cctv.location: the nearest forbidden place among this one and those it is part of, or none"""
        return self._ancestry().filtered(lambda place: place.area_type == "forbidden")[:1]

    def _archived_ancestor(self):
        """:return cctv.location: the nearest archived place among this one and those it is part of, or none"""
        return self._ancestry().filtered(lambda place: not place.active)[:1]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("location_type", self.env.context.get("default_location_type")) == "site":
                vals.setdefault("tz", self.env.company.partner_id.tz or self.env.user.tz or False)
        return super().create(vals_list)

    def write(self, vals):
        if "company_id" in vals and any(location.company_id.id != vals["company_id"] for location in self):
            raise UserError(self.env._("A location stays with its company."))
        self._check_ban_stays(vals)
        return super().write(vals)

    # -- the ban on cameras --------------------------------------------------------------------------------

    @classmethod
    def _guarded_names(cls):
        return frozenset()  # not the area type as such: see _check_ban_stays

    def _check_ban_stays(self, vals):
        """Refuse to lift a ban in passing, by another area type or by moving the place out of a forbidden one.

        :param dict vals: as given to ``write``
        :raises AccessError: naming the step that lifts it
        """
        if vals.get("area_type", "forbidden") != "forbidden" and "area_type" not in self._leave():
            self._refuse_lifting(self.filtered(lambda place: place.area_type == "forbidden"))
        if "parent_id" in vals:
            check_chosen(self, {"parent_id": vals["parent_id"]})  # before it is asked for its ban
            if not self.browse(vals["parent_id"] or [])._forbidden_ancestor():
                self._refuse_lifting(self.parent_id._forbidden_ancestors())

    def _forbidden_ancestors(self):
        return self.browse().union(*(place._forbidden_ancestor() for place in self))

    def _refuse_lifting(self, forbidden):
        if forbidden:
            raise AccessError(
                self.env._(
                    "“%s” is a forbidden area. Only the step “Lift the ban on cameras” ends that, with a reason; "
                    "the DPO or management takes it.",
                    forbidden[0].complete_name,
                )
            )

    @step("forbidden", "other", who=(DPO, MANAGEMENT), note=True, label=_lt("Lift the ban on cameras"))
    def action_lift_ban(self):
        """Make an ordinary area of it; which one is then chosen in the form."""
        return {"forbidden_kind": False}

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Locations are archived, never deleted."))
