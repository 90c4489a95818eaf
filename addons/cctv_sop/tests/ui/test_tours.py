# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import new_test_user, tagged

from ..common import make_recordable
from .common import BrowserCase


@tagged("post_install", "-at_install")
class TestTours(BrowserCase):
    browser_size = "1440x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.it = new_test_user(cls.env, "tour_it", groups="cctv_sop.group_it", lang="en_US")
        cls.officer = new_test_user(
            cls.env, "tour_officer", groups="cctv_sop.group_officer", lang="en_US", tz="Asia/Jayapura"
        )
        cls.site = cls.env["cctv.location"].create(
            {"name": "Tour Site", "location_type": "site", "tz": "Asia/Makassar"}
        )

    def test_it_takes_a_camera_over(self):
        """IT makes a location and a camera and takes it over with a reason (SOP stage 2)."""
        self.start_tour("/odoo", "cctv_it_takes_camera_over", login="tour_it", timeout=180)
        camera = self.env["cctv.camera"].search([("code", "=", "tour-07")])
        self.assertRecordValues(camera, [{"state": "active", "take_over": True, "site_id": self.site.id}])
        line = self.env["cctv.workflow.log"].search([("res_model", "=", "cctv.camera"), ("res_id", "=", camera.id)])
        self.assertRecordValues(
            line,
            [
                {
                    "step": "action_take_over",
                    "state_from": "planned",
                    "state_to": "active",
                    "note": "Hangs here since 2024",
                    "user_id": self.it.id,
                }
            ],
        )

    def test_officer_only_reads(self):
        """An officer sees cameras and may change nothing."""
        camera = self.env["cctv.camera"].create({"code": "tour-gate", "name": "Tour Gate", "location_id": self.site.id})
        self.start_tour("/odoo", "cctv_officer_only_reads", login="tour_officer", timeout=120)
        self.assertEqual(camera.state, "planned")
        request = self.env["maintenance.request"].search([("cctv_camera_id", "=", camera.id)])
        self.assertEqual(request.owner_user_id, self.officer)

    def test_auditors_page_is_readable(self):
        """The step log shows its times whole on a laptop, and opens grouped by step."""
        camera = self.env["cctv.camera"].create(
            {
                "code": "tour-log",
                "name": "Loading dock on the eastern side, between the truck gate and the guards' post",
                "location_id": self.site.id,
                "purpose": "asset_security",
                "lawful_basis": "legitimate_interest",
            }
        )
        make_recordable(camera)
        camera.with_user(self.it).action_start_testing()
        camera.with_user(self.it).action_suspend(note="The mast is being repainted. " * 6)
        new_test_user(self.env, "tour_auditor", groups="cctv_sop.group_auditor", lang="en_US")
        self.start_tour("/odoo/cctv-step-log", "cctv_auditor_reads_the_log", login="tour_auditor", timeout=120)
