from odoo.tests import tagged

from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestMigrations(CctvCommon):
    def test_activity_types_get_their_model(self):
        kinds = self.env["mail.activity.type"].search([("res_model", "=", "cctv.legal.hold")])
        others = self.env["mail.activity.type"].search([("res_model", "=", False)])
        self.assertEqual(len(kinds), 6)
        kinds.res_model = False
        self.env.flush_all()
        self.migrate("cctv_sop/19.0.1.1.0/post-activity_types", "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(kinds.mapped("res_model"), ["cctv.legal.hold"] * 6)
        self.assertFalse(any(others.mapped("res_model")))
