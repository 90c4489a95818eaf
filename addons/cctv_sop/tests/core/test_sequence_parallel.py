from odoo.tests import tagged

from ..assets.test_place_parallel import PlaceParallelCase, environment


@tagged("post_install", "-at_install")
class TestSequenceParallel(PlaceParallelCase):
    """The first documents of a company, or of its year, made at the same time."""

    def _clean(self):
        with environment() as env:
            env["ir.sequence"].search([("company_id", "=", self.company)]).unlink()
        super()._clean()

    def _number(self, env):
        company = env["res.company"].browse(self.company)
        return env["ir.sequence"]._next_cctv_number(company, "cctv.legal.hold", "PH")

    def _numbered(self):
        with environment() as env:
            return self._number(env)

    def test_first_of_the_company(self):
        with self.refused_to_the_later() as late:
            first = self._numbered()
            self._number(late)
        self.assertRegex(first, r"^PH/\d{4}/0001$")
        self.assertRegex(self._numbered(), r"^PH/\d{4}/0002$")

    def test_first_of_the_year(self):
        self._numbered()
        with environment() as env:
            years = env["ir.sequence"].search([("company_id", "=", self.company)]).date_range_ids
            years.write({"date_from": "2001-01-01", "date_to": "2001-12-31"})
        with self.refused_to_the_later() as late:
            first = self._numbered()
            self._number(late)
        self.assertRegex(first, r"/0001$")
        self.assertRegex(self._numbered(), r"/0002$")
