from odoo import api, models


class CctvCamera(models.Model):
    """Import from CSV and XLSX: the company of each row, in which its code and its place are looked for."""

    _inherit = "cctv.camera"

    @api.model
    def _import_company(self, fields, row):
        """:return res.company: the row's; none when its cell names none of those that the user works in"""
        column = next((column for column, name in enumerate(fields) if name.split("/")[0] == "company_id"), None)
        if column is None:
            return self.env.company
        typed, reference = row[column].strip(), fields[column].partition("/")[2]
        companies = self.env.companies
        if reference == ".id":
            return companies.filtered(lambda company: str(company.id) == typed)
        if reference == "id":
            return companies & self._import_company_of_xmlid(typed)
        return companies.filtered(lambda company: company.name == typed)[:1]

    def _import_company_of_xmlid(self, xmlid):
        full = xmlid if "." in xmlid else f"__import__.{xmlid}"
        model, res_id = self.env["ir.model.data"]._xmlid_to_res_model_res_id(full)
        return self.env["res.company"].browse(res_id if model == "res.company" else [])
