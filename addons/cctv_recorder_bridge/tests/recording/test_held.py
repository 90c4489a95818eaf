from odoo.tests import tagged

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestHeld(BridgeCommon):
    """Footage on hold that takes much of a recorder's room."""

    def beat(self, held, total=10**12, quota=0):
        purge = {"state": "ready", "reason": "", "due_segments": 0, "due_bytes": "0", "held_bytes": str(held)}
        beat = self.heartbeat(purge=purge)
        beat["disk"] |= {"total": str(total), "quota": str(quota)}
        self.sync(heartbeat=beat)
        self.env.invalidate_all()

    def told(self):
        """:return: what the screen and the work say"""
        self.env["cctv.recorder"]._cron_held()
        kind = self.env.ref("cctv_recorder_bridge.mail_activity_held")
        work = self.recorder.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
        (node,) = self.env["cctv.recorder"].with_user(self.it).get_health()["recorders"]
        return node["held_too_much"], work

    def test_of_disk_or_quota(self):
        self.assertEqual(self.told(), (False, self.env["mail.activity"]), "nothing is known")
        for held, quota, percent in ((499, 0, False), (500, 0, 50), (500, 2000, 50), (150, 200, 75), (90, 200, False)):
            self.beat(held * 10**9, quota=quota * 10**9)
            share, work = self.told()
            with self.subTest(held=held, quota=quota):
                self.assertEqual(share, percent)
                self.assertEqual(work.user_id, self.it if percent else self.env["res.users"])

    def test_one_work_with_the_newest_figure(self):
        for held in (600, 610):
            self.beat(held * 10**9)
            _share, work = self.told()
        self.assertEqual(len(work), 1)
        self.assertIn("61%", work.summary)

    def test_the_share_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("cctv_recorder_bridge.held_percent", "70")
        self.beat(600 * 10**9)
        self.assertFalse(self.told()[1])
        self.beat(700 * 10**9)
        self.assertTrue(self.told()[1])
