from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CctvHttpCommon


@tagged("post_install", "-at_install", "cctv_security")
class TestLegalHoldRpc(CctvHttpCommon):
    """Separation rule 7 as a client meets it."""

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_nobody_releases_his_own(self):
        dpo, camera = self.users["dpo"], self._camera_in("active")
        values = {
            "reason": "x",
            "case_ref": "LP/1",
            "camera_ids": [[6, 0, camera.ids]],
            "start": "2026-01-01 00:00:00",
            "review_date": "2090-01-01",
        }
        status, ids = self.json2(dpo, "cctv.legal.hold", "create", vals_list=[values])
        self.assertEqual(status, 200, ids)
        for name in ("action_confirm", "action_activate", "action_request_release"):
            status, answer = self.json2(dpo, "cctv.legal.hold", name, ids=ids, note="x")
            self.assertEqual((status, answer), (200, True), name)
        status, answer = self.json2(dpo, "cctv.legal.hold", "action_release", ids=ids, note="x")
        self.assertEqual(status, 403)
        self.assertIn("Separation of duty", answer["message"])
        for forged in ({"state": "released"}, {"release_requested_by": False}, {"ended_at": "2026-01-01 00:00:00"}):
            status, _answer = self.json2(dpo, "cctv.legal.hold", "write", ids=ids, vals=forged)
            self.assertEqual(status, 403, forged)
        for name in ("_step_end", "_step_lapse", "_cron_holds", "_safely"):
            status, _answer = self.json2(dpo, "cctv.legal.hold", name, ids=ids)
            self.assertEqual(status, 403, name)
        status, answer = self.json2(self.management, "cctv.legal.hold", "action_release", ids=ids, note="x")
        self.assertEqual((status, answer), (200, True))
