from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang


class CctvImageLevel(models.Model):
    """What a picture must allow, as pixels per metre at the target, with the standard's edition."""

    _name = "cctv.image.level"
    _description = "Image level"
    _inherit = ["cctv.traced.mixin", "mail.thread"]
    _order = "edition, px_per_m"

    name = fields.Char(required=True, translate=True)
    edition = fields.Char(required=True, help="Standard and year, for example IEC 62676-4:2014.", tracking=True)
    px_per_m = fields.Float("Pixels per metre", digits=(8, 1), required=True, tracking=True, aggregator=None)
    withdrawn_on = fields.Date(help="Day on which the standard's edition was withdrawn.")
    px_confirmed = fields.Boolean(
        "Figure confirmed", tracking=True, help="The figure was read in the standard itself, not in a report about it."
    )
    source = fields.Char(translate=True, help="Where the figure was read.")
    active = fields.Boolean(default=True, tracking=True)
    withdrawn = fields.Boolean(compute="_compute_withdrawn")

    _px_positive = models.Constraint("CHECK(px_per_m > 0)", "Pixels per metre must be above zero.")
    _name_uniq = models.Constraint("UNIQUE(edition, px_per_m)", "This edition has a level of that figure already.")

    @api.depends("withdrawn_on")
    def _compute_withdrawn(self):
        today = fields.Date.context_today(self)
        for level in self:
            level.withdrawn = bool(level.withdrawn_on and level.withdrawn_on <= today)

    @api.depends_context("lang")
    @api.depends("name", "px_per_m")
    def _compute_display_name(self):
        for level in self:
            digits = 0 if level.px_per_m == int(level.px_per_m) else 1
            figure = formatLang(self.env, level.px_per_m, digits=digits)
            level.display_name = f"{level.name} ({figure} px/m)" if level.name else ""

    @api.constrains("active", "px_confirmed")
    def _check_confirmed(self):
        for level in self:
            if level.active and not level.px_confirmed:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” of %(edition)s cannot be used: its figure is not confirmed yet. "
                        "Read it in the standard, note the source, and mark it as confirmed.",
                        name=level.name,
                        edition=level.edition,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise ValidationError(self.env._("Image levels are archived, never deleted."))
