"""What chatter tells of a record of the procedure no client can keep silent."""

from odoo.tests import tagged

from ..common import CctvHttpCommon

SILENT = ({"tracking_disable": True}, {"mail_notrack": True}, {"mail_create_nolog": True})


@tagged("post_install", "-at_install", "cctv_security")
class TestTraced(CctvHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._new_camera()

    def _messages(self, record):
        return self.env["mail.message"].search([("model", "=", record._name), ("res_id", "=", record.id)])

    def _tracked(self, record):
        """:return list: names of the fields whose changes chatter tells"""
        return self._messages(record).tracking_value_ids.field_id.mapped("name")

    def test_write_is_told(self):
        for number, context in enumerate(SILENT):
            camera = self._new_camera(f"cam-1{number}")
            self.called(self.it, "write", ids=camera.ids, vals={"purpose": "employee_safety"}, context=context)
            with self.subTest(context=context):
                self.assertIn("purpose", self._tracked(camera))

    def test_step_is_told(self):
        for number, context in enumerate(SILENT):
            camera = self._camera_in("active", f"cam-2{number}")
            self.called(self.it, "action_suspend", ids=camera.ids, note="x", context=context)
            with self.subTest(context=context):
                self.assertIn("state", self._tracked(camera))

    def test_what_follows_is_told(self):
        gate = self._new_location("Gerbang", "room", self.floor, area_type="entrance")
        for number, context in enumerate(SILENT[:2]):
            camera = self._new_camera(f"cam-3{number}", location=gate)
            vals, shown = {"location_id": self.room.id}, {"required_level_id": {}}
            self.called(self.it, "web_save", ids=camera.ids, vals=vals, specification=shown, context=context)
            with self.subTest(context=context):
                self.assertIn("required_level_id", self._tracked(camera))

    def test_creation_is_told(self):
        for number, context in enumerate(SILENT):
            values = {"code": f"cam-4{number}", "name": "x", "location_id": self.room.id}
            ids = self.called(self.it, "create", vals_list=[values], context=context)
            with self.subTest(context=context):
                self.assertTrue(self._messages(self.env["cctv.camera"].browse(ids)))

    def test_import_is_told(self):
        fields, row = ["code", "name", "location_id"], ["cam-50", "x", self.room.complete_name]
        result = self.called(self.it, "load", fields=fields, data=[row], context=SILENT[0])
        self.assertTrue(self._messages(self.env["cctv.camera"].browse(result["ids"])))

    def test_hold_asks_for_its_confirmation(self):
        values = {"reason": "x", "camera_ids": [[6, 0, self.camera.ids]], "start": "2026-01-01 00:00:00"}
        ids = self.called(
            self.users["dpo"],
            "create",
            model="cctv.legal.hold",
            vals_list=[values],
            context={"mail_activity_automation_skip": True},
        )
        kind = self.env.ref("cctv_sop.mail_activity_hold_confirm")
        self.assertEqual(self.env["cctv.legal.hold"].browse(ids).activity_ids.activity_type_id, kind)

    def test_trace_comes_before_tracking(self):
        traced, thread = self.registry["cctv.traced.mixin"], self.registry["mail.thread"]
        for name, model in self.env.items():
            if name.startswith("cctv.") and isinstance(model, thread):
                order = type(model).__mro__
                with self.subTest(name):
                    self.assertIn(traced, order)
                    self.assertLess(order.index(traced), order.index(thread))
