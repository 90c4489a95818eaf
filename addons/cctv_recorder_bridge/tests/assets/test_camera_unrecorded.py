from lxml import etree

from odoo.tests import tagged

from ...tools import intervals
from ..common import DAY, MINUTE, BridgeCommon, now_us


@tagged("post_install", "-at_install")
class TestCameraUnrecorded(BridgeCommon):
    """A camera whose recorder went or changed keeps what was recorded of it, and says that nobody records it."""

    def setUp(self):
        super().setUp()
        start = now_us() - 2 * DAY
        self.stop = start + 3 * MINUTE
        self.sync(
            segments=self.columns(self.minutes(start, 3)),
            heartbeat=self.heartbeat([self.camera_state("recording", last_stop_us=str(self.stop))]),
        )
        self.env.invalidate_all()

    def last_recorded(self):
        self.env.invalidate_all()
        return intervals.to_us(self.camera.with_user(self.users["officer"]).last_recorded_at)

    def assertKept(self):
        camera = self.camera.with_user(self.users["officer"])
        overview = camera.get_overview()
        self.assertTrue(overview["strip"]["measured"])
        self.assertTrue(any(day.get("recorded") for day in overview["strip"]["days"]))
        self.assertIn({"gaps", "coverage"}, [{card["key"] for card in overview["cards"]} & {"gaps", "coverage"}])
        self.assertNotIn("recording", [fact["key"] for fact in overview["facts"]])
        self.assertTrue(any(day.get("recorded") for day in camera.week_strip))
        self.assertEqual(self.last_recorded(), self.stop)

    def test_recorder_taken_away(self):
        self.assertFalse(self.camera.unrecorded)
        self.camera.with_user(self.it).recorder_id = False
        self.assertKept()
        self.assertTrue(self.camera.unrecorded)
        self.camera.with_user(self.it).action_suspend(note="Renovasi")
        self.assertKept()
        self.assertFalse(self.camera.unrecorded)

    def test_recorder_retired(self):
        self.camera.with_user(self.it).action_suspend(note="Renovasi")
        self._retire(self.recorder)
        self.camera.with_user(self.it).action_resume()
        self.assertKept()
        self.assertTrue(self.camera.unrecorded)

    def test_never_ours_is_not_measured(self):
        never = self._new_camera("cam-90").with_user(self.it)
        never.action_take_over(note="NVR lain")
        self.assertFalse(never.unrecorded)
        self.assertFalse(never.get_overview()["strip"]["measured"])
        self.assertFalse(never.week_strip or never.last_recorded_at)

    def test_form_warns_every_role(self):
        for role in ("officer", "it"):
            view = self.env["cctv.camera"].with_user(self.users[role]).get_view(view_type="form")
            (alert,) = etree.fromstring(view["arch"]).xpath("//div[@invisible='not unrecorded']")
            self.assertIn("alert-warning", alert.get("class"))
            self.assertIn("in use, but no recorder records it", alert.text)

    def test_last_recorded_is_the_newest_of_both_recorders(self):
        other, _toml = self._new_recorder("GDG-2", self.site)
        self.camera.with_user(self.it).recorder_id = other
        self.assertEqual(self.last_recorded(), self.stop)
        for told, newest in ((None, self.stop), (self.stop - DAY, self.stop), (self.stop + DAY, self.stop + DAY)):
            state = self.camera_state("waiting", last_stop_us=told and str(told))
            self.sync(other, heartbeat=self.heartbeat([state]))
            self.assertEqual(self.last_recorded(), newest)
