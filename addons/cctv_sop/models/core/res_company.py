import re
import unicodedata

from odoo import api, fields, models
from odoo.exceptions import UserError

_CODE = re.compile(r"[a-z0-9]{2,12}")
_LEGAL_FORMS = {"pt", "cv", "ud", "tbk", "persero", "perum", "the", "ltd", "inc", "llc"}


class ResCompany(models.Model):
    _inherit = "res.company"

    cctv_code = fields.Char(
        "CCTV code",
        copy=False,
        help="First part of every camera's stream path: 2 to 12 letters or digits. Fixed once a camera exists.",
    )

    _cctv_code_uniq = models.Constraint("UNIQUE(cctv_code)", "Another company uses this CCTV code.")
    _cctv_code_form = models.Constraint(
        "CHECK(cctv_code ~ '^[a-z0-9]{2,12}$')", "A CCTV code has 2 to 12 letters or digits."
    )

    @api.model
    def _normalise_cctv_code(self, code):
        """:param str code: as typed
        :return str: lower case, without surrounding blanks, or ``False``
        :raises UserError: when it is no code
        """
        code = (code or "").strip().lower()
        if code and not _CODE.fullmatch(code):
            raise UserError(self.env._("“%s” is no CCTV code: use 2 to 12 letters or digits.", code))
        return code or False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if "cctv_code" in vals:
                vals["cctv_code"] = self._normalise_cctv_code(vals["cctv_code"])
        companies = super().create(vals_list)
        companies.filtered(lambda company: not company.cctv_code)._fill_cctv_code()
        return companies

    def write(self, vals):
        if "cctv_code" in vals:
            self.check_access("write")  # before anything is told about its cameras
            vals = {**vals, "cctv_code": self._normalise_cctv_code(vals["cctv_code"])}
            self.filtered(lambda company: company.cctv_code != vals["cctv_code"])._check_cctv_code_free()
        done = super().write(vals)
        # a company without a code could have no stream path of its own
        self.filtered(lambda company: not company.cctv_code)._fill_cctv_code()
        return done

    def _check_cctv_code_free(self):
        # sudo: cameras of all companies count, also those the caller may not see
        camera = self.env["cctv.camera"].sudo().search([("company_id", "in", self.ids)], limit=1)
        if camera:
            raise UserError(
                self.env._(
                    "The CCTV code of %s is part of its cameras' stream paths and stays as it is.",
                    camera.company_id.name,
                )
            )

    def _fill_cctv_code(self):
        """Give each of these companies a free code made of its name."""
        for company in self:
            company.cctv_code = company._propose_cctv_code()

    def _propose_cctv_code(self):
        stem = self._cctv_code_stem()
        # sudo: codes are unique over all companies
        taken = set(self.sudo().search([("cctv_code", "=like", f"{stem}%")]).mapped("cctv_code"))
        number, code = 1, stem
        while code in taken:
            number += 1
            code = f"{stem}{number}"
        return code

    def _cctv_code_stem(self):
        plain = unicodedata.normalize("NFKD", self.name or "").encode("ascii", "ignore").decode().lower()
        words = [word for word in re.findall(r"[a-z0-9]+", plain) if word not in _LEGAL_FORMS]
        stem = (words[0] if words else "")[:8]
        return stem if len(stem) > 1 else f"{stem}co"
