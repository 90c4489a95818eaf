import math

from babel.numbers import format_decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import babel_locale_parse, float_compare

# (field, lowest, highest): what cameras on the market can have; 0 means "not given".
_LIMITS = (
    ("resolution_width", 160, 16384),
    ("resolution_height", 120, 16384),
    ("hfov", 1, 179),
    ("distance_m", 0.1, 2000),
    ("mount_height_m", 0.1, 200),
    ("focal_length_mm", 0.5, 2000),
    ("sensor_width_mm", 1, 60),
)


class CctvCamera(models.Model):
    """Optics, and the pixel density that follows from them (IEC 62676-4, flat pinhole model)."""

    _inherit = "cctv.camera"

    resolution_width = fields.Integer("Picture width (px)", aggregator=None)
    resolution_height = fields.Integer("Picture height (px)", aggregator=None)
    focal_length_mm = fields.Float("Focal length (mm)", digits=(8, 2), aggregator=None)
    sensor_width_mm = fields.Float("Sensor width (mm)", digits=(8, 2), aggregator=None)
    hfov = fields.Float(
        "Horizontal angle (°)",
        digits=(6, 2),
        aggregator=None,
        compute="_compute_hfov",
        store=True,
        readonly=False,
        help="Follows from focal length and sensor width where both are given.",
    )
    distance_m = fields.Float("Target distance (m)", digits=(8, 2), aggregator=None)
    mount_height_m = fields.Float("Mount height (m)", digits=(8, 2), aggregator=None)
    required_level_id = fields.Many2one(
        "cctv.image.level",
        "Required image level",
        compute="_compute_required_level_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    level_chosen = fields.Boolean(
        "Level chosen",
        guarded=True,
        readonly=True,
        copy=False,
        help="The required level is this camera's own and does not follow the area that it hangs in.",
    )
    px_per_m = fields.Float(
        "Pixels per metre", digits=(10, 1), compute="_compute_px_per_m", store=True, aggregator=None
    )
    level_met = fields.Selection(
        [("met", "Met"), ("missed", "Missed"), ("unknown", "Not known")],
        "Image level",
        compute="_compute_level_met",
        store=True,
    )

    @api.depends("focal_length_mm", "sensor_width_mm")
    def _compute_hfov(self):
        for camera in self:
            if camera.focal_length_mm > 0 and camera.sensor_width_mm > 0:
                half = math.atan(camera.sensor_width_mm / (2 * camera.focal_length_mm))
                camera.hfov = math.degrees(2 * half)
            else:
                camera.hfov = camera.hfov

    @api.depends("location_id.area_type", "company_id", "level_chosen")
    def _compute_required_level_id(self):
        for camera in self:
            camera.required_level_id = camera.required_level_id if camera.level_chosen else camera._level_of_area()

    def _level_of_area(self):
        """:return cctv.image.level: the level that the camera's area requires; may be empty"""
        return self.env["cctv.image.requirement"]._level_for(self.location_id.area_type, self.company_id)

    @api.model_create_multi
    def create(self, vals_list):
        cameras = super().create(vals_list)
        cameras._note_level_chosen()
        return cameras

    def write(self, vals):
        result = super().write(vals)
        if "required_level_id" in vals:
            self._note_level_chosen()
        return result

    def _note_level_chosen(self):
        """Keep which of these cameras have a level of their own; one without any takes its area's again."""
        for camera in self:
            chosen = bool(camera.required_level_id) and camera.required_level_id != camera._level_of_area()
            if camera.level_chosen != chosen:
                camera._with_pass(["level_chosen"]).write({"level_chosen": chosen})
        self.filtered(lambda camera: not camera.required_level_id)._take_level_of_area()

    def _take_level_of_area(self):
        """Have these cameras, and what follows from their required level, computed anew."""
        self.modified(["level_chosen"])

    @api.depends("resolution_width", "distance_m", "hfov")
    def _compute_px_per_m(self):
        for camera in self:
            camera.px_per_m = camera._pixel_density()

    def _judged_width(self):
        """:return int: width in pixels by which the level is judged; an addon that measures pictures may lower it"""
        return self.resolution_width

    def _pixel_density(self):
        """:return float: px/m at the target, 0 where a figure is missing"""
        width, distance, angle = self._judged_width(), self.distance_m, self.hfov
        if width <= 0 or distance <= 0 or not 0 < angle < 180:
            return 0.0
        return width / (2 * distance * math.tan(math.radians(angle) / 2))

    @api.depends("px_per_m", "required_level_id.px_per_m")
    def _compute_level_met(self):
        for camera in self:
            # sudo: thresholds are public figures
            needed = camera.sudo().required_level_id.px_per_m
            if not camera.px_per_m or not needed:
                camera.level_met = "unknown"
            else:
                short = float_compare(camera.px_per_m, needed, precision_digits=1) < 0
                camera.level_met = "missed" if short else "met"

    @api.constrains(*(name for name, _low, _high in _LIMITS))
    def _check_optics(self):
        for camera in self:
            for name, low, high in _LIMITS:
                if camera[name] and not low <= camera[name] <= high:
                    raise ValidationError(
                        self.env._(
                            "%(camera)s: %(field)s is %(value)s, possible are %(low)s to %(high)s. "
                            "Leave it at 0 while it is not known.",
                            camera=camera.display_name,
                            field=self._fields[name]._description_string(self.env),
                            value=self._local_number(camera[name]),
                            low=self._local_number(low),
                            high=self._local_number(high),
                        )
                    )

    def _local_number(self, value):
        """:return str: a number as the reader's language writes it"""
        return format_decimal(value, locale=babel_locale_parse(self.env.lang))
