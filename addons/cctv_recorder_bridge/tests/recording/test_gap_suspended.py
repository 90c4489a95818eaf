from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...tools import intervals
from ..common import MINUTE, SECOND, BridgeCommon, now_us

NOTE = "Renovasi ruang, izin manajemen"


@tagged("post_install", "-at_install")
class TestGapSuspended(BridgeCommon):
    """The reason given when a camera was suspended explains the gap of that time, and of no other."""

    def suspend(self, minutes_ago=0, camera=None):
        (camera or self.camera).with_user(self.it).action_suspend(note=NOTE)
        return self._step_at(minutes_ago, camera)

    def resume(self, minutes_ago=0):
        self.camera.with_user(self.it).action_resume()
        return self._step_at(minutes_ago)

    def _step_at(self, minutes_ago, camera=None):
        """Put the camera's newest step back in time, and return when that is, µs."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE cctv_workflow_log SET at = at - %s * interval '1 minute'
                WHERE id = (SELECT max(id) FROM cctv_workflow_log WHERE res_model = 'cctv.camera' AND res_id = %s)""",
            [minutes_ago, (camera or self.camera).id],
        )
        self.env.invalidate_all()
        return now_us() - minutes_ago * MINUTE

    def told(self, start, stop=None, reason="suspended"):
        self.assertEqual(self.sync(gaps=self.columns([self.gap(start, stop, reason)]))["gaps"], ["ok"])
        self.env.invalidate_all()
        domain = [("camera_id", "=", self.camera.id), ("start", "=", intervals.from_us(start))]
        return self.env["cctv.gap"].search(domain)

    def assertByStep(self, gap, state):
        domain = [("res_model", "=", "cctv.camera"), ("res_id", "=", self.camera.id), ("note", "=", NOTE)]
        line = self.env["cctv.workflow.log"].search(domain, limit=1, order="id")
        self.assertRecordValues(
            gap, [{"state": state, "explanation": NOTE, "explained_by": self.it.id, "explained_at": line.at}]
        )

    def test_the_step_s_reason_explains_its_gap(self):
        at = self.suspend(60)
        gap = self.told(at + 3 * SECOND)
        self.assertByStep(gap, "open")
        self.assertFalse(self.camera.gap_count_open)
        self.assertTrue(all(day["explained"] for day in self.camera._strip_days()[self.camera.id]))
        back = self.resume(30)
        gap = self.told(at + 3 * SECOND, back + 20 * SECOND)
        self.assertByStep(gap, "explained")

    def test_told_late_and_short(self):
        at = self.suspend(60)
        back = self.resume(59)
        self.suspend(58)
        self.assertByStep(self.told(at + 3 * SECOND, back + 10 * SECOND), "explained")

    def test_more_than_the_suspension_is_not_explained(self):
        at = self.suspend(60)
        gap = self.told(at + 3 * SECOND)
        back = self.resume(30)
        gap = self.told(at + 3 * SECOND, back + 10 * MINUTE)
        self.assertRecordValues(gap, [{"state": "unexplained", "explanation": NOTE, "explained_at": False}])
        for start, stop in ((at - 10 * MINUTE, at), (back + MINUTE, back + 2 * MINUTE)):
            self.assertRecordValues(self.told(start, stop), [{"state": "unexplained", "explanation": False}])

    def test_open_beyond_the_suspension_waits_to_be_explained(self):
        at = self.suspend(5 * 60)
        gap = self.told(at + 3 * SECOND)
        self.resume(1)
        self.env["cctv.recorder"]._cron_watch()
        self.assertByStep(gap, "open")
        self._step_at(4 * 60 - 1)
        self.env["cctv.recorder"]._cron_watch()
        self.assertRecordValues(gap, [{"state": "open", "explanation": NOTE, "explained_at": False}])
        self.assertEqual(self.camera.gap_count_open, 1)
        back = now_us() - 4 * 60 * MINUTE
        self.assertByStep(self.told(at + 3 * SECOND, back + 20 * SECOND), "explained")

    def test_open_one_told_of_an_old_suspension_is_not_explained(self):
        at = self.suspend(30 * 24 * 60)
        self.resume(30 * 24 * 60 - 60)
        gap = self.told(at + MINUTE)
        self.assertRecordValues(gap, [{"state": "open", "explanation": False, "explained_at": False}])
        self.assertEqual(self.camera.gap_count_open, 1)

    def test_another_reason_is_not_explained(self):
        at = self.suspend(60)
        gap = self.told(at + 3 * SECOND, reason="disk_full")
        self.assertRecordValues(gap, [{"explanation": False, "explained_at": False}])
        self.assertEqual(self.camera.gap_count_open, 1)

    def test_a_person_s_words_stay(self):
        at = self.suspend(60)
        gap = self.told(at + 3 * SECOND, reason="unknown")
        gap.with_user(self.users["supervisor"]).action_explain(note="Kabel diganti")
        gap = self.told(at + 3 * SECOND, at + 4 * SECOND)
        self.assertRecordValues(gap, [{"state": "unexplained", "explanation": "Kabel diganti"}])

    def test_nobody_forges_it(self):
        gap = self.told(self.suspend(60) + 3 * SECOND, now_us())
        values = {"explanation": "x", "explained_by": self.it.id, "explained_at": fields.Datetime.now()}
        for name, value in values.items():
            with self.subTest(name), self.assertRaises(AccessError), self.env.cr.savepoint():
                gap.sudo().with_user(self.users["supervisor"]).write({name: value})
