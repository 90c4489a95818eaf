from odoo import api, fields, models

from .cctv_location import AREA_TYPES


class CctvImageRequirement(models.Model):
    """Image level that a camera of an area type must reach unless its own says otherwise (SOP S1.2a to S1.2d)."""

    _name = "cctv.image.requirement"
    _description = "Required image level by area type"
    _rec_name = "area_type"
    _order = "area_type, company_id"

    area_type = fields.Selection(AREA_TYPES, required=True)
    level_id = fields.Many2one("cctv.image.level", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company without a line of its own.")

    _area_uniq = models.UniqueIndex(
        "(area_type, COALESCE(company_id, 0))", "This area type has its required level already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self._carry_to_cameras(lines.mapped("area_type"))
        return lines

    def write(self, vals):
        before = self.mapped("area_type")
        result = super().write(vals)
        self._carry_to_cameras(before + self.mapped("area_type"))
        return result

    @api.model
    def _carry_to_cameras(self, areas):
        """Have the cameras in areas of these types take the required level anew where they have none of their own.

        :param list areas: area types
        """
        domain = [
            ("location_id.area_type", "in", areas),
            ("level_chosen", "=", False),
            ("state", "!=", "decommissioned"),
        ]
        # sudo: cameras follow whoever sets the level
        self.env["cctv.camera"].sudo().search(domain)._take_level_of_area()

    @api.model
    def _level_for(self, area_type, company):
        """:return cctv.image.level: the level required there, the company's own line first; may be empty"""
        # sudo: a default that every role's camera form needs
        lines = self.sudo().search([("area_type", "=", area_type), ("company_id", "in", [company.id, False])])
        return (lines.filtered("company_id") or lines)[:1].level_id
