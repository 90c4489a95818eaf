from odoo import api, fields, models
from odoo.tools import SQL

PADDING = 4


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _next_cctv_number(self, company, code, prefix):
        """Number a document of the procedure: per company and year, without a hole.

        :param company: the document's company
        :param str code: code of the sequence, made at the company's first document
        :param str prefix: what stands before year and number
        :return str: for example ``PH/2026/0001``
        """
        # sudo: who may make a document gets its number
        sequences = self.sudo()
        found = sequences.search([("code", "=", code), ("company_id", "=", company.id)], limit=1)
        if not found._has_cctv_number_of(fields.Date.today()):
            # a real change of the row: of two that take the year's first number at the same time, one fails and is
            # served anew; a lock would let it take the same number
            self.env.cr.execute(SQL("UPDATE res_company SET active = active WHERE id = %s", company.id))
        if not found:
            found = sequences.create(
                {
                    "name": f"{prefix} {company.name}",
                    "code": code,
                    "company_id": company.id,
                    "prefix": f"{prefix}/%(range_year)s/",
                    "padding": PADDING,
                    "implementation": "no_gap",
                    "use_date_range": True,
                }
            )
        return found.next_by_id()

    def _has_cctv_number_of(self, day):
        """:return bool: whether a document of the day's year has been numbered"""
        return any(years.date_from <= day <= years.date_to for years in self.date_range_ids)
