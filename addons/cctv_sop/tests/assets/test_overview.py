import json
from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
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
        shown = {"complete_name": {}, "camera_count": {}, "site_tz": {}}

        def read():
            return model.web_search_read(domain, shown, limit=200)

        read()
        few = self._queries(read)
        for number in range(100):
            self._new_location(f"R {number}", "room", self.floor)
        self.assertGreater(read()["length"], 100)
        self.assertEqual(self._queries(read), few)


@tagged("post_install", "-at_install")
class TestOverviewWords(CctvCommon):
    """What the head of the form says of holds and of cameras that were put away."""

    def _facts(self, camera, lang="en_US"):
        overview = camera.with_user(self.officer).with_context(lang=lang).get_overview()
        return {fact["key"]: fact["text"] for fact in overview["facts"]}

    def _at(self, camera, step, moment):
        """Date a line of the step log, as if the step had been taken then."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE cctv_workflow_log SET at = %s WHERE res_model = 'cctv.camera' AND res_id = %s AND step = %s",
            [moment, camera.id, step],
        )
        self.env.invalidate_all()

    def test_suspended_says_by_whom_when_and_why(self):
        camera = self._camera_in("suspended")
        self._at(camera, "action_suspend", "2026-11-22 18:14:07")
        text = self._facts(camera)["put_away"]
        self.assertEqual(text, f"Suspended by {self.it.name} on 23 Nov 2026 02:14 WITA: uji")
        self.assertNotIn("in_use", self._facts(camera))
        camera.with_user(self.it).action_resume()
        self.assertNotIn("put_away", self._facts(camera))
        camera.with_user(self.it).action_suspend(note="lagi")
        self.assertRegex(self._facts(camera)["put_away"], ": lagi$")

    def test_decommissioned_tells_its_life(self):
        camera = self._camera_in("active")
        camera.with_user(self.management).action_decommission(note="rusak")
        self._at(camera, "action_take_over", "2026-01-31 17:00:00")
        self._at(camera, "action_decommission", "2026-11-22 18:14:07")
        facts = self._facts(camera)
        self.assertEqual(facts["in_use"], "In use from 1 Feb 2026 01:00 WITA.")
        self.assertEqual(
            facts["put_away"], f"Decommissioned by {self.management.name} on 23 Nov 2026 02:14 WITA: rusak"
        )
        self.assertIn("02.14 WITA", self._facts(camera, "id_ID")["put_away"])

    def test_never_in_use_claims_no_use(self):
        facts = self._facts(self._camera_in("decommissioned"))
        self.assertIn("put_away", facts)
        self.assertNotIn("in_use", facts)

    def test_nothing_of_that_while_it_is_in_use(self):
        self.assertFalse({"put_away", "in_use"} & self._facts(self._camera_in("active")).keys())

    def test_holds_are_a_pill_and_a_card_that_opens_just_them(self):
        camera = self._camera_in("active")

        def shown(role):
            self.env.invalidate_all()
            overview = camera.with_user(self.users[role]).get_overview()
            pills = [pill["label"] for pill in overview["pills"] if pill["kind"] == "hold"]
            (card,) = [card for card in overview["cards"] if card["key"] == "holds"]
            return pills, card["value"], self._listed(camera, card, role)

        self.assertEqual(shown("supervisor"), ([], 0, 0))
        holds = [self._new_hold(camera, self.officer) for _number in range(2)]
        self._new_hold(self._camera_in("active", "cam-02"), self.officer)
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            with self.subTest(role=role):
                self.assertEqual(shown(role), (["2 holds"], 2, 2))
        for hold in holds:
            hold.with_user(self.users["supervisor"]).action_confirm()
            hold.with_user(self.users["supervisor"]).action_activate()
        holds[0].with_user(self.users["supervisor"]).action_request_release(note="Selesai")
        holds[0].with_user(self.management).action_release(note="Setuju")
        self._run_holds_until(fields.Datetime.now() + timedelta(days=8))
        self.env.invalidate_all()
        self.assertEqual(shown("supervisor"), (["1 hold"], 1, 1))

    def _listed(self, camera, card, role):
        """How many rows the card's list has with the filters that it opens with."""
        action = getattr(camera.with_user(self.users[role]), card["method"])()
        model = self.env[action["res_model"]].with_user(self.users[role]).with_context(**action["context"])
        arch = etree.fromstring(model.get_view(view_type="search")["arch"])
        names = [name.removeprefix("search_default_") for name in action["context"] if name.startswith("search_def")]
        domain = Domain(action["domain"])
        for name in names:
            (found,) = arch.xpath(f"//filter[@name='{name}']")
            domain &= Domain(literal_eval(found.get("domain")))
        return model.search_count(domain)
