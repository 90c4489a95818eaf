import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import CctvCommon

LIST = dict.fromkeys(
    ("display_name", "code", "state", "security_class", "purpose", "px_per_m", "level_met", "serial_no", "tz"), {}
) | {name: {"fields": {"display_name": {}}} for name in ("location_id", "site_id", "required_level_id", "equipment_id")}


@tagged("post_install", "-at_install")
class TestOverview(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.camera = cls._camera_in("active")

    def _queries(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        return self.env.cr.sql_log_count - before

    def test_plain_json_in_a_fixed_shape(self):
        overview = self.camera.with_user(self.officer).get_overview()
        json.dumps(overview)
        self.assertLessEqual(
            {"picture", "place", "security_class", "tz", "pills", "facts", "strip", "cards"}, overview.keys()
        )
        self.assertEqual((overview["place"], overview["tz"]), (self.room.complete_name, "Asia/Makassar"))

    def test_unmeasured_is_said_and_nothing_green_is_claimed(self):
        overview = self.camera.with_user(self.officer).get_overview()
        self.assertFalse(overview["strip"]["measured"])
        self.assertEqual(overview["strip"]["days"], [])
        self.assertIn(overview["picture"]["state"], ("none", "no_right"))
        levels = [pill for pill in overview["pills"] if pill["kind"] == "level"]
        self.assertEqual([pill["state"] for pill in levels], ["unknown"])

    def test_hooks_answer_for_every_camera(self):
        cameras = self.camera | self._new_camera("cam-02")
        for answers in (cameras._recording_summary(), cameras._media_sources(), cameras._hold_status()):
            self.assertEqual(answers.keys(), set(cameras.ids))

    def test_ten_queries_at_most(self):
        self.camera.with_user(self.it).action_mount(serial_no="SN-1")
        camera = self.camera.with_user(self.officer)
        camera.get_overview()
        self.assertLessEqual(self._queries(camera.get_overview), 10)

    def test_only_for_readers(self):
        for role in ("employee", "hr", "vendor", "admin"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.camera.with_user(self.users[role]).get_overview()

    def test_list_costs_the_same_at_100_cameras(self):
        model = self.env["cctv.camera"].with_user(self.officer)
        domain = [("company_id", "=", self.company.id)]

        def read():
            return model.web_search_read(domain, LIST, limit=200)

        self.camera.with_user(self.it).action_mount(serial_no="SN-1")
        read()
        one = self._queries(read)
        for number in range(2, 101):
            camera = self._new_camera(f"cam-{number:03}")
            if number % 10 == 0:
                camera.with_user(self.it).action_mount(serial_no=f"SN-{number}")
        self.assertEqual(read()["length"], 100)
        self.assertEqual(self._queries(read), one)

    def test_location_list_costs_the_same_at_100_places(self):
        model = self.env["cctv.location"].with_user(self.officer)
        domain = [("company_id", "=", self.company.id)]
        fields = {"complete_name": {}, "camera_count": {}, "site_tz": {}}

        def read():
            return model.web_search_read(domain, fields, limit=200)

        read()
        few = self._queries(read)
        for number in range(100):
            self._new_location(f"R {number}", "room", self.floor)
        self.assertGreater(read()["length"], 100)
        self.assertEqual(self._queries(read), few)
