from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import CctvCommon


@tagged("post_install", "-at_install")
class TestFault(CctvCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site.responsible_id = cls.it
        cls.camera = cls._camera_in("active")
        cls.camera.with_user(cls.it).action_mount(serial_no="SN-1")

    def _report(self, user, camera=None):
        """As the button does: the form that it opens, saved."""
        action = (camera or self.camera).with_user(user).action_report_fault()
        self.assertEqual(action["res_model"], "maintenance.request")
        requests = self.env["maintenance.request"].with_user(user).with_context(**action["context"])
        view = self.env.ref("maintenance.hr_equipment_request_view_form")
        form = Form(requests, view=view)
        self.assertFalse(form.name, "what is wrong is for who reports it to say")
        form.name = "Gambar hilang"
        return form.save()

    def _card(self, user):
        cards = self.camera.with_user(user).get_overview()["cards"]
        return next(card for card in cards if card["key"] == "faults")

    def test_officer_reports_a_fault_of_this_camera(self):
        request = self._report(self.officer)
        self.assertRecordValues(
            request.sudo(),
            [
                {
                    "name": "Gambar hilang",
                    "cctv_camera_id": self.camera.id,
                    "equipment_id": self.camera.equipment_id.id,
                    "company_id": self.company.id,
                    "owner_user_id": self.officer.id,
                    "user_id": self.it.id,
                    "maintenance_type": "corrective",
                }
            ],
        )
        self.assertEqual(request.sudo().maintenance_team_id.company_id, self.company)

    def test_technician_of_the_device_comes_first(self):
        technician = self._new_user("technician", "maintenance.group_equipment_manager")
        self.camera.equipment_id.technician_user_id = technician
        self.assertEqual(self._report(self.officer).sudo().user_id, technician)

    def test_card_counts_the_open_ones_and_opens_just_them(self):
        self.assertEqual((self._card(self.officer)["value"], self._card(self.officer)["tone"]), (0, ""))
        self._report(self.users["supervisor"])
        done, cancelled = self._report(self.officer), self._report(self.it)
        done.sudo().stage_id = self.env["maintenance.stage"].search([("done", "=", True)], limit=1)
        cancelled.archive_equipment_request()
        self._report(self.it, self._camera_in("active", "cam-02"))
        for role in ("officer", "supervisor", "it", "management", "auditor", "dpo"):
            card = self._card(self.users[role])
            action = getattr(self.camera.with_user(self.users[role]), card["method"])()
            listed = self.env[action["res_model"]].with_user(self.users[role]).search(action["domain"])
            with self.subTest(role=role):
                self.assertEqual((card["value"], card["tone"], len(listed)), (1, "warning", 1))

    def test_since_when_the_oldest_open_one_waits(self):
        self.assertFalse(self.camera.fault_since)
        old = self._report(self.officer).sudo()
        self.env.cr.execute("UPDATE maintenance_request SET create_date = '2026-01-02 03:04:05' WHERE id = %s", old.ids)
        self.env.invalidate_all()
        new = self._report(self.officer).sudo()
        self.assertEqual(str(self.camera.fault_since), "2026-01-02 03:04:05")
        old.stage_id = self.env["maintenance.stage"].search([("done", "=", True)], limit=1)
        self.assertEqual(str(self.camera.fault_since)[:19], str(new.create_date)[:19])
        new.archive_equipment_request()
        self.assertFalse(self.camera.fault_since)

    def test_it_handles_faults_that_others_reported(self):
        request = self._report(self.officer)
        stage = self.env["maintenance.stage"].search([("done", "=", True)], limit=1)
        for role in ("supervisor", "auditor"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                request.with_user(self.users[role]).write({"priority": "3"})
        request.sudo().user_id = False
        request.with_user(self.it).stage_id = stage
        self.assertEqual(self._card(self.it)["value"], 0)

    def test_requests_of_others_about_other_things_stay_theirs(self):
        laptop = (
            self.env["maintenance.request"]
            .with_user(self.users["hr"])
            .create({"name": "Laptop", "company_id": self.company.id})
        )
        for role in ("it", "officer", "auditor"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                laptop.with_user(self.users[role]).read(["name"])

    def test_without_a_team_it_says_what_to_do(self):
        self.env["maintenance.team"].search([("company_id", "in", (self.company.id, False))]).active = False
        with self.refused("No maintenance team of PT Uji Satu", UserError):
            self.camera.with_user(self.officer).action_report_fault()

    def test_only_who_may_see_the_camera(self):
        for user in (self.outsider, self.users["employee"]):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.camera.with_user(user).action_report_fault()
