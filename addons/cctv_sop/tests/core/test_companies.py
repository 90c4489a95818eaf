from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvHttpCommon


@tagged("post_install", "-at_install", "cctv_security")
class TestCompanies(CctvHttpCommon):
    """Rights never cross companies (SOP separation rule 20)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._camera_in("active")
        cls.camera.with_user(cls.it).action_mount(serial_no="SN-1")
        cls.other_auditor = cls._new_user("auditor_other", "cctv_sop.group_auditor", cls.other_company)
        cls.records = [
            (cls.camera, cls.outsider),
            (cls.room, cls.outsider),
            (cls.camera.mounting_ids, cls.outsider),
            (cls._new_hold(cls.camera), cls.outsider),
            (cls._new_run(cls.camera), cls.outsider),
            (cls._new_run(cls.camera).line_ids, cls.outsider),
            (cls.env["cctv.workflow.log"].search([("res_id", "=", cls.camera.id)]), cls.other_auditor),
            (cls._custody_line(), cls.other_auditor),
        ]

    def test_nothing_is_seen(self):
        for records, user in self.records:
            model = records.with_user(user)
            with self.subTest(model=records._name):
                self.assertFalse(model.search([("id", "in", records.ids)]))
                with self.assertRaises(AccessError):
                    model.read(["display_name"])

    def test_forged_companies_do_not_help(self):
        context = {"allowed_company_ids": [self.company.id]}
        for records, user in self.records:
            with self.subTest(model=records._name), self.assertRaises(AccessError):
                records.with_user(user).with_context(**context).search([("id", "in", records.ids)])

    def test_no_step_and_no_overview(self):
        camera = self.camera.with_user(self.outsider)
        for name in camera._steps():
            with self.subTest(step=name), self.assertRaises(AccessError):
                getattr(camera, name)(note="uji")
        with self.assertRaises(AccessError):
            camera.get_overview()

    def test_no_camera_in_their_place(self):
        with self.assertRaises(AccessError):
            self.env["cctv.camera"].with_user(self.outsider).create(
                {"code": "x1", "name": "x", "location_id": self.room.id, "company_id": self.company.id}
            )

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_rule")
    def test_over_rpc(self):
        status, found = self.json2(self.outsider, "cctv.camera", "search", domain=[["id", "=", self.camera.id]])
        self.assertEqual((status, found), (200, []))
        for method, arguments in (
            ("read", {"fields": ["name"]}),
            ("write", {"vals": {"name": "x"}}),
            ("get_overview", {}),
            ("action_suspend", {"note": "x"}),
        ):
            status, _answer = self.json2(self.outsider, "cctv.camera", method, ids=self.camera.ids, **arguments)
            self.assertEqual(status, 403, method)
