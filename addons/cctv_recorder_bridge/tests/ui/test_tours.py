# Copyright 2026 CCTV SOP contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.cctv_sop.tests.ui import common

from ..common import BridgeMixin, now_us


@tagged("post_install", "-at_install")
class TestTours(BridgeMixin, common.BrowserCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a company of its own: what other data the database holds is not on these screens
        cls.company = cls.env["res.company"].create({"name": "PT Tur", "cctv_code": "tur"})
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, allowed_company_ids=cls.company.ids))
        cls.it = cls._user("bridge_tour_it", "cctv_sop.group_it")
        cls.supervisor = cls._user("bridge_tour_sup", "cctv_sop.group_supervisor")
        cls.site = cls.env["cctv.location"].create(
            {"name": "Tour Site", "location_type": "site", "tz": "Asia/Makassar", "company_id": cls.company.id}
        )

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=group,
            lang="en_US",
            tz="Asia/Jayapura",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def _camera(self):
        recorder, _toml = self._new_recorder("GDG-1", self.site)
        camera = self.env["cctv.camera"].create(
            {
                "code": "tour-03",
                "name": "Dock 3",
                "location_id": self.site.id,
                "company_id": self.company.id,
                "recorder_id": recorder.id,
            }
        )
        source = self.env["cctv.camera.source"].create(
            {"camera_id": camera.id, "url": "rtsp://192.0.2.7:554/main", "user": "viewer", "password": "old-secret"}
        )
        self.env.flush_all()
        return recorder, camera, source

    def test_it_registers_a_recorder(self):
        """Name it, take the configuration, see it turn green when the node first calls with that key."""
        self.start_tour("/odoo", "cctv_it_registers_recorder", login=self.it.login, timeout=180)
        recorder = self.env["cctv.recorder"].search([("name", "=", "GDG-9"), ("company_id", "=", self.company.id)])
        self.assertEqual(len(recorder), 1)
        self.assertTrue(recorder.last_sync)
        self.assertTrue(recorder.bot_user_id.share, "the node's user is no internal user")

    def test_it_edits_a_source(self):
        """A new password goes in, never comes back by itself, and looking at it leaves a line in the log."""
        _recorder, camera, source = self._camera()
        self.start_tour("/odoo", "cctv_it_edits_source", login=self.it.login, timeout=180)
        source.invalidate_recordset()
        self.assertEqual(source.url, "rtsp://192.0.2.7:554/other")
        self.assertEqual(source.with_user(self.it).reveal_credentials(), {"user": "viewer", "password": "new-secret"})
        looks = self.env["cctv.workflow.log"].search(
            [("res_model", "=", "cctv.camera"), ("res_id", "=", camera.id), ("step", "=", "reveal_credentials")]
        )
        self.assertEqual(looks.user_id, self.it)
        self.assertEqual(len(looks), 2, "one line by the tour, one by this test")

    def test_it_adds_a_camera_with_its_stream_at_once(self):
        self._new_recorder("GDG-1", self.site)
        self.env.flush_all()
        self.start_tour("/odoo", "cctv_it_adds_camera_with_stream", login=self.it.login, timeout=180)
        camera = self.env["cctv.camera"].search([("code", "=", "tour-07"), ("company_id", "=", self.company.id)])
        self.assertEqual(camera.source_ids.url, "rtsp://192.0.2.9:554/main")
        self.assertEqual(camera.recorder_id.name, "GDG-1")

    def test_cards_of_a_camera_open_what_they_count(self):
        self._camera()
        self.start_tour("/odoo", "cctv_cards_open", login=self.supervisor.login, timeout=180)

    def test_cameras_are_moved_from_the_recorders_card(self):
        self._camera()
        self._new_recorder("GDG-2", self.site)
        self.env.flush_all()
        self.start_tour("/odoo", "cctv_it_moves_cameras", login=self.it.login, timeout=180)

    def test_a_gap_is_explained(self):
        """The supervisor explains what the node reported; the reason of the node stays (SOP stage 4)."""
        recorder, camera, _source = self._camera()
        start = now_us() - 3_600_000_000
        row = self.gap(start, start + 61_000_000, camera=camera)
        self.assertEqual(self.sync(recorder, gaps=self.columns([row]))["gaps"], ["ok"])
        self.start_tour("/odoo", "cctv_gap_explained", login=self.supervisor.login, timeout=180)
        gap = self.env["cctv.gap"].search([("camera_id", "=", camera.id)])
        self.assertRecordValues(
            gap,
            [
                {
                    "state": "explained",
                    "reason": "source_lost",
                    "explanation": "Power cut, generator came two minutes late",
                    "explained_by": self.supervisor.id,
                }
            ],
        )
        self.assertLess(fields.Datetime.now() - gap.explained_at, timedelta(minutes=5))

    def test_jobs_are_readable(self):
        """Camera and recorder stand whole on a laptop, beside a long outcome."""
        recorder, camera, source = self._camera()
        recorder.name, camera.name = "Recorder Jakarta 1", "Reception desk"
        job = source.with_user(self.it).queue_test()
        self.sync(recorder)
        error = "OSError: [Errno 32] Broken pipe while the stream was being read, " * 3
        self.sync(recorder, jobs=[{"id": job, "state": "failed", "result": {}, "error": error}])
        self.start_tour("/odoo/cctv-recorder-jobs", "cctv_jobs_are_readable", login=self.it.login, timeout=120)

    def test_holds_are_readable(self):
        """Headings and times stand whole on a laptop, beside a long reference and a camera's long name."""
        _recorder, camera, _source = self._camera()
        camera.name = "Loading dock on the eastern side, truck gate"
        self.supervisor.lang = "id_ID"
        self.env["cctv.legal.hold"].with_user(self.supervisor).create(
            {
                "camera_ids": [Command.set(camera.ids)],
                "start": "2026-11-22 01:00:00",
                "stop": "2026-11-22 02:00:00",
                "reason": "Goods are missing",
                "case_ref": "LP/B/1234/XI/2026/SPKT/POLRES METRO JAKARTA TIMUR",
            }
        )
        self.start_tour("/odoo/cctv-holds", "cctv_holds_are_readable", login=self.supervisor.login, timeout=120)
